"""`openaco init`: describe an ACO in a file that explains itself."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Annotated

import typer

from openaco.cli.words import command
from openaco.errors import ConfigurationError

TEMPLATE = """# OpenACO: one ACO, its agreement, and the figures that CMS alone knows.
# Every key is checked; an unknown one is an error. Fill in each `nan`; take the # off what applies to this ACO.
# Names of tables and letters, such as A3 [A], are those of CMS's settlement report (P.{aco_id}.ACO.STLMT.Y….xlsx).

seed = 20240101                     # draws of random tie-breaks in assignment follow from it (42 CFR 425.402)

[aco]
id = "{aco_id}"                      # as CMS gives it; participants.csv names participants by the same
name = "{name}"

[agreement]
program = "mssp"                    # Medicare Shared Savings Program
track = "{track}"                   # BASIC_A … BASIC_E, ENHANCED; before July 2019 TRACK_1, _1_PLUS, _2, _3
start = {start}                  # first day of the agreement period
period = 1                          # 1 for the first agreement period; decides the weights of the benchmark years
regional_period = 1                 # which period subject to the regional adjustment (42 CFR 425.601(f), 425.656)
benchmark_years = [{by1}, {by2}, {by3}]
assignment_method = "{method}"   # retrospective (preliminary prospective) or prospective (42 CFR 425.400(a))
minimum_savings_rate = "variable"   # two-sided ACOs elect 0.0, 0.005, 0.01, 0.015, 0.02 or "variable" (425.605(b))
revenue_status = "low"              # low: participants' revenue below 35% of assigned beneficiaries' spending, or high
# end = {year}-12-31                  # last day in the program, only for an ACO that left early (42 CFR 425.221)
# terminated_by_cms = true          # only with end: CMS ended the agreement, so losses count from any day on

# One table for each performance year you want to settle.
[performance.{year}]
# track = "BASIC_B"                 # the level of this year, where it is not the agreement's
# participant_revenue = nan         # Part A and B fee-for-service revenue of the participants, US dollars: 3 [AA];
#                                     limits losses in BASIC C–E; without it only the benchmark limits them
extreme_circumstances_month_share = 0.0         # share of the year affected: 3 [EE]; nationwide ones are known
extreme_circumstances_beneficiary_share = 0.0   # share of beneficiaries in affected counties: 3 [DD]
# advance_balance = nan             # advances not yet recouped, US dollars (42 CFR 425.630–425.650), without [advances]
# revenue_limits_losses = true      # Track 1+ only: false where only the benchmark limits losses
# low_income_dual_share = nan       # share of assigned person-years with low-income subsidy or Medicaid; from 2024
# prior_savings_adjustment = nan    # US dollars per capita: agreements from 2024 (42 CFR 425.658), renewals of 2016

[performance.{year}.quality]
reported_any = true                 # any quality measure reported
reported_survey = true              # CAHPS for MIPS administered
complete = true                     # data completeness and case minimum met for every measure
all_ecqm_or_mips_cqm = false        # the incentive route of 42 CFR 425.512(a)(5)
first_performance_year = false      # first year of a first agreement period
# score = nan                       # 0 to 100, as CMS reports it (3 [R] × 100); health-equity-adjusted 2023–2025
outcome_percentiles = []            # of each outcome measure against its benchmark, 0 to 100
other_percentiles = []              # of each other measure
# lacks_benchmark = false           # a required measure has no benchmark, even after the year (425.512(a)(7))
# rates = "quality-{year}.toml"     # in place of all keys of this table: rates to score (openaco quality score)

# Agreements from 2024: the accountable care prospective trend (42 CFR 425.660), growth from benchmark year 3 to the
# performance year as a ratio; CMS's benchmark report has it.
# [performance.{year}.accountable_care_prospective_trend]
# esrd = nan
# disabled = nan
# aged_dual = nan
# aged_non_dual = nan

# Agreements before July 2019: the newly and the continuously assigned (42 CFR 425.604(a)), from CMS's report; without
# them all count as continuously assigned.
# [performance.{year}.assignment_groups]
# newly_assigned_share = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}
# newly_assigned_risk_score = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}
# continuously_assigned_risk_score = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}
# continuously_assigned_demographic_score = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}

# Advances on shared savings (42 CFR 425.630–425.650): the account that `openaco advances` shows, and what a settlement
# has to repay. model: advance_investment, prepaid_shared_savings; of old advance_payment, aim_test_1, aim_test_2.
# [advances]
# model = "advance_investment"
# agreement_start = {start}        # the same as above; needed only in a file without [agreement]
# first_payment = {start}          # default: the agreement's start
# balance_before = nan              # advances of earlier agreement periods, not yet repaid
# left = {year}-12-31                 # last day in the program, only for an ACO that left early
# beneficiaries = 6000              # Advance Payment, AIM: historically assigned
# monthly_beneficiaries = [6000]    # one number a month, only where it changed
# [[advances.quarters]]             # advance investment payments: beneficiaries of each quarter paid
# quarter = "{year}-Q1"
# low_income = 0                    # with Medicaid or the low-income subsidy
# by_percentile = {{ 40 = 0 }}        # the others, by national percentile of the area deprivation index
# without_percentile = 0
# [[advances.years]]                # prepaid shared savings
# performance_year = {year}
# beneficiaries = 6000
# multiplier = nan                  # US dollars a beneficiary, as CMS states it
# requested = nan                   # only if less than the most was asked for
# spent_on_direct_services = nan
# spent_on_staff_and_infrastructure = nan
# [[advances.settlements]]          # what repays them
# performance_year = {year}
# earned = nan                      # earned performance payment before anything is kept back
# settled = {year}-12-31              # default: the first of October of the next year
# [advances.organization]           # what decides eligibility beyond the agreement; what is left out is not known
# level = "{track}"
# period = 1
# re_entering = false
# revenue_status = "low"
# experienced_with_risk = false
# earned_savings_before = false
# inpatient_facility = false
# only_small_hospitals = false      # critical access or low-volume rural hospitals only
# most_hospital_beds = 0
# annual_revenue = nan
# owned_by_health_plan = false
# in_advance_payment_model = false
# reported_quality = false

# National figures for assignable beneficiaries, one table for each benchmark and performance year: per capita
# expenditures are A3 [A]; the thresholds at which a beneficiary's annualized dollars are cut stand in Parameters.
{national}
# Optional. CMS's own figures in place of what is computed from assignment reports (scores: A1 [A], [B] and 1 [C]) and
# county files (risk-adjusted regional expenditures: A3 [C]; weight of the national growth: A3 [E]); one table a year.
# [risk_scores.{by3}]
# [regional.{by3}]
# [national_weights.{by3}]
# Renormalized demographic scores of benchmark year 3 and the performance year; agreements before July 2019 and
# from 2024.
# [demographic_risk_scores.{by3}]
# Mean CMS-HCC scores of the nation's assignable beneficiaries, to renormalize the estimates of `openaco risk evaluate`.
# [national_risk_means.{by3}]
# esrd = nan
# disabled = nan
# aged_dual = nan
# aged_non_dual = nan
"""

NATIONAL = """[national.{year}]
per_capita = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}
truncation_threshold = {{ esrd = nan, disabled = nan, aged_dual = nan, aged_non_dual = nan }}
# completion_factor = 1.013         # only where CMS's report states another one
"""


def initialize(
    folder: Annotated[Path, typer.Argument(help="Folder of the ACO; made if it does not exist.")],
    aco_id: Annotated[str, typer.Option("--id", help="The ACO's id as CMS gives it.")] = "A0000",
    name: Annotated[str, typer.Option(help="The ACO's name.")] = "My ACO",
    track: Annotated[str, typer.Option(help="BASIC_A … BASIC_E or ENHANCED.")] = "BASIC_A",
    start: Annotated[
        datetime.datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the agreement period.")
    ] = datetime.datetime(2024, 1, 1),
    year: Annotated[
        int | None, typer.Option(help="First year to settle; default: the year the agreement starts.")
    ] = None,
    method: Annotated[str, typer.Option(help="retrospective or prospective.")] = "retrospective",
) -> None:
    """Describe an ACO: writes **aco.toml** with every key explained. Figures it cannot know are `nan`."""
    target = folder / "aco.toml"
    if target.exists():
        raise ConfigurationError("exists already", where=str(target), remedy="Edit it, or choose another folder.")
    year = year or start.year
    if year < start.year:
        raise ConfigurationError(
            f"{year} lies before the agreement's start", where="--year", remedy=f"It starts {start.date()} (--start)."
        )
    years = [start.year - 3, start.year - 2, start.year - 1, year]
    text = TEMPLATE.format(
        aco_id=aco_id,
        name=name.replace('"', "'"),
        track=track,
        start=start.date().isoformat(),
        by1=years[0],
        by2=years[1],
        by3=years[2],
        year=year,
        method=method,
        national="\n".join(NATIONAL.format(year=each) for each in years),
    )
    _check(text)
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    typer.echo(f"Wrote {target}.")
    typer.echo("Fill in each `nan`, then load what CMS sent you and your participant list, and run:")
    for step in (("load", "cclf", "PATH…"), ("load", "alr", "PATH…"), ("load", "roster", "FOLDER")):
        typer.echo(f"  {command(*step, aco=folder)}")
    typer.echo(f"  {command('run', '--year', str(year), aco=folder)}")


def _check(text: str) -> None:
    """The file must be readable once its figures are filled in; otherwise an option was wrong, and none is written."""
    from openaco.programs.configuration import check_configuration

    check_configuration(re.sub(r"\bnan\b", "1.0", text), "aco.toml")

"""`openaco init`: describe an ACO in a file that explains itself."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from openaco.errors import ConfigurationError

TEMPLATE = """# OpenACO: one ACO, its agreement, and the figures that CMS alone knows.
# Every key is checked; an unknown one is an error. Figures below are placeholders: replace each <…>.

[aco]
id = "{aco_id}"                      # as CMS gives it
name = "{name}"

[agreement]
program = "mssp"                    # Medicare Shared Savings Program
track = "{track}"                   # BASIC_A … BASIC_E, ENHANCED
start = {start}                  # first day of the agreement period
period = 1                          # which agreement period this is; decides the weights of the benchmark years
regional_period = 1                 # which period subject to the regional adjustment (42 CFR 425.601(f), 425.656)
benchmark_years = [{by1}, {by2}, {by3}]
assignment_method = "{method}"   # retrospective (preliminary prospective) or prospective
minimum_savings_rate = "variable"   # two-sided ACOs elect 0.0, 0.005, 0.01, 0.015, 0.02 or "variable"
revenue_status = "low"              # low: participants' revenue below 35% of assigned beneficiaries' spending

# One table for each performance year you want to settle.
[performance.{year}]
participant_revenue = 0.0           # participants' Part A and B fee-for-service revenue; needed for BASIC C–E losses
extreme_circumstances_month_share = 0.0
extreme_circumstances_beneficiary_share = 0.0
advance_balance = 0.0               # advance investment payments not yet recouped

[performance.{year}.quality]
reported_any = true                 # any quality measure reported
reported_survey = true              # CAHPS for MIPS administered
complete = true                     # data completeness and case minimum met for every measure
all_ecqm_or_mips_cqm = false        # the incentive route of 42 CFR 425.512(a)(5)
first_performance_year = false      # first year of a first agreement period
# score = 80.0                      # health-equity-adjusted through {equity_last}

# National figures for assignable beneficiaries, from CMS's benchmark and settlement reports; one table a year,
# for the three benchmark years and each performance year.
{national}
# Agreements from 2024: the accountable care prospective trend (42 CFR 425.660), benchmark year 3 to performance year.
# [performance.{year}.accountable_care_prospective_trend]
# esrd = 1.00
# disabled = 1.00
# aged_dual = 1.00
# aged_non_dual = 1.00
"""

NATIONAL = """[national.{year}]
per_capita = {{ esrd = 0.0, disabled = 0.0, aged_dual = 0.0, aged_non_dual = 0.0 }}            # <OACT, US dollars>
truncation_threshold = {{ esrd = 0.0, disabled = 0.0, aged_dual = 0.0, aged_non_dual = 0.0 }}  # <99th percentile>
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
    """Describe an ACO: writes **aco.toml** with every key explained, and an empty lake beside it."""
    target = folder / "aco.toml"
    if target.exists():
        raise ConfigurationError("exists already", where=str(target), remedy="Edit it, or choose another folder.")
    year = year or start.year
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
        equity_last=2025,
        national="\n".join(NATIONAL.format(year=each) for each in years),
    )
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    _check(target)
    typer.echo(f"Wrote {target}.")
    typer.echo("Fill in the national figures, then load what CMS sent you:")
    typer.echo(f"  openaco load cclf PATH… --aco {folder}")
    typer.echo(f"  openaco run --aco {folder} --year {year}")


def _check(target: Path) -> None:
    """The file just written must be readable; otherwise an option was wrong, and nothing stays behind."""
    from openaco.programs.configuration import read_configuration

    try:
        read_configuration(target)
    except ConfigurationError:
        target.unlink()
        raise

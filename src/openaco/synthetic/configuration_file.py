"""Writes `aco.toml`: the made-up ACO's agreement, and what CMS alone would know, with a word on each key."""

from __future__ import annotations

from openaco.synthetic.timeline import ACO_ID, Timeline
from openaco.synthetic.truth.enrollment import TYPES

TWO_SIDED = ("BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")
NATIONAL_LEVEL = 1.02
NATIONAL_DRIFT = 0.998
"""National growth a year, relative to the region's."""
PROSPECTIVE_TREND = (1.038, 1.042, 1.042, 1.042)
"""The fixed trend of 42 CFR 425.660 from benchmark year 3 to the first performance year, by type."""

TEMPLATE = """\
# A made-up ACO. Nobody and nothing in it is real; the figures follow from its own claims.

seed = {seed}                            # draws of random tie-breaks follow from it

[aco]
id = "{aco_id}"
name = "Invented Valley ACO"

[agreement]
program = "mssp"                    # Medicare Shared Savings Program
track = "{track}"
start = {start}-01-01                  # first day of the agreement period
period = 1                          # first agreement period: benchmark years weigh 10, 30 and 60 percent
regional_period = 1                 # first period subject to the regional adjustment
benchmark_years = [{benchmark_years}]
assignment_method = "{method}"   # the truth holds both methods
minimum_savings_rate = {minimum_savings_rate}        # elected for the agreement period
revenue_status = "low"              # participants earn below 35 percent of assigned beneficiaries' spending

[performance.{start}]
participant_revenue = {revenue}     # Part A and B fee-for-service revenue of the participants, US dollars
extreme_circumstances_month_share = 0.0
extreme_circumstances_beneficiary_share = 0.0
advance_balance = 0.0               # no advance investment payments
prior_savings_adjustment = 0.0      # a new ACO has no prior savings
low_income_dual_share = {dual_share}      # share of beneficiaries with the low-income subsidy or Medicaid
# accountable care prospective trend (42 CFR 425.660), benchmark year 3 to performance year
accountable_care_prospective_trend = {{ {trend} }}

[performance.{start}.quality]
reported_any = true
reported_survey = true
complete = true
all_ecqm_or_mips_cqm = false
first_performance_year = false
score = 82.4                        # above the year's threshold

# National figures for assignable beneficiaries: per capita expenditures, and the 99th percentile at which each
# beneficiary's annualized expenditures are cut (it bites on about one in a hundred).
{national}
# Renormalized demographic scores of benchmark year 3 and the performance year.
{demographic}"""


def configuration_text(
    timeline: Timeline,
    seed: int,
    track: str,
    method: str,
    *,
    usual: dict[int, dict[int, float]],
    thresholds: dict[tuple[int, int], int],
    demographic: dict[int, dict[int, float]],
    spending: float,
    dual_share: float,
) -> str:
    """The whole file.

    usual: per capita by year and type without the ACO's effect. thresholds: cents by year and type. demographic:
    scores by year and type. spending: dollars of the assigned in the performance year.
    """
    last = timeline.performance_year
    national = "\n".join(
        f"[national.{year}]\n"
        f"per_capita = {{ {_written(_national(usual[year], last - year))} }}\n"
        f"truncation_threshold = {{ {_written([thresholds[year, kind] / 100 for kind in range(4)])} }}\n"
        for year in timeline.settled_years
    )
    return TEMPLATE.format(
        seed=seed,
        aco_id=ACO_ID,
        track=track,
        start=last,
        benchmark_years=", ".join(map(str, timeline.benchmark_years)),
        method=method,
        minimum_savings_rate="0.005" if track in TWO_SIDED else '"variable"',
        revenue=f"{round(spending * 0.29, -3):.1f}",
        dual_share=f"{dual_share:.4f}",
        trend=", ".join(f"{name} = {value}" for name, value in zip(TYPES, PROSPECTIVE_TREND, strict=True)),
        national=national,
        demographic="\n".join(
            f"[demographic_risk_scores.{year}]\n" + "\n".join(_lines(scores)) + "\n"
            for year, scores in demographic.items()
        ),
    )


def _national(usual: dict[int, float], years_before: int) -> list[float]:
    return [usual[kind] * NATIONAL_LEVEL / NATIONAL_DRIFT**years_before for kind in range(4)]


def _written(values: list[float]) -> str:
    return ", ".join(f"{name} = {value:.2f}" for name, value in zip(TYPES, values, strict=True))


def _lines(scores: dict[int, float]) -> list[str]:
    return [f"{name} = {scores.get(kind, 1.0):.6f}" for kind, name in enumerate(TYPES)]

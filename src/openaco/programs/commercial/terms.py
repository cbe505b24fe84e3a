"""The form of a contract file: each key with its meaning, its kind and its limits.

Shares, rates and weights are fractions (0.5 is 50 percent), amounts US dollars; `pmpm` is per member per month, and a
member month is a twelfth of a person-year. A field's description is what messages tell who got the key wrong.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Trend = Literal["fixed", "national", "regional", "target"]
FRACTION = "A fraction: write 0.5 for 50 percent."


class Strict(BaseModel):
    """A table of the file: unknown keys, text in place of numbers, `nan` and `inf` are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class About(Strict):
    """`[contract]`: who agreed on what, and for how long."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", description="Short, for options: lower-case letters, digits, hyphens."
    )
    label: str = Field(min_length=3, description="What people call the contract.")
    payer: str = Field(min_length=2, description="Who pays.")
    population: Literal["commercial", "medicaid", "medicare_advantage", "medicare"] = Field(
        description="Whose members: commercial, medicaid, medicare_advantage or medicare."
    )
    start: datetime.date = Field(description="First day, 1 January of the first performance year: 2024-01-01.")
    end: datetime.date = Field(description="Last day, 31 December of the last performance year: 2026-12-31.")
    risk: Literal["upside_only", "two_sided"] = Field(
        description="upside_only: savings are shared; two_sided: losses too, as [losses] says."
    )


class Attribution(Strict):
    """`[attribution]`: whose costs count."""

    rule: Literal["shared_savings", "weighted_charges"] = Field(
        description="shared_savings: plurality of primary care in steps; weighted_charges: of weighted allowed charges."
    )
    variant: Literal["retrospective", "prospective", "reach", "pioneer", "next_generation"] = Field(
        description="shared_savings: retrospective or prospective; weighted_charges: reach, pioneer or next_generation."
    )
    minimum_size: int = Field(
        default=0, ge=0, description="With fewer people neither savings nor losses are shared: a whole number."
    )


class Benchmark(Strict):
    """`[benchmark]`: what the members would have cost."""

    trend: Trend = Field(
        description="fixed: a stated growth a year; national or regional: as expenditures there grew; target: a "
        "stated amount in place of history."
    )
    baseline_years: list[int] | None = Field(
        default=None, description="The three years that history is taken from, in order: [2021, 2022, 2023]."
    )
    weights: list[float] | None = Field(
        default=None, description="Weight of each baseline year; together 1: [0.1, 0.3, 0.6]."
    )
    trend_rate: float | None = Field(
        default=None, gt=-0.5, lt=0.5, description="Growth a year within the contract: 0.04 for 4 percent."
    )
    baseline_trend_rate: float | None = Field(
        default=None,
        gt=-0.5,
        lt=0.5,
        description="Growth a year before the contract: 0.04 for 4 percent, 0.0 for none.",
    )
    target_pmpm: float | None = Field(default=None, gt=0, description="Target, US dollars per member per month.")
    regional_weight: float = Field(
        default=0.0, ge=0, le=1, description=f"Weight of the region's expenditures beside the ACO's own. {FRACTION}"
    )
    risk_adjustment: bool = Field(default=False, description="true: the benchmark follows the members' risk scores.")
    risk_cap: float | None = Field(
        default=None, ge=0, lt=1, description="The most that risk may change the benchmark, up or down: 0.03."
    )


class CorridorBand(Strict):
    """One band: savings or losses from `from` to `to` of the benchmark are shared at `share`."""

    start: float = Field(alias="from", ge=0, description="Where the band begins, a fraction of the benchmark.")
    to: float | None = Field(default=None, gt=0, description="Where the band ends; left out in the last one.")
    share: float = Field(ge=0, le=1, description=f"The ACO's share within the band. {FRACTION}")


class Side(Strict):
    """`[savings]` and `[losses]`: from where they are shared, at which shares, up to what."""

    minimum_rate: float = Field(
        ge=0, lt=1, description="Minimum savings (loss) rate, a fraction of the benchmark: 0.02; 0.0 for none."
    )
    first_dollar: bool = Field(
        default=True, description="true: once the minimum is met all is shared; false: only what lies beyond it."
    )
    corridors: list[CorridorBand] = Field(
        min_length=1, description="Bands that follow one another from 0, the last without end."
    )
    cap: float | None = Field(
        default=None, ge=0, description="The most that is paid (owed), a fraction of the benchmark: 0.10."
    )


class BonusStep(Strict):
    """A bonus from a quality score on."""

    score: float = Field(ge=0, le=100, description="From this quality score on, 0 to 100.")
    pmpm: float = Field(ge=0, description="US dollars per member per month.")


class Quality(Strict):
    """`[quality]`: what the quality score decides."""

    minimum_score: float | None = Field(
        default=None, ge=0, le=100, description="Below this score no savings are paid, 0 to 100."
    )
    scale_share: bool = Field(default=False, description="true: savings are multiplied by the score ÷ 100.")
    bonus: list[BonusStep] = Field(
        default_factory=list,
        description="Paid by score, whatever was saved; scores ascending, the highest reached counts.",
    )


class StopLoss(Strict):
    """`[stop_loss]`: protection against a few very costly members."""

    truncate: Literal["none", "national_99th_percentile"] = Field(
        default="none", description="none, or national_99th_percentile: a person's yearly dollars end there."
    )
    charge_pmpm: float = Field(
        default=0.0, ge=0, description="What the protection costs the ACO's account, US dollars per member per month."
    )


class Guarantee(Strict):
    """`[guarantee]`: what is certain."""

    minimum_payment: float | None = Field(
        default=None, gt=0, description="The least the ACO is paid at settlement, US dollars; upside_only contracts."
    )
    payer_discount: float = Field(
        default=0.0, ge=0, lt=1, description="Taken off the benchmark before anything is shared: 0.02 for 2 percent."
    )


class Fees(Strict):
    """`[fees]`: what is paid whatever is saved."""

    care_management_pmpm: float = Field(default=0.0, ge=0, description="US dollars per member per month.")
    counted_as_expenditure: bool = Field(
        default=False, description="true: the fee counts against the benchmark like a claim."
    )
    upfront: float = Field(default=0.0, ge=0, description="Paid in the first quarter of a year, US dollars.")
    recoup_share: float = Field(
        default=0.0, ge=0, le=1, description=f"Share of earned savings that pays upfront money back. {FRACTION}"
    )


class Results(Strict):
    """`[results.YEAR]`: what the payer states after the year."""

    quality_score: float | None = Field(default=None, ge=0, le=100, description="The quality score, 0 to 100.")
    stop_loss_recoveries: float = Field(
        default=0.0, ge=0, description="Dollars that the stop-loss took out of the year's expenditures."
    )
    upfront_balance: float = Field(
        default=0.0, ge=0, description="Upfront money of earlier years not yet paid back, US dollars."
    )


class Terms(Strict):
    """Everything that may be agreed on for one performance year."""

    benchmark: Benchmark
    savings: Side
    losses: Side | None = None
    quality: Quality = Field(default_factory=Quality)
    stop_loss: StopLoss = Field(default_factory=StopLoss)
    guarantee: Guarantee = Field(default_factory=Guarantee)
    fees: Fees = Field(default_factory=Fees)


SECTIONS: dict[str, type[Strict]] = {
    "benchmark": Benchmark,
    "savings": Side,
    "losses": Side,
    "quality": Quality,
    "stop_loss": StopLoss,
    "guarantee": Guarantee,
    "fees": Fees,
}
"""The tables of terms. Each holds for all years; `[years.YEAR.<table>]` replaces single keys for one year."""

NEEDED_SECTIONS = ("benchmark", "savings")
OF_THE_WHOLE = ("trend", "baseline_years", "weights", "baseline_trend_rate", "risk_adjustment")
"""Keys of [benchmark] that cannot differ from year to year."""

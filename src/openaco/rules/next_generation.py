"""Benchmark and settlement of the Next Generation ACO Model: one function a rule, numbers in and out.

Amounts are US dollars, unrounded, in double precision; rates, shares and quality scores are fractions from 0 to 1;
savings are positive and losses negative. None stands for a limit that does not exist.

Sources: CMS, Next Generation ACO Model, Participation Agreement, and the methodology papers; what of them was read
says each parameter of `parameters/next_generation`. The model was tested under section 1115A of the Social Security
Act; 42 CFR part 425 does not govern it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from openaco.rules.cited import Cited, cited

Arrangement = Literal["A", "B"]


@dataclass(frozen=True)
class NextGenerationTerms:
    """The parameters of one risk arrangement in one year of the model, each with its citation."""

    risk_share: Cited
    discount: Cited
    savings_losses_cap: Cited
    quality_withhold: Cited
    risk_ratio_cap: Cited
    sequestration_rate: Cited
    payment_mechanisms: Cited
    infrastructure_payment: Cited
    settlement_quarter: Cited


@cache
def terms_for(arrangement: Arrangement, rules_year: int) -> NextGenerationTerms:
    """The terms of arrangement A or B in a year from 2016 to 2021; another year raises ParameterError.

    Next Generation ACO Model.
    """

    def of_year(name: str) -> Cited:
        return cited(f"next_generation/{name}", rules_year)

    return NextGenerationTerms(
        risk_share=cited("next_generation/risk_share", rules_year, arrangement=arrangement),
        discount=cited("next_generation/discount", rules_year, arrangement=arrangement),
        savings_losses_cap=of_year("savings_losses_cap"),
        quality_withhold=of_year("quality_withhold"),
        risk_ratio_cap=of_year("risk_ratio_cap"),
        sequestration_rate=of_year("sequestration_rate"),
        payment_mechanisms=of_year("payment_mechanisms"),
        infrastructure_payment=of_year("infrastructure_payment"),
        settlement_quarter=of_year("settlement_quarter"),
    )


def risk_ratio(later: float, earlier: float, cap: float | None) -> float:
    """Growth of the mean risk score from the baseline year, at most `cap` up or down; 1 where nobody was there before.

    Next Generation ACO Model, risk adjustment.
    """
    ratio = later / earlier if earlier and later else 1.0
    return ratio if cap is None else max(1 - cap, min(ratio, 1 + cap))


def efficiency_ratio(spent: float, expected: float) -> float:
    """The ACO's baseline against what region or nation would have spent at its risk. Next Generation ACO Model."""
    return spent / expected if expected else 1.0


def efficiency_adjustment(ratio: float, greatest: float, full_at: float) -> float:
    """What efficiency adds to the discount: below zero for an ACO that spends less; in proportion up to `greatest`.

    full_at: distance of the ratio from 1 at which the adjustment is full. Next Generation ACO Model, discount to 2018.
    """
    part = (ratio - 1) / full_at
    return greatest * max(-1.0, min(part, 1.0))


def quality_adjustment(score: float, greatest: float) -> float:
    """What quality takes from the discount, zero or below. Next Generation ACO Model, discount to 2018."""
    return -greatest * score


def withheld_and_lost(withhold: float, score: float) -> float:
    """The share of the benchmark that quality did not earn back. Next Generation ACO Model, quality withhold."""
    return withhold * (1 - score)


def shared(difference: float, share: float, limit: float | None, applies_to: str) -> float:
    """The ACO's share of savings or losses, first dollar, within the cap it chose, in US dollars.

    applies_to: `total`: the cap limits what is shared; `share`: it limits the ACO's share. Next Generation ACO Model,
    risk arrangements.
    """
    if limit is None:
        return difference * share
    if applies_to == "total":
        return _within(difference, limit) * share
    return _within(difference * share, limit)


def most_owed(share: float, limit: float, applies_to: str) -> float:
    """The most that `shared` can owe under a cap, US dollars ≥ 0. Next Generation ACO Model, risk arrangements."""
    return -shared(float("-inf"), share, limit, applies_to)


def sequestration(amount: float, rate: float) -> float:
    """Kept back from shared savings; from losses nothing. Next Generation ACO Model; Budget Control Act of 2011."""
    return max(amount, 0.0) * rate


def _within(amount: float, limit: float) -> float:
    return max(-limit, min(amount, limit))

"""Benchmark and settlement of the Pioneer ACO Model: one function a rule, numbers in and out.

Amounts are US dollars, unrounded, in double precision; rates, shares and quality scores are fractions from 0 to 1;
savings are positive and losses negative. None stands for a limit that does not exist.

Sources: CMS, Pioneer ACO Model, Request for Applications (2011), and Alignment and Financial Reconciliation Methods;
what of them was read says each parameter of `parameters/pioneer`. The model was tested under section 1115A of the
Social Security Act; 42 CFR part 425 does not govern it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from openaco.rules import sharing
from openaco.rules.cited import Cited, cited

Arrangement = Literal["core", "option_a", "option_b", "alternative_1", "alternative_2"]


@dataclass(frozen=True)
class PioneerTerms:
    """The parameters of one arrangement in one year of the model, each with its citation."""

    sharing: Cited
    loss_rule: Cited
    minimum_savings_rate: Cited
    baseline_weights: Cited
    growth_blend: Cited
    quality_rule: Cited
    sequestration_rate: Cited
    population_based_payment: Cited
    settlement_quarter: Cited

    @property
    def two_sided(self) -> bool:
        """Whether losses are shared."""
        return bool(self.sharing.value["two_sided"])


@cache
def terms_for(arrangement: Arrangement, rules_year: int) -> PioneerTerms:
    """The terms of an arrangement in a year from 2012 to 2016; another year raises ParameterError.

    Pioneer ACO Model: 2012 is its first performance year, 2016 the fifth.
    """

    def of_year(name: str) -> Cited:
        return cited(f"pioneer/{name}", rules_year)

    return PioneerTerms(
        sharing=cited("pioneer/sharing", rules_year, arrangement=arrangement),
        loss_rule=of_year("loss_rule"),
        minimum_savings_rate=of_year("minimum_savings_rate"),
        baseline_weights=of_year("baseline_weights"),
        growth_blend=of_year("growth_blend"),
        quality_rule=of_year("quality_rule"),
        sequestration_rate=of_year("sequestration_rate"),
        population_based_payment=of_year("population_based_payment"),
        settlement_quarter=of_year("settlement_quarter"),
    )


def weighted_baseline(amounts: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """The weighted mean of the baseline years in which the type has people; None where it has none in any.

    amounts: by baseline year, 0 without people; their weights fall to the other years. Pioneer ACO Model, Alignment
    and Financial Reconciliation Methods; what becomes of years without people is a reading of ours.
    """
    present = [name for name, amount in amounts.items() if amount]
    total = math.fsum(weights[name] for name in present)
    return math.fsum(weights[name] * amounts[name] for name in present) / total if total else None


def grown_by_percent(baseline: float, national_by3: float, national_py: float) -> float:
    """The baseline grown by the national percentage.

    Pioneer ACO Model, Alignment and Financial Reconciliation Methods.
    """
    return baseline * national_py / national_by3


def grown_by_amount(baseline: float, national_by3: float, national_py: float) -> float:
    """The baseline grown by the national amount of dollars, never below zero.

    Pioneer ACO Model, Alignment and Financial Reconciliation Methods.
    """
    return max(baseline + national_py - national_by3, 0.0)


def minimum_savings_rate(terms: Mapping[str, float], two_sided: bool, beneficiaries: int) -> float:
    """The minimum savings and loss rate that CMS sets where none is stated for the ACO.

    Two-sided: one rate; one-sided: by number of beneficiaries, as 42 CFR 425.604(b). Pioneer ACO Model.
    """
    if two_sided:
        return float(terms["two_sided"])
    return sharing.minimum_savings_rate(beneficiaries, int(terms["one_sided_table_of"]))


def quality_share(rule: str, score: float | None) -> float:
    """The part of the sharing rate that quality earns: all of it for reporting, or the score. Pioneer ACO Model.

    score: None where nothing was reported, which earns nothing.
    """
    if score is None:
        return 0.0
    return 1.0 if rule == "reporting" else score


def shared_loss_rate(rule: str, greatest: float, sharing_rate: float) -> float:
    """The share of losses that a two-sided ACO owes; better quality owes less. Pioneer ACO Model."""
    return greatest if rule == "greatest_share" else min(greatest, 1 - sharing_rate)


def may_choose_population_payments(average_savings_rate: float | None, required: float | None) -> bool:
    """Whether the average savings of the first two years reach what population-based payments need.

    required: None in years without them. Pioneer ACO Model, Request for Applications: from the third year on.
    """
    return required is not None and average_savings_rate is not None and average_savings_rate >= required


def within(amount: float, limit: float | None) -> float:
    """Savings or losses within a limit in either direction; without a limit as they are. Pioneer ACO Model."""
    return amount if limit is None else max(-limit, min(amount, limit))

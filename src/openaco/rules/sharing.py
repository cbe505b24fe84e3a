"""Shared savings and losses of the Medicare Shared Savings Program: one function for each rule, numbers in and out.

Amounts are US dollars, unrounded, in double precision; rates, shares and quality scores are fractions from 0 to 1.
As in CMS's report, savings are positive and losses negative. `terms_for` gathers the parameters of one track, one
performance year and one agreement; the functions take plain numbers from it.

Sources: 42 CFR 425.605 (BASIC), 425.610 (ENHANCED), 425.604, 425.606 and 425.610 (Tracks 1, 2, 3), 425.609 (six-month
performance years), 425.221 (leaving early); CMS methodology specifications v11, section 4.3.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from openaco.errors import ConfigurationError
from openaco.rules.cited import Cited, cited

QualityState = Literal["QPS", "ALT", "FAIL"]
Election = float | Literal["variable"]
MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class SharingTerms:
    """The parameters by which one ACO shares in one performance year, each with its citation."""

    track: str
    performance_year: int
    maximum_sharing_rate: Cited
    savings_limit: Cited
    shared_loss_rate: Cited
    loss_limit: Cited
    sharing_rule: Cited
    sequestration_rate: Cited
    low_revenue_relief: Cited
    extreme_circumstances: Cited
    advance_recoupment_share: Cited

    @property
    def two_sided(self) -> bool:
        """Whether the track shares losses."""
        return self.shared_loss_rate.value is not None


@cache
def terms_for(track: str, performance_year: int, agreement_start_year: int) -> SharingTerms:
    """The terms of a track, `BASIC_A` … `TRACK_3` (42 CFR 425.605, 425.606, 425.610).

    Raises ParameterError where the track did not exist that year.
    """

    def of_track(name: str, date: int = performance_year) -> Cited:
        return cited(f"mssp/settlement/{name}", date, track=track)

    def of_year(name: str) -> Cited:
        return cited(f"mssp/settlement/{name}", performance_year)

    return SharingTerms(
        track=track,
        performance_year=performance_year,
        maximum_sharing_rate=of_track("maximum_sharing_rate"),
        savings_limit=of_track("savings_limit"),
        shared_loss_rate=of_track("shared_loss_rate"),
        loss_limit=of_track("loss_limit"),
        low_revenue_relief=of_track("low_revenue_relief", agreement_start_year),
        sharing_rule=of_year("sharing_rule"),
        sequestration_rate=of_year("sequestration_rate"),
        extreme_circumstances=of_year("extreme_circumstances"),
        advance_recoupment_share=of_year("advance_recoupment_share"),
    )


@cache
def _savings_rate_rows(performance_year: int) -> tuple[tuple[int, int | None, float, float], ...]:
    rows = cited("mssp/settlement/minimum_savings_rate_table", performance_year).value
    return tuple(
        (
            int(row["low"]),
            int(row["high"]) if row["high"] else None,
            float(row["rate_at_low"]),
            float(row["rate_at_high"]),
        )
        for row in rows
    )


def minimum_savings_rate(beneficiaries: int, performance_year: int) -> float:
    """The minimum savings rate of an ACO of this size, as a fraction of its benchmark; not rounded.

    Straight line between the ends of the table's row (42 CFR 425.605(b)(1)). Raises ConfigurationError below one.
    """
    for low, high, rate_at_low, rate_at_high in _savings_rate_rows(performance_year):
        if high is None and beneficiaries >= low:
            return rate_at_low
        if high is not None and low <= beneficiaries <= high:
            return rate_at_low - (rate_at_low - rate_at_high) * (beneficiaries - low) / (high - low)
    raise ConfigurationError(f"{beneficiaries} assigned beneficiaries have no minimum savings rate")


def effective_minimum_savings_rate(
    beneficiaries: int, election: Election, two_sided: bool, performance_year: int
) -> float:
    """The rate that applies: a two-sided ACO's choice, the table for all others and below 5,000 beneficiaries.

    42 CFR 425.605(b), 425.610(b), 425.110(b)(3)(iii). The minimum loss rate is its negative.
    """
    floor = cited("mssp/settlement/minimum_beneficiaries_for_chosen_rate", performance_year).value
    if election == "variable" or not two_sided or beneficiaries < floor:
        return minimum_savings_rate(beneficiaries, performance_year)
    return float(election)


def savings(difference: float) -> float:
    """Benchmark minus expenditures where positive, else 0: [J] (42 CFR 425.605(a), 425.610(a))."""
    return max(difference, 0.0)


def losses(difference: float) -> float:
    """Benchmark minus expenditures where negative, else 0: [K]. Negative or zero (42 CFR 425.605(a), 425.610(a))."""
    return min(difference, 0.0)


def meets_minimum(amount: float, minimum: float) -> bool:
    """Whether savings (or losses) meet or exceed the minimum; nothing saved or lost meets no minimum, even of zero.

    Signs do not matter: both are compared by size. 42 CFR 425.605(b), 425.610(b).
    """
    return amount != 0 and abs(amount) >= abs(minimum)


def final_sharing_rate(maximum: float, state: QualityState, score: float | None, rule: str = "three_states") -> float:
    """The share of savings that the ACO keeps, by the quality rule of the year (42 CFR 425.605(d), 425.610(d)).

    rule: `score_scaled` (to 2020), `all_or_nothing` (2021–2022), `three_states` (from 2023).
    """
    if state == "FAIL" or (state == "ALT" and rule == "all_or_nothing"):
        return 0.0
    if state == "ALT" or rule == "score_scaled":
        return maximum * _stated(score)
    return maximum


def shared_loss_rate(terms: Mapping[str, float] | None, state: QualityState, score: float | None) -> float | None:
    """The share of losses that the ACO owes; None for a one-sided track (42 CFR 425.605(d), 425.610(f)).

    terms: `{fixed: 0.30}` or `{multiplier: 0.75, floor: 0.40, ceiling: 0.75}`; the ceiling where quality failed.
    """
    if terms is None:
        return None
    if "fixed" in terms:
        return terms["fixed"]
    if state == "FAIL":
        return terms["ceiling"]
    return min(max(1 - terms["multiplier"] * _stated(score), terms["floor"]), terms["ceiling"])


def low_revenue_relief_applies(
    relief: Mapping[str, float] | None, low_revenue: bool, beneficiaries: int, difference: float
) -> bool:
    """Whether an ACO that saved less than its minimum savings rate is still paid in part (42 CFR 425.605(h)).

    relief: `{share: 0.5, minimum_beneficiaries: 5000}`, None where the agreement has none. A failed quality standard
    needs no test here: it makes the final sharing rate 0.
    """
    return relief is not None and low_revenue and beneficiaries >= relief["minimum_beneficiaries"] and difference > 0


def reduced_sharing_rate(final_rate: float, relief: Mapping[str, float]) -> float:
    """The sharing rate under the relief: half of the final sharing rate (42 CFR 425.605(h))."""
    return final_rate * relief["share"]


def sequestration(shared_savings: float, rate: float) -> float:
    """US dollars withheld from shared savings, before the payment limit (methodology specifications v11, 4.3)."""
    return shared_savings * rate


def earned_payment(shared_savings: float, withheld: float, limit: float) -> float:
    """The earned performance payment: shared savings less sequestration, within the payment limit.

    42 CFR 425.605(d), 425.610(e)(2).
    """
    return min(shared_savings - withheld, limit)


def loss_limit(
    terms: Mapping[str, Any], benchmark_total: float, revenue: float | None, year_in_agreement: int = 1
) -> float:
    """The most an ACO may owe, US dollars, positive: a share of benchmark, or of revenue if that is less.

    Without a stated revenue only the benchmark limits. 42 CFR 425.605(d), 425.610(g).
    """
    limit = _of_agreement_year(terms["benchmark"], year_in_agreement) * benchmark_total
    if "revenue" not in terms or revenue is None:
        return limit
    return min(terms["revenue"] * revenue, limit)


def limited_losses(shared_losses: float, limit: float) -> float:
    """Shared losses (negative) within the limit (positive): the smaller loss (42 CFR 425.605(d), 425.610(g))."""
    return max(shared_losses, -limit)


def extreme_circumstances_reduction(limited: float, beneficiary_share: float, month_share: float) -> float:
    """The part of the losses that is forgiven: after the limit, by share of beneficiaries and of months affected.

    Carries the sign of the losses. 42 CFR 425.605(f), 425.610(i).
    """
    return limited * beneficiary_share * month_share


def share_of_affected_months(counties: Sequence[tuple[float, float]]) -> float:
    """Mean share of months affected, by beneficiaries: one pair (beneficiaries, months ÷ 12) per affected county.

    42 CFR 425.605(f), 425.610(i).
    """
    beneficiaries = sum(weight for weight, _ in counties)
    return sum(weight * share for weight, share in counties) / beneficiaries if beneficiaries else 0.0


def keeps_savings_on_exit(exit_date: datetime.date, terminated_by_cms: bool, savings_from: str) -> bool:
    """Whether an ACO that left on this day still shares in savings: only at the very end (42 CFR 425.221)."""
    return not terminated_by_cms and f"{exit_date:%m-%d}" >= savings_from


def loss_share_on_exit(exit_date: datetime.date, terminated_by_cms: bool, losses_after: str) -> float:
    """Share of the losses owed by an ACO that left on this day: its months ÷ 12, or none (42 CFR 425.221).

    A month in which the ACO took part on any day counts.
    """
    if not terminated_by_cms and f"{exit_date:%m-%d}" <= losses_after:
        return 0.0
    return exit_date.month / MONTHS_IN_YEAR


def performance_year_fraction(months: int) -> float:
    """What a short performance year counts: a six-month year of 2019 takes half of the full-year result (425.609)."""
    return months / MONTHS_IN_YEAR


def _of_agreement_year(value: float | Sequence[float], year_in_agreement: int) -> float:
    if isinstance(value, int | float):
        return value
    return value[min(year_in_agreement, len(value)) - 1]


def _stated(score: float | None) -> float:
    if score is None:
        raise ConfigurationError(
            "this result depends on the quality score, and none is stated",
            remedy="Give the quality score of the performance year, as CMS reports it.",
        )
    return score

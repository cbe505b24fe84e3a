"""The benchmark of the Shared Savings Program: one function for each rule, numbers in and out.

Per capita amounts are US dollars a person-year, unrounded, in double precision; every rule is for one Medicare
enrollment type unless it says otherwise. Sources: 42 CFR 425.601 (agreements from July 2019 to 2023), 425.652–425.662
(from 2024); CMS methodology specifications v11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ByType = Mapping[str, float]


def growth(later: float, earlier: float) -> float:
    """Growth factor between two years, as a ratio (42 CFR 425.601(a)(5), (b))."""
    return later / earlier


def national_weight(counties: Iterable[tuple[float, float]]) -> float:
    """Weight of the national factor: the ACO's share of its region's assignable beneficiaries (425.601(a)(5)(v)).

    counties: (the ACO's person-years, all assignable person-years) of each county with an assigned beneficiary; the
    ACO's share of each county is weighted by the county's share of the ACO. 0 for an ACO without beneficiaries.
    """
    counties = list(counties)
    total = sum(aco for aco, _ in counties)
    return sum(aco / total * aco / assignable for aco, assignable in counties) if total else 0.0


def regional_weight(national: float) -> float:
    """Weight of the regional factor (42 CFR 425.601(a)(5)(v))."""
    return 1 - national


def blended_factor(national: float, regional: float, weight_of_national: float) -> float:
    """National-regional blend of two growth factors: Table A3 [G] (425.601(a)(5), (b))."""
    return national * weight_of_national + regional * regional_weight(weight_of_national)


def county_risk_adjusted(per_capita: float, mean_risk: float) -> float:
    """A county's per capita expenditures at the risk of the national mean (425.601(c))."""
    return per_capita / mean_risk


def regional_per_capita(counties: Iterable[tuple[float, float]]) -> float:
    """Regional expenditures: risk-adjusted county amounts weighted by the ACO's person-years (425.601(d)).

    counties: (the ACO's person-years, risk-adjusted per capita) of each county with an assigned beneficiary.
    """
    counties = list(counties)
    total = sum(weight for weight, _ in counties)
    return sum(weight / total * amount for weight, amount in counties) if total else 0.0


def risk_ratio(later: float, earlier: float) -> float:
    """Ratio of two renormalized risk scores, uncapped; 1 where the type had nobody in the earlier year.

    42 CFR 425.601(a), 425.605(a).
    """
    return later / earlier if earlier else 1.0


def capped_risk_ratio(ratio: float, cap: float) -> float:
    """Risk ratio within its cap; no floor (425.605(a), agreements to 2023)."""
    return min(ratio, cap)


def dollar_weighted_growth(ratios: ByType, dollars: ByType) -> float:
    """Aggregate growth of risk over the enrollment types, weighted by benchmark dollars (agreements from 2024).

    42 CFR 425.605(a), 425.610(a)(2).
    """
    total = sum(dollars.values())
    return sum(ratios[kind] * dollars[kind] for kind in ratios) / total if total else 1.0


def risk_ratios_under_aggregate_cap(ratios: ByType, aggregate: float, cap: float) -> dict[str, float]:
    """Risk ratios of agreements from 2024: as they are unless aggregate growth passes the cap; then each within it.

    42 CFR 425.605(a), 425.610(a)(2).
    """
    return {kind: min(ratio, cap) if aggregate > cap else ratio for kind, ratio in ratios.items()}


def trended(per_capita: float, ratio: float, trend: float) -> float:
    """A benchmark year's expenditures at the risk and prices of BY3: Table 1 [F] (42 CFR 425.601(a))."""
    return per_capita * ratio * trend


def shares(person_years: ByType) -> dict[str, float]:
    """Each enrollment type's share of person-years."""
    total = sum(person_years.values())
    return {kind: value / total if total else 0.0 for kind, value in person_years.items()}


def weighted_total(amounts: ByType, weights: ByType) -> float:
    """Amounts of the enrollment types weighted by their shares, summed."""
    return sum(amounts[kind] * weights[kind] for kind in amounts)


def spending_against_region(weighted_difference: float) -> str:
    """`higher` if the region, at the ACO's risk, spends less than the ACO's benchmark; else `lower` (425.601(f))."""
    return "higher" if weighted_difference < 0 else "lower"


def within_cap(adjustment: float, cap_up: float, cap_down: float) -> float:
    """The regional adjustment within its caps, both given as positive amounts: Table 1 [Q].

    42 CFR 425.601(f), 425.656.
    """
    return max(min(adjustment, cap_up), -cap_down)


def negative_adjustment_offset(dual_share: float, aggregate_risk: float) -> float:
    """By how much a negative regional adjustment shrinks: dual share + risk above 1, within 0 and 1 (425.656)."""
    return min(max(dual_share + aggregate_risk - 1, 0.0), 1.0)


def offset_adjustment(adjustment: float, offset: float) -> float:
    """A regional adjustment with its negative part shrunk by the offset (42 CFR 425.656)."""
    return adjustment * (1 - offset) if adjustment < 0 else adjustment


def prior_savings_adjustment(average_per_capita_savings: float, share: float, cap: float) -> float:
    """Half of the average per capita savings of the new benchmark years, within a cap; never negative (425.658)."""
    return max(0.0, min(average_per_capita_savings * share, cap))


def prorated_savings(per_capita_savings: Sequence[float], beneficiary_ratio: float) -> float:
    """Average per capita savings of the three years, reduced where the ACO was smaller then: ratio at most 1.

    42 CFR 425.658.
    """
    return sum(per_capita_savings) / len(per_capita_savings) * min(1.0, beneficiary_ratio)


def population_adjustment(low_income_share: float, minimum_share: float, rate: float, national: float) -> float:
    """Adjustment for a share of low-income or dual beneficiaries, per capita; none below the least share (425.662)."""
    return low_income_share * rate * national if low_income_share >= minimum_share else 0.0


def highest_adjustment(candidates: Mapping[str, float]) -> tuple[str, float]:
    """The adjustment that applies: the highest, or ("none", 0) where none is above zero (425.652(a))."""
    name = max(candidates, key=lambda candidate: candidates[candidate])
    return (name, candidates[name]) if candidates[name] > 0 else ("none", 0.0)


def three_way_factor(two_way: float, prospective_trend: float, weight_of_prospective: float) -> float:
    """Update factor of agreements from 2024: two-way blend and accountable care prospective trend (425.652)."""
    return two_way * (1 - weight_of_prospective) + prospective_trend * weight_of_prospective


def updated(adjusted: float, ratio: float, update_factor: float) -> float:
    """The benchmark at the risk and prices of the performance year: Table 2 [F] (425.601(b))."""
    return adjusted * ratio * update_factor


def guardrail_total(three_way: float, two_way: float, expenditures: float, minimum_loss_rate: float) -> float:
    """The total benchmark after the guardrail: the two-way one where it is higher and the three-way one makes losses.

    Totals in US dollars; minimum_loss_rate as a positive fraction. Losses that reach the minimum loss rate count.
    42 CFR 425.652.
    """
    loss = expenditures - three_way
    return max(three_way, two_way) if loss > 0 and loss >= minimum_loss_rate * three_way else three_way

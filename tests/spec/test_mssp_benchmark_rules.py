"""Edges of the benchmark rules: trends, weights, risk, regional adjustment, and what agreements from 2024 add."""

from __future__ import annotations

import pytest

from mssp_world import by_kind
from openaco.parameters import parameter
from openaco.rules import benchmark as rule
from spec_tables import cells


def test_cms_example_of_the_national_weight() -> None:
    """Two counties: 9,000 of 10,000 assignable beneficiaries and 2,000 of 12,000 are the ACO's."""
    weight = rule.national_weight([(9_000, 10_000), (2_000, 12_000)])
    assert weight == pytest.approx(0.767, abs=0.0005)
    assert rule.blended_factor(1.047, 1.083, weight) == pytest.approx(1.055, abs=0.0005)


def test_a_national_weight_of_nobody_is_zero() -> None:
    assert rule.national_weight([]) == 0
    assert rule.regional_per_capita([]) == 0


def test_an_aco_that_is_its_whole_region_takes_the_national_trend() -> None:
    weight = rule.national_weight([(500, 500), (70, 70)])
    assert weight == pytest.approx(1.0)
    assert rule.blended_factor(1.05, 9.99, weight) == pytest.approx(1.05)


def test_regional_expenditures_weight_counties_by_the_aco() -> None:
    low, high = rule.county_risk_adjusted(9_000, 0.9), rule.county_risk_adjusted(12_000, 1.0)
    assert rule.regional_per_capita([(300, low), (100, high)]) == pytest.approx(10_500)


@pytest.mark.parametrize(("later", "earlier", "ratio"), [(1.046, 0.987, 1.0598), (0.9, 1.0, 0.9), (1.1, 0.0, 1.0)])
def test_risk_ratio(later: float, earlier: float, ratio: float) -> None:
    assert rule.risk_ratio(later, earlier) == pytest.approx(ratio, abs=1e-4)


@pytest.mark.parametrize(("ratio", "capped"), [(1.0598, 1.03), (1.03, 1.03), (1.0299, 1.0299), (0.5, 0.5)])
def test_the_risk_cap_has_no_floor(ratio: float, capped: float) -> None:
    assert rule.capped_risk_ratio(ratio, parameter("mssp/benchmark/risk_ratio_cap", 2023).value) == capped


REGIONAL_WEIGHTS = """
period | lower | higher
------ | ----- | ------
1      | 0.35  | 0.15
2      | 0.50  | 0.25
3      | 0.50  | 0.35
4      | 0.50  | 0.50
"""


@pytest.mark.parametrize("row", cells(REGIONAL_WEIGHTS), ids=lambda row: row["period"])
@pytest.mark.parametrize("start", [2019, 2023, 2024])
def test_regional_weights(row: dict[str, str], start: int) -> None:
    for spending in ("lower", "higher"):
        found = parameter("mssp/benchmark/regional_weight", start, regional_period=row["period"], spending=spending)
        assert found.value == float(row[spending])


@pytest.mark.parametrize(("difference", "spending"), [(0.01, "lower"), (0.0, "lower"), (-0.01, "higher")])
def test_spending_against_the_region(difference: float, spending: str) -> None:
    assert rule.spending_against_region(difference) == spending


@pytest.mark.parametrize(
    ("adjustment", "within"), [(600.0, 500.0), (500.0, 500.0), (-100.0, -100.0), (-150.0, -150.0), (-600.0, -150.0)]
)
def test_regional_caps_may_differ_up_and_down(adjustment: float, within: float) -> None:
    assert rule.within_cap(adjustment, 500.0, 150.0) == within


@pytest.mark.parametrize(
    ("dual", "risk", "offset"), [(0.2, 1.1, 0.3), (0.1, 0.8, 0.0), (0.0, 1.0, 0.0), (0.9, 1.5, 1.0), (0.5, 1.5, 1.0)]
)
def test_negative_offset_stays_between_nothing_and_all(dual: float, risk: float, offset: float) -> None:
    assert rule.negative_adjustment_offset(dual, risk) == pytest.approx(offset)


def test_the_offset_shrinks_only_negative_adjustments() -> None:
    assert rule.offset_adjustment(-100.0, 0.25) == -75
    assert rule.offset_adjustment(100.0, 0.25) == 100


def test_highest_adjustment_and_none() -> None:
    assert rule.highest_adjustment({"regional": 240.0, "prior_savings": 156.0}) == ("regional", 240.0)
    assert rule.highest_adjustment({"regional": -40.0, "prior_savings": 156.0}) == ("prior_savings", 156.0)
    assert rule.highest_adjustment({"regional": -40.0, "prior_savings": 0.0}) == ("none", 0.0)


def test_prior_savings_are_halved_prorated_and_capped() -> None:
    average = rule.prorated_savings([300.0, 0.0, 600.0], beneficiary_ratio=0.8)
    assert average == pytest.approx(240.0)
    assert rule.prorated_savings([300.0, 0.0, 600.0], beneficiary_ratio=1.5) == pytest.approx(300.0)
    assert rule.prior_savings_adjustment(average, 0.5, 500.0) == pytest.approx(120.0)
    assert rule.prior_savings_adjustment(2_000.0, 0.5, 500.0) == 500
    assert rule.prior_savings_adjustment(-10.0, 0.5, 500.0) == 0


@pytest.mark.parametrize(("share", "amount"), [(0.1499, 0.0), (0.15, 75.0), (0.4, 200.0)])
def test_population_adjustment_from_its_least_share(share: float, amount: float) -> None:
    assert rule.population_adjustment(share, 0.15, 0.05, 10_000.0) == pytest.approx(amount)


def test_aggregate_risk_cap_bites_only_in_the_aggregate() -> None:
    ratios = by_kind(1.10, 1.02, 1.01, 0.99)
    calm = rule.dollar_weighted_growth(ratios, by_kind(1, 10, 10, 79))
    assert rule.risk_ratios_under_aggregate_cap(ratios, calm, 1.03) == ratios
    hot = rule.dollar_weighted_growth(ratios, by_kind(90, 5, 5, 0))
    assert hot > 1.03
    assert rule.risk_ratios_under_aggregate_cap(ratios, hot, 1.03) == by_kind(1.03, 1.02, 1.01, 0.99)


GUARDRAIL = """
three_way | two_way | expenditures | rate | used
--------- | ------- | ------------ | ---- | ----
1000      | 1050    | 1030         | 0.01 | 1050
1000      | 1050    | 1010         | 0.01 | 1050
1000      | 1050    | 1009         | 0.01 | 1000
1000      | 990     | 1030         | 0.01 | 1000
1000      | 1050    | 990          | 0.01 | 1000
1000      | 1050    | 1000         | 0.0  | 1000
1000      | 1050    | 1001         | 0.0  | 1050
"""


@pytest.mark.parametrize("row", cells(GUARDRAIL), ids=lambda row: "-".join(row.values()))
def test_guardrail(row: dict[str, str]) -> None:
    three_way, two_way, spent, rate, used = (float(value) for value in row.values())
    assert rule.guardrail_total(three_way, two_way, spent, rate) == used


def test_shares_of_nobody_are_zero() -> None:
    assert rule.shares(by_kind(0, 0, 0, 0)) == by_kind(0, 0, 0, 0)
    assert sum(rule.shares(by_kind(1, 2, 3, 4)).values()) == pytest.approx(1)

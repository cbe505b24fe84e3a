"""The rules of ACO REACH and LEAD, each at its edges."""

from __future__ import annotations

from typing import Any

import pytest

from openaco.errors import ParameterError
from openaco.parameters import all_parameters
from openaco.rules import reach
from openaco.rules.cited import cited
from openaco.rules.corridors import corridors_of
from spec_tables import cells

TREND = """
year | observed | prospective | factor | why
---- | -------- | ----------- | ------ | ---------------------------------
2022 | 1.0000   | 1.0000      | 1.0    | as foreseen
2022 | 1.0099   | 1.0000      | 1.0    | within the dead band
2022 | 0.9901   | 1.0000      | 1.0    | within it below
2022 | 1.0100   | 1.0000      | 1.01   | at the dead band the whole counts
2022 | 0.9472   | 1.0000      | 0.9472 | all borne before 2024
2022 | 0.8000   | 1.0000      | 0.8    | all borne before 2024
2024 | 0.9600   | 1.0000      | 0.96   | at 4 percent all is borne
2024 | 0.9400   | 1.0000      | 0.95   | 4 + half of 2
2024 | 0.9200   | 1.0000      | 0.94   | 4 + half of 4
2024 | 0.9000   | 1.0000      | 0.94   | nothing beyond 8
2024 | 1.1000   | 1.0000      | 1.06   | and upward
2024 | 1.0600   | 1.1000      | 0.9636 | a ratio of trends
"""
RISK = """
reference | score | rise | fall | demographic | capped | why
--------- | ----- | ---- | ---- | ----------- | ------ | ------------------------
1.00      | 1.02  | 0.03 | 0.03 | 1.00        | 1.02   | within
1.00      | 1.03  | 0.03 | 0.03 | 1.00        | 1.03   | at the cap
1.00      | 1.08  | 0.03 | 0.03 | 1.00        | 1.03   | above
1.00      | 0.90  | 0.03 | 0.03 | 1.00        | 0.97   | below
1.00      | 1.08  | 0.03 | 0.03 | 1.04        | 1.0712 | demographics move it
1.00      | 1.08  |      |      | 1.00        | 1.08   | no cap
2.00      | 2.40  | 0.10 | 0.10 | 1.00        | 2.20   | High Needs
1.00      | 0.50  | 0.08 |      | 1.00        | 0.50   | asymmetric: no floor
"""


@pytest.mark.parametrize("row", cells(TREND), ids=lambda row: f"{row['year']} {row['observed']}")
def test_retrospective_trend_adjustment(row: dict[str, Any]) -> None:
    rule = cited("reach/benchmark/retrospective_trend", int(row["year"])).value
    factor = reach.retrospective_trend_factor(
        float(row["observed"]), float(row["prospective"]), rule["dead_band"], corridors_of(rule["corridors"])
    )
    assert factor == pytest.approx(float(row["factor"]), abs=5e-5)


@pytest.mark.parametrize("row", cells(RISK), ids=lambda row: row["why"])
def test_growth_of_risk_scores_is_capped(row: dict[str, Any]) -> None:
    rise, fall = (None if row[name] is None else float(row[name]) for name in ("rise", "fall"))
    capped = reach.capped_score(float(row["reference"]), float(row["score"]), rise, fall, float(row["demographic"]))
    assert capped == pytest.approx(float(row["capped"]))


@pytest.mark.parametrize(
    ("factor", "ceiling", "used"), [(1.005, 0.01, 1.005), (1.02, 0.01, 1.01), (1.02, None, 1.02), (0.98, 0.01, 1.0)]
)
def test_coding_intensity_is_limited(factor: float, ceiling: float | None, used: float) -> None:
    assert reach.coding_intensity(factor, ceiling) == used


def test_baseline_years_weigh_ten_thirty_sixty_and_empty_ones_fall_to_the_others() -> None:
    weights = cited("reach/benchmark/base_year_weights", 2024).value
    assert reach.weighted_baseline({"by1": 100.0, "by2": 200.0, "by3": 300.0}, weights) == pytest.approx(250)
    assert reach.weighted_baseline({"by1": 100.0, "by3": 300.0}, weights) == pytest.approx(190 / 0.7)
    assert reach.weighted_baseline({}, weights) is None


def test_a_baseline_year_is_brought_to_a_score_of_one() -> None:
    assert reach.standardized(10_000, 1.05, 1.25) == pytest.approx(8_400)
    assert reach.standardized(0, 1.05, 0) == 0


@pytest.mark.parametrize(("difference", "added"), [(700, 500), (500, 500), (0, 0), (-200, -200), (-300, -200)], ids=str)
def test_the_regional_blend_has_a_ceiling_and_a_floor(difference: float, added: float) -> None:
    assert reach.regional_adjustment(difference, 500, 200) == added
    assert reach.regional_adjustment(difference, None, None) == difference


@pytest.mark.parametrize(
    ("year", "arrangement", "score", "share"),
    [
        (2022, "global", 1.0, 0.98),
        (2022, "global", 0.92, 0.976),
        (2022, "professional", 1.0, 1.0),
        (2022, "professional", 0.0, 0.95),
        (2023, "global", 1.0, 0.97),
        (2023, "professional", 0.21, 0.9842),
        (2025, "global", 1.0, 0.96),
        (2026, "global", 0.0, 0.91),
    ],
)
def test_discount_and_quality_withhold(year: int, arrangement: str, score: float, share: float) -> None:
    discount = cited("reach/benchmark/discount", year, risk_arrangement=arrangement).value
    withhold = cited("reach/benchmark/quality_withhold", year).value
    left = reach.benchmark_share(discount, withhold, reach.earned_quality(withhold, score))
    assert left == pytest.approx(share)


def test_the_health_equity_adjustment_is_a_sum_over_deciles() -> None:
    amounts = cited("reach/benchmark/equity_amounts", 2023).value
    assert reach.equity_amount({10: 1.0}, amounts) == 30
    assert reach.equity_amount(dict.fromkeys(range(1, 6), 0.2), amounts) == pytest.approx(-6)
    assert reach.equity_amount({decile: 0.1 for decile in range(1, 11)}, amounts) == pytest.approx(0)
    assert reach.equity_amount({}, amounts) == 0


def test_enhanced_capitation_fills_up_to_the_target_and_never_takes() -> None:
    assert reach.enhanced_share(0.07, 0.03) == pytest.approx(0.04)
    assert reach.enhanced_share(0.07, 0.07) == 0
    assert reach.enhanced_share(0.07, 0.09) == 0


def test_stop_loss_pays_shares_of_what_lies_beyond_prediction() -> None:
    bands = corridors_of(
        [
            {"from": 0, "to": 100_000, "kept": 0},
            {"from": 100_000, "to": 300_000, "kept": 0.8},
            {"from": 300_000, "to": None, "kept": 0.9},
        ]
    )
    assert reach.stop_loss_payout([-5_000, 0, 100_000], bands) == 0
    assert reach.stop_loss_payout([150_000], bands) == pytest.approx(40_000)
    assert reach.stop_loss_payout([400_000, 150_000], bands) == pytest.approx(160_000 + 90_000 + 40_000)


@pytest.mark.parametrize(
    ("prospective", "used"), [(1.05, 1.043), (1.041, 1.041), (1.038, 1.038), (1.03, 1.038)], ids=str
)
def test_lead_guards_the_prospective_trend(prospective: float, used: float) -> None:
    rails = cited("lead/benchmark/trend_guardrails", 2027).value
    guarded = reach.guarded_trend(prospective, 1.04, rails["above"], rails["below"])
    assert guarded == pytest.approx(used)


def test_lead_blends_two_thirds_and_one_third() -> None:
    weight = cited("lead/benchmark/prospective_trend_weight", 2027).value
    assert reach.three_way_trend(1.03, 1.06, weight) == pytest.approx(1.04)


@pytest.mark.parametrize(("difference", "added"), [(-100, 0), (0, 0), (400, 200), (600, 300), (900, 300)], ids=str)
def test_lead_regional_efficiency_is_half_up_to_its_cap(difference: float, added: float) -> None:
    assert reach.regional_efficiency(difference, 0.5, 300) == added


@pytest.mark.parametrize(
    ("name", "year", "keys"),
    [
        ("reach/benchmark/discount", 2027, {"risk_arrangement": "global"}),
        ("reach/benchmark/discount", 2020, {"risk_arrangement": "professional"}),
        ("reach/benchmark/quality_withhold", 2020, {}),
        ("reach/benchmark/equity_amounts", 2024, {}),
        ("reach/benchmark/cap_exemption_ratio", 2026, {}),
        ("lead/benchmark/trend_guardrails", 2028, {}),
        ("lead/benchmark/discount", 2028, {"risk_arrangement": "global", "spending": "higher"}),
        ("lead/structure/minimum_beneficiaries", 2028, {}),
    ],
)
def test_a_year_without_a_value_is_an_error(name: str, year: int, keys: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match=f"no value for performance_year {year}"):
        cited(name, year, **keys)


def test_nothing_of_lead_is_called_confirmed() -> None:
    found = {name: value for name, value in all_parameters().items() if name.startswith("lead/")}
    assert len(found) > 10
    assert {row.confidence for value in found.values() for row in value.values} == {"unverified"}


@pytest.mark.parametrize("year", range(2021, 2027))
@pytest.mark.parametrize("aco_type", ["standard", "new_entrant", "high_needs"])
def test_every_year_of_reach_has_the_parameters_of_every_type(year: int, aco_type: str) -> None:
    found = [
        cited(f"reach/{name}", year, aco_type=aco_type)
        for name in (
            "benchmark/historical_weight",
            "benchmark/regional_limits",
            "benchmark/risk_growth_cap",
            "benchmark/coding_intensity_ceiling",
            "benchmark/additional_growth_cap",
            "structure/minimum_beneficiaries",
        )
    ]
    assert 0 <= found[0].value <= 1
    assert found[-1].value >= 250

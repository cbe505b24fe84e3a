"""The quality performance standard by year, and how a score comes about."""

from __future__ import annotations

import pytest

from openaco.errors import ConfigurationError, ParameterError
from openaco.parameters import parameter
from openaco.rules import quality_standard as quality
from openaco.rules.quality_standard import QualityFacts, find_quality, quality_state
from spec_tables import cells

THRESHOLDS = {2021: 61.69, 2022: 70.63, 2023: 65.76, 2024: 77.05, 2025: 76.70, 2026: 73.85}


@pytest.mark.parametrize(("year", "threshold"), THRESHOLDS.items())
def test_threshold_by_year(year: int, threshold: float) -> None:
    assert parameter("mssp/quality/threshold", year).value == threshold


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_threshold_itself_meets_the_standard(year: int) -> None:
    threshold = THRESHOLDS[year]
    assert quality_state(year, QualityFacts(score=threshold)) == "QPS"
    assert quality_state(year, QualityFacts(score=threshold - 0.01)) == "FAIL"


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_pandemic_lifted_every_score_to_the_threshold(year: int) -> None:
    finding = find_quality(year, QualityFacts(score=12.0))
    assert (finding.state, finding.score) == ("QPS", THRESHOLDS[year])
    assert find_quality(year, QualityFacts(score=99.0)).score == 99.0
    assert quality_state(year, QualityFacts(reported_any=False, reported_survey=False)) == "QPS"


STATES = """
year | reported | survey | first | complete | ecqm | score | outcome | other | state
---- | -------- | ------ | ----- | -------- | ---- | ----- | ------- | ----- | -----
2024 | no       | no     | no    | yes      | no   | 90    |         |       | FAIL
2024 | no       | yes    | no    | yes      | no   | 90    |         |       | QPS
2024 | yes      | yes    | yes   | yes      | no   | 10    |         |       | QPS
2024 | yes      | yes    | yes   | no       | no   | 10    |         |       | FAIL
2024 | yes      | no     | yes   | yes      | no   | 10    |         |       | FAIL
2024 | yes      | yes    | no    | yes      | yes  | 50    | 10      | 40    | QPS
2024 | yes      | yes    | no    | yes      | yes  | 50    | 10      | 39.9  | ALT
2024 | yes      | yes    | no    | yes      | yes  | 50    | 9.9     | 90    | FAIL
2024 | yes      | yes    | no    | no       | yes  | 50    | 10      | 40    | ALT
2024 | yes      | yes    | no    | yes      | no   | 50    | 10      | 40    | ALT
2025 | yes      | yes    | no    | yes      | no   | 76.69 | 10      |       | ALT
2026 | yes      | yes    | no    | yes      | yes  | 50    | 12      | 55    | QPS
2026 | yes      | yes    | no    | yes      | yes  | 50    | 12 55   |       | QPS
2026 | yes      | yes    | no    | yes      | yes  | 50    | 55      |       | ALT
2026 | yes      | yes    | no    | yes      | yes  | 50    | 5 55    | 10    | ALT
"""


@pytest.mark.parametrize("row", cells(STATES), ids=lambda row: "-".join(str(value) for value in row.values()))
def test_quality_state(row: dict[str, str]) -> None:
    facts = QualityFacts(
        reported_any=row["reported"] == "yes",
        reported_survey=row["survey"] == "yes",
        first_performance_year=row["first"] == "yes",
        complete=row["complete"] == "yes",
        all_ecqm_or_mips_cqm=row["ecqm"] == "yes",
        score=float(row["score"]),
        outcome_percentiles=tuple(map(float, (row["outcome"] or "").split())),
        other_percentiles=tuple(map(float, (row["other"] or "").split())),
    )
    assert quality_state(int(row["year"]), facts) == row["state"]


def test_incentive_and_alternative_by_year() -> None:
    assert parameter("mssp/quality/incentive", 2021).value is None
    assert parameter("mssp/quality/incentive", 2023).value["other_percentile"] == 30
    assert parameter("mssp/quality/incentive", 2024).value["other_percentile"] == 40
    assert parameter("mssp/quality/alternative_percentile", 2022).value is None
    assert parameter("mssp/quality/alternative_percentile", 2023).value == 10


@pytest.mark.parametrize(("share", "state"), [(0.19, "FAIL"), (0.20, "QPS")])
def test_a_circumstance_lifts_the_score_from_a_fifth_of_beneficiaries(share: float, state: str) -> None:
    assert quality_state(2024, QualityFacts(score=40.0, affected_share=share)) == state


@pytest.mark.parametrize(("year", "state"), [(2023, "QPS"), (2024, "QPS"), (2026, "QPS")])
def test_a_missing_benchmark_lifts_the_score_of_complete_reporting_to_the_threshold(year: int, state: str) -> None:
    assert quality_state(year, QualityFacts(score=40.0, lacks_benchmark=True)) == state
    assert find_quality(2024, QualityFacts(score=40.0, lacks_benchmark=True)).score == THRESHOLDS[2024]
    assert quality_state(2024, QualityFacts(score=40.0, lacks_benchmark=True, complete=False)) == "FAIL"
    assert find_quality(2024, QualityFacts(score=90.0, lacks_benchmark=True)).score == 90.0


def test_a_circumstance_does_not_lift_an_aco_that_reported_nothing() -> None:
    facts = QualityFacts(reported_any=False, reported_survey=False, affected_share=1.0)
    assert quality_state(2024, facts) == "FAIL"


def test_before_2021_complete_reporting_lets_the_score_scale_the_rate() -> None:
    assert quality_state(2020, QualityFacts(score=30.0)) == "QPS"
    assert quality_state(2020, QualityFacts(score=30.0, complete=False)) == "FAIL"


def test_no_score_is_an_error_only_where_it_decides() -> None:
    assert quality_state(2024, QualityFacts(first_performance_year=True)) == "QPS"
    with pytest.raises(ConfigurationError, match="no quality score"):
        quality_state(2024, QualityFacts())


def test_a_year_without_rules_is_an_error() -> None:
    with pytest.raises(ParameterError, match="2027"):
        quality_state(2027, QualityFacts(score=90.0))


HEALTH_EQUITY = """
scaler | multiplier | bonus
------ | ---------- | -----
24     | 0.6        | 10
24     | 0.2        | 4.8
18     | 0.3        | 5.4
6      | 0.8        | 4.8
6      | 0.2        | 1.2
24     | 0.19       | 0
"""


@pytest.mark.parametrize("row", cells(HEALTH_EQUITY), ids=lambda row: "-".join(row.values()))
def test_health_equity_bonus_rows_of_cms(row: dict[str, str]) -> None:
    for year in (2023, 2024, 2025):
        bonus = quality.health_equity_bonus(float(row["scaler"]), float(row["multiplier"]), year)
        assert bonus == pytest.approx(float(row["bonus"]))


def test_health_equity_scaler_and_score() -> None:
    assert quality.health_equity_scaler(["top"] * 6, 2024) == 24
    assert quality.health_equity_scaler(["top", "middle", "bottom"], 2024) == 6
    assert quality.adjusted_score(95.0, 10.0) == 100
    with pytest.raises(ConfigurationError, match="2026"):
        quality.health_equity_bonus(24.0, 0.6, 2026)


def test_unknown_areas_count_neither_as_deprived_nor_as_known() -> None:
    assert quality.deprived_share([85.0, 84.9, None, 99.0], 2024) == pytest.approx(2 / 3)
    assert quality.deprived_share([None], 2024) == 0


DECILES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0)


@pytest.mark.parametrize(
    ("rate", "points"), [(5.0, 1.0), (10.0, 1.0), (15.0, 1.5), (45.0, 4.5), (95.0, 10.0), (99.0, 10.0)]
)
def test_measure_points_by_decile(rate: float, points: float) -> None:
    assert quality.measure_points(rate, DECILES, 2024) == pytest.approx(points)
    inverse = tuple(100 - start for start in DECILES)
    assert quality.measure_points(100 - rate, inverse, 2024) == pytest.approx(points)


@pytest.mark.parametrize(("completeness", "cases", "scored"), [(0.75, 20, True), (0.749, 20, False), (0.9, 19, False)])
def test_measure_needs_completeness_and_cases(completeness: float, cases: int, scored: bool) -> None:
    assert quality.measure_is_scored(completeness, cases, 2025) is scored


def test_quality_score_from_points() -> None:
    assert quality.quality_score([10.0, 5.0, 7.5], 2024) == pytest.approx(75.0)
    assert quality.quality_score([10.0, 10.0], 2024, improvement=4.0) == 100
    assert quality.quality_score([5.0, 5.0], 2025, added_points=2.0, improvement=1.5) == pytest.approx(61.5)
    with pytest.raises(ConfigurationError, match="no measure"):
        quality.quality_score([], 2024)


@pytest.mark.parametrize(
    ("year", "ecqms", "measures", "points"), [(2024, 3, 6, 0), (2025, 4, 6, 4), (2026, 5, 8, 5), (2026, 5, 4, 4)]
)
def test_complex_organization_points(year: int, ecqms: int, measures: int, points: float) -> None:
    assert quality.complex_organization_points([5.0] * ecqms, measures, year) == pytest.approx(points)


def test_a_measure_at_its_maximum_earns_nothing_for_being_an_ecqm() -> None:
    assert quality.complex_organization_points([10.0, 9.4, 3.0, None], 6, 2025) == pytest.approx(0 + 0.6 + 1 + 1)

"""Points of a rate by benchmark: deciles and percentiles, both directions, flat and deviations, missing and capped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaco.errors import ConfigurationError, ParameterError
from openaco.parameters import parameter
from openaco.rules import quality_scoring as scoring
from openaco.rules.quality_scoring import Benchmark, NoBenchmark, benchmark_of
from spec_tables import cells

ROWS = parameter("quality/benchmarks", 2025).value


def found(measure: str, collection_type: str, year: int) -> Benchmark:
    benchmark = benchmark_of(measure, collection_type, year)
    assert isinstance(benchmark, Benchmark)
    return benchmark


POINTS = """
case                              | year | measure | type          | rate   | decile | points
--------------------------------- | ---- | ------- | ------------- | ------ | ------ | ------
before the first decile           | 2025 | 236     | ecqm          | 5.55   | 0      | 1
exactly where decile 1 begins     | 2025 | 236     | ecqm          | 5.56   | 1      | 1
exactly where decile 2 begins     | 2025 | 236     | ecqm          | 45.71  | 2      | 2
just before decile 2              | 2025 | 236     | ecqm          | 45.709 | 1      | 1.99998
middle of decile 2                | 2025 | 236     | ecqm          | 50.44  | 2      | 2.5
exactly where decile 10 begins    | 2025 | 236     | ecqm          | 84.74  | 10     | 10
the best there is                 | 2025 | 236     | ecqm          | 100    | 10     | 10
inverse: the worst                | 2025 | 001     | ecqm          | 100    | 0      | 1
inverse: where decile 1 begins    | 2025 | 001     | ecqm          | 99.44  | 1      | 1
inverse: where decile 2 begins    | 2025 | 001     | ecqm          | 94.35  | 2      | 2
inverse: just worse than decile 2 | 2025 | 001     | ecqm          | 94.36  | 1      | 1.99804
inverse: where decile 10 begins   | 2025 | 001     | ecqm          | 13.46  | 10     | 10
inverse: the best                 | 2025 | 001     | ecqm          | 0      | 10     | 10
flat: 40 percent is decile 5      | 2025 | 112     | medicare_cqm  | 40     | 5      | 5
flat: within decile 9             | 2025 | 112     | medicare_cqm  | 85.5   | 9      | 9.55
flat: 90 percent is enough        | 2025 | 112     | medicare_cqm  | 90     | 10     | 10
flat, inverse: 10 percent         | 2025 | 001     | mips_cqm      | 10     | 10     | 10
flat, inverse: 90 percent         | 2025 | 001     | mips_cqm      | 90     | 2      | 2
deviations: better than the best  | 2025 | 479     | claims        | 0.13   | 10     | 10
deviations: where decile 10 begins| 2025 | 479     | claims        | 0.1344 | 10     | 10
deviations: where decile 8 begins | 2025 | 479     | claims        | 0.1476 | 8      | 8
deviations: around the median     | 2025 | 479     | claims        | 0.1542 | 7      | 7.50376
deviations: worse than the worst  | 2025 | 479     | claims        | 0.2    | 0      | 1
deviations of 484                 | 2026 | 484     | claims        | 59.26  | 4      | 4
observed 484                      | 2024 | 484     | claims        | 35.83  | 6      | 6
deciles: three of them begin at 0 | 2022 | 236     | web_interface | 12     | 3      | 3.4
deciles: where decile 4 begins    | 2022 | 236     | web_interface | 30     | 4      | 4
deciles: within decile 4          | 2022 | 236     | web_interface | 35     | 4      | 4.5
deciles: at least three points    | 2022 | 001     | ecqm          | 90     | 2      | 3
deciles: where decile 10 begins   | 2022 | 236     | web_interface | 90     | 10     | 10
deciles, inverse: within decile 9 | 2022 | 001     | web_interface | 15     | 9      | 9.5
deciles, inverse: within decile 3 | 2022 | 001     | web_interface | 85     | 3      | 3.5
nine deciles of a fraction        | 2022 | 479     | claims        | 0.1315 | 10     | 10
ten values, 2 to 10 and the best  | 2021 | 479     | claims        | 0.1343 | 10     | 10
ten values, 1 to 10               | 2021 | 484     | claims        | 27.47  | 10     | 10
ten values, 1 to 10, third decile | 2021 | 484     | claims        | 38.22  | 3      | 3
survey                            | 2025 | CAHPS_5 | survey        | 63     | 5      | 5
no seven-point cap yet            | 2023 | 134     | mips_cqm      | 99.65  | 7      | 7
capped at seven points            | 2024 | 134     | mips_cqm      | 100    | 10     | 7
capped, below the cap             | 2024 | 134     | mips_cqm      | 61.77  | 2      | 2
capped, just at the cap           | 2025 | 134     | mips_cqm      | 100    | 10     | 7
"""


@pytest.mark.parametrize("row", cells(POINTS), ids=lambda row: row["case"])
def test_points_of_a_rate(row: dict[str, str]) -> None:
    benchmark = found(row["measure"], row["type"], int(row["year"]))
    assert scoring.decile_of(float(row["rate"]), benchmark) == int(row["decile"])
    assert scoring.scored_points(float(row["rate"]), benchmark) == pytest.approx(float(row["points"]), abs=1e-4)


@pytest.mark.parametrize(
    ("rate", "percentile"), [(5.0, 0), (45.70, 0), (45.71, 10), (65.32, 40), (65.31, 30), (99, 90)]
)
def test_percentile_reached_in_tens(rate: float, percentile: float) -> None:
    assert scoring.percentile_reached(rate, found("236", "ecqm", 2025)) == percentile


def test_every_row_starts_ten_deciles_in_its_own_direction() -> None:
    for row in ROWS:
        benchmark = found(row["measure"], row["collection_type"], int(row["performance_year"]))
        assert len(benchmark.starts) == 10
        steps = [after - before for before, after in zip(benchmark.starts, benchmark.starts[1:], strict=False)]
        assert all(step <= 0 for step in steps) if benchmark.lower_is_better else all(step >= 0 for step in steps)
        assert (benchmark.starts[0] > benchmark.starts[-1]) == benchmark.lower_is_better


def test_lower_is_better_for_three_measures_alone() -> None:
    assert {row["measure"] for row in ROWS if row["direction"] == "lower"} == {"001", "479", "484"}


def test_every_measure_of_a_year_has_a_benchmark_or_a_reason() -> None:
    for year in range(2021, 2027):
        stated = parameter("mssp/quality/measures", year).value
        types = parameter("mssp/quality/collection_types", year).value
        for measure in stated["reported"]:
            for collection_type in set(types) - {"web_interface"}:
                assert benchmark_of(measure, collection_type, year)
        for measure in parameter("mssp/quality/web_interface_measures", year).value:
            assert benchmark_of(measure, "web_interface", year)
        for measure in stated["claims"]:
            assert isinstance(benchmark_of(measure, "claims", year), Benchmark)


@pytest.mark.parametrize(("measure", "collection_type", "year"), [("112", "ecqm", 2026), ("134", "ecqm", 2022)])
def test_a_missing_benchmark_says_why(measure: str, collection_type: str, year: int) -> None:
    absent = benchmark_of(measure, collection_type, year)
    assert isinstance(absent, NoBenchmark)
    assert absent.reason


def test_a_measure_or_year_without_rules_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="999"):
        benchmark_of("999", "ecqm", 2025)
    with pytest.raises(ParameterError, match="2027"):
        benchmark_of("001", "ecqm", 2027)


def test_doubtful_rows_are_unverified() -> None:
    assert found("479", "claims", 2021).source.confidence == "unverified"
    assert found("236", "ecqm", 2025).source.confidence == "quoted"


@pytest.mark.parametrize("boundaries", [(1.0, 2.0), tuple(range(12))])
def test_a_benchmark_of_another_length_is_refused(boundaries: tuple[float, ...]) -> None:
    for form in ("deciles", "percentiles"):
        with pytest.raises(ConfigurationError):
            scoring.decile_starts(form, boundaries, False)


IMPROVEMENT = """
achievement | prior | points
----------- | ----- | ------
80          |       | 0
80          | 80    | 0
80          | 90    | 0
88          | 80    | 1
90          | 45    | 10
90          | 10    | 10
33          | 10    | 1
33          | 30    | 1
46.1        | 41.49 | 1.1111
"""


@pytest.mark.parametrize("row", cells(IMPROVEMENT), ids=lambda row: f"{row['achievement']}-{row['prior']}")
def test_improvement_since_the_year_before(row: dict[str, str]) -> None:
    prior = float(row["prior"]) if row["prior"] else None
    points = scoring.improvement_points(float(row["achievement"]), prior, 2025)
    assert points == pytest.approx(float(row["points"]), abs=1e-4)


def test_the_survey_counts_as_the_mean_of_its_parts() -> None:
    assert scoring.survey_points([4.0, 6.0, 10.0]) == pytest.approx(20 / 3)
    with pytest.raises(ConfigurationError):
        scoring.survey_points([])


def test_achievement_and_available_points() -> None:
    assert scoring.achievement_score([5.0, 10.0, 3.0], 2025) == pytest.approx(60)
    assert scoring.available_points(6, 2025) == 60
    with pytest.raises(ConfigurationError, match="no measure"):
        scoring.achievement_score([], 2025)


@pytest.mark.parametrize(("measure", "cases", "enough"), [("479", 199, False), ("479", 200, True), ("484", 18, True)])
def test_cases_of_claims_measures(measure: str, cases: int, enough: bool) -> None:
    assert scoring.cases_suffice(measure, cases, 2025) is enough
    assert scoring.cases_suffice(measure, None, 2025)


@given(
    row=st.sampled_from(ROWS),
    rates=st.tuples(st.floats(0, 100, allow_nan=False), st.floats(0, 100, allow_nan=False)),
)
def test_a_better_rate_never_earns_fewer_points(row: dict[str, str], rates: tuple[float, float]) -> None:
    benchmark = found(row["measure"], row["collection_type"], int(row["performance_year"]))
    worse, better = sorted(rates, reverse=benchmark.lower_is_better)
    points = [scoring.scored_points(rate, benchmark) for rate in (worse, better)]
    assert points[0] <= points[1] + 1e-9
    assert points[0] >= 1
    assert points[1] <= 10
    assert scoring.percentile_reached(worse, benchmark) <= scoring.percentile_reached(better, benchmark)

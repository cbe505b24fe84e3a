"""From rates to the quality result: which measures count, adjustments, routes to the standard, and the worksheet."""

from __future__ import annotations

from typing import Any

import pytest

from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.quality import QualityRates, assess, score_quality
from quality_world import rates, reported, whole_set
from spec_tables import cells

# Benchmarks of Medicare CQMs in 2025 are flat: decile 2 begins at 10 percent, decile 7 at 60; so 65 percent is 7.5.
ONE_MEASURE = """
case                          | change                                   | points | reason
----------------------------- | ---------------------------------------- | ------ | --------------------
all complete                  |                                          | 7.5    |
completeness exactly met      | completeness=0.75                        | 7.5    |
completeness not met          | completeness=0.7499                      | 0      | data completeness
exactly enough cases          | denominator=20 numerator=13              | 7.5    |
one case too few              | denominator=19 numerator=13              |        | fewer than 20 cases
too few after exclusions      | denominator=21 exclusions=2 numerator=13 |        | fewer than 20 cases
too few after exceptions      | denominator=21 exceptions=2 numerator=13 |        | fewer than 20 cases
excluded do not count         | denominator=1300 exclusions=300          | 7.5    |
nobody counts                 | denominator=5 exclusions=5 numerator=0   |        | fewer than 20 cases
"""


def changed(text: str | None) -> dict[str, Any]:
    """`denominator=20 completeness=0.75` as changes."""
    pairs = (pair.split("=") for pair in (text or "").split())
    return {name: float(value) if "." in value else int(value) for name, value in pairs}


@pytest.mark.parametrize("row", cells(ONE_MEASURE), ids=lambda row: row["case"])
def test_how_a_measure_counts(row: dict[str, str]) -> None:
    stated = reported(**({"measure": "236", "numerator": 650} | changed(row["change"])))
    scored = next(item for item in assess(rates(2025, stated)).reported if item.measure == "236")
    assert scored.points == (None if row["points"] is None else pytest.approx(float(row["points"])))
    assert (row["reason"] or "") in scored.reason
    assert bool(scored.reason) == bool(row["reason"])


def test_a_measure_that_is_owed_and_not_reported_counts_zero_of_ten() -> None:
    found = assess(rates(2025, reported("236", 650)))
    assert found.points == (0.0, 0.0, 0.0, pytest.approx(7.5))
    assert found.achievement == pytest.approx(7.5 / 40 * 100)
    assert not found.facts.complete


def test_a_survey_that_was_owed_counts_zero_and_one_that_could_not_be_made_counts_nothing() -> None:
    whole = whole_set(2025, 80.0)
    assert len(assess(whole).points) == 4  # administered, no score stated yet
    missed = assess(whole_set(2025, 80.0, survey={"administered": False}))
    assert missed.survey.points == 0
    assert len(missed.points) == 5
    assert not missed.facts.reported_survey
    small = assess(whole_set(2025, 80.0, survey={"sampled": False}))
    assert small.survey.points is None


def test_the_survey_is_the_mean_of_the_summary_measures_with_a_benchmark() -> None:
    scores = {"CAHPS_1": 77.78, "CAHPS_2": 95.71, "CAHPS_7": 70.0}  # deciles 2 and 10; CAHPS_7 has no benchmark
    found = assess(whole_set(2025, 80.0, survey=scores))
    assert found.summary == {"CAHPS_1": pytest.approx(2.0), "CAHPS_2": pytest.approx(10.0)}
    assert found.survey.points == pytest.approx(6.0)


@pytest.mark.parametrize(("rate", "cases", "counts"), [(0.1609, 200, True), (0.1609, 199, False), (0.1609, None, True)])
def test_a_claims_measure_needs_its_own_number_of_cases(rate: float, cases: int | None, counts: bool) -> None:
    found = assess(whole_set(2025, 80.0, claims={"479": {"rate": rate, "cases": cases}}))
    assert (found.claims[0].points is not None) is counts


def test_of_two_collection_types_the_one_with_more_points_counts() -> None:
    found = assess(rates(2025, reported("236", 650, "medicare_cqm"), reported("236", 650, "ecqm")))
    chosen = next(item for item in found.reported if item.measure == "236")
    assert (chosen.collection_type, len(found.submissions)) == ("medicare_cqm", 2)
    assert found.facts.outcome_percentiles == (60.0,)  # the better percentile of the two


def test_web_interface_counts_where_its_set_scores_more() -> None:
    web = [reported(name, 980, "web_interface") for name in ("134", "236", "318", "110", "226", "113", "112", "438")]
    web += [reported(name, 20 if name == "001" else 980, "web_interface") for name in ("001", "370")]
    alone = assess(rates(2022, *web))
    assert alone.facts.complete
    both = assess(rates(2022, *web, reported("001", 999, "ecqm"), reported("134", 1, "ecqm")))
    assert both.achievement == alone.achievement
    assert {item.collection_type for item in both.reported} == {"web_interface"}
    assert not assess(rates(2022, *web[:-1])).facts.complete


ROUTES = """
case                       | year | type         | percent | outcome | survey | first | affected | missing | state
-------------------------- | ---- | ------------ | ------- | ------- | ------ | ----- | -------- | ------- | -----
score met                  | 2025 | medicare_cqm | 80      |         | yes    | no    | 0        | pending | QPS
exactly at the threshold   | 2025 | medicare_cqm | 66.7    |         | yes    | no    | 0        | pending | QPS
a tenth below              | 2025 | medicare_cqm | 66.6    |         | yes    | no    | 0        | pending | ALT
incentive by outcome       | 2025 | ecqm         | 60      |         | yes    | no    | 0        | pending | QPS
no incentive Medicare CQM  | 2025 | medicare_cqm | 60      |         | yes    | no    | 0        | pending | ALT
incentive is not for both  | 2025 | mips_cqm     | 60      |         | yes    | no    | 0        | pending | QPS
below every percentile     | 2025 | medicare_cqm | 5       |         | yes    | no    | 0        | pending | FAIL
first year, any score      | 2025 | medicare_cqm | 5       |         | yes    | yes   | 0        | pending | QPS
first year without survey  | 2025 | medicare_cqm | 5       |         | no     | yes   | 0        | pending | FAIL
circumstance               | 2025 | medicare_cqm | 5       |         | yes    | no    | 0.2      | pending | QPS
circumstance not enough    | 2025 | medicare_cqm | 5       |         | yes    | no    | 0.1999   | pending | FAIL
missing benchmark pending  | 2026 | ecqm         | 0       |         | yes    | no    | 0        | pending | FAIL
missing benchmark final    | 2026 | ecqm         | 0       |         | yes    | no    | 0        | final   | QPS
pandemic                   | 2023 | ecqm         | 0       |         | yes    | no    | 0        | pending | QPS
"""


@pytest.mark.parametrize("row", cells(ROUTES), ids=lambda row: row["case"])
def test_routes_to_the_standard(row: dict[str, str]) -> None:
    stated = whole_set(
        int(row["year"]),
        float(row["percent"]),
        row["type"],
        survey={"administered": row["survey"] == "yes", "sampled": True},
        first_performance_year=row["first"] == "yes",
        affected_share=float(row["affected"]),
        missing_benchmarks=row["missing"],
    )
    result = score_quality(stated)
    assert result.assessment.finding.state == row["state"]
    assert result.worksheet["quality.standard"] == {"QPS": "Yes", "ALT": "Alternative", "FAIL": "No"}[row["state"]]


THRESHOLDS = {2021: 61.69, 2022: 70.63, 2023: 65.76, 2024: 77.05, 2025: 76.70, 2026: 73.85}


@pytest.mark.parametrize(("year", "threshold"), THRESHOLDS.items())
def test_the_worksheet_names_the_threshold_of_the_year(year: int, threshold: float) -> None:
    sheet = score_quality(whole_set(year, 50.0, "ecqm")).worksheet
    assert sheet["quality.threshold"] == threshold
    assert sheet["quality.threshold_percentile"] == (30 if year <= 2023 else 40)


HEALTH_EQUITY = """
thirds                                 | deprived | dual | scaler | bonus
-------------------------------------- | -------- | ---- | ------ | -----
top top top top top top                | 0.6      | 0.1  | 24     | 10
top top top top top top                | 0.1      | 0.2  | 24     | 4.8
top top top middle middle middle       | 0.3      | 0.3  | 18     | 5.4
top middle bottom bottom bottom bottom | 0.8      | 0    | 6      | 4.8
top middle bottom bottom bottom bottom | 0        | 0.2  | 6      | 1.2
top top top top top top                | 0.1999   | 0.1  | 24     | 0
"""
SIX = ("001", "134", "236", "321", "479", "484")


@pytest.mark.parametrize("row", cells(HEALTH_EQUITY), ids=lambda row: f"{row['scaler']}-{row['bonus']}")
def test_health_equity_adjustment_of_the_set_of_six(row: dict[str, str]) -> None:
    equity = {
        "thirds": dict(zip(SIX, row["thirds"].split(), strict=True)),
        "deprived_share": float(row["deprived"]),
        "low_income_dual_share": float(row["dual"]),
    }
    result = score_quality(whole_set(2024, 50.0, "ecqm", health_equity=equity))
    sheet = result.worksheet
    assert sheet.number("quality.equity_scaler") == float(row["scaler"])
    assert sheet.number("quality.equity_bonus") == pytest.approx(float(row["bonus"]))
    assert sheet.number("quality.score") == pytest.approx(sheet.number("quality.category_score") + float(row["bonus"]))


def test_health_equity_adjustment_needs_every_measure_and_the_survey() -> None:
    equity = {"thirds": dict.fromkeys(SIX, "top"), "deprived_share": 0.6}
    assert assess(whole_set(2024, 50.0, "ecqm", health_equity=equity)).equity_bonus == 10
    no_survey = whole_set(2024, 50.0, "ecqm", health_equity=equity, survey={"administered": False})
    assert assess(no_survey).equity_bonus == 0
    part = rates(2024, reported("236", 700, "ecqm"), health_equity=equity)
    assert assess(part).equity_bonus == 0
    assert assess(whole_set(2026, 50.0, "ecqm", health_equity={"thirds": {"001": "top"}})).equity_bonus == 0


COMPLEX = """
year | types                               | added
---- | ----------------------------------- | -----
2024 | ecqm ecqm ecqm                      | 0
2025 | ecqm ecqm ecqm ecqm                 | 4
2025 | ecqm ecqm medicare_cqm mips_cqm     | 2
2025 | medicare_cqm medicare_cqm ecqm ecqm | 2
"""


@pytest.mark.parametrize("row", cells(COMPLEX), ids=lambda row: f"{row['year']}-{row['added']}-{row['types']}")
def test_complex_organization_adjustment_is_for_each_ecqm(row: dict[str, str]) -> None:
    year, types = int(row["year"]), row["types"].split()
    names = ("001", "134", "236") if len(types) == 3 else ("001", "112", "134", "236")
    stated = [reported(name, 500, kind) for name, kind in zip(names, types, strict=True)]
    found = assess(rates(year, *stated, survey={"sampled": False}))
    assert found.added_points == pytest.approx(float(row["added"]))
    available = 10 * len(found.points)
    assert found.category_score == pytest.approx((sum(found.points) + found.added_points) / available * 100)


def test_complex_organization_adjustment_stops_at_a_tenth_of_the_available_points() -> None:
    stated = [reported(name, 500, "ecqm") for name in ("001", "112", "113", "134", "236")]
    found = assess(rates(2026, *stated, survey={"sampled": False}))
    assert len(found.points) == 3  # 112 and 113 have no benchmark in 2026
    assert found.added_points == pytest.approx(3.0)
    line = score_quality(found.rates).worksheet.lines["quality.complex_organization"]
    assert (line.confidence, "112, 113" in line.note) == ("unverified", True)


def test_improvement_on_the_year_before() -> None:
    found = assess(whole_set(2025, 60.0, prior_achievement=50.0))
    assert found.achievement == pytest.approx(70.0)
    assert found.improvement == pytest.approx((70 - 50) / 50 * 10)
    assert found.category_score == pytest.approx(74.0)
    assert assess(whole_set(2025, 60.0, prior_achievement=70.1)).improvement == 0


def test_the_worksheet_recomputes_and_says_where_each_number_comes_from() -> None:
    scores = {"CAHPS_1": 84.1, "CAHPS_2": 93.2}
    stated = whole_set(2025, 62.0, "ecqm", survey=scores, claims={"479": 0.1502}, name="Invented Valley ACO")
    sheet = score_quality(stated, "rates.toml").worksheet
    points = [sheet.number(f"quality.points.{name}") for name in ("001", "112", "134", "236", "321", "479")]
    assert sheet.number("quality.achievement_points") == pytest.approx(sum(points))
    assert sheet.number("quality.available_points") == 60
    for line in sheet:
        assert line.inputs or line.cite, line.id
        outside = [name for name in line.inputs if name not in sheet.lines]
        assert all(name == "rates.toml:rates" or name.startswith("parameter:") for name in outside), line.id
    assert sheet.lines["quality.points.001"].confidence == "quoted"
    assert sheet.lines["quality.points.479"].confidence == "unverified"
    assert sheet.lines["quality.numerator.001"].inputs == ("rates.toml:rates",)


def test_the_quality_table_of_the_settlement_says_the_same() -> None:
    result = score_quality(whole_set(2025, 62.0, "ecqm", claims={"479": 0.1502}))
    facts, table = result.assessment.facts, result.quality
    for name in ("reported_any", "reported_survey", "complete", "all_ecqm_or_mips_cqm", "score", "lacks_benchmark"):
        assert getattr(table, name) == getattr(facts, name)
    assert table.outcome_percentiles == facts.outcome_percentiles
    assert table.other_percentiles == facts.other_percentiles


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        (lambda: whole_set(2025, 50.0, "web_interface"), "web_interface is no collection type of 2025"),
        (lambda: rates(2024, reported("112", 500)), "measure 112 is not in the set of 2024"),
        (lambda: whole_set(2025, 50.0, claims={"484": 30.0}), "484 is no claims measure of 2025"),
        (lambda: whole_set(2024, 5.0, health_equity={"thirds": {"110": "top"}}), "110 is not in the measure set"),
    ],
)
def test_what_is_not_in_the_set_of_the_year_is_an_error(stated: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        assess(stated())


def test_a_year_without_rules_is_an_error() -> None:
    with pytest.raises(ParameterError):
        assess(QualityRates(performance_year=2028))


def test_nothing_reported_is_a_result_and_not_an_error() -> None:
    result = score_quality(QualityRates(performance_year=2025))
    assert (result.worksheet["quality.standard"], result.assessment.score) == ("No", 0.0)

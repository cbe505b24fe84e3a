"""Agreements that started before July 2019: national growth in dollars, regional growth, and risk of two groups."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, cast

import pytest

from mssp_world import KINDS, by_kind, year_inputs
from mssp_world import agreement as any_agreement
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs import ledger
from openaco.programs.configuration import Aco, AssignmentGroups, ByType, Configuration, Performance, Quality
from openaco.programs.mssp.inputs import MsspInputs, YearInputs
from openaco.programs.mssp.worksheet import line_texts, worksheet
from openaco.programs.year_figures import YearFigures
from openaco.reports.formulas import Terms, live_formula
from openaco.rules import benchmark_before_2019 as rule
from spec_tables import cells

FLAT = by_kind(1.0, 1.0, 1.0, 1.0)
GROWTH = (1.00, 1.02, 1.05, 1.09)


def aco(start: str, performance_year: int, track: str = "TRACK_1", period: int = 1, **result: Any) -> MsspInputs:
    """An ACO that spends a little less than the nation; region and nation grow differently."""
    day = datetime.date.fromisoformat(start)
    agreement = any_agreement(day, track=track, period=period, minimum_savings_rate="variable")
    if track == "TRACK_2" and day.year < 2016:
        agreement = agreement.model_copy(update={"minimum_savings_rate": 0.02})
    levels = dict(zip((*agreement.benchmark_years, performance_year), GROWTH, strict=True))
    years = [
        replace(
            year_inputs(year, level),
            national_per_capita=by_kind(83_000 * level, 11_000 * level, 17_000 * level, 9_800 * level),
            regional_per_capita=by_kind(84_000 * level**2, 10_500 * level**2, 16_500 * level**2, 9_300 * level**2),
        )
        for year, level in levels.items()
    ]
    names = ("by1", "by2", "by3")
    stated: dict[str, Any] = {"quality": Quality(score=90.0)}
    return MsspInputs(
        aco_id="A9990",
        name="Invented ACO",
        performance_year=performance_year,
        agreement=agreement,
        benchmark_years=dict(zip(names, years[:3], strict=True)),
        performance=replace(years[3], per_capita={kind: years[3].per_capita[kind] * 0.97 for kind in KINDS}),
        national_weight_by3={},
        national_weight_py={},
        result=Performance(**(stated | result)),
    )


def _historical(inputs: MsspInputs, weights: tuple[float, ...], figure: str) -> dict[str, float]:
    found = {}
    for kind in KINDS:
        by3 = inputs.by3
        found[kind] = sum(
            weight
            * year.per_capita[kind]
            * (by3.risk_score[kind] / year.risk_score[kind])
            * (getattr(by3, figure)[kind] / getattr(year, figure)[kind])
            for weight, year in zip(weights, inputs.benchmark_years.values(), strict=True)
        )
    return found


def _shares(year: YearInputs) -> dict[str, float]:
    return {kind: year.person_years[kind] / year.total_person_years for kind in KINDS}


def test_a_first_period_by_hand() -> None:
    inputs = aco("2016-01-01", 2017)
    historical = _historical(inputs, (0.1, 0.3, 0.6), "national_per_capita")
    nation, by3 = inputs.performance.national_per_capita, inputs.by3.national_per_capita
    shares = _shares(inputs.performance)
    expected = sum(shares[kind] * (historical[kind] + nation[kind] - by3[kind]) for kind in KINDS)
    sheet = worksheet(inputs)
    assert sheet.about["methodology"] == "42 CFR 425.602"
    assert sheet["update.updated_total"] == pytest.approx(expected, rel=1e-12)
    assert sheet["settlement.benchmark_per_capita"] == sheet["update.updated_total"]
    difference = sheet.number("settlement.difference")
    assert difference > sheet.number("settlement.minimum_savings")
    assert sheet["settlement.payment"] == pytest.approx(difference * 0.5 * 0.9 * 0.98, rel=1e-12)


def test_a_renewal_of_2016_by_hand() -> None:
    inputs = aco("2016-01-01", 2017, period=2, prior_savings_adjustment=120.0)
    historical = _historical(inputs, (1 / 3,) * 3, "national_per_capita")
    nation, by3 = inputs.performance.national_per_capita, inputs.by3.national_per_capita
    shares, before = _shares(inputs.performance), _shares(inputs.by3)
    sheet = worksheet(inputs)
    assert sheet["benchmark.adjusted_total"] == pytest.approx(sum(before[k] * historical[k] for k in KINDS) + 120.0)
    expected = sum(shares[kind] * (historical[kind] + nation[kind] - by3[kind]) for kind in KINDS) + 120.0
    assert sheet["update.updated_total"] == pytest.approx(expected, rel=1e-12)


def test_prior_savings_are_dollars_that_risk_does_not_move() -> None:
    half = replace(
        aco("2016-01-01", 2017, period=2), performance=year_inputs(2017, 1.09, risk_score=by_kind(*[0.5] * 4))
    )
    with_savings = replace(half, result=half.result.model_copy(update={"prior_savings_adjustment": 120.0}))
    gained = worksheet(with_savings).number("update.updated_total") - worksheet(half).number("update.updated_total")
    assert gained == pytest.approx(120.0)


@pytest.mark.parametrize("start", ["2017-01-01", "2018-01-01", "2019-01-01"])
def test_a_renewal_from_2017_by_hand(start: str) -> None:
    year = int(start[:4]) + 1
    inputs = aco(start, min(year, 2020), period=2)
    historical = _historical(inputs, (1 / 3,) * 3, "regional_per_capita")
    by3, after, shares = inputs.by3, inputs.performance, _shares(inputs.performance)
    adjusted = {
        kind: historical[kind] + 0.35 * (by3.regional_per_capita[kind] * by3.risk_score[kind] - historical[kind])
        for kind in KINDS
    }
    growth = {kind: after.regional_per_capita[kind] / by3.regional_per_capita[kind] for kind in KINDS}
    sheet = worksheet(inputs)
    assert sheet.about["methodology"] == "42 CFR 425.603(c)"
    assert sheet["benchmark.regional_weight"] == 0.35
    assert sheet.line("benchmark.regional_adjustment.esrd").note == "No cap."
    expected = sum(shares[kind] * adjusted[kind] * growth[kind] for kind in KINDS)
    assert sheet["update.updated_total"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("regional_period", "weight"), [(1, 0.25), (2, 0.5), (3, 0.7)])
def test_the_regional_weight_of_an_aco_above_its_region_grows(regional_period: int, weight: float) -> None:
    inputs = aco("2018-01-01", 2018, period=3)
    inputs = replace(inputs, agreement=inputs.agreement.model_copy(update={"regional_period": regional_period}))
    by3 = replace(inputs.by3, regional_per_capita=by_kind(20_000, 5_000, 8_000, 4_500))
    sheet = worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
    assert sheet["benchmark.regional_weight"] == weight
    assert sheet.number("benchmark.regional_adjustment.esrd") < 0


CHOICES = """
aggregate | by_clinical
--------- | -----------
0.9999    | yes
1.0       | no
1.0001    | no
0.5       | yes
"""


@pytest.mark.parametrize("row", cells(CHOICES), ids=lambda row: str(row["aggregate"]))
def test_clinical_scores_count_only_where_they_fell(row: dict[str, str]) -> None:
    assert rule.clinical_risk_counts(float(row["aggregate"]), 1.0) is (row["by_clinical"] == "yes")


COMBINED = """
share | newly | continuous | ratio
----- | ----- | ---------- | -----
0     | 1.5   | 0.98       | 0.98
1     | 1.5   | 0.98       | 1.5
0.25  | 1.2   | 1.0        | 1.05
0.5   | 0.9   | 1.1        | 1.0
"""


@pytest.mark.parametrize("row", cells(COMBINED), ids=lambda row: f"{row['share']} of {row['newly']}")
def test_the_risk_ratio_combines_both_groups(row: dict[str, str]) -> None:
    share, newly, continuous = (float(row[name]) for name in ("share", "newly", "continuous"))
    assert rule.combined_risk_ratio(share, newly, continuous) == pytest.approx(float(row["ratio"]))


def _groups(clinical: float, demographic: float, newly: float = 1.2, share: float = 0.2) -> AssignmentGroups:
    scores = [by_kind(*[each * score for score in (1.02, 1.01, 1.03, 1.05)]) for each in (newly, clinical)]
    return AssignmentGroups(
        newly_assigned_share=ByType(**by_kind(*[share] * 4)),
        newly_assigned_risk_score=ByType(**scores[0]),
        continuously_assigned_risk_score=ByType(**scores[1]),
        continuously_assigned_demographic_score=ByType(**by_kind(*[demographic] * 4)),
    )


@pytest.mark.parametrize(
    ("clinical", "demographic", "basis", "ratio"),
    [
        (0.95, 1.01, "CMS-HCC", 0.2 * 1.2 + 0.8 * 0.95),
        (1.10, 1.01, "Demographic", 0.2 * 1.2 + 0.8 * 1.01),
        (1.10, 0.90, "Demographic", 0.2 * 1.2 + 0.8 * 0.90),
    ],
)
def test_the_continuously_assigned_count_by_their_lower_clinical_or_their_demographic_scores(
    clinical: float, demographic: float, basis: str, ratio: float
) -> None:
    inputs = aco("2016-01-01", 2017, assignment_groups=_groups(clinical, demographic))
    by3 = replace(inputs.by3, demographic_risk_score=FLAT)
    sheet = worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
    assert sheet["update.continuous_basis"] == basis
    for kind in KINDS:
        assert sheet[f"update.risk_ratio.{kind}"] == pytest.approx(ratio)


def test_one_basis_holds_for_all_types_by_the_aggregate() -> None:
    mixed = by_kind(0.5, 1.1, 1.1, 1.06)
    inputs = aco("2016-01-01", 2017)
    sheet = worksheet(replace(inputs, performance=replace(inputs.performance, risk_score=mixed)))
    weights = {k: sheet.number(f"benchmark.adjusted.{k}") * inputs.performance.person_years[k] for k in KINDS}
    ratios = {kind: mixed[kind] / inputs.by3.risk_score[kind] for kind in KINDS}
    aggregate = sum(ratios[kind] * weights[kind] for kind in KINDS) / sum(weights.values())
    assert sheet["update.continuous_risk_growth"] == pytest.approx(aggregate)
    assert aggregate < 1 < ratios["aged_dual"]
    assert sheet["update.risk_ratio.aged_dual"] == pytest.approx(ratios["aged_dual"])


def test_without_groups_everybody_counts_as_continuously_assigned_and_says_so() -> None:
    inputs = aco("2016-01-01", 2017)
    hot = replace(inputs, performance=replace(inputs.performance, risk_score=by_kind(2, 2, 2, 2)))
    sheet = worksheet(hot)
    assert sheet["update.risk_ratio.esrd"] == 1.0
    assert "all count as continuously assigned" in sheet.line("update.newly_assigned_share.esrd").note
    assert "growth of risk is not counted" in sheet.line("update.continuous_demographic_ratio.esrd").note
    assert sheet.rests_on_unverified("settlement.payment")
    known = replace(hot.performance, demographic_risk_score=by_kind(*[1.01] * 4))
    by3 = replace(hot.by3, demographic_risk_score=FLAT)
    told = replace(hot, performance=known, benchmark_years={**hot.benchmark_years, "by3": by3})
    assert worksheet(told)["update.risk_ratio.esrd"] == pytest.approx(1.01)


def test_a_type_without_people_in_by3_has_no_risk_ratio() -> None:
    inputs = aco("2016-01-01", 2017)
    by3 = replace(inputs.by3, risk_score=by_kind(0, 1.01, 1.03, 1.05))
    sheet = worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
    assert sheet["update.continuous_clinical_ratio.esrd"] == 1.0


def test_what_published_results_confirm_is_not_called_unverified() -> None:
    cold = replace(aco("2014-01-01", 2014).performance, risk_score=by_kind(*[0.9] * 4))
    first = worksheet(replace(aco("2014-01-01", 2014), performance=cold))
    behind = {line.id for line in [*first.ancestors("update.updated_total"), first.line("update.updated_total")]}
    assert not behind & {line.id for line in first.unverified()}
    later = worksheet(aco("2018-01-01", 2018, period=2))
    assert "trend.regional_factor.esrd.py" in {line.id for line in later.unverified()}


@pytest.mark.parametrize(
    ("start", "year", "period"), [("2016-01-01", 2016, 1), ("2016-01-01", 2018, 2), ("2018-01-01", 2018, 2)]
)
def test_every_line_says_what_it_is(start: str, year: int, period: int) -> None:
    sheet = worksheet(aco(start, year, period=period, assignment_groups=_groups(0.9, 1.0)))
    for line in sheet:
        assert line.label, line.id
        assert line.cite, line.id
        for later in ("425.601", "425.605", "425.652", "425.656"):
            assert later not in line.cite or line.id.startswith("settlement."), f"{line.id}: {line.cite}"


def test_every_text_of_its_own_has_a_line() -> None:
    sheets = [
        worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
        for start, year, period in (("2016-01-01", 2017, 2), ("2018-01-01", 2018, 2))
        for inputs in [aco(start, year, period=period, assignment_groups=_groups(1.2, 1.0))]
        for by3 in [replace(inputs.by3, demographic_risk_score=FLAT)]
    ]
    written = {line.id for sheet in sheets for line in sheet}
    for name in set(line_texts(before_2019=True)) - set(line_texts()):
        assert any(id.startswith(f"{name}.") or id == name for id in written), name


def test_the_long_first_year_of_2012_starters_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="21 or 18 months"):
        worksheet(aco("2012-04-01", 2013))
    assert worksheet(aco("2012-04-01", 2014))["settlement.performance_year_fraction"] == 1.0
    with pytest.raises(ParameterError, match="agreement_period later"):
        aco("2014-01-01", 2014, period=2)


@pytest.mark.parametrize(("year", "limit"), [(2013, 0.05), (2014, 0.075), (2015, 0.10)])
def test_track_2_may_owe_more_each_year(year: int, limit: float) -> None:
    sheet = worksheet(aco("2012-07-01", year, "TRACK_2") if year > 2013 else aco("2013-01-01", year, "TRACK_2"))
    assert sheet["settlement.losses_cap"] == pytest.approx(-limit * sheet.number("settlement.total_benchmark"))


def test_revenue_limits_the_losses_of_track_1_plus_only_where_it_is_so_stated() -> None:
    stated = {"participant_revenue": 1_000_000.0, "minimum_savings_rate": 0.01}
    by_revenue = worksheet(aco("2018-01-01", 2018, "TRACK_1_PLUS", participant_revenue=stated["participant_revenue"]))
    assert by_revenue["settlement.losses_cap"] == pytest.approx(-80_000)
    by_benchmark = worksheet(
        aco("2018-01-01", 2018, "TRACK_1_PLUS", participant_revenue=1_000_000.0, revenue_limits_losses=False)
    )
    total = by_benchmark.number("settlement.total_benchmark")
    assert by_benchmark["settlement.losses_cap"] == pytest.approx(-0.04 * total)


def test_figures_of_the_region_are_needed_only_where_it_decides() -> None:
    inputs = aco("2016-01-01", 2017)
    bare = {name: replace(year, regional_per_capita={}) for name, year in inputs.all_years().items()}
    benchmark_years = {name: bare[name] for name in ("by1", "by2", "by3")}
    same = replace(inputs, benchmark_years=benchmark_years, performance=bare["py"])
    assert worksheet(same)["settlement.payment"] == worksheet(inputs)["settlement.payment"]
    with pytest.raises(ConfigurationError, match="regional_per_capita, by1"):
        replace(aco("2018-01-01", 2018, period=2), benchmark_years=benchmark_years)


def _configuration(inputs: MsspInputs) -> Configuration:
    thresholds = ByType(**by_kind(9e5, 2e5, 2e5, 2e5))
    return Configuration(
        aco=Aco(id="A9990", name="Invented ACO"),
        agreement=inputs.agreement,
        performance={inputs.performance_year: inputs.result},
        national={
            year.year: {"per_capita": ByType(**year.national_per_capita), "truncation_threshold": thresholds}
            for year in inputs.all_years().values()
        },
    )


def test_a_run_settles_such_an_agreement_from_its_figures() -> None:
    inputs = aco("2018-01-01", 2020, assignment_groups=_groups(0.9, 1.0))
    years = tuple(
        cast(YearFigures, _Figures(role=role, year=year.year, inputs=replace(year, regional_per_capita={})))
        for role, year in inputs.all_years().items()
    )
    found = ledger.settlement_inputs(_configuration(inputs), 2020, years)
    sheet = worksheet(found)
    assert sheet["settlement.payment"] == worksheet(inputs)["settlement.payment"]
    share = sheet.line("update.newly_assigned_share.esrd")
    assert share.inputs[0] == "aco.toml:performance.2020.assignment_groups.newly_assigned_share"


class _Figures:
    """What `ledger` reads of a year's figures."""

    def __init__(self, role: str, year: int, inputs: YearInputs) -> None:
        self.role, self.year, self.inputs = role, year, inputs
        self.national_weight: dict[str, float] = {}
        self.sources = {"risk_score": "assigned_beneficiary:score", "regional_per_capita": ""}


def test_a_run_of_a_year_without_assignment_rules_says_so_before_any_work() -> None:
    inputs = aco("2016-01-01", 2016)
    with pytest.raises(ConfigurationError, match="who was assigned cannot be told from claims") as refused:
        ledger.settle(cast(Any, None), cast(Any, None), _configuration(inputs), 2016)
    assert refused.value.where == "performance.2016"
    assert "openaco.programs.mssp.worksheet.worksheet" in refused.value.remedy


@pytest.mark.parametrize(
    ("start", "year", "period", "stated"),
    [
        ("2016-01-01", 2017, 1, {}),
        ("2016-01-01", 2017, 1, {"assignment_groups": _groups(0.9, 1.0)}),
        ("2016-01-01", 2018, 2, {"assignment_groups": _groups(1.1, 1.0), "prior_savings_adjustment": 120.0}),
        ("2018-01-01", 2018, 2, {}),
    ],
)
def test_the_workbook_recalculates_the_benchmark(start: str, year: int, period: int, stated: dict[str, Any]) -> None:
    sheet = worksheet(aco(start, year, period=period, **stated))
    terms = Terms.of(sheet, "TRACK_1")
    live = {line.id: live_formula(sheet, line, terms) for line in sheet if line.formula}
    without = {
        id for id, formula in live.items() if formula is None and id.startswith(("trend.", "benchmark.", "update."))
    }
    assert {id.rpartition(".")[0] for id in without} <= {"update.continuous_demographic_ratio"}
    assert live["update.updated_total"]

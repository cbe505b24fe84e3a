"""The whole program on an invented ACO: from the figures of four years to the payment."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import pytest

from mssp_world import KINDS, aco, aco_of_2024, agreement, by_kind, year_inputs
from openaco.errors import ConfigurationError
from openaco.programs.configuration import ByType, Performance, Quality
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.mssp.settlement import SettlementFacts, settle
from openaco.programs.mssp.worksheet import line_texts, sensitivity, with_spending, worksheet
from openaco.worksheet import Worksheet


def test_by_hand() -> None:
    """Everything recomputed here in plain arithmetic, from the inputs of `mssp_world`."""
    inputs = aco()
    years = list(inputs.benchmark_years.values())
    historical, adjusted, updated = {}, {}, {}
    for kind in KINDS:
        regional = {year.year: year.regional_per_capita[kind] for year in (*years, inputs.performance)}
        national = {year.year: year.national_per_capita[kind] for year in (*years, inputs.performance)}
        weight = inputs.national_weight_by3[kind]
        total = 0.0
        for year, share in zip(years, (0.1, 0.3, 0.6), strict=True):
            trend = weight * national[2021] / national[year.year] + (1 - weight) * regional[2021] / regional[year.year]
            total += share * year.per_capita[kind] * trend
        historical[kind] = total
        difference = regional[2021] * years[2].risk_score[kind] - total
        adjusted[kind] = total + min(0.35 * difference, 0.05 * national[2021])
        growth = weight * national[2024] / national[2021] + (1 - weight) * regional[2024] / regional[2021]
        updated[kind] = adjusted[kind] * growth
    share = {kind: value / 9_680.0 for kind, value in inputs.performance.person_years.items()}
    benchmark = sum(updated[kind] * share[kind] for kind in KINDS) * 9_680.0
    spent = sum(inputs.performance.per_capita[kind] * share[kind] for kind in KINDS) * 9_680.0
    sheet = worksheet(inputs)
    assert sheet["settlement.total_benchmark"] == pytest.approx(benchmark, rel=1e-12)
    assert sheet["settlement.total_expenditures"] == pytest.approx(spent, rel=1e-12)
    assert benchmark - spent > 0.01 * benchmark
    assert sheet["settlement.payment"] == pytest.approx((benchmark - spent) * 0.5 * 0.98, rel=1e-12)


def test_every_line_says_what_it_is() -> None:
    for inputs in (aco(), aco_of_2024(prior_savings_adjustment=100.0, low_income_dual_share=0.3)):
        for line in worksheet(inputs):
            assert line.label, line.id
            assert line.cite, line.id
            assert line.inputs or line.value is None or line.unit in ("ratio", "fraction"), line.id
            if not any(source.startswith("input:") for source in line.inputs):
                assert line.formula, line.id


def test_every_text_has_a_line_and_ids_are_regular() -> None:
    written = {line.id for inputs in (aco(), aco_of_2024(), _agreement_of_2025()) for line in worksheet(inputs)}
    for name in line_texts():
        if "demographic" in name or name.startswith(("update.aggregate", "update.risk_weight")):
            continue
        assert any(id == name or id.startswith(f"{name}.") for id in written), name
    assert {"benchmark.trended.esrd.by1", "update.updated.aged_dual", "settlement.payment"} <= written


def _agreement_of_2025() -> MsspInputs:
    contract = agreement(datetime.date(2025, 1, 1), track="ENHANCED")
    result = aco_of_2024(low_income_dual_share=0.6).result
    return aco(2025, contract=contract, result=result)


def test_the_final_lines_agree() -> None:
    sheet = worksheet(aco())
    earned = sheet.number("settlement.earned_performance_payment")
    assert sheet["settlement.payment"] == earned - sheet.number("settlement.advance_recoupment")
    assert sheet["settlement.payment_due_to_cms"] == 0


def test_first_and_later_agreements_weigh_the_years_differently() -> None:
    first = worksheet(aco())
    later = worksheet(aco(contract=agreement(period=2)))
    years = ("by1", "by2", "by3")
    assert [first[f"benchmark.year_weight.{year}"] for year in years] == [0.1, 0.3, 0.6]
    assert [later[f"benchmark.year_weight.{year}"] for year in years] == [1 / 3] * 3


def test_an_aco_above_its_region_is_lowered_and_capped() -> None:
    inputs = aco()
    by3 = replace(inputs.by3, regional_per_capita=by_kind(20_000, 5_000, 8_000, 4_500))
    sheet = worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
    assert sheet["benchmark.regional_weight"] == 0.15
    assert sheet["benchmark.regional_adjustment.esrd"] == pytest.approx(-0.05 * by3.national_per_capita["esrd"])
    assert sheet.line("benchmark.regional_adjustment.esrd").note == "The cap binds."


def test_the_risk_cap_binds_by_type() -> None:
    performance = year_inputs(2024, 1.1, risk_score=by_kind(1.2, 1.01, 0.9, 1.05))
    sheet = worksheet(aco(performance=performance))
    assert sheet["update.risk_ratio.esrd"] == 1.03
    assert sheet["update.risk_ratio.aged_dual"] == pytest.approx(0.9 / 1.03)
    assert sheet.line("update.risk_ratio.esrd").note == "The cap binds."
    assert sheet.line("update.risk_ratio.aged_dual").note == ""


def test_agreements_to_2023_rest_on_nothing_unverified() -> None:
    assert worksheet(aco()).unverified() == []


def test_agreements_from_2024_say_what_is_unverified() -> None:
    sheet = worksheet(aco_of_2024())
    unsure = {line.id for line in sheet.unverified()}
    assert "benchmark.negative_regional_offset" in unsure
    assert "update.risk_ratio.esrd" in unsure
    assert {f"trend.regional_factor.{kind}.py" for kind in KINDS} <= unsure
    assert "trend.regional_factor.esrd.by1" not in unsure
    assert "settlement.savings_cap" not in unsure
    assert sheet.rests_on_unverified("settlement.payment")


def test_three_way_factor_takes_a_sixth_in_2024_and_a_third_after() -> None:
    early = worksheet(aco_of_2024())
    two_way = early.number("trend.blended_factor.esrd.py")
    assert early["update.update_factor.esrd"] == pytest.approx(two_way * 5 / 6 + 1.04 / 6)
    late = worksheet(replace(aco_of_2024(), performance_year=2026, performance=year_inputs(2026, 1.1)))
    two_way = late.number("trend.blended_factor.esrd.py")
    assert late["update.update_factor.esrd"] == pytest.approx(two_way * 2 / 3 + 1.04 / 3)
    assert late.line("update.update_factor.esrd").confidence == "unverified"


def test_without_a_prospective_trend_agreements_from_2024_are_refused() -> None:
    inputs = aco_of_2024()
    result = inputs.result.model_copy(update={"accountable_care_prospective_trend": None})
    with pytest.raises(ConfigurationError, match="accountable_care_prospective_trend"):
        worksheet(replace(inputs, result=result))


def test_the_highest_adjustment_applies_from_2024() -> None:
    regional = worksheet(aco_of_2024(prior_savings_adjustment=1.0))
    assert regional["benchmark.adjustment_category"] == "regional"
    assert regional["benchmark.applied_adjustment.esrd"] == regional["benchmark.regional_adjustment.esrd"]
    prior = worksheet(aco_of_2024(prior_savings_adjustment=450.0))
    assert prior["benchmark.adjustment_category"] == "prior_savings"
    assert prior["benchmark.applied_adjustment.esrd"] == 450.0
    total = prior.number("benchmark.adjusted_total") - prior.number("benchmark.historical_total")
    assert total == pytest.approx(450.0)


def test_the_population_adjustment_applies_from_2025() -> None:
    sheet = worksheet(_agreement_of_2025())
    assert sheet["benchmark.population_adjustment"] > sheet.number("benchmark.regional_adjustment_total")
    assert sheet["benchmark.adjustment_category"] == "population"
    assert "benchmark.population_adjustment" not in worksheet(aco_of_2024()).lines


def test_an_overall_negative_regional_adjustment_does_not_apply_from_2024() -> None:
    inputs = aco_of_2024()
    by3 = replace(inputs.by3, regional_per_capita=by_kind(40_000, 5_000, 8_000, 4_500))
    sheet = worksheet(replace(inputs, benchmark_years={**inputs.benchmark_years, "by3": by3}))
    assert sheet.number("benchmark.regional_adjustment_total") < 0
    assert sheet["benchmark.adjustment_category"] == "none"
    assert sheet["benchmark.adjusted_total"] == sheet["benchmark.historical_total"]
    cap = 0.015 * by3.national_per_capita["esrd"]
    offset = 1 - sheet.number("benchmark.negative_regional_offset")
    assert sheet["benchmark.regional_adjustment.esrd"] == pytest.approx(-cap * offset)


def test_aggregate_risk_cap_needs_demographic_scores() -> None:
    inputs = aco_of_2024()
    hot = replace(inputs, performance=replace(inputs.performance, risk_score=by_kind(1.2, 1.2, 1.2, 1.2)))
    without = worksheet(hot)
    assert without["update.risk_ratio.esrd"] == pytest.approx(1.2 / 1.02)
    assert "not applied" in without.line("update.risk_ratio.esrd").note
    flat = by_kind(1.0, 1.0, 1.0, 1.0)
    by3 = replace(hot.by3, demographic_risk_score=flat)
    told = replace(
        hot,
        benchmark_years={**hot.benchmark_years, "by3": by3},
        performance=replace(hot.performance, demographic_risk_score=flat),
    )
    sheet = worksheet(told)
    assert sheet["update.aggregate_risk_cap"] == pytest.approx(1.03)
    assert sheet["update.risk_ratio.esrd"] == pytest.approx(1.03)


def test_the_guardrail_takes_the_two_way_benchmark_and_pays_nothing() -> None:
    falling = ByType(**by_kind(0.5, 0.5, 0.5, 0.5))
    inputs = with_spending(aco_of_2024(accountable_care_prospective_trend=falling), 1.02)
    sheet = worksheet(inputs)
    assert sheet["update.guardrail"] is True
    assert sheet["settlement.benchmark_per_capita"] == sheet["update.two_way_total"]
    assert sheet.number("settlement.difference") > 0
    assert sheet["settlement.payment"] == 0
    one_sided = replace(inputs, agreement=agreement(datetime.date(2024, 1, 1), track="BASIC_A"))
    assert worksheet(one_sided)["update.guardrail"] is False


def test_a_type_without_people_adds_nothing() -> None:
    nobody = {"person_years": by_kind(0, 1_100, 900, 7_600), "per_capita": by_kind(0, 1e4, 1.6e4, 9e3)}
    scores = by_kind(0.0, 1.0, 1.0, 1.0)
    inputs = aco()
    years = {name: replace(year, **nobody, risk_score=scores) for name, year in inputs.benchmark_years.items()}
    performance = replace(inputs.performance, **nobody, risk_score=scores)
    sheet = worksheet(replace(inputs, benchmark_years=years, performance=performance))
    assert sheet["benchmark.proportion.esrd"] == 0
    assert sheet["update.updated.esrd"] == pytest.approx(sheet.number("update.risk_adjusted.esrd") * 1.03**3)
    assert isinstance(sheet["settlement.payment"], float)


def test_six_month_year_of_july_starters() -> None:
    contract = agreement(datetime.date(2019, 7, 1))
    sheet = worksheet(aco(2019, contract=contract))
    assert sheet["settlement.performance_year_fraction"] == 0.5
    assert sheet["settlement.quality_standard"] == "Yes"
    assert sheet["settlement.final_sharing_rate"] == pytest.approx(0.5 * 0.85)


def test_settle_from_the_totals_gives_the_same_payment() -> None:
    inputs = aco()
    sheet = worksheet(inputs)
    alone = settle(
        SettlementFacts(
            track="BASIC_E",
            performance_year=2024,
            agreement_start_year=2022,
            assigned_beneficiaries=10_000,
            benchmark_total=sheet.number("settlement.total_benchmark"),
            expenditures_total=sheet.number("settlement.total_expenditures"),
            minimum_savings_rate=0.01,
            quality_score=0.85,
            participant_revenue=30_000_000.0,
        )
    )
    assert alone["settlement.payment"] == sheet["settlement.payment"]
    assert set(alone.lines) <= set(sheet.lines)


def test_sensitivity_recomputes_spending_and_quality() -> None:
    inputs = aco()
    found = {scenario.label: scenario.payment for scenario in sensitivity(inputs)}
    assert found["As computed"] == worksheet(inputs)["settlement.payment"]
    assert found["Spending 1% lower"] > found["As computed"] > found["Spending 1% higher"]
    assert found["Quality standard met"] == found["As computed"]
    assert found["Only the alternative quality standard met"] == pytest.approx(0.85 * found["As computed"])
    assert found["Quality standard not met"] == 0


def test_sensitivity_leaves_out_what_hangs_on_an_unstated_score() -> None:
    result = Performance(quality=Quality(first_performance_year=True), participant_revenue=3e7)
    labels = [scenario.label for scenario in sensitivity(aco(result=result))]
    assert "Quality standard met" in labels
    assert "Only the alternative quality standard met" not in labels


def test_sources_reach_the_given_lines() -> None:
    sources = {
        "benchmark.per_capita": "expenditure:per_capita",
        "trend.national_per_capita.esrd.by1": "aco.toml:national.2019",
    }
    sheet = worksheet(aco(sources=sources))
    assert sheet.line("benchmark.per_capita.disabled.by2").inputs == ("expenditure:per_capita",)
    assert sheet.line("trend.national_per_capita.esrd.by1").inputs == ("aco.toml:national.2019",)
    assert sheet.line("trend.national_per_capita.esrd.by2").inputs == ("input:trend.national_per_capita.esrd.by2",)


def test_the_worksheet_survives_json() -> None:
    sheet = worksheet(aco_of_2024())
    assert Worksheet.from_dict(json.loads(json.dumps(sheet.to_dict()))).lines == sheet.lines


def test_a_rate_that_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"0\.012"):
        worksheet(aco(contract=agreement(minimum_savings_rate=0.012)))
    one_sided = agreement(track="BASIC_A", minimum_savings_rate=0.012)
    assert worksheet(aco(contract=one_sided))["settlement.minimum_savings_rate_election"] is None


def _with_year(name: str, **changes: object) -> MsspInputs:
    inputs = aco()
    return replace(inputs, benchmark_years={**inputs.benchmark_years, name: replace(inputs.by3, **changes)})


def test_missing_figures_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"per_capita, by2: missing esrd"):
        _with_year("by2", per_capita={"disabled": 1.0, "aged_dual": 1.0, "aged_non_dual": 1.0})
    with pytest.raises(ConfigurationError, match=r"national_per_capita, by1: not above zero for disabled"):
        _with_year("by1", national_per_capita=by_kind(1.0, 0.0, 1.0, 1.0))
    with pytest.raises(ConfigurationError, match="no person-years in by1"):
        _with_year("by1", person_years={"total": 0.0})
    with pytest.raises(ConfigurationError, match="before the agreement"):
        aco(2020)

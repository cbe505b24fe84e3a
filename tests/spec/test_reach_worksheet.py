"""ACO REACH line by line: a worked example by hand, and each election on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.reach.cohorts import CohortYear
from openaco.programs.reach.inputs import (
    AcoType,
    Capitation,
    ReachElections,
    ReachInputs,
    RiskArrangement,
    RiskGrowth,
    StopLoss,
)
from openaco.programs.reach.worksheet import worksheet
from openaco.rules.corridors import corridors_of
from openaco.worksheet import Worksheet

COHORTS = ("aged_disabled", "esrd")


def by_cohort(aged_disabled: float, esrd: float) -> dict[str, float]:
    return dict(zip(COHORTS, (aged_disabled, esrd), strict=True))


def year(number: int, spent: float, national: float, regional: float, **changes: Any) -> CohortYear:
    """A year of 5,000 aged and disabled at these dollars, and no ESRD."""
    plain = CohortYear(
        year=number,
        aligned_beneficiaries=5_400,
        person_years=by_cohort(5_000.0, 0.0),
        per_capita=by_cohort(spent, 0.0),
        risk_score=by_cohort(1.0, 1.0),
        national_per_capita=by_cohort(national, 80_000.0),
        regional_per_capita=by_cohort(regional, 80_000.0),
    )
    return replace(plain, **changes)


def years(**py: Any) -> dict[str, CohortYear]:
    """Historical baseline 11,200 in dollars of 2019; national growth 20 percent; the region at 14,000."""
    return {
        "by1": year(2017, 10_000, 8_000, 12_000),
        "by2": year(2018, 10_000, 9_000, 12_000),
        "by3": year(2019, 11_135.0, 10_000, 12_000),
        "py": year(2024, 12_500, 12_000, 14_000, **py),
    }


def aco(
    performance_year: int = 2024,
    arrangement: RiskArrangement = "global",
    aco_type: AcoType = "standard",
    score: float = 1.0,
    figures: dict[str, CohortYear] | None = None,
    **elections: Any,
) -> ReachInputs:
    return ReachInputs(
        rules_year=performance_year,
        risk_arrangement=arrangement,
        aco_type=aco_type,
        years=figures or years(),
        quality_score=score,
        elections=ReachElections(**elections),
    )


def settled(*arguments: Any, **keywords: Any) -> Worksheet:
    return worksheet(aco(*arguments, **keywords))


def test_a_worked_example_of_2024() -> None:
    """10/30/60 of 12,500, 11,111.11 and 11,135; × 1.2; 45 percent of the way to 14,000, at most 5 percent of 12,000."""
    sheet = settled()
    historical = 0.1 * 12_500 + 0.3 * 10_000 / 0.9 + 0.6 * 11_135
    assert sheet.number("baseline.historical.aged_disabled") == pytest.approx(historical)
    projected = historical * 1.2
    assert sheet.number("baseline.regional_difference.aged_disabled") == pytest.approx(0.45 * (14_000 - projected))
    assert sheet.number("baseline.regional_adjustment.aged_disabled") == pytest.approx(0.45 * (14_000 - projected))
    blended = 0.55 * projected + 0.45 * 14_000
    assert sheet.number("benchmark.unadjusted") == pytest.approx(blended * 5_000)
    assert sheet.number("benchmark.share") == pytest.approx(0.97)
    assert sheet.number("settlement.total_benchmark") == pytest.approx(blended * 5_000 * 0.97)
    assert sheet.number("settlement.total_expenditures") == pytest.approx(12_500 * 5_000)
    difference = blended * 5_000 * 0.97 - 12_500 * 5_000
    assert sheet.number("settlement.difference") == pytest.approx(difference)
    assert sheet.number("settlement.payment") == pytest.approx(difference * 0.98)
    assert sheet.number("settlement.person_years") == 5_000
    assert sheet["settlement.assigned_beneficiaries"] == 5_400


def test_the_blend_stops_at_five_percent_and_from_2025_at_three_of_national_expenditures() -> None:
    dear = years(regional_per_capita=by_cohort(20_000, 80_000))
    for performance_year, share in ((2024, 0.05), (2025, 0.03)):
        sheet = settled(performance_year, figures=dear)
        assert sheet.number("baseline.regional_adjustment.aged_disabled") == pytest.approx(share * 12_000)
    cheap = years(regional_per_capita=by_cohort(5_000, 80_000))
    assert settled(figures=cheap).number("baseline.regional_adjustment.aged_disabled") == pytest.approx(-0.02 * 12_000)


@pytest.mark.parametrize("aco_type", ["new_entrant", "high_needs"])
def test_new_entrants_and_high_needs_have_the_regional_rate_alone_before_2025(aco_type: AcoType) -> None:
    sheet = settled(2024, aco_type=aco_type)
    assert sheet.number("baseline.blended.aged_disabled") == 14_000
    assert sheet["baseline.historical_weight"] == 0
    blended = settled(2025, aco_type=aco_type)
    assert blended.number("baseline.historical_weight") == 0.5
    assert blended.number("baseline.blended.aged_disabled") < 14_000


def test_a_cohort_without_anybody_before_has_the_regional_rate() -> None:
    sheet = settled(figures=years(person_years=by_cohort(4_900, 100), per_capita=by_cohort(12_500, 70_000)))
    assert sheet["baseline.historical.esrd"] is None
    assert sheet.number("baseline.blended.esrd") == 80_000
    assert "no baseline" in sheet.line("baseline.blended.esrd").note


def growth(reference: float = 1.0, **more: Any) -> RiskGrowth:
    return RiskGrowth(by_cohort(reference, 1.0), **more)


def risen(score: float) -> dict[str, CohortYear]:
    return years(risk_score=by_cohort(score, 1.0))


@pytest.mark.parametrize(
    ("performance_year", "aco_type", "score", "more", "final"),
    [
        (2022, "standard", 1.10, {}, 1.03),
        (2024, "new_entrant", 0.90, {}, 0.97),
        (2023, "high_needs", 1.30, {}, 1.30),
        (2024, "high_needs", 1.30, {}, 1.10),
        (2025, "standard", 1.10, {"population_ratio": 3.0}, 1.10),
        (2025, "standard", 1.10, {"population_ratio": 2.9}, 1.03),
        (2024, "standard", 1.10, {"demographic_growth": {"aged_disabled": 1.02}}, 1.0506),
        (2022, "standard", 1.10, {"demographic_growth": {"aged_disabled": 1.02}}, 1.03),
        (2024, "standard", 1.01, {"coding_intensity_factor": {"aged_disabled": 1.02}}, 1.0),
        (2022, "standard", 1.02, {"coding_intensity_factor": {"aged_disabled": 1.02}}, 1.0),
        (2026, "high_needs", 1.02, {"coding_intensity_factor": {"aged_disabled": 1.02}}, 1.0),
    ],
)
def test_risk_scores_of_the_benchmark(
    performance_year: int, aco_type: AcoType, score: float, more: dict[str, Any], final: float
) -> None:
    sheet = settled(performance_year, aco_type=aco_type, figures=risen(score), risk_growth=growth(**more))
    assert sheet.number("risk.final_score.aged_disabled") == pytest.approx(final)


def test_small_high_needs_acos_are_not_capped() -> None:
    figures = {name: replace(of_year, aligned_beneficiaries=749) for name, of_year in risen(1.3).items()}
    sheet = settled(2024, aco_type="high_needs", figures=figures, risk_growth=growth())
    assert sheet.number("risk.final_score.aged_disabled") == 1.3
    assert "fewer than 750" in sheet.line("risk.cap_rise").note
    enough = {**figures, "by2": replace(figures["by2"], aligned_beneficiaries=750)}
    capped = settled(2024, aco_type="high_needs", figures=enough, risk_growth=growth())
    assert capped.number("risk.final_score.aged_disabled") == pytest.approx(1.1)


def test_from_2026_growth_since_the_third_baseline_year_is_capped_as_well() -> None:
    """The reference year has risen to 1.10 already: 1.12 is within 3 percent of it, but not of 1.00 in 2019."""
    sheet = settled(2026, figures=risen(1.12), risk_growth=growth(1.10))
    assert sheet.number("risk.coded_score.aged_disabled") == pytest.approx(1.12)
    assert sheet.number("risk.final_score.aged_disabled") == pytest.approx(1.03)
    assert settled(2025, figures=risen(1.12), risk_growth=growth(1.10)).number(
        "risk.final_score.aged_disabled"
    ) == pytest.approx(1.12)


def test_newly_voluntary_high_needs_beneficiaries_grow_by_eight_percent_at_most_in_2026() -> None:
    newly = growth(newly_voluntary_share=0.25, newly_voluntary_growth=1.20)
    sheet = settled(2026, aco_type="high_needs", figures=risen(1.04), risk_growth=newly)
    assert sheet.number("risk.final_score.aged_disabled") == pytest.approx(0.75 * 1.04 + 0.25 * 1.08)


def test_without_a_reference_score_no_cap_applies_and_the_sheet_says_so() -> None:
    sheet = settled(figures=risen(1.5))
    assert sheet.number("risk.final_score.aged_disabled") == 1.5
    assert sheet["risk.cap_rise"] is None
    assert "not stated" in sheet.line("risk.cap_rise").note


@pytest.mark.parametrize(
    ("performance_year", "prospective", "factor"),
    [(2024, 1.2 / 0.995, 1.0), (2024, 1.25, 0.96), (2022, 1.3, 1.2 / 1.3), (2024, 1.4, 0.94), (2024, 1.0, 1.06)],
)
def test_a_trend_other_than_foreseen_is_adjusted(performance_year: int, prospective: float, factor: float) -> None:
    sheet = settled(performance_year, prospective_trend=by_cohort(prospective, 1.0))
    assert sheet.number("trend.retrospective_factor.aged_disabled") == pytest.approx(factor)
    before, after = sheet.number("benchmark.unadjusted"), sheet.number("benchmark.trended")
    assert after == pytest.approx(before * sheet.number("trend.retrospective_factor.aged_disabled"))


def test_quality_is_earned_back_in_proportion() -> None:
    assert settled(score=0.0).number("benchmark.share") == pytest.approx(0.95)
    assert settled(score=0.5).number("benchmark.share") == pytest.approx(0.96)
    half = settled(score=1.0, improvement_shown=False)
    assert half.number("benchmark.share") == pytest.approx(0.96)
    assert half.line("benchmark.quality_earned_rate").confidence == "unverified"


@pytest.mark.parametrize(("left", "share"), [(False, 0.98), (True, 0.96)])
def test_the_retention_withhold_is_lost_by_leaving_only(left: bool, share: float) -> None:
    sheet = settled(2022, first_year=True, left_early=left)
    assert sheet.number("benchmark.share") == pytest.approx(share)
    assert sheet.number("settlement.shared_savings") > 0
    assert (sheet.number("settlement.payment") == 0) is left


def test_losses_of_an_aco_that_left_are_owed() -> None:
    dear = years(per_capita=by_cohort(15_000, 0.0))
    sheet = settled(2022, figures=dear, first_year=True, left_early=True)
    assert sheet.number("settlement.payment") == sheet.number("settlement.shared_savings") < 0


def test_the_health_equity_adjustment_is_added_after_the_withholds() -> None:
    with_equity = settled(2023, equity_shares={10: 0.3, 1: 0.1})
    assert with_equity.number("benchmark.equity_amount") == pytest.approx(8.4)
    assert with_equity.number("benchmark.equity_adjustment") == pytest.approx(8.4 * 5_000 * 12)
    without = settled(2023)
    gained = with_equity.number("settlement.total_benchmark") - without.number("settlement.total_benchmark")
    assert gained == pytest.approx(8.4 * 5_000 * 12)


def test_there_is_no_equity_adjustment_before_2023_and_none_whose_amounts_are_not_known() -> None:
    sheet = settled(2022, equity_shares={10: 1.0})
    assert sheet.number("benchmark.equity_adjustment") == 0
    assert sheet.line("benchmark.equity_adjustment").note == "There is none in this year."
    with pytest.raises(ParameterError, match="equity_amounts: no value for performance_year 2024"):
        settled(2024, equity_shares={10: 1.0})


def test_stop_loss_moves_expenditures_not_the_benchmark() -> None:
    bands = corridors_of([{"from": 0, "to": 50_000, "kept": 0}, {"from": 50_000, "to": None, "kept": 0.9}])
    chosen = StopLoss.of_residuals(100_000.0, (150_000.0, 20_000.0), bands)
    assert chosen.payout == pytest.approx(90_000)
    with_it, without = settled(stop_loss=chosen), settled()
    assert with_it.number("settlement.total_expenditures") - without.number(
        "settlement.total_expenditures"
    ) == pytest.approx(10_000)
    assert with_it.number("settlement.total_benchmark") == without.number("settlement.total_benchmark")


def test_capitation_replaces_claims_and_the_enhanced_part_is_repaid() -> None:
    chosen = Capitation("primary_care", base_share=0.03, fee_reduction=0.2, enhanced=True, advanced_payment=50_000.0)
    sheet = settled(score=0.5, capitation=chosen)
    paid_by = sheet.number("benchmark.trended") * (1 - 0.03 - 0.02)
    assert sheet.number("capitation.base") == pytest.approx(paid_by * 0.03 * 0.2)
    assert sheet.number("capitation.enhanced") == pytest.approx(paid_by * 0.04)
    assert sheet.number("settlement.total_expenditures") == settled().number("settlement.total_expenditures")
    assert sheet.number("settlement.enhanced_capitation_repaid") == sheet.number("capitation.enhanced")
    assert sheet.number("settlement.total_owed") == pytest.approx(
        sheet.number("settlement.payment") - sheet.number("capitation.enhanced")
    )


def test_capitation_above_the_claims_that_it_stands_for_counts_as_expenditure() -> None:
    chosen = Capitation("total_care", base_share=0.1, claims_reduced=1_000_000.0)
    sheet = settled(capitation=chosen)
    more = sheet.number("capitation.base") - 1_000_000
    assert sheet.number("settlement.total_expenditures") == pytest.approx(12_500 * 5_000 + more)


def test_advanced_payments_are_reconciled() -> None:
    chosen = Capitation("primary_care", 0.03, advanced_payment=50_000.0, advanced_claims_reduced=60_000.0)
    sheet = settled(capitation=chosen)
    assert sheet.number("settlement.advanced_payment_reconciled") == 10_000
    assert sheet.number("settlement.total_owed") == pytest.approx(sheet.number("settlement.payment") + 10_000)


def test_other_baseline_years_and_figures_are_said_to_be_as_if() -> None:
    official = settled()
    assert "as_if" not in official.about
    assert official.line("baseline.years").note == ""
    moved = {name: replace(of_year, year=of_year.year + 4) for name, of_year in years().items()}
    sheet = settled(figures=moved)
    assert "baseline years 2021, 2022, 2023 instead of 2017, 2018, 2019" in sheet.about["as_if"]
    assert "the figures of 2028 under the rules of 2024" in sheet.about["as_if"]
    assert sheet.line("baseline.years").note == sheet.about["as_if"]


def test_the_sheet_says_where_an_aco_is_not_of_its_type_or_too_small() -> None:
    few = {name: replace(of_year, aligned_beneficiaries=2_999) for name, of_year in years().items()}
    sheet = settled(figures=few)
    assert "would be a New Entrant" in sheet.line("baseline.claims_aligned_minimum").note
    assert sheet.line("settlement.minimum_beneficiaries").note == "The ACO has fewer."
    assert "would be Standard" in settled(aco_type="new_entrant").line("baseline.claims_aligned_minimum").note
    assert settled().line("baseline.claims_aligned_minimum").note == ""


def test_what_rests_on_unverified_values_says_so() -> None:
    sheet = settled(2022)
    assert sheet.line("baseline.historical_weight").confidence == "unverified"
    assert sheet.line("benchmark.discount_rate").confidence == "verified"
    assert sheet.line("settlement.sequestration").confidence == "verified"
    assert sheet.rests_on_unverified("settlement.payment")
    assert settled(2024).line("settlement.sequestration").confidence == "unverified"


def test_every_line_says_what_it_is_and_leads_back() -> None:
    sheet = settled(
        2023,
        equity_shares={10: 0.2},
        risk_growth=growth(),
        capitation=Capitation("primary_care", 0.03, 0.5),
        stop_loss=StopLoss(1.0, 2.0),
    )
    for line in sheet:
        assert line.label
        assert line.cite, line.id
        assert line.inputs or line.id in ("settlement.risk_corridors",) or line.note or not line.value, line.id
    ancestors = {line.id for line in sheet.ancestors("settlement.payment")}
    assert {"baseline.per_capita.aged_disabled.by1", "benchmark.discount_rate", "risk.score.esrd"} <= ancestors


@pytest.mark.parametrize("performance_year", [2020, 2027])
def test_years_without_the_model_are_errors(performance_year: int) -> None:
    with pytest.raises(ParameterError, match=f"no value for performance_year {performance_year}"):
        settled(performance_year)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"score": 1.5}, "quality_score is 1.5"),
        ({"left_early": True}, "only the first year"),
        ({"equity_shares": {11: 0.5}}, "by decile from 1 to 10"),
        ({"equity_shares": {10: 0.7, 1: 0.4}}, "more than 1"),
        ({"capitation": Capitation("primary_care", 0.03, 0.1)}, "at least 20% in 2024"),
        ({"arrangement": "professional", "capitation": Capitation("total_care", 0.3)}, "for Global ACOs"),
        ({"figures": {"py": years()["py"]}}, "not by1, by2, by3, py"),
        ({"figures": years(person_years=by_cohort(0.0, 0.0))}, "no person-years in py"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=wrong):
        aco(**change)


@pytest.mark.parametrize(
    ("build", "wrong"),
    [
        (lambda: Capitation("total_care", 0.3, enhanced=True), "only primary care"),
        (lambda: Capitation("primary_care", 1.3), "base_share"),
        (lambda: RiskGrowth(by_cohort(0.0, 1.0)), "above zero"),
        (lambda: RiskGrowth(by_cohort(1.0, 1.0), newly_voluntary_share=2.0), "newly_voluntary_share"),
        (lambda: years(risk_score=by_cohort(0.0, 1.0)), "risk_score of aged_disabled in 2024"),
        (lambda: years(national_per_capita={"esrd": 1.0}), "not stated for the cohorts"),
    ],
)
def test_figures_that_cannot_be_are_refused(build: Any, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=wrong):
        build()

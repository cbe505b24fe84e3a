"""Worked examples of a settlement: numbers 8 to 12 are CMS's own (methodology specifications v11), the others ours."""

from __future__ import annotations

import pytest

from mssp_world import facts
from openaco.programs.mssp.settlement import settle
from openaco.rules import benchmark, sharing
from openaco.rules.sharing import minimum_savings_rate, terms_for

CENT = 0.005


def test_worked_example_01_basic_a_savings() -> None:
    sheet = settle(facts(12_000 * 5_420, 2_710_000, assigned_beneficiaries=5_500))
    assert sheet["settlement.minimum_savings_rate"] == pytest.approx(0.037498, abs=1e-6)
    assert sheet["settlement.shared_savings"] == pytest.approx(1_084_000, abs=CENT)
    assert sheet["settlement.savings_cap"] == pytest.approx(6_504_000, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(1_062_320, abs=CENT)


def test_worked_example_02_basic_e_savings_at_half_a_percent() -> None:
    sheet = settle(facts(220_500_000, 6_615_000, track="BASIC_E", minimum_savings_rate=0.005))
    assert sheet["settlement.shared_savings"] == pytest.approx(3_307_500, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(3_241_350, abs=CENT)


def test_worked_example_03_basic_e_losses_limited_by_revenue() -> None:
    sheet = settle(
        facts(141_120_000, -7_056_000, track="BASIC_E", minimum_savings_rate=0.01, participant_revenue=18_000_000.0)
    )
    assert sheet["settlement.shared_losses"] == pytest.approx(-2_116_800, abs=CENT)
    assert sheet["settlement.losses_cap"] == pytest.approx(-1_440_000, abs=CENT)
    assert sheet["settlement.payment_due_to_cms"] == pytest.approx(-1_440_000, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(-1_440_000, abs=CENT)


def test_worked_example_04_enhanced_losses_at_the_floor_with_circumstances() -> None:
    sheet = settle(
        facts(
            382_200_000,
            -22_932_000,
            track="ENHANCED",
            minimum_savings_rate=0.01,
            quality_score=0.85,
            extreme_circumstances_month_share=3 / 12,
            extreme_circumstances_beneficiary_share=0.4,
        )
    )
    assert sheet["settlement.shared_loss_rate"] == pytest.approx(0.40)
    assert sheet["settlement.shared_losses"] == pytest.approx(-9_172_800, abs=CENT)
    assert sheet["settlement.extreme_circumstances_adjustment"] == pytest.approx(-917_280, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(-8_255_520, abs=CENT)


def test_worked_example_05_enhanced_alternative_standard() -> None:
    sheet = settle(
        facts(
            382_200_000,
            15_288_000,
            track="ENHANCED",
            minimum_savings_rate=0.01,
            quality_state="ALT",
            quality_score=0.62,
        )
    )
    assert sheet["settlement.final_sharing_rate"] == pytest.approx(0.465)
    assert sheet["settlement.shared_savings"] == pytest.approx(7_108_920, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(6_966_741.60, abs=CENT)


def test_worked_example_06_basic_b_low_revenue_relief() -> None:
    sheet = settle(facts(77_616_000, 1_164_240, track="BASIC_B", assigned_beneficiaries=7_200, low_revenue=True))
    assert sheet["settlement.minimum_savings_rate"] == pytest.approx(0.0336, abs=1e-6)
    assert sheet["settlement.reduced_sharing_rate"] == pytest.approx(0.20)
    assert sheet["settlement.shared_savings"] == pytest.approx(232_848, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(228_191.04, abs=CENT)


def test_worked_example_07_track_1_payment_limit() -> None:
    sheet = settle(
        facts(
            93_100_000,
            22_344_000,
            track="TRACK_1",
            performance_year=2018,
            agreement_start_year=2016,
            quality_score=0.92,
        )
    )
    assert sheet["settlement.final_sharing_rate"] == pytest.approx(0.46)
    assert sheet["settlement.shared_savings"] == pytest.approx(10_278_240, abs=CENT)
    withheld = sheet.number("settlement.shared_savings") - sheet.number("settlement.sequestration")
    assert withheld == pytest.approx(10_072_675.20, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(9_310_000, abs=CENT)
    assert sheet.line("settlement.earned_performance_payment").note == "The cap binds."


def test_worked_example_08_cms_level_b_standard_met() -> None:
    sheet = settle(
        facts(500_000_000, 13_000_000, track="BASIC_B", performance_year=2023, assigned_beneficiaries=60_000)
    )
    assert sheet["settlement.minimum_savings_rate"] == 0.02
    assert sheet["settlement.shared_savings"] == pytest.approx(5_200_000, abs=CENT)
    assert sheet["settlement.sequestration"] == pytest.approx(104_000, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(5_096_000, abs=CENT)


def test_worked_example_09_cms_level_b_alternative_standard() -> None:
    sheet = settle(
        facts(
            500_000_000,
            13_000_000,
            track="BASIC_B",
            performance_year=2023,
            assigned_beneficiaries=60_000,
            quality_state="ALT",
            quality_score=0.45,
        )
    )
    assert sheet["settlement.final_sharing_rate"] == pytest.approx(0.18)
    assert sheet["settlement.shared_savings"] == pytest.approx(2_340_000, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(2_293_200, abs=CENT)


# CMS's two loss examples are of 2023, with a circumstance of 15 percent of the year and 90 percent of beneficiaries.
# 2024 is settled here: 2023 carries the nationwide circumstance to May, which those examples leave out.
LOSS_EXAMPLE = {
    "track": "ENHANCED",
    "minimum_savings_rate": 0.01,
    "quality_score": 0.45,
    "extreme_circumstances_month_share": 0.15,
    "extreme_circumstances_beneficiary_share": 0.90,
}


def test_worked_example_10_cms_enhanced_loss_quality_failed() -> None:
    sheet = settle(facts(130_000_000, -2_600_000, quality_state="FAIL", **LOSS_EXAMPLE))
    assert sheet["settlement.shared_losses"] == pytest.approx(-1_950_000, abs=CENT)
    assert sheet["settlement.extreme_circumstances_adjustment"] == pytest.approx(-263_250, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(-1_686_750, abs=CENT)


def test_worked_example_11_cms_enhanced_loss_alternative_standard() -> None:
    """We produce 1,489,962.50, by the rule. CMS deducts 263,250, the relief of the example before, whose losses
    are larger; 42 CFR 425.610(i) takes the shares of this ACO's own losses: 1,722,500 × 0.135 = 232,537.50.
    """
    sheet = settle(facts(130_000_000, -2_600_000, quality_state="ALT", **LOSS_EXAMPLE))
    assert sheet["settlement.shared_loss_rate"] == pytest.approx(0.6625)
    assert sheet["settlement.shared_losses"] == pytest.approx(-1_722_500, abs=CENT)
    assert sheet["settlement.extreme_circumstances_adjustment"] == pytest.approx(-232_537.50, abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(-1_489_962.50, abs=CENT)


def test_worked_example_12_cms_level_e_loss_limit() -> None:
    terms = terms_for("BASIC_E", 2023, 2023).loss_limit.value
    assert sharing.loss_limit(terms, 93_411_313, None) == pytest.approx(3_736_453, abs=1)
    assert sharing.loss_limit(terms, 93_411_313, 13_630_983) == pytest.approx(1_090_479, abs=1)


def test_worked_example_13_three_way_blend() -> None:
    two_way = benchmark.blended_factor(1.05, 1.06, 0.2)
    assert two_way == pytest.approx(1.058)
    assert 12_000 * benchmark.three_way_factor(two_way, 1.04, 1 / 3) == pytest.approx(12_624, abs=CENT)
    assert 12_000 * benchmark.three_way_factor(two_way, 1.04, 1 / 6) == pytest.approx(12_660, abs=CENT)


@pytest.mark.parametrize(
    ("beneficiaries", "rate"),
    [(4_999, 0.039), (5_000, 0.039), (5_999, 0.036), (6_000, 0.036), (60_000, 0.02), (250_000, 0.02), (300, 0.122)],
)
def test_edge_minimum_savings_rate_at_the_ends_of_rows(beneficiaries: int, rate: float) -> None:
    assert minimum_savings_rate(beneficiaries, 2024) == pytest.approx(rate, abs=1e-12)


def test_edge_minimum_savings_rate_between_the_ends_is_not_rounded() -> None:
    assert minimum_savings_rate(5_333, 2024) == pytest.approx(0.039 - 0.003 * 333 / 999, abs=1e-15)


def test_edge_savings_exactly_at_the_minimum_are_shared() -> None:
    benchmark_total = 128_000_000.0
    at = settle(facts(benchmark_total, benchmark_total * 0.02, track="BASIC_E", minimum_savings_rate=0.02))
    below = settle(facts(benchmark_total, benchmark_total * 0.02 - 1, track="BASIC_E", minimum_savings_rate=0.02))
    assert at["settlement.payment"] == pytest.approx(benchmark_total * 0.02 * 0.5 * 0.98)
    assert below["settlement.payment"] == 0


def test_edge_losses_exactly_at_the_minimum_are_shared() -> None:
    at = settle(facts(128_000_000.0, -2_560_000.0, track="BASIC_E", minimum_savings_rate=0.02))
    below = settle(facts(128_000_000.0, -2_559_999.0, track="BASIC_E", minimum_savings_rate=0.02))
    assert at["settlement.payment"] == pytest.approx(-768_000)
    assert below["settlement.payment"] == 0


def test_edge_nothing_saved_at_a_rate_of_zero_is_neither() -> None:
    sheet = settle(facts(100_000_000, 0, track="ENHANCED", minimum_savings_rate=0.0, quality_score=0.9))
    assert sheet["settlement.outcome"] == "Neither"
    assert sheet["settlement.payment"] == 0


@pytest.mark.parametrize(("difference", "payment"), [(1_000.0, 735.0), (-1_000.0, -400.0)])
def test_edge_first_dollar_counts_at_a_rate_of_zero(difference: float, payment: float) -> None:
    sheet = settle(facts(100_000_000, difference, track="ENHANCED", minimum_savings_rate=0.0, quality_score=0.9))
    assert sheet["settlement.payment"] == pytest.approx(payment)

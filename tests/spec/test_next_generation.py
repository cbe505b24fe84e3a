"""The Next Generation contract: settlements by hand for both arrangements, both signs, and at each boundary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_world import alike, plain_years
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.contract import Alignment
from openaco.programs.model_settlement import FeeReduction
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.next_generation.contract import NextGenerationContract
from openaco.rules import next_generation as rule
from openaco.rules.cited import cited
from spec_tables import cells

CENT = 0.005


def contract(arrangement: Any = "A", rules_year: int = 2017, quality: float = 0.9, **more: Any) -> Any:
    return NextGenerationContract(arrangement, 2023, rules_year, quality, "A9990", "Invented ACO", **more)


def grown(spent: float, **py: Any) -> dict[str, YearInputs]:
    """The nation 5 percent up, risk 2 percent up, an efficient region; `spent` US dollars a person in the year."""
    later = {"national_per_capita": alike(10_500.0), "risk_score": alike(1.02), "per_capita": alike(spent)}
    years = plain_years(**(later | py))
    return {**years, "by3": replace(years["by3"], regional_per_capita=alike(12_500.0))}


def test_benchmark_and_discount_by_hand() -> None:
    sheet = contract().settle(grown(10_000.0))
    assert sheet["benchmark.updated.esrd"] == pytest.approx(10_710.0), "10,000 × 1.05 × 1.02"
    assert sheet["benchmark.total_before_discount"] == pytest.approx(107_100_000)
    parts = [sheet[f"discount.{name}"] for name in ("standard", "quality", "regional", "national")]
    assert parts == pytest.approx([0.03, -0.009, -0.01, 0.0]), "8/10 of the region is beyond 9/10"
    assert sheet["benchmark.discount"] == pytest.approx(0.011)
    assert sheet["settlement.total_benchmark"] == pytest.approx(105_921_900, abs=CENT)


WORKED = """
arrangement | year | quality | cap  | spent | payment     | why
----------- | ---- | ------- | ---- | ----- | ----------- | ---
A           | 2017 | 0.9     |      | 10000 | 4642769.60  | 5,921,900 × 80%, less 2%
A           | 2017 | 0.9     |      | 11000 | -3262480.00 | 4,078,100 × 80%, no sequestration
B           | 2017 | 0.9     |      | 10000 | 5803462.00  | all, less 2%
B           | 2017 | 0.9     |      | 11000 | -4078100.00 | all
A           | 2017 | 0.9     | 0.05 | 10000 | 4152138.48  | 5,296,095 × 80%, less 2%
A           | 2017 | 0.9     | 0.05 | 12000 | -4236876.00 | 5,296,095 × 80%
B           | 2017 | 0.9     |      | 20000 | -15888285.0 | 15%
A           | 2020 | 1.0     |      | 10000 | 5579825.00  | 107,100,000 × 99.5% − 100,000,000, 85%, no sequestration
A           | 2021 | 1.0     |      | 10000 | 5468228.50  | the same, less 2%
B           | 2020 | 1.0     |      | 10000 | 5761250.00  | discount 1.25%
B           | 2020 | 0.9     |      | 10000 | 5549727.50  | a tenth of the 2% withheld is lost
B           | 2020 | 0.9     |      | 11000 | -4450272.50 | the same
"""


@pytest.mark.parametrize("row", cells(WORKED), ids=lambda row: f"{row['arrangement']}-{row['year']}-{row['payment']}")
def test_worked_settlements(row: dict[str, str | None]) -> None:
    cap = float(row["cap"]) if row["cap"] else None
    made = contract(row["arrangement"], int(row["year"] or 0), float(row["quality"] or 0), savings_losses_cap=cap)
    sheet = made.settle(grown(float(row["spent"] or 0)))
    assert sheet["settlement.payment"] == pytest.approx(float(row["payment"] or 0), abs=CENT), row["why"]
    assert made.capital_at_risk(sheet) >= -sheet.number("settlement.payment") - CENT


def test_there_is_no_minimum_savings_rate() -> None:
    years = plain_years()
    made = contract("B", 2020, 1.0)
    target = made.settle(years).number("settlement.total_benchmark")
    for saved in (1.0, 0.0, -1.0):
        spent = (target - saved) / 10_000
        sheet = made.settle({**years, "py": replace(years["py"], per_capita=alike(spent))})
        assert sheet["settlement.payment"] == pytest.approx(saved, abs=1e-6)


def test_exactly_at_the_cap() -> None:
    limit = 15.0
    for difference, shared in ((15.0, 12.0), (15.01, 12.0), (14.99, 11.992), (-15.0, -12.0), (-99.0, -12.0)):
        assert rule.shared(difference, 0.8, limit, "total") == pytest.approx(shared)
    assert rule.shared(20.0, 0.8, limit, "share") == 15.0
    assert rule.shared(20.0, 0.8, None, "total") == 16.0
    assert (rule.most_owed(0.8, limit, "total"), rule.most_owed(0.8, limit, "share")) == (12.0, 15.0)


def test_the_discount_has_the_range_that_is_public() -> None:
    """0.5 to 4.5 percent until 2018."""
    stated = cited("next_generation/discount", 2018, arrangement="A").value
    for ratio, score, discount in ((0.5, 1.0, 0.005), (2.0, 0.0, 0.045), (1.0, 0.0, 0.03), (0.95, 1.0, 0.0125)):
        parts = [
            rule.efficiency_adjustment(ratio, stated[part], stated["full_at"]) for part in ("regional", "national")
        ]
        found = stated["standard"] + rule.quality_adjustment(score, stated["quality"]) + sum(parts)
        assert found == pytest.approx(discount)


@pytest.mark.parametrize(
    ("later", "ratio"), [(1.029, 1.029), (1.03, 1.03), (1.031, 1.03), (0.97, 0.97), (0.95, 0.97), (0.0, 1.0)]
)
def test_risk_scores_move_by_three_percent_at_most(later: float, ratio: float) -> None:
    assert rule.risk_ratio(later, 1.0, 0.03) == pytest.approx(ratio)
    sheet = contract().settle(plain_years(risk_score=alike(later)))
    assert sheet["benchmark.risk_ratio.esrd"] == pytest.approx(ratio)
    assert (sheet.line("benchmark.risk_ratio.esrd").note == "The cap binds.") is (later not in (1.029, 1.03, 0.97, 0.0))


def test_a_projected_trend_and_regional_prices_go_before_what_was_observed() -> None:
    made = contract("B", 2020, 1.0, projected_trend=alike(1.04), geographic_adjustment=alike(1.01))
    sheet = made.settle(grown(10_000.0))
    assert sheet["trend.regional.esrd"] == pytest.approx(1.0504)
    observed = contract("B", 2020, 1.0).settle(grown(10_000.0)).line("trend.national.esrd")
    assert observed.value == pytest.approx(1.05)
    assert "As observed" in observed.note


def test_a_type_without_people_in_the_baseline() -> None:
    years = grown(10_000.0)
    years["by3"] = replace(years["by3"], per_capita={**years["by3"].per_capita, "esrd": 0.0})
    line = contract("B", 2020).settle(years).line("benchmark.updated.esrd")
    assert line.value == pytest.approx(10_710.0)
    assert "the national amount stands for it" in line.note


def test_infrastructure_payments_are_repaid_in_full() -> None:
    made = contract(payment_mechanism="infrastructure", infrastructure_pbpm=6.0)
    sheet = made.settle(grown(11_000.0))
    assert sheet["payments.infrastructure"] == 720_000
    assert sheet["settlement.due_at_settlement"] == pytest.approx(-3_262_480 - 720_000)
    flows = made.cash_flows(sheet)
    assert [flow.amount for flow in flows if flow.quarter <= 4] == [180_000] * 4
    assert sum(flow.amount for flow in flows) == pytest.approx(-3_262_480)


def test_all_inclusive_payments_replace_all_fees() -> None:
    fees = FeeReduction(share=1.0, projected_fees=36_000_000.0, actual_fees=37_200_000.0)
    made = contract(payment_mechanism="all_inclusive", fee_reduction=fees)
    sheet = made.settle(grown(10_000.0))
    assert sheet["payments.monthly"] == 3_000_000
    assert sheet["payments.reconciliation"] == pytest.approx(1_200_000)
    flows = made.cash_flows(sheet)
    assert sum(flow.amount for flow in flows) == pytest.approx(sheet.number("settlement.payment"))
    assert sum(flow.amount for flow in flows if flow.quarter == 1) == pytest.approx(9_000_000 - 9_300_000)


def test_wrong_choices_are_refused() -> None:
    half = FeeReduction(0.5, 1.0, 1.0)
    refused: list[dict[str, Any]] = [
        {"savings_losses_cap": 0.049},
        {"savings_losses_cap": 0.151},
        {"payment_mechanism": "capitation"},
        {"payment_mechanism": "all_inclusive", "rules_year": 2016, "fee_reduction": replace(half, share=1.0)},
        {"payment_mechanism": "all_inclusive", "fee_reduction": half},
        {"payment_mechanism": "population_based"},
        {"fee_reduction": half},
        {"infrastructure_pbpm": 6.0},
        {"payment_mechanism": "infrastructure", "infrastructure_pbpm": 6.01},
        {"payment_mechanism": "infrastructure", "infrastructure_pbpm": -1.0},
        {"quality": 90.0},
    ]
    for choice in refused:
        with pytest.raises(ConfigurationError):
            contract(**choice)
    for allowed in ({"savings_losses_cap": 0.05}, {"savings_losses_cap": 0.15}):
        assert contract(**allowed).savings_losses_cap
    for year in (2015, 2022, 2023):
        with pytest.raises(ParameterError, match="no value for performance_year"):
            contract(rules_year=year)


def test_the_contract_says_what_it_is() -> None:
    made = contract("B", 2020)
    assert (made.id, made.alignment) == ("next-generation-b", Alignment("weighted_charges", "next_generation"))
    about = made.settle(plain_years()).about
    assert about["as_if"] == "As if: 2023 settled by the terms that 2020 had in the Next Generation ACO Model."
    own = NextGenerationContract("A", 2018, 2018, 1.0).settle(plain_years(performance_year=2018))
    assert "as_if" not in own.about

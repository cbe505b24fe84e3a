"""What holds for every Pioneer and Next Generation settlement, whatever the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_world import plain_years
from mssp_world import KINDS
from openaco.programs.contract import Contract
from openaco.programs.model_settlement import FeeReduction
from openaco.programs.mssp.inputs import YEARS, YearInputs
from openaco.programs.next_generation.contract import NextGenerationContract
from openaco.programs.pioneer.contract import LABELS, PioneerContract

CENT = 0.01
ALL: list[Any] = [
    *(PioneerContract(name, 2023, year, 0.9) for name in LABELS for year in range(2012, 2017)),
    *(NextGenerationContract(name, 2023, year, 0.9) for name in ("A", "B") for year in range(2016, 2022)),
]


@st.composite
def contracts(draw: st.DrawFn) -> Any:
    score = draw(st.floats(0, 1))
    fees = FeeReduction(draw(st.floats(0, 0.5)), draw(st.floats(0, 1e7)), draw(st.floats(0, 1e7)))
    if draw(st.booleans()):
        return PioneerContract(
            draw(st.sampled_from(sorted(LABELS))),
            2023,
            draw(st.integers(2012, 2016)),
            draw(st.none() | st.just(score)),
            minimum_savings_rate=draw(st.none() | st.floats(0, 0.05)),
            average_savings_rate=draw(st.floats(-0.1, 0.1)),
            fee_reduction=draw(st.none() | st.just(fees)),
        )
    mechanism = draw(st.sampled_from(["fee_for_service", "infrastructure", "population_based"]))
    return NextGenerationContract(
        draw(st.sampled_from(["A", "B"])),
        2023,
        draw(st.integers(2016, 2021)),
        score,
        savings_losses_cap=draw(st.none() | st.floats(0.05, 0.15)),
        payment_mechanism=mechanism,
        fee_reduction=fees if mechanism == "population_based" else None,
        infrastructure_pbpm=draw(st.floats(0, 6)) if mechanism == "infrastructure" else 0.0,
    )


@st.composite
def histories(draw: st.DrawFn) -> dict[str, YearInputs]:
    years = plain_years()
    for name in YEARS:
        amounts = st.floats(3_000, 60_000)
        years[name] = replace(
            years[name],
            assigned_beneficiaries=draw(st.integers(1, 100_000)),
            person_years={kind: draw(st.floats(1, 20_000)) for kind in KINDS},
            per_capita={kind: draw(st.just(0.0) | amounts) for kind in KINDS},
            risk_score={kind: draw(st.floats(0.5, 2)) for kind in KINDS},
            national_per_capita={kind: draw(amounts) for kind in KINDS},
            regional_per_capita={kind: draw(amounts) for kind in KINDS},
        )
    return years


def dearer(years: dict[str, YearInputs], factor: float) -> dict[str, YearInputs]:
    per_capita = {kind: amount * factor for kind, amount in years["py"].per_capita.items()}
    return {**years, "py": replace(years["py"], per_capita=per_capita)}


@settings(max_examples=120, deadline=None)
@given(contracts(), histories(), st.floats(1, 1.5))
def test_more_spend_never_earns_more(contract: Any, years: dict[str, YearInputs], factor: float) -> None:
    before = contract.settle(years).number("settlement.payment")
    assert contract.settle(dearer(years, factor)).number("settlement.payment") <= before + CENT


@settings(max_examples=120, deadline=None)
@given(contracts(), histories())
def test_limits_hold_and_money_adds_up(contract: Any, years: dict[str, YearInputs]) -> None:
    sheet = contract.settle(years)
    payment, difference = sheet.number("settlement.payment"), sheet.number("settlement.difference")
    assert abs(payment) <= abs(difference) + CENT
    assert payment * difference >= 0, "nobody pays for savings or is paid for losses"
    assert -payment <= contract.capital_at_risk(sheet) + CENT
    most = "savings_losses_cap" if "settlement.savings_losses_cap" in sheet.lines else "savings_cap"
    assert payment <= sheet.number(f"settlement.{most}") + CENT
    flows = contract.cash_flows(sheet)
    assert sum(flow.amount for flow in flows) == pytest.approx(payment, abs=CENT)
    due = sum(flow.amount for flow in flows if flow.quarter > 4)
    assert due == pytest.approx(sheet.number("settlement.due_at_settlement"), abs=CENT)


@settings(max_examples=80, deadline=None)
@given(contracts(), histories(), st.floats(0, 1))
def test_better_quality_never_costs(contract: Any, years: dict[str, YearInputs], score: float) -> None:
    """But for the cap of Next Generation, which is a share of a benchmark that quality makes larger, for losses too."""
    lower, higher = sorted([score, contract.quality_score or 0.0])
    worse, better = (
        replace(contract, quality_score=value)
        .settle(years, {"settlement.savings_losses_cap": None})
        .number("settlement.payment")
        for value in (lower, higher)
    )
    assert worse <= better + CENT


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: f"{contract.id}-{contract.rules_year}")
def test_every_contract_fulfills_the_protocol_and_every_rule_can_be_turned_off(contract: Contract) -> None:
    years = plain_years(-7_000_000)
    sheet = contract.settle(years)
    assert contract.truncated
    assert contract.alignment.rule == "weighted_charges"
    for line in ("assigned_beneficiaries", "person_years", "total_benchmark", "total_expenditures", "difference"):
        assert sheet[f"settlement.{line}"] is not None
    assert sheet.rests_on_unverified("settlement.payment"), "parameters from memory are behind every settlement"
    assert sheet.about["as_if"].startswith("As if: 2023")
    assert len(contract.rules) >= 6
    for name, supposed in contract.rules.items():
        without = contract.settle(years, supposed)
        for stem, value in supposed.items():
            touched = [line for line in without if line.id == stem or line.id.startswith(f"{stem}.")]
            assert touched, f"{name}: no line {stem}"
            assert all(line.value == value for line in touched), name
        assert without["settlement.payment"] is not None


def test_what_turning_a_rule_off_is_worth() -> None:
    """By hand: 5,000,000 saved of 100,000,000 under the core arrangement of 2013 at quality 0.8 earns 2,744,000."""
    contract, years = PioneerContract("core", 2023, 2013, 0.8), plain_years(5_000_000)
    worth = {
        name: contract.settle(years, supposed).number("settlement.payment") for name, supposed in contract.rules.items()
    }
    assert worth["Sequestration"] == pytest.approx(2_800_000)
    assert worth["Rates that depend on quality"] == pytest.approx(3_430_000)
    losing = plain_years(-30_000_000)
    assert contract.settle(losing, contract.rules["Limit of losses"])["settlement.payment"] == pytest.approx(
        -15_000_000 * 0.88
    )
    assert contract.settle(losing, contract.rules["Sharing of losses"])["settlement.payment"] == 0

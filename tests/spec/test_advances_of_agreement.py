"""Advances that `aco.toml` states beside the agreement: what a settlement repays, and cash by quarter of a contract."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from pydantic import ValidationError

from mssp_world import agreement, by_kind, year_inputs
from openaco.programs.advances import account_of, advance_balance, open_to
from openaco.programs.configuration import Aco, ByType, Configuration, Performance, Quality
from openaco.programs.mssp.contract import MsspContract
from openaco.programs.mssp.inputs import YearInputs

QUARTERS = [{"quarter": f"2024-Q{number}", "low_income": 1_000} for number in (1, 2, 3, 4)]
PAID = 250_000 + 4 * 45_000


def configuration(advances: dict[str, Any] | None, **result: Any) -> Configuration:
    contract = agreement(
        datetime.date(2024, 1, 1), track="BASIC_A", minimum_savings_rate="variable", revenue_status="low"
    )
    stated: dict[str, Any] = {
        "quality": Quality(score=85.0),
        "accountable_care_prospective_trend": ByType(**by_kind(1.04, 1.04, 1.04, 1.04)),
    }
    return Configuration.model_validate(
        {
            "aco": Aco(id="A9990", name="Invented ACO"),
            "agreement": contract,
            "performance": {2024: Performance(**(stated | result))},
            "national": {},
            "advances": advances,
        }
    )


def investment(**changes: Any) -> dict[str, Any]:
    return {"model": "advance_investment", "quarters": QUARTERS, **changes}


def figures(spending: float) -> dict[str, YearInputs]:
    weights = by_kind(0.1, 0.1, 0.15, 0.2)
    years = {f"by{n}": year_inputs(2020 + n, 1.03 ** (n - 1), national_weight=weights) for n in (1, 2, 3)}
    plain = year_inputs(2024, 1.03**3, national_weight=weights)
    spent = {kind: amount * spending for kind, amount in plain.per_capita.items()}
    return {**years, "py": year_inputs(2024, 1.03**3, national_weight=weights, per_capita=spent)}


def test_the_agreement_fills_in_what_advances_leave_out() -> None:
    account = account_of(configuration(investment(organization={"re_entering": False})))
    assert account is not None
    assert account.entries[0].day == datetime.date(2024, 1, 1)
    met = {condition.name: condition.met for condition in account.conditions}
    assert met == {"level": True, "new": True, "revenue": True, "experience": None}
    assert account_of(configuration(None)) is None


def test_the_balance_of_a_settlement_is_the_stated_one_or_the_account_s() -> None:
    assert advance_balance(configuration(None), 2024) == 0
    assert advance_balance(configuration(None, advance_balance=123.0), 2024) == 123.0
    assert advance_balance(configuration(investment()), 2024) == PAID
    settled = [{"performance_year": 2024, "earned": 30_000}]
    assert advance_balance(configuration(investment(settlements=settled)), 2024) == PAID


def test_a_balance_stated_twice_is_a_contradiction() -> None:
    with pytest.raises(ValidationError, match="state only one of them"):
        configuration(investment(), advance_balance=1.0)
    with pytest.raises(ValidationError, match=r"2025-01-01 is not agreement\.start, 2024-01-01"):
        configuration(investment(agreement_start=datetime.date(2025, 1, 1)))


def test_unknown_keys_of_advances_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"advances\.quarter\b"):
        configuration(investment(quarter=[]))


def test_a_settlement_repays_the_account_s_balance() -> None:
    contract = MsspContract(configuration(investment()), 2024)
    sheet = contract.settle(figures(0.9))
    earned = sheet.number("settlement.earned_performance_payment")
    assert earned > PAID
    assert sheet["settlement.advance_balance"] == PAID
    assert sheet["settlement.payment"] == pytest.approx(earned - PAID)


@pytest.mark.parametrize("spending", [0.9, 1.2])
def test_cash_comes_in_advance_and_is_kept_back_when_settled(spending: float) -> None:
    contract = MsspContract(configuration(investment()), 2024)
    sheet = contract.settle(figures(spending))
    flows = contract.cash_flows(sheet)
    paid = {flow.quarter: flow.amount for flow in flows if flow.quarter <= 4}
    assert paid == {1: 295_000.0, 2: 45_000.0, 3: 45_000.0, 4: 45_000.0}
    later = [flow for flow in flows if flow.quarter > 4]
    assert math.fsum(flow.amount for flow in later) == pytest.approx(sheet.number("settlement.payment"))
    assert {flow.what for flow in flows if flow.quarter <= 4} == {"Advance investment payments"}


def test_a_level_without_such_advances_has_none() -> None:
    told = configuration(investment())
    assert open_to(told, "BASIC_E")
    assert not open_to(told, "ENHANCED")
    enhanced = MsspContract(told, 2024, track="ENHANCED")
    sheet = enhanced.settle(figures(0.9))
    assert sheet["settlement.advance_balance"] == 0
    assert all(flow.quarter > 4 for flow in enhanced.cash_flows(sheet))
    level_b = MsspContract(told, 2024, track="BASIC_B")
    assert level_b.settle(figures(0.9))["settlement.advance_balance"] == PAID


def test_an_aco_that_left_owes_its_advances() -> None:
    told = configuration(investment())
    ended = told.agreement.model_copy(update={"end": datetime.date(2024, 6, 30)})
    account = account_of(told.model_copy(update={"agreement": ended}))
    assert account is not None
    assert account.total("payment") == 340_000
    assert account.total("due") == 340_000

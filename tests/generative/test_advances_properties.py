"""Whatever is paid, earned and left: no balance below zero, no more repaid than paid, and cents that add up."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaco.programs.advances import AdvanceAccount, Advances, advance_account
from openaco.rules import advances as rule
from openaco.rules.cited import cited

money = st.integers(min_value=0, max_value=500_000_000).map(lambda cents: cents / 100)
days = st.dates(datetime.date(2012, 7, 1), datetime.date(2020, 12, 31))
earnings = st.dictionaries(st.integers(2013, 2020), money, max_size=6)
people = st.integers(min_value=1, max_value=40_000)


@st.composite
def statements(draw: st.DrawFn) -> Advances:
    model = draw(st.sampled_from(["advance_payment", "aim_test_1", "advance_investment"]))
    later = model == "advance_investment"
    start = {"advance_payment": 2013, "aim_test_1": 2016, "advance_investment": 2024}[model]
    shift = 365 * (start - 2012)
    settled = [
        {"performance_year": year, "earned": earned}
        for year, earned in draw(earnings).items()
        if start <= (moved := year + (11 if later else 0)) <= 2026
        for year in [moved]
    ]
    figures: dict[str, object] = {"beneficiaries": draw(people)}
    if later:
        counts = st.dictionaries(st.integers(1, 100), st.integers(0, 6_000), max_size=5)
        figures = {
            "quarters": [
                {"quarter": f"{year}-Q{number}", "low_income": draw(people), "by_percentile": draw(counts)}
                for year in (2024, 2025)
                for number in (1, 2, 3, 4)
            ]
        }
    left = draw(st.none() | days.map(lambda day: day + datetime.timedelta(days=shift)))
    return Advances.model_validate(
        {
            "model": model,
            "agreement_start": datetime.date(start, 1, 1),
            "settlements": settled,
            "balance_before": draw(money),
            "left": left,
            **figures,
        }
    )


@settings(max_examples=150, deadline=None)
@given(statements())
def test_the_account_adds_up_to_the_cent(stated: Advances) -> None:
    account = advance_account(stated)
    assert all(entry.balance >= 0 for entry in account.entries)
    assert sum((entry.amount for entry in account.entries), Decimal(0)) == account.balance
    running = Decimal(0)
    for entry in account.entries:
        running += entry.amount
        assert entry.balance == running
        assert entry.amount == entry.amount.quantize(Decimal("0.01"))
    paid = account.total("payment") + account.total("balance")
    assert account.total("recoupment") + account.total("due") <= paid
    assert [entry.day for entry in account.entries] == sorted(entry.day for entry in account.entries)


@settings(max_examples=100, deadline=None)
@given(statements())
def test_a_settlement_never_keeps_back_more_than_was_earned(stated: Advances) -> None:
    account = advance_account(stated)
    for settlement in stated.settlements:
        kept = account.worksheet.number(f"advances.recouped.{settlement.performance_year}")
        assert 0 <= kept <= settlement.earned + 0.005
        assert kept <= float(account.outstanding(settlement.performance_year))


@settings(max_examples=100, deadline=None)
@given(statements())
def test_the_order_in_which_settlements_are_stated_does_not_matter(stated: Advances) -> None:
    def told(account: AdvanceAccount) -> list[tuple[datetime.date, Decimal]]:
        return [(entry.day, entry.balance) for entry in account.entries]

    backwards = stated.model_copy(update={"settlements": tuple(reversed(stated.settlements))})
    assert told(advance_account(backwards)) == told(advance_account(stated))


@given(st.dictionaries(st.integers(0, 100), st.integers(0, 20_000), max_size=12))
def test_the_cap_pays_the_dearest_beneficiaries(counts: dict[int, int]) -> None:
    table = cited("advances/quarterly_amounts", 2024).value
    one_by_one = sorted((rule.quarterly_amount(score, table) for score, many in counts.items() for _ in range(many)))
    paid, counted = rule.quarterly_payment(counts, table, 10_000)
    assert counted == min(10_000, len(one_by_one))
    assert paid == sum(one_by_one[-10_000:])


@given(st.integers(0, 99), st.integers(1, 100))
def test_a_higher_score_is_never_paid_less(score: int, more: int) -> None:
    table = cited("advances/quarterly_amounts", 2024).value
    assert rule.quarterly_amount(min(score + more, 100), table) >= rule.quarterly_amount(score, table)


@given(money, money, st.floats(0.0, 1.0))
def test_prepaid_quarters_sum_to_what_was_asked_for_within_the_most(most: float, requested: float, rest: float) -> None:
    year = 4 * rule.prepaid_quarter(most, requested, 4)
    assert year == pytest.approx(min(most, requested))
    assert rule.spent_as_promised(requested, requested * rest, 0.5)

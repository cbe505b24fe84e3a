"""Whatever is agreed on: more savings never pay less, limits hold, money adds up, gaps and overlaps are refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commercial_world import BANDS, LOSS_BAND, at_rate, changed, contract, years
from openaco.errors import ConfigurationError
from openaco.programs.commercial.contract import CommercialContract
from openaco.programs.commercial.file import check_contract_text

RATES = st.floats(-0.5, 0.5, allow_nan=False).map(lambda rate: round(rate, 4))
SHARES = st.integers(0, 100).map(lambda share: share / 100)
ENDS = st.lists(st.integers(1, 40), min_size=0, max_size=4, unique=True).map(sorted)


@st.composite
def bands(draw: st.DrawFn) -> list[tuple[float, float | None, float]]:
    """Bands that follow one another from 0, the last without end."""
    edges = [0.0, *(end / 100 for end in draw(ENDS))]
    ends = [*edges[1:], None]
    return [(start, end, draw(SHARES)) for start, end in zip(edges, ends, strict=True)]


def written(found: list[tuple[float, float | None, float]]) -> str:
    rows = [
        f"{{ from = {start}, {'' if end is None else f'to = {end}, '}share = {share} }}" for start, end, share in found
    ]
    return f"corridors = [{', '.join(rows)}]"


@st.composite
def contracts(draw: st.DrawFn) -> CommercialContract:
    cap = draw(st.none() | st.integers(0, 30).map(lambda percent: percent / 100))
    minimum, first_dollar = draw(st.integers(0, 5)) / 100, draw(st.booleans())
    limits = f"minimum_rate = {minimum}\nfirst_dollar = {str(first_dollar).lower()}\n"
    limits += "" if cap is None else f"cap = {cap}\n"
    return contract(
        (BANDS, written(draw(bands()))),
        (LOSS_BAND, written(draw(bands()))),
        ("minimum_rate = 0.02\n", limits),
        ("minimum_rate = 0.01\ncap = 0.03\n", limits),
    )


@settings(max_examples=60, deadline=None)
@given(contracts(), RATES, RATES)
def test_who_saves_more_is_not_paid_less(agreed: CommercialContract, one: float, other: float) -> None:
    less, more = sorted((one, other))
    paid = [agreed.settle(at_rate(rate)).number("settlement.payment") for rate in (less, more)]
    assert paid[0] <= paid[1] + 1e-6


@settings(max_examples=60, deadline=None)
@given(contracts(), RATES)
def test_limits_hold_and_money_adds_up(agreed: CommercialContract, rate: float) -> None:
    sheet = agreed.settle(at_rate(rate))
    payment, benchmark = sheet.number("settlement.payment"), sheet.number("settlement.total_benchmark")
    assert payment >= -agreed.capital_at_risk(sheet) - 1e-6
    assert abs(payment) <= abs(sheet.number("settlement.difference")) + 1e-6
    for side in (agreed.terms.savings, agreed.terms.losses):
        assert side is not None
        if side.cap is not None and (payment >= 0) == (side is agreed.terms.savings):
            assert abs(payment) <= side.cap * benchmark + 1e-6
    assert math.fsum(flow.amount for flow in agreed.cash_flows(sheet)) == pytest.approx(payment, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(bands(), st.integers(0, 3), st.sampled_from([-0.005, 0.005]))
def test_a_gap_or_overlap_is_refused(
    found: list[tuple[float, float | None, float]], position: int, shift: float
) -> None:
    assert check_contract_text(changed((BANDS, written(found))), "c.toml").terms[2024].savings
    moved = list(found)
    start, end, share = moved[min(position, len(moved) - 1)]
    moved[min(position, len(moved) - 1)] = (start + shift, end, share)
    with pytest.raises(ConfigurationError, match=r"savings\.corridors"):
        check_contract_text(changed((BANDS, written(moved))), "c.toml")


@settings(max_examples=20, deadline=None)
@given(st.permutations(["adults", "children", "others"]), RATES)
def test_the_order_of_types_does_not_matter(order: list[str], rate: float) -> None:
    def settled(kinds: list[str]) -> float:
        spent = years(5_000 * (1 - rate))
        for name, year in spent.items():
            cost = {kind: year.per_capita["all"] * (1 + len(kind) / 10) for kind in kinds}
            weights = {kind: 100.0 * len(kind) + 1 / 3 for kind in kinds}
            spent[name] = replace(year, per_capita=cost, person_years=weights, risk_score=dict.fromkeys(kinds, 1.0))
        return contract().settle(spent).number("settlement.payment")

    assert settled(order) == settled(sorted(order))

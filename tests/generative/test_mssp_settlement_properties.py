"""What holds for every settlement, whoever the ACO is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mssp_world import aco, facts
from openaco.programs.mssp import with_spending, worksheet
from openaco.programs.mssp_settlement import SettlementFacts, settle

TRACKS = {
    "BASIC_A": (2019, 2026),
    "BASIC_C": (2019, 2026),
    "BASIC_E": (2019, 2026),
    "ENHANCED": (2019, 2026),
    "TRACK_1": (2013, 2021),
    "TRACK_2": (2013, 2021),
    "TRACK_3": (2016, 2021),
}
SHARE = st.floats(0, 1)


@st.composite
def settlements(draw: st.DrawFn) -> SettlementFacts:
    track = draw(st.sampled_from(sorted(TRACKS)))
    first, last = TRACKS[track]
    year = draw(st.integers(first, last))
    benchmark = draw(st.floats(1e6, 1e9))
    return facts(
        benchmark,
        benchmark * draw(st.floats(-0.5, 0.5)),
        track=track,
        performance_year=year,
        agreement_start_year=draw(st.integers(first, year)),
        assigned_beneficiaries=draw(st.integers(1, 200_000)),
        minimum_savings_rate=draw(st.sampled_from([0.0, 0.005, 0.01, 0.015, 0.02, "variable"])),
        quality_state=draw(st.sampled_from(["QPS", "ALT", "FAIL"])),
        quality_score=draw(SHARE),
        participant_revenue=draw(st.none() | st.floats(0, 1e9)),
        low_revenue=draw(st.booleans()),
        extreme_circumstances_month_share=draw(SHARE),
        extreme_circumstances_beneficiary_share=draw(SHARE),
        advance_balance=draw(st.floats(0, 1e7)),
        performance_months=draw(st.sampled_from([6, 12])),
    )


@settings(max_examples=150, deadline=None)
@given(settlements(), st.floats(0, 0.5))
def test_more_spend_never_earns_more(case: SettlementFacts, more: float) -> None:
    dearer = replace(case, expenditures_total=case.expenditures_total * (1 + more))
    assert settle(dearer).number("settlement.payment") <= settle(case).number("settlement.payment") + 1e-6


@settings(max_examples=150, deadline=None)
@given(settlements())
def test_payment_and_losses_stay_within_their_limits(case: SettlementFacts) -> None:
    sheet, terms = settle(case), case.terms
    payment = sheet.number("settlement.payment")
    assert payment <= terms.savings_limit.value * case.benchmark_total + 1e-6
    if not terms.two_sided:
        assert payment >= 0
        return
    owed = -sheet.number("settlement.payment_due_to_cms")
    assert 0 <= owed <= -sheet.number("settlement.losses_cap") + 1e-6
    assert owed <= -sheet.number("settlement.losses") + 1e-6


@settings(max_examples=150, deadline=None)
@given(settlements())
def test_an_aco_earns_or_owes_but_not_both_and_never_more_than_its_difference(case: SettlementFacts) -> None:
    sheet = settle(case)
    earned = sheet.number("settlement.earned_performance_payment")
    due = sheet.number("settlement.payment_due_to_cms")
    assert earned >= 0 >= due
    assert earned == 0 or due == 0
    assert earned <= sheet.number("settlement.savings") + 1e-6
    kept_back = sheet.number("settlement.advance_recoupment")
    assert 0 <= kept_back <= min(earned, case.advance_balance)
    assert sheet["settlement.payment"] == earned - kept_back + due


@settings(max_examples=150, deadline=None)
@given(settlements(), SHARE)
def test_better_quality_never_costs(case: SettlementFacts, score: float) -> None:
    lower, higher = sorted([score, case.quality_score or 0.0])
    payments = [
        settle(replace(case, quality_state=state, quality_score=value)).number("settlement.payment")
        for state, value in (("FAIL", lower), ("ALT", lower), ("ALT", higher), ("QPS", higher))
    ]
    assert all(before <= after + 1e-6 for before, after in pairwise(payments))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.7, 1.3), st.floats(0, 0.3))
def test_more_spend_never_earns_more_through_the_whole_program(level: float, more: float) -> None:
    cheaper = worksheet(with_spending(aco(), level)).number("settlement.payment")
    dearer = worksheet(with_spending(aco(), level * (1 + more))).number("settlement.payment")
    assert dearer <= cheaper + 1e-6

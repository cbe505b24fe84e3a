"""What holds for every settlement, whoever the ACO is."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mssp_world import KINDS, aco, agreement, facts
from openaco.programs.configuration import ByType, Performance, Quality
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.mssp.settlement import SettlementFacts, settle
from openaco.programs.mssp.worksheet import worksheet

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


STARTS = {
    "2019-07-01": (2019, 2024),
    "2022-01-01": (2022, 2026),
    "2024-01-01": (2024, 2026),
    "2025-01-01": (2025, 2026),
}
LEVELS = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")
RAISES = st.fixed_dictionaries({kind: st.just(0.0) | st.floats(0, 0.6) for kind in KINDS})


@st.composite
def programs(draw: st.DrawFn, track: str, start: str) -> MsspInputs:
    """An ACO of one track and one vintage in any performance year that has rules, at any level of spending."""
    first, last = STARTS[start]
    year = draw(st.integers(first, last))
    elections: list[Any] = ["variable"] if track in ("BASIC_A", "BASIC_B") else [0.0, 0.005, 0.02, "variable"]
    contract = agreement(
        datetime.date.fromisoformat(start),
        track=track,
        period=draw(st.integers(1, 2)),
        minimum_savings_rate=draw(st.sampled_from(elections)),
        revenue_status=draw(st.sampled_from(["low", "high"])),
        end=draw(st.none() | st.dates(datetime.date(year, 1, 1), datetime.date(year, 12, 31))),
    )
    contract = contract.model_copy(update={"terminated_by_cms": contract.end is not None and draw(st.booleans())})
    result = Performance(
        quality=Quality(
            score=draw(st.floats(0, 100)),
            all_ecqm_or_mips_cqm=draw(st.booleans()),
            outcome_percentiles=draw(st.sampled_from([(), (10.0,)])),
            other_percentiles=draw(st.sampled_from([(), (40.0,)])),
        ),
        participant_revenue=draw(st.none() | st.floats(1e5, 1e9)),
        accountable_care_prospective_trend=ByType(**{kind: draw(st.floats(0.9, 1.2)) for kind in KINDS}),
        prior_savings_adjustment=draw(st.none() | st.floats(0, 500)),
        low_income_dual_share=draw(st.none() | SHARE),
        advance_balance=draw(st.sampled_from([0.0, 1e6])),
        extreme_circumstances_month_share=draw(SHARE),
        extreme_circumstances_beneficiary_share=draw(SHARE),
    )
    inputs = aco(year, contract=contract, result=result)
    spent = {kind: amount * draw(st.floats(0.6, 1.6)) for kind, amount in inputs.performance.per_capita.items()}
    size = draw(st.sampled_from([4_999, 5_000, 12_000, 60_000]))
    return replace(inputs, performance=replace(inputs.performance, per_capita=spent, assigned_beneficiaries=size))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("track", LEVELS)
def test_more_spend_never_earns_more_through_the_whole_program(track: str, start: str) -> None:
    """Whichever enrollment types spend more, by however much."""

    @settings(max_examples=25, deadline=None)
    @given(programs(track, start), RAISES)
    def check(inputs: MsspInputs, raises: dict[str, float]) -> None:
        cheaper = inputs.performance.per_capita
        dearer = {kind: amount * (1 + raises[kind]) for kind, amount in cheaper.items()}
        more = replace(inputs, performance=replace(inputs.performance, per_capita=dearer))
        before, after = (worksheet(case).number("settlement.payment") for case in (inputs, more))
        assert after <= before + 1e-6

    check()

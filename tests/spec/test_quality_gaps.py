"""What one more closed gap is worth: points, the gaps to the next state, and dollars of the settlement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mssp_world import facts
from openaco.programs.mssp.settlement import SettlementFacts
from openaco.programs.quality import GapWorth, QualityRates, assess, gap_worths, settled_with
from quality_world import rates, reported, whole_set

SAVED = {"track": "BASIC_E", "performance_year": 2025, "agreement_start_year": 2022, "minimum_savings_rate": 0.01}


def saved() -> SettlementFacts:
    """An ACO of level E that saved 6 of 120 million dollars."""
    return facts(120_000_000.0, 6_000_000.0, **SAVED)


def worth(found: list[GapWorth], measure: str) -> GapWorth:
    return next(one for one in found if one.measure == measure)


def near_the_threshold(numerator: int) -> QualityRates:
    """Four measures, of which 001 (lower is better), 112 and 134 earn 8, 8 and 7 points of ten; the threshold of 2025
    needs 30.68 of the four, which 236 reaches at 66.8 percent."""
    return rates(2025, reported("001", 300), reported("112", 700), reported("134", 600), reported("236", numerator))


def test_gaps_to_the_standard_and_their_worth() -> None:
    found = assess(near_the_threshold(665))
    assert (found.score, found.finding.state) == (pytest.approx(76.625), "ALT")
    one = worth(gap_worths(found, saved()), "236")
    assert (one.gaps_to_change, one.state_after, one.open_gaps) == (3, "QPS", 335)
    assert one.score_per_gap == pytest.approx(0.025)
    closed = assess(near_the_threshold(668))
    assert closed.finding.state == "QPS"
    assert assess(near_the_threshold(667)).finding.state == "ALT"
    payments = [settled_with(saved(), item.finding).number("settlement.payment") for item in (found, closed)]
    assert payments[1] > payments[0] > 0
    assert one.payment_of_change == pytest.approx(payments[1] - payments[0])


def test_under_the_alternative_standard_every_gap_scales_the_rate() -> None:
    found = assess(near_the_threshold(600))
    one = worth(gap_worths(found, saved()), "236")
    full = settled_with(saved(), assess(whole_set(2025, 90.0)).finding).number("settlement.payment")
    assert found.finding.state == "ALT"
    assert one.scales
    assert one.payment_per_gap == pytest.approx(full * 0.025 / 100)


def test_where_the_standard_is_met_no_gap_is_worth_dollars() -> None:
    found = assess(whole_set(2025, 80.0))
    for one in gap_worths(found, saved()):
        assert (one.gaps_to_change, one.payment_of_change, one.payment_per_gap, one.scales) == (None, None, 0.0, False)
        assert one.score_per_gap > 0


def test_a_gap_of_a_measure_where_lower_is_better_is_one_person_less() -> None:
    found = assess(rates(2025, reported("001", 910), reported("112", 0), reported("134", 0), reported("236", 0)))
    assert found.finding.state == "FAIL"
    one = worth(gap_worths(found, saved()), "001")
    assert (one.open_gaps, one.gaps_to_change, one.state_after) == (910, 10, "ALT")  # decile 2 begins at 90 percent
    assert one.payment_per_gap == 0
    assert one.payment_of_change is not None
    assert one.payment_of_change > 0


def test_the_incentive_counts_one_gap_of_an_ecqm() -> None:
    low = [reported("001", 999, "ecqm"), reported("112", 0, "ecqm"), reported("134", 0, "ecqm")]
    found = assess(rates(2025, *low, reported("236", 611, "ecqm")))  # deciles 3, 4: at 55.17, 61.16 percent
    assert found.finding.state == "ALT"
    one = worth(gap_worths(found), "134")
    assert one.state_after == "QPS"
    assert one.gaps_to_change == 353  # decile 5 of 134 begins at 35.28 percent: the 40th percentile
    assert one.payment_of_change is None


def test_losses_of_enhanced_shrink_with_quality() -> None:
    lost = facts(
        120_000_000.0,
        -6_000_000.0,
        track="ENHANCED",
        performance_year=2025,
        agreement_start_year=2022,
        minimum_savings_rate=0.01,
    )
    one = worth(gap_worths(assess(near_the_threshold(600)), lost), "236")
    assert one.payment_per_gap is not None
    assert one.payment_per_gap > 0


def test_what_cannot_be_closed_is_not_shown() -> None:
    found = assess(
        rates(
            2025,
            reported("236", 1000),
            {"measure": "134", "collection_type": "medicare_cqm", "rate": 60.0},
            reported("112", 500, completeness=0.5),
        )
    )
    worths = {one.measure: one for one in gap_worths(found)}
    assert set(worths) == {"112"}  # a full numerator, and a rate without counts, have no gap to count
    assert worths["112"].score_per_gap == 0


def test_those_with_the_fewest_gaps_come_first() -> None:
    found = gap_worths(assess(near_the_threshold(665)))
    assert [one.gaps_to_change for one in found] == sorted(one.gaps_to_change or 0 for one in found)


@settings(max_examples=40, deadline=None)
@given(
    numerators=st.tuples(*[st.integers(0, 300)] * 4),
    kind=st.sampled_from(["medicare_cqm", "ecqm", "mips_cqm"]),
)
def test_the_change_comes_exactly_after_the_gaps_that_are_named(numerators: tuple[int, ...], kind: str) -> None:
    def stated(moved: dict[str, int]) -> Any:
        pairs = zip(("001", "112", "134", "236"), numerators, strict=True)
        return assess(
            rates(2025, *(reported(name, moved.get(name, count), kind, denominator=300) for name, count in pairs))
        )

    before = stated({})
    for one in gap_worths(before):
        if one.gaps_to_change is None:
            continue
        count = dict(zip(("001", "112", "134", "236"), numerators, strict=True))[one.measure]
        sign = -1 if one.measure == "001" else 1
        after, just_before = (
            stated({one.measure: count + sign * gaps}).finding.state
            for gaps in (one.gaps_to_change, one.gaps_to_change - 1)
        )
        assert (after, just_before) == (one.state_after, before.finding.state)

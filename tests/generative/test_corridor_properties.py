"""Risk corridors for any bands and rates: odd, growing, without jumps, and never more than there is to share."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaco.programs.reach.corridor_settlement import CorridorFacts, settle
from openaco.rules.corridors import Band, Corridors, part_in_band, share_kept
from openaco.rules.reach import retrospective_trend_factor

RATES = st.floats(-2, 2, allow_nan=False)
SHARES = st.floats(0, 1, allow_nan=False)


@st.composite
def corridors(draw: st.DrawFn) -> Corridors:
    ends = sorted(draw(st.sets(st.integers(1, 150), max_size=5)))
    starts = [0.0, *(end / 100 for end in ends)]
    shares = draw(st.lists(SHARES, min_size=len(starts), max_size=len(starts)))
    return Corridors(tuple(map(Band, starts, [*starts[1:], None], shares)))


@given(corridors(), RATES)
def test_losses_mirror_savings(bands: Corridors, rate: float) -> None:
    assert share_kept(bands, -rate) == -share_kept(bands, rate)


@given(corridors(), RATES, RATES)
def test_who_saves_more_never_keeps_less(bands: Corridors, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert share_kept(bands, low) <= share_kept(bands, high) + 1e-12


@given(corridors(), RATES)
def test_nobody_keeps_or_owes_more_than_there_is(bands: Corridors, rate: float) -> None:
    kept = share_kept(bands, rate)
    assert abs(kept) <= abs(rate) + 1e-12
    assert kept * rate >= 0


@given(corridors(), RATES, st.floats(0, 1e-6))
def test_a_small_step_never_jumps_at_a_boundary_or_elsewhere(bands: Corridors, rate: float, step: float) -> None:
    for at in (rate, *(band.start for band in bands.bands)):
        assert abs(share_kept(bands, at + step) - share_kept(bands, at)) <= step + 1e-12


@given(corridors(), RATES)
def test_the_parts_of_all_bands_are_the_whole(bands: Corridors, rate: float) -> None:
    parts = math.fsum(part_in_band(band, abs(rate)) for band in bands.bands)
    assert parts == pytest.approx(abs(rate), abs=1e-12)


@given(
    st.sampled_from(["global", "professional"]),
    st.integers(2021, 2026),
    st.floats(1e6, 1e9),
    st.floats(0, 3),
    st.booleans(),
)
def test_a_settlement_shares_no_more_than_the_difference(
    arrangement: str, year: int, benchmark: float, spent: float, left: bool
) -> None:
    sheet = settle(CorridorFacts(arrangement, year, benchmark, benchmark * spent, left_early=left))  # type: ignore[arg-type]
    difference, shared = sheet.number("settlement.difference"), sheet.number("settlement.shared_savings")
    paid = sheet.number("settlement.payment")
    assert abs(shared) <= abs(difference) + 1e-3
    assert abs(paid) <= abs(shared)
    assert paid <= 0 or not left
    assert paid == shared if shared < 0 else paid <= shared * 0.98 + 1e-3


@given(corridors(), st.floats(0.5, 1.5), st.floats(0.5, 1.5))
def test_a_trend_adjustment_never_goes_beyond_the_observed_trend(
    bands: Corridors, observed: float, prospective: float
) -> None:
    factor = retrospective_trend_factor(observed, prospective, 0.01, bands)
    low, high = sorted((1.0, observed / prospective))
    assert low - 1e-12 <= factor <= high + 1e-12

"""From what is known to the whole year: truncation by month, level, completion, the year ahead, its draws."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest

from forecast_world import GROUPS, THRESHOLDS, World, as_if_complete, draw_world
from openaco.insight.forecast.components import since_last_year
from openaco.insight.forecast.history import history
from openaco.insight.forecast.one_year import completed_months, forecast_year, past_forecasts, project_standing
from openaco.insight.forecast.people import KINDS, MONTHS, PeopleOfYear, group_sums, truncated
from openaco.insight.forecast.projection import known_year, project

AGED = 3


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(11)


def cents(*dollars: float) -> np.ndarray:
    row = np.zeros((1, MONTHS), np.int64)
    row[0, : len(dollars)] = np.round(np.array(dollars) * 100)
    return row


TRUNCATION = [
    # dollars by month, months that count, known months, gained by month, taken back
    ("below the threshold all counts", (100, 200, 300), 12, 12, (100, 200, 300), 0),
    ("a month adds what is left below it", (1000, 500, 300), 12, 12, (1000, 200, 0), 0),
    ("exactly at the threshold", (1200, 0, 1), 12, 12, (1200, 0, 0), 0),
    ("who counts half the year has half of it", (1000, 500), 6, 12, (600, 0), 0),
    ("who still counts is taken to stay", (1000, 500), 6, 6, (1000, 200), 0),
    ("a reversal in the year takes back", (300, -100, 50), 12, 12, (300, -100, 50), 0),
    ("beyond everything paid it stands apart", (100, -250, 0), 12, 12, (100, -100, 0), -150),
    ("and ends at the threshold as well", (0, -5000), 12, 12, (0, 0), -1200),
]


@pytest.mark.parametrize("case", TRUNCATION, ids=[case[0] for case in TRUNCATION])
def test_truncation_month_by_month(case: tuple[str, tuple, int, int, tuple, int]) -> None:
    _, dollars, counting, known, expected, back = case
    mine = np.zeros((1, MONTHS), bool)
    mine[0, :counting] = True
    gained, taken_back = truncated(cents(*dollars), mine, 1200.0, known)
    assert (gained[0, : len(expected)] / 100).tolist() == list(expected)
    assert gained[0, len(expected) :].sum() == 0
    assert taken_back[0] == back * 100


def test_months_of_a_year_sum_to_its_truncated_dollars() -> None:
    rng = np.random.default_rng(5)
    dollars = rng.integers(-30_000, 90_000, (200, MONTHS))
    kind = np.full((200, MONTHS), AGED, np.int8)
    found = group_sums(PeopleOfYear(kind, dollars, dollars), [1.0, 1.0, 1.0, 2_000.0], np.zeros(200, int), 1, MONTHS)
    whole = np.clip(dollars.sum(axis=1), -200_000, 200_000).sum() / 100
    assert found.dollars.sum() + found.taken_back.sum() == pytest.approx(whole, abs=0.001)


def test_the_order_of_people_does_not_matter(world: World) -> None:
    drawn = world.years[-1]
    known = drawn.known(6, datetime.date(2024, 6, 15))
    order = np.random.default_rng(3).permutation(known.people)
    turned = PeopleOfYear(known.kind[order], known.cents[order], known.use[order])
    one = group_sums(known, THRESHOLDS, drawn.group, GROUPS, 6)
    two = group_sums(turned, THRESHOLDS, drawn.group[order], GROUPS, 6)
    for name in ("months", "dollars", "use", "taken_back", "people"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_completing_complete_months_changes_nothing(world: World) -> None:
    """Where every month has come and all its claims are known, the forecast is what is known, whatever is expected."""
    standing = as_if_complete(world.standing(12))
    past = history(standing.past)
    known = replace(known_year(standing.now, past, np.ones(MONTHS), MONTHS), list_error=np.zeros(KINDS))
    expected = (known.months * known.spent).sum(axis=1) / known.months.sum(axis=1) + known.taken_back
    assert project(known, past).spending == pytest.approx(expected, rel=1e-12)
    dearer = replace(past, level=past.level * 2)
    assert project(known, dearer).spending == pytest.approx(expected, rel=1e-12)


def test_a_zero_month_is_completed_from_the_others(world: World) -> None:
    standing = world.standing(7)
    past = history(standing.past)
    known = known_year(standing.now, past, standing.shares, 7)
    spent = known.spent.copy()
    spent[:, 4] = 0.0
    found = project(replace(known, spent=spent), past)
    assert np.isfinite(found.spending).all()
    assert (found.dollars[:, 4] > 0).all()
    assert found.spending.sum() < project(known, past).spending.sum()


def test_the_first_month_rests_on_last_year(world: World) -> None:
    """In the first days of a year next to nothing is known: the level is last year's with growth."""
    standing = world.standing(1, day=8)
    past = history(standing.past)
    found = project_standing(standing)
    assert standing.shares[0] < 0.1
    usual = np.log(past.level) + past.growth
    assert found.level.mean[:KINDS] == pytest.approx(usual, abs=0.1)


def test_what_is_known_counts_more_the_more_is_known(world: World) -> None:
    """Twice the spending in the months so far moves the level more in September than in February."""
    moved = []
    for months in (2, 5, 9):
        standing = world.standing(months)
        past = history(standing.past)
        known = known_year(standing.now, past, standing.shares, months)
        dearer = replace(known, spent=known.spent * 2)
        weights = past.level_months / past.level_months.sum()
        change = project(dearer, past).level.mean[:KINDS] - project(known, past).level.mean[:KINDS]
        moved.append(float(change @ weights))
    assert 0 < moved[0] < moved[1] < moved[2] < np.log(2)


def test_the_interval_narrows_as_the_year_goes_on(world: World) -> None:
    spreads = []
    for months in (3, 7, 12):
        drawn = forecast_year(world.standing(months), 300, 1).draws
        spreads.append(np.std((drawn.months * drawn.spending).sum(axis=1) / drawn.months.sum(axis=1)))
    assert spreads[0] > spreads[1] > spreads[2]


def test_the_same_seed_gives_the_same_draws(world: World) -> None:
    one, two, other = (forecast_year(world.standing(6), 50, seed).draws.spending for seed in (7, 7, 8))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_season_is_drawn_towards_none_and_keeps_its_mean(world: World) -> None:
    past = history(world.standing(6).past)
    assert past.season.mean() == pytest.approx(1.0)
    assert past.season[0] > 1.02
    assert past.season[6] < 1.0


def test_one_past_year_tells_no_season(world: World) -> None:
    past = history(world.standing(6).past[:1])
    assert past.season.tolist() == [1.0] * MONTHS
    assert past.list_scale == (1.0, 1.0)


def test_use_and_price_together_are_the_change_of_spending(world: World) -> None:
    standing = world.standing(8)
    dearer = replace(standing, now=replace(standing.now, dollars=standing.now.dollars * 1.1))
    past = history(standing.past)
    before, after = since_last_year(standing, past), since_last_year(dearer, past)
    assert before is not None
    assert after is not None
    assert after.use == pytest.approx(before.use)
    assert 1 + after.price == pytest.approx((1 + before.price) * 1.1)
    assert 1 + after.spending == pytest.approx((1 + before.spending) * 1.1)


def test_completed_months_hold_what_is_known(world: World) -> None:
    standing = world.standing(7)
    found = completed_months(standing, history(standing.past), seed=1)
    assert found.months == (1, 2, 3, 4, 5, 6)
    assert found.known < found.low < found.expected < found.high


def test_intervals_hold_what_drawn_years_come_to() -> None:
    """Thirty drawn ACOs as of April, July and October: 90 percent intervals hold between 80 and 97 percent."""
    held, errors = [], []
    for seed in range(30):
        world = draw_world(seed, people=800)
        for months in (4, 7, 10):
            (found,) = past_forecasts([world.standing(months)], [world.final], seed=1)
            held.append(found.held)
            errors.append(abs(found.error))
    assert 0.80 <= np.mean(held) <= 0.97
    assert np.mean(errors) < 0.06


def test_own_triangles_miss_less_than_the_fixed_factor() -> None:
    own, fixed = [], []
    for seed in range(6):
        done = draw_world(seed).standing(9).completion
        assert len(done.past) == 24
        own.append(done.mean_error("together"))
        fixed.append(done.mean_error("fixed"))
    assert np.mean(own) < 0.5 * np.mean(fixed)

"""Lag triangles: when amounts became known, on like days, and what development they show."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaco.errors import OpenACOError
from openaco.insight.forecast.chain_ladder import development, mack
from openaco.insight.forecast.completion import completion
from openaco.insight.forecast.triangle import Triangle, age_on, look_on, month_number, same_day, triangle_of
from spec_tables import cells

MONDAY = datetime.date(2024, 7, 8)
JANUARY = month_number(datetime.date(2024, 1, 1))

SAME_DAYS = """
valuation  | in month   | same day   | looked at on
---------- | ---------- | ---------- | ------------
2024-07-08 | 2024-07-01 | 2024-07-08 | 2024-07-08
2024-07-08 | 2024-06-01 | 2024-06-08 | 2024-06-10
2024-07-08 | 2024-05-01 | 2024-05-08 | 2024-05-06
2024-07-08 | 2024-04-01 | 2024-04-08 | 2024-04-08
2024-01-31 | 2024-02-01 | 2024-02-29 | 2024-02-28
2024-01-31 | 2023-02-01 | 2023-02-28 | 2023-03-01
"""


@pytest.mark.parametrize("row", cells(SAME_DAYS), ids=lambda row: f"{row['valuation']} in {row['in month'][:7]}")
def test_months_are_looked_at_on_like_days(row: dict[str, str]) -> None:
    valuation, month, same, looked = (datetime.date.fromisoformat(row[name]) for name in row)
    assert same_day(month_number(month), valuation) == same
    assert look_on(month_number(month), valuation) == looked
    assert looked.weekday() == valuation.weekday()


def days(*texts: str) -> np.ndarray:
    return np.array([datetime.date.fromisoformat(text).toordinal() for text in texts])


def test_an_amount_is_known_from_the_day_it_was_loaded() -> None:
    """Loaded on the valuation date: known; a day later: not. 8 April 2024 is a Monday as well."""
    months = np.array([JANUARY + 3, JANUARY + 3, JANUARY + 3])
    loaded = days("2024-04-08", "2024-04-09", "2024-07-09")
    found = triangle_of(months, loaded, np.array([10_000, 5_000, 700]), JANUARY, MONDAY)
    assert found.known[3, 0] == 100.0
    assert found.known[3, 1] == 150.0
    assert found.latest[3] == 150.0
    assert np.isnan(found.known[3, 4])


def test_between_two_weekdays_it_is_read_off_straight() -> None:
    """8 June 2024 is a Saturday: five sevenths of the way from Monday the 3rd to Monday the 10th."""
    loaded = days("2024-06-03", "2024-06-10")
    found = triangle_of(np.array([JANUARY + 4] * 2), loaded, np.array([10_000, 7_000]), JANUARY, MONDAY)
    assert found.known[4, 1] == pytest.approx(100 + 70 * 5 / 7)
    assert found.known[4, 2] == 170.0


def test_what_was_loaded_before_its_month_is_known_at_age_zero() -> None:
    found = triangle_of(np.array([JANUARY + 6]), days("2024-05-01"), np.array([100]), JANUARY, MONDAY)
    assert found.latest[6] == 1.0


def test_ages_of_other_days_lie_between_by_days() -> None:
    assert age_on(MONDAY, JANUARY, MONDAY) == 6
    assert age_on(datetime.date(2025, 3, 31), JANUARY + 11, MONDAY) == pytest.approx(3 + 23 / 31)


@given(st.permutations(range(12)))
def test_the_order_of_amounts_does_not_matter(order: list[int]) -> None:
    months = JANUARY + np.arange(12) % 6
    loaded = days(*[f"2024-0{1 + number % 6}-2{number % 8}" for number in range(12)])
    cents = (np.arange(12) + 1) * 12_345 - 40_000
    found = triangle_of(months, loaded, cents, JANUARY, MONDAY)
    again = triangle_of(months[order], loaded[order], cents[order], JANUARY, MONDAY)
    assert np.array_equal(found.known, again.known, equal_nan=True)


def triangle(*rows: list[float]) -> Triangle:
    known = np.full((len(rows), len(rows)), np.nan)
    for number, row in enumerate(rows):
        known[number, : len(row)] = row
    return Triangle(0, known)


def test_factors_are_weighted_by_volume() -> None:
    found = development(triangle([100, 150, 165], [300, 390], [200]))
    assert found.factor.tolist() == [540 / 400, 165 / 150]
    assert found.share_known(2) == 1.0
    assert found.share_known(1) == pytest.approx(150 / 165)
    assert found.share_known(0.5) == pytest.approx((1 + 1.35) / 2 / (1.35 * 1.1))
    assert found.share_between(0, 1) == pytest.approx(1 / 1.35)


def test_beyond_the_last_age_nothing_more_is_expected() -> None:
    found = development(triangle([100, 150, 165], [300, 390], [200]))
    assert found.share_between(2, 30) == 1.0
    assert found.share_between(2, 1) == 1.0


def test_reversals_give_factors_below_one() -> None:
    """Negative development: more was taken back than came in. The share known is then above one."""
    found = development(triangle([100, 120, 90], [100, 120], [100]))
    assert found.factor.tolist() == [1.2, 0.75]
    assert found.share_between(1, 2) == pytest.approx(4 / 3)


def test_a_month_without_dollars_counts_in_no_ratio() -> None:
    with_zero = development(triangle([100, 150, 165], [0, 0], [200]))
    assert with_zero.factor.tolist() == [1.5, 1.1]
    assert np.isfinite(with_zero.variance).all()


def test_a_month_that_was_taken_back_whole_leaves_the_factor_finite() -> None:
    found = development(triangle([-100, -120, -130], [50, 60], [40]))
    assert found.factor[0] == 1.0
    assert np.isfinite([*found.factor, *found.variance, *found.factor_error]).all()


def test_an_earlier_triangle_forgets_the_newest_diagonals() -> None:
    whole = triangle([100, 150, 165, 170], [300, 390, 400], [200, 260], [90])
    before = whole.earlier(1)
    assert before.latest.tolist() == [165, 390, 200]
    assert before.earlier(1).latest.tolist() == [150, 300]


def test_a_complete_triangle_has_nothing_outstanding() -> None:
    found = mack(triangle([100, 100, 100], [80, 80], [90]))
    assert found.outstanding.tolist() == [0, 0, 0]
    assert found.total_standard_error == 0.0


def test_too_little_history_says_how_much_is_needed() -> None:
    short = triangle(*[[1.0] * (5 - number) for number in range(5)])
    with pytest.raises(OpenACOError, match=r"5 service months, and development needs 12") as raised:
        completion({"all": short}, short.latest, MONDAY, 1.013)
    assert "openaco load cclf" in raised.value.remedy

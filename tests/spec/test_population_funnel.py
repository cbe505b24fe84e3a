"""Funnel plots: expected results, dispersion and limits against numbers worked by hand."""

from __future__ import annotations

import math

import pytest

from openaco.insight.population.funnel_plots import (
    INNER,
    OUTER,
    FunnelPoint,
    PersonResult,
    control_limits,
    dispersion,
    expected_results,
    funnel,
)


def person(name: str, place: str, observed: float, score: float | None = 1.0, months: int = 12) -> PersonResult:
    return PersonResult(name, place, "aged_non_dual", months, score, observed)


def test_limits_are_1_96_and_3_09_standard_errors() -> None:
    # 100 expected, variance 1 per unit: standard error of the ratio is 0.1
    low, high = control_limits(100, 1.0, INNER)
    assert (low, high) == pytest.approx((1 - 0.1959964, 1 + 0.1959964), abs=1e-6)
    low, high = control_limits(100, 1.0, OUTER)
    assert (low, high) == pytest.approx((1 - 0.3090232, 1 + 0.3090232), abs=1e-6)


def test_limits_widen_with_dispersion_and_stop_at_zero() -> None:
    assert control_limits(4, 4.0, INNER) == pytest.approx((0.0, 1 + 1.959964), abs=1e-5)
    assert control_limits(0, 1.0, INNER) == (0.0, math.inf)


def test_expected_follows_months_and_score() -> None:
    # 60 observed over 12×1 + 12×2 + 6×4 = 60 months × score: one each
    people = [person("a", "p", 10), person("b", "p", 20, 2.0), person("c", "q", 30, 4.0, 6)]
    assert expected_results(people) == pytest.approx([12, 24, 24])


def test_a_missing_score_is_the_mean_of_the_type() -> None:
    people = [person("a", "p", 10, 1.0), person("b", "p", 20, 3.0), person("c", "q", 30, None)]
    assert expected_results(people) == pytest.approx([10, 30, 20])


def test_dispersion_by_hand() -> None:
    people = [person("a", "p", 3), person("b", "p", 1)]
    assert dispersion(people, [2, 2]) == (1 + 1) / 4


def test_funnel_sums_to_what_was_observed_and_knows_no_order() -> None:
    people = [person(str(number), "p" if number % 3 else "q", number) for number in range(30)] + [person("x", "", 5)]
    found, turned = funnel(people), funnel(people[::-1])
    assert found == turned
    assert [point.place for point in found.points] == ["p", "q"]
    assert sum(point.observed for point in found.points) + 5 == sum(row.observed for row in people)
    assert sum(expected_results(people)) == pytest.approx(sum(row.observed for row in people))


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(1.2, "as chance allows"), (1.21, "outside 95%"), (1.3, "outside 95%"), (1.31, "outside 99.8%"),
     (0.79, "outside 95%"), (0.69, "outside 99.8%")],
)  # fmt: skip
def test_verdict_at_the_limits(ratio: float, verdict: str) -> None:
    point = FunnelPoint("p", 20, 20.0, 1.0, 1.0, ratio, (0.8, 1.2), (0.7, 1.3))
    assert point.verdict == verdict

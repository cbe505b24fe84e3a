"""Variation between practices: what was observed over what was expected, and how far chance alone would carry it.

Expected is what the ACO's own people of the same enrollment type and risk score came to (indirect standardization), so
the ratio compares practices with their own ACO, not with the nation. Limits: Spiegelhalter, Funnel plots for comparing
institutional performance, Statistics in Medicine 24 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

INNER, OUTER = 0.95, 0.998


@dataclass(frozen=True)
class PersonResult:
    """One person and enrollment type: where, how long, and what came of it.

    months of the year; score: CMS's risk score, None where not reported; observed: dollars or admissions.
    """

    person: str
    place: str
    kind: str
    months: int
    score: float | None
    observed: float


@dataclass(frozen=True)
class FunnelPoint:
    """One practice: `ratio` of observed to expected, and the limits around 1 at its size."""

    place: str
    people: int
    person_years: float
    observed: float
    expected: float
    ratio: float
    inner: tuple[float, float]
    outer: tuple[float, float]

    @property
    def verdict(self) -> str:
        """Where the ratio lies: within the inner limits, between the two, or outside both."""
        if self.outer[0] <= self.ratio <= self.outer[1]:
            within = self.inner[0] <= self.ratio <= self.inner[1]
            return "as chance allows" if within else "outside 95%"
        return "outside 99.8%"


@dataclass(frozen=True)
class Funnel:
    """All practices, the largest expected first; `dispersion`: variance of a person's result per unit expected."""

    points: tuple[FunnelPoint, ...]
    dispersion: float
    unscored: int


def expected_results(people: Sequence[PersonResult]) -> list[float]:
    """What each person would have come to at the ACO's own rate for the enrollment type, by months and risk score.

    The rate is observed over months × score of the type. A missing score is the type's mean, weighted by months.
    """
    means = _mean_scores(people)
    weights = [row.months * (means[row.kind] if row.score is None else row.score) for row in people]
    rates = {}
    for kind in {row.kind for row in people}:
        of_kind = [(row, weight) for row, weight in zip(people, weights, strict=True) if row.kind == kind]
        weight = math.fsum(weight for _row, weight in of_kind)
        rates[kind] = math.fsum(row.observed for row, _weight in of_kind) / weight if weight else 0.0
    return [rates[row.kind] * weight for row, weight in zip(people, weights, strict=True)]


def _mean_scores(people: Sequence[PersonResult]) -> dict[str, float]:
    means = {}
    for kind in {row.kind for row in people}:
        known = [(row.months, row.score) for row in people if row.kind == kind and row.score is not None]
        months = math.fsum(months for months, _score in known)
        means[kind] = math.fsum(months * score for months, score in known) / months if months else 1.0
    return means


def dispersion(people: Sequence[PersonResult], expected: Sequence[float]) -> float:
    """The variance of a person's result per unit of expected result: 1 for counts that know nothing of each other."""
    total = math.fsum(expected)
    squares = math.fsum((row.observed - each) ** 2 for row, each in zip(people, expected, strict=True))
    return squares / total if total else 0.0


def control_limits(expected: float, spread: float, level: float) -> tuple[float, float]:
    """Between which ratios chance leaves a practice as often as `level` says: 1 ± z × √(spread / expected).

    The lower one is not below zero.
    """
    if not expected:
        return 0.0, math.inf
    width = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(spread / expected)
    return max(0.0, 1 - width), 1 + width


def funnel(people: Sequence[PersonResult]) -> Funnel:
    """Every place with its ratio and limits. Whoever has none helps to tell what is expected, and makes no point."""
    rows = sorted(people, key=lambda row: (row.place, row.person, row.kind))
    expected = expected_results(rows)
    spread = dispersion(rows, expected)
    points = []
    for place in sorted({row.place for row in rows if row.place}):
        mine = [(row, each) for row, each in zip(rows, expected, strict=True) if row.place == place]
        observed = math.fsum(row.observed for row, _each in mine)
        wanted = math.fsum(each for _row, each in mine)
        points.append(
            FunnelPoint(
                place=place,
                people=len({row.person for row, _each in mine}),
                person_years=sum(row.months for row, _each in mine) / 12,
                observed=observed,
                expected=wanted,
                ratio=observed / wanted if wanted else 1.0,
                inner=control_limits(wanted, spread, INNER),
                outer=control_limits(wanted, spread, OUTER),
            )
        )
    points.sort(key=lambda point: (-point.expected, point.place))
    return Funnel(tuple(points), spread, len({row.person for row in rows if row.score is None}))

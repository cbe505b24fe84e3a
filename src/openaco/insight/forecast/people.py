"""From people and their months to the small arrays that a projection rests on.

Everything here is one calendar year of the people known to the ACO, as of one day. Dollars are counted as CMS counts
them: annualized dollars end at the national 99th percentile of the enrollment type (42 CFR 425.601(a)(4)), here month
by month: a month adds what the running sum still gains below the threshold. So the months of a whole year sum to the
truncated dollars of the settlement. What was taken back from a person beyond everything paid stands apart
(`taken_back`): it is counted, but it says nothing about what care costs in a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.insight.forecast.triangle import Numbers, Whole

MONTHS = 12
KINDS = 4
"""Enrollment types, in the order of ENROLLMENT_TYPES."""


@dataclass(frozen=True)
class PeopleOfYear:
    """Everybody known in one calendar year: one row a person, one column a month, as far as the months are known.

    kind    enrollment type by position, -1 where the month is not eligible
    cents   dollars × 100 known on the valuation date, as the program counts them
    use     use of care × 100 known on the valuation date, at the prices of an earlier year
    """

    kind: NDArray[np.int8]
    cents: Whole
    use: Whole

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.kind)


@dataclass(frozen=True)
class GroupSums:
    """The months up to the valuation date, summed by enrollment type and group of people (kind, group, month).

    months       eligible person-months
    dollars      truncated dollars known, US dollars ≥ 0
    use          use known, US dollars at earlier prices
    taken_back   what was taken back beyond everything paid, US dollars ≤ 0 (kind, group)
    square, cross, months_square   by person over the months: Σ dollars², Σ dollars × months, Σ months² (kind, group)
    people       people with an eligible month (group)
    """

    months: Numbers
    dollars: Numbers
    use: Numbers
    taken_back: Numbers
    square: Numbers
    cross: Numbers
    months_square: Numbers
    people: Numbers


def group_sums(
    year: PeopleOfYear, thresholds: Sequence[float], groups: Whole, how_many: int, known_months: int
) -> GroupSums:
    """Sum the first `known_months` months. groups: of each person, 0 to `how_many` - 1; below 0 leaves a person out.

    thresholds: by enrollment type, US dollars a year.
    """
    shape = (KINDS, how_many)
    months, cents, use = (np.zeros((*shape, MONTHS), np.int64) for _ in range(3))
    taken_back = np.zeros(shape, np.int64)
    square, cross, months_square = (np.zeros(shape) for _ in range(3))
    inside = groups >= 0
    for kind in range(KINDS):
        mine = (year.kind == kind) & inside[:, None]
        mine[:, known_months:] = False
        rows = np.flatnonzero(mine.any(axis=1))
        who, mine = groups[rows], mine[rows]
        gained, back = truncated(year.cents[rows], mine, thresholds[kind], known_months)
        np.add.at(months[kind], who, mine)
        np.add.at(cents[kind], who, gained)
        np.add.at(use[kind], who, np.where(mine, year.use[rows], 0))
        np.add.at(taken_back[kind], who, back)
        spent, counted = gained.sum(axis=1) / 100, mine.sum(axis=1).astype(float)
        np.add.at(square[kind], who, spent**2)
        np.add.at(cross[kind], who, spent * counted)
        np.add.at(months_square[kind], who, counted**2)
    present = inside & (year.kind[:, :known_months] >= 0).any(axis=1)
    people = np.bincount(groups[present], minlength=how_many).astype(float)
    return GroupSums(
        months.astype(float), cents / 100, use / 100, taken_back / 100, square, cross, months_square, people
    )


def truncated(cents: Whole, mine: NDArray[np.bool_], threshold: float, known_months: int) -> tuple[Whole, Whole]:
    """What each month adds to a person's truncated cents of one enrollment type, and what was taken back in all.

    mine: which months count. The threshold is for a year: whoever still counts in the last known month is taken to
    stay, whoever does not has the share of the year that passed.
    """
    stays = mine[:, known_months - 1] * (MONTHS - known_months)
    most = np.round(threshold * 100 * (mine.sum(axis=1) + stays) / MONTHS).astype(np.int64)
    running = np.where(mine, cents, 0).cumsum(axis=1)
    reached = np.clip(running, 0, most[:, None])
    gained = np.diff(reached, axis=1, prepend=0)
    return gained, np.clip(running[:, known_months - 1], -most, 0)

"""What the ACO's own past years say: who stays, the season, the level of each year, and how much months scatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openaco.insight.forecast import assumptions
from openaco.insight.forecast.people import MONTHS, GroupSums
from openaco.insight.forecast.triangle import Numbers

SLOPE = (np.arange(MONTHS) - (MONTHS - 1) / 2) / np.sqrt(((np.arange(MONTHS) - (MONTHS - 1) / 2) ** 2).sum())
"""A straight line over the months of a year, of mean 0 and length 1."""


@dataclass(frozen=True)
class PastYear:
    """One complete year, seen twice.

    then    as known on the same day of that year as the valuation date, by group of people
    stayed  of these sums, the part of the people who were assigned in the end
    final   those people's whole year as known on its run-out date (one group)
    """

    year: int
    then: GroupSums
    stayed: GroupSums
    final: GroupSums


@dataclass(frozen=True)
class History:
    """What past years teach.

    dollars_stay, months_stay, people_stay   by group: the part of its dollars, months and people that is assigned in
                                             the end
    months_pattern   by month: assigned person-months, as a ratio to the year's mean
    season           by month: spending a member-month as a ratio to the year's level
    season_error     standard deviation of the pattern apart from its slope, by month
    slope_error      standard deviation of the slope over the year, in units of `SLOPE`
    level            spending a member-month by enrollment type in the newest past year, season taken out, US dollars
    level_months     the person-months that the level rests on, by enrollment type
    growth           mean growth of the level a year, as a logarithm
    growth_error     standard deviation of one year's growth around it
    scatter          by past month and enrollment type: how far the month lay from season × level, as a share of it,
                     times the root of its person-months
    list_scale       how far past years were off in telling who stays, as a ratio of variances to what chance explains:
                     for dollars and for months
    """

    dollars_stay: Numbers
    months_stay: Numbers
    people_stay: Numbers
    months_pattern: Numbers
    season: Numbers
    season_error: float
    slope_error: float
    level: Numbers
    level_months: Numbers
    growth: float
    growth_error: float
    scatter: Numbers
    list_scale: tuple[float, float]

    @property
    def variance(self) -> Numbers:
        """By enrollment type: the variance of one person-month's spending as a share of the level."""
        return (self.scatter**2).mean(axis=0)


def history(past: Sequence[PastYear]) -> History:
    """Learn from one or more past years, oldest first."""
    season, season_error, slope_error, fitted = _season(past)
    levels = np.array([_level(year, season) for year in past])
    growth, growth_error = _growth(levels, past[-1])
    return History(
        dollars_stay=_share(past, "dollars"),
        months_stay=_share(past, "months"),
        people_stay=_share(past, "people"),
        months_pattern=_months_pattern(past),
        season=season,
        season_error=season_error,
        slope_error=slope_error,
        level=levels[-1],
        level_months=past[-1].final.months.sum(axis=(1, 2)),
        growth=growth,
        growth_error=growth_error,
        scatter=_scatter(past, season, levels, fitted),
        list_scale=_list_scale(past),
    )


def _share(past: Sequence[PastYear], name: str) -> Numbers:
    """The part of each group that stayed, all years and enrollment types together; a group without any stays as one."""
    then, stayed = (sum(_by_group(getattr(side(year), name)) for year in past) for side in (_then, _stayed))
    return np.where(then > 0, stayed / np.where(then > 0, then, 1.0), 1.0)


def _then(year: PastYear) -> GroupSums:
    return year.then


def _stayed(year: PastYear) -> GroupSums:
    return year.stayed


def _by_group(sums: Numbers) -> Numbers:
    return sums if sums.ndim == 1 else sums.sum(axis=(0, 2))


def _months_pattern(past: Sequence[PastYear]) -> Numbers:
    months = sum(year.final.months.sum(axis=(0, 1)) for year in past)
    return months / months.mean()


def _season(past: Sequence[PastYear]) -> tuple[Numbers, float, float, float]:
    """The month-of-year pattern, the errors of its months and of its slope, and how many figures were fitted for it.

    A list that is closed drifts over its year, because people die and new ones are few: that slope is taken as it was.
    What the months show beside it is drawn towards none by as much of its spread as chance alone explains. The months
    of a single year tell no chance: then the pattern is flat.
    """
    ratios = []
    for year in past:
        spent = year.final.dollars.sum(axis=(0, 1)) / year.final.months.sum(axis=(0, 1))
        ratios.append(spent / spent.mean() - 1)
    off = np.array(ratios)
    mean = off.mean(axis=0)
    if len(past) < 2:
        return np.ones(MONTHS), float(mean.std()), float(abs(mean @ SLOPE)), 0.0
    slope = mean @ SLOPE
    beside = mean - slope * SLOPE
    own = off - (off @ SLOPE)[:, None] * SLOPE
    free = MONTHS - 2
    chance = ((own - own.mean(axis=0)) ** 2).sum() / ((len(past) - 1) * free) / len(past)
    spread = (beside**2).sum() / free
    kept = max(0.0, 1 - chance / spread) if spread > 0 else 0.0
    season = 1 + slope * SLOPE + kept * beside
    return season, float(np.sqrt(kept * chance)), float(np.sqrt(chance)), 1 + kept * free


def _level(year: PastYear, season: Numbers) -> Numbers:
    """Spending a member-month by enrollment type without the season; 0 for a type without months."""
    months, dollars = year.final.months.sum(axis=1), year.final.dollars.sum(axis=(1, 2))
    exposed = (months * season).sum(axis=1)
    return np.where(exposed > 0, dollars / np.where(exposed > 0, exposed, 1.0), 0.0)


def _growth(levels: Numbers, newest: PastYear) -> tuple[float, float]:
    """Mean and standard deviation of a year's growth at the newest year's mix, weighed against the judgement."""
    mix = newest.final.months.sum(axis=(1, 2))
    totals = levels @ mix
    grown = np.diff(np.log(totals))
    weight = len(grown) + assumptions.GROWTH_YEARS
    mean = (grown.sum() + assumptions.GROWTH * assumptions.GROWTH_YEARS) / weight
    squares = ((grown - mean) ** 2).sum() + assumptions.GROWTH_ERROR**2 * assumptions.GROWTH_YEARS
    return float(mean), float(np.sqrt(squares / weight * (1 + 1 / weight)))


def _scatter(past: Sequence[PastYear], season: Numbers, levels: Numbers, fitted: float) -> Numbers:
    """How far each past month lay from what its level and season say; a type without months scatters not at all.

    Level and season were fitted to the same months, so what is left is too small by that: fitted figures of the season,
    and one level a year.
    """
    rows = []
    for year, level in zip(past, levels, strict=True):
        months, dollars = year.final.months.sum(axis=1), year.final.dollars.sum(axis=1)
        expected = months * season * level[:, None]
        seen = expected > 0
        off = np.where(seen, dollars / np.where(seen, expected, 1.0) - 1, 0.0)
        rows.append((off * np.sqrt(months)).T)
    count = MONTHS * len(past)
    return np.concatenate(rows) * np.sqrt(count / (count - len(past) - fitted))


def _list_scale(past: Sequence[PastYear]) -> tuple[float, float]:
    """Tell each past year from the others; compare how far that was off with what chance among people explains.

    Chance alone (a ratio of 1) is weighed as `assumptions.LIST_YEARS` years.
    """
    found = []
    for name in ("dollars", "months"):
        ratios = []
        for place, year in enumerate(past):
            others = [*past[:place], *past[place + 1 :]]
            if not others:
                continue
            stay, remain = _share(others, "dollars"), _share(others, "months")
            error = sum_error(year.then, stay, remain) if name == "dollars" else sum_error(year.then, None, remain)
            told = float(_by_group(getattr(year.then, name)) @ _share(others, name))
            known = float(_by_group(getattr(year.stayed, name)).sum())
            if min(told, known, error) > 0:
                ratios.append(np.log(told / known) ** 2 / error)
        found.append((assumptions.LIST_YEARS + sum(ratios)) / (assumptions.LIST_YEARS + len(ratios)))
    return found[0], found[1]


def sum_error(now: GroupSums, stay: Numbers | None, remain: Numbers) -> float:
    """The variance of the logarithm of a total over all enrollment types, from not knowing who stays.

    stay: of dollars by group; None: of person-months.
    """
    if stay is None:
        return _relative(now.months_square.sum(axis=0), remain, float(_by_group(now.months) @ remain))
    dollars = float(_by_group(now.dollars) @ stay)
    mean = dollars / max(float(_by_group(now.months) @ remain), 1.0)
    spread = (now.square - 2 * mean * now.cross + mean**2 * now.months_square).sum(axis=0)
    return _relative(spread, stay, dollars)


def _relative(spread: Numbers, chance: Numbers, total: float) -> float:
    return float(spread @ np.clip(chance * (1 - chance), 0, None)) / total**2 if total > 0 else 0.0

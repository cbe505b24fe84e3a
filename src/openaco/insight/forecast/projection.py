"""From what is known of the performance year to the whole of it.

Spending of a service month has three parts: what is known; what is still to come of the claims (one minus the share
known, times what such a month is expected to cost); and, for months that lie ahead, everything. What a month is
expected to cost is person-months × season × level. The level of the year is a credibility mean: the spending known so
far divided by the person-months that it comes from (each counted with the season and the share of its claims that is
known), against last year's level with growth. How much each counts follows from how far either can be off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaco.insight.forecast import assumptions
from openaco.insight.forecast.history import History
from openaco.insight.forecast.people import KINDS, MONTHS, GroupSums
from openaco.insight.forecast.triangle import Numbers


@dataclass(frozen=True)
class KnownYear:
    """What is known of the performance year, for the people expected to be assigned in the end.

    months        person-months (kind, month); those ahead projected
    spent         truncated dollars a person-month known (kind, month); 0 ahead
    share_known   by month: the share of its claims known of all that the run-out date will know; 0 ahead
    taken_back    dollars a person-month of the year taken back beyond everything paid (kind), ≤ 0
    list_error    variance of the logarithm of spending from not knowing who will be assigned (kind)
    months_error  variance of the logarithm of person-months from the same (kind)
    people        how many people are expected to be assigned
    """

    months: Numbers
    spent: Numbers
    share_known: Numbers
    taken_back: Numbers
    list_error: Numbers
    months_error: Numbers
    people: float


@dataclass(frozen=True)
class Level:
    """The year's level of spending, as logarithms (kinds), and by what the spending known is off for its people.

    mean, covariance   of the level of the four enrollment types, then of the excess of the spending known over that of
                       the people who will be assigned
    """

    mean: Numbers
    covariance: Numbers


@dataclass(frozen=True)
class Projection:
    """The performance year as a whole, by enrollment type: person-months, and dollars a person-month to the run-out.

    dollars: US dollars of every month (kind, month), without what was taken back.
    """

    months: Numbers
    spending: Numbers
    dollars: Numbers
    level: Level
    known: KnownYear


def known_year(now: GroupSums, past: History, share_known: Numbers, known_months: int) -> KnownYear:
    """The sums by group, taken for the people who will be assigned in the end as far as past years tell."""
    stay, remain = past.dollars_stay, past.months_stay
    seen = np.einsum("g,kgm->km", remain, now.months)
    ahead = np.arange(MONTHS) >= known_months
    usual = past.months_pattern[:known_months].sum()
    months = np.where(ahead, seen.sum(axis=1, keepdims=True) / usual * past.months_pattern, seen)
    dollars = np.einsum("g,kgm->km", stay, now.dollars)
    counted = np.where(months > 0, months, 1.0)
    total = np.maximum(months.sum(axis=1), 1.0)
    return KnownYear(
        months=months,
        spent=np.where(ahead, 0.0, dollars / counted),
        share_known=np.where(ahead, 0.0, share_known),
        taken_back=np.einsum("g,kg->k", stay, now.taken_back) / total,
        list_error=_list_error(now, stay, remain) * past.list_scale[0],
        months_error=_months_error(now, remain) * past.list_scale[1],
        people=float(past.people_stay @ now.people),
    )


def _list_error(now: GroupSums, stay: Numbers, remain: Numbers) -> Numbers:
    """Each person is assigned in the end with the chance of the group: the variance of the mean, relative to it."""
    dollars = now.dollars.sum(axis=2) @ stay
    months = now.months.sum(axis=2) @ remain
    mean = np.where(months > 0, dollars / np.where(months > 0, months, 1.0), 0.0)[:, None]
    spread = now.square - 2 * mean * now.cross + mean**2 * now.months_square
    chance = np.clip(stay * (1 - stay), 0, None)
    return np.where(dollars > 0, (spread @ chance) / np.where(dollars > 0, dollars, 1.0) ** 2, 0.0)


def _months_error(now: GroupSums, remain: Numbers) -> Numbers:
    months = now.months.sum(axis=2) @ remain
    chance = np.clip(remain * (1 - remain), 0, None)
    return np.where(months > 0, (now.months_square @ chance) / np.where(months > 0, months, 1.0) ** 2, 0.0)


def project(known: KnownYear, past: History) -> Projection:
    """The point forecast: known, completed and projected, by enrollment type."""
    level = year_level(known, past)
    dollars = month_dollars(known, past.season, level.mean[:KINDS], level.mean[KINDS:])
    return Projection(known.months.sum(axis=1), per_month(dollars, known), dollars, level, known)


def month_dollars(known: KnownYear, season: Numbers, level: Numbers, excess: Numbers) -> Numbers:
    """Dollars of every month to the run-out (kind, month): known, to come, ahead. level, excess: as logarithms."""
    seen = known.months * known.spent * np.exp(-excess)[:, None]
    return seen + known.months * season * (1 - known.share_known) * np.exp(level)[:, None]


def per_month(dollars: Numbers, known: KnownYear) -> Numbers:
    """Dollars a person-month of the whole year by enrollment type, with what was taken back; 0 without months."""
    months = known.months.sum(axis=1)
    return np.where(months > 0, dollars.sum(axis=1) / np.where(months > 0, months, 1.0), 0.0) + known.taken_back


def year_level(known: KnownYear, past: History) -> Level:
    """The level of the year given what is known: the mean and covariance of a normal distribution of logarithms.

    Before: last year's level with growth, which all types share, and what is each type's own. Seen: the level that
    the spending known implies, off by chance and by people who will not be assigned in the end.
    """
    variance = past.variance
    own = assumptions.TYPE_ERROR**2 + variance / np.maximum(past.level_months, 1.0)
    prior = np.zeros((2 * KINDS, 2 * KINDS))
    prior[:KINDS, :KINDS] = past.growth_error**2 + np.diag(own)
    prior[KINDS:, KINDS:] = np.diag(known.list_error)
    mean = np.zeros(2 * KINDS)
    mean[:KINDS] = np.log(np.maximum(past.level, 1.0)) + past.growth
    exposed = known.months * past.season * known.share_known
    dollars = (known.months * known.spent).sum(axis=1)
    seen = np.flatnonzero((exposed.sum(axis=1) > 0) & (dollars > 0))
    if not len(seen):
        return Level(mean, prior)
    look = np.hstack([np.eye(KINDS), np.eye(KINDS)])[seen]
    told = np.log(dollars[seen] / exposed[seen].sum(axis=1))
    chance = variance[seen] * (exposed * past.season).sum(axis=1)[seen] / exposed[seen].sum(axis=1) ** 2
    gain = prior @ look.T @ np.linalg.inv(look @ prior @ look.T + np.diag(chance))
    return Level(mean + gain @ (told - look @ mean), prior - gain @ look @ prior)

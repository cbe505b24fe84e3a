"""Many possible years instead of one: seeded draws of everything the projection does not know.

Drawn are the level of the year and who will be assigned (jointly, from the credibility mean), person-months, the
season, a drift of the level after the valuation date, the development of claims (Mack's errors of the factors, the same
for all months, and how much what was missing of past months varied), and the scatter of the months not seen yet: whole
past months are drawn with replacement, all enrollment types together, so that what moves them together stays together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from openaco.insight.forecast import assumptions
from openaco.insight.forecast.chain_ladder import Development
from openaco.insight.forecast.history import SLOPE, History
from openaco.insight.forecast.people import KINDS, MONTHS
from openaco.insight.forecast.projection import KnownYear, Projection, month_dollars, per_month
from openaco.insight.forecast.triangle import Numbers


@dataclass(frozen=True)
class Draws:
    """Possible years: person-months and dollars a person-month, by draw and enrollment type.

    by_month: dollars a person-month of each month, all enrollment types (draw, month).
    """

    months: Numbers
    spending: Numbers
    by_month: Numbers


@dataclass(frozen=True)
class Ages:
    """The ages of the months seen on the valuation date, the age each will have on the run-out date, and what develops.

    missing: by age, the standard deviation of what is still missing of a month, as a share of an ordinary month.
    """

    now: Numbers
    then: Numbers
    development: Development
    missing: Numbers


def draw_years(projection: Projection, past: History, ages: Ages, how_many: int, seed: int) -> Draws:
    """Seeded: the same arguments give the same draws."""
    rng = np.random.default_rng(seed)
    known = projection.known
    drawn = rng.multivariate_normal(projection.level.mean, projection.level.covariance, how_many, method="svd")
    unseen = (known.share_known < assumptions.UNSEEN).astype(float)
    shares = shares_drawn(rng, known.share_known, ages, how_many)
    seasons = past.season + past.season_error * rng.standard_normal((how_many, MONTHS))
    seasons += past.slope_error * rng.standard_normal((how_many, 1)) * SLOPE
    seasons /= seasons.mean(axis=1, keepdims=True)
    part_ahead = 1 - known.share_known.sum() / MONTHS
    drift = assumptions.DRIFT_ERROR * np.sqrt(max(part_ahead, 0.0)) * rng.standard_normal(how_many)
    scatter = past.scatter[rng.integers(0, len(past.scatter), (how_many, MONTHS))]
    months_off = np.exp(np.sqrt(known.months_error) * rng.standard_normal((how_many, KINDS)))
    months, spending = np.empty((how_many, KINDS)), np.empty((how_many, KINDS))
    by_month = np.empty((how_many, MONTHS))
    counted = np.maximum(known.months.sum(axis=0), 1.0)
    for draw in range(how_many):
        possible = replace(known, share_known=shares[draw])
        level, excess = drawn[draw, :KINDS], drawn[draw, KINDS:]
        dollars = month_dollars(possible, seasons[draw], level + drift[draw], excess)
        dollars += _chance(possible, unseen, seasons[draw], np.exp(level), scatter[draw])
        spending[draw] = per_month(dollars, known)
        by_month[draw] = dollars.sum(axis=0) / counted
        months[draw] = projection.months * months_off[draw]
    return Draws(months, spending, by_month)


def _chance(known: KnownYear, unseen: Numbers, season: Numbers, level: Numbers, scatter: Numbers) -> Numbers:
    """How far the unknown parts of unseen months lie from what is expected of them, US dollars (kind, month).

    scatter: a past month for each month, by enrollment type. The unknown part of a month scatters like a smaller month.
    """
    missing = np.clip(1 - known.share_known, 0, None) * unseen
    return scatter.T * np.sqrt(known.months * missing) * season * level[:, None]


def shares_drawn(rng: np.random.Generator, share_known: Numbers, ages: Ages, how_many: int) -> Numbers:
    """The share known of each month if the development were another that the past allows (draw × month).

    Off are the factors, for all months alike (Mack's standard errors), and what is missing of each month, by as much
    as what was missing of past months at that age. Both go either way alike.
    """
    development = ages.development
    steps = development.last_age
    shared = development.factor_error / development.factor * rng.standard_normal((how_many, steps))
    drawn = np.tile(share_known, (how_many, 1))
    for month in np.flatnonzero(share_known >= assumptions.UNSEEN):
        first, last = int(ages.now[month]), min(int(np.ceil(ages.then[month])), steps)
        if first < last:
            drawn[:, month] *= 1 - shared[:, first:last].sum(axis=1)
            drawn[:, month] -= ages.missing[first] * rng.standard_normal(how_many)
    return drawn

"""The forecast of a year from sums, and what it would have said of past years on the same day of theirs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from openaco.insight.forecast import assumptions
from openaco.insight.forecast.completion import MONTHS, Completion
from openaco.insight.forecast.draws import Ages, Draws, draw_years, shares_drawn
from openaco.insight.forecast.history import History, PastYear, history
from openaco.insight.forecast.people import GroupSums
from openaco.insight.forecast.projection import Projection, known_year, project
from openaco.insight.forecast.triangle import Numbers, age_on, month_number, same_day, total

_ENDLESS = 120
"""Months after which nothing more comes."""
COVERAGE = 0.90
"""The share of possible years that lie in the interval."""


@dataclass(frozen=True)
class Standing:
    """All that one day knew of a year, as sums.

    known_months  calendar months of the year that have begun, 1 to 12
    run_out       the day after which nothing more counts for the year
    past          complete years before it, oldest first, the same day of theirs beside the end
    """

    year: int
    known_months: int
    run_out: datetime.date
    now: GroupSums
    past: tuple[PastYear, ...]
    completion: Completion

    @property
    def shares(self) -> Numbers:
        """The share known of each month's claims."""
        return self.completion.shares(self.year, self.run_out)


@dataclass(frozen=True)
class YearForecast:
    """A year's spending: the point forecast and many possible years."""

    standing: Standing
    history: History
    projection: Projection
    draws: Draws


def forecast_year(standing: Standing, how_many: int, seed: int) -> YearForecast:
    """The point forecast and `how_many` draws. Seeded."""
    past = history(standing.past)
    projection = project_standing(standing)
    drawn = draw_years(projection, past, ages_of_year(standing, projection), how_many, seed)
    return YearForecast(standing, past, projection, drawn)


def project_standing(standing: Standing) -> Projection:
    """The point forecast of a year."""
    past = history(standing.past)
    return project(known_year(standing.now, past, standing.shares, standing.known_months), past)


def ages_of_year(standing: Standing, projection: Projection | None = None) -> Ages:
    """The ages of the year's months now and on the run-out date.

    What is missing varies as it did for everybody, or, for the people of a projection, as much more as they are fewer.
    """
    done = standing.completion
    numbers = np.arange(MONTHS) + standing.year * MONTHS
    then = [age_on(standing.run_out, int(number), done.valuation) for number in numbers]
    theirs = float(projection.dollars.sum()) / MONTHS if projection else 0.0
    fewer = max(done.volume / theirs, 1.0) if theirs > 0 else 1.0
    return Ages(
        now=(month_number(done.valuation) - numbers).astype(float),
        then=np.array(then),
        development=done.together,
        missing=done.missing * np.sqrt(fewer),
    )


def interval(values: Numbers, coverage: float = COVERAGE) -> tuple[float, float]:
    """The middle `coverage` of some values."""
    low, high = np.quantile(values, [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class CompletedMonths:
    """The service months of the year seen so far, for everybody known: US dollars known, and what they come to in the
    end with the interval; `months` says which calendar months."""

    months: tuple[int, ...]
    known: float
    expected: float
    low: float
    high: float


def completed_months(standing: Standing, past: History, seed: int, how_many: int = 1000) -> CompletedMonths:
    """Complete the months of which more than a little is known, by development and season alone. Seeded.

    To the end, not to the run-out date: the triangles show it. Where they are too short to, CMS's factor is the rest.
    """
    done = standing.completion
    end = same_day(month_number(done.valuation) + _ENDLESS, done.valuation)
    shares = done.shares(standing.year, end)
    seen = np.flatnonzero(shares >= assumptions.UNSEEN)
    latest = total(list(done.triangles.values()))
    place = standing.year * MONTHS + seen - latest.first
    told, known = latest.latest[place], float(done.known[place].sum()) * done.tail
    ages = replace(ages_of_year(standing), then=np.full(MONTHS, float(_ENDLESS)))
    drawn = shares_drawn(np.random.default_rng([seed, 2]), shares, ages, how_many)[:, seen]
    low, high = interval(_grown(told, drawn, past.season[seen]))
    expected = float(_grown(told, shares[None, seen], past.season[seen])[0])
    months = tuple(int(month) + 1 for month in seen)
    return CompletedMonths(months, known / done.tail, known * expected, known * low, known * high)


def _grown(known: Numbers, shares: Numbers, season: Numbers) -> Numbers:
    """By what the known dollars of some months grow (draw): what is to come of each is reckoned at their season."""
    usual = known.sum() / np.maximum((shares * season).sum(axis=1, keepdims=True), 1e-9)
    return (known + (1 - shares) * usual * season).sum(axis=1) / max(known.sum(), 1e-9)


@dataclass(frozen=True)
class PastForecast:
    """What would have been forecast for a past year on the same day of it, and what it came to.

    US dollars a person-year to the run-out, before the completion factor: `expected` with the 90 percent interval
    `low` to `high`, and `known` afterwards.
    """

    year: int
    seen_on: datetime.date
    expected: float
    low: float
    high: float
    known: float

    @property
    def error(self) -> float:
        """How far off the forecast was, as a share of what became known."""
        return self.expected / self.known - 1

    @property
    def held(self) -> bool:
        """Whether what became known lay in the interval."""
        return self.low <= self.known <= self.high


def past_forecasts(standings: Sequence[Standing], finals: Sequence[GroupSums], seed: int) -> list[PastForecast]:
    """Forecast past years as of the same day of each, with nothing that came later, and compare.

    standings: one for each past year that has a year before it; finals: what each came to.
    """
    found = []
    for standing, final in zip(standings, finals, strict=True):
        forecast = forecast_year(standing, 400, seed)
        draws = per_person_year(forecast.draws.months, forecast.draws.spending)
        low, high = interval(draws)
        found.append(
            PastForecast(
                year=standing.year,
                seen_on=standing.completion.valuation,
                expected=float(per_person_year(forecast.projection.months, forecast.projection.spending)),
                low=low,
                high=high,
                known=MONTHS * float(final.dollars.sum() + final.taken_back.sum()) / float(final.months.sum()),
            )
        )
    return found


def per_person_year(months: Numbers, spending: Numbers) -> Numbers:
    """Dollars a person-year over all enrollment types, of one or many possible years."""
    return MONTHS * (months * spending).sum(axis=-1) / months.sum(axis=-1)

"""A small ACO drawn in memory for tests of the forecast: people, months, dollars with lags, and how each year ended.

It shares nothing with the synthetic ACO but numpy: dollars are Poisson counts of lognormal amounts, each becomes known
after a lognormal number of days, on a Monday, and who is assigned in the end is drawn by group.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np

from openaco.insight.forecast.completion import completion
from openaco.insight.forecast.history import PastYear
from openaco.insight.forecast.one_year import Standing
from openaco.insight.forecast.people import MONTHS, GroupSums, PeopleOfYear, group_sums
from openaco.insight.forecast.triangle import Triangle, look_on, triangle_of

YEARS = (2021, 2022, 2023, 2024)
GROUPS = 4
STAY = np.array([0.05, 0.6, 0.7, 0.95])
"""The chance of each group to be assigned in the end."""
LAG_DAYS = (2.9, 0.6)
"""Mean and standard deviation of the logarithm of days from a service to its loading."""
LATE = 0.02
"""The share of services that are loaded up to 400 days after instead."""
SEASON = 1 + 0.1 * np.cos(2 * np.pi * np.arange(MONTHS) / MONTHS)
THRESHOLDS = [400_000.0, 90_000.0, 90_000.0, 90_000.0]


@dataclass(frozen=True)
class Drawn:
    """One year: by person the enrollment type, group and whether assigned; by amount who, which month, when, cents."""

    year: int
    kind: np.ndarray
    group: np.ndarray
    assigned: np.ndarray
    person: np.ndarray
    month: np.ndarray
    loaded: np.ndarray
    cents: np.ndarray

    def known(self, months: int, day: datetime.date) -> PeopleOfYear:
        """The first months as known on a day."""
        kind = np.repeat(self.kind[:, None], MONTHS, axis=1).astype(np.int8)
        kind[:, months:] = -1
        cents = np.zeros((len(self.kind), MONTHS), np.int64)
        seen = (self.loaded <= day.toordinal()) & (self.month < months)
        np.add.at(cents, (self.person[seen], self.month[seen]), self.cents[seen])
        return PeopleOfYear(kind, cents, cents)


@dataclass(frozen=True)
class World:
    """Four drawn years. `standing` is what a month of the last one knew; `final` what that year came to."""

    years: tuple[Drawn, ...]

    def standing(self, months: int, day: int = 15) -> Standing:
        """What a day of the last year's month number `months` knew."""
        valuation = datetime.date(YEARS[-1], months, day)
        past = []
        for drawn in self.years[:-1]:
            then = drawn.known(months, look_on(drawn.year * MONTHS + months - 1, valuation))
            stayed = np.where(drawn.assigned, drawn.group, -1)
            past.append(
                PastYear(
                    year=drawn.year,
                    then=group_sums(then, THRESHOLDS, drawn.group, GROUPS, months),
                    stayed=group_sums(then, THRESHOLDS, stayed, GROUPS, months),
                    final=final(drawn),
                )
            )
        last = self.years[-1]
        now = group_sums(last.known(months, valuation), THRESHOLDS, last.group, GROUPS, months)
        triangle = self.triangle(valuation)
        done = completion({"all": triangle}, triangle.latest, valuation, 1.013)
        return Standing(YEARS[-1], months, run_out(YEARS[-1]), now, tuple(past), done)

    def triangle(self, valuation: datetime.date) -> Triangle:
        """Everybody's dollars by service month and age."""
        numbers = np.concatenate([one.year * MONTHS + one.month for one in self.years])
        loaded = np.concatenate([one.loaded for one in self.years])
        cents = np.concatenate([one.cents for one in self.years])
        known = loaded <= valuation.toordinal()
        return triangle_of(numbers[known], loaded[known], cents[known], YEARS[0] * MONTHS, valuation)

    @property
    def final(self) -> GroupSums:
        """What the last year came to, for the people assigned in the end."""
        return final(self.years[-1])

    @property
    def ended_at(self) -> float:
        """Dollars a person-year of the last year."""
        came_to = self.final
        return MONTHS * float(came_to.dollars.sum() + came_to.taken_back.sum()) / float(came_to.months.sum())


def run_out(year: int) -> datetime.date:
    """The day after which nothing more counts."""
    return datetime.date(year + 1, 3, 31)


def final(drawn: Drawn) -> GroupSums:
    """A whole year of those assigned, as its run-out date knew it."""
    everything = drawn.known(MONTHS, run_out(drawn.year))
    return group_sums(everything, THRESHOLDS, np.where(drawn.assigned, 0, -1), 1, MONTHS)


def draw_world(seed: int, people: int = 1_500) -> World:
    """Four years of the same people; groups and assignment are drawn anew each year."""
    rng = np.random.default_rng(seed)
    frailty = rng.gamma(2.0, 0.5, people)
    kind = rng.choice(4, people, p=[0.02, 0.13, 0.15, 0.7])
    years = []
    for number, year in enumerate(YEARS):
        level = 1.03**number * np.exp(rng.normal(0, 0.02))
        rates = 0.45 * frailty[:, None] * SEASON[None, :] * np.where(kind == 0, 6.0, 1.0)[:, None]
        counts = rng.poisson(rates)
        person, month = np.repeat(np.argwhere(counts > 0), counts[counts > 0], axis=0).T
        cents = np.round(level * rng.lognormal(11.3, 1.1, len(person))).astype(np.int64)
        served = _first_days(year)[month] + rng.integers(0, 28, len(person))
        lag = np.where(rng.random(len(person)) < LATE, rng.integers(120, 400, len(person)), _lags(rng, len(person)))
        group = rng.choice(GROUPS, people, p=[0.45, 0.15, 0.05, 0.35])
        assigned = rng.random(people) < STAY[group]
        years.append(Drawn(year, kind, group, assigned, person, month, _next_monday(served + lag), cents))
    return World(tuple(years))


def _lags(rng: np.random.Generator, how_many: int) -> np.ndarray:
    return np.minimum(rng.lognormal(*LAG_DAYS, how_many), 120).astype(np.int64)


def _first_days(year: int) -> np.ndarray:
    return np.array([datetime.date(year, month, 1).toordinal() for month in range(1, MONTHS + 1)])


def _next_monday(days: np.ndarray) -> np.ndarray:
    return days + (1 - days) % 7


def as_if_complete(standing: Standing) -> Standing:
    """The same sums, with development that has nothing more to bring."""
    done = standing.completion
    whole = replace(done.together, factor=np.ones_like(done.together.factor))
    return replace(standing, completion=replace(done, together=whole, categories={}, past=()))

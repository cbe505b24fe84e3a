"""From the lake to what a day knew: reads once, then answers for any valuation date up to the newest load."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from openaco.engine import Engine, Table, _, literal
from openaco.insight.forecast.completion import Completion, completion
from openaco.insight.forecast.groups import GROUPS, groups_on
from openaco.insight.forecast.history import PastYear
from openaco.insight.forecast.one_year import Standing
from openaco.insight.forecast.people import MONTHS, GroupSums, group_sums
from openaco.insight.forecast.reading import YearPeople, lags, people_on, prices, year_dollars, year_people
from openaco.insight.forecast.triangle import Whole, look_on, month_number
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.population import Population
from openaco.programs.year_figures import YearFigures
from openaco.rules.expenditures import completion_factor, run_out_date


@dataclass(frozen=True)
class Sources:
    """What every valuation date reads.

    figures  by past year, oldest first, what a run makes of it; the last entry is the performance year's
    dollars  by year, every dollar with the day it became known
    price    cents a service by claim type, of the newest past year
    """

    engine: Engine
    population: Population
    configuration: Configuration
    performance_year: int
    figures: dict[int, YearFigures]
    dollars: dict[int, Table]
    price: dict[str, int]

    @property
    def past_years(self) -> list[int]:
        """The complete years before the performance year, oldest first."""
        return [year for year in self.figures if year < self.performance_year]

    def thresholds(self, year: int) -> list[float]:
        """Truncation thresholds by enrollment type, US dollars a year."""
        stated = self.configuration.national_for(year).truncation_threshold.as_dict()
        return [stated[kind] for kind in ENROLLMENT_TYPES]


def sources(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    performance_year: int,
    figures: dict[int, YearFigures],
    valuation: datetime.date,
) -> Sources:
    """Read the dollars of every year that `figures` holds, as known on the valuation date."""
    dollars = {year: year_dollars(engine, population, year, valuation) for year in figures}
    return Sources(
        engine=engine,
        population=population,
        configuration=configuration,
        performance_year=performance_year,
        figures=figures,
        dollars=dollars,
        price=prices(engine, dollars[performance_year - 1]),
    )


@dataclass(frozen=True)
class Knowledge:
    """What one valuation date knew of the performance year and of the same day of past years.

    people       of the performance year, so that its sums can be made again from what an earlier day knew
    past_people  of the past years, by year
    """

    standing: Standing
    people: YearPeople
    past_people: dict[int, YearPeople]


def knowledge(read: Sources, valuation: datetime.date) -> Knowledge:
    """What a valuation date knew."""
    year = read.performance_year
    done = _completion(read, valuation)
    over = valuation >= run_out_date(year)
    past_people = {before: _past_people(read, before, valuation, over) for before in read.past_years}
    past = tuple(_past_year(read, before, people, valuation, done) for before, people in past_people.items())
    people = _people(read, year, valuation, over, None)
    known = known_months(year, valuation)
    standing = Standing(
        year=year,
        known_months=known,
        run_out=run_out_date(year),
        now=sums_on(read, people, valuation, known),
        past=past,
        completion=done,
    )
    return Knowledge(standing, people, past_people)


def known_months(year: int, valuation: datetime.date) -> int:
    """How many calendar months of a year have begun by a day, at most 12."""
    return min(month_number(valuation) - year * MONTHS + 1, MONTHS)


def sums_on(read: Sources, people: YearPeople, day: datetime.date, months: int) -> GroupSums:
    """The performance year's sums over its groups, of what a day knew of the first months."""
    year = read.performance_year
    known = people_on(read.engine, people, read.dollars[year], day, read.price)
    return group_sums(known, read.thresholds(year), people.group, GROUPS, months)


def past_standings(found: Knowledge) -> list[Standing]:
    """Each past year that has a year before it, as it stood on the same day; none once the run-out is over."""
    standing = found.standing
    years: list[Standing] = []
    if standing.completion.valuation >= standing.run_out:
        return years
    for place in range(1, len(standing.past)):
        year = standing.past[place]
        back = (standing.year - year.year) * MONTHS
        before = {name: one.earlier(back) for name, one in standing.completion.triangles.items()}
        valuation = look_on(month_number(standing.completion.valuation) - back, standing.completion.valuation)
        months = next(iter(before.values())).months
        if months < MONTHS:
            continue
        years.append(
            replace(
                standing,
                year=year.year,
                run_out=run_out_date(year.year),
                now=year.then,
                past=standing.past[:place],
                completion=completion(
                    before, standing.completion.known[:months], valuation, standing.completion.fixed_factor
                ),
            )
        )
    return years


def _completion(read: Sources, valuation: datetime.date) -> Completion:
    first = min(read.dollars) * MONTHS
    largest = Decimal(str(min(read.thresholds(read.performance_year))))
    found = lags(read.engine, list(read.dollars.values()), first, valuation, largest)
    national = read.configuration.national_for(read.performance_year)
    fixed = national.completion_factor or float(completion_factor(read.performance_year))
    return completion(found.triangles, found.known, valuation, fixed)


def _people(read: Sources, year: int, day: datetime.date, over: bool, assigned: Table | None) -> YearPeople:
    """The people of a year in their groups; when the performance year's run-out is over, the list is no guess."""
    if over:
        final = read.figures[year].assignment.filter(_.assigned)
        groups = read.engine.checkpoint(final.select("person_id", group=literal(GROUPS - 1)))
    else:
        groups = groups_on(read.engine, read.population, read.configuration, year, read.performance_year, day)
    episodes = read.figures[year].covid_episodes
    return year_people(read.engine, read.population, year, episodes, groups, assigned)


def _day_of(read: Sources, year: int, valuation: datetime.date) -> datetime.date:
    """The day of a past year that compares with the valuation date."""
    return look_on(month_number(valuation) - (read.performance_year - year) * MONTHS, valuation)


def _past_people(read: Sources, year: int, valuation: datetime.date, over: bool) -> YearPeople:
    assigned = read.figures[year].assignment.filter(_.assigned).select("person_id")
    return _people(read, year, _day_of(read, year, valuation), over, assigned)


def _past_year(read: Sources, year: int, people: YearPeople, valuation: datetime.date, done: Completion) -> PastYear:
    """A past year as known on the same day of it, and as its run-out date knew it, or as far as that has come."""
    day = _day_of(read, year, valuation)
    months = known_months(year, day)
    then = people_on(read.engine, people, read.dollars[year], day, read.price)
    end = people_on(read.engine, people, read.dollars[year], min(run_out_date(year), valuation), read.price)
    limits = read.thresholds(year)
    stayed = np.where(people.assigned, people.group, -1)
    final = group_sums(end, limits, _one_group(people), 1, MONTHS)
    return PastYear(
        year=year,
        then=group_sums(then, limits, people.group, GROUPS, months),
        stayed=group_sums(then, limits, stayed, GROUPS, months),
        final=_completed(final, done, year, valuation),
    )


def _one_group(people: YearPeople) -> Whole:
    return np.where(people.assigned, 0, -1)


def _completed(final: GroupSums, done: Completion, year: int, valuation: datetime.date) -> GroupSums:
    """A year whose run-out is not over yet, with what is still to come of its months."""
    run_out = run_out_date(year)
    if valuation >= run_out:
        return final
    missing = 1 / np.maximum(done.shares(year, run_out), 0.5)
    return replace(final, dollars=final.dollars * missing, use=final.use * missing)

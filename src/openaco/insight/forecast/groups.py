"""Who will be assigned in the end, as far as a day tells: people in groups, each with its own chance.

Retrospective assignment looks at a calendar year that is not over. Two lists tell most: who would be assigned on the
services of the year so far, and who on those of the last twelve months (42 CFR 425.402). How many of each group are
assigned in the end, and what part of its dollars is theirs, past years tell on the same day of theirs. Under
prospective assignment the list is known, and groups are those on it and those not.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import replace

from openaco.engine import Engine, Table, _, coalesce, ifelse, literal, stack
from openaco.programs.configuration import Configuration
from openaco.programs.population import Population
from openaco.rules.assignment import (
    AssignmentWindow,
    assign,
    assignment_window,
    charges_by_entity,
    claims_based,
    decide,
    eligibility_screen,
    entities,
    list_takes_effect,
    primary_care_services,
    voluntary_alignment,
)
from openaco.rules.claims import adjust

GROUPS = 4
"""On neither list, on that of the last twelve months, on that of the year so far, on both."""


def groups_on(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    year: int,
    performance_year: int,
    day: datetime.date,
) -> Table:
    """The group of everybody on either list as a day knew them. Grain: one person; `group` 1 to 3; nobody else is 0."""
    method = configuration.agreement.assignment_method
    window = assignment_window(year, method, performance_year)
    if method == "prospective":
        listed = _listed_prospectively(engine, population, configuration, window, day)
        return listed.select("person_id", group=literal(GROUPS - 1))
    until = min(datetime.date(day.year, day.month, calendar.monthrange(day.year, day.month)[1]), window.year_end)
    since = (until + datetime.timedelta(days=1)).replace(
        year=until.year - (until.month < 12), month=until.month % 12 + 1
    )
    months_back = (window.end.year - window.earliest.year) * 12 + window.end.month - window.earliest.month
    earliest = _months_before(until, months_back) if window.expanded_start else since
    services = _services(engine, population, window, earliest, until, day)
    starts = {since: 1, window.start: 2} if since != window.start else {since: GROUPS - 1}
    lists = []
    for start, weight in starts.items():
        seen = replace(window, start=start, end=until, expanded_start=earliest if window.expanded_start else None)
        lists.append(_listed(engine, population, configuration, seen, services).mutate(weight=literal(weight)))
    return engine.checkpoint(stack(lists).group_by("person_id").aggregate(group=_.weight.sum()))


def _months_before(until: datetime.date, months: int) -> datetime.date:
    """The first day of the month so many months before that of `until`."""
    number = until.year * 12 + until.month - 1 - months
    return datetime.date(number // 12, number % 12 + 1, 1)


def _services(
    engine: Engine,
    population: Population,
    window: AssignmentWindow,
    start: datetime.date,
    end: datetime.date,
    known_by: datetime.date,
) -> Table:
    claims = adjust(
        population.versions, year=window.year, period=(start, end), run_out_date=known_by, checkpoint=engine.checkpoint
    )
    return engine.checkpoint(
        primary_care_services(
            professional=claims.professional,
            institutional=claims.institutional,
            institutional_line=claims.institutional_line,
            provider=population.provider,
            electing_hospital=population.electing_hospital,
            fee_schedule_amount=population.fee_schedule_amount,
            rules_year=window.rules_year,
            start=start,
            end=end,
        )
    )


def _listed(
    engine: Engine, population: Population, configuration: Configuration, window: AssignmentWindow, services: Table
) -> Table:
    """Whom a list over a window of services would assign; eligibility is looked at over the year so far."""
    aco = f"aco:{configuration.aco.id}"
    listed = engine.checkpoint(entities(population.participant, list_takes_effect(window.rules_year)))
    charges = engine.checkpoint(charges_by_entity(services, listed, window))
    decided = engine.checkpoint(claims_based(charges, aco, window, configuration.seed))
    of_year = replace(window, start=window.year_start)
    screen = eligibility_screen(population.people, population.person_months, of_year)
    aligned = voluntary_alignment(population.designations, services, listed, window, configuration.aco.id)
    return engine.checkpoint(decide(screen, aligned, decided, aco).filter(_.assigned).select("person_id"))


def _listed_prospectively(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    window: AssignmentWindow,
    day: datetime.date,
) -> Table:
    services = _services(engine, population, window, window.earliest, window.end, day)
    assigned = assign(
        services=services,
        people=population.people,
        person_months=population.person_months,
        participant=population.participant,
        designations=population.designations,
        aco_id=configuration.aco.id,
        window_year=window.year,
        rules_year=window.rules_year,
        method=window.method,
        seed=configuration.seed,
        keep=engine.checkpoint,
    )
    return engine.checkpoint(assigned.filter(_.assigned).select("person_id"))


def numbered(months: Table, groups: Table, assigned: Table | None) -> Table:
    """The people of a year's months with `group` (0 where on no list) and, where known, whether `assigned` in the end.

    months: eligible months with `person_id`. Grain: one person.
    """
    people = months.select("person_id").distinct()
    on_lists = groups.select(listed_person="person_id", on_lists="group")
    found = people.left_join(on_lists, [("person_id", "listed_person")])
    found = found.mutate(group=coalesce(_.on_lists, literal(0)).cast("int64")).drop("listed_person", "on_lists")
    if assigned is None:
        return found.mutate(assigned=literal(False))
    ours = assigned.select(assigned_person="person_id")
    found = found.left_join(ours, [("person_id", "assigned_person")])
    flag = ifelse(_.assigned_person.notnull(), literal(True), literal(False))
    return found.mutate(assigned=flag).drop("assigned_person")

"""What the forecast reads: amounts by service month and load date, and people by month, as arrays.

Sums are made in the engine; only whole cents and whole months come out, so their order does not matter.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from openaco.engine import (
    Engine,
    Table,
    Value,
    _,
    cases,
    coalesce,
    date_of,
    greatest,
    ifelse,
    least,
    literal,
    row_number,
    stack,
)
from openaco.insight.forecast.groups import numbered
from openaco.insight.forecast.people import MONTHS, PeopleOfYear
from openaco.insight.forecast.triangle import Numbers, Triangle, Whole, triangle_of
from openaco.parameters import parameter
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.population import Population
from openaco.rules.claims import adjust
from openaco.rules.expenditures import counted_months, program_dollars

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "facility stays": ("inpatient", "skilled_nursing", "hospice", "home_health"),
    "outpatient": ("outpatient",),
    "clinicians and suppliers": ("professional", "equipment"),
}
"""Service categories whose claims come in alike, by the services of `expenditures/service_categories`."""


def year_dollars(engine: Engine, population: Population, year: int, until: datetime.date) -> Table:
    """Every dollar of a year that the program counts, with the day on which it became known.

    Grain: one counted version of a claim or line: `person_id`, `month`, `load_date`, `claim_type_code`, `amount`.
    until: nothing loaded later. Later cancellations are rows of their own, so a filter on `load_date` gives what was
    known on any earlier day. A version without a load date counts as known from its last day of service on.
    """
    claims = adjust(  # nothing is kept on the way: dollars need no pairing of cancellations, so none is computed
        population.versions,
        year=year,
        period=(datetime.date(year, 1, 1), datetime.date(year, 12, 31)),
        run_out_date=until,
    )
    counted = program_dollars(claims.dollars, year).filter(_.rule.isnull())
    return engine.store(
        counted.select(
            "person_id",
            "month",
            "claim_type_code",
            "amount",
            load_date=coalesce(_.load_date, _.through_date),
        )
    )


def prices(engine: Engine, dollars: Table) -> dict[str, int]:
    """Cents a service by claim type: what was paid, divided by services paid less services taken back."""
    services = ifelse(_.amount > 0, 1, ifelse(_.amount < 0, -1, 0))
    rows = engine.to_rows(dollars.group_by("claim_type_code").aggregate(amount=_.amount.sum(), services=services.sum()))
    return {
        row["claim_type_code"]: max(round(100 * row["amount"] / row["services"]), 0)
        for row in rows
        if row["services"] > 0
    }


def _use(price: Mapping[str, int]) -> Value:
    """A row as use at fixed prices, in cents: one service, or one taken back."""
    services = ifelse(_.amount > 0, 1, ifelse(_.amount < 0, -1, 0))
    worth = [(_.claim_type_code == code, literal(cents)) for code, cents in sorted(price.items())]
    return services * (cases(*worth, else_=literal(0)) if worth else literal(0))


@dataclass(frozen=True)
class Lags:
    """When everybody's dollars became known.

    triangles  by service category, no single row counted beyond a limit: one very large claim says nothing about lags
    known      US dollars known of each service month of the triangles, in full
    """

    triangles: dict[str, Triangle]
    known: Numbers


def lags(engine: Engine, dollars: Sequence[Table], first: int, valuation: datetime.date, largest: Decimal) -> Lags:
    """Lag triangles as of a valuation date, from service month `first` on. largest: the limit of a row, US dollars."""
    cut = greatest(least(_.amount, literal(largest)), literal(-largest))
    summed = stack(list(dollars)).group_by("month", "load_date", "claim_type_code")
    columns = engine.to_columns(
        summed.aggregate(cents=(cut * 100).cast("int64").sum(), whole=(_.amount * 100).cast("int64").sum())
    )
    months, loaded = _month_numbers(columns["month"]), _ordinals(columns["load_date"])
    services: Mapping[str, Sequence[str]] = parameter("expenditures/service_categories", valuation.year).value
    found = {}
    for name, parts in CATEGORIES.items():
        codes = [code for part in parts for code in services[part]]
        mine = np.isin(columns["claim_type_code"].astype(str), codes)
        cents = columns["cents"][mine].astype(np.int64)
        found[name] = triangle_of(months[mine], loaded[mine], cents, first, valuation)
    return Lags(found, triangle_of(months, loaded, columns["whole"].astype(np.int64), first, valuation).latest)


@dataclass(frozen=True)
class YearPeople:
    """People of one year whose months may count, by position.

    months  eligible months: `person`, `month`, `enrollment_type`
    people  `person`, `person_id`, `group` and `assigned` (see `groups.numbered`)
    """

    months: Table
    people: Table
    group: Whole
    assigned: np.ndarray


def year_people(
    engine: Engine, population: Population, year: int, episodes: Table, groups: Table, assigned: Table | None
) -> YearPeople:
    """Number the people of a year in the order of their identifiers."""
    months = counted_months(population.person_months, year, None, episodes).filter(_.eligible)
    months = engine.checkpoint(months.select("person_id", "month", "enrollment_type"))
    listed = numbered(months, groups, assigned)
    listed = engine.checkpoint(listed.mutate(person=row_number().over(order_by=listed.person_id)))
    columns = engine.to_columns(listed.order_by("person").select("group", "assigned"))
    return YearPeople(
        months=engine.checkpoint(months.inner_join(listed.select("person_id", "person"), "person_id")),
        people=listed,
        group=columns["group"].astype(np.int64),
        assigned=columns["assigned"].astype(bool),
    )


def people_on(
    engine: Engine, people: YearPeople, dollars: Table, day: datetime.date, price: Mapping[str, int]
) -> PeopleOfYear:
    """Kinds, dollars and use by person and month, as known on a day; months that begin after it are not known."""
    known = engine.to_columns(
        people.months.filter(_.month <= date_of(day)).select("person", "month", "enrollment_type")
    )
    shape = (len(people.group), MONTHS)
    kind = np.full(shape, -1, np.int8)
    place = (known["person"], _month_numbers(known["month"]) % MONTHS)
    codes = {name: number for number, name in enumerate(ENROLLMENT_TYPES)}
    kind[place] = [codes[name] for name in known["enrollment_type"]]
    numbers = people.people.select("person_id", "person")
    rows = dollars.filter(_.load_date <= date_of(day)).inner_join(numbers, "person_id")
    summed = rows.group_by("person", "month").aggregate(
        cents=(_.amount * 100).cast("int64").sum(), use=_use(price).sum().cast("int64")
    )
    columns = engine.to_columns(summed)
    place = (columns["person"], _month_numbers(columns["month"]) % MONTHS)
    cents, use = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    cents[place], use[place] = columns["cents"], columns["use"]
    return PeopleOfYear(kind, cents, use)


def _month_numbers(months: Any) -> Whole:
    return months.astype("datetime64[M]").astype(np.int64) + 1970 * MONTHS


def _ordinals(days: Any) -> Whole:
    return days.astype("datetime64[D]").astype(np.int64) + datetime.date(1970, 1, 1).toordinal()

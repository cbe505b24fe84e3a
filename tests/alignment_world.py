"""The invented world of the assignment tests, aligned by weighted allowed charges instead."""

from __future__ import annotations

import datetime
from typing import Any

from assignment_world import ACO, SPECIALTIES, World, months_of, rows_of, visits
from openaco.engine import Table
from openaco.rules.alignment import align
from openaco.rules.assignment.contract import Designation, Person, PersonMonth
from openaco.tables import Participant

SERVICES_BY = 2021
LISTS_ON = datetime.date(2023, 1, 1)
SPECIALTIES.setdefault("rheumatology", "66")
SPECIALTIES.setdefault("psychiatry", "26")


def alignment(world: World, window_year: int, variant: str, rules_year: int | None = None, **more: Any) -> Table:
    """The alignment of everybody in the world to A1000."""
    months = world.months
    if months is None:
        spans = range(window_year - 1, window_year + 1)
        months = [row for person in world.persons() for year in spans for row in months_of(person["person_id"], year)]
    return align(
        services=world.engine.checkpoint(world.services(SERVICES_BY, datetime.date(2008, 1, 1))),
        people=world.table(Person, world.persons()),
        person_months=world.table(PersonMonth, months),
        participant=world.table(Participant, rows_of(Participant, world.participants)),
        designations=world.table(Designation, world.designations),
        aco_id=ACO,
        window_year=window_year,
        rules_year=rules_year or window_year,
        variant=variant,
        keep=world.engine.checkpoint,
        **({"participants_on": LISTS_ON} | more),
    )


def outcomes(world: World, window_year: int, variant: str, **more: Any) -> dict[str, dict[str, Any]]:
    """The rows of the alignment by person."""
    rows = world.engine.to_rows(alignment(world, window_year, variant, **more))
    return {row["person_id"]: row for row in rows}


def stages(world: World, window_year: int, variant: str, **more: Any) -> dict[str, str]:
    """Basis or reason by person."""
    return {who: row["reason"] or row["basis"] for who, row in outcomes(world, window_year, variant, **more).items()}


__all__ = ["World", "alignment", "outcomes", "stages", "visits"]

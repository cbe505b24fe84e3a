"""How much of the dollars few people need, and for what: groups of people only, nobody by name or rank."""

from __future__ import annotations

import math

from openaco.engine import Engine, Table, _, cases, desc, literal, money, row_number

TOP, NEXT, OTHERS = "top 1%", "next 4%", "other 95%"
SHARES = ((TOP, 0.01), (NEXT, 0.05))


def person_places(spending: Table, months: Table) -> Table:
    """Grain: one person with months that count. `dollars` that count in US dollars, 0 where none, and `place` by them
    from 0 (ties by identifier)."""
    spent = spending.group_by(spender=_.person_id).aggregate(dollars=_.amount.sum())
    people = months.select("person_id").distinct().left_join(spent, [("person_id", "spender")])
    filled = people.select("person_id", dollars=_.dollars.fill_null(money(0)))
    return filled.mutate(place=row_number().over(order_by=[desc("dollars"), filled.person_id]))


def bands_of_people(engine: Engine, spending: Table, months: Table) -> Table:
    """Grain: one person with months that count. `band`: the 1% with the most dollars, the next 4%, the others.

    Each share is rounded up to whole people.
    """
    places = engine.checkpoint(person_places(spending, months))
    people = int(engine.to_rows(places.aggregate(people=_.count()))[0]["people"])
    bands = [(_.place < math.ceil(round(people * share, 9)), literal(name)) for name, share in SHARES]
    return places.select("person_id", "dollars", band=cases(*bands, else_=literal(OTHERS)))

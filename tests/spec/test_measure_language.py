"""The language of measures: windows, uncertain times, relations, choices, statements, and what is near a set."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from measure_world import event_row, person_row
from openaco.engine import Engine
from openaco.measures.events_of import status
from openaco.measures.language import (
    Aged,
    Coded,
    Compiler,
    EventSet,
    Female,
    Period,
    Predicate,
    Window,
    at_least,
    days_after,
    days_before,
    exists,
    relaxed,
    truth,
)
from openaco.tables import ClinicalPerson, Event
from spec_tables import cells

YEAR = Period.of_year(2025)
EVENTS = Coded("encounter", ("visit",))
OTHERS = Coded("encounter", ("other",))


def compiler(engine: Engine, events: list[dict[str, Any]], people: list[dict[str, Any]], *sets: EventSet) -> Compiler:
    """The events of a small world, where each concept is its own only code."""
    codes = pa.table({"concept": ["visit", "other"], "system": ["test"] * 2, "code": ["visit", "other"]})
    return Compiler(
        engine,
        engine.from_rows(ClinicalPerson, people),
        engine.from_rows(Event, events),
        engine.from_arrow(codes),
        sets,
    )


def visits(*spans: str, concept: str = "visit", person: str = "p0") -> list[dict[str, Any]]:
    """Events `start..end`, named by their span; a third word after a space is the status."""
    rows = []
    for number, text in enumerate(spans):
        when, _space, said = text.partition(" ")
        stated = {"id": text} | ({"status": said} if said else {})
        rows.append(event_row(person, number, "encounter", concept, when, stated, {}))
    return rows


def members(engine: Engine, events: list[dict[str, Any]], wanted: EventSet) -> list[str]:
    """The events of a set, by name, sorted."""
    table = compiler(engine, events, [], wanted).table(wanted)
    return sorted(row["event_id"] for row in engine.to_rows(table.select("event_id")))


WINDOWS = """
span                                   | during | overlapping | starting | ending | latest_in | starting_by | ending_by
-------------------------------------- | ------ | ----------- | -------- | ------ | --------- | ----------- | ---------
2024-12-31                             |        |             |          |        |           | x           | x
2025-01-01                             | x      | x           | x        | x      | x         | x           | x
2025-12-31                             | x      | x           | x        | x      | x         | x           | x
2026-01-01                             |        |             |          |        |           |             |
2024-12-31..2025-01-01                 |        | x           |          | x      | x         | x           | x
2025-12-31..2026-01-01                 |        | x           | x        |        |           | x           |
2024-06-01..2026-06-01                 |        | x           |          |        |           | x           |
2025-06-01..                           |        | x           | x        |        | x         | x           |
2024-06-01..                           |        | x           |          |        |           | x           |
2025                                   | x      | x           | x        | x      | x         | x           | x
2024-12..2025-06-01                    |        | x           |          | x      | x         | x           | x
2025-12..2026-01                       |        | x           | x        |        |           | x           |
2025-12-31T23:59:59.999Z               | x      | x           | x        | x      | x         | x           | x
2025-12-31T20:00:00-05:00              |        |             |          |        |           |             |
2025-01-01T02:00:00+05:00              |        |             |          |        |           | x           | x
2025-12-31T23:00:00Z..2026-01-01T01:00:00Z |      | x           | x        |        |           | x           |
"""


@pytest.mark.parametrize(
    "name", ["during", "overlapping", "starting", "ending", "latest_in", "starting_by", "ending_by"]
)
def test_windows_by_utc_day_first_and_last_included(duckdb_engine: Engine, name: str) -> None:
    table = cells(WINDOWS)
    argument = YEAR.last if name.endswith("_by") else YEAR
    wanted = getattr(EVENTS, name)(argument)
    expected = sorted(row["span"] for row in table if row[name])
    assert members(duckdb_engine, visits(*[row["span"] or "" for row in table]), wanted) == expected


def test_what_has_no_time_is_in_no_window(duckdb_engine: Engine) -> None:
    undated = visits("2025-06-01")
    for name in ("start_earliest", "start_latest", "end_earliest", "end_latest"):
        undated[0][name] = None
    for wanted in (
        EVENTS.during(YEAR),
        EVENTS.overlapping(YEAR),
        EVENTS.starting_by(YEAR.last),
        EVENTS.latest_in(YEAR),
    ):
        assert members(duckdb_engine, undated, wanted) == []
    assert members(duckdb_engine, undated, EVENTS) == ["2025-06-01"]


def test_a_time_is_certain_only_if_every_instant_it_can_mean_is(duckdb_engine: Engine) -> None:
    anchor = visits("2025-03-10T09:00:00Z..2025-03-10T10:00:00Z", concept="other")
    spans = ["2025-03-10", "2025-03-10T09:00:00Z", "2025-03-10T08:59:59Z", "2025-03-10T10:00:01Z", "2025-03-11"]

    def held(relation: Any) -> list[str]:
        return members(duckdb_engine, visits(*spans) + anchor, EVENTS.having(OTHERS, relation, "related"))

    assert held(lambda one, other: one.starts_at.on_or_after(other.starts_at)) == [spans[1], spans[3], spans[4]]
    assert held(lambda one, other: one.starts_at.before(other.starts_at)) == [spans[2]]
    assert held(lambda one, other: one.starts_at.on_or_before(other.ends_at)) == [spans[2], spans[1]]
    assert held(lambda one, other: one.start.same_as(other.start)) == sorted(spans[:4])
    assert held(lambda one, other: one.start.after(other.start)) == [spans[4]]


DAYS = """
span       | 14 before, same day | 14 before | 14 after, same day | 14 after
---------- | ------------------- | --------- | ------------------ | --------
2025-02-23 |                     |           |                    |
2025-02-24 | x                   | x         |                    |
2025-03-09 | x                   | x         |                    |
2025-03-10 | x                   |           | x                  |
2025-03-11 |                     |           | x                  | x
2025-03-24 |                     |           | x                  | x
2025-03-25 |                     |           |                    |
"""


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("same_day", [True, False])
def test_days_between_two_events(duckdb_engine: Engine, side: str, same_day: bool) -> None:
    counted = days_before if side == "before" else days_after
    wanted = EVENTS.having(
        OTHERS, lambda one, other: counted(one.start, other.start, 14, same_day=same_day), f"14 days {side}"
    )
    table = cells(DAYS)
    column = f"14 {side}, same day" if same_day else f"14 {side}"
    found = members(
        duckdb_engine, visits(*[row["span"] or "" for row in table]) + visits("2025-03-10", concept="other"), wanted
    )
    assert found == [row["span"] for row in table if row[column]]


def test_an_event_is_related_to_events_of_the_same_person_only(duckdb_engine: Engine) -> None:
    events = (
        visits("2025-03-01") + visits("2025-03-02", person="p1") + visits("2025-03-01", concept="other", person="p1")
    )
    wanted = EVENTS.having(OTHERS, lambda one, other: one.start.on_or_after(other.start), "later")
    assert members(duckdb_engine, events, wanted) == ["2025-03-02"]
    absent = EVENTS.without(OTHERS, lambda one, other: one.start.on_or_after(other.start), "later")
    assert members(duckdb_engine, events, absent) == ["2025-03-01"]


def test_first_and_last_with_ties(duckdb_engine: Engine) -> None:
    events = visits("2025-03-01", "2025-03-01T00:00:00Z", "2025-03-05", "2025-03-05 arrived")
    assert members(duckdb_engine, events, EVENTS.first("start_day")) == ["2025-03-01"]
    assert members(duckdb_engine, events, EVENTS.last("start_day")) == ["2025-03-05 arrived"]
    assert members(duckdb_engine, events, EVENTS.on_last_day()) == ["2025-03-05", "2025-03-05 arrived"]
    assert members(duckdb_engine, events, (EVENTS | OTHERS).where(status(["arrived"]))) == ["2025-03-05 arrived"]


def test_what_is_near_a_set(duckdb_engine: Engine) -> None:
    events = visits("2025-03-01", "2024-03-01", "2024-03-02 planned")
    wanted = EVENTS.where(status(["finished"])).during(YEAR)
    assert members(duckdb_engine, events, wanted) == ["2025-03-01"]
    near = {
        frozenset(): 1,
        frozenset(("date",)): 2,
        frozenset(("status",)): 1,
        frozenset(("date", "status")): 3,
    }
    for aspects, count in near.items():
        assert len(members(duckdb_engine, events, relaxed(wanted, aspects))) == count  # type: ignore[arg-type]


def people_for_whom(engine: Engine, people: list[str], events: list[dict[str, Any]], statement: Predicate) -> list[int]:
    """The numbers of the people for whom a statement is true."""
    from openaco.measures.language import statements_of_events

    nodes = {f"fact_{place}": node for place, node in enumerate(statements_of_events(statement))}
    rows = [person_row(number, text) for number, text in enumerate(people)]
    made = compiler(engine, events, rows, EVENTS, *[node.events for node in nodes.values()])
    facts = made.facts(nodes)
    held = truth(statement, facts, {id(node): name for name, node in nodes.items()})
    found = engine.to_rows(facts.select("person_id", held=held))
    return sorted(int(row["person_id"][1:]) for row in found if row["held"])


AGES = ["F 1959-12-31", "F 1960-01-01", "F 1975-12-31", "F 1976-01-01", "F 1960", "F 1975", "U 1959-06"]


def test_ages_count_whole_years_and_are_certain(duckdb_engine: Engine) -> None:
    on = datetime.date(2025, 12, 31)
    assert people_for_whom(duckdb_engine, AGES, visits("2025-01-01"), Aged(on, 50, 65)) == [1, 2, 4, 5]
    assert people_for_whom(duckdb_engine, AGES, visits("2025-01-01"), Aged(on, 66)) == [0, 6]


def test_female_by_gender_or_by_the_sex_extension(duckdb_engine: Engine) -> None:
    people = ["F 1960-01-01", "M 1960-01-01 248152002", "F 1960-01-01 248153007", "U 1960-01-01"]
    events = visits("2025-01-01")
    assert people_for_whom(duckdb_engine, people, events, Female(False, "248152002")) == [0, 2]
    assert people_for_whom(duckdb_engine, people, events, Female(True, "248152002")) == [0, 1]


def test_statements_joined(duckdb_engine: Engine) -> None:
    people = ["F 1960-01-01"] * 3
    events = visits("2025-01-01", "2025-02-01") + visits("2025-01-01", person="p1")
    events += visits("2025-01-01", concept="other", person="p1")
    one, two, other = exists(EVENTS), at_least(2, EVENTS), exists(OTHERS)
    assert people_for_whom(duckdb_engine, people, events, one) == [0, 1]
    assert people_for_whom(duckdb_engine, people, events, two) == [0]
    assert people_for_whom(duckdb_engine, people, events, one & ~two) == [1]
    assert people_for_whom(duckdb_engine, people, events, two | other) == [0, 1]
    assert people_for_whom(duckdb_engine, people, events, ~(two | other)) == [2]


def test_an_event_with_two_codes_is_one(duckdb_engine: Engine) -> None:
    events = visits("2025-01-01")
    events.append(events[0] | {"code": "other"})
    both = Coded("encounter", ("visit", "other"))
    assert people_for_whom(duckdb_engine, ["F 1960-01-01"], events, at_least(2, both)) == []
    assert people_for_whom(duckdb_engine, ["F 1960-01-01"], events, at_least(1, both)) == [0]


def test_windows_are_told_in_words() -> None:
    assert str(YEAR.with_years_before(1)) == "2024-01-01 to 2025-12-31"
    assert YEAR.first_months(6) == Window(datetime.date(2025, 1, 1), datetime.date(2025, 6, 30))
    assert Period.of_year(2026).year == 2026

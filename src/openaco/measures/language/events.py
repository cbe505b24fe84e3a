"""Sets of events: what a measure's logic picks from a person's data, as nodes that are compiled to tables later.

    visits = Coded("encounter", ("office_visit", "telephone_visit")).where(finished)
    recent = visits.during(period) | others.overlapping(period)
    last = recent.last_by_start()

Every condition states its aspect (status, date, value, detail) and says itself in words, so that a trace can tell
which of them failed. All comparisons are certain ones: they hold for every instant that a stated date can mean.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from openaco.engine import BooleanValue, Table
from openaco.measures.language.period import Window, day_number

Aspect = Literal["status", "date", "value", "detail"]
Test = Callable[[Any], BooleanValue]
EVERYTHING: frozenset[Aspect] = frozenset(("status", "date", "value", "detail"))


@dataclass(frozen=True, eq=False)
class Condition:
    """One condition on an event. `test` takes a compiled table of events and gives a boolean column.

    needs: boolean columns that the table must have, such as `value_in_frailty_device` or `reason_in_medical_reason`.
    """

    aspect: Aspect
    says: str
    test: Test
    needs: tuple[str, ...] = ()


class EventSet:
    """A set of events of each person. Combine with `|`, narrow with the methods."""

    name: str = ""

    def where(self, condition: Condition) -> EventSet:
        """The events that also meet a condition."""
        return Narrowed(self, condition)

    def called(self, name: str) -> EventSet:
        """The same events under a name that traces show."""
        return replace(self, name=name)  # type: ignore[type-var]

    def __or__(self, other: EventSet) -> EventSet:
        return Union((*_parts(self), *_parts(other)))

    def except_events(self, other: EventSet) -> EventSet:
        """The events that are not among others."""
        return Related(self, other, same_event, "not one of them", absent=True)

    def having(self, other: EventSet, relation: Relation, says: str) -> EventSet:
        """The events that stand in a relation to at least one other event of the person."""
        return Related(self, other, relation, says)

    def without(self, other: EventSet, relation: Relation, says: str) -> EventSet:
        """The events that stand in a relation to no other event of the person."""
        return Related(self, other, relation, says, absent=True)

    def first(self, *order: str) -> EventSet:
        """The first event of each person; nothing is before something. Ties: the place in the source decides."""
        return Chosen(self, order)

    def last(self, *order: str) -> EventSet:
        """The last event of each person. Ties: the place in the source decides."""
        return Chosen(self, order, descending=True)

    def on_last_day(self) -> EventSet:
        """The events of the last day on which there is one (by their end, or start where no end is reached)."""
        return OnLastDay(self)

    def during(self, window: Window) -> EventSet:
        """Wholly within a window."""
        return self.where(
            Condition(
                "date",
                f"within {window}",
                lambda t: (t.start_day >= window.first_number) & (t.end_day_last <= window.last_number),
            )
        )

    def overlapping(self, window: Window) -> EventSet:
        """Partly within a window at least."""
        return self.where(
            Condition(
                "date",
                f"overlaps {window}",
                lambda t: (t.start_day_last <= window.last_number) & (t.end_day >= window.first_number),
            )
        )

    def starting(self, window: Window) -> EventSet:
        """Starting within a window."""
        return self.where(
            Condition(
                "date",
                f"starts from {window}",
                lambda t: (t.start_day >= window.first_number) & (t.start_day_last <= window.last_number),
            )
        )

    def ending(self, window: Window) -> EventSet:
        """Ending within a window."""
        return self.where(
            Condition(
                "date",
                f"ends from {window}",
                lambda t: (t.end_day >= window.first_number) & (t.end_day_last <= window.last_number),
            )
        )

    def latest_in(self, window: Window) -> EventSet:
        """Whose end (its start, where no end is reached) lies within a window."""
        return self.where(
            Condition(
                "date",
                f"latest from {window}",
                lambda t: (t.latest_day >= window.first_number) & (t.latest_day_last <= window.last_number),
            )
        )

    def starting_by(self, day: datetime.date) -> EventSet:
        """Starting on a day or before."""
        number = day_number(day)
        return self.where(Condition("date", f"starts by {day}", lambda t: t.start_day_last <= number))

    def ending_by(self, day: datetime.date) -> EventSet:
        """Ending on a day or before."""
        number = day_number(day)
        return self.where(Condition("date", f"ends by {day}", lambda t: t.end_day_last <= number))


Relation = Callable[[Any, Any], BooleanValue]


def same_event(one: Any, other: Any) -> BooleanValue:
    """Both are the same event (or parts of it)."""
    return one.event_id == other.event_id


@dataclass(frozen=True, eq=False)
class Coded(EventSet):
    """Events of one kind whose code is one of some concepts: names of value sets or of single codes."""

    kind: str
    concepts: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, eq=False)
class Narrowed(EventSet):
    """Events of a set that meet a condition."""

    source: EventSet
    condition: Condition
    name: str = ""


@dataclass(frozen=True, eq=False)
class Union(EventSet):
    """Events of any of several sets."""

    parts: tuple[EventSet, ...]
    name: str = ""


@dataclass(frozen=True, eq=False)
class Related(EventSet):
    """Events that stand in a relation to another event of the same person (or, `absent`, to none)."""

    source: EventSet
    other: EventSet
    relation: Relation
    says: str
    absent: bool = False
    name: str = ""


@dataclass(frozen=True, eq=False)
class Chosen(EventSet):
    """One event of each person: the first in an order of columns, nulls first; the last, if `descending`."""

    source: EventSet
    order: tuple[str, ...]
    descending: bool = False
    name: str = ""


@dataclass(frozen=True, eq=False)
class OnLastDay(EventSet):
    """The events of each person's last day with one."""

    source: EventSet
    name: str = ""


def _parts(events: EventSet) -> tuple[EventSet, ...]:
    return events.parts if isinstance(events, Union) and not events.name else (events,)


def sources(events: EventSet) -> tuple[EventSet, ...]:
    """The sets that a set is directly made of."""
    if isinstance(events, Union):
        return events.parts
    if isinstance(events, Related):
        return (events.source, events.other)
    if isinstance(events, Narrowed | Chosen | OnLastDay):
        return (events.source,)
    return ()


def walk(events: EventSet) -> Iterator[EventSet]:
    """A set and all sets it is made of, however deep."""
    yield events
    for part in sources(events):
        yield from walk(part)


def coded_sets(sets: Iterable[EventSet]) -> list[Coded]:
    """The sets told by codes that sets are made of, in the order of the logic."""
    return [node for events in sets for node in walk(events) if isinstance(node, Coded)]


def concepts_of(sets: Iterable[EventSet]) -> list[str]:
    """The concepts that sets look for as codes, each once, in the order of the logic."""
    return list(dict.fromkeys(concept for node in coded_sets(sets) for concept in node.concepts))


def kinds_of(sets: Iterable[EventSet]) -> list[str]:
    """The kinds of event that sets look at."""
    return sorted({node.kind for node in coded_sets(sets)})


def columns_needed(sets: Iterable[EventSet]) -> list[str]:
    """The further columns that conditions of the sets ask for, each once."""
    found = [
        column
        for events in sets
        for node in walk(events)
        if isinstance(node, Narrowed)
        for column in node.condition.needs
    ]
    return list(dict.fromkeys(found))


def relaxed(events: EventSet, aspects: frozenset[Aspect]) -> EventSet:
    """The set without its conditions of some aspects: what is near it. Relations in time are of the aspect `date`."""
    if isinstance(events, Narrowed):
        inner = relaxed(events.source, aspects)
        return inner if events.condition.aspect in aspects else Narrowed(inner, events.condition)
    if isinstance(events, Union):
        return Union(tuple(relaxed(part, aspects) for part in events.parts))
    if isinstance(events, Related):
        inner = relaxed(events.source, aspects)
        if "date" in aspects and events.relation is not same_event:
            return inner
        other = events.other if events.absent else relaxed(events.other, aspects)
        return Related(inner, other, events.relation, events.says, events.absent)
    if isinstance(events, Chosen | OnLastDay):
        inner = relaxed(events.source, aspects)
        return inner if "date" in aspects else replace(events, source=inner)
    return events


def row_test(events: EventSet, coded: Table) -> BooleanValue | None:
    """The set as one boolean column over the coded events; None where that is not possible (relations, choices)."""
    if isinstance(events, Coded):
        return (coded.kind == events.kind) & coded.concept.isin(events.concepts)
    if isinstance(events, Narrowed):
        inner = row_test(events.source, coded)
        return None if inner is None else inner & events.condition.test(coded)
    if isinstance(events, Union):
        tests = [row_test(part, coded) for part in events.parts]
        found = [test for test in tests if test is not None]
        if len(found) < len(tests):
            return None
        total = found[0]
        for test in found[1:]:
            total = total | test
        return total
    return None

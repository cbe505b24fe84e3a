"""What is true of a person: statements about events, age and sex, joined by `&`, `|` and `~`."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from openaco.measures.language.events import EventSet


class Predicate:
    """A statement about a person that is true or false; what is not known to be true is false."""

    name: str = ""

    def __and__(self, other: Predicate) -> Predicate:
        return All((*_parts(self, All), *_parts(other, All)))

    def __or__(self, other: Predicate) -> Predicate:
        return Any((*_parts(self, Any), *_parts(other, Any)))

    def __invert__(self) -> Predicate:
        return Not(self)

    def called(self, name: str) -> Predicate:
        """The same statement under a name that traces show."""
        return replace(self, name=name)  # type: ignore[type-var]


@dataclass(frozen=True, eq=False)
class Exists(Predicate):
    """At least so many different events of a set."""

    events: EventSet
    at_least: int = 1
    name: str = ""


@dataclass(frozen=True, eq=False)
class Aged(Predicate):
    """A whole number of years old on a day, both ends included. `through` None: no upper end."""

    on: datetime.date
    since: int
    through: int | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Female(Predicate):
    """Female by the sex extension if the year asks for it and the person has one, else by administrative gender."""

    by_extension: bool
    code: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class All(Predicate):
    """All of some statements."""

    parts: tuple[Predicate, ...]
    name: str = ""


@dataclass(frozen=True, eq=False)
class Any(Predicate):
    """Any of some statements."""

    parts: tuple[Predicate, ...]
    name: str = ""


@dataclass(frozen=True, eq=False)
class Not(Predicate):
    """The opposite of a statement."""

    part: Predicate
    name: str = ""


NEVER = Any((), "never")
"""What is true of nobody: the exceptions of a measure that has none."""


def exists(events: EventSet) -> Predicate:
    """There is such an event."""
    return Exists(events, name=events.name)


def at_least(count: int, events: EventSet) -> Predicate:
    """There are so many different events."""
    return Exists(events, count, events.name)


def _parts(predicate: Predicate, kind: type[All] | type[Any]) -> tuple[Predicate, ...]:
    return predicate.parts if isinstance(predicate, kind) and not predicate.name else (predicate,)


def walk_predicates(predicate: Predicate) -> Iterator[Predicate]:
    """A statement and all it is made of."""
    yield predicate
    if isinstance(predicate, All | Any):
        for part in predicate.parts:
            yield from walk_predicates(part)
    if isinstance(predicate, Not):
        yield from walk_predicates(predicate.part)


def statements_of_events(predicate: Predicate) -> list[Exists]:
    """The statements about events within a statement."""
    return [node for node in walk_predicates(predicate) if isinstance(node, Exists)]

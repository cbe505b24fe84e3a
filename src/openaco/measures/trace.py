"""Why a person is where they are: for each population the statements that decided, with the events behind them.

A statement about events that does not hold says how near the person came: nothing was found, only with another status,
only on other dates, only without a value or with another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openaco.engine import Table
from openaco.measures.evaluate import Evaluation
from openaco.measures.language import Aged, EventSet, Exists, Predicate, day_from, relaxed
from openaco.measures.language.events import Aspect
from openaco.measures.language.people import All, Female, Not
from openaco.measures.language.people import Any as AnyOf
from openaco.measures.logic import Rate

Row = Mapping[str, Any]
_EVENTS_SHOWN = 5
_NOTHING = "NotFound"
LEVELS: dict[str, frozenset[Aspect]] = {
    "date_holds": frozenset(("value",)),
    "status_holds": frozenset(("value", "date")),
    "found": frozenset(("value", "date", "status", "detail")),
}
"""How much of a set is let go to see what was near it, nearest first."""


@dataclass(frozen=True)
class Statement:
    """One statement that decided, what it rests on, and if it does not hold what was nearest."""

    says: str
    holds: bool
    events: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    parts: tuple[Statement, ...] = ()

    @property
    def found_nothing(self) -> bool:
        """It does not hold, and there is nothing near it to tell of."""
        return self.reason == _NOTHING and not self.events and not self.parts

    def as_data(self) -> dict[str, Any]:
        """The statement as plain values; what is empty is left out."""
        data: dict[str, Any] = {"statement": self.says, "holds": self.holds}
        if self.reason:
            data["reason"] = self.reason
        if self.events:
            data["events"] = list(self.events)
        if self.parts:
            data["because"] = [part.as_data() for part in self.parts]
        return data


@dataclass
class Evidence:
    """What is known of the people asked for: facts, the events behind each, and the nearest of what was not found."""

    facts: dict[str, Row]
    events: dict[tuple[str, str], list[Row]] = field(default_factory=dict)


def traces(evaluation: Evaluation, people: Table | None = None) -> dict[str, dict[str, dict[str, Any]]]:
    """For each person and rate, for each population: whether the statement behind it holds, and why.

    people: a table with the `person_id` of those asked for; None for all. Values are plain, ready for JSON.
    """
    evidence = _evidence(evaluation, people)
    return {
        person: {rate.id: _of_rate(evaluation, rate, row, evidence) for rate in evaluation.rates}
        for person, row in sorted(evidence.facts.items())
    }


def _evidence(evaluation: Evaluation, people: Table | None) -> Evidence:
    facts = evaluation.facts if people is None else evaluation.facts.semi_join(people, "person_id")
    sets: dict[str, EventSet] = {}
    for column, node in dict(evaluation.names.values()).items():
        sets[column] = node.events
        for level, aspects in LEVELS.items():
            sets[f"{column}:{level}"] = relaxed(node.events, aspects)
    found = Evidence({row["person_id"]: row for row in evaluation.engine.to_rows(facts)})
    for row in evaluation.engine.to_rows(evaluation.compiler.hits(sets, people)):
        found.events.setdefault((row["person_id"], row["fact"]), []).append(row)
    return found


def _of_rate(evaluation: Evaluation, rate: Rate, row: Row, evidence: Evidence) -> dict[str, Any]:
    explain = _Explainer(evaluation.columns, row, evidence)
    return {name: explain(node).as_data() for name, node in rate.populations().items()}


class _Explainer:
    """Explains statements about one person."""

    def __init__(self, columns: Mapping[int, str], row: Row, evidence: Evidence) -> None:
        self.columns = columns
        self.row = row
        self.evidence = evidence

    def __call__(self, node: Predicate) -> Statement:
        if isinstance(node, Exists):
            return self._of_events(node)
        if isinstance(node, Aged):
            return Statement(_ages(node), self._aged(node))
        if isinstance(node, Female):
            return Statement("female", self._female(node))
        if isinstance(node, Not):
            part = self(node.part)
            return Statement(node.name or f"not: {part.says}", not part.holds, parts=(part,))
        if isinstance(node, All | AnyOf):
            return self._joined(node)
        raise TypeError(type(node).__name__)

    def _joined(self, node: All | AnyOf) -> Statement:
        parts = [self(part) for part in node.parts]
        every = isinstance(node, All)
        holds = all(part.holds for part in parts) if every else any(part.holds for part in parts)
        deciding = [part for part in parts if part.holds == holds]
        if len(deciding) == 1 and not node.name:
            return deciding[0]
        telling = [part for part in deciding if not part.found_nothing]
        if deciding and not telling:
            listed = (" and " if every else " or ").join(part.says for part in deciding)
            return Statement(node.name or listed, holds, reason=_NOTHING)
        return Statement(node.name or ("all of these" if every else "any of these"), holds, parts=tuple(telling))

    def _of_events(self, node: Exists) -> Statement:
        column = self.columns[id(node)]
        says = node.name or node.events.name or "such an event"
        holds = bool(self.row[column])
        found = self._found(column)
        if holds:
            return Statement(says, True, _shown(found))
        if found:
            return Statement(says, False, _shown(found), "CountOutOfRange")
        reason, near = self._nearest(column)
        return Statement(says, False, _shown(near), reason)

    def _nearest(self, column: str) -> tuple[str, list[Row]]:
        for level in LEVELS:
            near = self._found(f"{column}:{level}")
            if not near:
                continue
            if level == "date_holds":
                return ("ValueOutOfRange" if any(row["has_value"] for row in near) else "Missing"), near
            return ("DateOutOfRange" if level == "status_holds" else "InvalidAttribute"), near
        return _NOTHING, []

    def _found(self, fact: str) -> list[Row]:
        rows = self.evidence.events.get((self.row["person_id"], fact), [])
        return sorted(
            rows, key=lambda row: (row["latest_day"] or 0, row["event_number"], row["event_id"]), reverse=True
        )

    def _aged(self, node: Aged) -> bool:
        born_first, born_last = self.row["birth_earliest"], self.row["birth_latest"]
        if born_first is None or born_last is None:
            return False
        old_enough = born_last <= node.on.replace(year=node.on.year - node.since)
        if node.through is None:
            return bool(old_enough)
        return bool(old_enough and born_first > node.on.replace(year=node.on.year - node.through - 1))

    def _female(self, node: Female) -> bool:
        if node.by_extension and self.row["sex_code"]:
            return bool(self.row["sex_code"] == node.code)
        return bool(self.row["gender"] == "female")


def _ages(node: Aged) -> str:
    upper = "or older" if node.through is None else f"to {node.through}"
    return f"age {node.since} {upper} on {node.on}"


def _shown(rows: list[Row]) -> tuple[dict[str, Any], ...]:
    shown: dict[str, dict[str, Any]] = {}
    for row in rows:
        event = {"event": row["event_id"], "day": _day(row["latest_day"]), "status": row["status"]}
        if row["value_number"] is not None:
            event["value"] = row["value_number"]
        elif row["value_code"] is not None:
            event["value"] = row["value_code"]
        shown.setdefault(row["event_id"], event)
    return tuple(list(shown.values())[:_EVENTS_SHOWN])


def _day(number: int | None) -> str | None:
    """The day of an event; None where it is unknown or unbounded."""
    return str(day_from(number)) if number is not None and 0 < number + 719_162 < 3_652_058 else None

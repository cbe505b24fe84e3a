"""All records → people: decisions first, then shared keys, then probability; what is left open is a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openaco.engine import Engine, Lake, _, pick_first
from openaco.programs.matching.groups import People, person_of
from openaco.programs.matching.links import (
    DECISION,
    PROBABLE,
    Link,
    contradiction,
    exact_links,
    probable_links,
)
from openaco.programs.matching.records import Key, Record
from openaco.tables import MatchDecision

ALONE = "alone"


@dataclass(frozen=True)
class Question:
    """A pair for people to decide, and why it is asked."""

    link: Link
    why: str
    one: Record
    other: Record


@dataclass(frozen=True)
class Placed:
    """Which person a record is of, by which link (reason, score, the record at its other end)."""

    record: Record
    person_id: str
    reason: str
    score: float | None
    linked_to: Key | None


@dataclass(frozen=True)
class Matching:
    """What matching found. `placed`: every record, in order; `links`: the probable links that were drawn."""

    placed: tuple[Placed, ...]
    questions: tuple[Question, ...]
    links: tuple[Link, ...]
    contradicting_decisions: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many people the records are of."""
        return len({item.person_id for item in self.placed})

    def as_data(self) -> dict[str, Any]:
        """Counts, without anybody's name."""
        systems = Counter(item.record.system for item in self.placed)
        return {
            "records": len(self.placed),
            "people": self.people,
            "records_by_system": dict(sorted(systems.items())),
            "records_by_reason": dict(self.reasons),
            "questions": len(self.questions),
            "contradicting_decisions": self.contradicting_decisions,
        }


def match_people(
    records: Iterable[Record],
    decisions: Iterable[Mapping[str, Any]] = (),
    *,
    probable: bool = True,
    kept: Iterable[Link] = (),
) -> Matching:
    """Match records. The result does not depend on their order.

    decisions: newest `MatchDecision` row of each pair. probable: also compare by probability (needs Splink). kept:
    probable links that an earlier run drew; drawn again unless something speaks against them now.
    """
    listed = sorted(records, key=lambda record: record.key)
    by_key = {record.key: record for record in listed}
    decided = [_decision(row) for row in decisions]
    apart = [(link.first, link.second) for link, same in decided if not same]
    people = People.of(listed, apart)
    found = [*exact_links(listed), *(probable_links(listed) if probable else _still_standing(kept, by_key))]
    people.draw([*(link for link, same in decided if same), *(link for link in found if not link.against)])
    questions = _questions(people, found, by_key)
    placed = _placed(people, by_key)
    return Matching(
        placed=tuple(placed),
        questions=tuple(questions),
        links=tuple(link for link in people.drawn if link.reason == PROBABLE),
        contradicting_decisions=sum(link.reason == DECISION for link, _why in people.refused),
        reasons=dict(sorted(Counter(item.reason for item in placed).items())),
    )


def read_decisions(engine: Engine, lake: Lake) -> list[dict[str, Any]]:
    """The newest decision on each pair."""
    pair = ["source_system_1", "source_person_id_1", "source_system_2", "source_person_id_2"]
    order = [_.delivery_id.desc(), _.decided_on.desc(), _.source_file.desc(), _.source_line.desc()]
    return engine.to_rows(pick_first(lake.read(engine, MatchDecision), pair, order))


def _decision(row: Mapping[str, Any]) -> tuple[Link, bool]:
    one, other = sorted(
        (
            (row["source_system_1"], row["source_person_id_1"]),
            (row["source_system_2"], row["source_person_id_2"]),
        )
    )
    return Link(one, other, DECISION), row["decision"] == "same"


def _still_standing(kept: Iterable[Link], by_key: Mapping[Key, Record]) -> list[Link]:
    return [
        link
        for link in kept
        if link.first in by_key and link.second in by_key and not contradiction(by_key[link.first], by_key[link.second])
    ]


def _questions(people: People, found: list[Link], by_key: Mapping[Key, Record]) -> list[Question]:
    """One question for each two people that some link would join, the strongest link first."""
    open_links = [(link, link.against) for link in found if link.against]
    open_links += [(link, why) for link, why in people.refused if link.reason != DECISION]
    asked: set[tuple[str, str]] = set()
    questions = []
    person = {key: person_of(group) for group in people.groups() for key in group}
    for link, why in sorted(open_links, key=lambda item: item[0].rank):
        if people.together(link.first, link.second) or people.decided_apart(link.first, link.second):
            continue
        one, other = sorted((person[link.first], person[link.second]))
        if (one, other) not in asked:
            asked.add((one, other))
            questions.append(Question(link, why, by_key[link.first], by_key[link.second]))
    return questions


def _placed(people: People, by_key: Mapping[Key, Record]) -> list[Placed]:
    best: dict[Key, tuple[Link, Key]] = {}
    for link in people.drawn:
        for key, end in ((link.first, link.second), (link.second, link.first)):
            if key not in best or link.rank < best[key][0].rank:
                best[key] = (link, end)
    placed = []
    for group in people.groups():
        person = person_of(group)
        for key in group:
            if key in best:
                link, end = best[key]
                placed.append(Placed(by_key[key], person, link.reason, link.score, end))
            else:
                placed.append(Placed(by_key[key], person, ALONE, None, None))
    return sorted(placed, key=lambda item: item.record.key)

"""Records joined into people, link by link, the strongest first; what must stay apart is never joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from openaco.programs.matching.links import DECISION, Link
from openaco.programs.matching.records import MEDICARE, Key, Record


@dataclass
class _Group:
    members: set[Key]
    numbers: set[str]


@dataclass
class People:
    """Who belongs together. `drawn`: links that joined records; `refused`: links that were not, with the reason."""

    drawn: list[Link] = field(default_factory=list)
    refused: list[tuple[Link, str]] = field(default_factory=list)
    _of: dict[Key, _Group] = field(default_factory=dict)
    _apart: dict[Key, set[Key]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record], apart: Iterable[tuple[Key, Key]]) -> People:
        """Every record by itself. apart: pairs that somebody decided to be different people."""
        people = cls()
        for record in records:
            people._of[record.key] = _Group({record.key}, {record.mbi} if record.mbi else set())
        for one, other in apart:
            people._apart.setdefault(one, set()).add(other)
            people._apart.setdefault(other, set()).add(one)
        return people

    def draw(self, links: Iterable[Link]) -> None:
        """Draw links in the order of their strength."""
        for link in sorted(links, key=lambda link: link.rank):
            one, other = self._of.get(link.first), self._of.get(link.second)
            if one is None or other is None:
                continue
            if one is other:
                self.drawn.append(link)
                continue
            problem = self._problem(one, other, link)
            if problem:
                self.refused.append((link, problem))
            else:
                self.drawn.append(link)
                self._join(one, other)

    def together(self, one: Key, other: Key) -> bool:
        """Whether two records are of one person."""
        return self._of[one] is self._of[other]

    def decided_apart(self, one: Key, other: Key) -> bool:
        """Whether somebody decided that the people of two records are different."""
        return self._kept_apart(self._of[one], self._of[other])

    def _kept_apart(self, one: _Group, other: _Group) -> bool:
        return any(not self._apart.get(key, set()).isdisjoint(other.members) for key in one.members)

    def groups(self) -> list[list[Key]]:
        """The records of each person, in order."""
        seen: dict[int, _Group] = {id(group): group for group in self._of.values()}
        return sorted(sorted(group.members) for group in seen.values())

    def _problem(self, one: _Group, other: _Group, link: Link) -> str:
        if self._kept_apart(one, other):
            return "somebody decided that they are different people"
        if link.reason != DECISION and len(one.numbers | other.numbers) > 1:
            return "two Medicare numbers would be one person"
        return ""

    def _join(self, one: _Group, other: _Group) -> None:
        larger, smaller = sorted((one, other), key=lambda group: -len(group.members))
        larger.members |= smaller.members
        larger.numbers |= smaller.numbers
        for key in smaller.members:
            self._of[key] = larger


def person_of(members: list[Key]) -> str:
    """The id of a person: the Medicare number of claims, else the least record, as system/id."""
    numbers = [id for system, id in members if system == MEDICARE]
    return min(numbers) if numbers else "/".join(min(members))

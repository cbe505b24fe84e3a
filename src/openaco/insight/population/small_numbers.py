"""Cells that stand for few people are not shown, nor anything from which they follow.

CMS lets no cell of one to ten people leave (`population/small_cells`), and no percentage, sum or difference that tells
such a cell. So beside each hidden cell another one is hidden wherever the two belong to one published sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from openaco.parameters import parameter

Key = TypeVar("Key", bound=Hashable)


def least_shown(year: int) -> int:
    """The least number of people that a cell may show: 11."""
    return int(parameter("population/small_cells", year).value)


def is_small(people: int, least: int) -> bool:
    """Whether a cell stands for someone, but for fewer than may be shown. Nobody is no person: 0 is shown."""
    return 0 < people < least


def hidden_cells(
    people: Mapping[Key, int], sums: Iterable[Sequence[Key]], least: int, also: Iterable[Key] = ()
) -> frozenset[Key]:
    """The cells to hide: the small ones, those of `also`, and those from which one of them could be reckoned.

    people: how many people each cell stands for. sums: groups of cells of which the last is the sum of the others, as
    `(part, part, total)`. Of each group none is hidden or at least two, and never such that the bounds of small cells
    give them away (three hidden parts that make three people are one each).
    """
    lines = [tuple(line) for line in sums]
    hidden = {key for key, count in people.items() if is_small(count, least)} | set(also)
    changed = True
    while changed:
        changed = False
        for line in lines:
            extra = _one_more(line, hidden, people, least)
            if extra is not None:
                hidden.add(extra)
                changed = True
    return frozenset(hidden)


def _one_more(line: Sequence[Key], hidden: set[Key], people: Mapping[Key, int], least: int) -> Key | None:
    """The cell to hide beside the hidden ones of a sum: the smallest part that somebody is in, else the sum."""
    within = [key for key in line if key in hidden]
    if not within or (len(within) > 1 and not _bounded(line, within, people, least)):
        return None
    *parts, total = line
    others = [key for key in parts if key not in hidden and people[key]]
    if others:
        return min(others, key=lambda key: (people[key], str(key)))
    return None if total in hidden else total


def _bounded(line: Sequence[Key], within: Sequence[Key], people: Mapping[Key, int], least: int) -> bool:
    """Whether hidden parts of a shown sum are all small and so few, or so many, that each is known."""
    if line[-1] in within or not all(is_small(people[key], least) for key in within):
        return False
    return sum(people[key] for key in within) in (len(within), len(within) * (least - 1))

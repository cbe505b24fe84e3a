"""Which delivery brings which version of a claim: once, again, in run-out files, or never."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import Days, day
from openaco.synthetic.people import People
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.versions import Versions


@dataclass
class Shipments:
    """One row for each time that a version is delivered, in the order of the files."""

    version: NDArray[np.int64]
    delivery: NDArray[np.int32]
    again: NDArray[np.bool_]


def left_the_aco(people: People) -> NDArray[np.bool_]:
    """People whose last claims come only in run-out files, because the next year's list is without them."""
    return people.indices % 20 == 7


def ship(
    rng: np.random.Generator,
    timeline: Timeline,
    people: People,
    person: NDArray[np.int32],
    ends: Days,
    versions: Versions,
) -> Shipments:
    """person, ends: of each version. A version goes into the first file cut after it was loaded."""
    deliveries = timeline.deliveries
    regular = [one for one in deliveries if one.coverage == "Y"]
    numbers = np.array([one.number for one in regular] + [-1], np.int32)
    first = np.searchsorted(np.array([one.cut for one in regular]), versions.load, "left")
    shared = versions.load < people.opted_out[person]
    left = left_the_aco(people)[person]
    leaves_on = next(one.number for one in regular if one.program_year > timeline.performance_year)
    known = shared & ~(left & (numbers[first] >= leaves_on)) & (first < len(regular))
    rows = np.arange(len(versions), dtype=np.int64)
    again = known & (rng.random(len(rows)) < 0.02) & (first + 1 < len(regular))
    again &= ~(left & (numbers[np.minimum(first + 1, len(regular))] >= leaves_on))
    parts = [
        (rows[known], numbers[first[known]], np.zeros(int(known.sum()), bool)),
        (rows[again], numbers[first[again] + 1], np.ones(int(again.sum()), bool)),
    ]
    of_last_year = (ends >= day(timeline.performance_year, 1)) & (ends < day(timeline.performance_year + 1, 1))
    also = left | (people.indices[person] % 4 == 1)
    for one in deliveries:
        if one.coverage == "R":
            brought = shared & of_last_year & also & (versions.load > one.since) & (versions.load <= one.cut)
            parts.append(
                (rows[brought], np.full(int(brought.sum()), one.number, np.int32), np.ones(brought.sum(), bool))
            )
    version, delivery, repeated = (np.concatenate([part[at] for part in parts]) for at in range(3))
    order = np.lexsort((version, delivery))
    return Shipments(version[order], delivery[order].astype(np.int32), repeated[order])


def expand(
    parents: NDArray[np.integer], first: NDArray[np.integer], count: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of children for rows of parents: place in `parents`, and the child. A parent's children lie together."""
    how_many = count[parents]
    place = np.repeat(np.arange(len(parents), dtype=np.int64), how_many)
    within = np.arange(len(place), dtype=np.int64) - np.repeat(np.cumsum(how_many) - how_many, how_many)
    return place, first[parents][place] + within

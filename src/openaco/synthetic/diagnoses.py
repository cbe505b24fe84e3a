"""ICD-10-CM code numbers that claims carry: a person's conditions first, then everyday ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.people import CONDITIONS, People

EVERYDAY = ("Z0000", "R0602", "R079", "J069", "N390", "K219", "R51", "M179", "H259", "L570", "E785", "Z23", "R5383")
DIAGNOSES = np.array([one[0] for one in CONDITIONS] + list(EVERYDAY), "S7")


def draw_diagnoses(
    rng: np.random.Generator, people: People, person: NDArray[np.int32], width: int
) -> NDArray[np.int32]:
    """`width` codes for each claim, as indices; a code of a condition only if the person has it, -1 for none."""
    drawn = rng.integers(0, len(CONDITIONS), (len(person), width))
    everyday = rng.integers(len(CONDITIONS), len(DIAGNOSES), (len(person), width))
    has = people.conditions[person[:, None], drawn]
    found = np.where(has, drawn, -1)
    found[:, 0] = np.where(has[:, 0], drawn[:, 0], everyday[:, 0])
    repeated = np.zeros(found.shape, bool)
    for at in range(1, width):
        repeated[:, at] = (found[:, :at] == found[:, at : at + 1]).any(axis=1)
    return np.where(repeated, -1, found).astype(np.int32)

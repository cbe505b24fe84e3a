"""Equipment claims and Part D events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes
from openaco.synthetic.days import Days
from openaco.synthetic.months import Months
from openaco.synthetic.people import People
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.visits import covered, draw_events, thin_before


@dataclass
class Equipment:
    """Claims and lines of equipment suppliers. Amounts in cents."""

    person: NDArray[np.int32]
    day: Days
    supplier: NDArray[np.int32]
    denial: NDArray[np.int32]
    fate: NDArray[np.int32]
    line_claim: NDArray[np.int32]
    line_number: NDArray[np.int32]
    line_code: NDArray[np.int32]
    allowed: NDArray[np.int64]
    paid: NDArray[np.int64]
    indicator: NDArray[np.int32]


@dataclass
class Drugs:
    """Part D events. `paid` is what the beneficiary paid, in cents."""

    person: NDArray[np.int32]
    day: Days
    pharmacy: NDArray[np.int32]
    drug: NDArray[np.int32]
    fill: NDArray[np.int32]
    paid: NDArray[np.int64]
    fate: NDArray[np.int32]


def draw_equipment(rng: np.random.Generator, timeline: Timeline, people: People, months: Months) -> Equipment:
    """Equipment claims of one or two lines."""
    person, days = draw_events(rng, timeline, 0.28 * np.minimum(people.frailty, 4))
    keep = covered(people, months, person, days, "B") & thin_before(rng, timeline, days)
    person, days = person[keep], days[keep]
    count = len(person)
    lines = rng.choice(np.array([1, 2]), count, p=[0.7, 0.3])
    claim = np.repeat(np.arange(count, dtype=np.int32), lines)
    number = (np.arange(len(claim)) - (np.cumsum(lines) - lines)[claim] + 1).astype(np.int32)
    code = codes.draw_codes(rng, codes.EQUIPMENT, days[claim])
    allowed = codes.CENTS[code]
    denied = rng.random(count) < 0.03
    draws = rng.random(len(claim))
    return Equipment(
        person=person,
        day=days,
        supplier=rng.integers(0, 8, count).astype(np.int32),
        denial=np.where(denied, rng.choice(np.array([1, 2, 4]), count), 0).astype(np.int32),
        fate=np.zeros(count, np.int32),
        line_claim=claim,
        line_number=number,
        line_code=code,
        allowed=allowed,
        paid=allowed * 784 // 1000,
        indicator=np.select([draws < 0.03, draws > 0.98], [3, 1], 0).astype(np.int32),
    )


def draw_drugs(rng: np.random.Generator, timeline: Timeline, people: People, months: Months) -> Drugs:
    """Prescriptions filled under a stand-alone drug plan."""
    person, days = draw_events(rng, timeline, np.where(people.drug_plan, 3.2, 0) * np.minimum(people.frailty + 0.4, 3))
    keep = covered(people, months, person, days, "B") & thin_before(rng, timeline, days)
    person, days = person[keep], days[keep]
    count = len(person)
    return Drugs(
        person=person,
        day=days,
        pharmacy=rng.integers(0, 20, count).astype(np.int32),
        drug=rng.integers(0, 60, count).astype(np.int32),
        fill=rng.integers(0, 12, count).astype(np.int32),
        paid=rng.integers(0, 9000, count).astype(np.int64),
        fate=np.zeros(count, np.int32),
    )

"""Stays: inpatient, what follows them, home health, hospice before death; long ones are billed month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import NEVER, Days, date_of, day, first_day, month_of
from openaco.synthetic.people import People
from openaco.synthetic.personas import CYCLE
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.visits import draw_events, thin_before

PLANNED = (
    ("care_planning_in_hospital", (5, 11), 6),
    ("stay_over_new_year", (12, 28), 6),
    ("money_taken_back", (4, 2), 6),
    ("medicare_advantage", (12, 28), 7),
)
"""Who is in hospital every year, from which day, for how many days more."""


@dataclass
class Stays:
    """One row a bill. `number` names the stay; discharge: patient status code."""

    person: NDArray[np.int32]
    start: Days
    end: Days
    number: NDArray[np.integer]
    discharge: NDArray[np.int32]

    def only(self, keep: NDArray[np.bool_]) -> Stays:
        """The bills to keep."""
        return Stays(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


@dataclass
class AllStays:
    """The stays of a chunk by setting."""

    inpatient: Stays
    nursing: Stays
    swing: Stays
    home_health: Stays
    hospice: Stays


def draw_stays(rng: np.random.Generator, timeline: Timeline, people: People) -> AllStays:
    """All stays of a chunk."""
    inpatient = _inpatient(rng, timeline, people)
    after = rng.random(len(inpatient.person))
    nursing = _following(rng, inpatient, after < 0.16, 8, 60)
    swing = _following(rng, inpatient, after > 0.985, 4, 15)
    scripted = _by_month(_scripted_nursing(timeline, people))
    in_swing_bed = people.indices[scripted.person] // CYCLE % 3 == 0
    nursing = _join(nursing, scripted.only(~in_swing_bed))
    swing = _join(swing, scripted.only(in_swing_bed))
    return AllStays(inpatient, nursing, swing, _home_health(rng, timeline, people), _hospice(rng, timeline, people))


def _inpatient(rng: np.random.Generator, timeline: Timeline, people: People) -> Stays:
    person, start = draw_events(rng, timeline, 0.24 * np.minimum(people.frailty, 6))
    keep = thin_before(rng, timeline, start)
    person, start = person[keep], start[keep]
    end = start + np.minimum(rng.geometric(0.22, len(person)), 40)
    planned = [
        (who, day(year, *first), day(year, *first) + length)
        for name, first, length in PLANNED
        for who in np.flatnonzero(people.are(name)).tolist()
        for year in range(date_of(timeline.claims_start).year, timeline.performance_year + 1)
    ]
    table = np.array(planned, np.int32).reshape(-1, 3)
    person, start, end = (
        np.concatenate([drawn, table[:, at]]) for at, drawn in enumerate((person, start, end.astype(np.int32)))
    )
    end = np.minimum(end, people.death[person])
    fine = end >= start
    number = rng.integers(0, 10**6, len(person))
    discharge = np.where(end == people.death[person], 20, rng.choice(np.array([1, 1, 1, 3, 6]), len(person)))
    whole = Stays(person, start, end.astype(np.int32), number, discharge.astype(np.int32))
    return whole.only(fine)


def _following(
    rng: np.random.Generator, inpatient: Stays, chosen: NDArray[np.bool_], shortest: int, longest: int
) -> Stays:
    """Nursing stays from the day of discharge."""
    alive = chosen & (inpatient.discharge != 20)
    start = inpatient.end[alive]
    end = (start + rng.integers(shortest, longest, len(start))).astype(np.int32)
    whole = Stays(inpatient.person[alive], start, end, inpatient.number[alive], inpatient.discharge[alive])
    return _by_month(whole)


def _scripted_nursing(timeline: Timeline, people: People) -> Stays:
    """Stays from 1 to 20 March of every year, under the visits that the script makes then."""
    persons = np.flatnonzero(people.are("nursing_home_during_stay")).tolist()
    years = range(date_of(timeline.claims_start).year, timeline.performance_year + 2)
    rows = [(who, day(year, 3, 1), day(year, 3, 20), who * 7, 1) for who in persons for year in years]
    table = np.array(rows, np.int64).reshape(-1, 5)
    return Stays(
        table[:, 0].astype(np.int32),
        table[:, 1].astype(np.int32),
        table[:, 2].astype(np.int32),
        table[:, 3],
        table[:, 4].astype(np.int32),
    )


def _by_month(stays: Stays) -> Stays:
    """Bills of calendar months: the first to the month's end, then month by month."""
    bills = month_of(stays.end) - month_of(stays.start) + 1
    stay = np.repeat(np.arange(len(bills)), bills)
    nth = np.arange(len(stay)) - np.concatenate([[0], np.cumsum(bills)[:-1]])[stay] if len(stay) else stay
    months = (month_of(stays.start)[stay] + nth).astype(np.int32)
    start = np.maximum(first_day(months), stays.start[stay])
    end = np.minimum(first_day(months + np.int32(1)) - 1, stays.end[stay])
    last = nth == bills[stay] - 1
    discharge = np.where(last, stays.discharge[stay], 30)
    return Stays(
        stays.person[stay], start.astype(np.int32), end.astype(np.int32), stays.number[stay], discharge.astype(np.int32)
    )


def _home_health(rng: np.random.Generator, timeline: Timeline, people: People) -> Stays:
    person, start = draw_events(rng, timeline, 0.09 * np.minimum(people.frailty, 5))
    keep = thin_before(rng, timeline, start)
    person, start = person[keep], start[keep]
    end = np.minimum(start + 29, people.death[person]).astype(np.int32)
    fine = end >= start
    number = rng.integers(0, 10**6, len(person))
    return Stays(person, start, end, number, np.ones(len(person), np.int32)).only(fine)


def _hospice(rng: np.random.Generator, timeline: Timeline, people: People) -> Stays:
    """The last weeks or months of some who die."""
    draws = rng.random(len(people))
    length = rng.integers(5, 150, len(people))
    dies = (people.death < NEVER) & ((draws < 0.4) | people.are("hospice"))
    person = np.flatnonzero(dies).astype(np.int32)
    end = people.death[person]
    start = (end - length[person]).astype(np.int32)
    number = people.indices[person].astype(np.int64)
    return _by_month(Stays(person, start, end.astype(np.int32), number, np.full(len(person), 41, np.int32)))


def hospice_ranges(stays: Stays) -> tuple[NDArray[np.int32], Days, Days]:
    """Each person's whole hospice span: who, from, to."""
    if not len(stays.person):
        return stays.person, stays.start, stays.end
    person, first = np.unique(stays.person, return_index=True)
    start = np.minimum.reduceat(stays.start, first)
    end = np.maximum.reduceat(stays.end, first)
    return person.astype(np.int32), start, end


def _join(first: Stays, second: Stays) -> Stays:
    return Stays(
        *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in Stays.__dataclass_fields__)
    )

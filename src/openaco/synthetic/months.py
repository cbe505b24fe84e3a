"""Each person's months in Medicare: Part A and B, health plans, status, dual status, county of residence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import NEVER, Days, first_day, month, month_of
from openaco.synthetic.geography import ABROAD, COUNTIES, HOME_COUNTIES, PUERTO_RICO
from openaco.synthetic.people import People
from openaco.synthetic.personas import CYCLE
from openaco.synthetic.timeline import Timeline

STATUS = ("", "10", "11", "20", "21", "31")
AGED, AGED_ESRD, DISABLED, DISABLED_ESRD, ESRD_ONLY = 1, 2, 3, 4, 5
DUAL = ("NA", "01", "02", "03", "04", "05", "06", "07", "08", "09")


@dataclass
class Months:
    """One row a person, one column a month from `first`. Status 0 means not in Medicare."""

    first: int
    part_a: NDArray[np.bool_]
    part_b: NDArray[np.bool_]
    plan: NDArray[np.bool_]
    status: NDArray[np.uint8]
    dual: NDArray[np.uint8]
    county: NDArray[np.uint8]

    def at(self, people: NDArray[np.integer], days: NDArray[np.integer]) -> tuple[NDArray[np.integer], Days]:
        """The row and column of each (person, day), for indexing."""
        return people, np.clip(month_of(days) - self.first, 0, self.status.shape[1] - 1)

    def ever_by(self, month: int) -> NDArray[np.bool_]:
        """Who was in Medicare in any month through this one."""
        until = max(month - self.first + 1, 0)
        either = self.part_a[:, :until] | self.part_b[:, :until]
        return np.asarray(either.any(axis=1), np.bool_)

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Months in both parts and no plan: the ones that count as person-months."""
        return self.part_a & self.part_b & ~self.plan


def draw_months(rng: np.random.Generator, timeline: Timeline, people: People) -> Months:
    """Everybody's months."""
    months = np.array(timeline.months, np.int32)
    count = len(people)
    age_65 = month_of(people.birth - 1) + 65 * 12  # Medicare counts an age from the day before the birthday
    enters = np.where(people.disabled, month_of(people.birth) + 22 * 12, age_65)
    alive = people.death[:, None] >= first_day(months)[None, :]
    entitled = (months[None, :] >= enters[:, None]) & alive
    part_a, part_b = _parts(rng, timeline, people, months, entitled)
    return Months(
        first=int(months[0]),
        part_a=part_a,
        part_b=part_b,
        plan=_plans(rng, timeline, people, months) & part_a & part_b,
        status=_status(rng, timeline, people, months, age_65) * (part_a | part_b),
        dual=_dual(rng, timeline, people, months, count) * (part_a | part_b),
        county=_counties(rng, timeline, people, months),
    )


def _span(months: Days, start: NDArray[np.integer], length: NDArray[np.integer]) -> NDArray[np.bool_]:
    return (months[None, :] >= start[:, None]) & (months[None, :] < (start + length)[:, None])


def _parts(
    rng: np.random.Generator, timeline: Timeline, people: People, months: Days, entitled: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Part A and Part B; some miss one of them for a while or for good."""
    count = len(people)
    start = rng.integers(months[0], months[-1], count)
    length = rng.integers(2, 20, count)
    for_good = rng.random(count) < 0.3
    start, length = np.where(for_good, months[0], start), np.where(for_good, 999, length)
    scripted = people.persona > 0
    a_only = people.are("part_a_only") | (~scripted & (rng.random(count) < 0.006))
    b_only = people.are("part_b_only") | (~scripted & (rng.random(count) < 0.003) & ~a_only)
    missing = _span(months, start, length)
    return entitled & ~(missing & b_only[:, None]), entitled & ~(missing & a_only[:, None])


def _plans(rng: np.random.Generator, timeline: Timeline, people: People, months: Days) -> NDArray[np.bool_]:
    """Medicare Advantage spells; most begin in January."""
    count = len(people)
    draws = rng.random(count)
    in_plan = people.are("medicare_advantage") | ((people.persona == 0) & (draws < 0.07))
    years = rng.integers(timeline.enrollment_years[0], timeline.performance_year + 1, count)
    start = (years - 1970) * 12 + np.where(rng.random(count) < 0.7, 0, rng.integers(0, 12, count))
    length = rng.integers(2, 30, count)
    one_year = people.are("medicare_advantage") & (people.indices // CYCLE % 2 == 0)
    start = np.where(one_year, month(timeline.benchmark_years[1], 1), start)
    length = np.where(one_year, 12, length)
    spells = _span(months, start, length) & in_plan[:, None]
    again = people.are("voluntary_here_in_medicare_advantage")
    last = np.full(count, month(timeline.performance_year, 1))
    return spells | (_span(months, last + 4, np.full(count, 4)) & again[:, None])


def _status(
    rng: np.random.Generator, timeline: Timeline, people: People, months: Days, age_65: Days
) -> NDArray[np.uint8]:
    """Medicare status: aged from the month of the 65th birthday; ESRD while on dialysis and for a time after."""
    count = len(people)
    draws = rng.random(count)
    always = people.are("esrd", "esrd_until_transplant")
    has = always | ((people.persona == 0) & (draws < 0.012))
    start = np.where(rng.random(count) < 0.6, months[0], rng.integers(months[0], months[-1], count))
    start = np.where(people.are("esrd_until_transplant"), months[0], start)
    ends = month(timeline.performance_year, 1) - rng.integers(-8, 20, count)
    length = np.where(people.are("esrd_until_transplant"), ends - months[0], NEVER)
    esrd = _span(months, start, length) & has[:, None]
    old = months[None, :] >= age_65[:, None]
    only = (draws < 0.003) | (people.are("esrd") & (people.indices // CYCLE % 2 == 0))
    young = np.where(esrd, np.where(only[:, None], ESRD_ONLY, DISABLED_ESRD), DISABLED)
    return np.where(old, np.where(esrd, AGED_ESRD, AGED), young).astype(np.uint8)


def _dual(rng: np.random.Generator, timeline: Timeline, people: People, months: Days, count: int) -> NDArray[np.uint8]:
    """Dual status codes by month; a fifth of those who have one change it."""
    codes = np.array([1, 2, 3, 4, 5, 6, 8, 9], np.int32)
    base = np.where(
        rng.random(count) < np.where(people.disabled, 0.4, 0.06 + 0.07 * np.minimum(people.frailty, 3)),
        rng.choice(codes, count, p=[0.08, 0.44, 0.12, 0.06, 0.02, 0.05, 0.22, 0.01]),
        0,
    )
    for code in range(1, 9):
        base = np.where(people.are(f"dual_{code:02d}"), code, base)
    partly = people.are("dual_for_part_of_the_year")
    base = np.where(partly, 2, base)
    later = np.where(rng.random(count) < 0.5, 0, rng.choice(codes, count))
    changes = np.where((rng.random(count) < 0.2) & (base > 0) & (people.persona == 0), 1, 0)
    when = rng.integers(months[0], months[-1], count)
    when = np.where(partly, month(timeline.performance_year, 1) + rng.integers(2, 10, count), when)
    changed = (months[None, :] >= when[:, None]) & ((changes == 1) | partly)[:, None]
    later = np.where(partly, 0, later)
    return np.where(changed, later[:, None], base[:, None]).astype(np.uint8)


def _counties(rng: np.random.Generator, timeline: Timeline, people: People, months: Days) -> NDArray[np.uint8]:
    """Where each person lives each month; a few move, a few of them abroad."""
    count = len(people)
    weights = np.array([COUNTIES[at].weight for at in HOME_COUNTIES])
    home = rng.choice(np.array(HOME_COUNTIES), count, p=weights / weights.sum())
    second = rng.choice(np.array(HOME_COUNTIES), count)
    abroad = rng.choice(np.array(ABROAD), count)
    draws = rng.random(count)
    when = rng.integers(months[0], months[-1], count)
    moved = (months[None, :] >= when[:, None]) & (draws < 0.04)[:, None]
    place = np.where(moved, second[:, None], home[:, None])
    leaves = people.are("abroad_at_the_end") | ((people.persona == 0) & (draws > 0.998))
    years = rng.choice(np.array(timeline.settled_years), count)
    start = (years - 1970) * 12 + rng.integers(6, 12, count)
    gone = _span(months, start, np.where(rng.random(count) < 0.5, 6, NEVER)) & leaves[:, None]
    travels = people.are("abroad_in_between")
    trip = (years - 1970) * 12 + 2
    gone |= _span(months, trip, np.full(count, 5)) & travels[:, None]
    place = np.where(gone, abroad[:, None], place)
    island = _span(months, start, np.full(count, NEVER)) & people.are("puerto_rico")[:, None]
    return np.where(island, PUERTO_RICO, place).astype(np.uint8)

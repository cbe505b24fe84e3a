"""Visits to clinicians: drawn for most people, scripted for the odd cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes
from openaco.synthetic.days import NEVER, Days, date_of, day
from openaco.synthetic.landscape import INDEPENDENT, NPP, OURS, PCP, SPECIALIST, UNLISTED, Landscape
from openaco.synthetic.months import Months
from openaco.synthetic.people import People
from openaco.synthetic.personas import NUMBER
from openaco.synthetic.timeline import Timeline

NORMAL, DENIED, NO_CHARGE, CANCELLED, LATE, TAKEN_BACK = 0, 1, 2, 3, 4, 5
HERE, ELSEWHERE, HERE_TOO, THIRD = 0, 1, 2, 3

Step = tuple[int, int, int, int, str, int]
"""Month, day, place, role, code, fate."""

SCRIPTS: dict[str, tuple[Step, ...]] = {
    "tie_broken_by_latest_primary_visit_here": (
        (2, 10, ELSEWHERE, PCP, "99214", NORMAL),
        (6, 3, HERE, PCP, "99214", NORMAL),
    ),
    "tie_broken_by_latest_primary_visit_elsewhere": (
        (2, 10, HERE, PCP, "99214", NORMAL),
        (6, 3, ELSEWHERE, PCP, "99214", NORMAL),
    ),
    "tie_broken_by_latest_specialist_visit": (
        (6, 3, HERE, PCP, "99213", NORMAL),
        (6, 3, ELSEWHERE, PCP, "99213", NORMAL),
        (3, 1, ELSEWHERE, SPECIALIST, "99213", NORMAL),
        (8, 20, HERE, SPECIALIST, "99213", NORMAL),
    ),
    "tie_on_the_same_days": (
        (5, 5, HERE, PCP, "99214", NORMAL),
        (5, 5, ELSEWHERE, PCP, "99214", NORMAL),
    ),
    "specialists_only": (
        (4, 4, HERE, SPECIALIST, "99214", NORMAL),
        (8, 8, ELSEWHERE, SPECIALIST, "99213", NORMAL),
    ),
    "specialists_only_tie": (
        (4, 4, HERE, SPECIALIST, "99213", NORMAL),
        (8, 9, ELSEWHERE, SPECIALIST, "99213", NORMAL),
    ),
    "nurse_practitioner_alone": ((3, 15, HERE, NPP, "99214", NORMAL), (9, 15, HERE, NPP, "99213", NORMAL)),
    "nursing_home_during_stay": (
        (3, 1, ELSEWHERE, PCP, "99309", NORMAL),
        (3, 20, ELSEWHERE, PCP, "99309", NORMAL),
        (3, 21, ELSEWHERE, PCP, "99308", NORMAL),
        (3, 4, ELSEWHERE, PCP, "99308", NORMAL),
        (3, 9, ELSEWHERE, PCP, "99309", NORMAL),
        (3, 14, ELSEWHERE, PCP, "99308", NORMAL),
        (7, 7, HERE, PCP, "99213", NORMAL),
    ),
    "nursing_home_resident": (
        (3, 4, ELSEWHERE, PCP, "99308", NORMAL),
        (3, 9, ELSEWHERE, PCP, "99309", NORMAL),
        (7, 7, HERE, PCP, "99213", NORMAL),
    ),
    "unlisted_specialists_only": ((4, 18, HERE, UNLISTED, "99214", NORMAL), (8, 18, HERE, UNLISTED, "99213", NORMAL)),
    "new_codes_only": (
        (5, 20, HERE, PCP, "99406", NORMAL),
        (6, 20, HERE, PCP, "99457", NORMAL),
        (7, 20, ELSEWHERE, PCP, "96160", NORMAL),
    ),
    "no_charge_visits": ((5, 11, HERE, PCP, "99213", NO_CHARGE),),
    "denied_visits": ((2, 11, HERE, PCP, "99215", DENIED), (4, 11, ELSEWHERE, PCP, "99213", NORMAL)),
    "cancelled_visits": (
        (2, 11, HERE, PCP, "99215", CANCELLED),
        (3, 11, HERE, PCP, "99212", NORMAL),
        (4, 11, ELSEWHERE, PCP, "99213", NORMAL),
    ),
    "care_planning_in_hospital": (
        (5, 13, HERE, PCP, "99497", NORMAL),
        (5, 14, HERE, PCP, "99497", NORMAL),
        (9, 13, ELSEWHERE, PCP, "99213", NORMAL),
    ),
    "visits_loaded_after_run_out": ((11, 12, HERE, PCP, "99214", LATE), (4, 12, ELSEWHERE, PCP, "99213", NORMAL)),
    "three_way_split": (
        (3, 22, HERE, PCP, "99213", NORMAL),
        (6, 22, HERE_TOO, PCP, "99213", NORMAL),
        (4, 22, ELSEWHERE, PCP, "99214", NORMAL),
        (8, 22, THIRD, PCP, "99214", NORMAL),
    ),
    "boundary_days": (
        (1, 1, ELSEWHERE, PCP, "99214", NORMAL),
        (9, 30, HERE, PCP, "99214", NORMAL),
        (10, 1, ELSEWHERE, PCP, "99212", NORMAL),
        (12, 31, HERE, PCP, "99213", NORMAL),
    ),
    "stay_over_new_year": (
        (12, 30, HERE, PCP, "99497", NORMAL),
        (12, 31, HERE, PCP, "99497", NORMAL),
        (1, 2, HERE, PCP, "99497", NORMAL),
        (6, 6, ELSEWHERE, PCP, "99213", NORMAL),
    ),
    "clinic_over_new_year": ((12, 31, HERE, PCP, "99213", NORMAL), (6, 6, ELSEWHERE, PCP, "99212", NORMAL)),
}
EVEN_YEARS = {"nurse_practitioner_after_physician": ((10, 8, HERE, PCP, "99214", NORMAL),)}
ODD_YEARS = {"nurse_practitioner_after_physician": ((3, 8, HERE, NPP, "99214", NORMAL),)}
SCRIPTED = (*SCRIPTS, *EVEN_YEARS)


@dataclass
class Visits:
    """One row a visit: who, when, where, whom (index into the landscape's NPIs), for what, and how it ends.

    `by_certificate`: billed as an institution under its CCN, not as a practice under its tax number.
    """

    person: NDArray[np.int32]
    day: Days
    entity: NDArray[np.int32]
    clinician: NDArray[np.int32]
    code: NDArray[np.int32]
    fate: NDArray[np.int32]
    by_certificate: NDArray[np.bool_]

    def only(self, keep: NDArray[np.bool_]) -> Visits:
        """The visits to keep."""
        return Visits(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def draw_visits(
    rng: np.random.Generator, timeline: Timeline, people: People, months: Months, land: Landscape
) -> Visits:
    """All visits of a chunk, in the months in which Medicare pays for them."""
    parts = [
        _primary(rng, timeline, people, land),
        _specialist(rng, timeline, people, land),
        _other(rng, timeline, people, land),
        _scripted(rng, timeline, people, land),
    ]
    joined = Visits(*(np.concatenate([getattr(one, name) for one in parts]) for name in Visits.__dataclass_fields__))
    return joined.only(covered(people, months, joined.person, joined.day, "B"))


def covered(people: People, months: Months, person: NDArray[np.int32], days: Days, part: str) -> NDArray[np.bool_]:
    """Whether Medicare pays for a service: alive, in the part, in no health plan."""
    at = months.at(person, days)
    entitled = (months.part_a if part == "A" else months.part_b)[at]
    return entitled & ~months.plan[at] & (days <= people.death[person])


def draw_events(
    rng: np.random.Generator, timeline: Timeline, rates: NDArray[np.float64]
) -> tuple[NDArray[np.int32], Days]:
    """Events at a yearly rate for each person: who and when."""
    years = (timeline.claims_end - timeline.claims_start + 1) / 365.25
    counts = rng.poisson(np.maximum(rates, 0) * years)
    person = np.repeat(np.arange(len(rates), dtype=np.int32), counts)
    days = rng.integers(timeline.claims_start, timeline.claims_end + 1, len(person)).astype(np.int32)
    return person, days


def thin_before(rng: np.random.Generator, timeline: Timeline, days: Days) -> NDArray[np.bool_]:
    """Keep a third of what lies outside the years asked for: only assignment looks there."""
    inside = (days >= day(timeline.years[0], 1)) & (days < day(timeline.performance_year + 1, 1))
    return inside | (rng.random(len(days)) < 0.33)


def draw_clinicians(
    rng: np.random.Generator, land: Landscape, entity: NDArray[np.int32], role: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Somebody of that role at that practice."""
    place = (rng.random(len(entity)) * land.length[entity, role]).astype(np.int32)
    return land.start[entity, role] + place


def _primary(rng: np.random.Generator, timeline: Timeline, people: People, land: Landscape) -> Visits:
    unscripted = ~people.are(*SCRIPTED, "specialists_only", "unlisted_specialists_only")
    few = (people.persona == 0) & (people.name_draws[:, 0] % 25 == 0)
    rates = np.where(unscripted, np.where(few, 0.15, 1.3 + 0.8 * np.minimum(people.frailty, 4)), 0.0)
    person, days = draw_events(rng, timeline, rates)
    away = rng.random(len(person)) < people.share_elsewhere[person]
    entity = np.where(away, people.elsewhere[person], people.home[person]).astype(np.int32)
    role = np.where(rng.random(len(person)) < 0.28, NPP, PCP).astype(np.int32)
    code = codes.draw_codes(rng, codes.PRIMARY, days)
    return _visits(rng, land, person, days, entity, role, code, np.zeros(len(person), np.int32))


def _specialist(rng: np.random.Generator, timeline: Timeline, people: People, land: Landscape) -> Visits:
    rates = np.where(people.are(*SCRIPTED), 0.0, 0.8 * np.minimum(people.frailty, 4))
    person, days = draw_events(rng, timeline, rates)
    practices = np.array([one.kind == "practice" for one in land.entities])
    at_home = practices[people.home[person]] & (rng.random(len(person)) < 0.6)
    entity = np.where(at_home, people.home[person], people.elsewhere[person]).astype(np.int32)
    role = np.full(len(person), SPECIALIST, np.int32)
    code = codes.draw_codes(rng, codes.SPECIALIST, days)
    return _visits(rng, land, person, days, entity, role, code, np.zeros(len(person), np.int32))


def _other(rng: np.random.Generator, timeline: Timeline, people: People, land: Landscape) -> Visits:
    person, days = draw_events(rng, timeline, 1.3 * np.minimum(people.frailty, 5))
    keep = thin_before(rng, timeline, days)
    person, days = person[keep], days[keep]
    pool = np.array([at for at, one in enumerate(land.entities) if one.kind == "practice"], np.int32)
    entity = pool[rng.integers(0, len(pool), len(person))]
    role = np.full(len(person), UNLISTED, np.int32)
    code = codes.draw_codes(rng, codes.OTHER, days)
    return _visits(rng, land, person, days, entity, role, code, np.zeros(len(person), np.int32))


def _scripted(rng: np.random.Generator, timeline: Timeline, people: People, land: Landscape) -> Visits:
    """The odd cases: the same visits every year. Every second person of a persona swaps here and elsewhere."""
    ours = np.array([at for at in land.which("practice", OURS).tolist() if not land.entities[at].end], np.int32)
    independent = land.which("practice", INDEPENDENT)
    rows: list[tuple[int, int, int, int, int, int]] = []
    for name, steps in [*SCRIPTS.items(), *EVEN_YEARS.items(), *ODD_YEARS.items()]:
        for person in np.flatnonzero(people.persona == NUMBER[name]).tolist():
            home, away = int(people.home[person]), int(people.elsewhere[person])
            if name.endswith(("specialist_visit", "only_tie")) and people.first + person >= 250 and person // 250 % 2:
                home, away = away, home
            places = (home, away, _next(ours, home), _next(independent, away))
            for year in range(date_of(timeline.claims_start).year, timeline.performance_year + 2):
                if (name in EVEN_YEARS and steps is EVEN_YEARS[name] and year % 2) or (
                    name in ODD_YEARS and steps is ODD_YEARS[name] and not year % 2
                ):
                    continue
                for of_year, of_month, place, role, code, fate in steps:
                    when = day(year, of_year, of_month)
                    if timeline.claims_start <= when <= timeline.claims_end:
                        rows.append((person, when, places[place], role, codes.INDEX[code], fate))
    table = np.array(rows, np.int32).reshape(-1, 6)
    who, days, entity_of, role_of, code_of, fate_of = (table[:, at].copy() for at in range(6))
    return _visits(rng, land, who, days, entity_of, role_of, code_of, fate_of)


def _visits(
    rng: np.random.Generator,
    land: Landscape,
    person: NDArray[np.int32],
    days: Days,
    entity: NDArray[np.int32],
    role: NDArray[np.int32],
    code: NDArray[np.int32],
    fate: NDArray[np.int32],
) -> Visits:
    """Visits with a clinician each. Hospitals bill some of theirs as a practice, under their tax number."""
    kinds = np.array([one.kind for one in land.entities])[entity]
    as_practice = (kinds == "practice") | (np.isin(kinds, ["cah", "eta"]) & (rng.random(len(person)) < 0.3))
    return Visits(person, days, entity, draw_clinicians(rng, land, entity, role), code, fate, ~as_practice)


def _next(pool: NDArray[np.int32], entity: int) -> int:
    """Another practice of the same kind."""
    place = int(np.searchsorted(pool, entity)) if entity in pool else 0
    return int(pool[(place + 1) % len(pool)])


__all__ = ["CANCELLED", "DENIED", "LATE", "NEVER", "NORMAL", "NO_CHARGE", "Visits", "covered", "draw_visits"]

"""Who the people are: ages, conditions, where they live, where they get care. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import NEVER, Days, day
from openaco.synthetic.identifiers import mbis
from openaco.synthetic.landscape import INDEPENDENT, OTHER, OURS, SHARED, Landscape
from openaco.synthetic.personas import CYCLE, NUMBER, personas_of
from openaco.synthetic.timeline import Timeline

CHUNK = 5000
IDENTIFIERS = 3

CONDITIONS = (
    ("E119", 0.27, 0.12, 0.5),
    ("I509", 0.13, 0.36, 1.4),
    ("J449", 0.12, 0.32, 0.9),
    ("N184", 0.09, 0.29, 0.8),
    ("I2510", 0.22, 0.18, 0.6),
    ("F339", 0.15, 0.30, 0.4),
    ("C50911", 0.05, 0.20, 0.9),
    ("F0390", 0.07, 0.34, 0.7),
    ("I10", 0.55, 0.0, 0.1),
    ("M545", 0.30, 0.0, 0.1),
)
"""ICD-10-CM code, prevalence, addition to the risk score, addition to the use of care."""


@dataclass
class People:
    """One chunk of the population, as columns. Days are numbers, NEVER where there is none."""

    first: int
    persona: NDArray[np.int32]
    birth: Days
    death: Days
    sex: NDArray[np.int32]
    race: NDArray[np.int32]
    disabled: NDArray[np.bool_]
    conditions: NDArray[np.bool_]
    frailty: NDArray[np.float64]
    home: NDArray[np.int32]
    elsewhere: NDArray[np.int32]
    share_elsewhere: NDArray[np.float64]
    changed: NDArray[np.int32]
    opted_out: Days
    drug_plan: NDArray[np.bool_]
    name_draws: NDArray[np.int32]
    identifiers: NDArray[np.bytes_]

    def __len__(self) -> int:
        return len(self.persona)

    def are(self, *names: str) -> NDArray[np.bool_]:
        """Which of them live one of these personas."""
        return np.isin(self.persona, [NUMBER[name] for name in names])

    @property
    def indices(self) -> NDArray[np.int32]:
        """Each person's place in the whole population."""
        return np.arange(self.first, self.first + len(self), dtype=np.int32)

    def identifier_on(self, on: int) -> NDArray[np.bytes_]:
        """Everybody's identifier as of a day."""
        version = (self.changed <= on).sum(axis=1)
        return self.identifiers[np.arange(len(self)), version]

    @property
    def current(self) -> NDArray[np.bytes_]:
        """Everybody's last identifier: the truth's person_id."""
        return self.identifier_on(NEVER - 1)


def draw_people(rng: np.random.Generator, timeline: Timeline, land: Landscape, first: int, count: int) -> People:
    """A chunk of people, beginning with the person numbered `first`."""
    indices = np.arange(first, first + count, dtype=np.int32)
    persona = personas_of(indices)
    kidney_alone = (persona == NUMBER["esrd"]) & (indices // CYCLE % 2 == 0)
    disabled = (rng.random(count) < 0.12) | np.isin(persona, [NUMBER["disabled"], NUMBER["turns_65"]]) | kidney_alone
    birth = _births(rng, timeline, persona, disabled, kidney_alone)
    conditions = rng.random((count, len(CONDITIONS))) < np.array([one[1] for one in CONDITIONS])
    frailty = rng.gamma(1.6, 1 / 1.6, count) * (0.55 + conditions @ np.array([one[3] for one in CONDITIONS]) * 0.55)
    home, elsewhere, share = _sources_of_care(rng, land, persona)
    return People(
        first=first,
        persona=persona,
        birth=birth,
        death=_deaths(rng, timeline, persona, birth, frailty),
        sex=rng.integers(1, 3, count).astype(np.int32),
        race=rng.choice(np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6], np.int32), count),
        disabled=disabled,
        conditions=conditions,
        frailty=frailty,
        home=home,
        elsewhere=elsewhere,
        share_elsewhere=share,
        changed=_identifier_changes(rng, timeline, persona),
        opted_out=_opt_outs(timeline, persona),
        drug_plan=rng.random(count) < 0.55,
        name_draws=rng.integers(0, 2**31 - 1, (count, 5)).astype(np.int32),
        identifiers=mbis((indices[:, None].astype(np.int64) * IDENTIFIERS + np.arange(IDENTIFIERS)).ravel()).reshape(
            count, IDENTIFIERS
        ),
    )


def _births(
    rng: np.random.Generator,
    timeline: Timeline,
    persona: NDArray[np.int32],
    disabled: NDArray[np.bool_],
    kidney_alone: NDArray[np.bool_],
) -> Days:
    """Births, by ages on the first day of the performance year."""
    count = len(persona)
    settling = rng.random(count) < 0.13
    aged = np.where(settling, rng.uniform(63.5, 68.5, count), 68 + np.minimum(rng.gamma(1.8, 6, count), 32))
    age = np.where(disabled, rng.uniform(30, 69, count), aged)
    age = np.where(kidney_alone, 30 + age % 28, age)
    settled = timeline.performance_year - timeline.enrollment_years[0]
    age = np.where(persona == NUMBER["new_to_medicare"], rng.uniform(64.2, 64.8, count), age)
    age = np.where(persona == NUMBER["turns_65"], rng.uniform(64.2, 64.8, count), age)
    old = np.isin(persona, [number for name, number in NUMBER.items() if name.startswith(("tie_", "dual_"))])
    age = np.where(old & ~disabled, np.maximum(age, 66.5 + settled), age)
    return (day(timeline.performance_year, 1) - age * 365.25).astype(np.int32)


def _deaths(
    rng: np.random.Generator,
    timeline: Timeline,
    persona: NDArray[np.int32],
    birth: Days,
    frailty: NDArray[np.float64],
) -> Days:
    start, end = day(timeline.enrollment_years[0], 1), day(timeline.performance_year + 1, 12, 31)
    age = (day(timeline.performance_year - 1, 1) - birth) / 365.25
    hazard = 0.004 * np.exp(np.clip(age - 62, -20, 40) * 0.085) * np.clip(frailty, 0.3, 3) / 365.25
    death = start + rng.exponential(1 / hazard)
    death = np.where(death > end, NEVER, death)
    scripted = (persona > 0) & (persona != NUMBER["hospice"])
    death = np.where(scripted, NEVER, death)
    last, (first, *_) = timeline.performance_year, timeline.benchmark_years
    in_last = day(last, 1, 2) + rng.integers(0, 360, len(persona))
    death = np.where(persona == NUMBER["dies_in_performance_year"], in_last, death)
    in_first = day(first, 1, 2) + rng.integers(0, 1090, len(persona))
    death = np.where(persona == NUMBER["dies_in_benchmark_year"], in_first, death)
    dying = (persona == NUMBER["hospice"]) & (death >= NEVER)
    return np.where(dying, day(first, 6) + rng.integers(0, 1200, len(persona)), death).astype(np.int32)


def _sources_of_care(
    rng: np.random.Generator, land: Landscape, persona: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Where each person mostly goes, where else, and how often elsewhere."""
    count = len(persona)
    pools = {group: land.which("practice", group) for group in (OURS, OTHER, INDEPENDENT, SHARED)}
    drawn = {group: pool[rng.integers(0, len(pool), count)] for group, pool in pools.items()}
    lasting = np.array([at for at in pools[OURS].tolist() if not land.entities[at].end], np.int32)
    drawn_lasting = lasting[rng.integers(0, len(lasting), count)]
    group = rng.random(count)
    home = np.select([group < 0.66, group < 0.76], [drawn[OURS], drawn[OTHER]], drawn[INDEPENDENT])
    away = rng.random(count)
    other_home = np.where(away < 0.25, drawn[OTHER], drawn[INDEPENDENT])
    elsewhere = np.where(group < 0.66, other_home, drawn[OURS])
    share = rng.choice(np.array([0.05, 0.15, 0.3, 0.5]), count, p=[0.45, 0.3, 0.15, 0.1])
    clinics = {
        "fqhc": "fqhc",
        "rhc": "rhc",
        "method_ii_cah": "cah",
        "eta_hospital": "eta",
        "clinic_over_new_year": "fqhc",
    }
    by_certificate = rng.random(count)
    for at, (name, kind) in enumerate(clinics.items()):
        ours, all_of_kind = (
            land.which(kind, OURS),
            np.array([index for index, one in enumerate(land.entities) if one.kind == kind], np.int32),
        )
        chosen = (persona == NUMBER[name]) | ((by_certificate > 0.9 + at * 0.02) & (by_certificate < 0.92 + at * 0.02))
        place = np.where(persona == NUMBER[name], ours[rng.integers(0, len(ours), count)], 0)
        place = np.where(persona == NUMBER[name], place, all_of_kind[rng.integers(0, len(all_of_kind), count)])
        home = np.where(chosen, place, home)
    home = np.where(persona == NUMBER["practice_in_two_acos"], drawn[SHARED], home)
    scripted_here = (persona > 0) & ~np.isin(persona, [NUMBER[name] for name in (*clinics, "practice_in_two_acos")])
    home = np.where(scripted_here, drawn_lasting, home)
    elsewhere = np.where(scripted_here, drawn[INDEPENDENT], elsewhere)
    outside = np.isin(persona, [NUMBER["voluntary_here"], NUMBER["never_seen_here"]])
    home = np.where(outside, drawn[INDEPENDENT], home)
    elsewhere = np.where(persona == NUMBER["never_seen_here"], drawn[OTHER], elsewhere)
    return home.astype(np.int32), elsewhere.astype(np.int32), share


def _identifier_changes(rng: np.random.Generator, timeline: Timeline, persona: NDArray[np.int32]) -> NDArray[np.int32]:
    """Two columns: the days on which the first and the second identifier were replaced."""
    count = len(persona)
    start, last = day(timeline.benchmark_years[0], 2), day(timeline.performance_year + 1, 2)
    first = np.where(rng.random(count) < 0.01, rng.integers(start, last, count), NEVER)
    second = np.full(count, NEVER)
    once = np.isin(persona, [NUMBER["mbi_changed"], NUMBER["mbi_changed_with_hicn"]])
    first = np.where(once, rng.integers(day(timeline.performance_year, 3), last, count), first)
    twice = persona == NUMBER["mbi_changed_twice"]
    first = np.where(twice, rng.integers(start, day(timeline.performance_year, 4), count), first)
    second = np.where(twice, rng.integers(day(timeline.performance_year, 5), last, count), second)
    return np.stack([first, second], axis=1).astype(np.int32)


def _opt_outs(timeline: Timeline, persona: NDArray[np.int32]) -> Days:
    """The day from which claims are withheld: always, or from the middle of the performance year."""
    later = day(timeline.performance_year, 7)
    return np.select([persona == NUMBER["opted_out"], persona == NUMBER["opted_out_later"]], [0, later], NEVER).astype(
        np.int32
    )

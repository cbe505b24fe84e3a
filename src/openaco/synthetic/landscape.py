"""Who delivers care: practices of our ACO, of a second one and of none, clinics and hospitals billed by CCN."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.identifiers import ccn, npi, tin

OURS, OTHER, INDEPENDENT, SHARED = "ours", "other", "independent", "shared"
PCP, NPP, SPECIALIST, UNLISTED = 0, 1, 2, 3
MARYLAND = "210878"
"""A hospital number of Maryland (21) that no hospital has: Maryland is known by the number."""
SPANS = {
    (OURS, 5): ("", "{before}-12-31"),
    (OURS, 6): ("{year}-01-01", ""),
    (OTHER, 1): ("2020-01-01", "{before}-06-30"),
    (OTHER, 2): ("", "{year}-01-01"),
}
"""Practices that take part for a time only: from, to."""
SPECIALTIES = {
    PCP: ("11", "08", "11", "08", "01", "38", "11", "37"),
    NPP: ("50", "97", "50", "97", "89"),
    SPECIALIST: ("06", "29", "46", "39", "13", "26", "83", "90", "25", "16", "06", "70"),
    UNLISTED: ("07", "18", "20", "30", "10", "34", "02", "69"),
}


@dataclass(frozen=True)
class Entity:
    """Where somebody gets primary care. kind: practice, fqhc, rhc, cah or eta. `ccn` is blank for a practice."""

    kind: str
    group: str
    tin: str
    ccn: str
    name: str
    npi: str
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Facility:
    """A hospital, nursing facility, home health agency, hospice or dialysis clinic."""

    kind: str
    ccn: str
    npi: str
    state_fips: str
    teaching: bool = False


@dataclass
class Landscape:
    """All providers. Clinicians of entity e and role r are `npis[start[e, r] : start[e, r] + length[e, r]]`."""

    entities: list[Entity] = field(default_factory=list)
    facilities: dict[str, list[Facility]] = field(default_factory=dict)
    npis: list[str] = field(default_factory=list)
    specialties: list[str] = field(default_factory=list)
    start: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    length: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 4), np.int32))

    def which(self, kind: str, group: str) -> NDArray[np.int32]:
        """Indices of the entities of a kind and group."""
        found = [at for at, one in enumerate(self.entities) if one.kind == kind and one.group == group]
        return np.array(found, np.int32)


def draw_landscape(seed: int, beneficiaries: int, performance_year: int) -> Landscape:
    """The providers for so many people. One practice of ours leaves before the performance year, one joins with it."""
    rng = np.random.default_rng([seed, 1])
    land = Landscape()
    _practices(land, beneficiaries, performance_year)
    _certified(land)
    _clinicians(land, rng)
    _facilities(land)
    return land


def _practices(land: Landscape, beneficiaries: int, performance_year: int) -> None:
    ours = max(10, beneficiaries // 2500)
    counts = {OURS: ours, OTHER: max(3, ours // 4), INDEPENDENT: max(6, ours // 2), SHARED: 1}
    titles = {OURS: "Valley Practice", OTHER: "Hillside Practice", INDEPENDENT: "Own Practice", SHARED: "Both Practice"}
    number = 0
    for group, count in counts.items():
        for at in range(count):
            number += 1
            joined, left = SPANS.get((group, at), ("", ""))
            joined, left = (span.format(year=performance_year, before=performance_year - 1) for span in (joined, left))
            name = f"{titles[group]} {at + 1}"
            land.entities.append(Entity("practice", group, tin(number), "", name, npi(number), joined, left))


def _certified(land: Landscape) -> None:
    """Clinics and hospitals billed by CCN, two of ours for each kind, one of the second ACO, one of none."""
    ranges = {"fqhc": (1800, 500), "rhc": (3800, 600), "cah": (1300, 700), "eta": (100, 800)}
    for kind, (first, number) in ranges.items():
        groups = (OURS, OURS, OTHER, INDEPENDENT) if kind == "fqhc" else (OURS, INDEPENDENT)
        for at, group in enumerate(groups):
            name = f"{kind.upper()} {at + 1}"
            land.entities.append(Entity(kind, group, tin(number + at), ccn(first, at), name, npi(number + at)))


def _clinicians(land: Landscape, rng: np.random.Generator) -> None:
    """Each practice has primary care clinicians; every second one specialists. Some NPIs bill through two TINs."""
    land.start = np.zeros((len(land.entities), 4), np.int32)
    land.length = np.zeros((len(land.entities), 4), np.int32)
    number = 1000
    for at, entity in enumerate(land.entities):
        sizes = (5, 3, 4, 3) if entity.kind == "practice" else (2, 1, 1, 1)
        for role, size in enumerate(sizes):
            count = int(size + rng.integers(0, 3))
            land.start[at, role], land.length[at, role] = len(land.npis), count
            for place in range(count):
                shared = role == PCP and place == 0 and at % 5 == 4
                number += 1
                options = SPECIALTIES[role]
                earlier = int(land.start[at - 1, PCP]) if at else 0
                land.npis.append(land.npis[earlier] if shared else npi(number))
                specialty = land.specialties[earlier] if shared else options[int(rng.integers(0, len(options)))]
                land.specialties.append(specialty)


def _facilities(land: Landscape) -> None:
    """Hospitals (two teach, one lies in Maryland), nursing facilities, agencies, hospices, dialysis clinics."""
    land.facilities = {
        "hospital": [
            Facility(
                "hospital", MARYLAND if at == 3 else ccn(1, at), npi(900 + at), "24" if at == 3 else "25", at in (0, 3)
            )
            for at in range(5)
        ],
        "snf": [Facility("snf", ccn(5000, at), npi(910 + at), "25") for at in range(5)],
        "swing": [Facility("swing", f"99U{at:03d}", npi(918 + at), "25") for at in range(1)],
        "hha": [Facility("hha", ccn(7000, at), npi(920 + at), "25") for at in range(4)],
        "hospice": [Facility("hospice", ccn(1500, at), npi(930 + at), "25") for at in range(3)],
        "dialysis": [Facility("dialysis", ccn(2500, at), npi(940 + at), "25") for at in range(3)],
        "nonmedical": [Facility("nonmedical", ccn(1990, 0), npi(950), "25")],
    }

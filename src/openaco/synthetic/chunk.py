"""A chunk of the population with everything that happens to it. Chunks do not know of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.carrier import Carrier, draw_carrier
from openaco.synthetic.days import Days
from openaco.synthetic.equipment import Drugs, Equipment, draw_drugs, draw_equipment
from openaco.synthetic.institutional import Certificates, Institutional, certificates, draw_institutional
from openaco.synthetic.landscape import Landscape, draw_landscape
from openaco.synthetic.lines import InstitutionalDetails, draw_details
from openaco.synthetic.months import Months, draw_months
from openaco.synthetic.people import CHUNK, People, draw_people
from openaco.synthetic.shipments import Shipments, ship
from openaco.synthetic.stays import draw_stays, hospice_ranges
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.versions import Versions, draw_versions
from openaco.synthetic.visits import draw_visits

IDENTIFIERS_A_CHUNK = 10_000_000


@dataclass
class Family:
    """The versions of one kind of claim and their deliveries. `first_id` plus a version's serial is its claim id."""

    versions: Versions
    person: NDArray[np.int32]
    ends: Days
    shipments: Shipments
    first_id: int

    @property
    def claim_ids(self) -> NDArray[np.int64]:
        """The claim id of each version."""
        return self.first_id + self.versions.serial

    @property
    def delivered(self) -> NDArray[np.bool_]:
        """Which versions any delivery brings."""
        found = np.zeros(len(self.versions), bool)
        found[self.shipments.version] = True
        return found


@dataclass
class Chunk:
    """The world of some thousand people."""

    number: int
    timeline: Timeline
    land: Landscape
    certified: Certificates
    people: People
    months: Months
    hospice: tuple[NDArray[np.int32], Days, Days]
    institutional: Institutional
    details: InstitutionalDetails
    carrier: Carrier
    equipment: Equipment
    drugs: Drugs
    families: dict[str, Family]


def draw_chunk(seed: int, timeline: Timeline, beneficiaries: int, number: int) -> Chunk:
    """Chunk `number` of a population. Depends on nothing but its arguments."""
    rng = np.random.default_rng([seed, 2, number])
    land = draw_landscape(seed, beneficiaries, timeline.performance_year)
    certified = certificates(land)
    first = number * CHUNK
    people = draw_people(rng, timeline, land, first, min(CHUNK, beneficiaries - first))
    months = draw_months(rng, timeline, people)
    visits = draw_visits(rng, timeline, people, months, land)
    stays = draw_stays(rng, timeline, people)
    institutional = draw_institutional(rng, timeline, people, months, land, visits, certified, stays)
    carrier = draw_carrier(rng, people, visits)
    equipment = draw_equipment(rng, timeline, people, months)
    drugs = draw_drugs(rng, timeline, people, months)
    chunk = Chunk(
        number=number,
        timeline=timeline,
        land=land,
        certified=certified,
        people=people,
        months=months,
        hospice=hospice_ranges(stays.hospice),
        institutional=institutional,
        details=draw_details(rng, people, institutional, certified),
        carrier=carrier,
        equipment=equipment,
        drugs=drugs,
        families={},
    )
    _version(rng, chunk, "institutional", institutional.person, institutional.end, institutional.fate, 1)
    _version(rng, chunk, "carrier", carrier.person, carrier.day, carrier.fate, 2)
    _version(rng, chunk, "equipment", equipment.person, equipment.day, equipment.fate, 3)
    _version(rng, chunk, "drugs", drugs.person, drugs.day, drugs.fate, 4)
    return chunk


def _version(
    rng: np.random.Generator,
    chunk: Chunk,
    name: str,
    person: NDArray[np.int32],
    ends: Days,
    fates: NDArray[np.int32],
    leading: int,
) -> None:
    """Draw the versions of a family of claims and their deliveries."""
    versions = draw_versions(rng, chunk.timeline, ends, fates, institutional=name in ("institutional", "drugs"))
    of_version = person[versions.claim]
    end_of_version = (ends[versions.claim] + versions.shift).astype(np.int32)
    chunk.families[name] = Family(
        versions=versions,
        person=of_version,
        ends=end_of_version,
        shipments=ship(rng, chunk.timeline, chunk.people, of_version, end_of_version, versions),
        first_id=leading * 10**12 + chunk.number * IDENTIFIERS_A_CHUNK,
    )

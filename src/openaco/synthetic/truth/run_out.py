"""The true run-out: what every service month comes to in the end, and on which day each part of it became known.

A lake ends with its last package; the made-up world does not. Claim versions that no package ever brought, because
they were loaded after the last one, are counted here like all others. Only what is withheld from the ACO for good (the
claims of people who opted out) is left out. Nothing is drawn here, so no file of the synthetic ACO depends on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from openaco.synthetic import codes
from openaco.synthetic.chunk import Chunk, Family, draw_chunk
from openaco.synthetic.days import date_of
from openaco.synthetic.people import CHUNK
from openaco.synthetic.shipments import Shipments
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.truth.assignment import month_number
from openaco.synthetic.truth.claims import (
    CANCELLATION,
    Version,
    carrier_claims,
    equipment_claims,
    institutional_claims,
    share_of,
)
from openaco.synthetic.truth.spending import ENCOUNTER, SUSPECT

MonthAndDay = tuple[int, int]
"""Month of service (months since 1970-01), day of loading (days since 1970-01-01)."""


def true_run_out(seed: int, timeline: Timeline, beneficiaries: int) -> Mapping[MonthAndDay, int]:
    """Signed cents of everybody by service month and load day, as the program counts them, to the very last version."""
    found: Counter[MonthAndDay] = Counter()
    for number in range(-(-beneficiaries // CHUNK)):
        chunk = draw_chunk(seed, timeline, beneficiaries, number)
        for month, version, cents in _booked(_all_delivered(chunk)):
            found[month, version.load] += -cents if version.kind == CANCELLATION else cents
    return found


def _all_delivered(chunk: Chunk) -> Chunk:
    """The chunk as if every version had been delivered once, but for people whose claims are withheld."""
    families = {name: _shared(family, chunk.people.opted_out) for name, family in chunk.families.items()}
    return replace(chunk, families=families)


def _shared(family: Family, opted_out: np.ndarray) -> Family:
    versions = np.flatnonzero(family.versions.load < opted_out[family.person]).astype(np.int64)
    none = np.zeros(len(versions), np.int32)
    return replace(family, shipments=Shipments(versions, none, none.astype(bool)))


def _booked(chunk: Chunk) -> Iterator[tuple[int, Version, int]]:
    """Month, version and cents of every version that is not denied."""
    for claims, equipment in ((carrier_claims(chunk), False), (equipment_claims(chunk), True)):
        for claim in claims:
            suspect = SUSPECT.get(date_of(claim.day).year, set()) if equipment else set()
            paid = [line[3] for line in claim.lines if codes.CODES[line[1]] not in suspect]
            for version in claim.versions:
                if not version.denied:
                    yield month_number(claim.day), version, sum(share_of(amount, version.percent) for amount in paid)
    for stay in institutional_claims(chunk):
        for version in stay.versions:
            if stay.type != ENCOUNTER and not version.denied:
                taken_out = sum(share_of(part, version.percent) for part in stay.extras)
                yield month_number(version.end), version, share_of(stay.paid, version.percent) - taken_out

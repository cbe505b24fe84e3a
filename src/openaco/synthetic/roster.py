"""The roster: participants, clinicians, electing hospitals, fee schedule and designations of primary clinicians."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from openaco.synthetic import codes
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import date_of, day
from openaco.synthetic.landscape import INDEPENDENT, OTHER, OURS, PCP, SHARED, Landscape
from openaco.synthetic.personas import CYCLE, PERSONAS
from openaco.synthetic.timeline import ACO_ID, OTHER_ACO_ID, Timeline

Row = Sequence[object]
NOT_SCHEDULED = "G0442"
"""A code that the fee schedule file lacks: an electing hospital's line with it is worth nothing."""


def csv_text(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A CSV file as text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def participants(land: Landscape) -> str:
    """Who is on the list of which ACO. One practice is on two lists; one left, one joined."""
    rows = []
    for entity in land.entities:
        acos = {OURS: [ACO_ID], OTHER: [OTHER_ACO_ID], SHARED: [ACO_ID, OTHER_ACO_ID]}.get(entity.group, [])
        rows += [(aco, entity.tin, entity.ccn, entity.name, entity.start, entity.end) for aco in acos]
    return csv_text(("aco_id", "tin", "ccn", "name", "start_date", "end_date"), rows)


def providers(land: Landscape) -> str:
    """Every clinician once, with the specialty of enrollment."""
    known = dict(zip(land.npis, land.specialties, strict=True))
    rows = [(npi, specialty, f"Clinician {npi[-4:]}") for npi, specialty in known.items()]
    return csv_text(("npi", "specialty_code", "name"), rows)


def electing_hospitals(land: Landscape) -> str:
    """The ETA hospitals."""
    return csv_text(("ccn",), [(one.ccn,) for one in land.entities if one.kind == "eta"])


def fee_schedule_cents(code: int, year: int) -> int:
    """What the fee schedule pays for a code in a year, in cents."""
    return int(codes.CENTS[code]) * (100 + year % 5) // 100


def fee_schedule(timeline: Timeline) -> str:
    """Amounts of every code and year but one code."""
    rows = [
        (year, code, f"{fee_schedule_cents(at, year) / 100:.2f}")
        for year in range(timeline.enrollment_years[0], timeline.performance_year + 2)
        for at, code in enumerate(codes.CODES)
        if code != NOT_SCHEDULED
    ]
    return csv_text(("calendar_year", "hcpcs_code", "amount"), rows)


DESIGNATION_HEADER = ("mbi", "designated_on", "ended_on", "npi", "tin")


@dataclass(frozen=True)
class Designation:
    """A person's designation of a clinician; tin is blank where only the clinician was named."""

    person: int
    on: int
    ended: int | None
    npi: str
    tin: str


def designations(chunk: Chunk) -> list[Designation]:
    """The designations of a chunk's people."""
    timeline, people, land = chunk.timeline, chunk.people, chunk.land
    last, first = timeline.performance_year, timeline.benchmark_years[0]
    pools = {group: land.which("practice", group) for group in (OURS, OTHER, INDEPENDENT)}
    found: list[Designation] = []

    def add(at: int, group: str, on: int, ended: int | None = None, by_clinician: bool = False) -> None:
        pool = pools[group]
        entity = int(pool[(people.first + at) % len(pool)])
        npi = land.npis[int(land.start[entity, PCP])]
        found.append(Designation(at, on, ended, npi, "" if by_clinician else land.entities[entity].tin))

    for at in np.flatnonzero(people.persona > 0).tolist():
        turn = (people.first + at) // CYCLE
        match PERSONAS[people.persona[at]]:
            case "voluntary_here":
                on_the_last_day = day(first - 1 + turn % 4, 9, 30)
                on = on_the_last_day if turn % 5 == 1 else day(first - 1, 5) + turn % 900
                add(at, OURS, on, by_clinician=turn % 3 == 0)
            case "voluntary_here_too_late":
                add(at, OURS, day(last - 1, 10, 1) + turn % 300)
            case "voluntary_other_aco":
                add(at, OTHER, day(first - 1, 6) + turn % 1000)
            case "voluntary_no_aco":
                add(at, INDEPENDENT, day(first - 1, 7) + turn % 1000, by_clinician=turn % 3 == 0)
            case "voluntary_ended":
                add(at, OTHER, day(first - 1, 6), day(last - 1, 9, 15) + turn % 30)
            case "voluntary_changed":
                add(at, OURS, day(first - 1, 6))
                add(at, INDEPENDENT, day(first + 1, 3) + turn % 400)
            case "voluntary_here_in_medicare_advantage":
                add(at, OURS, day(first - 1, 8))
    return found


def designation_rows(chunk: Chunk, designated: list[Designation]) -> list[Row]:
    """Rows of the file, each with the identifier of its day."""
    return [
        (
            chunk.people.identifier_on(one.on)[one.person].decode(),
            date_of(one.on),
            "" if one.ended is None else date_of(one.ended),
            one.npi,
            one.tin,
        )
        for one in designated
    ]

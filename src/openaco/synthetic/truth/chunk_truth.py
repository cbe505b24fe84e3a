"""The truth about one chunk: its final claims, months, dollars and assignments, one person after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from openaco.synthetic.cclf_people import known
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import day, month
from openaco.synthetic.enrollment_files import place_of_year
from openaco.synthetic.roster import Designation
from openaco.synthetic.timeline import run_out_cut_off
from openaco.synthetic.truth.assignment import (
    METHODS,
    Lists,
    Window,
    by_claims,
    charges_by_entity,
    decide,
    screens,
    window,
)
from openaco.synthetic.truth.claims import (
    ALWAYS,
    carrier_claims,
    equipment_claims,
    institutional_claims,
    net,
    share_of,
    standing,
)
from openaco.synthetic.truth.enrollment import Enrollment
from openaco.synthetic.truth.services import Service, ServiceReader, Stay, that_count
from openaco.synthetic.truth.spending import Ledger

ASKED = "asked"


@dataclass
class Spent:
    """A person's year in one enrollment type. Cents; `usual`: without our ACO's effect; where the person lived."""

    year: int
    person: int
    kind: int
    county: int
    months: int
    cents: int
    usual: float


@dataclass
class ChunkTruth:
    """What is known of a chunk's people; persons are numbered within the chunk.

    known       whom the ACO ever hears of
    stages      (year, method) → for each person where the assignment ends; ASKED where it hangs on `asked`
    asked       (year, method, person) → a clinician named without a practice, and where it ends inside or outside
    clinicians  (year, method) → NPIs of primary care services billed through our participants in the window
    assignable  year → whether each person counts for national and regional factors
    ours        year → per person: (participant, NPI, services) in the window of the configured method
    assisted    each person's eligible months with Medicaid in the performance year
    """

    person_ids: list[str]
    known: list[bool]
    stages: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    asked: dict[tuple[int, str, int], tuple[str, str, str]] = field(default_factory=dict)
    clinicians: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    assignable: dict[int, list[bool]] = field(default_factory=dict)
    ours: dict[int, dict[int, list[tuple[str, str, int]]]] = field(default_factory=dict)
    spent: list[Spent] = field(default_factory=list)
    assisted: list[int] = field(default_factory=list)


class _Gathered:
    """Services and stays of every person, as known at the end of one year's run-out."""

    def __init__(self, year: int, rules_year: int, people: int) -> None:
        self.year = year
        self.windows = [window(year, method, rules_year) for method in METHODS]
        self.first = min(one.earliest for one in self.windows)
        self.last = day(year, 12, 31)
        self.cut_off = run_out_cut_off(year)
        self.services: list[list[Service]] = [[] for _ in range(people)]
        self.nursing: list[list[Stay]] = [[] for _ in range(people)]
        self.inpatient: list[list[Stay]] = [[] for _ in range(people)]


def find_truth(
    chunk: Chunk, designated: list[Designation], seed: int, method: str, final_claims: Path, person_months: Path
) -> ChunkTruth:
    """The truth about a chunk. Writes final claims and person-months as parts of their files."""
    timeline, people = chunk.timeline, len(chunk.people)
    truth = ChunkTruth([one.decode() for one in chunk.people.current.tolist()], known(chunk).tolist())
    enrollment = Enrollment(chunk)
    last_month = month(timeline.performance_year, 12)
    _write(person_months, enrollment.lines(truth.person_ids, last_month))
    gathered = [_Gathered(year, timeline.performance_year, people) for year in timeline.settled_years]
    ledger = Ledger(timeline.settled_years, people)
    _write(final_claims, _read_claims(chunk, truth.person_ids, gathered, ledger))
    for year in timeline.settled_years:
        counties = place_of_year(chunk, year).tolist()
        for person in range(people):
            found = ledger.by_type(person, enrollment.types[person], enrollment.first, year)
            truth.spent += [Spent(year, person, kind, counties[person], *found[kind]) for kind in sorted(found)]
    truth.assisted = _assisted(chunk, enrollment)
    lists = Lists.of(chunk.land, date(timeline.performance_year, 1, 1))
    for one in gathered:
        _assign(chunk, truth, one, enrollment, lists, designated, seed, method)
    return truth


def _assisted(chunk: Chunk, enrollment: Enrollment) -> list[int]:
    """Eligible months of the performance year with any Medicaid help."""
    year = chunk.timeline.performance_year
    span = range(month(year, 1) - enrollment.first, month(year, 12) - enrollment.first + 1)
    duals = chunk.months.dual.tolist()
    return [
        sum(types[at] is not None and dual[at] > 0 for at in span)
        for types, dual in zip(enrollment.types, duals, strict=True)
    ]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _read_claims(chunk: Chunk, person_ids: list[str], gathered: list[_Gathered], ledger: Ledger) -> list[str]:
    """Go through every claim once; returns the lines of final_claims.csv."""
    reader = ServiceReader(chunk, chunk.timeline.performance_year)
    final: list[str] = []
    for claim in carrier_claims(chunk):
        ledger.add_supplier(claim, equipment=False)
        for version in standing(claim.versions, ALWAYS):
            if not version.denied:
                final += [
                    f"professional,{version.claim_id},{number},{person_ids[claim.person]},"
                    f"{_dollars(net(paid, withheld, reduced, version.percent))}"
                    for number, _, _, paid, withheld, reduced in claim.lines
                ]
        for one in gathered:
            if one.first <= claim.day <= one.last:
                one.services[claim.person] += reader.of_supplier(claim, one.cut_off)
    for claim in equipment_claims(chunk):
        ledger.add_supplier(claim, equipment=True)
        for version in standing(claim.versions, ALWAYS):
            if not version.denied:
                final += [
                    f"equipment,{version.claim_id},{number},{person_ids[claim.person]},"
                    f"{_dollars(share_of(paid, version.percent))}"
                    for number, _, _, paid, _, _ in claim.lines
                ]
    for stay in institutional_claims(chunk):
        ledger.add_institution(stay)
        for version in standing(stay.versions, ALWAYS):
            if not version.denied:
                paid_amount = net(stay.paid, stay.withheld, stay.reduced, version.percent)
                final.append(f"institutional,{version.claim_id},0,{person_ids[stay.person]},{_dollars(paid_amount)}")
        for one in gathered:
            if one.first <= stay.start <= one.last:
                one.services[stay.person] += reader.of_institution(stay, one.cut_off)
            if stay.type in (20, 30, 60) and stay.start <= one.last:
                barred = one.inpatient if stay.type == 60 else one.nursing
                barred[stay.person] += [
                    (stay.start, version.end)
                    for version in standing(stay.versions, one.cut_off)
                    if not version.denied and version.end >= one.first
                ]
    return final


def _assign(
    chunk: Chunk,
    truth: ChunkTruth,
    gathered: _Gathered,
    enrollment: Enrollment,
    lists: Lists,
    designated: list[Designation],
    seed: int,
    method: str,
) -> None:
    """Everybody's assignment for one year by both methods, and whether they are assignable."""
    people, year = len(chunk.people), gathered.year
    deaths = chunk.people.death.tolist()
    counted = [
        that_count(gathered.services[person], gathered.nursing[person], gathered.inpatient[person])
        for person in range(people)
    ]
    for span in gathered.windows:
        named = standing_designations(designated, span)
        key = (year, span.method)
        stages: list[str] = []
        clinicians: set[str] = set()
        assignable: list[bool] = []
        ours: dict[int, list[tuple[str, str, int]]] = {}
        for person in range(people):
            charges = charges_by_entity(counted[person], lists, span)
            now, later = screens(enrollment, person, deaths[person], span)
            by_charges = by_claims(charges, span, truth.person_ids[person], seed)
            designation = _designation(named.get(person), lists)
            mine = _at_ours(counted[person], lists, span)
            clinicians.update(npi for _, npi, _ in mine if npi)
            if designation == ASKED:
                ends = [decide(now, later, word, by_charges) for word in ("inside", "outside")]
                truth.asked[(*key, person)] = (named[person].npi, ends[0], ends[1])
                stages.append(ASKED)
            else:
                stages.append(decide(now, later, designation, by_charges))
            if mine and span.method == method:
                ours[person] = mine
            physicians = sum(one.pcp + one.specialist for one in charges.values())
            pattern = span.long_start is not None and any(one.npp for one in charges.values())
            pattern = pattern and any(one.long_physician for one in charges.values())
            assignable.append(now is None and bool(physicians or pattern))
        truth.stages[key] = stages
        truth.clinicians[key] = clinicians
        if span.method == "retrospective":
            truth.assignable[year] = assignable
        if span.method == method:
            truth.ours[year] = ours


def standing_designations(designated: list[Designation], span: Window) -> dict[int, Designation]:
    """Each person's newest designation that stands on the cut-off day."""
    found: dict[int, Designation] = {}
    for one in designated:
        if one.on <= span.cut_off and (one.ended is None or one.ended > span.cut_off):
            before = found.get(one.person)
            if before is None or before.on < one.on:
                found[one.person] = one
    return found


def _designation(one: Designation | None, lists: Lists) -> str | None:
    if one is None:
        return None
    if not one.tin:
        return ASKED
    return "inside" if lists.is_ours(f"tin:{one.tin}") else "outside"


def _at_ours(services: list[Service], lists: Lists, span: Window) -> list[tuple[str, str, int]]:
    """Services through our participants in the twelve months, by participant and clinician."""
    found: dict[tuple[str, str], int] = {}
    for one in services:
        if span.start <= one.day <= span.end and lists.is_ours(one.biller):
            found[one.biller, one.npi] = found.get((one.biller, one.npi), 0) + 1
    return [(biller, npi, count) for (biller, npi), count in found.items()]

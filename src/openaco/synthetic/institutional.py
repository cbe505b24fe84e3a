"""Part A claims: clinics and hospitals, stays, nursing facilities, home health, hospice, dialysis."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes
from openaco.synthetic.days import Days, first_day
from openaco.synthetic.landscape import OURS, Landscape
from openaco.synthetic.months import AGED_ESRD, DISABLED_ESRD, ESRD_ONLY, Months
from openaco.synthetic.people import People
from openaco.synthetic.stays import AllStays, Stays
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.visits import DENIED, TAKEN_BACK, Visits, covered, draw_events, thin_before

ENCOUNTER = 61
"""A health plan's record of a stay: no payment of Medicare's."""
GROWTH = 1.04
OUR_EFFECT = 0.955
"""What our ACO pays of the same care in the performance year: the reason for its savings."""


@dataclass
class Institutional:
    """Claims. Amounts in cents; `paid` before sequestration; `usual` is what would be paid without the ACO's effect.

    `provider` points into `Certificates`; clinicians are indices into the landscape's NPIs, -1 for none.
    """

    person: NDArray[np.int32]
    type: NDArray[np.int32]
    bill: NDArray[np.bytes_]
    start: Days
    end: Days
    provider: NDArray[np.int32]
    entity: NDArray[np.int32]
    paid: NDArray[np.int64]
    usual: NDArray[np.float64]
    attending: NDArray[np.int32]
    operating: NDArray[np.int32]
    other: NDArray[np.int32]
    fate: NDArray[np.int32]
    code: NDArray[np.int32]
    discharge: NDArray[np.int32]

    def only(self, keep: NDArray[np.generic]) -> Institutional:
        """The claims to keep, or in this order."""
        return Institutional(*(getattr(self, one.name)[keep] for one in fields(self)))


@dataclass(frozen=True)
class Certificates:
    """Everybody who bills Part A: CCN, NPI, state, and whether it teaches. Entities first, then facilities."""

    ccn: NDArray[np.bytes_]
    npi: NDArray[np.bytes_]
    state: NDArray[np.bytes_]
    teaches: NDArray[np.bool_]
    of_kind: dict[str, NDArray[np.int32]]


def certificates(land: Landscape) -> Certificates:
    """The certificates of a landscape; entity n has certificate n (blank for practices)."""
    facilities = [one for group in land.facilities.values() for one in group]
    first = len(land.entities)
    kinds = [one.kind for one in facilities]
    return Certificates(
        np.array([one.ccn for one in land.entities] + [one.ccn for one in facilities], "S6"),
        np.array([one.npi for one in land.entities] + [one.npi for one in facilities], "S10"),
        np.array(["25"] * first + [one.state_fips for one in facilities], "S2"),
        np.array([False] * first + [one.teaching for one in facilities]),
        {
            kind: np.array([first + at for at, one in enumerate(kinds) if one == kind], np.int32)
            for kind in dict.fromkeys(kinds)
        },
    )


def draw_institutional(
    rng: np.random.Generator,
    timeline: Timeline,
    people: People,
    months: Months,
    land: Landscape,
    visits: Visits,
    certified: Certificates,
    stays: AllStays,
) -> Institutional:
    """All Part A claims of a chunk, one a person, provider and first day at most."""
    parts = [
        _clinic_visits(rng, land, visits),
        _outpatient(rng, timeline, people, certified, land),
        _stays(rng, stays.inpatient, 60, b"111", certified.of_kind["hospital"], land, 17500, 1.0),
        _stays(rng, stays.nursing, 20, b"211", certified.of_kind["snf"], land, 560, 0.3, per_day=True),
        _stays(rng, stays.swing, 30, b"181", certified.of_kind["swing"], land, 520, 0.3, per_day=True),
        _stays(rng, stays.home_health, 10, b"329", certified.of_kind["hha"], land, 2900, 0.5),
        _stays(rng, stays.hospice, 50, b"813", certified.of_kind["hospice"], land, 190, 0.2, per_day=True),
        _dialysis(rng, timeline, people, months, certified, land),
        _nonmedical(rng, timeline, people, certified, land),
    ]
    joined = Institutional(
        *(np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(Institutional))
    )
    _script(timeline, people, joined)
    in_part_b = np.isin(joined.type, [40])
    paid_for = np.where(
        in_part_b,
        covered(people, months, joined.person, joined.start, "B"),
        covered(people, months, joined.person, joined.start, "A"),
    )
    inside = (joined.end >= timeline.claims_start) & (joined.end <= timeline.claims_end)
    of_a_plan = months.plan[months.at(joined.person, joined.start)] & (joined.type == 60)
    joined.type = np.where(of_a_plan, ENCOUNTER, joined.type).astype(np.int32)
    return _with_prices(timeline, people, land, _one_a_key(joined.only((paid_for | of_a_plan) & inside)))


def _script(timeline: Timeline, people: People, claims: Institutional) -> None:
    """Odd cases: a clinic's bill that ends in the next year; a large payment taken back that nobody saw paid."""
    over = people.are("clinic_over_new_year")[claims.person] & (claims.entity >= 0)
    claims.end = np.where(over, claims.end + 2, claims.end).astype(np.int32)
    of_year = claims.start - claims.start.astype("datetime64[D]").astype("datetime64[Y]").astype(
        "datetime64[D]"
    ).astype(int)
    year = claims.start.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    large = people.are("money_taken_back")[claims.person] & (claims.type == 60) & (np.abs(of_year - 91) <= 1)
    large &= np.isin(year, timeline.benchmark_years[:2])
    claims.paid = np.where(large, 25_000_000, claims.paid)
    claims.fate = np.where(large, TAKEN_BACK, claims.fate).astype(np.int32)


def _one_a_key(claims: Institutional) -> Institutional:
    """One claim for each person, provider and first day, so that each natural key is one claim's."""
    order = np.lexsort((claims.end, claims.start, claims.provider, claims.person))
    claims = claims.only(order)
    same = (
        (claims.person[1:] == claims.person[:-1])
        & (claims.provider[1:] == claims.provider[:-1])
        & (claims.start[1:] == claims.start[:-1])
    )
    return claims.only(np.concatenate([[True], ~same])[: len(claims.person)])


def _with_prices(timeline: Timeline, people: People, land: Landscape, claims: Institutional) -> Institutional:
    """Yearly growth of prices, and what our ACO saves in the performance year."""
    years = claims.end.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
    fixed = np.isin(claims.bill, [b"771", b"711"]) | (claims.code >= 0)
    usual = np.where(fixed, claims.paid, np.round(claims.paid * GROWTH ** (years - timeline.benchmark_years[0])))
    ours = np.array([one.group == OURS for one in land.entities])[people.home[claims.person]]
    touched = ours & (years >= timeline.performance_year) & ~fixed
    claims.usual = usual
    claims.paid = np.where(touched, np.round(usual * OUR_EFFECT), usual).astype(np.int64)
    return claims


def _claims(
    person: NDArray[np.int32],
    start: Days,
    end: Days,
    provider: NDArray[np.int32],
    paid: NDArray[np.generic],
    *,
    type: int,
    bill: bytes | NDArray[np.bytes_],
    attending: NDArray[np.int32],
) -> Institutional:
    """Claims with nothing unusual about them."""
    count = len(person)
    none = np.full(count, -1, np.int32)
    return Institutional(
        person=person.astype(np.int32),
        type=np.full(count, type, np.int32),
        bill=np.full(count, bill, "S3") if isinstance(bill, bytes) else bill,
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        provider=provider.astype(np.int32),
        entity=none,
        paid=paid.astype(np.int64),
        usual=paid.astype(np.float64),
        attending=attending.astype(np.int32),
        operating=none.copy(),
        other=none.copy(),
        fate=np.zeros(count, np.int32),
        code=none.copy(),
        discharge=np.ones(count, np.int32),
    )


def _somebody(rng: np.random.Generator, land: Landscape, count: int) -> NDArray[np.int32]:
    return rng.integers(0, len(land.npis), count).astype(np.int32)


def _clinic_visits(rng: np.random.Generator, land: Landscape, visits: Visits) -> Institutional:
    """FQHC 77x, RHC 71x, Method II CAH 85x, ETA hospital 13x: the visits that are billed by CCN."""
    kinds = np.array([one.kind for one in land.entities])
    seen = visits.only(visits.by_certificate)
    kind = kinds[seen.entity]
    bill = np.select([kind == "fqhc", kind == "rhc", kind == "cah"], [b"771", b"711", b"851"], b"131").astype("S3")
    fee = codes.CENTS[seen.code]
    paid = np.where(np.isin(kind, ["fqhc", "rhc"]), 14400, fee * 8 // 10)
    found = _claims(seen.person, seen.day, seen.day, seen.entity, paid, type=40, bill=bill, attending=seen.clinician)
    found.entity = seen.entity
    found.code = seen.code
    found.fate = seen.fate
    second = rng.random(len(seen.person)) < 0.3
    found.other = np.where(second, _somebody(rng, land, len(second)), -1).astype(np.int32)
    return found


def _outpatient(
    rng: np.random.Generator, timeline: Timeline, people: People, certified: Certificates, land: Landscape
) -> Institutional:
    person, days = draw_events(rng, timeline, 0.75 * np.minimum(people.frailty, 5))
    keep = thin_before(rng, timeline, days)
    person, days = person[keep], days[keep]
    hospitals = certified.of_kind["hospital"]
    paid = 100 * np.minimum(rng.lognormal(7.25, 1.1, len(person)), 60000).astype(np.int64)
    found = _claims(
        person,
        days,
        days,
        hospitals[rng.integers(0, len(hospitals), len(person))],
        paid,
        type=40,
        bill=b"131",
        attending=_somebody(rng, land, len(person)),
    )
    found.fate = np.where(rng.random(len(person)) < 0.015, DENIED, 0).astype(np.int32)
    return found


def _stays(
    rng: np.random.Generator,
    stays: Stays,
    type: int,
    bill: bytes,
    providers: NDArray[np.int32],
    land: Landscape,
    mean: float,
    spread: float,
    per_day: bool = False,
) -> Institutional:
    """Claims of stays; a stay with one number keeps its provider over all its bills."""
    count = len(stays.person)
    provider = providers[(stays.number % len(providers))]
    units = (stays.end - stays.start + 1) if per_day else 1
    factor = rng.lognormal(-(spread**2) / 2, spread, count) if not per_day else np.ones(count)
    paid = np.round(mean * units * np.minimum(factor, 14)) * 100 + stays.number % 100
    found = _claims(
        stays.person,
        stays.start,
        stays.end,
        provider,
        paid,
        type=type,
        bill=bill,
        attending=_somebody(rng, land, count),
    )
    found.operating = np.where(rng.random(count) < 0.4, _somebody(rng, land, count), -1).astype(np.int32)
    found.fate = np.where(rng.random(count) < 0.008, DENIED, 0).astype(np.int32)
    found.discharge = stays.discharge
    return found


def _dialysis(
    rng: np.random.Generator,
    timeline: Timeline,
    people: People,
    months: Months,
    certified: Certificates,
    land: Landscape,
) -> Institutional:
    """A claim for each month with ESRD."""
    who, column = np.nonzero(np.isin(months.status, [AGED_ESRD, DISABLED_ESRD, ESRD_ONLY]) & months.part_b)
    start = first_day((column + months.first).astype(np.int32))
    end = first_day((column + months.first + 1).astype(np.int32)) - 1
    person = who.astype(np.int32)
    end = np.minimum(end, people.death[person])
    keep = (start >= timeline.claims_start) & (start <= timeline.claims_end) & thin_before(rng, timeline, start)
    person, start, end = person[keep], start[keep], end[keep]
    clinics = certified.of_kind["dialysis"]
    paid = 100 * (4600 + rng.integers(-500, 900, len(person)))
    return _claims(
        person,
        start,
        end,
        clinics[people.indices[person] % len(clinics)],
        paid,
        type=40,
        bill=b"721",
        attending=_somebody(rng, land, len(person)),
    )


def _nonmedical(
    rng: np.random.Generator, timeline: Timeline, people: People, certified: Certificates, land: Landscape
) -> Institutional:
    """Claims of a religious nonmedical institution (facility type 4), denied."""
    person, days = draw_events(rng, timeline, np.where(people.are("nonmedical_institution"), 0.8, 0.0))
    place = certified.of_kind["nonmedical"]
    found = _claims(
        person,
        days,
        days,
        place[np.zeros(len(person), np.int32)],
        np.full(len(person), 45000),
        type=40,
        bill=b"431",
        attending=_somebody(rng, land, len(person)),
    )
    found.fate = np.where(rng.random(len(person)) < 0.7, DENIED, 0).astype(np.int32)
    return found

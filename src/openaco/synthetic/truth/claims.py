"""Which versions of a claim stand, and what each is worth: read off the made-up world, not off its files.

The generator knows what each cancellation takes back, so nothing is matched here: a version stands if no
cancellation of the same state of the claim has been seen. Amounts are whole cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openaco.synthetic.chunk import Chunk, Family

CANCELLATION = 1
DENIAL_CODES = set("0DEFGHIJKLMNOPQRSTUVWXY")
PAID_INDICATORS = {"A", "R", "S", ""}
ALWAYS = 10**7


class Version(NamedTuple):
    """One delivered version of a claim."""

    claim_id: int
    kind: int
    state: int
    percent: int
    end: int
    load: int
    denied: bool


def versions_by_claim(family: Family, claims: int) -> list[list[Version]]:
    """For each claim its delivered versions, oldest first."""
    found: list[list[Version]] = [[] for _ in range(claims)]
    versions = family.versions
    columns = (
        family.delivered,
        versions.claim,
        family.claim_ids,
        versions.kind,
        versions.state,
        versions.percent,
        family.ends,
        versions.load,
        versions.denied,
    )
    for delivered, claim, *rest in zip(*(column.tolist() for column in columns), strict=True):
        if delivered:
            found[claim].append(Version(*rest))
    return found


def standing(versions: list[Version], loaded_by: int) -> list[Version]:
    """The versions that stand, as known on a day: not taken back by a cancellation known then."""
    if len(versions) == 1:
        only = versions[0]
        return [only] if only.kind != CANCELLATION and only.load <= loaded_by else []
    known = [one for one in versions if one.load <= loaded_by]
    taken_back = {one.state for one in known if one.kind == CANCELLATION}
    return [one for one in known if one.kind != CANCELLATION and one.state not in taken_back]


def share_of(cents: int, percent: int) -> int:
    """What a version is worth: a percentage of the claim's amount, rounded to the cent."""
    return cents if percent == 100 else (cents * percent + 50) // 100


def net(paid: int, withheld: int, reduced: int, percent: int) -> int:
    """What Medicare paid on a version: without sequestration and population-based reductions."""
    return share_of(paid, percent) - share_of(withheld, percent) - share_of(reduced, percent)


class SupplierClaim(NamedTuple):
    """A carrier or equipment claim that is not denied as a whole, with its lines that are not denied."""

    person: int
    day: int
    entity: int
    clinician: int
    versions: list[Version]
    lines: list[tuple[int, int, int, int, int, int]]
    """Number, code, allowed, paid, withheld, reduced."""


def carrier_claims(chunk: Chunk) -> Iterator[SupplierClaim]:
    """The carrier claims of a chunk."""
    from openaco.synthetic.carrier import DENIAL_CODES as CODES
    from openaco.synthetic.carrier import LINE_INDICATORS as INDICATORS

    claims = chunk.carrier
    versions = versions_by_claim(chunk.families["carrier"], len(claims.person))
    lines: list[list[tuple[int, int, int, int, int, int]]] = [[] for _ in versions]
    paid_line = [one.decode() in PAID_INDICATORS for one in INDICATORS.tolist()]
    columns = (claims.line_claim, claims.indicator, claims.line_number, claims.line_code)
    amounts = (claims.allowed, claims.paid, claims.withheld, claims.reduced)
    for claim, indicator, *line in zip(*(column.tolist() for column in (*columns, *amounts)), strict=True):
        if paid_line[indicator]:
            lines[claim].append(tuple(line))
    denied = [one.decode() in DENIAL_CODES for one in CODES.tolist()]
    heads = (claims.denial, claims.person, claims.day, claims.entity, claims.clinician)
    for at, (denial, *head) in enumerate(zip(*(column.tolist() for column in heads), strict=True)):
        if not denied[denial] and lines[at] and versions[at]:
            person, on, entity, clinician = head
            yield SupplierClaim(person, on, entity, clinician, versions[at], lines[at])


def equipment_claims(chunk: Chunk) -> Iterator[SupplierClaim]:
    """The equipment claims of a chunk. Their sequestration is not stated anywhere."""
    claims = chunk.equipment
    versions = versions_by_claim(chunk.families["equipment"], len(claims.person))
    lines: list[list[tuple[int, int, int, int, int, int]]] = [[] for _ in versions]
    columns = (claims.line_claim, claims.indicator, claims.line_number, claims.line_code, claims.allowed, claims.paid)
    for claim, indicator, number, code, allowed, paid in zip(*(column.tolist() for column in columns), strict=True):
        if indicator < 3:
            lines[claim].append((number, code, allowed, paid, 0, 0))
    heads = (claims.denial, claims.person, claims.day)
    for at, (denial, person, day) in enumerate(zip(*(column.tolist() for column in heads), strict=True)):
        if denial == 0 and lines[at] and versions[at]:
            yield SupplierClaim(person, day, -1, -1, versions[at], lines[at])


class InstitutionalClaim(NamedTuple):
    """A Part A claim that is not denied as a whole. usual: payment without our ACO's effect, as a ratio to `paid`.

    extras: what is taken out of inpatient payments (medical education, disproportionate share, uncompensated care).
    lines: revenue center, code index (-1 none), share of the payment in percent.
    """

    person: int
    type: int
    bill: str
    start: int
    provider: int
    entity: int
    paid: int
    withheld: int
    reduced: int
    extras: tuple[int, ...]
    usual: float
    attending: int
    other: int
    versions: list[Version]
    lines: list[tuple[str, int, int]]


def institutional_claims(chunk: Chunk) -> Iterator[InstitutionalClaim]:
    """The Part A claims of a chunk. Maryland's hospitals are paid without the parts that would be taken out."""
    from openaco.synthetic.lines import REVENUE

    claims, details = chunk.institutional, chunk.details
    versions = versions_by_claim(chunk.families["institutional"], len(claims.person))
    centers = [one.decode() for one in REVENUE.tolist()]
    lines = [
        (centers[revenue], code, share)
        for revenue, code, share in zip(
            details.line_revenue.tolist(), details.line_code.tolist(), details.line_share.tolist(), strict=True
        )
    ]
    states = [one.decode() for one in chunk.certified.state.tolist()]
    parts = (
        details.operating_ime,
        details.capital_ime,
        details.operating_dsh,
        details.capital_dsh,
        details.uncompensated,
    )
    extras = list(zip(*(part.tolist() for part in parts), strict=True))
    first = 0
    heads = (claims.person, claims.type, claims.bill, claims.start, claims.provider, claims.entity)
    amounts = (claims.paid, details.withheld, details.reduced, claims.usual)
    rest = (claims.attending, claims.other, details.nonpayment, details.line_count)
    rows = zip(*(column.tolist() for column in (*heads, *amounts, *rest)), strict=True)
    for at, row in enumerate(rows):
        person, type_, bill, start, provider, entity, paid, withheld, reduced, usual, *clinicians, reason, count = row
        attending, other = clinicians
        mine = lines[first : first + count]
        first += count
        facility = bill.decode()
        left_out = reason or (type_ in (10, 40) and facility[0] in "45")
        if left_out or not versions[at]:
            continue
        taken_out = extras[at] if type_ == 60 and states[provider] != "24" else ()
        ratio = usual / paid if paid else 1.0
        yield InstitutionalClaim(
            person,
            type_,
            facility,
            start,
            provider,
            entity,
            paid,
            withheld,
            reduced,
            taken_out,
            ratio,
            attending,
            other,
            versions[at],
            mine,
        )

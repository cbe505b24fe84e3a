"""Primary care services, plainly: which lines count, whose they are, what they are worth."""

from __future__ import annotations

from typing import NamedTuple

from openaco.synthetic import codes
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import date_of, day
from openaco.synthetic.roster import NOT_SCHEDULED, fee_schedule_cents
from openaco.synthetic.truth.claims import InstitutionalClaim, SupplierClaim, Version, net, share_of, standing

SPECIALTIES = {
    "pcp": ("01", "08", "11", "37", "38"),
    "npp": ("50", "89", "97"),
    "specialist": (
        *("06", "12", "13", "16", "23", "25", "26", "27", "29", "39", "46"),
        *("70", "79", "82", "83", "84", "86", "90", "98"),
    ),
}
ROLE_OF_SPECIALTY = {code: role for role, found in SPECIALTIES.items() for code in found}
FIRST_YEAR = dict.fromkeys(("99406", "99457", "G0101", "G2211"), 2024) | dict.fromkeys(("98016", "G0556"), 2025)
LISTED_SINCE_LONG = {
    *("99211", "99212", "99213", "99214", "99215", "99203", "99204", "99349", "99308", "99309", "99310", "99316"),
    *("99490", "99495", "99496", "99497", "99483", "99421", "96160", "G0402", "G0438", "G0439", "G0442", "G0444"),
    *("G2012", "99354", "99441"),
}
NOT_IN_NURSING_STAY = {"99308", "99309", "99310", "99316"}
NOT_IN_INPATIENT_STAY = {"99497"}
WITH_BASE = {"99354"}
TELEPHONE = {"99441": (day(2020, 3, 1), day(2024, 12, 31))}
ELECTING_ONLY = {"G0463"}


class Service(NamedTuple):
    """One service. biller: `tin:` or `ccn:` and the number; source: professional, cah, eta or clinic; cents."""

    day: int
    biller: str
    npi: str
    role: str
    cents: int
    code: str
    source: str


def listed_codes(rules_year: int) -> set[str]:
    """The codes among those that the made-up claims carry which count under a year's rules."""
    return LISTED_SINCE_LONG | {code for code, first in FIRST_YEAR.items() if first <= rules_year}


class ServiceReader:
    """Turns claims into services under the rules of one performance year."""

    def __init__(self, chunk: Chunk, rules_year: int) -> None:
        listed = listed_codes(rules_year)
        self.listed = [code in listed for code in codes.CODES]
        self.at_electing = [code in listed | ELECTING_ONLY for code in codes.CODES]
        land = chunk.land
        self.billers = [f"tin:{one.tin}" for one in land.entities]
        self.npis = land.npis
        self.roles = [ROLE_OF_SPECIALTY.get(one, "other") for one in land.specialties]
        self.ccns = [one.decode() for one in chunk.certified.ccn.tolist()]
        self.electing = {one.ccn for one in land.entities if one.kind == "eta"}

    def of_supplier(self, claim: SupplierClaim, loaded_by: int) -> list[Service]:
        """The services on a carrier claim, as known on a day."""
        lines = [line for line in claim.lines if self.listed[line[1]]]
        if not lines:
            return []
        biller, npi, role = self.billers[claim.entity], self.npis[claim.clinician], self.roles[claim.clinician]
        return [
            Service(
                claim.day,
                biller,
                npi,
                role,
                share_of(allowed, version.percent),
                codes.CODES[code],
                "professional",
            )
            for version in standing(claim.versions, loaded_by)
            if not version.denied
            for _, code, allowed, *_ in lines
        ]

    def of_institution(self, claim: InstitutionalClaim, loaded_by: int) -> list[Service]:
        """The services on an institutional claim: FQHC 77x, RHC 71x, CAH 85x, electing hospital 13x."""
        bill = claim.bill[:2]
        versions = [one for one in standing(claim.versions, loaded_by) if not one.denied]
        if bill in ("77", "71"):
            return [service for version in versions for service in self._clinic(claim, version)]
        if bill == "85":
            return [service for version in versions for service in self._by_specialty(claim, version, "cah")]
        if bill == "13" and self.ccns[claim.provider] in self.electing:
            return [service for version in versions for service in self._by_specialty(claim, version, "eta")]
        return []

    def _clinic(self, claim: InstitutionalClaim, version: Version) -> list[Service]:
        """Every line is a primary care physician's; amounts that do not add up give way to the claim's.

        A claim without lines is one service, on its last day.
        """
        paid = net(claim.paid, claim.withheld, claim.reduced, version.percent)
        amounts = line_amounts(paid, [share for _, _, share in claim.lines])
        biller = f"ccn:{self.ccns[claim.provider]}"
        if not claim.lines:
            return [Service(version.end, biller, "", "pcp", paid, "", "clinic")]
        if sum(amounts) != paid:
            amounts = [paid] + [0] * (len(amounts) - 1)
        return [
            Service(claim.start, biller, "", "pcp", cents, codes.CODES[code] if code >= 0 else "", "clinic")
            for (_, code, _), cents in zip(claim.lines, amounts, strict=True)
        ]

    def _by_specialty(self, claim: InstitutionalClaim, version: Version, source: str) -> list[Service]:
        """Listed lines; the other clinician's specialty counts, else the attending's."""
        clinician = claim.other if claim.other >= 0 else claim.attending
        paid = net(claim.paid, claim.withheld, claim.reduced, version.percent)
        amounts = line_amounts(paid, [share for _, _, share in claim.lines])
        biller = f"ccn:{self.ccns[claim.provider]}"
        found = []
        for (center, code, _), cents in zip(claim.lines, amounts, strict=True):
            counts = code >= 0 and (self.at_electing if source == "eta" else self.listed)[code]
            if counts and source == "cah":
                counts = center[:3] in ("096", "097", "098")
            if counts:
                name = codes.CODES[code]
                if source == "eta":
                    cents = 0 if name == NOT_SCHEDULED else fee_schedule_cents(code, date_of(claim.start).year)
                npi, role = self.npis[clinician], self.roles[clinician]
                found.append(Service(claim.start, biller, npi, role, cents, name, source))
        return found


def line_amounts(paid: int, shares: list[int]) -> list[int]:
    """The amounts of a claim's lines; where the shares are whole the first line takes what rounding leaves."""
    amounts = [paid * share // 100 for share in shares]
    if sum(shares) == 100:
        amounts[0] = paid - paid * (100 - shares[0]) // 100
    return amounts


Stay = tuple[int, int]


def that_count(services: list[Service], nursing: list[Stay], inpatient: list[Stay]) -> list[Service]:
    """Without services while a facility is paid for the day, telephone visits no longer paid, lone prolonged ones."""
    kept = []
    for service in services:
        if service.code in TELEPHONE and service.source != "clinic":
            first, last = TELEPHONE[service.code]
            if not first <= service.day <= last:
                continue
        if service.code in NOT_IN_NURSING_STAY and _covered(service.day, nursing):
            continue
        if service.code in NOT_IN_INPATIENT_STAY and _covered(service.day, inpatient):
            continue
        kept.append(service)
    needs_base = [one for one in kept if one.code in WITH_BASE and one.source != "clinic"]
    if not needs_base:
        return kept
    bases = {(one.day, one.biller) for one in kept if one.code not in WITH_BASE or one.source == "clinic"}
    return [
        one for one in kept if one.code not in WITH_BASE or one.source == "clinic" or (one.day, one.biller) in bases
    ]


def _covered(on: int, stays: list[Stay]) -> bool:
    return any(start <= on <= end for start, end in stays)

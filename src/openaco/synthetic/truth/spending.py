"""Expenditures, plainly: signed dollars of every version known at the end of the run-out, by person and month."""

from __future__ import annotations

from collections import defaultdict

from openaco.synthetic import codes
from openaco.synthetic.days import date_of, month
from openaco.synthetic.timeline import run_out_cut_off
from openaco.synthetic.truth.assignment import month_number
from openaco.synthetic.truth.claims import CANCELLATION, InstitutionalClaim, SupplierClaim, share_of

SUSPECT = {2023: {"A4352", "A4353"}, 2024: {"A4353", "A5057"}}
"""Significant, anomalous and highly suspect billing: equipment codes whose payments leave, by calendar year."""

ENCOUNTER = 61
"""A record of a stay that a health plan paid for."""

Months = dict[int, list[float]]
"""Month to cents, and to the cents there would be without our ACO's effect."""


class Ledger:
    """Cents by person and month, for some years, as known at the end of each year's run-out."""

    def __init__(self, years: tuple[int, ...], people: int) -> None:
        self.cut_offs = {year: run_out_cut_off(year) for year in years}
        self.months: list[Months] = [defaultdict(lambda: [0, 0.0]) for _ in range(people)]

    def add_supplier(self, claim: SupplierClaim, *, equipment: bool) -> None:
        """A carrier claim's lines with their sequestration; equipment without suspect codes."""
        year = date_of(claim.day).year
        cut_off = self.cut_offs.get(year)
        if cut_off is None:
            return
        suspect = SUSPECT.get(year, set()) if equipment else set()
        lines = [line for line in claim.lines if codes.CODES[line[1]] not in suspect]
        for version in claim.versions:
            if version.load <= cut_off and not version.denied:
                cents = sum(share_of(paid, version.percent) for _, _, _, paid, _, _ in lines)
                self._book(claim.person, claim.day, version.kind, cents, 1.0)

    def add_institution(self, claim: InstitutionalClaim) -> None:
        """A Part A claim: paid, with sequestration and reductions given back, less what leaves inpatient payments."""
        if claim.type == ENCOUNTER:
            return
        for version in claim.versions:
            cut_off = self.cut_offs.get(date_of(version.end).year)
            if cut_off is None or version.load > cut_off or version.denied:
                continue
            cents = share_of(claim.paid, version.percent)
            cents -= sum(share_of(part, version.percent) for part in claim.extras)
            self._book(claim.person, version.end, version.kind, cents, claim.usual)

    def _book(self, person: int, on: int, kind: int, cents: int, usual: float) -> None:
        signed = -cents if kind == CANCELLATION else cents
        booked = self.months[person][month_number(on)]
        booked[0] += signed
        booked[1] += signed * usual

    def by_type(self, person: int, types: list[int | None], first: int, year: int) -> dict[int, tuple[int, int, float]]:
        """For each enrollment type of the year: months, cents of these months, cents without the ACO's effect."""
        found: dict[int, tuple[int, int, float]] = {}
        for number in range(month(year, 1), month(year, 12) + 1):
            kind = types[number - first]
            if kind is not None:
                count, cents, usual = found.get(kind, (0, 0, 0.0))
                booked = self.months[person].get(number, (0, 0.0))
                found[kind] = (count + 1, cents + int(booked[0]), usual + booked[1])
        return found

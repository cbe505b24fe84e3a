"""What a distribution is computed from: the payment, and for each participant its people, their costs, its quality.

Money is whole cents; person-years are counted in months; nothing here depends on an engine, a file or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Panel:
    """The assigned people of a participant or clinician in the performance year.

    beneficiaries  people
    months         their months that count: twelve make a person-year
    expected       cents: the ACO's total benchmark, spread by enrollment type and risk score
    actual         cents: the ACO's total expenditures, spread by what each person's care cost (truncated, completed)
    """

    beneficiaries: int = 0
    months: int = 0
    expected: int = 0
    actual: int = 0

    @property
    def person_years(self) -> Fraction:
        """Person-years."""
        return Fraction(self.months, 12)

    @property
    def difference(self) -> int:
        """Expected minus actual cost, in cents: above zero, the people cost less than people like them."""
        return self.expected - self.actual


def together(panels: Iterable[Panel]) -> Panel:
    """Several panels as one."""
    found = list(panels)
    return Panel(
        sum(panel.beneficiaries for panel in found),
        sum(panel.months for panel in found),
        sum(panel.expected for panel in found),
        sum(panel.actual for panel in found),
    )


@dataclass(frozen=True)
class Clinician:
    """A clinician at a participant; `npi` is blank for people whose claims name none."""

    npi: str
    name: str
    panel: Panel


@dataclass(frozen=True)
class Participant:
    """A TIN on the participant list with the people it cares for.

    classification  primary_care, specialist, hospital, fqhc, rhc, other or one that the plan adds
    quality         score from 0 to 100, None where nobody states one
    quality_source  where it was stated, as a worksheet input
    points          citizenship points, None where nobody states any
    """

    id: str
    name: str
    classification: str
    panel: Panel
    clinicians: tuple[Clinician, ...] = ()
    quality: Decimal | None = None
    quality_source: str = ""
    points: Decimal | None = None
    class_source: str = ""


@dataclass(frozen=True)
class Facts:
    """One ACO's year to distribute.

    payment       cents: above zero from CMS, below zero owed
    earned        cents: before what CMS took back for advances (`recouped`)
    unattributed  assigned people without a primary care charge or a chosen clinician at any participant
    supposed      whether the payment is a what-if
    unverified    whether the settlement rests on anything not confirmed against a source
    scored_by_person  whether CMS's scores by person were there; otherwise costs are compared by enrollment type alone
    """

    run_id: str
    aco_id: str
    aco_name: str
    performance_year: int
    track: str
    payment: int
    earned: int
    recouped: int
    participants: tuple[Participant, ...]
    unattributed: Panel = field(default_factory=Panel)
    aco_quality: Decimal | None = None
    supposed: bool = False
    unverified: bool = False
    scored_by_person: bool = True

    @property
    def everybody(self) -> Panel:
        """All assigned people."""
        return together([*(one.panel for one in self.participants), self.unattributed])

    def participant(self, id: str) -> Participant:
        """The participant with a TIN."""
        return next(one for one in self.participants if one.id == id)


def kept_by_cms(facts: Facts) -> int:
    """Cents of what was earned that never arrived, because CMS had paid them in advance; 0 in a what-if."""
    return 0 if facts.supposed else max(0, facts.earned - max(facts.payment, 0)) if facts.recouped else 0

"""What a run knows before it looks at any year: people, their months, every version of their claims, and who is who."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from openaco.engine import Engine, Lake, Table, _
from openaco.errors import LakeError
from openaco.rules.claims import ClaimVersions, claim_versions, current_mbi, with_person
from openaco.rules.enrollment import people, person_months
from openaco.tables import (
    AssignedBeneficiary,
    Beneficiary,
    CountyExpenditure,
    Delivery,
    DrugEvent,
    ElectingHospital,
    EnrollmentMonth,
    EquipmentLine,
    FeeScheduleAmount,
    InstitutionalBenefit,
    InstitutionalClaim,
    InstitutionalDiagnosis,
    InstitutionalLine,
    InstitutionalProcedure,
    LakeTable,
    MbiCrosswalk,
    Participant,
    ProfessionalBenefit,
    ProfessionalLine,
    Provider,
    VoluntaryAlignment,
)

CLAIMS: tuple[type[LakeTable], ...] = (
    InstitutionalClaim,
    InstitutionalLine,
    InstitutionalProcedure,
    InstitutionalDiagnosis,
    ProfessionalLine,
    EquipmentLine,
    DrugEvent,
    InstitutionalBenefit,
    ProfessionalBenefit,
    Delivery,
)


@dataclass(frozen=True)
class Population:
    """Tables that hold for all years of a run.

    identities          MBI as delivered → person_id
    people              one row a person: person_id, birth_date, death_date
    person_months       one row a person and month, see `rules.enrollment`
    versions            every delivered version of every claim
    designations        voluntary alignment with person_id
    assigned            CMS's own assignment reports with person_id (risk scores)
    participant … county_expenditure   the newest roster
    first_claim_date    the first day of any carrier line: services before it are not known
    """

    identities: Table
    people: Table
    person_months: Table
    versions: ClaimVersions
    designations: Table
    assigned: Table
    participant: Table
    provider: Table
    electing_hospital: Table
    fee_schedule_amount: Table
    county_expenditure: Table
    first_claim_date: datetime.date


def read_population(engine: Engine, lake: Lake, *, first_month: datetime.date, last_month: datetime.date) -> Population:
    """Everything a run reads from the lake, with the current identifier of each person.

    first_month, last_month: first days of the months whose enrollment matters.
    Raises LakeError if no claims, no enrollment or no participants were delivered: nothing can be assigned then.
    """
    require(lake)
    keep = engine.checkpoint
    identities = keep(current_mbi(lake.read(engine, MbiCrosswalk), checkpoint=keep))
    claims: Mapping[str, Table] = {table.name: lake.read(engine, table) for table in CLAIMS}
    reports = lake.read(engine, AssignedBeneficiary)
    everybody = keep(_everybody(lake, engine, identities, reports))
    months = person_months(
        lake.read(engine, EnrollmentMonth),
        identities,
        everybody,
        claims[Delivery.name],
        first_month=first_month,
        last_month=last_month,
        checkpoint=keep,
    )
    return Population(
        identities=identities,
        people=everybody,
        person_months=keep(months),
        versions=_named(engine, claim_versions(claims, identities, checkpoint=keep)),
        designations=keep(with_person(_newest(engine, lake, VoluntaryAlignment), identities)),
        assigned=keep(with_person(reports, identities)),
        participant=keep(_newest(engine, lake, Participant)),
        provider=keep(_newest(engine, lake, Provider)),
        electing_hospital=keep(_newest(engine, lake, ElectingHospital)),
        fee_schedule_amount=keep(_newest(engine, lake, FeeScheduleAmount)),
        county_expenditure=keep(_newest(engine, lake, CountyExpenditure)),
        first_claim_date=_first_claim_date(engine, claims[ProfessionalLine.name]),
    )


def _first_claim_date(engine: Engine, lines: Table) -> datetime.date:
    return engine.to_rows(lines.aggregate(first=_.claim_line_start_date.min()))[0]["first"]


def _named(engine: Engine, versions: ClaimVersions) -> ClaimVersions:
    return replace(versions, delivered={name: engine.view(table) for name, table in versions.delivered.items()})


def _everybody(lake: Lake, engine: Engine, identities: Table, reports: Table) -> Table:
    return people(lake.read(engine, Beneficiary), identities, assigned_beneficiary=reports)


def require(lake: Lake) -> None:
    """Stop early, and say what to load, where a run could only end in zeros."""
    needed: tuple[tuple[type[LakeTable], str], ...] = (
        (ProfessionalLine, "claims: openaco load cclf PATH…"),
        (EnrollmentMonth, "enrollment months: openaco load rif (or alr, tuva) PATH…"),
        (Participant, "the participant list: openaco load roster FOLDER"),
    )
    missing = [remedy for table, remedy in needed if not lake.files(table)]
    if missing:
        raise LakeError("something needed was never loaded", where=str(lake.path), remedy="Load " + "; ".join(missing))


def _newest(engine: Engine, lake: Lake, table: type[LakeTable]) -> Table:
    return lake.read(engine, table, deliveries="latest")


def of_report_year(assigned: Table, year: int) -> Table:
    """CMS's assignment report that covers a calendar year: its newest delivery, one row a person.

    The reports of benchmark years carry the performance year in their name; what they cover is the calendar year.
    """
    covers = _.window_start == datetime.date(year, 1, 1)
    reports = assigned.filter(covers, _.report_period.isin(["benchmark", "annual"]))
    newest = reports.aggregate(newest=_.delivery_id.max())
    return reports.inner_join(newest, reports.delivery_id == newest.newest).drop("newest")

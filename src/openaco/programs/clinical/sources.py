"""What the lake holds of clinical data, source by source: events and people under the ids of each record system."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from openaco.engine import Engine, Lake, Table, _, coalesce, literal, pick_first, stack
from openaco.feeds.fhir.read import moved
from openaco.measures.events_from_claims import events_from_claims, people_from_claims
from openaco.measures.events_from_evidence import events_from_evidence
from openaco.programs.clinical.sharing import not_shared
from openaco.programs.population import CLAIMS
from openaco.rules.claims import adjust, claim_versions, current_mbi
from openaco.rules.claims.identity import with_person
from openaco.rules.enrollment import people
from openaco.tables import (
    AssignedBeneficiary,
    Beneficiary,
    ClinicalPerson,
    CodeCrosswalk,
    Event,
    Evidence,
    InstitutionalClaim,
    MbiCrosswalk,
    ProfessionalLine,
)

YEARS_BACK = 10
"""How far back claims are read: a colonoscopy counts nine years after its own (CMS130)."""
MEDICARE = "medicare"


@dataclass(frozen=True)
class Sources:
    """People and events as their sources name them: a person is (`source_system`, `person_id`).

    identities   every replaced Medicare number and the current one it leads to
    left_out     people whose claims are not used, by reason
    has_claims   whether claims were read
    """

    people: Table
    events: Table
    identities: Table
    left_out: Mapping[str, int] = field(default_factory=dict)
    has_claims: bool = False


def read_sources(
    engine: Engine, lake: Lake, year: int, *, with_claims: bool = True, utc_offset_minutes: int = 0
) -> Sources:
    """Everything clinical in the lake that a performance year may need.

    with_claims: also read the claims of the year and the ten before it as events. utc_offset_minutes: see `read_fhir`.
    """
    keep = engine.checkpoint
    identities = keep(current_mbi(lake.read(engine, MbiCrosswalk), checkpoint=keep))
    persons, events = [_newest_people(engine, lake)], [moved(_newest_events(engine, lake), utc_offset_minutes)]
    events.append(_evidence(engine, lake, identities))
    left_out: dict[str, int] = {}
    use_claims = with_claims and bool(lake.files(InstitutionalClaim) or lake.files(ProfessionalLine))
    if use_claims:
        barred = keep(not_shared(engine, lake, identities))
        left_out = {
            row["reason"]: row["people"] for row in engine.to_rows(barred.group_by("reason").agg(people=_.count()))
        }
        everybody = people(
            lake.read(engine, Beneficiary), identities, assigned_beneficiary=lake.read(engine, AssignedBeneficiary)
        )
        persons.append(people_from_claims(everybody).anti_join(barred, "person_id").select(*persons[0].columns))
        events.append(_claims_events(engine, lake, identities, year).anti_join(barred, "person_id"))
    columns = list(Event.columns())
    return Sources(
        people=keep(stack(persons)),
        events=engine.store(stack([part.select(*columns) for part in events])),
        identities=identities,
        left_out=dict(sorted(left_out.items())),
        has_claims=use_claims,
    )


def _newest_people(engine: Engine, lake: Lake) -> Table:
    rows = lake.read(engine, ClinicalPerson)
    order = [_.delivery_id.desc(), _.source_file.asc(), _.source_line.asc()]
    return pick_first(rows, ["source_system", "person_id"], order)


def _newest_events(engine: Engine, lake: Lake) -> Table:
    """All rows of the newest delivery of each event. An event without an id of its own is another one each time."""
    rows = lake.read(engine, Event)
    newest = rows.group_by("source_system", "person_id", "event_id").agg(newest=_.delivery_id.max())
    joined = rows.left_join(newest, ["source_system", "person_id", "event_id"])
    nameless = rows.event_id.contains("/#")
    return joined.filter(nameless | (joined.delivery_id == joined.newest)).select(*rows.columns)


def _evidence(engine: Engine, lake: Lake, identities: Table) -> Table:
    """Evidence as events; a Medicare number that was replaced leads to the current one."""
    rows = events_from_evidence(engine.to_rows(lake.read(engine, Evidence)))
    events = engine.from_rows(Event, rows)
    named = with_person(events.rename(mbi="person_id"), identities)
    of_claims = named.source_system == MEDICARE
    return named.mutate(person_id=of_claims.ifelse(named.person_id, named.mbi)).select(*events.columns)


def _claims_events(engine: Engine, lake: Lake, identities: Table, year: int) -> Table:
    tables = {table.name: lake.read(engine, table) for table in CLAIMS}
    versions = claim_versions(tables, identities, checkpoint=engine.checkpoint)
    period = (datetime.date(year - YEARS_BACK, 1, 1), datetime.date(year, 12, 31))
    claims = adjust(versions, year=year, period=period, checkpoint=engine.checkpoint)
    crosswalk = lake.read(engine, CodeCrosswalk, deliveries="latest") if lake.files(CodeCrosswalk) else None
    events = events_from_claims(claims, year, crosswalk)
    return events.filter(coalesce(_.person_id, literal("")) != "")

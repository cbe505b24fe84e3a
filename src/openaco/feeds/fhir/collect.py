"""Documents → rows of people and events, person by person: what cannot be read puts aside one person, never others."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openaco.feeds.fhir.documents import Document
from openaco.feeds.fhir.elements import codes_of
from openaco.feeds.fhir.identities import identity_row
from openaco.feeds.fhir.people import coverage_payer, person_row
from openaco.feeds.fhir.resources import READERS, Row
from openaco.feeds.fhir.unreadable import Json, Unreadable, child, tail, text

_SUBJECTS = ("subject", "patient", "beneficiary")
_NEEDS_BIRTH = ("onsetAge", "onsetRange", "abatementAge", "abatementRange", "performedAge", "performedRange")


@dataclass
class Collected:
    """Rows gathered so far. `scope` of medications: the document they stand in, or nothing where they stand alone.

    identities: names, identifiers and addresses of the people, for matching across record systems.
    """

    people: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    medications: list[Row] = field(default_factory=list)
    quarantine: list[Row] = field(default_factory=list)
    births: dict[str, datetime.date | None] = field(default_factory=dict)
    payers: dict[str, str] = field(default_factory=dict)
    late: list[tuple[Document, str, Json, int]] = field(default_factory=list)
    number: int = 0

    def put_aside(self, document: Document, person: str | None, reason: str) -> None:
        """Note that a person, or a line that names none, cannot be read."""
        self.quarantine.append(
            {"source_file": document.file, "source_line": document.line, "person_id": person, "reason": reason}
        )


def collect(found: Collected, stream: Iterable[Document]) -> Iterator[Collected]:
    """Read documents; yields after each, so that the caller can empty the rows. Ends with what had to wait."""
    for document in stream:
        if document.problem:
            found.put_aside(document, document.person, document.problem)
        elif not isinstance(document.content, dict):
            found.put_aside(document, None, "the document is not an object")
        else:
            content = document.content.get("bundle", document.content)
            if isinstance(content, dict) and content.get("resourceType") == "Bundle":
                add_bundle(found, document, content)
            else:
                _add_alone(found, document, content)
        yield found
    for document, person, resource, place in found.late:
        _add_event(found, document, person, resource, place, "")
    found.late = []
    yield found


def add_bundle(found: Collected, document: Document, bundle: Json, person: str | None = None) -> str | None:
    """One Bundle: all of it belongs to its only Patient; of several Patients each resource to the one it names.

    person: an id to use in place of the Patient's own. Returns the reason if (some of) it was put aside.
    """
    before = len(found.quarantine)
    resources = _resources(bundle)
    patients = [item for item in resources if item.get("resourceType") == "Patient"]
    if not patients:
        found.put_aside(document, person, "the bundle has no Patient")
    ids = [item.get("id") for item in patients]
    if len(patients) == 1:
        _add_person(found, document, person or _id(ids[0]), patients[0], resources)
    for patient in patients if len(patients) > 1 else []:
        own = [item for item in resources if _subject(item) == patient.get("id")]
        _add_person(found, document, _id(patient.get("id")), patient, own)
    return found.quarantine[before]["reason"] if len(found.quarantine) > before else None


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _resources(bundle: Json) -> list[Json]:
    entries = bundle.get("entry")
    listed = entries if isinstance(entries, list) else []
    return [
        entry["resource"] for entry in listed if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    ]


def _subject(resource: Json) -> str:
    for name in _SUBJECTS:
        reference = resource.get(name)
        if isinstance(reference, dict) and isinstance(reference.get("reference"), str):
            return tail(reference["reference"])
    return ""


def _add_person(found: Collected, document: Document, person: str | None, patient: Json, resources: list[Json]) -> None:
    """All rows of one person, or a row of quarantine. What is wrong with a Medication is wrong with all who name it."""
    if person is None:
        found.put_aside(document, None, "the Patient has no id")
        return
    scope = f"{document.file}:{document.line}"
    kept = len(found.events), len(found.medications)
    try:
        row = person_row(patient) | _lineage(document) | {"person_id": person}
        birth = row["birth_earliest"] if row["birth_earliest"] == row["birth_latest"] else None
        for place, resource in enumerate(resources):
            kind = text(resource, "resourceType", "a resource")
            if kind == "Medication":
                _add_medication(found, resource, scope)
            elif kind == "Coverage":
                row["payer_code"] = row["payer_code"] or coverage_payer(resource)
            elif kind in READERS:
                found.events += _events(document, person, resource, place, scope, birth)
    except Unreadable as problem:
        del found.events[kept[0] :], found.medications[kept[1] :]
        found.put_aside(document, person, str(problem))
        return
    found.people.append(row)
    found.identities.append(identity_row(patient) | _lineage(document) | {"source_person_id": person})


def _add_alone(found: Collected, document: Document, resource: Any) -> None:
    """One resource on a line of its own, as in a bulk export."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        found.put_aside(document, None, "the document is no FHIR resource")
        return
    kind = resource["resourceType"]
    found.number += 1
    try:
        if kind == "Patient":
            _add_patient(found, document, resource)
        elif kind == "Medication":
            _add_medication(found, resource, "")
        elif kind == "Coverage":
            if payer := coverage_payer(resource):
                found.payers.setdefault(_subject(resource), payer)
        elif kind in READERS:
            person = _subject(resource)
            if not person:
                found.put_aside(document, None, f"the {kind} names no person")
            elif any(name in resource for name in _NEEDS_BIRTH):
                found.late.append((document, person, resource, found.number))
            else:
                _add_event(found, document, person, resource, found.number, "")
    except Unreadable as problem:
        found.put_aside(document, _id(resource.get("id")) if kind == "Patient" else None, str(problem))


def _add_patient(found: Collected, document: Document, resource: Json) -> None:
    person = _id(resource.get("id"))
    if person is None:
        raise Unreadable("the Patient has no id")
    row = person_row(resource) | _lineage(document) | {"person_id": person}
    found.births[person] = row["birth_earliest"] if row["birth_earliest"] == row["birth_latest"] else None
    found.people.append(row)
    found.identities.append(identity_row(resource) | _lineage(document) | {"source_person_id": person})


def _add_event(found: Collected, document: Document, person: str, resource: Json, place: int, scope: str) -> None:
    try:
        found.events += _events(document, person, resource, place, scope, found.births.get(person))
    except Unreadable as problem:
        found.put_aside(document, person, str(problem))


def _add_medication(found: Collected, resource: Json, scope: str) -> None:
    name = text(resource, "id", "Medication")
    for system, code in codes_of(child(resource, "code", "Medication"), "Medication.code"):
        found.medications.append({"scope": scope, "refers_to": f"Medication/{name}", "system": system, "code": code})


def _events(
    document: Document, person: str, resource: Json, place: int, scope: str, birth: datetime.date | None
) -> list[Row]:
    kind = resource["resourceType"]
    common = _lineage(document) | {
        "person_id": person,
        "event_id": f"{kind}/{_id(resource.get('id')) or f'#{place}'}",
        "event_number": place,
        "scope": scope,
        "source": "fhir",
    }
    try:
        return [common | row for row in READERS[kind](resource, birth)]
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Unreadable(f"the {kind} has an element of the wrong type") from None


def _lineage(document: Document) -> Row:
    return {"source_file": document.file, "source_line": document.line}

"""FHIR resources of invented people, as small as measures need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "test": "test",
}


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": SYSTEMS[system], "code": code}]}


def category(word: str) -> list[Json]:
    return [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/any", "code": word}]}]


def patient(person: str, *, birth: Any = "1965-05-05", gender: str = "female", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": person, "birthDate": birth, "gender": gender} | more


def resource(kind: str, name: str, person: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": name, "subject": {"reference": f"Patient/{person}"}} | more


def visit(person: str, name: str = "visit", when: str = "2025-03-01", code: str = "office_visit", **more: Any) -> Json:
    stated = {"status": "finished", "class": {"code": "AMB"}, "type": [concept("test", code)]}
    return resource("Encounter", name, person, **(stated | {"period": {"start": when, "end": when}} | more))


def mammogram(person: str, name: str = "study", when: str = "2025-03-01", **more: Any) -> Json:
    stated = {"status": "final", "category": category("imaging"), "code": concept("test", "mammography")}
    return resource("Observation", name, person, effectiveDateTime=when, **(stated | more))


def condition(person: str, code: str, name: str = "condition", when: str = "2025-03-01", **more: Any) -> Json:
    stated = {
        "clinicalStatus": concept("test", "active"),
        "verificationStatus": concept("test", "confirmed"),
        "category": category("encounter-diagnosis"),
        "code": concept("test", code),
    }
    return resource("Condition", name, person, onsetDateTime=when, **(stated | more))


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}


def screened(person: str) -> Json:
    """A woman with a visit and a mammogram."""
    return bundle(patient(person), visit(person), mammogram(person))


def write_lines(path: Path, documents: list[Any]) -> Path:
    """One document on each line; texts are written as they are."""
    lines = [text if isinstance(text, str) else json.dumps(text) for text in documents]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path

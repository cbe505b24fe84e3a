"""FHIR Patient and Coverage → what measures and reports need to know of a person."""

from __future__ import annotations

from typing import Any

from openaco.feeds.fhir.elements import codes_of
from openaco.feeds.fhir.instants import days_of
from openaco.feeds.fhir.unreadable import Json, Unreadable, child, children, tail, text

_SEX, _RACE, _ETHNICITY = "us-core-sex", "us-core-race", "us-core-ethnicity"


def person_row(patient: Json) -> dict[str, Any]:
    """A Patient as columns of `ClinicalPerson`. Raises Unreadable where an element has the wrong type."""
    try:
        birth = text(patient, "birthDate", "Patient")
        first, last = days_of(birth, "Patient.birthDate") if birth else (None, None)
        death = text(patient, "deceasedDateTime", "Patient")
        extensions = {tail(item.get("url")): item for item in children(patient, "extension", "Patient")}
        return {
            "birth_earliest": first,
            "birth_latest": last,
            "gender": text(patient, "gender", "Patient"),
            "sex_code": _sex(extensions.get(_SEX, {})),
            "death_date": days_of(death, "Patient.deceasedDateTime")[1] if death else None,
            "race_code": _category(extensions.get(_RACE, {})),
            "ethnicity_code": _category(extensions.get(_ETHNICITY, {})),
            "payer_code": None,
        }
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Unreadable("the Patient has an element of the wrong type") from None


def coverage_payer(coverage: Json) -> str | None:
    """The source of payment typology code of a Coverage, if it has one."""
    codes = codes_of(child(coverage, "type", "Coverage"), "Coverage.type")
    return next((code for system, code in codes if system == "sopt"), None)


def _sex(extension: Json) -> str | None:
    if code := text(extension, "valueCode", "Patient.extension"):
        return code
    coding = child(extension, "valueCoding", "Patient.extension")
    concept = children(child(extension, "valueCodeableConcept", "Patient.extension"), "coding", "Patient.extension")
    return text(coding or (concept[0] if concept else {}), "code", "Patient.extension")


def _category(extension: Json) -> str | None:
    """The OMB category of a race or ethnicity extension; the first of several."""
    for part in children(extension, "extension", "Patient.extension"):
        if part.get("url") == "ombCategory":
            return text(child(part, "valueCoding", "Patient.extension"), "code", "Patient.extension")
    return None

"""Evidence that people entered → events: the engine decides what it closes, as with any other event.

What the patient said (`self_reported`) is kept apart as source `self_report`: it counts only in measures that allow it
(`measures/self_report`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from openaco.feeds.fhir.elements import times
from openaco.feeds.fhir.instants import bounds
from openaco.feeds.fhir.resources import prevalence
from openaco.measures.definition import MeasureError
from openaco.parameters import parameter

EVIDENCE, SELF_REPORT = "evidence", "self_report"
MEDICARE = "medicare"
_AS_EVENTS: dict[str, dict[str, Any]] = {
    "visit": {"kind": "encounter", "status": "finished"},
    "diagnosis": {"kind": "condition", "clinical_status": "active", "categories": "|encounter-diagnosis|"},
    "procedure": {"kind": "procedure", "status": "completed"},
    "laboratory": {"kind": "observation", "status": "final", "categories": "|laboratory|"},
    "assessment": {"kind": "observation", "status": "final", "categories": "|survey|"},
    "imaging": {"kind": "observation", "status": "final", "categories": "|imaging|"},
    "medication": {"kind": "medication_request", "status": "active", "intent": "order", "negated": False},
    "order": {"kind": "service_request", "status": "active", "intent": "order", "negated": False},
    "device": {"kind": "device_request", "status": "active", "intent": "order", "negated": False},
}
_PRESSURES = ("systolic_blood_pressure", "diastolic_blood_pressure")
_CODES_YEAR = 2025


def events_from_evidence(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`Event` rows of `Evidence` rows: of each entry the newest delivery, if it is not retracted.

    The person of an event is (`source_system`, `person_id`): the record system `medicare` where the entry names an MBI.
    """
    newest: dict[str, Mapping[str, Any]] = {}
    for entry in sorted(entries, key=lambda row: (row["delivery_id"], row["source_file"], row["source_line"])):
        newest[entry["evidence_id"]] = entry
    standing = [newest[name] for name in sorted(newest) if not newest[name]["retracted"]]
    return [row for number, entry in enumerate(standing) for row in _events(entry, number)]


def self_report_counts(measure: str, year: int) -> bool:
    """Whether what the patient said counts in a measure. Raises ParameterError for a measure that is not stated."""
    return bool(parameter("measures/self_report", year, measure=measure).value)


def _events(entry: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    base = {
        "person_id": entry["source_person_id"],
        "source_system": entry["source_system"] or MEDICARE,
        "event_id": f"Evidence/{entry['evidence_id']}",
        "event_number": number,
        "source": SELF_REPORT if entry["self_reported"] else EVIDENCE,
        **{name: entry[name] for name in ("delivery_id", "source_file", "source_line")},
    }
    if entry["kind"] == "blood_pressure":
        return _pressures(base, entry)
    if entry["kind"] not in _AS_EVENTS:
        raise MeasureError(f"no kind of evidence is called {entry['kind']}", where="evidence")
    row = base | _AS_EVENTS[entry["kind"]] | {"system": entry["system"], "code": entry["code"]}
    if row["kind"] == "condition":
        onset = bounds(entry["event_date"].isoformat(), "event_date")
        return [row | times(*prevalence(onset, None, active=True))]
    row |= _on(entry["event_date"])
    if row["kind"] == "observation":
        row |= _result(entry["value"], entry["value_unit"])
    return [row]


def _on(day: datetime.date) -> dict[str, Any]:
    whole = bounds(day.isoformat(), "event_date")
    return times(whole, whole)


def _result(value: str | None, unit: str | None) -> dict[str, Any]:
    if not value:
        return {"has_value": False}
    if "|" in value:
        system, _bar, code = value.partition("|")
        return {"has_value": True, "value_system": system, "value_code": code}
    return {"has_value": True, "value_number": float(value), "value_unit": unit}


def _pressures(base: Mapping[str, Any], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A blood pressure as FHIR has it: the panel, and a component for each of the two readings."""
    codes = parameter("measures/codes", _CODES_YEAR).value
    common = dict(base) | _on(entry["event_date"]) | {"status": "final", "categories": "|vital-signs|"}
    system, code = codes["blood_pressure_panel"]
    rows = [common | {"kind": "observation", "system": system, "code": code, "has_value": False}]
    for name, reading in zip(_PRESSURES, entry["value"].split("/"), strict=True):
        system, code = codes[name]
        rows.append(common | {"kind": "component", "system": system, "code": code} | _result(reading, "mm[Hg]"))
    return rows

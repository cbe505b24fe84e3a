"""One function for each FHIR resource that measures look at: the resource as rows of the event table.

Each row is a dict of `Event` columns, without person and lineage. Two helper columns are not of the table: `refers_to`
names the resource in which the code of the row stands (`Condition/c1`, `Medication/m1`); `read.py` follows it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from openaco.feeds.fhir.elements import (
    Code,
    choice,
    codes_of,
    days,
    period,
    point,
    profiles_of,
    quantity_of,
    times,
    tokens,
    words_of,
)
from openaco.feeds.fhir.instants import ALWAYS, EVER, Bounds, bounds, day_of
from openaco.feeds.fhir.unreadable import Json, Unreadable, child, children, flag, number, tail, text

Row = dict[str, Any]
_NONE: list[Any] = [None]
_ACTIVE = ("active", "recurrence", "relapse")
_NOT_DONE_REASON = "notDoneReason"
_DO_NOT_PERFORM = "doNotPerform"


def encounter(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """Encounter: its types, and the conditions it names as diagnosis or as reason."""
    base = _base(resource) | times(*period(child(resource, "period", "Encounter"), "Encounter.period"))
    base["encounter_class"] = text(child(resource, "class", "Encounter"), "code", "Encounter.class")
    stay = child(resource, "hospitalization", "Encounter")
    disposition = child(stay, "dischargeDisposition", "Encounter.hospitalization")
    base["discharge_codes"] = tokens(codes_of(disposition, "Encounter.hospitalization.dischargeDisposition"))
    types = [code for kind in children(resource, "type", "Encounter") for code in codes_of(kind, "Encounter.type")]
    yield from _coded_rows(base | {"kind": "encounter"}, types or _NONE)
    for item in children(resource, "diagnosis", "Encounter"):
        named = text(child(item, "condition", "Encounter.diagnosis"), "reference", "Encounter.diagnosis.condition")
        if named:
            yield base | {"kind": "encounter_diagnosis", "refers_to": f"Condition/{tail(named)}"}
    for item in children(resource, "reasonReference", "Encounter"):
        named = text(item, "reference", "Encounter.reasonReference")
        if named:
            yield base | {"kind": "encounter_reason", "refers_to": f"Condition/{tail(named)}"}


def condition(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """Condition: from onset to abatement.

    Without abatement an active condition goes on; of another nobody knows when it ended. Without onset a condition is
    there since ever if its end is stated, and nowhere in time if that is not.
    """
    base = _base(resource)
    base["clinical_status"] = _first_code(resource, "clinicalStatus", "Condition")
    base["verification"] = _first_code(resource, "verificationStatus", "Condition")
    base["categories"] = tokens(words_of(children(resource, "category", "Condition"), "Condition.category"))
    sites = [
        code for site in children(resource, "bodySite", "Condition") for code in codes_of(site, "Condition.bodySite")
    ]
    base["body_sites"] = tokens(sites)
    base["encounter_id"] = _encounter_of(resource, "Condition")
    onset = choice(resource, "onset", "Condition", birth)[0]
    abatement = choice(resource, "abatement", "Condition", birth)[1]
    base |= times(*prevalence(onset, abatement, base["clinical_status"] in _ACTIVE))
    if recorded := text(resource, "recordedDate", "Condition"):
        base |= _recorded(bounds(recorded, "Condition.recordedDate"))
    codes = codes_of(child(resource, "code", "Condition"), "Condition.code")
    yield from _coded_rows(base | {"kind": "condition"}, codes or _NONE)


def prevalence(onset: Bounds | None, abatement: Bounds | None, active: bool) -> tuple[Bounds | None, Bounds | None]:
    """The span in which a condition is present, from what is stated of its onset, its abatement and its status."""
    if abatement is not None and abatement[1] == ALWAYS:
        abatement = None
    if onset is None and abatement is None:
        return None, None
    start = onset or (EVER, EVER)
    if abatement is not None:
        return start, abatement
    return start, (ALWAYS, ALWAYS) if active else (start[0], ALWAYS)


def procedure(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """Procedure."""
    base = _base(resource) | times(*choice(resource, "performed", "Procedure", birth))
    base["encounter_id"] = _encounter_of(resource, "Procedure")
    codes = codes_of(child(resource, "code", "Procedure"), "Procedure.code")
    yield from _coded_rows(base | {"kind": "procedure"}, codes)


def observation(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """Observation with its result, and a row of kind `component` for each of its components."""
    base = _base(resource) | times(*choice(resource, "effective", "Observation"))
    base["categories"] = tokens(words_of(children(resource, "category", "Observation"), "Observation.category"))
    base["encounter_id"] = _encounter_of(resource, "Observation")
    if issued := text(resource, "issued", "Observation"):
        base |= _recorded(bounds(issued, "Observation.issued"))
    codes = codes_of(child(resource, "code", "Observation"), "Observation.code")
    yield from _with_result(base | {"kind": "observation"}, codes, resource, "Observation", _reasons(resource))
    for part in children(resource, "component", "Observation"):
        codes = codes_of(child(part, "code", "Observation.component"), "Observation.component.code")
        yield from _with_result(base | {"kind": "component"}, codes, part, "Observation.component", _NONE)


def medication_request(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """MedicationRequest with the time it supplies. The medication may stand in a resource of its own."""
    base = _order(resource, "MedicationRequest") | _supply(resource) | {"kind": "medication_request"}
    codes = codes_of(
        child(resource, "medicationCodeableConcept", "MedicationRequest"), "MedicationRequest.medicationCodeableConcept"
    )
    yield from _coded_rows(base, codes)
    reference = child(resource, "medicationReference", "MedicationRequest")
    named = text(reference, "reference", "MedicationRequest.medicationReference")
    if named and named.startswith("#"):
        inside = [
            code
            for item in children(resource, "contained", "MedicationRequest")
            if item.get("id") == named[1:]
            for code in codes_of(child(item, "code", "Medication"), "Medication.code")
        ]
        yield from _coded_rows(base | {"by_reference": True}, inside)
    elif named:
        yield base | {"by_reference": True, "refers_to": f"Medication/{tail(named)}"}


def service_request(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """ServiceRequest."""
    base = _order(resource, "ServiceRequest") | {"kind": "service_request"}
    yield from _coded_rows(base, codes_of(child(resource, "code", "ServiceRequest"), "ServiceRequest.code"))


def device_request(resource: Json, birth: datetime.date | None) -> Iterator[Row]:
    """DeviceRequest."""
    base = _order(resource, "DeviceRequest") | {"kind": "device_request"}
    codes = codes_of(child(resource, "codeCodeableConcept", "DeviceRequest"), "DeviceRequest.codeCodeableConcept")
    yield from _coded_rows(base, codes)


READERS: dict[str, Callable[[Json, datetime.date | None], Iterator[Row]]] = {
    "Encounter": encounter,
    "Condition": condition,
    "Procedure": procedure,
    "Observation": observation,
    "MedicationRequest": medication_request,
    "ServiceRequest": service_request,
    "DeviceRequest": device_request,
}


def _base(resource: Json) -> Row:
    return {"status": text(resource, "status", resource["resourceType"]), "profiles": profiles_of(resource)}


def _order(resource: Json, where: str) -> Row:
    """What all orders have: the time they were written, status, intent, and whether they forbid."""
    written = point(text(resource, "authoredOn", where), f"{where}.authoredOn")
    forbids = bool(flag(resource, _DO_NOT_PERFORM, where)) or any(
        tail(item.get("url")) in (_DO_NOT_PERFORM, f"qicore-{_DO_NOT_PERFORM}")
        and bool(flag(item, "valueBoolean", f"{where}.modifierExtension"))
        for item in children(resource, "modifierExtension", where)
    )
    return (
        _base(resource)
        | times(*written)
        | {
            "intent": text(resource, "intent", where),
            "negated": forbids,
            "encounter_id": _encounter_of(resource, where),
        }
    )


def _supply(resource: Json) -> Row:
    where = "MedicationRequest"
    dispense = child(resource, "dispenseRequest", where)
    refills = number(dispense, "numberOfRepeatsAllowed", f"{where}.dispenseRequest")
    found: Row = {
        "supply_days": days(child(dispense, "expectedSupplyDuration", where), f"{where}.expectedSupplyDuration"),
        "refills": None if refills is None else int(refills),
        "dispense_quantity": number(child(dispense, "quantity", where), "value", f"{where}.dispenseRequest.quantity"),
        "validity_start_date": _day(child(dispense, "validityPeriod", where), "start", f"{where}.validityPeriod"),
    }
    dosages = children(resource, "dosageInstruction", where)
    if len(dosages) != 1:
        return found
    repeat = child(child(dosages[0], "timing", where), "repeat", f"{where}.timing")
    limits = child(repeat, "boundsPeriod", f"{where}.timing.repeat")
    found["bounds_start_date"] = _day(limits, "start", f"{where}.boundsPeriod")
    found["bounds_end_date"] = _day(limits, "end", f"{where}.boundsPeriod")
    found["doses_per_day"] = _doses_per_day(repeat, f"{where}.timing.repeat")
    rates = children(dosages[0], "doseAndRate", where)
    if len(rates) == 1:
        high = child(child(rates[0], "doseRange", where), "high", f"{where}.doseRange")
        dose = high or child(rates[0], "doseQuantity", where)
        found["dose_quantity"] = number(dose, "value", f"{where}.doseAndRate")
    return found


def _doses_per_day(repeat: Json, where: str) -> float | None:
    frequency = number(repeat, "frequencyMax", where) or number(repeat, "frequency", where)
    length = days({"value": repeat.get("period"), "code": repeat.get("periodUnit")}, where)
    if frequency is not None and length:
        return frequency / length
    return float(len(repeat.get("timeOfDay") or [])) or None


def _day(element: Json, name: str, where: str) -> datetime.date | None:
    moment = text(element, name, where)
    return None if moment is None else day_of(bounds(moment, f"{where}.{name}")[0])


def _first_code(resource: Json, name: str, where: str) -> str | None:
    codings = children(child(resource, name, where), "coding", f"{where}.{name}")
    return text(codings[0], "code", f"{where}.{name}") if codings else None


def _encounter_of(resource: Json, where: str) -> str | None:
    named = text(child(resource, "encounter", where), "reference", f"{where}.encounter")
    return f"Encounter/{tail(named)}" if named else None


def _recorded(moment: Bounds) -> Row:
    return {"recorded_earliest": moment[0], "recorded_latest": moment[1]}


def _reasons(resource: Json) -> list[Any]:
    found = [
        code
        for item in children(resource, "extension", "Observation")
        if tail(item.get("url")) in (_NOT_DONE_REASON, f"qicore-{_NOT_DONE_REASON}")
        for code in codes_of(child(item, "valueCodeableConcept", "Observation.extension"), "Observation.extension")
    ]
    return found or _NONE


def _with_result(base: Row, codes: list[Code], element: Json, where: str, reasons: list[Any]) -> Iterator[Row]:
    """The rows of an observation or component: each code with each coding of the result and each reason."""
    results: list[Any] = _NONE
    named = [name for name, value in element.items() if name.startswith("value") and value is not None]
    if len(named) > 1:
        raise Unreadable(f"{where} has more than one result")
    if named:
        base = base | {"has_value": True}
        if named[0] == "valueQuantity":
            base |= quantity_of(child(element, "valueQuantity", where), f"{where}.valueQuantity")
            base["has_value"] = base["value_number"] is not None
        elif named[0] == "valueCodeableConcept":
            results = codes_of(child(element, "valueCodeableConcept", where), f"{where}.valueCodeableConcept") or _NONE
        elif named[0] in ("valueInteger", "valueDecimal"):
            base |= {"value_number": number(element, named[0], where)}
    else:
        base = base | {"has_value": False}
    for code, result, reason in product(codes, results, reasons):
        row = base | {"system": code[0], "code": code[1]}
        if result:
            row |= {"value_system": result[0], "value_code": result[1]}
        if reason:
            row |= {"reason_system": reason[0], "reason_code": reason[1]}
        yield row


def _coded_rows(base: Row, codes: list[Any]) -> Iterator[Row]:
    for code in codes:
        yield base if code is None else base | {"system": code[0], "code": code[1]}

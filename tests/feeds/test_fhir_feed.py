"""FHIR as it comes: bundles and bulk exports, references, times, and people who cannot be read."""

from __future__ import annotations

import copy
import datetime
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_world import (
    bundle,
    category,
    concept,
    condition,
    mammogram,
    patient,
    resource,
    screened,
    visit,
    write_lines,
)
from measure_world import value_sets
from openaco.engine import Engine
from openaco.errors import FeedError
from openaco.feeds.fhir import read_fhir
from openaco.feeds.fhir.collect import Collected, collect
from openaco.feeds.fhir.documents import Document
from openaco.feeds.fhir.instants import offset_minutes
from openaco.measures.output import evaluate_to

Row = dict[str, Any]


def events_of(engine: Engine, path: Path, **answers: Any) -> list[Row]:
    rows = engine.to_rows(read_fhir(engine, [path], **answers).events)
    return sorted(rows, key=lambda row: (row["person_id"], row["event_id"], row["kind"], row["code"] or ""))


def written(folder: Path, *documents: Any, name: str = "export.ndjson") -> Path:
    return write_lines(folder / name, list(documents))


MALFORMED = {
    "no JSON": ('{"resourceType": "Patient", "id": "p42", "birth', "the text is no JSON"),
    "a birth date that is none": (bundle(patient("p42", birth="1965-13-40"), visit("p42")), "Patient.birthDate"),
    "a birth date of another type": (bundle(patient("p42", birth=1965)), "Patient.birthDate is not a text"),
    "a period of another type": (bundle(patient("p42"), visit("p42", period="2025")), "Encounter.period"),
    "a time that is none": (bundle(patient("p42"), mammogram("p42", when="yesterday")), "effectiveDateTime"),
    "a code that is a text": (bundle(patient("p42"), mammogram("p42", code="x")), "Observation.code"),
    "a result that is no number": (
        bundle(patient("p42"), mammogram("p42", valueQuantity={"value": "high"})),
        "Observation.valueQuantity.value is not a number",
    ),
    "two results": (bundle(patient("p42"), mammogram("p42", valueString="a", valueInteger=1)), "more than one result"),
    "categories that are none": (bundle(patient("p42"), mammogram("p42", category="imaging")), "Observation.category"),
}


@pytest.mark.parametrize("malformed", MALFORMED)
def test_one_malformed_person_of_a_hundred(duckdb_engine: Engine, tmp_path: Path, malformed: str) -> None:
    document, reason = MALFORMED[malformed]
    people: list[Any] = [screened(f"p{number}") for number in range(100)]
    people[42] = document
    path = written(tmp_path, *people)
    data = read_fhir(duckdb_engine, [path])
    rates = evaluate_to(duckdb_engine, data, ["CMS125"], 2025, value_sets(), tmp_path / "out", form="json")
    assert (rates[0].denominator, rates[0].numerator) == (99, 99)
    results = [json.loads(line) for line in (tmp_path / "out" / "measure_result.json").open()]
    assert len(results) == 99
    assert "p42" not in {row["person_id"] for row in results}
    aside = [json.loads(line) for line in (tmp_path / "out" / "clinical_quarantine.json").open()]
    assert [(row["source_file"], row["source_line"], row["person_id"]) for row in aside] == [
        ("export.ndjson", 43, "p42")
    ]
    assert reason in aside[0]["reason"]
    for value in ("1965-13-40", "yesterday", "high"):
        assert value not in aside[0]["reason"]


def test_who_has_no_patient_is_named(duckdb_engine: Engine, tmp_path: Path) -> None:
    path = written(
        tmp_path, bundle(visit("p1")), patient("p2"), visit("p3"), visit("p2"), {"resourceType": "Encounter"}, "[]"
    )
    data = read_fhir(duckdb_engine, [path])
    assert [(row["source_line"], row["person_id"], row["reason"]) for row in data.quarantine] == [
        (1, None, "the bundle has no Patient"),
        (5, None, "the Encounter names no person"),
        (6, None, "the document is not an object"),
        (3, "p3", "no Patient of this id"),
    ]
    assert [row["person_id"] for row in duckdb_engine.to_rows(data.people)] == ["p2"]


def test_patients_that_differ_put_their_id_aside(duckdb_engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, screened("p1"), screened("p1"), screened("p2"), bundle(patient("p2", gender="male")))
    data = read_fhir(duckdb_engine, [path])
    assert [row["person_id"] for row in duckdb_engine.to_rows(data.people)] == ["p1"]
    assert [(row["person_id"], row["source_line"]) for row in data.quarantine] == [("p2", 4)]
    assert {row["person_id"] for row in duckdb_engine.to_rows(data.events)} == {"p1"}


def every_place(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every element within a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*path, key)
        yield from every_place(part, (*path, key))


RICH = bundle(
    patient(
        "p1",
        extension=[{"url": "http://x/us-core-sex", "valueCode": "248152002"}],
        deceasedDateTime="2025-12-01",
        name=[{"use": "official", "family": "Example", "given": ["Ann", "B"]}],
        address=[{"use": "home", "line": ["1 Road"], "postalCode": "01234"}],
        telecom=[{"system": "phone", "value": "555-555-0100"}],
        identifier=[{"type": concept("test", "MR"), "system": "test", "value": "1"}],
    ),
    visit(
        "p1",
        hospitalization={"dischargeDisposition": concept("sct", "1")},
        diagnosis=[{"condition": {"reference": "Condition/condition"}}],
        reasonReference=[{"reference": "Condition/condition"}],
    ),
    condition(
        "p1", "diabetes", bodySite=[concept("sct", "2")], abatementDateTime="2025-04-01", recordedDate="2025-01-01"
    ),
    mammogram("p1", valueQuantity={"value": 7, "unit": "%"}, issued="2025-03-01T00:00:00Z"),
    resource(
        "Observation",
        "panel",
        "p1",
        status="final",
        code=concept("test", "panel"),
        effectivePeriod={"start": "2025"},
        component=[{"code": concept("test", "part"), "valueQuantity": {"value": 120, "code": "mm[Hg]"}}],
        encounter={"reference": "Encounter/visit"},
    ),
    resource(
        "MedicationRequest",
        "order",
        "p1",
        status="active",
        intent="order",
        authoredOn="2025-02-01",
        medicationReference={"reference": "Medication/m1"},
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1}}],
            }
        ],
        dispenseRequest={"numberOfRepeatsAllowed": 1, "quantity": {"value": 60}},
    ),
    {"resourceType": "Medication", "id": "m1", "code": concept("rxnorm", "1")},
    {"resourceType": "Coverage", "id": "c", "beneficiary": {"reference": "Patient/p1"}, "type": concept("test", "1")},
)
STRANGE: list[Any] = [None, 5, -1.5, "x", "", True, [], {}, [1], ["x"], [{}], {"x": 1}, [[]], "9999-99-99"]


def test_whatever_is_wrong_stays_with_the_person() -> None:
    read = 0
    for path in every_place(RICH):
        for strange in STRANGE:
            wrong = copy.deepcopy(RICH)
            holder: Any = wrong
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = strange
            found = Collected()
            entries = wrong["entry"] if isinstance(wrong["entry"], list) else []
            alone = [entry["resource"] for entry in entries if isinstance(entry, dict) and "resource" in entry]
            lines = [Document("f", 3 + number, item) for number, item in enumerate(alone)]
            for _state in collect(found, [Document("f", 1, wrong), Document("f", 2, screened("p2")), *lines]):
                pass
            assert "p2" in {row["person_id"] for row in found.people}
            assert 2 not in {row["source_line"] for row in found.quarantine}
            columns = [value for row in found.events for value in row.values()]
            assert all(value is None or isinstance(value, str | int | float | datetime.date) for value in columns)
            read += 1
    assert read > 1000


def test_a_whole_bundle_as_events(duckdb_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "p1.json"
    path.write_text(json.dumps(RICH), encoding="utf-8")
    rows = events_of(duckdb_engine, path)
    by_kind = {row["kind"]: row for row in rows}
    assert set(by_kind) == {
        "encounter",
        "encounter_diagnosis",
        "encounter_reason",
        "condition",
        "observation",
        "component",
        "medication_request",
    }
    assert by_kind["encounter"]["discharge_codes"] == "|sct:1|"
    assert by_kind["encounter_diagnosis"]["code"] == by_kind["encounter_reason"]["code"] == "diabetes"
    assert by_kind["condition"]["body_sites"] == "|sct:2|"
    assert by_kind["condition"]["end_date"] == datetime.date(2025, 4, 1)
    component = by_kind["component"]
    assert (component["value_number"], component["value_unit"], component["encounter_class"]) == (
        120.0,
        "mm[Hg]",
        "AMB",
    )
    order = by_kind["medication_request"]
    assert (order["system"], order["code"], order["by_reference"]) == ("rxnorm", "1", True)
    assert (order["doses_per_day"], order["dose_quantity"], order["dispense_quantity"], order["refills"]) == (
        2,
        1,
        60,
        1,
    )
    person = duckdb_engine.to_rows(read_fhir(duckdb_engine, [path]).people)[0]
    assert (person["sex_code"], person["death_date"]) == ("248152002", datetime.date(2025, 12, 1))


def test_a_bulk_export_in_several_files(duckdb_engine: Engine, tmp_path: Path) -> None:
    write_lines(tmp_path / "Condition.ndjson", [condition("p1", "diabetes", onsetAge={"value": 50, "unit": "a"})])
    aged = json.loads((tmp_path / "Condition.ndjson").read_text())
    del aged["onsetDateTime"]
    write_lines(tmp_path / "Condition.ndjson", [aged])
    order = resource(
        "MedicationRequest",
        "o",
        "p1",
        status="active",
        intent="order",
        medicationReference={"reference": "Medication/m1"},
    )
    write_lines(tmp_path / "MedicationRequest.ndjson", [order])
    with gzip.open(tmp_path / "Encounter.ndjson.gz", "wt") as stream:
        named = visit("p1", diagnosis=[{"condition": {"reference": "http://server/Condition/condition"}}])
        stream.write(json.dumps(named) + "\n")
    write_lines(
        tmp_path / "Medication.ndjson", [{"resourceType": "Medication", "id": "m1", "code": concept("rxnorm", "7")}]
    )
    write_lines(tmp_path / "Observation.ndjson", [mammogram("p1", encounter={"reference": "Encounter/visit"})])
    write_lines(tmp_path / "Patient.ndjson", [patient("p1", birth="1965-05-05")])
    rows = {row["kind"]: row for row in events_of(duckdb_engine, tmp_path)}
    assert rows["condition"]["start_date"] == datetime.date(2015, 5, 5)
    assert rows["medication_request"]["code"] == "7"
    assert rows["encounter_diagnosis"]["code"] == "diabetes"
    assert rows["observation"]["encounter_class"] == "AMB"


def test_times_moved_to_the_place_and_dates_left_alone(duckdb_engine: Engine, tmp_path: Path) -> None:
    path = written(
        tmp_path, bundle(patient("p1"), visit("p1", when="2026-01-01T02:00:00Z"), mammogram("p1", when="2026-01-01"))
    )
    at_utc = {row["kind"]: row["start_date"] for row in events_of(duckdb_engine, path)}
    assert at_utc == {"encounter": datetime.date(2026, 1, 1), "observation": datetime.date(2026, 1, 1)}
    minutes = offset_minutes("-05:00")
    there = {row["kind"]: row["start_date"] for row in events_of(duckdb_engine, path, utc_offset_minutes=minutes)}
    assert there == {"encounter": datetime.date(2025, 12, 31), "observation": datetime.date(2026, 1, 1)}
    with pytest.raises(FeedError, match="no offset from UTC"):
        offset_minutes("EST")


def test_a_condition_s_span(duckdb_engine: Engine, tmp_path: Path) -> None:
    inactive = condition("p1", "a", "a", clinicalStatus=concept("test", "inactive"))
    ended = condition("p1", "b", "b", abatementDateTime="2025-06-01")
    ever = condition("p1", "c", "c", abatementDateTime="2025-06-01")
    nowhere = condition("p1", "d", "d")
    for item in (ever, nowhere):
        del item["onsetDateTime"]
    path = written(tmp_path, bundle(patient("p1"), inactive, ended, ever, nowhere, condition("p1", "e", "e")))
    rows = {row["code"]: row for row in events_of(duckdb_engine, path)}
    assert rows["a"]["end_earliest"] == rows["a"]["start_earliest"]
    assert rows["a"]["end_latest"] == rows["e"]["end_latest"] == rows["e"]["end_earliest"]
    assert rows["b"]["end_date"] == datetime.date(2025, 6, 1)
    assert rows["c"]["start_date"] is None
    assert rows["c"]["start_earliest"] < rows["b"]["start_earliest"]
    assert rows["d"]["start_earliest"] is rows["d"]["end_earliest"] is None


def test_orders_that_forbid(duckdb_engine: Engine, tmp_path: Path) -> None:
    device = resource(
        "DeviceRequest", "d", "p1", status="active", intent="order", codeCodeableConcept=concept("test", "x")
    )
    device["modifierExtension"] = [{"url": "http://x/qicore-doNotPerform", "valueBoolean": True}]
    service = resource(
        "ServiceRequest", "s", "p1", status="active", intent="order", code=concept("test", "x"), doNotPerform=True
    )
    path = written(
        tmp_path,
        bundle(patient("p1"), device, service, resource("ServiceRequest", "t", "p1", code=concept("test", "x"))),
    )
    assert [row["negated"] for row in events_of(duckdb_engine, path)] == [True, True, False]


def test_not_done_reasons_and_coded_results(duckdb_engine: Engine, tmp_path: Path) -> None:
    observation = mammogram("p1", valueCodeableConcept=concept("sct", "5"), status="cancelled")
    observation["extension"] = [{"url": "http://x/qicore-notDoneReason", "valueCodeableConcept": concept("sct", "9")}]
    path = written(tmp_path, bundle(patient("p1"), observation))
    row = events_of(duckdb_engine, path)[0]
    assert (row["value_system"], row["value_code"], row["has_value"]) == ("sct", "5", True)
    assert (row["reason_system"], row["reason_code"], row["categories"]) == ("sct", "9", "|imaging|")
    assert category("imaging")[0]["coding"][0]["code"] == "imaging"


def test_files_that_are_none(duckdb_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="there is no such file"):
        read_fhir(duckdb_engine, [tmp_path / "nothing.json"])
    with pytest.raises(FeedError, match="holds no"):
        read_fhir(duckdb_engine, [tmp_path])
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(FeedError, match="no FHIR file by its name"):
        read_fhir(duckdb_engine, [tmp_path / "notes.txt"])
    (tmp_path / "cut.ndjson.gz").write_bytes(gzip.compress(b"{}\n" * 1000)[:30])
    with pytest.raises(FeedError, match="cannot be unpacked"):
        read_fhir(duckdb_engine, [tmp_path / "cut.ndjson.gz"])

"""Claims read as clinical events: visits, stays, diagnoses, imaging, devices and drugs, and a measure on top."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

from claims_cases import claim_set
from measure_world import value_sets
from openaco.engine import Engine, Table, _
from openaco.measures.evaluate import Evaluation
from openaco.measures.events_from_claims import events_from_claims, people_from_claims
from openaco.measures.language import Period
from openaco.parameters import parameter
from openaco.tables import Beneficiary, CodeCrosswalk
from spec_tables import table_of

INSTITUTIONAL = """
claim_id | mbi | type | from       | thru       | principal_diagnosis_code | discharge_status_code
-------- | --- | ---- | ---------- | ---------- | ------------------------ | ---------------------
i1       | A   | 60   | 2025-02-01 | 2025-02-05 | I5022                    | 50
i2       | B   | 40   | 2025-03-01 | 2025-03-01 | Z9012                    | 01
i3       | C   | 50   | 2025-04-01 | 2025-04-30 | C61                      | 30
"""
LINES = """
claim_id | mbi | type | claim_line_number | revenue_center_date | hcpcs_code | claim_start_date | claim_end_date
-------- | --- | ---- | ----------------- | ------------------- | ---------- | ---------------- | --------------
i2       | B   | 40   | 1                 | 2025-03-01          | 77067      | 2025-03-01       | 2025-03-01
i2       | B   | 40   | 2                 |                     | G0463      | 2025-03-01       | 2025-03-01
"""
DIAGNOSES = """
claim_id | mbi | type | sequence_number | diagnosis_code | claim_start_date | claim_end_date
-------- | --- | ---- | --------------- | -------------- | ---------------- | --------------
i2       | B   | 40   | 1               | Z9011          | 2025-03-01       | 2025-03-01
"""
PROCEDURES = """
claim_id | mbi | type | sequence_number | procedure_code | procedure_date | claim_start_date | claim_end_date
-------- | --- | ---- | --------------- | -------------- | -------------- | ---------------- | --------------
i1       | A   | 60   | 1               | 0HTV0ZZ        | 2025-02-02     | 2025-02-01       | 2025-02-05
"""
PROFESSIONAL = """
claim_id|mbi|line|from      |thru      |claim_line_start_date|line_thru |hcpcs_code|diagnosis_code_1|denial
--------|---|----|----------|----------|---------------------|----------|----------|----------------|------
p1      |B  |1   |2025-05-01|2025-05-02|2025-05-01           |2025-05-01|99213     |E119            |
p1      |B  |2   |2025-05-01|2025-05-02|2025-05-02           |2025-05-02|99214     |E119            |
p2      |A  |1   |2025-06-01|2025-06-01|2025-06-01           |2025-06-01|99215     |I10             |0
"""
EQUIPMENT = """
claim_id | mbi | line | from       | thru       | claim_line_start_date | line_thru  | hcpcs_code
-------- | --- | ---- | ---------- | ---------- | --------------------- | ---------- | ----------
e1       | B   | 1    | 2025-07-01 | 2025-07-01 | 2025-07-01            | 2025-07-31 | E0130
"""
DRUGS = """
claim_id | mbi | type | dispensed  | ndc_code    | days_supply
-------- | --- | ---- | ---------- | ----------- | -----------
d1       | B   | 01   | 2025-08-01 | 00093321401 | 30
"""
PEOPLE = """
mbi | birth_date | sex_code
--- | ---------- | --------
A   | 1960-01-01 | 2
B   | 1960-01-01 | 2
C   | 1950-01-01 | 1
"""
TEXTS = {
    "institutional_claim": INSTITUTIONAL,
    "institutional_line": LINES,
    "institutional_diagnosis": DIAGNOSES,
    "institutional_procedure": PROCEDURES,
    "professional_line": PROFESSIONAL,
    "equipment_line": EQUIPMENT,
    "drug_event": DRUGS,
}


@cache
def world(engine: Engine) -> Table:
    """The events of the claims above."""
    return engine.checkpoint(events_from_claims(claim_set(engine, TEXTS, year=2025), 2025))


def rows_of(engine: Engine, **conditions: str) -> list[dict[str, Any]]:
    """The events of the world that have some values, by person, event and code."""
    found = [row for row in engine.to_rows(world(engine)) if all(row[key] == conditions[key] for key in conditions)]
    return sorted(found, key=lambda row: (row["person_id"], row["event_id"], row["code"]))


def test_a_visit_is_one_day_of_one_claim_and_denied_lines_are_none(engine: Engine) -> None:
    visits = [(row["event_id"], row["system"], row["code"]) for row in rows_of(engine, kind="encounter")]
    assert visits == [
        ("Claim/i1", "sct", "32485007"),
        ("Claim/i2/2025-03-01", "cpt", "77067"),
        ("Claim/i2/2025-03-01", "hcpcs", "G0463"),
        ("Claim/p1/2025-05-01", "cpt", "99213"),
        ("Claim/p1/2025-05-02", "cpt", "99214"),
        ("Claim/i3", "sct", "305336008"),
    ]


def test_a_stay_carries_its_days_class_and_discharge(duckdb_engine: Engine) -> None:
    stay = rows_of(duckdb_engine, kind="encounter", code="32485007")[0]
    assert (stay["start_date"], stay["end_date"]) == (datetime.date(2025, 2, 1), datetime.date(2025, 2, 5))
    assert (stay["encounter_class"], stay["status"]) == ("IMP", "finished")
    assert stay["discharge_codes"] == "|sct:428361000124107|"
    assert stay["end_latest"] - stay["start_earliest"] == 5 * 86_400_000 - 1


def test_diagnoses_have_no_dot_and_belong_to_every_visit_of_the_claim(duckdb_engine: Engine) -> None:
    conditions = [(row["person_id"], row["code"]) for row in rows_of(duckdb_engine, kind="condition")]
    assert conditions == [("A", "I5022"), ("B", "Z9011"), ("B", "Z9012"), ("B", "E119"), ("C", "C61")]
    for kind in ("encounter_diagnosis", "encounter_reason"):
        linked = [row["event_id"] for row in rows_of(duckdb_engine, kind=kind, code="E119")]
        assert linked == ["Claim/p1/2025-05-01", "Claim/p1/2025-05-02"]
    assert [row["event_id"] for row in rows_of(duckdb_engine, kind="encounter_reason", code="I5022")] == ["Claim/i1"]


def test_procedures_devices_drugs_and_imaging(duckdb_engine: Engine) -> None:
    assert [row["code"] for row in rows_of(duckdb_engine, kind="procedure", system="icd10pcs")] == ["0HTV0ZZ"]
    device = rows_of(duckdb_engine, kind="device_request")[0]
    assert (device["system"], device["code"], device["start_date"]) == ("hcpcs", "E0130", datetime.date(2025, 7, 1))
    drug = rows_of(duckdb_engine, kind="medication_request")[0]
    assert (drug["system"], drug["code"], drug["supply_days"]) == ("ndc", "00093321401", 30.0)
    study = rows_of(duckdb_engine, kind="observation")[0]
    assert (study["system"], study["code"], study["has_value"]) == ("loinc", "24606-6", False)


def test_a_crosswalk_puts_other_codes_beside_those_of_claims(engine: Engine) -> None:
    crosswalk = table_of(
        engine,
        CodeCrosswalk,
        """
        from_system | from_code   | to_system | to_code  | kind
        ----------- | ----------- | --------- | -------- | -----------
        ndc         | 00093321401 | rxnorm    | 0000001  |
        cpt         | 99213       | loinc     | 00000-0  | observation
        hcpcs       | E0130       | sct       | 0000002  |
        cpt         | 00000       | sct       | 0000003  |
        """,
    )
    claims = claim_set(engine, TEXTS, year=2025)
    with_it, without = events_from_claims(claims, 2025, crosswalk), world(engine)
    added = with_it.anti_join(without, ["event_id", "kind", "system", "code"])
    found = [(row["event_id"], row["kind"], row["system"], row["code"]) for row in engine.to_rows(added)]
    assert sorted(found) == [
        ("Claim/d1", "medication_request", "rxnorm", "0000001"),
        ("Claim/e1/1", "device_request", "sct", "0000002"),
        ("Claim/p1/2025-05-01/procedure", "observation", "loinc", "00000-0"),
    ]
    assert len(engine.to_rows(with_it)) == len(engine.to_rows(without)) + 3


def test_a_symptom_on_a_claim_was_observed(duckdb_engine: Engine) -> None:
    texts = TEXTS | {"institutional_claim": INSTITUTIONAL.replace("C61  ", "R5381")}
    rows = duckdb_engine.to_rows(events_from_claims(claim_set(duckdb_engine, texts, year=2025), 2025))
    observed = [row for row in rows if row["kind"] == "observation" and row["system"] == "icd10cm"]
    assert [(row["person_id"], row["code"], row["status"]) for row in observed] == [("C", "R5381", "final")]


def test_a_measure_on_claims(engine: Engine) -> None:
    oids = parameter("measures/value_sets", 2025).value
    real = [
        ("office_visit", "cpt", "99213"),
        ("mammography", "loinc", "24606-6"),
        ("status_post_left_mastectomy", "icd10cm", "Z9012"),
        ("status_post_right_mastectomy", "icd10cm", "Z9011"),
    ]
    codes = [{"year": 2025, "oid": oids[name], "system": system, "code": code} for name, system, code in real]
    people = people_from_claims(table_of(engine, Beneficiary, PEOPLE).mutate(person_id=_.mbi))
    events = world(engine)
    found = Evaluation(engine, people, events, [*value_sets(), *codes], "CMS125", Period.of_year(2025))
    rows = {row["person_id"]: row for row in engine.to_rows(found.results)}
    assert [rows[person]["initial_population"] for person in "ABC"] == [False, True, False]
    assert rows["B"]["denominator_exclusion"]
    without = events.filter(events.code != "Z9011")
    found = Evaluation(engine, people, without, [*value_sets(), *codes], "CMS125", Period.of_year(2025))
    row = {row["person_id"]: row for row in engine.to_rows(found.results)}["B"]
    assert (row["denominator_exclusion"], row["numerator"]) == (False, True)

"""Emergency visits, where they led, and observation stays (42 CFR 413.65(b), 489.24; Claims Processing Manual, 4)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from groupers_world import claims_of, code_tables, of_person, people_of, stays_of, who_in
from openaco.engine import Engine
from openaco.rules.groupers.emergency import emergency_visits, observation_stays
from openaco.rules.groupers.emergency_classes import CLASSES, classified_visits

YEAR = 2024
STAYS = """
id  | who                  | type | ccn    | from       | thru       | status | facility | class | dx   | paid
--- | -------------------- | ---- | ------ | ---------- | ---------- | ------ | -------- | ----- | ---- | ----
a   | released             | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
b   | by code alone        | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
c   | type B               | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
d   | professional revenue | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 8        | 5     | R079 | 50
e   | clinic, no emergency | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
f   | on the stay's bill   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | 1        | 1     | I509 | 900
g1  | admitted elsewhere   | 40   | 250001 | 2024-03-01 | 2024-03-01 | 02     | 1        | 3     | R079 | 50
g2  | admitted elsewhere   | 60   | 250002 | 2024-03-02 | 2024-03-05 | 01     | 1        | 1     | I509 | 900
h1  | admitted later       | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
h2  | admitted later       | 60   | 250002 | 2024-03-03 | 2024-03-05 | 01     | 1        | 1     | I509 | 900
i   | observed             | 40   | 250001 | 2024-03-01 | 2024-03-02 | 01     | 1        | 3     | R079 | 70
j   | left                 | 40   | 250001 | 2024-03-01 | 2024-03-01 | 07     | 1        | 3     | R079 | 50
k   | died there           | 40   | 250001 | 2024-03-01 | 2024-03-01 | 20     | 1        | 3     | R079 | 50
l   | died that day        | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
m   | sent to a hospital   | 40   | 250001 | 2024-03-01 | 2024-03-01 | 02     | 1        | 3     | R079 | 50
n1  | two bills, one day   | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
n2  | two bills, one day   | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | S610 | 30
o1  | two days, two visits | 40   | 250001 | 2024-03-01 | 2024-03-01 | 01     | 1        | 3     | R079 | 50
o2  | two days, two visits | 40   | 250001 | 2024-03-02 | 2024-03-02 | 01     | 1        | 3     | R079 | 50
p   | over midnight        | 40   | 250001 | 2024-03-01 | 2024-03-02 | 01     | 1        | 3     | R079 | 50
q1  | psychiatric          | 40   | 250001 | 2024-03-01 | 2024-03-01 | 65     | 1        | 3     | F209 | 50
q2  | psychiatric          | 60   | 254001 | 2024-03-01 | 2024-03-09 | 01     | 1        | 1     | F209 | 900
"""
LINES = """
id | who | line | center | hcpcs | on
-- | --- | ---- | ------ | ----- | ----------
a  | x   | 1    | 0450   |       | 2024-03-01
b  | x   | 1    | 0510   | 99284 | 2024-03-01
c  | x   | 1    | 0510   | G0381 | 2024-03-01
d  | x   | 1    | 0981   |       | 2024-03-01
e  | x   | 1    | 0510   | 99213 | 2024-03-01
f  | x   | 1    | 0459   |       | 2024-03-01
g1 | x   | 1    | 0450   | 99285 | 2024-03-01
h1 | x   | 1    | 0450   | 99285 | 2024-03-01
i  | x   | 1    | 0450   | 99284 | 2024-03-01
i  | x   | 2    | 0762   | G0378 | 2024-03-01
j  | x   | 1    | 0450   | 99281 | 2024-03-01
k  | x   | 1    | 0450   | 99285 | 2024-03-01
l  | x   | 1    | 0450   | 99285 | 2024-03-01
m  | x   | 1    | 0450   | 99285 | 2024-03-01
n1 | x   | 1    | 0450   | 99283 | 2024-03-01
n2 | x   | 1    | 0450   | 99282 | 2024-03-01
o1 | x   | 1    | 0450   | 99283 | 2024-03-01
o2 | x   | 1    | 0450   | 99283 | 2024-03-02
p  | x   | 1    | 0450   | 99283 | 2024-03-01
q1 | x   | 1    | 0450   | 99283 | 2024-03-01
"""
CARRIER = """
id | who                | hcpcs | from       | thru       | line_diagnosis_code
-- | ------------------ | ----- | ---------- | ---------- | -------------------
r1 | released           | 99284 | 2024-03-01 | 2024-03-01 | R079
r2 | over midnight      | 99283 | 2024-03-03 | 2024-03-03 | R079
r3 | clinician only     | 99284 | 2024-03-01 | 2024-03-01 | J440
r4 | clinician only     | 99291 | 2024-03-01 | 2024-03-01 | J440
r5 | two clinicians     | 99284 | 2024-03-01 | 2024-03-01 | J440
r6 | two clinicians     | 99285 | 2024-03-01 | 2024-03-01 | J449
r7 | not an emergency   | 99221 | 2024-03-01 | 2024-03-01 | J440
r8 | two days after     | 99284 | 2024-03-03 | 2024-03-03 | J440
"""
OUTCOMES: dict[str, list[tuple[str, str, str, int]]] = {
    "released": [("released", "outpatient", "2024-03-01", 1)],
    "by code alone": [("released", "outpatient", "2024-03-01", 1)],
    "type B": [("released", "outpatient", "2024-03-01", 1)],
    "professional revenue": [("released", "outpatient", "2024-03-01", 1)],
    "on the stay's bill": [("admitted", "inpatient", "2024-03-01", 1)],
    "admitted elsewhere": [("admitted", "outpatient", "2024-03-01", 1)],
    "admitted later": [("released", "outpatient", "2024-03-01", 1)],
    "observed": [("observation", "outpatient", "2024-03-01", 1)],
    "left": [("against_advice", "outpatient", "2024-03-01", 1)],
    "died there": [("died", "outpatient", "2024-03-01", 1)],
    "died that day": [("died", "outpatient", "2024-03-01", 1)],
    "sent to a hospital": [("transferred", "outpatient", "2024-03-01", 1)],
    "two bills, one day": [("released", "outpatient", "2024-03-01", 2)],
    "two days, two visits": [("released", "outpatient", "2024-03-01", 1), ("released", "outpatient", "2024-03-02", 1)],
    "over midnight": [("released", "outpatient", "2024-03-01", 1)],
    "psychiatric": [("admitted", "outpatient", "2024-03-01", 1)],
    "clinician only": [("released", "professional", "2024-03-01", 1)],
    "two clinicians": [("released", "professional", "2024-03-01", 1)],
    "two days after": [("released", "professional", "2024-03-03", 1)],
}
DEATHS = {"died that day": datetime.date(2024, 3, 1)}


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def found(request: pytest.FixtureRequest) -> tuple[Engine, Any, Any]:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    claims = claims_of(engine, stays=STAYS, lines=LINES, carrier=CARRIER)
    people = people_of(engine, who_in(STAYS, CARRIER), death=DEATHS)
    stays, _admissions, _members = stays_of(engine, claims, people)
    observed = engine.checkpoint(observation_stays(claims, people, YEAR, checkpoint=engine.checkpoint))
    return engine, emergency_visits(claims, people, stays, observed, YEAR, checkpoint=engine.checkpoint), observed


def test_where_each_visit_led(found: tuple[Engine, Any, Any]) -> None:
    engine, visits, _observed = found
    told = {
        person: [(row["disposition"], row["billed_by"], str(row["visit_date"]), row["claims"]) for row in rows]
        for person, rows in of_person(engine, visits, "visit_date").items()
    }
    assert told == OUTCOMES


def test_a_visit_names_what_it_led_to(found: tuple[Engine, Any, Any]) -> None:
    engine, visits, observed = found
    rows = {person: rows[0] for person, rows in of_person(engine, visits, "visit_date").items()}
    assert rows["on the stay's bill"]["admission_id"] == "inpatient_acute:f"
    assert rows["admitted elsewhere"]["admission_id"] == "inpatient_acute:g2"
    assert rows["psychiatric"]["admission_id"] == "inpatient_psychiatric:q2"
    assert rows["admitted later"]["admission_id"] is None
    assert rows["observed"]["observation_id"] == "observation:i"
    assert {row["stay_id"] for row in engine.to_rows(observed)} == {"observation:i"}


def test_dollars_of_visits_are_those_of_outpatient_claims(found: tuple[Engine, Any, Any]) -> None:
    engine, visits, observed = found
    rows = {person: rows[0] for person, rows in of_person(engine, visits, "visit_date").items()}
    assert rows["two bills, one day"]["paid_amount"] == 80
    assert rows["on the stay's bill"]["paid_amount"] == 0, "the stay's dollars are the stay's"
    assert [(row["nights"], row["paid_amount"], row["died"]) for row in engine.to_rows(observed)] == [(1, 70, False)]


def test_visits_are_classified_by_their_diagnosis(duckdb_engine: Engine) -> None:
    claims = claims_of(duckdb_engine, stays=STAYS, lines=LINES, carrier=CARRIER)
    people = people_of(duckdb_engine, who_in(STAYS, CARRIER), death=DEATHS)
    stays, _admissions, _members = stays_of(duckdb_engine, claims, people)
    observed = observation_stays(claims, people, YEAR)
    visits = emergency_visits(claims, people, stays, observed, YEAR, checkpoint=duckdb_engine.checkpoint)
    assert classified_visits(duckdb_engine, visits, code_tables()) is None
    probabilities = {name: ["0", "0"] for name in CLASSES} | {
        "non_emergent": ["0.25", "0"],
        "primary_care_treatable": ["0.5", "0"],
        "not_preventable": ["0.25", ""],
        "preventable": ["0", "1"],
    }
    table = code_tables(ed_classification={"code": ["R079", "J440"], **probabilities})
    classes = classified_visits(duckdb_engine, visits, table)
    rows = {person: rows[0] for person, rows in of_person(duckdb_engine, classes, "visit_id").items()}
    assert rows["released"]["classified"]
    assert rows["released"]["avoidable"] == 0.75
    assert rows["clinician only"]["preventable"] == 1.0
    assert rows["clinician only"]["not_preventable"] == 0.0
    assert not rows["psychiatric"]["classified"]
    assert sum(rows["psychiatric"][name] for name in CLASSES) == 0.0

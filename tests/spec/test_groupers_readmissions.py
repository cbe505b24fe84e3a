"""Readmission within 30 days, and which admissions are planned (CMS measure 479). A person of a table is a case."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from groupers_world import claims_of, code_tables, of_person, people_of, stays_of, who_in
from openaco.engine import Engine, Table
from openaco.feeds.code_tables import CodeTables
from openaco.rules.groupers.diagnoses import stated_procedures
from openaco.rules.groupers.planned import excluded_discharges, planned_admissions
from openaco.rules.groupers.readmissions import readmission_rate, readmissions

YEAR = 2024
STAYS = """
id  | who                | type | ccn    | from       | thru       | status | dx    | came_by
--- | ------------------ | ---- | ------ | ---------- | ---------- | ------ | ----- | -------
a1  | day 30             | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
a2  | day 30             | 60   | 250001 | 2024-04-04 | 2024-04-06 | 01     | J189  | 1
b1  | day 31             | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
b2  | day 31             | 60   | 250001 | 2024-04-05 | 2024-04-06 | 01     | J189  | 1
c1  | same day           | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
c2  | same day           | 60   | 250001 | 2024-03-05 | 2024-03-06 | 01     | J189  | 1
d1  | elective first     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
d2  | elective first     | 60   | 250001 | 2024-03-10 | 2024-03-12 | 01     | M170  | 3
d3  | elective first     | 60   | 250001 | 2024-03-20 | 2024-03-22 | 01     | J189  | 1
e1  | against advice     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 07     | I509  | 1
e2  | against advice     | 60   | 250001 | 2024-03-10 | 2024-03-12 | 01     | I509  | 1
f1  | died               | 60   | 250001 | 2024-03-01 | 2024-03-05 | 20     | I509  | 1
g1  | transferred        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 02     | I509  | 1
g2  | transferred        | 60   | 250002 | 2024-03-05 | 2024-03-09 | 01     | I509  | 1
g3  | transferred        | 60   | 250001 | 2024-03-20 | 2024-03-22 | 01     | J189  | 1
h1  | returned in two    | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
h2  | returned in two    | 60   | 250001 | 2024-03-20 | 2024-03-22 | 02     | J189  | 1
h3  | returned in two    | 60   | 250002 | 2024-03-22 | 2024-03-25 | 01     | J189  | 1
i1  | psychiatric after  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
i2  | psychiatric after  | 60   | 254001 | 2024-03-10 | 2024-03-12 | 01     | F209  | 1
j1  | cancer hospital    | 60   | 330154 | 2024-03-01 | 2024-03-05 | 01     | C349  | 1
k1  | psychiatric reason | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | F209  | 1
l1  | cancer treatment   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | Z5111 | 1
m1  | still there        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 30     | I509  | 1
n1  | age 64             | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
o1  | age 65             | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
p1  | no birth date      | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
q1  | too late           | 60   | 250001 | 2024-12-01 | 2024-12-02 | 01     | I509  | 1
r1  | just in time       | 60   | 250001 | 2024-11-20 | 2024-12-01 | 01     | I509  | 1
s1  | last year          | 60   | 250001 | 2023-12-20 | 2023-12-31 | 01     | I509  | 1
t1  | over New Year      | 60   | 250001 | 2023-12-20 | 2024-01-02 | 01     | I509  | 1
"""
JUDGED: dict[str, list[tuple[str, int | None, bool, bool]]] = {
    # the reason why it is no index admission, days until the next, whether anybody returned, unplanned
    "day 30": [("", 30, True, True), ("", None, False, False)],
    "day 31": [("", None, False, False), ("", None, False, False)],
    "same day": [("", 0, True, True), ("", None, False, False)],
    "elective first": [("", 5, True, False), ("", 8, True, True), ("", None, False, False)],
    "against advice": [("left against advice", 5, True, True), ("", None, False, False)],
    "died": [("died", None, False, False)],
    "transferred": [
        ("transferred to another hospital", 15, True, True),
        ("", 11, True, True),
        ("", None, False, False),
    ],
    "returned in two": [
        ("", 15, True, True),
        ("transferred to another hospital", None, False, False),
        ("", None, False, False),
    ],
    "psychiatric after": [("", None, False, False)],
    "cancer hospital": [("cancer hospital", None, False, False)],
    "psychiatric reason": [("psychiatric", None, False, False)],
    "cancer treatment": [("cancer", None, False, False)],
    "still there": [("still a patient", None, False, False)],
    "age 64": [("younger than the measure's age", None, False, False)],
    "age 65": [("", None, False, False)],
    "no birth date": [("birth date not known", None, False, False)],
    "too late": [("claims end before the days after", None, False, False)],
    "just in time": [("", None, False, False)],
    "over New Year": [("", None, False, False)],
}
BIRTHS = {
    "age 64": datetime.date(1959, 3, 2),
    "age 65": datetime.date(1959, 3, 1),
    "no birth date": None,
}


def judged(
    engine: Engine, text: str, tables: CodeTables | None = None, procedures: str | None = None, **more: Any
) -> Table:
    texts = {"stays": text} | ({"procedures": procedures} if procedures else {})
    claims = claims_of(engine, **texts)
    people = people_of(engine, who_in(text), birth=BIRTHS, **more.pop("known", {}))
    stays, _admissions, members = stays_of(engine, claims, people)
    loaded, done = tables or CodeTables(), engine.checkpoint(stated_procedures(claims))
    planned = engine.checkpoint(planned_admissions(engine, stays, members, done, loaded, YEAR))
    excluded = engine.checkpoint(excluded_discharges(engine, stays, members, done, loaded, YEAR))
    return readmissions(stays, planned, excluded, people, YEAR, checkpoint=engine.checkpoint, **more)


def test_index_admissions_and_what_followed(duckdb_engine: Engine) -> None:
    found = judged(duckdb_engine, STAYS, claims_end=datetime.date(2024, 12, 31))
    told = {
        person: [(row["reason"], row["days"], row["returned"], row["readmitted"]) for row in rows]
        for person, rows in of_person(duckdb_engine, found, "discharge_date", "stay_id").items()
    }
    assert told == JUDGED
    index = [case for cases in JUDGED.values() for case in cases if case[0] == ""]
    rate = duckdb_engine.to_rows(readmission_rate(found))[0]
    assert rate["index_admissions"] == len(index)
    assert rate["all_returns"] == sum(case[2] for case in index)
    assert rate["readmissions"] == sum(case[3] for case in index)
    assert rate["rate"] == rate["readmissions"] / len(index)
    assert {row["planned_basis"] for row in duckdb_engine.to_rows(found)} == {None, "admission type"}


def test_nobody_discharged_gives_no_rate(duckdb_engine: Engine) -> None:
    header, dashes, *rows = STAYS.strip().splitlines()
    found = judged(duckdb_engine, "\n".join([header, dashes, rows[-2]]))
    rate = duckdb_engine.to_rows(readmission_rate(found))[0]
    assert (rate["index_admissions"], rate["readmissions"], rate["rate"]) == (0, 0, None)


ENROLLED = """
id  | who                  | type | ccn    | from       | thru       | status | dx
--- | -------------------- | ---- | ------ | ---------- | ---------- | ------ | ----
a   | twelve months before | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
b   | eleven months before | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
c   | not the month after  | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
d   | died the month after | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
e   | health plan since    | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
f   | nothing known        | 60   | 250001 | 2024-03-10 | 2024-03-15 | 01     | I509
g   | months not yet known | 60   | 250001 | 2024-05-10 | 2024-05-15 | 01     | I509
"""


def test_enrollment_before_and_after(duckdb_engine: Engine) -> None:
    def month(text: str) -> datetime.date:
        return datetime.date.fromisoformat(f"{text}-01")

    def months(first: str, last: str) -> list[datetime.date]:
        day, found = month(first), []
        while day <= month(last):
            found.append(day)
            day = (day + datetime.timedelta(days=32)).replace(day=1)
        return found

    spans = {
        "twelve months before": ("2023-03", "2024-04"),
        "eleven months before": ("2023-04", "2024-04"),
        "not the month after": ("2023-01", "2024-03"),
        "died the month after": ("2023-01", "2024-03"),
        "health plan since": ("2023-01", "2024-04"),
        "months not yet known": ("2023-01", "2024-05"),
    }
    rows = [
        {
            "person_id": person,
            "month": day,
            "has_part_a": True,
            "in_group_health_plan": person == "health plan since" and day >= month("2024-04"),
        }
        for person, span in spans.items()
        for day in months(*span)
    ]
    enrolled = duckdb_engine.from_arrow(pa.Table.from_pylist(rows))
    dead = {"death": {"died the month after": datetime.date(2024, 3, 31)}}
    found = judged(duckdb_engine, ENROLLED, person_months=enrolled, known=dead)
    told = {row["person_id"]: row["reason"] for row in duckdb_engine.to_rows(found)}
    assert told == {
        "twelve months before": "",
        "eleven months before": "not enrolled the months before",
        "not the month after": "not enrolled the days after",
        "died the month after": "",
        "health plan since": "not enrolled the days after",
        "nothing known": "not enrolled the months before",
        "months not yet known": "",  # nobody's enrollment in June is known
    }


PLANNED = """
id  | who                | type | ccn    | from       | thru       | status | dx    | came_by
--- | ------------------ | ---- | ------ | ---------- | ---------- | ------ | ----- | -------
a   | always, procedure  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
b   | always, diagnosis  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | Z5111 | 1
c   | maybe, not acute   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | M170  | 1
d   | maybe, acute       | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I219  | 3
e   | maybe, acute code  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | K353  | 1
f   | maybe, by code     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | M170  | 1
g   | elective alone     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | M170  | 3
h   | another procedure  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | M170  | 1
i   | diagnosis unknown  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | X9999 | 1
"""
PROCEDURES = """
id  | who | seq | procedure
--- | --- | --- | ---------
a   | x   | 1   | 30233G1
c   | x   | 1   | 0SRC0J9
d   | x   | 1   | 0SRC0J9
e   | x   | 1   | 0SRC0J9
f   | x   | 1   | 0XYZ000
h   | x   | 1   | 0ABC000
i   | x   | 1   | 0SRC0J9
"""
TABLES = code_tables(
    ccs_diagnoses={
        "code": ["I509", "Z5111", "M170", "I219", "K353", "F209", "C349"],
        "category": ["108", "45", "203", "100", "142x", "659", "19"],
    },
    ccs_procedures={"code": ["30233G1", "0SRC0J9", "0ABC000"], "category": ["64", "152", "231"]},
    potentially_planned_procedures={"category": ["152"]},
    potentially_planned_codes={"code": ["0XYZ000"]},
    acute_diagnosis_codes={"code": ["K353"]},
)


def test_the_planned_readmission_algorithm(duckdb_engine: Engine) -> None:
    claims = claims_of(duckdb_engine, stays=PLANNED, procedures=PROCEDURES)
    stays, _admissions, members = stays_of(duckdb_engine, claims, people_of(duckdb_engine, who_in(PLANNED)))
    found = planned_admissions(duckdb_engine, stays, members, stated_procedures(claims), TABLES, YEAR)
    by_id = {row["planned_id"]: row for row in duckdb_engine.to_rows(found)}
    people = {row["admission_id"]: row["person_id"] for row in duckdb_engine.to_rows(stays)}
    assert {people[name]: row["planned"] for name, row in by_id.items()} == {
        "always, procedure": True,
        "always, diagnosis": True,
        "maybe, not acute": True,
        "maybe, acute": False,
        "maybe, acute code": False,
        "maybe, by code": True,
        "elective alone": False,
        "another procedure": False,
        "diagnosis unknown": True,  # a diagnosis that the table does not hold is not known to be acute
    }
    assert {row["planned_basis"] for row in by_id.values()} == {"algorithm"}


def test_without_the_tables_the_admission_type_decides(duckdb_engine: Engine) -> None:
    claims = claims_of(duckdb_engine, stays=PLANNED, procedures=PROCEDURES)
    stays, _admissions, members = stays_of(duckdb_engine, claims, people_of(duckdb_engine, who_in(PLANNED)))
    lacking = CodeTables(None, {name: table for name, table in TABLES.tables.items() if name != "ccs_procedures"})
    found = planned_admissions(duckdb_engine, stays, members, stated_procedures(claims), lacking, YEAR)
    planned = {row["planned_id"] for row in duckdb_engine.to_rows(found) if row["planned"]}
    assert planned == {"inpatient_acute:d", "inpatient_acute:g"}


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({}, {"k": "psychiatric", "j": "cancer"}),
        (
            {"excluded_diagnoses": {"category": ["108", "19"], "kind": ["Psychiatric", "Medical Treatment of Cancer"]}},
            {"a": "psychiatric", "j": "cancer"},
        ),
        ({"surgery_cohort": {"code": ["0BTC0ZZ"]}}, {"k": "psychiatric"}),
    ],
)
def test_discharges_that_are_no_index_admissions(
    duckdb_engine: Engine, more: dict[str, Any], kinds: dict[str, str]
) -> None:
    text = """
id | who | type | ccn    | from       | thru       | status | dx
-- | --- | ---- | ------ | ---------- | ---------- | ------ | ----
a  | a   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509
j  | j   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | C349
k  | k   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | F209
"""
    lung = "id | who | seq | procedure\n-- | --- | --- | ---\nj | x | 1 | 0BTC0ZZ"
    claims = claims_of(duckdb_engine, stays=text, procedures=lung)
    stays, _admissions, members = stays_of(duckdb_engine, claims, people_of(duckdb_engine, who_in(text)))
    tables = CodeTables(None, {**TABLES.tables, **code_tables(**more).tables})
    found = excluded_discharges(duckdb_engine, stays, members, stated_procedures(claims), tables, YEAR)
    rows = duckdb_engine.to_rows(found)
    assert {row["excluded_stay"].removeprefix("inpatient_acute:"): row["excluded_kind"] for row in rows} == kinds

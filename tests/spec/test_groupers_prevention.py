"""AHRQ's Prevention Quality Indicators (v2025): who is counted, the edges of age, what excludes, what is lacking."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from groupers_world import claims_of, code_tables, people_of, stays_of, who_in
from openaco.engine import Engine, _
from openaco.feeds.code_tables import CodeTables
from openaco.feeds.code_tables.sas import formats
from openaco.parameters import parameter
from openaco.rules.groupers.diagnoses import stated_diagnoses, stated_procedures
from openaco.rules.groupers.prevention import (
    SECOND_STAY,
    TRANSFERRED,
    pqi_sets,
    prevention_admissions,
    prevention_rates,
    unknown_sets,
)
from spec_tables import cells

YEAR = 2024
STAYS = """
id | who                  | type | ccn    | from       | thru       | status | dx     | drg | came_from
-- | -------------------- | ---- | ------ | ---------- | ---------- | ------ | ------ | --- | ---------
a  | ketoacidosis         | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | E1110  | 638 | 1
b  | foot ulcer           | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | E11621 | 638 | 1
c  | high sugar           | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | E1165  | 638 | 1
d  | diabetes alone       | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | E119   | 638 | 1
e  | COPD                 | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J441   | 190 | 1
f  | COPD, lung anomaly   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J441   | 190 | 1
g  | COPD second          | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J9601  | 190 | 1
h  | asthma at 40         | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J4551  | 202 | 1
i  | asthma at 39         | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J4551  | 202 | 1
j  | asthma at 18         | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J4551  | 202 | 1
k  | asthma at 17         | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J4551  | 202 | 1
l  | pressure             | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I10    | 304 | 1
m  | heart failure        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I5023  | 291 | 1
n  | pneumonia            | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J189   | 193 | 1
o  | pneumonia, sickle    | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J189   | 193 | 1
p  | urinary              | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | N390   | 689 | 1
q  | from a hospital      | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | N390   | 689 | 4
r  | from a nursing home  | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | N390   | 689 | 5
s  | not groupable        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | N390   | 999 | 1
t1 | second hospital      | 60   | 250001 | 2024-03-01 | 2024-03-05 | 02     | R079   | 313 | 1
t2 | second hospital      | 60   | 250002 | 2024-03-05 | 2024-03-09 | 01     | I5023  | 291 | 1
u  | psychiatric hospital | 60   | 254001 | 2024-03-01 | 2024-03-05 | 01     | E1165  | 638 | 1
v  | the year before      | 60   | 250001 | 2023-12-20 | 2023-12-31 | 01     | I5023  | 291 | 1
w  | over New Year        | 60   | 250001 | 2023-12-20 | 2024-01-01 | 01     | I5023  | 291 | 1
x  | sex not known        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I5023  | 291 | 1
y  | no birth date        | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I5023  | 291 | 1
z  | ended at 40          | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | J4551  | 202 | 1
"""
DIAGNOSES = """
id | who | seq | code
-- | --- | --- | -----
f  | x   | 2   | Q330
g  | x   | 2   | J441
o  | x   | 2   | D5700
"""
FOUND = {
    ("ketoacidosis", "01", ""),
    ("foot ulcer", "03", ""),
    ("high sugar", "14", ""),
    ("COPD", "05", ""),
    ("COPD, lung anomaly", "05", "excluded: RESPAN"),
    ("asthma at 40", "05", ""),
    ("asthma at 39", "15", ""),
    ("asthma at 18", "15", ""),
    ("ended at 40", "15", ""),
    ("pressure", "07", ""),
    ("heart failure", "08", ""),
    ("over New Year", "08", ""),
    ("pneumonia", "11", ""),
    ("pneumonia, sickle", "11", "excluded: ACSBA2D"),
    ("urinary", "12", ""),
    ("from a hospital", "12", TRANSFERRED),
    ("from a nursing home", "12", TRANSFERRED),
    ("not groupable", "12", "DRG not groupable"),
    ("second hospital", "08", SECOND_STAY),
}
ACUTE = {person for person, pqi, reason in FOUND if pqi in ("11", "12") and not reason}
CHRONIC = {person for person, pqi, reason in FOUND if pqi not in ("11", "12") and not reason}
KNOWN: dict[str, dict[str, Any]] = {
    "birth": {
        "asthma at 40": datetime.date(1984, 3, 1),
        "asthma at 39": datetime.date(1984, 3, 2),
        "ended at 40": datetime.date(1984, 3, 3),
        "asthma at 18": datetime.date(2006, 3, 1),
        "asthma at 17": datetime.date(2006, 3, 2),
        "no birth date": None,
    },
    "sex": {"sex not known": "0"},
}


def indicators(engine: Engine, stays: str, tables: CodeTables, **texts: str) -> list[dict[str, Any]]:
    claims = claims_of(engine, stays=stays, **texts)
    people = people_of(engine, who_in(stays), **KNOWN)
    found, _admissions, members = stays_of(engine, claims, people)
    coded = engine.checkpoint(stated_diagnoses(claims, checkpoint=engine.checkpoint))
    done, sets = engine.checkpoint(stated_procedures(claims)), pqi_sets(tables, YEAR)
    rows = prevention_admissions(engine, found, members, coded, done, people, sets, YEAR, checkpoint=engine.checkpoint)
    return engine.to_rows(rows)


@pytest.fixture(scope="module")
def found(duckdb_engine: Engine) -> list[dict[str, Any]]:
    return indicators(duckdb_engine, STAYS, CodeTables(), diagnoses=DIAGNOSES)


def test_who_is_counted_and_why_not(found: list[dict[str, Any]]) -> None:
    singles = [row for row in found if not row["pqi"].startswith("9")]
    assert {(row["person_id"], row["pqi"], row["reason"]) for row in singles} == FOUND
    assert len(singles) == len(FOUND)
    assert all(row["counts"] == (row["reason"] == "") for row in found)
    assert {row["person_id"]: row["age"] for row in singles}["ended at 40"] == 39, "age is that at admission"


def test_composites_count_each_stay_once(found: list[dict[str, Any]]) -> None:
    by_pqi: dict[str, list[str]] = {}
    for row in found:
        by_pqi.setdefault(row["pqi"], []).append(row["person_id"])
    assert sorted(by_pqi["90"]) == sorted(ACUTE | CHRONIC)
    assert sorted(by_pqi["91"]) == sorted(ACUTE)
    assert sorted(by_pqi["92"]) == sorted(CHRONIC)


def test_rates_are_per_hundred_thousand(duckdb_engine: Engine) -> None:
    claims_text = "\n".join(STAYS.strip().splitlines()[:4])
    claims = claims_of(duckdb_engine, stays=claims_text)
    people = people_of(duckdb_engine, who_in(claims_text))
    stays, _admissions, members = stays_of(duckdb_engine, claims, people)
    coded, done = stated_diagnoses(claims), stated_procedures(claims)
    rows = prevention_admissions(duckdb_engine, stays, members, coded, done, people, pqi_sets(CodeTables(), YEAR), YEAR)
    per = parameter("groupers/pqi_cohort", YEAR).value["per"]
    rates = {row["pqi"]: row for row in duckdb_engine.to_rows(prevention_rates(rows, 40_000, per))}
    assert rates["01"]["rate"] == 2.5
    assert rates["90"]["admissions"] == 2
    assert rates["90"]["rate"] == 5.0


LOADED = code_tables(
    pqi={
        "set": ["ACSHYPD", "ACSHY2D", "DIALY2P", "ACSCARP", "MRTCHFD", "ACSLEAP", "ACSLEAD", "ACLEA2D", "MDC14PRINDX"],
        "code": ["I129", "I129", "03170AD", "0210083", "I5023", "0Y6H0Z1", "E119", "S78011A", "O24419"],
    }
)
LONG_LISTS = """
id | who                       | type | ccn    | from       | thru       | status | dx
-- | ------------------------- | ---- | ------ | ---------- | ---------- | ------ | -------
a  | kidney and dialysis       | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I129
b  | kidney alone              | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I129
c  | failure with bypass       | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I5023
d  | amputated                 | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I70262
e  | amputated after an injury | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | E119
f  | amputated, no diabetes    | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I70262
g  | amputated, with child     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | O24419
"""
LONG_DIAGNOSES = """
id | who | seq | code
-- | --- | --- | -------
d  | x   | 2   | E119
e  | x   | 2   | S78011A
g  | x   | 2   | E119
"""
LONG_PROCEDURES = """
id | who | seq | procedure
-- | --- | --- | ---------
a  | x   | 1   | 03170AD
c  | x   | 1   | 0210083
d  | x   | 1   | 0Y6H0Z1
e  | x   | 1   | 0Y6H0Z1
f  | x   | 1   | 0Y6H0Z1
g  | x   | 1   | 0Y6H0Z1
"""


def test_long_lists_exclude_once_they_are_loaded(duckdb_engine: Engine) -> None:
    rows = indicators(duckdb_engine, LONG_LISTS, LOADED, diagnoses=LONG_DIAGNOSES, procedures=LONG_PROCEDURES)
    assert {(row["person_id"], row["pqi"], row["reason"]) for row in rows if row["pqi"][0] != "9"} == {
        ("kidney and dialysis", "07", "excluded: ACSHY2D+DIALY2P"),
        ("kidney alone", "07", ""),
        ("failure with bypass", "08", "excluded: ACSCARP"),
        ("amputated", "16", ""),
        ("amputated after an injury", "16", "excluded: ACLEA2D"),
        ("amputated, with child", "16", "excluded: principal:MDC14PRINDX"),
    }


def test_without_them_each_indicator_says_what_it_lacks(duckdb_engine: Engine) -> None:
    assert unknown_sets(pqi_sets(CodeTables(), YEAR), YEAR) == {
        "07": ("DIALY2P", "ACSCARP"),
        "08": ("ACSCARP",),
        "11": ("IMMUNID", "IMMUNIP"),
        "12": ("IMMUNID", "IMMUNIP", "KIDNEY"),
        "16": ("ACSLEAP", "ACSLEAD", "MDC14PRINDX"),
    }
    rows = indicators(duckdb_engine, LONG_LISTS, CodeTables(), procedures=LONG_PROCEDURES)
    assert {(row["person_id"], row["pqi"]) for row in rows if row["counts"] and row["pqi"][0] != "9"} == {
        ("kidney and dialysis", "07"),
        ("kidney alone", "07"),
        ("failure with bypass", "08"),
    }, "an exclusion that nobody has excludes nobody; amputations cannot be told at all"


def test_sets_may_go_by_the_names_of_the_tuva_value_sets() -> None:
    table = code_tables(
        pqi={"set": ["cardiac_procedure_codes", "asthma_diagnosis_codes"], "code": ["0210083", "J4599"]}
    )
    sets = pqi_sets(table, YEAR)
    assert [one.beginning for one in sets["ACSCARP"]] == ["0210083"]
    assert [one.beginning for one in sets["ACSASTD"]] == ["J4599"]
    assert "08" not in unknown_sets(sets, YEAR)


SAS = """
 proc format LIBRARY=LIBRARY;
/* FORMAT FOR Hypertension; "X1" = '1' in a comment */
Value $ACSHYPD
"I10" = '1' /*Essential (primary) hypertension */
'I119', "I129" = '1'
OTHER = '0'
;
Value $POVCAT
"01001" = 4
OTHER = 0
;
Value SEXCAT
1 = 'Male'
;
run;
"""


def test_formats_of_ahrq_are_read_as_they_are() -> None:
    assert formats(SAS, "PQI_AREA_FORMATS.SAS") == [
        {"set": "ACSHYPD", "code": "I10"},
        {"set": "ACSHYPD", "code": "I119"},
        {"set": "ACSHYPD", "code": "I129"},
    ]


def test_every_indicator_names_known_sets(duckdb_engine: Engine) -> None:
    known = {row["set"] for row in parameter("groupers/pqi_sets", YEAR).value}
    named = {
        name
        for row in parameter("groupers/pqi", YEAR).value
        for cell in ("principal", "procedures", "also", "excluded")
        for item in row[cell].split(";")
        for name in item.rpartition(":")[2].split("+")
        if name
    }
    assert named <= known
    assert len(cells(STAYS)) > len(FOUND)
    empty = prevention_admissions(
        duckdb_engine,
        *_nothing(duckdb_engine),
        pqi_sets(CodeTables(), YEAR),
        YEAR,
    )
    assert duckdb_engine.to_rows(empty.filter(_.counts)) == []


def _nothing(engine: Engine) -> tuple[Any, ...]:
    text = "\n".join([*STAYS.strip().splitlines()[:2], STAYS.strip().splitlines()[5]])
    claims = claims_of(engine, stays=text)
    people = people_of(engine, who_in(text))
    stays, _admissions, members = stays_of(engine, claims, people)
    return stays, members, stated_diagnoses(claims), stated_procedures(claims), people

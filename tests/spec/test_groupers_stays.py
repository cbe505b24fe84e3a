"""Bills become stays, stays become admissions: transfers, interim bills, same-day returns, every kind of care.

42 CFR 412.4, 409.30, 418.21, 484.205. A person of the table is a case.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from groupers_world import claims_of, of_person, people_of, stays_of, who_in
from openaco.engine import Engine
from openaco.rules.groupers.stays import KINDS
from spec_tables import cells

HOSPITAL = """
id  | who                   | ccn    | from       | thru       | status | freq | dx   | paid
--- | --------------------- | ------ | ---------- | ---------- | ------ | ---- | ---- | ------
a1  | one stay              | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.10
b1  | transfer, same day    | 250001 | 2024-01-01 | 2024-01-05 | 02     | 1    | I509 | 100.10
b2  | transfer, same day    | 250002 | 2024-01-05 | 2024-01-09 | 03     | 1    | I219 | 200.20
c1  | transfer, next day    | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
c2  | transfer, next day    | 250002 | 2024-01-06 | 2024-01-09 | 01     | 1    | I509 | 100.00
d1  | two days later        | 250001 | 2024-01-01 | 2024-01-05 | 02     | 1    | I509 | 100.00
d2  | two days later        | 250002 | 2024-01-07 | 2024-01-09 | 01     | 1    | I509 | 100.00
e1  | there and back        | 250001 | 2024-01-01 | 2024-01-05 | 02     | 1    | I509 | 100.00
e2  | there and back        | 250002 | 2024-01-05 | 2024-01-09 | 02     | 1    | I509 | 100.00
e3  | there and back        | 250001 | 2024-01-10 | 2024-01-12 | 01     | 1    | I509 | 100.00
f1  | back same day, same   | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
f2  | back same day, same   | 250001 | 2024-01-05 | 2024-01-09 | 01     | 1    | I509 | 100.00
g1  | back same day, other  | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
g2  | back same day, other  | 250001 | 2024-01-05 | 2024-01-09 | 01     | 1    | J189 | 100.00
h1  | interim bills         | 250001 | 2024-01-01 | 2024-01-31 | 30     | 2    | I509 | 100.00
h2  | interim bills         | 250001 | 2024-02-01 | 2024-02-29 | 30     | 3    | I509 | 100.00
h3  | interim bills         | 250001 | 2024-03-01 | 2024-03-10 | 06     | 4    | J189 | 100.00
i1  | a day is missing      | 250001 | 2024-01-01 | 2024-01-31 | 30     | 2    | I509 | 100.00
i2  | a day is missing      | 250001 | 2024-02-02 | 2024-02-29 | 01     | 4    | I509 | 100.00
j1  | overlapping           | 250001 | 2024-01-01 | 2024-01-10 | 01     | 1    | I509 | 100.00
j2  | overlapping           | 250001 | 2024-01-05 | 2024-01-12 | 01     | 1    | J189 | 100.00
k1  | elsewhere meanwhile   | 250001 | 2024-01-01 | 2024-01-20 | 01     | 1    | I509 | 100.00
k2  | elsewhere meanwhile   | 250002 | 2024-01-05 | 2024-01-08 | 02     | 1    | I219 | 100.00
l1  | zero days             | 250001 | 2024-01-01 | 2024-01-01 | 01     | 1    | I509 | 100.00
m1  | died, says the bill   | 250001 | 2024-01-01 | 2024-01-05 | 20     | 1    | I509 | 100.00
n1  | died, says the date   | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
o1  | died a day later      | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
p1  | against advice        | 250001 | 2024-01-01 | 2024-01-05 | 07     | 1    | I509 | 100.00
q1  | still there           | 250001 | 2024-01-01 | 2024-01-05 | 30     | 2    | I509 | 100.00
r1  | next day, no interim  | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1    | I509 | 100.00
r2  | next day, no interim  | 250001 | 2024-01-06 | 2024-01-09 | 01     | 1    | I509 | 100.00
"""

ADMISSIONS = """
who                  | start | end   | nights | places | first  | last   | bills | status | first_dx | last_dx | outcome
-------------------- | ----- | ----- | ------ | ------ | ------ | ------ | ----- | ------ | -------- | ------- | -------
one stay             | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
transfer, same day   | 01-01 | 01-09 | 8      | 2      | 250001 | 250002 | 2     | 03     | I509     | I219    |
transfer, next day   | 01-01 | 01-09 | 8      | 2      | 250001 | 250002 | 2     | 01     | I509     | I509    |
two days later       | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 02     | I509     | I509    |
two days later       | 01-07 | 01-09 | 2      | 1      | 250002 | 250002 | 1     | 01     | I509     | I509    |
there and back       | 01-01 | 01-12 | 11     | 3      | 250001 | 250001 | 3     | 01     | I509     | I509    |
back same day, same  | 01-01 | 01-09 | 8      | 1      | 250001 | 250001 | 2     | 01     | I509     | I509    |
back same day, other | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
back same day, other | 01-05 | 01-09 | 4      | 1      | 250001 | 250001 | 1     | 01     | J189     | J189    |
interim bills        | 01-01 | 03-10 | 69     | 1      | 250001 | 250001 | 3     | 06     | J189     | J189    |
a day is missing     | 01-01 | 01-31 | 30     | 1      | 250001 | 250001 | 1     | 30     | I509     | I509    | still
a day is missing     | 02-02 | 02-29 | 27     | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
overlapping          | 01-01 | 01-12 | 11     | 1      | 250001 | 250001 | 2     | 01     | J189     | J189    |
elsewhere meanwhile  | 01-01 | 01-20 | 19     | 2      | 250001 | 250001 | 2     | 01     | I509     | I509    |
zero days            | 01-01 | 01-01 | 0      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
died, says the bill  | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 20     | I509     | I509    | died
died, says the date  | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    | died
died a day later     | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
against advice       | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 07     | I509     | I509    | advice
still there          | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 30     | I509     | I509    | still
next day, no interim | 01-01 | 01-05 | 4      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
next day, no interim | 01-06 | 01-09 | 3      | 1      | 250001 | 250001 | 1     | 01     | I509     | I509    |
"""

OUTCOMES = {"died": "died", "advice": "against_advice", "still": "still_patient"}
DEATHS = {"died, says the date": datetime.date(2024, 1, 5), "died a day later": datetime.date(2024, 1, 6)}


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def hospital(request: pytest.FixtureRequest) -> tuple[Engine, Any, Any, Any]:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    claims = claims_of(engine, stays=with_type(HOSPITAL, "60"))
    return engine, *stays_of(engine, claims, people_of(engine, who_in(HOSPITAL), death=DEATHS))


def with_type(text: str, claim_type: str) -> str:
    header, dashes, *rows = text.strip().splitlines()
    return "\n".join([f"{header} | type", f"{dashes} | ----", *[f"{row} | {claim_type}" for row in rows]])


def test_admissions_of_acute_hospitals(hospital: tuple[Engine, Any, Any, Any]) -> None:
    engine, _stays, found, _members = hospital
    told = [
        {
            "who": row["person_id"],
            "start": f"{row['start_date']:%m-%d}",
            "end": f"{row['end_date']:%m-%d}",
            "nights": str(row["nights"]),
            "places": str(row["places"]),
            "first": row["first_ccn"],
            "last": row["last_ccn"],
            "bills": str(row["bills"]),
            "status": row["discharge_status_code"],
            "first_dx": row["principal_diagnosis_code"],
            "last_dx": row["last_principal_diagnosis_code"],
            "outcome": next((word for word, name in OUTCOMES.items() if row[name]), None),
        }
        for row in engine.to_rows(found)
    ]
    assert sorted(map(str, told)) == sorted(map(str, cells(ADMISSIONS)))
    assert {row["kind"] for row in engine.to_rows(found)} == {"inpatient_acute"}


def test_every_bill_is_in_one_stay_and_every_dollar_too(hospital: tuple[Engine, Any, Any, Any]) -> None:
    engine, stays, found, members = hospital
    assert sorted(row["claim_id"] for row in engine.to_rows(members)) == sorted(row["id"] for row in cells(HOSPITAL))
    billed = sum(Decimal(row["paid"] or 0) for row in cells(HOSPITAL))
    for table in (stays, found):
        assert sum(row["paid_amount"] for row in engine.to_rows(table)) == billed
    by_claim = {row["claim_id"]: row for row in engine.to_rows(members)}
    assert [by_claim[claim]["sequence"] for claim in ("h1", "h2", "h3")] == [1, 2, 3]
    assert {by_claim[claim]["stay_id"] for claim in ("h1", "h2", "h3")} == {"inpatient_acute:h1"}


def test_days_that_overlap_are_counted_once(hospital: tuple[Engine, Any, Any, Any]) -> None:
    engine, stays, _found, members = hospital
    days = {
        person: [row["covered_days"] for row in rows] for person, rows in of_person(engine, stays, "start_date").items()
    }
    assert days["overlapping"] == [12]
    assert days["interim bills"] == [31 + 29 + 10]
    assert days["back same day, same"] == [9]
    assert days["zero days"] == [1]
    new = {row["claim_id"]: row["new_days"] for row in engine.to_rows(members)}
    assert (new["j1"], new["j2"]) == (10, 2)


def test_the_stay_that_ends_an_admission(hospital: tuple[Engine, Any, Any, Any]) -> None:
    engine, stays, _found, _members = hospital
    ends = {row["stay_id"]: (row["place"], row["is_first"], row["is_last"]) for row in engine.to_rows(stays)}
    assert ends["inpatient_acute:k1"] == (1, True, True)  # it goes on after the stay elsewhere has ended
    assert ends["inpatient_acute:k2"] == (2, False, False)
    assert [ends[f"inpatient_acute:e{number}"][2] for number in (1, 2, 3)] == [False, False, True]


OTHERS = """
id  | who                 | type | ccn    | from       | thru       | status | freq
--- | ------------------- | ---- | ------ | ---------- | ---------- | ------ | ----
a   | psychiatric         | 60   | 254001 | 2024-01-01 | 2024-01-05 | 01     | 1
b   | psychiatric unit    | 60   | 25S001 | 2024-01-01 | 2024-01-05 | 01     | 1
c   | rehabilitation      | 60   | 253030 | 2024-01-01 | 2024-01-05 | 01     | 1
d   | rehabilitation unit | 60   | 25T001 | 2024-01-01 | 2024-01-05 | 01     | 1
e   | long-term           | 60   | 252001 | 2024-01-01 | 2024-01-05 | 01     | 1
f   | critical access     | 60   | 251305 | 2024-01-01 | 2024-01-05 | 01     | 1
g   | nonmedical          | 60   | 251990 | 2024-01-01 | 2024-01-05 | 01     | 1
h1  | from psychiatric    | 60   | 254001 | 2024-01-01 | 2024-01-05 | 02     | 1
h2  | from psychiatric    | 60   | 250001 | 2024-01-05 | 2024-01-09 | 01     | 1
i1  | nursing months      | 20   | 255001 | 2024-01-10 | 2024-01-31 | 30     | 2
i2  | nursing months      | 20   | 255001 | 2024-02-01 | 2024-02-29 | 30     | 3
i3  | nursing months      | 20   | 255001 | 2024-03-01 | 2024-03-05 | 01     | 4
j1  | nursing twice       | 20   | 255001 | 2024-01-10 | 2024-01-20 | 01     | 1
j2  | nursing twice       | 20   | 255001 | 2024-01-22 | 2024-01-31 | 01     | 1
k1  | nursing elsewhere   | 20   | 255001 | 2024-01-10 | 2024-01-20 | 03     | 1
k2  | nursing elsewhere   | 30   | 255002 | 2024-01-20 | 2024-01-31 | 01     | 1
l1  | home, 60 days       | 10   | 257001 | 2024-01-01 | 2024-01-30 | 01     | 9
l2  | home, 60 days       | 10   | 257001 | 2024-03-30 | 2024-04-28 | 01     | 9
m1  | home, 61 days       | 10   | 257001 | 2024-01-01 | 2024-01-30 | 01     | 9
m2  | home, 61 days       | 10   | 257001 | 2024-03-31 | 2024-04-29 | 01     | 9
n1  | hospice, two        | 50   | 251501 | 2024-01-10 | 2024-01-31 | 30     | 2
n2  | hospice, two        | 50   | 251502 | 2024-02-01 | 2024-02-20 | 42     | 4
o1  | a plan's stay       | 61   | 250001 | 2024-01-01 | 2024-01-05 | 01     | 1
"""
STAYS = {
    "psychiatric": [("inpatient_psychiatric", 4, 5)],
    "psychiatric unit": [("inpatient_psychiatric", 4, 5)],
    "rehabilitation": [("inpatient_rehabilitation", 4, 5)],
    "rehabilitation unit": [("inpatient_rehabilitation", 4, 5)],
    "long-term": [("inpatient_long_term", 4, 5)],
    "critical access": [("inpatient_acute", 4, 5)],
    "nonmedical": [("inpatient_other", 4, 5)],
    "from psychiatric": [("inpatient_psychiatric", 4, 5), ("inpatient_acute", 4, 5)],
    "nursing months": [("skilled_nursing", 55, 56)],
    "nursing twice": [("skilled_nursing", 10, 11), ("skilled_nursing", 9, 10)],
    "nursing elsewhere": [("skilled_nursing", 10, 11), ("skilled_nursing", 11, 12)],
    "home, 60 days": [("home_health", 118, 60)],
    "home, 61 days": [("home_health", 29, 30), ("home_health", 29, 30)],
    "hospice, two": [("hospice", 41, 42)],
}


def test_each_kind_of_care_has_its_own_stays(duckdb_engine: Engine) -> None:
    claims = claims_of(duckdb_engine, stays=OTHERS)
    _stays, found, _members = stays_of(duckdb_engine, claims, people_of(duckdb_engine, who_in(OTHERS)))
    rows = of_person(duckdb_engine, found, "start_date")
    told = {
        person: [(row["kind"], row["nights"], row["covered_days"]) for row in some] for person, some in rows.items()
    }
    assert told == STAYS
    assert {kind for stays in STAYS.values() for kind, _nights, _days in stays} == set(KINDS)
    assert rows["hospice, two"][0]["died"]
    assert rows["from psychiatric"][1]["places"] == 1, "a transfer is from one acute hospital to another"


def test_a_bill_that_ends_before_it_begins_lasts_a_day(duckdb_engine: Engine) -> None:
    text = """
id | who | type | ccn    | from       | thru       | status | freq
-- | --- | ---- | ------ | ---------- | ---------- | ------ | ----
a  | one | 60   | 250001 | 2024-01-09 | 2024-01-05 | 01     | 1
"""
    _stays, found, _members = stays_of(
        duckdb_engine, claims_of(duckdb_engine, stays=text), people_of(duckdb_engine, ["one"])
    )
    assert [(row["start_date"], row["nights"]) for row in duckdb_engine.to_rows(found)] == [
        (datetime.date(2024, 1, 5), 0)
    ]

"""Which lines are primary care services, whose they are, what they are worth (42 CFR 425.400(c), 425.402, 425.404)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from assignment_world import World, rows_of, visits
from openaco.engine import Engine
from openaco.rules.assignment.contract import FinalInstitutionalClaim, FinalInstitutionalLine, PrimaryCareService
from openaco.rules.assignment.institutional_services import institutional_services
from openaco.tables import ElectingHospital, FeeScheduleAmount, Provider
from spec_tables import cells

DAY = datetime.date

# One of each kind of facility: F fqhc, R rhc, C critical access, E electing hospital, N hospital not electing,
# O other types of bill (73x has not stood for a health center since April 2010).
CLAIMS = """
person_id | claim_id | claim_type_code | claim_start_date | claim_end_date | bill_facility_type_code | bill_classification_code | billing_ccn | paid_amount | attending_npi | other_npi
--------- | -------- | --------------- | ---------------- | -------------- | ----------------------- | ------------------------ | ----------- | ----------- | ------------- | ----------
a         | F1       | 40              | 2023-05-01       | 2023-05-02     | 7                       | 7                        | 101801      | 150.00      | 1000000004    |
a         | F2       | 40              | 2023-05-03       | 2023-05-03     | 7                       | 7                        | 991801      | 120.00      |               |
a         | F3       | 40              | 2023-05-04       | 2023-05-04     | 7                       | 7                        | 991801      | 80.00       |               |
a         | R1       | 40              | 2023-05-05       | 2023-05-05     | 7                       | 1                        | 993401      | 70.00       |               |
a         | C1       | 40              | 2023-05-06       | 2023-05-06     | 8                       | 5                        | 101301      | 300.00      | 1000000001    |
a         | C2       | 40              | 2023-05-07       | 2023-05-07     | 8                       | 5                        | 101301      | 300.00      | 1000000001    | 1000000003
a         | C3       | 40              | 2023-05-08       | 2023-05-08     | 8                       | 5                        | 101301      | 300.00      |               |
a         | E1       | 40              | 2023-05-09       | 2023-05-09     | 1                       | 3                        | 100077      | 300.00      | 1000000001    | 1000000002
a         | N1       | 40              | 2023-05-10       | 2023-05-10     | 1                       | 3                        | 990078      | 300.00      | 1000000001    |
a         | O2       | 40              | 2023-05-11       | 2023-05-11     | 7                       | 3                        | 991801      | 300.00      | 1000000001    |
a         | O1       | 40              | 2023-05-11       | 2023-05-11     | 7                       | 5                        | 990078      | 300.00      | 1000000001    |
"""  # noqa: E501
LINES = """
claim_id | claim_line_number | revenue_center_code | revenue_center_date | hcpcs_code | paid_amount
-------- | ----------------- | ------------------- | ------------------- | ---------- | -----------
F1       | 1                 | 0521                | 2023-05-01          | G0467      | 100.00
F1       | 2                 | 0900                | 2023-05-02          | 90834      | 50.00
F2       | 1                 | 0521                | 2023-05-03          | G0467      | 10.00
F2       | 2                 | 0521                | 2023-05-03          |            | 20.00
R1       | 1                 | 0521                |                     | 99213      | 70.00
C1       | 1                 | 0982                | 2023-05-06          | 99213      | 61.00
C1       | 2                 | 0510                | 2023-05-06          | 99214      | 62.00
C1       | 3                 | 0960                | 2023-05-06          | 12345      | 63.00
C1       | 4                 | 0971                | 2023-05-06          | G0463      | 64.00
C2       | 1                 | 0960                | 2023-05-07          | 99213      | 65.00
C3       | 1                 | 0960                | 2023-05-08          | 99213      | 66.00
E1       | 1                 | 0510                | 2023-05-09          | G0463      | 500.00
E1       | 2                 | 0510                | 2023-05-09          | 99213      | 501.00
E1       | 3                 | 0510                | 2023-05-09          | 99214      | 502.00
E1       | 4                 | 0450                | 2023-05-09          | 12345      | 503.00
N1       | 1                 | 0510                | 2023-05-10          | G0463      | 500.00
O1       | 1                 | 0420                | 2023-05-11          | 99213      | 500.00
O2       | 1                 | 0521                | 2023-05-11          | 99213      | 300.00
"""


def facilities(engine: Engine, claims: str = CLAIMS, lines: str = LINES) -> World:
    return World(
        engine,
        institutional=rows_of(FinalInstitutionalClaim, claims),
        institutional_line=rows_of(FinalInstitutionalLine, lines),
    )


def found(engine: Engine, world: World, rules_year: int, *columns: str) -> list[tuple[Any, ...]]:
    rows = engine.to_rows(world.services(rules_year))
    assert set(rows[0]) == set(PrimaryCareService.columns()) if rows else True
    return sorted(tuple(row[name] for name in columns) for row in rows)


def test_institutional_claims_by_type_of_bill(engine: Engine) -> None:
    columns = ("claim_id", "claim_line_number", "source", "biller", "role", "npi", "allowed_amount", "charge_basis")
    services = [
        tuple("" if value is None else str(value) for value in row)
        for row in found(engine, facilities(engine), 2023, *columns)
    ]
    assert services == [
        tuple(row[name] or "" for name in columns)
        for row in cells("""
claim_id | claim_line_number | source | biller     | role       | npi        | allowed_amount | charge_basis
-------- | ----------------- | ------ | ---------- | ---------- | ---------- | -------------- | ------------
C1       | 1                 | cah    | ccn:101301 | pcp        | 1000000001 | 61.00          | line
C2       | 1                 | cah    | ccn:101301 | specialist | 1000000003 | 65.00          | line
C3       | 1                 | cah    | ccn:101301 | other      |            | 66.00          | line
E1       | 1                 | eta    | ccn:100077 | npp        | 1000000002 | 90.00          | fee_schedule
E1       | 2                 | eta    | ccn:100077 | npp        | 1000000002 | 88.00          | fee_schedule
E1       | 3                 | eta    | ccn:100077 | npp        | 1000000002 | 0.00           | missing
F1       | 1                 | fqhc   | ccn:101801 | pcp        |            | 100.00         | line
F1       | 2                 | fqhc   | ccn:101801 | pcp        |            | 50.00          | line
F2       | 1                 | fqhc   | ccn:991801 | pcp        |            | 120.00         | claim
F2       | 2                 | fqhc   | ccn:991801 | pcp        |            | 0.00           | claim
F3       | 0                 | fqhc   | ccn:991801 | pcp        |            | 80.00          | claim
R1       | 1                 | rhc    | ccn:993401 | pcp        |            | 70.00          | line
""")
    ]


def test_a_health_center_of_the_aco_opens_the_pre_step_and_an_outside_one_competes(engine: Engine) -> None:
    claims = """
person_id | claim_id | claim_type_code | claim_start_date | claim_end_date | bill_facility_type_code | bill_classification_code | billing_ccn | paid_amount
--------- | -------- | --------------- | ---------------- | -------------- | ----------------------- | ------------------------ | ----------- | -----------
ours      | 1        | 40              | 2023-05-01       | 2023-05-01     | 7                       | 7                        | 101801      | 100.00
theirs    | 2        | 40              | 2023-05-01       | 2023-05-01     | 7                       | 1                        | 993401      | 100.00
"""  # noqa: E501
    world = facilities(engine, claims, "claim_id | claim_line_number\n- | -\n")
    world.professional = visits("""
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
theirs | 2023-02-01 | ours1 | pcp  | 99.99
""")
    rows = world.outcomes(2023)
    assert rows["ours"]["basis"] == "step_1"
    assert rows["theirs"]["reason"] == "step_1_elsewhere"
    assert rows["theirs"]["winning_entity"] == "ccn:993401"


STAYS = """
person_id | claim_id | claim_type_code | claim_start_date | claim_end_date | bill_facility_type_code | bill_classification_code | billing_ccn | paid_amount
--------- | -------- | --------------- | ---------------- | -------------- | ----------------------- | ------------------------ | ----------- | -----------
a         | S1       | 20              | 2023-03-10       | 2023-03-20     | 2                       | 1                        | 995001      | 900.00
b         | S2       | 30              | 2023-03-10       | 2023-03-20     | 1                       | 8                        | 995002      | 900.00
c         | I1       | 60              | 2023-03-10       | 2023-03-20     | 1                       | 1                        | 990079      | 900.00
a         | F9       | 40              | 2023-03-12       | 2023-03-12     | 7                       | 7                        | 101801      | 90.00
"""  # noqa: E501
STAY_LINE = """
claim_id | claim_line_number | revenue_center_code | revenue_center_date | hcpcs_code | paid_amount
-------- | ----------------- | ------------------- | ------------------- | ---------- | -----------
F9       | 1                 | 0524                | 2023-03-12          | 99308      | 90.00
"""
STAY_VISITS = """
person | claim            | date       | tin   | role | amount | code
------ | ---------------- | ---------- | ----- | ---- | ------ | -----
a      | nursing before   | 2023-03-09 | ours1 | pcp  | 50.00  | 99308
a      | nursing first    | 2023-03-10 | ours1 | pcp  | 50.00  | 99308
a      | nursing last     | 2023-03-20 | ours1 | pcp  | 50.00  | 99308
a      | nursing after    | 2023-03-21 | ours1 | pcp  | 50.00  | 99308
a      | office in snf    | 2023-03-12 | ours1 | pcp  | 50.00  | 99213
a      | planning in snf  | 2023-03-12 | ours1 | pcp  | 50.00  | 99497
b      | nursing in swing | 2023-03-12 | ours1 | pcp  | 50.00  | 99310
c      | nursing in hosp  | 2023-03-12 | ours1 | pcp  | 50.00  | 99308
c      | planning in hosp | 2023-03-12 | ours1 | pcp  | 50.00  | 99497
c      | planning after   | 2023-03-21 | ours1 | pcp  | 50.00  | 99498
d      | nursing no stay  | 2023-03-12 | ours1 | pcp  | 50.00  | 99308
"""


def test_stays_bar_nursing_visits_and_advance_care_planning(engine: Engine) -> None:
    world = facilities(engine, STAYS, STAY_LINE)
    world.professional = visits(STAY_VISITS)
    expected = {
        "nursing before",
        "nursing after",
        "office in snf",
        "planning in snf",
        "nursing in hosp",
        "planning after",
        "nursing no stay",
    }
    assert {claim for (claim,) in found(engine, world, 2023, "claim_id")} == expected
    assert {claim for (claim,) in found(engine, world, 2020, "claim_id")} == expected | {"planning in hosp", "F9"}


def test_conditions_on_codes(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person | claim              | date       | tin   | role | amount | code
------ | ------------------ | ---------- | ----- | ---- | ------ | -----
a      | prolonged alone    | 2023-03-01 | ours1 | pcp  | 50.00  | 99354
b      | base               | 2023-03-01 | ours1 | pcp  | 50.00  | 99215
b      | prolonged          | 2023-03-01 | ours1 | pcp  | 50.00  | 99354
b      | prolonged next day | 2023-03-02 | ours1 | pcp  | 50.00  | 99355
b      | prolonged other    | 2023-03-01 | out1  | pcp  | 50.00  | 99354
c      | not listed base    | 2023-03-01 | ours1 | pcp  | 50.00  | 99223
c      | prolonged on none  | 2023-03-01 | ours1 | pcp  | 50.00  | 99354
d      | two prolonged      | 2023-03-01 | ours1 | pcp  | 50.00  | 99354
d      | two prolonged too  | 2023-03-01 | ours1 | pcp  | 50.00  | 99355
e      | phone too early    | 2020-02-29 | ours1 | pcp  | 50.00  | 99442
e      | phone first day    | 2020-03-01 | ours1 | pcp  | 50.00  | 99441
e      | phone last day     | 2024-12-31 | ours1 | pcp  | 50.00  | 99443
e      | phone ended        | 2025-01-01 | ours1 | pcp  | 50.00  | 99443
f      | clinic visit       | 2023-03-01 | ours1 | pcp  | 50.00  | G0463
f      | new in 2024        | 2023-03-01 | ours1 | pcp  | 50.00  | G2211
f      | new in 2026        | 2023-03-01 | ours1 | pcp  | 50.00  | G0568
f      | deleted code       | 2020-03-01 | ours1 | pcp  | 50.00  | 99201
f      | emergency          | 2023-03-01 | ours1 | pcp  | 50.00  | 99285
"""),
    )
    always = {"base", "prolonged", "phone first day", "phone last day", "deleted code"}
    assert {claim for (claim,) in found(engine, world, 2023, "claim_id")} == always
    assert {claim for (claim,) in found(engine, world, 2026, "claim_id")} == always | {"new in 2024", "new in 2026"}
    assert "phone first day" not in {claim for (claim,) in found(engine, world, 2019, "claim_id")}


ROLES = {"pcp": ["08", "38"], "npp": ["50", "89", "97"], "specialist": ["98", "06"], "other": ["02", "93", None]}


@pytest.mark.parametrize(("specialty", "role"), [(code, role) for role, codes in ROLES.items() for code in codes])
def test_the_specialty_of_the_line_gives_the_role(duckdb_engine: Engine, specialty: str | None, role: str) -> None:
    lines = visits("person | date | tin | role | amount\n- | - | - | - | -\na | 2023-03-01 | ours1 | pcp | 50.00")
    lines[0]["specialty_code"] = specialty
    world = World(duckdb_engine, lines)
    assert found(duckdb_engine, world, 2023, "role", "specialty_code") == [(role, specialty)]


def test_lines_without_amount_date_or_tin(duckdb_engine: Engine) -> None:
    lines = visits("""
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
a      | 2023-03-01 | ours1 | pcp  | 50.00
a      | 2023-03-02 | ours1 | pcp  | 50.00
a      | 2023-03-03 | ours1 | pcp  | 50.00
""")
    lines[0]["allowed_amount"] = None
    lines[1] |= {"claim_line_end_date": None, "claim_line_start_date": DAY(2023, 3, 2)}
    lines[2]["billing_tin"] = None
    services = found(duckdb_engine, World(duckdb_engine, lines), 2023, "service_date", "biller", "allowed_amount")
    assert [(str(date), biller, str(amount)) for date, biller, amount in services] == [
        ("2023-03-01", "tin:100000001", "0.00"),
        ("2023-03-02", "tin:100000001", "50.00"),
        ("2023-03-03", "tin:unknown", "50.00"),
    ]


def test_an_allowed_amount_on_lines_goes_before_the_paid_one(duckdb_engine: Engine) -> None:
    world = facilities(duckdb_engine)
    plain = world.table(FinalInstitutionalLine, world.institutional_line)
    amounts = plain.mutate(allowed_amount=plain.paid_amount + 1)
    services = institutional_services(
        institutional=world.table(FinalInstitutionalClaim, world.institutional),
        institutional_line=amounts,
        provider=duckdb_engine.empty(Provider),
        electing_hospital=duckdb_engine.empty(ElectingHospital),
        fee_schedule_amount=duckdb_engine.empty(FeeScheduleAmount),
        rules_year=2023,
        start=DAY(2023, 1, 1),
        end=DAY(2023, 12, 31),
    )
    rows = {
        (row["claim_id"], row["claim_line_number"]): str(row["allowed_amount"])
        for row in duckdb_engine.to_rows(services)
    }
    assert rows["C1", 1] == "62.00"

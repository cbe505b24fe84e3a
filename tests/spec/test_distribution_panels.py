"""Whose panel an assigned person is in: most charges in the step that assigned, ties, CCNs, chosen clinicians."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from assignment_world import ACO, World, rows_of, visits
from openaco.engine import Engine, Table
from openaco.insight.distribution.inputs import to_hundred
from openaco.insight.distribution.panels import panel_costs, panel_members, panel_people, participant_kinds, with_tin
from openaco.rules.assignment import assignment_window, charges_by_clinician, charges_by_entity, entities
from openaco.tables import Participant
from spec_tables import cells

PARTICIPANTS = """
tin       | ccn
--------- | ------
100000001 |
100000002 |
100000003 |
100000003 | 991800
"""
CHARGES = """
person    | biller        | npi | source       | primary | specialist | expanded | latest     | latest_specialist
--------- | ------------- | --- | ------------ | ------- | ---------- | -------- | ---------- | -----------------
most      | tin:100000001 | a   | professional | 60.00   | 500.00     | 560.00   | 2024-02-01 | 2024-02-01
most      | tin:100000001 | b   | professional | 50.00   | 0.00       | 50.00    | 2024-03-01 |
most      | tin:100000002 | c   | professional | 100.00  | 0.00       | 100.00   | 2024-12-01 |
two bills | tin:100000001 | a   | professional | 90.00   | 0.00       | 90.00    | 2024-02-01 |
two bills | tin:100000003 | d   | professional | 50.00   | 0.00       | 50.00    | 2024-02-01 |
two bills | ccn:991800    | e   | fqhc         | 50.00   | 0.00       | 50.00    | 2024-02-01 |
recent    | tin:100000001 | a   | professional | 70.00   | 0.00       | 70.00    | 2024-05-01 |
recent    | tin:100000002 | c   | professional | 70.00   | 0.00       | 70.00    | 2024-05-02 |
tie       | tin:100000002 | c   | professional | 70.00   | 0.00       | 70.00    | 2024-05-01 |
tie       | tin:100000001 | b   | professional | 35.00   | 0.00       | 35.00    | 2024-05-01 |
tie       | tin:100000001 | a   | professional | 35.00   | 0.00       | 35.00    | 2024-05-01 |
second    | tin:100000001 | a   | professional | 0.00    | 80.00      | 80.00    |            | 2024-05-01
second    | tin:100000002 | c   | professional | 0.00    | 90.00      | 90.00    |            | 2024-05-01
third     | tin:100000001 | a   | professional | 90.00   | 0.00       | 95.00    | 2024-05-01 |
third     | tin:100000002 | c   | professional | 0.00    | 0.00       | 99.00    | 2024-05-01 |
no name   | tin:100000001 |     | professional | 40.00   | 0.00       | 40.00    | 2024-05-01 |
chose c   | tin:100000001 | a   | professional | 900.00  | 0.00       | 900.00   | 2024-05-01 |
chose c   | tin:100000003 | c   | professional | 1.00    | 0.00       | 1.00     | 2024-05-01 |
chose zz  | tin:100000001 | a   | professional | 10.00   | 0.00       | 10.00    | 2024-05-01 |
"""
ASSIGNED = """
person    | basis     | step   | npi
--------- | --------- | ------ | ---
most      | step_1    | step_1 |
two bills | step_1    | step_1 |
recent    | step_1    | step_1 |
tie       | step_1    | step_1 |
second    | step_2    | step_2 |
third     | step_3    | step_3 |
no name   | step_1    | step_1 |
chose c   | voluntary | step_1 | c
chose d   | voluntary |        | d
chose zz  | voluntary | step_1 | zz
nowhere   | voluntary |        | zz
"""
EXPECTED = """
person    | tin       | npi | by
--------- | --------- | --- | -------
most      | 100000001 | a   | charges
two bills | 100000003 | d   | charges
recent    | 100000002 | c   | charges
tie       | 100000001 | a   | charges
second    | 100000002 | c   | charges
third     | 100000002 | c   | charges
no name   | 100000001 |     | charges
chose c   | 100000003 | c   | chosen
chose d   | 100000003 | d   | chosen
chose zz  | 100000001 | a   | charges
nowhere   |           |     | none
"""
MONEY, DAY, TEXT = pa.decimal128(18, 2), pa.date32(), pa.string()


def _day(cell: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(cell) if cell else None


def _table(engine: Engine, rows: list[dict[str, Any]], schema: dict[str, pa.DataType]) -> Table:
    return engine.from_arrow(pa.Table.from_pylist(rows, schema=pa.schema(list(schema.items()))))


def tables(engine: Engine) -> dict[str, Table]:
    """The tables of a run, from the ASCII ones above; somebody of another year and somebody unassigned too."""
    charges = [
        {
            "person_id": row["person"],
            "biller": row["biller"],
            "npi": row["npi"] or "",
            "source": row["source"],
            **{f"{kind}_charges": Decimal(row[kind] or 0) for kind in ("primary", "specialist", "expanded")},
            "latest_primary": _day(row["latest"]),
            "latest_specialist": _day(row["latest_specialist"]),
            "expanded_latest_primary": _day(row["latest"]),
            "expanded_latest_specialist": _day(row["latest_specialist"]),
        }
        for row in cells(CHARGES)
    ]
    assigned = [
        {"person_id": row["person"], "basis": row["basis"], "step": row["step"], "designated_npi": row["npi"]}
        for row in cells(ASSIGNED)
    ]
    people = [row | {"assigned": True, "year": 2024} for row in assigned]
    people += [{**people[0], "year": 2023}, {**people[0], "person_id": "stranger", "assigned": False}]
    money = {f"{kind}_charges": MONEY for kind in ("primary", "specialist", "expanded")}
    latest = {f"{when}latest_{role}": DAY for when in ("", "expanded_") for role in ("primary", "specialist")}
    text = dict.fromkeys(("person_id", "biller", "npi", "source"), TEXT)
    return {
        "primary_care_charges": _table(engine, charges, text | money | latest),
        "participants": _table(engine, cells(PARTICIPANTS), {"tin": TEXT, "ccn": TEXT}),
        "assignment": _table(
            engine,
            people,
            dict.fromkeys(("person_id", "basis", "step", "designated_npi"), TEXT)
            | {"assigned": pa.bool_(), "year": pa.int32()},
        ),
    }


def test_each_person_is_in_one_panel(engine: Engine) -> None:
    found = engine.to_rows(panel_members(tables(engine), 2024))
    assert len(found) == len(cells(EXPECTED))
    assert {row["person_id"]: (row["tin"], row["npi"], row["by"]) for row in found} == {
        row["person"]: (row["tin"] or "", row["npi"] or "", row["by"]) for row in cells(EXPECTED)
    }


def test_panels_count_people_and_whole_cents(engine: Engine) -> None:
    made = tables(engine)
    members = engine.checkpoint(panel_members(made, 2024))
    people = {(row["tin"], row["npi"]): row["beneficiaries"] for row in engine.to_rows(panel_people(members))}
    assert people["100000001", "a"] == 3
    assert sum(people.values()) == len(cells(ASSIGNED))
    spent = [("most", "disabled", 6, "1200.50"), ("most", "aged_dual", 6, "600.00"), ("tie", "disabled", 12, "24.24")]
    made["expenditure"] = _table(
        engine,
        [
            {
                "person_id": who,
                "enrollment_type": kind,
                "months": months,
                "dollar_months": Decimal(amount),
                "year": 2024,
            }
            for who, kind, months, amount in spent
        ],
        {
            "person_id": TEXT,
            "enrollment_type": TEXT,
            "months": pa.int64(),
            "dollar_months": pa.decimal128(37, 2),
            "year": pa.int32(),
        },
    )
    made["risk_scores"] = _table(
        engine,
        [
            {"person_id": "most", "enrollment_type": "disabled", "score": 0.624366},
            {"person_id": "tie", "enrollment_type": "disabled", "score": None},
        ],
        {"person_id": TEXT, "enrollment_type": TEXT, "score": pa.float64()},
    )
    rows = {row["enrollment_type"]: row for row in engine.to_rows(panel_costs(members, made, 2024))}
    disabled = {name: int(value) for name, value in rows["disabled"].items() if name.endswith("months")}
    assert disabled == {"months": 18, "cent_months": 122_474, "scored_months": 6, "score_months": 3_746_196}
    assert int(rows["aged_dual"]["scored_months"]) == 0


def test_the_kinds_of_service_tell_a_class(engine: Engine) -> None:
    made = tables(engine)
    kinds = participant_kinds(with_tin(made["primary_care_charges"], made["participants"]))
    rows = {row["tin"]: row for row in engine.to_rows(kinds)}
    assert {tin: (row["fqhc"], row["hospital"]) for tin, row in rows.items()} == {
        "100000001": (False, False),
        "100000002": (False, False),
        "100000003": (True, False),
    }


def test_charges_by_clinician_are_the_acos_own_charges_told_apart(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person | date       | tin   | role       | amount | npi
------ | ---------- | ----- | ---------- | ------ | ---
one    | 2023-02-01 | ours1 | pcp        | 60.00  | a
one    | 2023-02-02 | ours1 | np         | 50.00  | b
one    | 2023-02-03 | ours2 | cardiology | 70.00  | a
one    | 2023-03-01 | out1  | pcp        | 100.00 | a
one    | 2023-03-02 | both  | pcp        | 900.00 | a
one    | 2023-03-03 | left  | pcp        | 900.00 | a
two    | 2023-04-01 | ours2 | pcp        | 40.00  |
two    | 2021-04-01 | ours2 | pcp        | 40.00  |
"""),
    )
    window = assignment_window(2023, "retrospective", 2023)
    listed = entities(
        engine.from_rows(Participant, rows_of(Participant, world.participants)), datetime.date(2023, 1, 1)
    )
    services = engine.checkpoint(world.services(2023))
    rows = engine.to_rows(charges_by_clinician(services, listed, window, ACO))
    assert {
        (row["person_id"], row["biller"], row["npi"]): (row["primary_charges"], row["specialist_charges"])
        for row in rows
    } == {
        ("one", "tin:100000001", "a"): (Decimal("60.00"), Decimal(0)),
        ("one", "tin:100000001", "b"): (Decimal("50.00"), Decimal(0)),
        ("one", "tin:100000002", "a"): (Decimal(0), Decimal("70.00")),
        ("two", "tin:100000002", ""): (Decimal("40.00"), Decimal(0)),
    }
    ours = {
        row["person_id"]: row
        for row in engine.to_rows(charges_by_entity(services, listed, window))
        if row["entity"] == f"aco:{ACO}"
    }
    for person, whole in ours.items():
        for kind in ("primary_charges", "specialist_charges", "services"):
            assert sum(row[kind] for row in rows if row["person_id"] == person) == whole[kind]


@pytest.mark.parametrize(
    ("fraction", "score"), [(0.824, "82.4"), (0.8240000000000001, "82.4"), (1.0, "100"), (0.0, "0")]
)
def test_a_score_of_the_settlement_on_the_scale_of_the_plan(fraction: float, score: str) -> None:
    assert to_hundred(fraction) == Decimal(score)

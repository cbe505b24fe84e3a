"""Repeated services: edges of windows, modifiers, the same TIN, hospital days."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from openaco.engine import Engine, Table
from openaco.insight.population.repeated import (
    families,
    family_lines,
    outside_hospital_care,
    repeated_by_family,
    repeated_services,
)
from openaco.tables import ProfessionalLine
from spec_tables import cells, read_cell

SINCE, UNTIL = datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)
# Each person is a case; the later line's claim is listed under `found` where it is a candidate.
CASES = """
case                     | code  | first      | tin | mods | code2 | second     | tin2 | mods2 | found
------------------------ | ----- | ---------- | --- | ---- | ----- | ---------- | ---- | ----- | -----
chest at 30 days         | 71046 | 2024-03-01 | 1   |      | 71045 | 2024-03-31 | 2    |       | yes
chest at 31 days         | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-04-01 | 2    |       | no
brain at 90 days         | 70551 | 2024-03-01 | 1   |      | 70553 | 2024-05-30 | 2    |       | yes
brain at 91 days         | 70551 | 2024-03-01 | 1   |      | 70553 | 2024-05-31 | 2    |       | no
echo at 365 days         | 93306 | 2023-06-01 | 1   |      | 93306 | 2024-05-31 | 2    |       | yes
echo at 366 days         | 93306 | 2023-06-01 | 1   |      | 93306 | 2024-06-01 | 2    |       | no
a1c at 60 days           | 83036 | 2024-03-01 | 1   |      | 83036 | 2024-04-30 | 2    |       | yes
a1c at 61 days           | 83036 | 2024-03-01 | 1   |      | 83036 | 2024-05-01 | 2    |       | no
lipids at 180 days       | 80061 | 2024-03-01 | 1   |      | 80061 | 2024-08-28 | 2    |       | yes
lipids at 181 days       | 80061 | 2024-03-01 | 1   |      | 80061 | 2024-08-29 | 2    |       | no
colonoscopy at 1095 days | 45378 | 2021-03-02 | 1   |      | 45380 | 2024-03-01 | 2    |       | yes
colonoscopy at 1096 days | 45378 | 2021-03-01 | 1   |      | 45380 | 2024-03-01 | 2    |       | no
same day                 | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-01 | 2    |       | no
next day                 | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-02 | 2    |       | yes
same tin                 | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-10 | 1    |       | no
other family             | 71046 | 2024-03-01 | 1   |      | 71250 | 2024-03-10 | 2    |       | no
taken then read          | 71046 | 2024-03-01 | 1   | TC   | 71046 | 2024-03-10 | 2    | 26    | no
read then taken          | 71046 | 2024-03-01 | 1   | 26   | 71046 | 2024-03-10 | 2    | TC    | no
read twice               | 71046 | 2024-03-01 | 1   | 26   | 71046 | 2024-03-10 | 2    | 26    | yes
whole then read          | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-10 | 2    | 26    | yes
repeat meant 76          | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-10 | 2    | 76    | no
repeat meant 77          | 71046 | 2024-03-01 | 1   |      | 71046 | 2024-03-10 | 2    | 77    | no
repeat meant 91          | 83036 | 2024-03-01 | 1   |      | 83036 | 2024-03-10 | 2    | 91    | no
left then right          | 73721 | 2024-03-01 | 1   | LT   | 73721 | 2024-03-10 | 2    | RT    | no
left then left           | 73721 | 2024-03-01 | 1   | LT   | 73721 | 2024-03-10 | 2    | LT    | yes
before the year          | 71046 | 2023-12-01 | 1   |      | 71046 | 2023-12-31 | 2    |       | no
first day of the year    | 71046 | 2023-12-31 | 1   |      | 71046 | 2024-01-01 | 2    |       | yes
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    with Engine.duckdb(memory_limit="400MB") as found:
        yield found


def lines_of(engine: Engine, rows: list[dict]) -> Table:
    filled = [
        {
            "person_id": row["case"],
            "claim_id": row["claim"],
            "claim_line_number": 1,
            "hcpcs_code": row["code"],
            "hcpcs_modifier_2": row.get("mods"),
            "billing_tin": row["tin"],
            "claim_line_start_date": read_cell("date", row["day"]),
            "place_of_service_code": row.get("place", "11"),
            "allowed_amount": read_cell("money", "100.00"),
        }
        for row in rows
    ]
    named = engine.from_rows(ProfessionalLine, [{k: v for k, v in row.items() if k != "person_id"} for row in filled])
    people = engine.from_arrow(
        pa.Table.from_pylist([{"c": row["claim_id"], "person_id": row["person_id"]} for row in filled])
    )
    return named.join(people, [("claim_id", "c")])


def test_cases(engine: Engine) -> None:
    rows = []
    for case in cells(CASES):
        rows.append({"case": case["case"], "claim": f"{case['case']}:1", "code": case["code"], "day": case["first"],
                     "tin": case["tin"], "mods": case["mods"]})  # fmt: skip
        rows.append({"case": case["case"], "claim": f"{case['case']}:2", "code": case["code2"], "day": case["second"],
                     "tin": case["tin2"], "mods": case["mods2"]})  # fmt: skip
    found = engine.to_rows(repeated_services(family_lines(lines_of(engine, rows), 2024), SINCE, UNTIL))
    expected = {case["case"] for case in cells(CASES) if case["found"] == "yes"}
    assert {row["person_id"] for row in found} == expected
    for row in found:  # each candidate leads to its two claim lines
        assert (row["first_claim_id"], row["claim_id"]) == (f"{row['person_id']}:1", f"{row['person_id']}:2")
        assert (row["first_line"], row["claim_line_number"]) == (1, 1)
        assert row["days"] == (row["date"] - row["first_date"]).days > 0


def test_only_the_last_service_before_counts(engine: Engine) -> None:
    rows = [
        {"case": "p", "claim": str(number), "code": "71046", "day": f"2024-03-{day:02d}", "tin": tin}
        for number, (day, tin) in enumerate([(1, "1"), (10, "2"), (20, "2"), (25, "1")])
    ]
    found = engine.to_rows(repeated_services(family_lines(lines_of(engine, rows), 2024), SINCE, UNTIL))
    assert sorted((row["first_claim_id"], row["claim_id"]) for row in found) == [("0", "1"), ("2", "3")]
    lines = family_lines(lines_of(engine, rows), 2024)
    counted = engine.to_rows(repeated_by_family(repeated_services(lines, SINCE, UNTIL), lines, SINCE, UNTIL))
    assert [(row["services"], row["candidates"], row["people"], float(row["allowed_amount"])) for row in counted] == [
        (4, 2, 1, 200.0)
    ]


STAYS = [
    # first day and last day of a stay, the kind, the day of the second picture, whether it stays a candidate
    ("inpatient_acute", "2024-03-10", "2024-03-12", "2024-03-09", True),
    ("inpatient_acute", "2024-03-10", "2024-03-12", "2024-03-10", False),
    ("inpatient_acute", "2024-03-10", "2024-03-12", "2024-03-12", False),
    ("inpatient_acute", "2024-03-10", "2024-03-12", "2024-03-13", True),
    ("inpatient_psychiatric", "2024-03-10", "2024-03-12", "2024-03-11", False),
    ("skilled_nursing", "2024-03-10", "2024-03-12", "2024-03-11", True),
    ("emergency admitted", "2024-03-10", "2024-03-10", "2024-03-10", False),
    ("emergency released", "2024-03-10", "2024-03-10", "2024-03-10", True),
]


@pytest.mark.parametrize(("kind", "since", "through", "day", "kept"), STAYS)
def test_hospital_days_are_left_out(engine: Engine, kind: str, since: str, through: str, day: str, kept: bool) -> None:
    dates = {"start": datetime.date.fromisoformat(since), "end": datetime.date.fromisoformat(through)}
    emergency = kind.startswith("emergency")
    stay = {"person_id": "nobody" if emergency else "p", "kind": kind, "start_date": dates["start"],
            "end_date": dates["end"]}  # fmt: skip
    visit = {"person_id": "p" if emergency else "nobody", "disposition": kind.split()[-1],
             "visit_date": dates["start"], "end_date": dates["end"]}  # fmt: skip
    rows = [{"case": "p", "claim": "1", "code": "71046", "day": "2024-03-01", "tin": "1"},
            {"case": "p", "claim": "2", "code": "71046", "day": day, "tin": "2"}]  # fmt: skip
    stays, visits = (engine.from_arrow(pa.Table.from_pylist([row])) for row in (stay, visit))
    lines = outside_hospital_care(family_lines(lines_of(engine, rows), 2024), stays, visits)
    assert bool(engine.to_rows(repeated_services(lines, SINCE, UNTIL))) is kept


def test_lines_in_a_hospital_bed_and_without_a_tin_are_left_out(engine: Engine) -> None:
    first = {"case": "p", "claim": "1", "code": "71046", "day": "2024-03-01", "tin": "1"}
    for other in ({"place": "21", "tin": "2"}, {"tin": None}):
        second = {"case": "p", "claim": "2", "code": "71046", "day": "2024-03-10"} | other
        lines = family_lines(lines_of(engine, [first, second]), 2024)
        assert engine.to_rows(repeated_services(lines, SINCE, UNTIL)) == []


def test_families_hold_code_numbers_and_windows_alone() -> None:
    for row in families(2024):
        assert set(row) == {"family", "label", "codes", "days"}
        assert row["days"] > 0

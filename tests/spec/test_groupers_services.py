"""Which kind of service each claim and line is (42 CFR 425.601(a)(1)), and what kind of facility a CCN names."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pytest

from groupers_world import claims_of, code_tables
from openaco.engine import Engine, _
from openaco.errors import ParameterError
from openaco.parameters import parameter
from openaco.rules.groupers.categories import (
    category_dollars,
    outpatient_line_services,
    service_names,
    services,
)
from openaco.rules.groupers.code_sets import Beginning, beginnings, in_sets, set_table
from openaco.rules.groupers.codes import facility_kind, hcpcs_classes, in_ranges
from spec_tables import cells

INSTITUTIONAL = """
id  | who | type | ccn    | facility | class | lines                | category
--- | --- | ---- | ------ | -------- | ----- | -------------------- | --------------------------
i1  | a   | 60   | 250001 | 1        | 1     | 0450 99285           | inpatient_acute
i2  | a   | 60   | 251310 | 1        | 1     |                      | inpatient_acute
i3  | a   | 60   | 253301 | 1        | 1     |                      | inpatient_acute
i4  | a   | 60   | 254001 | 1        | 1     |                      | inpatient_psychiatric
i5  | a   | 60   | 25M301 | 1        | 1     |                      | inpatient_psychiatric
i6  | a   | 60   | 25R301 | 1        | 1     |                      | inpatient_rehabilitation
i7  | a   | 60   | 252299 | 1        | 1     |                      | inpatient_long_term
i8  | a   | 60   |        | 1        | 1     |                      | inpatient_other
n1  | a   | 20   | 255001 | 2        | 1     |                      | skilled_nursing
n2  | a   | 30   | 25U001 | 1        | 8     |                      | skilled_nursing
h1  | a   | 10   | 257001 | 3        | 2     |                      | home_health
s1  | a   | 50   | 251500 | 8        | 1     |                      | hospice
d1  | a   | 40   | 252500 | 7        | 2     | 0821 90999           | outpatient_dialysis
c1  | a   | 40   | 251800 | 7        | 7     | 0521 99213           | outpatient_clinic
c2  | a   | 40   | 253800 | 7        | 1     |                      | outpatient_clinic
o1  | a   | 40   | 250001 | 1        | 3     | 0450 99284;0762 G0378 | observation
o2  | a   | 40   | 250001 | 1        | 3     | 0510 99213;0450      | outpatient_emergency
o3  | a   | 40   | 250001 | 1        | 3     | 0450 12001;0360 12001 | outpatient_emergency
o4  | a   | 40   | 250001 | 1        | 3     | 0360 66984;0300 80053 | outpatient_surgery
o5  | a   | 40   | 250001 | 1        | 3     | 0761 11042           | outpatient_other
o6  | a   | 40   | 250001 | 1        | 3     | 0636 J9271;0260 96413 | outpatient_drugs
o7  | a   | 40   | 250001 | 1        | 3     | 0351 71250           | outpatient_imaging
o8  | a   | 40   | 250001 | 1        | 3     | 0420 97110           | outpatient_therapy
o9  | a   | 40   | 250001 | 1        | 3     | 0510 G0463;0301 80053 | outpatient_visit
p1  | a   | 40   | 250001 | 1        | 4     | 0301 80053           | outpatient_laboratory
p2  | a   | 40   | 251400 | 7        | 6     | 0915 90853           | outpatient_behavioral
p3  | a   | 40   | 250001 | 1        | 3     |                      | outpatient_other
q1  | a   | 61   | 250001 | 1        | 1     |                      | not_paid
"""
LINES = """
id | who | line | type | hcpcs | specialty | pos | category
-- | --- | ---- | ---- | ----- | --------- | --- | -------------------------
l1 | a   | 1    | 71   | 99213 | 08        | 11  | primary_care_visits
l1 | a   | 2    | 71   | 99213 | 50        | 11  | primary_care_visits
l1 | a   | 3    | 71   | 99213 | 06        | 11  | specialist_visits
l1 | a   | 4    | 71   | 99285 | 93        | 23  | emergency_visits
l1 | a   | 5    | 71   | 99223 | 11        | 21  | hospital_visits
l1 | a   | 6    | 71   | 99309 | 11        | 31  | nursing_facility_visits
l1 | a   | 7    | 71   | G0439 | 11        | 11  | preventive_visits
l1 | a   | 8    | 71   | 99490 | 11        | 11  | care_management
l1 | a   | 9    | 71   | 71250 | 30        | 22  | imaging
l1 | a   | 10   | 71   | 80053 | 69        | 81  | laboratory
l1 | a   | 11   | 71   | 0001U | 69        | 81  | laboratory
l1 | a   | 12   | 71   | 0002T | 69        | 81  | laboratory
l1 | a   | 13   | 71   | J9271 | 83        | 11  | part_b_drugs
l1 | a   | 14   | 71   | 90662 | 08        | 11  | immunization
l1 | a   | 15   | 71   | 96413 | 83        | 11  | drug_administration
l1 | a   | 16   | 71   | A0427 | 59        | 41  | ambulance
l1 | a   | 17   | 71   | 66984 | 18        | 24  | professional_surgery
l1 | a   | 18   | 71   | 66984 | 49        | 24  | ambulatory_surgery_center
l1 | a   | 19   | 71   | 00142 | 05        | 24  | anesthesia
l1 | a   | 20   | 71   | 97110 | 65        | 11  | professional_therapy
l1 | a   | 21   | 71   | 90837 | 80        | 11  | behavioral_health
l1 | a   | 22   | 71   | 90960 | 39        | 11  | professional_dialysis
l1 | a   | 23   | 71   | 98941 | 35        | 11  | chiropractic
l1 | a   | 24   | 71   | 93000 | 06        | 11  | diagnostic_tests
l1 | a   | 25   | 72   | E1390 | 54        | 12  | durable_medical_equipment
l1 | a   | 26   | 71   |       | 08        | 11  | professional_other
"""


def test_the_category_of_each_claim(duckdb_engine: Engine) -> None:
    rows = cells(INSTITUTIONAL)
    header = "id | who | type | ccn | facility | class | from | thru | paid\n-|-|-|-|-|-|-|-|-"
    dated = ["2024-05-01", "2024-05-02", "10"]
    columns = ("id", "who", "type", "ccn", "facility", "class")
    stays = "\n".join([header, *[" | ".join([*[row[name] or "" for name in columns], *dated]) for row in rows]])
    lines = ["id | who | line | center | hcpcs", "-|-|-|-|-"]
    for row in rows:
        for number, text in enumerate((row["lines"] or "").split(";"), start=1):
            if text.strip():
                center, _blank, code = text.strip().partition(" ")
                lines.append(f"{row['id']} | a | {number} | {center} | {code}")
    claims = claims_of(duckdb_engine, stays=stays, lines="\n".join(lines))
    told = {row["claim_id"]: row["category"] for row in duckdb_engine.to_rows(services(claims, 2024))}
    assert told == {row["id"]: row["category"] for row in rows}


def test_the_category_of_each_line(duckdb_engine: Engine) -> None:
    rows = cells(LINES)
    columns = ("id", "who", "line", "type", "hcpcs", "specialty", "pos")
    text = [" | ".join([*columns, "from", "thru", "paid"]), "-|-|-|-|-|-|-|-|-|-"]
    text += [" | ".join([*[row[name] or "" for name in columns], "2024-05-01", "2024-05-01", "1.00"]) for row in rows]
    equipment = """
id | who | line | hcpcs | from       | thru       | paid
-- | --- | ---- | ----- | ---------- | ---------- | ----
e1 | a   | 1    | E0250 | 2024-05-01 | 2024-05-01 | 5.00
e1 | a   | 2    | J7613 | 2024-05-01 | 2024-05-01 | 5.00
"""
    claims = claims_of(duckdb_engine, carrier="\n".join(text), equipment=equipment)
    told = {
        (row["claim_id"], row["claim_line_number"]): row["category"]
        for row in duckdb_engine.to_rows(services(claims, 2024))
    }
    assert told == {
        **{("l1", int(row["line"] or 0)): row["category"] for row in rows},
        ("e1", 1): "durable_medical_equipment",
        ("e1", 2): "part_b_drugs",
    }


def test_dollars_by_category_are_all_dollars(duckdb_engine: Engine) -> None:
    stays = """
id | who | type | ccn    | facility | class | from       | thru       | adj | paid   | control | original | loaded
-- | --- | ---- | ------ | -------- | ----- | ---------- | ---------- | --- | ------ | ------- | -------- | ----------
a  | x   | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-02 | 0   | 100.00 | 1       |          | 2024-06-01
b  | x   | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-02 | 1   | 100.00 | 2       | 1        | 2024-07-01
c  | x   | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-02 | 2   | 80.25  | 3       |          | 2024-07-01
"""
    carrier = """
id | who | line | hcpcs | specialty | from       | thru       | paid
-- | --- | ---- | ----- | --------- | ---------- | ---------- | ----
p  | x   | 1    | 99213 | 08        | 2024-05-01 | 2024-05-01 | 7.50
"""
    claims = claims_of(duckdb_engine, stays=stays, carrier=carrier)
    rows = category_dollars(claims.dollars, services(claims, 2024))
    sums = rows.group_by("category").agg(paid=_.paid_amount.sum())
    told = {row["category"]: row["paid"] for row in duckdb_engine.to_rows(sums)}
    assert told == {"inpatient_acute": Decimal("80.25"), "primary_care_visits": Decimal("7.50"), "not_final": 0}


def test_outpatient_lines_have_categories_of_their_own(duckdb_engine: Engine) -> None:
    stays = """
id | who | type | ccn    | facility | class | from       | thru       | paid
-- | --- | ---- | ------ | -------- | ----- | ---------- | ---------- | -----
a  | x   | 40   | 250001 | 1        | 3     | 2024-05-01 | 2024-05-02 | 60.00
b  | x   | 40   | 250001 | 1        | 3     | 2024-05-03 | 2024-05-03 | 90.00
"""
    lines = """
id | who | line | center | hcpcs | on         | paid
-- | --- | ---- | ------ | ----- | ---------- | -----
a  | x   | 1    | 0450   | 99284 | 2024-05-01 | 40.00
a  | x   | 2    | 0351   | 71250 | 2024-05-02 | 20.00
b  | x   | 1    | 0636   | J9271 |            | 50.00
b  | x   | 2    | 0301   | 80053 |            | 10.00
"""
    claims = claims_of(duckdb_engine, stays=stays, lines=lines)
    found = outpatient_line_services(claims.institutional, claims.institutional_line, 2024)
    rows = {(row["claim_id"], row["claim_line_number"]): row for row in duckdb_engine.to_rows(found)}
    told = {key: (row["category"], row["paid_amount"], str(row["service_date"])) for key, row in rows.items()}
    assert told == {
        ("a", 1): ("outpatient_emergency", Decimal(40), "2024-05-01"),
        ("a", 2): ("outpatient_imaging", Decimal(20), "2024-05-02"),
        ("b", 1): ("outpatient_drugs", Decimal(90), "2024-05-03"),  # the lines do not sum to the claim
        ("b", 2): ("outpatient_laboratory", Decimal(0), "2024-05-03"),
    }


def test_every_category_that_a_table_gives_has_a_name() -> None:
    names = set(service_names(2024))
    for table in ("institutional_services", "outpatient_lines", "line_services"):
        assert {row["category"] for row in parameter(f"groupers/{table}", 2024).value} <= names, table
    classes = {row["class"] for row in parameter("groupers/hcpcs_classes", 2024).value}
    asked = {
        name
        for table in ("institutional_services", "outpatient_lines", "line_services")
        for row in parameter(f"groupers/{table}", 2024).value
        for name in row["hcpcs_classes"].split(";")
        if name
    }
    assert asked <= classes


def test_ranges_of_hcpcs_numbers_do_not_overlap() -> None:
    rows = parameter("groupers/hcpcs_classes", 2024).value
    for one in rows:
        assert len(one["first"]) == len(one["last"]) == 5, one
        assert one["first"] <= one["last"], one
    by_form: dict[str, list[tuple[str, str]]] = {}
    for one in rows:
        by_form.setdefault(one["first"][-1] if one["first"][-1].isalpha() else "", []).append(
            (one["first"], one["last"])
        )
    for ranges in by_form.values():
        for before, after in pairwise(sorted(ranges)):
            assert before[1] < after[0], (before, after)


@pytest.mark.parametrize(
    ("ccn", "kind"),
    [
        ("250001", "short_term_hospital"),
        ("250879", "short_term_hospital"),
        ("251300", "critical_access_hospital"),
        ("251399", "critical_access_hospital"),
        ("251400", "mental_health_center"),
        ("251500", "hospice"),
        ("252000", "long_term_hospital"),
        ("252300", "dialysis_facility"),
        ("253025", "rehabilitation_hospital"),
        ("253024", "unknown"),
        ("253300", "childrens_hospital"),
        ("254499", "psychiatric_hospital"),
        ("255000", "nursing_facility"),
        ("256499", "nursing_facility"),
        ("257000", "home_health_agency"),
        ("25S001", "psychiatric_unit"),
        ("25T001", "rehabilitation_unit"),
        ("25Z300", "swing_bed"),
        ("", "unknown"),
        ("25", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_a_certification_number_names(duckdb_engine: Engine, ccn: str | None, kind: str) -> None:
    table = duckdb_engine.from_arrow(pa.table({"ccn": pa.array([ccn], pa.string())}))
    assert duckdb_engine.to_rows(table.select(kind=facility_kind(_.ccn, 2024))) == [{"kind": kind}]


@pytest.mark.parametrize(
    ("code", "ranges", "inside"),
    [
        ("0450", "0450-0459;0981", True),
        ("0459", "0450-0459;0981", True),
        ("0981", "0450-0459;0981", True),
        ("0460", "0450-0459;0981", False),
        ("045", "0450-0459", False),
        ("0500U", "0001U-0999U", True),
        ("0500T", "0001U-0999U", False),
        ("05001", "0001U-0999U", False),
        ("J1234", "J0120-J9999", True),
        ("J123Q", "J0120-J9999", False),
        (None, "0450-0459", False),
    ],
)
def test_ranges_hold_codes_of_one_form(duckdb_engine: Engine, code: str | None, ranges: str, inside: bool) -> None:
    table = duckdb_engine.from_arrow(pa.table({"code": pa.array([code], pa.string())}))
    assert duckdb_engine.to_rows(table.select(inside=in_ranges(_.code, ranges))) == [{"inside": inside}]


def test_classes_are_looked_up_once_a_number(duckdb_engine: Engine) -> None:
    codes = pa.array(["99213", "99213", "XXXXX", None, "99285"], pa.string())
    table = duckdb_engine.from_arrow(pa.table({"hcpcs_code": codes}))
    rows = duckdb_engine.to_rows(hcpcs_classes(table, 2024).order_by("class_code"))
    assert rows == [
        {"class_code": "99213", "hcpcs_class": "visit"},
        {"class_code": "99285", "hcpcs_class": "emergency_visit"},
    ]


def test_beginnings_are_counted_up() -> None:
    assert [one.beginning for one in beginnings("C00-C02;I21")] == ["C00", "C01", "C02", "I21"]
    assert [one.beginning for one in beginnings("E0821-E0823")] == ["E0821", "E0822", "E0823"]
    assert beginnings("Q254$;S78*A") == [Beginning("Q254", "$"), Beginning("S78", "A")]
    assert beginnings("") == []
    for wrong in ("C14-C00", "C00-D01", "i21", "C00-C1", "C*"):
        with pytest.raises(ParameterError):
            beginnings(wrong)


def test_codes_are_found_by_their_beginning(engine: Engine) -> None:
    sets = set_table(engine, {"one": beginnings("I21;I252"), "two": beginnings("I21$;S78*A"), "none": []})
    codes = engine.from_arrow(
        pa.table({"code": ["I21", "I2101", "I25", "I252", "I2521", "S78011A", "S78011D", "S78", "i21"]})
    )
    rows = engine.to_rows(in_sets(codes, sets))
    assert {(row["set_code"], row["set_name"]) for row in rows} == {
        ("I21", "one"),
        ("I2101", "one"),
        ("I252", "one"),
        ("I2521", "one"),
        ("I21", "two"),
        ("S78011A", "two"),
    }
    assert len(rows) == 6


def test_no_table_is_loaded_unless_a_user_loads_it() -> None:
    assert code_tables().missing("pqi")[0].table == "pqi"
    assert not code_tables(pqi={"code": ["J13"], "set": ["ACSBACD"]}).missing("pqi")

"""Which diagnoses on claims count (42 CFR 422.310(d))."""

from __future__ import annotations

from pathlib import Path

import pytest

from claims_cases import by, claim_set
from openaco.engine import Engine
from openaco.rules.risk import RiskModelError
from openaco.rules.risk.encounters import claim_diagnoses, eligible_codes, eligible_diagnoses

FACILITY = """
claim_id | mbi | type | facility | bill_classification_code | principal_diagnosis_code | thru       | nonpayment
-------- | --- | ---- | -------- | ------------------------ | ------------------------ | ---------- | ----------
1        | A   | 60   | 1        | 1                        | I509                     | 2024-02-01 |
2        | B   | 60   | 4        | 1                        | I509                     | 2024-02-01 |
3        | C   | 60   | 1        | 8                        | I509                     | 2024-02-01 |
4        | D   | 40   | 1        | 3                        | I50.9                    | 2024-02-01 |
5        | E   | 40   | 1        | 3                        | I509                     | 2024-02-01 |
6        | F   | 40   | 1        | 4                        | I509                     | 2024-02-01 |
7        | G   | 40   | 7        | 7                        | I509                     | 2024-02-01 |
8        | H   | 20   | 2        | 1                        | I509                     | 2024-02-01 |
9        | I   | 10   | 3        | 2                        | I509                     | 2024-02-01 |
10       | J   | 50   | 8        | 1                        | I509                     | 2024-02-01 |
11       | K   | 60   | 1        | 1                        | I509                     | 2024-02-01 | N
12       | L   | 40   | 8        | 5                        | I509                     | 2024-02-01 |
13       | M   | 40   | 1        | 3                        | I509                     | 2024-02-01 |
"""
LINES = """
claim_id | line | hcpcs_code | hcpcs_modifier_1
-------- | ---- | ---------- | ----------------
4        | 1    | 99213      |
5        | 1    | 80053      |
6        | 1    | 99213      |
7        | 1    | 80053      |
7        | 2    | 99213      |
12       | 1    | 99213      | 25
13       | 1    | 99213      | 93
"""
OTHERS = """
claim_id | sequence_number | diagnosis_code
-------- | --------------- | --------------
1        | 1               | E1169
1        | 2               | E1169
4        | 1               | N184
5        | 1               | N184
"""
CARRIER = """
claim_id | mbi | type | line | hcpcs_code | modifier | first | last  | own  | line_thru  | denial
-------- | --- | ---- | ---- | ---------- | -------- | ----- | ----- | ---- | ---------- | ------
20       | P   | 71   | 1    | 99213      |          | I509  | E1169 | I509 | 2024-03-01 |
20       | P   | 71   | 2    | 80053      |          | I509  | E1169 | N184 | 2024-03-01 |
21       | Q   | 71   | 1    | 80053      |          | I509  |       | I509 | 2024-03-01 |
22       | R   | 71   | 1    | 99213      | FQ       | I509  |       | I509 | 2024-03-01 |
23       | S   | 71   | 1    | 99213      | 93       | I509  |       |      | 2024-03-01 |
23       | S   | 71   | 2    | 99214      |          | I509  |       |      | 2024-03-01 |
24       | T   | 71   | 1    | 99213      |          | I509  |       |      | 2024-03-01 | 0
25       | U   | 72   | 1    | 99213      |          |       |       | I509 | 2024-03-01 |
"""
for short, name in {
    "modifier": "hcpcs_modifier_1",
    "first": "diagnosis_code_1",
    "last": "diagnosis_code_12",
    "own ": "line_diagnosis_code ",
}.items():
    CARRIER = CARRIER.replace(f"| {short}", f"| {name}", 1)


def test_claims_count_by_type_bill_and_service(engine: Engine) -> None:
    """Inpatient by bill; outpatient and carrier by a listed service; others never; a denied claim is none."""
    tables = {
        "institutional_claim": FACILITY,
        "institutional_line": LINES,
        "institutional_diagnosis": OTHERS,
        "professional_line": CARRIER,
    }
    claims = claim_set(engine, tables)
    found = engine.checkpoint(claim_diagnoses(claims, eligible_codes(engine, 2024), 2024))
    told = {key: row["eligibility"] for key, row in by(engine, found, "claim_id", "icd10cm").items()}
    assert told == {
        ("1", "I509"): "eligible",
        ("1", "E1169"): "eligible",
        ("2", "I509"): "eligible",
        ("3", "I509"): "type of bill",
        ("4", "I509"): "eligible",
        ("4", "N184"): "eligible",
        ("5", "I509"): "no listed service",
        ("5", "N184"): "no listed service",
        ("6", "I509"): "type of bill",
        ("7", "I509"): "eligible",
        ("8", "I509"): "claim type",
        ("9", "I509"): "claim type",
        ("10", "I509"): "claim type",
        ("12", "I509"): "eligible",
        ("13", "I509"): "no listed service",
        ("20", "I509"): "eligible",
        ("20", "E1169"): "eligible",
        ("20", "N184"): "eligible",
        ("21", "I509"): "no listed service",
        ("22", "I509"): "no listed service",
        ("23", "I509"): "eligible",
        ("25", "I509"): "eligible",
    }
    counting = {(row["person_id"], row["icd10cm"]) for row in engine.to_rows(eligible_diagnoses(found))}
    assert {person for person, _ in counting} == set("ABDGLPSU")
    assert len(counting) == 12


def test_no_other_years_list_stands_in(duckdb_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(RiskModelError, match="no list of eligible CPT and HCPCS numbers for services of 2022"):
        eligible_codes(duckdb_engine, 2022)
    own = tmp_path / "own.csv"
    own.write_text('code,note\n"99213",x\n99214\nno code\n', encoding="utf-8")
    found = duckdb_engine.to_rows(eligible_codes(duckdb_engine, 2022, own))
    assert [row["hcpcs_code"] for row in found] == ["99213", "99214"]
    own.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(RiskModelError, match="holds no CPT or HCPCS number"):
        eligible_codes(duckdb_engine, 2022, own)


def test_lists_are_of_years(duckdb_engine: Engine) -> None:
    """A number listed in 2023 and 2024 only does not count in 2025."""
    listed = {
        year: {row["hcpcs_code"] for row in duckdb_engine.to_rows(eligible_codes(duckdb_engine, year))}
        for year in (2024, 2025)
    }
    assert "G2012" in listed[2024]
    assert "G2012" not in listed[2025]
    assert "99213" in listed[2024] & listed[2025]
    assert "80053" not in listed[2024]

"""The worked examples of the CMS CCLF Information Packet v38: tables 3, 4 and 6 with the packet's own answers.

The vectors stand here, so the test needs no file; where the shared copies are present they must say the same.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from claims_cases import by, claim_set, column
from openaco.engine import Engine, _
from openaco.rules.claims import ClaimSet
from spec_tables import cells

TABLE_3 = """
claim_id      | mbi         | ccn    | from       | thru       | effective  | adj
------------- | ----------- | ------ | ---------- | ---------- | ---------- | ---
2222222222222 | 5F27TE6KM28 | 654321 | 2012-07-01 | 2012-07-04 | 2012-07-30 | 0
3589734591235 | 5F27TE6KM28 | 654321 | 2012-07-01 | 2012-07-04 | 2012-08-01 | 1
1313274894021 | 5F27TE6KM28 | 654321 | 2012-07-01 | 2012-07-04 | 2012-08-01 | 2
1111111111111 | 6U50TE7GG18 | 654321 | 2012-07-01 | 2012-07-04 | 2012-08-07 | 1
3333333333333 | 6U50TE7GG18 | 654321 | 2012-07-01 | 2012-07-04 | 2012-08-07 | 2
"""
TABLE_3_IDENTIFIERS = """
previous_mbi | current_mbi
------------ | -----------
5F27TE6KM28  | 6U50TE7GG18
"""
TABLE_4 = """
claim_id | ccn    | from       | thru       | mbi         | paid   | adj | effective
-------- | ------ | ---------- | ---------- | ----------- | ------ | --- | ----------
1        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 200.00 | 0   | 2012-07-20
2        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 0.00   | 2   | 2012-09-20
3        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 200.00 | 1   | 2012-08-07
4        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 210.00 | 2   | 2012-09-20
5        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 0.00   | 2   | 2012-08-07
6        | 654321 | 2012-07-01 | 2012-07-08 | 6U50TE7GG18 | 0.00   | 1   | 2012-10-07
7        | 654321 | 2012-08-20 | 2012-08-29 | 6U50TE7GG18 | 50.00  | 0   | 2012-09-20
"""
TABLE_6 = """
claim_id | line | control | mbi         | paid   | adj | effective
-------- | ---- | ------- | ----------- | ------ | --- | ----------
1        | 3    | 7       | 6U50TE7GG18 | 0.00   | 1   | 2012-09-02
1        | 1    | 7       | 6U50TE7GG18 | 380.00 | 1   | 2012-09-02
1        | 2    | 7       | 6U50TE7GG18 | 227.00 | 1   | 2012-09-02
2        | 1    | 7       | 6U50TE7GG18 | 380.00 | 0   | 2012-09-02
2        | 2    | 7       | 6U50TE7GG18 | 227.00 | 0   | 2012-09-02
2        | 3    | 7       | 6U50TE7GG18 | 100.00 | 0   | 2012-09-02
3        | 3    | 7       | 6U50TE7GG18 | 0.00   | 0   | 2012-08-15
3        | 1    | 7       | 6U50TE7GG18 | 380.00 | 0   | 2012-08-15
3        | 2    | 7       | 6U50TE7GG18 | 227.00 | 0   | 2012-08-15
"""


def spent(engine: Engine, claims: ClaimSet, kind: str) -> Decimal:
    mine = claims.dollars.filter(_.claim_kind == kind)
    return sum(column(engine, mine, "paid_amount"), Decimal(0))


def test_related_claims_of_table_3(engine: Engine) -> None:
    """Section 5.1.3: one final-action claim over two identifiers of a beneficiary."""
    claims = claim_set(engine, {"institutional_claim": TABLE_3, "mbi_crosswalk": TABLE_3_IDENTIFIERS}, year=2012)
    final = engine.to_rows(claims.institutional)
    assert [(row["claim_id"], row["person_id"]) for row in final] == [("3333333333333", "6U50TE7GG18")]


def test_expenditure_of_tables_4_and_6(engine: Engine) -> None:
    """Section 5.3.2: Part A 260, Part B 707, together 967; final action claims 4, 7 and one of 2 and 5."""
    claims = claim_set(engine, {"institutional_claim": TABLE_4, "professional_line": TABLE_6}, year=2012)
    part_a, part_b = spent(engine, claims, "institutional"), spent(engine, claims, "professional")
    assert (part_a, part_b, part_a + part_b) == (Decimal("260.00"), Decimal("707.00"), Decimal("967.00"))

    final = column(engine, claims.institutional, "claim_id")
    assert {"4", "7"} < set(final)
    assert len(set(final) & {"2", "5"}) == 1
    assert len(final) == 3
    assert sum(column(engine, claims.institutional, "paid_amount")) == part_a

    lines = by(engine, claims.professional, "claim_id", "claim_line_number")
    assert sorted(lines) == [("2", 1), ("2", 2), ("2", 3)]
    assert sum(row["paid_amount"] for row in lines.values()) == part_b


COLUMNS = {
    "cur_clm_uniq_id": "claim_id",
    "claim": "claim_id",
    "clm_line_num": "line",
    "clm_cntl_num": "control",
    "clm_blg_prvdr_oscar_num": "ccn",
    "clm_from_dt": "from",
    "clm_thru_dt": "thru",
    "clm_efctv_dt": "effective",
    "clm_adjsmt_type_cd": "adj",
    "clm_pmt_amt": "paid",
    "clm_line_cvrd_pd_amt": "paid",
}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "text"),
    [("table3_related_claims", TABLE_3), ("table4_part_a", TABLE_4), ("table6_part_b", TABLE_6)],
)
def test_the_vectors_are_those_of_the_packet(shared_data: Path, name: str, text: str) -> None:
    identifier = {"bene_mbi_id": "mbi"} if name == "table3_related_claims" else {"mr_mbi": "mbi"}
    with (shared_data / "claims-samples" / "cclf-packet-examples" / f"{name}.csv").open(encoding="utf-8") as lines:
        published = [
            {ours: row[theirs] for theirs, ours in (COLUMNS | identifier).items() if theirs in row}
            for row in csv.DictReader(lines)
        ]
    assert published == cells(text)


@pytest.mark.shared
def test_the_answers_are_those_of_the_packet(shared_data: Path) -> None:
    path = shared_data / "claims-samples" / "cclf-packet-examples" / "expected.csv"
    with path.open(encoding="utf-8") as lines:
        answers = {(row["case"], row["quantity"]): row["value"] for row in csv.DictReader(lines)}
    assert answers == {
        ("table4", "part_a_expenditure"): "260.00",
        ("table6", "part_b_physician_expenditure"): "707.00",
        ("table4+table6", "total_part_a_and_b"): "967.00",
        ("table4", "final_action_claims"): "4; 7; and exactly one of 2 or 5",
        ("table3", "final_action_claims"): "3333333333333",
    }

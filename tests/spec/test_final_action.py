"""Feeds rules R3, R8, R10 and R12: which versions of a claim stand (CCLF packet v38, 5.1.2 and 5.2.1).

Each case is a person of its own; the claim ids begin with the person's letter.
"""

from __future__ import annotations

from decimal import Decimal

from claims_cases import by, claim_set, column
from openaco.engine import Engine
from openaco.rules.claims import claim_disposition, signed_and_final_differences

INSTITUTIONAL = """
delivery | claim_id | mbi | ccn    | from       | thru       | adj | effective  | paid   | charge | control | original
-------- | -------- | --- | ------ | ---------- | ---------- | --- | ---------- | ------ | ------ | ------- | --------
d1       | A1       | A   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d1       | A2       | A   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-21 | 200.00 |        |         |
d1       | B1       | B   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d2       | B2       | B   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 |        |         |
d1       | C1       | C   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d2       | C2       | C   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 |        |         |
d2       | C3       | C   | 654321 | 2024-03-01 | 2024-03-04 | 2   | 2024-04-20 | 210.00 |        |         |
d3       | D1       | D   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d1       | D2       | D   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 |        |         |
d4       | D3       | D   | 654321 | 2024-03-01 | 2024-03-04 | 2   | 2024-06-20 | 190.00 |        |         |
d1       | E1       | E   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 |        |         |
d1       | F1       | F   | 654321 | 2024-03-01 | 2024-03-05 | 0   | 2024-03-20 | 100.00 |        | X6      |
d2       | F2       | F   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 |        | X6      |
d1       | G1       | G   | 654321 | 2024-03-01 | 2024-03-05 | 0   | 2024-03-20 | 100.00 |        |         |
d2       | G2       | G   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 |        |         |
d1       | H1       | H   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 100.00 |        | X8      |
d2       | H2       | H   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 |        | X8      |
d2       | H3       | H   | 654321 | 2024-03-01 | 2024-03-06 | 2   | 2024-04-20 | 120.00 |        | Y8      | X8
d1       | I1       | I   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 100.00 | 300.00 |         |
d1       | I2       | I   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 100.00 | 400.00 |         |
d2       | I3       | I   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 | 400.00 |         |
d2       | J2       | J   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 |        |         |
d2       | J3       | J   | 654321 | 2024-03-01 | 2024-03-04 | 2   | 2024-04-20 | 210.00 |        |         |
d1       | K1       | K   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d2       | K2       | K   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 180.00 |        |         |
d1       | L1       | L   |        | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 |        |         |
d2       | L2       | L2  |        | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 |        |         |
d1       | M1       | M   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-10 | 190.00 | 290.00 |         |
d1       | M2       | M   | 654321 | 2024-03-01 | 2024-03-04 | 0   | 2024-03-20 | 200.00 | 300.00 |         |
d2       | M3       | M   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 200.00 | 310.00 |         |
d1       | N1       | N   | 654321 | 2024-03-01 | 2024-03-05 | 0   | 2024-03-20 | 100.00 |        | X14     |
d2       | N2       | N   | 654321 | 2024-03-01 | 2024-03-04 | 1   | 2024-04-20 | 100.00 |        | Z14     | X14
"""
MBI_CROSSWALK = """
delivery | previous_mbi | current_mbi
-------- | ------------ | -----------
d2       | L            | L2
"""


def test_institutional_versions(engine: Engine) -> None:
    claims = claim_set(engine, {"institutional_claim": INSTITUTIONAL, "mbi_crosswalk": MBI_CROSSWALK})

    assert column(engine, claims.institutional, "claim_id") == [
        *("A1", "A2"),  # two originals and nothing else: both stand
        # B: a claim and its cancellation are nothing
        "C3",  # original, cancellation, adjustment
        "D3",  # the cancellation was delivered first, its replacement months later
        # E: a lone cancellation is no claim
        # F: the cancellation has another through date; the control number finds the original
        "G1",  # the same without a control number: nothing links them
        "H3",  # a corrected through date: another natural key
        "I1",  # of two equal originals the one whose charges agree is cancelled
        "J3",  # the original was never delivered: its replacement stands
        # K: another amount, but in effect before the cancellation
        # L: original and cancellation under two identifiers of one person; no CCN on either
        "M1",  # the same amount is the surer sign than an earlier date
        # N: the cancellation has other dates and a number of its own, and names the original's
    ]

    fate = {
        claim_id: (row["disposition"], row["partner_claim_id"], row["replaced_by_claim_id"])
        for claim_id, row in by(engine, claim_disposition(claims), "claim_id").items()
    }
    assert fate == {
        "A1": ("final", None, None),
        "A2": ("final", None, None),
        "B1": ("cancelled", "B2", None),
        "B2": ("cancellation", "B1", None),
        "C1": ("superseded", "C2", "C3"),
        "C2": ("cancellation", "C1", None),
        "C3": ("final", None, None),
        "D1": ("superseded", "D2", "D3"),
        "D2": ("cancellation", "D1", None),
        "D3": ("final", None, None),
        "E1": ("lone cancellation", None, None),
        "F1": ("cancelled", "F2", None),
        "F2": ("cancellation", "F1", None),
        "G1": ("final", None, None),
        "G2": ("lone cancellation", None, None),
        "H1": ("superseded", "H2", "H3"),
        "H2": ("cancellation", "H1", None),
        "H3": ("final", None, None),
        "I1": ("final", None, None),
        "I2": ("cancelled", "I3", None),
        "I3": ("cancellation", "I2", None),
        "J2": ("lone cancellation", None, None),
        "J3": ("final", None, None),
        "K1": ("cancelled", "K2", None),
        "K2": ("cancellation", "K1", None),
        "L1": ("cancelled", "L2", None),
        "L2": ("cancellation", "L1", None),
        "M1": ("final", None, None),
        "M2": ("cancelled", "M3", None),
        "M3": ("cancellation", "M2", None),
        "N1": ("cancelled", "N2", None),
        "N2": ("cancellation", "N1", None),
    }

    differences = by(engine, signed_and_final_differences(claims), "claim_id")
    assert {
        claim_id: (row["signed_amount"], row["final_amount"], row["difference"], row["lone_cancellations"])
        for claim_id, row in differences.items()
    } == {
        "E1": (Decimal("-100.00"), Decimal("0.00"), Decimal("-100.00"), 1),
        "F2": (Decimal("-100.00"), Decimal("0.00"), Decimal("-100.00"), 0),
        "F1": (Decimal("100.00"), Decimal("0.00"), Decimal("100.00"), 0),
        "N2": (Decimal("-100.00"), Decimal("0.00"), Decimal("-100.00"), 0),
        "N1": (Decimal("100.00"), Decimal("0.00"), Decimal("100.00"), 0),
        "G2": (Decimal("-100.00"), Decimal("0.00"), Decimal("-100.00"), 1),
        "J2": (Decimal("10.00"), Decimal("210.00"), Decimal("-200.00"), 1),
        "K1": (Decimal("20.00"), Decimal("0.00"), Decimal("20.00"), 0),
    }


PROFESSIONAL = """
claim_id | line | mbi | control | adj | effective  | paid
-------- | ---- | --- | ------- | --- | ---------- | -----
A1       | 1    | A   | 71      | 0   | 2024-03-20 | 50.00
B1       | 1    | B   | 71      | 0   | 2024-03-20 | 50.00
B2       | 1    | B   | 71      | 1   | 2024-04-20 | 50.00
C1       | 1    | C   | 71      | 0   | 2024-03-20 | 50.00
C1       | 2    | C   | 71      | 0   | 2024-03-20 | 30.00
C2       | 1    | C   | 71      | 1   | 2024-04-20 | 50.00
C2       | 2    | C   | 71      | 1   | 2024-04-20 | 30.00
C3       | 1    | C   | 71      | 0   | 2024-04-20 | 30.00
C3       | 2    | C   | 71      | 0   | 2024-04-20 | 50.00
D1       | 1    | D   | 71      | 0   | 2024-03-20 | 50.00
D2       | 1    | D   | 71      | 1   | 2024-04-20 | 50.00
D3       | 1    | D   | 71      | 0   | 2024-04-20 | 50.00
D4       | 1    | D   | 71      | 1   | 2024-05-20 | 50.00
D5       | 1    | D   | 71      | 0   | 2024-05-20 | 60.00
E1       | 1    | E   |         | 0   | 2024-03-20 | 50.00
E2       | 1    | E   |         | 0   | 2024-03-20 | 50.00
F1       | 1    | F   | 72      | 0   | 2024-03-20 | 50.00
F1       | 1    | F   | 72      | 1   | 2024-04-20 | 50.00
F2       | 1    | F   | 72      | 0   | 2024-04-20 | 55.00
"""


def test_carrier_and_equipment_versions(engine: Engine) -> None:
    """Part B has originals and cancellations only: 1, 1+c, 2+1c, 3+2c. The last original stands, with all its lines."""
    claims = claim_set(engine, {"professional_line": PROFESSIONAL, "equipment_line": PROFESSIONAL})
    expected = [
        ("A1", 1),
        # B: an original and its cancellation
        *(("C3", 1), ("C3", 2)),  # two originals and a cancellation of the same total: the later one, whole
        ("D5", 1),
        *(("E1", 1), ("E2", 1)),  # no control number: nothing belongs together
        ("F2", 1),  # a cancellation under the claim id of its original is a version of its own
    ]
    for lines in (claims.professional, claims.equipment):
        assert sorted(by(engine, lines, "claim_id", "claim_line_number")) == expected

    paid = engine.to_rows(
        claims.dollars.group_by("person_id", "claim_kind").agg(total=claims.dollars.paid_amount.sum())
    )
    totals = {(row["person_id"], row["claim_kind"]): row["total"] for row in paid}
    for kind in ("professional", "equipment"):
        assert {person: totals[person, kind] for person in "ABCDEF"} == {
            "A": Decimal("50.00"),
            "B": Decimal("0.00"),
            "C": Decimal("80.00"),
            "D": Decimal("60.00"),
            "E": Decimal("100.00"),
            "F": Decimal("55.00"),
        }
    assert engine.to_rows(signed_and_final_differences(claims)) == []


DRUGS = """
claim_id | mbi | dispensed  | prescription | fill | type | adj | effective  | loaded     | ndc_code
-------- | --- | ---------- | ------------ | ---- | ---- | --- | ---------- | ---------- | -----------
A1       | A   | 2024-03-01 | 1            | 0    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
B1       | B   | 2024-03-01 | 1            | 0    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
B2       | B   | 2024-03-01 | 1            | 0    | 02   | 2   | 2024-03-08 | 2024-03-09 | 00000000002
C1       | C   | 2024-03-01 | 1            | 0    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
C2       | C   | 2024-03-01 | 1            | 0    | 02   | 2   | 2024-03-08 | 2024-03-09 | 00000000001
C3       | C   | 2024-03-01 | 1            | 0    | 03   | 1   | 2024-04-08 | 2024-04-09 |
D1       | D   | 2024-03-01 | 1            | 0    | 03   | 1   | 2024-03-05 | 2024-03-09 |
D2       | D   | 2024-03-01 | 1            | 0    | 04   | 0   | 2024-03-05 | 2024-03-19 | 00000000001
E1       | E   | 2024-03-01 | 1            | 0    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
E2       | E   | 2024-03-01 | 1            | 1    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
F1       | F   | 2024-03-01 | 1            | 0    | 01   | 0   | 2024-03-05 | 2024-03-09 | 00000000001
F0       | F   | 2024-03-01 | 1            | 0    | 03   | 1   | 2024-03-05 | 2024-03-09 |
"""


def test_drug_events(engine: Engine) -> None:
    """R12: the latest version by its dates; a later deletion ends an earlier adjustment."""
    claims = claim_set(engine, {"drug_event": DRUGS})
    assert column(engine, claims.drug, "claim_id") == ["A1", "B2", "D2", "E1", "E2"]
    fate = {row["claim_id"]: row["disposition"] for row in engine.to_rows(claim_disposition(claims))}
    assert fate == {
        "A1": "final",
        "B1": "superseded",
        "B2": "final",
        "C1": "cancelled",
        "C2": "cancelled",
        "C3": "cancellation",
        "D1": "cancellation",  # deleted first, loaded again later
        "D2": "final",
        "E1": "final",  # two fills are two events
        "E2": "final",
        "F1": "cancelled",  # at equal dates the deletion ends the original
        "F0": "cancellation",
    }

"""Feeds rules R4, R5, R6, R7, R11, R13, R14 and R16: what is counted, once, with its sign."""

from __future__ import annotations

import datetime
from decimal import Decimal

from claims_cases import by, claim_set, column, in_full
from openaco.engine import Engine
from openaco.rules.claims import claim_disposition, institutional_line_payments, superseded_deliveries
from openaco.tables import Delivery
from spec_tables import table_of

DAY = datetime.date.fromisoformat


def test_a_version_delivered_again_is_one_version(engine: Engine) -> None:
    """R4: identity decides, not equality of all columns: a newer layout may blank or fill a column."""
    claims = claim_set(
        engine,
        {
            "institutional_claim": """
            delivery | claim_id | mbi | paid   | principal_diagnosis_code
            -------- | -------- | --- | ------ | ------------------------
            d1       | 1        | A   | 100.00 | I10
            d3       | 1        | A   | 100.00 |
            d2       | 1        | A   | 100.00 | I10
            """,
            "institutional_line": """
            delivery | claim_id | line | paid
            -------- | -------- | ---- | -----
            d1       | 1        | 1    | 60.00
            d1       | 1        | 2    | 40.00
            d3       | 1        | 1    | 60.00
            d3       | 1        | 2    | 40.00
            d1       | 2        | 1    | 1.00
            """,
            "institutional_diagnosis": """
            delivery | claim_id | sequence_number | diagnosis_code
            -------- | -------- | --------------- | --------------
            d1       | 1        | 1               | I10
            d3       | 1        | 1               | I10
            d3       | 1        | 2               | E119
            d3       | 1        |                 | E119
            """,
            "professional_line": """
            delivery | source_line | claim_id | line | mbi | adj | effective  | betos_code | paid
            -------- | ----------- | -------- | ---- | --- | --- | ---------- | ---------- | -----
            d1       | 1           | 5        | 1    | A   | 0   | 2024-03-01 | M1A        | 10.00
            d2       | 1           | 5        | 1    | A   | 0   | 2024-03-01 |            | 10.00
            d2       | 2           | 5        | 1    | A   | 0   | 2024-03-01 |            | 11.00
            d1       | 3           | 5        | 2    | A   | 0   | 2024-03-01 | M1A        | 20.00
            d1       | 4           | 6        | 1    | A   | 0   |            | M1A        | 5.00
            d2       | 4           | 6        | 1    | A   | 0   |            |            | 5.00
            """,
        },
    )
    institutional = engine.to_rows(claims.institutional)
    assert [(row["delivery_id"], row["principal_diagnosis_code"]) for row in institutional] == [("d3", None)]
    assert sorted(by(engine, claims.institutional_line, "claim_id", "claim_line_number")) == [("1", 1), ("1", 2)]
    diagnoses = {
        (row["sequence_number"], row["diagnosis_code"]) for row in engine.to_rows(claims.institutional_diagnosis)
    }
    assert diagnoses == {("1", "I10"), ("2", "E119"), (None, "E119")}
    lines = by(engine, claims.professional, "claim_id", "claim_line_number")
    assert {key: row["paid_amount"] for key, row in lines.items()} == {
        ("5", 1): Decimal("11.00"),  # twice in the newest delivery: the last line
        ("5", 2): Decimal("20.00"),
        ("6", 1): Decimal("5.00"),
    }
    fates = [row["disposition"] for row in engine.to_rows(claim_disposition(claims))]
    assert sorted(fates) == ["duplicate delivery"] * 5 + ["final"] * 4


def test_weekly_deliveries_give_way_to_the_month(engine: Engine) -> None:
    """R14: weeklies of a month count until the monthly delivery of that month is there."""
    text = """
        delivery | coverage | delivered_on | performance_year
        -------- | -------- | ------------ | ----------------
        w1       | weekly   | 2024-05-06   | 2024
        w2       | weekly   | 2024-05-27   | 2024
        m1       | regular  | 2024-05-16   | 2024
        w3       | weekly   | 2024-06-03   | 2024
        r1       | run-out  | 2024-06-16   | 2023
        """
    weekly = superseded_deliveries(
        table_of(
            engine,
            Delivery,
            in_full(text),
            feed="cclf",
            file_name="f",
            content_hash="0",
            row_count=1,
            quarantined_count=0,
        )
    )
    assert {row["delivery_id"]: row["superseded_by"] for row in engine.to_rows(weekly)} == {"w1": "m1", "w2": "m1"}

    claims = claim_set(
        engine,
        {
            "delivery": text,
            "institutional_claim": """
            delivery | claim_id | mbi | paid
            -------- | -------- | --- | ------
            w1       | 1        | A   | 100.00
            m1       | 1        | A   | 110.00
            w2       | 2        | A   | 50.00
            w3       | 3        | A   | 25.00
            """,
            "institutional_benefit": """
            delivery | claim_id | seq
            -------- | -------- | ----
            m1       | 1        | 2.00
            w2       | 1        | 9.00
            """,
        },
    )
    assert by(engine, claims.institutional, "claim_id").keys() == {"1", "3"}
    dollars = {row["paid_amount"]: row["sequestration_amount"] for row in engine.to_rows(claims.dollars)}
    assert dollars == {Decimal("110.00"): Decimal("2.00"), Decimal("25.00"): Decimal("0.00")}
    fates = by(engine, claim_disposition(claims), "claim_id", "delivery_id")
    assert {key: row["disposition"] for key, row in fates.items()} == {
        ("1", "w1"): "superseded delivery",
        ("1", "m1"): "final",
        ("2", "w2"): "superseded delivery",
        ("3", "w3"): "final",
    }


def test_denied_claims_and_lines(engine: Engine) -> None:
    """R5: institutional claims all or nothing; carrier and equipment lines by denial code and indicator."""
    lines = """
        claim_id | line | mbi | denial | indicator
        -------- | ---- | --- | ------ | ---------
        1        | 1    | A   | 1      | A
        1        | 2    | A   | 1      | D
        1        | 3    | A   | 1      | R
        1        | 4    | A   | 1      | S
        1        | 5    | A   | 1      | O
        2        | 1    | A   | 0      | A
        3        | 1    | A   | D      | A
        4        | 1    | A   | Y      | A
        5        | 1    | A   | C      | A
        6        | 1    | A   |        | A
        """
    claims = claim_set(
        engine,
        {
            "institutional_claim": """
            claim_id | mbi | type | facility | nonpayment
            -------- | --- | ---- | -------- | ----------
            1        | A   | 40   | 1        |
            2        | A   | 60   | 1        | N
            3        | A   | 40   | 4        |
            4        | A   | 10   | 5        |
            5        | A   | 60   | 4        |
            6        | A   | 20   | 2        | 0
            7        | A   | 40   |          |
            """,
            "professional_line": lines,
            "equipment_line": lines,
        },
    )
    assert column(engine, claims.institutional, "claim_id") == ["1", "5", "7"]
    paid = [("1", 1), ("1", 3), ("1", 4), ("5", 1), ("6", 1)]
    assert sorted(by(engine, claims.professional, "claim_id", "claim_line_number")) == paid
    assert sorted(by(engine, claims.equipment, "claim_id", "claim_line_number")) == paid
    counted = by(engine, claims.dollars, "claim_kind", "claim_id", "claim_line_number")
    assert len(counted) == 3 + 5 + 5
    fates = engine.to_rows(claim_disposition(claims))
    assert sorted({row["disposition"] for row in fates}) == ["denied", "final"]


def test_a_blank_processing_indicator_is_no_denial(duckdb_engine: Engine) -> None:
    """Feeds without the field would lose every line."""
    claims = claim_set(
        duckdb_engine,
        {
            "equipment_line": """
            claim_id | mbi | paid  | indicator
            -------- | --- | ----- | ---------
            1        | A   | 10.00 |
            """
        },
    )
    row = duckdb_engine.to_rows(claims.equipment)[0]
    assert row["processing_indicator_code"] is None


def test_run_out_and_period(engine: Engine) -> None:
    """R13: through date in the period, loaded by the cut-off, both included; a late cancellation is not known yet."""
    claims = claim_set(
        engine,
        {
            "institutional_claim": """
            claim_id | mbi | thru       | loaded     | adj | effective  | paid
            -------- | --- | ---------- | ---------- | --- | ---------- | -----
            1        | A   | 2024-12-31 | 2025-03-31 | 0   | 2025-03-01 | 1.00
            2        | B   | 2024-12-31 | 2025-04-01 | 0   | 2025-03-01 | 2.00
            3        | C   | 2025-01-01 | 2025-02-01 | 0   | 2025-03-01 | 4.00
            4        | D   | 2024-01-01 |            | 0   | 2024-03-01 | 8.00
            5        | E   | 2023-12-31 | 2024-02-01 | 0   | 2024-03-01 | 16.00
            6        | F   | 2024-06-01 | 2024-07-01 | 0   | 2024-07-01 | 32.00
            7        | F   | 2024-06-01 | 2025-05-01 | 1   | 2025-05-01 | 32.00
            """,
            "professional_line": """
            claim_id | mbi | thru       | line_thru  | loaded     | paid
            -------- | --- | ---------- | ---------- | ---------- | ------
            1        | A   | 2025-01-02 | 2024-12-31 | 2025-01-31 | 64.00
            2        | A   | 2024-12-31 |            | 2025-01-31 | 128.00
            3        | A   | 2024-12-31 | 2025-01-01 | 2025-01-31 | 256.00
            """,
        },
        period=(DAY("2024-01-01"), DAY("2024-12-31")),
        run_out_date=DAY("2025-03-31"),
    )
    assert column(engine, claims.institutional, "claim_id") == ["1", "4", "6"]
    assert column(engine, claims.professional, "claim_id") == ["1", "2"]
    assert sum(column(engine, claims.dollars, "paid_amount")) == Decimal(1 + 8 + 32 + 64 + 128)
    fates = by(engine, claim_disposition(claims), "claim_table", "claim_id")
    assert {key[1]: row["disposition"] for key, row in fates.items() if key[0] == "institutional_claim"} == {
        "1": "final",
        "2": "outside run-out",
        "3": "outside period",
        "4": "final",
        "5": "outside period",
        "6": "final",
        "7": "outside run-out",
    }


def test_signs_and_reductions(engine: Engine) -> None:
    """R6, R16: cancellations take back every amount; reductions are added once however many rows state them."""
    claims = claim_set(
        engine,
        {
            "institutional_claim": """
            claim_id | mbi | thru       | adj | effective  | paid   | operating_ime | capital_ime | operating_dsh
            -------- | --- | ---------- | --- | ---------- | ------ | ------------- | ----------- | -------------
            1        | A   | 2024-03-31 | 0   | 2024-04-01 | 100.00 | 5.00          | 1.00        |
            2        | A   | 2024-03-31 | 1   | 2024-05-01 | 100.00 | 5.00          | 1.00        |
            3        | A   | 2024-03-31 | 2   | 2024-05-01 | 90.00  |               |             | 7.00
            4        | B   | 2024-03-31 | 0   | 2024-05-01 |        |               |             |
            """,
            "institutional_benefit": """
            delivery | claim_id | condition | sequestration | population_reduction
            -------- | -------- | --------- | ------------- | --------------------
            d1       | 1        | 62        | 2.00          |
            d1       | 1        | 70        | 2.00          |
            d1       | 2        | 62        | 2.00          |
            d1       | 3        | 62        | 9.00          | 3.00
            d2       | 3        | 62        | 1.80          | 30.00
            d2       | 3        | 71        | 1.80          | 30.00
            """,
            "professional_line": """
            claim_id | line | mbi | line_thru  | adj | effective  | paid  | allowed
            -------- | ---- | --- | ---------- | --- | ---------- | ----- | -------
            7        | 1    | A   | 2024-02-29 | 0   | 2024-04-01 | 50.00 | 62.50
            7        | 2    | A   | 2024-03-01 | 0   | 2024-04-01 | 30.00 | 37.50
            8        | 1    | A   | 2024-02-29 | 1   | 2024-04-01 | 20.00 | 25.00
            """,
            "professional_benefit": """
            delivery | claim_id | line | sequestration
            -------- | -------- | ---- | -------------
            d1       | 7        | 1    | 5.00
            d2       | 7        | 1    | 1.00
            d1       | 8        | 1    | 0.40
            """,
        },
    )
    dollars = by(engine, claims.dollars, "claim_id", "claim_line_number")
    names = ("paid_amount", "ime_amount", "dsh_amount", "sequestration_amount", "population_payment_reduction_amount")
    amounts = {key: tuple(str(row[name]) for name in names) for key, row in dollars.items()}
    assert amounts == {
        ("1", None): ("100.00", "6.00", "0.00", "2.00", "0.00"),
        ("2", None): ("-100.00", "-6.00", "0.00", "-2.00", "0.00"),
        ("3", None): ("90.00", "0.00", "7.00", "1.80", "30.00"),
        ("4", None): ("0.00", "0.00", "0.00", "0.00", "0.00"),
        ("7", 1): ("50.00", "0.00", "0.00", "1.00", "0.00"),
        ("7", 2): ("30.00", "0.00", "0.00", "0.00", "0.00"),
        ("8", 1): ("-20.00", "0.00", "0.00", "-0.40", "0.00"),
    }
    assert dollars["7", 1]["month"] == DAY("2024-02-01")
    assert dollars["8", 1]["allowed_amount"] == Decimal("-25.00")
    assert dollars["1", None]["allowed_amount"] is None
    assert {row["claim_kind"] for row in dollars.values()} == {"institutional", "professional"}


def test_payments_of_institutional_lines(engine: Engine) -> None:
    """R11: line amounts only where they sum to the claim; else the claim's payment stands on its first line."""
    claims = claim_set(
        engine,
        {
            "institutional_claim": """
            claim_id | mbi | paid
            -------- | --- | ------
            1        | A   | 100.00
            2        | A   | 100.00
            3        | A   | 0.00
            """,
            "institutional_line": """
            claim_id | line | paid
            -------- | ---- | -----
            1        | 1    | 60.00
            1        | 2    | 40.00
            2        | 2    | 60.00
            2        | 3    | 50.00
            3        | 1    |
            """,
        },
    )
    rows = by(
        engine,
        institutional_line_payments(claims.institutional, claims.institutional_line),
        "claim_id",
        "claim_line_number",
    )
    assert {key: (row["paid_amount"], row["lines_sum_to_claim"]) for key, row in rows.items()} == {
        ("1", 1): (Decimal("60.00"), True),
        ("1", 2): (Decimal("40.00"), True),
        ("2", 2): (Decimal("100.00"), False),
        ("2", 3): (Decimal("0.00"), False),
        ("3", 1): (Decimal("0.00"), True),
    }

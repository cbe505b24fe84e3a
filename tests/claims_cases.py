"""Claims as ASCII tables through the whole of `rules.claims`, for tests of any chapter.

Wide tables may abbreviate their column names (`ABBREVIATIONS`).
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Engine, Table
from openaco.rules.claims import ClaimSet, adjust, claim_versions, current_mbi
from openaco.tables import all_tables
from spec_tables import table_of

LAKE = {table.name: table for table in all_tables()}
ABBREVIATIONS = {
    "ime": "ime_amount",
    "dsh": "dsh_amount",
    "ucc": "uncompensated_care_amount",
    "seq": "sequestration_amount",
    "pbp": "population_payment_reduction_amount",
    "state": "provider_state_code",
    "adj": "adjustment_type_code",
    "allowed": "allowed_amount",
    "capital_ime": "capital_ime_amount",
    "ccn": "billing_ccn",
    "charge": "charge_amount",
    "condition": "related_condition_code",
    "control": "claim_control_number",
    "delivery": "delivery_id",
    "denial": "payment_denial_code",
    "dispensed": "dispensing_date",
    "effective": "effective_date",
    "facility": "bill_facility_type_code",
    "fill": "fill_number",
    "from": "claim_start_date",
    "indicator": "processing_indicator_code",
    "line": "claim_line_number",
    "line_thru": "claim_line_end_date",
    "loaded": "load_date",
    "nonpayment": "nonpayment_reason_code",
    "operating_dsh": "operating_dsh_amount",
    "operating_ime": "operating_ime_amount",
    "original": "original_claim_control_number",
    "paid": "paid_amount",
    "population_reduction": "population_payment_reduction_amount",
    "prescription": "prescription_number",
    "sequestration": "sequestration_amount",
    "thru": "claim_end_date",
    "type": "claim_type_code",
}
CONSTANTS: dict[str, dict[str, Any]] = {
    "institutional_claim": {"claim_type_code": "40"},
    "professional_line": {"claim_type_code": "71", "processing_indicator_code": "A", "claim_line_number": 1},
    "equipment_line": {"claim_type_code": "82", "processing_indicator_code": "A", "claim_line_number": 1},
    "delivery": {"feed": "cclf", "file_name": "test", "content_hash": "0"},
}


def claim_set(
    engine: Engine,
    texts: dict[str, str],
    *,
    year: int = 2024,
    period: tuple[datetime.date, datetime.date] | None = None,
    run_out_date: datetime.date | None = None,
) -> ClaimSet:
    """The claims that count, from ASCII tables by lake table name."""
    tables = {name: engine.empty(table) for name, table in LAKE.items()}
    for name, text in texts.items():
        tables[name] = table_of(engine, LAKE[name], in_full(text), **CONSTANTS.get(name, {}))
    return claim_set_of(engine, tables, year=year, period=period, run_out_date=run_out_date)


def in_full(text: str) -> str:
    """The ASCII table with the column names of the lake in place of their abbreviations."""
    header, *rows = text.strip().splitlines()
    names = [ABBREVIATIONS.get(name.strip(), name.strip()) for name in header.split("|")]
    return "\n".join([" | ".join(names), *rows])


def claim_set_of(engine: Engine, tables: dict[str, Table], **answers: Any) -> ClaimSet:
    """The claims that count, from lake tables by name."""
    identities = current_mbi(tables["mbi_crosswalk"], checkpoint=engine.checkpoint)
    versions = claim_versions(tables, identities, checkpoint=engine.checkpoint)
    return adjust(versions, checkpoint=engine.checkpoint, **answers)


def column(engine: Engine, table: Table, name: str) -> list[Any]:
    """One column's values, sorted."""
    return sorted(row[name] for row in engine.to_rows(table.select(name)))


def by(engine: Engine, table: Table, *keys: str) -> dict[Any, dict[str, Any]]:
    """The rows by the value of a column, or by the values of several. Each key must name one row."""
    rows = engine.to_rows(table)
    found = {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows), f"{keys} name several rows"
    return found

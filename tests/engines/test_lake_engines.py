"""The lake read through every engine: same rows, same types."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

from openaco.engine import Engine, Lake, arrow_schema
from openaco.tables import Beneficiary, Delivery, InstitutionalClaim

FIRST, SECOND = "cclf-20240801T0000000-00000001", "cclf-20240901T0000000-00000002"


def lake_of_two(folder: Path) -> Lake:
    lake = Lake.create(folder / "lake")
    for number, name in enumerate((SECOND, FIRST)):
        with lake.begin(name) as draft:
            row = {
                "claim_id": str(number),
                "paid_amount": Decimal("12.34"),
                "claim_end_date": datetime.date(2024, 2, 29),
                "source_file": "f",
                "source_line": 7,
            }
            draft.add(InstitutionalClaim, [row])
            draft.commit({"feed": "cclf", "file_name": name, "content_hash": name})
    return lake


def test_rows_and_types_are_the_same_on_every_engine(engine: Engine, tmp_path: Path) -> None:
    lake = lake_of_two(tmp_path)
    rows = lake.read(engine, InstitutionalClaim)
    assert list(rows.columns) == arrow_schema(InstitutionalClaim).names
    found = sorted(engine.to_rows(rows), key=lambda row: row["claim_id"])
    assert [row["delivery_id"] for row in found] == [SECOND, FIRST]
    assert found[0]["paid_amount"] == Decimal("12.34")
    assert found[0]["claim_end_date"] == datetime.date(2024, 2, 29)
    assert found[0]["source_line"] == 7
    assert found[0]["mbi"] is None
    assert str(rows.schema()["paid_amount"]) == "decimal(18, 2)"


def test_latest_is_the_newest_by_delivery_not_by_loading(engine: Engine, tmp_path: Path) -> None:
    lake = lake_of_two(tmp_path)
    rows = engine.to_rows(lake.read(engine, InstitutionalClaim, deliveries="latest"))
    assert [row["delivery_id"] for row in rows] == [SECOND]


def test_an_older_version_is_still_there(engine: Engine, tmp_path: Path) -> None:
    lake = lake_of_two(tmp_path)
    before = Lake(lake.path, version=1)
    assert [row["delivery_id"] for row in engine.to_rows(before.read(engine, InstitutionalClaim))] == [SECOND]
    assert engine.to_rows(Lake(lake.path, version=0).read(engine, InstitutionalClaim)) == []


def test_a_table_nobody_delivered_is_empty_and_has_its_columns(engine: Engine, tmp_path: Path) -> None:
    rows = lake_of_two(tmp_path).read(engine, Beneficiary)
    assert engine.to_rows(rows) == []
    assert list(rows.columns) == arrow_schema(Beneficiary).names


def test_deliveries_can_be_read_as_a_table(engine: Engine, tmp_path: Path) -> None:
    rows = engine.to_rows(lake_of_two(tmp_path).read(engine, Delivery))
    assert {row["delivery_id"] for row in rows} == {FIRST, SECOND}

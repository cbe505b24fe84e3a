"""The lake: what is visible, when, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from openaco.engine import Engine, Lake, arrow_schema
from openaco.errors import LakeError
from openaco.tables import Column, Delivered, Participant, Provider, Quarantine

ROW: Mapping[str, Any] = {"aco_id": "A1234", "tin": "012345678", "source_file": "participants.csv", "source_line": 2}


def name(day: int, feed: str = "roster") -> str:
    return f"{feed}-202408{day:02d}T0000000-0a1b2c3d"


def deliver(lake: Lake, delivery_id: str, rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    with lake.begin(delivery_id) as draft:
        draft.add(Participant, [dict(ROW)] if rows is None else rows)
        return draft.commit({"feed": delivery_id.split("-")[0], "file_name": delivery_id, "content_hash": delivery_id})


def participants(lake: Lake, **how: Any) -> list[dict[str, Any]]:
    paths = lake.files(Participant, **how)
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def test_a_commit_makes_rows_visible_and_fills_in_the_counts(lake: Lake) -> None:
    row = deliver(lake, name(1))
    assert row["row_count"] == 1
    assert row["quarantined_count"] == 0
    assert [found["tin"] for found in participants(lake)] == ["012345678"]
    assert participants(lake)[0]["delivery_id"] == name(1)


def test_leaving_without_commit_changes_nothing(lake: Lake) -> None:
    with lake.begin(name(1)) as draft:
        draft.add(Participant, [dict(ROW)])
    assert lake.deliveries() == []
    assert participants(lake) == []


def test_an_error_on_the_way_changes_nothing(lake: Lake) -> None:
    def fail_on_the_way() -> None:
        with lake.begin(name(1)) as draft:
            draft.add(Participant, [dict(ROW)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()
    assert lake.deliveries() == []
    deliver(lake, name(1))
    assert len(participants(lake)) == 1


def test_the_order_is_the_order_of_delivery(lake: Lake) -> None:
    for day in (2, 3, 1):
        deliver(lake, name(day))
    assert [row["delivery_id"] for row in lake.deliveries()] == [name(1), name(2), name(3)]


def test_find_by_name_and_content(lake: Lake) -> None:
    deliver(lake, name(1))
    assert lake.find(name(1), name(1)) is not None
    assert lake.find(name(1)) is not None
    assert lake.find(name(1), "other") is None
    assert lake.find("other") is None


def test_latest_is_per_feed_and_an_empty_delivery_counts(lake: Lake) -> None:
    deliver(lake, name(1))
    deliver(lake, name(1, feed="alr"))
    assert len(participants(lake, deliveries="latest")) == 2
    deliver(lake, name(2), rows=[])
    assert [row["delivery_id"] for row in participants(lake, deliveries="latest")] == [name(1, feed="alr")]


def test_a_delivery_that_is_silent_about_a_table_does_not_hide_the_older_one(lake: Lake) -> None:
    deliver(lake, name(1))
    with lake.begin(name(2)) as draft:
        draft.add(Provider, [{"npi": "1", "source_file": "p", "source_line": 1}])
        draft.commit({"feed": "roster", "file_name": "p", "content_hash": "p"})
    assert [row["delivery_id"] for row in participants(lake, deliveries="latest")] == [name(1)]


def test_deliveries_by_id(lake: Lake) -> None:
    deliver(lake, name(1))
    deliver(lake, name(2))
    assert [row["delivery_id"] for row in participants(lake, deliveries=[name(1)])] == [name(1)]
    with pytest.raises(LakeError, match="no delivery"):
        participants(lake, deliveries=["roster-1-2"])


def test_versions_name_the_delivery_that_made_them(lake: Lake) -> None:
    deliver(lake, name(2))
    deliver(lake, name(1))
    assert [version["delivery_id"] for version in lake.versions()] == [None, name(2), name(1)]
    assert [row["delivery_id"] for row in Lake(lake.path, version=1).deliveries()] == [name(2)]
    with pytest.raises(LakeError, match="Versions run from 0 to 2"):
        Lake(lake.path, version=3)
    with pytest.raises(LakeError, match="older version"), Lake(lake.path, version=1).begin(name(5)):
        pass


def test_quarantine_keeps_file_line_and_reason(lake: Lake) -> None:
    with lake.begin(name(1)) as draft:
        draft.quarantine("f", 9, "TIN is blank", "x")
        draft.quarantine("f", 3, "TIN is blank", "y")
        row = draft.commit({"feed": "roster", "file_name": "f", "content_hash": "h"})
    assert row["quarantined_count"] == 2
    assert row["row_count"] == 0
    assert [found["source_line"] for found in lake.quarantine()] == [3, 9]
    assert lake.quarantine(name(1))[0]["reason"] == "TIN is blank"
    assert Lake.create(lake.path).quarantine(name(1)) == lake.quarantine()


def test_many_quarantined_lines_do_not_stay_in_memory(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaco.engine.draft.LINES_IN_MEMORY", 10)
    with lake.begin(name(1)) as draft:
        for line in range(25):
            draft.quarantine("f", line, "TIN is blank", "")
        row = draft.commit({"feed": "roster", "file_name": "f", "content_hash": "h"})
    assert row["quarantined_count"] == 25
    assert [found["source_line"] for found in lake.quarantine()] == list(range(25))


def test_two_loads_at_once_are_refused_and_reading_goes_on(lake: Lake) -> None:
    deliver(lake, name(1))
    with lake.begin(name(2)) as draft:
        draft.add(Participant, [dict(ROW)])
        with pytest.raises(LakeError, match="another load is under way"), lake.begin(name(3)):
            pass
        assert len(participants(Lake(lake.path))) == 1
        draft.commit({"feed": "roster", "file_name": "f", "content_hash": "h"})
    assert len(participants(lake)) == 2


def test_the_same_delivery_twice_is_an_error_of_the_caller(lake: Lake) -> None:
    deliver(lake, name(1))
    with pytest.raises(LakeError, match="in the lake already"), lake.begin(name(1)):
        pass


@pytest.mark.parametrize("wrong", ["", "roster", "../x-1-2", "roster-1-2/..", "Roster-1-2", "roster-1-2 "])
def test_a_delivery_id_is_a_safe_name(lake: Lake, wrong: str) -> None:
    with pytest.raises(LakeError, match="not a delivery id"), lake.begin(wrong):
        pass


def test_unknown_columns_are_errors(lake: Lake) -> None:
    with lake.begin(name(1)) as draft:
        with pytest.raises(LakeError, match="no such column: shoe_size"):
            draft.add(Participant, [{**ROW, "shoe_size": 1}])
        with pytest.raises(LakeError, match="no such column: shoe_size"):
            draft.add(Participant, pa.table({"shoe_size": [1]}))


def test_a_required_value_that_is_missing_is_an_error(lake: Lake) -> None:
    with lake.begin(name(1)) as draft, pytest.raises(LakeError, match="1 rows have no tin"):
        draft.add(Participant, [{**ROW, "tin": None}])


def test_a_value_of_another_type_is_an_error_without_the_value(lake: Lake) -> None:
    with lake.begin(name(1)) as draft, pytest.raises(LakeError) as caught:
        draft.add(Participant, [{**ROW, "start_date": "canary"}])
    assert "start_date" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_arrow_tables_readers_and_files_are_taken(lake: Lake, tmp_path: Path) -> None:
    schema = arrow_schema(Participant)
    whole = pa.Table.from_pylist([{**dict.fromkeys(schema.names), **ROW, "delivery_id": name(1)}], schema=schema)
    pq.write_table(whole, tmp_path / "ready.parquet")
    with lake.begin(name(1)) as draft:
        assert draft.add(Participant, whole.drop_columns(["delivery_id"])) == 1
        assert draft.add(Participant, pa.RecordBatchReader.from_batches(schema, whole.to_batches())) == 1
        assert draft.add(Participant, tmp_path / "ready.parquet") == 1
        row = draft.commit({"feed": "roster", "file_name": "f", "content_hash": "h"})
    assert row["row_count"] == 3
    assert len(participants(lake)) == 3


def test_a_file_with_other_columns_is_refused(lake: Lake, tmp_path: Path) -> None:
    pq.write_table(pa.table({"tin": ["1"]}), tmp_path / "other.parquet")
    with lake.begin(name(1)) as draft, pytest.raises(LakeError, match="does not have the table's columns"):
        draft.add(Participant, tmp_path / "other.parquet")


def test_no_lake_and_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no lake here"):
        Lake(tmp_path / "nothing")
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(LakeError, match="holds other files"):
        Lake.create(tmp_path)
    with pytest.raises(LakeError, match="cannot make a lake"):
        Lake.create(tmp_path / "holiday.jpg" / "lake")


def test_a_column_added_later_is_null_in_older_deliveries(tmp_path: Path, duckdb_engine: Engine) -> None:
    columns = {**Delivered.columns(), "tin": Column("text", "", name="tin")}
    before = _table("growing", columns)
    after = _table("growing", {**columns, "amount": Column("money", "", name="amount")})
    lake = Lake.create(tmp_path / "lake")
    for number, table in enumerate((before, after), start=1):
        with lake.begin(name(number)) as draft:
            draft.add(table, [{"tin": str(number), "source_file": "f", "source_line": 1}])
            draft.commit({"feed": "roster", "file_name": "f", "content_hash": "h"})
    rows = duckdb_engine.to_rows(lake.read(duckdb_engine, after))
    assert {(row["tin"], row["amount"]) for row in rows} == {("1", None), ("2", None)}
    assert list(rows[0]) == arrow_schema(after).names


def _table(name: str, columns: dict[str, Column]) -> Any:
    """A table that is not one of the contract's, so that `all_tables` does not see it."""
    return type("Growing", (), {"name": name, "columns": classmethod(lambda cls: columns)})


def test_the_lake_is_plain_delta_for_others(lake: Lake) -> None:
    import deltalake

    deliver(lake, name(1))
    deliver(lake, name(2))
    foreign = deltalake.DeltaTable(str(lake.path / "participant")).to_pyarrow_table()
    assert sorted(foreign["delivery_id"].to_pylist()) == [name(1), name(2)]
    assert set(foreign.column_names) == set(Participant.columns())
    assert Quarantine.name not in {entry.name for entry in lake.path.iterdir()}

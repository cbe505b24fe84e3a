"""The few things the lake asks of Delta: which files stand, add some, remove some. Each change is one atomic commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from openaco.errors import LakeError

PARTITION = "delivery_id"


@dataclass(frozen=True)
class StoredFile:
    """One Parquet file of a Delta table. `path` is relative to the table's folder."""

    path: str
    delivery_id: str
    rows: int
    size: int


def exists(folder: Path) -> bool:
    """Whether a Delta table stands in the folder."""
    return any((folder / "_delta_log").glob("*.json"))


def create(folder: Path, schema: pa.Schema, *, partitioned: bool = True) -> None:
    """Make an empty Delta table, unless there is one. Its history is never cleaned up."""
    DeltaTable.create(
        str(folder),
        schema=schema,
        mode="ignore",
        partition_by=[PARTITION] if partitioned else None,
        configuration={"delta.enableExpiredLogCleanup": "false"},
    )


def stored_files(folder: Path, *, version: int | None = None) -> list[StoredFile]:
    """The files that stand in the table, at its newest version or an older one. Raises LakeError if unreadable."""
    try:
        actions = pa.table(DeltaTable(str(folder), version=version).get_add_actions(flatten=True))
    except (DeltaError, OSError) as error:
        raise LakeError(
            "cannot be read as a Delta table",
            where=folder.name,
            remedy="Restore the folder from a copy; a load never changes files that stand.",
        ) from error
    names = {"path", "size_bytes", "num_records", f"partition.{PARTITION}"} & set(actions.column_names)
    return [
        StoredFile(row["path"], row.get(f"partition.{PARTITION}") or "", row["num_records"], row["size_bytes"])
        for row in actions.select(sorted(names)).to_pylist()
    ]


def add_files(folder: Path, schema: pa.Schema, files: Sequence[StoredFile], *, note: dict[str, Any]) -> None:
    """Make files that lie in the table's folder part of it. A first file makes the table; new columns are added."""
    partitioned = any(file.delivery_id for file in files)
    if not exists(folder):
        create(folder, schema, partitioned=partitioned)
    table = DeltaTable(str(folder))
    _add_new_columns(table, schema, folder.name)
    table.create_write_transaction(
        [_add_action(folder, file) for file in files],
        "append",
        table.schema(),
        partition_by=[PARTITION] if partitioned else None,
        commit_properties=CommitProperties(custom_metadata=note),
    )


def remove_files(folder: Path, files: Sequence[StoredFile]) -> None:
    """Take files out of the table; the files themselves stay on disk."""
    table = DeltaTable(str(folder))
    actions = [RemoveAction(file.path, True, 0, file.size, {PARTITION: file.delivery_id}) for file in files]
    table.create_write_transaction(actions, "append", table.schema(), partition_by=[PARTITION])


def newest_version(folder: Path) -> int:
    """The number of the last commit."""
    return int(DeltaTable(str(folder)).version())


def history(folder: Path) -> list[dict[str, Any]]:
    """The commits of the table, oldest first."""
    return sorted(DeltaTable(str(folder)).history(), key=lambda commit: commit["version"])


def _add_action(folder: Path, file: StoredFile) -> AddAction:
    stamp = int((folder / file.path).stat().st_mtime * 1000)
    values = {PARTITION: file.delivery_id} if file.delivery_id else {}
    return AddAction(file.path, file.size, values, stamp, True, json.dumps({"numRecords": file.rows}))


def _add_new_columns(table: DeltaTable, schema: pa.Schema, name: str) -> None:
    wanted = Schema.from_arrow(schema)
    known = {field.name: field for field in table.schema().fields}
    changed = [field.name for field in wanted.fields if field.name in known and known[field.name].type != field.type]
    if changed:
        raise LakeError(
            f"column {changed[0]} has another type than this version of OpenACO writes",
            where=name,
            remedy="Load the deliveries again into a new lake.",
        )
    new = [field for field in wanted.fields if field.name not in known]
    if new:
        table.alter.add_columns(new)

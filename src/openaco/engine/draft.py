"""A delivery on its way into the lake: its rows lie in a scratch folder until `commit` shows them all at once."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.engine import delta
from openaco.engine.schema import arrow_schema
from openaco.errors import LakeError
from openaco.tables import Delivery, LakeTable, Quarantine

LINES_IN_MEMORY = 50_000
DELIVERY_ID = re.compile(r"[a-z][a-z0-9_]*-[0-9A-Za-z]+-[0-9a-z]+")
Data: TypeAlias = "pa.Table | pa.RecordBatchReader | Sequence[Mapping[str, Any]] | Path"

WRITING = {"compression": "zstd", "compression_level": 1, "store_decimal_as_integer": True, "store_schema": False}


class Draft:
    """One delivery being written, made by `Lake.begin`: invisible before `commit`, gone without it."""

    def __init__(self, lake: Path, folder: Path, delivery_id: str) -> None:
        self.delivery_id = delivery_id
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.committed = False
        self._lake = lake
        self._made = 0
        self._files: dict[type[LakeTable], list[Path]] = {}
        self._problems: list[dict[str, Any]] = []

    def add(self, table: type[LakeTable], data: Data) -> int:
        """Add rows to a table of this delivery; returns how many. May be called several times for a table.

        data: Arrow data, Python rows (columns left out are null), or the path of a Parquet file that has exactly the
        table's columns, which is moved into the lake. `delivery_id` is filled in (a file must have it already).
        Adding nothing says that the delivery speaks about the table and holds no rows of it.
        Raises LakeError for an unknown column or a required column without a value.
        """
        path = self.new_file(table)
        if isinstance(data, Path):
            data.replace(path)
        else:
            with pq.ParquetWriter(path, arrow_schema(table), **WRITING) as writer:
                for piece in _pieces(table, data):
                    writer.write_table(self._conform(table, piece))
        rows = _check_file(table, path)
        self._files.setdefault(table, []).append(path)
        self.counts[table.name] += rows
        return rows

    def new_file(self, table: type[LakeTable]) -> Path:
        """A path in the scratch folder where a feed may write a Parquet file itself, to be handed to `add`."""
        self._made += 1
        return self.folder / f"{table.name}.{self._made:05d}.{fingerprint(table)}.parquet"

    def quarantine(self, source_file: str, source_line: int, reason: str, content: str) -> None:
        """Put a line aside with its reason. The reason names the field, never its value."""
        self.reasons[reason] += 1
        self._problems.append(
            {"source_file": source_file, "source_line": source_line, "reason": reason, "content": content}
        )
        if len(self._problems) >= LINES_IN_MEMORY:
            self._store_problems()

    def commit(self, delivery: Mapping[str, Any]) -> dict[str, Any]:
        """Make everything visible, all tables at once, and return the delivery's row.

        delivery: the `Delivery` row; `delivery_id`, `row_count` and `quarantined_count` are filled in.
        Each table's files enter its Delta log first; the delivery's own row comes last, and is what counts.
        """
        self._store_problems()
        quarantined = self.counts[Quarantine.name]
        row = {
            **delivery,
            "delivery_id": self.delivery_id,
            "row_count": self.counts.total() - quarantined,
            "quarantined_count": quarantined,
        }
        record = self.folder / f"{self.delivery_id}.parquet"
        pq.write_table(self._conform(Delivery, _from_rows(Delivery, [row])), record)
        _check_file(Delivery, record)
        for table, paths in self._files.items():
            self._publish(table, paths, f"{delta.PARTITION}={self.delivery_id}", self.delivery_id)
        self._publish(Delivery, [record], "", "")
        self.committed = True
        return row

    def _store_problems(self) -> None:
        if self._problems:
            rows, self._problems = self._problems, []
            self.add(Quarantine, rows)

    def _publish(self, table: type[LakeTable], paths: Iterable[Path], subfolder: str, partition: str) -> None:
        home = self._lake / table.name
        (home / subfolder).mkdir(parents=True, exist_ok=True)
        files = []
        for path in paths:
            target = path.replace(home / subfolder / path.name)
            rows, size = pq.read_metadata(target).num_rows, target.stat().st_size
            files.append(delta.StoredFile(target.relative_to(home).as_posix(), partition, rows, size))
        delta.add_files(home, arrow_schema(table), files, note={delta.PARTITION: self.delivery_id})

    def _conform(self, table: type[LakeTable], data: pa.Table) -> pa.Table:
        """The data with exactly the table's columns: missing ones null, `delivery_id` filled in, declared types."""
        schema = arrow_schema(table)
        unknown = sorted(set(data.column_names) - set(schema.names))
        if unknown:
            raise LakeError(f"no such column: {', '.join(unknown)}", where=table.name)
        columns = []
        for field in schema:
            if field.name == delta.PARTITION:
                columns.append(pa.repeat(pa.scalar(self.delivery_id), len(data)))
            elif field.name in data.column_names:
                columns.append(_cast(data[field.name], field, table))
            else:
                columns.append(pa.nulls(len(data), field.type))
        return pa.table(columns, schema=schema)

    def discard(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def fingerprint(table: type[LakeTable]) -> str:
    """Eight letters that stand for the table's columns and types; part of each file's name."""
    text = ";".join(f"{name}:{column.kind}" for name, column in sorted(table.columns().items()))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _pieces(
    table: type[LakeTable], data: pa.Table | pa.RecordBatchReader | Sequence[Mapping[str, Any]]
) -> Iterable[pa.Table]:
    if isinstance(data, pa.Table):
        yield data
    elif isinstance(data, pa.RecordBatchReader):
        yield from (pa.Table.from_batches([batch]) for batch in data)
    else:
        for start in range(0, len(data), 50_000):
            yield _from_rows(table, data[start : start + 50_000])


def _from_rows(table: type[LakeTable], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = arrow_schema(table)
    unknown = sorted({name for row in rows for name in row} - set(schema.names))
    if unknown:
        raise LakeError(f"no such column: {', '.join(unknown)}", where=table.name)
    columns = []
    for field in schema:
        try:
            columns.append(pa.array([row.get(field.name) for row in rows], field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            raise LakeError(f"column {field.name} cannot be stored as {field.type}", where=table.name) from None
    return pa.table(columns, schema=schema)


def _cast(column: pa.ChunkedArray, field: pa.Field, table: type[LakeTable]) -> pa.ChunkedArray:
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid:
        raise LakeError(f"column {field.name} cannot be stored as {field.type}", where=table.name) from None


def _check_file(table: type[LakeTable], path: Path) -> int:
    """The number of rows. Raises LakeError where the columns are not the table's or a required value is missing."""
    metadata = pq.read_metadata(path)
    if set(metadata.schema.names) != set(table.columns()):
        raise LakeError("the file does not have the table's columns", where=table.name)
    required = {name for name, column in table.columns().items() if column.required}
    for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
        for column in (group.column(number) for number in range(group.num_columns)):
            statistics = column.statistics
            missing = statistics.null_count if statistics and statistics.has_null_count else 0
            if missing and column.path_in_schema in required:
                raise LakeError(
                    f"{missing} rows have no {column.path_in_schema}, which every row must have", where=table.name
                )
    return int(metadata.num_rows)

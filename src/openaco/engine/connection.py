"""One connection to an engine: embedded DuckDB, or a Spark Connect server. Rules never see the difference."""

from __future__ import annotations

import datetime
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from openaco.engine.schema import arrow_schema
from openaco.errors import OpenACOError
from openaco.tables import LakeTable

Row = Mapping[str, Any]

ibis.options.sql.fuse_selects = False  # the engines fuse nested selects themselves; doing it twice costs seconds a run


class Engine:
    """Runs table expressions. Use as a context manager; its scratch files go when it closes."""

    def __init__(self, backend: Any, name: str) -> None:
        self.name = name
        self.backend = backend
        self.scratch = Path(tempfile.mkdtemp(prefix="openaco-"))

    @classmethod
    def duckdb(cls, *, memory_limit: str = "1500MB", threads: int | None = None) -> Engine:
        """Embedded DuckDB. It spills to its scratch folder beyond `memory_limit`."""
        engine = cls(ibis.duckdb.connect(), "duckdb")
        settings = {"memory_limit": f"'{memory_limit}'", "temp_directory": f"'{engine.scratch / 'spill'}'"}
        settings |= {"preserve_insertion_order": "false", "enable_progress_bar": "false"}
        if threads:
            settings["threads"] = str(threads)
        for key, value in settings.items():
            engine.backend.raw_sql(f"SET {key} = {value}")
        return engine

    @classmethod
    def spark(cls, url: str) -> Engine:
        """A Spark Connect server, such as `sc://127.0.0.1:50051`. It must see this machine's files."""
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise OpenACOError("Spark Connect is not installed", remedy="pip install 'openaco[spark]'") from error
        session = SparkSession.builder.remote(url).getOrCreate()
        return cls(ibis.pyspark.connect(session), "spark")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect and remove the scratch files."""
        self.backend.disconnect()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def read_parquet(self, paths: Sequence[Path | str]) -> Table:
        """The rows of Parquet files that share one schema."""
        names = [str(path) for path in paths]
        if self.name == "duckdb":
            return self.backend.read_parquet(names, table_name=_unique("file"))
        frame = self.backend._session.read.parquet(*names)
        view = _unique("file")
        frame.createOrReplaceTempView(view)
        return self.backend.table(view)

    def from_rows(self, table: type[LakeTable], rows: Iterable[Row]) -> Table:
        """A table from Python rows; columns left out are null. Unknown columns are errors."""
        schema = arrow_schema(table)
        prepared = []
        for row in rows:
            unknown = set(row) - set(schema.names)
            if unknown:
                raise OpenACOError(f"no such column: {', '.join(sorted(unknown))}", where=table.name)
            prepared.append({name: row.get(name) for name in schema.names})
        return self.from_arrow(pa.Table.from_pylist(prepared, schema=schema))

    def from_arrow(self, data: pa.Table) -> Table:
        """A table from Arrow data, by way of a Parquet file so that every engine reads nulls alike."""
        path = self.scratch / f"{_unique('rows')}.parquet"
        pq.write_table(data, path)
        return self.read_parquet([path])

    def empty(self, table: type[LakeTable]) -> Table:
        """A table without rows."""
        return self.from_rows(table, [])

    def checkpoint(self, expression: Table) -> Table:
        """Compute now, keep the rows, and go on from them: cuts a long expression where several read it."""
        if self.name == "duckdb":
            name = _unique("checkpoint")
            self.backend.raw_sql(f'CREATE TEMP TABLE "{name}" AS {self.backend.compile(expression)}')
            return self.backend.table(name, database=("temp", "main"))
        path = self.scratch / f"{_unique('checkpoint')}.parquet"
        pq.write_table(expression.to_pyarrow(), path)
        return self.read_parquet([path])

    def store(self, expression: Table) -> Table:
        """Like `checkpoint`, but the rows wait on disk, by column: for many rows of which few are read again."""
        path = self.scratch / f"{_unique('stored')}.parquet"
        self.write_parquet(expression, path, compression="snappy")
        return self.read_parquet([path])

    def view(self, expression: Table) -> Table:
        """Give an expression a name without computing it, so that what is built on it stays short to compile."""
        name, sql = _unique("view"), self.backend.compile(expression)
        if self.name == "duckdb":
            self.backend.raw_sql(f'CREATE TEMP VIEW "{name}" AS {sql}')
            return self.backend.table(name, database=("temp", "main"))
        self.backend._session.sql(sql).createOrReplaceTempView(name)
        return self.backend.table(name)

    def write_parquet(self, expression: Table, path: Path, *, compression: str = "zstd") -> int:
        """Write the rows as one Parquet file, replacing it whole; returns the number of rows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
        if self.name == "duckdb":
            sql = self.backend.compile(expression)
            self.backend.raw_sql(f"COPY ({sql}) TO '{draft}' (FORMAT parquet, COMPRESSION {compression})")
        else:
            pq.write_table(expression.to_pyarrow(), draft, compression=compression)
        draft.replace(path)
        return int(pq.read_metadata(path).num_rows)

    def to_columns(self, expression: Table) -> dict[str, Any]:
        """The rows as NumPy arrays by column, for arithmetic on many: cast money to whole cents before."""
        columns = expression.to_pyarrow()
        return {name: columns[name].to_numpy() for name in columns.column_names}

    def to_rows(self, expression: Table) -> list[dict[str, Any]]:
        """The rows as Python dicts: decimals stay exact, dates are `datetime.date`."""
        rows = expression.to_pyarrow().to_pylist()
        return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


def _unique(stem: str) -> str:
    return f"{stem}_{uuid.uuid4().hex[:12]}"

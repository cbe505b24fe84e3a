"""What the tests of the feeds share: an empty lake, the rows of a table, files from text."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.engine import Lake, arrow_schema
from openaco.tables import LakeTable


def rows(lake: Lake, table: type[LakeTable]) -> list[dict[str, Any]]:
    """All rows of a table, in the order of delivery, file and line."""
    found = arrow_rows(lake, table).to_pylist()
    return sorted(found, key=lambda row: (row["delivery_id"], row["source_file"], row["source_line"]))


def arrow_rows(lake: Lake, table: type[LakeTable]) -> pa.Table:
    """All rows of a table as Arrow data."""
    tables = [pq.read_table(path, partitioning=None) for path in lake.files(table)]
    return pa.concat_tables(tables) if tables else arrow_schema(table).empty_table()


def write(folder: Path, **files: str | bytes) -> Path:
    """Files into a folder; `__` in a name stands for the dot. Their time is fixed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        stamp(path, "2024-05-01T12:00:00")
    return folder


def stamp(path: Path, when: str) -> Path:
    """Set the time a file was last written."""
    seconds = datetime.fromisoformat(f"{when}+00:00").timestamp()
    os.utime(path, (seconds, seconds))
    return path

"""Code tables as their publishers give them → columns of text by one set of names.

Which files are known, by what names, and where to get them: `parameters/groupers/code_tables.csv`.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pyarrow as pa

from openaco.errors import FeedError
from openaco.feeds.code_tables.sas import formats
from openaco.parameters import parameter

LATEST = 2026
_SEPARATORS = (",", "|", "\t", ";")


@dataclass(frozen=True)
class MissingTable:
    """A table that a grouper needs and nobody has loaded: what then stays undone, and where to get it."""

    table: str
    needed_for: str
    files: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class CodeTables:
    """What a user has put into the folder. `tables`: columns of text by table; `files`: the file that each is from."""

    folder: Path | None = None
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> pa.Table | None:
        """A table, or None if nobody loaded it. Raises KeyError for a name that is no table."""
        _known()[name]
        return self.tables.get(name)

    def missing(self, *names: str) -> tuple[MissingTable, ...]:
        """Those of the named tables that were not loaded (all that are not optional, if none is named)."""
        asked = names or tuple(name for name, row in _known().items() if row["optional"] == "no")
        return tuple(_missing(name) for name in asked if name not in self.tables)


def read_code_tables(folder: Path | None) -> CodeTables:
    """All known tables in a folder; without a folder, or where it does not exist, none.

    Several files of one table are read one after the other, in the order of their names. Files with other names are
    left alone. Raises FeedError for a file that lacks a column or cannot be read.
    """
    if folder is None or not folder.is_dir():
        return CodeTables(folder)
    tables: dict[str, list[pa.Table]] = {}
    files: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        name = _table_of(path)
        if name is None or not path.is_file():
            continue
        tables.setdefault(name, []).append(_read(path, name))
        files.setdefault(name, []).append(path.name)
    joined = {name: pa.concat_tables(found) for name, found in tables.items()}
    return CodeTables(folder, joined, {name: ", ".join(found) for name, found in files.items()})


@cache
def _known() -> dict[str, dict[str, str]]:
    return {row["table"]: row for row in parameter("groupers/code_tables", LATEST).value}


def _missing(name: str) -> MissingTable:
    row = _known()[name]
    return MissingTable(name, row["needed_for"], tuple(row["files"].split(";")), row["where"])


def _table_of(path: Path) -> str | None:
    """The table of a file by its name: that of the longest pattern which fits."""
    stem = re.sub(r"(\.(csv|txt|sas|gz|tsv))+$", "", path.name.lower())
    if stem == path.name.lower():
        return None
    found = [
        (len(pattern), name)
        for name, row in _known().items()
        for pattern in row["files"].split(";")
        if fnmatchcase(stem, pattern)
    ]
    return max(found)[1] if found else None


def _read(path: Path, name: str) -> pa.Table:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FeedError("cannot be read", where=path.name, remedy="Download it again; it must be UTF-8.") from error
    if path.name.lower().removesuffix(".gz").endswith(".sas"):
        return _table(name, formats(text, path.name))
    return _table(name, _rows(text, name, path.name))


def _rows(text: str, name: str, file: str) -> list[dict[str, str]]:
    """The rows of a delimited file under our names. AHRQ writes its headers and codes in single quotes."""
    lines = text.splitlines()
    first = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=first.count)
    header = [_plain(cell).lower() for cell in next(csv.reader([first], delimiter=separator), [])]
    places = _places(header, name, file)
    rows = []
    for cells in csv.reader(lines[1:], delimiter=separator):
        if any(cell.strip() for cell in cells):
            rows.append({column: _plain(cells[at]) if at < len(cells) else "" for column, at in places.items()})
    if not rows:
        raise FeedError("holds no rows", where=file, remedy="Some published copies hold the header alone.")
    return rows


def _places(header: list[str], name: str, file: str) -> dict[str, int]:
    places = {}
    for item in _known()[name]["columns"].split(";"):
        column, _equals, names = item.partition("=")
        at = next((header.index(one) for one in names.split("|") if one in header), None)
        if at is None:
            raise FeedError(
                f"has no column {' or '.join(names.split('|'))}",
                where=file,
                remedy=f"It should be: {_known()[name]['where']}.",
            )
        places[column] = at
    return places


def _plain(cell: str) -> str:
    return cell.strip().strip("'\"").strip()


def _table(name: str, rows: Iterable[Mapping[str, str]]) -> pa.Table:
    columns = [item.partition("=")[0] for item in _known()[name]["columns"].split(";")]
    rows = list(rows)
    data = {column: pa.array([row[column] for row in rows], pa.string()) for column in columns}
    if "code" in data:
        data["code"] = pa.array([row["code"].replace(".", "").upper() for row in rows], pa.string())
    return pa.table(data)

"""CCLF record layouts: which positions of a line make which column of a table. All of it is data in parameters/cclf."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from openaco.engine.fixed_width import FixedColumn, Piece, Record
from openaco.errors import ParameterError
from openaco.parameters.loader import ROOT
from openaco.tables import LakeTable, all_tables

FOLDER = ROOT / "cclf"
MISSING_DATES = ("1000-01-01", "9999-12-31")


@dataclass(frozen=True)
class FileType:
    """One of CCLF1–9, A, B: the table it fills, and whether a release or an attribution copy must have it."""

    file: str
    table: type[LakeTable]
    in_release: bool
    in_attribution_copy: bool


@cache
def file_types() -> dict[str, FileType]:
    """The files of the set by name, CCLF0 excepted."""
    tables = {table.name: table for table in all_tables()}
    return {
        row["file"]: FileType(
            row["file"], tables[row["table"]], row["in_release"] == "yes", row["in_attribution_copy"] == "yes"
        )
        for row in _rows("file_set.csv")
    }


@cache
def known_lengths(file: str) -> tuple[int, ...]:
    """The line lengths that a file has had, shortest first."""
    return tuple(sorted(int(row["length"]) for row in _rows("record_lengths.csv") if row["file"] == file))


def newest_length(file: str) -> int:
    """The longest line known of a file."""
    return known_lengths(file)[-1]


def length_since(file: str, length: int) -> str:
    """Since when a file has lines of this length (`2022-12`), or empty if the length is not known."""
    for row in _rows("record_lengths.csv"):
        if row["file"] == file and int(row["length"]) == length:
            return row["since"]
    return ""


def ends_on_field(file: str, length: int) -> bool:
    """Whether a line of this length ends where a field ends."""
    return any(end == length for fields in _layouts(file).values() for _, end in fields.values())


def record_for(file: str, length: int) -> Record:
    """How to read a file whose lines have this length: fields beyond the end are null, letters beyond are not read."""
    variants = _layouts(file)
    fitting = [size for size in variants if size <= length] or [min(variants)]
    fields = variants[max(fitting)]
    table = file_types()[file].table
    columns = []
    for name, column in table.columns().items():
        if name not in ("delivery_id", "source_file", "source_line"):
            sources = _sources(table.name)[name]
            pieces = tuple(Piece(field, *fields[field]) for field in sources if fields[field][1] <= length)
            columns.append(FixedColumn(name, column.kind, pieces, column.required))
    return Record(length, tuple(columns), filler="~", missing_dates=MISSING_DATES)


@cache
def _layouts(file: str) -> dict[int, dict[str, tuple[int, int]]]:
    """The layouts of a file by the length they were written for: each field's start (from 0) and end."""
    variants: dict[str, dict[str, tuple[int, int]]] = {}
    for row in _rows("record_layouts.csv"):
        if row["file"].split("_")[0] == file:
            variants.setdefault(row["file"], {})[row["field_name"]] = (int(row["start"]) - 1, int(row["end"]))
    return {max(end for _, end in fields.values()): fields for fields in variants.values()}


@cache
def _sources(table: str) -> dict[str, tuple[str, ...]]:
    """For each column of a table the CCLF fields it is read from, in the order in which they are asked."""
    return {row["column"]: tuple(row["fields"].split(";")) for row in _rows("columns.csv") if row["table"] == table}


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    path = FOLDER / name
    if not path.is_file():
        raise ParameterError("is missing", where=f"cclf/{name}", remedy="Install OpenACO again.")
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))

"""VSAC's spreadsheet downloads: codes under a heading row, with the value set named in columns or above the list."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from zipfile import BadZipFile

from openaco.errors import FeedError

_OID = ("value set oid", "oid")
_TITLE = ("value set name",)
_VERSION = ("definition version", "expansion version", "version")
_CODE = ("code",)
_SYSTEM = ("code system oid", "code system", "code system name")


def rows_of_workbook(content: bytes, name: str) -> list[dict[str, Any]]:
    """The codes in all sheets of a workbook. Raises FeedError if it cannot be opened or has no column of codes."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError):
        raise FeedError("is no readable workbook", where=name, remedy="Download it again.") from None
    rows = [row for sheet in book.worksheets for row in _of_sheet(sheet.iter_rows(values_only=True))]
    if not rows:
        raise FeedError(
            "has no list of codes", where=name, remedy="Download value sets from VSAC with their codes (Excel)."
        )
    return rows


def _of_sheet(lines: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    stated: dict[str, str] = {}
    header: dict[str, int] = {}
    rows = []
    for line in lines:
        cells = ["" if cell is None else str(cell).strip() for cell in line]
        if header:
            rows += _row(cells, header, stated)
            continue
        named = {cell.lower(): place for place, cell in enumerate(cells) if cell}
        if _place(named, _CODE) is not None and _place(named, _SYSTEM) is not None:
            header = named
        elif len(cells) > 1 and cells[0]:
            stated[cells[0].lower()] = cells[1]
    return rows


def _row(cells: list[str], header: dict[str, int], stated: dict[str, str]) -> list[dict[str, Any]]:
    code, system = _cell(cells, header, _CODE), _cell(cells, header, _SYSTEM)
    oid = _cell(cells, header, _OID) or _stated(stated, _OID)
    if not (code and system and oid):
        return []
    title = _cell(cells, header, _TITLE) or _stated(stated, _TITLE) or oid
    version = _cell(cells, header, _VERSION[:2]) or _stated(stated, _VERSION)
    system = f"urn:oid:{system}" if system[:2] in ("2.", "1.") else system
    return [{"oid": oid, "title": title, "version": version or None, "system": system, "code": code}]


def _place(header: dict[str, int], names: tuple[str, ...]) -> int | None:
    return next((header[name] for name in names if name in header), None)


def _cell(cells: list[str], header: dict[str, int], names: tuple[str, ...]) -> str:
    place = _place(header, names)
    return cells[place] if place is not None and place < len(cells) else ""


def _stated(stated: dict[str, str], names: tuple[str, ...]) -> str:
    return next((stated[name] for name in names if name in stated), "")

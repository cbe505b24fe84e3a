"""A published table as rows of text, whatever it was saved as: CSV, tab- or semicolon-separated text, or XLSX.

Nothing is interpreted here but the container: encoding, separator, quoting. Cells keep their printed characters,
because the digits that a file prints decide how far a result can be checked.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openaco.errors import WorkbookError

SEPARATORS = ",;\t|"
_SAVE_AS_CSV = "Save it as CSV (UTF-8), or download it again from data.cms.gov."
_FOREIGN = {b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip archive"}


def read_grid(path: Path) -> list[tuple[int, list[str]]]:
    """All rows of the table with the line (or sheet row) each stands in, counted from 1.

    Raises WorkbookError if the file is missing, empty, or no table.
    """
    if not path.is_file():
        raise WorkbookError("no such file", where=str(path), remedy="Give the path of the results file.")
    content = path.read_bytes()
    if not content.strip():
        raise WorkbookError("the file is empty", where=path.name, remedy="Download it again from data.cms.gov.")
    for start, kind in _FOREIGN.items():
        if content.startswith(start):
            raise WorkbookError(f"this is {kind}, not a table", where=path.name, remedy=_SAVE_AS_CSV)
    if content.startswith(b"PK"):
        return list(_sheet_rows(content, path.name))
    return list(_text_rows(decode(content, path.name), path.name))


def decode(content: bytes, name: str) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Windows-1252, which Excel writes in the US.

    Raises WorkbookError if it is no text at all.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(content, "utf-16", name)
    if b"\x00" in content:
        raise WorkbookError("the file is not text: it holds zero bytes", where=name, remedy=_SAVE_AS_CSV)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if text.lstrip()[:1] in ("<", "{", "["):
        raise WorkbookError("this is a web page or JSON, not a table", where=name, remedy=_SAVE_AS_CSV)
    return text


def _decoded(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise WorkbookError("the file is cut off or damaged", where=name, remedy=_SAVE_AS_CSV) from error


def _text_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise WorkbookError(
            f"the line cannot be read: {error}", where=f"{name}, line {reader.line_num}", remedy=_SAVE_AS_CSV
        ) from error


def _separator(text: str) -> str:
    """The separator that the first lines hold most of."""
    start = "\n".join(text.splitlines()[:20])
    return max(SEPARATORS, key=start.count)


def _sheet_rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that has any; numbers with all their digits."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise WorkbookError(
            "this is an archive or a damaged workbook, not a table", where=name, remedy=_SAVE_AS_CSV
        ) from error
    for sheet in book.worksheets:
        rows = [[_printed(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        if any(any(row) for row in rows):
            yield from enumerate(rows, start=1)
            return
    raise WorkbookError("the workbook has no filled sheet", where=name, remedy=_SAVE_AS_CSV)


def _printed(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat()[:10])
    return str(cell).strip()

"""Reads CMS's settlement report ("Financial Reconciliation Report", XLSX) cell by cell, by what the cells are called.

Sheets are found by name, rows by the letter of their section and their enrollment type, columns by their heading:
reports of other years have other sheets between and other rows above. Notes under a table and stray cells right of
its headings are not read. An en dash means "does not apply" and reads as None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from openaco.errors import WorkbookError

Value = float | int | str | None
Key = tuple[str, str, str, str]

ENROLLMENT_TYPES = {
    "esrd": "esrd",
    "disabled": "disabled",
    "aged/dual": "aged_dual",
    "aged/non-dual": "aged_non_dual",
}
SHEETS = {
    "parameters": r"parameters",
    "table_1": r"table ?1\b",
    "table_2": r"table ?2\b",
    "table_3": r"table ?3\b",
    "table_a1": r"table ?a1\b",
    "table_a2": r"table ?a2\b",
    "table_a3": r"table ?a3\b",
    "table_a4": r"table ?a4\b",
    "table_a5": r"table ?a5\b",
}
COLUMNS = {
    "by1": "by1",
    "by2": "by2",
    "by3": "by3",
    "py": "py",
    "performance year": "py",
    "benchmark": "benchmark",
    "benchmark period": "benchmark",
}
WITHOUT_RESULTS = ("table_a2",)
WHOLE = "all"
DASHES = ("–", "-", "—")
_LETTER = re.compile(r"\[([A-Z]{1,2}\d?)\]")
_REMEDY = "Use the file as CMS sent it (P.<ACO id>.ACO.STLMT.Y<year>….xlsx)."


@dataclass(frozen=True)
class ReportCell:
    """One printed cell: its sheet's title, its address, and its value; None if it does not apply."""

    sheet: str
    address: str
    value: Value

    @property
    def where(self) -> str:
        """The cell for a message."""
        return f"sheet {self.sheet!r}, cell {self.address}"


@dataclass
class SettlementReport:
    """A settlement report. `cells` are the lettered tables by (table, letter, row, column):

    table   table_1, table_2, table_3, table_a1 … table_a3
    letter  CMS's letter of the line: `B`, `AA`, `A1`; empty in table A2
    row     an enrollment type, `all` for a line without types, or the label of an unlettered line in lower case
    column  by1, by2, by3, py or benchmark

    `parameters` lists the rows of the parameter sheet as (heading, label, cell), both in lower case; `rates` and
    `tracks` are tables A4 and A5 row by row.
    """

    file: str
    aco_id: str
    name: str
    performance_year: int
    agreement_start: str
    cells: dict[Key, ReportCell] = field(default_factory=dict)
    parameters: list[tuple[str, str, ReportCell]] = field(default_factory=list)
    rates: list[list[ReportCell]] = field(default_factory=list)
    tracks: list[list[ReportCell]] = field(default_factory=list)

    def cell(self, table: str, letter: str, row: str = WHOLE, column: str = "py") -> ReportCell:
        """A cell by its key. Raises WorkbookError if the report has no such line."""
        key = (table, letter, row, column)
        if key not in self.cells:
            raise WorkbookError(
                f"no line [{letter}] {row if row != WHOLE else ''} under {column.upper()} in {spoken(table)}".replace(
                    "  ", " "
                ),
                where=self.file,
                remedy=_REMEDY,
            )
        return self.cells[key]

    def number(self, table: str, letter: str, row: str = WHOLE, column: str = "py") -> float:
        """A cell as a number. Raises WorkbookError if it is none."""
        return as_number(self.cell(table, letter, row, column), self.file)

    def parameter(self, label: str, heading: str = "") -> ReportCell:
        """A row of the parameter sheet by the start of its label, under a heading that starts so.

        Raises WorkbookError if there is none.
        """
        for above, own, cell in self.parameters:
            if own.startswith(label) and above.startswith(heading):
                return cell
        raise WorkbookError(f"no row {label!r} on the sheet of parameters", where=self.file, remedy=_REMEDY)


def spoken(table: str) -> str:
    """`table_a3` as `Table A3`."""
    return table.replace("_", " ").replace("table a", "table A").capitalize().replace("table a", "Table A")


def as_number(cell: ReportCell, file: str) -> float:
    """A cell as a number: also `1/3`, `30%` and numbers stored as text. Raises WorkbookError naming the cell."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        text = str(value).strip().replace(",", "")
        return float(Fraction(text.rstrip("%"))) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise WorkbookError(
            f"{'nothing' if value is None else repr(value)} stands where a number should",
            where=f"{file}, {cell.where}",
            remedy=_REMEDY,
        ) from error


def read_settlement_report(path: Path) -> SettlementReport:
    """Read one settlement report. Raises WorkbookError if the file is no such report, naming what is missing."""
    book = _open(path)
    sheets = _sheets(book, path.name)
    report = _cover(book, path.name)
    for table in ("table_1", "table_2", "table_3", "table_a3"):
        report.cells.update(_lettered_rows(sheets[table], table))
    report.cells.update(_lettered_columns(sheets["table_a1"], "table_a1"))
    if sheets["table_a2"] is not None:
        report.cells.update(_typed_rows(sheets["table_a2"], "table_a2"))
    report.parameters = list(_parameter_rows(sheets["parameters"]))
    report.rates = _plain_rows(sheets["table_a4"], "number of assigned beneficiaries", 4)
    report.tracks = _plain_rows(sheets["table_a5"], "input", 7)
    return report


def _open(path: Path) -> Any:
    from openpyxl import load_workbook

    if not path.is_file():
        raise WorkbookError("no such file", where=str(path), remedy="Give the path of the settlement report.")
    try:
        return load_workbook(path, data_only=True)
    except Exception as error:  # openpyxl raises whatever the ZIP, the XML or the styles raise
        raise WorkbookError("the file is no Excel workbook, or is damaged", where=path.name, remedy=_REMEDY) from error


def _sheets(book: Any, file: str) -> dict[str, Any]:
    found = {}
    for key, pattern in SHEETS.items():
        found[key] = next((sheet for sheet in book.worksheets if re.match(pattern, _low(sheet.title))), None)
    missing = [spoken(key) for key, sheet in found.items() if sheet is None and key not in WITHOUT_RESULTS]
    if missing:
        raise WorkbookError(f"no sheet {', '.join(missing)}", where=file, remedy=_REMEDY)
    return found


def _cover(book: Any, file: str) -> SettlementReport:
    """Who and which year, from the lines of the first sheet."""
    sheet = next((sheet for sheet in book.worksheets if _low(sheet.title) == "cover"), book.worksheets[0])
    lines = [str(cell.value).strip() for (cell,) in sheet.iter_rows(max_col=1) if cell.value is not None]
    year = next((match for line in lines if (match := re.search(r"Performance Year (\d{4})", line))), None)
    if year is None:
        raise WorkbookError("the cover names no performance year", where=file, remedy=_REMEDY)
    aco = next((match for line in lines if (match := re.match(r"([A-Z]\d{4,6}), *(.+)", line))), None)
    start = next((line for line in lines if line.endswith("Agreement Start Date")), "")
    return SettlementReport(
        file=file,
        aco_id=aco[1] if aco else "",
        name=aco[2] if aco else "",
        performance_year=int(year[1]),
        agreement_start=start.removesuffix("Agreement Start Date").strip(),
    )


def _low(value: Any) -> str:
    """A label without stray blanks, line breaks and case."""
    return " ".join(str(value or "").split()).casefold()


def _value(cell: Any) -> Value:
    value = cell.value
    if value is None or (isinstance(value, str) and value.strip() in ("", *DASHES)):
        return None
    if isinstance(value, bool | int | float):
        return value
    return " ".join(str(value).split())


def _report_cell(sheet: Any, cell: Any) -> ReportCell:
    return ReportCell(sheet.title, cell.coordinate, _value(cell))


def _table_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a table: until its notes begin."""
    for row in sheet.iter_rows():
        if _low(row[0].value).startswith("note"):
            return
        yield row


def _headed_columns(row: tuple[Any, ...]) -> dict[int, str]:
    """Which cells of a row are headings of columns that we read."""
    return {index: COLUMNS[_low(cell.value)] for index, cell in enumerate(row) if index and _low(cell.value) in COLUMNS}


def _lettered_rows(sheet: Any, table: str) -> Iterator[tuple[Key, ReportCell]]:
    """Tables whose lines carry letters: [B] alone, or [B] over four enrollment types."""
    columns: dict[int, str] = {}
    letter = ""
    for row in _table_rows(sheet):
        label = _low(row[0].value)
        if not columns:
            columns = _headed_columns(row)
            continue
        if match := _LETTER.match(str(row[0].value or "").strip()):
            letter = match[1]
            place = WHOLE
        else:
            place = ENROLLMENT_TYPES.get(label.replace(" ", ""), label)
        if not letter or not place:
            continue
        for index, column in columns.items():
            if index < len(row):
                yield (table, letter, place, column), _report_cell(sheet, row[index])


def _lettered_columns(sheet: Any, table: str) -> Iterator[tuple[Key, ReportCell]]:
    """Table A1: letters head the columns, enrollment types the rows. The column of the key is `py`."""
    letters: dict[int, str] = {}
    for row in _table_rows(sheet):
        headed = {index: match[1] for index, cell in enumerate(row) if (match := _LETTER.search(str(cell.value or "")))}
        if not letters:
            letters = headed
            continue
        kind = ENROLLMENT_TYPES.get(_low(row[0].value).replace(" ", ""))
        if kind:
            for index, letter in letters.items():
                yield (table, letter, kind, "py"), _report_cell(sheet, row[index])


def _typed_rows(sheet: Any, table: str) -> Iterator[tuple[Key, ReportCell]]:
    """Table A2: years head the columns, enrollment types the rows; no letters."""
    columns: dict[int, str] = {}
    for row in _table_rows(sheet):
        columns = columns or _headed_columns(row)
        kind = ENROLLMENT_TYPES.get(_low(row[0].value).replace(" ", ""))
        if kind:
            for index, column in columns.items():
                yield (table, "", kind, column), _report_cell(sheet, row[index])


def _parameter_rows(sheet: Any) -> Iterator[tuple[str, str, ReportCell]]:
    heading = ""
    for row in sheet.iter_rows(max_col=2):
        label, value = _low(row[0].value), row[1].value if len(row) > 1 else None
        if label and value is None:
            heading = label
        elif label:
            yield heading, label, _report_cell(sheet, row[1])


def _plain_rows(sheet: Any, heading: str, width: int) -> list[list[ReportCell]]:
    """The rows under a heading, as they stand, without blank ones."""
    rows: list[list[ReportCell]] = []
    below = False
    for row in _table_rows(sheet):
        if below and row[0].value is not None:
            rows.append([_report_cell(sheet, cell) for cell in row[:width]])
        below = below or _low(row[0].value).startswith(heading)
    return rows

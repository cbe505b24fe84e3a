"""Reads CMS's MSSP "Performance Year Financial and Quality Results" of any year into one typed row per ACO.

Names, case, percents (fractions, percent points, strings), suppressed cells, encodings and the coding of tracks change
from year to year. The shape is recognized by the header, never by the file's name; what each column is called stands
in `parameters/public_results`. Rates become fractions of 1; every rounded number keeps its printed precision.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from pathlib import Path

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.grid import read_grid
from openaco.feeds.workbooks.printed import read_date, read_figure
from openaco.feeds.workbooks.results_cells import Rows, cell_of, identifier_of, is_missing
from openaco.feeds.workbooks.results_columns import Header, find_header, possible_years
from openaco.feeds.workbooks.results_rows import PublishedResult, RowReader
from openaco.parameters import load_parameter


@dataclass(frozen=True)
class PublishedResults:
    """A whole results file. `columns` are the fields that it has; `year_because` says how its year was recognized."""

    file: str
    performance_year: int
    year_because: str
    columns: frozenset[str]
    rows: tuple[PublishedResult, ...]
    skipped_lines: tuple[int, ...] = field(default=())


def read_public_results(path: Path, year: int | None = None) -> PublishedResults:
    """Read one results file. `year` is needed only where the file itself does not tell.

    Raises WorkbookError, naming file, line and column, for an unknown shape, an unreadable number, a year that
    contradicts the columns, or a year that cannot be told.
    """
    header, body = find_header(read_grid(path), path.name)
    filled, skipped = split_rows(header, body, path.name)
    if not filled:
        raise WorkbookError("no rows under the header", where=path.name, remedy="Download it again from data.cms.gov.")
    filled = rows_of_year(filled, header, year)
    year, because = _performance_year(header, filled, year, path.name)
    reader = RowReader(header, filled, path.name, year)
    rows = tuple(reader.read(line, cells) for line, cells in filled)
    return PublishedResults(path.name, year, because, frozenset(header.columns), rows, skipped)


def split_rows(header: Header, body: Rows, file: str) -> tuple[Rows, tuple[int, ...]]:
    """Rows of ACOs, and the lines of blank rows, footnotes and totals.

    Raises WorkbookError for a row with more cells than the header has: its cells stand in the wrong columns.
    """
    filled, skipped = [], []
    for line, cells in body:
        if any(not is_missing(cell) for cell in cells[len(header.names) :]):
            raise WorkbookError(
                f"the row has {len(cells)} cells under {len(header.names)} columns",
                where=f"{file}, line {line}",
                remedy="Put names that hold the separator in quotation marks, as CMS's file does.",
            )
        if _is_aco(header, cells):
            filled.append((line, cells))
        else:
            skipped.append(line)
    return filled, tuple(skipped)


def _is_aco(header: Header, cells: list[str]) -> bool:
    """Whether a row is an ACO's: it is named, is no total, and prints a dollar figure."""
    who = identifier_of(header, cells) or cell_of(cells, header.columns.get("name"))
    dollars = (cell_of(cells, column) for column in header.columns.values() if column.kind == "usd")
    return bool(who) and not who.casefold().startswith("total") and any(map(read_figure, dollars))


def year_in(cell: str) -> int | None:
    """The performance year that a cell names, as `2022`, `2022.0` or `PY2022`."""
    year = re.search(r"20\d\d", cell)
    return int(year[0]) if year else None


def rows_of_year(rows: Rows, header: Header, year: int | None) -> Rows:
    """Of a file with several performance years, the rows of the one asked for."""
    column = header.columns.get("performance_year")
    if column is None or year is None:
        return rows
    kept = [(line, cells) for line, cells in rows if year_in(cell_of(cells, column)) == year]
    return kept or rows


def _performance_year(header: Header, rows: Rows, asked: int | None, file: str) -> tuple[int, str]:
    """The performance year and how we know it: a year column, else the columns and the newest agreement."""
    first, last, why = possible_years(header, rows)
    stated = {year_in(cell_of(cells, header.columns.get("performance_year"))) for _, cells in rows} - {None}
    if len(stated) > 1:
        raise WorkbookError(
            f"the file holds several performance years: {', '.join(map(str, sorted(filter(None, stated))))}",
            where=file,
            remedy="Say which one with --year.",
        )
    newest = _newest_start(header, rows)
    told = stated.pop() if stated else None
    if asked is not None:
        _check_year(asked, told, first, last, why, newest, file)
        return asked, "as asked"
    if told is not None:
        return told, "by its year column"
    if first == last:
        return first, why["first"]
    if newest is not None and newest.year <= last and not _next_year_looks_alike(newest.year, first, last):
        year = max(newest.year, first)
        return year, f"its columns are of {_span(first, last)}, its newest agreement began in {newest.year}"
    raise WorkbookError(
        f"the file does not tell its performance year; its columns are of {_span(first, last)}",
        where=file,
        remedy="Say it with --year.",
    )


def _next_year_looks_alike(newest: int, first: int, last: int) -> bool:
    """Whether the year after the newest agreement had no new ones and is as possible: 2020 and 2021."""
    following = newest + 1
    without = {
        year
        for value in load_parameter("public_results/mssp_new_agreements").values
        for year in range(value.since, value.through + 1)
        if not value.value
    }
    return first <= newest and following in without and following <= last


def _span(first: int, last: int) -> str:
    return f"{first} or later" if last == 9999 else f"{first}–{last}" if first < last else str(first)


def _newest_start(header: Header, rows: Rows) -> datetime.date | None:
    column = header.columns.get("agreement_start")
    days = (read_date(cell_of(cells, column)) for _, cells in rows)
    return max((day for day in days if day), default=None)


def _check_year(
    asked: int, told: int | None, first: int, last: int, why: dict[str, str], newest: datetime.date | None, file: str
) -> None:
    """Refuse a year that the file contradicts. Raises WorkbookError with the contradiction."""
    against = ""
    if told is not None and told != asked:
        against = f"its year column says {told}"
    elif asked < first:
        against = why.get("first", f"results begin with {first}")
    elif asked > last:
        against = why["last"]
    elif newest is not None and newest.year > asked:
        against = f"an agreement in it began in {newest.year}"
    if against:
        raise WorkbookError(
            f"these are not the results of {asked}: {against}", where=file, remedy="Leave --year out, or correct it."
        )

"""Reads CMS's MSSP "Performance Year Financial and Quality Results" of any year into one typed row per ACO.

Names, case, percents (fractions, percent points, strings), suppressed cells, encodings and the coding of tracks change
from year to year. The shape is recognized by the header, never by the file's name; what each column is called stands
in `parameters/public_results`. Rates become fractions of 1; every rounded number keeps its printed precision.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.grid import read_grid
from openaco.feeds.workbooks.printed import Figure, Printed, read_date, read_figure
from openaco.feeds.workbooks.results_columns import Column, Header, find_header, possible_years, simple, words
from openaco.parameters import load_parameter

FRACTION_AT_MOST = {"minimum_savings_rate": Decimal("0.13")}
_NOT_A_SHARE = ("usd", "count", "number")


@dataclass(frozen=True)
class PublishedResult:
    """One ACO in one published performance year. Grain: one row of the file.

    Dollars and rates as `Printed` (rates as fractions of 1); None where the file has no such column or prints no value.
    track                BASIC_A … TRACK_3, None if the file does not tell
    reporting_counts     no score is printed: the ACO counts as scoring 100 percent if it reported completely (P4R)
    six_months           a six-month performance year of 2019
    unread               what keeps this row from being recomputed, in words
    """

    line: int
    aco_id: str
    name: str
    performance_year: int
    track: str | None = None
    agreement_start: datetime.date | None = None
    assigned_beneficiaries: int | None = None
    person_years: Printed | None = None
    benchmark_total: Printed | None = None
    expenditures_total: Printed | None = None
    difference: Printed | None = None
    updated_benchmark: Printed | None = None
    minimum_savings_rate: Printed | None = None
    maximum_sharing_rate: Printed | None = None
    final_sharing_rate: Printed | None = None
    final_loss_rate: Printed | None = None
    quality_score: Printed | None = None
    reporting_counts: bool = False
    met_quality_standard: bool | None = None
    met_alternative_standard: bool | None = None
    disaster_adjustment: Printed | None = None
    revenue_limited: bool | None = None
    low_revenue: bool | None = None
    guardrail: bool = False
    reduced_sharing: bool = False
    ended_in_mid_year: bool = False
    six_months: bool = False
    gen_save_loss: Printed | None = None
    earn_save_loss: Printed | None = None
    unread: tuple[str, ...] = ()


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
    filled, skipped = _split(header, body)
    if not filled:
        raise WorkbookError("no rows under the header", where=path.name, remedy="Download it again from data.cms.gov.")
    filled = _of_year(filled, header, year)
    year, because = _performance_year(header, filled, year, path.name)
    reader = _RowReader(header, filled, path.name, year)
    rows = tuple(reader.read(line, cells) for line, cells in filled)
    return PublishedResults(path.name, year, because, frozenset(header.columns), rows, skipped)


Rows = list[tuple[int, list[str]]]


def _cell(cells: list[str], column: Column | None) -> str:
    if column is None or column.index >= len(cells):
        return ""
    return cells[column.index].strip()


def _is_missing(cell: str) -> bool:
    return cell.strip().casefold() in words("missing")


def _split(header: Header, body: Rows) -> tuple[Rows, tuple[int, ...]]:
    """Rows of ACOs, and the lines of blank rows and footnotes: those with a dollar figure are ACOs'."""
    dollars = [column for column in header.columns.values() if column.kind == "usd"]
    filled, skipped = [], []
    for line, cells in body:
        named = not _is_missing(_cell(cells, header.columns["aco_id"]))
        if named and any(read_figure(_cell(cells, column)) for column in dollars):
            filled.append((line, cells))
        else:
            skipped.append(line)
    return filled, tuple(skipped)


def _year_in(cell: str) -> int | None:
    figure = read_figure(cell[-4:])
    return int(figure.value) if figure and figure.value == int(figure.value) else None


def _of_year(rows: Rows, header: Header, year: int | None) -> Rows:
    """Of a file with several performance years, the rows of the one asked for."""
    column = header.columns.get("performance_year")
    if column is None or year is None:
        return rows
    kept = [(line, cells) for line, cells in rows if _year_in(_cell(cells, column)) == year]
    return kept or rows


def _performance_year(header: Header, rows: Rows, asked: int | None, file: str) -> tuple[int, str]:
    """The performance year and how we know it: a year column, else the columns and the newest agreement."""
    first, last, why = possible_years(header)
    stated = {_year_in(_cell(cells, header.columns.get("performance_year"))) for _, cells in rows} - {None}
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
    days = (read_date(_cell(cells, column)) for _, cells in rows)
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


class _RowReader:
    """Reads the rows of one file. Knows, column by column, how percents are printed and with how many decimals."""

    def __init__(self, header: Header, rows: Rows, file: str, year: int) -> None:
        self.header, self.file, self.year = header, file, year
        self.hundredths: set[str] = set()
        self.decimals: dict[str, int] = {}
        for name, column in header.columns.items():
            figures = [figure for _, cells in rows if (figure := self._figure(cells, column)) is not None]
            self.decimals[name] = max((figure.decimals for figure in figures), default=0)
            if column.kind not in _NOT_A_SHARE and _in_points(name, figures):
                self.hundredths.add(name)

    @staticmethod
    def _figure(cells: list[str], column: Column) -> Figure | None:
        return None if column.kind in ("text", "date", "track", "flag") else read_figure(_cell(cells, column))

    def read(self, line: int, cells: list[str]) -> PublishedResult:
        """One row."""
        columns = self.header.columns
        score, reporting = self._score(line, cells)
        unread: list[str] = []
        beneficiaries = self._number(line, cells, "assigned_beneficiaries")
        for name, value in (("N_AB", beneficiaries), ("ABtotBnchmk", self._number(line, cells, "benchmark_total"))):
            if value is None:
                unread.append(f"{name} is not printed")
        category = _cell(cells, columns.get("revenue_category")).casefold()
        return PublishedResult(
            line=line,
            aco_id=_cell(cells, columns["aco_id"]),
            name=_cell(cells, columns.get("name")),
            performance_year=self.year,
            track=self._track(line, cells, unread),
            agreement_start=read_date(_cell(cells, columns.get("agreement_start"))),
            assigned_beneficiaries=int(beneficiaries.value) if beneficiaries else None,
            reporting_counts=reporting,
            quality_score=score,
            low_revenue=("low" in category) if category and not _is_missing(category) else None,
            six_months=self._six_months(line, cells),
            met_quality_standard=self._flag(line, cells, "met_quality_standard"),
            met_alternative_standard=self._flag(line, cells, "met_alternative_standard"),
            revenue_limited=self._flag(line, cells, "revenue_limited"),
            guardrail=bool(self._flag(line, cells, "guardrail")),
            reduced_sharing=bool(self._flag(line, cells, "reduced_sharing")),
            ended_in_mid_year=bool(self._flag(line, cells, "ended_in_mid_year")),
            unread=tuple(unread),
            **{name: self._number(line, cells, name) for name in _NUMBERS},
        )

    def _refuse(self, line: int, column: Column, cell: str, wanted: str) -> WorkbookError:
        return WorkbookError(
            f"{cell!r} is not {wanted}",
            where=f"{self.file}, line {line}, column {column.printed}",
            remedy="Compare the cell with CMS's original file; a changed or shifted cell must be put right there.",
        )

    def _number(self, line: int, cells: list[str], name: str) -> Printed | None:
        """A number with its printed precision; None if not printed. Raises WorkbookError for anything else."""
        column = self.header.columns.get(name)
        cell = _cell(cells, column)
        if column is None or _is_missing(cell):
            return None
        figure = read_figure(cell)
        if figure is None:
            raise self._refuse(line, column, cell, "a number")
        digits = min(self.decimals[name], figure.decimals) if figure.decimals < 0 else self.decimals[name]
        hundredth = figure.percent or name in self.hundredths
        scale = Decimal("0.01") if hundredth else Decimal(1)
        exact = column.kind in ("count",)
        return Printed(float(figure.value * scale), 0.0 if exact else float(Decimal(5).scaleb(-digits - 1) * scale))

    def _score(self, line: int, cells: list[str]) -> tuple[Printed | None, bool]:
        """The quality score, and whether complete reporting counts as a score of 1."""
        column = self.header.columns.get("quality_score")
        meaning = words("score").get(_cell(cells, column).casefold())
        if meaning == "reported":
            return None, True
        if meaning is not None:
            return Printed(float(meaning)), False
        return self._number(line, cells, "quality_score"), False

    def _flag(self, line: int, cells: list[str], name: str) -> bool | None:
        """Yes or no; None if not printed. Raises WorkbookError for anything else."""
        column = self.header.columns.get(name)
        cell = _cell(cells, column).casefold()
        if column is None or _is_missing(cell):
            return None
        if cell not in words("flag"):
            raise self._refuse(line, column, cell, "a yes or no")
        return words("flag")[cell] == "yes"

    def _track(self, line: int, cells: list[str], unread: list[str]) -> str | None:
        """The current track: from its own column, else from the one flag that is set."""
        column = self.header.columns.get("track")
        cell = _cell(cells, column)
        if column is not None and not _is_missing(cell):
            if simple(cell) not in words("track"):
                raise self._refuse(line, column, cell, "a track that we know")
            return words("track")[simple(cell)]
        flags = [name for name in self.header.columns if name.startswith("track:")]
        tracks = [name.removeprefix("track:") for name in flags if self._flag(line, cells, name)]
        if len(tracks) == 1:
            return tracks[0]
        if flags or column is not None:
            unread.append(f"the row names {'no track' if not tracks else 'several tracks: ' + ', '.join(tracks)}")
        return None

    def _six_months(self, line: int, cells: list[str]) -> bool:
        """Whether the row is of a six-month performance year: by its flag, or an agreement that began in July 2019."""
        start = read_date(_cell(cells, self.header.columns.get("agreement_start")))
        began_in_july = self.year == 2019 and start == datetime.date(2019, 7, 1)
        return bool(self._flag(line, cells, "six_months")) or began_in_july


_NUMBERS = (
    "person_years",
    "benchmark_total",
    "expenditures_total",
    "difference",
    "updated_benchmark",
    "minimum_savings_rate",
    "maximum_sharing_rate",
    "final_sharing_rate",
    "final_loss_rate",
    "disaster_adjustment",
    "gen_save_loss",
    "earn_save_loss",
)


def _in_points(name: str, figures: Iterable[Figure]) -> bool:
    """Whether a column of shares is printed in percent points: most of its numbers are too big for fractions."""
    most = FRACTION_AT_MOST.get(name, Decimal(1))
    unsigned = [abs(figure.value) for figure in figures if not figure.percent and figure.value]
    return 2 * sum(value > most for value in unsigned) > len(unsigned)

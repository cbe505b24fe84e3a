"""One row of a results file, typed: how its cells are read once it is known which column is which.

Percents are told from fractions column by column, and so is the number of decimals that a column prints: `0.9` in a
column with four decimals is 0.9000.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.printed import Figure, Printed, read_date, read_figure
from openaco.feeds.workbooks.results_columns import Column, Header, simple, words

FRACTION_AT_MOST = {"minimum_savings_rate": Decimal("0.13")}
Rows = list[tuple[int, list[str]]]
_NOT_A_SHARE = ("usd", "count", "number")


@dataclass(frozen=True)
class PublishedResult:
    """One ACO in one published performance year. Grain: one row of the file.

    Dollars and rates as `Printed` (rates as fractions of 1); None where the file has no such column or prints no value.
    track                BASIC_A … TRACK_3, None if the file does not tell
    reporting_counts     no score is printed: the ACO counts as scoring 100 percent if it reported completely (P4R)
    six_months           a six-month performance year of 2019
    unread               what keeps this row from being recomputed, in words
    remarks              cells that could not be understood and were left out, in words
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
    remarks: tuple[str, ...] = ()


def cell_of(cells: list[str], column: Column | None) -> str:
    """The text of a cell; empty where the column or the cell is not there."""
    if column is None or column.index >= len(cells):
        return ""
    return cells[column.index].strip()


def is_missing(cell: str) -> bool:
    """Whether a cell prints that there is no value: empty, suppressed, not applicable."""
    return cell.strip().casefold() in words("missing")


def identifier_of(header: Header, cells: list[str]) -> str:
    """The ACO's id: of several columns of ids, the first that is filled."""
    filled = (cells[index].strip() for index in header.identifiers if index < len(cells))
    return next((cell for cell in filled if not is_missing(cell)), "")


class RowReader:
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
        return None if column.kind in ("text", "date", "track", "flag") else read_figure(cell_of(cells, column))

    def read(self, line: int, cells: list[str]) -> PublishedResult:
        """One row."""
        columns = self.header.columns
        unread: list[str] = []
        remarks: list[str] = []
        score, reporting = self._score(cells, remarks)
        beneficiaries = self._number(line, cells, "assigned_beneficiaries")
        for name, value in (("N_AB", beneficiaries), ("ABtotBnchmk", self._number(line, cells, "benchmark_total"))):
            if value is None:
                unread.append(f"{name} is not printed")
        category = cell_of(cells, columns.get("revenue_category")).casefold()
        return PublishedResult(
            line=line,
            aco_id=identifier_of(self.header, cells) or cell_of(cells, columns.get("name")),
            name=cell_of(cells, columns.get("name")),
            performance_year=self.year,
            track=self._track(line, cells, unread),
            agreement_start=read_date(cell_of(cells, columns.get("agreement_start"))),
            assigned_beneficiaries=int(beneficiaries.value) if beneficiaries else None,
            reporting_counts=reporting,
            quality_score=score,
            low_revenue=("low" in category) if category and not is_missing(category) else None,
            six_months=self._six_months(line, cells),
            met_quality_standard=self._flag(line, cells, "met_quality_standard"),
            met_alternative_standard=self._flag(line, cells, "met_alternative_standard"),
            revenue_limited=self._flag(line, cells, "revenue_limited"),
            guardrail=bool(self._flag(line, cells, "guardrail")),
            reduced_sharing=bool(self._flag(line, cells, "reduced_sharing")),
            ended_in_mid_year=bool(self._flag(line, cells, "ended_in_mid_year")),
            **{name: self._number(line, cells, name) for name in _DECIDING},
            **{name: self._number_or_remark(cells, name, remarks) for name in _ACCOMPANYING},
            unread=tuple(unread),
            remarks=tuple(remarks),
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
        cell = cell_of(cells, column)
        if column is None or is_missing(cell):
            return None
        figure = read_figure(cell)
        if figure is None:
            raise self._refuse(line, column, cell, "a number")
        return self._printed(column, figure)

    def _number_or_remark(self, cells: list[str], name: str, remarks: list[str]) -> Printed | None:
        """A number that decides nothing alone; None, and a remark, for what cannot be understood."""
        column = self.header.columns.get(name)
        cell = cell_of(cells, column)
        if column is None or is_missing(cell):
            return None
        figure = read_figure(cell)
        if figure is None:
            remarks.append(f"{column.printed} prints {cell!r}, which is not understood and left out")
            return None
        return self._printed(column, figure)

    def _printed(self, column: Column, figure: Figure) -> Printed:
        """The figure as a fraction or an amount, with half of one unit of the last digit that its column prints."""
        name = column.field
        digits = min(self.decimals[name], figure.decimals) if figure.decimals < 0 else self.decimals[name]
        hundredth = figure.percent or name in self.hundredths
        scale = Decimal("0.01") if hundredth else Decimal(1)
        half_unit = 0.0 if column.kind == "count" else float(Decimal(5).scaleb(-digits - 1) * scale)
        return Printed(float(figure.value * scale), half_unit)

    def _score(self, cells: list[str], remarks: list[str]) -> tuple[Printed | None, bool]:
        """The quality score, and whether complete reporting counts as a score of 1."""
        column = self.header.columns.get("quality_score")
        meaning = words("score").get(cell_of(cells, column).casefold())
        if meaning == "reported":
            return None, True
        if meaning is not None:
            return Printed(float(meaning)), False
        return self._number_or_remark(cells, "quality_score", remarks), False

    def _flag(self, line: int, cells: list[str], name: str) -> bool | None:
        """Yes or no; None if not printed. Raises WorkbookError for anything else."""
        column = self.header.columns.get(name)
        cell = cell_of(cells, column).casefold()
        if column is None or is_missing(cell):
            return None
        if cell not in words("flag"):
            raise self._refuse(line, column, cell, "a yes or no")
        return words("flag")[cell] == "yes"

    def _track(self, line: int, cells: list[str], unread: list[str]) -> str | None:
        """The current track: from its own column, else from the one flag that is set."""
        column = self.header.columns.get("track")
        cell = cell_of(cells, column)
        if column is not None and not is_missing(cell):
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
        start = read_date(cell_of(cells, self.header.columns.get("agreement_start")))
        began_in_july = self.year == 2019 and start == datetime.date(2019, 7, 1)
        return bool(self._flag(line, cells, "six_months")) or began_in_july


_DECIDING = (
    "benchmark_total",
    "expenditures_total",
    "difference",
    "minimum_savings_rate",
    "disaster_adjustment",
    "gen_save_loss",
    "earn_save_loss",
)
_ACCOMPANYING = (
    "person_years",
    "updated_benchmark",
    "maximum_sharing_rate",
    "final_sharing_rate",
    "final_loss_rate",
)


def _in_points(name: str, figures: Iterable[Figure]) -> bool:
    """Whether a column of shares is printed in percent points: most of its numbers are too big for fractions."""
    most = FRACTION_AT_MOST.get(name, Decimal(1))
    unsigned = [abs(figure.value) for figure in figures if not figure.percent and figure.value]
    return 2 * sum(value > most for value in unsigned) > len(unsigned)

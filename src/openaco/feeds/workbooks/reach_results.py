"""Reads CMS's "ACO REACH Financial and Quality Results" of any year, and GPDC's, into one typed row per ACO.

Names, case, percents (fractions, percent points, strings) and the columns that a year has differ; the shape is
recognized by the header, never by the file's name. What each column is called stands in
`parameters/public_results/reach_columns.csv`. Rates become fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.grid import read_grid
from openaco.feeds.workbooks.printed import Printed
from openaco.feeds.workbooks.public_results import rows_of_year, split_rows, year_in
from openaco.feeds.workbooks.results_cells import CellReader, Rows, cell_of, identifier_of, is_missing
from openaco.feeds.workbooks.results_columns import REACH, Header, find_header, simple

ARRANGEMENTS = ("global", "professional")
TYPES = {"standard": "standard", "newentrant": "new_entrant", "highneeds": "high_needs"}


@dataclass(frozen=True)
class PublishedReachResult:
    """One ACO in one published performance year. Grain: one row of the file.

    Dollars and rates as `Printed` (rates as fractions of 1); None where the file has no such column or prints no value.
    savings_rate_as_printed  as it stands there, fraction or percent points
    unread                   what keeps this row from being recomputed, in words
    remarks                  cells that could not be understood and were left out, in words
    """

    line: int
    aco_id: str
    name: str
    performance_year: int
    risk_arrangement: str
    aco_type: str | None = None
    first_year: int | None = None
    stop_loss: bool | None = None
    discount: Printed | None = None
    retention_withhold: Printed | None = None
    quality_score: Printed | None = None
    savings_rate_as_printed: Printed | None = None
    unadjusted_benchmark: Printed | None = None
    final_benchmark: Printed | None = None
    expenditures: Printed | None = None
    net_expenditures: Printed | None = None
    capitation_payments: Printed | None = None
    claims_payments: Printed | None = None
    gross_savings: Printed | None = None
    shared_savings: Printed | None = None
    shared_savings_seq: Printed | None = None
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishedReachResults:
    """A whole results file. `columns` are the fields that it has; `year_because` says how its year was recognized."""

    file: str
    performance_year: int
    year_because: str
    columns: frozenset[str]
    rows: tuple[PublishedReachResult, ...]
    skipped_lines: tuple[int, ...] = field(default=())


def read_reach_results(path: Path, year: int | None = None) -> PublishedReachResults:
    """Read one results file. `year` is needed where the file has several performance years, or no column of them.

    Raises WorkbookError, naming file, line and column, for missing columns, an unreadable number, an unknown risk
    arrangement, or a year that the file contradicts.
    """
    header, body = find_header(read_grid(path), path.name, REACH)
    filled, skipped = split_rows(header, body, path.name)
    if not filled:
        raise WorkbookError("no rows under the header", where=path.name, remedy="Download it again from data.cms.gov.")
    filled = rows_of_year(filled, header, year)
    year, because = _performance_year(header, filled, year, path.name)
    reader = ReachRowReader(header, filled, path.name, year)
    rows = tuple(reader.read(line, cells) for line, cells in filled)
    return PublishedReachResults(path.name, year, because, frozenset(header.columns), rows, skipped)


def _performance_year(header: Header, rows: Rows, asked: int | None, file: str) -> tuple[int, str]:
    """The performance year and how we know it: its column, else as asked."""
    column = header.columns.get("performance_year")
    stated = {year for _, cells in rows if (year := year_in(cell_of(cells, column))) is not None}
    told = ", ".join(map(str, sorted(stated)))
    if asked is not None and stated - {asked}:
        raise WorkbookError(
            f"these are not the results of {asked}: its year column says {told}",
            where=file,
            remedy="Leave --year out, or correct it.",
        )
    if asked is not None:
        return asked, "as asked"
    if len(stated) == 1:
        return stated.pop(), "by its year column"
    what = f"holds several performance years: {told}" if stated else "does not tell its performance year"
    raise WorkbookError(f"the file {what}", where=file, remedy="Say which one with --year.")


class ReachRowReader(CellReader):
    """Reads the rows of one file of ACO REACH results."""

    def read(self, line: int, cells: list[str]) -> PublishedReachResult:
        """One row."""
        columns = self.header.columns
        remarks: list[str] = []
        deciding = {name: self.number(line, cells, name) for name in _DECIDING}
        unread = [
            f"{columns[name].printed} is not printed"
            for name in ("final_benchmark", "net_expenditures")
            if deciding[name] is None
        ]
        return PublishedReachResult(
            line=line,
            aco_id=identifier_of(self.header, cells) or cell_of(cells, columns.get("name")),
            name=cell_of(cells, columns.get("name")),
            performance_year=self.year,
            risk_arrangement=self._arrangement(line, cells),
            aco_type=TYPES.get(simple(cell_of(cells, columns.get("aco_type"))).removesuffix("population")),
            first_year=year_in(cell_of(cells, columns.get("first_year"))),
            stop_loss=self.flag(line, cells, "stop_loss"),
            savings_rate_as_printed=self.number_or_remark(cells, "savings_rate", remarks),
            **deciding,
            **{name: self.number_or_remark(cells, name, remarks) for name in _ACCOMPANYING},
            unread=tuple(unread),
            remarks=tuple(remarks),
        )

    def _arrangement(self, line: int, cells: list[str]) -> str:
        column = self.header.columns["risk_arrangement"]
        cell = cell_of(cells, column)
        found = simple(cell)
        if is_missing(cell) or found not in ARRANGEMENTS:
            raise self.refuse(line, column, cell, "Global or Professional")
        return found


_DECIDING = (
    "final_benchmark",
    "net_expenditures",
    "gross_savings",
    "retention_withhold",
    "shared_savings",
    "shared_savings_seq",
)
_ACCOMPANYING = (
    "discount",
    "quality_score",
    "unadjusted_benchmark",
    "expenditures",
    "capitation_payments",
    "claims_payments",
)

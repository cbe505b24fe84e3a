"""How the cells of a results file are read once it is known which column is which, whatever the rows are of.

Percents are told from fractions column by column, and so is the number of decimals that a column prints: `0.9` in a
column with four decimals is 0.9000.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from openaco.errors import WorkbookError
from openaco.feeds.workbooks.printed import Figure, Printed, read_figure
from openaco.feeds.workbooks.results_columns import Column, Header, words

FRACTION_AT_MOST = {name: Decimal("0.13") for name in ("minimum_savings_rate", "discount", "retention_withhold")}
Rows = list[tuple[int, list[str]]]
_NOT_A_SHARE = ("usd", "count", "number")
_NO_NUMBER = ("text", "date", "track", "flag", "year")


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


class CellReader:
    """Reads the cells of one file. Knows, column by column, how percents are printed and with how many decimals."""

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
        return None if column.kind in _NO_NUMBER else read_figure(cell_of(cells, column))

    def refuse(self, line: int, column: Column, cell: str, wanted: str) -> WorkbookError:
        """What is raised for a cell that is not what its column holds."""
        return WorkbookError(
            f"{cell!r} is not {wanted}",
            where=f"{self.file}, line {line}, column {column.printed}",
            remedy="Compare the cell with CMS's original file; a changed or shifted cell must be put right there.",
        )

    def number(self, line: int, cells: list[str], name: str) -> Printed | None:
        """A number with its printed precision; None if not printed. Raises WorkbookError for anything else."""
        column = self.header.columns.get(name)
        cell = cell_of(cells, column)
        if column is None or is_missing(cell):
            return None
        figure = read_figure(cell)
        if figure is None:
            raise self.refuse(line, column, cell, "a number")
        return self.printed(column, figure)

    def number_or_remark(self, cells: list[str], name: str, remarks: list[str]) -> Printed | None:
        """A number that decides nothing alone; None, and a remark, for what cannot be understood."""
        column = self.header.columns.get(name)
        cell = cell_of(cells, column)
        if column is None or is_missing(cell):
            return None
        figure = read_figure(cell)
        if figure is None:
            remarks.append(f"{column.printed} prints {cell!r}, which is not understood and left out")
            return None
        return self.printed(column, figure)

    def printed(self, column: Column, figure: Figure) -> Printed:
        """The figure as a fraction or an amount, with half of one unit of the last digit that its column prints."""
        name = column.field
        digits = min(self.decimals[name], figure.decimals) if figure.decimals < 0 else self.decimals[name]
        hundredth = figure.percent or name in self.hundredths
        scale = Decimal("0.01") if hundredth else Decimal(1)
        half_unit = 0.0 if column.kind == "count" else float(Decimal(5).scaleb(-digits - 1) * scale)
        return Printed(float(figure.value * scale), half_unit)

    def flag(self, line: int, cells: list[str], name: str) -> bool | None:
        """Yes or no; None if not printed. Raises WorkbookError for anything else."""
        column = self.header.columns.get(name)
        cell = cell_of(cells, column).casefold()
        if column is None or is_missing(cell):
            return None
        if cell not in words("flag"):
            raise self.refuse(line, column, cell, "a yes or no")
        return words("flag")[cell] == "yes"


def _in_points(name: str, figures: Iterable[Figure]) -> bool:
    """Whether a column of shares is printed in percent points: most of its numbers are too big for fractions."""
    most = FRACTION_AT_MOST.get(name, Decimal(1))
    unsigned = [abs(figure.value) for figure in figures if not figure.percent and figure.value]
    return 2 * sum(value > most for value in unsigned) > len(unsigned)

"""Tables of rows and columns with their sums, in which no small cell shows nor follows from what shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaco.engine import Engine, Table, Value, _, literal, stack
from openaco.insight.population.small_numbers import hidden_cells

ALL = "all"
Cell = tuple[str, str]


@dataclass(frozen=True)
class Grid:
    """Values by row and column; the last row and the last column may be their sums (`all`).

    values: None where hidden. months: person-months of a row, for rates; empty where the table has none.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Mapping[Cell, float | None]
    months: Mapping[str, int]

    def value(self, row: str, column: str) -> float | None:
        """What stands in a cell: None where it is hidden, 0 where nothing happened."""
        return self.values.get((row, column), 0.0)

    def rate(self, row: str, column: str, per: float) -> float | None:
        """A value by person-month, times `per`: 1 for a month, 12,000 for 1,000 person-years."""
        value, months = self.value(row, column), self.months.get(row, 0)
        return None if value is None or not months else value / months * per

    def share(self, row: str, column: str) -> float | None:
        """A value as part of its row's sum."""
        value, whole = self.value(row, column), self.value(row, ALL)
        return None if value is None or not whole else value / whole

    @property
    def hidden(self) -> int:
        """How many cells are hidden."""
        return sum(value is None for value in self.values.values())


def with_margins(table: Table, row: str, column: str, amount: Value, *, column_sums: bool = True) -> Table:
    """A table's rows summed by two of its columns, and their sums. Grain: `row_key`, `column_key`, each also `all`.

    Columns: `value` (the sum of `amount`, in its unit), `people` (distinct `person_id`). column_sums: whether sums over
    the columns mean something (dollars of services do, admissions and days do not).
    """
    named = table.select("person_id", row_key=_[row], column_key=_[column], amount=amount)
    everything = literal(ALL)
    parts = [named, named.mutate(row_key=everything)]
    if column_sums:
        parts += [part.mutate(column_key=everything) for part in tuple(parts)]
    sums = [
        part.group_by("row_key", "column_key").aggregate(
            value=_.amount.sum().cast("decimal(38, 2)"), people=_.person_id.nunique()
        )
        for part in parts
    ]
    return stack(sums)


def make_grid(
    found: Sequence[Mapping[str, Any]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    least: int,
    people: Mapping[str, int] | None = None,
    months: Mapping[str, int] | None = None,
    row_sums: Sequence[Sequence[str]] | None = None,
) -> Grid:
    """A grid of what `with_margins` found, small cells and what tells them hidden.

    rows, columns: keys in order; `all` among them is a sum. people: persons of each row, for tables of rates: a row of
    few people, and a row that would tell it, is hidden whole, its months too. row_sums: groups of rows whose last is
    the sum of the others; all rows and `all` where not given.
    """
    values = {(row["row_key"], row["column_key"]): float(row["value"]) for row in found}
    counts = {(row["row_key"], row["column_key"]): int(row["people"]) for row in found}
    cells = [(row, column) for row in rows for column in columns]
    stood = {cell: counts.get(cell, 0) for cell in cells}
    down = [list(rows)] if row_sums is None and ALL in rows else list(row_sums or [])
    silent: Collection[str] = hidden_cells(people, down, least) if people else ()
    lines = [[(row, column) for row in group] for group in down for column in columns]
    if ALL in columns:
        lines += [[(row, column) for column in columns] for row in rows]
    hidden = hidden_cells(stood, lines, least, [cell for cell in cells if cell[0] in silent])
    return Grid(
        rows=tuple(rows),
        columns=tuple(columns),
        values={cell: None if cell in hidden else values.get(cell, 0.0) for cell in cells},
        months={row: count for row, count in (months or {}).items() if row not in silent},
    )


def crossed(
    engine: Engine,
    table: Table,
    row: str,
    column: str,
    amount: Value,
    *,
    least: int,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    column_sums: bool = True,
    people: Mapping[str, int] | None = None,
    months: Mapping[str, int] | None = None,
) -> Grid:
    """`with_margins` and `make_grid` in one: rows and columns in the order given, else by their keys; sums last."""
    found = engine.to_rows(with_margins(table, row, column, amount, column_sums=column_sums))
    known_rows = rows or sorted({item["row_key"] for item in found} - {ALL})
    known_columns = columns or sorted({item["column_key"] for item in found} - {ALL})
    return make_grid(
        found,
        rows=[*known_rows, ALL],
        columns=[*known_columns, *([ALL] if column_sums else [])],
        least=least,
        people=people,
        months=months,
    )

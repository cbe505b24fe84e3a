"""Which column of a results file is which, and which performance years a header can belong to. Data, not code, decides:
the tables under `parameters/public_results`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from openaco.errors import WorkbookError
from openaco.parameters import load_parameter

FIRST_YEAR = 2013
_HEADER_WITHIN = 25


@dataclass(frozen=True)
class Layout:
    """One kind of results file.

    table     its table of columns under `parameters/public_results`
    required  fields without which nothing can be recomputed or compared
    one_of    choices of fields of which one is needed
    title     what CMS calls the file
    """

    table: str
    required: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...]
    title: str


MSSP = Layout(
    table="mssp_columns",
    required=("aco_id", "assigned_beneficiaries", "benchmark_total"),
    one_of=(("expenditures_total", "difference"), ("gen_save_loss", "earn_save_loss")),
    title="Performance Year Financial and Quality Results",
)
REACH = Layout(
    table="reach_columns",
    required=("aco_id", "risk_arrangement", "final_benchmark", "net_expenditures", "shared_savings"),
    one_of=(),
    title="ACO REACH Financial and Quality Results",
)


@dataclass(frozen=True)
class Column:
    """A column of the file that we read: our field, how its cells read, its place, and its name as printed."""

    field: str
    kind: str
    index: int
    printed: str


@dataclass(frozen=True)
class Header:
    """The header of a results file.

    line         where it stands
    columns      by our field
    names        every printed name, in order
    identifiers  places of the columns that can hold the ACO's id, the best first
    """

    line: int
    columns: dict[str, Column]
    names: tuple[str, ...]
    identifiers: tuple[int, ...]


def simple(name: str) -> str:
    """A column name without case, blanks and punctuation; `+` becomes plus."""
    return re.sub(r"[^a-z0-9]", "", name.casefold().replace("+", "plus"))


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one table of `parameters/public_results`; they hold for all published years."""
    values = load_parameter(f"public_results/{name}").values
    return tuple(row for value in values for row in value.value)


@cache
def words(kind: str) -> dict[str, str]:
    """What the printed words of a kind (`missing`, `flag`, `score`, `track`) mean."""
    return {row["printed"]: row["means"] for row in rows_of("mssp_words") if row["kind"] == kind}


def find_header(
    grid: list[tuple[int, list[str]]], file: str, layout: Layout = MSSP
) -> tuple[Header, list[tuple[int, list[str]]]]:
    """The header, and the rows under it. Titles above it are passed over.

    Raises WorkbookError, naming what is missing, if no row looks like the header of a results file.
    """
    best: Header | None = None
    for place, (line, cells) in enumerate(grid[:_HEADER_WITHIN]):
        columns = _columns(cells, f"{file}, line {line}", layout)
        header = Header(line, columns, tuple(cells), _identifiers(cells, layout))
        if not _missing(header, layout):
            return header, grid[place + 1 :]
        if best is None or len(header.columns) > len(best.columns):
            best = header
    found = ", ".join(sorted(best.columns)) if best and best.columns else "none"
    lacking = ", ".join(_missing(best, layout)) if best else "every column"
    raise WorkbookError(
        f"not a results file as we know them: no column for {lacking} (recognized: {found})",
        where=f"{file}, line {best.line if best else 1}",
        remedy=f"Use CMS's '{layout.title}' file with its header row; "
        f"if CMS renamed a column, add the name to parameters/public_results/{layout.table}.csv.",
    )


def _identifiers(cells: list[str], layout: Layout) -> tuple[int, ...]:
    printed = [simple(cell) for cell in cells]
    names = [simple(row["name"]) for row in rows_of(layout.table) if row["field"] == "aco_id"]
    return tuple(dict.fromkeys(printed.index(name) for name in names if name in printed))


def _missing(header: Header, layout: Layout) -> list[str]:
    """Fields without which nothing can be recomputed or compared."""
    choices = [(field,) for field in layout.required] + list(layout.one_of)
    lacking = [choice for choice in choices if not any(field in header.columns for field in choice)]
    return [" or ".join(_as_cms_calls(field, layout) for field in choice) for choice in lacking]


def _as_cms_calls(field: str, layout: Layout) -> str:
    return next(row["name"] for row in rows_of(layout.table) if row["field"] == field)


def _columns(cells: list[str], where: str, layout: Layout) -> dict[str, Column]:
    """The fields that these cells name. The first name in the table wins; a name that stands twice is refused."""
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        places.setdefault(simple(cell), []).append(index)
    found: dict[str, Column] = {}
    for row in rows_of(layout.table):
        if row["field"] in found or "*" in row["name"]:
            continue
        at = _places_of(row["name"], places)
        if len(at) > 1:
            raise WorkbookError(
                f"the column {cells[at[0]]!r} stands {len(at)} times", where=where, remedy="Keep one of them."
            )
        if at:
            found[row["field"]] = Column(row["field"], row["kind"], at[0], cells[at[0]])
    return found | _fitting(cells, found, layout)


def _fitting(cells: list[str], known: dict[str, Column], layout: Layout) -> dict[str, Column]:
    """Fields whose names fit a pattern only: one column that no name claims, and no other like it."""
    claimed = {simple(row["name"]) for row in rows_of(layout.table) if "*" not in row["name"]}
    free = [index for index, cell in enumerate(cells) if simple(cell) not in claimed]
    found: dict[str, Column] = {}
    for row in rows_of(layout.table):
        if "*" not in row["name"] or row["field"] in known:
            continue
        at = [index for index in free if fnmatchcase(simple(cells[index]), row["name"])]
        if len(at) == 1:
            found[row["field"]] = Column(row["field"], row["kind"], at[0], cells[at[0]])
            free.remove(at[0])
    return found


def _places_of(name: str, places: dict[str, list[int]]) -> list[int]:
    """Where a name stands; a name in words also with the number of a footnote behind it."""
    key = simple(name)
    if key in places or " " not in name:
        return places.get(key, [])
    return [index for printed, at in places.items() if re.fullmatch(re.escape(key) + r"\d+", printed) for index in at]


def possible_years(header: Header, rows: list[tuple[int, list[str]]]) -> tuple[int, int, dict[str, str]]:
    """First and last performance year that the filled columns allow, and why: `first`, `last` in words.

    Files aligned to the columns of another year have those columns too, but empty or all zero: such tell nothing.
    """
    places = {simple(name): index for index, name in enumerate(header.names)}
    first, last, why = FIRST_YEAR, 9999, {}
    for mark in rows_of("mssp_year_marks"):
        index = places.get(simple(mark["name"]))
        if index is None or not _is_used(index, rows):
            continue
        printed = header.names[index]
        if int(mark["first_year"]) > first:
            first = int(mark["first_year"])
            why["first"] = f"column {printed}: {mark['because']}"
        if mark["last_year"] and int(mark["last_year"]) < last:
            last = int(mark["last_year"])
            why["last"] = f"column {printed}: {mark['because']}"
    return first, last, why


def _is_used(index: int, rows: list[tuple[int, list[str]]]) -> bool:
    """Whether any row prints something but zero in a column."""
    nothing = {*words("missing"), *(word for word, means in words("flag").items() if means == "no")}
    return any(index < len(cells) and cells[index].strip().casefold() not in nothing for _, cells in rows)

"""CMS's county-level fee-for-service figures: one row for each county becomes one for each enrollment type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.errors import FeedError
from openaco.feeds.cells import Cells
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.parameters import parameter
from openaco.tables import CountyExpenditure


def is_county_file(file: DelimitedFile, year: int) -> bool:
    """Whether the header is one of CMS's county files, whatever the file's name."""
    layout = _layout(year)
    return any(name in file.header for name in layout["types"]["esrd"]["per_capita_expenditure"])


def read_counties(file: DelimitedFile, year: int, output: Output) -> None:
    """Store a county file. State and county numbers become the five-digit SSA code; `*` and `.` are blank.

    Raises FeedError for a missing column, or a county that stands twice for a year.
    """
    layout = _layout(year)
    place = {key: _column(file, layout[key]) for key in ("year", "state", "county")}
    figures = {
        kind: {figure: _column(file, names) for figure, names in columns.items()}
        for kind, columns in layout["types"].items()
    }
    wanted = [*place.values(), *(name for columns in figures.values() for name in columns.values())]
    seen: list[pa.Array] = []
    for batch in file.batches(wanted):
        cells = Cells(batch, missing=layout["missing"])
        calendar_year, code = cells.whole(place["year"]), _code(cells, place)
        cells.mark(_blank(calendar_year), f"{place['year']} is blank")
        values = {
            kind: {figure: cells.number(name) for figure, name in columns.items()} for kind, columns in figures.items()
        }
        for kind, columns in values.items():
            rows = {"calendar_year": calendar_year, "state_county_code": code, "enrollment_type": cells.constant(kind)}
            output.put(CountyExpenditure, cells.table(CountyExpenditure, rows | columns), file=file.name)
        seen.append(pc.binary_join_element_wise(pc.cast(calendar_year, pa.string()), code, " "))
        file.problems += cells.problems
    _refuse_twice(file.name, seen)
    output.put_aside(file, file.problems)


def _layout(year: int) -> Mapping[str, Any]:
    return parameter("feeds/roster/county_columns", year).value


def _column(file: DelimitedFile, names: Sequence[str]) -> str:
    found = [name for name in names if name in file.header]
    if not found:
        file.require(names[:1])
    return found[0]


def _code(cells: Cells, place: Mapping[str, str]) -> pa.Array:
    """Two digits of the SSA state and three of the county."""
    parts = []
    for key, width in (("state", 2), ("county", 3)):
        text = cells.text(place[key], width=width)
        fits = pc.fill_null(pc.match_substring_regex(text, f"^[0-9]{{{width}}}$"), False)
        cells.mark(~fits.to_numpy(zero_copy_only=False), f"{place[key]} is not a number of up to {width} digits")
        parts.append(text)
    return pc.binary_join_element_wise(*parts, "")


def _blank(values: pa.Array) -> np.ndarray:
    return pc.is_null(values).to_numpy(zero_copy_only=False)


def _refuse_twice(name: str, seen: list[pa.Array]) -> None:
    keys = pa.chunked_array(seen, pa.string()).drop_null()
    counts = pc.value_counts(keys)
    twice = pc.sum(pc.greater(counts.field("counts"), 1)).as_py() or 0
    if twice:
        raise FeedError(f"{twice} counties stand twice for one year", where=name, remedy="Keep one row for each.")

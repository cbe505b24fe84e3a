"""Loads OpenACO's own lists: one CSV whose header names the columns of one lake table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.cells import Cells
from openaco.feeds.delimited import Batch, DelimitedFile
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Package, open_package
from openaco.tables import Delivered, LakeTable

Row = dict[str, Any]
Clean = Callable[[Row], Row]
"""Checks a row and spells it as the table keeps it. Raises ValueError with the reason, never naming a value."""
_LINEAGE = tuple(Delivered.columns())


def load_list(
    lake: Lake,
    feed: str,
    table: type[LakeTable],
    path: Path | str,
    clean: Clean,
    *,
    fixed: Mapping[str, Any] | None = None,
    ignored: tuple[str, ...] = (),
    skipped_where_blank: str = "",
    progress: Progress | None = None,
) -> LoadReport:
    """Load one CSV as one delivery. Lines that cannot be read go to quarantine with their reason.

    fixed: columns that the caller states in place of the file. ignored: columns of the file that are only for reading.
    skipped_where_blank: a column without which a line says nothing yet; such lines are left out, and counted.
    Raises FeedError for another kind of file, a missing or unknown column, or where no line could be read.
    """
    stated = dict(fixed or {})
    with open_package(path) as package:
        return store(
            lake,
            feed,
            package,
            partial(_fill, package, table, clean, stated, ignored, skipped_where_blank.upper()),
            name_delivery=partial(delivery_id, feed, package.modified_at()),
            read_as=" ".join(f"{name}={value}" for name, value in sorted(stated.items())),
            progress=progress,
        )


def _fill(
    package: Package,
    table: type[LakeTable],
    clean: Clean,
    fixed: Mapping[str, Any],
    ignored: tuple[str, ...],
    decisive: str,
    output: Output,
) -> Mapping[str, Any]:
    left_out = 0
    for member in package.members:
        file = DelimitedFile(member.name, output.opener(member))
        columns = _columns(file, table, fixed, ignored)
        for batch in file.batches(list(columns.values())):
            if decisive:
                batch, blank = _stated(batch, decisive)
                left_out += blank
            cells = Cells(batch)
            typed = cells.table(table, cells.columns(table, columns, "iso"))
            rows, problems = _cleaned(typed, clean, fixed)
            output.draft.add(table, [row | {"source_file": member.name} for row in rows])
            file.problems += [*cells.problems, *problems]
        output.put_aside(file, file.problems)
    if left_out:
        output.notes.append(f"{left_out} lines without {decisive.lower()} left out")
    return {"delivered_on": package.modified_at().date()}


def _stated(batch: Batch, column: str) -> tuple[Batch, int]:
    """The rows in which a column is not blank, and how many others there are."""
    text = pc.utf8_trim_whitespace(batch.rows[column].combine_chunks())
    stated = pc.fill_null(pc.not_equal(text, ""), False)
    return Batch(batch.rows.filter(stated), batch.lines[stated.to_numpy(zero_copy_only=False)]), len(stated) - (
        pc.sum(stated).as_py() or 0
    )


def _columns(
    file: DelimitedFile, table: type[LakeTable], fixed: Mapping[str, Any], ignored: tuple[str, ...]
) -> dict[str, str]:
    """The columns of the table that the file states, with their headers."""
    own = {name: name.upper() for name in table.columns() if name not in _LINEAGE and name not in fixed}
    known = {*own.values(), *map(str.upper, ignored)}
    unknown = [str(place) for place, name in enumerate(file.header, start=1) if name.upper() not in known]
    if unknown:  # told by place, not by name: where the header is missing, the first line holds a person's values
        raise FeedError(
            f"{len(unknown)} columns of the header are not known: column {', '.join(unknown)}",
            where=f"{file.name}, line 1",
            remedy=f"Columns are {', '.join(own)}.",
        )
    file.require([header for name, header in own.items() if table.columns()[name].required])
    return {name: header for name, header in own.items() if header in file.header}


def _cleaned(typed: pa.Table, clean: Clean, fixed: Mapping[str, Any]) -> tuple[list[Row], list[tuple[int, str]]]:
    rows, problems = [], []
    for row in typed.to_pylist():
        try:
            rows.append(clean(row | fixed))
        except ValueError as problem:
            problems.append((row["source_line"], str(problem)))
    return rows, problems

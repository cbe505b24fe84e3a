"""Reads a roster folder: participants, providers, hospitals, fee schedule, voluntary alignment, county figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.cells import Cells
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Package, open_package
from openaco.feeds.roster.counties import is_county_file, read_counties
from openaco.feeds.textfile import plain_name
from openaco.parameters import parameter
from openaco.tables import all_tables

TABLES = {table.name: table for table in all_tables()}


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load a roster: a folder, a ZIP or one file. Loading a changed folder again is a new delivery.

    Raises FeedError, naming file, line and remedy, for a file that is none of a roster's, a missing or doubled column.
    Lines with a wrong number of cells or an unreadable date or number go to quarantine.
    """
    with open_package(path) as package:
        delivered = package.modified_at()
        return store(
            lake,
            "roster",
            package,
            partial(_fill, package),
            name_delivery=partial(delivery_id, "roster", delivered),
            replaces=True,
            progress=progress,
        )


def _fill(package: Package, output: Output) -> Mapping[str, Any]:
    delivered = package.modified_at()
    known: Mapping[str, Any] = parameter("feeds/roster/files", delivered.year).value
    for member in package.members:
        stem, _, ending = plain_name(member).rpartition(".")
        if ending.lower() != "csv":
            raise _unknown(package.name, member.name, known)
        file = DelimitedFile(member.name, output.opener(member))
        if stem in known:
            _read_list(file, known[stem], output)
        elif is_county_file(file, delivered.year):
            read_counties(file, delivered.year, output)
        else:
            raise _unknown(package.name, member.name, known)
    return {"delivered_on": delivered.date()}


def _read_list(file: DelimitedFile, layout: Mapping[str, Any], output: Output) -> None:
    file.require(layout["required"])
    table = TABLES[layout["table"]]
    wanted = [*layout["columns"].values()]
    output.put(table, Cells.none_of(table), file=file.name)
    for batch in file.batches(wanted):
        cells = Cells(batch)
        columns = cells.columns(table, layout["columns"], "iso")
        output.put(table, cells.table(table, columns), file=file.name)
        file.problems += cells.problems
    output.put_aside(file, file.problems)


def _unknown(package: str, name: str, known: Mapping[str, Any]) -> FeedError:
    return FeedError(
        "is no file of a roster",
        where=f"{package}/{name}" if package != name else name,
        remedy=f"A roster holds {', '.join(f'{stem}.csv' for stem in known)} and CMS county files; take it out.",
    )

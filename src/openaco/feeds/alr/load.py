"""Reads an assignment list report: every table that is in the delivery, and the months of Table 1-1."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.alr.names import Report, chosen_report, named_report, table_number
from openaco.feeds.base import LoadReport, Progress
from openaco.feeds.cells import Cells, lookup
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Package, files_in, open_package
from openaco.feeds.textfile import plain_name
from openaco.parameters import parameter
from openaco.tables import EnrollmentMonth, all_tables

TABLES = {table.name: table for table in all_tables()}
FLAGS = tuple(f"ENROLLFLAG{number}" for number in range(1, 13))


def load(
    lake: Lake,
    path: Path | str,
    *,
    year: int | None = None,
    period: str | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Load one assignment list report: a ZIP, a folder or a single table.

    year, period: the performance year and the period (initial, Q1–Q4, annual, BY2023), where the name is not CMS's.
    Raises FeedError, naming file, line and remedy: an unknown file, files of several reports, a table given twice, a
    missing or doubled column. Lines with a wrong number of cells or an unreadable cell go to quarantine.
    """
    with open_package(path) as package:
        as_of = package.modified_at().year
        named = named_report([member.name for member in package.members] + [package.name], as_of)
        report = named or chosen_report(year, period, package.name)
        return store(
            lake,
            "alr",
            package,
            partial(_fill, package, report),
            name_delivery=partial(_delivery_id, package, report, cms_name=named is not None),
            named_once=named is not None,
            progress=progress,
        )


def deliveries_in(path: Path | str) -> list[Path]:
    """The reports at a path: a folder of ZIPs is one report for each; a folder of tables is one report."""
    files = files_in(path)
    return files if len(files) > 1 and all(zipfile.is_zipfile(file) for file in files) else [Path(path)]


def _delivery_id(package: Package, report: Report, content_hash: str, *, cms_name: bool) -> str:
    """Ids sort by performance year and stamp; a name without them by the time the file was written."""
    modified = package.modified_at()
    plain = f"{modified:%Y%m%dT%H%M%S}{modified.microsecond // 100_000}"
    stamp = f"{report.performance_year}9999T{report.stamp}" if cms_name else plain
    return f"alr-{stamp}-{content_hash[:8]}"


def _fill(package: Package, report: Report, output: Output) -> Mapping[str, Any]:
    tables = parameter("feeds/alr/tables", report.performance_year).value
    skipped = parameter("feeds/alr/not_read", report.performance_year).value
    seen: dict[str, str] = {}
    for member in package.members:
        if plain_name(member).lower().endswith(tuple(skipped["endings"])):
            output.notes.append(f"{member.name}: not read")
            continue
        file = DelimitedFile(member.name, output.opener(member))
        number = table_number(plain_name(member), file.header, tables, report.performance_year)
        if number in skipped["tables"]:
            output.notes.append(f"{member.name}: Table {number} is not read, because its columns are not public")
            continue
        layout = _layout(member.name, number, tables, seen)
        _read_table(file, layout, report, output)
    return {
        "delivered_on": package.modified_at().date(),
        "coverage": report.period,
        "performance_year": report.performance_year,
    }


def _layout(name: str, number: str | None, tables: Mapping[str, Any], seen: dict[str, str]) -> Mapping[str, Any]:
    if number is None or number not in tables:
        raise FeedError(
            "is no table of an assignment list report",
            where=name,
            remedy=f"Known are Tables {', '.join(tables)}, by name or header; take the file out and load again.",
        )
    if number in seen:
        raise FeedError(
            f"holds Table {number}, as does {seen[number]}", where=name, remedy="Load one report at a time."
        )
    seen[number] = name
    layout: Mapping[str, Any] = tables[number]
    return layout


def _read_table(file: DelimitedFile, layout: Mapping[str, Any], report: Report, output: Output) -> None:
    table, sources = TABLES[layout["table"]], dict(layout["columns"])
    file.require(layout["required"])
    with_months = layout["table"] == "assigned_beneficiary" and any(flag in file.header for flag in FLAGS)
    if with_months:
        file.require(FLAGS)
        output.put(EnrollmentMonth, Cells.none_of(EnrollmentMonth), file=file.name)
    output.put(table, Cells.none_of(table), file=file.name)
    start, unread = report.months()[0], Counter[str]()
    for batch in file.batches([*sources.values(), *(FLAGS if with_months else ())]):
        cells = Cells(batch, missing=layout.get("missing", ()))
        columns = cells.columns(table, sources, "us", strict_flags=False) | {
            "performance_year": cells.constant(report.performance_year, pa.int64()),
            "report_period": cells.constant(report.period),
            "window_start": cells.constant(start, pa.date32()),
        }
        types = [_enrollment_type(cells, flag, report.performance_year) for flag in FLAGS] if with_months else []
        output.put(table, cells.table(table, columns), file=file.name)
        for month, enrollment_type in zip(report.months(), types, strict=False):
            output.put(EnrollmentMonth, _month(cells, columns, month, enrollment_type), file=file.name)
        file.problems += cells.problems
        unread += cells.unread
    output.notes += [f"{file.name}: {name} is neither yes nor no in {count} rows" for name, count in unread.items()]
    output.put_aside(file, file.problems)


def _enrollment_type(cells: Cells, flag: str, year: int) -> pa.Array:
    """The type a flag stands for; blank for 0. A flag that is none of the known ones marks the row."""
    known = parameter("feeds/alr/enrollment_flags", year).value
    text = cells.text(flag)
    strange = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, value_set=pa.array(list(known)))))
    cells.mark(strange.to_numpy(zero_copy_only=False), f"{flag} is none of {', '.join(known)}")
    return lookup(text, {code: word or None for code, word in known.items()}, pa.string())


def _month(cells: Cells, columns: Mapping[str, pa.Array], month: Any, enrollment_type: pa.Array) -> pa.Table:
    """One month of everybody: enrolled in A and B outside a health plan, or, without a type, not so."""
    enrolled = pc.is_valid(enrollment_type)
    yes = pc.if_else(enrolled, True, pa.scalar(None, pa.bool_()))
    return cells.table(
        EnrollmentMonth,
        {
            "mbi": columns["mbi"],
            "month": cells.constant(month, pa.date32()),
            "source": cells.constant("alr"),
            "has_part_a": yes,
            "has_part_b": yes,
            "in_group_health_plan": pc.invert(yes),
            "enrollment_type": enrollment_type,
            "state_county_code": columns["state_county_code"],
        },
    )

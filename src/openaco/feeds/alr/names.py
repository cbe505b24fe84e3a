"""Which report a file belongs to, from its name, and which months the report covers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaco.errors import FeedError
from openaco.parameters import parameter

CENTURY = 2000
PERIODS = ("initial", "Q1", "Q2", "Q3", "Q4", "annual", "benchmark")


@dataclass(frozen=True)
class Report:
    """One assignment list report.

    performance_year: the year it was made for. period: initial, Q1–Q4, annual or benchmark. year: the calendar year
    of an annual or benchmark report. stamp: a later one replaces an earlier one of the same period.
    """

    performance_year: int
    period: str
    year: int
    stamp: str = "0000000"

    def months(self) -> list[datetime.date]:
        """The first days of the twelve months it covers (42 CFR 425.20, assignment window)."""
        windows = parameter("feeds/alr/report_windows", self.performance_year).value
        first = windows[self.period]["month"] - 1
        year = (self.year if self.period in ("annual", "benchmark") else self.performance_year) + (
            windows[self.period]["year"]
        )
        return [datetime.date(year + (first + step) // 12, (first + step) % 12 + 1, 1) for step in range(12)]


def named_report(names: Iterable[str], year: int) -> Report | None:
    """The report that the names of a delivery's files agree on; None if no name says.

    Raises FeedError if the names speak of several reports.
    """
    found = {report for report in (_report(name, year) for name in names) if report}
    if len(found) > 1:
        periods = ", ".join(sorted(f"{report.performance_year} {report.period} T{report.stamp}" for report in found))
        raise FeedError(
            f"holds files of several reports: {periods}",
            remedy="Load each report by itself: one ZIP, folder or file for each.",
        )
    return found.pop() if found else None


def chosen_report(year: int | None, period: str | None, name: str) -> Report:
    """The report as its reader names it. Raises FeedError if the year or period is missing or unknown.

    period: initial, Q1, Q2, Q3, Q4, annual, or BY and a year for the report of a benchmark year.
    """
    remedy = f"Give its performance year and its period: {', '.join(PERIODS[:-1])}, or BY2023 for a benchmark year."
    if year is None or period is None:
        raise FeedError("the name does not say which report this is", where=name, remedy=remedy)
    benchmark = re.fullmatch(r"BY(\d{4})", period, flags=re.IGNORECASE)
    if benchmark:
        return Report(year, "benchmark", int(benchmark[1]))
    known = {word.lower(): word for word in PERIODS[:-1]}
    if period.lower() not in known:
        raise FeedError("there is no such period of a report", where=name, remedy=remedy)
    return Report(year, known[period.lower()], year)


def table_number(name: str, header: Sequence[str], tables: Mapping[str, Any], year: int) -> str | None:
    """The number of the table a file holds: from its name, else from its header; None if neither says."""
    match = _match(name, year)
    number = (match[1].groupdict().get("table") if match else None) or _number_in_plain_name(name)
    if number:
        return f"1-{number}"
    for known, layout in tables.items():
        if any(mark in header for mark in layout["marks"]):
            return known
    return None


def _number_in_plain_name(name: str) -> str | None:
    match = re.search(r"(?:table[ _-]?(?:1[-_.])?|_1-)(\d)(?!\d)", name.rpartition(".")[0] or name, flags=re.IGNORECASE)
    return match[1] if match else None


def _match(name: str, year: int) -> tuple[Mapping[str, Any], re.Match[str]] | None:
    for row in parameter("feeds/alr/file_names", year).value:
        match = re.fullmatch(row["pattern"], name, flags=re.IGNORECASE)
        if match:
            return row, match
    return None


def _report(name: str, year: int) -> Report | None:
    found = _match(name, year)
    if found is None:
        return None
    row, match = found
    groups = match.groupdict()
    performance_year, stamp = CENTURY + int(groups["py"]), groups["stamp"]
    if row["period"] == "initial":
        return Report(performance_year, "initial", performance_year, stamp)
    if row["period"] == "calendar":
        calendar_year = int(groups["year"])
        period = "benchmark" if calendar_year < performance_year else "annual"
        return Report(performance_year, period, calendar_year, stamp)
    if int(groups["year"]) != performance_year:
        raise FeedError("the name says two performance years", where=name, remedy="Was it renamed? Ask for it again.")
    return Report(performance_year, f"Q{groups['quarter']}", performance_year, stamp)

"""Assignment windows (42 CFR 425.20, 425.400(a), 425.402(b)(5), (e)(2))."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from openaco.parameters import parameter


@dataclass(frozen=True)
class AssignmentWindow:
    """The days that decide assignment for one benchmark or performance year. All ends are included.

    year             benchmark or performance year that people are assigned for
    rules_year       performance year whose rules apply (for a benchmark year: the one being settled)
    method           retrospective or prospective
    start, end       twelve-month window
    expanded_start   start of the twenty-four months that end on `end`; None before the third step existed
    voluntary_cutoff last day on which a designation counts; None before voluntary alignment existed
    """

    year: int
    rules_year: int
    method: str
    start: datetime.date
    end: datetime.date
    expanded_start: datetime.date | None
    voluntary_cutoff: datetime.date | None

    @property
    def earliest(self) -> datetime.date:
        """First day on which a service matters."""
        return self.expanded_start or self.start

    @property
    def year_start(self) -> datetime.date:
        """First day of the year people are assigned for: who died before it is not assigned."""
        return datetime.date(self.year, 1, 1)

    @property
    def year_end(self) -> datetime.date:
        """Last day of the year people are assigned for."""
        return datetime.date(self.year, 12, 31)


def assignment_window(window_year: int, method: str, rules_year: int) -> AssignmentWindow:
    """The window of a benchmark or performance year under the rules of a performance year.

    Raises ParameterError for a year or method that no rule is stated for. 42 CFR 425.20 (assignment window,
    expanded window for assignment), 425.400(a)(2) and (3).
    """
    days = parameter("assignment/window", window_year, assignment_method=method).value
    cutoff = parameter("assignment/voluntary_alignment_cutoff", window_year).value
    expanded = parameter("assignment/step_3", rules_year).value
    return AssignmentWindow(
        year=window_year,
        rules_year=rules_year,
        method=method,
        start=_day(window_year, days["start"]),
        end=_day(window_year, days["end"]),
        expanded_start=_day(window_year, days["expanded_start"]) if expanded else None,
        voluntary_cutoff=_day(window_year, cutoff) if cutoff else None,
    )


def _day(year: int, offset: list[int]) -> datetime.date:
    years, month, day = offset
    return datetime.date(year + years, month, day)

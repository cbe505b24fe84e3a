"""Moments of two events compared: certain only if it holds for every instant that both can mean.

Two moments stated alike (the same day, the same time) count as equal, whatever their precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openaco.engine import BooleanValue, Table, Value

RIGHT = "other_"


@dataclass(frozen=True)
class Moment:
    """The first and the last instant, or day, that something can be."""

    first: Value
    last: Value

    def on_or_after(self, other: Moment) -> BooleanValue:
        """Not before the other."""
        return (self.first >= other.last) | self.same_as(other)

    def on_or_before(self, other: Moment) -> BooleanValue:
        """Not after the other."""
        return (self.last <= other.first) | self.same_as(other)

    def before(self, other: Moment) -> BooleanValue:
        """Earlier than the other."""
        return self.last < other.first

    def after(self, other: Moment) -> BooleanValue:
        """Later than the other."""
        return self.first > other.last

    def same_as(self, other: Moment) -> BooleanValue:
        """Stated alike."""
        return (self.first == other.first) & (self.last == other.last)

    def plus(self, days: int) -> Moment:
        """Some days later (only for days)."""
        return Moment(self.first + days, self.last + days)


class Side:
    """One event of a pair, with its columns as attributes and its moments: days, and instants (`…_at`)."""

    def __init__(self, table: Table, prefix: str = "") -> None:
        self._table = table
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return self._table[self._prefix + name]

    def _moment(self, first: str, last: str) -> Moment:
        return Moment(self._table[self._prefix + first], self._table[self._prefix + last])

    @property
    def start(self) -> Moment:
        """The day it starts."""
        return self._moment("start_day", "start_day_last")

    @property
    def end(self) -> Moment:
        """The day it ends."""
        return self._moment("end_day", "end_day_last")

    @property
    def latest(self) -> Moment:
        """The day it ends, or starts where no end is reached."""
        return self._moment("latest_day", "latest_day_last")

    @property
    def recorded(self) -> Moment:
        """The day it was put on record."""
        return self._moment("recorded_day", "recorded_day_last")

    @property
    def supply_start(self) -> Moment:
        """The first day that an order supplies."""
        return self._moment("supply_day", "supply_day")

    @property
    def supply_end(self) -> Moment:
        """The last day that an order supplies."""
        return self._moment("supply_end_day", "supply_end_day")

    @property
    def starts_at(self) -> Moment:
        """The instant it starts."""
        return self._moment("start_earliest", "start_latest")

    @property
    def ends_at(self) -> Moment:
        """The instant it ends."""
        return self._moment("end_earliest", "end_latest")

    @property
    def recorded_at(self) -> Moment:
        """The instant it was put on record."""
        return self._moment("recorded_earliest", "recorded_latest")


def days_before(one: Moment, other: Moment, most: int, *, same_day: bool) -> BooleanValue:
    """One is at most so many days before the other; on the same day only if said."""
    close = one.on_or_after(other.plus(-most))
    return close & (one.on_or_before(other) if same_day else one.before(other))


def days_after(one: Moment, other: Moment, most: int, *, same_day: bool) -> BooleanValue:
    """One is at most so many days after the other; on the same day only if said."""
    close = one.on_or_before(other.plus(most))
    return close & (one.on_or_after(other) if same_day else one.after(other))

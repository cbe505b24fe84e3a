"""Lag triangles: what was known of each service month at each age, counted in months.

An amount is known from the day on which Medicare's repository took its claim version in (`load_date`, the date that
also decides CMS's run-out). Repositories load by the week, and in a month's first days each load matters: so every
month is looked at on the same weekday, on the day nearest to the valuation date's day of the month. Age 0 is that day
in the service month itself, age 1 a month later.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
_WEEK = 7


def month_number(day: datetime.date) -> int:
    """Months since the year 0, counted from 0: the unit in which service months and ages are reckoned."""
    return day.year * 12 + day.month - 1


def first_of(number: int) -> datetime.date:
    """The first day of a month number."""
    return datetime.date(number // 12, number % 12 + 1, 1)


def look_on(number: int, valuation: datetime.date) -> datetime.date:
    """The day of a month that compares with the valuation date: the same weekday, nearest to the same day of the month.

    In the valuation date's own month it is the valuation date.
    """
    first = first_of(number)
    last_day = calendar.monthrange(first.year, first.month)[1]
    same_day = first.replace(day=min(valuation.day, last_day))
    ahead = (valuation.weekday() - same_day.weekday()) % _WEEK
    return same_day + datetime.timedelta(days=ahead if ahead <= _WEEK // 2 else ahead - _WEEK)


@dataclass(frozen=True)
class Triangle:
    """Cumulative amounts of one kind (US dollars, or use at fixed prices) by service month and age.

    first  number of the first service month
    known  service month × age; nan where the valuation date has not come to that age yet
    """

    first: int
    known: Numbers

    @property
    def months(self) -> int:
        """How many service months it has; also how many ages."""
        return len(self.known)

    @property
    def last(self) -> int:
        """The number of the last service month, which is the valuation date's."""
        return self.first + self.months - 1

    @property
    def ages(self) -> Whole:
        """The age of each service month on the valuation date."""
        return np.arange(self.months - 1, -1, -1)

    @property
    def latest(self) -> Numbers:
        """What is known of each service month on the valuation date."""
        return self.known[np.arange(self.months), self.ages]

    def earlier(self, months: int) -> Triangle:
        """The triangle as it was some months before: without the newest service months and diagonals."""
        kept = self.months - months
        known = self.known[:kept, :kept].copy()
        known[np.add.outer(np.arange(kept), np.arange(kept)) >= kept] = np.nan
        return Triangle(self.first, known)

    def __add__(self, other: Triangle) -> Triangle:
        """Both amounts together."""
        return Triangle(self.first, self.known + other.known)


def ages_of(months: Whole, loaded: Whole, first: int, valuation: datetime.date) -> Whole:
    """The age at which amounts became known. months: numbers of service months; loaded: days as ordinals.

    Loaded after the valuation date: an age that the month has not reached. What was loaded before its service month
    began is known at age 0.
    """
    last = month_number(valuation)
    looks = np.array([look_on(number, valuation).toordinal() for number in range(first, last + 1)])
    return np.maximum(first + np.searchsorted(looks, loaded, "left") - months, 0)


def age_on(day: datetime.date, number: int, valuation: datetime.date) -> float:
    """The age of a service month on any day, between the whole ages by days."""
    near = month_number(day)
    looks = [look_on(near + step, valuation).toordinal() for step in (-1, 0, 1)]
    return float(np.interp(day.toordinal(), looks, [near - 1, near, near + 1])) - number


def triangle_of(months: Whole, ages: Whole, cents: Whole, first: int, last: int) -> Triangle:
    """The triangle of the service months `first` to `last`, seen in month `last`. cents: whole US cents, signed.

    Sums are whole numbers, so the order of the amounts does not matter. Amounts of other months, and those not known
    yet, are left out.
    """
    size = last - first + 1
    sums = np.zeros((size, size), np.int64)
    inside = (months >= first) & (months <= last) & (months + ages <= last)
    np.add.at(sums, (months[inside] - first, ages[inside]), cents[inside])
    known = sums.cumsum(axis=1) / 100
    known[np.add.outer(np.arange(size), np.arange(size)) >= size] = np.nan
    return Triangle(first, known)


def total(triangles: Sequence[Triangle]) -> Triangle:
    """Some triangles of the same months as one."""
    first, *rest = triangles
    for one in rest:
        first = first + one
    return first

"""Lag triangles: what was known of each service month at each age, counted in months.

An amount is known from the day on which Medicare's repository took its claim version in (`load_date`, the date that
also decides CMS's run-out). Age 0 is the valuation date's day of the month in the service month itself, age 1 that day
a month later. Repositories load by the week, and in a month's first days each load matters: so what was known on such
a day is read off on the two days around it that have the valuation date's weekday, straight between them. The
valuation date itself has its own weekday, and needs no reading between.
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


def same_day(number: int, valuation: datetime.date) -> datetime.date:
    """The valuation date's day in another month, or that month's last day."""
    first = first_of(number)
    return first.replace(day=min(valuation.day, calendar.monthrange(first.year, first.month)[1]))


def look_on(number: int, valuation: datetime.date) -> datetime.date:
    """The day of a month nearest to the same day that has the valuation date's weekday."""
    near = same_day(number, valuation)
    ahead = (valuation.weekday() - near.weekday()) % _WEEK
    return near + datetime.timedelta(days=ahead if ahead <= _WEEK // 2 else ahead - _WEEK)


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


def age_on(day: datetime.date, number: int, valuation: datetime.date) -> float:
    """The age of a service month on any day, between the whole ages by days."""
    near = month_number(day)
    days = [same_day(near + step, valuation).toordinal() for step in (-1, 0, 1)]
    return float(np.interp(day.toordinal(), days, [near - 1, near, near + 1])) - number


def triangle_of(months: Whole, loaded: Whole, cents: Whole, first: int, valuation: datetime.date) -> Triangle:
    """The triangle of the service months from number `first` to the valuation date's.

    months: numbers of service months; loaded: days as ordinals; cents: whole US cents, signed. Sums are whole numbers,
    so the order of the amounts does not matter. Amounts of other months, and those not known yet, are left out; what
    was loaded before its service month began is known at age 0.
    """
    size = month_number(valuation) - first + 1
    days = [same_day(first + number, valuation) for number in range(size)]
    back = np.array([(day.weekday() - valuation.weekday()) % _WEEK for day in days])
    before = np.array([day.toordinal() for day in days]) - back
    at_first, at_second = (_known(months - first, loaded, cents, dates) for dates in (before, before + _WEEK))
    diagonal = np.add.outer(np.arange(size), np.arange(size))
    outside = diagonal >= size
    between = back[np.where(outside, 0, diagonal)] / _WEEK
    known = ((1 - between) * at_first + between * at_second) / 100
    known[outside] = np.nan
    return Triangle(first, known)


def _known(places: Whole, loaded: Whole, cents: Whole, dates: Whole) -> Whole:
    """Cents known by service month (its place in the triangle) and age, when each month is looked at on a date."""
    size = len(dates)
    ages = np.maximum(np.searchsorted(dates, loaded, "left") - places, 0)
    inside = (places >= 0) & (places + ages < size)
    sums = np.zeros((size, size), np.int64)
    np.add.at(sums, (places[inside], ages[inside]), cents[inside])
    return sums.cumsum(axis=1)


def total(triangles: Sequence[Triangle]) -> Triangle:
    """Some triangles of the same months as one."""
    first, *rest = triangles
    for one in rest:
        first = first + one
    return first

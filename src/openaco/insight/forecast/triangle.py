"""Lag triangles: what was known of each service month at each age, counted in months.

An amount is known from the day on which Medicare's repository took its claim version in (`load_date`, the date that
also decides CMS's run-out). Every age is seen on the same day of the month as the valuation date, so that all months
of the triangle are compared at like ages: age 0 is that day of the service month itself, age 1 a month later.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


def month_number(day: datetime.date) -> int:
    """Months since the year 0, counted from 0: the unit in which service months and ages are reckoned."""
    return day.year * 12 + day.month - 1


def first_of(number: int) -> datetime.date:
    """The first day of a month number."""
    return datetime.date(number // 12, number % 12 + 1, 1)


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


def ages_of(months: Whole, loaded: Whole, loaded_day: Whole, valuation: datetime.date) -> Whole:
    """The age at which amounts became known. months, loaded: month numbers; loaded_day: day of the month of loading.

    What was loaded before its service month ended is known at age 0 at the earliest.
    """
    return np.maximum(loaded - months + (loaded_day > valuation.day), 0)


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

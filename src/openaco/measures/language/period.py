"""The measurement period and the windows that measures count in: whole days, first and last both included."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day_number(day: datetime.date) -> int:
    """A day as the number of days since 1970-01-01: how day columns of compiled events hold it."""
    return day.toordinal() - _EPOCH


def day_from(number: int) -> datetime.date:
    """The day of a number of days since 1970-01-01."""
    return datetime.date.fromordinal(number + _EPOCH)


@dataclass(frozen=True)
class Window:
    """Days from `first` through `last`."""

    first: datetime.date
    last: datetime.date

    @property
    def first_number(self) -> int:
        """The first day as a number."""
        return day_number(self.first)

    @property
    def last_number(self) -> int:
        """The last day as a number."""
        return day_number(self.last)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Period(Window):
    """A measurement period: a calendar year, named by the year of its first day."""

    @classmethod
    def of_year(cls, year: int) -> Period:
        """The calendar year."""
        return cls(datetime.date(year, 1, 1), datetime.date(year, 12, 31))

    @property
    def year(self) -> int:
        """The performance year."""
        return self.first.year

    def with_years_before(self, years: int) -> Window:
        """The period and some years before it."""
        return Window(self.first.replace(year=self.first.year - years), self.last)

    def first_months(self, months: int) -> Window:
        """The first months of the period."""
        month = self.first.month - 1 + months
        after = self.first.replace(year=self.first.year + month // 12, month=month % 12 + 1)
        return Window(self.first, after - datetime.timedelta(days=1))

    def since(self, day: datetime.date) -> Window:
        """From a day through the last day of the period."""
        return Window(day, self.last)

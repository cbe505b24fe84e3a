"""Which years, windows and deliveries the made-up ACO lives through."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass

from openaco.errors import ConfigurationError
from openaco.synthetic.days import day, month

ACO_ID = "A1234"
OTHER_ACO_ID = "A5678"
FIRST_EXPANDED_WINDOW = 2025


@dataclass(frozen=True)
class Delivery:
    """One ZIP: what it is called and which claim versions it brings (loaded after `since`, through `cut`)."""

    number: int
    coverage: str
    program_year: int
    sent: datetime.date
    since: int
    cut: int

    @property
    def stamp(self) -> str:
        """`D240220.T1200000`."""
        return f"D{self.sent:%y%m%d}.T1200000"

    @property
    def name(self) -> str:
        """The ZIP's name, as CMS gives it: no ending."""
        return f"P.{ACO_ID}.ACO.ZC{self.coverage}{self.program_year % 100:02d}.{self.stamp}"

    def member(self, letter: str) -> str:
        """The name of one file in the ZIP."""
        return f"P.{ACO_ID}.ACO.ZC{letter}{self.coverage}{self.program_year % 100:02d}.{self.stamp}"


@dataclass(frozen=True)
class Timeline:
    """The years asked for. The last is the performance year, the three before it the benchmark years."""

    years: tuple[int, ...]

    @property
    def performance_year(self) -> int:
        """The last year."""
        return self.years[-1]

    @property
    def benchmark_years(self) -> tuple[int, int, int]:
        """The three years before the agreement."""
        last = self.performance_year
        return last - 3, last - 2, last - 1

    @property
    def settled_years(self) -> tuple[int, ...]:
        """Benchmark years and performance year: those that the truth is written for."""
        return *self.benchmark_years, self.performance_year

    @property
    def first_year_of_claims(self) -> int:
        """The year of the first October that any assignment window begins with."""
        back = 3 if self.performance_year >= FIRST_EXPANDED_WINDOW else 2
        return min(self.years[0] - 2, self.benchmark_years[0] - back)

    @property
    def claims_start(self) -> int:
        """First day of the longest window that any settled year looks back on."""
        return day(self.first_year_of_claims, 10)

    @property
    def claims_end(self) -> int:
        """Last day of service: three months after the performance year."""
        return day(self.performance_year + 1, 4) - 1

    @property
    def enrollment_years(self) -> tuple[int, ...]:
        """Years for which a beneficiary file is delivered."""
        return tuple(range(self.first_year_of_claims, self.performance_year + 1))

    @property
    def months(self) -> range:
        """Every month of a person's history that is kept."""
        return range(month(self.enrollment_years[0], 1), month(self.performance_year + 1, 12) + 1)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """A history when the agreement starts, then a file a month, and run-out files beside the last ones."""
        last = self.performance_year
        found: list[Delivery] = []
        since = -(10**6)
        for offset in range(1, 17):
            year, of_year = last + offset // 12, offset % 12 + 1
            sent = datetime.date(year, of_year, 20)
            cut = day(year, of_year, 10)
            found.append(Delivery(len(found), "Y", year, sent, since, cut))
            if year == last + 1 and 2 <= of_year <= 4:
                found.append(Delivery(len(found), "R", last, sent.replace(day=21), day(last, 12, 10), cut))
            since = cut
        return tuple(found)


def run_out_cut_off(year: int) -> int:
    """The last day on which a claim of a year may be loaded to count for it: three months after the year."""
    return day(year + 1, 3, calendar.monthrange(year + 1, 3)[1])


def timeline_for(years: tuple[int, ...]) -> Timeline:
    """The timeline of some years. Raises ConfigurationError unless they are four or more, one after the other."""
    if len(years) < 4 or list(years) != list(range(years[0], years[-1] + 1)):
        raise ConfigurationError(
            "an agreement needs three benchmark years and a performance year",
            where="--years",
            remedy="Give four or more years in a row, such as 2021-2024.",
        )
    if not 2021 <= years[0] <= years[-1] <= 2030:
        raise ConfigurationError("years must lie between 2021 and 2030", where="--years")
    return Timeline(tuple(years))

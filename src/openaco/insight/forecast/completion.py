"""How complete the service months are: shares known by the ACO's own lag triangles, and how well that worked before.

Claims of different services come in at different speed, so development can be estimated for each service category
or for all together. Which of the two is used, the ACO's own past decides: the one that missed less.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaco.errors import OpenACOError
from openaco.insight.forecast import assumptions
from openaco.insight.forecast.chain_ladder import Development, development
from openaco.insight.forecast.triangle import Numbers, Triangle, age_on, first_of, look_on, month_number, total

MONTHS = 12
SEASONED = 4
"""Months after which a forecast of the past is compared with what became known."""
LOOKS = 24
"""At most so many past valuation dates are looked at."""
RUN_OUT_AGES = 15
"""The age of January on its run-out date: a triangle that reaches it shows a whole run-out."""
_LEAST_SEEN = 3
_BARELY = 0.02
"""Below this share nothing can be told from what is known."""


@dataclass(frozen=True)
class PastCompletion:
    """Twelve service months as they were completed on an earlier date, and what became known of them since.

    seen_on    the earlier date
    together, by_category, fixed   what was expected to be known now, US dollars: all services together, each category
                                   on its own, and with CMS's fixed completion factor
    known      what is known now, US dollars
    """

    seen_on: datetime.date
    together: float
    by_category: float
    fixed: float
    known: float


@dataclass(frozen=True)
class Completion:
    """The lag triangles of one valuation date and what they say.

    known    US dollars of each service month, in full
    missing  by age: the standard deviation of what was still missing of a month, as a share of an ordinary month
    """

    valuation: datetime.date
    triangles: Mapping[str, Triangle]
    known: Numbers
    together: Development
    categories: Mapping[str, Development]
    past: tuple[PastCompletion, ...]
    fixed_factor: float
    missing: Numbers

    @property
    def tail(self) -> float:
        """By what grows what the triangles show: CMS's factor where they are too short to show a whole run-out."""
        return 1.0 if self.together.last_age >= RUN_OUT_AGES else self.fixed_factor

    @property
    def by_category(self) -> bool:
        """Whether each category is completed on its own: only where that missed less in the past."""
        return bool(self.past) and self.mean_error("by_category") < self.mean_error("together")

    def mean_error(self, method: str) -> float:
        """Mean absolute error of past completions, as a share of what became known; 0 where none could be compared."""
        if not self.past:
            return 0.0
        return float(np.mean([abs(getattr(one, method) / one.known - 1) for one in self.past]))

    @property
    def volume(self) -> float:
        """US dollars that an ordinary service month comes to: the mean of the newest twelve nearly complete ones."""
        latest = total(list(self.triangles.values())).latest
        return float(latest[: -SEASONED + 1][-MONTHS:].mean())

    def share_known(self, number: int, run_out: datetime.date) -> float:
        """The share known of a service month of all that will be known on its run-out date; 0 for months ahead."""
        age = month_number(self.valuation) - number
        if age < 0:
            return 0.0
        then = age_on(run_out, number, self.valuation)
        together = self.together.share_between(age, then)
        if not self.by_category:
            return together
        return _mixed(self.triangles, self.categories, number, age, then) or together

    def shares(self, year: int, run_out: datetime.date) -> Numbers:
        """The share known of each month of a calendar year."""
        return np.array([self.share_known(year * MONTHS + month, run_out) for month in range(MONTHS)])


def completion(
    triangles: Mapping[str, Triangle], known: Numbers, valuation: datetime.date, fixed_factor: float
) -> Completion:
    """Estimate development and look back. known: see `Completion`. fixed_factor: CMS's, to compare with.

    Raises OpenACOError where the triangles have too few service months.
    """
    months = next(iter(triangles.values())).months
    if months < assumptions.LEAST_MONTHS:
        raise OpenACOError(
            f"claims reach back {months} service months, and development needs {assumptions.LEAST_MONTHS}",
            where=f"claims known on {valuation}",
            remedy="Load the history that CMS sends with the first package: openaco load cclf PATH.",
        )
    joined = total(list(triangles.values()))
    return Completion(
        valuation=valuation,
        triangles=triangles,
        known=known,
        together=development(joined),
        categories={name: development(one) for name, one in triangles.items()},
        past=tuple(past_completions(triangles, valuation, fixed_factor)),
        fixed_factor=fixed_factor,
        missing=missing_errors(joined),
    )


def missing_errors(triangle: Triangle) -> Numbers:
    """How much what was missing of past months at each age varied, as a share of an ordinary month around them.

    Only months that are seasoned since. An age that fewer than three of them have seen has the error of the one before.
    """
    latest, size = triangle.latest, triangle.months
    seasoned = size - SEASONED
    usual = np.array([latest[max(at - 6, 0) : min(at + 7, seasoned)].mean() for at in range(seasoned)])
    found = np.zeros(size)
    for age in range(size):
        months = np.flatnonzero(usual[: max(seasoned - age, 0)] > 0)
        if len(months) >= _LEAST_SEEN:
            missing = (latest[months] - triangle.known[months, age]) / usual[months]
            found[age] = missing.std(ddof=1)
        else:
            found[age] = found[age - 1]
    return found


def past_completions(
    triangles: Mapping[str, Triangle], valuation: datetime.date, fixed_factor: float
) -> Sequence[PastCompletion]:
    """Pretend earlier valuation dates, oldest first: complete the twelve newest months, compare with what is known now.

    Only dates on which as many months of history were there as a forecast needs.
    """
    months = next(iter(triangles.values())).months
    found = []
    for back in range(min(SEASONED + LOOKS, months - assumptions.LEAST_MONTHS + 1) - 1, SEASONED - 1, -1):
        before = {name: one.earlier(back) for name, one in triangles.items()}
        joined, now = total(list(before.values())), total(list(triangles.values()))
        newest = slice(joined.months - MONTHS, joined.months)
        known = float(now.latest[newest].sum())
        if known > 0:
            found.append(
                PastCompletion(
                    seen_on=look_on(month_number(valuation) - back, valuation),
                    together=_completed(joined, back),
                    by_category=sum(_completed(one, back) for one in before.values()),
                    fixed=float(joined.latest[newest].sum()) * fixed_factor,
                    known=known,
                )
            )
    return found


def _completed(triangle: Triangle, later: int) -> float:
    """What the twelve newest months should come to some months later; a month barely known, what the others do.

    The others: dollars known by the shares that they are known of, as in the projection itself.
    """
    found = development(triangle)
    newest = slice(triangle.months - MONTHS, triangle.months)
    shares = np.array([found.share_between(age, age + later) for age in triangle.ages[newest]])
    known = triangle.latest[newest]
    usual = known.sum() / shares.sum() if shares.sum() > 0 else 0.0
    return float((known + (1 - shares) * usual).sum())


def _mixed(
    triangles: Mapping[str, Triangle], found: Mapping[str, Development], number: int, age: int, then: float
) -> float | None:
    """The share known of a month over the mix of categories that is known of it; None where too little is known."""
    known, complete = 0.0, 0.0
    for name, one in triangles.items():
        share = found[name].share_between(age, then)
        amount = float(one.latest[number - one.first]) if number >= one.first else 0.0
        if share < _BARELY or amount <= 0:
            return None
        known, complete = known + amount, complete + amount / share
    return known / complete


def first_month(triangles: Mapping[str, Triangle]) -> datetime.date:
    """The first service month that the triangles know."""
    return first_of(next(iter(triangles.values())).first)

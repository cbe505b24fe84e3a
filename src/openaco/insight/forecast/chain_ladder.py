"""The chain ladder with volume-weighted factors, and Mack's standard errors.

Thomas Mack, Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN Bulletin 23
(1993), 213–225; σ² of the last age as there, page 217. A factor says by what the amounts known at one age grow to the
next; it is the mean of the months' own growth weighted by their amounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaco.insight.forecast.triangle import Numbers, Triangle


@dataclass(frozen=True)
class Development:
    """How amounts grow with age. Entry j is the step from age j to age j + 1.

    factor    volume-weighted growth, as a ratio; 1 where nothing was known at that age
    variance  Mack's σ²: the variance of growth × the amount it grows from, US dollars
    volume    the amounts that the factor rests on, US dollars
    """

    factor: Numbers
    variance: Numbers
    volume: Numbers

    @property
    def last_age(self) -> int:
        """The age beyond which nothing was seen."""
        return len(self.factor)

    def share_known(self, age: float) -> float:
        """The share known at an age of what is known at the last age; straight between the ages."""
        grown = np.concatenate([[1.0], np.cumprod(self.factor)])
        return float(np.interp(age, np.arange(len(grown)), grown) / grown[-1])

    def share_between(self, age: float, target: float) -> float:
        """The share known at an age of what is known at a later one. Beyond the last age nothing more is expected."""
        return self.share_known(age) / self.share_known(max(age, target))

    @property
    def factor_error(self) -> Numbers:
        """Standard error of each factor."""
        return np.sqrt(self.variance / np.where(self.volume > 0, self.volume, np.inf))


def development(triangle: Triangle) -> Development:
    """Factors, variances and volumes of a triangle.

    A month whose amount at an age is not above zero (no claims yet, or taken back) counts in the factor, where sums
    count, but not in the variance, where a ratio would. Without a positive sum the factor is 1.
    """
    steps = triangle.months - 1
    factor, variance, volume = np.ones(steps), np.full(steps, np.nan), np.zeros(steps)
    for age in range(steps):
        both = slice(0, triangle.months - age - 1)
        now, later = triangle.known[both, age], triangle.known[both, age + 1]
        volume[age] = max(now.sum(), 0.0)
        if volume[age] > 0:
            factor[age] = max(later.sum() / volume[age], 0.0)
        above = now > 0
        if above.sum() > 1:
            errors = (later[above] - factor[age] * now[above]) ** 2 / now[above]
            variance[age] = errors.sum() / (above.sum() - 1)
    return Development(factor, _without_gaps(variance), volume)


def _without_gaps(variance: Numbers) -> Numbers:
    """Where one month alone tells no variance: Mack's, the trend of the two before and never more than either."""
    found = variance.copy()
    for age in np.flatnonzero(np.isnan(found)):
        if age >= 2 and found[age - 2] > 0:
            found[age] = min(found[age - 1] ** 2 / found[age - 2], found[age - 2], found[age - 1])
        else:
            found[age] = found[age - 1] if age else 0.0
    return found


@dataclass(frozen=True)
class Mack:
    """What the chain ladder expects still to come of each month, with its standard error, US dollars."""

    ultimate: Numbers
    outstanding: Numbers
    standard_error: Numbers
    total_standard_error: float


def mack(triangle: Triangle) -> Mack:
    """The chain ladder's outstanding amounts with the standard errors of Mack's theorem 3 and its corollary."""
    found = development(triangle)
    size = triangle.months
    grown = np.zeros((size, size))
    for month in range(size):
        age = size - 1 - month
        grown[month, age] = triangle.known[month, age]
        for step in range(age, size - 1):
            grown[month, step + 1] = grown[month, step] * found.factor[step]
    ultimate = grown[:, -1]
    relative = found.variance / found.factor**2
    errors, shared = np.zeros(size), np.zeros(size)
    for month in range(1, size):
        steps = slice(size - 1 - month, size - 1)
        own = relative[steps] * (1 / grown[month, steps] + 1 / found.volume[steps])
        errors[month] = ultimate[month] ** 2 * own.sum()
        later = ultimate[month + 1 :].sum()
        shared[month] = ultimate[month] * later * (2 * relative[steps] / found.volume[steps]).sum()
    return Mack(ultimate, ultimate - triangle.latest, np.sqrt(errors), float(np.sqrt((errors + shared).sum())))

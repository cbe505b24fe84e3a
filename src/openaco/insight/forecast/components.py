"""The parts of the forecast beside last year's: use and price in the year so far, like with like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaco.insight.forecast.history import History
from openaco.insight.forecast.one_year import Standing
from openaco.insight.forecast.people import GroupSums


@dataclass(frozen=True)
class SinceLastYear:
    """The year so far beside the same months of last year, as known on the same day of it, as shares of last year's.

    use    services a person-month, at the prices of last year
    price  dollars for the same services: prices, and how long and severe they were
    Both together are the change of spending a person-month.
    """

    use: float
    price: float

    @property
    def spending(self) -> float:
        """Change of dollars a person-month."""
        return (1 + self.use) * (1 + self.price) - 1


def since_last_year(standing: Standing, past: History) -> SinceLastYear | None:
    """How use and price changed; None where either year has no use to compare."""
    now, then = (_rates(sums, past) for sums in (standing.now, standing.past[-1].then))
    if min(*now, *then) <= 0:
        return None
    return SinceLastYear(use=now[0] / then[0] - 1, price=(now[1] / now[0]) / (then[1] / then[0]) - 1)


def _rates(sums: GroupSums, past: History) -> tuple[float, float]:
    """Use and dollars a person-month of the people expected to be assigned."""
    months = float(sums.months.sum(axis=(0, 2)) @ past.months_stay)
    if months <= 0:
        return 0.0, 0.0
    use, dollars = (float(np.asarray(part).sum(axis=(0, 2)) @ past.dollars_stay) for part in (sums.use, sums.dollars))
    return use / months, dollars / months

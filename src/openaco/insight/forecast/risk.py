"""The risk scores that the performance year is heading for, from who is on the list.

CMS scores a year's people after the year. Until then the newest scores of the people now listed tell how the list
changes: their mean, beside what the same reckoning gave on the same day of past years and what CMS then stated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openaco.engine import Engine, _, date_of
from openaco.insight.forecast.outlook import ERROR, ERROR_COUNTS
from openaco.insight.forecast.people import KINDS
from openaco.insight.forecast.reading import YearPeople
from openaco.insight.forecast.triangle import Numbers
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.population import Population
from openaco.programs.reported_scores import with_scores

FULL_WEIGHT = 100.0
"""Person-years of an enrollment type that say as much about its change of risk as what all types have in common."""


def listed_scores(
    engine: Engine, population: Population, people: YearPeople, year: int, months: int, remain: Numbers
) -> tuple[Numbers, Numbers]:
    """Mean score by enrollment type of the people expected to be assigned, by the report of the year before.

    months: calendar months of the year that count. remain: by group, the chance to be assigned in the end. Returns
    the means and the person-months of people with a score that they rest on; people without one are left out.
    """
    so_far = people.months.filter(_.month <= date_of(year, months, 1))
    counted = so_far.group_by("person", "person_id", "enrollment_type").aggregate(months=_.count())
    columns = engine.to_columns(
        with_scores(counted, population, year - 1).filter(_.score.notnull()).order_by("person", "enrollment_type")
    )
    weight = columns["months"] * remain[people.group[columns["person"]]]
    means, rests_on = np.zeros(KINDS), np.zeros(KINDS)
    for number, kind in enumerate(ENROLLMENT_TYPES):
        mine = columns["enrollment_type"] == kind
        rests_on[number] = weight[mine].sum()
        if rests_on[number] > 0:
            means[number] = (weight[mine] * columns["score"][mine]).sum() / rests_on[number]
    return means, rests_on


def expected_scores(
    now: tuple[Numbers, Numbers], then: Sequence[Numbers], stated: Sequence[Numbers]
) -> tuple[Numbers, Numbers]:
    """The scores CMS is expected to state, by enrollment type, and the standard deviation of their logarithms.

    now: the listed mean of the performance year and its person-months. then: the same mean on the same day of past
    years; stated: what CMS stated of each. The step from one to the other is what past years had in common; a small
    type follows the others more than itself. Where no past year can be reckoned so, the newest scores stay.
    """
    means, rests_on = now
    if not then:
        return np.array(stated[-1]), np.full(KINDS, 2 * ERROR)
    steps = np.log(np.array(stated)[-len(then) :] / np.where(np.array(then) > 0, np.array(then), np.nan))
    steps = np.where(np.isfinite(steps), steps, 0.0)
    own = rests_on / 12 / (rests_on / 12 + FULL_WEIGHT)
    common = float((steps * rests_on).sum() / (len(steps) * max(rests_on.sum(), 1.0)))
    step = own * steps.mean(axis=0) + (1 - own) * common
    spread = ((steps - step) ** 2).sum(axis=0) + ERROR**2 * ERROR_COUNTS
    error = np.sqrt(spread / (len(steps) + ERROR_COUNTS))
    newest = np.array(stated[-1])
    return np.where(means > 0, means * np.exp(step), newest), error

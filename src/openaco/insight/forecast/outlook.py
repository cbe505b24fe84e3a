"""The figures of the performance year that CMS alone knows: as stated where they are, else carried on from past years.

A figure that is carried on is an assumption. It is named with every forecast, and the interval holds how far such a
figure was off from one year to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openaco.engine import _
from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, ByType, Configuration, National
from openaco.programs.population import Population

ERROR = 0.01
"""Standard deviation of a year's growth of a figure around its mean, before past years speak."""
ERROR_COUNTS = 3.0
"""How many observed growth rates the judgement above is worth."""


@dataclass(frozen=True)
class Expected:
    """One figure by enrollment type for a year to come, with the standard deviation of its logarithm."""

    by_type: dict[str, float]
    error: float


def carried_on(series: Mapping[int, Mapping[str, float]], year: int, what: str, still: float = 0.0) -> Expected:
    """Carry a yearly figure on by its mean growth over all types and years.

    still: how many growth rates of zero are reckoned in, for a figure that is expected to stay.
    Raises ConfigurationError if fewer than two years are known.
    """
    years = sorted(series)
    if len(years) < 2:
        raise ConfigurationError(
            f"{what} of {year} is not stated, and fewer than two earlier years are", where="aco.toml"
        )
    logs = np.log([[max(series[one][kind], 1e-9) for kind in ENROLLMENT_TYPES] for one in years])
    grown = (np.diff(logs, axis=0) / np.diff(years)[:, None])[:, (logs > np.log(1e-6)).all(axis=0)]
    mean = grown.sum() / (grown.size + still)
    spread = ((grown - mean) ** 2).sum() + ERROR**2 * ERROR_COUNTS
    ahead = year - years[-1]
    figures = {kind: float(series[years[-1]][kind] * np.exp(mean * ahead)) for kind in ENROLLMENT_TYPES}
    return Expected(figures, float(np.sqrt(spread / (grown.size + ERROR_COUNTS) * ahead)))


@dataclass(frozen=True)
class Outlook:
    """`aco.toml` with the figures it lacks for the performance year, what was assumed, and how far that may be off.

    errors: by name of a figure (`national`, `regional`, `risk`), the standard deviation of its logarithm.
    """

    configuration: Configuration
    assumed: tuple[str, ...]
    errors: Mapping[str, float]


def with_national(configuration: Configuration, year: int) -> Outlook:
    """National expenditures and truncation thresholds of the year: stated, or carried on."""
    if year in configuration.national:
        return Outlook(configuration, (), {})
    stated = {one: configuration.national[one] for one in configuration.national if one < year}
    spent = carried_on({one: it.per_capita.as_dict() for one, it in stated.items()}, year, "national expenditures")
    limits = carried_on(
        {one: it.truncation_threshold.as_dict() for one, it in stated.items()}, year, "the truncation threshold"
    )
    expected = National(per_capita=ByType(**spent.by_type), truncation_threshold=ByType(**limits.by_type))
    national = {**configuration.national, year: expected}
    assumed = f"National expenditures and truncation thresholds of {year} grow as in the years stated before."
    return Outlook(configuration.model_copy(update={"national": national}), (assumed,), {"national": spent.error})


def with_regional(
    outlook: Outlook,
    population: Population,
    year: int,
    known: Mapping[int, Mapping[str, float]],
    weights: Mapping[str, float],
) -> Outlook:
    """Regional expenditures of the year: stated, in the county file, or carried on with last year's weights.

    known: risk-adjusted regional expenditures by past year; weights: of national growth in the newest of them.
    """
    configuration = outlook.configuration
    counties = population.county_expenditure.filter(_.calendar_year == year).limit(1).to_pyarrow()
    if year in configuration.regional or counties.num_rows:
        return outlook
    expected = carried_on(known, year, "regional expenditures")
    changed = configuration.model_copy(
        update={
            "regional": {**configuration.regional, year: ByType(**expected.by_type)},
            "national_weights": {
                **configuration.national_weights,
                year: configuration.national_weights.get(year, ByType(**dict(weights))),
            },
        }
    )
    assumed = f"Regional expenditures of {year} grow as in past years."
    return Outlook(changed, (*outlook.assumed, assumed), {**outlook.errors, "regional": expected.error})

"""From the forecast of spending to the settlement: the program's own worksheet, once for each possible year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from openaco.insight.forecast.draws import Draws
from openaco.insight.forecast.history import History
from openaco.insight.forecast.outlook import Outlook
from openaco.insight.forecast.people import KINDS, MONTHS
from openaco.insight.forecast.projection import Projection, project
from openaco.insight.forecast.triangle import Numbers
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.mssp.inputs import MsspInputs, YearInputs
from openaco.programs.mssp.worksheet import worksheet
from openaco.worksheet import Worksheet

SHOWN: Mapping[str, str] = {
    "person_years": "settlement.person_years",
    "expenditures_per_capita": "settlement.expenditures_per_capita",
    "total_expenditures": "settlement.total_expenditures",
    "benchmark_per_capita": "settlement.benchmark_per_capita",
    "total_benchmark": "settlement.total_benchmark",
    "savings": "settlement.difference",
    "payment": "settlement.payment",
}
"""Figures of the forecast and the worksheet lines that they are."""
OFF = ("national", "regional")
"""Figures of CMS that may be off, beside risk scores."""


@dataclass(frozen=True)
class Settlement:
    """What the worksheet needs for the performance year, apart from what the draws change.

    inputs      the settlement's inputs; the performance year's are those of the claims known so far
    completion  the completion factor of the year
    risk        risk scores expected by enrollment type, and the standard deviation of their logarithms
    """

    inputs: MsspInputs
    completion: float
    risk: Numbers
    risk_error: Numbers
    outlook: Outlook


def year_inputs(settlement: Settlement, months: Numbers, spending: Numbers, risk: Numbers, people: float) -> YearInputs:
    """The performance year's figures. months, spending (dollars a person-month), risk: by enrollment type."""
    return replace(
        settlement.inputs.performance,
        assigned_beneficiaries=round(people),
        person_years=_by_type(months / MONTHS),
        per_capita=_by_type(spending * MONTHS * settlement.completion),
        risk_score=_by_type(risk),
    )


def settled(settlement: Settlement, year: YearInputs) -> Worksheet:
    """The worksheet of one possible year."""
    return worksheet(replace(settlement.inputs, performance=year))


def point_settlement(settlement: Settlement, projection: Projection) -> Worksheet:
    """The worksheet of the point forecast."""
    known = projection.known
    figures = year_inputs(settlement, projection.months, projection.spending, settlement.risk, known.people)
    return settled(settlement, figures)


def with_fixed_factor(
    settlement: Settlement, projection: Projection, past: History, factor: float, months: int
) -> Worksheet:
    """The settlement if the first months were completed by one fixed factor instead of the ACO's own triangles.

    factor: from what is known to all that will ever be, as CMS's factors for quarterly reports are. Everything else is
    projected as in the forecast: for comparison.
    """
    seen = np.arange(MONTHS) < months
    known = replace(
        projection.known,
        spent=np.where(seen, projection.known.spent, 0.0),
        share_known=np.where(seen, settlement.completion / factor, 0.0),
    )
    return point_settlement(settlement, project(known, past))


def drawn_settlements(settlement: Settlement, projection: Projection, draws: Draws, seed: int) -> dict[str, Numbers]:
    """The figures of `SHOWN` for every draw, with the errors of what CMS has yet to state. Seeded."""
    rng = np.random.default_rng([seed, 1])
    how_many = len(draws.months)
    off = {name: rng.standard_normal(how_many) * settlement.outlook.errors.get(name, 0.0) for name in OFF}
    risk = settlement.risk * np.exp(settlement.risk_error * rng.standard_normal((how_many, KINDS)))
    found: dict[str, list[float]] = {name: [] for name in SHOWN}
    people = projection.known.people / max(projection.months.sum(), 1.0)
    for draw in range(how_many):
        months = draws.months[draw]
        figures = year_inputs(settlement, months, draws.spending[draw], risk[draw], people * months.sum())
        figures = replace(
            figures,
            national_per_capita=_moved(figures.national_per_capita, off["national"][draw]),
            regional_per_capita=_moved(figures.regional_per_capita, off["regional"][draw]),
        )
        sheet = settled(settlement, figures)
        for name, line in SHOWN.items():
            found[name].append(sheet.number(line))
    return {name: np.array(values) for name, values in found.items()}


def _by_type(values: Numbers) -> dict[str, float]:
    return {kind: float(value) for kind, value in zip(ENROLLMENT_TYPES, values, strict=True)}


def _moved(figures: Mapping[str, float], logarithm: float) -> dict[str, float]:
    return {kind: amount * float(np.exp(logarithm)) for kind, amount in figures.items()}

"""Where the people of a year live, and what the region costs: expenditures of counties weighted by their months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaco.engine import Engine, Table, _
from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.mssp.inputs import needs_region
from openaco.programs.population import Population
from openaco.rules.benchmark import county_risk_adjusted, national_weight, regional_per_capita


def region(
    engine: Engine, population: Population, configuration: Configuration, months: Table, year: int
) -> tuple[dict[str, float], dict[str, float], str]:
    """Risk-adjusted regional per capita and weight of the national factor, by type (42 CFR 425.601(c), (d), (a)(5)).

    A county whose figures CMS suppressed, or whose residents are elsewhere than any county of the file, is left out
    of the weights; the others stand for it. A type without any person-years has no region: the nation stands for it.
    Without county figures there are neither expenditures nor weights where the agreement's benchmark needs none.
    """
    stated, stated_weights = configuration.regional.get(year), configuration.national_weights.get(year)
    if stated and stated_weights:
        return stated.as_dict(), stated_weights.as_dict(), f"aco.toml:regional.{year}"
    counties = population.county_expenditure.filter(_.calendar_year == year)
    by_county = months.group_by("state_county_code", "enrollment_type").aggregate(months=_.count())
    joined = by_county.inner_join(counties, ["state_county_code", "enrollment_type"])
    rows = engine.to_rows(joined.order_by(["enrollment_type", "state_county_code"]))
    present = {row["enrollment_type"] for row in engine.to_rows(by_county.select("enrollment_type").distinct())}
    regional = configuration.national_for(year).per_capita.as_dict()
    weights = dict.fromkeys(ENROLLMENT_TYPES, 1.0)
    for kind in (kind for kind in ENROLLMENT_TYPES if kind in present):
        usable = [row for row in rows if row["enrollment_type"] == kind and _usable(row)]
        if not usable and not needs_region(configuration.agreement):
            return {}, {}, ""
        if not usable:
            raise ConfigurationError(
                f"no county figures of {kind} beneficiaries for {year}",
                where="county file",
                remedy="Put CMS's county-level file of that year into the roster folder and load it again, or state "
                f"[regional.{year}] and [national_weights.{year}] in aco.toml.",
            )
        regional[kind] = regional_per_capita(
            (row["months"] / 12, county_risk_adjusted(row["per_capita_expenditure"], row["risk_score"]))
            for row in usable
        )
        weights[kind] = national_weight((row["months"] / 12, row["person_years"]) for row in usable)
    if stated:
        return stated.as_dict(), weights, f"aco.toml:regional.{year}"
    return regional, weights, "county_expenditure:per_capita_expenditure"


def _usable(county: Mapping[str, Any]) -> bool:
    """Whether none of the county's figures is suppressed."""
    return all(county[name] for name in ("per_capita_expenditure", "risk_score", "person_years"))

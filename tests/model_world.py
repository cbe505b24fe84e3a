"""Invented figures of four years for Pioneer and Next Generation: round numbers, so that results can be had by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mssp_world import by_kind
from openaco.programs.mssp.inputs import YEARS, YearInputs

PEOPLE = 10_000
BENCHMARK = 100_000_000.0


def alike(amount: float) -> dict[str, float]:
    """The same figure for each enrollment type."""
    return by_kind(amount, amount, amount, amount)


def plain_year(year: int, **changes: Any) -> YearInputs:
    """A year in which everybody costs 10,000 US dollars, here, in the region and in the nation."""
    plain = YearInputs(
        year=year,
        assigned_beneficiaries=PEOPLE,
        person_years=alike(PEOPLE / 4),
        per_capita=alike(10_000.0),
        risk_score=alike(1.0),
        regional_per_capita=alike(10_000.0),
        national_per_capita=alike(10_000.0),
        national_weight=alike(0.1),
    )
    return replace(plain, **changes)


def plain_years(saved: float = 0.0, performance_year: int = 2023, **py: Any) -> dict[str, YearInputs]:
    """Years that stand still, but for `saved` US dollars in the performance year (lost, if negative)."""
    years = {name: plain_year(performance_year - 3 + n) for n, name in enumerate(YEARS)}
    spent = 10_000.0 - saved / PEOPLE
    return {**years, "py": replace(years["py"], **({"per_capita": alike(spent)} | py))}

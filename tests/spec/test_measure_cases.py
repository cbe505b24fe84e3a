"""The cases in each measure's folder: first and last days of every window, every exclusion, both years."""

from __future__ import annotations

import pytest

from measure_world import ALL_MEASURES, YEARS, answers, cases_of, expected
from openaco.engine import Engine


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("measure", ALL_MEASURES)
def test_the_cases_of_a_measure(duckdb_engine: Engine, measure: str, year: int) -> None:
    cases = [case for case in cases_of(measure) if case.year == year]
    assert len({str(case) for case in cases}) == len(cases)
    assert answers(duckdb_engine, cases) == expected(cases)


@pytest.mark.parametrize("measure", ALL_MEASURES)
def test_there_are_cases_enough(measure: str) -> None:
    assert len(cases_of(measure)) >= 12

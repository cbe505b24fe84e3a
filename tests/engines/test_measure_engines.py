"""Measures on every engine: the results of all kinds of logic, the gaps and the traces are the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from measure_world import cases_of, evaluation_of
from openaco.engine import Engine
from openaco.measures.evaluate import Evaluation
from openaco.measures.gaps import gaps
from openaco.measures.trace import traces

pytestmark = pytest.mark.spark


@cache
def evaluated(engine: Engine, measure: str) -> Evaluation:
    return evaluation_of(engine, [case for case in cases_of(measure) if case.year == 2025])


def ordered(engine: Engine, table: Any) -> list[tuple[tuple[str, Any], ...]]:
    return sorted((tuple(row.items()) for row in engine.to_rows(table)), key=str)


@pytest.mark.parametrize("measure", ["CMS2", "CMS125", "CMS137", "CMS165"])
def test_results_and_gaps_are_the_same(duckdb_engine: Engine, spark_engine: Engine, measure: str) -> None:
    here, there = evaluated(duckdb_engine, measure), evaluated(spark_engine, measure)
    assert len(ordered(duckdb_engine, here.results)) >= 8
    assert ordered(duckdb_engine, here.results) == ordered(spark_engine, there.results)
    assert ordered(duckdb_engine, gaps(here)) == ordered(spark_engine, gaps(there))
    assert here.rate_results() == there.rate_results()


def test_traces_are_the_same(duckdb_engine: Engine, spark_engine: Engine) -> None:
    here = traces(evaluated(duckdb_engine, "CMS125"))
    assert len(here) >= 8
    assert here == traces(evaluated(spark_engine, "CMS125"))

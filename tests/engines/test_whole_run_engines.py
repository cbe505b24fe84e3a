"""The same run on DuckDB and through Spark Connect: identical rows, identical cents, the same worksheet."""

from __future__ import annotations

from typing import Any

import pytest

from openaco.engine import Engine, Table
from openaco.programs.ledger import LedgerRun
from synthetic_world import World, make_world

BENEFICIARIES, SEED = 500, 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("engines"), BENEFICIARIES, SEED)


@pytest.fixture(scope="module")
def runs(world: World, duckdb_engine: Engine, spark_engine: Engine) -> tuple[LedgerRun, LedgerRun]:
    return tuple(world.settle(engine, region_from_file=False) for engine in (duckdb_engine, spark_engine))


def sorted_rows(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in map(_comparable, engine.to_rows(table)))


def _comparable(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(row[name]) for name in sorted(row)}


@pytest.mark.spark
def test_assignment_and_expenditures_are_identical(
    runs: tuple[LedgerRun, LedgerRun], duckdb_engine: Engine, spark_engine: Engine
) -> None:
    ours, theirs = runs
    for left, right in zip(ours.years, theirs.years, strict=True):
        assert sorted_rows(duckdb_engine, left.assignment) == sorted_rows(spark_engine, right.assignment)
        columns = ("person_id", "enrollment_type", "months", "dollars", "dollar_months", "truncated")
        spent = [
            sorted_rows(engine, figures.spending.by_person.select(*columns))
            for engine, figures in ((duckdb_engine, left), (spark_engine, right))
        ]
        assert spent[0] == spent[1]
        assert len(spent[0]) > 100


@pytest.mark.spark
def test_the_worksheets_are_identical(runs: tuple[LedgerRun, LedgerRun]) -> None:
    ours, theirs = runs
    assert ours.worksheet.to_dict() == theirs.worksheet.to_dict()

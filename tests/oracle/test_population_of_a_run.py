"""A whole small ACO: the population's tables sum to the run's expenditures, and no small cell leaves."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from openaco.engine import Engine, Lake, _
from openaco.insight.population import PopulationInsight, population_insight, population_view
from openaco.insight.population.grids import ALL, Grid, with_margins
from openaco.programs.results import write_results
from openaco.reports.population import as_data, render, write_population
from synthetic_world import make_world


@pytest.fixture(scope="module")
def engine() -> Engine:
    with Engine.duckdb(memory_limit="800MB") as found:
        yield found


@pytest.fixture(scope="module")
def found(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> PopulationInsight:
    world = make_world(tmp_path_factory.mktemp("population"), beneficiaries=700, seed=23)
    lake = Lake(world.home.lake)
    run = write_results(engine, lake, world.settle(engine, region_from_file=False), world.home)
    return population_insight(engine, population_view(engine, lake, run))


def test_dollars_and_months_are_the_runs(engine: Engine, found: PopulationInsight) -> None:
    spent = found.view.tables["expenditure"].group_by("year")
    stated = {
        row["year"]: (row["dollars"], int(row["months"]))
        for row in engine.to_rows(spent.aggregate(dollars=_.dollars.sum(), months=_.months.sum()))
    }
    dollars = engine.to_rows(found.view.spending.group_by("year").aggregate(dollars=_.amount.sum()))
    months = engine.to_rows(found.view.months.group_by("year").aggregate(months=_.count()))
    assert {row["year"] for row in dollars} == set(found.view.years) == set(stated)
    assert all(row["dollars"] == stated[row["year"]][0] != 0 for row in dollars)
    assert all(row["months"] == stated[row["year"]][1] > 0 for row in months)


def test_every_service_has_a_category_and_sums_meet(engine: Engine, found: PopulationInsight) -> None:
    assert engine.to_rows(found.view.spending.filter(_.service_group.isnull()).aggregate(n=_.count()))[0]["n"] == 0
    year = found.view.performance_year
    of_year = found.view.spending.filter(_.year == year)
    rows = engine.to_rows(with_margins(of_year, "service_group", "inside", _.amount))
    by_cell = {(row["row_key"], row["column_key"]): row["value"] for row in rows}
    parts = sum((value for (row, col), value in by_cell.items() if ALL not in (row, col)), Decimal(0))
    assert parts == by_cell[ALL, ALL]
    assert found.spending_by_month.value(str(year), ALL) == float(by_cell[ALL, ALL])
    assert found.spending_by_practice.value(ALL, ALL) == float(by_cell[ALL, ALL])
    assert found.spending_by_county.value(ALL, ALL) == float(by_cell[ALL, ALL])
    assert found.concentration.value(ALL, ALL) in (float(by_cell[ALL, ALL]), None)


def grids(found: PopulationInsight) -> dict[str, Grid]:
    return {name: value for name, value in vars(found).items() if isinstance(value, Grid)}


def test_hidden_cells_never_stand_alone(found: PopulationInsight) -> None:
    assert sum(grid.hidden for grid in grids(found).values()) > 0
    for name, grid in grids(found).items():
        for column in grid.columns:
            if ALL in grid.rows:
                assert sum(grid.value(row, column) is None for row in grid.rows) != 1, (name, column)
        if ALL in grid.columns:
            for row in grid.rows:
                assert sum(grid.value(row, column) is None for column in grid.columns) != 1, (name, row)
    assert all(item.people >= 11 for item in found.outside)


def test_page_data_and_candidates_are_written(engine: Engine, found: PopulationInsight, tmp_path: Path) -> None:
    page = write_population(engine, found, tmp_path).read_text(encoding="utf-8")
    assert page == render(found)
    assert "Where people go" in page
    assert found.view.run_id in page
    assert "waste" not in page
    assert "leakage" not in page
    assert json.loads((tmp_path / "population.json").read_text()) == json.loads(json.dumps(as_data(found)))
    with (tmp_path / "repeated_services.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == engine.to_rows(found.repeated_lines.aggregate(n=_.count()))[0]["n"]
    known = {row["claim_id"] for row in engine.to_rows(found.view.of_year.claims.professional.select("claim_id"))}
    assert {row["claim_id"] for row in rows} | {row["first_claim_id"] for row in rows} <= known
    for person in {row["person_id"] for row in rows}:
        assert person not in page

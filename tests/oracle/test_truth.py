"""From files to figures, against `truth/`: computed by the generator on a plain path that shares no rule with us."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from openaco.engine import Engine, _
from openaco.programs.ledger import LedgerRun
from openaco.rules.claims import adjust
from synthetic_world import World, make_world

BENEFICIARIES, SEED = 1_500, 11


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("truth"), BENEFICIARIES, SEED)


@pytest.fixture(scope="module", params=["retrospective", "prospective"])
def run(request: pytest.FixtureRequest, world: World, duckdb_engine: Engine) -> LedgerRun:
    return world.settle(duckdb_engine, request.param)


def method_of(run: LedgerRun) -> str:
    return run.configuration.agreement.assignment_method


def truth(world: World, name: str) -> Iterator[dict[str, str]]:
    path: Path = world.files / "truth" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def test_every_beneficiary_is_assigned_as_in_truth(world: World, run: LedgerRun, duckdb_engine: Engine) -> None:
    expected = {
        (int(row["year"]), row["person_id"]): (row["assigned"], row["basis"], row["reason"])
        for row in truth(world, "assignment")
        if row["method"] == method_of(run)
    }
    computed = {
        (figures.year, row["person_id"]): (str(row["assigned"]).lower(), row["basis"], row["reason"] or "")
        for figures in run.years
        for row in duckdb_engine.to_rows(figures.assignment)
    }
    assert len(computed) > 4 * BENEFICIARIES * 0.9
    assert computed == expected
    assert {basis for _assigned, basis, _reason in expected.values()} >= {"voluntary", "step_1", "step_2", "none"}


def test_expenditures_equal_truth_to_the_cent(world: World, run: LedgerRun, duckdb_engine: Engine) -> None:
    expected = {
        (int(row["year"]), row["person_id"], row["enrollment_type"]): (
            int(row["months"]),
            Decimal(row["dollars"]),
            Decimal(row["dollar_months"]),
        )
        for row in truth(world, "expenditures")
    }
    computed = {
        (figures.year, row["person_id"], row["enrollment_type"]): (
            int(row["months"]),
            row["dollars"],
            row["dollar_months"],
        )
        for figures in run.years
        for row in duckdb_engine.to_rows(figures.spending.by_person)
    }
    assert len(computed) > 1_000
    assert computed == {key: expected[key] for key in computed}


def test_totals_by_enrollment_type_equal_truth(world: World, run: LedgerRun) -> None:
    expected = {
        (int(row["year"]), row["enrollment_type"]): (int(row["person_months"]), Decimal(row["dollar_months"]))
        for row in truth(world, "per_capita")
        if row["method"] == method_of(run)
    }
    computed = {
        (figures.year, kind): (int(row["months"]), row["dollar_months"])
        for figures in run.years
        for kind, row in figures.by_type.items()
    }
    assert computed == expected


def test_person_months_equal_truth(world: World, run: LedgerRun, duckdb_engine: Engine) -> None:
    eligible = duckdb_engine.to_rows(run.population.person_months.filter(_.eligible))
    computed = {(row["person_id"], str(row["month"]), row["enrollment_type"]) for row in eligible}
    earliest = min(month for _person, month, _kind in computed)
    assert earliest == ("2021-01-01" if method_of(run) == "retrospective" else "2019-10-01")
    expected = {(row["person_id"], row["month"], row["enrollment_type"]) for row in truth(world, "person_months")}
    assert computed == {row for row in expected if row[1] >= earliest}


def test_final_action_claims_equal_truth(world: World, run: LedgerRun, duckdb_engine: Engine) -> None:
    expected = {
        (row["claim_kind"], row["claim_id"], int(row["claim_line_number"])): (
            row["person_id"],
            Decimal(row["paid_amount"]),
        )
        for row in truth(world, "final_claims")
    }
    final = adjust(run.population.versions, year=2024, checkpoint=duckdb_engine.checkpoint)
    computed = {}
    for kind, table in (
        ("institutional", final.institutional),
        ("professional", final.professional),
        ("equipment", final.equipment),
    ):
        for row in duckdb_engine.to_rows(table):
            key = (kind, row["claim_id"], row.get("claim_line_number") or 0)
            assert key not in computed
            computed[key] = (row["person_id"], row["paid_amount"])
    assert computed == expected


def test_the_worksheet_rests_on_what_was_compared(run: LedgerRun) -> None:
    sheet = run.worksheet
    assert sheet["settlement.assigned_beneficiaries"] == sum(
        stage.people for stage in run.performance.stages if stage.stage.assigned
    )
    person_years = sum(int(row["months"]) for row in run.performance.by_type.values()) / 12
    assert sheet.number("settlement.person_years") == pytest.approx(person_years, rel=1e-12)

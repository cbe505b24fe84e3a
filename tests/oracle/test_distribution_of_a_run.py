"""`openaco distribute` on a whole synthetic ACO: panels are the assigned people, dollars are the settlement's."""

from __future__ import annotations

import csv
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from openaco.cli.main import app
from openaco.engine import Engine
from openaco.errors import ConfigurationError
from openaco.insight.distribution import Inputs, plain_plan, read_inputs
from openaco.insight.distribution.cents import to_cents
from openaco.worksheet import Worksheet
from synthetic_world import World, make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = make_world(tmp_path_factory.mktemp("distribution"), 1_500, 5)
    ran = CliRunner().invoke(app, ["run", "--aco", str(made.home.root), "--year", "2024", "--no-report"])
    assert ran.exit_code == 0, ran.output
    return made


@pytest.fixture(scope="module")
def run(world: World) -> Path:
    return world.home.latest_run()


@pytest.fixture(scope="module")
def inputs_and_members(run: Path) -> tuple[Inputs, dict[str, str]]:
    """What a distribution reads, and the TIN of each person."""
    with Engine.duckdb() as engine:
        found = read_inputs(engine, run, plain_plan())
        return found, {row["person_id"]: row["tin"] for row in engine.to_rows(found.members)}


@pytest.fixture(scope="module")
def inputs(inputs_and_members: tuple[Inputs, dict[str, str]]) -> Inputs:
    return inputs_and_members[0]


def typed(world: World, *words: str) -> Any:
    return CliRunner().invoke(app, ["distribute", "--aco", str(world.home.root), *words])


def made(world: World, *words: str) -> tuple[Path, dict[str, Any]]:
    """The folder of a distribution and what --json says."""
    base = world.home.root / "distributions"
    before = set(base.iterdir()) if base.is_dir() else set()
    result = typed(world, "--json", *words)
    assert result.exit_code == 0, result.output
    new = set(base.iterdir()) - before
    return (new.pop() if new else Path()), json.loads(result.stdout)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_panels_are_the_assigned_people_each_once(inputs: Inputs, run: Path) -> None:
    facts = inputs.facts
    assert facts.everybody.beneficiaries == inputs.settlement["settlement.assigned_beneficiaries"]
    assert facts.everybody.months == round(inputs.settlement.number("settlement.person_years") * 12)
    assert len(facts.participants) > 10
    assert {one.classification for one in facts.participants} >= {"primary_care", "fqhc", "rhc", "hospital"}
    assert all(
        sum(each.panel.beneficiaries for each in one.clinicians) == one.panel.beneficiaries
        for one in facts.participants
    )


def test_expected_and_actual_costs_are_the_settlements_to_the_cent(inputs: Inputs) -> None:
    everybody, sheet = inputs.facts.everybody, inputs.settlement
    assert everybody.expected == to_cents(sheet.number("settlement.total_benchmark"))
    assert everybody.actual == to_cents(sheet.number("settlement.total_expenditures"))
    assert inputs.facts.scored_by_person


def test_risk_scores_move_expected_cost(inputs_and_members: tuple[Inputs, dict[str, str]], run: Path) -> None:
    """A person's own share of the benchmark, computed here the long way, adds up to a participant's expected cost."""
    inputs, members = inputs_and_members
    tables = {name: f"'{run}/{name}.parquet'" for name in ("expenditure", "risk_scores")}
    rows = duckdb.sql(
        f"select person_id, enrollment_type, months, score from {tables['expenditure']} "
        f"join {tables['risk_scores']} using (person_id, enrollment_type, year) where year = 2024"
    ).fetchall()
    by_kind: dict[str, list[tuple[str, int, float]]] = {}
    for person, kind, months, score in rows:
        by_kind.setdefault(kind, []).append((person, months, score))
    expected: dict[str, float] = {}
    for kind, people in by_kind.items():
        mean = sum(months * score for _person, months, score in people) / sum(months for _p, months, _s in people)
        for person, months, score in people:
            benchmark = inputs.settlement.number(f"update.updated.{kind}")
            expected[person] = expected.get(person, 0.0) + benchmark * months / 12 * score / mean
    guarded = inputs.settlement.number("settlement.total_benchmark") / sum(expected.values())
    for one in inputs.facts.participants:
        mine = sum(amount for person, amount in expected.items() if members[person] == one.id)
        assert one.panel.expected / 100 == pytest.approx(mine * guarded, abs=0.05)


def test_charges_by_clinician_add_up_to_what_assignment_compared(run: Path) -> None:
    """The ACO's charges in Steps 1 and 2 stand in assignment.parquet; told apart by clinician they are the same."""
    off = duckdb.sql(
        f"""select count(*) from (
            select person_id, any_value(aco_charges) as whole,
                   sum(case step when 'step_1' then primary_charges else specialist_charges end) as parts
            from '{run}/assignment.parquet' a join '{run}/primary_care_charges.parquet' c using (person_id, year)
            where a.year = 2024 and assigned and step in ('step_1', 'step_2') group by person_id, step)
            where whole <> parts"""
    ).fetchone()
    assert off == (0,)


def test_every_file_adds_up_and_leads_back(world: World) -> None:
    folder, told = made(world, "--payment", "123456.78", "--no-pdf")
    assert told["adds_up"]
    assert told["supposed"]
    people = rows_of(folder / "participants.csv")
    assert sum(Decimal(row["total"]) for row in people) == Decimal("123456.78")
    by_clinician: dict[str, Decimal] = {}
    for row in rows_of(folder / "clinicians.csv"):
        by_clinician[row["tin"]] = by_clinician.get(row["tin"], Decimal(0)) + Decimal(row["amount"])
    assert all(by_clinician.get(row["tin"], Decimal(0)) == Decimal(row["total"]) for row in people)
    sheet = Worksheet.from_dict(json.loads((folder / "worksheet.json").read_text(encoding="utf-8")))
    for row in people:
        assert to_cents(sheet.number(row["line"])) == to_cents(Decimal(row["total"]))
    assert to_cents(sheet.number("distribution.total")) == 12_345_678
    counted = duckdb.sql(f"select tin, count(*) from '{folder}/panels.parquet' group by tin").fetchall()
    assert {tin: number for tin, number in counted if tin} == {
        row["tin"]: int(row["assigned_people"]) for row in people if row["assigned_people"] != "0"
    }
    assert len(list((folder / "statements").glob("*.html"))) == len(people)
    assert not list((folder / "statements").glob("*.pdf"))
    assert {path.name for path in (folder / "public").iterdir()} == {
        "public.html",
        "fragment.html",
        "public.json",
        "public.csv",
    }


def test_the_same_run_plan_and_scores_give_the_same_bytes(world: World) -> None:
    found = []
    for _attempt in range(2):
        result = typed(world, "--payment", "50000", "--out", str(world.home.root / "twice"))
        assert result.exit_code == 0, result.output
        folder = next((world.home.root / "twice").iterdir())
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        found.append({str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    assert found[0] == found[1]
    assert any(name.endswith(".pdf") for name in found[0])


def test_scores_and_a_plan_of_the_aco_are_found_beside_aco_toml(world: World) -> None:
    root = world.home.root
    tin = rows_of(made(world, "--payment", "1000", "--no-pdf")[0] / "participants.csv")[0]["tin"]
    try:
        assert CliRunner().invoke(app, ["distribute", "--init", str(root / "distribution.toml")]).exit_code == 0
        (root / "participant_scores.csv").write_text(f"tin,quality_score\n{tin},12.5\n", encoding="utf-8")
        folder, told = made(world, "--payment", "900000", "--no-pdf")
        assert told["plan"] == "Example plan"
        row = next(row for row in rows_of(folder / "participants.csv") if row["tin"] == tin)
        assert (row["quality_score"], row["quality_score_of"]) == ("12.5", "participant")
        assert Decimal(row["total"]) == Decimal("1000.00")  # only the fixed amount: its score is below both hurdles
        folder, told = made(world, "--payment", "900000", "--against", "plain")
        assert {path.name for path in folder.iterdir()} == {"comparison.html", "comparison.json", "comparison.csv"}
        assert told["better_off"] + told["worse_off"] + told["unchanged"] == len(told["participants"])
        assert all(sum(map(to_cents, plan["goes_to"].values())) == 90_000_000 for plan in told["plans"])
        again = CliRunner().invoke(app, ["distribute", "--init", str(root / "distribution.toml")])
        assert "exists already" in str(again.exception)
    finally:
        (root / "distribution.toml").unlink(missing_ok=True)
        (root / "participant_scores.csv").unlink(missing_ok=True)


def test_a_summary_of_at_most_ten_lines_that_says_what_to_type_next(world: World) -> None:
    for words in (["--payment", "90000"], ["--payment", "-90000"]):
        result = typed(world, "--no-pdf", *words)
        assert result.exit_code == 0, result.output
        lines = [line for line in result.output.splitlines() if line.strip()]
        assert len(lines) <= 12  # a long answer may take a second line at 80 columns
        assert lines[-1].startswith("Next")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--payment", "much"], "'much' is no amount"),
        (["--run", "mssp-2024-none"], "no such run"),
        (["--plan", "nowhere.toml"], "no such file"),
        (["--scores", "nowhere.csv"], "no such file"),
        (["--public", "nowhere.toml"], "no such file"),
        (["--against", "nowhere.toml"], "no such file"),
    ],
)
def test_wrong_use_is_one_sentence(world: World, words: list[str], said: str) -> None:
    result = typed(world, *words)
    assert said in str(result.exception)


def test_an_older_run_without_the_tables_is_asked_for_again(run: Path, tmp_path: Path) -> None:
    for name in ("run.json", "worksheet.json", "assignment.parquet"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    with Engine.duckdb() as engine, pytest.raises(ConfigurationError, match="the run has no expenditure, participants"):
        read_inputs(engine, tmp_path, plain_plan())

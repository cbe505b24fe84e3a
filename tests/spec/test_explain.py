"""The way back from a line, a person and a claim, in a run invented from end to end."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openaco.cli.explain import explain
from openaco.engine import Engine
from openaco.errors import OpenACOError, WorksheetError
from openaco.reports.explain import (
    assignment_sentences,
    explain_beneficiary,
    explain_claim,
    explain_line,
    list_lines,
    spans,
    uncounted,
)
from openaco.reports.run_results import RunResults, RunResultsError
from reports_fixture import OLD_MBI, PERSON_1, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    return RunResults.read(write_run(tmp_path_factory.mktemp("aco") / "runs" / "2024"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb() as opened:
        yield opened


def test_the_payment_leads_back_to_table_columns_and_to_what_cms_states(run: RunResults) -> None:
    found = explain_line(run, "settlement.payment")
    behind = [line["id"] for line in found["behind"]]
    assert behind[0] == "settlement.earned_performance_payment"
    assert len(behind) == len(set(behind))
    assert {"expenditure:dollars", "assignment:assigned", "aco.toml:risk_scores"} <= set(found["sources"])
    assert found["parameters"]["parameter:mssp/settlement/sequestration_rate"] == "0.02"
    assert found["rests_on_unverified"]


def test_a_given_line_says_where_it_came_from_and_where_it_goes(run: RunResults) -> None:
    found = explain_line(run, "benchmark.per_capita.esrd.by1")
    assert found["behind"] == []
    assert found["sources"] == ["expenditure:dollars"]
    assert found["used_by"] == ["benchmark.trended.esrd.by1"]


def test_an_unknown_line_names_near_ones(run: RunResults) -> None:
    with pytest.raises(WorksheetError, match=r"settlement\.payment"):
        explain_line(run, "payment")


def test_the_list_has_every_line_in_order(run: RunResults) -> None:
    assert [line["id"] for line in list_lines(run)] == list(run.worksheet.lines)


def test_a_persons_story_goes_from_month_to_dollar_to_file_and_line(run: RunResults, engine: Engine) -> None:
    story = explain_beneficiary(run, engine, PERSON_1)
    assert [(span["enrollment_type"], span["months"]) for span in story["enrollment"]] == [
        ("aged_non_dual", 5),
        ("aged_dual", 7),
    ]
    assert [(row["year"], row["assigned"]) for row in story["assignment"]] == [
        (2021, True),
        (2022, False),
        (2023, True),
        (2024, True),
    ]
    counted = {claim["claim_id"]: claim["counted_amount"] for claim in story["claims"]}
    assert counted == {
        "7000": None,
        "7001": Decimal("8400.00"),
        "8001": Decimal("210.00"),
        "8002": Decimal("700.00"),
        "8003": Decimal("0.00"),
    }
    assert sum(row["counted_amount"] for row in story["by_month"]) == sum(
        row["dollars"] for row in story["expenditure"]
    )
    denied = next(claim for claim in story["claims"] if claim["claim_id"] == "8003")
    assert (denied["disposition"], denied["source_line"]) == ("denied", 6)


def test_a_former_identifier_leads_to_the_same_person(run: RunResults, engine: Engine) -> None:
    now, before = (explain_beneficiary(run, engine, mbi) for mbi in (PERSON_1, OLD_MBI))
    assert before["former_identifier"]
    assert not now["former_identifier"]
    assert before["claims"] == now["claims"]


def test_assignment_is_told_with_the_step_and_the_runner_up(run: RunResults, engine: Engine) -> None:
    lost = explain_beneficiary(run, engine, PERSON_1)["assignment"][1]["story"]
    assert "Step 1" in lost[0]
    assert "TIN 990000007 has $412.50" in lost[1]
    assert "next A9990 $120.00" in lost[1]


def test_assignment_is_told_where_a_run_keeps_only_the_decision() -> None:
    row = {"assigned": False, "basis": "none", "reason": "group_health_plan", "winning_entity": None}
    assert assignment_sentences(row) == [
        "Not assigned: A month in a Medicare group health plan (42 CFR 425.401(a)(2))."
    ]


def test_a_replaced_claim_names_the_claim_that_stands(run: RunResults, engine: Engine) -> None:
    (version,) = explain_claim(run, engine, "7000")["versions"]
    assert (version["disposition"], version["replaced_by"]) == ("superseded", "7001")
    assert version["source_file"].startswith("P.A9990.ACO.ZC1")


@pytest.mark.parametrize("ask", [explain_beneficiary, explain_claim])
def test_an_unknown_person_or_claim_is_not_repeated_in_the_error(ask: object, run: RunResults, engine: Engine) -> None:
    with pytest.raises(RunResultsError) as refused:
        ask(run, engine, "9ZZ9ZZ9ZZ99")  # type: ignore[operator]
    assert "9ZZ9" not in refused.value.message


def test_a_final_claim_without_dollars_says_why(run: RunResults, engine: Engine) -> None:
    claim = {"disposition": "final", "counted_amount": None, "kind": "professional_line", "year": 2022}
    drug = claim | {"kind": "drug_event"}
    assignment = [{"year": 2022, "assigned": False}, {"year": 2023, "assigned": True}]
    assert uncounted(claim, assignment) == "not assigned in 2022"
    assert uncounted(drug, assignment) == "Part D is not counted"
    assert uncounted(claim | {"year": 2023}, assignment) == ""
    assert uncounted(claim | {"counted_amount": Decimal(1)}, assignment) == ""


def test_spans_break_where_a_month_is_missing_or_the_type_changes() -> None:
    months = [
        {"month": datetime.date(2024, number, 1), "enrollment_type": kind}
        for number, kind in ((1, "esrd"), (2, "esrd"), (4, "esrd"), (5, "aged_dual"))
    ]
    assert [(span["from"].month, span["through"].month, span["months"]) for span in spans(months)] == [
        (1, 2, 2),
        (4, 4, 1),
        (5, 5, 1),
    ]


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    found = typer.Typer(pretty_exceptions_enable=False)
    found.command()(explain)
    return found


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["line", "settlement.payment"], ["Payment", "Earned performance payment", "425.605"]),
        (["line", "settlement.payment", "--depth", "0"], ["--depth 3"]),
        (["beneficiary", OLD_MBI], ["Beneficiary 1AC2HJ3RT4Y", "former identifier", "Aged/dual", "Mar 2024"]),
        (["beneficiary", "1ac2-hj3-rt4y"], ["Beneficiary 1AC2HJ3RT4Y"]),
        (["claim", "7000"], ["superseded, replaced by 7001"]),
        (["--list"], ["settlement.payment", "benchmark.trended.esrd.by1"]),
    ],
)
def test_the_command_shows(run: RunResults, app: typer.Typer, arguments: list[str], shown: list[str]) -> None:
    result = CliRunner().invoke(app, [*arguments, "--run", str(run.folder)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert [text for text in shown if text not in result.output] == []


@pytest.mark.parametrize("arguments", [["line", "settlement.payment"], ["beneficiary", PERSON_1], ["--list"]])
def test_the_command_prints_json(run: RunResults, app: typer.Typer, arguments: list[str]) -> None:
    result = CliRunner().invoke(app, [*arguments, "--json", "--run", str(run.folder)])
    assert json.loads(result.output)


def test_the_latest_run_of_the_folder_is_read(run: RunResults, app: typer.Typer) -> None:
    home = run.folder.parent.parent
    (home / "runs" / "latest.json").write_text(json.dumps({"run_id": run.folder.name}))
    result = CliRunner().invoke(app, ["line", "settlement.payment", "--aco", str(home)])
    assert result.exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["line"]])
def test_the_command_says_what_it_needs(run: RunResults, app: typer.Typer, arguments: list[str]) -> None:
    result = CliRunner().invoke(app, [*arguments, "--run", str(run.folder)])
    assert isinstance(result.exception, OpenACOError)
    assert "beneficiary MBI" in result.exception.message


@pytest.mark.parametrize("name", ["run", "worksheet", "funnel", "spend", "sensitivity", "claims"])
def test_a_missing_or_broken_file_of_a_run_is_named(name: str, tmp_path: Path) -> None:
    path = write_run(tmp_path) / f"{name}.json"
    path.write_text("{")
    with pytest.raises(RunResultsError, match=f"{name}.json: not valid JSON"):
        RunResults.read(tmp_path)
    path.unlink()
    with pytest.raises(RunResultsError, match=f"{name}.json is missing"):
        RunResults.read(tmp_path)


def test_a_run_of_another_version_says_which_entry_is_wrong(tmp_path: Path) -> None:
    path = write_run(tmp_path) / "claims.json"
    path.write_text(json.dumps({"signed_total": 1}))
    with pytest.raises(RunResultsError, match="final_action_total"):
        RunResults.read(tmp_path)

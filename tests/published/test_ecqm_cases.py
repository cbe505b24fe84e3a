"""Official test cases of the measures: every population as expected, with profiles and without, and by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from openaco.cli.main import app
from openaco.engine import Engine
from openaco.feeds.valuesets import read_value_sets
from openaco.measures.check import Check, check_cases
from openaco.measures.definition import MeasureError

pytestmark = pytest.mark.shared
COUNTS = {"CMS122": 15, "CMS165": 24, "CMS130": 22, "CMS2": 13}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "ecqm-tests"


@pytest.fixture(scope="module")
def value_sets(folder: Path) -> list[dict[str, Any]]:
    return read_value_sets([folder / "valuesets-py2025.json.gz", folder / "valuesets-py2026.json.gz"])


def disagreements(check: Check) -> list[str]:
    return [f"{entry['measure']} {entry['case']}: {entry['expected']} {entry['got']}" for entry in check.disagree]


@pytest.mark.parametrize("measure", COUNTS)
def test_every_case_agrees(duckdb_engine: Engine, folder: Path, value_sets: list[dict[str, Any]], measure: str) -> None:
    check = check_cases(duckdb_engine, [folder / measure / "cases.ndjson"], value_sets)
    assert not check.disagree, disagreements(check)
    assert check.agree == check.cases == COUNTS[measure]


def test_no_profile_is_needed(
    duckdb_engine: Engine, folder: Path, value_sets: list[dict[str, Any]], tmp_path: Path
) -> None:
    lines = [line for measure in COUNTS for line in (folder / measure / "cases.ndjson").open(encoding="utf-8")]
    untagged = tmp_path / "cases.ndjson"
    untagged.write_text("".join(f"{json.dumps(without_profiles(json.loads(line)))}\n" for line in lines))
    check = check_cases(duckdb_engine, [untagged], value_sets)
    assert not check.disagree, disagreements(check)
    assert check.agree == sum(COUNTS.values())


def without_profiles(case: dict[str, Any]) -> dict[str, Any]:
    for entry in case["bundle"]["entry"]:
        entry["resource"].pop("meta", None)
    return case


def test_a_changed_expectation_is_found_and_explained(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "CMS2" / "cases.ndjson").read_text(encoding="utf-8").splitlines()
    case = json.loads(lines[0])
    populations = case["expected"][0]["populations"]
    populations["denominator-exception"] = 1 - populations["denominator-exception"]
    changed = tmp_path / "changed.ndjson"
    changed.write_text("\n".join([json.dumps(case), *lines[1:], "{no json"]))
    sets = str(folder / "valuesets-py2025.json.gz")
    result = CliRunner().invoke(app, ["quality", "check", str(changed), "--valuesets", sets, "--json"])
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert (found["cases"], found["agree"]) == (len(lines) + 1, len(lines) - 1)
    unreadable, entry = found["disagree"]
    assert unreadable["case"] == f"changed.ndjson, line {len(lines) + 1}"
    assert set(entry) == {"case", "measure", "expected", "got", "trace"}
    assert (entry["case"], entry["measure"]) == (case["case"], "CMS2")
    assert entry["trace"]["1"]["denominator_exception"]["holds"] is True
    said = CliRunner().invoke(app, ["quality", "check", str(changed), "--valuesets", sets])
    assert said.exit_code == 1
    assert "12 of 14 cases agree" in said.stdout
    assert "denominator-exception expected 0, got 1" in said.stdout


def test_value_sets_of_the_year_are_needed(folder: Path) -> None:
    cases, sets = str(folder / "CMS2"), str(folder / "valuesets-py2026.json.gz")
    result = CliRunner().invoke(app, ["quality", "check", cases, "--valuesets", sets])
    assert isinstance(result.exception, MeasureError)
    assert "all 11 value sets are missing for 2025: visit_to_screen_for_depression" in result.exception.message

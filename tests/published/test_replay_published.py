"""The six published results files, ACO by ACO: the counts are the claim, and a changed cell is found."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openaco.cli import replay as command
from openaco.errors import OpenACOError
from openaco.feeds.workbooks.public_results import read_public_results
from openaco.programs.replay.mssp import Replay, replay_mssp

pytestmark = pytest.mark.shared

COUNTS = {
    2014: (333, 333, 0),
    2016: (432, 321, 111),
    2018: (548, 372, 176),
    2020: (513, 270, 243),
    2022: (482, 482, 0),
    2024: (476, 476, 0),
}
"""Performance year: ACOs, within $1, within what the printed digits allow. None differ."""


@pytest.fixture(scope="module")
def results(shared_data: Path) -> dict[int, Path]:
    return {year: shared_data / "mssp-puf" / f"mssp_results_py{year}.csv" for year in COUNTS}


@cache
def replayed(path: Path, year: int) -> Replay:
    """Each file is recomputed once."""
    return replay_mssp(path, year)


@pytest.mark.parametrize("year", COUNTS)
def test_every_aco_agrees(results: dict[int, Path], year: int) -> None:
    replay = replayed(results[year], year)
    assert (len(replay.results), replay.count("exact"), replay.count("rounding")) == COUNTS[year]
    assert replay.count("no") == 0


@pytest.mark.parametrize("year", COUNTS)
def test_no_other_printed_rate_contradicts_the_rules(results: dict[int, Path], year: int) -> None:
    """Minimum savings rates, final sharing rates and loss rates come out as printed, for every ACO."""
    notes = [result.note for result in replayed(results[year], year).results]
    assert not [note for note in notes if "prints" in note]


@pytest.mark.parametrize("year", COUNTS)
def test_the_file_tells_its_year(results: dict[int, Path], year: int) -> None:
    if year == 2020:
        with pytest.raises(OpenACOError, match="--year"):
            read_public_results(results[year])
    else:
        assert read_public_results(results[year]).performance_year == year


@pytest.mark.parametrize(("year", "wrong"), [(2014, 2020), (2018, 2024), (2022, 2014), (2024, 2023), (2016, 2018)])
def test_a_wrong_year_is_refused(results: dict[int, Path], year: int, wrong: int) -> None:
    with pytest.raises(OpenACOError, match=f"not the results of {wrong}"):
        replay_mssp(results[year], wrong)


def test_2022_names_the_revenue_cap_and_the_early_termination(results: dict[int, Path]) -> None:
    named = {result.aco_id: result.special for result in replayed(results[2022], 2022).results if result.special}
    assert named == {"A1070": "revenue-capped", "A1080": "early termination"}


def test_2022_other_version_of_the_terminated_aco_agrees_as_well(results: dict[int, Path], tmp_path: Path) -> None:
    """A later version of the file prints 0 for A1080, which left within the year."""
    revised = tmp_path / "revised.csv"
    revised.write_text(_with_cell(results[2022], "A1080", "EarnSaveLoss", "0"), encoding="utf-8")
    replay = replay_mssp(revised, 2022)
    assert replay.count("exact") == 482
    (left,) = [result for result in replay.results if result.special == "early termination"]
    assert left.note.endswith("the printed amount tells: nothing")


def test_2024_reduced_rates_and_guardrails(results: dict[int, Path]) -> None:
    notes = [result.note for result in replayed(results[2024], 2024).results]
    assert sum("reduced rate" in note for note in notes) == 13
    assert sum("guardrail" in note for note in notes) == 2


def _with_cell(path: Path, aco_id: str, column: str, value: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index(column)
    for number, line in enumerate(lines):
        if line.startswith(f"{aco_id},"):
            cells = next(csv.reader([line]))
            cells[at] = value
            lines[number] = ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("year", "aco_id", "column", "value"),
    [
        (2014, "A67373", "EarnSaveLoss", "14455900"),
        (2014, "A67373", "ABtotExp", "418929017"),
        (2016, "A67373", "QualScore", "0.9832"),
        (2018, "A1001", "EarnSaveLoss", "50187988"),
        (2018, "A1214", "GenSaveLoss", "0"),
        (2020, "A1392", "EarnSaveLoss", "8838667"),
        (2022, "A1001", "Current_Track", "E"),
        (2024, "A1001", "FinalShareRate", "75"),
        (2024, "A1001", "EarnSaveLoss", "107895333"),
    ],
)
def test_a_changed_cell_is_found_at_its_aco_alone(
    results: dict[int, Path], tmp_path: Path, year: int, aco_id: str, column: str, value: str
) -> None:
    changed = tmp_path / "changed.csv"
    lines = _with_cell(results[year], aco_id, column, value).splitlines()
    few = [*lines[:50], *(line for line in lines[50:] if line.startswith(f"{aco_id},"))]
    changed.write_text("\n".join(few), encoding="utf-8")
    differing = [result.aco_id for result in replay_mssp(changed, year).results if result.agrees == "no"]
    unchanged = column == "FinalShareRate"
    assert differing == ([] if unchanged else [aco_id])


def test_the_command_prints_ten_lines_and_writes_every_aco(results: dict[int, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    arguments = ["mssp", str(results[2022]), "--year", "2022", "--out", str(out)]
    found = CliRunner().invoke(command.app, arguments)
    assert found.exit_code == 0, found.output
    assert len(found.output.splitlines()) <= 10
    assert "482 within $1, 0 within printed rounding, 0 differ" in found.output
    assert "A1070: " in found.output
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == 482
    assert {row["agrees"] for row in rows} == {"exact"}


def test_the_command_counts_as_json_and_exits_1_on_a_difference(results: dict[int, Path], tmp_path: Path) -> None:
    changed = tmp_path / "changed.csv"
    changed.write_text(_with_cell(results[2024], "A1001", "EarnSaveLoss", "1"), encoding="utf-8")
    found = CliRunner().invoke(command.app, ["mssp", str(changed), "--json"])
    assert found.exit_code == 1
    counts = json.loads(found.output)
    assert (counts["acos"], counts["exact"], counts["rounding"], counts["no"]) == (476, 475, 0, 1)
    assert counts["named"][0]["aco_id"] == "A1001"


def test_the_command_refuses_a_folder_that_is_not_there(results: dict[int, Path], tmp_path: Path) -> None:
    arguments = ["mssp", str(results[2024]), "--out", str(tmp_path / "none" / "out.csv")]
    found = CliRunner().invoke(command.app, arguments)
    assert isinstance(found.exception, OpenACOError)
    assert "cannot be written" in str(found.exception)

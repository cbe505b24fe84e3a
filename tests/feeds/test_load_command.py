"""`openaco load`: what it prints, its exit status, and what it tells machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cclf_files import MONTH, control, line, sample, write_zip
from openaco.cli.load import load, load_with_progress
from openaco.engine import Lake
from openaco.errors import FeedError, OpenACOError

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(load)


def run(*arguments: object) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.exception


def test_the_summary_is_short_and_says_what_to_type_next(tmp_path: Path) -> None:
    status, out, _ = run("cclf", write_zip(tmp_path, sample()), "--lake", tmp_path / "lake")
    assert status == 0
    assert len(out.splitlines()) <= 10
    assert "1 delivery loaded" in out
    assert "institutional_claim 3" in out
    assert out.splitlines()[-1].startswith("Next: openaco load alr PATH")


def test_with_all_that_a_run_needs_the_run_is_next(tmp_path: Path) -> None:
    run("cclf", write_zip(tmp_path, sample()), "--lake", tmp_path / "lake")
    enrolled = tmp_path / "eligibility.csv"
    enrolled.write_text(
        "person_id,payer_type,enrollment_start_date,enrollment_end_date\nM1,medicare,2023-01-01,2023-12-31\n",
        encoding="utf-8",
    )
    run("tuva", enrolled, "--lake", tmp_path / "lake")
    participants = tmp_path / "participants.csv"
    participants.write_text("aco_id,tin\nA1234,123456789\n", encoding="utf-8")
    _, out, _ = run("roster", participants, "--lake", tmp_path / "lake")
    assert out.splitlines()[-1].startswith("Next: openaco run --year 2024")


def test_the_lake_is_in_the_folder_of_the_aco(tmp_path: Path) -> None:
    run("cclf", write_zip(tmp_path, sample()), "--aco", tmp_path / "aco")
    assert len(Lake(tmp_path / "aco" / "lake").deliveries()) == 1


def test_a_second_time_says_that_nothing_changed(tmp_path: Path) -> None:
    path = write_zip(tmp_path, sample())
    run("cclf", path, "--lake", tmp_path / "lake")
    status, out, _ = run("cclf", path, "--lake", tmp_path / "lake")
    assert status == 0
    assert "1 already in the lake" in out


def test_lines_put_aside_are_told_with_their_reason(tmp_path: Path) -> None:
    good = line("CCLF1", {"CUR_CLM_UNIQ_ID": "1"})
    bad = line("CCLF1", {"CUR_CLM_UNIQ_ID": "2", "CLM_THRU_DT": "soon"})
    path = write_zip(tmp_path, sample(CCLF1=f"{good}\n{good}\n{good}\n{bad}\n".encode()))
    _, out, _ = run("cclf", path, "--lake", tmp_path / "lake")
    assert "Put aside: 1 line that could not be read: CLM_THRU_DT is not a date (YYYY-MM-DD) (1)." in out
    assert len(out.splitlines()) <= 10


def test_a_folder_of_packages_is_loaded_whole(tmp_path: Path) -> None:
    folder = tmp_path / "months"
    folder.mkdir()
    for month in (7, 8, 9):
        write_zip(folder, sample(), package=MONTH.replace("D2408", f"D240{month}"))
    _, out, _ = run("cclf", folder, "--lake", tmp_path / "lake")
    assert "3 deliveries loaded" in out


def test_json_is_the_whole_report_and_nothing_else(tmp_path: Path) -> None:
    status, out, _ = run("cclf", write_zip(tmp_path, sample()), "--lake", tmp_path / "lake", "--json")
    assert status == 0
    plain = json.loads(out)
    assert plain["deliveries"][0]["rows"]["institutional_claim"] == 3
    assert plain["deliveries"][0]["loaded"] is True


def test_what_was_loaded_before_an_error_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write_zip(tmp_path, sample(), package=MONTH.replace("D2408", "D2407"))
    second = write_zip(tmp_path, sample(), summary=control(sample(), {"CCLF1": (4, 437)}))
    with pytest.raises(FeedError, match="CCLF0 states 4"):
        load_with_progress(tmp_path / "lake", [("cclf", [first, second])])
    assert "1 delivery loaded" in capsys.readouterr().out
    assert len(Lake(tmp_path / "lake").deliveries()) == 1


def test_an_error_is_one_of_ours_and_an_unknown_source_is_wrong_use(tmp_path: Path) -> None:
    _, _, error = run("cclf", tmp_path / "absent", "--lake", tmp_path / "lake")
    assert isinstance(error, OpenACOError)
    status, _, _ = run("fax", tmp_path)
    assert status == 2


@pytest.mark.parametrize("source", ["cclf", "alr", "bnex", "preference", "rif", "tuva", "roster"])
def test_every_source_has_a_feed(source: str) -> None:
    from importlib import import_module

    assert callable(import_module(f"openaco.feeds.{source}").load)

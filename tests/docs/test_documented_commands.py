"""What the pages tell a reader to type works, and prints what the pages say it prints."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import typer

from documented_pages import CLAIM, MBI, PAGES, ROOT, Command, blocks, commands, missing, typed
from openaco.cli.main import app
from openaco.programs.folder import AcoFolder

COMMANDS = [command for page in PAGES for command in commands(page)]
PUBLISHED = (
    "mssp-puf/mssp_results_py2022.csv",
    "mssp-puf/mssp_results_py2020.csv",
    "reach-puf/reach_results_py2022.csv",
)
WORKBOOK = "mssp-settlement-samples/P.A9999.ACO.STLMT.Y2022.D239999.T0000001.xlsx"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small `demo/` in it, in which the pages' commands are typed."""
    folder = tmp_path_factory.mktemp("reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        status, printed = typed(["openaco", "demo", "--beneficiaries", "2000"], patch)
    assert status == 0, printed
    (folder / "printed.txt").write_text(printed, encoding="utf-8")
    return folder


def somebody(world: Path) -> str:
    """The beneficiary that the demo names."""
    found = MBI.search((world / "printed.txt").read_text(encoding="utf-8"))
    assert found
    return found[0]


def their_claim(world: Path) -> str:
    """The institutional claim of that beneficiary that counts most."""
    run = next((world / "demo" / "runs").glob("mssp-*"))
    row = duckdb.sql(
        f"select claim_id from '{run}/claim_dollars.parquet' "
        f"where person_id = '{somebody(world)}' and claim_kind = 'institutional' order by counted_amount desc limit 1"
    ).fetchone()
    assert row
    return str(row[0])


def of_this_world(command: Command, world: Path) -> list[str]:
    """The words of a command, with a person and a claim of the small demonstration in place of the printed ones."""
    words = [MBI.sub(somebody(world), word) if MBI.fullmatch(word) else word for word in command.words]
    return [their_claim(world) if CLAIM.fullmatch(word) else word for word in words]


def holds(command: Command, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world)
    status, printed = typed(of_this_world(command, world), monkeypatch)
    assert status == command.status, f"{command}: {' '.join(command.words)}\n{printed}"
    assert not missing(command.promised, printed), printed


def test_the_demo_ends_with_the_settlement_and_where_to_look(world: Path) -> None:
    printed = (world / "printed.txt").read_text(encoding="utf-8")
    for promised in ("Invented Valley ACO", "Benchmark", "Payment", "Report", "Workbook", "Truth"):
        assert promised in printed
    assert "explain line settlement.payment --aco demo" in printed
    assert f"explain beneficiary {somebody(world)} --aco demo" in printed


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page(page: Path, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(world / "my-aco", ignore_errors=True)
    for command in [command for command in commands(page) if not command.needs_shared]:
        holds(command, world, monkeypatch)


@pytest.mark.shared
@pytest.mark.parametrize("command", [command for command in COMMANDS if command.needs_shared], ids=str)
def test_a_command_on_published_files(
    command: Command, tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*PUBLISHED, WORKBOOK):
        (tmp_path / Path(name).name).symlink_to(shared_data / name)
    monkeypatch.chdir(tmp_path)
    status, printed = typed(command.words, monkeypatch)
    assert status == command.status, printed
    assert not missing(command.promised, printed), printed


@pytest.mark.parametrize("page", [page for page in PAGES if list(blocks(page, "python"))], ids=lambda page: page.name)
def test_the_python_of_a_page(page: Path, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world)
    first_run = next(run for run in (world / "demo" / "runs").glob("mssp-*") if "retrospective" in _manifest(run))
    AcoFolder(world / "demo").point_to(first_run.name)
    typed(["openaco", "load", "roster", "demo/files/roster", "--aco", "my-aco"], monkeypatch)
    for _line, lines in blocks(page, "python"):
        exec(compile("\n".join(lines), str(page), "exec"), {})


def _manifest(run: Path) -> str:
    return (run / "run.json").read_text(encoding="utf-8")


def _of_program() -> list[tuple[str, list[str]]]:
    """Each command with the options and arguments that it takes."""

    def walk(command: object, path: str) -> list[tuple[str, list[str]]]:
        children = getattr(command, "commands", None)
        if children is not None:
            return [found for name, child in children.items() for found in walk(child, f"{path} {name}")]
        names = [option for item in command.params for option in (*item.opts, *item.secondary_opts)]  # type: ignore[attr-defined]
        return [(path, [name for name in names if name.startswith("--") and name != "--help"])]

    return walk(typer.main.get_command(app), "openaco")


@pytest.mark.parametrize(("path", "options"), _of_program(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_stands_in_the_reference(path: str, options: list[str]) -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {path}\n")[2].partition("\n## ")[0]
    assert section, f"{path} has no section"
    assert [option for option in options if f"{option}`" not in section and f"{option} /" not in section] == []


def test_every_option_that_a_page_shows_exists() -> None:
    known = dict(_of_program())
    for command in COMMANDS:
        path = next((path for words in (3, 2) if (path := " ".join(command.words[:words])) in known), str(command))
        assert path in known, f"{command}: {' '.join(command.words)} is no command"
        assert {word.split("=")[0] for word in command.words if word.startswith("--")} <= set(known[path]), str(command)


def test_the_files_of_a_run_and_of_the_truth_are_described(world: Path) -> None:
    page = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    run = next((world / "demo" / "runs").glob("mssp-*"))
    rows = {line.split("|")[1].strip(" `"): line for line in page.splitlines() if line.startswith("| `")}
    assert {file.name for file in run.iterdir()} <= set(rows)
    assert {f"truth/{file.name}" for file in (world / "demo" / "files" / "truth").iterdir()} <= set(rows)
    for file in run.glob("*.parquet"):
        told = {word.strip("`, ") for word in rows[file.name].split("|")[2].split() if word.startswith("`")}
        assert told <= set(pq.read_schema(file).names), file.name
    for file in (world / "demo" / "files" / "truth").iterdir():
        header = file.open(encoding="utf-8").readline().strip().split(",")
        assert [name for name in header if f"`{name}`" not in rows[f"truth/{file.name}"]] == [], file.name

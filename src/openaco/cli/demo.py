"""`openaco demo`: a whole made-up ACO, from the files CMS would send to a settled year."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Annotated

import typer

from openaco.errors import ConfigurationError

MARKER = ".made-by-openaco-demo"
YEARS = (2021, 2022, 2023, 2024)


def demo(
    beneficiaries: Annotated[int, typer.Option(min=2_000, help="How many people live in the demonstration.")] = 20_000,
    folder: Annotated[Path, typer.Option("--out", help="Where to put it; replaced if an earlier demo made it.")] = Path(
        "demo"
    ),
    seed: Annotated[int, typer.Option(help="The same seed makes the same people, claims and dollars.")] = 7,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the web application afterwards (not built yet).")
    ] = False,
) -> None:
    """Make a **synthetic ACO**, load its claims, settle a performance year, and show where to look.

    Nobody in it is real. Everything goes into one folder: the files as CMS would send them, the lake, the run with
    its report, and `truth/`, computed on a separate path, to check the run against.
    """
    from openaco.cli.contract import example
    from openaco.cli.generate import generate_with_progress
    from openaco.cli.load import load_with_progress
    from openaco.cli.run import run_with_progress, settlement_summary
    from openaco.programs.folder import AcoFolder

    _make_room(folder)
    files = folder / "files"
    generate_with_progress(files, beneficiaries=beneficiaries, years=YEARS, seed=seed)
    home = AcoFolder(folder)
    shutil.copyfile(files / "aco.toml", home.configuration)
    home.contracts.mkdir()
    (home.contracts / "river-health.toml").write_text(example("river-health"), encoding="utf-8")
    sources = {"roster": "roster", "rif": "enrollment", "alr": "alr", "bnex": "bnex", "preference": "preference"}
    deliveries = [(source, [files / name]) for source, name in (sources | {"cclf": "cclf"}).items()]
    load_with_progress(home.lake, deliveries)
    finished = run_with_progress(home, YEARS[-1])
    truth = files / "truth"
    settlement_summary(finished, home=home, truth=truth, person=_somebody(truth))
    if serve:
        typer.echo("There is no web application yet: the report is a file that opens in any browser.")


def _somebody(truth: Path) -> str:
    """The assigned beneficiary with the most dollars in the performance year: the longest story to look at."""

    def of_year(name: str) -> list[dict[str, str]]:
        with (truth / name).open(encoding="utf-8", newline="") as lines:
            return [row for row in csv.DictReader(lines) if row["year"] == str(YEARS[-1])]

    assigned = {row["person_id"] for row in of_year("assignment.csv") if row["assigned"] == "true"}
    spent = [row for row in of_year("expenditures.csv") if row["person_id"] in assigned]
    return max(spent, key=lambda row: float(row["dollars"]))["person_id"] if spent else ""


def _make_room(folder: Path) -> None:
    """An empty folder with our mark; only a folder that carries the mark is ever removed."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError("is a file", where=str(folder), remedy="Name a folder with --out.")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise ConfigurationError(
                "the folder holds other files", where=str(folder), remedy="Name another one with --out."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Made by `openaco demo`; the next demo replaces this folder.\n", encoding="utf-8")

"""`openaco run`: from the lake to a settled year, with its report."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.programs.folder import AcoFolder
    from openaco.reports.outcome import Outcome
    from openaco.worksheet import Line

DUCKDB = "duckdb"


class Method(StrEnum):
    """How beneficiaries are assigned."""

    retrospective = "retrospective"
    prospective = "prospective"


def run(
    year: Annotated[int, typer.Option("--year", help="Performance year to settle.", show_default=False)],
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml, lake, runs.")] = Path("."),
    engine: Annotated[
        str, typer.Option(help="duckdb, or a Spark Connect address such as sc://127.0.0.1:50051.")
    ] = DUCKDB,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    method: Annotated[Method | None, typer.Option(help="Assign by the other method than aco.toml says.")] = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html and settlement.xlsx.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the worksheet as JSON and nothing else.")] = False,
) -> None:
    """Settle a performance year: claims → assignment → expenditures → benchmark → **settlement**, every line explained.

    The result is a folder under `runs/`: worksheet, report, and tables that lead back to claims.
    """
    from openaco.programs.folder import AcoFolder

    home = AcoFolder(aco)
    folder = run_with_progress(
        home, year, engine=engine, memory=memory, method=method.value if method else None, report=report, quiet=as_json
    )
    if as_json:
        typer.echo(json.dumps(json.loads((folder / "worksheet.json").read_text(encoding="utf-8")), indent=1))
        return
    settlement_summary(folder, home=home)


def run_with_progress(
    home: AcoFolder,
    year: int,
    *,
    engine: str = DUCKDB,
    memory: str = "1200MB",
    method: str | None = None,
    report: bool = True,
    quiet: bool = False,
) -> Path:
    """Run with a progress bar; returns the folder of the finished run."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from openaco.engine import Engine, Lake
    from openaco.programs.configuration import read_configuration
    from openaco.programs.ledger import settle
    from openaco.programs.results import write_results

    check_engine_options(engine, memory)
    configuration = read_configuration(home.configuration)
    if method:
        agreement = configuration.agreement.model_copy(update={"assignment_method": method})
        configuration = configuration.model_copy(update={"agreement": agreement})
    lake = Lake(home.lake)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    opened = Engine.duckdb(memory_limit=memory) if engine == DUCKDB else Engine.spark(engine)
    console = Console(stderr=True)
    quiet = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar, opened:
        task = bar.add_task("Settling", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total + 1)

        finished = settle(opened, lake, configuration, year, tell)
        bar.update(task, description="Writing results and report")
        folder = write_results(opened, lake, finished, home)
    if report:
        write_reports(folder)
    return folder


def check_engine_options(engine: str, memory: str) -> None:
    """Raise ConfigurationError for an engine or an amount of memory that is none."""
    if engine != DUCKDB and not engine.startswith("sc://"):
        raise ConfigurationError(
            f"{engine!r} is no engine",
            where="--engine",
            remedy="Say duckdb, or a Spark Connect address such as sc://127.0.0.1:50051.",
        )
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", memory, flags=re.IGNORECASE):
        raise ConfigurationError(f"{memory!r} is no amount of memory", where="--memory", remedy="Write 1200MB or 4GB.")


def write_reports(folder: Path) -> None:
    """Write the HTML report and the workbook of a finished run beside its results."""
    from openaco.reports.html import write_html
    from openaco.reports.run_results import RunResults
    from openaco.reports.workbook import write_workbook

    results = RunResults.read(folder)
    write_html(results, folder / "report.html")
    write_workbook(results, folder / "settlement.xlsx")


def settlement_summary(
    folder: Path, *, home: AcoFolder | None = None, truth: Path | None = None, person: str = ""
) -> None:
    """The settlement in a few lines, and where to look next. `person`: an invented beneficiary to look at."""
    from rich.console import Console
    from rich.table import Table

    from openaco.reports import formats
    from openaco.reports.outcome import answer, read_outcome
    from openaco.reports.run_results import RunResults

    results = RunResults.read(folder)
    sheet = results.worksheet
    outcome = read_outcome(sheet, results.manifest.aco_name, results.manifest.track)
    console = Console(highlight=False, markup=False)
    console.print()
    console.print(answer(outcome), style="bold")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(style="dim")
    for label, line in _shown(sheet.lines, outcome):
        table.add_row(label, formats.line_text(line), line.cite)
    console.print(table)
    unverified = len(sheet.unverified())
    if unverified:
        console.print(f"{unverified} lines rest on values not confirmed against a source; the report marks them.")
    places = {"Report": folder / "report.html", "Workbook": folder / "settlement.xlsx", "Truth": truth}
    for name, place in places.items():
        if place and place.exists():
            console.print(f"{name:<10}{place}", soft_wrap=True)
    steps = {"line": "settlement.payment", "beneficiary": person}
    for subject, name in steps.items():
        if name:
            told = command("explain", subject, name, aco=home.root if home else None)
            console.print(f"{'Next':<10}{told}", soft_wrap=True)


def _shown(lines: dict[str, Line], outcome: Outcome) -> list[tuple[str, Line]]:
    """The lines of the summary with short names: those that made the payment what it is."""
    lost = outcome.difference < 0
    names = {
        "Assigned beneficiaries": "assigned_beneficiaries",
        "Benchmark": "total_benchmark",
        "Expenditures": "total_expenditures",
        "Losses" if lost else "Savings": "difference",
        "Loss rate" if lost else "Sharing rate": "shared_loss_rate" if lost else "final_sharing_rate",
        "Owed to CMS" if outcome.payment < 0 else "Payment": "payment",
    }
    return [(name, lines[f"settlement.{line}"]) for name, line in names.items() if f"settlement.{line}" in lines]

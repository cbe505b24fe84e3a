"""`openaco run`: from the lake to a settled year, with its report."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openaco.programs.folder import AcoFolder

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

    configuration = read_configuration(home.configuration)
    if method:
        agreement = configuration.agreement.model_copy(update={"assignment_method": method})
        configuration = configuration.model_copy(update={"agreement": agreement})
    lake = Lake(home.lake)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    opened = Engine.duckdb(memory_limit=memory) if engine == DUCKDB else Engine.spark(engine)
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar, opened:
        task = bar.add_task("Settling", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total + 1)

        finished = settle(opened, lake, configuration, year, tell)
        bar.update(task, description="Writing results and report")
        folder = write_results(opened, lake, finished, home)
    if report:
        write_reports(folder)
    return folder


def write_reports(folder: Path) -> None:
    """Write the HTML report and the workbook of a finished run beside its results."""
    from openaco.reports.html import write_html
    from openaco.reports.run_results import RunResults
    from openaco.reports.workbook import write_workbook

    results = RunResults.read(folder)
    write_html(results, folder / "report.html")
    write_workbook(results, folder / "settlement.xlsx")


def settlement_summary(folder: Path, *, home: AcoFolder | None = None, truth: Path | None = None) -> None:
    """The settlement in a few lines, and where to look next."""
    from rich.console import Console
    from rich.table import Table

    from openaco.reports import formats
    from openaco.reports.outcome import answer, read_outcome
    from openaco.reports.run_results import RunResults

    results = RunResults.read(folder)
    sheet = results.worksheet
    console = Console()
    console.print()
    console.print(answer(read_outcome(sheet, results.manifest.aco_name, results.manifest.track)), style="bold")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for line_id in (
        "settlement.assigned_beneficiaries",
        "settlement.total_benchmark",
        "settlement.total_expenditures",
        "settlement.difference",
        "settlement.final_sharing_rate",
        "settlement.payment",
    ):
        if line_id in sheet.lines:
            line = sheet.line(line_id)
            table.add_row(line.label, formats.line_text(line), f"[dim]{line.step} {line.cite}[/dim]")
    console.print(table)
    unverified = len(sheet.unverified())
    if unverified:
        console.print(f"{unverified} lines rest on values not confirmed against a source; the report marks them.")
    option = f" --aco {home.root}" if home and str(home.root) != "." else ""
    console.print(f"Report    {folder / 'report.html'}\nWorkbook  {folder / 'settlement.xlsx'}", highlight=False)
    if truth:
        console.print(f"Truth     {truth}", highlight=False)
    console.print(f"Next      openaco explain line settlement.payment{option}", highlight=False)

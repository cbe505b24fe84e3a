"""`openaco compare`: one population under several contracts, side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.progress import steps_bar
from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.insight.compare import Comparison


def compare(
    year: Annotated[
        int | None, typer.Option("--year", help="Performance year; default: the last that aco.toml states.")
    ] = None,
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml, lake.")] = Path("."),
    contract: Annotated[
        list[str] | None,
        typer.Option(
            "--contract",
            "-c",
            help="A contract by its id, or a contract file (.toml); repeat it. Default: one of each kind, and every "
            "file in contracts/.",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[int, typer.Option(min=0, help="Redrawn populations behind the intervals.")] = 400,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws; default: the one of aco.toml.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page, the figures and the worksheets.", show_default=False)
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    list_contracts: Annotated[bool, typer.Option("--list", help="List the contracts by id and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,
) -> None:
    """Put one population under several contracts: expected payment, downside, break-even, cash, and each rule's worth.

    Nothing is assumed of you: historic models are settled as if they were open today, by the rules of their own time,
    and every payment says whether it rests on values not confirmed against a source.
    """
    from openaco.engine import Engine, Lake
    from openaco.insight.compare import compare as compared
    from openaco.programs.configuration import read_configuration
    from openaco.programs.contracts import DEFAULT, catalog, choose
    from openaco.programs.experience import experience, population_for
    from openaco.programs.folder import AcoFolder
    from openaco.reports.comparison import as_data, write_comparison

    home = AcoFolder(aco)
    configuration = read_configuration(home.configuration)
    year = year or max(configuration.performance)
    known = catalog(configuration, year)
    if list_contracts:
        for item in known.values():
            typer.echo(f"{item.id:<28}{item.label}")
        return
    names = contract or [*DEFAULT, *map(str, sorted(home.contracts.glob("*.toml")))]
    contracts = choose(configuration, year, known, names)
    alignments = [item.alignment for item in contracts]
    with steps_bar(quiet=as_json) as tell, Engine.duckdb(memory_limit=memory) as engine:
        tell("Claims, people and their months", 0, 1)
        population = population_for(engine, Lake(home.lake), configuration, year, alignments)
        found = experience(engine, population, configuration, year, alignments, tell)
        comparison = compared(found, contracts, draws=draws, seed=seed or configuration.seed, progress=tell)
    folder = out or home.root / "comparisons" / str(year)
    page = write_comparison(comparison, configuration.aco.name, folder)
    if as_json:
        typer.echo(json.dumps(as_data(comparison), indent=1))
        return
    _summary(comparison, configuration.aco.name, page, aco)


def _summary(comparison: Comparison, name: str, page: Path, aco: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from openaco.reports import formats
    from openaco.reports.comparison import answer, at_risk

    if not comparison.results:
        raise ConfigurationError("no contract was asked for", remedy="Name one with --contract, or see --list.")
    console = Console(highlight=False, markup=False)
    console.print()
    console.print(answer(comparison, name), style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("Thousands of US dollars")
    for title in ("Payment", "Expected", "1 in 20", "19 in 20", "At risk"):
        table.add_column(title, justify="right", no_wrap=True)
    for result in comparison.results:
        outlook = result.outlook
        amounts = (result.payment, outlook.mean, outlook.percentile_5, outlook.percentile_95)
        mark = " ◇" if result.unverified else ""
        thousands = (formats.number(amount / 1000) for amount in amounts)
        table.add_row(result.label + mark, *thousands, at_risk(result, thousands=True))
    console.print(table)
    if comparison.draws:
        console.print("1 in 20: one year of twenty brings this or less; 19 in 20: nineteen of twenty do.")
    if any(result.unverified for result in comparison.results):
        console.print("◇ rests on values not confirmed against a source; the page says which.")
    console.print(f"{'Page':<10}{page}", soft_wrap=True)
    console.print(f"{'Next':<10}{command('what-if', '--track', 'ENHANCED', aco=aco)}", soft_wrap=True)

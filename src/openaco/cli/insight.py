"""`openaco insight`: what the assigned cost and used, where they went, and how practices differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from openaco.cli.progress import steps_bar
from openaco.cli.words import command
from openaco.errors import ConfigurationError


def insight(
    year: Annotated[int | None, typer.Option("--year", help="Performance year; default: the latest run's.")] = None,
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml, lake, runs.")] = Path("."),
    out: Annotated[Path | None, typer.Option(help="Folder for the page and the figures.", show_default=False)] = None,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    as_json: Annotated[bool, typer.Option("--json", help="Print the tables as JSON and nothing else.")] = False,
) -> None:
    """See your population: cost and use by month, practice and county, where people go, what was billed twice.

    It reads the latest finished run of the year, and its sums are that run's. No number that stands for fewer than 11
    people is shown, nor any from which one follows. Candidates for a question about repeated services go to a file of
    their own, which names people: give it only to those who care for them.
    """
    from openaco.engine import Engine, Lake
    from openaco.feeds.code_tables import read_code_tables
    from openaco.insight.population import population_insight, population_view
    from openaco.programs.folder import AcoFolder
    from openaco.reports.population import answer, as_data, elsewhere_figure, write_population

    home = AcoFolder(aco)
    run = home.latest_run()
    stated = json.loads((run / "run.json").read_text(encoding="utf-8"))["performance_year"]
    if year is not None and year != stated:
        raise ConfigurationError(
            f"the latest run is of {stated}, not of {year}", where=str(run), remedy=f"openaco run --year {year}"
        )
    folder = out or home.root / "insight" / str(stated)
    with steps_bar(quiet=as_json) as tell, Engine.duckdb(memory_limit=memory) as engine:
        tables = read_code_tables(home.root / "tables")
        found = population_insight(engine, population_view(engine, Lake(home.lake), run, tables, tell))
        page = write_population(engine, found, folder)
    if as_json:
        typer.echo(json.dumps(as_data(found), indent=1))
        return
    typer.echo(answer(found))
    typer.echo(f"{elsewhere_figure(found).finding}.")
    typer.echo(f"{'Page':<10}{page}")
    typer.echo(f"{'People':<10}{folder / 'repeated_services.csv'} names people: for those who care for them")
    typer.echo(f"{'Next':<10}{command('forecast', aco=aco)}")

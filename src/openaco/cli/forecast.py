"""`openaco forecast`: where a performance year is heading, how sure that is, and why it moved."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.progress import steps_bar
from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.insight.forecast import Forecast


def forecast(
    year: Annotated[int, typer.Option("--year", help="Performance year to forecast.", show_default=False)],
    as_of: Annotated[
        str, typer.Option("--as-of", help="The day, as 2024-07-20: claims packages that came later are not read.")
    ],
    since: Annotated[
        str | None,
        typer.Option(help="Explain the change from this earlier day. Default: a month before.", show_default=False),
    ] = None,
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml, lake.")] = Path("."),
    draws: Annotated[int, typer.Option(min=100, help="Possible years behind the interval.")] = 500,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the page and the data. Default: forecasts/ in the ACO's folder."),
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    as_json: Annotated[bool, typer.Option("--json", help="Print the forecast as JSON and nothing else.")] = False,
) -> None:
    """Forecast the settlement of a year that is not over: **savings with a 90% interval**, and why they moved.

    Claims still to come are reckoned from your own lag triangles, the months ahead from the year so far and the years
    before it. The settlement follows from the program's own worksheet. What such forecasts missed by in the past is
    shown with each one.
    """
    from openaco.engine import Engine, Lake
    from openaco.insight.forecast import forecast as forecasted
    from openaco.programs.configuration import read_configuration
    from openaco.programs.folder import AcoFolder
    from openaco.reports.forecast import as_data, write_forecast

    day, earlier = _day(as_of, "--as-of"), _day(since, "--since") if since else None
    if earlier is not None and earlier >= day:
        raise ConfigurationError(f"{earlier} is not before {day}", where="--since", remedy="Name an earlier day.")
    home = AcoFolder(aco)
    configuration = read_configuration(home.configuration)
    lake = Lake(home.lake)
    with steps_bar(quiet=as_json) as tell, Engine.duckdb(memory_limit=memory) as engine:
        found = forecasted(engine, lake, configuration, year, day, since=earlier, draws=draws, progress=tell)
    page = write_forecast(found, configuration.aco.name, out or home.root / "forecasts" / f"{year}-{day}")
    if as_json:
        typer.echo(json.dumps(as_data(found), indent=1))
        return
    _summary(found, page, aco, year)


def _day(text: str, option: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no day", where=option, remedy="Write it as 2024-07-20.") from error


def _summary(found: Forecast, page: Path, aco: Path, year: int) -> None:
    from rich.console import Console
    from rich.table import Table

    from openaco.reports.forecast import answer, component_rows, moved_words, past_words

    console = Console(highlight=False, markup=False)
    console.print()
    console.print(answer(found), style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("Part")
    table.add_column("Expected", justify="right", no_wrap=True)
    table.add_column("90% interval", justify="right", no_wrap=True)
    for row in component_rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(moved_words(found))
    for words in past_words(found):
        console.print(words)
    for words in found.assumed:
        console.print(f"Assumed: {words[:1].lower()}{words[1:]}")
    console.print(f"{'Page':<10}{page}", soft_wrap=True)
    following = command("run", "--year", str(year), aco=aco)
    console.print(f"{'Next':<10}{following}  (when the year is complete)", soft_wrap=True)

"""The command `openaco`: one front door. Heavy libraries are imported inside the commands, so help is instant."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from openaco import __version__
from openaco.cli import (
    advances,
    check_workbook,
    compare,
    contract,
    demo,
    distribute,
    explain,
    forecast,
    generate,
    initialize,
    insight,
    load,
    quality,
    rates,
    replay,
    risk,
    run,
    what_if,
)
from openaco.errors import OpenACOError

app = typer.Typer(
    name="openaco",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    help=(
        "From claims to settlement, every number explained.\n\n"
        "Start with `openaco demo`: it makes a whole ACO, loads its claims, settles a year and shows the way back "
        "from every dollar. With your own files: `openaco init`, `openaco load`, `openaco run`, `openaco explain`. "
        "Then ask on: `openaco compare`, `what-if`, `forecast`, `distribute`, `insight`, `rates`, `quality`, `risk`."
    ),
)

app.command("demo")(demo.demo)
app.command("init")(initialize.initialize)
app.command("generate")(generate.generate)
app.command("load")(load.load)
app.command("run")(run.run)
app.command("explain")(explain.explain)
app.add_typer(replay.app, name="replay")
app.command("check-workbook")(check_workbook.check_workbook)
app.add_typer(contract.app, name="contract")
app.command("rates")(rates.rates)
app.add_typer(risk.app, name="risk")
app.add_typer(quality.app, name="quality")
app.command("compare")(compare.compare)
app.command("what-if")(what_if.what_if)
app.command("forecast")(forecast.forecast)
app.command("insight")(insight.insight)
app.command("distribute")(distribute.distribute)
app.command("advances")(advances.advances)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"openaco {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line. Exit status: 0 fine, 1 a difference was found, 2 wrong use or unusable input."""
    try:
        app(standalone_mode=True)
    except OpenACOError as error:
        _stop(error.message)
    except OSError as error:
        if error.filename is None:
            raise
        why = error.strerror or type(error).__name__
        remedy = "Check the path, that you may write there, and that there is room."
        _stop(OpenACOError(why[:1].lower() + why[1:], where=str(error.filename), remedy=remedy).message)


def _stop(message: str) -> NoReturn:
    typer.secho(f"Error: {message}", err=True, fg=typer.colors.RED)
    sys.exit(2)

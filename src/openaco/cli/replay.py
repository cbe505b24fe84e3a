"""`openaco replay`: recompute CMS's published results, ACO by ACO."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.errors import WorkbookError

if TYPE_CHECKING:
    from openaco.programs.replay import Replay, ReplayedResult

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Recompute a results file that CMS published, ACO by ACO, and say where and why it differs.",
)
_NAMED_AT_MOST = 5


@app.callback()
def _replay() -> None:
    """Keeps `replay` a group: one command for each program."""


@app.command("mssp")
def mssp(
    file: Annotated[Path, typer.Argument(help="CMS's 'Performance Year Financial and Quality Results' (CSV or XLSX).")],
    year: Annotated[
        int | None, typer.Option(help="Performance year; only needed where the file does not tell it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write one line per ACO to this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts and differences as JSON.")] = False,
) -> None:
    """Recompute **GenSaveLoss** and **EarnSaveLoss** of every Shared Savings Program ACO.

    Exit status: 0 all agree within $1 or printed rounding, 1 some differ, 2 the file cannot be read.
    """
    from openaco.programs.replay import replay_mssp

    replay = replay_mssp(file, year)
    if out is not None:
        _write(out, replay.to_csv())
    if as_json:
        typer.echo(json.dumps(_as_data(replay), indent=2))
    else:
        _print_summary(replay, out)
    raise typer.Exit(0 if replay.all_agree else 1)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WorkbookError(
            f"cannot be written: {error.strerror}", where=str(out), remedy="Choose a folder that exists, with --out."
        ) from error


def _as_data(replay: Replay) -> dict[str, object]:
    return {
        "file": replay.file,
        "performance_year": replay.performance_year,
        "acos": len(replay.results),
        "exact": replay.count("exact"),
        "rounding": replay.count("rounding"),
        "no": replay.count("no"),
        "named": [asdict(result) for result in _named(replay)],
    }


def _named(replay: Replay) -> list[ReplayedResult]:
    """The ACOs a summary must name: those that differ first."""
    named = [result for result in replay.results if result.special or result.agrees == "no"]
    return sorted(named, key=lambda result: result.agrees != "no")


def _print_summary(replay: Replay, out: Path | None) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(replay.file)}[/], performance year {replay.performance_year} ({replay.year_because})")
    colors = {"exact": "green", "rounding": "green", "no": "red" if replay.count("no") else "green"}
    console.print(
        f"{len(replay.results)} ACOs recomputed: [{colors['exact']}]{replay.count('exact')} within $1[/], "
        f"[{colors['rounding']}]{replay.count('rounding')} within printed rounding[/], "
        f"[{colors['no']}]{replay.count('no')} differ[/]"
    )
    named = _named(replay)
    for result in named[:_NAMED_AT_MOST]:
        mark = "[red]≠[/]" if result.agrees == "no" else "[green]=[/]"
        console.print(f"  {mark} {escape(result.aco_id)}: {escape(result.note)}")
    if len(named) > _NAMED_AT_MOST:
        console.print(f"  … and {len(named) - _NAMED_AT_MOST} more: every ACO stands in the file of --out")
    if out is not None:
        console.print(f"Every ACO: {escape(str(out))}")

"""`openaco replay`: recompute CMS's published results, ACO by ACO."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from openaco.errors import WorkbookError

if TYPE_CHECKING:
    from openaco.programs.replay.replayed import ReplayedFile, Result

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Recompute a results file that CMS published, ACO by ACO, and say where and why it differs.",
)
_NAMED_AT_MOST = 5
Year = Annotated[int | None, typer.Option(help="Performance year; only needed where the file does not tell it.")]
Out = Annotated[Path | None, typer.Option(help="Write one line per ACO to this CSV file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the counts and differences as JSON.")]


@app.command("mssp")
def mssp(
    file: Annotated[Path, typer.Argument(help="CMS's 'Performance Year Financial and Quality Results' (CSV or XLSX).")],
    year: Year = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Recompute **GenSaveLoss** and **EarnSaveLoss** of every Shared Savings Program ACO.

    Exit status: 0 all agree within $1 or printed rounding, 1 some differ, 2 the file cannot be read.
    """
    from openaco.programs.replay.mssp import replay_mssp

    _finish(replay_mssp(file, year), out, as_json)


@app.command("reach")
def reach(
    file: Annotated[Path, typer.Argument(help="CMS's 'ACO REACH Financial and Quality Results' (CSV or XLSX).")],
    year: Year = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Recompute **SHARED_SAVINGS** and **SHARED_SAVINGS_SEQ** of every ACO REACH or Direct Contracting (GPDC) ACO.

    Risk corridors and sequestration are applied to the printed benchmark and expenditures; other printed figures are
    checked on the way. Exit status: 0 all agree within $1 or printed rounding, 1 some differ, 2 the file cannot be
    read.
    """
    from openaco.programs.replay.reach import replay_reach

    _finish(replay_reach(file, year), out, as_json)


def _finish(replay: ReplayedFile[Result], out: Path | None, as_json: bool) -> None:
    """Write, print, and end with the status that says whether all agree."""
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


def _as_data(replay: ReplayedFile[Result]) -> dict[str, object]:
    return {
        "file": replay.file,
        "performance_year": replay.performance_year,
        "acos": len(replay.results),
        "exact": replay.count("exact"),
        "rounding": replay.count("rounding"),
        "no": replay.count("no"),
        "named": [asdict(cast(Any, result)) for result in replay.named],
    }


def _print_summary(replay: ReplayedFile[Result], out: Path | None) -> None:
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
    named = replay.named
    for result in named[:_NAMED_AT_MOST]:
        mark = "[red]≠[/]" if result.agrees == "no" else "[green]=[/]"
        console.print(f"  {mark} {escape(result.aco_id)}: {escape(result.note)}")
    if len(named) > _NAMED_AT_MOST:
        console.print(f"  … and {len(named) - _NAMED_AT_MOST} more: every ACO stands in the file of --out")
    if out is not None:
        console.print(f"Every ACO: {escape(str(out))}")

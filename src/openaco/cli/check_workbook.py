"""`openaco check-workbook`: recompute CMS's settlement report, line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openaco.programs.workbook.check import Difference, WorkbookCheck

_SHOWN_AT_MOST = 6


def check_workbook(
    file: Annotated[Path, typer.Argument(help="CMS's settlement report: such as P.A1234.ACO.STLMT.Y2022….xlsx.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Recompute CMS's **settlement report** from its own inputs and name every cell that departs.

    Exit status: 0 every line agrees, 1 some differ, 2 the file cannot be read.
    """
    from openaco.programs.workbook.check import check_workbook as check

    found = check(file)
    if as_json:
        typer.echo(json.dumps(found.as_data(), indent=2, ensure_ascii=False))
    else:
        _print_summary(found)
    raise typer.Exit(1 if found.differences else 0)


def _print_summary(found: WorkbookCheck) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(found.file)}[/] {escape(found.title)}")
    verdict = "[red]" if found.differences else "[green]"
    console.print(
        f"{found.lines} computed lines compared, worst relative difference {found.worst_relative_difference:.1e}, "
        f"{verdict}{len(found.differences)} cells differ[/]"
    )
    shown = sorted(found.differences, key=lambda difference: difference.follows)
    for difference in shown[:_SHOWN_AT_MOST]:
        console.print(f"  {escape(_in_words(difference))}")
    if len(shown) > _SHOWN_AT_MOST:
        console.print(f"  … and {len(shown) - _SHOWN_AT_MOST} more, computed from these or beside them: see --json")


def _in_words(difference: Difference) -> str:
    place = f"{difference.sheet}!{difference.cell} {difference.line}"
    return f"{place}: printed {difference.published}, recomputed {difference.recomputed}"

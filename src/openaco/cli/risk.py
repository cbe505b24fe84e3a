"""`openaco risk`: CMS-HCC risk scores of a file of people, or of an ACO's own people from their claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from rich.console import Console

    from openaco.programs.risk_file import ScoredFile

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="CMS-HCC risk scores with the way from every diagnosis to its factor.",
)
NAMED_AT_MOST = 2
EXAMPLE = """\
id,model,payment_year,age,sex,orec,dual_code,segment,icd10cm,new_enrollee,graft_months
diabetes and heart failure,CMS-HCC V28,2026,74,F,0,00,CNA,E1169;I5022;N1831,,
segment to be found,CMS-HCC V28,2026,58,M,1,02,,F322;J449,,
new enrollee of 64,CMS-HCC V28,2026,64,F,0,00,,,yes,
assisted heart alone,CMS-HCC V28,2026,70,M,0,00,CNA,Z95811,,
functioning graft,ESRD V24,2026,61,M,2,00,G_COMM_ND_PBD_LT65,Z940;E1122,,7
age not known,CMS-HCC V24,2025,,F,0,00,CNA,I509,,
"""


@app.command("score")
def score(
    file: Annotated[Path, typer.Argument(help="CSV file: one row a person; see `openaco risk example`.")],
    out: Annotated[Path | None, typer.Option(help="Write id, raw_score and the explanation to this CSV file.")] = None,
    code_editor: Annotated[
        bool, typer.Option("--code-editor/--no-code-editor", help="Apply Medicare Code Editor age limits, as CMS does.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; rows too, unless --out.")] = False,
) -> None:
    """Score people by **V22, V24, V28, ESRD V21, ESRD V24 or RxHCC V08**: raw scores, before any normalization.

    Columns: `id`, `model`, `payment_year` (`any` = the newest year whose tables are here), `age` (on February 1 of
    the payment year), `sex`, `orec`, `dual_code` (or `medicaid`), `segment` (blank = found), `icd10cm` (codes joined
    by `;`); where needed `lti`, `new_enrollee`, `snp`, `low_income`, `esrd`, `kidney_status`, `graft_months`,
    `edit_age`. If there is an `expected_raw_score`, each score is compared with it to three decimals.

    Exit status: 0 fine, 1 a score is not the expected one, 2 the file cannot be read.
    """
    from openaco.engine import Engine
    from openaco.programs.risk_file import score_file

    with Engine.duckdb() as engine:
        scored = score_file(file, engine, code_editor=code_editor)
    if out is not None:
        scored.write(out)
    if as_json:
        typer.echo(json.dumps(scored.as_data(with_rows=out is None), indent=2, ensure_ascii=False))
    else:
        _print_scores(scored, out, file)
    raise typer.Exit(1 if scored.differing else 0)


@app.command("example")
def example(file: Annotated[Path, typer.Argument(help="CSV file to write; must not exist.")]) -> None:
    """Write a small file of invented people to score: a start for your own."""
    if file.exists():
        raise ConfigurationError("exists already", where=str(file), remedy="Name another file.")
    file.write_text(EXAMPLE, encoding="utf-8")
    typer.echo(f"Wrote {file}. Next: {command('risk', 'score', str(file), '--out', 'scores.csv')}")


def _print_scores(scored: ScoredFile, out: Path | None, file: Path) -> None:
    from rich.markup import escape

    console = _console()
    missing = len(scored.rows) - scored.scored
    counted = f"{_rows(len(scored.rows))}: {scored.scored} scored"
    console.print(
        f"[bold]{escape(scored.file)}[/] {counted}" + (f", [yellow]{missing} not scored[/]" if missing else "")
    )
    console.print("By " + ", ".join(f"{model} {year} ({rows})" for (model, year), (_, rows) in scored.tables().items()))
    unsure = [
        f"{model} {year}" for (model, year), (confidence, _) in scored.tables().items() if confidence == "unverified"
    ]
    if unsure:
        console.print(f"[yellow]◇[/] Not confirmed against a second source: tables of {', '.join(unsure)}")
    if scored.compared:
        agree, differ = scored.compared - len(scored.differing), len(scored.differing)
        color = "red" if differ else "green"
        console.print(f"[{color}]{agree} of {scored.compared} agree with the expected score to 3 decimals[/]")
        told = [f"{row.case.id}: {row.raw_score}, expected {row.case.expected}" for row in scored.differing]
        _print_some(console, "[red]≠[/]", told)
    _print_some(console, "[yellow]◇[/]", [f"{name}: {_rows(count)}" for name, count in scored.problems().items()])
    if out is not None:
        console.print(f"Scores and explanations: {escape(str(out))}")
    else:
        console.print(
            f"Next: {command('risk', 'score', escape(str(file)), '--out', 'scores.csv')}  (every row explained)"
        )


def _print_some(console: Console, mark: str, told: list[str]) -> None:
    from rich.markup import escape

    for text in told[:NAMED_AT_MOST]:
        console.print(f"  {mark} {escape(text)}")
    if len(told) > NAMED_AT_MOST:
        console.print(f"  … and {len(told) - NAMED_AT_MOST} more: see --out or --json")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)

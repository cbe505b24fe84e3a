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

    from openaco.programs.folder import AcoFolder
    from openaco.programs.risk.file import ScoredFile
    from openaco.worksheet import Worksheet

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
    from openaco.programs.risk.file import score_file

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


@app.command("evaluate")
def evaluate(
    year: Annotated[int, typer.Option("--year", help="Calendar year whose months are scored.", show_default=False)],
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml and lake.")] = Path("."),
    against: Annotated[
        int | None, typer.Option(help="An earlier year (BY3) to score by the same models, for growth and its cap.")
    ] = None,
    mix: Annotated[
        int | None, typer.Option("--models-of", help="Performance year whose mix of models scores; default: --year.")
    ] = None,
    codes: Annotated[
        Path | None, typer.Option(help="File of eligible CPT/HCPCS numbers, for services of a year not here.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default: ACO/risk/YEAR.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write the tables as CSV, too.")] = False,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    as_json: Annotated[bool, typer.Option("--json", help="Print the worksheet as JSON and nothing else.")] = False,
) -> None:
    """**Estimate** the risk scores of an ACO's people for a year, from the eligible diagnoses of the year before.

    Everybody eligible in a month of the year is scored by the year's mix of models (V24 and V28 in 2024 and 2025),
    segment by dual status; means by enrollment type stand beside CMS's own scores where its assignment report is
    loaded. The Medicare Advantage coding adjustment is not applied. Long-term institutional status is not in claims.
    """
    from openaco.engine import Engine, Lake
    from openaco.programs.configuration import read_configuration
    from openaco.programs.folder import AcoFolder
    from openaco.programs.risk.results import write_risk
    from openaco.programs.risk.scores import evaluate_risk
    from openaco.programs.risk.worksheet import risk_worksheet

    home = AcoFolder(aco)
    configuration = read_configuration(home.configuration)
    target = out or home.root / "risk" / str(year)
    with Engine.duckdb(memory_limit=memory) as engine:
        lake = Lake(home.lake)
        scored = evaluate_risk(engine, lake, configuration, year, mix_year=mix, own_codes=codes)
        earlier = None
        if against is not None:
            earlier = evaluate_risk(engine, lake, configuration, against, mix_year=mix or year, own_codes=codes)
        sheet = risk_worksheet(configuration, scored, earlier, _dollar_weights(home, year))
        write_risk(engine, scored, sheet, target, as_csv=as_csv)
    if as_json:
        typer.echo(json.dumps(sheet.to_dict(), indent=1, default=str))
    else:
        _print_evaluation(sheet, target)


@app.command("recapture")
def recapture(
    year: Annotated[int, typer.Option("--year", help="Calendar year in progress.", show_default=False)],
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: its lake.")] = Path("."),
    years_back: Annotated[int, typer.Option(min=1, help="How many years before to look at.")] = 1,
    drug_classes: Annotated[
        Path | None, typer.Option(help="CSV file with ndc, hcc, evidence: what prescriptions suggest.")
    ] = None,
    codes: Annotated[
        Path | None, typer.Option(help="File of eligible CPT/HCPCS numbers, for services of a year not here.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File, .csv or .parquet; default: ACO/risk/review-YEAR.parquet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """List conditions to **review**: lasting ones documented before and not yet this year, and suspects with evidence.

    Questions for clinicians, in the order of persons and categories; no money stands in the list and nothing of it
    goes into a score. Suspects come from diagnoses on claims that do not count, from drugs, equipment and supplies,
    and, with `--drug-classes`, from prescriptions.
    """
    from openaco.engine import Engine, Lake
    from openaco.insight.recapture import conditions_to_review, write_review
    from openaco.programs.folder import AcoFolder

    home = AcoFolder(aco)
    target = out or home.root / "risk" / f"review-{year}.parquet"
    with Engine.duckdb() as engine:
        review = conditions_to_review(
            engine, Lake(home.lake), year, years_back=years_back, drug_classes=drug_classes, own_codes=codes
        )
        counts = write_review(engine, review, target)
    if as_json:
        typer.echo(json.dumps({"year": year, "file": str(target), "reasons": counts}, indent=2))
        return
    console = _console()
    console.print(f"[bold]Conditions to review, {year}[/]")
    for reason, count in counts.items():
        console.print(f"  {_rows(count)}: {reason}")
    console.print("Which conditions last and what a drug suggests is our reading, not CMS's: let a clinician judge.")
    console.print(f"List: {target}")


def _dollar_weights(home: AcoFolder, year: int) -> dict[str, float] | None:
    """Each type's share of benchmark dollars, from the latest settlement of the year; None without one."""
    pointer = home.runs / "latest.json"
    if not pointer.is_file():
        return None
    lines = json.loads((home.latest_run() / "worksheet.json").read_text(encoding="utf-8"))
    if lines.get("performance_year") != year:
        return None
    stem = "update.risk_weight."
    found = {row["id"].removeprefix(stem): row["value"] for row in lines["lines"] if row["id"].startswith(stem)}
    return found or None


def _print_evaluation(sheet: Worksheet, target: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = _console()
    console.print(f"[bold]{escape(sheet.title)}[/]")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", "Person-years", "Score", "Renormalized", "CMS's", "Demographic", "Growth"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    columns = ("blended_score", "renormalized_score", "cms_score", "demographic_score", "growth")
    for kind in ("esrd", "disabled", "aged_dual", "aged_non_dual"):
        years = sheet.lines.get(f"risk.person_years.{kind}")
        if years:
            cells = [_score_text(sheet, f"risk.{name}.{kind}") for name in columns]
            table.add_row(kind.replace("_", "/", 1).replace("_", "-"), f"{sheet.number(years.id):,.0f}", *cells)
    console.print(table)
    notes = {line.note for line in sheet if line.id.startswith("risk.renormalized_score")}
    console.print("; ".join(sorted(escape(note) for note in notes)))
    problems = {name.removeprefix("problem: "): n for name, n in sheet.about.items() if name.startswith("problem: ")}
    _print_some(console, "[yellow]◇[/]", [f"{name}: {count}" for name, count in problems.items()])
    console.print(f"Persons, factors, diagnoses: {escape(str(target))}")


def _score_text(sheet: Worksheet, id: str) -> str:
    value = sheet.lines[id].value if id in sheet.lines else None
    return "–" if value is None else f"{value:.3f}"


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

"""`openaco quality`: clinical quality measures, checked against official cases and evaluated on your data."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.cli import quality_lake
from openaco.cli.words import command

if TYPE_CHECKING:
    from openaco.feeds.fhir import ClinicalData
    from openaco.measures.check import Check
    from openaco.measures.evaluate import RateResult

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Quality measures: check them against official cases, evaluate them on FHIR and claims, find gaps in care.",
)
_NAMED_AT_MOST = 5
_VALUE_SETS = (
    "Value sets: a VSAC download (XLSX or SVS XML), FHIR expansions, or JSON by oid. The year is read from the file's "
    "name (…2025…). Say the option again for further files."
)


class Population(StrEnum):
    """Whose data of a lake are evaluated."""

    everybody = "everybody"
    medicare = "medicare"
    assigned = "assigned"


class Form(StrEnum):
    """How results are written."""

    parquet = "parquet"
    csv = "csv"
    json = "json"


@app.command("check")
def check(
    cases: Annotated[list[Path], typer.Argument(help="Test cases: .ndjson, one case on each line; or folders.")],
    valuesets: Annotated[list[Path], typer.Option(help=_VALUE_SETS)],
    trace: Annotated[bool, typer.Option("--trace", help="Explain every case, not only those that disagree.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Evaluate **official test cases** and compare every population with what the case expects.

    Measure and period stand in the cases; the value sets of the period's year are used. Exit status: 0 all agree,
    1 some disagree, 2 something cannot be read.
    """
    from openaco.engine import Engine
    from openaco.feeds.valuesets import read_value_sets
    from openaco.measures.check import check_cases

    rows = read_value_sets(valuesets)
    with Engine.duckdb() as engine:
        found = check_cases(engine, cases, rows, trace_all=trace)
    if as_json:
        typer.echo(json.dumps(found.as_data(), indent=1))
    else:
        _print_check(found, trace)
    raise typer.Exit(1 if found.disagree else 0)


def _print_check(found: Check, trace: bool) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    color = "red" if found.disagree else "green"
    console.print(f"[{color}]{found.agree} of {found.cases} cases agree[/]")
    for entry in found.disagree[:_NAMED_AT_MOST]:
        console.print(f"  {escape(entry['measure'])} {escape(entry['case'])}: {escape(_difference(entry))}")
    if len(found.disagree) > _NAMED_AT_MOST:
        console.print(f"  … and {len(found.disagree) - _NAMED_AT_MOST} more: see --json")
    for entry in found.traces if trace else found.disagree[:1]:
        console.print(f"[bold]{escape(entry['measure'])} {escape(entry['case'])}[/]")
        for line in trace_lines(entry["trace"]):
            console.print(f"  {escape(line)}")


def _difference(entry: dict[str, Any]) -> str:
    if not entry["got"]:
        return f"cannot be read: {entry['trace'].get('unreadable')}"
    if len(entry["got"]) != len(entry["expected"]):
        return f"{len(entry['expected'])} groups expected, the measure has {len(entry['got'])} rates"
    differences = [
        f"{name} expected {value}, got {mine['populations'].get(name, 0)}"
        for group, mine in zip(entry["expected"], entry["got"], strict=True)
        for name, value in group["populations"].items()
        if int(value or 0) != mine["populations"].get(name, 0)
    ]
    return "; ".join(differences)


def trace_lines(trace: dict[str, Any]) -> list[str]:
    """A person's trace as indented lines."""
    lines: list[str] = []
    for rate, populations in trace.items():
        if not isinstance(populations, dict):
            continue
        for name, statement in populations.items():
            prefix = f"rate {rate} " if len(trace) > 1 else ""
            lines += _statement_lines(f"{prefix}{name.replace('_', ' ')}: ", statement, 0)
    return lines


def _statement_lines(head: str, statement: dict[str, Any], depth: int) -> list[str]:
    events = ", ".join(_event(event) for event in statement.get("events", []))
    why = statement.get("reason", "")
    told = f" ({'; '.join(part for part in (why, events) if part)})" if why or events else ""
    lines = [f"{'  ' * depth}{head}{'yes' if statement['holds'] else 'no'}, {statement['statement']}{told}"]
    for part in statement.get("because", []):
        lines += _statement_lines("", part, depth + 1)
    return lines


def _event(event: dict[str, Any]) -> str:
    value = f" = {event['value']}" if "value" in event else ""
    return f"{event['event']} {event['day'] or 'undated'}{value}"


@app.command("evaluate")
def evaluate(
    measure: Annotated[
        list[str],
        typer.Option(help="Measure, such as CMS122, or 479 and 484 (claims); say it again for further ones."),
    ],
    year: Annotated[int, typer.Option(help="Performance year.", show_default=False)],
    fhir: Annotated[
        list[Path] | None,
        typer.Argument(help="FHIR: Bundles (.json), bulk exports (.ndjson), .gz, or folders.", show_default=False),
    ] = None,
    aco: Annotated[
        Path | None,
        typer.Option("--aco", help="In place of files: all the lake of this ACO holds.", show_default=False),
    ] = None,
    population: Annotated[
        Population, typer.Option(help="With --aco: everybody, medicare (people of the claims), or assigned by a run.")
    ] = Population.everybody,
    model: Annotated[
        Path | None,
        typer.Option(help="479, 484: coefficients of the national model, CSV; without it rates are observed ones."),
    ] = None,
    valuesets: Annotated[list[Path] | None, typer.Option(help=_VALUE_SETS)] = None,
    demonstration: Annotated[
        bool, typer.Option("--demonstration-valuesets", help="Use the small set that comes along: not for submission.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the results, made if needed.")] = Path("quality"),
    form: Annotated[Form, typer.Option("--format", help="How tables are written.")] = Form.parquet,
    trace: Annotated[bool, typer.Option("--trace", help="Also write trace.ndjson: why each person is where.")] = False,
    utc_offset: Annotated[
        str, typer.Option(help="Offset of the place whose calendar days count, such as -05:00. Official cases: +00:00.")
    ] = "+00:00",
    engine: Annotated[
        str, typer.Option(help="duckdb, or a Spark Connect address such as sc://127.0.0.1:50051.")
    ] = "duckdb",
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1500MB",
    as_json: Annotated[bool, typer.Option("--json", help="Print rates and counts as JSON and nothing else.")] = False,
) -> None:
    """Evaluate measures on **FHIR files**, or on **an ACO's lake**: who is in which population, the rates, the gaps.

    With `--aco`: claims, clinical data of every record system and evidence, each person once (`openaco quality match`)
    and each event once; claims of people who declined to share them are not used. Measures 479 (readmission) and 484
    (admissions with chronic conditions) need claims alone, and write `measure_episode`: which stay, which readmission,
    why it is planned or excluded. Writes `measure_result`,
    `measure_rate`, `measure_gap` and `clinical_quarantine` into the folder. The data must be those of the reporting
    population: everybody in the initial population counts.
    """
    from openaco.cli.quality_lake import of_lake
    from openaco.cli.run import check_engine_options
    from openaco.engine import Engine
    from openaco.errors import ConfigurationError
    from openaco.feeds.fhir import read_fhir
    from openaco.feeds.fhir.instants import offset_minutes
    from openaco.measures.output import evaluate_to

    check_engine_options(engine, memory)
    minutes = offset_minutes(utc_offset)
    if bool(fhir) == (aco is not None):
        raise ConfigurationError("name FHIR files, or --aco", where="quality evaluate", remedy="One of the two.")
    if quality_lake.are_of_claims(measure, aco, model):
        quality_lake.evaluate_claims(aco or Path("."), measure, year, model, population.value, out, form.value, as_json)
        return
    rows = _value_sets(valuesets or [], demonstration)
    opened = Engine.duckdb(memory_limit=memory) if engine == "duckdb" else Engine.spark(engine)
    lines: list[str] = []
    with opened:
        if aco is not None:
            data, lines = of_lake(opened, aco, year, population.value, minutes)
        else:
            with _progress(as_json) as told:
                data = read_fhir(opened, fhir or [], told, utc_offset_minutes=minutes)
        rates = evaluate_to(opened, data, measure, year, rows, out, form=form.value, trace=trace)
    if as_json:
        typer.echo(json.dumps(_as_data(data, rates, out, demonstration), indent=1))
        return
    for line in lines:
        typer.echo(line)
    _print_rates(data, rates, out, demonstration)


def _value_sets(paths: list[Path], demonstration: bool) -> list[dict[str, Any]]:
    from openaco.errors import ConfigurationError
    from openaco.feeds.valuesets import demonstration_value_sets, read_value_sets

    if not paths and not demonstration:
        raise ConfigurationError(
            "no value sets are named",
            where="--valuesets",
            remedy="Download them from VSAC (vsac.nlm.nih.gov), or try --demonstration-valuesets.",
        )
    return [*read_value_sets(paths), *(demonstration_value_sets() if demonstration else [])]


def _progress(quiet: bool) -> Any:
    """A counter of documents on a terminal; nothing where nobody watches."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    @contextmanager
    def shown() -> Any:
        console = Console(stderr=True)
        columns = (TextColumn("Reading FHIR"), TextColumn("{task.completed} documents"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
            task = bar.add_task("reading", total=None)
            yield lambda done: bar.update(task, completed=done)

    return shown()


def _as_data(data: ClinicalData, rates: list[RateResult], out: Path, demonstration: bool) -> dict[str, Any]:
    return {
        "rates": [rate.as_data() for rate in rates],
        "quarantined": len(data.quarantine),
        "folder": str(out),
        "for_submission": not demonstration,
    }


def _print_rates(data: ClinicalData, rates: list[RateResult], out: Path, demonstration: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("measure", "rate", "denominator", "excluded", "excepted", "numerator", "performance"):
        table.add_column(name, justify="left" if name in ("measure", "rate") else "right")
    for rate in rates:
        share = "–" if rate.performance_rate is None else f"{100 * rate.performance_rate:.2f} %"
        lower = " (lower is better)" if rate.inverse else ""
        table.add_row(
            f"{rate.measure} {rate.performance_year}",
            f"{rate.rate} {rate.stratum}".strip(),
            str(rate.denominator),
            str(rate.denominator_exclusion),
            str(rate.denominator_exception),
            str(rate.numerator),
            share + lower,
        )
    console.print(table)
    if data.quarantine:
        console.print(f"{len(data.quarantine)} people or lines put aside: clinical_quarantine names file, line, reason")
    if demonstration:
        console.print("Demonstration value sets: not for submission")
    console.print(f"Results   {out}")
    console.print(f"Next      {command('quality', 'evaluate', '…', '--trace')}  writes why each person is where")


quality_lake.register(app)

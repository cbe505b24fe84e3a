"""`openaco load`: what arrived, into the lake."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.cli.words import command
from openaco.errors import FeedError

if TYPE_CHECKING:
    from openaco.feeds.base import LoadReport, Progress, Step
    from openaco.feeds.control_totals import ControlTotal

MOST_NOTES = 3
MOST_TABLES = 6
NEEDED = (
    ({"cclf", "tuva"}, ("cclf", "PATH"), "the claims"),
    ({"rif", "alr", "tuva"}, ("alr", "PATH"), "enrollment and risk scores"),
    ({"roster"}, ("roster", "FOLDER"), "participants and public figures"),
)
"""What a run needs: feeds that bring it, what to type, and what it is."""


class Source(StrEnum):
    """What can be loaded."""

    cclf = "cclf"
    alr = "alr"
    bnex = "bnex"
    preference = "preference"
    rif = "rif"
    tuva = "tuva"
    roster = "roster"
    rates = "rates"
    fhir = "fhir"
    evidence = "evidence"
    crosswalk = "crosswalk"
    matches = "matches"
    cahps = "cahps"


_MATCH = (("quality", "match"), "finds the same people in all record systems")
_MEASURE = (("quality", "evaluate", "--measure", "CMS122", "--year", "YEAR"), "measures on claims and clinical data")
NEXT: dict[Source, tuple[tuple[str, ...], str]] = {
    Source.rates: (("rates", "--year", "YEAR"), "beside Medicare's and the market's prices"),
    Source.fhir: _MATCH,
    Source.matches: _MATCH,
    Source.evidence: _MEASURE,
    Source.crosswalk: _MEASURE,
}
"""What to type after deliveries that a settlement does not need, and what it does."""


class Role(StrEnum):
    """Whose prices they are."""

    negotiated = "negotiated"
    market = "market"


def load(
    source: Annotated[Source, typer.Argument(help="What kind of files they are.", show_default=False)],
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files, ZIPs or folders as received.", show_default=False)
    ],
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO; its lake is DIR/lake.")] = Path("."),
    lake: Annotated[
        Path | None, typer.Option("--lake", help="Folder of another lake; made if there is none.", show_default=False)
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="alr: performance year, where the file's name is not CMS's.", show_default=False)
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="alr: initial, Q1 … Q4, annual, or BY2023 with it.", show_default=False)
    ] = None,
    role: Annotated[
        Role | None,
        typer.Option("--as", help="rates: negotiated (agreed with you; default) or market.", show_default=False),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="rates: headers that are not known, rate=HEADER,payer=HEADER.", show_default=False),
    ] = None,
    payer: Annotated[
        str | None, typer.Option(help="rates: who pays, where the list has no such column.", show_default=False)
    ] = None,
    tin: Annotated[
        list[str] | None, typer.Option(help="rates: keep this tax number's prices; repeatable.", show_default=False)
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(help="fhir: your name of the record system that sent it.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole report, as JSON.")] = False,
) -> None:
    """Load deliveries into the **lake**: each one as a whole or not at all, and never twice.

    `cclf` claims as CMS names them (ZIP, folder of one delivery, or a folder of ZIPs) · `alr` assignment reports ·
    `bnex` beneficiary exclusions · `preference` 1-800-MEDICARE data sharing · `rif` research files of Synthea ·
    `tuva` the Tuva input layer · `roster` your participants and reference lists · `rates` prices: your own
    lists, hospitals' standard charges, insurers' in-network rates

    For quality: `fhir` clinical data of one record system · `evidence` what people entered by hand · `crosswalk` your
    own translation of codes (NDC to RxNorm) · `matches` your decisions on pairs of records · `cahps` survey results

    Lines that cannot be read are put aside with their reason; a delivery that does not reconcile changes nothing.
    """
    from openaco.programs.folder import AcoFolder

    home = lake or AcoFolder(aco).lake
    options = _options(source, {"year": year, "period": period}, role, columns, payer, tin, system)
    if as_json:
        reports: list[LoadReport] = []
        try:
            _load_each(home, [(source.value, paths)], reports, None, options)
        finally:
            typer.echo(
                json.dumps(
                    {
                        "lake": str(home),
                        "deliveries": [report.as_json() for report in reports],
                        "control_totals": [asdict(total) for total in _totals(home, reports)],
                    },
                    indent=2,
                    default=str,
                )
            )
        return
    load_with_progress(home, [(source.value, paths)], next_steps=source not in NEXT, options=options)
    if source in NEXT:
        words, what = NEXT[source]
        typer.echo(f"Next: {command(*words, aco=aco)}  ({what})")


def load_with_progress(
    lake: Path,
    deliveries: Sequence[tuple[str, Sequence[Path]]],
    *,
    next_steps: bool = False,
    options: Mapping[str, Any] | None = None,
) -> list[LoadReport]:
    """Load sources in turn with a progress bar, print a summary of at most ten lines, and return the reports.

    deliveries: pairs of a source and its paths. If one cannot be loaded, the summary says what was loaded before it.
    """
    reports: list[LoadReport] = []
    started = time.monotonic()
    finished = False
    try:
        with _progress_bar() as progress:
            _load_each(lake, deliveries, reports, progress, options or {})
        finished = True
    finally:
        if reports:
            _summary(lake, reports, time.monotonic() - started)
    if finished and next_steps:
        typer.echo(f"Next: {_next_step(lake)}")
    return reports


def _load_each(
    folder: Path,
    deliveries: Sequence[tuple[str, Sequence[Path]]],
    reports: list[LoadReport],
    progress: Progress | None,
    options: Mapping[str, Any],
) -> None:
    from openaco.engine import Lake

    for path in (path for _source, paths in deliveries for path in paths if not path.exists()):
        raise FeedError("there is no such file or folder", where=str(path), remedy="Check the path.")
    lake = Lake.create(folder)
    for source, paths in deliveries:
        feed = import_module(f"openaco.feeds.{source}")
        parts: Callable[[Path], list[Path]] = getattr(feed, "deliveries_in", lambda path: [path])
        for path in [part for place in paths for part in parts(place)]:
            reports.append(feed.load(lake, path, progress=progress, **options))


def _options(
    source: Source,
    of_reports: Mapping[str, Any],
    role: Role | None,
    columns: str | None,
    payer: str | None,
    tins: list[str] | None,
    system: str | None,
) -> dict[str, Any]:
    """What only one source understands."""
    of_rates = {"role": role.value if role else None, "columns": columns, "payer": payer, "tins": tins}
    told_reports = {name: value for name, value in of_reports.items() if value is not None}
    told_rates = {name: value for name, value in of_rates.items() if value}
    if told_reports and source is not Source.alr:
        raise FeedError("--year and --period are for assignment reports only", remedy="Leave them out.")
    if told_rates and source is not Source.rates:
        raise FeedError("--as, --columns, --payer and --tin are for rates only", remedy="Leave them out.")
    if system is not None and source is not Source.fhir:
        raise FeedError("--system is for FHIR only", remedy="Leave it out.")
    return told_reports | told_rates | ({"system": system} if system is not None else {})


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """A bar with the file, its share of bytes, rows and rows per second; on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"))
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Bar(*columns, TimeElapsedColumn(), console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("Loading", total=None, rows="")
        began = [time.monotonic(), 0.0]

        def show(step: Step) -> None:
            if step.bytes_read < began[1]:
                began[0] = time.monotonic()
            began[1] = step.bytes_read
            rate = step.rows / max(time.monotonic() - began[0], 0.1)
            text = f"{step.rows:,} rows, {rate:,.0f}/s"
            bar.update(
                task, description=step.file, completed=step.bytes_read, total=step.bytes_total or None, rows=text
            )

        yield show


def _summary(lake: Path, reports: Sequence[LoadReport], seconds: float) -> None:
    """At most nine lines: what was loaded, into which tables, what was put aside, what to know."""
    loaded = [report for report in reports if report.loaded]
    rows: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for report in loaded:
        rows.update(report.rows or {})
        reasons.update(report.quarantined or {})
    rate = f", {rows.total() / seconds:,.0f} rows/s" if rows.total() > 100_000 else ""
    typer.echo(f"{_count(len(loaded), 'delivery', 'deliveries')} loaded into {lake}: ", nl=False)
    typer.echo(f"{rows.total():,} rows in {seconds:.1f} s{rate}.")
    if len(reports) > len(loaded):
        typer.echo(f"{len(reports) - len(loaded)} already in the lake; nothing changed there.")
    if rows.total():
        shown = [f"{name} {count:,}" for name, count in rows.most_common(MOST_TABLES) if count]
        others = len([count for count in rows.values() if count]) - len(shown)
        typer.echo("Rows: " + ", ".join(shown) + (f", and {others} more tables" if others else ""))
    _dollars(lake, loaded)
    if reasons:
        most = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common(MOST_NOTES))
        typer.echo(f"Put aside: {_count(reasons.total(), 'line', 'lines')} that could not be read: {most}.")
        typer.echo("They are in the table `quarantine` of the lake, with file, line and reason.")
    _notes(loaded)


def _totals(lake: Path, reports: Sequence[LoadReport]) -> list[ControlTotal]:
    """Claims and signed dollars of the deliveries just loaded."""
    from openaco.engine import Engine, Lake
    from openaco.feeds.control_totals import PAID_TABLES, control_totals

    paid = {table.name for table in PAID_TABLES}
    new = [report.delivery_id for report in reports if report.loaded and paid & set(report.rows or {})]
    if not new:
        return []
    with Engine.duckdb() as engine:
        return control_totals(engine, Lake(lake), new)


def _dollars(lake: Path, reports: Sequence[LoadReport]) -> None:
    """What was paid, signed, by table of claims; of a single delivery also by kind of claim."""
    by_table: dict[str, list[ControlTotal]] = {}
    for total in _totals(lake, reports):
        by_table.setdefault(total.table, []).append(total)
    if not by_table:
        return
    words = {"institutional_claim": "institutional", "professional_line": "professional", "equipment_line": "equipment"}
    sums = {words[table]: sum((one.dollars for one in totals), Decimal(0)) for table, totals in by_table.items()}
    typer.echo("Paid, signed: " + ", ".join(f"{name} ${amount:,.2f}" for name, amount in sums.items()))
    if len(reports) == 1 and len(by_table.get("institutional_claim", [])) > 1:
        kinds = [one for one in by_table["institutional_claim"] if one.kind != "other"]
        typer.echo("Institutional: " + ", ".join(f"{one.kind} ${one.dollars:,.2f}" for one in kinds))


def _notes(reports: Sequence[LoadReport]) -> None:
    notes = Counter(note for report in reports for note in dict.fromkeys(report.notes))
    for note, count in notes.most_common(MOST_NOTES):
        typer.echo(f"Note: {note}" + (f" ({count} deliveries)." if count > 1 else "."))
    if len(notes) > MOST_NOTES:
        typer.echo(f"Note: {len(notes) - MOST_NOTES} more with --json.")


def _next_step(lake: Path) -> str:
    """What a run still needs, else the run: of the year whose run-out has begun, or of the newest claims."""
    from openaco.engine import Lake

    deliveries = Lake(lake).deliveries()
    aco = lake.parent if lake.name == "lake" else None
    for feeds, words, what in NEEDED:
        if not any(row["feed"] in feeds for row in deliveries):
            return f"{command('load', *words, aco=aco)}  ({what})"
    claims = [row for row in deliveries if row["feed"] == "cclf" and row["performance_year"]]
    finished = [row for row in claims if row["coverage"] == "run-out"]
    year = str(max((row["performance_year"] for row in finished or claims), default="YEAR"))
    return f"{command('run', '--year', year, aco=aco)}  (settles the year from what is in {lake})"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

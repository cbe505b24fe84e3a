"""`openaco distribute`: from what the ACO earned to the people who earned it."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.progress import steps_bar
from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.insight.distribution import Distribution, Plan, PlanComparison
    from openaco.programs.folder import AcoFolder

PLAN_FILE, SCORES_FILE, PUBLIC_FILE = "distribution.toml", "participant_scores.csv", "public.toml"


def distribute(
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO, with a finished run.")] = Path("."),
    run: Annotated[
        str | None, typer.Option("--run", help="A run by its name; default: the latest.", show_default=False)
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            help="Plan file, or `plain`: nothing kept back, all by quality-weighted panel. Default: distribution.toml "
            "of the ACO, or plain where it has none.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", help="Another plan (file or `plain`): who is better or worse off under --plan."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            "--scores",
            help="CSV with tin and any of name, class, quality_score, points. Default: participant_scores.csv of the "
            "ACO, if it is there.",
            show_default=False,
        ),
    ] = None,
    public: Annotated[
        Path | None,
        typer.Option(
            "--public",
            help="What the public page says of the organization. Default: public.toml of the ACO, if it is there.",
            show_default=False,
        ),
    ] = None,
    payment: Annotated[
        str | None,
        typer.Option(
            "--payment",
            help="Suppose this payment, US dollars; below zero: owed to CMS. Pages say that it is a what-if.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the result; default: distributions/ of the ACO.", show_default=False),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write each statement as PDF too.")] = True,
    init: Annotated[
        Path | None, typer.Option("--init", help="Write an example plan with every key explained, and stop.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Distribute what a year earned by the ACO's own plan: **statements**, worksheet, and the public report's figures.

    Advances, infrastructure, care and reserve come first, then pools by formula. Every cent has a way back to the
    settlement, and everything adds up to it.
    """
    if init is not None:
        _write_example(init)
        return
    _distribute(aco, run, plan, against, scores, public, payment, out, pdf=pdf, as_json=as_json)


def _distribute(
    aco: Path,
    run: str | None,
    plan_name: str | None,
    against: str | None,
    scores: Path | None,
    public: Path | None,
    payment: str | None,
    out: Path | None,
    *,
    pdf: bool,
    as_json: bool,
) -> None:
    from openaco.engine import Engine
    from openaco.insight.distribution import compare_plans, distribution_worksheet, public_report, read_inputs
    from openaco.insight.distribution import distribute as distributed
    from openaco.insight.distribution.plan import PLAIN, slug
    from openaco.insight.distribution.plan import plan_text as builtin_text
    from openaco.insight.distribution.public_file import read_public
    from openaco.insight.distribution.write import (
        as_data,
        comparison_data,
        distribution_id,
        earlier_payments,
        write_tables,
    )
    from openaco.programs.folder import AcoFolder
    from openaco.reports.distribution.files import write_comparison, write_pages, write_public_pages

    home = AcoFolder(aco)
    plan, plan_text = _plan(home, plan_name)
    folder, supposed = _run_folder(home, run), _dollars(payment)
    other = _plan(home, against)[0] if against is not None else None
    organization = read_public(public or _if_there(home.root / PUBLIC_FILE))
    scores = scores or _if_there(home.root / SCORES_FILE)
    base = out or home.root / "distributions"
    with steps_bar(quiet=as_json) as tell, Engine.duckdb() as engine:
        tell("Whose people they are", 0, 2)
        inputs = read_inputs(engine, folder, plan, scores, supposed)
        tell("Shares", 1, 2)
        if other is not None:
            comparison = compare_plans(plan, other, inputs.facts)
            name = distribution_id(inputs.facts, plan, f"against {other.model_dump_json()}")
            target = base / f"{name}-against-{slug(other.name)}"
            with _whole_folder(target) as draft:
                write_comparison(comparison, draft)
            if as_json:
                typer.echo(json.dumps(comparison_data(comparison), indent=1, ensure_ascii=False))
            else:
                _compared(comparison, target, home)
            return
        result = distributed(plan, inputs.facts)
        sheet = distribution_worksheet(result, inputs.settlement)
        earlier = earlier_payments(home.runs, inputs.facts.aco_id, inputs.facts.performance_year)
        report = public_report(result, organization, earlier)
        target = base / distribution_id(inputs.facts, plan, f"{plan_text}{organization.model_dump_json()}{earlier}")
        with _whole_folder(target) as draft:
            write_tables(engine, inputs, result, sheet, plan_text, draft)
            write_pages(result, sheet, draft, pdf=pdf, progress=tell)
            write_public_pages(report, result, draft)
    if as_json:
        typer.echo(json.dumps(as_data(result), indent=1, ensure_ascii=False))
        return
    _summary(result, len(report.missing), target, home, own_plan=plan_text != builtin_text(PLAIN))


def _write_example(path: Path) -> None:
    from openaco.insight.distribution import plan_text

    if path.exists():
        raise ConfigurationError("exists already", where=str(path), remedy="Edit it, or name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plan_text("example"), encoding="utf-8")
    typer.echo(f"Wrote {path}: an example, no advice. Edit it, then:")
    inside = path.name == PLAN_FILE
    typer.echo(f"  {command('distribute', aco=path.parent) if inside else command('distribute', '--plan', str(path))}")


def _plan(home: AcoFolder, name: str | None) -> tuple[Plan, str]:
    """The plan and its text: the one named, the ACO's own, or the plain one."""
    from openaco.insight.distribution import plain_plan, plan_text, read_plan
    from openaco.insight.distribution.plan import PLAIN

    own = home.root / PLAN_FILE
    if name == PLAIN or (name is None and not own.is_file()):
        return plain_plan(), plan_text(PLAIN)
    path = Path(name) if name is not None else own
    return read_plan(path), path.read_text(encoding="utf-8")


def _run_folder(home: AcoFolder, name: str | None) -> Path:
    """The folder of a run by name, or of the latest."""
    if name is None:
        return home.latest_run()
    if not (home.run(name) / "run.json").is_file():
        raise ConfigurationError("no such run", where=str(home.run(name)), remedy="Runs are folders under runs/.")
    return home.run(name)


def _dollars(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text.replace(",", "").replace("$", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ConfigurationError(f"{text!r} is no amount", where="--payment", remedy="Write 1250000 or -300000.50.")
    return amount


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None


@contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    """A draft that becomes the folder when everything in it is written; an equal earlier one is replaced whole."""
    draft = target.with_name(f".draft-{uuid.uuid4().hex[:8]}")
    draft.mkdir(parents=True)
    try:
        yield draft
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _summary(result: Distribution, missing: int, target: Path, home: AcoFolder, *, own_plan: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from openaco.reports import formats
    from openaco.reports.distribution.pages import answer
    from openaco.reports.distribution.statement import use_rows

    console = Console(highlight=False, markup=False)
    console.print()
    console.print(answer(result), style="bold")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, justify="right", style="dim")
    rows = list(use_rows(result))
    for row in rows if len(rows) <= 5 else [*rows[:3], *rows[-2:]]:
        table.add_row(row.name, row.amount, row.share)
    console.print(table)
    if not own_plan:
        console.print(
            "By the plain plan: nothing kept back, all by quality-weighted panel. Write your own with --init."
        )
    said = f"{formats.plural(missing, 'part is', 'parts are')} not stated yet" if missing else "complete"
    pages = {"Report": target / "report.html", "Statements": target / "statements"}
    for name, place in pages.items():
        console.print(f"{name:<12}{place}", soft_wrap=True)
    console.print(f"{'Public':<12}{target / 'public' / 'public.html'}  ({said})", soft_wrap=True)
    told = command("distribute", "--init", str(home.root / PLAN_FILE))
    if own_plan:
        told = command("distribute", "--against", "plain", aco=home.root)
    elif (home.root / PLAN_FILE).is_file():
        told = command("distribute", aco=home.root)
    console.print(f"{'Next':<12}{told}", soft_wrap=True)


def _compared(comparison: PlanComparison, target: Path, home: AcoFolder) -> None:
    from rich.console import Console
    from rich.table import Table

    from openaco.reports.distribution.pages import comparison_answer, signed
    from openaco.reports.distribution.words import cents

    console = Console(highlight=False, markup=False)
    console.print()
    console.print(comparison_answer(comparison), style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("Participant", no_wrap=True)
    for title in (comparison.first.plan.name, comparison.second.plan.name, "Difference"):
        table.add_column(title, justify="right", no_wrap=True)
    changes = comparison.changes
    for change in changes if len(changes) <= 5 else (*changes[:2], *changes[-2:]):
        name = change.name or "(no name)"
        table.add_row(name, cents(change.first), cents(change.second), signed(change.difference))
    table.add_row("Participants", cents(comparison.first.distributed), cents(comparison.second.distributed), "")
    console.print(table)
    console.print(f"{'Page':<12}{target / 'comparison.html'}", soft_wrap=True)
    console.print(f"{'Next':<12}{command('distribute', aco=home.root)}", soft_wrap=True)

"""`openaco what-if`: the difference of two worksheets."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.cli.progress import steps_bar
from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.insight.what_if import Answer

_CHANGE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*%")
_SHOWN = (
    "settlement.assigned_beneficiaries",
    "settlement.total_benchmark",
    "settlement.total_expenditures",
    "settlement.difference",
    "settlement.minimum_savings_rate",
    "settlement.final_sharing_rate",
    "settlement.losses_cap",
    "settlement.payment",
)


def what_if(
    year: Annotated[
        int | None, typer.Option("--year", help="Performance year; default: the last that aco.toml states.")
    ] = None,
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO: aco.toml, lake.")] = Path("."),
    drop_tin: Annotated[
        list[str] | None, typer.Option(help="A participant that leaves; repeat it.", show_default=False)
    ] = None,
    add_tin: Annotated[list[str] | None, typer.Option(help="A TIN that joins; repeat it.", show_default=False)] = None,
    method: Annotated[
        str | None, typer.Option(help="Assign by the other method: retrospective or prospective.", show_default=False)
    ] = None,
    track: Annotated[str | None, typer.Option(help="Another level: BASIC_A … ENHANCED.", show_default=False)] = None,
    minimum_savings_rate: Annotated[
        str | None, typer.Option(help="Another choice of a two-sided ACO: variable, or 1%.", show_default=False)
    ] = None,
    risk_score: Annotated[
        str | None, typer.Option(help="Risk scores of the performance year, as +2% or -1.5%.", show_default=False)
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="Spending on one service, as inpatient=-5%; repeat it.", show_default=False),
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    as_json: Annotated[bool, typer.Option("--json", help="Print both worksheets and every changed line.")] = False,
) -> None:
    """Ask what would be different. Assignment, benchmark, revenue status and settlement change together.

    `openaco what-if --track ENHANCED` · `openaco what-if --drop-tin 123456789` ·
    `openaco what-if --service inpatient=-5% --risk-score +1%`
    """
    from openaco.engine import Engine, Lake
    from openaco.insight.what_if import Question, answer
    from openaco.programs.configuration import read_configuration
    from openaco.programs.folder import AcoFolder

    home = AcoFolder(aco)
    configuration = read_configuration(home.configuration)
    question = Question(
        drop_tins=tuple(drop_tin or ()),
        add_tins=tuple(add_tin or ()),
        method=_one_of(method, ("retrospective", "prospective"), "--method"),
        track=_track(track),
        minimum_savings_rate=_election(minimum_savings_rate),
        risk_score=float(_factor(risk_score, "--risk-score")) if risk_score else 1.0,
        services=_services(service or []),
    )
    with steps_bar(quiet=as_json) as tell, Engine.duckdb(memory_limit=memory) as engine:
        found = answer(engine, Lake(home.lake), configuration, year or max(configuration.performance), question, tell)
    if as_json:
        typer.echo(json.dumps(_as_data(found), indent=1))
    else:
        _summary(found, configuration.aco.name, aco)


def _one_of(value: Any, allowed: tuple[str, ...], option: str) -> Any:
    if value is not None and value not in allowed:
        raise ConfigurationError(f"{value!r} is not one of {', '.join(allowed)}", where=option)
    return value


def _track(value: str | None) -> Any:
    from typing import get_args

    from openaco.programs.configuration import Track

    return _one_of(value.upper().replace("-", "_") if value else None, get_args(Track), "--track")


def _election(value: str | None) -> Any:
    if value is None or value == "variable":
        return value
    try:
        number = float(value.removesuffix("%"))
    except ValueError:
        raise ConfigurationError(
            f"{value!r} is no minimum savings rate", where="--minimum-savings-rate", remedy="Write variable, or 1%."
        ) from None
    return number / 100 if value.endswith("%") else number


def _factor(change: str, option: str) -> Decimal:
    found = _CHANGE.fullmatch(change.strip())
    factor = 1 + Decimal(found.group(1)) / 100 if found else Decimal(0)
    if factor <= 0:
        raise ConfigurationError(
            f"{change!r} is no change", where=option, remedy="Write it as a percentage: +2% or -1.5%."
        )
    return factor


def _services(changes: list[str]) -> dict[str, Decimal]:
    found = {}
    for change in changes:
        name, equals, size = change.partition("=")
        if not equals:
            raise ConfigurationError(
                f"{change!r} names no change",
                where="--service",
                remedy="Write a service and its change: inpatient=-5%.",
            )
        found[name.strip().lower().replace("-", "_").replace(" ", "_")] = _factor(size, "--service")
    return found


def _as_data(found: Answer) -> dict[str, object]:
    return {
        "question": found.question.in_words(),
        "change_in_payment": found.change,
        "notes": list(found.notes),
        "changed": [
            {"line": item.line.id, "before": item.before, "after": item.after, "change": item.change}
            for item in found.changed()
        ],
        "before": found.before.to_dict(),
        "after": found.after.to_dict(),
    }


def _summary(found: Answer, name: str, aco: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from openaco.reports import formats

    console = Console(highlight=False, markup=False)
    console.print()
    console.print(_sentence(found, name), style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for title in ("As it is", "As asked", "Difference"):
        table.add_column(title, justify="right", no_wrap=True)
    for id in _SHOWN:
        before, after = found.before.line(id), found.after.line(id)
        if before.value is None and after.value is None:
            continue
        numbers = isinstance(before.value, int | float) and isinstance(after.value, int | float)
        change = formats.value_text(after.value - before.value, after.unit) if numbers else formats.NONE  # type: ignore[operator]
        table.add_row(after.label, formats.line_text(before), formats.line_text(after), change)
    console.print(table)
    for note in found.notes:
        console.print(note)
    console.print(f"{len(found.changed())} lines of the worksheet differ; --json shows each of them.")
    console.print(f"{'Next':<10}{command('compare', aco=aco)}", soft_wrap=True)


def _sentence(found: Answer, name: str) -> str:
    from openaco.reports import formats

    change = found.change
    payment = formats.short_dollars(found.after.number("settlement.payment"))
    if abs(change) < 1:
        return f"{found.question.in_words()}, the payment of {name} would stay at {payment}."
    words = "more" if change > 0 else "less"
    return f"{found.question.in_words()}, {name} would have {formats.short_dollars(abs(change))} {words}: {payment}."

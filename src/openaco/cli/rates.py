"""`openaco rates`: payers' prices side by side with Medicare's and the market's."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.words import command

if TYPE_CHECKING:
    from openaco.insight.rates import Comparison, RateComparison
    from openaco.insight.rates.report import RatesReport


def rates(
    year: Annotated[int, typer.Option("--year", help="Calendar year of volume and prices.", show_default=False)],
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO; its lake is DIR/lake.")] = Path("."),
    volume: Annotated[
        Path | None,
        typer.Option(help="CSV with billing_code, units and more, in place of the lake's claims.", show_default=False),
    ] = None,
    payer: Annotated[str | None, typer.Option(help="Only this payer.", show_default=False)] = None,
    all_providers: Annotated[
        bool, typer.Option("--all-providers", help="Claims of everybody, not of the ACO's participants only.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="How many codes of each payer to show, greatest volume first.")] = 15,
    out: Annotated[Path | None, typer.Option("--out", help="Write every row as CSV.", show_default=False)] = None,
    memory: Annotated[str, typer.Option(help="Memory DuckDB may use before it spills to disk.")] = "1200MB",
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON; amounts as text.")] = False,
) -> None:
    """Compare what payers pay with **Medicare** and the **market**, code by code, on the volume that you provide.

    Prices come from `openaco load rates FILE` (yours) and `openaco load rates FILE --as market` (others'). Money at
    stake is units × (median of the market − the payer's price): above zero the market pays more than this payer.
    """
    from openaco.engine import Engine
    from openaco.insight.rates.report import compare_rates
    from openaco.programs.folder import AcoFolder

    with Engine.duckdb(memory_limit=memory) as engine:
        report = compare_rates(engine, AcoFolder(aco), year, volume=volume, all_providers=all_providers, payer=payer)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(report.as_csv(), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=1))
        return
    _show(report.comparison, top)
    _summary(report, aco, out)


def _show(comparison: Comparison, top: int) -> None:
    """A table for each payer, the greatest volume first."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    for total in comparison.totals:
        rows = [row for row in comparison.rows if row.payer == total.payer][:top]
        if not rows:
            continue
        table = Table(title=f"{total.payer}: {len(rows)} of {total.compared} codes", box=None, title_justify="left")
        for name in ("Code", "Setting"):
            table.add_column(name, no_wrap=True)
        for name in ("Units", "Price", "% Medicare", "Market", "n", "At stake"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*_cells(row))
        console.print(table)


def _cells(row: RateComparison) -> tuple[str, ...]:
    modifier = f"-{row.unit.modifier}" if row.unit.modifier else ""
    kind = "" if row.unit.code_type == "HCPCS" else f"{row.unit.code_type} "
    letter = {"professional": "prof", "institutional": "inst"}[row.unit.billing_class]
    return (
        f"{kind}{row.unit.code}{modifier}",
        f"{letter}, {row.unit.setting}",
        f"{row.units:,.0f}",
        f"{row.rate:,.2f}",
        "–" if row.percent_of_medicare is None else f"{row.percent_of_medicare}",
        "–" if row.market.median is None else f"{row.market.median:,.2f}",
        str(row.market.observations),
        "–" if row.at_stake is None else f"{row.at_stake:,.2f}",
    )


def _dollars(amount: Decimal) -> str:
    return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"


def _summary(report: RatesReport, aco: Path, out: Path | None) -> None:
    """Totals by payer, what is missing, and what to type next: at most ten lines besides the payers."""
    comparison = report.comparison
    for total in comparison.totals:
        medicare = "" if total.percent_of_medicare is None else f", {total.percent_of_medicare}% of Medicare"
        typer.echo(
            f"{total.payer}: ${total.at_rate:,.2f} at its prices{medicare}; at stake {_dollars(total.at_stake)} "
            f"over {total.compared - total.without_market} of {total.compared} codes."
        )
    for payer, units in comparison.missing.items():
        if units:
            named = ", ".join(dict.fromkeys(unit.code for unit in units[:5]))
            typer.echo(
                f"No price of {payer} for {len(units)} codes you provide: {named}" + (" …" if len(units) > 5 else ".")
            )
    typer.echo(f"Volume: {report.volume_from}.")
    for table, reasons in report.left_out.items():
        if reasons:
            told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
            typer.echo(f"Prices not comparable ({table}): {told}.")
    if report.unverified:
        typer.echo(f"Rests on values not confirmed against a source: {', '.join(report.unverified)}.")
    if out is not None:
        typer.echo(f"Every row: {out}")
    if not any(row.market.observations for row in comparison.rows):
        typer.echo(f"Next: {command('load', 'rates', 'FILE', '--as', 'market', aco=aco)}  (no market price yet)")
    elif out is None:
        words = ("rates", "--year", str(report.year), "--out", "rates.csv")
        typer.echo(f"Next: {command(*words, aco=aco)}  (every row, with percentiles)")

"""`openaco explain`: the way back from a line, a person or a claim."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

    from openaco.reports.run_results import RunResults

DEPTH = 3
WIDE = 132
KEPT_WHOLE = ("Id", "Claim", "Through", "Paid", "Counted", "File and line")


class Subject(StrEnum):
    """What can be explained."""

    line = "line"
    beneficiary = "beneficiary"
    claim = "claim"


def explain(
    subject: Annotated[Subject | None, typer.Argument(help="What to explain.", show_default=False)] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="Line id, MBI or claim id.", show_default=False)
    ] = None,
    aco: Annotated[Path, typer.Option("--aco", help="Folder of the ACO; its latest run is read.")] = Path("."),
    run: Annotated[Path | None, typer.Option("--run", help="Folder of another run.", show_default=False)] = None,
    list_lines: Annotated[bool, typer.Option("--list", help="List the worksheet's lines.")] = False,
    depth: Annotated[int, typer.Option(min=0, help="How many steps back to show (line).")] = DEPTH,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """Show the way back from a number: its formula, what it was computed from, down to a claim's file and line.

    `openaco explain line settlement.payment` · `openaco explain beneficiary 1EG4TE5MK73` ·
    `openaco explain claim 9081234` · `openaco explain --list`
    """
    from openaco.reports.run_results import RunResults

    results = RunResults.read(run or _latest(aco))
    if list_lines:
        _show_list(results, as_json)
    elif subject is None or not name:
        raise ConfigurationError(
            "nothing named to explain",
            remedy="Say `line ID`, `beneficiary MBI` or `claim ID`; `--list` lists the lines.",
        )
    elif subject is Subject.line:
        _show_line(results, name, depth, as_json)
    else:
        _show_from_tables(results, subject, name.strip().upper().replace("-", ""), as_json)


def _latest(aco: Path) -> Path:
    from openaco.programs.folder import AcoFolder

    return AcoFolder(aco).latest_run()


def _show_list(results: RunResults, as_json: bool) -> None:
    from openaco.reports.explain import list_lines

    lines = list_lines(results)
    if as_json:
        _print_json(lines)
        return
    console = _console()
    if console.width < WIDE:
        for line in lines:
            console.print(
                f"{line['id']}  [bold]{line['text']}[/bold]  [dim]{_escape(line['step'])}[/dim]", soft_wrap=True
            )
        return
    table = _table("Id", "Step", "Line", "Value")
    for line in lines:
        table.add_row(line["id"], _escape(line["step"]), line["label"], line["text"])
    console.print(table)


def _show_line(results: RunResults, line_id: str, depth: int, as_json: bool) -> None:
    from openaco.reports.explain import explain_line

    found = explain_line(results, line_id)
    if as_json:
        _print_json(found)
        return
    from rich.tree import Tree

    line = found["line"]
    tree = Tree(_line_text(line, top=True), guide_style="dim")
    shown: set[str] = {line["id"]}
    _add_inputs(tree, line, found, depth, shown)
    console = _console()
    console.print(tree)
    if found["used_by"]:
        console.print(
            f"[dim]Used in {', '.join(found['used_by'][:6])}{' …' if len(found['used_by']) > 6 else ''}[/dim]"
        )
    if found["rests_on_unverified"]:
        console.print("[yellow]◇[/yellow] Something behind this line is not confirmed against a source.")
    hidden = len(found["behind"]) + 1 - len(shown)
    if hidden > 0:
        console.print(f"[dim]{hidden} more lines lie further back: --depth {depth + 3}, or --json for all.[/dim]")


def _add_inputs(tree: Tree, line: dict[str, Any], found: dict[str, Any], depth: int, shown: set[str]) -> None:
    from openaco.reports.formats import source

    behind = {item["id"]: item for item in found["behind"]}
    for name in line["inputs"]:
        if name not in behind:
            value = found["parameters"].get(name, "")
            tree.add(f"[dim]from {_escape(source(name))}{f': {_escape(value)}' if value else ''}[/dim]")
        elif name in shown:
            tree.add(f"{_escape(behind[name]['label'])}  [bold]{behind[name]['text']}[/bold]  [dim]shown above[/dim]")
        elif depth > 0:
            shown.add(name)
            _add_inputs(tree.add(_line_text(behind[name])), behind[name], found, depth - 1, shown)


def _line_text(line: dict[str, Any], top: bool = False) -> str:
    mark = "[yellow]◇[/yellow] " if line["confidence"] == "unverified" else ""
    step = f"[dim]{_escape(line['step'])}[/dim] " if line["step"] else ""
    rows = [f"{mark}{step}{_escape(line['label'])}  [bold]{line['text']}[/bold]"]
    how = " · ".join(part for part in (f"= {line['formula']}" if line["formula"] else "", line["cite"]) if part)
    if how:
        rows.append(f"[dim]{_escape(how)}[/dim]")
    if line["note"]:
        rows.append(f"[italic]{_escape(line['note'])}[/italic]")
    if top:
        rows.append(f"[dim]{line['id']}[/dim]")
    return "\n".join(rows)


def _show_from_tables(results: RunResults, subject: Subject, name: str, as_json: bool) -> None:
    from openaco.engine import Engine
    from openaco.reports.explain import explain_beneficiary, explain_claim

    with Engine.duckdb() as engine:
        story = (explain_beneficiary if subject is Subject.beneficiary else explain_claim)(results, engine, name)
    if as_json:
        _print_json(story)
    elif subject is Subject.beneficiary:
        _show_beneficiary(story)
    else:
        _show_claims(_console(), story["versions"], f"Claim {story['claim_id']}")


def _show_beneficiary(story: dict[str, Any]) -> None:
    from openaco.reports import formats

    console = _console()
    console.print(f"[bold]Beneficiary {story['person_id']}[/bold]")
    if story["former_identifier"]:
        console.print("[dim]Asked for by a former identifier.[/dim]")
    console.print("\n[bold]Enrollment[/bold]")
    table = _table("From", "Through", "Months", "Enrollment type", "What held")
    for span in story["enrollment"]:
        kind = span.get("enrollment_type")
        table.add_row(
            formats.month(span["from"]),
            formats.month(span["through"]),
            str(span["months"]),
            formats.enrollment_type(kind) if kind else "not eligible",
            _held(span),
        )
    console.print(table)
    console.print("\n[bold]Assignment[/bold]")
    for row in story["assignment"]:
        first, *rest = row["story"]
        console.print(f"[bold]{row['year']}[/bold]  {_escape(first)}")
        for sentence in rest:
            console.print(f"      [dim]{_escape(sentence)}[/dim]")
    _show_spending(console, story)
    _show_claims(console, story["claims"], "Claims")


def _held(span: dict[str, Any]) -> str:
    """What else the months say, in words."""
    parts = {
        (True, True): "Parts A and B",
        (True, False): "Part A only",
        (False, True): "Part B only",
        (False, False): "neither Part A nor B",
    }
    facts = []
    if span.get("has_part_a") is not None:
        facts.append(parts[bool(span["has_part_a"]), bool(span.get("has_part_b"))])
    if span.get("in_group_health_plan"):
        facts.append("in a group health plan")
    if span.get("state_county_code"):
        facts.append(f"county {span['state_county_code']}")
    if span.get("lives_in_united_states") is False:
        facts.append("outside the United States")
    if span.get("source"):
        facts.append(f"from {span['source']}")
    return ", ".join(facts)


def _show_spending(console: Console, story: dict[str, Any]) -> None:
    from openaco.reports import formats

    console.print("\n[bold]Spending by year and enrollment type[/bold]")
    table = _table("Year", "Enrollment type", "Months", "Dollars", "Annualized", "Truncated")
    for row in story["expenditure"]:
        table.add_row(
            str(row["year"]),
            formats.enrollment_type(row["enrollment_type"]),
            str(row["months"]),
            formats.dollars(row["dollars"], cents=True),
            formats.dollars(row["annualized"], cents=True),
            _truncation(row),
        )
    console.print(table)
    console.print("\n[bold]Spending by month[/bold]")
    table = _table("Month", "Enrollment type", "Paid by Medicare", "Counted")
    for row in story["by_month"]:
        kind = row["enrollment_type"]
        table.add_row(
            formats.month(row["month"]),
            formats.enrollment_type(kind) if kind else formats.NONE,
            formats.dollars(row["paid_amount"], cents=True),
            formats.dollars(row["counted_amount"], cents=True),
        )
    console.print(table)


def _truncation(row: dict[str, Any]) -> str:
    from openaco.reports import formats

    if not row.get("truncated"):
        return "no"
    kept = row.get("truncated_dollars")
    return "yes" if kept is None else f"to {formats.dollars(kept, cents=True)}"


def _show_claims(console: Console, claims: list[dict[str, Any]], title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]")
    rows = [_claim_cells(row) for row in claims]
    if console.width >= WIDE:
        table = _table("Claim", "Line", "Type", "Through", "What became of it", "Paid", "Counted", "File and line")
        for cells in rows:
            table.add_row(*cells)
        console.print(table)
    else:
        for claim, line, kind, through, fate, paid, counted, place in rows:
            named = " ".join(part for part in (claim, line and f"line {line}", kind and f"type {kind}") if part)
            console.print(f"{through}  [bold]{named}[/bold]  {fate}; paid {paid}, counted {counted}")
            console.print(f"    [dim]{place}[/dim]", soft_wrap=True)
    console.print(
        "[dim]Counted: paid, with sequestration and population-based reductions added back, without indirect medical "
        "education, disproportionate share and uncompensated care.[/dim]"
    )


def _claim_cells(row: dict[str, Any]) -> tuple[str, ...]:
    from openaco.reports import formats

    return (
        row["claim_id"],
        str(row["claim_line_number"] or ""),
        str(row["claim_type_code"] or ""),
        formats.day(row["through_date"]),
        _fate(row),
        formats.dollars(row["paid_amount"], cents=True),
        formats.dollars(row["counted_amount"], cents=True),
        f"{row['source_file']}:{row['source_line']}",
    )


def _fate(row: dict[str, Any]) -> str:
    from openaco.reports import formats

    fate = formats.words(str(row["disposition"]))
    if row["replaced_by"] and row["replaced_by"] != row["claim_id"]:
        fate += f", replaced by {row['replaced_by']}"
    if row["paired_with"]:
        fate += f", paired with {row['paired_with']}"
    reason = row.get("uncounted") or formats.words(row["left_out_by"] or "")
    return f"{fate}; {reason}" if reason and reason != fate else fate


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    right = {"Value", "Months", "Dollars", "Annualized", "Truncated", "Paid by Medicare", "Counted", "Paid", "Line"}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = column in right and not (column == "Line" and "Id" in columns)
        table.add_column(
            column, justify="right" if numeric else "left", overflow="fold", no_wrap=column in ("Id", "Paid")
        )
    return table


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, default=_plain, indent=2, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)

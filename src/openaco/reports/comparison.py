"""Contracts side by side: one HTML page, one JSON file, and the worksheet of every contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openaco.insight.compare import Comparison, ContractResult
from openaco.programs.contract import CashFlow
from openaco.reports import charts, formats
from openaco.reports.charts import Bar
from openaco.reports.figures import Figure, figure
from openaco.reports.html import asset, environment
from openaco.worksheet import Worksheet

WORTH_SHOWN = 1.0
"""A rule that moves the payment by less than this many dollars decides nothing, and is named without a figure."""
KEY_LINES = (
    "settlement.assigned_beneficiaries",
    "settlement.person_years",
    "settlement.total_benchmark",
    "settlement.total_expenditures",
    "settlement.difference",
    "settlement.payment",
)


def write_comparison(comparison: Comparison, aco_name: str, folder: Path) -> Path:
    """Write `comparison.html`, `comparison.json` and `worksheets/<contract>.json`; returns the page's path."""
    (folder / "worksheets").mkdir(parents=True, exist_ok=True)
    for result in comparison.results:
        text = json.dumps(result.worksheet.to_dict(), indent=1)
        _write(folder / "worksheets" / f"{result.id}.json", text + "\n")
    _write(folder / "comparison.json", json.dumps(as_data(comparison), indent=1) + "\n")
    return _write(folder / "comparison.html", render(comparison, aco_name))


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data: US dollars; the worksheets stand in files of their own."""
    return {
        "performance_year": comparison.performance_year,
        "people": comparison.people,
        "draws": comparison.draws,
        "seed": comparison.seed,
        "contracts": [_result_data(result) for result in comparison.results],
    }


def _result_data(result: ContractResult) -> dict[str, Any]:
    outlook, points = result.outlook, result.thresholds
    return {
        "id": result.id,
        "label": result.label,
        "payment": result.payment,
        "expected_payment": outlook.mean,
        "percentile_5": outlook.percentile_5,
        "percentile_50": outlook.percentile_50,
        "percentile_95": outlook.percentile_95,
        "share_of_draws_owing": outlook.owes,
        "break_even_spending": points.earns_below,
        "owes_above_spending": points.owes_above,
        "capital_at_risk": result.capital_at_risk if result.capital_at_risk != float("inf") else None,
        "cash_flows": [vars(flow) for flow in result.cash_flows],
        "rules": [vars(rule) for rule in result.rules],
        "unverified_lines": result.unverified,
        "notes": list(result.notes),
        **{id.split(".", 1)[1]: result.worksheet[id] for id in KEY_LINES[:-1]},
    }


def answer(comparison: Comparison, aco_name: str) -> str:
    """The one sentence that the reader came for."""
    best = comparison.best
    year = comparison.performance_year
    if best.outlook.mean <= 0:
        return f"No contract would pay {aco_name} for {year}: {best.label} costs least."
    worst = best.outlook.percentile_5
    downside = (
        f"in one year of twenty it would owe {formats.short_dollars(-worst)} or more"
        if worst < 0
        else "in nineteen years of twenty it would owe nothing"
    )
    expected = formats.short_dollars(best.outlook.mean)
    return f"{best.label} pays {aco_name} most for {year}, {expected} expected; {downside}."


def outlook_figure(comparison: Comparison) -> Figure:
    """Expected payment and its interval, every contract on one scale."""
    rows = [
        Bar(
            result.label,
            f"{formats.short_dollars(result.outlook.percentile_5)} to "
            f"{formats.short_dollars(result.outlook.percentile_95)}",
            result.outlook.percentile_95,
            result.outlook.percentile_5,
            color=charts.OWED if result.outlook.mean < 0 else charts.EARNED,
            mark=result.outlook.mean,
        )
        for result in comparison.results
    ]
    most = max(comparison.results, key=lambda item: item.outlook.percentile_95 - item.outlook.percentile_5)
    return figure(
        "outlook",
        f"{most.label} swings most: between {formats.short_dollars(most.outlook.percentile_5)} and "
        f"{formats.short_dollars(most.outlook.percentile_95)} in nine years of ten",
        "For each contract a bar from the 5th to the 95th percentile of the payment over redrawn populations; the mark "
        "is the expected payment.",
        lambda width: charts.bars(rows, width),
        ("Contract", "5th percentile", "Expected", "95th percentile"),
        [(result.label, *map(formats.dollars, _spread(result))) for result in comparison.results],
    )


def _spread(result: ContractResult) -> tuple[float, float, float]:
    return result.outlook.percentile_5, result.outlook.mean, result.outlook.percentile_95


def worth_figure(result: ContractResult, domain: tuple[float, float]) -> Figure | None:
    """What each rule is worth under one contract, the greatest first; None where none moves the payment.

    domain: the scale that all contracts share.
    """
    moving = [rule for rule in result.rules if abs(rule.worth) >= WORTH_SHOWN]
    if not moving:
        return None
    first = moving[0]
    gained = "adds" if first.worth > 0 else "takes"
    return figure(
        f"worth-{result.id}",
        f"{result.label}: {first.rule[:1].lower()}{first.rule[1:]} {gained} most, "
        f"{formats.short_dollars(abs(first.worth))}",
        "One bar a rule: what the payment would lose, or gain, if the rule did not exist and all others did.",
        lambda width: charts.bars(
            [
                Bar(
                    rule.rule,
                    formats.dollars(rule.worth),
                    rule.worth,
                    color=charts.EARNED if rule.worth > 0 else charts.OWED,
                )
                for rule in moving
            ],
            width,
            domain,
        ),
        ("Rule", "Worth, US dollars", "Payment without it"),
        [(rule.rule, formats.dollars(rule.worth), formats.dollars(rule.payment_without)) for rule in moving],
    )


def quarters(comparison: Comparison) -> list[int]:
    """The quarters in which any contract moves money, in order."""
    return sorted({flow.quarter for result in comparison.results for flow in result.cash_flows})


def quarter_name(quarter: int, performance_year: int) -> str:
    """`2024 Q3`: quarters 1 to 4 are the performance year's; earlier ones lie before it."""
    years, within = divmod(quarter - 1, 4)
    return f"{performance_year + years} Q{within + 1}"


def in_quarter(flows: Sequence[CashFlow], quarter: int) -> float:
    """What moves in one quarter, US dollars."""
    return sum(flow.amount for flow in flows if flow.quarter == quarter)


def render(comparison: Comparison, aco_name: str) -> str:
    """The page: the same comparison gives the same bytes."""
    worths = [rule.worth for result in comparison.results for rule in result.rules]
    domain = min(0.0, *worths, 0.0), max(0.0, *worths, 0.0)
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            aco_name=aco_name,
            answer=answer(comparison, aco_name),
            outlook=outlook_figure(comparison),
            worths=[(result, worth_figure(result, domain), _idle(result)) for result in comparison.results],
            quarters=quarters(comparison),
            quarter_name=lambda quarter: quarter_name(quarter, comparison.performance_year),
            in_quarter=in_quarter,
            key_lines=KEY_LINES,
            at_risk=at_risk,
            spending=spending,
            style=asset("report.css"),
            lines_of=lines_of,
        )
    )


def _idle(result: ContractResult) -> list[str]:
    return [rule.rule for rule in result.rules if abs(rule.worth) < WORTH_SHOWN]


def at_risk(result: ContractResult, thousands: bool = False) -> str:
    """Capital at risk in words: US dollars, or thousands of them."""
    if result.capital_at_risk == float("inf"):
        return "no limit"
    return formats.number(result.capital_at_risk / 1000) if thousands else formats.dollars(result.capital_at_risk)


def spending(result: ContractResult, amount: float | None) -> str:
    """A spending threshold, and how far it lies from what was spent."""
    if amount is None:
        return formats.NONE
    spent = result.worksheet.number("settlement.total_expenditures")
    change = amount / spent - 1 if spent else 0.0
    return f"{formats.dollars(amount)} ({'+' if change >= 0 else ''}{formats.percent(change)})"


def lines_of(sheet: Worksheet) -> list[Any]:
    """The lines of a worksheet that are of the whole ACO, not of one enrollment type: what fits a page."""
    return [
        line for line in sheet if line.id.split(".")[-1] not in formats.ENROLLMENT_TYPES and line.id.count(".") == 1
    ]

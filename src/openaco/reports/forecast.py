"""The forecast as people read it: one sentence, one page with its charts, and plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openaco.insight.forecast import Figure as Interval
from openaco.insight.forecast import Forecast
from openaco.insight.forecast.components import since_last_year
from openaco.insight.forecast.movement import Movement
from openaco.insight.forecast.one_year import interval
from openaco.insight.forecast.triangle import first_of
from openaco.reports import charts, formats, month_chart
from openaco.reports.charts import Bar
from openaco.reports.figures import Figure, figure
from openaco.reports.html import asset, environment
from openaco.reports.month_chart import MonthBar

LABELS = {
    "person_years": "Person-years",
    "expenditures_per_capita": "Expenditures a person-year",
    "benchmark_per_capita": "Benchmark a person-year",
    "total_expenditures": "Expenditures",
    "total_benchmark": "Benchmark",
    "savings": "Savings",
    "payment": "Payment",
}
STEPS = {
    "membership": "Membership: who is expected to be assigned",
    "risk": "Risk: the scores expected of them",
    "completion": "Completion: months seen before, as known now",
    "use": "Use: services in the months seen since",
    "price": "Price: what those services cost",
}


def write_forecast(found: Forecast, aco_name: str, folder: Path) -> Path:
    """Write `forecast.html`, `forecast.json` and `worksheet.json`; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "worksheet.json", json.dumps(found.worksheet.to_dict(), indent=1) + "\n")
    _write(folder / "forecast.json", json.dumps(as_data(found), indent=1) + "\n")
    return _write(folder / "forecast.html", render(found, aco_name))


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path


def answer(found: Forecast) -> str:
    """The one sentence that the reader came for."""
    savings = found.figures["savings"]
    amount = formats.short_dollars(abs(savings.expected))
    kind = "savings" if savings.expected >= 0 else "losses"
    span = f"90% interval: {formats.short_dollars(savings.low)} to {formats.short_dollars(savings.high)} of savings"
    return (
        f"By {formats.day(found.as_of)}, {found.performance_year} is heading for {amount} of {kind} ({span}); "
        f"{payment_words(found)}."
    )


def payment_words(found: Forecast) -> str:
    """What that means for the payment: the expected one, and how likely money moves either way."""
    payment = found.figures["payment"].expected
    paid, owes = found.chance("payment", 1), found.chance("payment", -1)
    start = "no payment is expected"
    if abs(payment) >= 1:
        start = f"the {'payment' if payment > 0 else 'amount owed'} would be {formats.short_dollars(abs(payment))}"
    return f"{start}, {_chance(paid)} to be paid and {_chance(owes)} to owe"


def _chance(share: float) -> str:
    return f"{formats.percent(share, 0)} likely"


def figure_text(name: str, value: float) -> str:
    """A figure of the forecast in words."""
    if name == "person_years":
        return formats.number(value)
    return formats.dollars(value)


def component_rows(found: Forecast) -> list[tuple[str, str, str]]:
    """Each component with its value and, where it has one, its 90 percent interval."""
    rows = [("Membership, person-years", *_span("person_years", found.figures["person_years"]))]
    rows.append(("Risk, mean score", formats.number(mean_risk(found), 4), ""))
    change = since_last_year(found.spending.standing, found.spending.history)
    if change:
        for label, value in (("Use", change.use), ("Price", change.price)):
            rows.append((f"{label}, same months of last year", _signed_percent(value), ""))
    rows.append(("Completion, known of months so far", formats.percent(share_known(found)), ""))
    for name in ("expenditures_per_capita", "benchmark_per_capita", "savings", "payment"):
        rows.append((LABELS[name], *_span(name, found.figures[name])))
    return rows


def _span(name: str, one: Interval) -> tuple[str, str]:
    return figure_text(name, one.expected), f"{figure_text(name, one.low)} to {figure_text(name, one.high)}"


def _signed_percent(value: float) -> str:
    return ("+" if value > 0 else "") + formats.percent(value)


def mean_risk(found: Forecast) -> float:
    """The risk scores expected, weighted by person-years."""
    months = found.spending.projection.months
    return float((months * np.array(list(found.risk.values()))).sum() / max(months.sum(), 1.0))


def share_known(found: Forecast) -> float:
    """Of the claims of the service months so far, the share known."""
    return found.completed.known / found.completed.expected if found.completed.expected else 0.0


def moved_words(found: Forecast) -> str:
    """What moved since the earlier date, in one line."""
    moved = found.movement
    if moved is None:
        return found.movement_note
    steps = ", ".join(f"{step.name} {_gain(step.savings_cents)}" for step in moved.steps)
    change = _gain(moved.after[0] - moved.before[0])
    return f"Savings since {formats.day(moved.since)}: {change} ({steps})."


def past_words(found: Forecast) -> list[str]:
    """How good forecasts like this one were: past years on the same day, and past completions."""
    words = []
    if found.past_years:
        errors = ", ".join(f"{_signed_percent(one.error)} for {one.year}" for one in found.past_years)
        held = sum(one.held for one in found.past_years)
        count = len(found.past_years)
        words.append(
            f"On the same day of past years the forecast of spending was off by {errors}; "
            f"{held} of {formats.plural(count, 'result')} lay in the interval."
        )
    done = found.completion
    if done.past:
        method = "by_category" if done.by_category else "together"
        words.append(
            f"On {len(done.past)} earlier dates, completing the last twelve months missed what became known by "
            f"{formats.percent(done.mean_error(method))} on average; CMS’s fixed factor by "
            f"{formats.percent(done.mean_error('fixed'))}."
        )
    return words


def as_data(found: Forecast) -> dict[str, Any]:
    """The forecast as plain data: US dollars, shares as fractions. `charts` holds Vega-Lite specifications."""
    change = since_last_year(found.spending.standing, found.spending.history)
    done = found.completion
    return {
        "performance_year": found.performance_year,
        "as_of": found.as_of.isoformat(),
        "claims_known_through": found.valuation.isoformat(),
        "answer": answer(found),
        "interval": 0.9,
        "figures": {name: vars(one) for name, one in found.figures.items()},
        "chance_to_be_paid": found.chance("payment", 1),
        "chance_to_owe": found.chance("payment", -1),
        "risk_scores": dict(found.risk),
        "use_since_last_year": change.use if change else None,
        "price_since_last_year": change.price if change else None,
        "completed_months": vars(found.completed) | {"months": list(found.completed.months)},
        "months": [_month_data(month) for month in months(found)],
        "movement": _movement_data(found.movement) if found.movement else None,
        "movement_note": found.movement_note,
        "past_years": [vars(one) | {"seen_on": one.seen_on.isoformat(), "held": one.held} for one in found.past_years],
        "past_completions": [vars(one) | {"seen_on": one.seen_on.isoformat()} for one in done.past],
        "completed_by_category": done.by_category,
        "assumed": list(found.assumed),
        "charts": {"months": months_spec(found, charts.WIDE), **_movement_spec(found)},
    }


def _month_data(month: MonthBar) -> dict[str, Any]:
    return {
        "month": month.label,
        "known": month.known,
        "expected": month.expected,
        "low": month.low,
        "high": month.high,
    }


def _movement_data(moved: Movement) -> dict[str, Any]:
    names = ("savings", "payment", "expenditures")
    return {
        "since_claims_known_through": moved.since.isoformat(),
        "before": dict(zip(names, (one / 100 for one in moved.before), strict=True)),
        "after": dict(zip(names, (one / 100 for one in moved.after), strict=True)),
        "steps": [
            {
                "name": step.name,
                "savings": step.savings_cents / 100,
                "payment": step.payment_cents / 100,
                "expenditures": step.expenditures_cents / 100,
            }
            for step in moved.steps
        ],
    }


def _movement_spec(found: Forecast) -> dict[str, Any]:
    if not found.movement:
        return {}
    return {"movement": charts.bars(movement_bars(found.movement), charts.WIDE)}


def months(found: Forecast) -> list[MonthBar]:
    """Spending of every month of the year, US dollars a person-month: known, expected, and its interval."""
    projection, draws = found.spending.projection, found.spending.draws
    counted = np.maximum(projection.known.months.sum(axis=0), 1.0)
    known = (projection.known.months * projection.known.spent).sum(axis=0) / counted
    expected = projection.dollars.sum(axis=0) / counted
    bars = []
    for number in range(len(expected)):
        low, high = interval(draws.by_month[:, number])
        label = formats.month(first_of(found.performance_year * 12 + number)).split(" ")[0]
        bars.append(MonthBar(label, float(known[number]), float(expected[number]), low, high))
    return bars


def months_spec(found: Forecast, width: int) -> charts.Spec:
    """The chart of the year month by month."""
    return month_chart.month_bars(months(found), width)


def months_figure(found: Forecast) -> Figure:
    """The year month by month."""
    rows = months(found)
    seen = len(found.completed.months)
    finding = f"{formats.plural(seen, 'month')} of {found.performance_year} can be seen; the rest is projected"
    return figure(
        "months",
        finding,
        "For each month a bar of truncated dollars a person-month: dark what is known, pale what is still to come or "
        "lies ahead; the line is the 90 percent interval.",
        lambda width: months_spec(found, width),
        ("Month", "Known", "Expected", "5th percentile", "95th percentile"),
        [(row.label, *map(formats.dollars, (row.known, row.expected, row.low, row.high))) for row in rows],
    )


def movement_bars(moved: Movement) -> list[Bar]:
    """From the earlier forecast of savings to this one, step by step."""
    rows = [Bar("Savings expected before", formats.dollars(moved.before[0] / 100), moved.before[0] / 100)]
    reached = moved.before[0]
    for step in moved.steps:
        after = reached + step.savings_cents
        color = charts.EARNED if step.savings_cents >= 0 else charts.OWED
        rows.append(Bar(STEPS[step.name], _gain(step.savings_cents), after / 100, reached / 100, color=color))
        reached = after
    rows.append(Bar("Savings expected now", formats.dollars(reached / 100), reached / 100, strong=True))
    return rows


def _gain(cents: int) -> str:
    return ("+" if cents >= 50 else "") + formats.dollars(cents / 100)


def movement_figure(moved: Movement) -> Figure:
    """Why the forecast moved."""
    most = max(moved.steps, key=lambda step: abs(step.savings_cents))
    change = moved.after[0] - moved.before[0]
    direction = "up" if change >= 0 else "down"
    return figure(
        "movement",
        f"Expected savings went {direction} by {formats.short_dollars(abs(change) / 100)} since "
        f"{formats.day(moved.since)}; {most.name} moved them most",
        "A bar for each thing that changed, from where the one before ended; the steps sum to the change.",
        lambda width: charts.bars(movement_bars(moved), width),
        ("What changed", "Savings", "Payment", "Expenditures"),
        [
            (STEPS[step.name], *map(_gain, (step.savings_cents, step.payment_cents, step.expenditures_cents)))
            for step in moved.steps
        ],
    )


def render(found: Forecast, aco_name: str) -> str:
    """The page: the same forecast gives the same bytes."""
    return (
        environment()
        .get_template("forecast.html.j2")
        .render(
            found=found,
            aco_name=aco_name,
            answer=answer(found),
            rows=component_rows(found),
            months=months_figure(found),
            movement=movement_figure(found.movement) if found.movement else None,
            past=past_words(found),
            completions=_completion_rows(found),
            unverified=found.worksheet.rests_on_unverified("settlement.payment"),
            style=asset("report.css"),
        )
    )


def _completion_rows(found: Forecast) -> Sequence[tuple[str, str, str, str]]:
    done = found.completion
    method = "by_category" if done.by_category else "together"
    return [
        (
            formats.day(one.seen_on),
            formats.dollars(one.known),
            _signed_percent(getattr(one, method) / one.known - 1),
            _signed_percent(one.fixed / one.known - 1),
        )
        for one in done.past
    ]

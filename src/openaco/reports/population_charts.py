"""Charts of a population: a line by month with its years named, and a funnel plot with its limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openaco.insight.population.funnel_plots import INNER, OUTER, Funnel, FunnelPoint, control_limits
from openaco.reports.charts import HAIRLINE, INK, NEUTRAL, OWED, PALE, QUIET, Spec

HEIGHT = 260
LETTERS = ("J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D")


def year_lines(values: dict[int, list[float | None]], width: int) -> Spec:
    """One line a year over twelve months, the last one strong; each year named at its last known month."""
    last = max(values)
    data: list[dict[str, Any]] = [
        {"year": str(year), "month": month, "value": value, "strong": year == last}
        for year, series in sorted(values.items())
        for month, value in enumerate(series, start=1)
        if value is not None
    ]
    ends = [max((row for row in data if row["year"] == str(year)), key=lambda row: row["month"]) for year in values]
    ordered = sorted(ends, key=lambda row: row["value"])
    span = max(row["value"] for row in data) - min(0.0, *(row["value"] for row in data)) or 1.0
    gap, at = span * 18 / HEIGHT, float("-inf")
    for row in ordered:
        at = max(row["value"], at + gap)
        row["at"] = at
    return {
        "width": width - 120,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"values": [row for row in data if row["strong"] is strong]},
                "mark": {"type": "line", "color": INK if strong else NEUTRAL, "strokeWidth": 2.5 if strong else 1.2},
                "encoding": {
                    "x": _axis("month", "quantitative", (1, 12), labels=True),
                    "y": _axis("value", "quantitative", None, form="$,.0f"),
                    "detail": {"field": "year", "type": "nominal"},
                },
            }
            for strong in (False, True)
        ]
        + [
            {
                "data": {"values": ordered},
                "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 14, "color": INK},
                "encoding": {
                    "x": _axis("month", "quantitative", (1, 12), labels=True),
                    "y": _axis("at", "quantitative", None, form="$,.0f"),
                    "text": {"field": "year", "type": "nominal"},
                },
            }
        ],
    }


def funnel_plot(found: Funnel, points: Sequence[FunnelPoint], width: int) -> Spec:
    """Ratios of practices over their expected result, the bands of 95% and 99.8%; those outside are named."""
    largest = max(point.expected for point in points) * 1.05
    smallest = min(point.expected for point in points) * 0.85
    steps = [smallest + (largest - smallest) * number / 60 for number in range(61)]
    bands: list[Spec] = []
    for level, color in ((OUTER, "#eef1f4"), (INNER, PALE)):
        limits = [control_limits(step, found.dispersion, level) for step in steps]
        rows = [{"x": x, "low": low, "high": high} for x, (low, high) in zip(steps, limits, strict=True)]
        bands.append(
            {
                "data": {"values": rows},
                "mark": {"type": "area", "color": color},
                "encoding": {"x": _size(smallest, largest), "y": _ratio("low"), "y2": {"field": "high"}},
            }
        )
    dots = [
        {"x": point.expected, "ratio": point.ratio, "name": point.place, "out": point.verdict != "as chance allows"}
        for point in points
    ]
    outside = [row for row in dots if row["out"]]
    layers: list[Spec] = [
        *bands,
        {
            "data": {"values": [{"y": 1}]},
            "mark": {"type": "rule", "color": QUIET},
            "encoding": {"y": {"field": "y", "type": "quantitative"}},
        },
        {
            "data": {"values": [row for row in dots if not row["out"]]},
            "mark": {"type": "point", "filled": True, "size": 55, "color": NEUTRAL, "opacity": 1},
            "encoding": {"x": _size(smallest, largest), "y": _ratio("ratio")},
        },
        {
            "data": {"values": outside},
            "mark": {"type": "point", "filled": True, "size": 75, "shape": "diamond", "color": OWED, "opacity": 1},
            "encoding": {"x": _size(smallest, largest), "y": _ratio("ratio")},
        },
        {
            "data": {"values": outside},
            "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 14, "color": INK},
            "encoding": {
                "x": _size(smallest, largest),
                "y": _ratio("ratio"),
                "text": {"field": "name", "type": "nominal"},
            },
        },
    ]
    return {"width": width - 70, "height": 300, "layer": layers}


def _axis(field: str, kind: str, domain: tuple[float, float] | None, *, form: str = "", labels: bool = False) -> Spec:
    axis: dict[str, Any] = {"title": None, "labelFontSize": 14, "labelColor": QUIET, "ticks": False, "domain": False}
    if labels:
        axis |= {"values": list(range(1, 13)), "grid": False, "labelExpr": f"{list(LETTERS)}[datum.value - 1]"}
    else:
        axis |= {"format": form, "tickCount": 4, "gridColor": HAIRLINE}
    scale = {"domain": list(domain), "nice": False} if domain else {"zero": True}
    return {"field": field, "type": kind, "axis": axis, "scale": scale}


def _size(low: float, high: float) -> Spec:
    return {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [low, high], "nice": False}}


def _ratio(field: str) -> Spec:
    axis = {
        "title": None,
        "format": ".1f",
        "labelFontSize": 14,
        "labelColor": QUIET,
        "gridColor": HAIRLINE,
        "tickCount": 5,
        "ticks": False,
        "domain": False,
    }
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": False}}

"""A chart of twelve months: what is known, what is still to come, and between which bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openaco.reports.charts import HAIRLINE, INK, NEUTRAL, PALE, QUIET, Spec

HEIGHT = 240


@dataclass(frozen=True)
class MonthBar:
    """One month: `known` is part of `expected`; `low` and `high` bound what it may come to."""

    label: str
    known: float
    expected: float
    low: float
    high: float


def month_bars(rows: Sequence[MonthBar], width: int) -> Spec:
    """Bars from zero: known dark, still to come pale, the interval a line across the top."""
    narrow = width < 500
    data = [
        {
            "month": row.label[:1] if narrow else row.label,
            "at": number,
            "known": min(row.known, row.expected),
            "expected": row.expected,
            "low": row.low,
            "high": row.high,
        }
        for number, row in enumerate(rows)
    ]
    place: dict[str, Any] = {
        "field": "at",
        "type": "ordinal",
        "axis": {
            "title": None,
            "labelExpr": f"{[row['month'] for row in data]}[datum.value]",
            "labelAngle": 0,
            "labelFontSize": 14,
            "labelColor": QUIET,
            "ticks": False,
            "domain": False,
        },
        "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
    }
    scale: dict[str, Any] = {
        "title": None,
        "tickCount": 4,
        "format": "$,.0f",
        "labelFontSize": 14,
        "labelColor": QUIET,
        "grid": True,
        "gridColor": HAIRLINE,
        "domain": False,
        "ticks": False,
    }
    return {
        "width": width - 60,
        "height": HEIGHT,
        "data": {"values": data},
        "layer": [
            {"mark": {"type": "bar", "color": PALE}, "encoding": {"x": place, "y": _amount("expected", scale)}},
            {"mark": {"type": "bar", "color": NEUTRAL}, "encoding": {"x": place, "y": _amount("known", scale)}},
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {"x": place, "y": _amount("low", scale), "y2": {"field": "high"}},
            },
        ],
    }


def _amount(name: str, axis: dict[str, Any]) -> dict[str, Any]:
    return {"field": name, "type": "quantitative", "axis": axis}

"""Charts as Vega-Lite specifications, drawn to inline SVG without a browser or a network.

Every chart is built from one kind of row: a label on the left, its value on the right, a bar beneath. So nothing
overlaps at any width, nothing needs a legend, and the bars start at zero.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

INK = "#1b1f24"
QUIET = "#59636e"
HAIRLINE = "#d1d9e0"
NEUTRAL = "#6e7781"
PALE = "#c9d1d9"
EARNED = "#1a7f37"
OWED = "#b3261e"
TYPE_COLORS = {"esrd": "#4b1d5e", "disabled": "#7a5ca8", "aged_dual": "#0b5e57", "aged_non_dual": "#b8860b"}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDE, NARROW = 720, 340
BAR, LINE, GAP, WEDGE, LETTER = 14, 18, 12, 40, 7.6
VEGA_LITE = "6.1"
Spec = dict[str, Any]
Place = tuple[list[str], float]


@dataclass(frozen=True)
class Bar:
    """One row of a chart: a bar from `start` to `end` with its label and its value in words.

    mark        a value to mark across the bar, such as the benchmark beside the spending
    strong      a total or a result, set in bold
    quiet       a deduction, set in gray
    """

    label: str
    value: str
    end: float
    start: float = 0.0
    color: str = NEUTRAL
    mark: float | None = None
    strong: bool = False
    quiet: bool = False


def bars(rows: Sequence[Bar], width: int, domain: tuple[float, float] | None = None) -> Spec:
    """A chart of rows, each with its label and value above its bar. Long labels take a second line."""
    places, height = _layout(rows, width)
    return {"width": width, "height": height, "layer": _layers(rows, places, width, height, domain or extent(rows))}


def enlarged(above: Sequence[Bar], below: Sequence[Bar], span: tuple[float, float], width: int, caption: str) -> Spec:
    """Two charts under each other: the lower one enlarges the `span` of the upper one's scale."""
    high = max(max(row.start, row.end) for row in above) or 1.0
    corners: list[Spec] = [
        {"y": WEDGE, "left": 0, "right": width},
        {"y": 0, "left": width * min(span) / high, "right": width * max(span) / high},
    ]
    wedge = {
        "mark": {"type": "area", "orient": "horizontal", "color": PALE, "opacity": 0.45},
        **_drawn(corners, x=_at("left"), x2={"field": "right"}, y=_at("y")),
    }
    text = {
        "mark": {"type": "text", "align": "left", "fontSize": 14, "color": QUIET, "fontStyle": "italic"},
        **_drawn([{"y": WEDGE / 2, "text": caption}], x={"value": 0}, y=_at("y"), text=_named("text")),
    }
    middle: Spec = {"width": width, "height": WEDGE, "layer": [wedge, text]}
    charts = [bars(above, width, (0.0, high)), middle, bars(below, width, (0.0, abs(span[1] - span[0]) or 1.0))]
    return {"vconcat": charts, "spacing": 6}


def extent(rows: Sequence[Bar]) -> tuple[float, float]:
    """From zero, or the least value below it, to the greatest value."""
    values = [value for row in rows for value in (row.start, row.end, row.mark) if value is not None]
    return min(0.0, *values), max(0.0, *values)


def to_svg(chart: Spec, chart_id: str, title: str, description: str) -> str:
    """The chart as one `<svg>` element with a title and a description, no fonts or scripts of its own."""
    import vl_convert

    settings = {"font": FONT, "aria": False, "background": "transparent", "padding": 1, "view": {"stroke": None}}
    svg = vl_convert.vegalite_to_svg({**chart, "config": settings}, vl_version=VEGA_LITE)
    svg = re.sub(r'\b(id="|url\(#|href="#)(?=\w)', rf"\g<1>{chart_id}-", svg)
    svg = re.sub(r' (?:aria-[a-z]+|role|xmlns:xlink|class)="[^"]*"', "", svg)
    width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{chart_id}-title {chart_id}-desc">'
        f'<title id="{chart_id}-title">{escape(title)}</title>'
        f'<desc id="{chart_id}-desc">{escape(description)}</desc>'
    )
    return re.sub(r"^<svg[^>]*>", lambda _: head, svg)


def _layout(rows: Sequence[Bar], width: int) -> tuple[list[tuple[list[str], float]], float]:
    """For each row the lines of its label and the top of its bar, in pixels; and the height of the whole."""
    places, y = [], 0.0
    for row in rows:
        room = width / LETTER - len(row.value) - 2
        lines = textwrap.wrap(row.label, max(12, int(room))) or [""]
        top = y + len(lines) * LINE + 2
        places.append((lines, top))
        y = top + BAR + GAP
    return places, y


def _layers(
    rows: Sequence[Bar], places: Sequence[Place], width: int, height: float, domain: tuple[float, float]
) -> list[Spec]:
    low, high = domain

    def pixel(value: float) -> float:
        return (value - low) / ((high - low) or 1.0) * width

    tops = [top for _, top in places]
    spans = [
        {"x": pixel(row.start), "x2": pixel(row.end), "y": top, "y2": top + BAR, "color": row.color}
        for row, top in zip(rows, tops, strict=True)
    ]
    marks = [
        {"x": pixel(row.mark), "y": top - 3, "y2": top + BAR + 3}
        for row, top in zip(rows, tops, strict=True)
        if row.mark is not None
    ]
    zero = [{"x": pixel(0), "y": 0, "y2": height}] if low < 0 < high else []
    across = {"x": _at("x"), "y": _at("y"), "y2": {"field": "y2"}}
    return [
        {
            "mark": {"type": "rule", "color": HAIRLINE},
            **_drawn([{"y": top + BAR / 2} for top in tops], x={"value": 0}, x2={"value": width}, y=_at("y")),
        },
        {"mark": "rect", **_drawn(spans, **across, x2={"field": "x2"}, color=_named("color"))},
        *_texts(rows, places, width),
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 2}, **_drawn(marks, **across)},
        {"mark": {"type": "rule", "color": INK}, **_drawn(zero, **across)},
    ]


def _texts(rows: Sequence[Bar], places: Sequence[Place], width: int) -> list[Spec]:
    labels, values = [], []
    for row, (lines, top) in zip(rows, places, strict=True):
        look = {"ink": QUIET if row.quiet else INK, "strong": row.strong}
        first = top - 2 - len(lines) * LINE + LINE / 2
        labels += [{"y": first + number * LINE, "text": line, **look} for number, line in enumerate(lines)]
        values.append({"y": first, "text": row.value, **look})
    return [
        {
            "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": 14, "fontWeight": weight},
            **_drawn(
                [text for text in texts if text["strong"] is (weight == "bold")],
                x={"value": x},
                y=_at("y"),
                text=_named("text"),
                color=_named("ink"),
            ),
        }
        for weight in ("normal", "bold")
        for texts, align, x in ((labels, "left", 0), (values, "right", width))
    ]


def _drawn(data: Sequence[Spec], **encoding: Spec) -> Spec:
    return {"data": {"values": list(data)}, "encoding": encoding}


def _at(name: str) -> Spec:
    """A position in pixels."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def _named(name: str) -> Spec:
    """A text or a color as the data state it."""
    return {"field": name, "type": "nominal", "scale": None} if name != "text" else {"field": name, "type": "nominal"}

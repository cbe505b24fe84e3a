"""Charts as inline SVG, drawn without a browser or a network.

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
BAR, LINE, GAP, LETTER = 14, 18, 12, 7.6


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


def bars(rows: Sequence[Bar], width: int, domain: tuple[float, float] | None = None) -> Any:
    """A chart of rows, each with its label and value above its bar. Long labels take a second line."""
    import altair as alt

    low, high = domain or extent(rows)
    places, height = _layout(rows, width)
    pixels = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, height], range=[0, height], nice=False))
    x = alt.Scale(domain=[low, high if high > low else low + 1], range=[0, width], nice=False, zero=False)

    def chart(data: list[dict[str, Any]]) -> Any:
        return alt.Chart(alt.Data(values=data)).encode(y=pixels)

    spans: list[dict[str, Any]] = [
        {"y": top, "y2": top + BAR, "middle": top + BAR / 2, "color": row.color, "mark": row.mark}
        | {"start": min(row.start, row.end), "end": max(row.start, row.end)}
        for row, (_, top) in zip(rows, places, strict=True)
    ]
    layers = [
        chart([{"y": span["middle"]} for span in spans])
        .mark_rule(color=HAIRLINE)
        .encode(x=alt.value(0), x2=alt.value(width)),
        chart(spans)
        .mark_bar()
        .encode(x=alt.X("start:Q", scale=x, axis=None), x2="end:Q", y2="y2:Q", color=alt.Color("color:N", scale=None)),
        *_texts(chart, rows, places, width),
    ]
    marked = [{**span, "y": span["y"] - 5, "y2": span["y2"] + 5} for span in spans if span["mark"] is not None]
    if marked:
        rule = chart(marked).mark_rule(color=INK, strokeWidth=2)
        layers.append(rule.encode(x=alt.X("mark:Q", scale=x, axis=None), y2="y2:Q"))
    if low < 0 < high:
        zero = chart([{"y": 0, "y2": height, "zero": 0}]).mark_rule(color=INK)
        layers.append(zero.encode(x=alt.X("zero:Q", scale=x, axis=None), y2="y2:Q"))
    return alt.layer(*layers).properties(width=width, height=height)


def extent(rows: Sequence[Bar]) -> tuple[float, float]:
    """From zero, or the least value below it, to the greatest value."""
    values = [value for row in rows for value in (row.start, row.end, row.mark) if value is not None]
    return min(0.0, *values), max(0.0, *values)


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


def _texts(chart: Any, rows: Sequence[Bar], places: Sequence[tuple[list[str], float]], width: int) -> list[Any]:
    import altair as alt

    layers = []
    for strong in (False, True):
        labels, values = [], []
        for row, (lines, top) in zip(rows, places, strict=True):
            if row.strong is not strong:
                continue
            ink = QUIET if row.quiet else INK
            first = top - 2 - len(lines) * LINE
            labels += [
                {"y": first + number * LINE + LINE / 2, "text": line, "ink": ink} for number, line in enumerate(lines)
            ]
            values.append({"y": first + LINE / 2, "text": row.value, "ink": ink})
        for data, align, x in ((labels, "left", 0), (values, "right", width)):
            mark = chart(data).mark_text(
                align=align, baseline="middle", fontSize=14, fontWeight="bold" if strong else "normal"
            )
            layers.append(mark.encode(x=alt.value(x), text="text:N", color=alt.Color("ink:N", scale=None)))
    return layers


def enlarged(above: Sequence[Bar], below: Sequence[Bar], span: tuple[float, float], width: int, caption: str) -> Any:
    """Two charts under each other: the lower one enlarges the `span` of the upper one's scale."""
    import altair as alt

    high = max(max(row.start, row.end) for row in above) or 1.0
    size = abs(span[1] - span[0]) or 1.0
    left, right = width * min(span) / high, width * max(span) / high
    wedge_data = [{"y": 1, "left": left, "right": right}, {"y": 0, "left": 0, "right": width}]
    pixels = alt.Scale(domain=[0, width], nice=False, zero=False)
    wedge = (
        alt.Chart(alt.Data(values=wedge_data))
        .mark_area(orient="horizontal", color=PALE, opacity=0.45)
        .encode(
            x=alt.X("left:Q", scale=pixels, axis=None),
            x2="right:Q",
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)),
        )
    )
    note = (
        alt.Chart(alt.Data(values=[{"text": caption}]))
        .mark_text(align="left", fontSize=14, color=QUIET, fontStyle="italic")
        .encode(x=alt.value(0), y=alt.value(20), text="text:N")
    )
    middle = alt.layer(wedge, note).properties(width=width, height=40)
    return alt.vconcat(
        bars(above, width, (0.0, high)), middle, bars(below, width, (0.0, size)), spacing=6
    ).resolve_scale(x="independent", y="independent")


def to_svg(chart: Any, chart_id: str, title: str, description: str) -> str:
    """The chart as one `<svg>` element with a title and a description, no fonts or scripts of its own."""
    import vl_convert

    plain = chart.configure(font=FONT, aria=False, background="transparent", padding=1).configure_view(stroke=None)
    svg = vl_convert.vegalite_to_svg(plain.to_dict())
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

"""A statement as one HTML file: no network, no script, readable by everybody, printable."""

from __future__ import annotations

from openaco.reports import charts
from openaco.reports.charts import Bar, Spec
from openaco.reports.distribution.statement import Statement
from openaco.reports.distribution.trace import masked
from openaco.reports.figures import Figure, figure
from openaco.reports.html import asset, environment


def style() -> str:
    """The style sheet of every page of a distribution."""
    return asset("report.css") + asset("distribution/statement.css")


def render_statement(told: Statement, tin: str) -> str:
    """The page as text: the same statement gives the same bytes."""
    return (
        environment()
        .get_template("distribution/statement.html.j2")
        .render(
            statement=told,
            chart=flow_figure(told) if told.above else None,
            style=style(),
            anchor=lambda line: f"line-{masked(line, tin)}".replace("…", "x"),
        )
    )


def flow_figure(told: Statement) -> Figure:
    """From the ACO's payment to the participant's own, its part enlarged."""
    whole = max(bar.end for bar in told.above)
    yours = max((bar.end for bar in told.below), default=0.0)
    times = round(whole / yours) if yours else 0

    def draw(width: int) -> Spec:
        if not yours:
            return charts.bars(told.above, width)
        caption = f"your part, enlarged {times} times" if times > 1 else "your part"
        return charts.enlarged(told.above, told.below, (0.0, yours), width, caption)

    rows: list[Bar] = [*told.above, *told.below]
    return figure(
        "flow-to-you",
        told.finding,
        "The ACO's payment as a bar from zero, what is kept of it, and what participants share; below, this "
        "participant's part of each pool, enlarged.",
        draw,
        ("Step", "US dollars"),
        [(row.label, row.value) for row in rows],
    )

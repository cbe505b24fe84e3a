"""A statement on paper: the words and numbers of the HTML statement, on US Letter."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)

from openaco.reports.distribution.paper import (
    AMBER,
    ANSWER,
    FINE,
    HAIRLINE,
    HEADING,
    MARK,
    QUIET_FINE,
    QUIET_SMALL,
    SMALL,
    SUBHEADING,
    WIDTH,
    Bars,
    Paragraph,
    markup,
    numbered,
    paragraphs,
    right,
    style,
    table,
    text,
)
from openaco.reports.distribution.pool_steps import PoolPart
from openaco.reports.distribution.statement import Statement

OWN_DECISION = (
    "The amount as it arises from the people each clinician cares for. "
    "How you pay your clinicians is your own decision."
)
STRONG = style(8.5, 11.5, bold=True)


def statement_pdf(told: Statement) -> bytes:
    """The PDF: the same statement gives the same bytes."""
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=letter,
        title=told.title,
        author=told.aco_name,
        subject=told.answer,
        lang="en-US",
        invariant=1,
    )
    page = Frame(18 * mm, 20 * mm, WIDTH, letter[1] - 36 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[page]))
    foot = (
        f"{told.aco_name} · statement for {told.year} · {told.name}, TIN ending {told.tin_ending} · run {told.run_id}"
    )
    document.build(list(_story(told)), canvasmaker=numbered(foot))
    return out.getvalue()


def _story(told: Statement) -> Iterator[Any]:
    yield text(f"{told.aco_name} · statement for performance year {told.year}", QUIET_SMALL)
    yield Spacer(1, 6)
    if told.supposed:
        words = "A what-if: this payment is supposed. Nothing is paid by this page."
        yield text(words, style(9.5, 13.5, bold=True, color=AMBER))
        yield Spacer(1, 6)
    yield text(told.answer, ANSWER)
    yield Spacer(1, 4)
    yield text(told.because, style(11, 15.5))
    yield Spacer(1, 6)
    who = f"For {told.name}, TIN ending {told.tin_ending} · {told.classification} · by the plan “{told.plan}”"
    yield text(who, QUIET_SMALL)
    yield Spacer(1, 12)
    yield _stats(told)
    yield from _chart(told)
    yield from _pools(told)
    yield from _uses(told)
    yield from _clinicians(told)
    yield _section(told.headings[1], *paragraphs(told.promise))
    yield _section("How to question it", text(told.questions), Spacer(1, 4), *paragraphs(told.notes, QUIET_SMALL))
    yield from _trace(told)


def _section(title: str, *content: Any) -> KeepTogether:
    return KeepTogether([Spacer(1, 16), text(title, HEADING), Spacer(1, 3), *content])


def _stats(told: Statement) -> Table:
    cells = [
        [text(label, QUIET_FINE), Spacer(1, 2), text(value, style(14, 18, bold=True)), text(unit, QUIET_FINE)]
        for label, value, unit in told.stats
    ]
    shape = TableStyle(
        [
            ("BOX", (0, 0), (-1, -1), 0.6, HAIRLINE),
            ("INNERGRID", (0, 0), (-1, -1), 0.6, HAIRLINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *((f"{side}PADDING", (0, 0), (-1, -1), 7) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
        ]
    )
    return Table([cells], [WIDTH / len(cells)] * len(cells), style=shape)


def _chart(told: Statement) -> Iterator[Any]:
    if not told.above:
        return
    content: list[Any] = [Bars(told.above)]
    if told.below:
        yours = max(bar.end for bar in told.below)
        times = round(max(bar.end for bar in told.above) / yours)
        caption = f"Your part, enlarged {times} times" if times > 1 else "Your part"
        content += [Spacer(1, 12), text(caption, QUIET_SMALL), Spacer(1, 2), Bars(told.below)]
    yield _section(told.finding, Spacer(1, 4), *content)


def _pools(told: Statement) -> Iterator[Any]:
    for number, pool in enumerate(told.pools):
        if number == 0:
            yield _section("How it was computed", Spacer(1, 2), *_pool(pool))
        else:
            yield KeepTogether([Spacer(1, 12), *_pool(pool)])


def _pool(pool: PoolPart) -> Iterator[Any]:
    amount = right(pool.amount, SUBHEADING)
    yield table([[text(pool.name, SUBHEADING), amount]], [4, 1], header=False)
    yield text(f"Shared {pool.formula}. {pool.why}".strip(), QUIET_SMALL)
    if pool.reason:
        yield Spacer(1, 2)
        yield text(pool.reason, SMALL)
        return
    rows = [
        [
            text(step.label, STRONG if step.strong else SMALL),
            text(step.how, QUIET_SMALL),
            right(step.value, STRONG if step.strong else SMALL),
        ]
        for step in pool.steps
    ]
    yield table(rows, [28, 50, 22], header=False, total=True)


def _uses(told: Statement) -> Iterator[Any]:
    if not told.uses:
        return
    rows = [
        [
            text("Use", QUIET_SMALL),
            text("Why", QUIET_SMALL),
            right("Share", QUIET_SMALL),
            right("US dollars", QUIET_SMALL),
        ]
    ]
    for row in told.uses:
        shape = STRONG if row.strong else SMALL
        rows.append(
            [text(row.name, shape), text(row.why, QUIET_SMALL), right(row.share, shape), right(row.amount, shape)]
        )
    yield _section(told.headings[0], table(rows, [26, 46, 10, 18], total=True))


def _clinicians(told: Statement) -> Iterator[Any]:
    if not told.clinicians:
        return
    header = ["Clinician", "NPI", "Assigned people", "Arises from them, US dollars"]
    rows = [
        [text(header[0], QUIET_SMALL), text(header[1], QUIET_SMALL), *(right(name, QUIET_SMALL) for name in header[2:])]
    ]
    for row in told.clinicians:
        rows.append([text(row.name, SMALL), text(row.npi, SMALL), right(row.people), right(row.amount)])
    yield CondPageBreak(60 * mm)
    yield _section("Your clinicians", text(OWN_DECISION))
    yield table(rows, [34, 22, 20, 24])


def _trace(told: Statement) -> Iterator[Any]:
    header = [text("Line", QUIET_FINE), text("From", QUIET_FINE), right("Value", QUIET_FINE)]
    rows: list[list[Any]] = [header]
    for line in told.trace:
        words = f"{markup(line.label)}<br/><font color='#59636e'>{markup(line.id)}"
        words += f"<br/>= {markup(line.formula)}</font>" if line.formula else "</font>"
        words += f"<br/>{markup(line.note)}" if line.note else ""
        value = Paragraph((f"{MARK} " if line.unverified else "") + markup(line.value), style(7, 9.2, right=True))
        rows.append([Paragraph(words, FINE), text(line.inputs, QUIET_FINE), value])
    mark = Paragraph(f"{MARK} rests on something not confirmed against a source.", QUIET_SMALL)
    yield CondPageBreak(60 * mm)
    yield _section("Every line behind your amount", mark)
    yield table(rows, [46, 36, 18])
    yield Spacer(1, 10)
    words = "Computed by OpenACO; the same run, plan and scores give the same statement. This is not a CMS document."
    yield text(words, QUIET_SMALL)

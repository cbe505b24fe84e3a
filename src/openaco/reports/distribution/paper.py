"""The parts of a printed page: type, tables, bars and page numbers, with Python alone (decision 8)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from openaco.reports import charts
from openaco.reports.charts import Bar

INK, QUIET, HAIRLINE = HexColor(charts.INK), HexColor(charts.QUIET), HexColor(charts.HAIRLINE)
AMBER, WASH = HexColor("#7d4e00"), HexColor("#f6f8fa")
REGULAR, BOLD, EMBEDDED = "Helvetica", "Helvetica-Bold", "Vera"
MARK = '<font name="ZapfDingbats" color="#7d4e00" size="6">u</font>'
UNVERIFIED = "◇"
MINUS = str.maketrans({"\u2212": "\u2013"})
WIDTH = 180 * mm
"""The width of the text on a page of US Letter."""


def style(
    size: float, leading: float, *, bold: bool = False, color: Any = INK, right: bool = False, after: float = 0
) -> ParagraphStyle:
    """A paragraph style; sizes in points, `after` is the room below."""
    font, align = BOLD if bold else REGULAR, TA_RIGHT if right else 0
    return ParagraphStyle(
        "", fontName=font, fontSize=size, leading=leading, textColor=color, alignment=align, spaceAfter=after
    )


BODY, SMALL, FINE = style(9.5, 13.5, after=5), style(8.5, 11.5), style(7, 9.2)
QUIET_SMALL, QUIET_FINE = style(8.5, 11.5, color=QUIET, after=3), style(7, 9.2, color=QUIET)
ANSWER, HEADING, SUBHEADING = style(21, 26, bold=True), style(13, 17, bold=True), style(10.5, 14, bold=True)


def text(words: str, shape: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain words; letters that Helvetica lacks are set in the embedded font."""
    return Paragraph(markup(words), shape)


def right(words: str, shape: ParagraphStyle = SMALL) -> Paragraph:
    """A number at the right edge of its cell."""
    return text(words, ParagraphStyle("", parent=shape, alignment=TA_RIGHT))


def markup(words: str) -> str:
    """Words as markup, run by run in a font that has their letters."""
    if UNVERIFIED in words:
        return MARK.join(markup(part) for part in words.split(UNVERIFIED))
    runs = ((known, "".join(letters)) for known, letters in groupby(words.translate(MINUS), key=_in_helvetica))
    return "".join(
        escape(run) if known else f'<font name="{EMBEDDED}">{escape(_nearest(run))}</font>' for known, run in runs
    )


def _in_helvetica(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _nearest(run: str) -> str:
    """Each letter that the embedded font has; others without their accents, or `?`."""
    return "".join(_letter(letter, _embedded_letters()) for letter in run)


def _letter(letter: str, known: frozenset[int]) -> str:
    if ord(letter) in known:
        return letter
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return bare or "?"


@cache
def _embedded_letters() -> frozenset[int]:
    """Make the font that comes with ReportLab known, and say which letters it has."""
    font = TTFont(EMBEDDED, "Vera.ttf")
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def table(
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    *,
    header: bool = True,
    total: bool = False,
    more: Sequence[tuple[Any, ...]] = (),
) -> Table:
    """Rows with hairlines between; `widths` are shares of the page; a long table repeats its header."""
    lines: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ("LINEBELOW", (0, 0), (-1, -2), 0.4, HAIRLINE),
    ]
    if header:
        lines.append(("LINEBELOW", (0, 0), (-1, 0), 0.7, INK))
    if total:
        lines.append(("LINEABOVE", (0, -1), (-1, -1), 0.7, INK))
    whole = sum(widths)
    columns = [WIDTH * width / whole for width in widths]
    shape = TableStyle([*lines, *more])
    return Table(rows, columns, repeatRows=1 if header else 0, style=shape, spaceBefore=4, hAlign="LEFT")


class Bars(Flowable):  # type: ignore[misc,unused-ignore]
    """Rows of a chart: label left, value right, a bar beneath; the same rows as on the page."""

    STEP, HEIGHT = 22.0, 7.0

    def __init__(self, rows: Sequence[Bar]) -> None:
        super().__init__()
        self.rows = rows
        self.width, self.height = WIDTH, self.STEP * len(rows)
        self.domain = max((max(row.start, row.end) for row in rows), default=1.0) or 1.0

    def wrap(self, *_available: float) -> tuple[float, float]:
        """The room it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw from the top row down."""
        for number, row in enumerate(self.rows):
            base = self.height - (number + 1) * self.STEP
            start, end = (self.width * value / self.domain for value in (row.start, row.end))
            self.canv.setStrokeColor(HAIRLINE)
            self.canv.setLineWidth(0.4)
            self.canv.line(0, base + self.HEIGHT / 2, self.width, base + self.HEIGHT / 2)
            self.canv.setFillColor(HexColor(row.color))
            self.canv.rect(min(start, end), base, max(abs(end - start), 0.6), self.HEIGHT, stroke=0, fill=1)
            for words, draw in ((row.label, "left"), (row.value, "right")):
                shape = style(8.5, 10, bold=row.strong, color=QUIET if row.quiet else INK, right=draw == "right")
                paragraph = Paragraph(markup(words), shape)
                paragraph.wrap(self.width, 12)
                paragraph.drawOn(self.canv, 0, base + self.HEIGHT + 2)


def numbered(left: str) -> type[Canvas]:
    """A canvas that writes `left` and `page 1 of 3` under every page."""

    class Numbered(Canvas):  # type: ignore[misc,unused-ignore]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page in self.pages:
                self.__dict__.update(page)
                self.foot(len(self.pages))
                super().showPage()
            super().save()

        def foot(self, pages: int) -> None:
            words = Paragraph(markup(left), QUIET_FINE)
            words.wrap(WIDTH * 0.8, 12)
            words.drawOn(self, 18 * mm, 11 * mm)
            self.setFont(REGULAR, 7)
            self.setFillColor(QUIET)
            self.drawRightString(18 * mm + WIDTH, 11 * mm + 2.6, f"Page {self._pageNumber} of {pages}")

    return Numbered


def paragraphs(words: Sequence[str], shape: ParagraphStyle = BODY) -> Iterator[Paragraph]:
    """Paragraphs, one after the other."""
    for each in words:
        yield text(each, shape)

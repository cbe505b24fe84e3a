"""Writes the pages of a distribution into its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from openaco.insight.distribution.comparison import PlanComparison
from openaco.insight.distribution.distribute import Distribution
from openaco.insight.distribution.public_report import PublicReport
from openaco.insight.distribution.write import write_comparison_tables, write_public
from openaco.reports.distribution.pages import (
    render_comparison,
    render_distribution,
    render_public,
    render_public_fragment,
)
from openaco.reports.distribution.statement import file_stem, statement
from openaco.reports.distribution.statement_html import render_statement
from openaco.reports.distribution.statement_pdf import statement_pdf
from openaco.worksheet import Worksheet


def statement_stems(result: Distribution) -> dict[str, str]:
    """A file name for each participant's statement, by TIN: its name and the last digits of the TIN."""
    stems = {one.id: file_stem(one.name, one.id) for one in result.facts.participants}
    alike = Counter(stems.values())
    counted: Counter[str] = Counter()
    for tin in sorted(stems):
        if alike[stems[tin]] > 1:
            counted[stems[tin]] += 1
            stems[tin] = f"{stems[tin]}-{counted[stems[tin]]}"
    return stems


def write_pages(
    result: Distribution,
    sheet: Worksheet,
    folder: Path,
    *,
    pdf: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write `report.html`, and `statements/<name>.html` with, unless left out, `.pdf` for each participant.

    progress: told what is being written, and how many of how many statements are done.
    """
    stems = statement_stems(result)
    (folder / "statements").mkdir(exist_ok=True)
    for done, (tin, stem) in enumerate(stems.items()):
        if progress:
            progress("Statements", done, len(stems))
        told = statement(result, sheet, tin)
        (folder / "statements" / f"{stem}.html").write_text(render_statement(told, tin), encoding="utf-8")
        if pdf:
            (folder / "statements" / f"{stem}.pdf").write_bytes(statement_pdf(told))
    (folder / "report.html").write_text(render_distribution(result, stems, pdf=pdf), encoding="utf-8")


def write_public_pages(report: PublicReport, result: Distribution, folder: Path) -> None:
    """Write `public/`: page, fragment, JSON and CSV."""
    public = folder / "public"
    public.mkdir(exist_ok=True)
    write_public(report, public)
    (public / "public.html").write_text(render_public(report, result), encoding="utf-8")
    (public / "fragment.html").write_text(render_public_fragment(report), encoding="utf-8")


def write_comparison(comparison: PlanComparison, folder: Path) -> None:
    """Write `comparison.html`, `comparison.json` and `comparison.csv`."""
    write_comparison_tables(comparison, folder)
    (folder / "comparison.html").write_text(render_comparison(comparison), encoding="utf-8")

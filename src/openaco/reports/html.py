"""The settlement report as one HTML file: no network, no script, printable, readable by everybody."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from openaco.reports import charts, figures, formats, worksheet_view
from openaco.reports.formulas import Terms, parameter_text
from openaco.reports.outcome import KEY_LINES, Outcome, answer, read_outcome
from openaco.reports.run_results import RunResults, SpendExclusion, SpendRow
from openaco.worksheet import Line, Worksheet

BENCHMARK_BY_TYPE = "update.updated.{}"
SMALL_CELL = 11


def write_html(run: RunResults, path: Path) -> Path:
    """Write the report and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(render_html(run), encoding="utf-8")
    draft.replace(path)
    return path


def render_html(run: RunResults) -> str:
    """The report as text: the same run gives the same bytes."""
    sections = worksheet_view.sections(run.worksheet)
    terms = Terms.of(run.worksheet, run.manifest.track)
    outcome = read_outcome(run.worksheet, run.manifest.aco_name, run.manifest.track)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            manifest=run.manifest,
            outcome=outcome,
            answer=answer(outcome),
            stats=list(_stats(run.worksheet, outcome)),
            waterfall=figures.waterfall(outcome),
            sensitivity=figures.sensitivity(run.sensitivity, outcome.payment) if run.sensitivity else [],
            funnels=[figures.funnel(item) for item in reversed(run.funnels)],
            unverified=run.worksheet.unverified(),
            payment_unverified=run.worksheet.rests_on_unverified(KEY_LINES["payment"]),
            cms_lines=[line for line in run.worksheet if worksheet_view.stated_by_cms(line)],
            benchmark_years=run.worksheet.about.get("benchmark_years", "").split(", "),
            sections=sections,
            lines=run.worksheet.lines,
            blocks_using=worksheet_view.blocks_using(sections),
            parameter=lambda name: parameter_text(terms, name),
            small_cells=_small_cells(run),
            dropped_dollars=any(item.dollars is not None for item in run.claims.dropped),
            style=asset("report.css"),
            type_colors=charts.TYPE_COLORS,
            **_spend(run),
        )
    )


def _stats(worksheet: Worksheet, outcome: Outcome) -> Iterable[dict[str, str]]:
    """The four figures under the answer, each a door to its line."""
    lost = outcome.difference < 0
    shown = [
        ("Total benchmark", "benchmark", outcome.benchmark),
        ("Total expenditures", "expenditures", outcome.expenditures),
        ("Losses" if lost else "Savings", "difference", outcome.difference),
        ("Owed to CMS" if outcome.payment < 0 else "Payment", "payment", outcome.payment),
    ]
    for label, concept, value in shown:
        unit = f"{formats.percent(outcome.rate)} of benchmark" if concept == "difference" else "US dollars"
        yield {"label": label, "line": KEY_LINES[concept], "value": formats.dollars(abs(value)), "unit": unit}


def _spend(run: RunResults) -> dict[str, Any]:
    order = list(formats.ENROLLMENT_TYPES)
    rows = sorted(run.spend.rows, key=lambda row: (-row.year, order.index(row.enrollment_type)))
    this_year = [row for row in rows if row.year == run.manifest.performance_year]
    benchmarks = {
        kind: run.worksheet.number(BENCHMARK_BY_TYPE.format(kind))
        for kind in order
        if BENCHMARK_BY_TYPE.format(kind) in run.worksheet.lines
    }
    by_year: dict[int, list[SpendRow]] = {}
    for row in rows:
        by_year.setdefault(row.year, []).append(row)
    return {
        "spend_figures": [figures.spend_by_type(this_year, benchmarks), figures.person_years_by_type(this_year)]
        if this_year
        else [],
        "spend_by_year": by_year,
        **_exclusions(run),
    }


def _exclusions(run: RunResults) -> dict[str, Any]:
    """What the rules leave out: one row a rule, one column a year."""
    found: dict[str, dict[int, SpendExclusion]] = {}
    for item in run.spend.exclusions:
        label = formats.sentence(item.label or item.rule)
        found.setdefault(label, {})[item.year or run.manifest.performance_year] = item
    years = sorted({year for by_year in found.values() for year in by_year})
    return {"exclusions": found, "exclusion_years": years}


def _small_cells(run: RunResults) -> bool:
    """Whether a count from 1 to 10 is shown: CMS's data use agreements forbid publishing such cells."""
    counts = [step.count for year in run.funnels for step in year.stages]
    counts += [row.beneficiaries for row in run.spend.rows]
    counts += [item.claims for item in run.claims.differences] + [item.claims for item in run.claims.dropped]
    return any(0 < count < SMALL_CELL for count in counts)


def _cell(line: Line | None) -> str:
    return formats.line_text(line) if line else ""


@cache
def environment() -> Any:
    """The templates, with what all of them use: strict about names, escaping what they show."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("openaco.reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(
        formats=formats, cell=_cell, source_text=formats.source, column_title=worksheet_view.column_title,
        is_cms=worksheet_view.is_cms,
    )  # fmt: skip
    return environment


@cache
def asset(name: str) -> str:
    """The text of a file among the templates, such as the style sheet."""
    return (resources.files("openaco.reports") / "templates" / name).read_text(encoding="utf-8")

"""The settlement as a spreadsheet: computed lines are live formulas over their inputs, so that a what-if recalculates.

Blue figures are inputs, black ones formulas, gray ones values that a sheet alone cannot recompute (they come from
claims, tables or rules that need more than the lines shown). The sheet `Worksheet` has one row for each line.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaco.reports import formats, worksheet_view
from openaco.reports.formulas import REFERENCE, Terms, live_formula
from openaco.reports.outcome import KEY_LINES, answer, read_outcome
from openaco.reports.run_results import Funnel, RunResults
from openaco.worksheet import Line

NUMBER_FORMATS = {
    "usd": "$#,##0;[Red]-$#,##0",
    "usd_per_capita": "$#,##0.00;[Red]-$#,##0.00",
    "fraction": "0.00%",
    "count": "#,##0",
    "years": "#,##0.00",
    "ratio": "0.0000",
    "score": "0.0000",
}
INPUT, QUIET = "#0a58ca", "#6e7781"
COLORS = {"input": INPUT, "formula": "#000000", "value": QUIET, "none": QUIET}
VALUE_COLUMN, VALUE_INDEX = "E", 4
HEADER_ROW = 4
PRINTED_COLUMNS = 9


@dataclass(frozen=True)
class LineCell:
    """Where a worksheet line stands, its formula in terms of cells (empty if it has none), and if it begins a block."""

    line: Line
    row: int
    formula: str
    first: bool = False

    @property
    def kind(self) -> str:
        """`formula`; `input`; `value`, computed by more than the sheet holds; or `none`, a rule that does not apply."""
        if self.formula:
            return "formula"
        if self.line.value is None and self.line.formula:
            return "none"
        return "value" if any(":" not in source for source in self.line.inputs) else "input"


class SettlementWorkbook:
    """Writes one run as XLSX."""

    def __init__(self, run: RunResults, path: Path) -> None:
        import xlsxwriter

        self.run = run
        self.book = xlsxwriter.Workbook(str(path))
        created = run.manifest.as_of or datetime.date(run.manifest.performance_year, 12, 31)
        self.book.set_properties(
            {
                "title": f"{run.manifest.aco_name}: settlement for {run.manifest.performance_year}",
                "author": "OpenACO",
                "created": datetime.datetime.combine(created, datetime.time()),
            }
        )
        self.styles: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.terms = Terms.of(run.worksheet, run.manifest.track)
        self.parameter_cells: dict[str, str] = {}
        self.lines = self._place_lines()

    def style(self, **properties: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format({"font_name": "Calibri", "font_size": 11} | properties)
        return self.styles[key]

    def write(self) -> None:
        """Write every sheet and close the file."""
        sheets = {
            name: self.book.add_worksheet(name)
            for name in ("Summary", "Worksheet", "Parameters", "Assignment", "Spend", "Sources")
        }
        for sheet in sheets.values():
            sheet.hide_gridlines(2)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
        self._summary(sheets["Summary"])
        self._worksheet(sheets["Worksheet"])
        self._parameters(sheets["Parameters"])
        self._assignment(sheets["Assignment"])
        self._spend(sheets["Spend"])
        self._sources(sheets["Sources"])
        self.book.close()

    def _place_lines(self) -> dict[str, LineCell]:
        rows = {line.id: HEADER_ROW + 1 + number for number, line in enumerate(self.run.worksheet)}

        def cell(reference: str) -> str:
            if ":" in reference:
                place = f"Parameters!$B${len(self.parameter_cells) + HEADER_ROW + 1}"
                return self.parameter_cells.setdefault(reference, place)
            return f"{VALUE_COLUMN}{rows[reference]}"

        placed: dict[str, LineCell] = {}
        concept = ""
        for line in self.run.worksheet:
            begins, concept = worksheet_view.block_key(line.id) != concept, worksheet_view.block_key(line.id)
            formula = live_formula(self.run.worksheet, line, self.terms) or ""
            in_cells = "=" + REFERENCE.sub(lambda found: cell(found[1]), formula) if formula else ""
            placed[line.id] = LineCell(line, rows[line.id], in_cells, begins)
        return placed

    def _title(self, sheet: Any, title: str, explanation: str, widths: tuple[float, ...]) -> None:
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, title, self.style(bold=True, font_size=16))
        sheet.write_string(1, 0, explanation, self.style(font_color=QUIET))

    def _header(self, sheet: Any, names: tuple[str, ...], row: int = HEADER_ROW - 1, numbers: range = range(0)) -> None:
        for column, name in enumerate(names):
            place = {"align": "right"} if column in numbers else {"indent": 1 if column - 1 in numbers else 0}
            sheet.write_string(row, column, name, self.style(bold=True, bottom=1, text_wrap=True, **place))

    def _summary(self, sheet: Any) -> None:
        manifest = self.run.manifest
        outcome = read_outcome(self.run.worksheet, manifest.aco_name, manifest.track)
        title = f"{manifest.aco_name} ({manifest.aco_id}), performance year {manifest.performance_year}"
        self._title(sheet, title, answer(outcome), (46, 20, 20, 20, 40))
        self._header(sheet, ("", "Now, US dollars", "As settled, US dollars", "Change", "Line"), numbers=range(1, 4))
        money = self.style(num_format=NUMBER_FORMATS["usd"])
        shown = ("benchmark", "expenditures", "difference", "shared_savings", "earned", "losses_after_cap", "payment")
        for row, concept in enumerate(shown, HEADER_ROW):
            placed = self.lines[KEY_LINES[concept]]
            line, stored = placed.line, self.run.worksheet.number(placed.line.id)
            last = self.style(bold=True) if concept == "payment" else self.style()
            sheet.write_string(row, 0, line.label, last)
            sheet.write_formula(row, 1, f"=Worksheet!{VALUE_COLUMN}{placed.row}", money, stored)
            sheet.write_number(row, 2, stored, money)
            sheet.write_formula(row, 3, f"=B{row + 1}-C{row + 1}", money, 0)
            sheet.write_url(
                row, 4, f"internal:Worksheet!A{placed.row}", self.style(font_color=INPUT, indent=1), line.id
            )
        live = sum(bool(placed.formula) for placed in self.lines.values())
        for offset, sentence in enumerate(
            (
                f"{live} of {len(self.lines)} lines are live formulas. Change a blue figure on the sheet Worksheet or "
                "Parameters, and the payment follows.",
                "Gray figures come from claims or from rules that need more than this sheet; they do not change here.",
                "An estimate by OpenACO, not a CMS document. Sheet Sources says what it was computed from.",
            )
        ):
            sheet.write_string(HEADER_ROW + len(shown) + 1 + offset, 0, sentence, self.style(font_color=QUIET))

    def _worksheet(self, sheet: Any) -> None:
        self._title(
            sheet,
            "Worksheet",
            "Every line in the order of computation. Blue: input. Black: formula. Gray: does not recalculate.",
            (12, 60, 15, 17, 18, 25, 9, 60, 44, 12, 60, 46),
        )
        names = (
            "Step", "Line", "Enrollment type", "Period", "Value", "Unit", "Kind", "Computed as", "Citation",
            "Confidence", "Note", "Id",
        )  # fmt: skip
        self._header(sheet, names, numbers=range(VALUE_INDEX, VALUE_INDEX + 1))
        sheet.freeze_panes(HEADER_ROW, 2)
        sheet.autofilter(HEADER_ROW - 1, 0, HEADER_ROW - 1 + len(self.lines), len(names) - 1)
        sheet.repeat_rows(HEADER_ROW - 1)
        sheet.print_area(0, 0, HEADER_ROW - 1 + len(self.lines), PRINTED_COLUMNS - 1)
        for placed in self.lines.values():
            self._line(sheet, placed)

    def _line(self, sheet: Any, placed: LineCell) -> None:
        line, row = placed.line, placed.row - 1
        kind, period = worksheet_view.Block.place(line)
        texts = {
            0: line.step,
            1: line.label,
            2: formats.enrollment_type(kind) if kind else "",
            3: worksheet_view.column_title(period) if period else "",
            5: formats.UNITS[line.unit],
            6: placed.kind,
            7: line.formula or "; ".join(line.inputs),
            8: line.cite,
            9: line.confidence,
            10: line.note,
            11: line.id,
        }
        rule = {"top": 1, "top_color": "#d1d9e0"} if placed.first else {}
        for column, text in texts.items():
            sheet.write_string(row, column, text, self.style(**rule, indent=1 if column == VALUE_INDEX + 1 else 0))
        number_format = NUMBER_FORMATS.get(line.unit, "General")
        style = self.style(font_color=COLORS[placed.kind], num_format=number_format, align="right", **rule)
        column = VALUE_INDEX
        if placed.formula:
            sheet.write_formula(row, column, placed.formula, style, "" if line.value is None else line.value)
        elif line.value is None:
            sheet.write_blank(row, column, None, style)
        else:
            sheet.write(row, column, line.value, style)

    def _parameters(self, sheet: Any) -> None:
        self._title(sheet, "Parameters", "The rates and limits that the formulas use.", (52, 16, 44, 14))
        self._header(sheet, ("Parameter", "Value", "Citation", "Confidence"), numbers=range(1, 2))
        for row, reference in enumerate(self.parameter_cells, HEADER_ROW):
            kind, _, name = reference.partition(":")
            sheet.write_string(row, 0, name, self.style())
            sheet.write(row, 1, self.terms.value(reference), self.style(font_color=INPUT, align="right"))
            if kind == "parameter":
                found = self.terms.stated(name)
                sheet.write_string(row, 2, found.cite, self.style(indent=1))
                sheet.write_string(row, 3, found.confidence, self.style())

    def _assignment(self, sheet: Any) -> None:
        self._title(sheet, "Assignment", "People at each step; exclusions are negative.", (64, 12, 12, 12, 12, 12))
        years = self.run.funnels
        self._header(sheet, ("Step", *(str(year.year) for year in years)), numbers=range(1, len(years) + 1))
        steps = list(dict.fromkeys(step.id for year in reversed(years) for step in year.stages))
        labels = {step.id: step.label for year in years for step in year.stages}
        for row, step in enumerate(steps, HEADER_ROW):
            counts = [_count(year, step) for year in years]
            bold = any(item.id == step and item.kind == "stage" for year in years for item in year.stages)
            sheet.write_string(row, 0, labels[step], self.style(bold=bold))
            for column, count in enumerate(counts, 1):
                if count is not None:
                    sheet.write_number(row, column, count, self.style(bold=bold, num_format="#,##0;-#,##0"))

    def _spend(self, sheet: Any) -> None:
        self._title(
            sheet, "Spend", "By calendar year and enrollment type, US dollars.", (26, 18, 14, 14, 18, 20, 20)
        )  # fmt: skip
        names = ("Year", "Enrollment type", "Beneficiaries", "Person-years", "Per person-year",
                 "Dollars before truncation", "Dollars truncated")  # fmt: skip
        self._header(sheet, names, numbers=range(2, 7))
        row = HEADER_ROW
        for item in self.run.spend.rows:
            sheet.write_number(row, 0, item.year, self.style(align="left"))
            sheet.write_string(row, 1, formats.enrollment_type(item.enrollment_type), self.style())
            figures = (
                (item.beneficiaries, "count"), (item.person_years, "years"), (item.per_capita, "usd_per_capita"),
                (item.dollars, "usd"), (item.truncated_dollars, "usd"),
            )  # fmt: skip
            for column, (value, unit) in enumerate(figures, 2):
                sheet.write_number(row, column, value, self.style(num_format=NUMBER_FORMATS[unit]))
            row += 1
        row += 1
        self._header(sheet, ("Left out by rule", "Year", "Claim lines", "US dollars"), row, numbers=range(2, 4))
        for offset, left_out in enumerate(self.run.spend.exclusions, row + 1):
            sheet.write_string(offset, 0, left_out.label or formats.words(left_out.rule), self.style())
            sheet.write(offset, 1, left_out.year, self.style(align="left"))
            sheet.write(offset, 2, left_out.claims, self.style(num_format="#,##0"))
            sheet.write_number(offset, 3, left_out.dollars, self.style(num_format=NUMBER_FORMATS["usd"]))

    def _sources(self, sheet: Any) -> None:
        manifest = self.run.manifest
        self._title(sheet, "Sources", "What this settlement was computed from.", (52, 12, 14, 14, 14, 70))
        names = ("File", "Feed", "Delivered", "Rows", "Quarantined", "SHA-256")
        self._header(sheet, names, numbers=range(3, 5))
        row = HEADER_ROW
        for item in manifest.deliveries:
            for column, text in ((0, item.file_name), (1, item.feed), (2, formats.day(item.delivered_on))):
                sheet.write_string(row, column, text, self.style())
            sheet.write_number(row, 3, item.row_count, self.style(num_format="#,##0"))
            sheet.write_number(row, 4, item.quarantined_count, self.style(num_format="#,##0"))
            sheet.write_string(row, 5, item.content_hash, self.style(font_name="Consolas", indent=1))
            row += 1
        facts = (
            ("Run", manifest.run_id),
            ("OpenACO", manifest.code_version),
            ("Parameters, SHA-256", manifest.parameter_hash),
            ("Engine", manifest.engine),
            ("Seed", str(manifest.seed)),
            ("Assignment", manifest.assignment_method),
        )
        for offset, (name, text) in enumerate(facts, row + 1):
            sheet.write_string(offset, 0, name, self.style(bold=True))
            sheet.write_string(offset, 1, text, self.style())


def write_workbook(run: RunResults, path: Path) -> Path:
    """Write the run as XLSX and return its path. The same run gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    SettlementWorkbook(run, draft).write()
    draft.replace(path)
    return path


def _count(year: Funnel, step: str) -> int | None:
    found = next((item for item in year.stages if item.id == step), None)
    return None if found is None else -found.count if found.kind == "exclusion" else found.count

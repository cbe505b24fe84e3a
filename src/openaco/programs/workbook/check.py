"""Recomputes CMS's settlement report from its own inputs and compares every computed cell with its worksheet line.

Each cell is compared with what the inputs lead to, not with what other printed results lead to: a changed result is
reported at its own line alone, a changed input at every line that truly departs. Which cell is which line stands in
`parameters/settlement_report/lines.csv`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from openaco.errors import ConfigurationError, WorkbookError
from openaco.feeds.workbooks.settlement_report import (
    ENROLLMENT_TYPES,
    ReportCell,
    SettlementReport,
    Value,
    as_number,
    read_settlement_report,
)
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.mssp.worksheet import worksheet
from openaco.programs.workbook.constants import printed_constants
from openaco.programs.workbook.inputs import inputs_of
from openaco.rules import sharing
from openaco.rules.cited import cited
from openaco.worksheet import Worksheet

TOLERANCE = 1e-9
_CIRCUMSTANCES = "settlement.extreme_circumstances"


@dataclass(frozen=True)
class Difference:
    """A cell that is not what its inputs lead to. `follows`: a line it is computed from differs as well."""

    sheet: str
    cell: str
    line: str
    published: Value
    recomputed: Value
    follows: bool = False

    def as_data(self) -> dict[str, Value]:
        """The five keys that other programs rely on."""
        return {name: getattr(self, name) for name in ("sheet", "cell", "line", "published", "recomputed")}


@dataclass(frozen=True)
class WorkbookCheck:
    """The result: how many computed cells were compared, the worst relative difference, and the cells that differ."""

    file: str
    title: str
    lines: int
    worst_relative_difference: float
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, Any]:
        """`{"lines", "worst_relative_difference", "differences"}`."""
        return {
            "lines": self.lines,
            "worst_relative_difference": self.worst_relative_difference,
            "differences": [difference.as_data() for difference in self.differences],
        }


@dataclass(frozen=True)
class _Comparison:
    cell: ReportCell
    line: str
    recomputed: Value
    computed: bool


def check_workbook(path: Path) -> WorkbookCheck:
    """Check one settlement report. Raises WorkbookError if it cannot be read, or its inputs make no settlement."""
    return check_report(read_settlement_report(path))


def check_report(report: SettlementReport) -> WorkbookCheck:
    """Check a settlement report that is read already. Raises WorkbookError if its inputs make no settlement."""
    inputs, sheet = _recomputed(report)
    comparisons = [*_lines(report, inputs, sheet), *_constants(report, inputs)]
    apart = [(comparison, _apart(comparison, report.file)) for comparison in comparisons]
    differing = {comparison.line for comparison, distance in apart if distance > TOLERANCE}
    return WorkbookCheck(
        file=report.file,
        title=sheet.title,
        lines=sum(comparison.computed for comparison in comparisons),
        worst_relative_difference=max(distance for _, distance in apart),
        differences=tuple(
            _difference(comparison, sheet, differing) for comparison, distance in apart if distance > TOLERANCE
        ),
    )


def _recomputed(report: SettlementReport) -> tuple[MsspInputs, Worksheet]:
    try:
        inputs = inputs_of(report)
        return inputs, _with_stated_circumstances(worksheet(inputs), report)
    except (ConfigurationError, ValidationError, ZeroDivisionError) as error:
        raise WorkbookError(
            f"its inputs make no settlement: {_reason(error)}",
            where=report.file,
            remedy="Compare the file with the one that CMS sent.",
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ConfigurationError):
        return error.what
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return "a figure that others are divided by is zero"


def _lines(report: SettlementReport, inputs: MsspInputs, sheet: Worksheet) -> Iterator[_Comparison]:
    """Every cell of the table of lines beside its worksheet line."""
    chosen = inputs.agreement.minimum_savings_rate != "variable"
    floor = cited("mssp/settlement/minimum_beneficiaries_for_chosen_rate", report.performance_year).value
    chosen = chosen and inputs.performance.assigned_beneficiaries >= floor
    for row in cited("settlement_report/lines", report.performance_year).value:
        computed = row["role"] == "computed" or (row["role"] == "computed unless chosen" and not chosen)
        for kind in ENROLLMENT_TYPES.values() if row["row"] == "types" else [row["row"]]:
            for column in row["columns"].split():
                line = row["line"].format(type=kind, column=column)
                cell = report.cell(row["table"], row["letter"], kind, column)
                yield _Comparison(cell, line, sheet[line], computed)


def _constants(report: SettlementReport, inputs: MsspInputs) -> Iterator[_Comparison]:
    """Printed rates and weights that the rules state as well."""
    for cell, line, stated in printed_constants(report, inputs):
        yield _Comparison(cell, line, stated, computed=False)


def _with_stated_circumstances(sheet: Worksheet, report: SettlementReport) -> Worksheet:
    """The report's own shares of an extreme and uncontrollable circumstance hold as printed: [DD], [EE], [FF], [GG].

    The worksheet lets a nationwide circumstance count at least; CMS's report has counted it already.
    """
    cells = [report.cell("table_3", letter) for letter in ("DD", "EE")]
    ids = [f"{_CIRCUMSTANCES}_{name}_share" for name in ("beneficiary", "month")]
    if any(cell.value is None or sheet[id] is None for cell, id in zip(cells, ids, strict=True)):
        return sheet
    shares = [as_number(cell, report.file) for cell in cells]
    owed = sheet.number("settlement.losses_for_time_in_program")
    forgiven = sharing.extreme_circumstances_reduction(owed, *shares)
    values = dict(zip(ids, shares, strict=True)) | {
        f"{_CIRCUMSTANCES}_adjustment": forgiven,
        "settlement.payment_due_to_cms": owed - forgiven,
    }
    for id, value in values.items():
        sheet.lines[id] = replace(sheet.line(id), value=value)
    return sheet


def _apart(comparison: _Comparison, file: str) -> float:
    """Relative difference of a cell and its line; 1 where one is a number and the other is not, or words differ."""
    published, recomputed = comparison.cell.value, comparison.recomputed
    if comparison.line == "settlement.outcome" and recomputed == "Neither":
        return float(published in ("Savings", "Losses"))
    if recomputed is None or published is None:
        return float(published is not recomputed)
    if isinstance(recomputed, str):
        return float(str(published).casefold() != recomputed.casefold())
    try:
        number = as_number(comparison.cell, file)
    except WorkbookError:
        return 1.0
    scale = max(abs(number), abs(recomputed))
    return abs(number - recomputed) / scale if scale else 0.0


def _difference(comparison: _Comparison, sheet: Worksheet, differing: set[str]) -> Difference:
    behind = {line.id for line in sheet.ancestors(comparison.line)} if comparison.line in sheet.lines else set()
    return Difference(
        sheet=comparison.cell.sheet,
        cell=comparison.cell.address,
        line=comparison.line,
        published=comparison.cell.value,
        recomputed=comparison.recomputed,
        follows=bool(behind & differing),
    )

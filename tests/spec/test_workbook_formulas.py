"""The workbook's formulas give the values of the run, and recalculate to what the program would compute."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from openaco.errors import OpenACOError
from openaco.programs.configuration import Quality
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.mssp.worksheet import with_spending, worksheet
from openaco.reports.formula_language import evaluate
from openaco.reports.formulas import references, templates
from openaco.reports.run_results import RunResults
from openaco.reports.workbook import HEADER_ROW, SettlementWorkbook, write_workbook
from openaco.worksheet import Value, Worksheet
from reports_fixture import demo_inputs, write_run

Edit = Callable[[str, Value], Value]
REFERENCE = re.compile(r"(?:(\w+)!)?\$?([A-Z])\$?(\d+)")
VALUE, ID = 5, 12

CASES = {
    "savings": demo_inputs(),
    "losses": demo_inputs(1.06),
    "two-way update": demo_inputs(start=2022, track="ENHANCED"),
    "one-sided": demo_inputs(track="BASIC_B"),
    "low revenue": demo_inputs(track="BASIC_B", revenue_status="low"),
    "prior savings": demo_inputs(track="ENHANCED", election="variable", prior_savings_adjustment=900.0),
}


class Recalculated:
    """A workbook recalculated from its formulas alone; `edit` changes inputs first."""

    def __init__(self, path: Path, edit: Edit = lambda _, value: value) -> None:
        self.book = openpyxl.load_workbook(path)
        self.known: dict[tuple[str, str], Value] = {}
        self.lines: dict[str, str] = {}
        sheet = self.book["Worksheet"]
        for row in range(HEADER_ROW + 1, sheet.max_row + 1):
            line_id, cell = sheet.cell(row, ID).value, sheet.cell(row, VALUE)
            self.lines[line_id] = cell.coordinate
            if not str(cell.value).startswith("="):
                cell.value = edit(line_id, cell.value)

    def line(self, line_id: str) -> Value:
        return self.cell("Worksheet", self.lines[line_id])

    def cell(self, sheet: str, address: str) -> Value:
        place = (sheet, address)
        if place not in self.known:
            content: Any = self.book[sheet][address].value
            if isinstance(content, str) and content.startswith("="):
                named = REFERENCE.sub(lambda found: f"{{{found[1] or sheet}!{found[2]}{found[3]}}}", content)
                content = evaluate(named, lambda reference: self.cell(*reference.split("!")))
            self.known[place] = content
        return self.known[place]


def write(folder: Path, inputs: MsspInputs) -> Path:
    return write_workbook(RunResults.read(write_run(folder, inputs)), folder / "settlement.xlsx")


def assert_same(found: Recalculated, expected: Worksheet) -> None:
    for line in expected:
        value = found.line(line.id)
        if isinstance(line.value, bool | int | float):
            assert value == pytest.approx(line.value, rel=1e-9, abs=1e-9), line.id
        else:
            assert (value or None) == (line.value or None), line.id


@pytest.mark.parametrize("case", CASES)
def test_formulas_give_the_values_of_the_run(case: str, tmp_path: Path) -> None:
    assert_same(Recalculated(write(tmp_path, CASES[case])), worksheet(CASES[case]))


@pytest.mark.parametrize("factor", [0.9, 0.985, 1.015, 1.03, 1.12])
@pytest.mark.parametrize("case", CASES)
def test_a_changed_input_recalculates_the_payment(case: str, factor: float, tmp_path: Path) -> None:
    """Spending moves the ACO between savings, nothing and losses; every line follows."""

    def edit(line_id: str, value: Value) -> Value:
        return value * factor if line_id.startswith("settlement.per_capita.") else value  # type: ignore[operator]

    found = Recalculated(write(tmp_path, CASES[case]), edit)
    assert_same(found, worksheet(with_spending(CASES[case], factor)))
    last = found.book["Summary"].max_row
    changes = {found.book["Summary"].cell(row, 5).value: row for row in range(1, last + 1)}
    row = changes["settlement.payment"]
    before, after = (found.cell("Summary", f"{column}{row}") for column in "CB")
    assert found.cell("Summary", f"D{row}") == pytest.approx(float(after or 0) - float(before or 0))


def test_quality_recalculates_too(tmp_path: Path) -> None:
    before = demo_inputs(1.08, track="ENHANCED")
    worse = Quality(score=50, outcome_percentiles=(40,), other_percentiles=(50,))
    changed = {"quality.reported_score": 50, "settlement.quality_standard": "Alternative"}
    found = Recalculated(write(tmp_path, before), lambda line_id, value: changed.get(line_id, value))
    assert_same(found, worksheet(demo_inputs(1.08, track="ENHANCED", quality=worse)))


@pytest.mark.parametrize("case", CASES)
def test_nearly_every_computed_line_is_live(case: str, tmp_path: Path) -> None:
    book = SettlementWorkbook(RunResults.read(write_run(tmp_path, CASES[case])), tmp_path / "settlement.xlsx")
    still = {placed.line.id for placed in book.lines.values() if placed.kind == "value"}
    assert still <= {"settlement.quality_standard", "settlement.minimum_savings_rate"}


def test_a_formula_that_contradicts_the_run_is_not_written(tmp_path: Path) -> None:
    """A rule that a template does not know leaves a value behind, never a wrong formula."""
    run = RunResults.read(write_run(tmp_path))
    lines = run.worksheet.lines
    lines["settlement.shared_savings"] = lines["settlement.shared_savings"].__class__(
        **{**vars(lines["settlement.shared_savings"]), "value": 0.0}
    )
    placed = SettlementWorkbook(run, tmp_path / "settlement.xlsx").lines["settlement.shared_savings"]
    assert (placed.kind, placed.formula) == ("value", "")


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, demo_inputs()) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-(2 - 5) / 2", 1.5),
        ("10 - 2 - 3", 5),
        ("MAX(1, MIN(5, {a}), -2)", 4),
        ('IF({word} = "Yes", 1, 2)', 1),
        ('IF({empty} = "", 1, 2)', 1),
        ("{empty} + 1", 1),
        ('IF(OR({a} <> 4, AND(1 < 2, 2 <= 2)), "so", "not")', "so"),
        ("ABS(-3) >= SUM(1, 2)", True),
        ("1e-3", 0.001),
    ],
)
def test_formula_language(formula: str, value: Value) -> None:
    known = {"a": 4, "word": "Yes", "empty": None}
    assert evaluate(formula, known.__getitem__) == value


@pytest.mark.parametrize("formula", ["1 +", "2 3", "§", "MAX(1"])
def test_formulas_that_cannot_be_read_are_refused(formula: str) -> None:
    with pytest.raises(OpenACOError):
        evaluate(formula, lambda _: 0)


def test_every_template_can_be_read() -> None:
    for name, choices in templates().items():
        for template in choices:
            assert references(template), name


def test_a_spreadsheet_program_agrees(tmp_path: Path) -> None:
    """LibreOffice, given the workbook without stored results, computes the lines of a changed run."""
    program = shutil.which("soffice")
    if not program:
        if os.environ.get("OPENACO_REQUIRE_SPREADSHEET") == "1":
            pytest.fail("no LibreOffice found, and OPENACO_REQUIRE_SPREADSHEET=1")
        pytest.skip("not run: no LibreOffice found")
    path = write(tmp_path, demo_inputs())
    book = openpyxl.load_workbook(path)
    sheet = book["Worksheet"]
    rows = {sheet.cell(row, ID).value: row for row in range(HEADER_ROW + 1, sheet.max_row + 1)}
    for line_id, row in rows.items():
        if line_id.startswith("settlement.per_capita."):
            sheet.cell(row, VALUE).value *= 1.02
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    target = tmp_path / "recalculated"
    command = [program, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(target), str(changed)], check=True, capture_output=True, timeout=180)
    computed = openpyxl.load_workbook(target / changed.name, data_only=True)["Worksheet"]
    for line in worksheet(with_spending(demo_inputs(), 1.02)):
        if isinstance(line.value, int | float):
            assert computed.cell(rows[line.id], VALUE).value == pytest.approx(line.value, rel=1e-9, abs=1e-9), line.id

"""CMS's settlement report line by line: the two samples, an invented one, and copies with changed cells."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from invented_report import DASH, Invented, write_report
from openaco.cli.check_workbook import check_workbook as command
from openaco.errors import OpenACOError, WorkbookError
from openaco.feeds.workbooks.settlement_report import Key, SettlementReport, read_settlement_report
from openaco.programs.workbook.check import WorkbookCheck, check_report, check_workbook
from openaco.rules.cited import cited

SAMPLES = {
    "P.A9999.ACO.STLMT.Y2022.D239999.T0000001.xlsx": 221,
    "P.A9998.ACO.STLMT.Y2022.D239999.T0000001.xlsx": 222,
}
TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> dict[str, Path]:
    return {name: shared_data / "mssp-settlement-samples" / name for name in SAMPLES}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("report") / "report.xlsx", Invented())


def computed_cells(report: SettlementReport) -> list[tuple[Key, str]]:
    """The keys of all computed cells and their lines, from the table of lines."""
    found = []
    for row in cited("settlement_report/lines", report.performance_year).value:
        if row["role"] == "computed":
            for kind in TYPES if row["row"] == "types" else [row["row"]]:
                for column in row["columns"].split():
                    line = row["line"].format(type=kind, column=column)
                    found.append(((row["table"], row["letter"], kind, column), line))
    return found


def changed(report: SettlementReport, key: Key, value: Any) -> WorkbookCheck:
    """The check of a report with one cell changed."""
    cells = report.cells | {key: dataclasses.replace(report.cells[key], value=value)}
    return check_report(dataclasses.replace(report, cells=cells))


def another(value: Any) -> Any:
    """Something that the cell should not hold."""
    if value is None:
        return 1.0
    if isinstance(value, str):
        return {"Savings": "Losses", "Losses": "Savings"}.get(value, "No")
    return value * 1.000001 if value else 1.0


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_every_computed_line_of_the_samples_agrees(samples: dict[str, Path], name: str) -> None:
    found = check_workbook(samples[name])
    assert found.lines == SAMPLES[name]
    assert found.differences == ()
    assert found.worst_relative_difference < 1e-12


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_every_changed_computed_cell_is_reported_at_its_own_line_alone(samples: dict[str, Path], name: str) -> None:
    report = read_settlement_report(samples[name])
    keys = computed_cells(report)
    assert len(keys) >= SAMPLES[name] - 1
    for key, line in keys:
        cell = report.cells[key]
        (difference,) = changed(report, key, another(cell.value)).differences
        assert (difference.sheet, difference.cell, difference.line) == (cell.sheet, cell.address, line)
        assert difference.published == another(cell.value)
        if isinstance(cell.value, str):
            assert difference.recomputed == cell.value
        else:
            assert difference.recomputed == pytest.approx(cell.value, rel=1e-12)


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    ("key", "first"),
    [
        (("table_1", "B", "esrd", "by1"), "benchmark.trended.esrd.by1"),
        (("table_1", "C", "disabled", "by2"), "benchmark.risk_ratio.disabled.by2"),
        (("table_1", "H", "aged_non_dual", "by3"), "benchmark.historical_total"),
        (("table_a3", "A", "aged_dual", "py"), "trend.national_factor.aged_dual.py"),
        (("table_a3", "C", "aged_dual", "by1"), "trend.regional_factor.aged_dual.by1"),
        (("table_a3", "E", "disabled", "py"), "trend.regional_weight.disabled.py"),
        (("table_a1", "B", "esrd", "py"), "update.risk_ratio_uncapped.esrd"),
        (("table_3", "B", "all", "py"), "settlement.total_expenditures"),
        (("table_3", "C", "aged_dual", "py"), "settlement.expenditures_per_capita"),
        (("table_3", "L", "all", "py"), "settlement.minimum_savings_rate"),
        (("table_3", "S", "all", "py"), "settlement.quality_standard"),
    ],
)
def test_a_changed_input_is_reported_where_the_recomputation_departs(
    samples: dict[str, Path], name: str, key: Key, first: str
) -> None:
    report = read_settlement_report(samples[name])
    value = report.cells[key].value
    differences = changed(report, key, "No" if isinstance(value, str) else float(value or 0) * 1.001).differences
    assert first in {difference.line for difference in differences}
    assert not differences[0].follows or first.startswith("update.risk_ratio")


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "key",
    [
        *(("table_a3", "E", "esrd", year) for year in ("by1", "by2", "by3")),
        ("table_2", "G", "disabled", "py"),
        ("table_3", "D", "aged_dual", "py"),
        ("table_3", "L", "all", "py"),
        ("table_3", "S", "all", "py"),
    ],
)
def test_a_changed_input_that_stands_elsewhere_too_is_reported_at_its_own_cell(
    samples: dict[str, Path], name: str, key: Key
) -> None:
    report = read_settlement_report(samples[name])
    (difference,) = changed(report, key, another(report.cells[key].value)).differences
    assert difference.cell == report.cells[key].address


@pytest.mark.shared
def test_shares_of_a_circumstance_hold_as_printed(samples: dict[str, Path]) -> None:
    report = read_settlement_report(samples["P.A9998.ACO.STLMT.Y2022.D239999.T0000001.xlsx"])
    differences = changed(report, ("table_3", "EE", "all", "py"), 5 / 12).differences
    assert {difference.line.rpartition(".")[2]: difference.recomputed for difference in differences} == {
        "extreme_circumstances_adjustment": pytest.approx(-4329843.2876040945, rel=1e-12),
        "payment_due_to_cms": pytest.approx(-6061780.6026457315, rel=1e-12),
    }


def _edited(path: Path, target: Path, sheet: str, cell: str, value: Any) -> Path:
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(target)
    return target


@pytest.mark.shared
@pytest.mark.parametrize(
    ("sheet", "cell", "value", "reported"),
    [
        ("Table 1 - Historical Benchmark", "F44", 11_545.0, "F44"),
        ("Table A3 - Trend & Update", "F38", "1.19", "F38"),
        ("Table A1 - Risk", "E5", 1.05, "E5"),
        ("Table 2 - Updated Benchmark", "B11", DASH, "B11"),
        ("Table 3 - Shared Savings Losses", "B40", 3_573_137, "B40"),
        ("Table 3 - Shared Savings Losses", "B29", "Losses", "B29"),
        ("Table A4 - MSR", "D16", 0.029, "D16"),
        ("Table A5 - Inputs by Track", "G5", 0.7, "G5"),
        ("Parameters", "B34", 0.25, "B34"),
        ("Parameters", "B31", "1/4", "B31"),
        ("Parameters", "B23", 1.02, "B23"),
    ],
)
def test_a_copy_with_one_changed_cell_is_reported_there(
    samples: dict[str, Path], tmp_path: Path, sheet: str, cell: str, value: Any, reported: str
) -> None:
    copy = _edited(samples["P.A9999.ACO.STLMT.Y2022.D239999.T0000001.xlsx"], tmp_path / "copy.xlsx", sheet, cell, value)
    (difference,) = check_workbook(copy).differences
    assert (difference.sheet, difference.cell) == (sheet, reported)


CASES = {
    "savings": Invented(spending=0.93),
    "savings below the minimum": Invented(track="BASIC Level B", spending=0.985),
    "one-sided savings": Invented(track="BASIC Level B", spending=0.93, chosen_rate=None),
    "one-sided losses": Invented(track="BASIC Level B", spending=1.2, chosen_rate=None),
    "losses limited by revenue": Invented(spending=1.2),
    "losses limited by benchmark": Invented(spending=1.2, revenue=900_000_000.0),
    "losses by score": Invented(track="ENHANCED", spending=1.05, chosen_rate=None, score=0.71),
    "savings of a small ACO": Invented(track="ENHANCED", spending=0.9, beneficiaries=4_200, chosen_rate=None),
    "no minimum": Invented(spending=0.99, chosen_rate=0.0),
}


@pytest.mark.parametrize("case", CASES)
def test_invented_reports_agree_wherever_their_tables_stand(tmp_path: Path, case: str) -> None:
    """Plain arithmetic of the test on one side, the worksheet on the other."""
    found = check_workbook(write_report(tmp_path / "report.xlsx", CASES[case]))
    assert found.differences == ()
    assert found.lines in (221, 222)
    assert found.worst_relative_difference < 1e-12


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_changed_computed_cell_is_found(invented: Path, data: st.DataObject) -> None:
    report = _read_once(invented)
    key, line = data.draw(st.sampled_from(computed_cells(report)))
    value = report.cells[key].value
    factor = data.draw(st.floats(0.5, 2.0).filter(lambda number: abs(number - 1) > 1e-6))
    put = value * factor if isinstance(value, int | float) and value else another(value)
    (difference,) = changed(report, key, put).differences
    assert difference.line == line


_READ: dict[Path, SettlementReport] = {}


def _read_once(path: Path) -> SettlementReport:
    return _READ.setdefault(path, read_settlement_report(path))


def test_a_blanked_result_is_a_difference(invented: Path, tmp_path: Path) -> None:
    report = _read_once(invented)
    address = report.cell("table_3", "Y").address
    copy = _edited(invented, tmp_path / "copy.xlsx", "Table 3 - Shared Savings Losses", address, None)
    (difference,) = check_workbook(copy).differences
    assert (difference.line, difference.published) == ("settlement.earned_performance_payment", None)


def test_a_tolerance_for_fifteen_digits(invented: Path) -> None:
    """A real report stores 15 significant digits."""
    report = _read_once(invented)
    cells = {
        key: dataclasses.replace(cell, value=float(f"{cell.value:.15g}")) if isinstance(cell.value, float) else cell
        for key, cell in report.cells.items()
    }
    found = check_report(dataclasses.replace(report, cells=cells))
    assert found.differences == ()
    assert found.worst_relative_difference > 0


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (("table_1", "B", "esrd", "by1"), "about 80,000", "'about 80,000' stands where a number should"),
        (("table_1", "B", "esrd", "by1"), None, "nothing stands where a number should"),
        (("table_1", "A2", "all", "by1"), 0, "no person-years in by1"),
        (("table_a3", "A", "esrd", "by1"), 0, "national_per_capita, by1: not above zero for esrd"),
        (("table_3", "R", "all", "py"), 81.2, "score: Input should be less than or equal to 100"),
    ],
)
def test_inputs_that_make_no_settlement_say_why(invented: Path, key: Key, value: Any, says: str) -> None:
    with pytest.raises(WorkbookError, match=says):
        changed(_read_once(invented), key, value)


@pytest.mark.parametrize(
    ("sheet", "row", "value", "says"),
    [
        ("Parameters", "ACO Track", "Level Z", "'Level Z' is not a track"),
        ("Parameters", "ACO Agreement Period", "second", "stands where a number should"),
        ("Parameters", "ACO Agreement Period", "2.5", "not a whole number"),
        ("Cover", "January 1, 2022 Agreement Start Date", "soon", "no agreement start date"),
        ("Cover", "Financial Reconciliation Report, Performance Year 2022", "A report", "no performance year"),
        ("Table 3 - Shared Savings Losses", "[Y] Some label", "[ZZ] Another", r"no line \[Y\]"),
    ],
)
def test_a_report_that_lacks_something_names_it(
    invented: Path, tmp_path: Path, sheet: str, row: str, value: str, says: str
) -> None:
    book = openpyxl.load_workbook(invented)
    (found,) = [cells for cells in book[sheet].iter_rows() if str(cells[0].value).strip() == row]
    found[1 if sheet == "Parameters" else 0].value = value
    book.save(tmp_path / "copy.xlsx")
    with pytest.raises(WorkbookError, match=says):
        check_workbook(tmp_path / "copy.xlsx")


def test_files_that_are_no_report_say_so(invented: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(WorkbookError, match="no Excel workbook, or is damaged"):
        check_workbook(broken)
    with pytest.raises(WorkbookError, match="no such file"):
        check_workbook(tmp_path / "none.xlsx")
    book = openpyxl.load_workbook(invented)
    del book["Table 2 - Updated Benchmark"]
    book.save(broken)
    with pytest.raises(WorkbookError, match="no sheet Table 2"):
        check_workbook(broken)


def _run(*arguments: str) -> Any:
    import typer

    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, list(arguments))


def test_the_command_prints_the_stable_json(invented: Path, tmp_path: Path) -> None:
    found = _run(str(invented), "--json")
    assert found.exit_code == 0
    data = json.loads(found.output)
    assert set(data) == {"lines", "worst_relative_difference", "differences"}
    assert (data["lines"], data["differences"]) == (221, [])
    address = _read_once(invented).cell("table_3", "V").address
    copy = _edited(invented, tmp_path / "copy.xlsx", "Table 3 - Shared Savings Losses", address, 5)
    found = _run(str(copy), "--json")
    assert found.exit_code == 1
    (difference,) = json.loads(found.output)["differences"]
    assert set(difference) == {"sheet", "cell", "line", "published", "recomputed"}
    assert difference["cell"] == address


def test_the_command_summarizes_in_ten_lines(invented: Path, tmp_path: Path) -> None:
    assert "221 computed lines compared" in _run(str(invented)).output
    address = _read_once(invented).cell("table_1", "B", "esrd", "by1").address
    copy = _edited(invented, tmp_path / "copy.xlsx", "Table 1 - Historical Benchmark", address, 1.0)
    found = _run(str(copy))
    lines = found.output.splitlines()
    assert found.exit_code == 1
    assert len(lines) <= 10
    assert "benchmark.trended.esrd.by1" in lines[2]


def test_the_command_names_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    found = _run(str(tmp_path / "none.xlsx"))
    assert isinstance(found.exception, OpenACOError)

"""Reading CMS's results files: every way in which the format changed, on small invented files."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from invented_results import LATEST, YEAR_2014, YEAR_2019, YEAR_2024, write_results
from openaco.errors import WorkbookError
from openaco.feeds.workbooks.printed import read_date, read_figure
from openaco.feeds.workbooks.public_results import PublishedResults, read_public_results
from openaco.feeds.workbooks.results_rows import PublishedResult


def read(tmp_path: Path, rows: list[dict[str, Any]], year: int | None = None, **how: Any) -> PublishedResults:
    return read_public_results(write_results(tmp_path / "results.csv", rows, **how), year)


def only(results: PublishedResults) -> PublishedResult:
    assert len(results.rows) == 1
    return results.rows[0]


@pytest.mark.parametrize(
    ("shape", "year", "track"),
    [
        (YEAR_2014, 2014, "TRACK_1"),
        (YEAR_2019, 2019, "TRACK_1"),
        (LATEST, 2022, "BASIC_B"),
        (YEAR_2024, 2024, "BASIC_A"),
    ],
)
def test_each_shape_reads_to_the_same_typed_row(tmp_path: Path, shape: dict[str, str], year: int, track: str) -> None:
    row = only(read(tmp_path, [shape], year))
    assert (row.performance_year, row.track, row.assigned_beneficiaries) == (year, track, 10_000)
    assert row.benchmark_total is not None
    assert row.benchmark_total.value == 100_000_000
    assert row.minimum_savings_rate is not None
    assert row.minimum_savings_rate.value == pytest.approx(0.03)
    assert row.quality_score is not None
    assert row.quality_score.value in (pytest.approx(0.85), pytest.approx(0.9))
    assert row.final_sharing_rate is not None
    assert row.final_sharing_rate.value in (pytest.approx(0.40), pytest.approx(0.45))
    assert row.gen_save_loss is not None
    assert row.gen_save_loss.value == 5_000_000


@pytest.mark.parametrize(
    ("encoding", "separator", "line_end"),
    [
        ("utf-8", ",", "\n"),
        ("utf-8-sig", ",", "\r\n"),
        ("latin-1", ",", "\r\n"),
        ("cp1252", ";", "\r\n"),
        ("utf-16", "\t", "\r\n"),
    ],
)
def test_containers_of_excel_and_others(tmp_path: Path, encoding: str, separator: str, line_end: str) -> None:
    named = LATEST | {"ACO_Name": "Clínica Niño ACO, LLC", "ABtotBnchmk": "100,000,000"}
    row = only(read(tmp_path, [named], encoding=encoding, separator=separator, line_end=line_end))
    assert row.name == "Clínica Niño ACO, LLC"
    assert row.benchmark_total is not None
    assert row.benchmark_total.value == 100_000_000


def test_header_case_blanks_and_descriptions_do_not_matter(tmp_path: Path) -> None:
    renamed = {
        "aco id": "A9001",
        " ACO NAME ": "Example",
        "Agreement Start Date": "01/01/2014",
        "Track 1": "1",
        "TRACK_2": "0",
        "Total Assigned Beneficiaries": "10,000",
        "Total Benchmark Expenditures": "$100,000,000",
        "Total Expenditures": "$95,000,000",
        "Generated Total Savings/Losses1": "$5,000,000",
        "Earned Shared Savings Payments/Owe Losses3": "$2,205,000",
        "Quality Score": "90.00%",
    }
    row = only(read(tmp_path, [renamed], 2014))
    assert row.track == "TRACK_1"
    assert row.earn_save_loss is not None
    assert row.earn_save_loss.value == 2_205_000
    assert row.quality_score is not None
    assert row.quality_score.value == pytest.approx(0.9)


def test_titles_above_footnotes_and_blank_rows_below(tmp_path: Path) -> None:
    blank = "," * (len(LATEST) - 1)
    results = read(
        tmp_path,
        [LATEST],
        above=("Shared Savings Program,results of 2022", ""),
        below=(blank, "", "* suppressed: fewer than 11 beneficiaries" + blank, "Note: dollars are rounded"),
    )
    assert only(results).aco_id == "A9001"
    assert results.skipped_lines == (5, 6, 7, 8)


@pytest.mark.parametrize("mark", ["", ".", "-", "^", "*", "–", "N/A", " * ", "#N/A"])
def test_suppressed_cells_are_missing_not_zero(tmp_path: Path, mark: str) -> None:
    row = only(read(tmp_path, [LATEST | {"EarnSaveLoss": mark, "QualScore": mark, "Met_QPS": mark}]))
    assert row.earn_save_loss is None
    assert row.quality_score is None
    assert row.met_quality_standard is None


@pytest.mark.parametrize("name", ["N_AB", "ABtotBnchmk"])
def test_a_row_without_what_it_takes_says_so(tmp_path: Path, name: str) -> None:
    assert only(read(tmp_path, [LATEST | {name: "*"}])).unread == (f"{name} is not printed",)


@pytest.mark.parametrize(
    ("cell", "value", "decimals", "percent"),
    [
        ("1234567", "1234567", 0, False),
        (" $1,234,567 ", "1234567", 0, False),
        ("($1,234.50)", "-1234.50", 2, False),
        ("-$12", "-12", 0, False),
        ("−12", "-12", 0, False),
        ("6.46%", "6.46", 2, True),
        (".5", "0.5", 1, False),
        ("1.07E+09", "1070000000", -7, False),
        ('="00123"', "123", 0, False),
        ("'45", "45", 0, False),
    ],
)
def test_numbers_as_people_and_excel_print_them(cell: str, value: str, decimals: int, percent: bool) -> None:
    figure = read_figure(cell)
    assert figure is not None
    assert (float(figure.value), figure.decimals, figure.percent) == (float(value), decimals, percent)


@pytest.mark.parametrize("cell", ["", "abc", "1,23", "0,75", "12-13", "1.2.3", "%", "--"])
def test_what_is_no_number(cell: str) -> None:
    assert read_figure(cell) is None


@pytest.mark.parametrize(
    "cell",
    ["1/1/2016", "01/01/2016 12:00:00 AM", "1/1/16", "2016-01-01", "2016-01-01T00:00:00", "42370", "January 1, 2016"],
)
def test_dates_as_they_are_printed(cell: str) -> None:
    assert read_date(cell) == datetime.date(2016, 1, 1)


def test_percent_points_are_told_from_fractions_column_by_column(tmp_path: Path) -> None:
    rows = [
        YEAR_2014 | {"MinSavPerc": "2.5", "QualScore": "0.9"},
        YEAR_2014 | {"MinSavPerc": "0.5", "QualScore": "1"},
    ]
    first, second = read(tmp_path, rows, 2014).rows
    assert first.minimum_savings_rate is not None
    assert second.minimum_savings_rate is not None
    assert second.quality_score is not None
    assert [first.minimum_savings_rate.value, second.minimum_savings_rate.value] == pytest.approx([0.025, 0.005])
    assert second.quality_score.value == 1


def test_a_zero_without_its_percent_sign_is_zero(tmp_path: Path) -> None:
    first, second = read(tmp_path, [LATEST, LATEST | {"MinSavPerc": "0"}]).rows
    assert first.minimum_savings_rate is not None
    assert second.minimum_savings_rate is not None
    assert (first.minimum_savings_rate.value, second.minimum_savings_rate.value) == (pytest.approx(0.03), 0)


def test_precision_is_that_of_the_column_and_of_the_cell(tmp_path: Path) -> None:
    rows = [YEAR_2014 | {"QualScore": "0.9876"}, YEAR_2014 | {"QualScore": "0.9", "ABtotBnchmk": "1.00E+08"}]
    first, second = read(tmp_path, rows, 2014).rows
    assert first.quality_score is not None
    assert second.quality_score is not None
    assert second.benchmark_total is not None
    assert first.quality_score.half_unit == second.quality_score.half_unit == pytest.approx(0.00005)
    assert second.benchmark_total.half_unit == 500_000


@pytest.mark.parametrize(
    ("printed", "track"),
    [
        ("A", "BASIC_A"),
        ("e", "BASIC_E"),
        ("BASIC Level D", "BASIC_D"),
        ("Basic C", "BASIC_C"),
        ("EN", "ENHANCED"),
        ("Enhanced", "ENHANCED"),
        ("Track 1+", "TRACK_1_PLUS"),
        ("1", "TRACK_1"),
        ("Track 3", "TRACK_3"),
    ],
)
def test_tracks_by_code_or_name(tmp_path: Path, printed: str, track: str) -> None:
    assert only(read(tmp_path, [LATEST | {"Current_Track": printed}])).track == track


@pytest.mark.parametrize(
    ("flag", "track"),
    [
        ("current_track_1", "TRACK_1"),
        ("current_track_1_plus", "TRACK_1_PLUS"),
        ("current_track_2", "TRACK_2"),
        ("current_track_3", "TRACK_3"),
        ("current_basic_e", "BASIC_E"),
        ("current_enhanced", "ENHANCED"),
    ],
)
def test_tracks_by_flags(tmp_path: Path, flag: str, track: str) -> None:
    assert only(read(tmp_path, [YEAR_2019 | {"current_track_1": "0"} | {flag: "1"}])).track == track


def test_no_track_and_several_tracks_are_named(tmp_path: Path) -> None:
    none, two = read(tmp_path, [YEAR_2019 | {"current_track_1": "0"}, YEAR_2019 | {"current_enhanced": "1"}]).rows
    assert none.unread == ("the row names no track",)
    assert two.unread == ("the row names several tracks: TRACK_1, ENHANCED",)


def test_a_file_without_tracks_leaves_them_open(tmp_path: Path) -> None:
    without = {name: cell for name, cell in YEAR_2014.items() if name not in ("Track1", "Track2")}
    row = only(read(tmp_path, [without], 2013))
    assert row.track is None
    assert row.unread == ()


@pytest.mark.parametrize(
    ("printed", "reporting", "score"),
    [("P4R", True, None), ("Yes", True, None), ("No", False, 0.0), ("0.75", False, 0.75)],
)
def test_scores_that_are_words(tmp_path: Path, printed: str, reporting: bool, score: float | None) -> None:
    row = only(read(tmp_path, [YEAR_2014 | {"QualScore": printed}], 2014))
    assert row.reporting_counts is reporting
    assert (row.quality_score.value if row.quality_score else None) == score


@pytest.mark.parametrize(
    ("six", "start", "expected"),
    [("1", "1/1/2017", True), ("0", "7/1/2019", True), ("0", "1/1/2017", False), ("0", "7/1/2012", False)],
)
def test_six_month_performance_years(tmp_path: Path, six: str, start: str, expected: bool) -> None:
    row = only(read(tmp_path, [YEAR_2019 | {"participation_six_months": six, "current_start_date": start}], 2019))
    assert row.six_months is expected


def test_the_year_is_read_from_its_column(tmp_path: Path) -> None:
    rows = [{"Performance Year": "PY2022"} | LATEST]
    assert read(tmp_path, rows).performance_year == 2022
    rows.append(rows[0] | {"Performance Year": "2023"})
    with pytest.raises(WorkbookError, match="several performance years: 2022, 2023"):
        read(tmp_path, rows)
    assert len(read(tmp_path, rows, 2023).rows) == 1


@pytest.mark.parametrize(
    ("shape", "newest", "year"),
    [
        (YEAR_2014, "01/01/2015", 2015),
        (YEAR_2014, "01/01/2013", 2013),
        (YEAR_2019, "7/1/2019", 2019),
        (LATEST, "1/1/2020", 2021),
        (LATEST, "1/1/2022", 2022),
        (LATEST, "1/1/2023", 2023),
        (YEAR_2024, "1/1/2025", 2025),
    ],
)
def test_the_year_is_recognized_by_columns_and_newest_agreement(
    tmp_path: Path, shape: dict[str, str], newest: str, year: int
) -> None:
    column = next(name for name in shape if "start_date" in name.lower())
    results = read(tmp_path, [shape | {column: newest}, shape | {column: newest}])
    assert results.performance_year == year
    assert results.year_because


@pytest.mark.parametrize(
    ("shape", "asked", "why"),
    [
        (YEAR_2024, 2022, "column"),
        (LATEST, 2024, "30th percentile"),
        (LATEST, 2021, "an agreement in it began in 2022"),
        (YEAR_2019 | {"participation_six_months": "1"}, 2020, "only 2019 had six-month"),
        (YEAR_2014, 2018, "column Track1"),
        ({"Year": "2022"} | LATEST, 2023, "its year column says 2022"),
    ],
)
def test_a_year_that_the_file_contradicts_is_refused(
    tmp_path: Path, shape: dict[str, str], asked: int, why: str
) -> None:
    with pytest.raises(WorkbookError, match=f"not the results of {asked}: .*{why}"):
        read(tmp_path, [shape], asked)


def test_2020_and_2021_are_not_told_apart_by_agreements(tmp_path: Path) -> None:
    """No agreement began in 2021, so the newest agreement of both years' files began in 2020."""
    rows = [YEAR_2019 | {"current_start_date": "1/1/2020", "current_track_1": "0", "current_basic_a": "1"}]
    rows.append(YEAR_2019 | {"current_track_1": "0", "current_track_3": "1"})
    with pytest.raises(WorkbookError, match="does not tell its performance year; its columns are of 2019–2021"):
        read(tmp_path, rows)
    assert read(tmp_path, [row | {"Report_WI": "1"} for row in rows]).performance_year == 2021
    assert read(tmp_path, [row | {"ACO1": "80.0"} for row in rows]).performance_year == 2020
    assert read(tmp_path, rows, 2021).performance_year == 2021


def test_columns_of_another_year_tell_nothing_while_they_are_empty(tmp_path: Path) -> None:
    """A file aligned to the columns of a later year has them all, without values."""
    aligned = YEAR_2014 | {"Met_40pctl": "", "Guardrail": "NA", "ReducedSS": "0", "DisAdj": "."}
    assert read(tmp_path, [aligned, aligned | {"Start_Date": "1/1/2014"}]).performance_year == 2014
    with pytest.raises(WorkbookError, match="not the results of 2014"):
        read(tmp_path, [aligned | {"ReducedSS": "1"}], 2014)


def test_an_unknown_name_that_fits_one_field_only_is_taken(tmp_path: Path) -> None:
    renamed = {
        "EarnSaveLoss": "Earned_Savings_Final",
        "N_AB": "N_Assigned_Beneficiaries",
        "FinalShareRate": "Final_Share",
    }
    row = only(read(tmp_path, [{renamed.get(name, name): cell for name, cell in LATEST.items()}]))
    assert row.earn_save_loss is not None
    assert row.earn_save_loss.value == 1_960_000
    assert row.assigned_beneficiaries == 10_000


def test_the_second_id_names_an_aco_without_the_first(tmp_path: Path) -> None:
    results = read(tmp_path, [{"ACO_Num": "X1"} | LATEST, {"ACO_Num": "X2"} | LATEST | {"ACO_ID": ""}])
    assert [row.aco_id for row in results.rows] == ["A9001", "X2"]


def test_a_line_of_totals_is_no_aco(tmp_path: Path) -> None:
    results = read(tmp_path, [LATEST, LATEST | {"ACO_ID": "", "ACO_Name": "Total"}])
    assert results.skipped_lines == (3,)


def test_cells_that_slipped_into_the_next_column_are_refused(tmp_path: Path) -> None:
    path = write_results(tmp_path / "results.csv", [LATEST])
    path.write_text(path.read_text().replace("Example Valley ACO", "Example Valley ACO, LLC"))
    with pytest.raises(WorkbookError, match=r"line 2: the row has 21 cells under 20 columns.*quotation marks"):
        read_public_results(path)


def test_what_decides_nothing_alone_may_be_strange(tmp_path: Path) -> None:
    row = only(read(tmp_path, [LATEST | {"FinalShareRate": "see note", "QualScore": "Incomplete"}]))
    assert row.final_sharing_rate is None
    assert row.quality_score is None
    assert row.remarks == (
        "QualScore prints 'Incomplete', which is not understood and left out",
        "FinalShareRate prints 'see note', which is not understood and left out",
    )


def test_a_file_that_does_not_tell_its_year_asks_for_it(tmp_path: Path) -> None:
    bare = {name: LATEST[name] for name in ("ACO_ID", "N_AB", "ABtotBnchmk", "ABtotExp", "EarnSaveLoss")}
    with pytest.raises(WorkbookError, match=r"does not tell its performance year.*--year"):
        read(tmp_path, [bare])
    assert read(tmp_path, [bare], 2022).performance_year == 2022


def test_an_unreadable_number_names_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"results\.csv, line 3, column ABtotExp: '95 million' is not a number"):
        read(tmp_path, [LATEST, LATEST | {"ABtotExp": "95 million"}])


def test_an_unknown_track_and_flag_name_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="line 2, column Current_Track: 'Z' is not a track"):
        read(tmp_path, [LATEST | {"Current_Track": "Z"}])
    with pytest.raises(WorkbookError, match="line 2, column Met_QPS: '7' is not a yes or no"):
        read(tmp_path, [LATEST | {"Met_QPS": "7"}])


def test_an_unknown_shape_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"no column for N_AB.*recognized: aco_id.*mssp_columns") as raised:
        read(tmp_path, [{"ACO_ID": "A1", "Spending": "5"}])
    assert raised.value.where == "results.csv, line 1"


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write_results(tmp_path / "results.csv", [LATEST])
    doubled = path.read_text().replace("Sav_rate", "ABtotExp")
    path.write_text(doubled)
    with pytest.raises(WorkbookError, match="'ABtotExp' stands 2 times"):
        read_public_results(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"<html><body>Not found</body></html>", "web page or JSON"),
        (b'[{"ACO_ID": "A1"}]', "web page or JSON"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel file"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04broken", "damaged workbook"),
        (b"a,b\x00,c\n", "zero bytes"),
        (b"\xff\xfeabc", "cut off or damaged"),
    ],
)
def test_what_is_no_table_says_so(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=says):
        read_public_results(path)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(WorkbookError, match="no such file"):
            read_public_results(path)


def test_a_header_without_rows_says_so(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text(",".join(LATEST))
    with pytest.raises(WorkbookError, match="no rows under the header"):
        read_public_results(path)


def test_a_workbook_reads_like_its_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Results")
    sheet.append(list(LATEST))
    figures = {"N_AB": 10000, "MinSavPerc": 0.03, "ABtotBnchmk": 100000000.0, "QualScore": 0.85, "FinalShareRate": 0.4}
    dated = {"Current_Start_Date": datetime.datetime(2022, 1, 1)}
    sheet.append([({**LATEST, **figures, **dated})[name] for name in LATEST])
    book.save(tmp_path / "results.xlsx")
    row = only(read_public_results(tmp_path / "results.xlsx"))
    assert row.agreement_start == datetime.date(2022, 1, 1)
    assert row.assigned_beneficiaries == 10_000
    assert row.minimum_savings_rate is not None
    assert row.minimum_savings_rate.value == pytest.approx(0.03)

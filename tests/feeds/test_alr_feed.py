"""Assignment list reports: names, windows, every table, and invented files for each trap."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from feeding import rows, stamp, write
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.alr import deliveries_in, load
from openaco.feeds.alr.names import Report, chosen_report, named_report
from openaco.tables import (
    AssignableBeneficiary,
    AssignedBeneficiary,
    AssignedBeneficiaryClinician,
    AssignedBeneficiaryParticipant,
    AssignmentTurnover,
    EnrollmentMonth,
    UnderservedBeneficiary,
)

FLAGS = ",".join(f'"EnrollFlag{number}"' for number in range(1, 13))
TABLE_1 = (
    '"BENE_MBI_ID","BENE_BRTH_DT","BENE_DEATH_DT","STATE_COUNTY_CD","VA_TIN","VA_NPI","ASG_STATUS","AGND_SCORE",'
    + FLAGS
)
QUARTER = "P.A0000.ACO.QALR.2025Q1.D259999.T0100000_1-{table}.csv"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def assigned(mbi: str, flags: str = "444444444444", *, birth: str = "01/31/1950", status: str = "1") -> str:
    return f'"{mbi}",{birth},,22070,001234567,0999999999,{status},1.04000000000001,{",".join(flags)}'


def report_file(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"\xef\xbb\xbf" + ("\r\n".join(lines) + "\r\n").encode())
    return stamp(path, "2025-05-01T12:00:00")


@pytest.mark.parametrize(
    ("name", "performance_year", "period", "first", "last"),
    [
        ("P.A0000.ACO.AALR.D259999.T0000000_1-1.csv", 2025, "initial", (2023, 10), (2024, 9)),
        ("P.A0000.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv", 2025, "Q1", (2024, 4), (2025, 3)),
        ("P.A0000.ACO.QALR.2025Q2.D259999.T0200000_1-1.csv", 2025, "Q2", (2024, 7), (2025, 6)),
        ("P.A0000.ACO.QALR.2025Q3.D259999.T0300000_1-1.csv", 2025, "Q3", (2024, 10), (2025, 9)),
        ("P.A0000.ACO.QALR.2025Q4.D259999.T0400000_1-1.csv", 2025, "Q4", (2025, 1), (2025, 12)),
        ("P.A0000.ACO.AALR.Y2023.D259999.T1111111_1-1.csv", 2025, "benchmark", (2023, 1), (2023, 12)),
        ("P.A0000.ACO.AALR.Y2025.D259999.T1111111_1-1.csv", 2025, "annual", (2025, 1), (2025, 12)),
        ("T.A0000.ACO.HALR.Y2019.D209999.T1111111", 2020, "benchmark", (2019, 1), (2019, 12)),
        ("P.A0000.ACO.ALR.D199999.T1111111_1-2.csv", 2019, "initial", (2017, 10), (2018, 9)),
    ],
)
def test_the_name_says_year_period_and_window(
    name: str, performance_year: int, period: str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    report = named_report([name], 2025)
    assert report is not None
    assert (report.performance_year, report.period) == (performance_year, period)
    months = report.months()
    assert len(months) == 12
    assert (months[0], months[-1]) == (date(*first, 1), date(*last, 1))


def test_a_plain_name_needs_year_and_period() -> None:
    assert named_report(["table1.csv"], 2025) is None
    assert chosen_report(2024, "q3", "table1.csv") == Report(2024, "Q3", 2024)
    assert chosen_report(2024, "by2022", "table1.csv") == Report(2024, "benchmark", 2022)
    for year, period in ((None, "Q1"), (2024, None), (2024, "Q5"), (2024, "benchmark")):
        with pytest.raises(FeedError, match=r"which report|no such period"):
            chosen_report(year, period, "table1.csv")


def test_flags_become_the_months_of_the_window(lake: Lake, tmp_path: Path) -> None:
    path = report_file(tmp_path / "in", QUARTER.format(table=1), TABLE_1, assigned("1A", "012340000004"))
    load(lake, path)
    person = rows(lake, AssignedBeneficiary)[0]
    assert (person["voluntary_tin"], person["voluntary_npi"]) == ("001234567", "0999999999")
    assert (person["birth_date"], person["newly_assigned"]) == (date(1950, 1, 31), True)
    assert person["aged_non_dual_score"] == 1.04000000000001
    assert (person["performance_year"], person["report_period"], person["window_start"]) == (
        2025,
        "Q1",
        date(2024, 4, 1),
    )
    months = {row["month"]: row for row in rows(lake, EnrollmentMonth)}
    assert [months[date(2024, number, 1)]["enrollment_type"] for number in range(4, 9)] == [
        None, "esrd", "disabled", "aged_dual", "aged_non_dual",
    ]  # fmt: skip
    assert len(months) == 12
    assert max(months) == date(2025, 3, 1)
    assert (months[date(2024, 4, 1)]["has_part_a"], months[date(2024, 4, 1)]["in_group_health_plan"]) == (None, None)
    assert (months[date(2025, 3, 1)]["has_part_a"], months[date(2025, 3, 1)]["in_group_health_plan"]) == (True, False)
    delivery = lake.deliveries()[0]
    assert (delivery["coverage"], delivery["performance_year"]) == ("Q1", 2025)
    assert delivery["delivery_id"].startswith("alr-20259999T0100000-")


def test_every_table_in_one_zip_within_a_zip_without_a_suffix(lake: Lake, tmp_path: Path) -> None:
    tables = {
        1: (TABLE_1, assigned("1A")),
        2: ("BENE_MBI_ID,MASTER_ID,B_EM_LINE_CNT_T", "1A,001234567,3"),
        3: ("BENE_MBI_ID,MASTER_ID,REV_LINE_CNT", "1A,050001,2"),
        4: ("BENE_MBI_ID,MASTER_ID,NPI_USED,PCS_COUNT", "1A,001234567,0999999999,3"),
        5: ("BENE_MBI_ID,PLUR_R05,AB_R01,HMO_R03,NO_US_R02,MDM_R04,NOFND_R06", "1B,1,0,0,0,0,0"),
        6: ("BENE_MBI_ID,VA_SELECTION_ONLY", "1C,0"),
        9: (
            "BENE_MBI_ID,ADI_NATRANK,BENE_LIS_STATUS,BENE_DUAL_STATUS,BENE_PSNYRS_LIS_DUAL,BENE_PSNYRS",
            "1A,85,1,0,0.58333333333333,0.75\n1B,GQ,0,0,0,1",
        ),
        7: ("SOMETHING", "x"),
    }
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for number, lines in tables.items():
            archive.writestr(QUARTER.format(table=number), "\n".join(lines))
    outer = tmp_path / "P.A0000.ACO.QEXPU.2025Q1.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("P.A0000.ACO.QALR.2025Q1.D259999.T0100000", inner.getvalue())
        archive.writestr("P.A0000.ACO.QEXPU.xlsx", b"workbook")
    report = load(lake, stamp(outer, "2025-05-01T12:00:00"))
    assert len(rows(lake, AssignedBeneficiary)) == 1
    assert [(row["participant_id"], row["service_count"]) for row in rows(lake, AssignedBeneficiaryParticipant)] == [
        ("001234567", 3),
        ("050001", 2),
    ]
    assert [(row["npi"], row["service_count"]) for row in rows(lake, AssignedBeneficiaryClinician)] == [
        ("0999999999", 3)
    ]
    assert [(row["mbi"], row["plurality_elsewhere"], row["not_found"]) for row in rows(lake, AssignmentTurnover)] == [
        ("1B", True, False)
    ]
    assert [row["voluntary_selection_only"] for row in rows(lake, AssignableBeneficiary)] == [False]
    underserved = rows(lake, UnderservedBeneficiary)
    assert [(row["area_deprivation_rank"], row["person_years"]) for row in underserved] == [(85, 0.75), (None, 1.0)]
    assert underserved[0]["subsidy_or_dual_person_years"] == 0.58333333333333
    assert len(report.notes) == 2
    assert any("Table 1-7 is not read" in note for note in report.notes)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "table", "people", "deaths"),
    [
        ("table1.csv", AssignedBeneficiary, 6, 2),
        ("table2.csv", AssignedBeneficiaryParticipant, 6, None),
        ("PY21ALRTemplatePrelimProspTable1.csv", AssignedBeneficiary, 0, 0),
    ],
)
def test_bcda_s_samples(
    lake: Lake, shared_data: Path, name: str, table: type[AssignedBeneficiary], people: int, deaths: int | None
) -> None:
    report = load(lake, shared_data / "claims-samples" / "alr-bcda" / name, year=2021, period="annual")
    found = rows(lake, table)
    assert not report.quarantined
    assert len(found) == people
    if deaths is not None:
        assert sum(row["death_date"] is not None for row in found) == deaths
    if name == "table2.csv":
        assert found[0]["participant_id"] == "134382762"
    if name == "table1.csv":
        assert found[1]["death_date"] == date(2017, 11, 25)


def test_bad_lines_are_put_aside_and_unknown_words_are_told(lake: Lake, tmp_path: Path) -> None:
    lines = [
        assigned("1A", status="New"),
        assigned("1B", birth="1950-01-31"),
        assigned("1C", "944444444444"),
        assigned(""),
        assigned("1D") + ",more",
        TABLE_1,
        '"1E,01/31/1950',
    ]
    report = load(lake, report_file(tmp_path / "in", QUARTER.format(table=1), TABLE_1, *lines))
    assert [row["mbi"] for row in rows(lake, AssignedBeneficiary)] == ["1A"]
    assert rows(lake, AssignedBeneficiary)[0]["newly_assigned"] is None
    assert len(rows(lake, EnrollmentMonth)) == 12
    assert {row["source_line"]: row["reason"] for row in lake.quarantine()} == {
        3: "BENE_BRTH_DT is not a date of the form MM/DD/YYYY",
        4: "ENROLLFLAG1 is none of 0, 1, 2, 3, 4",
        5: "BENE_MBI_ID is blank",
        6: "the line does not have 20 cells",
        7: "the header stands here again",
        8: "a quotation mark is not closed on its line",
    }
    assert any("ASG_STATUS is neither yes nor no in 1 rows" in note for note in report.notes)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({QUARTER.format(table=1): "NAME\n1\n"}, "the header has no BENE_MBI_ID"),
        ({QUARTER.format(table=1): "BENE_MBI_ID,EnrollFlag1,EnrollFlag2\n"}, "has no ENROLLFLAG3, ENROLLFLAG4"),
        ({QUARTER.format(table=1): "BENE_MBI_ID,VA_TIN,va_tin\n"}, "names a column twice: columns 2, 3"),
        (
            {QUARTER.format(table=8).replace("1-8", "1-5"): "BENE_MBI_ID\n", "other.csv": "A,B\n"},
            "is no table of an assignment",
        ),
        ({QUARTER.format(table=6): "BENE_MBI_ID\n", "table6.csv": "BENE_MBI_ID\n"}, "holds Table 1-6, as does"),
        (
            {QUARTER.format(table=6): "BENE_MBI_ID\n", QUARTER.format(table=5).replace("Q1", "Q2"): "BENE_MBI_ID\n"},
            "files of several reports: 2025 Q1 T0100000, 2025 Q2 T0100000",
        ),
        ({QUARTER.format(table=6).replace("2025Q1", "2024Q1"): "BENE_MBI_ID\n"}, "says two performance years"),
        ({"table6.csv": "BENE_MBI_ID\n"}, "does not say which report"),
    ],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(
    lake: Lake, tmp_path: Path, files: dict[str, str], message: str
) -> None:
    folder = write(tmp_path / "in", **{name: content for name, content in files.items()})
    with pytest.raises(FeedError, match=message) as error:
        load(lake, folder)
    assert error.value.remedy
    assert lake.deliveries() == []


def test_the_same_report_twice_changes_nothing_and_a_changed_one_is_refused(lake: Lake, tmp_path: Path) -> None:
    name = QUARTER.format(table=1)
    first = load(lake, report_file(tmp_path / "in", name, TABLE_1, assigned("1A")))
    assert not load(lake, tmp_path / "in" / name).loaded
    report_file(tmp_path / "in", name, TABLE_1, assigned("1B"))
    with pytest.raises(FeedError, match=f"loaded before, as {first.delivery_id}"):
        load(lake, tmp_path / "in" / name)
    assert [row["mbi"] for row in rows(lake, AssignedBeneficiary)] == ["1A"]


def test_a_redelivery_with_a_later_stamp_sorts_after_the_first(lake: Lake, tmp_path: Path) -> None:
    again = QUARTER.format(table=1).replace("T0100000", "T0110000")
    later = load(lake, report_file(tmp_path / "in", again, TABLE_1, assigned("1B")))
    earlier = load(lake, report_file(tmp_path / "in", QUARTER.format(table=1), TABLE_1, assigned("1A")))
    assert earlier.delivery_id < later.delivery_id
    assert any("older than a delivery" in note for note in earlier.notes)


def test_a_folder_of_zips_is_one_report_each(tmp_path: Path) -> None:
    for number in (1, 2):
        with zipfile.ZipFile(tmp_path / f"report{number}.zip", "w") as archive:
            archive.writestr("table1.csv", "BENE_MBI_ID\n")
    assert [path.name for path in deliveries_in(tmp_path)] == ["report1.zip", "report2.zip"]
    (tmp_path / "table1.csv").write_text("x")
    assert deliveries_in(tmp_path) == [tmp_path]

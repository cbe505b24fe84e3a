"""Loading CCLF deliveries: samples written by others, everything that can be wrong, twice, and in any order."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cclf_files import MONTH, SAMPLE, control, line, lines_of, member, sample, write_folder, write_zip
from feeding import rows
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Step
from openaco.feeds.cclf import deliveries_in, load
from openaco.tables import (
    Beneficiary,
    EquipmentLine,
    InstitutionalClaim,
    InstitutionalLine,
    MbiCrosswalk,
    ProfessionalLine,
)

TABLES = (Beneficiary, EquipmentLine, InstitutionalClaim, InstitutionalLine, MbiCrosswalk, ProfessionalLine)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def signed(found: list[dict]) -> Decimal:
    return sum((-row["paid_amount"] if row["adjustment_type_code"] == "1" else row["paid_amount"]) for row in found)


class TestSamplesWrittenByOthers:
    def test_the_random_package_has_the_totals_of_its_readme(self, shared_data: Path, lake: Lake) -> None:
        report = load(lake, shared_data / "claims-samples/cclf-random/P.A0000.ACO.ZCY24.D240801.T0102030.zip")
        claims = rows(lake, InstitutionalClaim)
        assert Counter(row["adjustment_type_code"] for row in claims) == {"0": 219, "1": 190, "2": 191}
        assert signed(claims) == Decimal("1071476.73")
        assert sum(row["paid_amount"] for row in claims) == Decimal("2969468.99")
        assert signed(rows(lake, ProfessionalLine)) == Decimal("2045539.04")
        assert signed(rows(lake, EquipmentLine)) == Decimal("1977391.56")
        assert report.quarantined_count == 0
        assert report.rows["beneficiary"] == 120
        assert report.rows["drug_event"] == 600
        assert any("no CCLF0" in note for note in report.notes)
        assert any("rounded half up, in CLM_LINE_CVRD_PD_AMT" in note for note in report.notes)

    def test_the_attribution_package_keeps_a_wrong_summary_length_and_says_so(
        self, shared_data: Path, lake: Lake
    ) -> None:
        report = load(lake, shared_data / "claims-samples/cclf-bcda/T.BCD.A0001.ZCY18.D181120.T1000000.zip")
        assert dict(report.rows) == {"beneficiary": 7, "mbi_crosswalk": 6}
        assert report.delivery["coverage"] == "attribution"
        assert report.delivery["performance_year"] == 2018
        assert report.delivery["delivered_on"] == datetime.date(2018, 11, 20)
        assert any("states 54" in note and "have 55" in note for note in report.notes)
        assert any("test delivery" in note for note in report.notes)
        crosswalk = rows(lake, MbiCrosswalk)
        assert Counter(row["crosswalk_type_code"] for row in crosswalk) == {"H": 3, "M": 3}
        assert [row["current_mbi"][-2:] for row in crosswalk if row["crosswalk_type_code"] == "M"] == ["33", "34", "35"]
        assert rows(lake, Beneficiary)[0]["zip_code"] == "01089"


class TestPackaging:
    def test_zip_folder_and_missing_suffix_are_one(self, tmp_path: Path) -> None:
        found = []
        for number, path in enumerate(
            [
                write_zip(tmp_path, sample()),
                write_zip(tmp_path, sample(), package=f"{MONTH}.zip"),
                write_folder(tmp_path, sample()),
            ]
        ):
            lake = Lake.create(tmp_path / f"lake{number}")
            load(lake, path)
            found.append([{**row, "delivery_id": ""} for table in TABLES for row in rows(lake, table)])
        assert found[0] == found[1] == found[2]

    @pytest.mark.parametrize(
        ("package", "coverage"),
        [
            ("P.A1234.ACO.ZCY24.D240801.T0102030", "regular"),
            ("P.A1234.ACO.ZCR24.D250301.T0102030", "run-out"),
            ("P.D1234.ACO.ZCY24.D240801.T0102030", "regular"),
        ],
    )
    def test_coverage_is_in_the_delivery(self, tmp_path: Path, lake: Lake, package: str, coverage: str) -> None:
        assert load(lake, write_zip(tmp_path, sample(), package=package)).delivery["coverage"] == coverage

    def test_a_weekly_release_counts_only_when_complete(self, tmp_path: Path, lake: Lake) -> None:
        whole = write_zip(tmp_path, sample(), package="P.A1234.ACO.ZCWY24.D240709.T0102030")
        assert load(lake, whole).delivery["coverage"] == "weekly"
        part = write_zip(tmp_path, sample(CCLF9=None), package="P.A1234.ACO.ZCWY24.D240716.T0102030", summary=None)
        report = load(lake, part)
        assert report.delivery["coverage"] == "weekly incomplete"
        assert any("without CCLF9" in note for note in report.notes)

    def test_files_without_part_d_and_benefit_codes_are_a_release(self, tmp_path: Path, lake: Lake) -> None:
        report = load(lake, write_zip(tmp_path, sample(CCLF7=None, CCLFA=None, CCLFB=None), summary=None))
        assert report.delivery["coverage"] == "regular"
        assert "drug_event" not in report.rows

    def test_other_files_in_a_folder_are_told(self, tmp_path: Path, lake: Lake) -> None:
        folder = write_folder(tmp_path, sample())
        (folder / "readme.txt").write_text("hello")
        assert any("readme.txt" in note for note in load(lake, folder).notes)

    def test_a_file_that_the_summary_does_not_list_is_told(self, tmp_path: Path, lake: Lake) -> None:
        summary = control({file: data for file, data in sample().items() if file != "CCLFB"})
        report = load(lake, write_zip(tmp_path, sample(), summary=summary))
        assert any("CCLF0 does not list CCLFB" in note for note in report.notes)

    def test_a_folder_of_packages_is_its_deliveries(self, tmp_path: Path) -> None:
        folder = tmp_path / "months"
        folder.mkdir()
        names = [f"P.A1234.ACO.ZC{kind}24.D240{month}01.T0102030" for kind, month in (("Y", 7), ("R", 8), ("Y", 9))]
        paths = [write_zip(folder, sample(), package=name) for name in names]
        (folder / "notes.txt").write_text("x")
        assert deliveries_in(folder) == paths
        assert deliveries_in(paths[0]) == [paths[0]]
        unpacked = write_folder(tmp_path, sample())
        assert deliveries_in(unpacked) == [unpacked]

    def test_progress_reaches_the_end(self, tmp_path: Path, lake: Lake) -> None:
        steps: list[Step] = []
        report = load(lake, write_folder(tmp_path, sample()), progress=steps.append)
        assert steps[-1].rows == report.row_count
        assert [step.bytes_read for step in steps] == sorted(step.bytes_read for step in steps)
        assert steps[-1].bytes_read <= steps[-1].bytes_total


class TestMeaning:
    def test_tilde_and_far_dates_are_nothing_and_both_sides_are_trimmed(self, tmp_path: Path, lake: Lake) -> None:
        values = {
            "BENE_MBI_ID": "1AC2DE3FG01",
            "BENE_DEATH_DT": "9999-12-31",
            "BENE_DOB": "1000-01-01",
            "BENE_1ST_NAME": "  Ada",
            "BENE_DUAL_STUS_CD": "~",
            "BENE_ZIP_CD": "~~~~~",
            "GEO_ZIP5_CD": "02134",
        }
        load(lake, write_zip(tmp_path, sample(**lines_of({"CCLF8": [values]}))))
        (row,) = rows(lake, Beneficiary)
        assert row["death_date"] is None
        assert row["birth_date"] is None
        assert row["dual_status_code"] is None
        assert row["first_name"] == "Ada"
        assert row["zip_code"] == "02134"

    @pytest.mark.parametrize(("on_claim", "expected"), [("012345", "012345"), ("", "543210"), ("~", "543210")])
    def test_billing_ccn_is_the_one_on_the_claim_or_else_the_enrolled_one(
        self, tmp_path: Path, lake: Lake, on_claim: str, expected: str
    ) -> None:
        values = {"CUR_CLM_UNIQ_ID": "1", "PRVDR_OSCAR_NUM": "543210", "CLM_BLG_PRVDR_OSCAR_NUM": on_claim}
        load(lake, write_zip(tmp_path, sample(**lines_of({"CCLF1": [values]}))))
        (row,) = rows(lake, InstitutionalClaim)
        assert row["billing_ccn"] == expected
        assert row["facility_ccn"] == "543210"

    @pytest.mark.parametrize("code", ["0 ", " 0", "0"])
    def test_codes_are_the_same_on_either_side(self, tmp_path: Path, lake: Lake, code: str) -> None:
        values = {"CUR_CLM_UNIQ_ID": "1", "CLM_ADJSMT_TYPE_CD": code}
        load(lake, write_zip(tmp_path, sample(**lines_of({"CCLF1": [values]}))))
        assert rows(lake, InstitutionalClaim)[0]["adjustment_type_code"] == "0"

    def test_negative_amounts_and_empty_files(self, tmp_path: Path, lake: Lake) -> None:
        values = {"CUR_CLM_UNIQ_ID": "1", "CLM_PMT_AMT": "-12.05"}
        report = load(lake, write_zip(tmp_path, sample(**lines_of({"CCLF1": [values]}), CCLF3=b"")))
        assert rows(lake, InstitutionalClaim)[0]["paid_amount"] == Decimal("-12.05")
        assert report.rows["institutional_procedure"] == 0


def claim_lines(count: int, **bad: str) -> bytes:
    """CCLF1 with so many lines; `bad` replaces line n by another text (`line_n=…`)."""
    found = []
    for number in range(1, count + 1):
        text = line("CCLF1", {"CUR_CLM_UNIQ_ID": str(number), "CLM_FROM_DT": "2024-01-01", "CLM_PMT_AMT": "1.00"})
        found.append(bad.get(f"line_{number}", text))
    return "".join(f"{text}\n" for text in found).encode()


def one_claim(**values: str) -> str:
    return line("CCLF1", {"CUR_CLM_UNIQ_ID": "77", **values})


class TestBadLines:
    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (one_claim()[:250], "the line is 250 characters long, not 437 (cut off?)"),
            (one_claim() + "  ", "the line is 439 characters long, not 437"),
            (one_claim(CLM_THRU_DT="2024-02-30"), "CLM_THRU_DT is not a date (YYYY-MM-DD)"),
            (one_claim(CLM_PMT_AMT="12,50"), "CLM_PMT_AMT is not an amount"),
            (one_claim(CUR_CLM_UNIQ_ID=" "), "CUR_CLM_UNIQ_ID is blank"),
            (one_claim(PRNCPL_DGNS_CD="E1\x00"), "PRNCPL_DGNS_CD holds a control character"),
        ],
    )
    def test_a_bad_line_goes_to_quarantine_and_the_rest_is_stored(
        self, tmp_path: Path, lake: Lake, bad: str, reason: str
    ) -> None:
        report = load(lake, write_zip(tmp_path, sample(CCLF1=claim_lines(5, line_3=bad))))
        assert dict(report.quarantined) == {reason: 1}
        assert report.delivery["quarantined_count"] == 1
        assert report.rows["institutional_claim"] == 4
        (problem,) = lake.quarantine()
        assert (problem["source_file"], problem["source_line"]) == (member("CCLF1"), 3)
        assert (problem["reason"], problem["content"]) == (reason, bad)
        assert [row["source_line"] for row in rows(lake, InstitutionalClaim)] == [1, 2, 4, 5]

    def test_a_byte_that_is_not_utf8(self, tmp_path: Path, lake: Lake) -> None:
        data = claim_lines(5).replace(b"2024-01-01", b"2024-01-\xff1", 1)
        report = load(lake, write_zip(tmp_path, sample(CCLF1=data)))
        assert dict(report.quarantined) == {"CLM_FROM_DT holds a byte that is not UTF-8": 1}
        assert "\\xff" in lake.quarantine()[0]["content"]

    @pytest.mark.parametrize(
        ("lines", "bad", "accepted"),
        [
            (20, 1, True),
            (21, 10, True),
            (30, 11, False),
            (10, 5, False),
            (2, 1, False),
            (12_000, 12, True),
            (12_000, 13, False),
        ],
    )
    def test_few_bad_lines_are_accepted_and_many_are_not(
        self, tmp_path: Path, lake: Lake, lines: int, bad: int, accepted: bool
    ) -> None:
        broken = {f"line_{number * 2}": one_claim(CLM_THRU_DT="soon") for number in range(1, bad + 1)}
        path = write_zip(tmp_path, sample(CCLF1=claim_lines(lines, **broken)))
        if accepted:
            assert load(lake, path).quarantined_count == bad
        else:
            with pytest.raises(
                FeedError, match=f"{bad} of {lines:,} lines cannot be read; the first is line 2: CLM_THRU"
            ):
                load(lake, path)
            assert lake.deliveries() == []

    def test_garbage_stops_early(self, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.modules["openaco.feeds.cclf.load"], "MOST_BAD_LINES", 50)
        broken = {f"line_{number}": one_claim(CLM_THRU_DT="soon") for number in range(1, 100)}
        with pytest.raises(FeedError, match="51 lines or more cannot be read"):
            load(lake, write_zip(tmp_path, sample(CCLF1=claim_lines(100, **broken))))


def without_end(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-200])
    return path


Maker = Callable[[Path], Path]
REFUSED: dict[str, tuple[Maker, str]] = {
    "a file of the set is missing": (
        lambda folder: write_zip(folder, sample(CCLF5=None), summary=control(sample())),
        r"T0102030: lacks CCLF5; CCLF0 states their records\. Nothing was stored\. Download",
    ),
    "two files are missing and there is no summary": (
        lambda folder: write_zip(folder, sample(CCLF5=None, CCLF8=None), summary=None),
        "lacks CCLF5, CCLF8; every release has them",
    ),
    "the summary counts more": (
        lambda folder: write_zip(folder, sample(), summary=control(sample(), {"CCLF1": (4, 437)})),
        r"ZC1Y24.D240801.T0102030: has 3 records, but CCLF0 states 4\. Nothing was stored",
    ),
    "the summary counts fewer": (
        lambda folder: write_zip(folder, sample(), summary=control(sample(), {"CCLFB": (0, 128)})),
        "ZCBY24.D240801.T0102030: has 1 records, but CCLF0 states 0",
    ),
    "the summary states another known length": (
        lambda folder: write_zip(folder, sample(), summary=control(sample(), {"CCLF5": (2, 383)})),
        "has lines of 388 characters, but CCLF0 states 383",
    ),
    "the summary is not one": (
        lambda folder: write_zip(folder, sample(), summary=b"File Number|x\nCCLF1|x|many|437"),
        "ZC0Y24.D240801.T0102030, line 2: is not `file | description",
    ),
    "the summary is empty": (lambda folder: write_zip(folder, sample(), summary=b"File Number |"), "lists no file"),
    "an empty file and no summary": (
        lambda folder: write_zip(folder, sample(CCLF2=b""), summary=None),
        "ZC2Y24.D240801.T0102030: is empty, and no CCLF0 says that it should be",
    ),
    "an empty file of which records are stated": (
        lambda folder: write_zip(folder, sample(CCLF2=b""), summary=control(sample())),
        "has 0 records, but CCLF0 states 1",
    ),
    "a download that broke off": (lambda folder: without_end(write_zip(folder, sample())), "the ZIP is damaged"),
    "garbage": (
        lambda folder: write_zip(folder, sample(CCLF1=b"\x00\x01" * 40_000), summary=None),
        "ZC1Y24.D240801.T0102030, line 1 or after: these are not lines of text",
    ),
    "another layout": (
        lambda folder: write_zip(folder, sample(CCLF1=b"a,b,c\n1,2,3\n"), summary=None),
        "has lines of 5 characters; CCLF1 has 292 or 352 or 437",
    ),
    "two months in one folder": (
        lambda folder: _two_months(folder),
        "unpacked: holds files of more than one delivery",
    ),
    "no CCLF at all": (lambda folder: _text_file(folder), r"notes.txt: holds no CCLF file\. CMS names packages P\.A"),
    "nothing": (lambda folder: folder / "absent", "there is no such file or folder"),
}


def _two_months(folder: Path) -> Path:
    path = write_folder(folder, sample())
    (path / member("CCLF1", MONTH.replace("D2408", "D2409"))).write_bytes(claim_lines(1))
    return path


def _text_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text("hello\n")
    return folder / "notes.txt"


class TestRefused:
    @pytest.mark.parametrize("case", REFUSED)
    def test_what_does_not_reconcile_changes_nothing(self, tmp_path: Path, lake: Lake, case: str) -> None:
        load(lake, write_zip(tmp_path, sample(), package=MONTH.replace("D2408", "D2407")))
        before = [rows(lake, table) for table in TABLES]
        make, message = REFUSED[case]
        with pytest.raises(FeedError, match=message) as caught:
            load(lake, make(tmp_path))
        assert caught.value.remedy
        assert caught.value.where
        assert [rows(lake, table) for table in TABLES] == before
        assert len(lake.deliveries()) == 1

    def test_a_bomb_in_place_of_a_file(self, tmp_path: Path, lake: Lake) -> None:
        with pytest.raises(FeedError, match="ZIP bomb"):
            load(lake, write_zip(tmp_path, sample(CCLF1=b" " * 30_000_000)))


class TestAgain:
    def test_the_same_delivery_twice_changes_nothing(self, tmp_path: Path, lake: Lake) -> None:
        path = write_zip(tmp_path, sample())
        first = load(lake, path)
        before = [rows(lake, table) for table in TABLES]
        again = load(lake, path)
        assert not again.loaded
        assert again.row_count == 0
        assert again.delivery_id == first.delivery_id
        assert "nothing changed" in again.notes[0]
        assert [rows(lake, table) for table in TABLES] == before
        assert len(lake.versions()) == 2

    def test_the_same_content_under_another_name_is_the_same_delivery(self, tmp_path: Path, lake: Lake) -> None:
        path = write_zip(tmp_path, sample())
        load(lake, path)
        assert not load(lake, path.rename(tmp_path / f"{MONTH}.zip")).loaded

    def test_the_same_name_with_other_content_is_refused(self, tmp_path: Path, lake: Lake) -> None:
        load(lake, write_zip(tmp_path, sample()))
        with pytest.raises(FeedError, match="other content was loaded before"):
            load(lake, write_zip(tmp_path, sample(CCLF1=claim_lines(2))))
        assert len(lake.deliveries()) == 1

    def test_an_older_delivery_after_a_newer_one_is_accepted_and_said(self, tmp_path: Path, lake: Lake) -> None:
        load(lake, write_zip(tmp_path, sample(), package=MONTH.replace("D2408", "D2409")))
        report = load(lake, write_zip(tmp_path, sample()))
        assert report.loaded
        assert any("older than a delivery" in note for note in report.notes)
        newest = {row["delivery_id"] for row in rows(lake, Beneficiary)}
        assert max(newest).startswith("cclf-20240901")

    def test_a_refused_delivery_can_be_loaded_once_it_is_whole(self, tmp_path: Path, lake: Lake) -> None:
        with pytest.raises(FeedError):
            load(lake, write_zip(tmp_path, sample(), summary=control(sample(), {"CCLF1": (4, 437)})))
        assert load(lake, write_zip(tmp_path, sample())).loaded


PACKAGES = [
    "P.A1234.ACO.ZCY24.D240701.T0102030",
    "P.A1234.ACO.ZCY24.D240801.T0102030",
    "P.A1234.ACO.ZCR23.D240801.T0102031",
    "P.A1234.ACO.ZCWY24.D240809.T0102030",
]


def loaded(folder: Path, names: list[str]) -> list:
    """Everything a lake holds after loading these packages in this order."""
    lake = Lake.create(folder / "lake")
    for name in names:
        files = sample(**lines_of({"CCLF1": SAMPLE["CCLF1"][: PACKAGES.index(name) % 3 + 1]}))
        path = folder / name
        load(lake, path if path.exists() else write_zip(folder, files, package=name))
    assert [row["file_name"] for row in lake.deliveries()] == sorted(PACKAGES, key=_delivered)
    latest = [[row["file_name"] for row in lake.deliveries()][-1:]]
    latest += [[path.name for path in lake.files(table, deliveries="latest")] for table in TABLES]
    return [[_without_hash(row) for row in rows(lake, table)] for table in TABLES] + latest


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> list:
    return loaded(tmp_path_factory.mktemp("order"), PACKAGES)


@settings(max_examples=5, deadline=None)
@given(st.permutations(PACKAGES), st.lists(st.sampled_from(PACKAGES), max_size=2))
def test_the_order_of_loading_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, in_order: list, order: list[str], again: list[str]
) -> None:
    assert loaded(tmp_path_factory.mktemp("order"), [*order, *again]) == in_order


def _without_hash(row: dict) -> dict:
    """ZIPs carry the time they were written, and so does their hash."""
    return {**row, "delivery_id": row["delivery_id"].rpartition("-")[0]}


def _delivered(name: str) -> str:
    return name[-16:]


def test_the_report_is_plain_json(tmp_path: Path, lake: Lake) -> None:
    import json

    report: LoadReport = load(lake, write_zip(tmp_path, sample()))
    plain = json.loads(json.dumps(report.as_json()))
    assert plain["delivery"]["delivered_on"] == "2024-08-01"
    assert plain["rows"]["institutional_claim"] == 3

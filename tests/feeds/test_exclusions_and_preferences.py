"""BNEX and the 1-800-MEDICARE preference file: totals reconciled, unsafe or broken files refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from feeding import rows, stamp
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds import bnex, preference
from openaco.tables import BeneficiaryExclusion, DataSharingPreference

BNEX_NAME = "P.A0000.BNEX.Y24.D240520.T1200003.xml"
PREFERENCE_NAME = "P#EFT.ON.ACO.NGD1800.DPRF.D240520.T1200003"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def beneficiary(mbi: str, *reasons: str, born: str = "19500131", last: str = "Invented") -> str:
    codes = "".join(f"<BeneExcReason>{code}</BeneExcReason>" for code in reasons)
    person = f"<MBI>{mbi}</MBI><HICN></HICN><FirstName>A</FirstName><LastName>{last}</LastName><DOB>{born}</DOB>"
    return f"\n<Beneficiary>{person}<Gender>F</Gender><BeneExcReasons>{codes}</BeneExcReasons></Beneficiary>"


def exclusions(*people: str, count: int | None = None, header: str = "HDR_BNEXC", before: str = "") -> str:
    total = len(people) if count is None else count
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}\n<PFDCACOBeneData><Header><HeaderCode>{header}</HeaderCode>'
        "<FileCreationDate>20240520</FileCreationDate><PerformanceYear>2024</PerformanceYear></Header>"
        f"<Beneficiarys>{''.join(people)}</Beneficiarys>"
        f"<Trailer><TrailerCode>TRL_BNEXC</TrailerCode><RecordCount>{total}</RecordCount></Trailer></PFDCACOBeneData>"
    )


def file_of(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return stamp(path, "2024-05-21T12:00:00")


def test_one_row_for_each_beneficiary_and_reason(lake: Lake, tmp_path: Path) -> None:
    people = [beneficiary("1A", "BD", "PC"), beneficiary("1B", "MA", "MA", last="A &amp; B")]
    report = bnex.load(lake, file_of(tmp_path, BNEX_NAME, exclusions(*people)))
    found = rows(lake, BeneficiaryExclusion)
    assert sorted((row["mbi"], row["reason_code"], row["source_line"]) for row in found) == [
        ("1A", "BD", 3),
        ("1A", "PC", 3),
        ("1B", "MA", 4),
    ]
    assert {row["last_name"] for row in found} == {"Invented", "A & B"}
    assert {(row["birth_date"], row["sex_code"]) for row in found} == {(date(1950, 1, 31), "2")}
    assert report.delivery_id.startswith("bnex-20240520T1200003-")
    assert (report.delivery["coverage"], report.delivery["performance_year"]) == ("regular", 2024)


def test_a_file_without_anybody_is_a_delivery_too(lake: Lake, tmp_path: Path) -> None:
    report = bnex.load(lake, file_of(tmp_path, BNEX_NAME.replace(".Y24", ".R24"), exclusions()))
    assert report.loaded
    assert report.delivery["coverage"] == "run-out"
    assert lake.files(BeneficiaryExclusion)


def test_people_who_cannot_be_stored_are_put_aside(lake: Lake, tmp_path: Path) -> None:
    people = [
        beneficiary("1A", "BD"),
        beneficiary("", "BD"),
        beneficiary("1C"),
        beneficiary("1D", "BD", born="19500231"),
    ]
    report = bnex.load(lake, file_of(tmp_path, BNEX_NAME, exclusions(*people)))
    assert [row["mbi"] for row in rows(lake, BeneficiaryExclusion)] == ["1A"]
    assert report.quarantined == {
        "MBI is blank": 1,
        "BeneExcReason is missing": 1,
        "DOB is not a date of the form YYYYMMDD": 1,
    }
    assert lake.quarantine()[1]["content"].startswith("<Beneficiary><MBI>1C</MBI>")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (exclusions(beneficiary("1A", "BD"), count=2), "the trailer counts 2 beneficiaries, the file has 1"),
        (exclusions(header="HDR_OTHER"), "has no Header with the code HDR_BNEXC"),
        (exclusions().split("<Trailer>")[0] + "</PFDCACOBeneData>", "has no Trailer"),
        (exclusions(beneficiary("1A", "BD"))[:-30], "is no well-formed XML"),
        (exclusions(beneficiary("&b;", "BD"), before=BOMB), "declares a document type"),
        (exclusions(beneficiary("&b;", "BD")), "is no well-formed XML"),
        ("<other/>", "begins with <other>"),
        (exclusions(beneficiary("1A", "BD")).encode().replace(b"Invented", b"Inv\xff"), "is no well-formed XML"),
    ],
)
def test_a_broken_unsafe_or_unreconciled_file_is_refused(
    lake: Lake, tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        bnex.load(lake, file_of(tmp_path, BNEX_NAME, content))
    assert error.value.remedy
    assert BNEX_NAME in error.value.where
    assert lake.deliveries() == []


def test_the_same_exclusions_twice_change_nothing(lake: Lake, tmp_path: Path) -> None:
    path = file_of(tmp_path, BNEX_NAME, exclusions(beneficiary("1A", "BD")))
    bnex.load(lake, path)
    assert not bnex.load(lake, path).loaded
    with pytest.raises(FeedError, match="was loaded before"):
        bnex.load(lake, file_of(tmp_path, BNEX_NAME, exclusions()))
    assert len(rows(lake, BeneficiaryExclusion)) == 1


def preference_line(mbi: str, *, date_: str = "20240501", choice: str = "N", second: str = "Y") -> str:
    line = [" "] * 459
    for at, text in (
        (0, mbi),
        (354, date_),
        (362, "1-800T"),
        (368, choice),
        (369, "20240502"),
        (377, "1-800T"),
        (383, second),
        (384, "A0000"),
    ):
        line[at : at + len(text)] = text
    return "".join(line)


def preferences(*lines: str, count: int | None = None) -> str:
    total = len(lines) if count is None else count
    return "\n".join(["HDR_BENEDATASHR20240520", *lines, f"TRL_BENEDATASHR20240520{total:<10}"]) + "\n"


@pytest.mark.shared
def test_bcda_s_preference_sample(lake: Lake, shared_data: Path) -> None:
    report = preference.load(
        lake, shared_data / "claims-samples" / "cclf-bcda" / "T#EFT.ON.ACO.NGD1800.DPRF.D181120.T1000009"
    )
    found = rows(lake, DataSharingPreference)
    assert [(row["mbi"], row["shares_claims"], row["shares_substance_use"], row["aco_id"]) for row in found] == [
        ("5SJ0A00AA00", True, False, "T9992"),
        ("4SF6G00AA00", True, False, "T9992"),
        ("4SH0A00AA00", None, False, "T9992"),
        ("8SG0A00AA00", False, None, "T9992"),
    ]
    assert [row["effective_date"] for row in found] == [date(2019, 7, 1), date(2019, 7, 29), None, date(2019, 7, 19)]
    assert report.delivery_id.startswith("preference-20181120T1000009-")


def test_preference_lines_that_cannot_be_read_are_put_aside(lake: Lake, tmp_path: Path) -> None:
    lines = [
        preference_line("1A"),
        preference_line("1B")[:-1],
        preference_line("1C", date_="20240532"),
        preference_line("1D", choice="X"),
        preference_line(" "),
        preference_line("1É"),
    ]
    content = preferences(*lines).encode().replace("1É".encode(), b"1\xff")
    report = preference.load(lake, file_of(tmp_path, PREFERENCE_NAME, content))
    assert [(row["mbi"], row["shares_claims"], row["source_line"]) for row in rows(lake, DataSharingPreference)] == [
        ("1A", False, 2)
    ]
    assert set(report.quarantined or {}) == {
        "the line does not have 459 characters",
        "effective_date is not a date of the form YYYYMMDD",
        "shares_claims is neither Y nor N",
        "mbi is blank",
        "the line is not UTF-8",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (preferences(preference_line("1A"), count=2), "the trailer counts 2 lines, the file has 1"),
        (preferences(preference_line("1A")).rsplit("TRL", 1)[0], "the trailer line is missing"),
        (preferences(preference_line("1A")).split("\n", 1)[1], "the header line is missing"),
        (preferences() + preference_line("1A"), "there are lines after the trailer"),
        (preferences().replace("0   ", "x   "), "the trailer counts no number of lines"),
    ],
)
def test_a_preference_file_that_does_not_reconcile_is_refused(
    lake: Lake, tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        preference.load(lake, file_of(tmp_path, PREFERENCE_NAME, content))
    assert error.value.remedy
    assert lake.deliveries() == []


def test_a_name_with_an_impossible_date_is_refused(lake: Lake, tmp_path: Path) -> None:
    path = file_of(tmp_path, PREFERENCE_NAME.replace("D240520", "D241340"), preferences())
    with pytest.raises(FeedError, match="the date in the name is none"):
        preference.load(lake, path)


@pytest.mark.parametrize("feed", [bnex, preference])
def test_a_folder_is_one_delivery_for_each_file(feed: object, tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in feed.deliveries_in(tmp_path)] == ["a", "b"]  # type: ignore[attr-defined]
    assert feed.deliveries_in(tmp_path / "a") == [tmp_path / "a"]  # type: ignore[attr-defined]

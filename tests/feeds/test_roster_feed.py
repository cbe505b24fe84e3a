"""The roster: OpenACO's own lists, CMS's county file as published, and a folder that is kept up to date."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from feeding import rows, stamp, write
from openaco.engine import Engine, Lake
from openaco.errors import FeedError
from openaco.feeds.roster import load
from openaco.parameters import parameter
from openaco.tables import (
    CountyExpenditure,
    ElectingHospital,
    FeeScheduleAmount,
    Participant,
    Provider,
    VoluntaryAlignment,
)

PARTICIPANTS = "aco_id,tin,ccn,name,start_date,end_date\nA0000,001234567,,Invented Clinic,2020-01-01,\n"
COUNTIES = (
    "Year,State Name,County Name,State ID,County ID,Per capita ESRD expenditures,Average ESRD HCC risk score,"
    "ESRD person-years ,Per capita DISABLED expenditures,Average DISABLED HCC risk score,DISABLED person-years ,"
    "Per capita AGED/DUAL expenditures,Average AGED/DUAL HCC risk score,AGED/DUAL person-years ,"
    "Per capita AGED/NON-DUAL expenditures,Average AGED/NON-DUAL HCC risk score,AGED/NON-DUAL person-years \n"
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def test_every_list_keeps_its_leading_zeros(lake: Lake, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "roster",
        participants__csv=PARTICIPANTS,
        providers__csv="\ufeffNPI,specialty_code,name\n0999999999,08,Invented\n",
        electing_hospitals__csv="ccn\n050001\n\n",
        physician_fee_schedule__csv="calendar_year,hcpcs_code,amount\n2024,99213,92.05\n2024,00100,1\n",
        voluntary_alignment__csv="mbi,designated_on,ended_on,npi,tin\n1A,2023-05-01,,0999999999,001234567\n",
    )
    report = load(lake, folder)
    assert not report.quarantined
    participant = rows(lake, Participant)[0]
    assert (participant["tin"], participant["ccn"], participant["start_date"], participant["end_date"]) == (
        "001234567", None, date(2020, 1, 1), None,
    )  # fmt: skip
    assert participant["name_of_participant"] == "Invented Clinic"
    assert (rows(lake, Provider)[0]["npi"], rows(lake, Provider)[0]["specialty_code"]) == ("0999999999", "08")
    assert [row["ccn"] for row in rows(lake, ElectingHospital)] == ["050001"]
    assert [(row["hcpcs_code"], row["amount"]) for row in rows(lake, FeeScheduleAmount)] == [
        ("99213", Decimal("92.05")),
        ("00100", Decimal("1.00")),
    ]
    assert rows(lake, VoluntaryAlignment)[0]["designated_on"] == date(2023, 5, 1)


@pytest.mark.shared
def test_cms_s_county_file_of_2018(lake: Lake, tmp_path: Path, shared_data: Path) -> None:
    folder = tmp_path / "roster"
    folder.mkdir()
    shutil.copy(shared_data / "mssp-county" / "county_ffs_assignable_2018.csv", folder / "any name.csv")
    assert not load(lake, folder).quarantined
    found = rows(lake, CountyExpenditure)
    assert len(found) == 4 * 3219
    assert len({row["state_county_code"] for row in found}) == 3219
    assert {row["calendar_year"] for row in found} == {2018}
    suppressed = {
        kind: sum(row["per_capita_expenditure"] is None for row in found if row["enrollment_type"] == kind)
        for kind in ("esrd", "disabled", "aged_dual", "aged_non_dual")
    }
    assert suppressed == {"esrd": 744, "disabled": 50, "aged_dual": 64, "aged_non_dual": 3}
    baldwin = [row for row in found if row["state_county_code"] == "01010"]
    assert [
        (row["enrollment_type"], row["per_capita_expenditure"], row["risk_score"], row["person_years"])
        for row in baldwin
    ] == [
        ("esrd", 67449.59, 0.98754, 119.42),
        ("disabled", 9629.23, 0.94426, 2420.83),
        ("aged_dual", 17128.09, 0.95883, 649.0),
        ("aged_non_dual", 9459.36, 1.01092, 18916.17),
    ]


def test_the_county_layout_of_later_years(lake: Lake, tmp_path: Path) -> None:
    header = "YEAR,STATE_NAME,COUNTY_NAME,STATE_ID,COUNTY_ID," + ",".join(
        f"PER_CAPITA_EXP_{kind},AVG_RISK_SCORE_{kind},AVG_DEMOG_SCORE_{kind},PERSON_YEARS_{kind}"
        for kind in ("ESRD", "DIS", "AGDU", "AGND")
    )
    line = "2022,MASSACHUSETTS,ESSEX,22,40," + ",".join(["*,*,*,.", "1,2,3,4", "5,6,7,8", "9,10,11,12"])
    load(lake, write(tmp_path / "roster", counties_2022__csv=f"{header}\n{line}\n"))
    found = {row["enrollment_type"]: row for row in rows(lake, CountyExpenditure)}
    assert {row["state_county_code"] for row in found.values()} == {"22040"}
    assert (found["esrd"]["per_capita_expenditure"], found["esrd"]["person_years"]) == (None, None)
    assert (found["aged_non_dual"]["per_capita_expenditure"], found["aged_non_dual"]["person_years"]) == (9.0, 12.0)


def test_the_newest_folder_replaces_the_lists_it_holds(lake: Lake, tmp_path: Path, duckdb_engine: Engine) -> None:
    folder = write(tmp_path / "roster", participants__csv=PARTICIPANTS, electing_hospitals__csv="ccn\n050001\n")
    load(lake, folder)
    (folder / "electing_hospitals.csv").unlink()
    write(folder, participants__csv=PARTICIPANTS.replace("001234567", "007654321"))
    stamp(folder / "participants.csv", "2024-06-01T12:00:00")
    assert load(lake, folder).loaded

    def newest(table: type[Participant] | type[ElectingHospital], column: str) -> list[str]:
        found = duckdb_engine.to_rows(lake.read(duckdb_engine, table, deliveries="latest"))
        return [row[column] for row in found]

    assert newest(Participant, "tin") == ["007654321"]
    assert newest(ElectingHospital, "ccn") == ["050001"]
    assert not load(lake, folder).loaded


def test_going_back_to_an_earlier_list_is_a_delivery_too(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "roster", participants__csv=PARTICIPANTS)
    for content, when in ((PARTICIPANTS, "01"), (PARTICIPANTS.replace("001234567", "2"), "02"), (PARTICIPANTS, "03")):
        write(folder, participants__csv=content)
        stamp(folder / "participants.csv", f"2024-06-{when}T12:00:00")
        assert load(lake, folder).loaded
        assert not load(lake, folder).loaded
    newest = max(row["delivery_id"] for row in lake.deliveries())
    assert [row["tin"] for row in rows(lake, Participant) if row["delivery_id"] == newest] == ["001234567"]


def test_an_older_folder_that_stands_behind_a_newer_one_is_not_loaded_again(lake: Lake, tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, participants__csv=PARTICIPANTS) for name in ("first", "second"))
    write(second, participants__csv=PARTICIPANTS.replace("001234567", "2"))
    stamp(second / "participants.csv", "2024-06-02T12:00:00")
    assert load(lake, first).loaded
    assert load(lake, second).loaded
    assert not load(lake, first).loaded


def test_bad_lines_are_put_aside(lake: Lake, tmp_path: Path) -> None:
    content = PARTICIPANTS + "A0000,,,No TIN,,\nA0000,2,,Bad date,2020-02-30,\nA0000,3\nA0000,4,,Good,,\n"
    report = load(lake, write(tmp_path / "roster", participants__csv=content))
    assert [row["tin"] for row in rows(lake, Participant)] == ["001234567", "4"]
    assert report.quarantined == {
        "TIN is blank": 1,
        "START_DATE is not a date of the form YYYY-MM-DD": 1,
        "the line does not have 6 cells": 1,
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("participant__csv", "aco_id,tin\n", "is no file of a roster"),
        ("participants__xlsx", "x", "is no file of a roster"),
        ("participants__csv", "aco_id\n", "the header has no TIN"),
        ("participants__csv", "aco_id,tin,TIN\n", "names a column twice: columns 2, 3"),
        ("counties__csv", COUNTIES.replace("State ID", "State"), "the header has no STATE ID"),
        ("counties__csv", COUNTIES + 2 * "2018,A,B,1,10,1,1,1,1,1,1,1,1,1,1,1,1\n", "1 counties stand twice"),
        ("participants__csv", "aco_id,tin\nA\n", "not one line could be stored"),
    ],
)
def test_what_is_no_roster_is_refused_and_leaves_nothing(
    lake: Lake, tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        load(lake, write(tmp_path / "roster", **{name: content}))
    assert error.value.remedy
    assert lake.deliveries() == []


def test_states_agree_with_the_rule_on_residence() -> None:
    """The states that feeds know are those in which a beneficiary can be assigned."""
    known = {row["ssa"] for row in parameter("feeds/states", 2024).value}
    assert known == set(parameter("assignment/united_states", 2024).value)

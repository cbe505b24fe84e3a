"""RIF: every total of the Synthea sample, and invented files for each trap."""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from feeding import rows, stamp, write
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.rif import load
from openaco.tables import (
    Beneficiary,
    DrugEvent,
    EnrollmentMonth,
    EquipmentLine,
    InstitutionalClaim,
    InstitutionalDiagnosis,
    InstitutionalLine,
    InstitutionalProcedure,
    MbiCrosswalk,
    ProfessionalLine,
)

TABLES = (
    InstitutionalClaim,
    InstitutionalLine,
    ProfessionalLine,
    EquipmentLine,
    DrugEvent,
    EnrollmentMonth,
    Beneficiary,
)
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEPT", "OCT", "NOV", "DEC"]
BENEFICIARY = "DML_IND|BENE_ID|STATE_CODE|BENE_COUNTY_CD|BENE_BIRTH_DT|MBI_NUM|DEATH_DT|RFRNC_YR|"
BENEFICIARY += "|".join(
    f"MDCR_ENTLMT_BUYIN_{n}_IND|HMO_{n}_IND|MDCR_STUS_{m}_CD|META_DUAL_ELGBL_STUS_{m}_CD|FIPS_STATE_CNTY_{m}_CD"
    for n, m in enumerate(MONTHS, start=1)
)
USUAL_MONTH = "3|0|10|NA|25013"
CARRIER = (
    "DML_IND|BENE_ID|CLM_ID|FINAL_ACTION|NCH_CLM_TYPE_CD|CLM_FROM_DT|CLM_THRU_DT|CLM_PMT_AMT|LINE_NUM|"
    "LINE_LAST_EXPNS_DT|LINE_NCH_PMT_AMT|TAX_NUM|PRF_PHYSN_NPI|PRVDR_SPCLTY"
)
OUTPATIENT = (
    "DML_IND|BENE_ID|CLM_ID|FINAL_ACTION|NCH_CLM_TYPE_CD|CLM_FROM_DT|CLM_THRU_DT|CLM_PMT_AMT|PRVDR_NUM|"
    "ICD_DGNS_CD1|PRCDR_DT1|ICD_PRCDR_CD1|CLM_LINE_NUM|REV_CNTR"
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def person(
    bene: str, mbi: str = "1A00A00AA01", year: int = 2023, death: str = "", place: str = "22|070", **months: str
) -> str:
    """A line of a beneficiary file; months by name, the others as usual."""
    cells = [months.get(month.lower(), USUAL_MONTH) for month in MONTHS]
    return "|".join(["INSERT", bene, place, "02-Jan-1950", mbi, death, str(year), *cells])


def carrier(
    claim: str, line: int, *, bene: str = "-1", paid: str = "10.00", end: str = "05-Mar-2023", final: str = "F"
) -> str:
    return f"INSERT|{bene}|{claim}|{final}|71|05-Mar-2023|05-Mar-2023|20.00|{line}|{end}|{paid}|001234567|1999999999|08"


def outpatient(claim: str, line: int, *, procedure_date: str = "06-Mar-2023", bene: str = "-1") -> str:
    return f"INSERT|{bene}|{claim}|F|40|05-Mar-2023|06-Mar-2023|99.50|050001|J029|{procedure_date}|0BH17EZ|{line}|0450"


def text(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture(scope="module")
def sample(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake.create(tmp_path_factory.mktemp("sample") / "lake")
    report = load(lake, shared_data / "claims-samples" / "rif-synthea")
    assert report.loaded
    assert not report.quarantined
    # The sample's beneficiary_2018 is a copy of beneficiary_2019.
    assert report.notes == ("3 rows repeat a person and year of a newer file and were left out",)
    return lake


@pytest.mark.shared
@pytest.mark.parametrize(
    ("claim_type", "claims", "lines", "paid"),
    [
        ("60", 16, 16, "36386.46"),
        ("40", 19, 19, "132056.09"),
        ("20", 1, 67, "32052.84"),
        ("10", 14, 15, "7289.59"),
        ("50", 1, 8, "5314.33"),
    ],
)
def test_institutional_totals_of_the_sample(sample: Lake, claim_type: str, claims: int, lines: int, paid: str) -> None:
    found = [row for row in rows(sample, InstitutionalClaim) if row["claim_type_code"] == claim_type]
    assert len({row["claim_id"] for row in found}) == len(found) == claims
    assert sum(row["paid_amount"] for row in found) == Decimal(paid)
    assert sum(row["claim_type_code"] == claim_type for row in rows(sample, InstitutionalLine)) == lines


@pytest.mark.shared
def test_carrier_equipment_and_drug_totals_of_the_sample(sample: Lake) -> None:
    lines = rows(sample, ProfessionalLine)
    assert len(lines) == 221
    assert len({row["claim_id"] for row in lines}) == 37
    assert sum(row["paid_amount"] for row in lines) == Decimal("112165.91")
    equipment = rows(sample, EquipmentLine)
    assert [row["paid_amount"] for row in equipment] == [Decimal("0.00")]
    assert len(rows(sample, DrugEvent)) == 18
    assert {row["adjustment_type_code"] for row in [*lines, *equipment, *rows(sample, DrugEvent)]} == {"0"}


@pytest.mark.shared
def test_the_sample_s_people_and_months(sample: Lake) -> None:
    people = rows(sample, Beneficiary)
    assert sorted(row["mbi"] for row in people) == ["1S00E00AA06", "1S00E00AA14", "1S00E00AA18"]
    assert {row["source_file"] for row in people} == {"beneficiary_2021.csv.gz"}
    months = rows(sample, EnrollmentMonth)
    years = [2011, 2012, 2013, 2014, 2015, 2016, 2017, 2019, 2020]
    assert Counter(row["month"].year for row in months) == {**dict.fromkeys(years, 36), 2021: 15}
    first = next(row for row in months if row["mbi"] == "1S00E00AA06" and row["month"] == date(2011, 3, 1))
    assert first["has_part_a"]
    assert first["has_part_b"]
    assert not first["in_group_health_plan"]
    assert first["lives_in_united_states"]
    assert (first["dual_status_code"], first["medicare_status_code"], first["state_county_code"]) == (
        "04",
        "10",
        "22090",
    )


@pytest.mark.shared
def test_every_row_of_the_sample_leads_back_to_its_line(sample: Lake, shared_data: Path) -> None:
    folder = shared_data / "claims-samples" / "rif-synthea"
    for row in rows(sample, ProfessionalLine)[::17]:
        line = (
            gzip.decompress((folder / row["source_file"]).read_bytes())
            .decode("utf-8-sig")
            .split("\n")[row["source_line"] - 1]
        )
        assert row["claim_id"] in line.split("|")


@pytest.mark.shared
def test_the_summary_of_the_export_is_reconciled(shared_data: Path, tmp_path: Path, lake: Lake) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(shared_data / "claims-samples" / "rif-synthea", folder)
    (folder / "snf.csv.gz").unlink()
    with pytest.raises(FeedError, match="counts 1 snf claims, the files hold 0"):
        load(lake, folder)
    assert lake.deliveries() == []
    assert all(not rows(lake, table) for table in TABLES)


def test_months_follow_the_columns_and_stop_with_death(lake: Lake, tmp_path: Path) -> None:
    line = person(
        "-1", death="10-May-2023", jan="1|0|20|2|25013", feb="C|1|20|02|25013", mar="0||||", apr="||||", may="B|4|21||"
    )
    load(lake, write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, line)))
    found = {row["month"].month: row for row in rows(lake, EnrollmentMonth)}
    assert sorted(found) == [1, 2, 3, 5]
    told = {
        month: (row["has_part_a"], row["has_part_b"], row["in_group_health_plan"], row["dual_status_code"])
        for month, row in found.items()
    }
    assert told == {
        1: (True, False, False, "02"),
        2: (True, True, True, "02"),
        3: (False, False, False, None),
        5: (False, True, False, None),
    }


@pytest.mark.parametrize(
    ("place", "fips", "county", "at_home"),
    [
        ("22|070", "25013", "22070", True),
        ("22|22070", "", "22070", True),
        ("1|10", "", "01010", True),
        ("40|640", "72127", "40640", True),
        ("56|000", "", "56000", False),
        ("56|000", "25013", "56000", True),
        ("|", "", None, None),
    ],
)
def test_residence_comes_from_the_codes(
    lake: Lake, tmp_path: Path, place: str, fips: str, county: str | None, at_home: bool | None
) -> None:
    line = person("-1", place=place, jan=f"3|0|10|NA|{fips}")
    load(lake, write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, line)))
    january = next(row for row in rows(lake, EnrollmentMonth) if row["month"] == date(2023, 1, 1))
    assert (january["state_county_code"], january["lives_in_united_states"]) == (county, at_home)


def test_the_newest_year_names_the_person_and_an_earlier_mbi_becomes_a_crosswalk(lake: Lake, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "rif",
        beneficiary_2022__csv=text(BENEFICIARY, person("-1", "1OLD", 2022), person("-2", "1TWO", 2022)),
        beneficiary_2023__csv=text(BENEFICIARY, person("-1", "1NEW", 2023)),
        beneficiary_history__csv=text(
            "DML_IND|BENE_ID|MBI_NUM|EFCTV_BGN_DT|EFCTV_END_DT",
            "INSERT|-1|1ANCIENT|01-Jan-2019|31-Dec-2020",
            "INSERT|-3|1EARLY|01-Jan-2019|31-Dec-2020",
            "INSERT|-3|1LATE|01-Jan-2021|",
        ),
        carrier__csv=text(CARRIER, carrier("-9", 1), carrier("-9", 2, bene="-3")),
    )
    load(lake, folder)
    assert sorted((row["mbi"], row["source_file"]) for row in rows(lake, Beneficiary)) == [
        ("1NEW", "beneficiary_2023.csv"),
        ("1TWO", "beneficiary_2022.csv"),
    ]
    assert Counter(row["mbi"] for row in rows(lake, EnrollmentMonth)) == {"1NEW": 24, "1TWO": 12}
    assert {(row["previous_mbi"], row["current_mbi"]) for row in rows(lake, MbiCrosswalk)} == {
        ("1OLD", "1NEW"),
        ("1ANCIENT", "1NEW"),
        ("1EARLY", "1LATE"),
    }
    assert [row["mbi"] for row in rows(lake, ProfessionalLine)] == ["1NEW", "1LATE"]


def test_claims_alone_are_stored_under_the_bene_id_and_the_report_says_so(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", carrier__csv=text(CARRIER, carrier("-9", 1), carrier("-9", 2)))
    report = load(lake, folder / "carrier.csv")
    assert [row["mbi"] for row in rows(lake, ProfessionalLine)] == ["-1", "-1"]
    assert any("2 claim lines name people whom no beneficiary file" in note for note in report.notes)


def test_the_same_delivery_twice_changes_nothing_even_under_another_name(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, person("-1")))
    first = load(lake, folder)
    again = load(lake, folder.rename(tmp_path / "other"))
    assert not again.loaded
    assert again.delivery_id == first.delivery_id
    assert len(lake.deliveries()) == 1
    assert len(rows(lake, EnrollmentMonth)) == 12


def test_a_later_export_into_the_same_folder_is_another_delivery(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, person("-1")))
    load(lake, folder)
    write(folder, beneficiary_2023__csv=text(BENEFICIARY, person("-1"), person("-2", "1B")))
    stamp(folder / "beneficiary_2023.csv", "2024-06-01T12:00:00")
    assert load(lake, folder).loaded
    assert [row["delivered_on"] for row in lake.deliveries()] == [date(2024, 5, 1), date(2024, 6, 1)]


def test_bad_lines_are_put_aside_and_the_rest_is_stored(lake: Lake, tmp_path: Path) -> None:
    lines = [
        carrier("-9", 1),
        carrier("-9", 2, end="31-Feb-2023"),
        carrier("-9", 3, paid="ten"),
        carrier("-8", 1) + "|more",
        carrier("", 1),
        CARRIER,
        carrier("-7", 1).replace("INSERT", "DELETE"),
    ]
    content = text(CARRIER, *lines).encode() + carrier("-6", 1).encode().replace(b"F", b"\xff") + b"\n"
    report = load(lake, write(tmp_path / "rif", carrier__csv=content))
    assert [(row["claim_id"], row["source_line"]) for row in rows(lake, ProfessionalLine)] == [("-9", 2)]
    aside = {row["source_line"]: row["reason"] for row in lake.quarantine()}
    assert aside == {
        3: "LINE_LAST_EXPNS_DT is not a date of the form DD-Mon-YYYY",
        4: "LINE_NCH_PMT_AMT is not an amount",
        5: "the line does not have 14 cells",
        6: "CLM_ID is blank",
        7: "the header stands here again",
        8: "DML_IND says DELETE, which cannot be applied",
        9: "the line is not UTF-8",
    }
    assert report.quarantined_count == 7
    content_of = {row["source_line"]: row["content"] for row in lake.quarantine()}
    assert content_of[3] == lines[1]
    assert "\\xff" in content_of[9]


def test_versions_that_are_not_final_are_left_out_and_counted(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", carrier__csv=text(CARRIER, carrier("-9", 1, final="N"), carrier("-8", 1)))
    report = load(lake, folder)
    assert [row["claim_id"] for row in rows(lake, ProfessionalLine)] == ["-8"]
    assert any("1 lines of versions that are not final" in note for note in report.notes)


def test_the_report_says_where_lines_do_not_come_to_their_claims(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", carrier__csv=text(CARRIER, carrier("-9", 1), carrier("-9", 2, paid="9.00")))
    assert "carrier: the lines pay -1.00 against the claims' own payments" in load(lake, folder).notes


def test_a_claim_s_header_comes_from_its_first_readable_line(lake: Lake, tmp_path: Path) -> None:
    lines = [
        outpatient("-9", 1, procedure_date="99-Mar-2023"),
        outpatient("-9", 2),
        outpatient("-8", 1),
        outpatient("-9", 3),
    ]
    load(lake, write(tmp_path / "rif", outpatient__csv=text(OUTPATIENT, *lines)))
    headers = {row["claim_id"]: row for row in rows(lake, InstitutionalClaim)}
    assert {claim: row["source_line"] for claim, row in headers.items()} == {"-9": 3, "-8": 4}
    assert headers["-9"]["paid_amount"] == Decimal("99.50")
    assert headers["-9"]["billing_ccn"] == "050001"
    assert [(row["claim_id"], row["claim_line_number"]) for row in rows(lake, InstitutionalLine)] == [
        ("-9", 2), ("-8", 1), ("-9", 3),
    ]  # fmt: skip
    diagnoses = [
        (row["claim_id"], row["diagnosis_code"], row["sequence_number"]) for row in rows(lake, InstitutionalDiagnosis)
    ]
    assert diagnoses == [("-9", "J029", "1"), ("-8", "J029", "1")]
    assert {row["procedure_date"] for row in rows(lake, InstitutionalProcedure)} == {date(2023, 3, 6)}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("claims__csv", "a|b\n", "is no file of a RIF delivery"),
        ("carrier__csv", "BENE_ID|CLM_ID\n", "the header has no LINE_NUM"),
        ("carrier__csv", CARRIER + "|CLM_ID\n", "names a column twice: columns 3, 15"),
        (
            "beneficiary_2023__csv",
            BENEFICIARY.replace("HMO", "XMO").replace("BUYIN_7_", "X_") + "\n",
            "MDCR_ENTLMT_BUYIN_7_IND",
        ),
        ("carrier__csv", CARRIER + "\nnothing\n", "not one line could be stored"),
    ],
)
def test_what_is_no_delivery_is_refused_and_leaves_nothing(
    lake: Lake, tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        load(lake, write(tmp_path / "rif", **{name: content}))
    assert error.value.remedy
    assert lake.deliveries() == []
    assert lake.quarantine() == []


def test_what_synthea_writes_beside_is_left_alone(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, person("-1")), manifest__xml="<x/>")
    assert load(lake, folder).loaded


def test_a_damaged_gzip_file_is_refused(lake: Lake, tmp_path: Path) -> None:
    folder = write(tmp_path / "rif", carrier__csv__gz=text(CARRIER, *(carrier(f"-{n}", 1) for n in range(500))))
    path = folder / "carrier.csv.gz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FeedError, match="gzip"):
        load(lake, folder)
    assert lake.deliveries() == []


def test_messages_and_reasons_hold_nothing_of_a_person(lake: Lake, tmp_path: Path) -> None:
    secret = "1SECRET0MBI"
    line = person("-77777", secret, death="31-Feb-2023")
    report = load(lake, write(tmp_path / "rif", beneficiary_2023__csv=text(BENEFICIARY, line, person("-1"))))
    told = repr(report.quarantined) + repr(report.notes)
    assert secret not in told
    assert "77777" not in told
    assert report.quarantined == {"DEATH_DT is not a date of the form DD-Mon-YYYY": 1}

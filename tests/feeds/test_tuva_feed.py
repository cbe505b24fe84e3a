"""The Tuva input layer: every total of the demo sample, current names, Parquet, and invented files for each trap."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feeding import rows, stamp, write
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.tuva import load
from openaco.tables import (
    Beneficiary,
    DrugEvent,
    EnrollmentMonth,
    InstitutionalClaim,
    InstitutionalDiagnosis,
    InstitutionalLine,
    InstitutionalProcedure,
    ProfessionalLine,
)

ELIGIBILITY = (
    "person_id,gender,birth_date,death_date,enrollment_start_date,enrollment_end_date,payer_type,"
    "dual_status_code,medicare_status_code,state"
)
MEDICAL = (
    "claim_id,claim_line_number,claim_type,person_id,claim_start_date,claim_end_date,bill_type_code,"
    "revenue_center_code,hcpcs_code,paid_amount,charge_amount,rendering_npi,billing_tin,diagnosis_code_type,"
    "diagnosis_code_1,diagnosis_code_2,procedure_code_1,procedure_date_1"
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def text(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture(scope="module")
def sample(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake.create(tmp_path_factory.mktemp("tuva") / "lake")
    report = load(lake, shared_data / "claims-samples" / "tuva-input-layer")
    assert report.loaded
    assert not report.quarantined
    return lake


@pytest.mark.shared
def test_lines_people_and_dollars_of_the_sample(sample: Lake) -> None:
    institutional, professional = rows(sample, InstitutionalLine), rows(sample, ProfessionalLine)
    assert (len(institutional), len(professional)) == (1205, 4870)
    assert len(institutional) + len(professional) == 6075
    assert len({row["mbi"] for row in [*institutional, *professional]}) == 87
    claims = rows(sample, InstitutionalClaim)
    assert len(claims) == len({row["claim_id"] for row in claims}) == 237
    assert sum(row["paid_amount"] for row in [*claims, *professional]) == Decimal("3970274.95")
    assert sum(row["paid_amount"] for row in [*institutional, *professional]) == Decimal("3970274.95")


@pytest.mark.shared
def test_fills_and_eligibility_of_the_sample(sample: Lake) -> None:
    # Its README says 611: it counted line ends, and the last line has none.
    assert len(rows(sample, DrugEvent)) == 612
    assert len({row["claim_id"] for row in rows(sample, DrugEvent)}) == 612
    months = rows(sample, EnrollmentMonth)
    assert len({row["source_line"] for row in months}) <= 219
    assert len({row["mbi"] for row in months}) == len(rows(sample, Beneficiary)) == 100
    assert {row["month"].year for row in months} == {2016, 2017, 2018}
    assert len({(row["mbi"], row["month"]) for row in months}) == len(months)
    assert all(row["lives_in_united_states"] for row in months)


@pytest.mark.shared
def test_the_type_of_bill_says_the_type_of_claim(sample: Lake) -> None:
    found = Counter(
        (row["bill_facility_type_code"] + row["bill_classification_code"], row["claim_type_code"])
        for row in rows(sample, InstitutionalClaim)
    )
    assert {pair for pair in found if pair[1] != "40"} == {("11", "60"), ("81", "50")}
    assert {bill for bill, kind in found if kind == "40"} == {"13", "14", "85", "71", "77"}


def test_spans_become_months_up_to_the_month_of_death(lake: Lake, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "tuva",
        eligibility__csv=text(
            ELIGIBILITY,
            "A,female,1950-01-01,2023-04-15,2022-11-15,2023-12-31,medicare,2,10,Ohio",
            "B,male,1950-01-01,,2023-01-01,2023-02-28,medicare,,10,OH",
            "B,male,1950-01-01,,2023-02-01,2023-03-31,Medicare Advantage,08,10,Elsewhere",
            "C,male,1950-01-01,,2023-01-01,2023-12-31,commercial,,,Ohio",
        ),
    )
    report = load(lake, folder)
    found = rows(lake, EnrollmentMonth)
    assert [row["month"] for row in found if row["mbi"] == "A"] == [
        date(2022, 11, 1), date(2022, 12, 1), date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2023, 4, 1),
    ]  # fmt: skip
    told = {
        row["month"].month: (row["in_group_health_plan"], row["dual_status_code"], row["lives_in_united_states"])
        for row in found
        if row["mbi"] == "B"
    }
    assert told == {1: (False, None, True), 2: (True, "08", None), 3: (True, "08", None)}
    assert {row["dual_status_code"] for row in found if row["mbi"] == "A"} == {"02"}
    people = {row["mbi"]: (row["sex_code"], row["state"]) for row in rows(lake, Beneficiary)}
    assert people == {"A": ("2", "OH"), "B": ("1", None), "C": ("1", "OH")}
    assert any("other payers" in note for note in report.notes)


def test_an_institutional_claim_is_paid_what_its_lines_are_wherever_they_stand(lake: Lake, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "tuva",
        medical_claim__csv=text(
            MEDICAL,
            "I1,2,institutional,A,2023-01-01,2023-01-03,131,0450,99283,10.10,20.00,1,,icd-10-cm,J029,I10,0BH17EZ,2023-01-02",
            "P1,1,professional,A,2023-01-05,2023-01-05,,,99213,55.00,80,2,001234567,icd-10-cm,I10,,,",
            "I1,1,institutional,A,2023-01-01,2023-01-03,131,0001,,0.05,1.00,1,,icd-10-cm,J029,I10,0BH17EZ,2023-01-02",
        ),
    )
    load(lake, folder)
    claim = rows(lake, InstitutionalClaim)[0]
    assert (claim["paid_amount"], claim["charge_amount"], claim["claim_type_code"]) == (
        Decimal("10.15"),
        Decimal("21.00"),
        "40",
    )
    assert (claim["bill_facility_type_code"], claim["bill_classification_code"], claim["bill_frequency_code"]) == (
        "1",
        "3",
        "1",
    )
    assert [row["diagnosis_code"] for row in rows(lake, InstitutionalDiagnosis)] == ["J029", "I10"]
    assert [(row["procedure_code"], row["procedure_date"]) for row in rows(lake, InstitutionalProcedure)] == [
        ("0BH17EZ", date(2023, 1, 2))
    ]
    line = rows(lake, ProfessionalLine)[0]
    assert (line["billing_tin"], line["rendering_npi"], line["claim_line_end_date"]) == (
        "001234567",
        "2",
        date(2023, 1, 5),
    )
    assert (line["processing_indicator_code"], line["payment_denial_code"], line["adjustment_type_code"]) == (
        "A",
        "1",
        "0",
    )


def test_parquet_with_typed_columns_reads_like_csv(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "tuva"
    folder.mkdir()
    table = pa.table(
        {
            "person_id": ["A", "A"],
            "claim_id": pa.array(["P1", "P1"]).dictionary_encode(),
            "claim_line_number": pa.array([1, 2], pa.int32()),
            "claim_type": ["professional", "vision"],
            "claim_start_date": pa.array([date(2023, 1, 5)] * 2),
            "claim_end_date": pa.array([date(2023, 1, 5)] * 2).cast(pa.timestamp("us")),
            "revenue_center_code": pa.nulls(2, pa.string()),
            "hcpcs_code": ["99213", "V2020"],
            "paid_amount": [0.1 + 0.2, 1e7],
        }
    )
    pq.write_table(table, folder / "medical_claim.parquet")
    stamp(folder / "medical_claim.parquet", "2024-05-01T12:00:00")
    report = load(lake, folder)
    line = rows(lake, ProfessionalLine)[0]
    assert (line["paid_amount"], line["claim_end_date"], line["source_line"]) == (Decimal("0.30"), date(2023, 1, 5), 2)
    assert report.quarantined == {"CLAIM_TYPE is neither institutional nor professional": 1}
    assert lake.quarantine()[0]["content"].startswith("A,P1,2,vision")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A,male,1950-01-01,,2023-01-01,,medicare,,10,OH", "ENROLLMENT_END_DATE is blank or no date"),
        (
            "A,male,1950-01-01,,2023-02-01,2023-01-31,medicare,,10,OH",
            "ENROLLMENT_END_DATE is before ENROLLMENT_START_DATE",
        ),
        (
            "A,male,1950-01-01,,0001-02-01,2023-01-31,medicare,,10,OH",
            "from ENROLLMENT_START_DATE to ENROLLMENT_END_DATE is longer than a life",
        ),
        (",male,1950-01-01,,2023-01-01,2023-01-31,medicare,,10,OH", "PERSON_ID is blank"),
        ("A,male,01/01/1950,,2023-01-01,2023-01-31,medicare,,10,OH", "BIRTH_DATE is not a date of the form YYYY-MM-DD"),
        ("A,male,1950-01-01,,2023-01-01,2023-01-31,medicare,,10", "the line does not have 10 cells"),
    ],
)
def test_a_bad_span_is_put_aside_with_its_reason(lake: Lake, tmp_path: Path, line: str, reason: str) -> None:
    good = "B,male,1950-01-01,,2023-01-01,2023-01-31,medicare,,10,OH"
    report = load(lake, write(tmp_path / "tuva", eligibility__csv=text(ELIGIBILITY, good, line)))
    assert report.quarantined == {reason: 1}
    assert lake.quarantine()[0]["content"] == line
    assert [row["mbi"] for row in rows(lake, EnrollmentMonth)] == ["B"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("claims__csv", "a,b\n", "is no file of the Tuva input layer"),
        ("medical_claim__csv", "claim_id,person_id\n", "has no CLAIM_LINE_NUMBER"),
        ("eligibility__csv", ELIGIBILITY.replace("person_id", "who") + "\n", "neither PERSON_ID nor PATIENT_ID"),
        ("eligibility__csv", ELIGIBILITY + ",PERSON_ID\n", "names a column twice"),
        ("pharmacy_claim__parquet", "not parquet", "is no Parquet file"),
    ],
)
def test_what_is_no_input_layer_is_refused_and_leaves_nothing(
    lake: Lake, tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(FeedError, match=message) as error:
        load(lake, write(tmp_path / "tuva", **{name: content}))
    assert error.value.remedy
    assert lake.deliveries() == []


def test_other_tables_of_tuva_are_named_and_not_read(lake: Lake, tmp_path: Path) -> None:
    good = "B,male,1950-01-01,,2023-01-01,2023-01-31,medicare,,10,OH"
    folder = write(tmp_path / "tuva", eligibility__csv=text(ELIGIBILITY, good), provider_attribution__csv="a\n")
    assert "provider_attribution.csv: not read" in load(lake, folder).notes

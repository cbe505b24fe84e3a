"""Enrollment by month (methodology specifications v11, 3.1; feeds rule R15)."""

from __future__ import annotations

import datetime
from typing import Any

from claims_cases import by
from openaco.engine import Engine, Table
from openaco.rules.claims import current_mbi
from openaco.rules.enrollment import eligible_months, people, person_months, person_years
from openaco.tables import AssignedBeneficiary, Beneficiary, Delivery, EnrollmentMonth, MbiCrosswalk
from spec_tables import table_of

DAY = datetime.date.fromisoformat
NOBODY = "mbi\n---"
NO_DELIVERY = "delivery_id\n---"
DELIVERY = {"feed": "alr", "file_name": "f", "content_hash": "0", "row_count": 1, "quarantined_count": 0}


def months_of(
    engine: Engine,
    enrollment: str,
    *,
    beneficiary: str = NOBODY,
    assigned: str = NOBODY,
    delivery: str = NO_DELIVERY,
    crosswalk: str = "previous_mbi | current_mbi\n--- | ---",
    **constants: Any,
) -> Table:
    """Person-months of 2024 from ASCII tables; everybody has Part A and Part B unless a table says otherwise."""
    identities = current_mbi(table_of(engine, MbiCrosswalk, crosswalk), checkpoint=engine.checkpoint)
    reports = {"performance_year": 2024, "report_period": "Q4"}
    known = people(
        table_of(engine, Beneficiary, beneficiary),
        identities,
        assigned_beneficiary=table_of(engine, AssignedBeneficiary, assigned, **reports),
    )
    constants = {"source": "rif", "has_part_a": True, "has_part_b": True, "in_group_health_plan": False} | constants
    return engine.checkpoint(
        person_months(
            table_of(engine, EnrollmentMonth, enrollment, **constants),
            identities,
            known,
            table_of(engine, Delivery, delivery, **DELIVERY),
            first_month=DAY("2024-01-01"),
            last_month=DAY("2024-12-01"),
            checkpoint=engine.checkpoint,
        )
    )


def test_enrollment_type_of_a_month(engine: Engine) -> None:
    """ESRD, else disabled, else aged/dual, else aged/non-dual; status code before birth date."""
    months = months_of(
        engine,
        """
        mbi | month      | medicare_status_code | dual_status_code | enrollment_type
        --- | ---------- | -------------------- | ---------------- | ---------------
        A   | 2024-03-01 | 11                   | 02               |
        B   | 2024-03-01 | 21                   |                  |
        C   | 2024-03-01 | 31                   |                  |
        D   | 2024-03-01 | 20                   | 02               |
        E   | 2024-03-01 | 10                   | 01               |
        F   | 2024-03-01 | 10                   | 02               |
        G   | 2024-03-01 | 10                   | 04               |
        H   | 2024-03-01 | 10                   | 08               |
        I   | 2024-03-01 | 10                   | 03               |
        J   | 2024-03-01 | 10                   | 05               |
        K   | 2024-03-01 | 10                   | 06               |
        L   | 2024-03-01 | 10                   | NA               |
        M   | 2024-03-01 |                      | 02               | disabled
        N   | 2024-03-01 | 10                   |                  |
        O   | 2024-03-01 |                      | 02               |
        P   | 2024-03-01 |                      |                  |
        Q   | 2024-03-01 |                      |                  |
        R   | 2024-03-01 |                      |                  |
        S   | 2024-03-01 |                      |                  |
        """,
        beneficiary="""
        mbi | birth_date
        --- | ----------
        N   | 1990-01-01
        O   | 1990-01-01
        P   | 1959-03-31
        Q   | 1959-04-01
        R   | 1959-04-02
        """,
    )
    assert {person: row["enrollment_type"] for person, row in by(engine, months, "person_id").items()} == {
        **dict.fromkeys("ABC", "esrd"),
        "D": "disabled",
        **dict.fromkeys("EFGH", "aged_dual"),
        **dict.fromkeys("IJKL", "aged_non_dual"),
        "M": "disabled",  # as the source states it itself
        "N": "aged_non_dual",  # the month's status code goes before the birth date
        "O": "disabled",
        "P": "aged_non_dual",  # the month of the 65th birthday
        "Q": "aged_non_dual",  # born on the first: 65 is reached the day before
        "R": "disabled",
        "S": "aged_non_dual",  # nothing known
    }


def test_eligible_months_and_person_years(engine: Engine) -> None:
    """Part A and Part B, no health plan, alive on the first of the month; months of a type ÷ 12."""
    months = months_of(
        engine,
        """
        mbi | month      | has_part_a | has_part_b | in_group_health_plan | medicare_status_code
        --- | ---------- | ---------- | ---------- | -------------------- | --------------------
        A   | 2023-12-01 | yes        | yes        | no                   | 10
        A   | 2024-01-01 | yes        | yes        | no                   | 20
        A   | 2024-02-01 | yes        | yes        |                      | 10
        A   | 2024-03-01 | yes        | no         | no                   | 10
        A   | 2024-04-01 | yes        |            | no                   | 10
        A   | 2024-05-01 | no         | yes        | no                   | 10
        A   | 2024-06-01 | yes        | yes        | yes                  | 10
        A   | 2024-07-01 | yes        | yes        | no                   | 10
        A   | 2024-08-01 | yes        | yes        | no                   | 10
        B   | 2024-05-01 | yes        | yes        | no                   | 10
        B   | 2024-06-01 | yes        | yes        | no                   | 10
        """,
        beneficiary="""
        mbi | death_date
        --- | ----------
        A   | 2024-07-01
        """,
        assigned="""
        mbi | death_date
        --- | ----------
        B   | 2024-05-31
        """,
    )
    eligible = by(engine, eligible_months(months, 2024), "person_id", "month")
    assert {key: row["enrollment_type"] for key, row in eligible.items()} == {
        ("A", DAY("2024-01-01")): "disabled",
        ("A", DAY("2024-02-01")): "aged_non_dual",
        ("A", DAY("2024-07-01")): "aged_non_dual",  # died on the first: alive in the month
        ("B", DAY("2024-05-01")): "aged_non_dual",  # the death is known from the assignment report only
    }
    kept = by(engine, months, "person_id", "month")
    assert ("A", DAY("2024-08-01")) not in kept
    years = by(engine, person_years(months, 2024), "person_id", "enrollment_type")
    assert {key: (row["months"], row["person_years"]) for key, row in years.items()} == {
        ("A", "disabled"): (1, 1 / 12),
        ("A", "aged_non_dual"): (2, 2 / 12),
        ("B", "aged_non_dual"): (1, 1 / 12),
    }


def test_last_stated_details_of_a_person(engine: Engine) -> None:
    """R15: the original entitlement goes blank after death; a later blank erases nothing, over identifiers too."""
    beneficiary = table_of(
        engine,
        Beneficiary,
        """
        delivery_id | mbi | death_date | original_entitlement_code | birth_date | hospice_start_date
        ----------- | --- | ---------- | ------------------------- | ---------- | ------------------
        d1          | A1  |            | 1                         | 1940-01-01 |
        d2          | A1  |            | 2                         | 1940-01-01 | 2024-01-05
        d2          | A1  |            | 2                         | 1940-01-01 | 2024-03-05
        d3          | A2  | 2024-04-30 |                           |            |
        """,
    )
    crosswalk = table_of(engine, MbiCrosswalk, "previous_mbi | current_mbi\n--- | ---\nA1 | A2")
    rows = engine.to_rows(people(beneficiary, current_mbi(crosswalk)))
    assert len(rows) == 1
    found = {name: rows[0][name] for name in ("person_id", "death_date", "original_entitlement_code", "birth_date")}
    assert found == {
        "person_id": "A2",
        "death_date": DAY("2024-04-30"),
        "original_entitlement_code": "2",
        "birth_date": DAY("1940-01-01"),
    }


def test_which_source_speaks_for_a_month(engine: Engine) -> None:
    """Beneficiary file, then the governing assignment report, then Tuva; absent from that report is not enrolled."""
    months = months_of(
        engine,
        """
        delivery_id | mbi | month      | source | medicare_status_code | enrollment_type
        ----------- | --- | ---------- | ------ | -------------------- | ---------------
        rif-1       | A   | 2024-01-01 | rif    | 20                   |
        rif-2       | A   | 2024-01-01 | rif    | 11                   |
        alr-q4      | A   | 2024-01-01 | alr    |                      | aged_dual
        tuva-1      | A   | 2024-01-01 | tuva   | 10                   |
        alr-q1      | B   | 2024-01-01 | alr    |                      | aged_dual
        alr-q4      | B   | 2024-01-01 | alr    |                      | disabled
        alr-next    | B   | 2024-01-01 | alr    |                      | esrd
        alr-q1      | C   | 2024-01-01 | alr    |                      | aged_dual
        alr-next    | C   | 2024-01-01 | alr    |                      | aged_dual
        alr-next    | B   | 2024-02-01 | alr    |                      | esrd
        alr-newer   | B   | 2024-02-01 | alr    |                      | disabled
        tuva-1      | B   | 2024-02-01 | tuva   | 10                   |
        tuva-1      | D   | 2024-01-01 | tuva   | 10                   |
        tuva-1      | D1  | 2024-01-01 | tuva   | 20                   |
        """,
        delivery="""
        delivery_id | coverage | performance_year
        ----------- | -------- | ----------------
        alr-q1      | Q1       | 2024
        alr-q4      | Q4       | 2024
        alr-next    | initial  | 2025
        alr-newer   | initial  | 2025
        """,
        crosswalk="previous_mbi | current_mbi\n--- | ---\nD1 | D",
    )
    found = by(engine, months, "person_id", "month")
    assert {key: (row["source"], row["enrollment_type"]) for key, row in found.items()} == {
        ("A", DAY("2024-01-01")): ("rif", "esrd"),  # the newest delivery of the first source
        ("B", DAY("2024-01-01")): ("alr", "disabled"),  # Q4 of the earliest performance year
        # C is in Q1 and in the next year's report, but not in the one that governs January
        ("B", DAY("2024-02-01")): ("alr", "esrd"),  # only next year's reports cover it: the later stamp
        ("D", DAY("2024-01-01")): ("tuva", "aged_non_dual"),  # two identifiers of one person: one month
    }

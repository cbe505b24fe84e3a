"""A lake of a few invented people with two years of claims, for the scores of an ACO and the list of reviews."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from mssp_world import agreement
from openaco.engine import Lake
from openaco.programs.configuration import ByType, Configuration
from openaco.tables import (
    AssignedBeneficiary,
    Beneficiary,
    EnrollmentMonth,
    EquipmentLine,
    LakeTable,
    Participant,
    ProfessionalLine,
)

DAY = datetime.date.fromisoformat
SOURCE = {"source_file": "test", "source_line": 1}

PEOPLE = {
    # birth date, sex, original reason, medicare status, months by dual code, first month with Part B of 2023
    "AGED": ("1950-06-01", "2", "0", "10", {"NA": 12}, 1),
    "DUAL": ("1944-02-01", "1", "0", "10", {"02": 6, "01": 6}, 1),
    "YOUNG": ("1970-06-01", "1", "1", "20", {"NA": 12}, 1),
    "NEW": ("1959-01-15", "1", "0", "10", {"NA": 12}, 6),
    "KIDNEY": ("1962-06-01", "1", "2", "31", {"NA": 12}, 1),
    "NOBODY": ("1950-06-01", "0", "0", "10", {"NA": 12}, 1),
}
DIAGNOSES = [
    # person, day, procedure, codes
    ("AGED", "2023-05-01", "99213", "E1169", "I509"),
    ("AGED", "2023-05-02", "80053", "N184", None),
    ("AGED", "2024-03-01", "99213", "E1122", None),
    ("DUAL", "2023-05-01", "99213", "J449", None),
    ("NEW", "2023-08-01", "99213", "I509", None),
    ("KIDNEY", "2023-08-01", "99213", "E1122", None),
    ("YOUNG", "2024-05-01", "80053", "G35", None),
]
SCORES = {"AGED": ("aged_non_dual", 1.1), "DUAL": ("aged_dual", 1.3)}


def make_lake(folder: Path) -> Lake:
    """One delivery of everything."""
    lake = Lake.create(folder)
    tables: dict[type[LakeTable], list[dict[str, Any]]] = {
        Beneficiary: [_beneficiary(mbi) for mbi in PEOPLE],
        EnrollmentMonth: [row for mbi in PEOPLE for row in _months(mbi)],
        ProfessionalLine: [_line(number, *visit) for number, visit in enumerate(DIAGNOSES, start=1)],
        EquipmentLine: [_oxygen()],
        Participant: [{"aco_id": "A1234", "tin": "012345678"}],
        AssignedBeneficiary: [_assigned(mbi) for mbi in SCORES],
    }
    with lake.begin("cclf-20250301T0000000-0a1b2c3d") as draft:
        for table, rows in tables.items():
            draft.add(table, [SOURCE | row for row in rows])
        draft.commit({"feed": "cclf", "file_name": "test", "content_hash": "0"})
    return lake


def configuration(national: ByType | None = None) -> Configuration:
    """An agreement from 2024, with national mean scores of 2024 if given."""
    return Configuration(
        aco={"id": "A1234", "name": "Invented ACO"},
        agreement=agreement(datetime.date(2024, 1, 1)),
        performance={},
        national={},
        national_risk_means={2024: national} if national else {},
    )


def _beneficiary(mbi: str) -> dict[str, Any]:
    birth, sex, reason, status, _duals, _first = PEOPLE[mbi]
    return {
        "mbi": mbi,
        "birth_date": DAY(birth),
        "sex_code": sex,
        "original_entitlement_code": reason,
        "medicare_status_code": status,
    }


def _months(mbi: str) -> list[dict[str, Any]]:
    _birth, _sex, _reason, status, duals, first = PEOPLE[mbi]
    of_2024 = [code for code, count in duals.items() for _ in range(count)]
    months = [(2023, month, "NA") for month in range(first, 13)]
    months += [(2024, month, code) for month, code in enumerate(of_2024, start=1)]
    return [
        {
            "mbi": mbi,
            "month": datetime.date(year, month, 1),
            "source": "rif",
            "has_part_a": True,
            "has_part_b": True,
            "in_group_health_plan": False,
            "dual_status_code": code,
            "medicare_status_code": status,
        }
        for year, month, code in months
    ]


def _line(number: int, mbi: str, day: str, procedure: str, first: str, second: str | None) -> dict[str, Any]:
    return {
        "claim_id": f"c{number}",
        "mbi": mbi,
        "claim_type_code": "71",
        "claim_line_number": 1,
        "claim_start_date": DAY(day),
        "claim_end_date": DAY(day),
        "claim_line_end_date": DAY(day),
        "hcpcs_code": procedure,
        "processing_indicator_code": "A",
        "diagnosis_code_1": first,
        "diagnosis_code_2": second,
    }


def _oxygen() -> dict[str, Any]:
    return {
        "claim_id": "e1",
        "mbi": "YOUNG",
        "claim_type_code": "82",
        "claim_line_number": 1,
        "claim_line_end_date": DAY("2024-06-01"),
        "hcpcs_code": "E1390",
        "processing_indicator_code": "A",
    }


def _assigned(mbi: str) -> dict[str, Any]:
    kind, score = SCORES[mbi]
    return {
        "mbi": mbi,
        "performance_year": 2024,
        "report_period": "annual",
        "window_start": DAY("2024-01-01"),
        f"{kind}_score": score,
    }

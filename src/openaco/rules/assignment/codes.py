"""The code lists of assignment as plain sets, from `parameters/assignment` (42 CFR 425.400(c), 425.402(c))."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from openaco.parameters import parameter
from openaco.worksheet import Confidence

Role = str


@dataclass(frozen=True)
class ListedCode:
    """A primary care service code in force under the rules of a performance year."""

    hcpcs_code: str
    condition: str
    payable_from: datetime.date | None
    payable_through: datetime.date | None


def listed_codes(rules_year: int) -> tuple[ListedCode, ...]:
    """The primary care service codes of a performance year. 42 CFR 425.400(c)(1)."""
    rows = parameter("assignment/primary_care_services", rules_year).value
    return tuple(
        ListedCode(row["hcpcs_code"], row["condition"], _date(row["payable_from"]), _date(row["payable_through"]))
        for row in rows
        if int(row["first_performance_year"]) <= rules_year <= int(row["last_performance_year"] or rules_year)
    )


def codes_with(rules_year: int, condition: str = "") -> list[str]:
    """The listed codes under one condition; with no condition, those that always count."""
    return sorted(code.hcpcs_code for code in listed_codes(rules_year) if code.condition == condition)


def list_confidence(rules_year: int) -> Confidence:
    """How well the code list of a performance year is confirmed."""
    return parameter("assignment/primary_care_services", rules_year).confidence


def specialties(rules_year: int, role: Role) -> list[str]:
    """The specialty codes with a role: `pcp`, `npp` or `specialist`. 42 CFR 425.20, 425.402(c)."""
    rows = parameter("assignment/specialties", rules_year).value
    return sorted(row["specialty_code"] for row in rows if row["role"] == role)


def _date(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None

"""A file of people to score: its rows as cases of the models, and every problem of a row by its name.

A row that cannot be scored says why and gets no score; what was taken for granted is named, too. Nothing becomes a
silent zero.
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from openaco.errors import OpenACOError
from openaco.rules.cited import cited
from openaco.rules.risk.models import (
    LAST_YEAR,
    ModelYear,
    RiskModelError,
    code_years,
    graft_segments,
    known_segment,
    model_year,
    starts_other_codes,
)

OTHER_NAMES = {
    "age_feb1": "age",
    "lti": "long_term_institutional",
    "snp": "special_needs_plan",
    "consensus_raw_score": "expected_raw_score",
    "expected_score": "expected_raw_score",
    "dual": "dual_code",
}
REQUIRED = ("model", "age", "sex", "icd10cm")
SEXES = {"M": 1, "1": 1, "MALE": 1, "F": 2, "2": 2, "FEMALE": 2}
YES_NO = {"1": 1, "Y": 1, "YES": 1, "TRUE": 1, "T": 1, "0": 0, "N": 0, "NO": 0, "FALSE": 0, "F": 0}
CODE = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
OLDEST = 120
FIRST_GRAFT_MONTH = 4
FLAGS = ("new_enrollee", "special_needs_plan", "long_term_institutional", "low_income", "esrd")


class RiskFileError(OpenACOError):
    """A file of people to score cannot be read, or lacks a column."""


@dataclass
class RiskCase:
    """One row of the file.

    line: in the file, from 1. values: columns of `rules.risk.CASE` but the ids. codes: diagnoses that go into the
    score; problems: by name, with a detail that may be empty. expected: the score that the file states.
    """

    line: int
    id: str
    year: ModelYear | None = None
    values: dict[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    expected: str = ""

    @property
    def can_be_scored(self) -> bool:
        """Whether model, year, age and sex are known and the segment, if given, exists."""
        return bool(self.values)


def read_cases(path: Path) -> Iterator[RiskCase]:
    """The rows of a CSV file. Raises RiskFileError if it is no such file or lacks a column it must have."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = {name: _column(name) for name in reader.fieldnames or []}
            missing = [name for name in REQUIRED if name not in names.values()]
            if missing:
                raise RiskFileError(
                    f"no column {', '.join(missing)}",
                    where=path.name,
                    remedy="Columns: id, model, payment_year, age, sex, orec, dual_code, segment, icd10cm; "
                    "`openaco risk example FILE` writes a file to start from.",
                )
            for row in reader:
                text = {names[name]: (value or "").strip() for name, value in row.items() if name in names}
                yield risk_case(text, reader.line_num)
    except OSError as error:
        raise RiskFileError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RiskFileError("is no CSV text in UTF-8", where=path.name, remedy="Save it as CSV (UTF-8).") from error


def _column(name: str) -> str:
    plain = name.strip().lower()
    return OTHER_NAMES.get(plain, plain)


def risk_case(row: Mapping[str, str], line: int = 0) -> RiskCase:
    """One row, checked. `row` has the standard column names; what is missing counts as blank."""
    case = RiskCase(line, row.get("id") or str(line), expected=row.get("expected_raw_score", ""))
    try:
        case.year = model_year(row.get("model", ""), row.get("payment_year", ""))
    except RiskModelError as error:
        case.problems.append(("unknown model or payment year", error.what))
    age, sex = _age(case, row.get("age", ""), "age"), SEXES.get(row.get("sex", "").upper())
    if sex is None:
        case.problems.append(("sex missing or unknown", row.get("sex", "")))
    segment = _segment(case, row.get("segment", ""))
    edit_age = _age(case, row["edit_age"], "edit_age") if row.get("edit_age") else age
    case.codes = _codes(case, row.get("icd10cm", ""))
    if case.year is None or age is None or edit_age is None or sex is None or segment is None:
        return case
    case.values = {
        "number": case.year.number,
        "segment": segment or None,
        "age": age,
        "edit_age": edit_age,
        "sex": sex,
        "orec": _orec(case, row.get("orec", "")),
        **_status(case, row, segment),
    }
    return case


def _age(case: RiskCase, text: str, name: str) -> int | None:
    try:
        age = float(text)
    except ValueError:
        age = -1
    if not 0 <= age <= OLDEST:
        case.problems.append((f"{name} missing or impossible", text))
        return None
    return int(age)


def _orec(case: RiskCase, text: str) -> str | None:
    if text in ("0", "1", "2", "3"):
        return text
    case.problems.append(("original reason for entitlement (orec) missing or unknown", text))
    return None


def _segment(case: RiskCase, text: str) -> str | None:
    """The segment's own name; empty if it is to be found, None if there is no such segment."""
    if not text or case.year is None:
        return ""
    try:
        return known_segment(case.year.model, text)
    except RiskModelError:
        case.problems.append(("unknown segment", text))
        return None


def _status(case: RiskCase, row: Mapping[str, str], segment: str) -> dict[str, Any]:
    """Dual status and flags. Without a segment, what is blank is taken as no and named; with one, it says it."""
    assert case.year is not None
    status: dict[str, Any] = {name: _flag(case, row.get(name, ""), name) for name in FLAGS}
    status["dual"], status["medicaid"] = _dual(case, row, segment)
    status["graft_months"] = _graft_months(case, row.get("graft_months", ""))
    status["kidney_status"] = row.get("kidney_status", "").lower() or None
    if segment:
        if segment in graft_segments(case.year.model):
            _check_graft(case, status["graft_months"])
        return status
    if graft_segments(case.year.model) and status["kidney_status"] is None:
        status["kidney_status"] = "dialysis" if status["graft_months"] is None else "graft"
        case.problems.append(("kidney_status not stated", f"taken as {status['kidney_status']}"))
    if status["long_term_institutional"] is None:
        case.problems.append(("long_term_institutional (LTI) not stated", "taken as no"))
    if status["low_income"] is None:
        status["low_income"] = status["medicaid"] or 0
    return {**{name: 0 for name in FLAGS}, **{name: value for name, value in status.items() if value is not None}}


def _check_graft(case: RiskCase, months: int | None) -> None:
    if months is None:
        case.problems.append(("graft_months not stated", "no factor for the time since the transplant"))
    elif months < FIRST_GRAFT_MONTH:
        case.problems.append(("graft_months below 4", "those months have a transplant factor of their own"))


def _flag(case: RiskCase, text: str, name: str) -> int | None:
    if not text:
        return None
    found = YES_NO.get(text.upper())
    if found is None:
        case.problems.append((f"{name} is neither yes nor no", text))
    return found


def _dual(case: RiskCase, row: Mapping[str, str], segment: str) -> tuple[str | None, int | None]:
    """Dual status (none, partial, full) and whether there is Medicaid: from the code, or from `medicaid` alone."""
    code, medicaid = row.get("dual_code", ""), _flag(case, row.get("medicaid", ""), "medicaid")
    if code:
        found = _dual_codes().get(code.zfill(2).upper())
        if found is None:
            case.problems.append(("unknown dual_code", f"{code}, taken as not dual"))
        dual = found or "none"
        return dual, int(dual != "none")
    if segment:
        return None, medicaid
    if medicaid:
        case.problems.append(("medicaid stated without a dual_code", "full or partial benefit is not known"))
        return None, medicaid
    if medicaid is None:
        case.problems.append(("dual_code not stated", "taken as not dual"))
    return "none", 0


@cache
def _dual_codes() -> dict[str, str]:
    codes = cited("risk/dual_status_codes", LAST_YEAR).value
    return {code: kind for kind, listed in codes.items() for code in listed}


def _graft_months(case: RiskCase, text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit():
        case.problems.append(("graft_months is no number of months", text))
        return None
    return int(text)


def _codes(case: RiskCase, text: str) -> list[str]:
    """The diagnosis codes without dots, each once, in the order of the row; each that cannot count is named.

    A code may carry its date, `E1169@2025-03-01`: then it must lie in the year before the payment year.
    """
    found: dict[str, None] = {}
    for item in re.split(r"[;,|\s]+", text.strip()):
        code, _, date = item.upper().replace(".", "").partition("@")
        if not code:
            continue
        if not CODE.fullmatch(code):
            case.problems.append(("not an ICD-10-CM code", item))
        elif (case.year is not None and not date) or _in_data_year(case, item, date):
            found[code] = None
            _name_unmapped(case, code)
    return list(found)


def _in_data_year(case: RiskCase, item: str, date: str) -> bool:
    if case.year is None:
        return False
    year = case.year.payment_year - cited("risk/score_dates", case.year.payment_year).value["diagnosis_years_before"]
    try:
        stated = datetime.date.fromisoformat(date).year
    except ValueError:
        case.problems.append(("diagnosis date cannot be read", item))
        return False
    if stated != year:
        when = "future diagnosis" if stated > year else "diagnosis before the data year"
        case.problems.append((when, f"{item}: only diagnoses of {year} count"))
    return stated == year


def _name_unmapped(case: RiskCase, code: str) -> None:
    """Name a code that another year maps and this one does not, or that is only the beginning of codes."""
    assert case.year is not None
    years = code_years(case.year.model).get(code, ())
    if case.year.payment_year in years:
        return
    if years and min(years) > case.year.payment_year:
        case.problems.append(("code of a later year", f"{code}: mapped from payment year {min(years)}"))
    elif years:
        case.problems.append(("code of an earlier year", f"{code}: mapped to payment year {max(years)}"))
    elif starts_other_codes(case.year.model, code):
        case.problems.append(("incomplete code", code))

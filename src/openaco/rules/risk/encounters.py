"""Which diagnoses on claims count toward a risk score: by claim type, type of bill and listed services.

Source: 42 CFR 422.310(d), 422.308(c)(2); CMS encounter data diagnosis filtering logic.
"""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from openaco.engine import BooleanValue, Engine, Table, Value, _, cases, coalesce, literal, stack
from openaco.errors import ParameterError
from openaco.parameters import ROOT
from openaco.rules.cited import cited
from openaco.rules.claims import ClaimSet
from openaco.rules.risk.models import RiskModelError

RULE = "risk/eligible_encounters"
ELIGIBLE = "eligible"
CLAIM_TYPE = "claim type"
BILL_TYPE = "type of bill"
NO_SERVICE = "no listed service"
HEADER_DIAGNOSES = tuple(f"diagnosis_code_{number}" for number in range(1, 13))
MODIFIERS = tuple(f"hcpcs_modifier_{number}" for number in range(1, 6))
_CODE = re.compile(r"[0-9A-Za-z]{5}")


def eligible_codes(engine: Engine, year: int, own_list: Path | None = None) -> Table:
    """The CPT and HCPCS numbers that make a claim of a year eligible: `hcpcs_code`. 42 CFR 422.310(d).

    own_list: a text or CSV file whose first column holds the numbers, for a year whose list is not here.
    Raises RiskModelError for a year without a list and for a file without a number.
    """
    codes = _own_codes(own_list) if own_list else _listed_codes(year)
    return engine.checkpoint(engine.from_arrow(pa.table({"hcpcs_code": pa.array(sorted(codes), pa.string())})))


def _listed_codes(year: int) -> set[str]:
    try:
        path = ROOT / "risk" / cited("risk/eligible_codes", year).value["file"]
    except ParameterError as error:
        raise RiskModelError(
            f"no list of eligible CPT and HCPCS numbers for services of {year}",
            remedy=f"{error.remedy} Give a list of your own with --codes FILE.",
        ) from error
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {row["code"].upper() for row in csv.DictReader(lines) if str(year) in row["years"].split(";")}


def _own_codes(path: Path) -> set[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RiskModelError("the list of codes cannot be read", where=path.name) from error
    first = (re.split(r"[,;\t]", line)[0].strip().strip('"') for line in text.splitlines())
    codes = {code.upper() for code in first if _CODE.fullmatch(code)}
    if not codes:
        raise RiskModelError("holds no CPT or HCPCS number in its first column", where=path.name)
    return codes


def claim_diagnoses(claims: ClaimSet, codes: Table, year: int) -> Table:
    """Every diagnosis on the final claims, and whether its claim counts.

    claims: final action, of the year of the diagnoses. codes: from `eligible_codes`. Grain: one claim, one code.
    Columns: `person_id`, `icd10cm`, `claim_id`, `claim_kind` (institutional or professional), `claim_type_code`,
    `through_date`, `eligibility` (`eligible`, or what it lacks). 42 CFR 422.310(d), 422.308(c)(2).
    """
    rule = cited(RULE, year).value
    institutional = _institutional(claims, codes, rule, year)
    return stack([institutional, _professional(claims, codes, rule)])


def eligible_diagnoses(diagnoses: Table) -> Table:
    """The codes that count, once for each person: `person_id`, `icd10cm`. 42 CFR 422.310(d)."""
    return diagnoses.filter(_.eligibility == ELIGIBLE).select("person_id", "icd10cm").distinct()


def _institutional(claims: ClaimSet, codes: Table, rule: Any, year: int) -> Table:
    bills: dict[str, list[str]] = {"inpatient": [], "outpatient": []}
    for row in cited("risk/eligible_bill_types", year).value:
        if int(row["from_year"]) <= year:
            bills[row["setting"]].append(row["bill_type"])
    served = _listed_lines(claims.institutional_line, codes, rule).select(served_claim="claim_id").distinct()
    headers = claims.institutional.left_join(served, [("claim_id", "served_claim")])
    bill = coalesce(headers.bill_facility_type_code, "") + coalesce(headers.bill_classification_code, "")
    inpatient = headers.claim_type_code.isin(rule["inpatient_claim_types"])
    outpatient = headers.claim_type_code.isin(rule["outpatient_claim_types"])
    headers = headers.mutate(
        eligibility=cases(
            (inpatient & bill.isin(bills["inpatient"]), literal(ELIGIBLE)),
            (outpatient & bill.isin(bills["outpatient"]) & headers.served_claim.notnull(), literal(ELIGIBLE)),
            (outpatient & bill.isin(bills["outpatient"]), literal(NO_SERVICE)),
            (inpatient | outpatient, literal(BILL_TYPE)),
            else_=literal(CLAIM_TYPE),
        ),
        claim_kind=literal("institutional"),
        through_date=headers.claim_end_date,
    )
    kept = ("person_id", "claim_id", "claim_kind", "claim_type_code", "through_date", "eligibility")
    principal = headers.filter(_icd_10(headers.icd_version, rule)).select(*kept, icd10cm="principal_diagnosis_code")
    other = claims.institutional_diagnosis
    other = other.filter(_icd_10(other.icd_version, rule)).select(coded_claim="claim_id", icd10cm="diagnosis_code")
    secondary = headers.select(*kept).join(other, [("claim_id", "coded_claim")]).select(*kept, "icd10cm")
    return _plain(stack([principal, secondary]))


def _professional(claims: ClaimSet, codes: Table, rule: Any) -> Table:
    lines = claims.professional
    served = _listed_lines(lines, codes, rule).select(served_claim="claim_id").distinct()
    lines = lines.filter(_icd_10(lines.icd_version, rule)).left_join(served, [("claim_id", "served_claim")])
    carrier = coalesce(lines.claim_type_code.isin(rule["professional_claim_types"]), literal(False))
    lines = lines.mutate(
        eligibility=cases(
            (~carrier, literal(CLAIM_TYPE)),
            (lines.served_claim.notnull(), literal(ELIGIBLE)),
            else_=literal(NO_SERVICE),
        ),
        claim_kind=literal("professional"),
        through_date=coalesce(lines.claim_line_end_date, lines.claim_end_date),
    )
    kept = ("person_id", "claim_id", "claim_kind", "claim_type_code", "eligibility")
    headers = lines.group_by(*kept, *HEADER_DIAGNOSES).agg(through_date=_.through_date.max())
    named = [headers.select(*kept, "through_date", icd10cm=name) for name in HEADER_DIAGNOSES]
    of_lines = lines.select(*kept, "through_date", icd10cm="line_diagnosis_code")
    return _plain(stack([*named, of_lines]))


def _listed_lines(lines: Table, codes: Table, rule: Any) -> Table:
    """Lines with a listed service that was not by sound alone."""
    return lines.filter(~_audio_only(lines, rule)).semi_join(codes, "hcpcs_code")


def _audio_only(lines: Table, rule: Any) -> BooleanValue:
    said = literal(False)
    for name in MODIFIERS:
        said = said | coalesce(lines[name], "").isin(rule["audio_only_modifiers"])
    return said


def _icd_10(version: Value, rule: Any) -> BooleanValue:
    return version.isnull() | version.isin(rule["icd_10"])


def _plain(diagnoses: Table) -> Table:
    """Each code once for a claim, without dots or blanks."""
    code = _.icd10cm.upper().replace(".", "").strip()
    stated = diagnoses.filter(_.icd10cm.notnull()).mutate(icd10cm=code).filter(_.icd10cm != "")
    by = ("person_id", "icd10cm", "claim_id", "claim_kind", "claim_type_code", "eligibility")
    return stated.group_by(*by).agg(through_date=_.through_date.max()).select(*by, "through_date")

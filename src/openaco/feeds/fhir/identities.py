"""FHIR Patient → who the person is: names, identifiers, address, phone, for matching across record systems.

Read leniently: what is missing or of a wrong type is blank, since no measure rests on it.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

MBI_SYSTEMS = (
    "http://hl7.org/fhir/sid/us-mbi",
    "urn:oid:2.16.840.1.113883.4.927",
    "http://terminology.hl7.org/NamingSystem/cmsMBIUnformatted",
)
"""Naming systems of Medicare Beneficiary Identifiers (HL7 Terminology, `NamingSystem-MBI`)."""
_MBI_TYPE, _RECORD_TYPE = "MC", "MR"
_SEX = {"male": "1", "female": "2"}
_NOT_NOW = ("old", "maiden")


def identity_row(patient: dict[str, Any]) -> dict[str, Any]:
    """A Patient as columns of `SourcePerson`, without source system, id and lineage."""
    names = _list(patient, "name")
    current = _first([name for name in names if name.get("use") not in _NOT_NOW], "official") or _first(names, "")
    former = _first([name for name in names if name.get("use") in _NOT_NOW], "maiden")
    given = _texts(current, "given")
    addresses = _list(patient, "address")
    address = _first([item for item in addresses if item.get("use") != "old"], "home") or _first(addresses, "")
    lines = _texts(address, "line")
    return {
        "mbi": _mbi(patient),
        "record_numbers": _record_numbers(patient),
        "first_name": given[0] if given else None,
        "middle_name": given[1] if len(given) > 1 else None,
        "last_name": _text(current, "family"),
        "former_last_name": _text(former, "family"),
        "birth_date": _day(_text(patient, "birthDate")),
        "sex_code": _SEX.get(_text(patient, "gender") or ""),
        "address_line_1": lines[0] if lines else None,
        "zip_code": _digits(_text(address, "postalCode"), 5),
        "phone": _phone(patient),
    }


def _mbi(patient: dict[str, Any]) -> str | None:
    """The Medicare number, by the system of the identifier or its type, without dashes."""
    for item in _list(patient, "identifier"):
        if item.get("system") in MBI_SYSTEMS or _MBI_TYPE in _types(item):
            plain = re.sub(r"[^A-Z0-9]", "", (_text(item, "value") or "").upper())
            if len(plain) == 11 and _in_use(item):
                return plain
    return None


def _record_numbers(patient: dict[str, Any]) -> str | None:
    """Medical record numbers with who assigned them, as |assigner:number|."""
    found = sorted(
        {
            f"{item.get('system') or 'unnamed'}:{value}"
            for item in _list(patient, "identifier")
            if _RECORD_TYPE in _types(item) and _in_use(item) and (value := _text(item, "value"))
        }
    )
    return f"|{'|'.join(found)}|" if found else None


def _in_use(identifier: dict[str, Any]) -> bool:
    return identifier.get("use") != "old"


def _types(identifier: dict[str, Any]) -> list[str]:
    kind = identifier.get("type")
    codings = _list(kind, "coding") if isinstance(kind, dict) else []
    return [str(coding.get("code")) for coding in codings]


def _phone(patient: dict[str, Any]) -> str | None:
    found = [item for item in _list(patient, "telecom") if item.get("system") == "phone" and item.get("use") != "old"]
    digits = re.sub(r"\D", "", _text(_first(found, "home"), "value") or "")
    return digits[-10:] if len(digits) in (10, 11) else None


def _list(element: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = element.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _first(items: list[dict[str, Any]], use: str) -> dict[str, Any]:
    """The item of a use, else the first, else nothing."""
    preferred = [item for item in items if item.get("use") == use]
    return (preferred or items or [{}])[0]


def _text(element: dict[str, Any], name: str) -> str | None:
    value = element.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def _texts(element: dict[str, Any], name: str) -> list[str]:
    value = element.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _digits(text: str | None, count: int) -> str | None:
    found = re.match(rf"\d{{{count}}}", text or "")
    return found[0] if found else None


def _day(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat((text or "")[:10])
    except ValueError:
        return None

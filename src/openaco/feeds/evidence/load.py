"""Reads evidence: who, what, when, which result, who entered it. Nothing here says that a gap is closed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.feeds.base import LoadReport, Progress
from openaco.feeds.codes import coded
from openaco.feeds.lists import load_list
from openaco.tables import Evidence

BLOOD_PRESSURE = "blood_pressure"
KINDS = (
    "visit",
    "diagnosis",
    "procedure",
    "laboratory",
    "assessment",
    "imaging",
    BLOOD_PRESSURE,
    "medication",
    "order",
    "device",
)
_PRESSURES = re.compile(r"([1-9]\d{1,2})/([1-9]\d{1,2})")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_CODE = re.compile(r"[^|\s]+\|[^|\s]+")
_WITH_RESULT = ("laboratory", "assessment", "imaging", BLOOD_PRESSURE)


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load a file of evidence. The newest delivery of an entry (`evidence_id`) counts."""
    return load_list(lake, "evidence", Evidence, path, clean, progress=progress)


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """An entry in the spelling of the tables. Raises ValueError where the engine could not make an event of it."""
    kind = row["kind"].lower()
    if kind not in KINDS:
        raise ValueError("kind is none of " + ", ".join(KINDS))
    if row["entered_on"] < row["event_date"]:
        raise ValueError("entered_on is before event_date")
    if kind == BLOOD_PRESSURE:
        if not _PRESSURES.fullmatch(row.get("value") or ""):
            raise ValueError("value of a blood pressure is not systolic/diastolic, such as 128/76")
        return row | {"kind": kind, "value_unit": "mm[Hg]"}
    if not row.get("system") or not row.get("code"):
        raise ValueError("system and code must be stated")
    value = row.get("value")
    if value and kind not in _WITH_RESULT:
        raise ValueError(f"a {kind} has no value")
    if value and not (_NUMBER.fullmatch(value) or _CODE.fullmatch(value)):
        raise ValueError("value is neither a number nor system|code")
    if value and _NUMBER.fullmatch(value) and not row.get("value_unit"):
        raise ValueError("value_unit of a number must be stated")
    system, code = coded(row["system"], row["code"])
    return row | {"kind": kind, "system": system, "code": code}

"""Reads a crosswalk: from_system, from_code, to_system, to_code, and the kind of event it then is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.feeds.base import LoadReport, Progress
from openaco.feeds.codes import coded
from openaco.feeds.lists import load_list
from openaco.tables import CodeCrosswalk

KINDS = ("encounter", "condition", "procedure", "observation", "medication_request", "service_request")
"""Kinds of event that a claim's code can be said to be; device_request besides."""


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load a crosswalk of codes."""
    return load_list(lake, "crosswalk", CodeCrosswalk, path, clean, progress=progress)


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the spelling of the tables. Raises ValueError for a kind that is not known."""
    kind = (row.get("kind") or "").lower() or None
    if kind and kind not in (*KINDS, "device_request"):
        raise ValueError("kind is none of " + ", ".join((*KINDS, "device_request")))
    from_system, from_code = coded(row["from_system"], row["from_code"])
    to_system, to_code = coded(row["to_system"], row["to_code"])
    if from_system == "ndc":
        from_code = from_code.replace("-", "")
        if len(from_code) != 11 or not from_code.isdigit():
            raise ValueError("from_code is no NDC of eleven digits")
    return row | {
        "from_system": from_system,
        "from_code": from_code,
        "to_system": to_system,
        "to_code": to_code,
        "kind": kind,
    }

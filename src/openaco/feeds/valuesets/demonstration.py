"""The few openly licensed codes that come with OpenACO, to try measures without a VSAC account. Not for submission."""

from __future__ import annotations

from typing import Any

from openaco.feeds.codes import coded
from openaco.parameters import parameter

_YEAR = 2025


def demonstration_value_sets() -> list[dict[str, Any]]:
    """Rows of `ValueSetCode`. A value set without open codes has one row with an empty code: known, but empty."""
    oids = parameter("measures/value_sets", _YEAR).value
    rows = []
    listed: dict[str, list[tuple[str, str]]] = {}
    for row in parameter("measures/demonstration_value_sets", _YEAR).value:
        listed.setdefault(row["value_set"], []).append((row["system"], row["code"]))
    for name, oid in oids.items():
        for system, code in listed.get(name, [("", "")]):
            short, spelled = coded(system, code)
            rows.append(
                {
                    "year": None,
                    "oid": oid,
                    "title": name,
                    "version": "demonstration",
                    "system": short,
                    "code": spelled,
                    "demonstration": True,
                }
            )
    return rows

"""Reads reviewed pairs. A pair without a decision is left for later; decisions are kept and overrule every score."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress
from openaco.feeds.lists import load_list
from openaco.tables import MatchDecision

SHOWN = (
    "reason",
    "score",
    "first_name_1",
    "first_name_2",
    "last_name_1",
    "last_name_2",
    "birth_date_1",
    "birth_date_2",
    "sex_1",
    "sex_2",
    "zip_code_1",
    "zip_code_2",
    "address_1",
    "address_2",
    "phone_1",
    "phone_2",
)
"""Columns of the review file that are there for the reader."""
DECISIONS = ("same", "different")


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load decisions from a review file. Raises FeedError where not one pair is decided."""
    _refuse_undecided(Path(path))
    return load_list(
        lake,
        "matches",
        MatchDecision,
        path,
        clean,
        ignored=SHOWN,
        skipped_where_blank="decision",
        progress=progress,
    )


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """A decision with its pair in order. Raises ValueError for another word than same or different."""
    decision = row["decision"].lower()
    if decision not in DECISIONS:
        raise ValueError("decision is neither same nor different")
    one = (row["source_system_1"], row["source_person_id_1"])
    other = (row["source_system_2"], row["source_person_id_2"])
    if one == other:
        raise ValueError("the two records are one")
    first, second = sorted((one, other))
    return row | {
        "source_system_1": first[0],
        "source_person_id_1": first[1],
        "source_system_2": second[0],
        "source_person_id_2": second[1],
        "decision": decision,
    }


def _refuse_undecided(path: Path) -> None:
    if not path.is_file():
        return
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return
    if rows and "decision" in rows[0] and not any((row.get("decision") or "").strip() for row in rows):
        raise FeedError(
            "not one pair is decided", where=path.name, remedy="Write same or different into the column decision."
        )

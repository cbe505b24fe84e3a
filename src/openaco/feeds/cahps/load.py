"""Reads survey results: performance_year, measure (CAHPS_1 … CAHPS_11), score, respondents, suppressed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import ParameterError
from openaco.feeds.base import LoadReport, Progress
from openaco.feeds.lists import load_list
from openaco.parameters import parameter
from openaco.tables import SurveyResult


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load a result file. The newest delivery of a measure and year counts."""
    return load_list(lake, "cahps", SurveyResult, path, clean, progress=progress)


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """A result, checked: a known measure of the year, a score exactly where it is not suppressed."""
    measure = row["measure"].strip().upper()
    try:
        known = parameter("feeds/cahps/measures", row["performance_year"]).value
    except ParameterError:
        raise ValueError("no survey measures are known for performance_year") from None
    if measure not in known:
        raise ValueError("measure is no summary survey measure of the year")
    score, count = row.get("score"), row.get("respondents")
    if row["suppressed"] and score is not None:
        raise ValueError("score of a suppressed measure must be blank")
    if not row["suppressed"] and score is None:
        raise ValueError("score is blank, but suppressed is no")
    if score is not None and not 0 <= score <= 100:
        raise ValueError("score is not between 0 and 100")
    if count is not None and count < 0:
        raise ValueError("respondents is below zero")
    return row | {"measure": measure}

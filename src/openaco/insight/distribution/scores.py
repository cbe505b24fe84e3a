"""`participant_scores.csv`: what the ACO knows of its participants and no claim tells. Optional, checked strictly.

Columns: `tin` (required), and any of `name`, `class`, `quality_score` (0 to 100), `points` (citizenship points, such
as meetings attended). A participant that is left out keeps what the run says.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from openaco.errors import ConfigurationError
from openaco.insight.distribution.plan import Plan
from openaco.insight.distribution.strict_toml import did_you_mean

COLUMNS = ("tin", "name", "class", "quality_score", "points")


@dataclass(frozen=True)
class Scores:
    """One participant's row; None or empty where nothing is stated."""

    name: str = ""
    classification: str = ""
    quality: Decimal | None = None
    points: Decimal | None = None


def read_scores(path: Path, plan: Plan, tins: Iterable[str]) -> dict[str, Scores]:
    """The rows by TIN. Raises ConfigurationError naming file, line, column and remedy, never a TIN."""
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy="Name a CSV file with the column tin.")
    known = set(tins)
    found: dict[str, Scores] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_columns(reader.fieldnames or (), path)
            for row in reader:
                where = f"{path.name}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise ConfigurationError("more or fewer cells than columns", where=where, remedy="Even them out.")
                tin = (row["tin"] or "").strip()
                _check_tin(tin, known, found, where)
                found[tin] = _row(row, plan, where)
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error
    except csv.Error as error:
        raise ConfigurationError(f"not readable as CSV: {error}", where=path.name, remedy="Save it again.") from error
    return found


def _check_columns(header: Iterable[str], path: Path) -> None:
    names = list(header)
    unknown = [f"{name!r}{did_you_mean(name, COLUMNS)}" for name in names if name not in COLUMNS]
    doubled = sorted({name for name in names if names.count(name) > 1})
    remedy = f"Columns: {', '.join(COLUMNS)}."
    if unknown:
        raise ConfigurationError(f"unknown column {', '.join(unknown)}", where=path.name, remedy=remedy)
    if doubled:
        raise ConfigurationError(f"column {', '.join(doubled)} stands there twice", where=path.name, remedy=remedy)
    if "tin" not in names:
        raise ConfigurationError("no column tin", where=path.name, remedy=remedy)


def _check_tin(tin: str, known: set[str], found: Mapping[str, Scores], where: str) -> None:
    if tin not in known:
        padded = "; leading zeros are missing" if tin.zfill(9) in known else ""
        raise ConfigurationError(
            f"tin: no participant of the performance year{padded}",
            where=where,
            remedy="Take it from participants.csv of the roster, or take the line out.",
        )
    if tin in found:
        raise ConfigurationError("tin: stands there twice", where=where, remedy="Keep one line for each participant.")


def _row(row: Mapping[str, str], plan: Plan, where: str) -> Scores:
    named = (row.get("class") or "").strip()
    if named and named not in plan.classes:
        raise ConfigurationError(
            f"class: {named!r} is no class{did_you_mean(named, plan.classes)}",
            where=where,
            remedy=f"Classes: {', '.join(plan.classes)}; more_classes in the plan adds to them.",
        )
    quality, points = (_number(row.get(column), column, where) for column in ("quality_score", "points"))
    if quality is not None and quality > 100:
        raise ConfigurationError("quality_score: more than 100", where=where, remedy="Write a score from 0 to 100.")
    return Scores((row.get("name") or "").strip(), named, quality, points)


def _number(cell: str | None, column: str, where: str) -> Decimal | None:
    text = (cell or "").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ConfigurationError(f"{column}: no number of at least 0", where=where, remedy="Write it plainly: 82.5")
    return number

"""Reads rates files: TOML with everything, or a CSV table of measures, survey scores and claims measures."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from openaco.errors import ConfigurationError
from openaco.programs.quality.rates import ClaimsRate, HealthEquity, MeasureRate, QualityRates, Survey

CSV_COLUMNS = (
    "measure",
    "collection_type",
    "denominator",
    "exclusions",
    "exceptions",
    "numerator",
    "rate",
    "completeness",
    "cases",
)
_REMEDY = "Keys and columns stand in openaco.programs.quality.rates_file; correct the file there."
_TABLES: dict[str, type[BaseModel]] = {
    "measure": MeasureRate,
    "claims": ClaimsRate,
    "survey": Survey,
    "health_equity": HealthEquity,
}


def read_rates(path: Path, performance_year: int | None = None) -> QualityRates:
    """Read and check a rates file. `performance_year` is needed for a CSV file, and must agree with a TOML file's.

    Raises ConfigurationError naming the file, every wrong key or line, and what to do.
    """
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy=_REMEDY)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error
    if path.suffix.lower() == ".csv":
        return _from_csv(text, path.name, performance_year)
    return check_rates(text, path.name, performance_year)


def check_rates(text: str, name: str, performance_year: int | None = None) -> QualityRates:
    """The text of a TOML rates file, checked as `read_rates` does."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not valid TOML: {error}", where=name, remedy=_REMEDY) from error
    rates = _checked(content, name)
    if performance_year is not None and rates.performance_year != performance_year:
        raise ConfigurationError(
            f"these are the rates of {rates.performance_year}, not of {performance_year}",
            where=f"{name}: performance_year",
            remedy="Name the file of that year, or leave --year away.",
        )
    return rates


def _checked(content: Mapping[str, Any], name: str) -> QualityRates:
    try:
        return QualityRates.model_validate(content)
    except ValidationError as error:
        said = [_said(".".join(map(str, item["loc"])), item["loc"], item["msg"]) for item in error.errors()]
        raise ConfigurationError("; ".join(dict.fromkeys(said)), where=name, remedy=_REMEDY) from error


def _said(place: str, parts: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        model = _TABLES.get(str(parts[0]), QualityRates) if len(parts) > 1 else QualityRates
        near = get_close_matches(str(parts[-1]), list(model.model_fields), n=1, cutoff=0.6)
        message = "unknown key" + (f" (did you mean {near[0]}?)" if near else "")
    return f"{place}: {message}" if place else message


def _from_csv(text: str, name: str, performance_year: int | None) -> QualityRates:
    if performance_year is None:
        raise ConfigurationError("a CSV file does not say its year", where=name, remedy="Add --year, such as 2025.")
    reader = csv.DictReader(text.splitlines())
    header = [column.strip() for column in reader.fieldnames or []]
    unknown = [column for column in header if column not in CSV_COLUMNS]
    missing = [column for column in CSV_COLUMNS[:2] if column not in header]
    if unknown or missing:
        problem = f"unknown column {', '.join(unknown)}" if unknown else f"no column {', '.join(missing)}"
        raise ConfigurationError(problem, where=name, remedy=f"Columns: {', '.join(CSV_COLUMNS)}.")
    content: dict[str, Any] = {"performance_year": performance_year, "measure": [], "claims": {}}
    scores: dict[str, Any] = {}
    for row in reader:
        where = f"{name}, line {reader.line_num}"
        if None in row:
            raise ConfigurationError("more cells than columns", where=where, remedy="Check commas.")
        cells = {column.strip(): value.strip() for column, value in row.items() if value and value.strip()}
        if not cells:
            continue
        _add_row(content, scores, cells, where)
    content["survey"] = {"administered": bool(scores), "scores": scores}
    return _checked(content, name)


def _add_row(content: dict[str, Any], scores: dict[str, Any], cells: dict[str, str], where: str) -> None:
    kind, measure = cells.get("collection_type", ""), cells.get("measure", "")
    if not measure:
        raise ConfigurationError("no measure is named", where=where, remedy="Write its quality number, such as 001.")
    numbers = {name: _number(value, name, where) for name, value in cells.items() if name not in CSV_COLUMNS[:2]}
    if kind == "survey":
        _check_cells(numbers, {"rate"}, where)
        _add_once(scores, measure, numbers.get("rate"), where)
    elif kind == "claims":
        _check_cells(numbers, {"rate", "cases"}, where)
        _add_once(content["claims"], measure, numbers, where)
    else:
        _check_cells(numbers, set(CSV_COLUMNS[2:]) - {"cases"}, where)
        content["measure"].append({"measure": measure.zfill(3), "collection_type": kind, **numbers})


def _check_cells(numbers: Mapping[str, Any], known: set[str], where: str) -> None:
    if wrong := sorted(set(numbers) - known):
        raise ConfigurationError(f"{', '.join(wrong)} does not belong to this collection type", where=where)


def _add_once(found: dict[str, Any], measure: str, value: Any, where: str) -> None:
    if measure in found:
        raise ConfigurationError(f"{measure} stands twice", where=where, remedy="Keep one of the two lines.")
    found[measure] = value


def _number(text: str, column: str, where: str) -> float | int:
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise ConfigurationError(f"{column} is not a number", where=where, remedy="Write 1234, or 81.5.") from None

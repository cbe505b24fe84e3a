"""Reads parameter files strictly: see the package docstring for the form."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openaco.errors import ParameterError
from openaco.worksheet import Confidence

ROOT = Path(str(resources.files("openaco.parameters")))
DatedBy = Literal["performance_year", "agreement_start_year", "calendar_year", "benchmark_year", "payment_year"]


class ParameterValue(BaseModel):
    """One value for a span of years (both ends included), with the paragraph it stands in."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: int = Field(alias="from")
    through: int
    keys: dict[str, str] = Field(default_factory=dict, alias="for")
    value: Any
    cite: str = Field(min_length=3)
    source: str = Field(min_length=2)
    confidence: Confidence
    note: str = ""


class Parameter(BaseModel):
    """A parameter with all its dated values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(min_length=3)
    unit: str
    dated_by: DatedBy
    keyed_by: tuple[str, ...] = ()
    description: str = ""
    values: tuple[ParameterValue, ...] = Field(min_length=1)

    def value_on(self, date: int, **keys: str) -> ParameterValue:
        """The value for a year and keys. Raises ParameterError where nothing is stated; never extrapolates."""
        if set(keys) != set(self.keyed_by):
            raise ParameterError(
                f"asked with {sorted(keys) or 'no keys'}, but keyed by {list(self.keyed_by) or 'nothing'}",
                where=self.name,
            )
        rows = [row for row in self.values if row.keys == keys]
        for row in rows:
            if row.since <= date <= row.through:
                return row
        asked = ", ".join([f"{self.dated_by} {date}", *(f"{key} {value}" for key, value in keys.items())])
        spans = ", ".join(f"{row.since}–{row.through}" for row in rows)
        raise ParameterError(
            f"no value for {asked}",
            where=self.name,
            remedy=f"Stated: {spans}." if spans else f"Known: {sorted({str(row.keys) for row in self.values})}.",
        )


@cache
def load_parameter(name: str) -> Parameter:
    """One parameter, checked. Raises ParameterError if it is missing or malformed."""
    path = ROOT / f"{name}.yaml"
    if not path.is_file():
        raise ParameterError("no such parameter", where=name, remedy="Parameters are files under openaco/parameters.")
    return read_parameter(path, name)


def read_parameter(path: Path, name: str) -> Parameter:
    """Read and check one file. Raises ParameterError naming the file and what is wrong in it."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        found = Parameter(name=name, **content)
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise ParameterError(f"malformed: {error}", where=str(path.name), remedy="See openaco.parameters.") from error
    _check_keys(found)
    _check_spans(found)
    values = tuple(row.model_copy(update={"value": _resolve(row.value, path.parent, name)}) for row in found.values)
    return found.model_copy(update={"values": values})


def all_parameters() -> dict[str, Parameter]:
    """Every parameter by name, in the order of their names."""
    names = sorted(str(path.relative_to(ROOT).with_suffix("")) for path in ROOT.rglob("*.yaml"))
    return {name: load_parameter(name) for name in names}


def _check_keys(found: Parameter) -> None:
    for row in found.values:
        if set(row.keys) != set(found.keyed_by):
            raise ParameterError(
                f"a value is for {row.keys}, but the parameter is keyed by {list(found.keyed_by)}", where=found.name
            )


def _check_spans(found: Parameter) -> None:
    by_keys: dict[tuple[tuple[str, str], ...], list[ParameterValue]] = {}
    for row in found.values:
        by_keys.setdefault(tuple(sorted(row.keys.items())), []).append(row)
    for keys, rows in by_keys.items():
        rows = sorted(rows, key=lambda row: row.since)
        for row in rows:
            if row.through < row.since:
                raise ParameterError(f"ends {row.through} before it begins {row.since}", where=found.name)
        for before, after in pairwise(rows):
            if after.since != before.through + 1:
                problem = "overlap" if after.since <= before.through else "gap"
                raise ParameterError(
                    f"{problem} between {before.since}–{before.through} and {after.since}–{after.through} {dict(keys)}",
                    where=found.name,
                    remedy="Make the spans follow one another.",
                )


def _resolve(value: Any, folder: Path, name: str) -> Any:
    """Replace `{table: file.csv}` by its rows, as dicts of text; leave anything else."""
    if not (isinstance(value, dict) and set(value) == {"table"}):
        return value
    path = folder / value["table"]
    if not path.is_file():
        raise ParameterError(f"table {value['table']!r} is missing", where=name)
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))

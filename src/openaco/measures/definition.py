"""What a measure says of itself: ids, versions by performance year, steward, direction, licence, dates of review."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openaco.errors import OpenACOError

HOME = Path(__file__).parent
MEASURES = ("CMS2", "CMS122", "CMS125", "CMS130", "CMS137", "CMS165")


class MeasureError(OpenACOError):
    """A measure, its year, its cases or its value sets cannot be used as they are."""


class Version(BaseModel):
    """The measure in one performance year. ages: youngest and oldest; strata: name and ages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ecqm_version: str
    logic: str
    ages: tuple[int, int | None]
    strata: dict[str, tuple[int, int | None]] = Field(default_factory=dict)
    changes: str


class Way(BaseModel):
    """One way to close a gap, the cheapest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gap: str
    way: str


class Definition(BaseModel):
    """`definition.yaml` of a measure's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    quality_id: str
    title: str
    rates: dict[str, str]
    inverse: bool
    direction_source: str
    steward: str
    licence: str
    specification: str
    reviewed: datetime.date
    next_review: datetime.date
    versions: dict[int, Version] = Field(min_length=1)
    ways: tuple[Way, ...]

    def version(self, year: int) -> Version:
        """The measure in a performance year. Raises MeasureError for a year that is not stated."""
        if year not in self.versions:
            known = ", ".join(str(stated) for stated in sorted(self.versions))
            raise MeasureError(f"not stated for performance year {year}", where=self.id, remedy=f"Stated: {known}.")
        return self.versions[year]

    def way(self, gap: str) -> str | None:
        """The cheapest way to close a gap."""
        return next((item.way for item in self.ways if item.gap == gap), None)


@cache
def definition_of(measure: str) -> Definition:
    """The definition of a measure such as CMS122, in letters of either case.

    Raises MeasureError for another measure or a malformed file.
    """
    if measure.upper() not in MEASURES:
        raise MeasureError(f"{measure} is no measure here", remedy=f"Known: {', '.join(MEASURES)}.")
    path = HOME / measure.lower() / "definition.yaml"
    try:
        return Definition(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise MeasureError(f"malformed: {error}", where=f"{measure.lower()}/{path.name}") from error

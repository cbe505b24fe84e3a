"""A finished run as a folder of files: what `openaco run` writes and every report reads.

    run.json                    the manifest: who, which year, from which deliveries, with which code
    worksheet.json              `Worksheet.to_dict()`
    funnel.json                 list of `Funnel`: assignment, one for each benchmark and performance year
    spend.json                  `Spend`: dollars by year and enrollment type, and what was left out by which rule
    sensitivity.json            list of `Scenario`: the payment if spend or quality were different
    claims.json                 `Claims`: signed sums beside final-action claims
    assignment.parquet          one row per person and year: the step that decided, and the runner-up
    expenditure.parquet         one row per person, year and enrollment type
    claim_dollars.parquet       one row per claim (line) version: what of it was counted, and why not the rest
    claim_disposition.parquet   one row per claim version: kept, or dropped for which other version
    person_months.parquet       one row per person and month

Files with a person in them are Parquet; the JSON files hold totals only.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from openaco.errors import OpenACOError
from openaco.worksheet import Worksheet

PERSON_TABLES = ("assignment", "expenditure", "claim_dollars", "claim_disposition", "person_months")


class RunResultsError(OpenACOError):
    """A folder is not a finished run, or one of its files is not what it should be."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DeliveryRecord(_Part):
    """One delivery the run was computed from. `content_hash` is SHA-256."""

    delivery_id: str
    feed: str
    file_name: str
    content_hash: str
    delivered_on: datetime.date | None = None
    row_count: int
    quarantined_count: int = 0


class Manifest(_Part):
    """What makes the run reproducible. `counts` are rows by what they count, such as `claims` or `beneficiaries`."""

    run_id: str
    aco_id: str
    aco_name: str
    performance_year: int
    program: str
    track: str
    assignment_method: str
    seed: int
    engine: str
    code_version: str
    parameter_hash: str
    deliveries: tuple[DeliveryRecord, ...] = ()
    counts: dict[str, int] = {}

    @property
    def as_of(self) -> datetime.date | None:
        """The date of the newest claims (CCLF) delivery, or of the newest of all where there are none."""
        claims = [item for item in self.deliveries if item.feed == "cclf"] or self.deliveries
        return max((item.delivered_on for item in claims if item.delivered_on), default=None)


class FunnelStep(_Part):
    """People who remain (`stage`) or who leave (`exclusion`) at one step of assignment."""

    id: str
    label: str
    count: int
    kind: Literal["stage", "exclusion"]


class Funnel(_Part):
    """Assignment of one year, in the order of 42 CFR 425.401 and 425.402."""

    year: int
    stages: tuple[FunnelStep, ...]


class SpendRow(_Part):
    """One year and enrollment type. `dollars` before, `truncated_dollars` after truncation; per capita is per
    person-year, truncated and completed."""

    year: int
    enrollment_type: str
    beneficiaries: int
    person_years: float
    per_capita: float
    dollars: float
    truncated_dollars: float


class SpendExclusion(_Part):
    """Dollars that a rule takes out of one year's expenditures."""

    rule: str
    dollars: float
    label: str = ""
    year: int | None = None
    claims: int | None = None


class Spend(_Part):
    """Expenditures by year and enrollment type, and what was left out."""

    rows: tuple[SpendRow, ...]
    exclusions: tuple[SpendExclusion, ...] = ()


class Scenario(_Part):
    """The payment (negative: owed to CMS) if one thing were different; None, with a note why, if it cannot be told."""

    group: str
    label: str
    payment: float | None
    note: str = ""


class ClaimDifference(_Part):
    """Claims on which the signed sum and the final-action claims disagree, by reason."""

    reason: str
    claims: int
    dollars: float


class DroppedClaims(_Part):
    """Claim versions that are not final action, by what became of them."""

    disposition: str
    claims: int
    dollars: float | None = None


class Claims(_Part):
    """Both answers of the claims rules, in US dollars."""

    signed_total: float
    final_action_total: float
    differences: tuple[ClaimDifference, ...] = ()
    dropped: tuple[DroppedClaims, ...] = ()


@dataclass(frozen=True)
class RunResults:
    """Everything a report shows. Tables with persons are not read here: `table_path` says where they are."""

    folder: Path
    manifest: Manifest
    worksheet: Worksheet
    funnels: tuple[Funnel, ...]
    spend: Spend
    sensitivity: tuple[Scenario, ...]
    claims: Claims

    @classmethod
    def read(cls, folder: Path) -> RunResults:
        """Read a finished run. Raises RunResultsError naming the file that is missing or malformed."""
        return cls(
            folder=folder,
            manifest=_typed(folder / "run.json", Manifest),
            worksheet=Worksheet.from_dict(_json(folder / "worksheet.json")),
            funnels=tuple(sorted(_typed(folder / "funnel.json", list[Funnel]), key=lambda item: item.year)),
            spend=_typed(folder / "spend.json", Spend),
            sensitivity=tuple(_typed(folder / "sensitivity.json", list[Scenario])),
            claims=_typed(folder / "claims.json", Claims),
        )

    def table_path(self, name: str) -> Path:
        """Where a table with persons lies. Raises RunResultsError if the run has none."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise RunResultsError(f"the run has no table {name}", where=str(self.folder), remedy="Run it again.")
        return path


T = TypeVar("T")


def _typed(path: Path, kind: type[T]) -> T:
    try:
        return TypeAdapter(kind).validate_python(_json(path))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
        raise RunResultsError(wrong, where=path.name, remedy="Run it again with this version of OpenACO.") from error


def _json(path: Path) -> Any:
    if not path.is_file():
        raise RunResultsError(
            f"{path.name} is missing", where=str(path.parent), remedy="Name the folder of a finished run."
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise RunResultsError(f"not valid JSON: {error}", where=path.name, remedy="Run it again.") from error

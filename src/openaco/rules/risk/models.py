"""Which CMS risk adjustment models and payment years are here (42 CFR 422.308(c)), and what they are called."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from openaco.errors import OpenACOError
from openaco.parameters import ROOT
from openaco.rules.cited import Cited, cited, weakest
from openaco.worksheet import Confidence

TABLES = "risk/reference_tables"
LAST_YEAR = 2026
LATEST = ("any", "latest", "")


class RiskModelError(OpenACOError):
    """A model, payment year or segment is not known, or no table of it is here."""


@dataclass(frozen=True)
class ModelYear:
    """One model with the mapping of one payment year. `number` names the pair in joins.

    edits: `inline`, where the mapping itself states ages and sexes, or `separate`. confidence: of the mapping.
    """

    number: int
    model: str
    payment_year: int
    edits: str
    confidence: Confidence
    source: str


def reference(table: str) -> Cited:
    """The citation of one of the reference tables; its value names the file."""
    return cited(TABLES, LAST_YEAR, table=table)


def table_rows(table: str) -> Iterator[dict[str, str]]:
    """The rows of a reference table as text."""
    path = ROOT / "risk" / reference(table).value["file"]
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def model_years() -> Mapping[tuple[str, int], ModelYear]:
    """Every model and payment year with a mapping table, in the order of the register (42 CFR 422.308(c))."""
    found = {}
    for number, row in enumerate(table_rows("model_years"), start=1):
        year = int(row["payment_year"])
        confidence = cast(Confidence, row["confidence"])
        found[row["model"], year] = ModelYear(number, row["model"], year, row["edits"], confidence, row["source"])
    return found


@cache
def _model_names() -> dict[str, str]:
    names = {}
    for row in table_rows("models"):
        for name in (row["model"], *row["aliases"].split(";")):
            names[_plain(name)] = row["model"]
    return names


def _plain(name: str) -> str:
    """A model's name without what writers add and leave out: case, blanks, the word model."""
    return "".join(name.upper().replace("MODEL", "").replace("_", "").replace("-", "").split())


def known_model(name: str) -> str:
    """The model of a name as people write it, such as `V28` or `CMS-HCC Model V28`. 42 CFR 422.308(c).

    Raises RiskModelError if there is no such model here.
    """
    found = _model_names().get(_plain(name))
    if found is None:
        known = ", ".join(sorted({model for model, _ in model_years()}))
        raise RiskModelError(f"there is no model {name!r} here", remedy=f"Known: {known}.")
    return found


def model_year(model: str, payment_year: str | int) -> ModelYear:
    """The model with the mapping of a payment year; `any` or `latest` is the newest year whose mapping is here.

    Raises RiskModelError for an unknown model or a year without a table: no other year's table stands in.
    42 CFR 422.308(c).
    """
    model = known_model(model)
    years = sorted(year for name, year in model_years() if name == model)
    text = str(payment_year).strip().lower()
    if text in LATEST:
        return model_years()[model, years[-1]]
    if not text.isdigit() or (model, int(text)) not in model_years():
        stated = ", ".join(map(str, years))
        raise RiskModelError(f"no table of {model} for payment year {text!r}", remedy=f"Here are: {stated}.")
    return model_years()[model, int(text)]


def confidence_of(year: ModelYear) -> Confidence:
    """How sure a raw score is: the weakest of its mapping and the tables that every score rests on."""
    tables = ("relative_factors", "hierarchies", "categories", "interactions", "demographic_variables")
    return weakest(year.confidence, *(reference(table).confidence for table in tables))

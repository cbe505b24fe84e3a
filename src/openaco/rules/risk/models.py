"""Which CMS risk adjustment models and payment years are here (42 CFR 422.308(c)), and what they are called."""

from __future__ import annotations

import bisect
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
    """How sure a raw score is: the weakest of its mapping and the tables behind every score (42 CFR 422.308(c))."""
    tables = (
        "relative_factors",
        "hierarchies",
        "categories",
        "interactions",
        "category_patches",
        "demographic_variables",
    )
    return weakest(year.confidence, *(reference(table).confidence for table in tables))


@cache
def segments(model: str) -> Mapping[str, str]:
    """The segments of a model, by every name they are known by (in capitals). 42 CFR 422.308(c)."""
    found = {}
    for row in table_rows("segments"):
        if model in row["models"].split(";"):
            for name in (row["segment"], *row["aliases"].split(";")):
                if name:
                    found[name.upper()] = row["segment"]
    return found


@cache
def graft_segments(model: str) -> frozenset[str]:
    """The segments whose score has a factor for the time since a transplant; none outside ESRD. 42 CFR 422.308(c)."""
    rows = [row for row in table_rows("segments") if model in row["models"].split(";")]
    return frozenset(row["segment"] for row in rows if row["graft_from"] and not row["graft_through"])


def known_segment(model: str, name: str) -> str:
    """The segment of a name, whatever its case and with or without a last underscore. 42 CFR 422.308(c).

    Raises RiskModelError if the model has no such segment.
    """
    found = segments(model).get(name.strip().upper().removesuffix("_"))
    if found is None:
        known = ", ".join(dict.fromkeys(segments(model).values()))
        raise RiskModelError(f"{model} has no segment {name!r}", remedy=f"It has: {known}.")
    return found


@cache
def code_years(model: str) -> Mapping[str, tuple[int, ...]]:
    """The diagnosis codes that a model maps to a payment category, with the payment years (42 CFR 422.308(c))."""
    found: dict[str, set[int]] = {}
    styles = {year.payment_year: year.edits for (name, _), year in model_years().items() if name == model}
    for table, style in (("diagnosis_to_hcc", "separate"), ("diagnosis_to_hcc_2026", "inline")):
        for row in table_rows(table):
            if row["model"] == model and styles[int(row["payment_year"])] == style:
                found.setdefault(row["icd10cm"], set()).add(int(row["payment_year"]))
    return {code: tuple(sorted(years)) for code, years in found.items()}


@cache
def _sorted_codes(model: str) -> list[str]:
    return sorted(code_years(model))


def starts_other_codes(model: str, code: str) -> bool:
    """Whether a code is only the beginning of codes that the model maps, so that no claim may carry it.

    ICD-10-CM official guidelines, section I.B.2; 42 CFR 422.308(c).
    """
    codes = _sorted_codes(model)
    place = bisect.bisect_right(codes, code)
    return place < len(codes) and codes[place].startswith(code)

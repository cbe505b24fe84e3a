"""The tables of the CMS risk adjustment models, shaped for joins (42 CFR 422.308(c)): no model has code of its own.

Every table has `number`, the model and payment year it belongs to (`models.ModelYear`), or `segment_id`, a segment of
it. Conditions are columns; a null column asks nothing. Flags are whole numbers, 1 yes and 0 no, so that every engine
reads them alike, and what is joined a million times is a number, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from openaco.engine import Engine, Table
from openaco.rules.risk.models import ModelYear, table_rows

FACTOR = pa.decimal128(12, 3)
OLDEST, MANY = 120, 999
SEGMENTS = 100
KEYS = ("number", "segment_id", "variable_id", "factor", "cell_age", "sex")
EVERYBODY = {"mce_age_from": 0, "mce_age_through": MANY, "age_from": 0, "age_through": MANY, "sex": 0}
VARIABLE_KINDS = {"demographic": "demographic", "hcc": "category", "interaction": "interaction", "count": "count"}
HCC = re.compile(r"(?:RX)?HCC(\d+)")
COUNT = re.compile(r"D(\d+)(P?)")
CELL = re.compile(
    r"(?:(?P<status>NMCAID|MCAID|FBD|ND_PBD|ESRD|NESRD)_(?P<original>NORIGDIS|ORIGDIS)_(?:[GX]_)?)?"
    r"(?P<new>NE)?(?P<sex>[FM])(?P<age_from>\d+)(?:_(?P<age_through>\d+|GT))?"
)
NEW_ENROLLEE_STATUS: Mapping[str, Mapping[str, Any]] = {
    "MCAID": {"medicaid": 1},
    "NMCAID": {"medicaid": 0},
    "FBD": {"dual": "full"},
    "ND_PBD": {"dual": "not_full"},
    "ESRD": {"esrd": 1},
    "NESRD": {"esrd": 0},
}
YES_NO = {"yes": 1, "no": 0, "": None}

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class ReferenceTables:
    """The tables for some models and years.

    mapping      one diagnosis code, one category, with ages and sex it counts for (`age_…`, `sex`) and the ages that
                 the Medicare Code Editor accepts (`mce_…`); sex 0 is both
    patch        category that falls away unless `companion` is present; without a companion, always
    hierarchy    parent that drops a child
    hcc          factor of a payment category in a segment
    interaction  one term of an interaction in a segment: a category or a flag of the person. `term` is a power of two,
                 `terms` the sum of all of an interaction's; it holds if each has a category or flag
    count        factor of a number of payment categories in a segment
    demographic  factor of what a person of one age and sex is, in a segment, with the conditions it asks (`if_…`)
    variable     the name of each `variable_id`, and its kind: cell, demographic, category, interaction, count
    segment      segment, its `segment_id`, and the conditions under which it is a person's own (`its_…`)
    divisor      what the sum of some new enrollees is divided by
    divides      whether there is any such divisor
    """

    mapping: Table
    patch: Table
    hierarchy: Table
    hcc: Table
    interaction: Table
    count: Table
    demographic: Table
    variable: Table
    segment: Table
    divisor: Table
    divides: bool


def reference_tables(engine: Engine, years: Iterable[ModelYear], *, code_editor: bool = True) -> ReferenceTables:
    """The tables of some models and years, in an engine. 42 CFR 422.308(c).

    code_editor: whether the age limits of the Medicare Code Editor apply, as CMS does by default (SEDITS = 1).
    """
    chosen = tuple(sorted(set(years), key=lambda year: year.number))
    data = _arrow(chosen, code_editor)
    tables = {name: engine.checkpoint(engine.from_arrow(rows)) for name, rows in data.items()}
    return ReferenceTables(**tables, divides=data["divisor"].num_rows > 0)


@cache
def _arrow(years: tuple[ModelYear, ...], code_editor: bool) -> dict[str, pa.Table]:
    content: dict[str, Rows] = {name: [] for name in SCHEMAS}
    mappings = list(_mappings(years, code_editor))
    for year in years:
        tables = _model_tables(year.model)
        ids = {row["segment"]: year.number * SEGMENTS + place for place, row in enumerate(tables["segment"])}
        for name, rows in tables.items():
            for row in rows:
                places = [ids[row["segment"]]] if "segment" in row else list(ids.values())
                content[name] += [{"number": year.number, "segment_id": place, **row} for place in places]
    content["mapping"] = mappings
    content["demographic"] = [row for found in content["demographic"] for row in _by_age_and_sex(found)]
    _number_variables(content)
    made = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in content.items()}
    for name, prefix in (("demographic", "if_"), ("segment", "its_")):
        columns = made[name].column_names
        made[name] = made[name].rename_columns([old if old in KEYS else prefix + old for old in columns])
    return made


def _number_variables(content: dict[str, Rows]) -> None:
    """Give each variable a number, and its name and kind to the table `variable`."""
    numbers: dict[tuple[str, str], int] = {}
    for table, kind in VARIABLE_KINDS.items():
        for row in content[table]:
            key = (row.pop("variable"), "cell" if row.pop("cell", 0) else kind)
            row["variable_id"] = numbers.setdefault(key, len(numbers))
    content["variable"] = [{"variable_id": id, "variable": name, "kind": kind} for (name, kind), id in numbers.items()]


def _by_age_and_sex(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A rule about a person once for each age and sex it holds for, so that people find theirs by equality."""
    for sex in (1, 2) if rule["sex"] is None else (rule["sex"],):
        for age in range(rule["age_from"], min(rule["age_through"], OLDEST) + 1):
            yield {**rule, "sex": sex, "cell_age": age}


def _mappings(years: tuple[ModelYear, ...], code_editor: bool) -> Iterator[dict[str, Any]]:
    wanted = {(year.model, str(year.payment_year)): year for year in years}
    for table, style in (("diagnosis_to_hcc", "separate"), ("diagnosis_to_hcc_2026", "inline")):
        if not any(year.edits == style for year in years):
            continue
        for row in table_rows(table):
            year = wanted.get((row["model"], row["payment_year"]))
            if year is None or year.edits != style:
                continue
            conditions = [_inline(row)] if style == "inline" else _separate(row)
            for found in conditions:
                if not code_editor:
                    found = {**found, "mce_age_from": 0, "mce_age_through": MANY}
                yield {"number": year.number, "icd10cm": row["icd10cm"], **found}


def _inline(row: Mapping[str, str]) -> dict[str, Any]:
    names = ("hcc", "mce_age_from", "mce_age_through", "age_from", "age_through", "sex")
    return {name: int(row[name]) if row[name] else EVERYBODY[name] for name in names}


def _separate(row: Mapping[str, str]) -> list[dict[str, Any]]:
    """A mapping row under the edit of its code, if there is one: it counts for whom the edit does not concern.

    An edit concerns one sex, or ages up to `applies_through_age` and from `applies_from_age`; whom it concerns gets
    the edit's category instead, or none.
    """
    kept: dict[str, Any] = {**EVERYBODY, "hcc": int(row["hcc"])}
    edit = _edits().get((row["model"], row["icd10cm"]))
    if edit is None:
        return [kept]
    if edit["edit"] == "sex":
        concerned: dict[str, Any] = {**EVERYBODY, "sex": int(edit["sex"])}
        kept["sex"] = 3 - int(edit["sex"])
    else:
        prefix = "mce_age" if edit["edit"] == "mce_age" else "age"
        through, since = _whole(edit["applies_through_age"]), _whole(edit["applies_from_age"])
        kept[f"{prefix}_from"] = 0 if through is None else through + 1
        kept[f"{prefix}_through"] = MANY if since is None else since - 1
        concerned = {
            **EVERYBODY,
            f"{prefix}_through": MANY if through is None else through,
            f"{prefix}_from": since or 0,
        }
    return [kept, {**concerned, "hcc": int(edit["hcc"])}] if edit["hcc"] else [kept]


@cache
def _edits() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["model"], row["icd10cm"]): row for row in table_rows("diagnosis_edits")}


@cache
def _model_tables(model: str) -> dict[str, Rows]:
    """Everything but the mapping, which alone changes by payment year."""
    names = next(row for row in table_rows("models") if row["model"] == model)
    segments = [row for row in table_rows("segments") if model in row["models"].split(";")]
    factors: dict[str, dict[str, Decimal]] = {row["segment"]: {} for row in segments}
    for row in table_rows("relative_factors"):
        if row["model"] == names["factor_model"]:
            factors.setdefault(row["segment"], {})[row["variable"]] = Decimal(row["factor"])
    return {
        "patch": [
            {"hcc": int(row["hcc"]), "companion": _whole(row["companion"])}
            for row in table_rows("category_patches")
            if row["model"] == model
        ],
        "hierarchy": [
            {"parent": int(row["parent"]), "child": int(row["child"])}
            for row in table_rows("hierarchies")
            if row["model"] == model
        ],
        "hcc": [
            {"segment": segment, "hcc": int(match[1]), "variable": variable, "factor": factor}
            for segment, variable, factor in _each(factors)
            if (match := HCC.fullmatch(variable))
        ],
        "interaction": list(_interactions(model, factors)),
        "count": list(_counts(factors)),
        "demographic": [*_cells(factors), *_demographics(model, factors)],
        "segment": [_segment(row) for row in segments],
        "divisor": [
            {
                "segment": row["segment"],
                "graft_from": int(row["graft_from"]),
                "graft_through": _whole(row["graft_through"]) or MANY,
                "divisor": float(row["divisor"]),
            }
            for row in table_rows("new_enrollee_divisors")
            if row["model"] == model
        ],
    }


def _each(factors: Mapping[str, Mapping[str, Decimal]]) -> Iterator[tuple[str, str, Decimal]]:
    for segment, variables in factors.items():
        for variable, factor in variables.items():
            yield segment, variable, factor


def _counts(factors: Mapping[str, Mapping[str, Decimal]]) -> Iterator[dict[str, Any]]:
    """The factor of each number of payment categories; `D10P` stands for ten and more."""
    for segment, variable, factor in _each(factors):
        match = COUNT.fullmatch(variable)
        for count in range(int(match[1]), (MANY if match[2] else int(match[1])) + 1) if match else ():
            yield {"segment": segment, "categories": count, "variable": variable, "factor": factor}


def _interactions(model: str, factors: Mapping[str, Mapping[str, Decimal]]) -> Iterator[dict[str, Any]]:
    """An interaction as its terms, each a set of categories or a flag; one named in another gives its terms to it."""
    groups: dict[str, list[str]] = {}
    for row in table_rows("categories"):
        if row["model"] == model:
            groups.setdefault(row["category"], []).append(row["hcc"])
    pairs = {row["interaction"]: row for row in table_rows("interactions") if row["model"] == model}

    def terms(name: str) -> list[list[str]]:
        if name in pairs:
            return terms(pairs[name]["first"]) + terms(pairs[name]["second"])
        return [groups.get(name, [name])]

    for segment, variable, factor in _each(factors):
        if variable not in pairs:
            continue
        parts = terms(variable)
        for number, members in enumerate(parts):
            for member in members:
                match = HCC.fullmatch(member)
                yield {
                    "segment": segment,
                    "variable": variable,
                    "factor": factor,
                    "term": 2**number,
                    "terms": 2 ** len(parts) - 1,
                    "hcc": int(match[1]) if match else None,
                    "flag": None if match else member,
                }


def _cells(factors: Mapping[str, Mapping[str, Decimal]]) -> Iterator[dict[str, Any]]:
    """Age and sex cells, whose names say everything: `F65_69`, `NMCAID_ORIGDIS_NEM95_GT`, `ESRD_NORIGDIS_X_F65`."""
    for segment, variable, factor in _each(factors):
        match = CELL.fullmatch(variable)
        if not match:
            continue
        through = match["age_through"]
        yield {
            "segment": segment,
            "variable": variable,
            "factor": factor,
            "sex": 1 if match["sex"] == "M" else 2,
            "age_from": int(match["age_from"]),
            "age_through": OLDEST if through == "GT" else int(through or match["age_from"]),
            "new_enrollee_originally_disabled": {"ORIGDIS": 1, "NORIGDIS": 0}.get(match["original"]),
            "cell": 1,
            **NEW_ENROLLEE_STATUS.get(match["status"] or "", {}),
        }


def _demographics(model: str, factors: Mapping[str, Mapping[str, Decimal]]) -> Iterator[dict[str, Any]]:
    """The other variables of what a person is, where the model has a factor for them."""
    for row in table_rows("demographic_variables"):
        if row["models"] and model not in row["models"].split(";"):
            continue
        for segment in row["segments"].split(";") if row["segments"] else factors:
            factor = factors.get(row["factor_segment"] or segment, {}).get(row["variable"])
            if factor is None:
                continue
            flags = ("disabled", "originally_disabled", "originally_esrd", "medicaid", "long_term_institutional")
            yield {
                "segment": segment,
                "variable": row["variable"],
                "factor": factor,
                "sex": _whole(row["sex"]),
                "age_from": _whole(row["age_from"]) or 0,
                "age_through": _whole(row["age_through"]) or OLDEST,
                "dual": row["dual"] or None,
                "graft_from": _whole(row["graft_from"]),
                "graft_through": _whole(row["graft_through"]),
                "cell": 0,
                **{name: YES_NO[row[name]] for name in flags},
            }


def _segment(row: Mapping[str, str]) -> dict[str, Any]:
    flags = ("new_enrollee", "special_needs_plan", "long_term_institutional", "low_income")
    spans = ("age_from", "age_through", "graft_from", "graft_through")
    return {
        "segment": row["segment"],
        "kidney_status": row["kidney_status"] or None,
        "dual": row["dual"] or None,
        "originally_disabled_from": int(row["originally_disabled_from"]),
        **{name: YES_NO[row[name]] for name in flags},
        **{name: _whole(row[name]) for name in spans},
    }


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _schema(key: str, whole: str, text: str = "", number: str = "", factor: bool = False) -> pa.Schema:
    columns = [(name, pa.int64()) for name in key.split()]
    columns += [(name, pa.string()) for name in text.split()]
    columns += [(name, pa.int64()) for name in whole.split()]
    columns += [(name, pa.float64()) for name in number.split()]
    return pa.schema(columns + ([("factor", FACTOR)] if factor else []))


SCHEMAS = {
    "mapping": _schema("number", "hcc mce_age_from mce_age_through age_from age_through sex", "icd10cm"),
    "patch": _schema("segment_id", "hcc companion"),
    "hierarchy": _schema("segment_id", "parent child"),
    "hcc": _schema("segment_id variable_id", "hcc", factor=True),
    "interaction": _schema("segment_id variable_id", "term terms hcc", "flag", factor=True),
    "count": _schema("segment_id variable_id", "categories", factor=True),
    "demographic": _schema(
        "segment_id variable_id",
        "sex cell_age new_enrollee_originally_disabled disabled originally_disabled originally_esrd medicaid esrd "
        "long_term_institutional graft_from graft_through",
        "dual",
        factor=True,
    ),
    "variable": _schema("variable_id", "", "variable kind"),
    "segment": _schema(
        "number segment_id",
        "new_enrollee special_needs_plan long_term_institutional low_income age_from age_through graft_from "
        "graft_through originally_disabled_from",
        "segment kidney_status dual",
    ),
    "divisor": _schema("segment_id", "graft_from graft_through", number="divisor"),
}

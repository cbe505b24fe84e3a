"""Which admissions were planned: the planned readmission algorithm of CMS measure 479 (42 CFR 425.500).

It asks for tables that OpenACO does not hold (`CCS_TABLES`). Where they are not loaded an admission counts as planned
if its admission type is elective, and `planned_basis` says so.
"""

from __future__ import annotations

import pyarrow as pa

from openaco.engine import Engine, Table, _, coalesce, literal, stack
from openaco.feeds.code_tables import CodeTables
from openaco.parameters import parameter
from openaco.rules.groupers.code_sets import beginnings, in_sets, set_table
from openaco.rules.groupers.codes import listed
from openaco.rules.groupers.stays import ACUTE

CCS_TABLES = ("ccs_diagnoses", "ccs_procedures", "potentially_planned_procedures")
BY_ALGORITHM, BY_ADMISSION_TYPE = "algorithm", "admission type"


def planned_admissions(
    engine: Engine, stays: Table, stay_claims: Table, procedures: Table, tables: CodeTables, year: int
) -> Table:
    """Acute admissions with `planned`. Grain: one admission: `planned_id`, `planned`, `planned_basis`.

    The first hospital of an admission decides: the procedures and the principal diagnosis of its stay. Planned is what
    has an always planned procedure or diagnosis, or a potentially planned procedure with a diagnosis that is not
    acute. stays: from `with_admissions`; procedures: from `stated_procedures`. CMS measure 479, algorithm 4.0.
    """
    first = stays.filter(_.kind == ACUTE, _.is_first)
    if tables.missing(*CCS_TABLES):
        elective = parameter("groupers/readmissions", year).value["elective_types"]
        return first.select(
            planned_id=_.admission_id,
            planned=coalesce(_.admission_type_code, "").isin(elective),
            planned_basis=literal(BY_ADMISSION_TYPE),
        )
    done = _with_ccs(engine, _on_stays(procedures, first, stay_claims), tables, "ccs_procedures")
    always = done.filter(_.category.isin(_listed("always_planned_procedures", year)))
    potentially = stack(
        [
            done.semi_join(_column(engine, tables, "potentially_planned_procedures", "category"), "category"),
            done.semi_join(_column(engine, tables, "potentially_planned_codes", "code"), "code"),
        ]
    )
    marked = first.select("stay_id", "admission_id", code=_.principal_diagnosis_code)
    marked = _with_ccs(engine, marked, tables, "ccs_diagnoses")
    acute_codes = _column(engine, tables, "acute_diagnosis_codes", "code").select(acute_code="code")
    marked = marked.left_join(acute_codes, [("code", "acute_code")])
    marked = marked.left_join(always.select(always_stay="stay_id").distinct(), [("stay_id", "always_stay")])
    marked = marked.left_join(potentially.select(maybe_stay="stay_id").distinct(), [("stay_id", "maybe_stay")])
    acute = _.category.isin(_listed("acute_diagnoses", year)) | _.acute_code.notnull()
    planned = (
        _.always_stay.notnull()
        | _.category.isin(_listed("always_planned_diagnoses", year))
        | (_.maybe_stay.notnull() & ~acute)
    )
    return marked.select(planned_id=_.admission_id, planned=planned, planned_basis=literal(BY_ALGORITHM))


def excluded_discharges(
    engine: Engine, stays: Table, stay_claims: Table, procedures: Table, tables: CodeTables, year: int
) -> Table:
    """Acute stays whose diagnosis makes them no index admission: `excluded_stay`, `excluded_kind`, one row a stay.

    Kinds: psychiatric, rehabilitation, cancer (medical treatment of cancer: with surgery of the surgical cohort it is
    an index admission). By CCS category, or by beginnings of codes where no CCS table is loaded. CMS measure 479.
    """
    acute = stays.filter(_.kind == ACUTE)
    coded = acute.select("stay_id", code=_.principal_diagnosis_code)
    if tables.missing("ccs_diagnoses"):
        rows = parameter("groupers/excluded_without_ccs", year).value
        sets = set_table(engine, {row["kind"]: beginnings(row["codes"]) for row in rows})
        named = coded.join(in_sets(coded.select("code"), sets), [("code", "set_code")])
        kinds = named.select("stay_id", kind="set_name")
    else:
        kinds = _with_ccs(engine, coded, tables, "ccs_diagnoses").join(
            _excluded_categories(engine, tables, year), "category"
        )
    surgery = _on_stays(procedures, acute, stay_claims).semi_join(
        _column(engine, tables, "surgery_cohort", "code"), "code"
    )
    treated = kinds.filter(_.kind == "cancer").anti_join(surgery.select("stay_id").distinct(), "stay_id")
    others = kinds.filter(_.kind != "cancer")
    return stack([others, treated]).group_by(excluded_stay=_.stay_id).agg(excluded_kind=_.kind.max())


def _excluded_categories(engine: Engine, tables: CodeTables, year: int) -> Table:
    loaded = tables.get("excluded_diagnoses")
    if loaded is not None:
        kinds = [_kind(text) for text in loaded["kind"].to_pylist()]
        rows = pa.table({"category": loaded["category"], "kind": pa.array(kinds, pa.string())})
    else:
        pairs = [
            (category, kind)
            for kind in ("psychiatric", "rehabilitation", "cancer")
            for category in _listed(f"excluded_{kind}", year)
        ]
        rows = pa.table({"category": [one for one, _kind_of in pairs], "kind": [kind for _one, kind in pairs]})
    found = engine.from_arrow(rows).filter(_.kind != "").select("category", "kind")
    return found.group_by("category").agg(kind=_.kind.max())


def _kind(text: str) -> str:
    """psychiatric, rehabilitation or cancer, from words such as Medical Treatment of Cancer."""
    words = text.lower()
    return next((kind for kind in ("psychiatric", "rehabilitation", "cancer") if kind[:6] in words), "")


def _on_stays(procedures: Table, stays: Table, stay_claims: Table) -> Table:
    claims = stay_claims.semi_join(stays, "stay_id").select("stay_id", of_claim="claim_id")
    return procedures.join(claims, [("claim_id", "of_claim")]).select("stay_id", "code").distinct()


def _with_ccs(engine: Engine, coded: Table, tables: CodeTables, name: str) -> Table:
    """Rows with the single-level CCS `category` of their `code`; blank where the table has none."""
    known = _column(engine, tables, name, "code", "category").group_by(ccs_code=_.code).agg(category=_.category.max())
    joined = coded.left_join(known, [("code", "ccs_code")]).drop("ccs_code")
    return joined.mutate(category=coalesce(_.category, literal("")))


def _column(engine: Engine, tables: CodeTables, name: str, *columns: str) -> Table:
    """The distinct values of columns of a loaded table; no row where it is not loaded."""
    loaded = tables.get(name)
    if loaded is None:
        loaded = pa.table({column: pa.array([], pa.string()) for column in columns})
    return engine.checkpoint(engine.from_arrow(loaded.select(list(columns))).distinct())


def _listed(name: str, year: int) -> list[str]:
    """The CCS categories of a list, ranges counted up."""
    rows = parameter("groupers/planned_admissions", year).value
    text = next(row["codes"] for row in rows if row["list"] == name)
    found = []
    for item in listed(text):
        first, _dash, last = item.partition("-")
        found += [str(number) for number in range(int(first), int(last or first) + 1)]
    return found

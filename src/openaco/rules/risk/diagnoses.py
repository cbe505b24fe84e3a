"""From diagnoses to payment categories: mapping, edits, the heart patch, hierarchies (42 CFR 422.308(c))."""

from __future__ import annotations

from openaco.engine import BooleanValue, Table, Value, _, cases, coalesce, literal, null
from openaco.rules.risk.reference import ReferenceTables

COUNTS = "counts"
CODE_EDITOR = "age not accepted by the Medicare Code Editor"
AGE_EDIT = "age edit"
SEX_EDIT = "sex edit"


def mapped_diagnoses(people: Table, diagnoses: Table, reference: ReferenceTables) -> Table:
    """Every diagnosis that a model maps, and whether the person's age and sex let it count.

    people: cases with `case_id`, `number`, `segment`, `edit_age`, `sex`. diagnoses: `case_id`, `icd10cm` without dot.
    Grain: one case, one code, one category. Columns: `case_id`, `number`, `segment`, `icd10cm`, `hcc`, `outcome`
    (`counts`, or the edit that stops it). CMS macros V28I0ED, V24I0ED2; 42 CFR 422.308(c).
    """
    person = people.select("case_id", "number", "segment", "edit_age", person_sex="sex")
    joined = diagnoses.join(person, "case_id").join(reference.mapping, ["number", "icd10cm"])
    outcome = cases(
        (_outside(joined.edit_age, joined.mce_age_from, joined.mce_age_through), literal(CODE_EDITOR)),
        (_outside(joined.edit_age, joined.age_from, joined.age_through), literal(AGE_EDIT)),
        (coalesce(joined.sex != joined.person_sex, literal(False)), literal(SEX_EDIT)),
        else_=literal(COUNTS),
    )
    return joined.select("case_id", "number", "segment", "icd10cm", "hcc", outcome=outcome).distinct()


def payment_categories(mapped: Table, reference: ReferenceTables) -> Table:
    """The categories of each case and what became of them.

    mapped: from `mapped_diagnoses`. Grain: one case, one category. Columns: `case_id`, `number`, `segment`, `hcc`,
    `patched` (1: taken away before hierarchies, such as an assisted heart without heart failure), `dropped_by` (the
    category above it in a hierarchy), `stands` (1 where neither). Every category that the patch left drops its
    children, itself dropped or not. CMS macros V2823T2M lines 448-452, V28115H1.
    """
    present = mapped.filter(_.outcome == COUNTS).select("case_id", "number", "segment", "hcc").distinct()
    patched = _patched(present, reference).mutate(patched=literal(1))
    marked = present.left_join(patched, ["case_id", "hcc"]).drop("case_id_right", "hcc_right")
    left = marked.filter(_.patched.isnull())
    above = left.select("case_id", "number", parent="hcc").join(reference.hierarchy, ["number", "parent"])
    dropped = above.group_by("case_id", "child").agg(dropped_by=_.parent.min())
    joined = marked.left_join(dropped, [("case_id", "case_id"), ("hcc", "child")])
    return joined.select(
        "case_id",
        "number",
        "segment",
        "hcc",
        patched=coalesce(_.patched, 0),
        dropped_by=_.patched.isnull().ifelse(_.dropped_by, null("int64")),
        stands=(_.patched.isnull() & _.dropped_by.isnull()).ifelse(1, 0),
    )


def _patched(present: Table, reference: ReferenceTables) -> Table:
    """Categories that fall away because no companion is present: `case_id`, `hcc`."""
    concerned = present.join(reference.patch, ["number", "hcc"]).select("case_id", "hcc", "companion")
    companions = present.select("case_id", companion="hcc")
    accompanied = concerned.semi_join(companions, ["case_id", "companion"]).select("case_id", "hcc")
    return concerned.select("case_id", "hcc").distinct().anti_join(accompanied, ["case_id", "hcc"])


def category_factors(standing: Table, reference: ReferenceTables) -> Table:
    """The factor of each category that stands: `case_id`, `variable`, `factor`. 42 CFR 422.308(c)."""
    joined = standing.select("case_id", "number", "segment", "hcc").join(reference.hcc, ["number", "segment", "hcc"])
    return joined.select("case_id", "variable", "factor")


def interaction_factors(standing: Table, people: Table, reference: ReferenceTables) -> Table:
    """The factor of each interaction whose terms all hold: `case_id`, `variable`, `factor`.

    people: cases with the flags `disabled` (DISABL) and `not_aged` (NonAged). CMS macros V2422P2M, V2823T2M, E2118P1M.
    """
    terms = reference.interaction
    categories = standing.select("case_id", "number", "segment", "hcc")
    met = categories.join(terms.filter(terms.hcc.notnull()), ["number", "segment", "hcc"]).select(*_TERM)
    flags = terms.filter(terms.flag.notnull())
    for flag, column in {"DISABL": "disabled", "NonAged": "not_aged"}.items():
        having = people.filter(people[column] == 1).select("case_id", "number", "segment")
        met = met.union(having.join(flags.filter(flags.flag == flag), ["number", "segment"]).select(*_TERM))
    counted = met.group_by("case_id", "variable", "factor", "terms").agg(held=_.term.nunique())
    return counted.filter(_.held == _.terms).select("case_id", "variable", "factor")


_TERM = ("case_id", "variable", "factor", "terms", "term")


def _outside(age: Value, least: Value, most: Value) -> BooleanValue:
    return coalesce((age < least) | (age > most), literal(False))

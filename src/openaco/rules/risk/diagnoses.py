"""From diagnoses to payment categories: mapping, edits, the heart patch, hierarchies (42 CFR 422.308(c))."""

from __future__ import annotations

from openaco.engine import BooleanValue, Table, Value, _, cases, coalesce, literal
from openaco.rules.risk.reference import ReferenceTables

COUNTS, CODE_EDITOR, AGE_EDIT, SEX_EDIT = 0, 1, 2, 3
OUTCOMES = {
    COUNTS: "counts",
    CODE_EDITOR: "age not accepted by the Medicare Code Editor",
    AGE_EDIT: "age edit",
    SEX_EDIT: "sex edit",
}
"""What becomes of a diagnosis that a model maps. Numbers, because there are many diagnoses."""
MOST_TERMS = 3


def mapped_diagnoses(people: Table, diagnoses: Table, reference: ReferenceTables) -> Table:
    """Every diagnosis that a model maps, and whether the person's age and sex let it count.

    people: cases with `case_id`, `number`, `segment_id`, `edit_age`, `sex`. diagnoses: `case_id`, `icd10cm` without
    dot. Grain: one case, one code, one category. Columns: `case_id`, `number`, `segment_id`, `icd10cm`, `hcc`,
    `outcome` (see `OUTCOMES`). A diagnosis given twice stands here twice. CMS macros V28I0ED, V24I0ED2;
    42 CFR 422.308(c).
    """
    person = people.select("case_id", "segment_id", "edit_age", person_number="number", person_sex="sex")
    joined = diagnoses.join(reference.mapping, "icd10cm").join(person, "case_id")
    joined = joined.filter(joined.number == joined.person_number)
    outcome = cases(
        (_outside(joined.edit_age, joined.mce_age_from, joined.mce_age_through), literal(CODE_EDITOR)),
        (_outside(joined.edit_age, joined.age_from, joined.age_through), literal(AGE_EDIT)),
        (joined.sex != joined.person_sex, literal(SEX_EDIT)),
        else_=literal(COUNTS),
    )
    return joined.select("case_id", "number", "segment_id", "icd10cm", "hcc", outcome=outcome)


def payment_categories(mapped: Table, reference: ReferenceTables) -> Table:
    """The categories of each case and what became of them.

    mapped: from `mapped_diagnoses`. Grain: one case, one category. Columns: `case_id`, `segment_id`, `hcc`, `patched`
    (1: taken away before hierarchies, such as an assisted heart without heart failure), `dropped_by` (the category
    above it in a hierarchy), `stands` (1 where neither). Every category that the patch left drops its children, itself
    dropped or not. CMS macros V2823T2M lines 448-452, V28115H1; 42 CFR 422.308(c).
    """
    present = mapped.filter(_.outcome == COUNTS).select("case_id", "number", "segment_id", "hcc").distinct()
    patched = _patched(present, reference).mutate(patched=literal(1))
    marked = present.left_join(patched, ["case_id", "hcc"]).drop("case_id_right", "hcc_right")
    left = marked.filter(_.patched.isnull())
    below = left.select("case_id", "number", parent="hcc").join(reference.hierarchy, ["number", "parent"])
    met = left.select("case_id", child="hcc").join(below.select("case_id", "child", "parent"), ["case_id", "child"])
    dropped = met.group_by("case_id", "child").agg(dropped_by=_.parent.min())
    joined = marked.left_join(dropped, [("case_id", "case_id"), ("hcc", "child")])
    return joined.select(
        "case_id",
        "segment_id",
        "hcc",
        "dropped_by",
        patched=coalesce(_.patched, 0),
        stands=(_.patched.isnull() & _.dropped_by.isnull()).ifelse(1, 0),
    )


def _patched(present: Table, reference: ReferenceTables) -> Table:
    """Categories that fall away because no companion is present: `case_id`, `hcc`."""
    concerned = present.join(reference.patch, ["number", "hcc"]).select("case_id", "hcc", "companion")
    companions = present.select("case_id", companion="hcc")
    accompanied = concerned.semi_join(companions, ["case_id", "companion"]).select("case_id", "hcc")
    return concerned.select("case_id", "hcc").distinct().anti_join(accompanied, ["case_id", "hcc"])


def category_factors(standing: Table, reference: ReferenceTables) -> Table:
    """The factor of each category that stands: `case_id`, `variable_id`, `factor`. 42 CFR 422.308(c)."""
    joined = standing.select("case_id", "segment_id", "hcc").join(reference.hcc, ["segment_id", "hcc"])
    return joined.select("case_id", "variable_id", "factor")


def interaction_factors(standing: Table, people: Table, reference: ReferenceTables) -> Table:
    """The factor of each interaction whose terms all hold: `case_id`, `variable_id`, `factor`.

    people: cases with the flags `disabled` (DISABL) and `not_aged` (NonAged). CMS macros V2422P2M, V2823T2M, E2118P1M;
    42 CFR 422.308(c).
    """
    terms = reference.interaction
    categories = standing.select("case_id", "segment_id", "hcc")
    met = categories.join(terms.filter(terms.hcc.notnull()), ["segment_id", "hcc"]).select(*_TERM)
    flags = terms.filter(terms.flag.notnull())
    for flag, column in {"DISABL": "disabled", "NonAged": "not_aged"}.items():
        having = people.filter(people[column] == 1).select("case_id", "segment_id")
        met = met.union(having.join(flags.filter(flags.flag == flag), "segment_id").select(*_TERM))
    held = sum(coalesce(_.term.max(where=_.term == 2**place), 0) for place in range(MOST_TERMS))
    found = met.group_by("case_id", "variable_id").agg(held=held, terms=_.terms.max(), factor=_.factor.max())
    return found.filter(_.held == _.terms).select("case_id", "variable_id", "factor")


_TERM = ("case_id", "variable_id", "factor", "terms", "term")


def _outside(age: Value, least: Value, most: Value) -> BooleanValue:
    """Whether an age lies outside limits of which either may be missing."""
    return (age < least) | (age > most)

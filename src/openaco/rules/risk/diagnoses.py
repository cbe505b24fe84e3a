"""From diagnoses to payment categories: mapping, edits, the heart patch, hierarchies (42 CFR 422.308(c))."""

from __future__ import annotations

from openaco.engine import Table, _, cases, coalesce, ifelse, literal
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
    dot. Grain: one case, one code, one category. Columns: `case_id`, `segment_id`, `icd10cm`, `hcc`, `counts`,
    `outcome` (see `OUTCOMES`). A diagnosis given twice stands here twice. CMS macros V28I0ED, V24I0ED2;
    42 CFR 422.308(c).
    """
    person = people.select("case_id", "segment_id", "edit_age", person_number="number", person_sex="sex")
    joined = diagnoses.join(reference.mapping, "icd10cm").join(person, "case_id")
    joined = joined.filter(joined.number == joined.person_number)
    accepted = joined.edit_age.between(joined.mce_age_from, joined.mce_age_through)
    of_age = joined.edit_age.between(joined.age_from, joined.age_through)
    of_sex = (joined.sex == 0) | (joined.sex == joined.person_sex)
    outcome = cases(
        (~accepted, literal(CODE_EDITOR)),
        (~of_age, literal(AGE_EDIT)),
        (~of_sex, literal(SEX_EDIT)),
        else_=literal(COUNTS),
    )
    return joined.select("case_id", "segment_id", "icd10cm", "hcc", counts=accepted & of_age & of_sex, outcome=outcome)


def payment_categories(mapped: Table, reference: ReferenceTables) -> Table:
    """The categories of each case and what became of them.

    mapped: from `mapped_diagnoses`. Grain: one case, one category. Columns: `case_id`, `segment_id`, `hcc`, `patched`
    (1: taken away before hierarchies, such as an assisted heart without heart failure), `dropped_by` (the category
    above it in a hierarchy); it stands where neither is so. Every category that the patch left drops its children,
    itself dropped or not. CMS macros V2823T2M lines 448-452, V28115H1; 42 CFR 422.308(c).
    """
    present = mapped.filter(mapped.counts).select("case_id", "segment_id", "hcc").distinct()
    patched = _patched(present, reference).mutate(patched=literal(1))
    marked = present.left_join(patched, ["case_id", "hcc"]).drop("case_id_right", "hcc_right")
    left = marked.filter(_.patched.isnull())
    below = left.select("case_id", "segment_id", parent="hcc").join(reference.hierarchy, ["segment_id", "parent"])
    met = left.select("case_id", child="hcc").join(below.select("case_id", "child", "parent"), ["case_id", "child"])
    dropped = met.group_by("case_id", "child").agg(dropped_by=_.parent.min())
    joined = marked.left_join(dropped, [("case_id", "case_id"), ("hcc", "child")])
    return joined.select("case_id", "segment_id", "hcc", "patched", "dropped_by")


def standing(categories: Table) -> Table:
    """The categories that count: neither patched nor dropped. 42 CFR 422.308(c)."""
    return categories.filter(categories.patched.isnull() & categories.dropped_by.isnull())


def _patched(present: Table, reference: ReferenceTables) -> Table:
    """Categories that fall away because no companion is present: `case_id`, `hcc`."""
    concerned = present.join(reference.patch, ["segment_id", "hcc"]).select("case_id", "hcc", "companion")
    companions = present.select("case_id", companion="hcc")
    accompanied = concerned.semi_join(companions, ["case_id", "companion"]).select("case_id", "hcc")
    return concerned.select("case_id", "hcc").distinct().anti_join(accompanied, ["case_id", "hcc"])


def category_factors(stands: Table, reference: ReferenceTables) -> Table:
    """The factor of each category that stands: `case_id`, `variable_id`, `factor`. 42 CFR 422.308(c)."""
    joined = stands.select("case_id", "segment_id", "hcc").join(reference.hcc, ["segment_id", "hcc"])
    return joined.select("case_id", "variable_id", "factor")


def interaction_factors(stands: Table, people: Table, reference: ReferenceTables) -> Table:
    """The factor of each interaction whose terms all hold: `case_id`, `variable_id`, `factor`.

    people: cases with the flags `disabled` (DISABL) and `not_aged` (NonAged), the only flags that interact. CMS macros
    V2422P2M, V2823T2M, E2118P1M; 42 CFR 422.308(c).
    """
    terms = reference.interaction
    categories = stands.select("case_id", "segment_id", "hcc")
    met = categories.join(terms.filter(terms.hcc.notnull()), ["segment_id", "hcc"]).select(*_TERM)
    flagged = people.select("case_id", "segment_id", "disabled", "not_aged")
    flagged = flagged.join(terms.filter(terms.flag.notnull()), "segment_id")
    is_so = ifelse(flagged.flag == "DISABL", flagged.disabled, flagged.not_aged) == 1
    met = met.union(flagged.filter(is_so).select(*_TERM))
    held = sum(coalesce(_.term.max(where=_.term == 2**place), 0) for place in range(MOST_TERMS))
    found = met.group_by("case_id", "variable_id").agg(held=held, terms=_.terms.max(), factor=_.factor.max())
    return found.filter(_.held == _.terms).select("case_id", "variable_id", "factor")


_TERM = ("case_id", "variable_id", "factor", "terms", "term")

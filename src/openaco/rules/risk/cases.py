"""The people to score: one case is one person in one segment of one model and payment year (42 CFR 422.308(c))."""

from __future__ import annotations

import pyarrow as pa

from openaco.engine import BooleanValue, Table, Value, _, coalesce, ifelse, literal, row_number
from openaco.rules.risk.reference import ReferenceTables

CASE = pa.schema(
    [
        ("case_id", pa.int64()),
        ("number", pa.int64()),
        ("segment", pa.string()),
        ("age", pa.int64()),
        ("edit_age", pa.int64()),
        ("sex", pa.int64()),
        ("orec", pa.string()),
        ("dual", pa.string()),
        ("medicaid", pa.int64()),
        ("new_enrollee", pa.int64()),
        ("special_needs_plan", pa.int64()),
        ("long_term_institutional", pa.int64()),
        ("low_income", pa.int64()),
        ("esrd", pa.int64()),
        ("kidney_status", pa.string()),
        ("graft_months", pa.int64()),
    ]
)
"""Columns of a case. number: `ModelYear.number`. segment: as given, or null to be found. age: as of the first of
February of the payment year; edit_age: the age that edits of diagnoses look at. sex: 1 male, 2 female. orec: original
reason for entitlement, 0 to 3. dual: none, partial or full. kidney_status: dialysis or graft. Flags: 1 yes, 0 no."""

AGED = 65


def with_segments(cases: Table, reference: ReferenceTables) -> Table:
    """The cases, each with its segment: the given one, or the one whose conditions the person meets; null if none.

    A flag that a given segment implies (institutional, new enrollee, full or partial dual) is filled in where it was
    not stated. CMS macro V2422P2M (score variables); 42 CFR 422.308(c).
    """
    segment = reference.segment.rename(
        {f"segment_{name}": name for name in reference.segment.columns if name != "number"}
    )
    joined = cases.join(segment, "number")
    fits = [
        *[joined[f"segment_{name}"].isnull() | (joined[f"segment_{name}"] == joined[name]) for name in _FLAGS],
        _dual_fits(joined.segment_dual, joined.dual),
        _between(joined.age, joined.segment_age_from, joined.segment_age_through),
        _between(joined.graft_months, joined.segment_graft_from, joined.segment_graft_through),
    ]
    own = literal(True)
    for condition in fits:
        own = own & coalesce(condition, literal(False))
    chosen = joined.filter((joined.segment == joined.segment_segment) | (joined.segment.isnull() & own))
    first = chosen.mutate(place=row_number().over(group_by="case_id", order_by="segment_segment")).filter(_.place == 0)
    found = first.select(
        found_case="case_id",
        found_segment="segment_segment",
        implied_dual="segment_dual",
        implied_institutional="segment_long_term_institutional",
        implied_new="segment_new_enrollee",
        originally_disabled_from="segment_originally_disabled_from",
    )
    placed = cases.left_join(found, [("case_id", "found_case")])
    implied_dual = ifelse(placed.implied_dual == "not_full", literal("none"), placed.implied_dual)
    return placed.mutate(
        segment=placed.found_segment,
        dual=coalesce(placed.dual, implied_dual),
        medicaid=coalesce(placed.medicaid, ifelse(implied_dual.isin(["partial", "full"]), 1, 0)),
        long_term_institutional=coalesce(placed.long_term_institutional, placed.implied_institutional, 0),
        new_enrollee=coalesce(placed.new_enrollee, placed.implied_new, 0),
    ).drop("found_case", "found_segment", "implied_dual", "implied_institutional", "implied_new")


def with_flags(cases: Table) -> Table:
    """The cases with what the models derive: disabled, originally disabled or ESRD, the age of a new enrollee.

    Disabled is below 65 with a reason other than age; originally disabled is reason 1 alone (not 3), once no longer
    disabled. A new enrollee of 64 whose reason is age counts as 65. CMS macros AGESEXV2, E2118P1M.
    """
    orec = coalesce(cases.orec, "")
    disabled = (cases.age < AGED) & (orec != "0")
    new_enrollee_age = ifelse((cases.age == AGED - 1) & (orec == "0"), AGED, cases.age)
    was_disabled = (orec == "1") & (new_enrollee_age >= cases.originally_disabled_from)
    return cases.mutate(
        disabled=_one(disabled),
        originally_disabled=_one((orec == "1") & ~disabled),
        originally_esrd=_one(orec.isin(["2", "3"])),
        not_aged=_one(cases.age < AGED),
        new_enrollee_age=new_enrollee_age,
        new_enrollee_originally_disabled=_one(was_disabled),
        esrd=coalesce(cases.esrd, 0),
    )


def demographic_factors(cases: Table, reference: ReferenceTables) -> Table:
    """What counts for what a person is: `case_id`, `variable`, `factor`, `cell` (1 for the age and sex cell).

    cases: from `with_flags`. CMS macros AGESEXV2, V2422P2M, E2118P1M.
    """
    rule = reference.demographic.rename(
        {f"if_{name}": name for name in reference.demographic.columns if name not in ("number", "segment")}
    )
    person = cases.select("case_id", "number", "segment", "age", "new_enrollee_age", "dual", "graft_months", *_ASKED)
    joined = person.join(rule, ["number", "segment"])
    age = ifelse(joined.if_age_basis == "new_enrollee_age", joined.new_enrollee_age, joined.age)
    holds = age.between(joined.if_age_from, joined.if_age_through)
    for name in _ASKED:
        holds = holds & (joined[f"if_{name}"].isnull() | (joined[f"if_{name}"] == joined[name]))
    holds = holds & _dual_fits(joined.if_dual, joined.dual)
    holds = holds & _between(joined.graft_months, joined.if_graft_from, joined.if_graft_through)
    met = joined.filter(coalesce(holds, literal(False)))
    return met.select("case_id", variable="if_variable", factor="if_factor", cell="if_cell")


def count_factors(categories: Table, reference: ReferenceTables) -> Table:
    """What counts for the number of payment categories that stand: `case_id`, `variable`, `factor`.

    categories: those that stand, with `number` and `segment`. CMS macro V2422P2M (D1-D9, D10P).
    """
    counted = categories.group_by("case_id", "number", "segment").agg(categories=_.count())
    joined = counted.join(reference.count, ["number", "segment"])
    reached = joined.filter(joined.categories.between(joined.count_from, joined.count_through))
    return reached.select("case_id", "variable", "factor")


def divisors(cases: Table, reference: ReferenceTables) -> Table:
    """What the factors of a case are divided by, where the model divides: `case_id`, `divisor`.

    New enrollees with a functioning graft, ESRD V24: CMS coefficient file D2423T2M (ActAdj).
    """
    joined = cases.select("case_id", "number", "segment", "graft_months").join(reference.divisor, ["number", "segment"])
    concerned = joined.filter(joined.graft_months.between(joined.graft_from, joined.graft_through))
    return concerned.select("case_id", "divisor")


_FLAGS = ("new_enrollee", "special_needs_plan", "long_term_institutional", "low_income", "kidney_status")
_ASKED = (
    "sex",
    "disabled",
    "originally_disabled",
    "originally_esrd",
    "medicaid",
    "esrd",
    "long_term_institutional",
    "new_enrollee_originally_disabled",
)


def _one(condition: BooleanValue) -> Value:
    return ifelse(coalesce(condition, literal(False)), 1, 0)


def _between(value: Value, least: Value, most: Value) -> BooleanValue:
    """Whether a value lies in a span of which either end may be open; a span without ends asks nothing."""
    return (least.isnull() | (value >= least)) & (most.isnull() | (value <= most))


def _dual_fits(asked: Value, dual: Value) -> BooleanValue:
    return asked.isnull() | (asked == dual) | ((asked == "not_full") & (dual != "full"))

"""The people to score: one case is one person in one segment of one model and payment year (42 CFR 422.308(c)).

Many people look alike to the models: same age, sex, entitlement, status. They share a profile, and segments, flags
and demographic factors are found once for each profile.
"""

from __future__ import annotations

import pyarrow as pa

from openaco.engine import BooleanValue, Table, Value, _, coalesce, ifelse, least, literal, row_number
from openaco.rules.risk.reference import OLDEST, ReferenceTables

CASE = pa.schema(
    [
        ("case_id", pa.int64()),
        ("edit_age", pa.int64()),
        ("number", pa.int64()),
        ("segment", pa.string()),
        ("age", pa.int64()),
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

PROFILE = tuple(name for name in CASE.names if name not in ("case_id", "edit_age"))
AGED = 65
NOT_STATED = -1


def profiles(cases: Table) -> Table:
    """Every profile once, with a `profile_id`; what is not stated is -1 or an empty text. 42 CFR 422.308(c)."""
    order = ["number", "segment", "age", "sex"]
    return cases.select(**_stated(cases)).distinct().mutate(profile_id=row_number().over(order_by=order))


def with_profile(cases: Table, described: Table) -> Table:
    """The cases that have a segment, with what their profile says and diagnoses need. 42 CFR 422.308(c).

    Columns: `case_id`, `edit_age`, `profile_id`, `number`, `segment_id`, `sex`, `disabled`, `not_aged`. described: from
    `with_flags`.
    """
    stated = cases.select("case_id", "edit_age", **_stated(cases))
    joined = stated.join(described.select(*PROFILE, "profile_id", "segment_id", "disabled", "not_aged"), list(PROFILE))
    return joined.select("case_id", "edit_age", "profile_id", "number", "segment_id", "sex", "disabled", "not_aged")


def with_segments(profiles: Table, reference: ReferenceTables) -> Table:
    """The profiles that have a segment, with `segment_id`: the given one, or the one whose conditions are met.

    What a given segment implies (institutional, new enrollee, full or partial dual) holds where it was not stated:
    `own_dual`, `own_medicaid`, `own_institutional`, `own_new_enrollee`. The conditions of a model's segments exclude
    one another. CMS macro V2422P2M (score variables); 42 CFR 422.308(c).
    """
    joined = profiles.join(reference.segment, "number")
    fits = _dual_fits(joined.its_dual, joined.dual)
    for name in _FLAGS:
        fits = fits & (joined[f"its_{name}"].isnull() | (joined[f"its_{name}"] == joined[name]))
    fits = fits & _between(joined.age, joined.its_age_from, joined.its_age_through)
    fits = fits & _between(joined.graft_months, joined.its_graft_from, joined.its_graft_through)
    chosen = joined.filter((joined.segment == joined.its_segment) | ((joined.segment == "") & fits))
    implied_dual = ifelse(chosen.its_dual == "not_full", literal("none"), coalesce(chosen.its_dual, ""))
    dual = ifelse(chosen.dual == "", implied_dual, chosen.dual)
    institutional = coalesce(chosen.its_long_term_institutional, 0)
    return chosen.select(
        *profiles.columns,
        "segment_id",
        "its_originally_disabled_from",
        own_dual=dual,
        own_medicaid=_or_else(chosen.medicaid, ifelse(dual.isin(["partial", "full"]), 1, 0)),
        own_institutional=_or_else(chosen.long_term_institutional, institutional),
        own_new_enrollee=_or_else(chosen.new_enrollee, coalesce(chosen.its_new_enrollee, 0)),
    )


def with_flags(profiles: Table) -> Table:
    """The profiles with what the models derive: disabled, originally disabled or ESRD, the age that cells look at.

    Disabled is below 65 with a reason other than age; originally disabled is reason 1 alone (not 3), once no longer
    disabled. A new enrollee of 64 whose reason is age counts as 65. CMS macros AGESEXV2, E2118P1M; 42 CFR 422.308(c).
    """
    age, orec = profiles.age, profiles.orec
    disabled = (age < AGED) & (orec != "0")
    turns_aged = (profiles.own_new_enrollee == 1) & (age == AGED - 1) & (orec == "0")
    cell_age = ifelse(turns_aged, AGED, least(age, literal(OLDEST)))
    was_disabled = (orec == "1") & (cell_age >= profiles.its_originally_disabled_from)
    return profiles.mutate(
        cell_age=cell_age,
        disabled=_one(disabled),
        not_aged=_one(age < AGED),
        originally_disabled=_one((orec == "1") & ~disabled),
        originally_esrd=_one(orec.isin(["2", "3"])),
        new_enrollee_originally_disabled=_one(was_disabled),
        own_esrd=_or_else(profiles.esrd, literal(0)),
    )


def demographic_factors(profiles: Table, reference: ReferenceTables) -> Table:
    """What counts for what a person is: `profile_id`, `variable_id`, `factor`.

    profiles: from `with_flags`. CMS macros AGESEXV2, V2422P2M, E2118P1M; 42 CFR 422.308(c).
    """
    joined = profiles.join(reference.demographic, ["segment_id", "cell_age", "sex"])
    holds = _dual_fits(joined.if_dual, joined.own_dual)
    for asked, own in _ASKED.items():
        holds = holds & (joined[f"if_{asked}"].isnull() | (joined[f"if_{asked}"] == joined[own]))
    holds = holds & _between(joined.graft_months, joined.if_graft_from, joined.if_graft_through)
    return joined.filter(holds).select("profile_id", "variable_id", "factor")


def count_factors(stands: Table, reference: ReferenceTables) -> Table:
    """What counts for the number of payment categories that stand: `case_id`, `variable_id`, `factor`.

    CMS macro V2422P2M (D1-D9, D10P); 42 CFR 422.308(c).
    """
    counted = stands.group_by("case_id", "segment_id").agg(categories=_.count())
    joined = counted.join(reference.count, ["segment_id", "categories"])
    return joined.select("case_id", "variable_id", "factor")


def divisors(profiles: Table, reference: ReferenceTables) -> Table:
    """What the factors of a profile are divided by, where the model divides: `profile_id`, `divisor`.

    New enrollees with a functioning graft, ESRD V24: CMS coefficient file D2423T2M (ActAdj); 42 CFR 422.308(c).
    """
    joined = profiles.select("profile_id", "segment_id", "graft_months").join(reference.divisor, "segment_id")
    concerned = joined.filter(joined.graft_months.between(joined.graft_from, joined.graft_through))
    return concerned.select("profile_id", "divisor")


_FLAGS = ("new_enrollee", "special_needs_plan", "long_term_institutional", "low_income", "kidney_status")
_ASKED = {
    "disabled": "disabled",
    "originally_disabled": "originally_disabled",
    "originally_esrd": "originally_esrd",
    "medicaid": "own_medicaid",
    "esrd": "own_esrd",
    "long_term_institutional": "own_institutional",
    "new_enrollee_originally_disabled": "new_enrollee_originally_disabled",
}


def _stated(cases: Table) -> dict[str, Value]:
    """What the models know of a person, without nulls, so that profiles can be joined."""
    blank = {name: "" if pa.types.is_string(CASE.field(name).type) else NOT_STATED for name in PROFILE}
    return {name: coalesce(cases[name], literal(value)) for name, value in blank.items()}


def _or_else(value: Value, other: Value) -> Value:
    return ifelse(value == NOT_STATED, other, value)


def _one(condition: BooleanValue) -> Value:
    return ifelse(condition, 1, 0)


def _between(value: Value, lowest: Value, highest: Value) -> BooleanValue:
    """Whether a value lies in a span of which either end may be open; what is not stated lies in no span with ends."""
    stated = value != NOT_STATED
    return (lowest.isnull() | (stated & (value >= lowest))) & (highest.isnull() | (stated & (value <= highest)))


def _dual_fits(asked: Value, dual: Value) -> BooleanValue:
    return asked.isnull() | (asked == dual) | ((asked == "not_full") & dual.isin(["none", "partial"]))

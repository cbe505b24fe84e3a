"""Readmission within 30 days of an index stay: hospital-wide, all causes, unplanned (CMS measure 479; 42 CFR 425.500).

Observed readmissions only: the measure's risk-standardized rate asks for CMS's national models.
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import (
    BooleanValue,
    Checkpoint,
    Table,
    _,
    cases,
    coalesce,
    date_from_days,
    greatest,
    ifelse,
    lazily,
    least,
    literal,
    pick_first,
)
from openaco.parameters import parameter
from openaco.rules.enrollment import in_year, month_number
from openaco.rules.groupers.codes import whole
from openaco.rules.groupers.prevention import age_on
from openaco.rules.groupers.stays import ACUTE

TRANSFERRED_OUT = "transferred to another hospital"
STILL_PATIENT, DIED, AGAINST_ADVICE = "still a patient", "died", "left against advice"
NO_BIRTH_DATE, TOO_YOUNG = "birth date not known", "younger than the measure's age"
CANCER_HOSPITAL = "cancer hospital"
NOT_ENROLLED_BEFORE, NOT_ENROLLED_AFTER = "not enrolled the months before", "not enrolled the days after"
NOT_YET_KNOWN = "claims end before the days after"


def readmissions(
    stays: Table,
    planned: Table,
    excluded: Table,
    people: Table,
    year: int,
    *,
    person_months: Table | None = None,
    claims_end: datetime.date | None = None,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """Acute stays that end in a year, whether they are index admissions, and what followed. Grain: one facility stay.

    Columns: `person_id`, `stay_id`, `admission_id`, `ccn`, `admission_date`, `discharge_date`, `age` at admission,
    `is_index`, `reason` (why not; blank for an index admission), `next_admission_id`, `next_date`, `days`,
    `next_planned`, `planned_basis`, `returned` (any acute admission within 30 days), `readmitted` (the first one was
    not planned). A transfer's admission is its last hospital's. stays: from `with_admissions`; planned: from
    `planned_admissions`; excluded: from `excluded_discharges`. person_months: enrollment; without it enrollment is not
    looked at. claims_end: last day that claims are known for. CMS measure 479.
    """
    rule = parameter("groupers/readmissions", year).value
    ended = stays.filter(_.kind == ACUTE, in_year(_.end_date, year))
    known = people.select(known_person="person_id", birth="birth_date", death="death_date")
    index = ended.left_join(known, [("person_id", "known_person")])
    index = index.left_join(excluded, [("stay_id", "excluded_stay")])
    index = index.mutate(age=age_on(_.birth, _.start_date).cast("int64"))
    index = _with_enrollment(checkpoint(index), person_months, rule)
    reason = _reason(rule, claims_end)
    judged = index.mutate(reason=reason)
    followed = judged.left_join(checkpoint(_next(judged, stays, planned, rule["days"])), [("stay_id", "index_stay")])
    returned = _.next_admission_id.notnull()
    return checkpoint(
        followed.select(
            "person_id",
            "stay_id",
            "admission_id",
            "ccn",
            "age",
            "reason",
            "next_admission_id",
            "next_date",
            "days",
            "next_planned",
            "planned_basis",
            admission_date=_.start_date,
            discharge_date=_.end_date,
            is_index=_.reason == "",
            returned=returned,
            readmitted=returned & ~coalesce(_.next_planned, literal(False)),
        )
    )


def readmission_rate(found: Table) -> Table:
    """Index admissions, readmissions and their share, observed: one row. CMS measure 479."""
    index = found.filter(_.is_index)
    sums = index.aggregate(
        index_admissions=_.count(),
        readmissions=whole(ifelse(_.readmitted, 1, 0).sum()),
        all_returns=whole(ifelse(_.returned, 1, 0).sum()),
    )
    share = _.readmissions.cast("float64") / _.index_admissions.nullif(0)
    return sums.mutate(readmissions=coalesce(_.readmissions, 0), all_returns=coalesce(_.all_returns, 0), rate=share)


def _next(index: Table, stays: Table, planned: Table, days: int) -> Table:
    """The first acute admission from the day of discharge on, within so many days."""
    begun = stays.filter(_.kind == ACUTE, _.is_first).select(
        next_person="person_id", next_admission_id="admission_id", next_date="start_date", next_end="end_date"
    )
    left = index.select("person_id", "admission_id", index_stay=_.stay_id, left=_.end_date.epoch_days())
    begun = begun.mutate(opened=_.next_date.epoch_days())
    pairs = left.join(
        begun,
        [left.person_id == begun.next_person, begun.opened >= left.left, begun.opened <= left.left + days],
    )
    others = pairs.filter(pairs.next_admission_id != pairs.admission_id).mutate(days=_.opened - _.left)
    first = pick_first(others, "index_stay", [_.opened, _.next_end, _.next_admission_id])
    marked = first.left_join(planned, [("next_admission_id", "planned_id")])
    return marked.select(
        "index_stay", "next_admission_id", "next_date", "days", "planned_basis", next_planned=_.planned
    )


def _reason(rule: dict[str, Any], claims_end: datetime.date | None) -> Any:
    """Why a stay is no index admission: the first reason in the order of the measure."""
    too_late: BooleanValue = literal(False)
    if claims_end is not None:
        too_late = _.end_date.epoch_days() + rule["days"] > (claims_end - datetime.date(1970, 1, 1)).days
    return cases(
        (_.still_patient, literal(STILL_PATIENT)),
        (_.died, literal(DIED)),
        (~_.is_last, literal(TRANSFERRED_OUT)),
        (_.against_advice, literal(AGAINST_ADVICE)),
        (_.birth.isnull(), literal(NO_BIRTH_DATE)),
        (_.age < rule["age"], literal(TOO_YOUNG)),
        (_.ccn.isin(rule["cancer_hospitals"]), literal(CANCER_HOSPITAL)),
        (_.excluded_kind.notnull(), _.excluded_kind),
        (~_.enrolled_before, literal(NOT_ENROLLED_BEFORE)),
        (too_late, literal(NOT_YET_KNOWN)),
        (~_.enrolled_after, literal(NOT_ENROLLED_AFTER)),
        else_=literal(""),
    )


def _with_enrollment(index: Table, person_months: Table | None, rule: dict[str, Any]) -> Table:
    """`enrolled_before` and `enrolled_after`: Part A without a health plan in every month that the rule asks for.

    Months after the last that anybody's enrollment is known for are not asked for.
    """
    if person_months is None:
        return index.mutate(enrolled_before=literal(True), enrolled_after=literal(True))
    months = person_months.filter(
        coalesce(_.has_part_a, literal(False)), ~coalesce(_.in_group_health_plan, literal(False))
    ).select(enrolled_person="person_id", number=month_number(_.month))
    after = (_.end_date.epoch_days() + rule["days"]).cast("int64")
    dead = coalesce(_.death.epoch_days(), after)
    spans = index.select(
        "person_id",
        spanned="stay_id",
        begins=month_number(_.start_date),
        needed=_month_of_days(least(after, dead)),
    )
    known = months.aggregate(known=_.number.max())
    spans = spans.cross_join(known).mutate(last=greatest(least(_.needed, _.known), _.begins)).drop("needed", "known")
    pairs = spans.join(
        months,
        [
            spans.person_id == months.enrolled_person,
            months.number >= spans.begins - rule["months_before"],
            months.number <= spans.last,
        ],
    ).distinct()
    counted = pairs.group_by("spanned", "begins", "last").agg(
        before=ifelse(_.number < _.begins, 1, 0).sum(), since=ifelse(_.number >= _.begins, 1, 0).sum()
    )
    counted = counted.select(
        "spanned",
        has_before=_.before >= rule["months_before"],
        has_after=_.since >= _.last - _.begins + 1,
    )
    joined = index.left_join(counted, [("stay_id", "spanned")])
    return joined.mutate(
        enrolled_before=coalesce(_.has_before, literal(False)), enrolled_after=coalesce(_.has_after, literal(False))
    ).drop("spanned", "has_before", "has_after")


def _month_of_days(days: Any) -> Any:
    return month_number(date_from_days(days))

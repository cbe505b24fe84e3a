"""Measure 484: unplanned admissions per 100 person-years of people with multiple chronic conditions (CMS measure 484).

A person is at risk on the days of the year on which they live at home or elsewhere outside hospitals and nursing
facilities, do not yet belong to the ten days after such a stay, and have not elected hospice.
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import (
    BooleanValue,
    Engine,
    Table,
    Value,
    _,
    cases,
    coalesce,
    greatest,
    ifelse,
    least,
    literal,
    null,
)
from openaco.parameters import parameter
from openaco.rules.enrollment import month_number
from openaco.rules.groupers import Groupers
from openaco.rules.groupers.code_sets import beginnings, in_sets, set_table
from openaco.rules.groupers.stays import ACUTE

MEASURE = "484"
NOT_ENROLLED, NO_TIME, IN_HOSPICE = (
    "not enrolled in Part A and Part B the year before",
    "never at risk in the year",
    "in hospice when the year began",
)
_NEVER = 4_000_000


def exposures(engine: Engine, found: Groupers, people: Table, person_months: Table | None = None) -> Table:
    """`MeasureExposure` rows without `expected`: person-years at risk and counted admissions of the cohort.

    people: `person_id`, `death_date`. person_months: enrollment; without it nobody is excluded for it.
    """
    rule = _rule(found.year)
    spans = engine.checkpoint(_spans(found, people, person_months, rule))
    away = engine.checkpoint(_away(found, spans, rule))
    lost = away.group_by(lost_person=_.person_id).agg(lost_days=_.new_days.sum())
    counted = episodes(engine, found, people, person_months).filter(_.outcome)
    counted = counted.group_by(admitted=_.person_id).agg(outcomes=_.count())
    joined = spans.left_join(lost, [("person_id", "lost_person")]).left_join(counted, [("person_id", "admitted")])
    whole = (_.last - _.first + 1).cast("float64")
    days = greatest(whole - coalesce(_.lost_days, literal(0)), literal(0))
    length = (datetime.date(found.year + 1, 1, 1) - datetime.date(found.year, 1, 1)).days
    counts = _.exclusion == ""
    judged = joined.mutate(exclusion=ifelse(counts & (days <= 0), literal(NO_TIME), _.exclusion), at_risk=days)
    return engine.checkpoint(
        judged.select(
            "person_id",
            measure=literal(MEASURE),
            performance_year=literal(found.year).cast("int64"),
            exposure=ifelse(_.exclusion == "", _.at_risk.cast("float64") / length, literal(0).cast("float64")),
            outcomes=ifelse(_.exclusion == "", coalesce(_.outcomes, 0), 0).cast("int64"),
            exclusion=ifelse(_.exclusion == "", null("string"), _.exclusion),
        )
    )


def episodes(engine: Engine, found: Groupers, people: Table, person_months: Table | None = None) -> Table:
    """`MeasureEpisode` rows: every acute admission of the cohort that begins in the year."""
    rule = _rule(found.year)
    spans = engine.checkpoint(_spans(found, people, person_months, rule))
    admissions = found.admissions.filter(_.kind == ACUTE, _.start_date.year() == found.year)
    joined = admissions.join(spans, "person_id").mutate(opened=_.start_date.epoch_days())
    codes = joined.select(code=_.principal_diagnosis_code)
    injuries = in_sets(codes, set_table(engine, {"not_counted": beginnings(rule["not_counted"])}))
    joined = joined.left_join(injuries.select("set_code"), [("principal_diagnosis_code", "set_code")])
    joined = joined.left_join(found.planned, [("admission_id", "planned_id")])
    stays = _intervals(found, rule).select(
        away_person=_.person_id,
        away_admission=_.admission_id,
        away_kind=_.kind,
        began=_.began,
        over=_.over,
        left=_.left,
    )
    before = joined.join(
        stays,
        [joined.person_id == stays.away_person, stays.began < joined.opened, stays.over >= joined.opened],
    )
    before = before.filter(before.away_admission != before.admission_id)
    near = before.group_by(near_id=_.admission_id).agg(inside=ifelse(_.left >= _.opened, 1, 0).max())
    joined = engine.checkpoint(joined.left_join(near, [("admission_id", "near_id")]))
    at_risk = (_.exclusion == "") & _.opened.between(_.first, _.last) & _.near_id.isnull()
    planned = coalesce(_.planned, literal(False))
    counted = at_risk & ~planned & _.set_code.isnull()
    return engine.checkpoint(
        joined.select(
            "person_id",
            measure=literal(MEASURE),
            performance_year=literal(found.year).cast("int64"),
            episode_id=_.admission_id,
            facility_ccn=_.first_ccn,
            start_date=_.start_date,
            end_date=_.end_date,
            counts=at_risk,
            outcome=counted,
            reason=_reason(at_risk, planned),
            next_id=null("string"),
            next_date=null("date"),
            planned_basis=_.planned_basis,
        )
    )


def _reason(at_risk: BooleanValue, planned: BooleanValue) -> Value:
    return cases(
        (_.exclusion != "", "not in the cohort: " + _.exclusion),
        (_.opened < _.first, literal("before the person was at risk")),
        (_.opened > _.last, literal("after hospice was elected, enrollment ended or the year was over")),
        (coalesce(_.inside, 0) == 1, literal("from another stay")),
        (_.near_id.notnull(), literal("within 10 days of a discharge")),
        (planned, "planned (by " + coalesce(_.planned_basis, literal("")) + ")"),
        (_.set_code.notnull(), literal("injury or complication of care")),
        else_=literal("unplanned admission"),
    )


def _rule(year: int) -> dict[str, Any]:
    found: dict[str, Any] = parameter("measures/chronic_admissions", year).value
    return found


def _spans(found: Groupers, people: Table, person_months: Table | None, rule: dict[str, Any]) -> Table:
    """The cohort with `first` and `last` day (days since 1970) on which they can be at risk, and `exclusion`."""
    begins, ends = _day(datetime.date(found.year, 1, 1)), _day(datetime.date(found.year, 12, 31))
    deaths = people.select(dead="person_id", died=_.death_date.epoch_days())
    hospice = found.facility_stays.filter(_.kind == rule["hospice"])
    hospice = hospice.group_by(elected=_.person_id).agg(
        elected_on=_.start_date.epoch_days().min(where=_.end_date.year() >= found.year)
    )
    rows = found.multiple_chronic.select("person_id")
    rows = rows.left_join(deaths, [("person_id", "dead")]).left_join(hospice, [("person_id", "elected")])
    rows = _with_enrollment(rows, found.year, person_months, rule["months_before"])
    last = least(literal(ends), coalesce(_.died, _NEVER), coalesce(_.elected_on - 1, _NEVER), _.enrolled_last)
    return rows.select(
        "person_id",
        first=literal(begins),
        last=last,
        exclusion=cases(
            (~_.enrolled_before, literal(NOT_ENROLLED)),
            (coalesce(_.elected_on <= begins, literal(False)), literal(IN_HOSPICE)),
            (last < begins, literal(NO_TIME)),
            else_=literal(""),
        ),
    )


def _with_enrollment(rows: Table, year: int, person_months: Table | None, needed: int) -> Table:
    """`enrolled_before`: Part A and Part B without a health plan in all months asked for; `enrolled_last`: the last day
    of the unbroken months of the year."""
    if person_months is None:
        return rows.mutate(enrolled_before=literal(True), enrolled_last=literal(_NEVER))
    january = year * 12 + 1
    covered = person_months.filter(
        coalesce(_.has_part_a, literal(False)),
        coalesce(_.has_part_b, literal(False)),
        ~coalesce(_.in_group_health_plan, literal(False)),
    ).select(covered="person_id", number=month_number(_.month))
    before = covered.filter(_.number.between(january - needed, january - 1))
    before = before.group_by(was_covered=_.covered).agg(months=_.number.nunique())
    ordered = covered.filter(_.number.between(january, january + 11))
    held = ordered.group_by(is_covered=_.covered).agg(
        **{f"month_{at}": (ifelse(_.number == january + at, 1, 0).max() == 1) for at in range(12)}
    )
    joined = rows.left_join(before, [("person_id", "was_covered")]).left_join(held, [("person_id", "is_covered")])
    breaks = [
        (~coalesce(_[f"month_{at}"], literal(False)), literal(_day(datetime.date(year, at + 1, 1)) - 1))
        for at in range(12)
    ]
    return joined.mutate(
        enrolled_before=coalesce(_.months >= needed, literal(False)),
        enrolled_last=cases(*breaks, else_=literal(_NEVER)),
    ).drop("was_covered", "months", "is_covered", *[f"month_{at}" for at in range(12)])


def _intervals(found: Groupers, rule: dict[str, Any]) -> Table:
    """Days away: `began`, `left` (last day of the stay), `over` (last of the days after it), as days since 1970."""
    stays = found.facility_stays.filter(_.kind.isin(rule["away"]))
    return stays.select(
        "person_id",
        "admission_id",
        "kind",
        began=_.start_date.epoch_days(),
        left=_.end_date.epoch_days(),
        over=_.end_date.epoch_days() + rule["days_after"],
    )


def _away(found: Groupers, spans: Table, rule: dict[str, Any]) -> Table:
    """The stays of people of the cohort with the days of the span that each takes and no earlier one took."""
    joined = _intervals(found, rule).join(spans.select("person_id", "first", "last"), "person_id")
    clipped = joined.mutate(begin=greatest(_.began, _.first), end=least(_.over, _.last))
    clipped = clipped.filter(_.begin <= _.end)
    order = [_.begin, _.end, _.admission_id]
    seen = clipped.mutate(furthest=_.end.max().over(group_by="person_id", order_by=order, rows=(None, -1)))
    fresh = greatest(literal(0), _.end - greatest(_.begin, coalesce(_.furthest, _.begin - 1) + 1) + 1)
    return seen.select("person_id", new_days=fresh)


def _day(date: datetime.date) -> int:
    return (date - datetime.date(1970, 1, 1)).days

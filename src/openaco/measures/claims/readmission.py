"""Measure 479: of the index admissions of a year, those followed by an unplanned readmission (CMS measure 479)."""

from __future__ import annotations

from openaco.engine import Table, Value, _, cases, coalesce, ifelse, literal, null
from openaco.rules.groupers import Groupers

MEASURE = "479"


def episodes(found: Groupers) -> Table:
    """`MeasureEpisode` rows: every acute stay that ends in the year."""
    rows = found.readmissions
    return rows.select(
        "person_id",
        measure=literal(MEASURE),
        performance_year=literal(found.year).cast("int64"),
        episode_id=_.stay_id,
        facility_ccn=_.ccn,
        start_date=_.admission_date,
        end_date=_.discharge_date,
        counts=_.is_index,
        outcome=_.is_index & _.readmitted,
        reason=_reason(),
        next_id=ifelse(_.is_index, _.next_admission_id, null("string")),
        next_date=ifelse(_.is_index, _.next_date, null("date")),
        planned_basis=ifelse(_.is_index, _.planned_basis, null("string")),
    )


def exposures(episodes_of_year: Table, year: int) -> Table:
    """`MeasureExposure` rows without `expected`: index admissions and readmissions of each person who had a stay."""
    sums = episodes_of_year.group_by("person_id").agg(
        exposure=_.count(where=_.counts).cast("float64"), outcomes=_.count(where=_.outcome)
    )
    return sums.mutate(measure=literal(MEASURE), performance_year=literal(year).cast("int64"))


def _reason() -> Value:
    days = coalesce(_.days.cast("string"), literal(""))
    planned = coalesce(_.next_planned, literal(False))
    return cases(
        (~_.is_index, "no index admission: " + _.reason),
        (~_.returned, literal("no acute admission within 30 days")),
        (planned, "planned admission after " + days + " days (by " + coalesce(_.planned_basis, literal("")) + ")"),
        else_="unplanned readmission after " + days + " days",
    )

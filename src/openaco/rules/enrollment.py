"""Who was enrolled in which month and as what: the months that expenditures, person-years and assignment rest on.

Source: methodology specifications v11, section 3.1; 42 CFR 425.601(a)(2), 425.652(a)(2), 425.401(a).
"""

from __future__ import annotations

import datetime

from openaco.engine import (
    BooleanValue,
    Checkpoint,
    Table,
    Value,
    _,
    asc,
    cases,
    coalesce,
    date_of,
    desc,
    ifelse,
    lazily,
    literal,
    null,
    pick_first,
    stack,
)
from openaco.parameters import parameter
from openaco.rules.claims import with_person
from openaco.rules.claims.deliveries import LINEAGE, all_but_first, without

ENROLLMENT_TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")
_DETAILS = ("birth_date", "death_date", "sex_code")
_CCLF_DETAILS = ("original_entitlement_code", "race_code", "zip_code", "dual_status_code", "medicare_status_code")


def people(beneficiary: Table, identities: Table, *, assigned_beneficiary: Table | None = None) -> Table:
    """Everybody in the beneficiary tables, with the last value that was ever stated of each detail.

    Grain: one person. Columns: `person_id`, `birth_date`, `death_date`, `sex_code`, `original_entitlement_code`,
    `race_code`, `zip_code`, `dual_status_code`, `medicare_status_code`. A later blank does not erase a value: CMS
    blanks the original entitlement after death (R15). What the beneficiary file does not know comes from the
    assignment list reports (`assigned_beneficiary`), the death date in particular. Packet v38, 3.1.
    """
    known = _last_stated(with_person(beneficiary, identities), (*_DETAILS, *_CCLF_DETAILS))
    if assigned_beneficiary is None:
        return known
    listed = _last_stated(with_person(assigned_beneficiary, identities), _DETAILS)
    blanks = {name: null(known.schema()[name]) for name in _CCLF_DETAILS}
    both = stack([known.mutate(source=literal(1)), listed.mutate(**blanks, source=literal(2))])
    first = {name: _[name].argmin(_.source, where=_[name].notnull()) for name in (*_DETAILS, *_CCLF_DETAILS)}
    return both.group_by("person_id").agg(**first)


def person_months(
    enrollment_month: Table,
    identities: Table,
    people: Table,
    delivery: Table,
    *,
    first_month: datetime.date,
    last_month: datetime.date,
    year: int | None = None,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """Enrollment by month: one answer for each person and month, from the source that speaks for it.

    Grain: one person alive on the first of the month, one month from `first_month` through `last_month`. Columns:
    `person_id`, `month`, `source`, `has_part_a`, `has_part_b`, `in_group_health_plan`, `enrollment_type`,
    `state_county_code`, `lives_in_united_states`, `eligible` (Part A and Part B and no health plan).
    people: from `people`; a person who died on the first of a month was alive in it. year: whose codes hold; the
    year of `last_month` if not given. 42 CFR 425.601(a)(2), 425.652(a)(2).
    """
    year = year or last_month.year
    rows = enrollment_month.filter(_.month.between(first_month, last_month))
    rows = _of_governing_reports(rows, delivery, year, checkpoint)
    rows = _of_first_source(with_person(rows, identities), year, checkpoint)
    known = people.select(known_person=_.person_id, birth_date=_.birth_date, death_date=_.death_date)
    joined = rows.left_join(known, [("person_id", "known_person")])
    living = joined.filter(coalesce(_.death_date >= _.month, literal(True)))
    both = coalesce(_.has_part_a, literal(False)) & coalesce(_.has_part_b, literal(False))
    return living.select(
        "person_id",
        "month",
        "source",
        "has_part_a",
        "has_part_b",
        "in_group_health_plan",
        "state_county_code",
        "lives_in_united_states",
        enrollment_type=coalesce(_.enrollment_type, enrollment_type(year)),
        eligible=both & ~coalesce(_.in_group_health_plan, literal(False)),
    )


def eligible_months(months: Table, year: int) -> Table:
    """The eligible months of a calendar year: `person_id`, `month`, `enrollment_type`, `state_county_code`.

    Grain: one person, one month. Specifications v11, 3.1: Part A and Part B, no health plan, alive on the first.
    """
    return months.filter(_.eligible, in_year(_.month, year)).select(
        "person_id", "month", "enrollment_type", "state_county_code"
    )


def person_years(months: Table, year: int) -> Table:
    """Eligible months and person-years (months ÷ 12) by enrollment type. Grain: one person, one type.

    Specifications v11, 3.1 step 8.
    """
    counted = eligible_months(months, year).group_by("person_id", "enrollment_type").agg(months=_.count())
    return counted.mutate(person_years=_.months / 12)


def enrollment_type(year: int) -> Value:
    """The type of a month, for rows with `medicare_status_code`, `dual_status_code`, `birth_date` and `month`.

    ESRD, else disabled, else aged/dual, else aged/non-dual. The status code of the month decides; where it is blank
    a person is aged from the month of the 65th birthday (the month before if born on a first), and without a birth
    date always. ESRD is never read from diagnoses. Specifications v11, 3.1; 20 CFR 404.2(c)(4), 42 CFR 406.10.
    """
    codes = parameter("expenditures/enrollment_types", year).value
    status = coalesce(_.medicare_status_code, "")
    stated = status.isin([*codes["disabled"], *codes["aged"]])
    disabled = ifelse(stated, status.isin(codes["disabled"]), coalesce(~_aged(), literal(False)))
    dual = coalesce(_.dual_status_code, "").isin(codes["dual"])
    return cases(
        (status.isin(codes["esrd"]), literal("esrd")),
        (disabled, literal("disabled")),
        (dual, literal("aged_dual")),
        else_=literal("aged_non_dual"),
    )


def in_year(date: Value, year: int) -> BooleanValue:
    """Whether a date lies in a calendar year."""
    return date.between(date_of(year, 1, 1), date_of(year, 12, 31))


def month_number(date: Value) -> Value:
    """Months since the year 0, to count with."""
    return date.year() * 12 + date.month()


def _aged() -> BooleanValue:
    """65 years are reached on the day before the birthday; Medicare's age begins with that month."""
    born_on_first = ifelse(_.birth_date.day() == 1, 1, 0)
    return month_number(_.month) >= month_number(_.birth_date) - born_on_first + 65 * 12


def _last_stated(rows: Table, names: tuple[str, ...]) -> Table:
    """The newest delivery's non-blank value of each column, by person; statements repeat, so each is taken once."""
    statements = rows.group_by("person_id", "mbi", *names).agg(newest=_.delivery_id.max())
    dated = statements.mutate(stated=_.newest.concat("|", _.mbi))
    last = {name: _[name].argmax(_.stated, where=_[name].notnull()) for name in names}
    return dated.group_by("person_id").agg(**last)


def _of_governing_reports(rows: Table, delivery: Table, year: int, checkpoint: Checkpoint) -> Table:
    """Rows of other sources, and of assignment list reports those of the one report that governs the month.

    Whoever is not in the governing report is not enrolled that month. See `feeds/alr/month_precedence`.
    """
    periods = parameter("feeds/alr/month_precedence", year).value["periods"]
    place = cases(*[(_.coverage == name, literal(rank)) for rank, name in enumerate(periods)], else_=len(periods))
    reports = delivery.filter(_.feed == "alr").select(
        report=_.delivery_id, report_year=coalesce(_.performance_year, 9999), place=place
    )
    covered = rows.filter(_.source == "alr").select("delivery_id", "month").distinct()
    covered = covered.join(reports, [("delivery_id", "report")])
    order = [asc("report_year"), asc("place"), desc("delivery_id")]
    governing = checkpoint(pick_first(covered, "month", order).select(governing="delivery_id", governed="month"))
    marked = rows.left_join(governing, [("delivery_id", "governing"), ("month", "governed")])
    return marked.filter((_.source != "alr") | _.governing.notnull()).select(*rows.columns)


def _of_first_source(rows: Table, year: int, checkpoint: Checkpoint) -> Table:
    """One row per person and month: the first source, its newest delivery, enrolled before not enrolled."""
    sources = parameter("expenditures/enrollment_sources", year).value
    place = cases(*[(_.source == name, literal(rank)) for rank, name in enumerate(sources)], else_=len(sources))
    enrolled = ifelse(coalesce(_.has_part_a & _.has_part_b, literal(False)), 0, 1)
    order = [asc("place"), desc("delivery_id"), asc("enrolled"), asc("mbi"), asc("source_file"), asc("source_line")]
    placed = rows.select("person_id", "mbi", "month", *LINEAGE, place=place, enrolled=enrolled)
    return without(rows, checkpoint(all_but_first(placed, ["person_id", "month"], order)), ("month", *LINEAGE, "mbi"))

"""The eligibility screen of 42 CFR 425.401(a), criteria A to D, and its repetition under 425.401(b)."""

from __future__ import annotations

import datetime

from openaco.engine import Table, Value, _, cases, coalesce, date_of, literal, null
from openaco.parameters import parameter
from openaco.rules.assignment.windows import AssignmentWindow


def enrollment_between(person_months: Table, start: datetime.date, end: datetime.date) -> Table:
    """What criteria A, B and D look at, over the months from `start` through `end`.

    person_months: `contract.PersonMonth`. Grain: one person with any month. Residence is that of the last month
    known in the span: CMS takes the last month for all of it. 42 CFR 425.401(a).
    """
    part_a, part_b = _yes(_.has_part_a), _yes(_.has_part_b)
    months = person_months.filter(_.month.between(date_of(start.replace(day=1)), date_of(end)))
    screened = months.select(
        person_id=_.person_id,
        month=_.month,
        both=part_a & part_b,
        one=part_a != part_b,
        plan=_yes(_.in_group_health_plan),
        resident=lives_in_united_states(_.lives_in_united_states, _.state_county_code, end.year),
    )
    return screened.group_by("person_id").aggregate(
        months_both=_.both.sum(),
        months_one=_.one.sum(),
        months_plan=_.plan.sum(),
        resident=_.resident.argmax(_.month),
    )


def lives_in_united_states(stated: Value, state_county_code: Value, year: int) -> Value:
    """Whether a month is one of residence in the United States: as stated, else by the SSA state, else yes.

    An unknown place is no evidence of living abroad, and most sources state only known ones. 42 CFR 425.401(a).
    """
    states = parameter("assignment/united_states", year).value
    return coalesce(stated, state_county_code.nullif("").substr(0, 2).isin(states), literal(True))


def eligibility_screen(
    people: Table, person_months: Table, window: AssignmentWindow, other_initiative: Table | None = None
) -> Table:
    """Why each person cannot be assigned at all: `screen_reason` (blank = passes A to D) and `later_reason`.

    people: `contract.Person`. other_initiative: a table of `person_id` in another shared savings initiative.
    A person who died before the year starts is out; one who dies in it stays. `later_reason` repeats A, B and D over
    the year itself for prospective assignment. Grain: one person. 42 CFR 425.401(a), (b).
    """
    screen = _with_enrollment(people, enrollment_between(person_months, window.start, window.end))
    screen = _with_flag(screen, other_initiative)
    died = coalesce(_.death_date < date_of(window.year_start), literal(False))
    reasons = screen.select(
        person_id=_.person_id,
        screen_reason=cases(
            (died, "died_before_year"),
            *_criteria(""),
            (_.other_initiative, "other_initiative"),
            else_=null("string"),
        ),
    )
    if window.method != "prospective":
        return reasons.mutate(later_reason=null("string"))
    later = _with_enrollment(people, enrollment_between(person_months, window.year_start, window.year_end))
    later = later.select(late_person_id=_.person_id, later_reason=cases(*_criteria("year_"), else_=null("string")))
    return reasons.left_join(later, reasons.person_id == later.late_person_id).drop("late_person_id")


def _criteria(prefix: str) -> list[tuple[Value, str]]:
    """Criteria A, B and D in the order of the rule, each with the name of its reason."""
    return [
        (_.months_both == 0, f"{prefix}no_month_with_part_a_and_b"),
        (_.months_one > 0, f"{prefix}month_with_part_a_or_b_only"),
        (_.months_plan > 0, f"{prefix}group_health_plan"),
        (~_.resident, f"{prefix}outside_united_states"),
    ]


def _with_enrollment(people: Table, enrollment: Table) -> Table:
    months = enrollment.rename(enrolled_person_id="person_id")
    return people.left_join(months, people.person_id == months.enrolled_person_id).select(
        person_id=_.person_id,
        death_date=_.death_date,
        months_both=coalesce(_.months_both, literal(0)),
        months_one=coalesce(_.months_one, literal(0)),
        months_plan=coalesce(_.months_plan, literal(0)),
        resident=coalesce(_.resident, literal(True)),
    )


def _with_flag(screen: Table, other_initiative: Table | None) -> Table:
    if other_initiative is None:
        return screen.mutate(other_initiative=literal(False))
    others = other_initiative.select(other_person_id=_.person_id).distinct()
    joined = screen.left_join(others, screen.person_id == others.other_person_id)
    return joined.mutate(other_initiative=_.other_person_id.notnull()).drop("other_person_id")


def _yes(flag: Value) -> Value:
    return coalesce(flag, literal(False))

"""CMS122: people with diabetes whose glucose is poorly controlled, or not known. Lower is better.

Logic in our own words; see definition.yaml.
"""

from __future__ import annotations

from typing import Any

from openaco.engine import Value, cases, null
from openaco.measures.definition import Definition
from openaco.measures.events_of import NO_RESULT, EventsOf, known
from openaco.measures.language import Aged, Condition, EventSet, Period, exists
from openaco.measures.logic import Gap, Rate
from openaco.measures.shared import (
    frail_and_ill_from_66,
    hospice_care,
    nursing_home,
    palliative_care,
    qualifying_visits,
)

THRESHOLD = 9.0
"""Above this the glucose is poorly controlled, in percent (of hemoglobin, or as glucose management indicator)."""


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The rate of a performance year."""
    of = EventsOf(period)
    youngest, oldest = definition.version(period.year).ages
    diagnoses = of.conditions("diabetes") if period.year < 2026 else of.encounter_diagnoses("diabetes")
    tests = of.laboratory_tests("hba1c_test", "glucose_management_indicator").latest_in(period)
    lowest = tests.on_last_day().first("value_number")
    poor = exists(lowest.where(ABOVE).called("last glucose result above 9 %"))
    unknown = exists(lowest.where(NO_RESULT).called("last glucose test without result"))
    untested = (~exists(tests.called("glucose test"))).called("no glucose test")
    return (
        Rate(
            id="1",
            initial_population=Aged(period.last, youngest, oldest, "age")
            & exists(visits(of))
            & exists(diagnoses.overlapping(period).called("diabetes")),
            denominator_exclusion=hospice_care(of) | nursing_home(of) | frail_and_ill_from_66(of) | palliative_care(of),
            numerator=poor | unknown | untested,
            gaps=(Gap("HbA1c (or glucose management indicator) at or below 9 %", lowest.where(AT_MOST)),),
        ),
    )


def visits(of: EventsOf) -> EventSet:
    """The visits that qualify: those of the other measures; from 2026 without virtual ones, but with nutrition care."""
    if of.period.year < 2026:
        return qualifying_visits(of)
    return (
        of.encounters(
            "office_visit",
            "annual_wellness_visit",
            "preventive_visit_established",
            "preventive_visit_initial",
            "home_health_services",
            "nutrition_services",
            "nutrition_therapy_initial",
            "nutrition_therapy_again",
            "nutrition_therapy_group",
            "nutrition_therapy_second_referral",
            "nutrition_therapy_second_referral_group",
            "telephone_visit",
        )
        .during(of.period)
        .called("qualifying visit")
    )


def percent(event: Any) -> Value:
    """A result in percent; of a pure number the percentage it is; nothing where the unit is another one."""
    return cases(
        (event.value_unit == "%", event.value_number),
        (event.value_unit.isnull() | (event.value_unit == "1"), event.value_number * 100),
        else_=null("float64"),
    )


ABOVE = Condition(
    "value",
    f"above {THRESHOLD:g} %",
    lambda t: known((percent(t) > THRESHOLD) | ((percent(t) == THRESHOLD) & (t.value_comparator == ">"))),
)
AT_MOST = Condition(
    "value",
    f"at most {THRESHOLD:g} %",
    lambda t: known((percent(t) <= THRESHOLD) & (t.value_comparator.isnull() | (t.value_comparator != ">"))),
)

"""CMS165: people with hypertension whose last blood pressure is below 140/90 mm[Hg]. In our own words."""

from __future__ import annotations

from openaco.engine import BooleanValue
from openaco.measures.definition import Definition
from openaco.measures.events_of import HAS_RESULT, EventsOf, known, status
from openaco.measures.language import Aged, Coded, Condition, EventSet, Period, Predicate, Side, exists, same_event
from openaco.measures.logic import Gap, Rate
from openaco.measures.shared import (
    frail_and_ill_from_66_or_frail_from_81,
    hospice_care,
    nursing_home,
    palliative_care,
    qualifying_visits,
)

SYSTOLIC_BELOW, DIASTOLIC_BELOW = 140.0, 90.0
UNITS = ("mm[Hg]", "mmHg")
NOT_COUNTED_CLASSES = ("EMER", "IMP", "ACUTE", "NONAC", "PRENC", "SS")
"""Encounter classes of emergency, inpatient, pre-admission and short stay: readings of these do not count."""


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The rate of a performance year."""
    of = EventsOf(period)
    youngest, oldest = definition.version(period.year).ages
    hypertension = of.conditions("essential_hypertension").overlapping(period.first_months(6))
    readings = counted_readings(of).on_last_day()
    systolic, diastolic = component("systolic", readings), component("diastolic", readings)
    low_systolic = systolic.where(below(SYSTOLIC_BELOW)).called("systolic below 140 on the last day")
    low_diastolic = diastolic.where(below(DIASTOLIC_BELOW)).called("diastolic below 90 on the last day")
    return (
        Rate(
            id="1",
            initial_population=Aged(period.last, youngest, oldest, "age")
            & exists(hypertension.called("essential hypertension in the first six months"))
            & exists(qualifying_visits(of)),
            denominator_exclusion=hospice_care(of)
            | pregnant_or_renal(of)
            | frail_and_ill_from_66_or_frail_from_81(of)
            | nursing_home(of)
            | palliative_care(of),
            numerator=exists(low_systolic)
            & exists(low_diastolic)
            & ~exists(incomplete(readings, systolic).called("reading of the last day without systolic value"))
            & ~exists(incomplete(readings, diastolic).called("reading of the last day without diastolic value")),
            gaps=(
                Gap("blood pressure below 140/90", low_systolic, when=~exists(low_systolic)),
                Gap("blood pressure below 140/90", low_diastolic),
            ),
        ),
    )


def pregnant_or_renal(of: EventsOf) -> Predicate:
    """Pregnancy or the last stage of kidney disease, its treatments, or a transplanted kidney."""
    diagnosis = of.conditions(
        "pregnancy", "end_stage_renal_disease", "kidney_transplant_recipient", "chronic_kidney_disease_stage_5"
    ).overlapping(of.period)
    treatment = of.procedures("kidney_transplant", "dialysis_services").ending_by(of.period.last)
    monthly = of.encounters("esrd_monthly_services").starting_by(of.period.last)
    return (
        exists(diagnosis.called("pregnancy or renal diagnosis"))
        | exists(treatment.called("kidney transplant or dialysis"))
        | exists(monthly.called("monthly services for end stage renal disease"))
    ).called("pregnancy or end stage renal disease")


def blood_pressures(of: EventsOf) -> EventSet:
    """Completed blood pressure observations: the panel, or whatever has a systolic or diastolic component."""
    panel = Coded("observation", ("blood_pressure_panel",))
    parts = Coded("component", ("systolic_blood_pressure", "diastolic_blood_pressure"))
    return (panel | parts).where(status(of.rules["observation"])).latest_in(of.period)


def counted_readings(of: EventsOf) -> EventSet:
    """Readings that count: not those of emergency and inpatient encounters.

    In 2025 the class of the encounter that the reading belongs to decides; a reading that names none counts. From 2026
    a reading also counts if no inpatient stay and no emergency visit covers its day.
    """
    readings = blood_pressures(of)
    by_class = readings.where(
        Condition(
            "detail",
            f"not of an encounter of class {', '.join(NOT_COUNTED_CLASSES)}",
            lambda t: ~known(t.encounter_class.isin(NOT_COUNTED_CLASSES)),
        )
    )
    if of.period.year < 2026:
        return by_class
    stays = of.encounters("inpatient_stay", "emergency_department_visit")
    return readings.without(stays, covered_by, "not on a day of an inpatient stay or emergency visit") | by_class


def covered_by(reading: Side, stay: Side) -> BooleanValue:
    """The day of the reading is a day of the stay."""
    return reading.latest.on_or_after(stay.start) & reading.latest.on_or_before(stay.end)


def component(which: str, readings: EventSet) -> EventSet:
    """The systolic or diastolic component of readings."""
    return Coded("component", (f"{which}_blood_pressure",)).having(readings, same_event, "of a reading of the last day")


def incomplete(readings: EventSet, components: EventSet) -> EventSet:
    """Readings that lack a component with a value: nothing is lower than any number, so the lowest is then unknown."""
    return readings.without(components.where(HAS_RESULT), same_event, "without a value")


def below(limit: float) -> Condition:
    """The value is below a limit in mm[Hg]."""
    return Condition(
        "value", f"below {limit:g} mm[Hg]", lambda t: known((t.value_number < limit) & t.value_unit.isin(UNITS))
    )

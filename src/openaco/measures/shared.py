"""Statements that several measures share: qualifying visits, hospice, palliative care, frailty, nursing home.

Written from the published logic of the libraries AdultOutpatientEncounters, Hospice, PalliativeCare and
AdvancedIllnessandFrailty (QI-Core 4.1.1 for performance year 2025, QI-Core 6.0.0 for 2026), in our own words.
"""

from __future__ import annotations

from openaco.measures.events_of import NOT_BY_REFERENCE, EventsOf, discharged, result_among, result_is
from openaco.measures.language import Aged, Condition, EventSet, Predicate, exists


def qualifying_visits(of: EventsOf) -> EventSet:
    """Outpatient visits of adults wholly within the period."""
    return (
        of.encounters(
            "office_visit",
            "annual_wellness_visit",
            "preventive_visit_established",
            "preventive_visit_initial",
            "home_health_services",
            "virtual_visit",
            "telephone_visit",
        )
        .during(of.period)
        .called("qualifying visit")
    )


def hospice_care(of: EventsOf) -> Predicate:
    """Hospice care in the period: a discharge to it, an encounter, an assessment, an order, care given, a diagnosis."""
    stays = of.encounters("inpatient_stay").where(
        discharged("discharged_to_hospice_at_home", "discharged_to_hospice_facility")
    )
    return (
        exists(stays.ending(of.period).called("stay that ended with discharge to hospice"))
        | exists(of.encounters("hospice_encounter").overlapping(of.period).called("hospice encounter"))
        | exists(
            of.assessments("hospice_assessment")
            .where(result_is("hospice_assessment_yes"))
            .overlapping(of.period)
            .called("assessment that says hospice care")
        )
        | exists(of.service_orders("hospice_care").starting(of.period).called("order of hospice care"))
        | exists(of.procedures("hospice_care").overlapping(of.period).called("hospice care given"))
        | exists(of.conditions("hospice_diagnosis").overlapping(of.period).called("hospice diagnosis"))
    ).called("hospice care")


def palliative_care(of: EventsOf) -> Predicate:
    """Palliative care in the period: an assessment, a diagnosis, an encounter, an intervention."""
    return (
        exists(of.assessments("palliative_care_assessment").overlapping(of.period).called("palliative care assessment"))
        | exists(of.conditions("palliative_care_diagnosis").overlapping(of.period).called("palliative care diagnosis"))
        | exists(of.encounters("palliative_care_encounter").overlapping(of.period).called("palliative care encounter"))
        | exists(
            of.procedures("palliative_care_intervention").overlapping(of.period).called("palliative care intervention")
        )
    ).called("palliative care")


def frailty(of: EventsOf) -> Predicate:
    """Signs of frailty in the period: a device ordered or used, a diagnosis, an encounter, a symptom."""
    return (
        exists(of.device_orders("frailty_device").starting(of.period).called("order of a frailty device"))
        | exists(
            of.assessments("medical_equipment_used")
            .where(result_among("frailty_device"))
            .ending(of.period)
            .called("assessment that a frailty device is used")
        )
        | exists(of.conditions("frailty_diagnosis").overlapping(of.period).called("frailty diagnosis"))
        | exists(of.encounters("frailty_encounter").overlapping(of.period).called("frailty encounter"))
        | exists(of.symptoms("frailty_symptom").overlapping(of.period).called("frailty symptom"))
    ).called("frailty")


def advanced_illness(of: EventsOf) -> Predicate:
    """An advanced illness that starts, or a dementia medication in use, in the period or the year before."""
    two_years = of.period.with_years_before(1)
    illness = of.conditions("advanced_illness").starting(two_years).called("advanced illness")
    return (exists(illness) | exists(dementia_medications(of))).called("advanced illness or dementia medication")


def dementia_medications(of: EventsOf) -> EventSet:
    """Dementia medications in use whose supply overlaps the period or the year before.

    In 2025 the logic looks only at orders that name the medication themselves, not at those that refer to it.
    """
    two_years = of.period.with_years_before(1)
    supplied = Condition(
        "date",
        f"supply overlaps {two_years}",
        lambda t: (t.supply_day <= two_years.last_number) & (t.supply_end_day >= two_years.first_number),
    )
    found = of.medications_in_use("dementia_medications")
    if of.period.year < 2026:
        found = found.where(NOT_BY_REFERENCE)
    return found.where(supplied).called("dementia medication in use")


def frail_and_ill_from_66(of: EventsOf) -> Predicate:
    """66 or older at the end of the period, frail, with advanced illness or a dementia medication."""
    return (Aged(of.period.last, 66) & frailty(of) & advanced_illness(of)).called("66 or older, frail and ill")


def frail_and_ill_from_66_or_frail_from_81(of: EventsOf) -> Predicate:
    """66 to 80, frail and with advanced illness; or 81 or older and frail."""
    frail = frailty(of)
    return ((Aged(of.period.last, 66, 80) & frail & advanced_illness(of)) | (Aged(of.period.last, 81) & frail)).called(
        "66 to 80, frail and ill, or 81 or older and frail"
    )


def nursing_home(of: EventsOf) -> Predicate:
    """66 or older, and the last housing status up to the end of the period is a nursing home."""
    last = of.assessments("housing_status").ending_by(of.period.last).last("end_latest")
    lives_there = last.where(result_is("lives_in_nursing_home")).called("last housing status: nursing home")
    return (Aged(of.period.last, 66) & exists(lives_there)).called("66 or older in a nursing home")

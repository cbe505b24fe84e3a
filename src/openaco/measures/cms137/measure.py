"""CMS137: treatment of a new substance use disorder begun within 14 days (rate 1) and kept up for 34 more (rate 2).

Logic in our own words; see definition.yaml.
"""

from __future__ import annotations

import datetime

from openaco.engine import BooleanValue
from openaco.measures.definition import Definition
from openaco.measures.events_of import EventsOf
from openaco.measures.language import (
    Aged,
    EventSet,
    Period,
    Side,
    at_least,
    days_after,
    days_before,
    exists,
    same_event,
)
from openaco.measures.logic import Gap, Rate
from openaco.measures.shared import hospice_care

DAYS_BEFORE_END = 47
DAYS_WITHOUT_HISTORY = 60
DAYS_TO_INITIATE = 14
DAYS_TO_ENGAGE = 34


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """Both rates of a performance year. Ages are counted at the start of the period."""
    of = EventsOf(period)
    version = definition.version(period.year)
    youngest, _oldest = version.ages
    episode = first_episode(of)
    begun = initiation(of, episode)
    first_begun = begun.first("start_earliest")
    population = (
        Aged(period.first, youngest, name="age")
        & exists(episode.called("first episode of a substance use disorder"))
        & (~exists(history(of, episode))).called("no history in the 60 days before")
    )
    strata = tuple((name, Aged(period.first, *ages)) for name, ages in version.strata.items())
    long_acting = long_acting_engagement(of).having(first_begun, _within_34_days, "within 34 days of the initiation")
    others = other_engagement(of).having(first_begun, _within_34_days, "within 34 days of the initiation")
    to_initiate = Gap(
        "treatment within 14 days of the episode",
        begun,
        when=~exists(begun),
        counted_from=episode,
        days_after=DAYS_TO_INITIATE - 1,
    )
    engaging = long_acting.called("long-acting medication") | others.called("treatment kept up")
    to_engage = Gap("treatment kept up", engaging, counted_from=first_begun, days_after=DAYS_TO_ENGAGE)
    hospice = hospice_care(of)
    return (
        Rate("1", population, exists(begun), hospice, strata=strata, gaps=(to_initiate,)),
        Rate(
            "2",
            population,
            exists(long_acting.called("long-acting medication within 34 days"))
            | at_least(2, others.called("two treatments within 34 days")),
            hospice,
            strata=strata,
            gaps=(to_initiate, to_engage),
        ),
    )


def visits(of: EventsOf) -> EventSet:
    """Encounters at which a substance use disorder can be diagnosed."""
    return of.encounters(
        "office_visit",
        "emergency_department_visit",
        "detoxification_visit",
        "initial_hospital_inpatient_visit",
        "inpatient_same_day_discharge",
        "inpatient_discharge",
        "telephone_visit",
        "virtual_visit",
    )


def first_episode(of: EventsOf) -> EventSet:
    """The first encounter in the period during which a substance use disorder starts, 47 days or more before its end.

    Of several on one day the kind of encounter decides, in the order of `visits`.
    """
    last_day = of.period.last - datetime.timedelta(days=DAYS_BEFORE_END)
    disorders = of.conditions if of.period.year < 2026 else of.encounter_diagnoses
    starting = disorders("substance_use_disorder").starting_by(last_day)
    diagnosed = visits(of).during(of.period).having(starting, _starts_during, "during which a disorder starts")
    return diagnosed.first("start_day", "concept_number")


def history(of: EventsOf, episode: EventSet) -> EventSet:
    """Treatment, diagnosis or medication of a substance use disorder in the 60 days before the episode."""
    emergency = of.encounters("emergency_department_visit", "detoxification_visit")
    earlier_visits = of.diagnosed(visits(of).except_events(emergency), "substance_use_disorder")
    events = (
        of.procedures(
            "substance_use_treatment",
            "psychotherapy",
            "substance_use_long_acting_administration",
            "substance_use_short_acting_administration",
        )
        | earlier_visits
        | of.medication_orders("substance_use_long_acting_medication", "substance_use_short_acting_medication")
    )
    return events.having(episode, _within_60_days_before, "in the 60 days before the episode").called(
        "history of a substance use disorder"
    )


def psychosocial(of: EventsOf) -> EventSet:
    """Treatments without medication: procedures, and telehealth visits for the disorder."""
    remote = of.diagnosed(of.encounters("telephone_visit", "virtual_visit"), "substance_use_disorder")
    return of.procedures("substance_use_treatment", "psychotherapy") | remote


def treatments(of: EventsOf) -> EventSet:
    """Everything that can begin a treatment."""
    return (
        psychosocial(of)
        | of.medication_orders("substance_use_short_acting_medication", "substance_use_long_acting_medication")
        | of.procedures("substance_use_short_acting_administration", "substance_use_long_acting_administration")
    )


def initiation(of: EventsOf, episode: EventSet) -> EventSet:
    """Treatments from the day of the episode through the 13th day after it; the episode itself is none."""
    return (
        treatments(of)
        .having(episode, _within_14_days, "within 14 days of the episode")
        .without(episode, same_event, "not the episode itself")
        .called("treatment begun")
    )


def long_acting_engagement(of: EventsOf) -> EventSet:
    """Long-acting medication, ordered or given."""
    return of.medication_orders("substance_use_long_acting_medication") | of.procedures(
        "substance_use_long_acting_administration"
    )


def other_engagement(of: EventsOf) -> EventSet:
    """Short-acting medication, ordered or given, and treatments without medication."""
    return (
        psychosocial(of)
        | of.procedures("substance_use_short_acting_administration")
        | of.medication_orders("substance_use_short_acting_medication")
    )


def _starts_during(visit: Side, disorder: Side) -> BooleanValue:
    return disorder.starts_at.on_or_after(visit.starts_at) & disorder.starts_at.on_or_before(visit.ends_at)


def _within_60_days_before(event: Side, episode: Side) -> BooleanValue:
    return days_before(event.start, episode.start, DAYS_WITHOUT_HISTORY, same_day=False)


def _within_14_days(event: Side, episode: Side) -> BooleanValue:
    return days_after(event.start, episode.start, DAYS_TO_INITIATE - 1, same_day=True)


def _within_34_days(event: Side, initiated: Side) -> BooleanValue:
    return days_after(event.start, initiated.start, DAYS_TO_ENGAGE, same_day=False)

"""CMS2: screening for depression, with a plan on the day or two days after it where the screening is positive.

Logic in our own words; see definition.yaml.
"""

from __future__ import annotations

from openaco.engine import BooleanValue
from openaco.measures.definition import Definition
from openaco.measures.events_of import (
    HAS_RESULT,
    NOT_FORBIDDEN,
    EventsOf,
    code_of,
    in_problem_category,
    is_problem,
    known,
    result_is,
    status,
)
from openaco.measures.language import (
    Aged,
    Coded,
    Condition,
    EventSet,
    Period,
    Predicate,
    Side,
    days_after,
    days_before,
    exists,
)
from openaco.measures.logic import Gap, Rate

SCREENING_DAYS_BEFORE = 14
FOLLOW_UP_DAYS_AFTER = 2


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The rate of a performance year. Ages are counted at the start of the period."""
    of = EventsOf(period)
    youngest, _oldest = definition.version(period.year).ages
    visits = visits_to_screen(of)
    adolescent, adult = Screening(of, "adolescent", visits), Screening(of, "adult", visits)
    return (
        Rate(
            id="1",
            initial_population=Aged(period.first, youngest, name="age") & exists(visits.called("visit to screen")),
            denominator_exclusion=exists(bipolar_before_visit(of, visits)),
            denominator_exception=adolescent.reason_not_to | adult.reason_not_to,
            numerator=(Aged(period.first, 12, 17) & adolescent.done) | (Aged(period.first, 17) & adult.done),
            gaps=(
                Gap(
                    "follow-up after a positive screening",
                    adolescent.follow_up | adult.follow_up,
                    when=(Aged(period.first, 12, 17) & exists(adolescent.positive))
                    | (Aged(period.first, 17) & exists(adult.positive)),
                    counted_from=adolescent.visits_of_positive | adult.visits_of_positive,
                    days_after=FOLLOW_UP_DAYS_AFTER,
                ),
                Gap("screening for depression", adolescent.negative, when=Aged(period.first, 12, 16)),
                Gap("screening for depression", adult.negative),
            ),
        ),
    )


def visits_to_screen(of: EventsOf) -> EventSet:
    """Finished encounters wholly within the period in which depression is screened for."""
    concepts = ("visit_to_screen_for_depression", "physical_therapy_evaluation", "telephone_visit")
    return Coded("encounter", concepts).where(status(["finished"])).during(of.period)


def bipolar_before_visit(of: EventsOf, visits: EventSet) -> EventSet:
    """A bipolar disorder on the problem list, or as health concern, that starts before one of the visits.

    In 2025 the category of the condition counts and the time; from 2026 the kind of the condition and the day.
    """
    disorder = Coded("condition", ("bipolar_disorder",))
    if of.period.year < 2026:
        problems = disorder.where(in_problem_category())
        return problems.having(
            visits, lambda one, visit: one.starts_at.before(visit.starts_at), "before a visit"
        ).called("bipolar disorder before a visit")
    problems = disorder.where(is_problem())
    return problems.having(visits, lambda one, visit: one.start.before(visit.start), "before a visit").called(
        "bipolar disorder before a visit"
    )


class Screening:
    """One of the two screenings, for adolescents or for adults, and what follows from it."""

    def __init__(self, of: EventsOf, age_group: str, visits: EventSet) -> None:
        self.of = of
        self.age_group = age_group
        self.visits = visits
        done = self._screenings()
        last = done.last("start_earliest")
        self.negative = last.where(result_is("depression_screening_negative")).called(
            f"last {age_group} screening negative"
        )
        self.positive = last.where(result_is("depression_screening_positive")).called(
            f"last {age_group} screening positive"
        )
        self.visits_of_positive = visits.having(self.positive, _screened_before, "up to 14 days after the screening")
        self.follow_up = self._follow_up().called(f"follow-up of a positive {age_group} screening")
        self.done: Predicate = exists(self.negative) | exists(self.follow_up)
        self.reason_not_to: Predicate = exists(self._not_screened()) & ~exists(
            done.called(f"{age_group} screening done")
        )

    def _screenings(self) -> EventSet:
        """Screenings with a result, up to 14 days before one of the visits or on its day."""
        name = f"{self.age_group}_depression_screening"
        if self.of.period.year < 2026:
            done = Coded("observation", (name,)).where(status(["final"]))
        else:
            done = self.of.assessments(name)
        return done.where(HAS_RESULT).having(self.visits, _up_to_visit, "up to 14 days before a visit")

    def _follow_up(self) -> EventSet:
        """What is done or ordered for a positive screening.

        A procedure during the visit; a referral or medication ordered on the day the visit ends or up to two days after
        it. All within the period.
        """
        group, of, visits = self.age_group, self.of, self.visits_of_positive
        procedures = Coded("procedure", (f"follow_up_for_{group}_depression",)).where(status(["completed"]))
        referrals = (
            Coded("service_request", (f"referral_for_{group}_depression",))
            .where(status(["active", "completed"]))
            .where(NOT_FORBIDDEN)
        )
        ordered = referrals | self._medications()
        return procedures.starting(of.period).having(
            visits, _begun_during, "begun during the visit"
        ) | ordered.starting(of.period).having(visits, _ordered_after, "ordered up to two days after the visit")

    def _medications(self) -> EventSet:
        """Antidepressants ordered; from 2026 only those whose supply goes on beyond a visit of the screening."""
        medications = self.of.medication_orders(f"{self.age_group}_depression_medications")
        if self.of.period.year < 2026:
            return medications
        return medications.having(self.visits_of_positive, _supplies_beyond, "supply goes on after the visit")

    def _not_screened(self) -> EventSet:
        """A record made during a visit that the screening was declined, or left out for a medical reason."""
        code = code_of("depression_screening_declined")
        cancelled = Coded("observation", (f"{self.age_group}_depression_screening",)).where(status(["cancelled"]))
        with_reason = cancelled.where(
            Condition(
                "detail",
                "declined, or a medical reason",
                lambda t: t.reason_in_medical_reason | known((t.reason_system == code[0]) & (t.reason_code == code[1])),
                ("reason_in_medical_reason",),
            )
        )
        recorded = _recorded_during if self.of.period.year < 2026 else _recorded_on_a_day_of
        return with_reason.having(self.visits, recorded, "recorded during a visit").called(
            f"reason not to screen ({self.age_group} screening)"
        )


def _up_to_visit(screening: Side, visit: Side) -> BooleanValue:
    return days_before(screening.end, visit.start, SCREENING_DAYS_BEFORE, same_day=True)


def _screened_before(visit: Side, screening: Side) -> BooleanValue:
    return days_before(screening.start, visit.start, SCREENING_DAYS_BEFORE, same_day=True)


def _begun_during(procedure: Side, visit: Side) -> BooleanValue:
    return procedure.starts_at.on_or_after(visit.starts_at) & procedure.starts_at.on_or_before(visit.ends_at)


def _ordered_after(order: Side, visit: Side) -> BooleanValue:
    return days_after(order.start, visit.end, FOLLOW_UP_DAYS_AFTER, same_day=True)


def _supplies_beyond(order: Side, visit: Side) -> BooleanValue:
    return order.supply_start.on_or_before(visit.end) & order.supply_end.after(visit.end)


def _recorded_during(record: Side, visit: Side) -> BooleanValue:
    return record.recorded_at.on_or_after(visit.starts_at) & record.recorded_at.on_or_before(visit.ends_at)


def _recorded_on_a_day_of(record: Side, visit: Side) -> BooleanValue:
    return record.recorded.on_or_after(visit.start) & record.recorded.on_or_before(visit.end)

"""CMS125: women who had a mammogram to screen for breast cancer. Logic in our own words; see definition.yaml."""

from __future__ import annotations

import datetime

from openaco.measures.definition import Definition
from openaco.measures.events_of import EventsOf, at_site, code_of
from openaco.measures.language import Aged, EventSet, Female, Period, Predicate, exists
from openaco.measures.logic import Gap, Rate
from openaco.measures.shared import (
    frail_and_ill_from_66,
    hospice_care,
    nursing_home,
    palliative_care,
    qualifying_visits,
)


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The rate of a performance year. The ages and the strata by age are facts of the year's version."""
    of = EventsOf(period)
    version = definition.version(period.year)
    youngest, oldest = version.ages
    mammograms = of.studies("mammography").ending(period.since(october_two_years_before(period)))
    return (
        Rate(
            id="1",
            initial_population=Aged(period.last, youngest, oldest, "age")
            & female(period)
            & exists(qualifying_visits(of)),
            denominator_exclusion=hospice_care(of)
            | no_breasts_left(of)
            | frail_and_ill_from_66(of)
            | nursing_home(of)
            | palliative_care(of),
            numerator=exists(mammograms.called("mammogram")),
            strata=tuple((name, Aged(period.last, *ages)) for name, ages in version.strata.items()),
            gaps=(Gap("mammogram", mammograms),),
        ),
    )


def october_two_years_before(period: Period) -> datetime.date:
    """The first day on which a mammogram counts: 27 months before the end of the period."""
    return datetime.date(period.year - 2, 10, 1)


def female(period: Period) -> Predicate:
    """By administrative gender; from 2026 by the sex extension where there is one."""
    return Female(by_extension=period.year >= 2026, code=code_of("female")[1], name="female")


def no_breasts_left(of: EventsOf) -> Predicate:
    """A bilateral mastectomy, or one of each side, by the end of the period."""
    both = exists(
        of.conditions("history_of_bilateral_mastectomy").starting_by(of.period.last).called("both breasts removed")
    ) | exists(of.procedures("bilateral_mastectomy").ending_by(of.period.last).called("removal of both breasts"))
    right = exists(breast_removed(of, "right")) | exists(removal(of, "right"))
    left = exists(breast_removed(of, "left")) | exists(removal(of, "left"))
    return ((right & left) | both).called("mastectomy of both sides")


def breast_removed(of: EventsOf, side: str) -> EventSet:
    """The state after mastectomy of a side, stated by its code or by the body site of a code without a side."""
    stated = of.conditions(f"status_post_{side}_mastectomy")
    by_site = of.conditions("unilateral_mastectomy_side_not_said").where(at_site(side))
    return (stated | by_site).starting_by(of.period.last).called(f"{side} breast removed")


def removal(of: EventsOf, side: str) -> EventSet:
    """The mastectomy of a side."""
    return of.procedures(f"unilateral_mastectomy_{side}").ending_by(of.period.last).called(f"removal of {side} breast")

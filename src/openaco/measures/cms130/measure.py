"""CMS130: adults screened for colorectal cancer. Logic in our own words; see definition.yaml."""

from __future__ import annotations

from openaco.measures.definition import Definition
from openaco.measures.events_of import HAS_RESULT, EventsOf
from openaco.measures.language import Aged, EventSet, Period, Predicate, exists
from openaco.measures.logic import Gap, Rate
from openaco.measures.shared import (
    frail_and_ill_from_66,
    hospice_care,
    nursing_home,
    palliative_care,
    qualifying_visits,
)


def rates(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The rate of a performance year."""
    of = EventsOf(period)
    version = definition.version(period.year)
    youngest, oldest = version.ages
    screenings = screened(of)
    return (
        Rate(
            id="1",
            initial_population=Aged(period.last, youngest, oldest, "age") & exists(qualifying_visits(of)),
            denominator_exclusion=hospice_care(of)
            | colon_lost_or_sick(of)
            | frail_and_ill_from_66(of)
            | nursing_home(of)
            | palliative_care(of),
            numerator=exists(screenings),
            strata=tuple((name, Aged(period.last, *ages)) for name, ages in version.strata.items()),
            gaps=(Gap("colorectal cancer screening", screenings),),
        ),
    )


def screened(of: EventsOf) -> EventSet:
    """Any screening that still counts: each kind looks back its own number of years. Laboratory tests need a result."""
    year = of.period
    return (
        of.laboratory_tests("fecal_occult_blood_test").where(HAS_RESULT).latest_in(year)
        | of.laboratory_tests("sdna_fit_test").where(HAS_RESULT).latest_in(year.with_years_before(2))
        | of.procedures("flexible_sigmoidoscopy").ending(year.with_years_before(4))
        | of.studies("ct_colonography").ending(year.with_years_before(4))
        | of.procedures("colonoscopy").ending(year.with_years_before(9))
    ).called("colorectal cancer screening")


def colon_lost_or_sick(of: EventsOf) -> Predicate:
    """Colorectal cancer, or the whole colon removed, by the end of the period."""
    cancer = of.conditions("malignant_neoplasm_of_colon").starting_by(of.period.last).called("colorectal cancer")
    removed = of.procedures("total_colectomy").ending_by(of.period.last).called("whole colon removed")
    return (exists(cancer) | exists(removed)).called("colorectal cancer or no colon")

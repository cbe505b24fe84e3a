"""Assignable beneficiaries: the population behind national and regional factors (42 CFR 425.20)."""

from __future__ import annotations

from openaco.engine import Table, _, coalesce, literal
from openaco.rules.assignment.eligibility import eligibility_screen
from openaco.rules.assignment.windows import AssignmentWindow


def assignable(
    charges: Table,
    people: Table,
    person_months: Table,
    window: AssignmentWindow,
    other_initiative: Table | None = None,
) -> Table:
    """Each person known with `assignable`: passes the screen and received a primary care service from any physician.

    The physician is any Medicare PCP or 425.402(c) specialist in the twelve months; since performance year 2025 also
    an NP, PA or CNS in the twelve months with a physician in the expanded window. Factors use the calendar-year
    window whatever the ACO's method: pass a retrospective `window`. charges: `charges_by_entity`. 42 CFR 425.20.
    """
    ours = charges.group_by("person_id").aggregate(
        physician=(_.pcp_services + _.specialist_services).sum(),
        practitioner=_.npp_services.sum(),
        expanded_physician=_.expanded_physician_services.sum(),
    )
    pattern = (_.practitioner > 0) & (_.expanded_physician > 0) & literal(window.expanded_start is not None)
    seen = ours.select(seen_person_id=_.person_id, seen=(_.physician > 0) | pattern)
    screen = eligibility_screen(people, person_months, window, other_initiative)
    joined = screen.left_join(seen, screen.person_id == seen.seen_person_id)
    return joined.select(person_id=_.person_id, assignable=_.screen_reason.isnull() & coalesce(_.seen, literal(False)))

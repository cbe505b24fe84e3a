"""Voluntary alignment: the designation of a primary clinician goes before claims (42 CFR 425.402(e))."""

from __future__ import annotations

from openaco.engine import Table, _, coalesce, date_of, desc, ifelse, literal, pick_first
from openaco.rules.assignment.windows import AssignmentWindow


def standing_designations(designations: Table, window: AssignmentWindow) -> Table:
    """The designation of each person that stands on the cut-off day: the newest made by then and not ended.

    designations: `contract.Designation`. Grain: one person. Two of one day: the lower NPI, then TIN, stands.
    42 CFR 425.402(e)(2).
    """
    if window.voluntary_cutoff is None:
        return _columns(designations.filter(literal(False)))
    cutoff = date_of(window.voluntary_cutoff)
    standing = designations.filter(_.designated_on <= cutoff, coalesce(_.ended_on > cutoff, literal(True)))
    order = [desc("designated_on"), _.npi, coalesce(_.tin, literal(""))]
    return _columns(pick_first(standing, "person_id", order))


def voluntary_alignment(
    designations: Table, services: Table, listed: Table, window: AssignmentWindow, aco_id: str
) -> Table:
    """Whether each standing designation names an ACO professional of our ACO: `designation` inside or outside.

    A clinician is an ACO professional of ours who bills through one of our participants (42 CFR 425.20): the
    designated TIN decides; where it is blank, any primary care service of the NPI billed through a participant in
    the window does. services: `contract.PrimaryCareService`; listed: `participants.entities`. Grain: one person.
    42 CFR 425.402(e)(2).
    """
    ours = listed.filter(_.entity == f"aco:{aco_id}").select(our_biller=_.biller)
    standing = standing_designations(designations, window)
    in_window = services.filter(_.service_date.between(date_of(window.start), date_of(window.end)))
    our_clinicians = in_window.semi_join(ours, in_window.biller == ours.our_biller).select(our_npi=_.npi).distinct()
    stated = standing.left_join(ours, standing.designated_biller == ours.our_biller)
    both = stated.left_join(our_clinicians, stated.designated_npi == our_clinicians.our_npi)
    by_clinician = _.designated_biller.isnull() & _.our_npi.notnull()
    inside = _.our_biller.notnull() | by_clinician
    return both.select(
        designated_person_id=_.person_id,
        designation=ifelse(inside, literal("inside"), literal("outside")),
        designated_npi=_.designated_npi,
        designated_on=_.designated_on,
    )


def _columns(designations: Table) -> Table:
    return designations.select(
        person_id=_.person_id,
        designated_on=_.designated_on,
        designated_npi=_.npi,
        designated_biller="tin:" + _.tin.nullif(""),
    )

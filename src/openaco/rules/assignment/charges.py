"""Allowed charges by person and entity: the one aggregation that all steps read (42 CFR 425.402(b)(2))."""

from __future__ import annotations

from openaco.engine import Table, Value, _, coalesce, date_of, ifelse, literal, money
from openaco.rules.assignment.participants import with_entity
from openaco.rules.assignment.windows import AssignmentWindow


def charges_by_entity(services: Table, listed: Table, window: AssignmentWindow) -> Table:
    """Charges, services and latest dates of each person at each entity. Returns `contract.EntityCharges`.

    services: `contract.PrimaryCareService`; listed: `participants.entities`. Sums are exact decimals. The
    `expanded_` columns cover the twenty-four months where the rules have them, else the twelve.
    42 CFR 425.402(b)(2) and (5).
    """
    return _summed(_owned(services, listed, window), window, "person_id", "entity")


def charges_by_clinician(services: Table, listed: Table, window: AssignmentWindow, aco_id: str) -> Table:
    """The charges inside one ACO, told apart by biller and clinician: the columns of `charges_by_entity` without
    `entity`, with `biller`, `npi` (blank = none on the claim) and `source` (kind of service).

    Grain: one person, biller and clinician. Summed up by person they are that person's charges at the ACO.
    42 CFR 425.402(b)(2).
    """
    ours = _owned(services, listed, window).filter(_.entity == f"aco:{aco_id}")
    named = ours.mutate(npi=coalesce(_.npi, literal("")))
    return _summed(named, window, "person_id", "biller", "npi", "source")


def _owned(services: Table, listed: Table, window: AssignmentWindow) -> Table:
    """The services of the window, each with the entity that billed it."""
    inside = services.filter(_.service_date.between(date_of(window.earliest), date_of(window.end)))
    return with_entity(inside, listed)


def _summed(owned: Table, window: AssignmentWindow, *keys: str) -> Table:
    recent = _.service_date >= date_of(window.start)
    primary = _.role.isin(["pcp", "npp"])
    specialist = _.role == "specialist"
    physician = _.role.isin(["pcp", "specialist"])
    counted = _.role != "other"
    return owned.group_by(*keys).aggregate(
        services=recent.sum(),
        pcp_services=(recent & (_.role == "pcp")).sum(),
        npp_services=(recent & (_.role == "npp")).sum(),
        specialist_services=(recent & specialist).sum(),
        primary_charges=_charges(recent & primary),
        specialist_charges=_charges(recent & specialist),
        latest_primary=_.service_date.max(where=recent & primary),
        latest_specialist=_.service_date.max(where=recent & specialist),
        expanded_services=counted.sum(),
        expanded_physician_services=physician.sum(),
        expanded_charges=_charges(counted),
        expanded_latest_primary=_.service_date.max(where=primary),
        expanded_latest_specialist=_.service_date.max(where=specialist),
    )


def _charges(which: Value) -> Value:
    return money(ifelse(which, _.allowed_amount, money(0)).sum())

"""Allowed charges by person and entity: the one aggregation that all steps read (42 CFR 425.402(b)(2))."""

from __future__ import annotations

from openaco.engine import Table, Value, _, date_of, ifelse, money
from openaco.rules.assignment.participants import with_entity
from openaco.rules.assignment.windows import AssignmentWindow


def charges_by_entity(services: Table, listed: Table, window: AssignmentWindow) -> Table:
    """Charges, services and latest dates of each person at each entity. Returns `contract.EntityCharges`.

    services: `contract.PrimaryCareService`; listed: `participants.entities`. Sums are exact decimals. The
    `expanded_` columns cover the twenty-four months where the rules have them, else the twelve.
    42 CFR 425.402(b)(2) and (5).
    """
    inside = services.filter(_.service_date.between(date_of(window.earliest), date_of(window.end)))
    owned = with_entity(inside, listed)
    recent = _.service_date >= date_of(window.start)
    primary = _.role.isin(["pcp", "npp"])
    specialist = _.role == "specialist"
    physician = _.role.isin(["pcp", "specialist"])
    counted = _.role != "other"
    return owned.group_by("person_id", "entity").aggregate(
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

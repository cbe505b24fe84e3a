"""Who a service belongs to: an ACO, or a TIN or CCN outside every ACO (42 CFR 425.400(a)(2)(iii), 425.402(b))."""

from __future__ import annotations

import datetime

from openaco.engine import Table, _, coalesce, date_of, literal, stack
from openaco.parameters import parameter


def list_takes_effect(rules_year: int) -> datetime.date:
    """The day on which the certified participant list of a performance year takes effect (42 CFR 425.118)."""
    month_day = parameter("mssp/structure/participant_list", rules_year).value["effective"]
    return datetime.date.fromisoformat(f"{rules_year}-{month_day}")


def entities(participant: Table, on: datetime.date) -> Table:
    """The ACO behind each biller on the participant lists in effect on a day.

    participant: the lake's table (every ACO known, ours and others). Grain: one biller (`tin:…` or `ccn:…`), with
    `entity` (`aco:<id>`) and `acos`, the number of ACOs that list it. A TIN listed with a CCN is a participant itself.
    The list of the performance year also stands for its benchmark years. 42 CFR 425.20, 425.118(b).
    """
    current = on_list(participant, on)
    tins = current.filter(_.tin.notnull()).select(biller="tin:" + _.tin, aco_id=_.aco_id)
    ccns = current.filter(coalesce(_.ccn, literal("")) != "").select(biller="ccn:" + _.ccn, aco_id=_.aco_id)
    listed = stack([tins, ccns]).distinct()
    return listed.group_by("biller").aggregate(
        entity="aco:" + _.aco_id.min(),
        acos=_.count(),
    )


def on_list(participant: Table, on: datetime.date) -> Table:
    """The rows of participant lists that are in effect on a day; a blank date has no end (42 CFR 425.118)."""
    day = date_of(on)
    return participant.filter(coalesce(_.start_date <= day, literal(True)), coalesce(_.end_date >= day, literal(True)))


def with_entity(services: Table, listed: Table) -> Table:
    """The services with `entity`; those billed through a participant of more than one ACO are left out.

    listed: from `entities`. 42 CFR 425.400(a)(2)(iii).
    """
    owners = listed.select(listed_biller=_.biller, owner=_.entity, acos=_.acos)
    joined = services.left_join(owners, services.biller == owners.listed_biller)
    single = joined.filter(coalesce(_.acos, literal(0)) <= 1)
    return single.mutate(entity=coalesce(_.owner, _.biller)).drop("listed_biller", "owner", "acos")

"""Steps 1 to 3: who is considered, whose charges are compared, who has the plurality, and how ties break.

42 CFR 425.402(b)(1)–(5); CMS methodology specifications v11, section 2. The ACO, all its TINs and CCNs together, is
compared with each single other entity (another ACO, a TIN or a CCN outside every ACO), never with their sum.
"""

from __future__ import annotations

from openaco.engine import Table, Value, _, cases, coalesce, date_of, desc, ifelse, literal, null, row_number
from openaco.rules.assignment.windows import AssignmentWindow

NEVER = "1800-01-01"


def people_with_services(charges: Table, aco: str) -> Table:
    """What the steps ask of each person with any primary care service. Grain: one person.

    `pre_step`: a service of a PCP or 425.402(c) specialist of the ACO in the twelve months (425.402(b)(1)).
    `any_primary`: a service of any PCP, NP, PA or CNS anywhere in them (425.402(b)(4)).
    `third_step`: no pre-step, but an NP, PA or CNS of the ACO in the twelve months and a physician of the ACO in the
    expanded window (425.402(b)(5)); the caller applies it only where the rules have it.
    """
    ours = _.entity == aco
    found = charges.group_by("person_id").aggregate(
        services=_.services.sum(),
        primary_services=(_.pcp_services + _.npp_services).sum(),
        aco_services=_at_aco(_.services, ours),
        aco_physician_services=_at_aco(_.pcp_services + _.specialist_services, ours),
        aco_npp_services=_at_aco(_.npp_services, ours),
        aco_expanded_physician_services=_at_aco(_.expanded_physician_services, ours),
    )
    pre_step = _.aco_physician_services > 0
    return found.select(
        services_person_id=_.person_id,
        services=_.services,
        aco_services=_.aco_services,
        pre_step=pre_step,
        any_primary=_.primary_services > 0,
        third_step=~pre_step & (_.aco_npp_services > 0) & (_.aco_expanded_physician_services > 0),
    )


def first_two_steps(charges: Table, people: Table) -> Table:
    """What Step 1 or Step 2 compares for each person: `step`, `entity`, `compared`, latest dates.

    Step 1 compares charges of PCPs, NPs, PAs and CNSs. Step 2 is only for people with no service by any of these
    anywhere, and compares charges of 425.402(c) specialists. 42 CFR 425.402(b)(3), (4).
    """
    joined = charges.join(people, charges.person_id == people.services_person_id)
    first = _.any_primary & ((_.pcp_services + _.npp_services) > 0)
    second = ~_.any_primary & (_.specialist_services > 0)
    return joined.filter(first | second).select(
        person_id=_.person_id,
        step=ifelse(_.any_primary, literal("step_1"), literal("step_2")),
        entity=_.entity,
        compared=ifelse(_.any_primary, _.primary_charges, _.specialist_charges),
        latest_primary=_.latest_primary,
        latest_specialist=_.latest_specialist,
        physicians=_.pcp_services + _.specialist_services,
    )


def third_step(charges: Table, people: Table) -> Table:
    """What Step 3 compares: charges of PCPs, NPs, PAs, CNSs and 425.402(c) specialists over the expanded window.

    Only for the people of `third_step`. 42 CFR 425.402(b)(5).
    """
    considered = people.filter(_.third_step).select("services_person_id")
    joined = charges.join(considered, charges.person_id == considered.services_person_id)
    return joined.filter(_.expanded_services > 0).select(
        person_id=_.person_id,
        step=literal("step_3"),
        entity=_.entity,
        compared=_.expanded_charges,
        latest_primary=_.expanded_latest_primary,
        latest_specialist=_.expanded_latest_specialist,
        physicians=_.expanded_physician_services,
    )


def plurality(compared: Table, aco: str, window: AssignmentWindow, seed: int) -> Table:
    """The entity with the greatest charges for each person, the runner-up, and the tie-break that parted them.

    compared: from `first_two_steps` or `third_step`. Ties break by the most recent service of a PCP, NP, PA or CNS,
    then by that of a specialist, then by lot: the lower `draw` wins. Grain: one person. 42 CFR 425.402(b);
    CMS methodology specifications v11, section 2.
    """
    dated = compared.mutate(
        latest_primary=coalesce(_.latest_primary, date_of(NEVER)),
        latest_specialist=coalesce(_.latest_specialist, date_of(NEVER)),
    )
    alike = ["person_id", "compared", "latest_primary", "latest_specialist"]
    counted = dated.mutate(peers=_.count().over(group_by=alike))
    drawn = counted.mutate(draw=ifelse(_.peers > 1, draw(seed, window.year), literal("")))
    order = [desc("compared"), desc("latest_primary"), desc("latest_specialist"), drawn.draw, drawn.entity]
    placed = drawn.mutate(place=row_number().over(group_by="person_id", order_by=order))
    ours = placed.entity == aco
    found = placed.group_by("person_id").aggregate(
        step=_.step.max(),
        aco_charges=_.compared.max(where=ours),
        winning_physicians=_.physicians.max(where=_.place == 0),
        **{f"winning_{name}": _[column].max(where=_.place == 0) for name, column in PLACED.items()},
        **{f"runner_up_{name}": _[column].max(where=_.place == 1) for name, column in PLACED.items()},
    )
    parted = found.mutate(tie_break=_tie_break())
    by_lot = parted.tie_break == "random"
    return parted.mutate(
        winning_draw=ifelse(by_lot, parted.winning_draw, null("string")),
        runner_up_draw=ifelse(by_lot, parted.runner_up_draw, null("string")),
    ).rename(compared_person_id="person_id")


PLACED = {
    "entity": "entity",
    "charges": "compared",
    "primary": "latest_primary",
    "specialist": "latest_specialist",
    "draw": "draw",
}


def draw(seed: int, year: int) -> Value:
    """The lot of an entity for a person: SHA-256 of `seed|year|person_id|entity` in hexadecimal.

    The same on every engine and in any other language; seeded, and kept in the result. CMS says only that the last
    tie-break is random (specifications v11, section 2).
    """
    return (f"{seed}|{year}|" + _.person_id + "|" + _.entity).hexdigest("sha256")


def _tie_break() -> Value:
    return cases(
        (_.runner_up_entity.isnull() | (_.winning_charges > _.runner_up_charges), "none"),
        (_.winning_primary > _.runner_up_primary, "recent_pcp"),
        (_.winning_specialist > _.runner_up_specialist, "recent_specialist"),
        else_="random",
    )


def _at_aco(count: Value, ours: Value) -> Value:
    return ifelse(ours, count, literal(0)).sum()

"""Assignment of beneficiaries to one ACO for one benchmark or performance year (42 CFR 425.400–425.404)."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from openaco.engine import Table, Value, _, cases, coalesce, ifelse, literal, null, stack
from openaco.rules.assignment.charges import charges_by_entity
from openaco.rules.assignment.eligibility import eligibility_screen
from openaco.rules.assignment.participants import entities, list_takes_effect
from openaco.rules.assignment.steps import first_two_steps, people_with_services, plurality, third_step
from openaco.rules.assignment.voluntary_alignment import voluntary_alignment
from openaco.rules.assignment.windows import AssignmentWindow, assignment_window

RESULT = (
    "person_id",
    "assigned",
    "basis",
    "reason",
    "step",
    "winning_entity",
    "winning_charges",
    "runner_up_entity",
    "runner_up_charges",
    "aco_charges",
    "tie_break",
    "winning_draw",
    "runner_up_draw",
    "designation",
    "designated_npi",
    "designated_on",
)


def _as_it_is(table: Table) -> Table:
    return table


def assign(
    *,
    services: Table,
    people: Table,
    person_months: Table,
    participant: Table,
    designations: Table,
    aco_id: str,
    window_year: int,
    rules_year: int,
    method: str,
    seed: int,
    other_initiative: Table | None = None,
    participants_on: datetime.date | None = None,
    keep: Callable[[Table], Table] = _as_it_is,
) -> Table:
    """Everybody known, whether assigned to the ACO for `window_year`, and why. Returns `contract.Assignment`.

    services: from `primary_care_services` under the same `rules_year`, covering the window. people, person_months,
    designations: `contract`. participant: the lake's lists of every ACO known. participants_on: day of the lists,
    that on which the list of `rules_year` takes effect unless stated. keep: computes a table once where several steps
    read it (`Engine.checkpoint`). Voluntary alignment goes first, then Steps 1 to 3. 42 CFR 425.400(a), 425.402.
    """
    window = assignment_window(window_year, method, rules_year)
    on = participants_on or list_takes_effect(rules_year)
    listed = keep(entities(participant, on))
    charges = keep(charges_by_entity(services, listed, window))
    decided = keep(claims_based(charges, f"aco:{aco_id}", window, seed))
    screen = eligibility_screen(people, person_months, window, other_initiative)
    aligned = voluntary_alignment(designations, services, listed, window, aco_id)
    return decide(screen, aligned, decided, f"aco:{aco_id}")


def claims_based(charges: Table, aco: str, window: AssignmentWindow, seed: int) -> Table:
    """What claims alone say of each person with a primary care service. Grain: one person. 42 CFR 425.402(b).

    Step 3 is for those whom Steps 1 and 2 leave: a person whom another known ACO wins there is not considered.
    """
    people = people_with_services(charges, aco)
    first = plurality(first_two_steps(charges, people), aco, window, seed)
    placed = people.left_join(first, people.services_person_id == first.compared_person_id)
    if window.expanded_start is None:
        return placed.mutate(third_step=literal(False))
    placed = placed.mutate(third_step=_.third_step & ~_won_by_other_aco(aco))
    third = plurality(third_step(charges, placed), aco, window, seed)
    again = placed.filter(placed.third_step).select("services_person_id", *_flags(people))
    replaced = again.join(third, again.services_person_id == third.compared_person_id)
    return stack([placed.filter(~placed.third_step), replaced])


def decide(screen: Table, aligned: Table, decided: Table, aco: str) -> Table:
    """The decision on each person, in the order of the rule: screen, designation, claims, year-end exclusions.

    screen: `eligibility_screen`; aligned: `voluntary_alignment`; decided: `claims_based`. An entity needs charges
    above zero to win: no charges are not greater than no charges. 42 CFR 425.400(a), 425.401, 425.402.
    """
    joined = screen.left_join(aligned, screen.person_id == aligned.designated_person_id)
    joined = joined.left_join(decided, joined.person_id == decided.services_person_id)
    stage = joined.mutate(
        stage=cases(
            (_.screen_reason.notnull(), _.screen_reason),
            (coalesce(_.designation == "inside", literal(False)), coalesce(_.later_reason, literal("voluntary"))),
            (coalesce(_.designation == "outside", literal(False)), literal("designated_elsewhere")),
            *_claims_reasons(aco),
            else_=coalesce(_.later_reason, _.step),
        )
    )
    assigned = stage.stage.isin(["voluntary", "step_1", "step_2", "step_3"])
    return stage.mutate(
        assigned=assigned,
        basis=ifelse(assigned, stage.stage, literal("none")),
        reason=ifelse(assigned, null("string"), stage.stage),
    ).select(*RESULT)


def _claims_reasons(aco: str) -> list[tuple[Value, Value]]:
    considered = _.pre_step | _.third_step
    return [
        (coalesce(_.services, literal(0)) == 0, literal("no_primary_care_service")),
        (_.aco_services == 0, literal("no_aco_service")),
        (~considered, literal("no_aco_physician")),
        (~(_.winning_charges > 0), literal("no_allowed_charges")),
        (_.winning_entity != aco, _.step + literal("_elsewhere")),
    ]


def _won_by_other_aco(aco: str) -> Value:
    other = _.winning_entity.startswith("aco:") & (_.winning_entity != aco)
    return coalesce(other & (_.winning_physicians > 0) & (_.winning_charges > 0), literal(False))


def _flags(people: Table) -> list[str]:
    return [name for name in people.columns if name != "services_person_id"]

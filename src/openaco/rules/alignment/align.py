"""Prospective alignment of beneficiaries to one ACO by weighted allowed charges of alignment years.

Pioneer ACO Model, Next Generation ACO Model and ACO REACH Model, under section 1115A of the Social Security Act. What
is the same as in the Shared Savings Program is taken from `rules/assignment` (42 CFR 425.401, 425.402).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from openaco.engine import (
    Checkpoint,
    Table,
    Value,
    _,
    cases,
    coalesce,
    date_of,
    ifelse,
    lazily,
    literal,
    null,
    round_half_up,
)
from openaco.rules.alignment.charges import deciding_kind, weighted_charges
from openaco.rules.alignment.qualified_services import qualified_services
from openaco.rules.alignment.stages import ASSIGNED_STAGES
from openaco.rules.alignment.years import AlignmentYear, alignment_note, alignment_years, day_of
from openaco.rules.assignment.eligibility import eligibility_screen
from openaco.rules.assignment.participants import entities
from openaco.rules.assignment.steps import NEVER, plurality
from openaco.rules.assignment.voluntary_alignment import voluntary_alignment
from openaco.rules.assignment.windows import AssignmentWindow
from openaco.rules.cited import cited

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
    "all_primary_charges",
    "all_charges",
    "note",
)
AMOUNTS = ("winning_charges", "runner_up_charges", "aco_charges", "all_primary_charges", "all_charges")


def align(
    *,
    services: Table,
    people: Table,
    person_months: Table,
    participant: Table,
    designations: Table,
    aco_id: str,
    window_year: int,
    rules_year: int,
    variant: str,
    years: Sequence[AlignmentYear] | None = None,
    participants_on: datetime.date | None = None,
    other_initiative: Table | None = None,
    seed: int = 0,
    keep: Checkpoint = lazily,
) -> Table:
    """Everybody known, whether aligned to the ACO for `window_year`, and why. Returns `contract.AlignedPerson`.

    services: from `assignment.primary_care_services`, covering the alignment years. people, person_months,
    designations: `assignment.contract`. participant: the lake's lists of every ACO known. rules_year: the year of the
    model whose rules apply; see `model_year`. years: those alignment years whose services are known (`years_known`),
    all of them unless given; where some are missing the weights of the others stand for all, and `note` says so.
    participants_on: day of the lists, the first of the later of the two years unless given; state it for the
    baseline years of a year outside the model. seed: of the lot, the last tie-break. Voluntary alignment goes first.
    Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    used = tuple(years) if years is not None else alignment_years(window_year, variant, rules_year)
    on = participants_on or datetime.date(max(window_year, rules_year), 1, 1)
    aco = f"aco:{aco_id}"
    window = alignment_window(window_year, variant, rules_year, used)
    listed = keep(entities(participant, on))
    charges = keep(weighted_charges(qualified_services(services, variant, rules_year), listed, used))
    kinds = keep(deciding_kind(charges, variant, rules_year, aco))
    decided = keep(by_claims(charges, kinds, aco, window, seed))
    screen = eligibility_screen(people, person_months, screened_window(window, variant), other_initiative)
    designated = voluntary_alignment(designations, services, listed, window, aco_id)
    elsewhere = cited(f"alignment/{variant}/voluntary_alignment", rules_year).value["elsewhere"]
    whole = sum(year.weight for year in used)
    note = alignment_note(variant, window_year, rules_year, used)
    decision = decide(screen, designated, decided, aco, elsewhere == "bars")
    return decision.mutate(
        note=literal(note) if note else null("string"),
        **{name: round_half_up(decision[name].cast("float64") / whole) for name in AMOUNTS},
    ).select(*RESULT)


def alignment_window(year: int, variant: str, rules_year: int, used: Sequence[AlignmentYear]) -> AssignmentWindow:
    """The days of an alignment, from the first to the last alignment year used, with the cut-off of designations.

    Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    cutoff = cited(f"alignment/{variant}/voluntary_alignment", rules_year).value["cutoff"]
    return AssignmentWindow(
        year=year,
        rules_year=rules_year,
        method="prospective",
        start=used[0].start,
        end=used[-1].end,
        expanded_start=None,
        voluntary_cutoff=day_of(year, cutoff) if cutoff else None,
    )


def screened_window(window: AssignmentWindow, variant: str) -> AssignmentWindow:
    """The months in which a person must be eligible, as the screen of 42 CFR 425.401 takes them.

    `retrospective`: nothing is looked at again after them; `prospective`: the whole year is. Pioneer ACO Model, Next
    Generation ACO Model, ACO REACH Model.
    """
    months = cited(f"alignment/{variant}/eligibility", window.rules_year).value
    return replace(
        window,
        method="prospective" if months["in_year"] == "exclude" else "retrospective",
        start=day_of(window.year, months["from"]),
        end=day_of(window.year, months["through"]),
    )


def by_claims(charges: Table, kinds: Table, aco: str, window: AssignmentWindow, seed: int) -> Table:
    """What claims alone say of each person with a qualified service. Grain: one person.

    The whole ACO is compared with each single other entity by the charges of the deciding kind. Equal charges go to
    the most recent service of that kind, then (no text says more) to the lot of 42 CFR 425.402's specifications.
    charges: `contract.WeightedCharges`; kinds: from `deciding_kind`. Pioneer ACO Model, Next Generation ACO Model, ACO
    REACH Model.
    """
    joined = charges.join(kinds, charges.person_id == kinds.deciding_person_id)
    primary = _.step == "primary_care"
    services = ifelse(primary, _.primary_services, _.specialist_services)
    compared = joined.mutate(physicians=services).filter(_.physicians > 0)
    compared = compared.select(
        person_id=_.person_id,
        step=_.step,
        entity=_.entity,
        compared=ifelse(primary, _.primary_charges, _.specialist_charges),
        latest_primary=ifelse(primary, _.latest_primary, _.latest_specialist),
        latest_specialist=date_of(NEVER),
        physicians=_.physicians,
    )
    found = plurality(compared, aco, window, seed)
    named = found.mutate(tie_break=ifelse(_.tie_break == "recent_pcp", literal("recent_service"), _.tie_break))
    totals = kinds.drop("step")
    return named.join(totals, named.compared_person_id == totals.deciding_person_id)


def decide(screen: Table, designated: Table, decided: Table, aco: str, elsewhere_bars: bool) -> Table:
    """The decision on each person, in the order of the rule: screen, designation, claims, exclusions of the year.

    screen: `eligibility_screen`; designated: `voluntary_alignment`; decided: `by_claims`. elsewhere_bars: whether who
    designated a clinician outside the ACO cannot be aligned by claims. An entity needs charges above zero to win.
    Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    joined = screen.left_join(designated, screen.person_id == designated.designated_person_id)
    joined = joined.left_join(decided, joined.person_id == decided.compared_person_id)
    inside = coalesce(_.designation == "inside", literal(False))
    outside = coalesce(_.designation == "outside", literal(False)) & literal(elsewhere_bars)
    staged = joined.mutate(
        stage=cases(
            (_.screen_reason.notnull(), _.screen_reason),
            (inside, coalesce(_.later_reason, literal("voluntary"))),
            (outside, literal("designated_elsewhere")),
            *_claims_reasons(aco),
            else_=coalesce(_.later_reason, _.step),
        )
    )
    assigned = staged.stage.isin(ASSIGNED_STAGES)
    return staged.mutate(
        assigned=assigned,
        basis=ifelse(assigned, staged.stage, literal("none")),
        reason=ifelse(assigned, null("string"), staged.stage),
    )


def _claims_reasons(aco: str) -> list[tuple[Value, Value]]:
    return [
        (_.step.isnull(), literal("no_qualified_service")),
        (_.aco_services == 0, literal("no_aco_service")),
        (~(_.winning_charges > 0), literal("no_allowed_charges")),
        (_.winning_entity != aco, _.step + literal("_elsewhere")),
    ]

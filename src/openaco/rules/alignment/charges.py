"""Weighted allowed charges of each person at each entity, and which kind of services decides.

Pioneer ACO Model, Next Generation ACO Model and ACO REACH Model, under section 1115A of the Social Security Act; the
Shared Savings Program has no weights (42 CFR 425.402(b)).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from openaco.engine import Table, Value, _, cases, date_of, ifelse, literal, money
from openaco.rules.alignment.years import AlignmentYear
from openaco.rules.assignment.participants import with_entity
from openaco.rules.cited import cited


def weighted_charges(qualified: Table, listed: Table, years: Sequence[AlignmentYear]) -> Table:
    """Charges × weight of the alignment year, summed by person and entity. Returns `contract.WeightedCharges`.

    qualified: from `qualified_services`; listed: `assignment.entities`. Sums are exact decimals, times the sum of the
    weights too high, so that comparing never rounds. Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    weight = cases(
        *[
            (_.service_date.between(date_of(year.start), date_of(year.end)), literal(year.weight, "int64"))
            for year in years
        ],
        else_=literal(0, "int64"),
    )
    inside = with_entity(qualified.mutate(weight=weight).filter(_.weight > 0), listed)
    weighted = inside.mutate(weighted=money(_.allowed_amount * _.weight))
    return weighted.group_by("person_id", "entity").aggregate(
        primary_services=_.primary.sum(),
        specialist_services=(~_.primary).sum(),
        primary_charges=_charges(_.primary),
        specialist_charges=_charges(~_.primary),
        latest_primary=_.service_date.max(where=_.primary),
        latest_specialist=_.service_date.max(where=~_.primary),
    )


def deciding_kind(charges: Table, variant: str, rules_year: int, aco: str) -> Table:
    """Which services decide for each person: `step` primary_care or specialists. Grain: one person.

    Primary care decides where its share of all weighted charges reaches the threshold (10 percent), or where nobody
    charged anything and there is such a service; otherwise the specialists. `aco_services`: qualified services at the
    ACO, of either kind. Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    share = Fraction(str(cited(f"alignment/{variant}/primary_care_share", rules_year).value))
    people = charges.group_by("person_id").aggregate(
        primary_services=_.primary_services.sum(),
        all_primary_charges=money(_.primary_charges.sum()),
        all_charges=money((_.primary_charges + _.specialist_charges).sum()),
        aco_services=ifelse(_.entity == aco, _.primary_services + _.specialist_services, literal(0)).sum(),
    )
    enough = _.all_primary_charges * share.denominator >= _.all_charges * share.numerator
    return people.select(
        deciding_person_id=_.person_id,
        step=ifelse((_.primary_services > 0) & enough, literal("primary_care"), literal("specialists")),
        all_primary_charges=_.all_primary_charges,
        all_charges=_.all_charges,
        aco_services=_.aco_services,
    )


def _charges(which: Value) -> Value:
    return money(ifelse(which, _.weighted, money(0)).sum())

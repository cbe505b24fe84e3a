"""What each formula measures: the weight in proportion to which a pool is shared.

A weight is never below zero. For participants that a plan combines, it is the weight of all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from openaco.insight.distribution.cents import as_fraction
from openaco.insight.distribution.contribution import contribution
from openaco.insight.distribution.facts import Facts, Panel, Participant, together
from openaco.insight.distribution.plan import Plan, Pool

Members = Sequence[Participant]


def weight(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    """The weight of one participant, or of several that count together."""
    return _FORMULAS[pool.formula](pool, plan, facts, members)


def quality_of(participant: Participant, plan: Plan, facts: Facts) -> Decimal | None:
    """The score that counts: the participant's own, or what the plan says where there is none."""
    if participant.quality is not None:
        return participant.quality
    return facts.aco_quality if plan.missing_quality == "aco_score" else None


def people(panel: Panel, pool: Pool) -> Fraction:
    """The panel as the pool counts it: people, or person-years."""
    return panel.person_years if pool.count == "person_years" else Fraction(panel.beneficiaries)


def _equal(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    return Fraction(1)


def _panel(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    return sum((people(one.panel, pool) for one in members), Fraction(0))


def _quality_weighted(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    """Panel × quality score ÷ 100; a missing score weighs zero."""
    found = Fraction(0)
    for one in members:
        found += people(one.panel, pool) * as_fraction(quality_of(one, plan, facts) or Decimal(0)) / 100
    return found


def _points(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    return sum((as_fraction(one.points or Decimal(0)) for one in members), Fraction(0))


def _contribution(pool: Pool, plan: Plan, facts: Facts, members: Members) -> Fraction:
    """US dollars credited, where above zero; 0 else: nobody pays into a pool."""
    panel = together(one.panel for one in members)
    credited = contribution(panel, facts.everybody, pool.credibility_person_years or Decimal(0)).credited
    return max(credited / 100, Fraction(0))


_FORMULAS: Mapping[str, Callable[[Pool, Plan, Facts, Members], Fraction]] = {
    "equal": _equal,
    "fixed": _equal,
    "panel": _panel,
    "quality_weighted_panel": _quality_weighted,
    "points": _points,
    "contribution": _contribution,
}


def clinician_weights(pool: Pool, plan: Plan, facts: Facts, participant: Participant) -> dict[str, Fraction]:
    """How a participant's part of a pool arises among its clinicians, by NPI: by what each one's people contributed
    where that is the formula and anybody's is above zero, else by people.
    """
    panels = {one.npi: one.panel for one in participant.clinicians if one.panel.beneficiaries}
    if pool.formula == "contribution":
        k = pool.credibility_person_years or Decimal(0)
        credited = {npi: contribution(panel, facts.everybody, k).credited for npi, panel in panels.items()}
        if any(amount > 0 for amount in credited.values()):
            return {npi: max(amount, Fraction(0)) for npi, amount in credited.items()}
    counted = {npi: people(panel, pool) for npi, panel in panels.items()}
    return counted if any(counted.values()) else dict.fromkeys(panels, Fraction(1))

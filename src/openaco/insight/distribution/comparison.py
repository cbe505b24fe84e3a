"""Two plans on one year: who is better off, who worse, by how much, and that both spend the same payment."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.insight.distribution.distribute import Distribution, distribute
from openaco.insight.distribution.facts import Facts
from openaco.insight.distribution.plan import Plan


@dataclass(frozen=True)
class Change:
    """One participant under both plans, in cents; `difference` > 0: better off under the first."""

    participant: str
    name: str
    classification: str
    first: int
    second: int

    @property
    def difference(self) -> int:
        """First minus second plan."""
        return self.first - self.second


@dataclass(frozen=True)
class PlanComparison:
    """Both distributions of the same facts. `changes`: the most better off first, the most worse off last."""

    first: Distribution
    second: Distribution
    changes: tuple[Change, ...]

    @property
    def better(self) -> list[Change]:
        """Who receives more under the first plan."""
        return [change for change in self.changes if change.difference > 0]

    @property
    def worse(self) -> list[Change]:
        """Who receives less under the first plan."""
        return [change for change in self.changes if change.difference < 0]

    @property
    def moved(self) -> int:
        """Cents that change hands: what those better off gain, as far as others lose it."""
        return min(sum(change.difference for change in self.better), -sum(change.difference for change in self.worse))


def compare_plans(first: Plan, second: Plan, facts: Facts) -> PlanComparison:
    """Apply both plans to the same year."""
    one, other = distribute(first, facts), distribute(second, facts)
    changes = [
        Change(person.id, person.name, person.classification, one.totals[person.id], other.totals[person.id])
        for person in facts.participants
    ]
    return PlanComparison(
        one, other, tuple(sorted(changes, key=lambda change: (-change.difference, change.participant)))
    )


def where_it_goes(result: Distribution) -> dict[str, int]:
    """The payment by where it goes, in cents; the parts add up to it."""
    found = {used.use.name: used.amount for used in result.uses}
    found["Participants"] = result.distributed
    found["Held by the ACO"] = result.held
    if result.losses:
        found["Paid by the reserve"] = -result.losses.from_reserve
        found["Paid by the ACO"] = -result.losses.by_aco
    return found

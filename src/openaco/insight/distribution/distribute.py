"""A whole distribution: the payment, its uses, its pools, what nobody could receive, and who shares a loss.

Everything is exact: uses, awards and what is held add up to the payment, to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from openaco.errors import ConfigurationError
from openaco.insight.distribution.allocation import Claimant, allocate
from openaco.insight.distribution.cents import as_fraction, half_up, proportional, to_cents
from openaco.insight.distribution.facts import Facts
from openaco.insight.distribution.formulas import clinician_weights
from openaco.insight.distribution.plan import Plan
from openaco.insight.distribution.pools import PoolResult, share_pool, wanted_by_fixed
from openaco.insight.distribution.uses import Used, apply_uses


@dataclass(frozen=True)
class LossShares:
    """A payment due to CMS, in cents ≥ 0: what the reserve and the ACO bear, and what each participant pays."""

    due: int
    from_reserve: int
    shared: int
    by_aco: int
    shares: Mapping[str, int]
    reasons: Mapping[str, str]
    weights: Mapping[str, Fraction]
    rate: Fraction = Fraction(0)


@dataclass(frozen=True)
class Distribution:
    """The result. Amounts are cents; `totals` are by participant, below zero only where the plan shares losses."""

    plan: Plan
    facts: Facts
    uses: tuple[Used, ...]
    shareable: int
    pools: tuple[PoolResult, ...]
    held: int
    losses: LossShares | None
    totals: Mapping[str, int]

    @property
    def distributed(self) -> int:
        """What participants receive in all; below zero: what they pay."""
        return sum(self.totals.values())

    def pool_cents(self, pool: PoolResult, participant: str) -> int:
        """What a participant receives from a pool."""
        standing = pool.standing(participant)
        return standing.cents if standing else 0


def distribute(plan: Plan, facts: Facts) -> Distribution:
    """Apply a plan to a year. Raises ConfigurationError where the plan needs scores that nobody stated."""
    _check_scores(plan, facts)
    uses = apply_uses(facts.payment, plan.use)
    shareable = max(facts.payment, 0) - sum(used.amount for used in uses)
    pools, held = _pools(plan, facts, shareable)
    losses = _losses(plan, facts) if facts.payment < 0 else None
    totals = {
        one.id: sum(standing.cents for pool in pools if (standing := pool.standing(one.id)))
        - (losses.shares.get(one.id, 0) if losses else 0)
        for one in sorted(facts.participants, key=lambda one: one.id)
    }
    return Distribution(plan, facts, tuple(uses), shareable, tuple(pools), held, losses, totals)


def by_clinician(result: Distribution, participant: str) -> dict[tuple[str, str], int]:
    """How a participant's amount of each pool arises among its clinicians: (pool, NPI) → cents.

    They add up to the participant's amount; where nobody's people decide, all is under the blank NPI.
    """
    one = result.facts.participant(participant)
    found: dict[tuple[str, str], int] = {}
    for pool in result.pools:
        cents = result.pool_cents(pool, participant)
        weights = clinician_weights(pool.pool, result.plan, result.facts, one)
        if cents and not any(weights.values()):
            found[pool.pool.slug, ""] = cents
        elif cents:
            found |= {(pool.pool.slug, npi): part for npi, part in proportional(cents, weights).items()}
    return found


def _check_scores(plan: Plan, facts: Facts) -> None:
    if plan.needs_quality and plan.missing_quality == "refuse":
        missing = sum(one.quality is None for one in facts.participants)
        if missing:
            raise ConfigurationError(
                f"no quality score for {missing} of {len(facts.participants)} participants",
                where="participant_scores.csv",
                remedy='Add them in the column quality_score, or set missing_quality = "aco_score" in the plan.',
            )
    if plan.needs_quality and plan.missing_quality == "aco_score" and facts.aco_quality is None:
        missing = sum(one.quality is None for one in facts.participants)
        if missing:
            raise ConfigurationError(
                f"no quality score for {missing} participants, and the settlement states none for the ACO",
                where="participant_scores.csv",
                remedy="Add them in the column quality_score, or state the ACO's score in aco.toml and run again.",
            )
    if plan.needs_points and all(one.points is None for one in facts.participants):
        raise ConfigurationError(
            "the plan asks for citizenship points, and nobody has any",
            where="participant_scores.csv",
            remedy="Add the column points, or take minimum_points and formula points out of the plan.",
        )


def _pools(plan: Plan, facts: Facts, shareable: int) -> tuple[list[PoolResult], int]:
    """The pools in the order of the file, fixed ones paid first, and what is held."""
    given: dict[str, int] = {one.id: 0 for one in facts.participants}
    most = _most(plan, shareable)
    results: dict[str, PoolResult] = {}

    def share(name: str, amount: int, carried: int) -> PoolResult:
        pool = next(pool for pool in plan.pool if pool.slug == name)
        headroom = {id: None if most is None else max(0, most - cents) for id, cents in given.items()}
        results[name] = share_pool(pool, plan, facts, amount, carried, headroom)
        for standing in results[name].standings:
            given[standing.participant] += standing.cents
        return results[name]

    remaining = shareable
    for pool in plan.pool:
        if pool.formula == "fixed":
            room = {id: None if most is None else max(0, most - cents) for id, cents in given.items()}
            amount = min(remaining, wanted_by_fixed(pool, plan, facts, room))
            remaining -= share(pool.slug, amount, 0).paid
    shares = {pool.slug: as_fraction(pool.share) for pool in plan.pool if pool.share is not None}
    sizes, carried = proportional(remaining, shares), 0
    held = remaining - sum(sizes.values())
    for name in shares:
        result = share(name, sizes[name] + carried, carried)
        carried = result.left if plan.unpaid == "next_pool" else 0
        held += result.left - carried
    return [results[pool.slug] for pool in plan.pool], held + carried


def _most(plan: Plan, shareable: int) -> int | None:
    """The most one participant receives from all pools together."""
    limits = [to_cents(plan.limits.cap)] if plan.limits.cap is not None else []
    if plan.limits.cap_share is not None:
        limits.append(int(shareable * as_fraction(plan.limits.cap_share)))
    return min(limits, default=None)


def _losses(plan: Plan, facts: Facts) -> LossShares:
    """Who pays what is due to CMS: the reserve, then participants by the plan's formula, then the ACO."""
    due, rule = -facts.payment, plan.losses
    if rule is None:
        return LossShares(due, 0, 0, due, {}, {}, {})
    from_reserve = min(due, to_cents(rule.from_reserve))
    asked = half_up((due - from_reserve) * as_fraction(rule.share))
    reasons: dict[str, str] = {}
    weights: dict[str, Fraction] = {}
    for one in sorted(facts.participants, key=lambda one: one.id):
        if rule.classes and one.classification not in rule.classes:
            reasons[one.id] = "its class does not share losses"
        elif one.panel.beneficiaries < rule.minimum_panel:
            reasons[one.id] = f"losses are shared from {rule.minimum_panel} assigned people on"
        else:
            weights[one.id] = Fraction(one.panel.beneficiaries if rule.formula == "panel" else 1)
    cap = to_cents(rule.cap) if rule.cap is not None else None
    shared = allocate(asked, [Claimant(id, "", weight, cap=cap) for id, weight in weights.items()])
    paid = sum(shared.cents.values())
    rate = next(iter(shared.rates.values()), Fraction(0))
    return LossShares(due, from_reserve, paid, due - from_reserve - paid, shared.cents, reasons, weights, rate)

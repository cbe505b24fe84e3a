"""One pool: who may share, by what measure, within which limits, and what each receives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from openaco.insight.distribution.allocation import Allocation, Bound, Claimant, Limits, allocate
from openaco.insight.distribution.cents import as_fraction, to_cents
from openaco.insight.distribution.facts import Facts, Participant, together
from openaco.insight.distribution.formulas import quality_of, weight
from openaco.insight.distribution.plan import Plan, Pool

Headroom = Mapping[str, int | None]
COMBINED = "combined"


@dataclass(frozen=True)
class Standing:
    """What one participant is and receives in a pool.

    reason  why it does not share; empty if it does
    unit    its own id, or `combined.<class>` where it counts together with other small panels
    weight  the measure of its unit; 0 where it does not share
    cents   what it receives
    bound   what holds its unit: floor, cap, or nothing
    """

    participant: str
    reason: str = ""
    unit: str = ""
    weight: Fraction = Fraction(0)
    cents: int = 0
    bound: Bound = ""


@dataclass(frozen=True)
class PoolResult:
    """A pool shared: its size with what earlier pools left to it (`carried`), who received what, and what is left."""

    pool: Pool
    amount: int
    carried: int
    standings: tuple[Standing, ...]
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    class_bound: Mapping[str, Bound] = field(default_factory=dict)
    left: int = 0
    scaled: bool = False

    @property
    def paid(self) -> int:
        """Cents paid out of the pool."""
        return self.amount - self.left

    @property
    def total_weight(self) -> Fraction:
        """The measure of all units that share, each once."""
        return sum({one.unit: one.weight for one in self.standings if one.unit}.values(), Fraction(0))

    def standing(self, participant: str) -> Standing | None:
        """What a participant is in this pool; None where its class does not take part."""
        return next((one for one in self.standings if one.participant == participant), None)


def candidates(pool: Pool, facts: Facts) -> list[Participant]:
    """The participants whose class takes part, by id."""
    taking_part = [one for one in facts.participants if not pool.classes or one.classification in pool.classes]
    return sorted(taking_part, key=lambda one: one.id)


def units(pool: Pool, plan: Plan, facts: Facts) -> tuple[dict[str, list[Participant]], dict[str, str]]:
    """Who counts as one, by unit, and why the others do not share.

    Small panels of one class count together where the plan combines them, if together they are large enough.
    """
    found: dict[str, list[Participant]] = {}
    reasons: dict[str, str] = {}
    for one in candidates(pool, facts):
        reason = hurdle_missed(pool, plan, facts, one)
        if reason:
            reasons[one.id] = reason
        elif one.panel.beneficiaries >= pool.minimum_panel:
            found[one.id] = [one]
        elif pool.below_minimum_panel == COMBINED and one.panel.beneficiaries:
            found.setdefault(f"{COMBINED}.{one.classification}", []).append(one)
        else:
            reasons[one.id] = _too_small(one.panel.beneficiaries, pool.minimum_panel)
    for unit, members in list(found.items()):
        size = together(one.panel for one in members).beneficiaries
        if size < pool.minimum_panel:
            del found[unit]
            reasons |= {one.id: _too_small(size, pool.minimum_panel, ", small panels together") for one in members}
    return found, reasons


def hurdle_missed(pool: Pool, plan: Plan, facts: Facts, one: Participant) -> str:
    """Which hurdle of quality or citizenship a participant misses, in words; empty if none. Just met is met."""
    quality = quality_of(one, plan, facts)
    if pool.minimum_quality is not None and (quality is None or quality < pool.minimum_quality):
        has = "no quality score is known" if quality is None else f"its quality score of {quality:f} is below it"
        return f"this pool asks for a quality score of {pool.minimum_quality:f}, and {has}"
    if pool.minimum_points is not None and (one.points is None or one.points < pool.minimum_points):
        has = "none are known" if one.points is None else f"it has {one.points:f}"
        return f"this pool asks for {pool.minimum_points:f} citizenship points, and {has}"
    return ""


def _too_small(size: int, least: int, how: str = "") -> str:
    return f"this pool asks for a panel of at least {least}, and there are {size} assigned people{how}"


def share_pool(pool: Pool, plan: Plan, facts: Facts, amount: int, carried: int, headroom: Headroom) -> PoolResult:
    """Share `amount` cents (with `carried` in it) among those who may. headroom: what each may still receive."""
    found, reasons = units(pool, plan, facts)
    weights = {unit: weight(pool, plan, facts, members) for unit, members in found.items()}
    for unit, members in found.items():
        if not weights[unit]:
            reasons |= {one.id: _NOTHING[pool.formula] for one in members}
    sharing = {unit: members for unit, members in found.items() if weights[unit]}
    claimants = [_claimant(pool, unit, members, weights[unit], amount, headroom) for unit, members in sharing.items()]
    shared = allocate(amount, claimants, _limits(pool, amount))
    standings = [Standing(one, reason) for one, reason in reasons.items()]
    for unit, members in sharing.items():
        standings += _of_unit(pool, unit, members, weights[unit], shared, headroom)
    return PoolResult(
        pool=pool,
        amount=amount,
        carried=carried,
        standings=tuple(sorted(standings, key=lambda one: one.participant)),
        rates=shared.rates,
        class_bound=shared.class_bound,
        left=amount - sum(one.cents for one in standings),
        scaled=shared.scaled,
    )


def wanted_by_fixed(pool: Pool, plan: Plan, facts: Facts, headroom: Headroom) -> int:
    """What a fixed pool would pay in full, in cents."""
    found, _reasons = units(pool, plan, facts)
    each = to_cents(pool.amount or 0)
    return sum(min(each, _room(members, headroom, each)) for members in found.values())


def _claimant(
    pool: Pool, unit: str, members: Sequence[Participant], measure: Fraction, amount: int, headroom: Headroom
) -> Claimant:
    limits = [to_cents(limit) for limit in (pool.cap, pool.amount) if limit is not None]
    if pool.cap_share is not None:
        limits.append(int(amount * as_fraction(pool.cap_share)))
    rooms = [headroom[one.id] for one in members]
    if all(room is not None for room in rooms):
        limits.append(sum(room for room in rooms if room is not None))
    cap = min(limits, default=None)
    floor = to_cents(pool.floor)
    return Claimant(unit, members[0].classification, measure, floor if cap is None else min(floor, cap), cap)


def _room(members: Iterable[Participant], headroom: Headroom, otherwise: int) -> int:
    rooms = [headroom[one.id] for one in members]
    return otherwise if any(room is None for room in rooms) else sum(room for room in rooms if room is not None)


def _limits(pool: Pool, amount: int) -> dict[str, Limits]:
    names = {*pool.class_floor_shares, *pool.class_cap_shares}
    return {
        name: Limits(
            floor=int(amount * as_fraction(pool.class_floor_shares.get(name, 0))),
            cap=int(amount * as_fraction(pool.class_cap_shares[name])) if name in pool.class_cap_shares else None,
        )
        for name in names
    }


def _of_unit(
    pool: Pool, unit: str, members: Sequence[Participant], measure: Fraction, shared: Allocation, headroom: Headroom
) -> list[Standing]:
    """The unit's cents among its members: one alone has them all; several share by their people."""
    cents, bound = shared.cents[unit], "" if pool.formula == "fixed" else shared.bound.get(unit, "")
    if len(members) == 1:
        return [Standing(members[0].id, "", unit, measure, cents, bound)]
    by_people = [Claimant(one.id, "", Fraction(one.panel.beneficiaries), cap=headroom[one.id]) for one in members]
    parts = allocate(cents, by_people).cents
    return [Standing(one.id, "", unit, measure, parts.get(one.id, 0), bound) for one in members]


_NOTHING = {
    "equal": "",
    "fixed": "",
    "panel": "no assigned people",
    "quality_weighted_panel": "no assigned people, or a quality score of zero",
    "points": "no citizenship points",
    "contribution": "its people did not cost less than expected, and nobody pays into a pool",
}

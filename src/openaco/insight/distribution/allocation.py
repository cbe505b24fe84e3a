"""Shares an amount in proportion to weights, within floors and caps of each claimant and of each class.

What a cap cuts off is shared again among the others, and again, until nothing moves. That end is one rate: everybody
who is held by no floor and no cap gets rate × weight. The rate is found exactly, not by rounds, so the result is the
same whichever order the rounds would have taken. A class held by its own floor or cap has a rate of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from openaco.insight.distribution.cents import largest_remainder

Bound = Literal["", "floor", "cap"]


@dataclass(frozen=True)
class Claimant:
    """Who may receive: `weight` > 0 in any unit, `floor` and `cap` in cents (None = no cap), floor ≤ cap."""

    id: str
    group: str
    weight: Fraction
    floor: int = 0
    cap: int | None = None


@dataclass(frozen=True)
class Limits:
    """The least and the most that all claimants of a class receive together, in cents. None = no cap."""

    floor: int = 0
    cap: int | None = None


@dataclass(frozen=True)
class Allocation:
    """Who receives how many cents.

    cents        by claimant
    bound        what holds a claimant: floor, cap, or nothing
    rates        cents per unit of weight, by class; 0 where nobody of the class is free
    class_bound  what holds a class
    left         cents nobody may receive: everybody is at a cap
    scaled       whether the floors came to more than the amount, so that it was shared in proportion to them
    """

    cents: Mapping[str, int]
    bound: Mapping[str, Bound] = field(default_factory=dict)
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    class_bound: Mapping[str, Bound] = field(default_factory=dict)
    left: int = 0
    scaled: bool = False


def allocate(amount: int, claimants: Iterable[Claimant], limits: Mapping[str, Limits] | None = None) -> Allocation:
    """Share `amount` ≥ 0 cents. Adds up exactly: the cents of all claimants and `left` are `amount`."""
    people = sorted((one for one in claimants if one.weight > 0), key=lambda one: one.id)
    if not people or amount <= 0:
        nothing = {one.group: Fraction(0) for one in people}
        return Allocation(cents={one.id: 0 for one in people}, rates=nothing, left=max(amount, 0))
    groups = _groups(people, limits or {})
    least, most = sum(group.least for group in groups), _total(group.most for group in groups)
    if least >= amount:
        totals = {group.name: Fraction(amount * group.least, least) for group in groups}
        scaled = least > amount
    else:
        level = _level(Fraction(min(amount, most) if most is not None else amount), groups)
        totals, scaled = {group.name: group.at(level) for group in groups}, False
    given = min(amount, most) if most is not None else amount
    return _settled(groups, largest_remainder(totals, given), amount - given, scaled)


@dataclass(frozen=True)
class _Group:
    """The claimants of one class, and what the class may receive at least and at most, in whole cents."""

    name: str
    members: Sequence[Claimant]
    floor: int
    cap: int | None

    @property
    def least(self) -> int:
        reach = _total(one.cap for one in self.members)
        floor = self.floor if reach is None else min(self.floor, reach)
        most = max(floor, sum(one.floor for one in self.members))
        return most if self.cap is None else min(most, self.cap)

    @property
    def most(self) -> int | None:
        reach = _total(one.cap for one in self.members)
        known = [limit for limit in (reach, self.cap) if limit is not None]
        return max(min(known), self.least) if known else None

    def free(self, rate: Fraction) -> Fraction:
        """What the members receive at a rate, before the limits of the class."""
        return sum((_clamped(rate * one.weight, one.floor, one.cap) for one in self.members), Fraction(0))

    def at(self, rate: Fraction) -> Fraction:
        """What the class receives at a rate."""
        return _clamped(self.free(rate), self.least, self.most)

    def turns(self) -> set[Fraction]:
        """Rates at which a member comes to a floor or a cap."""
        limits = [(limit, one.weight) for one in self.members for limit in (one.floor, one.cap) if limit is not None]
        return {limit / weight for limit, weight in limits}


def _groups(people: Sequence[Claimant], limits: Mapping[str, Limits]) -> list[_Group]:
    """One group for each class with limits, and one for all others together, so that cents are rounded once."""
    found = [_Group("", [one for one in people if one.group not in limits], 0, None)]
    for name in sorted(limits):
        members = [one for one in people if one.group == name]
        found.append(_Group(name, members, limits[name].floor, limits[name].cap))
    return [group for group in found if group.members]


def _level(total: Fraction, groups: Sequence[_Group]) -> Fraction:
    """The rate at which all groups together receive `total`, between what they receive at least and at most."""
    turns = {Fraction(0)}
    for group in groups:
        own = group.turns() | {Fraction(0)}
        turns |= own
        for limit in (group.least, group.most):
            if limit is not None and group.free(Fraction(0)) < limit:
                turns.add(_rate_for(Fraction(limit), group.free, own))
    return _rate_for(total, lambda rate: sum((group.at(rate) for group in groups), Fraction(0)), turns)


def _rate_for(total: Fraction, received: Callable[[Fraction], Fraction], turns: Iterable[Fraction]) -> Fraction:
    """The rate at which `received`, straight between its `turns` and never falling, comes to `total`.

    The least such rate; the last turn where it never comes so far.
    """
    rates = sorted(turns)
    place = bisect_right(rates, total, key=received) - 1
    if place < 0:
        return rates[0]
    start = rates[place]
    while place and received(rates[place - 1]) == received(start) == total:
        place -= 1
        start = rates[place]
    end = rates[place + 1] if place + 1 < len(rates) else start + 1
    slope = (received(end) - received(start)) / (end - start)
    return start + (total - received(start)) / slope if slope else start


def _settled(groups: Sequence[_Group], totals: Mapping[str, int], left: int, scaled: bool) -> Allocation:
    """The cents of each claimant within the cents of its class."""
    cents: dict[str, int] = {}
    bound: dict[str, Bound] = {}
    rates: dict[str, Fraction] = {}
    class_bound: dict[str, Bound] = {}
    for group in groups:
        total = totals[group.name]
        shares, rate, held = _within(group.members, total)
        cents |= largest_remainder(shares, total)
        bound |= held
        at_cap, at_floor = total == group.cap, bool(group.floor) and total == group.floor
        for name in {one.group for one in group.members}:
            rates[name] = rate
            class_bound[name] = "cap" if at_cap else "floor" if at_floor else ""
    return Allocation(cents, bound, rates, class_bound, left, scaled)


def _within(members: Sequence[Claimant], total: int) -> tuple[dict[str, Fraction], Fraction, dict[str, Bound]]:
    """The exact share of each member, the rate, and what holds whom."""
    floors = sum(one.floor for one in members)
    if floors and floors >= total:
        shares = {one.id: Fraction(total * one.floor, floors) for one in members}
        return shares, Fraction(0), {one.id: "floor" if one.floor else "" for one in members}
    group = _Group("", members, 0, None)
    rate = _rate_for(Fraction(total), group.free, group.turns() | {Fraction(0)})
    shares = {one.id: _clamped(rate * one.weight, one.floor, one.cap) for one in members}
    return shares, rate, {one.id: _held(rate * one.weight, one) for one in members}


def _held(free: Fraction, one: Claimant) -> Bound:
    if one.cap is not None and free >= one.cap:
        return "cap"
    return "floor" if free < one.floor else ""


def _clamped(value: Fraction, least: int, most: int | None) -> Fraction:
    held = max(value, Fraction(least))
    return held if most is None else min(held, Fraction(most))


def _total(limits: Iterable[int | None]) -> int | None:
    """The sum of limits; None if any of them has no end."""
    known = list(limits)
    return None if any(limit is None for limit in known) else sum(limit for limit in known if limit is not None)

"""How the forecast moved between two dates and why, exact to the cent.

One thing after another is taken from the later date, in this order; each step is what the forecast moved by it:

1. membership   who is expected to be assigned, and their months, with the claims that the earlier date knew
2. risk         the risk scores expected of them
3. completion   service months that the earlier date had seen already, as they are known now: claims that came in since,
                and how complete they are reckoned to be
4. use          what came in of the service months seen since: services, at the prices of the months before
5. price        what a service cost in those months, and how long and severe it was

The first step starts from the earlier forecast and the last ends at the later one, so the steps sum to the change.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openaco.insight.forecast import assumptions
from openaco.insight.forecast.history import History
from openaco.insight.forecast.people import GroupSums
from openaco.insight.forecast.projection import KnownYear, Projection, known_year, project
from openaco.insight.forecast.settlement import Settlement, settled, year_inputs
from openaco.insight.forecast.triangle import Numbers
from openaco.worksheet import Worksheet

Flags = NDArray[np.bool_]
STEPS = ("membership", "risk", "completion", "use", "price")


@dataclass(frozen=True)
class Side:
    """One of the two dates: what it knew, what it learned from past years, and the risk scores it expected."""

    sums: GroupSums
    history: History
    shares: Numbers
    known_months: int
    projection: Projection
    risk: Numbers


@dataclass(frozen=True)
class Step:
    """What the forecast moved by one thing, US cents: savings (benchmark − expenditures), payment, expenditures."""

    name: str
    savings_cents: int
    payment_cents: int
    expenditures_cents: int


@dataclass(frozen=True)
class Movement:
    """The change between two valuation dates; the steps sum to it."""

    since: datetime.date
    before: tuple[int, int, int]
    after: tuple[int, int, int]
    steps: tuple[Step, ...]


def movement(
    settlement: Settlement, earlier: Side, later: Side, known_earlier: GroupSums, since: datetime.date
) -> Movement:
    """Explain the change. known_earlier: the later date's people and groups with what the earlier date knew of them."""
    stages = list(_stages(earlier, later, known_earlier))
    cents = [_cents(_settled(settlement, known, history, risk)) for known, history, risk in stages]
    steps = []
    for name, before, after in zip(STEPS, cents[:-1], cents[1:], strict=True):
        steps.append(Step(name, *(late - early for early, late in zip(before, after, strict=True))))
    return Movement(since, cents[0], cents[-1], tuple(steps))


def _stages(earlier: Side, later: Side, known_earlier: GroupSums) -> Sequence[tuple[KnownYear, History, Numbers]]:
    """The six states from the earlier forecast to the later one."""
    members = replace(
        earlier.history,
        dollars_stay=later.history.dollars_stay,
        months_stay=later.history.months_stay,
        people_stay=later.history.people_stay,
        months_pattern=later.history.months_pattern,
    )
    now = later.projection.known
    listed = known_year(known_earlier, members, earlier.shares, earlier.known_months)
    listed = replace(listed, months=now.months, people=now.people)
    seen = _seen(earlier)
    restated = replace(
        now,
        spent=np.where(seen, now.spent, listed.spent),
        share_known=np.where(seen, now.share_known, listed.share_known),
    )
    at_old_prices = listed.spent + (now.spent - listed.spent) * _old_price_for_new(later.sums, known_earlier, seen)
    used = replace(now, spent=np.where(seen, now.spent, at_old_prices))
    return [
        (earlier.projection.known, earlier.history, earlier.risk),
        (listed, members, earlier.risk),
        (listed, members, later.risk),
        (restated, later.history, later.risk),
        (used, later.history, later.risk),
        (now, later.history, later.risk),
    ]


def _seen(side: Side) -> Flags:
    """The months that a date had seen: those of which it knew more than a little."""
    return side.projection.known.share_known >= assumptions.UNSEEN


def _old_price_for_new(now: GroupSums, before: GroupSums, seen: Flags) -> float:
    """By what dollars that came in the new months are multiplied to stand at the price of the months seen before."""
    new = ~seen
    dollars, use = (getattr(now, name).sum(axis=(0, 1)) for name in ("dollars", "use"))
    came, used = (part - getattr(before, name).sum(axis=(0, 1)) for name, part in (("dollars", dollars), ("use", use)))
    if min(dollars[seen].sum(), use[seen].sum(), came[new].sum(), used[new].sum()) <= 0:
        return 1.0
    return float((dollars[seen].sum() / use[seen].sum()) / (came[new].sum() / used[new].sum()))


def _settled(settlement: Settlement, known: KnownYear, history: History, risk: Numbers) -> Worksheet:
    projected = project(known, history)
    return settled(settlement, year_inputs(settlement, projected.months, projected.spending, risk, known.people))


def _cents(sheet: Worksheet) -> tuple[int, int, int]:
    lines = ("settlement.difference", "settlement.payment", "settlement.total_expenditures")
    savings, payment, spent = (round(100 * sheet.number(line)) for line in lines)
    return savings, payment, spent

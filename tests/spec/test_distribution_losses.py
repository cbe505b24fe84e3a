"""A year with losses: nobody pays unless the plan says so; then by its formula, after the reserve, within caps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from distribution_world import facts, participant, plan
from openaco.insight.distribution.comparison import compare_plans, where_it_goes
from openaco.insight.distribution.distribute import Distribution, distribute

POOL = {"formula": "panel", "share": 1}
PEOPLE = (
    participant(1, 600, difference=-900_000, quality="10"),
    participant(2, 300, difference=900_000, quality="95"),
    participant(3, 100, kind="hospital"),
)


def lost(payment: str, **losses: Any) -> Distribution:
    rules = {"losses_are_shared": True, "losses": {"formula": "panel"} | losses} if losses else {}
    return distribute(plan(POOL, **rules), facts(*PEOPLE, payment=payment))


def test_a_plan_that_does_not_share_losses_charges_nobody() -> None:
    result = lost("-1000.00")
    assert set(result.totals.values()) == {0}
    assert result.losses
    assert (result.losses.due, result.losses.by_aco) == (100_000, 100_000)
    assert where_it_goes(result) == {
        "Participants": 0,
        "Held by the ACO": 0,
        "Paid by the reserve": 0,
        "Paid by the ACO": -100_000,
    }


@pytest.mark.parametrize(
    ("losses", "reserve", "shares", "by_aco"),
    [
        ({"share": 1}, 0, [-60_000, -30_000, -10_000], 0),
        ({"share": Decimal("0.5")}, 0, [-30_000, -15_000, -5_000], 50_000),
        ({"share": 1, "from_reserve": 400}, 40_000, [-36_000, -18_000, -6_000], 0),
        ({"share": 1, "from_reserve": 5000}, 100_000, [0, 0, 0], 0),
        ({"formula": "equal", "share": 1}, 0, [-33_334, -33_333, -33_333], 0),
        ({"share": 1, "cap": 350}, 0, [-35_000, -35_000, -30_000], 0),
        ({"share": 1, "cap": 250}, 0, [-25_000, -25_000, -25_000], 25_000),
        ({"share": 1, "minimum_panel": 300}, 0, [-66_667, -33_333, 0], 0),
        ({"share": 1, "minimum_panel": 301}, 0, [-100_000, 0, 0], 0),
        ({"share": 1, "classes": ["hospital"]}, 0, [0, 0, -100_000], 0),
        ({"share": 1, "minimum_panel": 9999}, 0, [0, 0, 0], 100_000),
    ],
)
def test_losses_follow_the_plan(losses: dict[str, Any], reserve: int, shares: list[int], by_aco: int) -> None:
    """What patients cost and how good the care was decide nothing: the first has the worst of both and pays by size."""
    result = lost("-1000.00", **losses)
    assert list(result.totals.values()) == shares
    assert result.losses
    assert (result.losses.from_reserve, result.losses.by_aco) == (reserve, by_aco)
    assert sum(where_it_goes(result).values()) == -100_000


def test_a_plan_that_shares_losses_charges_nobody_in_a_year_with_savings() -> None:
    result = lost("1000.00", share=1)
    assert result.losses is None
    assert list(result.totals.values()) == [60_000, 30_000, 10_000]


def test_two_plans_spend_the_same_payment_and_everybody_is_sorted_by_what_changes() -> None:
    equal = plan({"formula": "equal", "share": 1}, name="Equal")
    panel = plan(POOL, name="Panel", use=[{"kind": "care", "name": "Nurses", "share": Decimal("0.1")}])
    found = compare_plans(equal, panel, facts(*PEOPLE, payment="900.00"))
    assert [(change.participant[-1], change.difference) for change in found.changes] == [
        ("3", 21_900),
        ("2", 5_700),
        ("1", -18_600),
    ]
    assert (len(found.better), len(found.worse), found.moved) == (2, 1, 18_600)
    for result in (found.first, found.second):
        assert sum(where_it_goes(result).values()) == 90_000


def test_the_same_plan_twice_changes_nothing() -> None:
    found = compare_plans(plan(POOL), plan(POOL), facts(*PEOPLE))
    assert (found.better, found.worse, found.moved) == ([], [], 0)

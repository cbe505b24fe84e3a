"""Each formula, hurdle and limit of a distribution, as tables: a participant a row, what it receives last.

Panels cost $10,000 a person-year expected; `saved` is what all people of a participant cost less than that.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from distribution_world import facts, participant, plan
from openaco.errors import ConfigurationError
from openaco.insight.distribution.contribution import contribution
from openaco.insight.distribution.distribute import Distribution, distribute
from openaco.insight.distribution.facts import Panel
from spec_tables import cells


def shared(text: str, *pools: dict[str, Any], payment: str = "1000.00", **keys: Any) -> Distribution:
    """Distribute among the rows of a table and compare each `receives`."""
    rows = cells(text)
    people = [
        participant(
            int(row["id"] or 0),
            int(row.get("people") or 0),
            difference=int(row.get("saved") or 0),
            quality=row.get("quality"),
            points=row.get("points"),
            kind=row.get("class") or "primary_care",
        )
        for row in rows
    ]
    result = distribute(plan(*pools, **keys), facts(*people, payment=payment))
    got = {one.id: Decimal(result.totals[one.id]) / 100 for one in people}
    assert got == {f"{int(row['id'] or 0):09d}": Decimal(row["receives"] or "0") for row in rows}
    return result


def test_equal_shares_give_the_odd_cents_to_the_lower_numbers() -> None:
    text = """
id | people | receives
-- | ------ | --------
3  | 5      | 333.33
1  | 700    | 333.34
2  | 0      | 333.33
"""
    shared(text, {"formula": "equal", "share": 1})


def test_a_panel_pays_by_assigned_people() -> None:
    text = """
id | people | receives
-- | ------ | --------
1  | 100    | 250.00
2  | 300    | 750.00
3  | 0      | 0.00
"""
    result = shared(text, {"formula": "panel", "share": 1})
    assert result.pools[0].standings[2].reason == "no assigned people"


def test_quality_weighs_the_panel_and_a_missing_score_is_what_the_plan_says() -> None:
    text = """
id | people | quality | receives
-- | ------ | ------- | --------
1  | 100    | 90      | 450.00
2  | 200    | 55      | 550.00
3  | 400    |         | 0.00
4  | 400    | 0       | 0.00
"""
    shared(text, {"formula": "quality_weighted_panel", "share": 1})
    with_the_acos = """
id | people | quality | receives
-- | ------ | ------- | --------
1  | 100    | 90      | 529.41
2  | 100    |         | 470.59
"""
    shared(with_the_acos, {"formula": "quality_weighted_panel", "share": 1}, missing_quality="aco_score")


def test_points_pay_by_points() -> None:
    text = """
id | people | points | receives
-- | ------ | ------ | --------
1  | 10     | 3      | 300.00
2  | 90     | 7      | 700.00
3  | 90     | 0      | 0.00
4  | 90     |        | 0.00
"""
    shared(text, {"formula": "points", "share": 1})


@pytest.mark.parametrize(
    ("payment", "each", "held"), [("1000.00", "200.00", 40_000), ("600.00", "200.00", 0), ("500.00", "166.67", 0)]
)
def test_fixed_amounts_are_paid_in_full_or_alike(payment: str, each: str, held: int) -> None:
    rest = "166.66" if each == "166.67" else each
    text = f"""
id | people | receives
-- | ------ | --------
1  | 100    | {each}
2  | 300    | {each}
3  | 1      | {rest}
4  | 0      | 0.00
"""
    pool = {"formula": "fixed", "amount": Decimal("200.00"), "minimum_panel": 1}
    assert shared(text, pool, payment=payment).held == held


def test_fixed_amounts_come_first_wherever_they_stand() -> None:
    text = """
id | people | receives
-- | ------ | --------
1  | 100    | 350.00
2  | 300    | 650.00
"""
    shared(text, {"formula": "panel", "share": 1}, {"formula": "fixed", "amount": Decimal(200)})


CONTRIBUTIONS = {"formula": "contribution", "share": 1, "minimum_quality": 50}


def test_contribution_draws_small_panels_toward_the_acos_mean() -> None:
    """Own $1,000 and −$200 a person-year, mean $400: at k = 500 half of each counts, so $700 and $100."""
    text = """
id | people | quality | saved   | receives
-- | ------ | ------- | ------- | --------
1  | 500    | 80      | 500000  | 875.00
2  | 500    | 80      | -100000 | 125.00
"""
    shared(text, CONTRIBUTIONS | {"credibility_person_years": 500})


def test_without_shrinkage_who_costs_more_than_expected_gets_nothing_and_pays_nothing() -> None:
    text = """
id | people | quality | saved   | receives
-- | ------ | ------- | ------- | --------
1  | 500    | 80      | 500000  | 1000.00
2  | 500    | 80      | -100000 | 0.00
3  | 500    | 80      | 0       | 0.00
"""
    shared(text, CONTRIBUTIONS | {"credibility_person_years": 0})


def test_savings_without_quality_earn_nothing() -> None:
    text = """
id | people | quality | saved  | receives
-- | ------ | ------- | ------ | --------
1  | 500    | 49.9    | 900000 | 0.00
2  | 500    | 50      | 100    | 1000.00
"""
    result = shared(text, CONTRIBUTIONS | {"credibility_person_years": 0})
    assert "its quality score of 49.9 is below it" in result.pools[0].standings[0].reason


def test_where_nobody_saved_the_pool_is_held() -> None:
    text = """
id | people | quality | saved   | receives
-- | ------ | ------- | ------- | --------
1  | 500    | 80      | -500000 | 0.00
2  | 500    | 80      | -1      | 0.00
"""
    assert shared(text, CONTRIBUTIONS | {"credibility_person_years": 0}).held == 100_000


@pytest.mark.parametrize(
    ("months", "k", "expected"),
    [(0, "500", "0"), (6000, "500", "1/2"), (12, "0", "1"), (0, "0", "0"), (18000, "500", "3/4")],
)
def test_credibility_is_n_over_n_plus_k(months: int, k: str, expected: str) -> None:
    panel = Panel(beneficiaries=months // 12, months=months, expected=months * 1000, actual=months * 900)
    found = contribution(panel, Panel(100, 1200, 1_200_000, 1_200_000), Decimal(k))
    assert str(found.credibility) == expected
    assert found.own == (1200 if months else 0)
    assert found.credited == found.credibility * found.own * panel.person_years


HURDLES = """
id | people | quality | points | receives
-- | ------ | ------- | ------ | --------
1  | 20     | 60      | 4      | 1000.00
2  | 19     | 100     | 9      | 0.00
3  | 500    | 59.99   | 9      | 0.00
4  | 500    | 100     | 3.5    | 0.00
5  | 500    |         | 9      | 0.00
6  | 500    | 100     |        | 0.00
"""


def test_a_hurdle_just_met_is_met_and_each_miss_is_said() -> None:
    rules = {"minimum_quality": 60, "minimum_panel": 20, "minimum_points": 4}
    result = shared(HURDLES, {"formula": "equal", "share": 1} | rules)
    reasons = [standing.reason for standing in result.pools[0].standings]
    assert reasons == [
        "",
        "this pool asks for a panel of at least 20, and there are 19 assigned people",
        "this pool asks for a quality score of 60, and its quality score of 59.99 is below it",
        "this pool asks for 4 citizenship points, and it has 3.5",
        "this pool asks for a quality score of 60, and no quality score is known",
        "this pool asks for 4 citizenship points, and none are known",
    ]


def test_classes_that_do_not_take_part_receive_nothing() -> None:
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 100    | primary_care | 500.00
2  | 100    | fqhc         | 500.00
3  | 800    | hospital     | 0.00
"""
    shared(text, {"formula": "panel", "share": 1, "classes": ["primary_care", "fqhc"]})


def test_what_a_cap_cuts_off_is_shared_again_until_nothing_moves() -> None:
    """By panel 800, 150, 50. The first is cut at 300; of the 700 left, 525 and 175 would follow, so the second is cut
    too; the 400 left for the third are cut as well, and 100 are nobody's."""
    text = """
id | people | receives
-- | ------ | --------
1  | 800    | 300.00
2  | 150    | 300.00
3  | 50     | 300.00
"""
    assert shared(text, {"formula": "panel", "share": 1, "cap": 300}).held == 10_000
    text = """
id | people | receives
-- | ------ | --------
1  | 800    | 400.00
2  | 150    | 400.00
3  | 50     | 200.00
"""
    result = shared(text, {"formula": "panel", "share": 1, "cap_share": Decimal("0.4")})
    assert [standing.bound for standing in result.pools[0].standings] == ["cap", "cap", ""]
    assert result.held == 0


def test_floors_are_paid_by_those_above_them() -> None:
    text = """
id | people | receives
-- | ------ | --------
1  | 800    | 720.00
2  | 200    | 180.00
3  | 1      | 100.00
4  | 0      | 0.00
"""
    shared(text, {"formula": "panel", "share": 1, "floor": 100})


def test_floors_that_come_to_more_than_the_pool_are_met_alike() -> None:
    text = """
id | people | receives
-- | ------ | --------
1  | 800    | 500.00
2  | 1      | 500.00
"""
    assert shared(text, {"formula": "panel", "share": 1, "floor": 600}).pools[0].scaled


def test_a_class_is_held_by_its_own_cap_and_floor() -> None:
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 600    | hospital     | 120.00
2  | 400    | hospital     | 80.00
3  | 300    | primary_care | 600.00
4  | 100    | fqhc         | 200.00
"""
    result = shared(text, {"formula": "panel", "share": 1, "class_cap_shares": {"hospital": Decimal("0.2")}})
    assert result.pools[0].class_bound["hospital"] == "cap"
    assert result.pools[0].class_bound["fqhc"] == ""
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 500    | hospital     | 437.50
2  | 300    | primary_care | 262.50
3  | 100    | fqhc         | 300.00
"""
    result = shared(text, {"formula": "panel", "share": 1, "class_floor_shares": {"fqhc": Decimal("0.3")}})
    assert result.pools[0].class_bound["fqhc"] == "floor"


def test_the_cap_of_a_class_holds_even_against_the_floors_in_it() -> None:
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 600    | hospital     | 100.00
2  | 400    | hospital     | 100.00
3  | 100    | primary_care | 800.00
"""
    limits = {"floor": 200, "class_cap_shares": {"hospital": Decimal("0.2")}}
    shared(text, {"formula": "panel", "share": 1} | limits)


def test_small_panels_are_left_out_or_count_as_one() -> None:
    small = {"formula": "equal", "share": 1, "minimum_panel": 50}
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 50     | primary_care | 1000.00
2  | 30     | primary_care | 0.00
3  | 20     | primary_care | 0.00
"""
    shared(text, small)
    text = """
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 50     | primary_care | 500.00
2  | 30     | primary_care | 300.00
3  | 20     | primary_care | 200.00
4  | 49     | hospital     | 0.00
5  | 0      | primary_care | 0.00
"""
    result = shared(text, small | {"below_minimum_panel": "combined"})
    assert "there are 49 assigned people, small panels together" in result.pools[0].standings[3].reason


def test_nobody_gets_more_than_the_limit_of_all_pools_together() -> None:
    text = """
id | people | receives
-- | ------ | --------
1  | 900    | 600.00
2  | 100    | 400.00
"""
    pools = ({"formula": "panel", "share": Decimal("0.5")}, {"formula": "panel", "share": Decimal("0.5")})
    shared(text, *pools, limits={"cap_share": Decimal("0.6")})


@pytest.mark.parametrize(
    ("unpaid", "hospital", "practice", "held"),
    [("held", "200.00", "150.00", 65_000), ("next_pool", "525.00", "475.00", 0)],
)
def test_what_a_pool_cannot_pay_is_held_or_goes_on(unpaid: str, hospital: str, practice: str, held: int) -> None:
    """Of 500 the hospital takes 50; of 200 nobody takes any; 300, or all that is left, goes to both alike."""
    text = f"""
id | people | class        | receives
-- | ------ | ------------ | --------
1  | 100    | hospital     | {hospital}
2  | 100    | primary_care | {practice}
"""
    capped = {"formula": "equal", "share": Decimal("0.5"), "classes": ["hospital"], "cap": 50}
    nobody = {"formula": "equal", "share": Decimal("0.2"), "minimum_panel": 999}
    rest = {"formula": "equal", "share": Decimal("0.3")}
    assert shared(text, capped, nobody, rest, unpaid=unpaid).held == held


@pytest.mark.parametrize("payment", ["0", "0.01", "-1"])
def test_nothing_or_a_cent_to_distribute(payment: str) -> None:
    cent = "0.01" if payment == "0.01" else "0.00"
    text = f"""
id | people | receives
-- | ------ | --------
1  | 100    | {cent}
2  | 100    | 0.00
"""
    shared(text, {"formula": "panel", "share": 1, "floor": 100}, payment=payment)


def test_nobody_on_the_list_leaves_all_to_the_aco() -> None:
    result = distribute(plan({"formula": "equal", "share": 1}), facts(payment="1000.00"))
    assert (result.held, dict(result.totals)) == (100_000, {})


def test_scores_a_plan_needs_and_nobody_states_are_asked_for() -> None:
    pool = {"formula": "quality_weighted_panel", "share": 1}
    year = facts(participant(1, quality="80"), participant(2))
    with pytest.raises(ConfigurationError, match="no quality score for 1 of 2 participants"):
        distribute(plan(pool, missing_quality="refuse"), year)
    with pytest.raises(ConfigurationError, match="the settlement states none for the ACO"):
        distribute(plan(pool, missing_quality="aco_score"), facts(participant(1), aco_quality=None))
    with pytest.raises(ConfigurationError, match="asks for citizenship points, and nobody has any"):
        distribute(plan({"formula": "points", "share": 1}), year)

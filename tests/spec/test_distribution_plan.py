"""`distribution.toml`: what is wrong is named with file, key and remedy; what is meant is read exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from distribution_world import plan
from openaco.errors import ConfigurationError
from openaco.insight.distribution.plan import (
    CLASSES,
    Losses,
    Plan,
    Pool,
    Questions,
    TotalLimits,
    Use,
    check_plan,
    plain_plan,
    plan_text,
    read_plan,
)
from openaco.insight.distribution.scores import read_scores
from openaco.insight.distribution.uses import apply_uses

POOL = '[[pool]]\nname = "All"\nshare = 1\nformula = "panel"\n'
WRONG = {
    "unknown key": ('name = "P"\nlimit = 3\n' + POOL, "limit: unknown key (did you mean limits?)"),
    "unknown key of a pool": ('name = "P"\n' + POOL + "flor = 5\n", "pool[1].flor: unknown key (did you mean floor?)"),
    "unknown formula": (
        'name = "P"\n' + POOL.replace('"panel"', '"pannel"'),
        "pool[1].formula: 'pannel' is not one of equal, fixed, panel, quality_weighted_panel, points, contribution "
        "(did you mean panel?)",
    ),
    "no formula": ('name = "P"\n[[pool]]\nname = "All"\nshare = 1\n', "pool[1].formula: missing"),
    "no pool": ('name = "P"\n', "pool: missing; a plan has at least one [[pool]]"),
    "no name": (POOL, "name: missing"),
    "percent": (
        'name = "P"\n' + POOL.replace("= 1", "= 20"),
        "pool[1].share: 20 is more than 1; 20 percent is written 0.20",
    ),
    "pools too much": (
        'name = "P"\n' + POOL + POOL.replace("All", "More").replace("= 1", "= 0.2"),
        "pool: shares add up to 1.2, more than 1",
    ),
    "pools too little": ('name = "P"\n' + POOL.replace("= 1", "= 0.9"), "pool: shares add up to 0.9, less than 1"),
    "uses too much": (
        'name = "P"\n'
        + "".join(f'[[use]]\nkind = "care"\nname = "U{place}"\nshare = 0.6\n' for place in (1, 2))
        + POOL,
        "use: shares of the payment add up to 1.2, more than 1",
    ),
    "advance with a share": (
        'name = "P"\n[[use]]\nkind = "advance"\nname = "Loan"\nshare = 0.5\n' + POOL,
        "use[1].share: not for kind advance, which has at_most, balance",
    ),
    "advance without a balance": (
        'name = "P"\n[[use]]\nkind = "advance"\nname = "Loan"\n' + POOL,
        "use[1].balance: missing",
    ),
    "infrastructure without a share": (
        'name = "P"\n[[use]]\nkind = "infrastructure"\nname = "Staff"\n' + POOL,
        "use[1].share: missing",
    ),
    "two names alike": (
        'name = "P"\n' + (POOL + POOL.replace("All", "all!")).replace("= 1", "= 0.5"),
        "pool: two names that read alike (all)",
    ),
    "unknown class": (
        'name = "P"\n' + POOL + 'classes = ["primary"]\n',
        "pool[1].classes: primary is no class (did you mean primary_care?)",
    ),
    "class cap of an unknown class": (
        'name = "P"\n' + POOL + "class_cap_shares = { hospitals = 0.2 }\n",
        "pool[1].class_cap_shares: hospitals is no class (did you mean hospital?)",
    ),
    "cap below floor": ('name = "P"\n' + POOL + "floor = 5\ncap = 4\n", "pool[1].cap: is less than floor"),
    "class cap below class floor": (
        'name = "P"\n' + POOL + "class_cap_shares = { rhc = 0.1 }\nclass_floor_shares = { rhc = 0.2 }\n",
        "pool[1].class_cap_shares.rhc: is less than its class_floor_shares",
    ),
    "part of a cent": ('name = "P"\n' + POOL + "cap = 4.005\n", "pool[1].cap: "),
    "no number": ('name = "P"\n' + POOL + "cap = nan\n", "pool[1].cap: Input should be a finite number"),
    "fixed without an amount": ('name = "P"\n[[pool]]\nname = "F"\nformula = "fixed"\n', "pool[1].amount: missing"),
    "fixed with a share": (
        'name = "P"\n[[pool]]\nname = "F"\nformula = "fixed"\namount = 5\nshare = 1\n',
        "pool[1].share: not for formula fixed",
    ),
    "amount elsewhere": ('name = "P"\n' + POOL + "amount = 5\n", "pool[1].amount: only for formula fixed"),
    "cost without quality": (
        'name = "P"\n' + POOL.replace('"panel"', '"contribution"') + "credibility_person_years = 500\n",
        "pool[1].minimum_quality: missing; what patients' costs decide must be gated by quality",
    ),
    "cost without shrinkage": (
        'name = "P"\n' + POOL.replace('"panel"', '"contribution"') + "minimum_quality = 50\n",
        "pool[1].credibility_person_years: missing",
    ),
    "losses without the word": (
        'name = "P"\n' + POOL + '[losses]\nformula = "panel"\n',
        "losses: needs losses_are_shared = true",
    ),
    "the word without losses": ('name = "P"\nlosses_are_shared = true\n' + POOL, "losses: missing"),
    "losses by cost": (
        'name = "P"\nlosses_are_shared = true\n' + POOL + '[losses]\nformula = "contribution"\n',
        "losses.formula: 'contribution' is not one of equal, panel",
    ),
    "no TOML": ("name = ", "not valid TOML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_plan_is_named_with_file_key_and_remedy(name: str) -> None:
    text, said = WRONG[name]
    with pytest.raises(ConfigurationError) as caught:
        check_plan(text, "distribution.toml")
    message = caught.value.message
    assert message.startswith("distribution.toml: ")
    assert said in message
    assert "`openaco distribute --init FILE` writes a plan with every key" in message


def test_every_wrong_key_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_plan('nam = "P"\n' + POOL + "flor = 5\ncapp = 6\n")
    for said in ("name: missing", "nam: unknown key (did you mean name?)", "pool[1].flor", "pool[1].capp"):
        assert said in caught.value.message


def test_a_plan_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "p.toml").write_bytes(b'name = "\xff"\n')
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_plan(tmp_path / "p.toml")


def test_the_plans_that_come_with_openaco_are_plans() -> None:
    example, plain = check_plan(plan_text("example")), plain_plan()
    assert [use.kind for use in example.use] == ["advance", "infrastructure", "care", "reserve"]
    assert {pool.formula for pool in example.pool} >= {"fixed", "equal", "contribution", "quality_weighted_panel"}
    assert (plain.use, len(plain.pool), plain.losses_are_shared) == ((), 1, False)
    assert example.pool[0].amount == Decimal("1000.00")


def test_the_example_explains_every_key() -> None:
    text = plan_text("example")
    fields = {name for model in (Plan, Questions, Use, Pool, TotalLimits, Losses) for name in model.model_fields}
    assert {name for name in fields if name not in text} == set()
    assert all(name in text for name in CLASSES)


USES = """
[[use]]
kind = "advance"
name = "Loan"
balance = 300.00
at_most = 0.20

[[use]]
kind = "infrastructure"
name = "Staff"
share = 0.10
of = "remaining"

[[use]]
kind = "reserve"
name = "Reserve"
share = 0.50
balance = 900.00
target = 1000.00

[[use]]
kind = "care"
name = "Nurses"
share = 0.50
"""


@pytest.mark.parametrize(
    ("payment", "amounts"),
    [
        (100_000, [20_000, 8_000, 10_000, 50_000]),
        (1_000, [200, 80, 500, 220]),
        (3, [1, 0, 2, 0]),
        (0, [0, 0, 0, 0]),
        (-5_000, [0, 0, 0, 0]),
    ],
)
def test_uses_take_their_part_in_order_and_never_more_than_remains(payment: int, amounts: list[int]) -> None:
    used = apply_uses(payment, check_plan('name = "P"\n' + USES + POOL).use)
    assert [item.amount for item in used] == amounts
    assert used[-1].remaining == max(payment, 0) - sum(amounts)


def test_a_use_says_why_it_is_less() -> None:
    used = apply_uses(1_000_00, check_plan('name = "P"\n' + USES + POOL).use)
    assert used[0].why_less == "the plan repays no larger share in one year"
    assert used[2].why_less == "the reserve has reached its target"
    assert apply_uses(3, check_plan('name = "P"\n' + USES + POOL).use)[3].why_less == "no more of the payment remained"


SCORES = {
    "unknown column": ("tin,quality\n", "unknown column 'quality' (did you mean quality_score?)"),
    "no tin": ("name,points\n", "no column tin"),
    "a column twice": ("tin,points,points\n", "column points stands there twice"),
    "not on the list": ("tin\n000000009\n", "line 2: tin: no participant of the performance year"),
    "zeros lost": ("tin\n1\n", "line 2: tin: no participant of the performance year; leading zeros are missing"),
    "twice": ("tin\n000000001\n000000001\n", "line 3: tin: stands there twice"),
    "not a number": ("tin,quality_score\n000000001,good\n", "line 2: quality_score: no number of at least 0"),
    "below zero": ("tin,points\n000000001,-1\n", "line 2: points: no number of at least 0"),
    "above 100": ("tin,quality_score\n000000001,100.1\n", "line 2: quality_score: more than 100"),
    "no class": ("tin,class\n000000001,hospitl\n", "line 2: class: 'hospitl' is no class (did you mean hospital?)"),
    "too many cells": ("tin\n000000001,5\n", "line 2: more or fewer cells than columns"),
    "too few cells": ("tin,points\n000000001\n", "line 2: more or fewer cells than columns"),
}


@pytest.mark.parametrize("name", SCORES)
def test_wrong_scores_are_named_by_line_and_never_by_tin(name: str, tmp_path: Path) -> None:
    text, said = SCORES[name]
    path = tmp_path / "participant_scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_scores(path, plain_plan(), ["000000001"])
    assert caught.value.message.startswith("participant_scores.csv")
    assert said in caught.value.message
    assert "00000000" not in caught.value.message


def test_scores_are_read_exactly_and_blank_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("\ufefftin,class,quality_score,points,name\n000000001,behavioral,87.25,,Sunrise\n000000002,,,3,\n")
    own = plan({"formula": "equal", "share": 1}, more_classes=["behavioral"])
    found = read_scores(path, own, ["000000001", "000000002"])
    assert found["000000001"].quality == Decimal("87.25")
    assert (found["000000001"].classification, found["000000001"].name) == ("behavioral", "Sunrise")
    assert (found["000000001"].points, found["000000002"].points) == (None, Decimal(3))
    assert found["000000002"].quality is None

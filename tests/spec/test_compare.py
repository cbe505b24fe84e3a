"""Comparing contracts: draws, break-even points, what a rule is worth. The contract here is an invented one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from contract_world import ALIGNMENT, HalfOfEverything, spent
from openaco.insight.compare import compare, thresholds
from openaco.insight.compare.comparison import drawn_weights, outlook


def test_every_redrawn_population_is_as_large_as_the_real_one() -> None:
    weights = drawn_weights(50, 20, seed=1)
    assert weights.shape == (20, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert (weights == drawn_weights(50, 20, seed=1)).all()
    assert (weights != drawn_weights(50, 20, seed=2)).any()


def test_people_alike_leave_no_uncertainty() -> None:
    (result,) = compare(spent(900, 900, 900), [HalfOfEverything()], draws=30).results
    assert result.payment == pytest.approx(150)
    found = result.outlook
    assert [found.mean, found.percentile_5, found.percentile_95] == pytest.approx([150, 150, 150])
    assert found.owes == 0


def test_the_interval_is_that_of_the_mean_of_people_drawn() -> None:
    """Half of 100 people spend nothing, half $2,000: the mean of 100 draws has a standard deviation of $100."""
    (result,) = compare(spent(*[0, 2000] * 50), [HalfOfEverything()], draws=4000, seed=3).results
    assert result.payment == pytest.approx(0)
    half_width = 1.645 * 100 * 100 / 2
    assert result.outlook.percentile_95 == pytest.approx(half_width, rel=0.08)
    assert result.outlook.percentile_5 == pytest.approx(-half_width, rel=0.08)
    assert result.outlook.owes == pytest.approx(0.46, abs=0.05)


def test_all_contracts_see_the_same_draws() -> None:
    one, two = compare(spent(*range(0, 2000, 20)), [HalfOfEverything(), HalfOfEverything()], draws=10).results
    assert one.outlook == two.outlook


def test_a_rule_is_worth_what_the_payment_loses_without_it() -> None:
    (result,) = compare(spent(800, 800), [HalfOfEverything()], draws=0).results
    assert [(rule.rule, rule.worth, rule.payment_without) for rule in result.rules] == [
        ("Sharing", -200.0, 400.0),
        ("Nothing", 0.0, 200.0),
    ]


@pytest.mark.parametrize(
    ("two_sided", "corridor", "earns_below", "owes_above"),
    [
        (True, 0.0, 2000, 2000),
        (True, 0.02, 1960, 2040),
        (False, 0.02, 1960, None),
    ],
)
def test_break_even_points(two_sided: bool, corridor: float, earns_below: float, owes_above: float | None) -> None:
    contract = HalfOfEverything(two_sided, corridor)
    years = spent(900, 900).figures(ALIGNMENT, truncated=True)
    found = thresholds(contract, years)
    assert found.earns_below == pytest.approx(earns_below, abs=0.02)
    assert found.owes_above == (None if owes_above is None else pytest.approx(owes_above, abs=0.02))


def test_a_contract_that_cannot_pay_has_no_break_even() -> None:
    years = spent(5000).figures(ALIGNMENT, truncated=True)
    assert thresholds(HalfOfEverything(), years).earns_below is None


def test_without_draws_the_outlook_is_the_payment() -> None:
    found = outlook(np.array([]), -5.0)
    assert (found.mean, found.percentile_5, found.owes, found.draws) == (-5.0, -5.0, 1.0, 0)


def test_months_count_once_and_truncation_only_where_asked() -> None:
    base = spent(600, 1800, months=6)
    year = base.years[ALIGNMENT]["py"]
    cut = replace(year, annual_cents=np.array([600 * 1200, 1000 * 1200]))
    assert year.figures(truncated=False).per_capita["aged_non_dual"] == pytest.approx(2400)
    assert cut.figures(truncated=True).per_capita["aged_non_dual"] == pytest.approx(1600)
    assert cut.figures(truncated=True).person_years["aged_non_dual"] == 1.0

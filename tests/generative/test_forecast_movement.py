"""Why the forecast moved: whatever changed, the steps sum to the change, to the cent."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_world import GROUPS, THRESHOLDS, World, draw_world
from mssp_world import aco_of_2024
from openaco.insight.forecast.history import history
from openaco.insight.forecast.movement import STEPS, Movement, Side, movement
from openaco.insight.forecast.one_year import project_standing
from openaco.insight.forecast.outlook import Outlook
from openaco.insight.forecast.people import KINDS, group_sums
from openaco.insight.forecast.projection import known_year
from openaco.insight.forecast.settlement import Settlement

WORLDS = [draw_world(seed, people=600) for seed in (21, 22)]
RISK = np.array([1.02, 1.01, 1.03, 1.05])


def side(world: World, months: int, risk: np.ndarray) -> Side:
    standing = world.standing(months)
    return Side(standing.now, history(standing.past), standing.shares, months, project_standing(standing), risk)


def settlement(scale: float) -> Settlement:
    """An invented ACO whose benchmark lies where the drawn spending lies, times a scale."""
    inputs = aco_of_2024()
    years = {
        name: replace(year, per_capita={kind: amount * 35 * scale for kind, amount in year.per_capita.items()})
        for name, year in inputs.benchmark_years.items()
    }
    outlook = Outlook(None, (), {})  # type: ignore[arg-type]
    return Settlement(replace(inputs, benchmark_years=years), 1.013, RISK, np.zeros(KINDS), outlook)


def moved(world: World, earlier: int, later: int, risk: np.ndarray, scale: float) -> Movement:
    last = world.years[-1]
    day = datetime.date(2024, earlier, 15)
    known = group_sums(last.known(earlier, day), THRESHOLDS, last.group, GROUPS, earlier)
    return movement(settlement(scale), side(world, earlier, RISK), side(world, later, risk), known, day)


@settings(max_examples=40, deadline=None)
@given(
    world=st.sampled_from(WORLDS),
    span=st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda pair: pair[0] < pair[1]),
    risk=st.lists(st.floats(0.8, 1.2), min_size=KINDS, max_size=KINDS),
    scale=st.floats(0.5, 1.5),
)
def test_steps_sum_to_the_change_to_the_cent(
    world: World, span: tuple[int, int], risk: list[float], scale: float
) -> None:
    found = moved(world, *span, np.array(risk), scale)
    assert tuple(step.name for step in found.steps) == STEPS
    for place, name in enumerate(("savings_cents", "payment_cents", "expenditures_cents")):
        change = found.after[place] - found.before[place]
        assert sum(getattr(step, name) for step in found.steps) == change


def test_nothing_new_moves_nothing() -> None:
    found = moved(WORLDS[0], 6, 6, RISK, 1.0)
    assert found.before == found.after
    assert all(step.savings_cents == step.payment_cents == step.expenditures_cents == 0 for step in found.steps)


def test_risk_alone_moves_the_benchmark_and_not_what_is_spent() -> None:
    found = moved(WORLDS[0], 6, 6, RISK * 1.02, 1.0)
    by_name = {step.name: step for step in found.steps}
    assert by_name["risk"].savings_cents == found.after[0] - found.before[0] > 0
    assert all(step.expenditures_cents == 0 for step in found.steps)


def test_dearer_services_in_new_months_are_price_and_not_use() -> None:
    """The same services at twice the price in all that came of the new months: the step of use is as without it."""
    world, plain = WORLDS[1], moved(WORLDS[1], 5, 7, RISK, 1.0)
    last, day = world.years[-1], datetime.date(2024, 5, 15)
    before = group_sums(last.known(5, day), THRESHOLDS, last.group, GROUPS, 5)
    earlier, later = side(world, 5, RISK), side(world, 7, RISK)
    new = np.arange(12) >= 4
    stays = {name: getattr(later.history, name) for name in ("dollars_stay", "months_stay", "people_stay")}
    listed = known_year(before, replace(earlier.history, **stays), earlier.shares, 5)
    known = later.projection.known
    dear = replace(
        later,
        sums=replace(later.sums, dollars=later.sums.dollars + new * (later.sums.dollars - before.dollars)),
        projection=replace(
            later.projection, known=replace(known, spent=known.spent + new * (known.spent - listed.spent))
        ),
    )
    found = movement(settlement(1.0), earlier, dear, before, day)
    steps, usual = ({step.name: step for step in one.steps} for one in (found, plain))
    assert steps["use"].expenditures_cents == usual["use"].expenditures_cents
    assert steps["price"].expenditures_cents > usual["price"].expenditures_cents + 100_000

"""The forecast of a whole synthetic ACO: what a day knew, what it explains, and where it ends."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from openaco.engine import Engine, Lake
from openaco.errors import LakeError, OpenACOError
from openaco.insight.forecast import Forecast, forecast
from openaco.insight.forecast.as_of import LakeAsOf, valuation_date
from openaco.insight.forecast.standing import known_months
from openaco.programs.configuration import ByType, Configuration
from openaco.programs.ledger import settle
from openaco.reports.forecast import answer, as_data, write_forecast
from openaco.synthetic.timeline import timeline_for
from openaco.synthetic.truth.run_out import true_run_out
from synthetic_world import YEARS, World, make_world

YEAR = YEARS[-1]
JULY = datetime.date(2024, 7, 20)
OVER = datetime.date(2025, 4, 30)
SEED, PEOPLE = 83, 1_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("forecast"), beneficiaries=PEOPLE, seed=SEED)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def configuration(world: World) -> Configuration:
    """With the region stated: the county file of so small a world suppresses it."""
    found = world.configuration()
    national = {year: found.national[year].per_capita for year in YEARS}
    weights = {year: ByType(esrd=0.1, disabled=0.1, aged_dual=0.1, aged_non_dual=0.1) for year in YEARS}
    return found.model_copy(update={"regional": national, "national_weights": weights})


@pytest.fixture(scope="module")
def in_july(world: World, engine: Engine, configuration: Configuration) -> Forecast:
    return forecast(engine, Lake(world.home.lake), configuration, YEAR, JULY, draws=100)


def test_claims_are_known_through_the_newest_load_that_had_come(world: World, engine: Engine) -> None:
    """The package of 20 July was cut on the 10th; claims are loaded on Mondays."""
    assert valuation_date(engine, LakeAsOf(Lake(world.home.lake), JULY)) == datetime.date(2024, 7, 8)
    day_before = LakeAsOf(Lake(world.home.lake), datetime.date(2024, 7, 19))
    assert valuation_date(engine, day_before) == datetime.date(2024, 6, 10)


def test_intervals_hold_the_point_and_the_steps_sum(in_july: Forecast) -> None:
    assert in_july.valuation == datetime.date(2024, 7, 8)
    for name, one in in_july.figures.items():
        assert one.low <= one.expected <= one.high or name == "payment", name
    moved = in_july.movement
    assert moved is not None
    assert moved.since == datetime.date(2024, 6, 10)
    assert sum(step.savings_cents for step in moved.steps) == moved.after[0] - moved.before[0]
    assert moved.after[0] == round(100 * in_july.figures["savings"].expected)


def test_past_forecasts_are_shown(in_july: Forecast) -> None:
    assert [one.year for one in in_july.past_years] == [2022, 2023]
    assert all(abs(one.error) < 0.25 for one in in_july.past_years)
    done = in_july.completion
    assert len(done.past) == 24
    assert done.mean_error("together") < done.mean_error("fixed")


def test_the_worksheet_says_where_its_figures_come_from(in_july: Forecast) -> None:
    spent = in_july.worksheet.line("settlement.per_capita.aged_non_dual")
    assert spent.inputs[0] == "forecast:claims known on 2024-07-08"
    assert in_july.worksheet.number("settlement.difference") == in_july.figures["savings"].expected


def test_the_page_and_the_data_say_the_same(in_july: Forecast, tmp_path: Path) -> None:
    page = write_forecast(in_july, "Invented ACO", tmp_path)
    text = page.read_text(encoding="utf-8")
    data = json.loads((tmp_path / "forecast.json").read_text(encoding="utf-8"))
    assert answer(in_july) == data["answer"]
    assert answer(in_july).startswith("By 20 Jul 2024, 2024 is heading for $")
    assert data["answer"].replace("'", "&#39;") in text
    assert "the steps sum to the change" in text
    assert [step["name"] for step in data["movement"]["steps"]] == [
        "membership",
        "risk",
        "completion",
        "use",
        "price",
    ]
    assert len(data["months"]) == 12
    assert data == json.loads(json.dumps(as_data(in_july)))


def test_after_the_run_out_the_forecast_is_the_settlement(
    world: World, engine: Engine, configuration: Configuration
) -> None:
    found = forecast(engine, Lake(world.home.lake), configuration, YEAR, OVER, explain=False, draws=100)
    run = settle(engine, Lake(world.home.lake), configuration, YEAR)
    assert found.valuation == datetime.date(2025, 3, 31)
    assert found.past_years == ()
    for line in ("settlement.total_expenditures", "settlement.person_years"):
        assert found.worksheet.number(line) == pytest.approx(run.worksheet.number(line), rel=1e-9)
    spent = found.figures["total_expenditures"]
    assert spent.low == pytest.approx(spent.high)


def test_the_true_run_out_is_what_the_lake_knows_and_what_it_never_hears(
    world: World, engine: Engine, in_july: Forecast
) -> None:
    """By the valuation date the lake knows what the generator says it does, but for money that no rule counts."""
    loaded = true_run_out(SEED, timeline_for(YEARS), PEOPLE)
    cut = (in_july.valuation - datetime.date(1970, 1, 1)).days
    for place, dollars in enumerate(in_july.completion.known):
        month = (YEARS[0] - 1970) * 12 + place
        told = sum(cents for (of, day), cents in loaded.items() if of == month and day <= cut) / 100
        assert dollars == pytest.approx(told, abs=0.005), month
    assert sum(loaded.values()) / 100 > in_july.completion.known.sum()


def test_too_early_says_when_the_first_claims_came(world: World, engine: Engine, configuration: Configuration) -> None:
    with pytest.raises(LakeError, match="no claims package had come by 2024-02-01") as raised:
        forecast(engine, Lake(world.home.lake), configuration, YEAR, datetime.date(2024, 2, 1))
    assert "2024-02-20" in raised.value.remedy


def test_too_few_past_years_say_how_many_are_needed(world: World, engine: Engine, configuration: Configuration) -> None:
    only = {year: stated for year, stated in configuration.national.items() if year >= 2023}
    short = configuration.model_copy(update={"national": only})
    with pytest.raises(OpenACOError, match=r"needs the 2 years before it .*stated: 2023"):
        forecast(engine, Lake(world.home.lake), short, YEAR, JULY)


def test_a_year_that_has_not_begun_has_no_forecast(world: World, engine: Engine, configuration: Configuration) -> None:
    national = {**configuration.national, 2025: configuration.national[2024]}
    later = configuration.model_copy(update={"national": national})
    with pytest.raises(OpenACOError, match="nothing of 2025 yet"):
        forecast(engine, Lake(world.home.lake), later, 2025, JULY)


def test_months_that_have_begun_are_counted() -> None:
    assert known_months(2024, datetime.date(2024, 1, 8)) == 1
    assert known_months(2024, datetime.date(2024, 12, 31)) == 12
    assert known_months(2024, datetime.date(2025, 3, 31)) == 12

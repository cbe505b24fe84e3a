"""Figures that CMS has yet to state: taken where stated, else carried on, with how far that may be off."""

from __future__ import annotations

import numpy as np
import pytest

from mssp_world import agreement, by_kind
from openaco.errors import ConfigurationError
from openaco.insight.forecast.outlook import carried_on, with_national
from openaco.insight.forecast.risk import expected_scores
from openaco.programs.configuration import Aco, ByType, Configuration, National, Performance, Quality


def configuration(*years: int) -> Configuration:
    national = {
        year: National(
            per_capita=ByType(**by_kind(*(np.array([80_000, 10_000, 16_000, 9_000]) * 1.05 ** (year - 2021)))),
            truncation_threshold=ByType(
                **by_kind(*(np.array([400_000, 90_000, 95_000, 85_000]) * 1.02 ** (year - 2021)))
            ),
        )
        for year in years
    }
    return Configuration(
        aco=Aco(id="A9990", name="Invented ACO"),
        agreement=agreement(),
        performance={2024: Performance(quality=Quality(score=80.0))},
        national=national,
    )


def test_what_is_stated_is_taken_as_it_is() -> None:
    stated = configuration(2021, 2022, 2023, 2024)
    found = with_national(stated, 2024)
    assert found.configuration is stated
    assert found.assumed == ()
    assert found.errors == {}


def test_what_is_not_stated_grows_as_before_and_is_named() -> None:
    found = with_national(configuration(2021, 2022, 2023), 2024)
    expected = found.configuration.national_for(2024)
    assert expected.per_capita.disabled == pytest.approx(10_000 * 1.05**3)
    assert expected.truncation_threshold.aged_non_dual == pytest.approx(85_000 * 1.02**3)
    assert "National expenditures and truncation thresholds of 2024" in found.assumed[0]
    assert 0 < found.errors["national"] < 0.01


def test_one_year_alone_carries_nothing_on() -> None:
    with pytest.raises(ConfigurationError, match="national expenditures of 2024 is not stated, and fewer than two"):
        with_national(configuration(2023), 2024)


def test_an_uneven_past_makes_the_figure_less_sure() -> None:
    even = {year: by_kind(*[100 * 1.04**place] * 4) for place, year in enumerate((2021, 2022, 2023))}
    uneven = {**even, 2022: by_kind(*[112.0] * 4)}
    one, two = (carried_on(series, 2024, "a figure") for series in (even, uneven))
    assert one.by_type["esrd"] == pytest.approx(100 * 1.04**3)
    assert two.by_type["esrd"] == pytest.approx(one.by_type["esrd"])
    assert two.error > 3 * one.error


def test_risk_follows_who_is_listed() -> None:
    """People scored 2 percent higher than last year's: so are the scores expected, by the step past years had."""
    then, stated = [np.full(4, 1.0), np.full(4, 1.0)], [np.full(4, 1.01), np.full(4, 1.01)]
    scores, error = expected_scores((np.full(4, 1.02), np.full(4, 24_000.0)), then, stated)
    assert scores == pytest.approx(np.full(4, 1.02 * 1.01))
    assert (error > 0).all()


def test_without_scores_of_the_listed_the_newest_stay() -> None:
    stated = [np.full(4, 0.9), np.array([1.0, 1.1, 1.2, 1.3])]
    scores, error = expected_scores((np.zeros(4), np.zeros(4)), [], stated)
    assert scores.tolist() == [1.0, 1.1, 1.2, 1.3]
    assert (error > 0).all()


def test_a_small_type_follows_the_others() -> None:
    """Ten person-years whose scores jumped say little; a thousand say nearly all."""
    then, stated = [np.ones(4)] * 2, [np.array([1.5, 1.0, 1.0, 1.0])] * 2
    few, _ = expected_scores((np.ones(4), np.array([120.0, 12_000, 12_000, 12_000])), then, stated)
    many, _ = expected_scores((np.ones(4), np.array([120_000.0, 12_000, 12_000, 12_000])), then, stated)
    assert few[0] < 1.1
    assert many[0] > 1.4

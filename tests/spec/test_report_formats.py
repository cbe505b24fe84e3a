"""Numbers, dates and names as the page, the workbook and the terminal show them."""

from __future__ import annotations

import datetime

import pytest

from openaco.reports import formats
from openaco.worksheet import Unit, Value


@pytest.mark.parametrize(
    ("value", "cents", "text"),
    [
        (0, False, "$0"),
        (1234567.49, False, "$1,234,567"),
        (1234567.5, False, "$1,234,568"),
        (-1234.5, True, "−$1,234.50"),
        (-0.4, False, "$0"),
        (-0.5, False, "−$1"),
        (0.005, True, "$0.01"),
        (None, True, "–"),
    ],
)
def test_dollars(value: float | None, cents: bool, text: str) -> None:
    assert formats.dollars(value, cents) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (812_400, "$812,400"),
        (3_573_136.6, "$3.57 million"),
        (35_731_366, "$35.7 million"),
        (357_313_660, "$357 million"),
        (999_600, "$1.00 million"),
        (999_400, "$999,400"),
        (-1_044_000_000, "−$1.04 billion"),
    ],
)
def test_dollars_in_words(value: float, text: str) -> None:
    assert formats.short_dollars(value) == text


@pytest.mark.parametrize(
    ("value", "percent", "rate"),
    [
        (0.029, "2.9%", "2.9%"),
        (0.5, "50.0%", "50%"),
        (1.0, "100.0%", "100%"),
        (0.0, "0.0%", "0%"),
        (0.037498, "3.7%", "3.75%"),
        (-0.01, "−1.0%", "−1%"),
    ],
)
def test_percent(value: float, percent: str, rate: str) -> None:
    assert formats.percent(value) == percent
    assert formats.rate(value) == rate


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "usd", "–"),
        (-10391623.89, "usd", "−$10,391,624"),
        (12756.2279, "usd_per_capita", "$12,756.23"),
        (0.024604886, "fraction", "2.460%"),
        (0.01, "fraction", "1.0%"),
        (0.375, "fraction", "37.5%"),
        (11204, "count", "11,204"),
        (10641.0, "years", "10,641.00"),
        (1.0538, "ratio", "1.0538"),
        (True, "flag", "Yes"),
        (False, "flag", "No"),
        ("Savings", "text", "Savings"),
    ],
)
def test_worksheet_values(value: Value, unit: Unit, text: str) -> None:
    assert formats.value_text(value, unit) == text


def test_dates_do_not_depend_on_the_language_of_the_machine() -> None:
    assert formats.day(datetime.date(2026, 11, 25)) == "25 Nov 2026"
    assert formats.day(datetime.date(2026, 1, 5)) == "5 Jan 2026"
    assert formats.day(None) == "–"
    assert formats.month(datetime.date(2024, 3, 1)) == "Mar 2024"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("BASIC_E", "BASIC Level E"),
        ("ENHANCED", "ENHANCED"),
        ("TRACK_1", "Track 1"),
        ("TRACK_1_PLUS", "Track 1+"),
    ],
)
def test_tracks(code: str, name: str) -> None:
    assert formats.track(code) == name


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("expenditure:dollars", "table expenditure, column dollars"),
        ("aco.toml:national.2021", "aco.toml national.2021"),
        ("P.A9999.xlsx:Table 1 B10", "P.A9999.xlsx Table 1 B10"),
        ("parameter:mssp/settlement/savings_limit", "parameter mssp/settlement/savings_limit"),
        ("input:settlement.total_benchmark", "what was given"),
    ],
)
def test_sources_in_words(source: str, words: str) -> None:
    assert formats.source(source) == words


def test_plural() -> None:
    assert formats.plural(1, "line") == "1 line"
    assert formats.plural(1200, "line") == "1,200 lines"

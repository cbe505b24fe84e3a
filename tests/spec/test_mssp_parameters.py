"""Parameter files of the Shared Savings Program, and the strictness of the loader."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openaco.errors import ParameterError
from openaco.parameters import all_parameters, parameter
from openaco.parameters.loader import Parameter, read_parameter
from openaco.rules.cited import Cited, citations, cited, weakest
from openaco.rules.sharing import minimum_savings_rate, terms_for

MSSP = {name: found for name, found in all_parameters().items() if name.startswith("mssp/")}

GOOD = """
title: A rate
unit: fraction
dated_by: performance_year
keyed_by: [track]
values:
  - {from: 2020, through: 2021, for: {track: A}, value: 0.1, cite: 42 CFR 425.605, source: CMS, confidence: quoted}
  - {from: 2022, through: 2023, for: {track: A}, value: 0.2, cite: 42 CFR 425.605, source: CMS, confidence: quoted}
"""


def read(tmp_path: Path, text: str) -> Parameter:
    path = tmp_path / "rate.yaml"
    path.write_text(text, encoding="utf-8")
    return read_parameter(path, "test/rate")


def test_a_good_file_loads(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.value_on(2021, track="A").value == 0.1
    assert found.value_on(2022, track="A").value == 0.2


BROKEN = {
    "unknown key": (GOOD + "colour: red\n", "colour"),
    "unknown key of a value": (GOOD.replace("value: 0.1", "value: 0.1, tint: 3"), "tint"),
    "gap": (GOOD.replace("from: 2022", "from: 2023"), "gap"),
    "overlap": (GOOD.replace("from: 2022", "from: 2021"), "overlap"),
    "ends before it begins": (GOOD.replace("through: 2023", "through: 2019"), "before it begins"),
    "no cite": (GOOD.replace("cite: 42 CFR 425.605, ", "", 1), "cite"),
    "no source": (GOOD.replace("source: CMS, ", "", 1), "source"),
    "no such confidence": (GOOD.replace("quoted", "certain", 1), "confidence"),
    "key not declared": (GOOD.replace("for: {track: A}", "for: {level: A}", 1), "level"),
    "no values": (GOOD.split("values:")[0] + "values: []\n", "values"),
    "not YAML": ("title: [", "malformed"),
    "missing table": (GOOD.replace("value: 0.1", "value: {table: nowhere.csv}"), "nowhere.csv"),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        read(tmp_path, text)


def test_a_year_outside_is_an_error_not_an_extrapolation(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    for year in (2019, 2024):
        with pytest.raises(ParameterError, match=f"{year}.*Stated: 2020–2021, 2022–2023"):
            found.value_on(year, track="A")


def test_an_unknown_key_or_none_is_an_error(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    with pytest.raises(ParameterError, match="track B"):
        found.value_on(2021, track="B")
    with pytest.raises(ParameterError, match="keyed by"):
        found.value_on(2021)


def test_a_parameter_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ParameterError, match="no such parameter"):
        parameter("mssp/settlement/no_such_rate", 2024)


@pytest.mark.parametrize("name", MSSP)
def test_every_value_is_cited_and_unverified_values_say_why(name: str) -> None:
    for row in MSSP[name].values:
        assert row.cite.startswith(("42 CFR", "Budget Control Act", "CARES Act", "Track 1+ Model")), row
        assert row.source
        if row.confidence == "unverified":
            assert any(word in row.source.lower() for word in ("not confirmed", "derived", "carried on")), row.source


def test_the_whole_program_is_covered_for_every_year() -> None:
    for year in range(2019, 2027):
        for track in ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED"):
            assert terms_for(track, year, 2019).maximum_sharing_rate.value in (0.4, 0.5, 0.75)
    for year in range(2013, 2022):
        assert terms_for("TRACK_1", year, 2013).two_sided is False
        assert terms_for("TRACK_2", year, 2013).two_sided is True


def test_minimum_savings_rates_equal_the_published_table(shared_data: Path) -> None:
    with (shared_data / "mssp-parameters" / "msr_table.csv").open(encoding="utf-8") as lines:
        published = [
            (row["n_low"], row["n_high"], float(row["msr_at_low"]), float(row["msr_at_high"]))
            for row in csv.DictReader(lines)
        ]
    ours = [
        (row["low"], row["high"], float(row["rate_at_low"]), float(row["rate_at_high"]))
        for row in parameter("mssp/settlement/minimum_savings_rate_table", 2024).value
    ]
    assert ours[1:] == published
    assert ours[0] == ("1", "499", 0.122, 0.122)


def test_sequestration_and_thresholds_equal_the_published_years(shared_data: Path) -> None:
    with (shared_data / "mssp-parameters" / "year_parameters.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            year = int(row["performance_year"])
            assert parameter("mssp/settlement/sequestration_rate", year).value == float(row["sequestration"])
            if row["quality_floor_value"]:
                assert parameter("mssp/quality/threshold", year).value == float(row["quality_floor_value"])
                percentile = parameter("mssp/quality/threshold_percentile", year).value
                assert percentile == int(row["quality_floor_percentile"])


def test_tracks_equal_the_published_settlement_parameters(shared_data: Path) -> None:
    names = {"T1": "TRACK_1", "T2": "TRACK_2", "T3": "TRACK_3", "T1+": "TRACK_1_PLUS", "EN": "ENHANCED"}
    names |= {f"B{level}": f"BASIC_{level}" for level in "ABCDE"}
    with (shared_data / "mssp-parameters" / "settlement_parameters.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            terms = terms_for(names[row["track"]], 2020, 2019)
            assert terms.maximum_sharing_rate.value == float(row["max_share"])
            assert terms.savings_limit.value == float(row["payment_limit_pct_benchmark"])
            assert terms.two_sided is bool(row["loss_rate"])


def test_the_rate_falls_with_size_without_a_jump_upwards() -> None:
    rates = [minimum_savings_rate(size, 2024) for size in range(500, 70_000, 37)]
    assert rates == sorted(rates, reverse=True)


def test_the_weakest_confidence_wins() -> None:
    assert weakest() == "quoted"
    assert weakest("quoted", "verified") == "verified"
    assert weakest("verified", "unverified", "quoted") == "unverified"


def test_a_cited_value_keeps_its_paragraph() -> None:
    found = cited("mssp/settlement/savings_limit", 2024, track="ENHANCED")
    assert (found.value, found.cite) == (0.20, "42 CFR 425.610(e)(2)")
    twice = [found, found, Cited("x", 1, "42 CFR 425.1", "quoted")]
    assert citations(twice) == "42 CFR 425.610(e)(2); 42 CFR 425.1"

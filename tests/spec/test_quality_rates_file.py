"""Rates files: TOML and CSV say the same, every mistake is named; the scored file reaches the settlement."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mssp_world import aco, aco_of_2024, agreement
from openaco.errors import ConfigurationError
from openaco.programs.configuration import Configuration, read_configuration
from openaco.programs.folder import AcoFolder
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.mssp.settlement import settle
from openaco.programs.mssp.worksheet import worksheet
from openaco.programs.quality import (
    read_rates,
    run_worksheet,
    score_quality,
    settled_with,
    settlement_facts,
    with_quality,
)
from quality_world import whole_set

TOML = """
performance_year = 2025

[[measure]]
measure = "001"
collection_type = "ecqm"
denominator = 1200
exclusions = 100
numerator = 300

[[measure]]
measure = "134"
collection_type = "mips_cqm"
rate = 71.25
completeness = 0.8

[survey]
CAHPS_1 = 84.1

[claims]
479 = 0.1502
"""
CSV = """measure,collection_type,denominator,exclusions,numerator,rate,completeness,cases
1,ecqm,1200,100,300,,,
134,mips_cqm,,,,71.25,0.8,
CAHPS_1,survey,,,,84.1,,

479,claims,,,,0.1502,,
"""


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    from_toml = read_rates(written(tmp_path, "rates.toml", TOML))
    assert read_rates(written(tmp_path, "rates.csv", CSV), 2025) == from_toml
    assert [item.performance for item in from_toml.measure] == [pytest.approx(300 / 11), 71.25]


WRONG_TOML = {
    "unknown key": (("exclusions = 100", "exclusion = 100"), "unknown key .did you mean exclusions"),
    "measure number": (('"001"', '"1"'), "measure.0.measure"),
    "collection type": (('"ecqm"', '"emr"'), "measure.0.collection_type"),
    "rate beside counts": (("numerator = 300", "numerator = 300\nrate = 20.0"), "measure 001: give denominator and"),
    "numerator alone": (("denominator = 1200", ""), "measure 001: give denominator and numerator"),
    "numerator too great": (("numerator = 300", "numerator = 1101"), "numerator is greater than"),
    "exclusions too many": (("exclusions = 100", "exclusions = 1201"), "more exclusions and exceptions"),
    "rate above 100": (("71.25", "171.25"), "measure.1.rate"),
    "twice": (('"134"\ncollection_type = "mips_cqm"', '"001"\ncollection_type = "ecqm"'), "001 stands twice as ecqm"),
    "survey score": (("84.1", "184.1"), "CAHPS_1: a score from 0 to 100"),
    "survey key": (("CAHPS_1", "CHAPS_1"), "survey.CHAPS_1: unknown key"),
    "not finite": (("0.1502", "nan"), "claims.479"),
    "not TOML": (("[survey]", "[survey"), "not valid TOML"),
    "year": (("2025", '"soon"'), "performance_year"),
}


@pytest.mark.parametrize("case", WRONG_TOML)
def test_each_mistake_in_a_toml_file_is_named(tmp_path: Path, case: str) -> None:
    (old, new), said = WRONG_TOML[case]
    assert old in TOML
    path = written(tmp_path, "rates.toml", TOML.replace(old, new))
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_rates(path)
    assert "rates.toml" in caught.value.message


WRONG_CSV = {
    "no year": ((), None, "does not say its year"),
    "unknown column": (("exclusions", "excluded"), 2025, "unknown column excluded"),
    "no collection type": (("collection_type", "rate"), 2025, "no column collection_type"),
    "not a number": ((",1200,", ",many,"), 2025, "line 2: denominator is not a number"),
    "too many cells": (("0.8,", "0.8,,,"), 2025, "line 3: more cells than columns"),
    "completeness of a survey": (("84.1,,", "84.1,0.9,"), 2025, "line 4: completeness does not belong"),
    "no measure": (("CAHPS_1,", ","), 2025, "line 4: no measure is named"),
    "twice": (("479,claims", "CAHPS_1,survey"), 2025, "line 6: CAHPS_1 stands twice"),
}


@pytest.mark.parametrize("case", WRONG_CSV)
def test_each_mistake_in_a_csv_file_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    change, year, said = WRONG_CSV[case]
    path = written(tmp_path, "rates.csv", CSV.replace(*change, 1) if change else CSV)
    with pytest.raises(ConfigurationError, match=said):
        read_rates(path, year)


def test_a_file_of_another_year_a_missing_and_an_unreadable_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="rates of 2025, not of 2024"):
        read_rates(written(tmp_path, "rates.toml", TOML), 2024)
    with pytest.raises(ConfigurationError, match="no such file"):
        read_rates(tmp_path / "nothing.toml")
    (tmp_path / "latin.csv").write_bytes("measure,ä".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_rates(tmp_path / "latin.csv", 2025)


ACO = """
[aco]
id = "A9990"
name = "Invented ACO"

[agreement]
track = "BASIC_E"
start = 2024-01-01
period = 1
regional_period = 1
benchmark_years = [2021, 2022, 2023]
assignment_method = "retrospective"
minimum_savings_rate = 0.01
revenue_status = "low"

[performance.2025.quality]
rates = "rates.toml"

[national]
"""


def test_aco_toml_names_the_rates_file_and_the_settlement_takes_the_result(tmp_path: Path) -> None:
    written(tmp_path, "rates.toml", TOML)
    configuration = read_configuration(written(tmp_path, "aco.toml", ACO))
    result = score_quality(read_rates(tmp_path / "rates.toml"))
    stated = configuration.performance_for(2025).quality
    assert (stated.score, stated.complete) == (result.quality.score, result.quality.complete)
    assert stated.outcome_percentiles == result.quality.outcome_percentiles
    assert stated.rates == "rates.toml"


def test_an_affected_share_of_the_rates_file_reaches_the_settlement_too(tmp_path: Path) -> None:
    written(tmp_path, "rates.toml", TOML.replace("[[measure]]", "affected_share = 0.25\n\n[[measure]]", 1))
    configuration = read_configuration(written(tmp_path, "aco.toml", ACO))
    assert configuration.performance_for(2025).extreme_circumstances_beneficiary_share == 0.25


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('rates = "rates.toml"', 'rates = "rates.toml"\nscore = 80.0', "rates stands beside other keys"),
        ('rates = "rates.toml"', 'rates = "other.toml"', "no such file"),
        ("performance.2025", "performance.2024", "rates of 2025, not of 2024"),
    ],
)
def test_a_rates_key_that_cannot_be_followed_is_an_error(tmp_path: Path, old: str, new: str, said: str) -> None:
    written(tmp_path, "rates.toml", TOML)
    with pytest.raises(ConfigurationError, match=said):
        read_configuration(written(tmp_path, "aco.toml", ACO.replace(old, new)))


def configuration_of(inputs: MsspInputs) -> Configuration:
    """The configuration that belongs to inputs."""
    return Configuration.model_validate(
        {
            "aco": {"id": inputs.aco_id, "name": inputs.name},
            "agreement": inputs.agreement,
            "performance": {inputs.performance_year: inputs.result},
            "national": {},
        }
    )


SETTLED = {
    "basic E, saved": lambda: aco(),
    "from 2024": lambda: aco_of_2024(),
    "enhanced": lambda: aco(contract=agreement(track="ENHANCED")),
    "low revenue": lambda: aco(contract=agreement(revenue_status="low")),
    "first half year": lambda: aco(
        2019,
        contract=agreement(datetime.date(2019, 7, 1), track="BASIC_E"),
    ),
}


@pytest.mark.parametrize("case", SETTLED)
def test_the_facts_of_a_settled_year_settle_to_the_same_payment(case: str) -> None:
    inputs = SETTLED[case]()
    sheet = worksheet(inputs)
    facts = settlement_facts(sheet, configuration_of(inputs))
    again = settle(
        replace(
            facts,
            quality_state={"Yes": "QPS", "Alternative": "ALT", "No": "FAIL"}[str(sheet["settlement.quality_standard"])],
        )
    )
    assert again["settlement.payment"] == sheet["settlement.payment"]
    assert sheet.number("settlement.payment") != 0


def test_another_quality_result_settles_as_the_whole_worksheet_does() -> None:
    inputs = aco(2024)
    facts = settlement_facts(worksheet(inputs), configuration_of(inputs))
    for percent in (5.0, 50.0, 66.0, 90.0):
        result = score_quality(whole_set(2024, percent))
        whole = worksheet(replace(inputs, result=inputs.result.model_copy(update={"quality": result.quality})))
        assert settled_with(facts, result.assessment.finding)["settlement.payment"] == whole["settlement.payment"]


def test_the_result_takes_the_place_of_the_stated_one() -> None:
    result = score_quality(whole_set(2024, 60.0, affected_share=0.3))
    changed = with_quality(configuration_of(aco(2024)), result).performance_for(2024)
    assert changed.quality == result.quality
    assert changed.extreme_circumstances_beneficiary_share == 0.3


def test_a_run_of_another_year_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    folder.mkdir(parents=True)
    text = json.dumps(worksheet(aco(2024)).to_dict())
    (folder / "worksheet.json").write_text(text, encoding="utf-8")
    home = AcoFolder(tmp_path)
    assert run_worksheet(home, 2024, folder).number("settlement.payment") != 0
    with pytest.raises(ConfigurationError, match="this run settles 2024, not 2025"):
        run_worksheet(home, 2025, folder)
    with pytest.raises(ConfigurationError, match="is no folder of a run"):
        run_worksheet(home, 2024, tmp_path)
    with pytest.raises(ConfigurationError, match="no finished run"):
        run_worksheet(home, 2024)

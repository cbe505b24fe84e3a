"""`aco.toml`: contradictions are refused and named; the file that `openaco init` writes knows every key."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from mssp_world import aco, agreement
from openaco.cli.main import app
from openaco.errors import ConfigurationError
from openaco.programs.configuration import Configuration, Performance, Quality, read_configuration
from openaco.programs.mssp.worksheet import worksheet

TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")
PLAIN = """
[aco]
id = "A1234"
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

[performance.2024.quality]
score = 80.0

[performance.2025.quality]
score = 80.0

[national]
"""


def read(tmp_path: Path, *changes: tuple[str, str]) -> Configuration:
    text = PLAIN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "aco.toml"
    path.write_text(text, encoding="utf-8")
    return read_configuration(path)


LEVELS = '[performance.2024]\ntrack = "{}"\n\n[performance.2024.quality]'
LATER = '[performance.2025]\ntrack = "{}"\n\n[performance.2025.quality]'
REFUSED: dict[str, tuple[list[tuple[str, str]], str]] = {
    "unknown key": ([('name = "Inv', 'nickname = "x"\nname = "Inv')], "aco.nickname"),
    "start on no start day": ([("2024-01-01", "2024-07-01")], "no agreement could start on 2024-07-01"),
    "start before all rules": ([("2024-01-01", "2011-01-01"), ("2021, 2022, 2023", "2008, 2009, 2010")], "2011"),
    "benchmark years not in order": ([("2021, 2022, 2023", "2021, 2023, 2022")], "in order: 2021, 2022, 2023"),
    "benchmark years too late": ([("2021, 2022, 2023", "2022, 2023, 2024")], "in order: 2021, 2022, 2023"),
    "benchmark years too early": ([("2021, 2022, 2023", "2020, 2021, 2022")], "in order: 2021, 2022, 2023"),
    "two benchmark years": ([("2021, 2022, 2023", "2022, 2023")], "agreement.benchmark_years"),
    "track of another time": ([("BASIC_E", "TRACK_3")], "TRACK_3 is not open to agreements that start on 2024-01-01"),
    "no such track": ([("BASIC_E", "BASIC_F")], "agreement.track"),
    "no such method": ([("retrospective", "quarterly")], "'retrospective' or 'prospective'"),
    "level of another time": ([("[performance.2024.quality]", LEVELS.format("TRACK_1"))], "performance.2024.track"),
    "level goes back": (
        [
            ("[performance.2024.quality]", LEVELS.format("BASIC_D")),
            ("[performance.2025.quality]", LATER.format("BASIC_C")),
        ],
        "performance.2025.track: BASIC_C cannot come after BASIC_D",
    ),
    "year before the agreement": ([("[performance.2025.", "[performance.2023.")], "are 2024 to 2028"),
    "year after the agreement": ([("[performance.2025.", "[performance.2029.")], "are 2024 to 2028"),
    "more regional periods than periods": (
        [("regional_period = 1", "regional_period = 2")],
        "agreement.regional_period",
    ),
    "one-sided with a chosen rate": ([("BASIC_E", "BASIC_B")], "one-sided ACOs do not choose"),
    "a rate nobody may choose": ([("= 0.01\n", "= 0.012\n")], "0.012 cannot be chosen"),
    "end before the start": ([("revenue_status", "end = 2023-12-31\nrevenue_status")], "agreement.end"),
    "end after the agreement": ([("revenue_status", "end = 2029-01-01\nrevenue_status")], "2024-01-01 to 2028-12-31"),
    "year after the end": (
        [("revenue_status", "end = 2024-06-30\nrevenue_status")],
        "performance.2025: the ACO left on 2024-06-30",
    ),
    "ended by CMS, and no day": (
        [("revenue_status", "terminated_by_cms = true\nrevenue_status")],
        "needs agreement.end",
    ),
    "first year in the second year": (
        [("[performance.2025.quality]\n", "[performance.2025.quality]\nfirst_performance_year = true\n")],
        "performance.2025.quality.first_performance_year",
    ),
    "first year of a later period": (
        [
            ("\nperiod = 1", "\nperiod = 2"),
            ("[performance.2024.quality]\n", "[performance.2024.quality]\nfirst_performance_year = true\n"),
        ],
        "performance.2024.quality.first_performance_year",
    ),
    "revenue of nothing": (
        [("[performance.2024.quality]", "[performance.2024]\nparticipant_revenue = 0.0\n[performance.2024.quality]")],
        "performance.2024.participant_revenue",
    ),
    "score above 100": (
        [("[performance.2024.quality]\nscore = 80.0", "[performance.2024.quality]\nscore = 101")],
        "score",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_contradiction_is_refused_and_named(tmp_path: Path, case: str) -> None:
    changes, said = REFUSED[case]
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, *changes)
    assert said in refused.value.message
    assert "Value error" not in refused.value.message


def test_several_contradictions_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, ("BASIC_E", "TRACK_3"), ("[performance.2025.", "[performance.2029."))
    assert "TRACK_3" in refused.value.what
    assert "performance.2029" in refused.value.what


ACCEPTED: dict[str, list[tuple[str, str]]] = {
    "as it is": [],
    "July 2019 has six performance years": [
        ("2024-01-01", "2019-07-01"),
        ("2021, 2022, 2023", "2016, 2017, 2018"),
        ("[performance.2025.", "[performance.2019."),
    ],
    "a level up, the same again": [
        ("[performance.2024.quality]", LEVELS.format("BASIC_C")),
        ("[performance.2025.quality]", LATER.format("BASIC_E")),
    ],
    "one-sided now, two-sided later": [
        ("BASIC_E", "BASIC_A"),
        ("[performance.2025.quality]", LATER.format("BASIC_C")),
    ],
    "one-sided by the table": [("BASIC_E", "BASIC_A"), ("= 0.01\n", '= "variable"\n')],
    "left within the second year": [
        ("revenue_status", "end = 2025-03-31\nterminated_by_cms = true\nrevenue_status"),
    ],
    "first year": [("[performance.2024.quality]\n", "[performance.2024.quality]\nfirst_performance_year = true\n")],
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_makes_sense_is_read(tmp_path: Path, case: str) -> None:
    assert read(tmp_path, *ACCEPTED[case]).aco.id == "A1234"


def test_the_end_by_cms_reaches_the_settlement() -> None:
    """42 CFR 425.221: losses by months in the program from any day on if CMS ended the agreement."""
    result = Performance(quality=Quality(score=85.0), participant_revenue=3e8)

    def owed(**more: Any) -> float:
        inputs = aco(contract=agreement(end=datetime.date(2024, 3, 31), **more), result=result)
        dear = {kind: amount * 1.2 for kind, amount in inputs.performance.per_capita.items()}
        return worksheet(aco(contract=inputs.agreement, result=result, performance=_spending(inputs, dear))).number(
            "settlement.payment"
        )

    assert owed() == 0
    by_cms = owed(terminated_by_cms=True)
    assert by_cms < 0
    whole = aco(result=result)
    dear = {kind: amount * 1.2 for kind, amount in whole.performance.per_capita.items()}
    full = worksheet(aco(result=result, performance=_spending(whole, dear))).number("settlement.payment")
    assert by_cms == pytest.approx(full * 3 / 12)


def _spending(inputs: Any, per_capita: dict[str, float]) -> Any:
    return replace(inputs.performance, per_capita=per_capita)


def keys_of(model: type[BaseModel]) -> set[str]:
    """Every key of a model and of the models within it, but for the four enrollment types."""
    found: set[str] = set()
    queue: list[Any] = [model]
    while queue:
        one = queue.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            found |= set(one.model_fields)
            queue += [field.annotation for field in one.model_fields.values()]
        else:
            queue += list(getattr(one, "__args__", ()))
    return found - set(TYPES)


@pytest.fixture(params=["BASIC_A", "BASIC_E", "ENHANCED"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    result = CliRunner().invoke(app, ["init", str(tmp_path / "aco"), "--track", request.param])
    assert result.exit_code == 0, result.output
    return (tmp_path / "aco" / "aco.toml").read_text(encoding="utf-8")


def test_init_names_every_key(written: str) -> None:
    key_line = r"^(# )?\[{{0,2}}(\w+\.)*{}\b"
    missing = {key for key in keys_of(Configuration) if not re.search(key_line.format(key), written, re.M)}
    assert missing == set()


def test_what_init_leaves_out_is_valid_when_taken_in(written: str, tmp_path: Path) -> None:
    """Every key that is commented out stands as TOML of its own that the configuration accepts."""
    text = re.sub(r"\bnan\b", "1.0", written)
    for line in (line for line in text.splitlines() if re.match(r"# [a-z_]+ = ", line)):
        tomllib.loads(line.removeprefix("# "))
    path = tmp_path / "aco.toml"
    path.write_text(text, encoding="utf-8")
    assert read_configuration(path).agreement.program == "mssp"

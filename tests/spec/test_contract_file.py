"""A contract file is read strictly: each thing that is wrong is told with file, key and remedy, all of them at once."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from commercial_world import BANDS, NAME, changed, contract_file
from documented_pages import typed
from openaco.cli.contract import example
from openaco.errors import ConfigurationError
from openaco.programs.commercial.file import check_contract_text, read_contract_file
from openaco.programs.commercial.problems import ContractFileError
from openaco.programs.commercial.sentences import outcome, sentences
from openaco.programs.commercial.terms import SECTIONS, About, Attribution, Results

WEIGHTS = "weights = [0.2, 0.3, 0.5]"
TARGET = (
    ('trend = "fixed"', 'trend = "target"\ntarget_pmpm = 500.0'),
    (WEIGHTS + "\n", ""),
    ("trend_rate = 0.05\nbaseline_trend_rate = 0.0\n", ""),
)

WRONG: list[tuple[str, list[tuple[str, str]], str, str, str]] = [
    # name, changes, key, what is told, what to do
    (
        "unknown key",
        [("minimum_rate = 0.02", "minimum_rate = 0.02\nminimum_rte = 0.02")],
        "savings.minimum_rte",
        "no such key",
        "Did you mean minimum_rate",
    ),
    (
        "unknown table",
        [("[attribution]", "[attribtion]\nrule = 1\n[attribution]")],
        "attribtion",
        "no such key",
        "Did you mean attribution",
    ),
    (
        "unknown key, nothing near",
        [("minimum_rate = 0.02", "minimum_rate = 0.02\nxyzzy = 1")],
        "savings.xyzzy",
        "no such key",
        "Known: minimum_rate, first_dollar, corridors, cap",
    ),
    (
        "unknown key of a band",
        [("share = 0.75", "share = 0.75, kept = 1")],
        "savings.corridors[2].kept",
        "no such key",
        "Known: from, to, share",
    ),
    (
        "unknown table of a year",
        [("[years.2024]", "[years.2024.saving]\ncap = 0.1")],
        "years.2024.saving",
        "no such key",
        "Did you mean savings",
    ),
    ("missing key", [("minimum_rate = 0.02\n", "")], "savings.minimum_rate", "is missing", "Minimum savings"),
    (
        "missing table",
        [('[attribution]\nrule = "shared_savings"\nvariant = "prospective"\n', "")],
        "attribution",
        "the table is missing",
        "openaco contract init",
    ),
    ("missing year", [("end = 2024-12-31", "end = 2025-12-31")], "years.2025", "the table is missing", "may be empty"),
    (
        "year outside",
        [("[years.2024]", "[years.2024]\n[years.2027]")],
        "years.2027",
        "outside the contract",
        "from 2024-01-01 to 2024-12-31",
    ),
    (
        "results outside",
        [("[years.2024]", "[years.2024]\n[results.2023]")],
        "results.2023",
        "outside the contract",
        "from 2024-01-01",
    ),
    ("no year", [("[years.2024]", "[years.next]\n[years.2024]")], "years.next", "is no year", "Name it by its year"),
    (
        "text for a number",
        [("minimum_rate = 0.02", 'minimum_rate = "0.02"')],
        "savings.minimum_rate",
        "is '0.02', but should be",
        "Minimum savings",
    ),
    (
        "not filled in",
        [("trend_rate = 0.05", "trend_rate = nan")],
        "benchmark.trend_rate",
        "not filled in",
        "0.04 for 4 percent",
    ),
    (
        "percent for a fraction",
        [("\ntrend_rate = 0.05", "\ntrend_rate = 5")],
        "benchmark.trend_rate",
        "less than 0.5",
        "0.04 for 4 percent",
    ),
    (
        "share above 100%",
        [("share = 0.75", "share = 1.2")],
        "savings.corridors[2].share",
        "less than or equal to 1",
        "0.5 for 50 percent",
    ),
    (
        "negative share",
        [("share = 0.75", "share = -0.1")],
        "savings.corridors[2].share",
        "greater than or equal to 0",
        "0.5 for 50 percent",
    ),
    (
        "negative minimum",
        [("minimum_rate = 0.02", "minimum_rate = -0.02")],
        "savings.minimum_rate",
        "greater than or equal to 0",
        "0.02; 0.0 for none",
    ),
    (
        "cap below zero",
        [("cap = 0.03", "cap = -0.03")],
        "losses.cap",
        "greater than or equal to 0",
        "a fraction of the benchmark",
    ),
    (
        "negative fee",
        [("[years.2024]", "[fees]\ncare_management_pmpm = -4.0\n[years.2024]")],
        "fees.care_management_pmpm",
        "greater than or equal to 0",
        "US dollars",
    ),
    ("no corridor", [(BANDS, "corridors = []")], "savings.corridors", "at least 1 item", "follow one another from 0"),
    (
        "overlap",
        [("from = 0.04, share", "from = 0.03, share")],
        "savings.corridors",
        "it starts at 0.03",
        "do not overlap",
    ),
    ("gap", [("from = 0.04, share", "from = 0.05, share")], "savings.corridors", "it starts at 0.05", "leave no gap"),
    (
        "first band not from zero",
        [("from = 0.0, to = 0.04", "from = 0.01, to = 0.04")],
        "savings.corridors",
        "starts at 0.01",
        "first band starts at 0",
    ),
    (
        "last band closed",
        [("{ from = 0.04, share", "{ from = 0.04, to = 0.1, share")],
        "savings.corridors",
        "must be open",
        "last band is open",
    ),
    (
        "weights do not sum",
        [(WEIGHTS, "weights = [0.2, 0.3, 0.4]")],
        "benchmark.weights",
        "sum to 0.9, not to 1",
        "Correct one",
    ),
    (
        "two weights",
        [(WEIGHTS, "weights = [0.5, 0.5]")],
        "benchmark.weights",
        "holds 2 weights",
        "three baseline years",
    ),
    ("negative weight", [(WEIGHTS, "weights = [-0.2, 0.7, 0.5]")], "benchmark.weights", "below zero", "from 0 to 1"),
    (
        "baseline not in order",
        [("[2021, 2022, 2023]", "[2021, 2023, 2022]")],
        "benchmark.baseline_years",
        "not three years in order",
        "2021, 2022, 2023",
    ),
    (
        "baseline too late",
        [("[2021, 2022, 2023]", "[2022, 2023, 2024]")],
        "benchmark.baseline_years",
        "after the contract began",
        "before 2024",
    ),
    (
        "no baseline",
        [("baseline_years = [2021, 2022, 2023]\n", "")],
        "benchmark.baseline_years",
        "history is taken from them",
        "State three years",
    ),
    (
        "fixed without rate",
        [("\ntrend_rate = 0.05", "")],
        "benchmark.trend_rate",
        'missing with trend = "fixed"',
        "0.04 for 4 percent",
    ),
    (
        "rate without fixed",
        [('trend = "fixed"', 'trend = "national"'), ("baseline_trend_rate = 0.0\n", "")],
        "benchmark.trend_rate",
        'says nothing with trend = "national"',
        "Take it out",
    ),
    (
        "target without amount",
        [*TARGET, ("\ntarget_pmpm = 500.0", "")],
        "benchmark.target_pmpm",
        'missing with trend = "target"',
        "US dollars per member month",
    ),
    (
        "target with weights",
        [*TARGET, ("target_pmpm = 500.0", f"target_pmpm = 500.0\n{WEIGHTS}")],
        "benchmark.weights",
        "a target replaces",
        "Take them out",
    ),
    (
        "target with region",
        [*TARGET, ("target_pmpm = 500.0", "target_pmpm = 500.0\nregional_weight = 0.1")],
        "benchmark.regional_weight",
        "a target replaces",
        "Take it out",
    ),
    (
        "amount without target",
        [("\ntrend_rate", "\ntarget_pmpm = 400.0\ntrend_rate")],
        "benchmark.target_pmpm",
        'says nothing with trend = "fixed"',
        'trend = "target"',
    ),
    (
        "cap on no risk",
        [("[savings]", "risk_cap = 0.03\n[savings]")],
        "benchmark.risk_cap",
        "is off",
        "risk_adjustment = true",
    ),
    (
        "trend of one year",
        [("[years.2024]", '[years.2024.benchmark]\ntrend = "national"')],
        "years.2024.benchmark.trend",
        "holds for the whole contract",
        "State benchmark.trend once",
    ),
    (
        "variant of another rule",
        [("prospective", "reach")],
        "attribution.variant",
        "reach does not go with rule shared_savings",
        "Choose retrospective or prospective",
    ),
    (
        "losses without downside",
        [("two_sided", "upside_only")],
        "losses",
        'contract.risk is "upside_only"',
        'risk = "two_sided"',
    ),
    (
        "downside without losses",
        [
            ("[losses]", "[quality]"),
            ("minimum_rate = 0.01\ncap = 0.03\n", ""),
            ("corridors = [{ from = 0.0, share = 0.4 }]", ""),
        ],
        "losses",
        "the table is missing",
        'risk = "upside_only"',
    ),
    (
        "guarantee with downside",
        [("[years.2024]", "[guarantee]\nminimum_payment = 1000.0\n[years.2024]")],
        "guarantee.minimum_payment",
        "losses are never owed",
        "Take it out",
    ),
    (
        "end before start",
        [("end = 2024-12-31", "end = 2022-12-31")],
        "contract.end",
        "lies before contract.start",
        "Correct one",
    ),
    (
        "start within a year",
        [("start = 2024-01-01", "start = 2024-04-01")],
        "contract.start",
        "is not 1 January",
        "calendar years",
    ),
    (
        "end within a year",
        [("end = 2024-12-31", "end = 2024-06-30")],
        "contract.end",
        "is not 31 December",
        "calendar years",
    ),
    (
        "bonus does not ascend",
        [
            (
                "[years.2024]",
                "[quality]\nbonus = [{ score = 90.0, pmpm = 1.0 }, { score = 80.0, pmpm = 2.0 }]\n[years.2024]",
            )
        ],
        "quality.bonus",
        "do not ascend",
        "Order them",
    ),
    (
        "score above 100",
        [("[years.2024]", "[years.2024]\n[results.2024]\nquality_score = 101.0")],
        "results.2024.quality_score",
        "less than or equal to 100",
        "0 to 100",
    ),
    (
        "fee counted that is not paid",
        [("[years.2024]", "[fees]\ncounted_as_expenditure = true\n[years.2024]")],
        "fees.counted_as_expenditure",
        "not paid",
        "care_management_pmpm",
    ),
    (
        "recoupment of nothing",
        [("[years.2024]", "[fees]\nrecoup_share = 1.0\n[years.2024]")],
        "fees.recoup_share",
        "never advanced",
        "State upfront",
    ),
    ("id with blanks", [('"river-ppo"', '"River PPO"')], "contract.id", "should", "lower-case"),
    ("table as a value", [("[years.2024]", "[years]\n2024 = 1")], "years.2024", "is no table", "Write [years.2024]"),
]


@pytest.mark.parametrize(
    ("changes", "key", "what", "remedy"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_each_error_names_file_key_and_remedy(changes: list[tuple[str, str]], key: str, what: str, remedy: str) -> None:
    with pytest.raises(ContractFileError) as caught:
        contract_file(*changes)
    found = [problem for problem in caught.value.problems if problem.key == key and what in problem.what]
    assert len(found) == 1, caught.value.problems
    assert remedy in found[0].remedy
    assert NAME in caught.value.where
    assert key in caught.value.message


def test_one_error_stands_alone() -> None:
    with pytest.raises(ContractFileError) as caught:
        contract_file(("share = 0.75", "share = 1.2"))
    assert caught.value.where == "contract.toml, savings.corridors[2].share"
    assert len(caught.value.problems) == 1


def test_several_errors_are_named_at_once() -> None:
    with pytest.raises(ContractFileError) as caught:
        contract_file(
            ("minimum_rate = 0.02", "minimum_rte = 0.02"),
            (WEIGHTS, "weights = [0.2, 0.3, 0.4]"),
            ("end = 2024-12-31", "end = 2025-12-31"),
            ("cap = 0.03", "cap = -1"),
        )
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"savings.minimum_rte", "savings.minimum_rate", "benchmark.weights", "years.2025", "losses.cap"}
    assert all(key in caught.value.message for key in keys)


def test_an_error_in_a_year_names_the_year() -> None:
    with pytest.raises(ContractFileError) as caught:
        contract_file(("[years.2024]", "[years.2024.savings]\ncap = -0.1"))
    assert [problem.key for problem in caught.value.problems] == ["years.2024.savings.cap"]


def test_an_error_of_all_years_is_told_once() -> None:
    with pytest.raises(ContractFileError) as caught:
        contract_file(
            ("end = 2024-12-31", "end = 2025-12-31"),
            ("[years.2024]", "[years.2024]\n[years.2025]"),
            ("share = 0.75", "share = 7"),
        )
    assert [problem.key for problem in caught.value.problems] == ["savings.corridors[2].share"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe", "not UTF-8"), (b"[contract", "not valid TOML"), (b"", "table is missing")],
)
def test_a_file_that_is_none(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        read_contract_file(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file. Make one with `openaco contract init"):
        read_contract_file(tmp_path / NAME)


def test_a_year_that_is_not_settled() -> None:
    with pytest.raises(ConfigurationError, match=r"contract.toml: no performance year 2030. The contract settles 2024"):
        contract_file().terms_for(2030)


def test_terms_of_a_year_replace_single_keys() -> None:
    found = contract_file(
        ("end = 2024-12-31", "end = 2025-12-31"), ("[years.2024]", "[years.2024]\n[years.2025.savings]\ncap = 0.07")
    )
    assert [found.terms[year].savings.cap for year in (2024, 2025)] == [None, 0.07]
    assert found.terms[2025].savings.minimum_rate == 0.02
    assert found.cite(2025, "savings.cap") == "contract.toml: years.2025.savings.cap"
    assert found.cite(2024, "savings.cap") == "contract.toml: savings.cap"


def test_the_example_is_valid_and_has_every_key() -> None:
    text = example()
    assert check_contract_text(text, NAME).about.id == "my-contract"
    for name, model in {"contract": About, "attribution": Attribution, **SECTIONS}.items():
        start = text.index(f"\n[{name}]")
        section = text[start : text.find("\n[", start + 1)]
        explained = "" if name == "losses" else ".*#"  # its keys are those of [savings]
        keys = [info.alias or key for key, info in model.model_fields.items()]
        missing = [key for key in keys if not re.search(rf"^(# )?{key} = {explained}", section, re.MULTILINE)]
        assert missing == [], name
    for key in Results.model_fields:
        assert re.search(rf"^{key} = .*#", text[text.index("[results.2024]") :], re.MULTILINE), key


def test_sentences_say_what_holds_in_which_year() -> None:
    told = sentences(check_contract_text(example(), NAME))
    assert "The benchmark is the members' own history: 2021 (10%), 2022 (30%), 2023 (60%)." in told
    assert "In 2024: $150,000.00 is paid up front." in told
    assert "In 2025: From the year before to this one the benchmark grows 4.5%." in told
    assert any(text.startswith("In 2026: Of savings the ACO is paid its share once they reach 1%") for text in told)
    assert len([text for text in told if text.startswith("Below a quality score of 60")]) == 1


def test_sentences_of_an_upside_only_target_contract() -> None:
    text = changed(*TARGET, ("two_sided", "upside_only"))
    text = text[: text.index("[losses]")] + "[guarantee]\nminimum_payment = 5000.0\n[years.2024]\n"
    told = sentences(check_contract_text(text, NAME))
    assert "The benchmark is a target of $500.00 per member per month." in told
    assert "Losses are not shared." in told
    assert "At least $5,000.00 is paid at settlement." in told


def test_the_best_and_the_worst() -> None:
    found = outcome(contract_file(), 2024)
    assert found.worst == pytest.approx(0.03)
    assert found.best == pytest.approx(0.04 * 0.5 + 0.96 * 0.75)
    assert found.examples[0.05] == pytest.approx(0.04 * 0.5 + 0.01 * 0.75)
    assert found.examples[0.01] == 0
    assert found.examples[-0.01] == pytest.approx(-0.004)
    assert found.examples[-0.10] == pytest.approx(-0.03)
    assert outcome(contract_file(("cap = 0.03\n", "")), 2024).worst is None


def test_the_command_checks_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(["openaco", "contract", "init", "c.toml", "--id", "river-2024"], monkeypatch)[0] == 0
    assert tomllib.loads((tmp_path / "c.toml").read_text(encoding="utf-8"))["contract"]["id"] == "river-2024"
    status, printed = typed(["openaco", "contract", "check", "c.toml"], monkeypatch)
    assert status == 0, printed
    assert "at best the ACO is paid 10% of the benchmark, at worst it owes 5%" in printed
    assert "Not stated yet: the quality score of 2025, 2026" in printed
    status, printed = typed(["openaco", "contract", "check", "c.toml", "--json"], monkeypatch)
    plain = json.loads(printed)
    assert (status, plain["valid"], plain["years"]["2024"]["worst_share_of_benchmark"]) == (0, True, 0.05)
    assert plain["years"]["2026"]["terms"]["savings"]["corridors"][1]["from"] == 0.05
    status, printed = typed(["openaco", "contract", "init", "c.toml"], monkeypatch)
    assert (status, "exists already" in printed) == (2, True)


def test_the_command_lists_every_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = changed(("share = 0.75", "share = 1.2"), ("cap = 0.03", "cap = -1"))
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    status, printed = typed(["openaco", "contract", "check", NAME], monkeypatch)
    assert status == 2
    assert "- savings.corridors[2].share is 1.2" in printed
    assert "Error: contract.toml: 2 problems, listed above." in printed
    status, printed = typed(["openaco", "contract", "check", NAME, "--json"], monkeypatch)
    plain = json.loads(printed)
    assert (status, plain["valid"]) == (2, False)
    assert {problem["key"] for problem in plain["problems"]} == {"savings.corridors[2].share", "losses.cap"}
    (tmp_path / NAME).write_text(changed(("share = 0.75", "share = 1.2")), encoding="utf-8")
    status, printed = typed(["openaco", "contract", "check", NAME], monkeypatch)
    assert "Error: contract.toml, savings.corridors[2].share: is 1.2" in printed

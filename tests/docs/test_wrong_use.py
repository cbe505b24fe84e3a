"""Wrong use of every command ends with status 2, one clear line (what, where, what to do), no traceback, no person."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from documented_pages import typed
from openaco import __version__
from openaco.programs.configuration import Configuration


@pytest.fixture
def aco(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `aco` with a description whose figures are filled in; we stand beside it."""
    monkeypatch.chdir(tmp_path)
    status, printed = typed(["openaco", "init", "aco", "--id", "A1234", "--track", "BASIC_E"], monkeypatch)
    assert status == 0, printed
    path = tmp_path / "aco" / "aco.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("nan", "1.0"), encoding="utf-8")
    return tmp_path / "aco"


def refused(words: str, monkeypatch: pytest.MonkeyPatch, says: str) -> str:
    """The message of a command that is refused."""
    status, printed = typed(["openaco", *words.split()], monkeypatch)
    assert status == 2, printed
    assert "Traceback" not in printed
    assert re.search(says, " ".join(printed.replace("│", " ").split())), printed
    return printed


WRONG = [
    ("run --year 2024 --aco nowhere", r"nowhere/aco.toml: no such file. Make one with `openaco init`"),
    ("run --year 2024 --aco aco", r"aco/lake: there is no lake here. Load something first"),
    ("run --year 2031 --aco aco", r"aco/lake: there is no lake here|no \[performance.2031\]"),
    ("run --aco aco", r"Missing option '--year'"),
    ("run --year soon --aco aco", r"Invalid value for '--year'"),
    ("run --year 2024 --aco aco --method both", r"Invalid value for '--method'"),
    ("run --year 2024 --aco aco --engine oracle", r"--engine: 'oracle' is no engine. Say duckdb, or"),
    ("run --year 2024 --aco aco --memory lots", r"--memory: 'lots' is no amount of memory. Write 1200MB"),
    ("run --year 2024 --aco aco --json", r"there is no lake here"),
    ("explain line settlement.payment --aco aco", r"aco/runs: no finished run. Make one with `openaco run"),
    ("explain --list --run aco", r"aco: run.json is missing. Name the folder of a finished run"),
    ("explain doctor 1 --aco aco", r"'doctor' is not one of 'line', 'beneficiary', 'claim'"),
    ("load cclf nowhere --aco aco", r"nowhere: there is no such file or folder. Check the path"),
    ("load cclf nowhere --aco aco --json", r"nowhere: there is no such file or folder. Check the path"),
    ("load cclf aco/aco.toml --aco aco", r"holds no CCLF file. CMS names packages"),
    ("load alr aco/aco.toml --aco aco", r"the name does not say which report this is. Give its performance year"),
    ("load roster aco --aco aco", r"aco/aco.toml: is no file of a roster. A roster holds participants.csv"),
    ("load rif aco --aco aco", r"aco/aco.toml: is no file of a RIF delivery. Known are"),
    ("load tuva aco --aco aco", r"aco/aco.toml: is no file of the Tuva input layer. Known are"),
    ("load bnex aco/aco.toml --aco aco", r"aco.toml, line 1: is no well-formed XML"),
    ("load preference aco/aco.toml --aco aco", r"aco.toml, line 1: the header line is missing"),
    ("load cclf aco --year 2024 --aco aco", r"--year and --period are for assignment reports only"),
    ("load cclf aco --lake aco/aco.toml", r"aco.toml"),
    ("load cclf aco --lake aco", r"aco: the folder holds other files. Name an empty or new folder"),
    ("load hl7 aco", r"'hl7' is not one of 'cclf', 'alr'"),
    ("load fhir aco", r"--system: which record system sent this is not said. Give it a short name of your own"),
    ("forecast --year 2024 --as-of soon --aco aco", r"--as-of: 'soon' is no day. Write it as 2024-07-20"),
    ("forecast --year 2024 --as-of 2024-07-20 --since 2024-08-01", r"--since: 2024-08-01 is not before 2024-07-20"),
    ("forecast --year 2024 --as-of 2024-07-20 --aco aco", r"aco/lake: there is no lake here. Load something first"),
    ("distribute --aco aco", r"aco/runs: no finished run. Make one with `openaco run"),
    ("distribute --aco aco --plan aco/aco.toml", r"aco.toml: name: missing; seed: unknown key"),
    ("distribute --init aco/aco.toml", r"aco/aco.toml: exists already. Edit it, or name another file"),
    ("init aco", r"aco/aco.toml: exists already. Edit it, or choose another folder"),
    ("init new --track BASIC_F", r"agreement.track: Input should be 'BASIC_A'"),
    ("init new --id 12", r"aco.id: String should match"),
    ("init new --start soon", r"Invalid value for '--start'"),
    ("init new --year 2020", r"--year: 2020 lies before the agreement's start. It starts 2024-01-01"),
    ("init aco/aco.toml/new", r"aco.toml/new: not a directory. Check the path, that you may write there"),
    ("demo --out aco", r"aco: the folder holds other files. Name another one with --out"),
    ("demo --out aco/aco.toml", r"aco.toml: is a file. Name a folder with --out"),
    ("demo --out aco/aco.toml/new", r"aco.toml/new: not a directory"),
    ("demo --beneficiaries 10", r"Invalid value for '--beneficiaries'"),
    ("generate --out aco", r"aco: is not empty. Choose another folder, or remove it"),
    ("generate --out new --years 2024", r"--years: '2024' is not a span of years. Write 2021-2024"),
    ("generate --out new --agreement-track GOLD", r"--agreement-track: 'GOLD' is no track. Known"),
    ("replay mssp nowhere.csv", r"nowhere.csv: no such file. Give the path of the results file"),
    ("replay mssp aco/aco.toml", r"not a results file as we know them"),
    ("replay mssp aco", r"no such file"),
    ("replay reach nowhere.csv", r"nowhere.csv: no such file"),
    ("replay reach aco/aco.toml", r"not a results file as we know them: no column for ACO_ID"),
    ("replay pioneer nowhere.csv", r"No such command 'pioneer'"),
    ("load rates nowhere.csv --aco aco", r"nowhere.csv: there is no such file or folder"),
    ("load rates aco/aco.toml --aco aco", r"aco.toml"),
    ("load roster aco --payer Blue --aco aco", r"--as, --columns, --payer and --tin are for rates only"),
    ("load rates aco --as ours --aco aco", r"Invalid value for '--as'"),
    ("rates --aco aco", r"Missing option '--year'"),
    ("rates --year 2024 --aco aco", r"aco/lake: there is no lake here. Load something first"),
    ("contract check nowhere.toml", r"nowhere.toml: no such file. Make one with `openaco contract init"),
    ("contract check aco/aco.toml", r"aco.toml: .* problems, listed above"),
    ("contract init aco/aco.toml", r"aco/aco.toml: exists already. Edit it, or choose another name"),
    ("contract init new --id A_B", r"contract.id"),
    ("check-workbook nowhere.xlsx", r"nowhere.xlsx: no such file"),
    ("check-workbook aco/aco.toml", r"aco.toml: the file is no Excel workbook, or is damaged"),
    ("check-workbook nowhere.xlsx --json", r"nowhere.xlsx: no such file"),
    ("quality check nowhere --valuesets nowhere.json", r"nowhere.json: there is no such file. Give a VSAC XLSX"),
    ("quality check aco --valuesets aco/aco.toml", r"aco.toml: is no file of value sets. Give a VSAC XLSX"),
    ("quality evaluate nowhere --measure CMS125 --year 2025", r"--valuesets: no value sets are named. Download them"),
    (
        "quality evaluate aco/aco.toml --measure CMS125 --year 2025 --demonstration-valuesets --out new",
        r"aco.toml: is no FHIR file by its name. Name it .json, .ndjson or .jsonl",
    ),
    (
        "quality evaluate aco --measure CMS125 --year 2025 --demonstration-valuesets --utc-offset EST",
        r"--utc-offset: 'EST' is no offset from UTC. Write -05:00",
    ),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=[words for words, _says in WRONG])
def test_wrong_use_is_told_in_one_line(words: str, says: str, aco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = refused(words, monkeypatch, says)
    if "Usage:" not in printed:
        assert len([line for line in printed.splitlines() if line.startswith("Error: ")]) == 1
    assert not (aco.parent / "new").exists()


def test_the_version_and_the_help_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed(["openaco", "--version"], monkeypatch) == (0, f"openaco {__version__}\n")
    status, printed = typed(["openaco", "--help"], monkeypatch)
    assert status == 0
    assert "openaco demo" in printed


def test_a_path_that_is_not_there_makes_no_lake(aco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused("load cclf nowhere --aco aco", monkeypatch, "Check the path")
    assert not (aco / "lake").exists()


DESCRIPTIONS = [
    ('track = "BASIC_E"', 'trakc = "BASIC_E"', r"agreement.track: Field required; agreement.trakc: Extra inputs"),
    ("[aco]", "[aco", r"aco.toml: not valid TOML"),
    ("benchmark_years = [2021, 2022, 2023]", "benchmark_years = [2020, 2021, 2022]", r"2021, 2022, 2023"),
    ('minimum_savings_rate = "variable"', "minimum_savings_rate = 0.007", r"0.007 cannot be chosen"),
    ("per_capita = { esrd = 1.0", "per_capita = { esrd = nan", r"4 figures are not filled in: national.2021"),
    ("per_capita = { esrd = 1.0", "per_capita = { esrd = 0.0", r"no lake here|per_capita of esrd is not filled in"),
    ("[performance.2024.quality]", "[performance.2024.qualty]", r"performance.2024.quality: Field required"),
]


@pytest.mark.parametrize(("right", "wrong", "says"), DESCRIPTIONS, ids=[wrong for _right, wrong, _says in DESCRIPTIONS])
def test_a_wrong_description_names_its_key(
    right: str, wrong: str, says: str, aco: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = aco / "aco.toml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    refused("run --year 2024 --aco aco", monkeypatch, says)


def test_a_description_that_is_not_text_is_told(aco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (aco / "aco.toml").write_bytes(b"\xff\xfe")
    refused("run --year 2024 --aco aco", monkeypatch, r"aco.toml: is not UTF-8 text. Save it as UTF-8")


def test_a_year_without_national_figures_is_told_before_the_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed(["openaco", "init", "aco", "--id", "A1234", "--start", "2022-01-01"], monkeypatch)
    path = tmp_path / "aco" / "aco.toml"
    text = path.read_text(encoding="utf-8").replace("nan", "1.0").replace("[national.2020]", "[national.2012]")
    path.write_text(text, encoding="utf-8")
    (tmp_path / "participants.csv").write_text("aco_id,tin\nA1234,123456789\n", encoding="utf-8")
    assert typed(["openaco", "load", "roster", "participants.csv", "--aco", "aco"], monkeypatch)[0] == 0
    refused("run --year 2022 --aco aco", monkeypatch, r"aco.toml: no \[national.2020\]. Take it from CMS's benchmark")


def test_no_message_repeats_a_person(aco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Identifiers that are asked for, or stand in a wrong file, are in no message."""
    (aco / "people.csv").write_text("mbi,name\n1S00ZZ9ZZ99,Canary Nightingale\n", encoding="utf-8")
    for source in ("cclf", "bnex", "preference", "rif", "tuva", "roster"):
        status, printed = typed(["openaco", "load", source, "aco/people.csv", "--aco", "aco"], monkeypatch)
        assert status == 2, source
        assert "1S00ZZ9ZZ99" not in printed
        assert "Canary" not in printed


def test_the_description_that_init_writes_has_every_key(aco: Path) -> None:
    text = (aco / "aco.toml").read_text(encoding="utf-8")
    tomllib.loads(text)

    def keys(model: type) -> set[str]:
        found = set(model.model_fields)  # type: ignore[attr-defined]
        for item in model.model_fields.values():  # type: ignore[attr-defined]
            for kind in (item.annotation, *getattr(item.annotation, "__args__", ())):
                if isinstance(kind, type) and hasattr(kind, "model_fields"):
                    found |= keys(kind)
        return found

    assert sorted(name for name in keys(Configuration) if not re.search(rf"\b{name}\b", text)) == []

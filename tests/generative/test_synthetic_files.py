"""The files of the synthetic ACO: reproducible, complete, in CMS's shapes, and of nobody."""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openaco.cli.main import app
from openaco.errors import ConfigurationError
from openaco.programs.configuration import read_configuration
from openaco.synthetic import Summary, chunk, generate
from openaco.synthetic.configuration_file import configuration_text
from openaco.synthetic.timeline import timeline_for

PEOPLE, SEED = 520, 3
YEARS = (2021, 2022, 2023, 2024)
LENGTHS = {
    "1": 437,
    "2": 199,
    "3": 114,
    "4": 112,
    "5": 388,
    "6": 247,
    "7": 195,
    "8": 549,
    "9": 55,
    "A": 324,
    "B": 128,
}
MBI_AT = {"1": 19, "2": 23, "3": 13, "4": 13, "5": 23, "6": 23, "7": 13, "8": 0, "A": 13, "B": 23}


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, *, workers: int, seed: int = SEED) -> Summary:
    """A small world in three chunks."""
    module = sys.modules["openaco.synthetic.generate"]
    monkeypatch.setattr(module, "WORKERS", workers)
    monkeypatch.setattr(module, "CHUNK", 200)
    monkeypatch.setattr(chunk, "CHUNK", 200)
    return generate(folder, PEOPLE, YEARS, seed)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summary]:
    with pytest.MonkeyPatch.context() as patch:
        yield make(tmp_path_factory.mktemp("world") / "files", patch, workers=2)


@pytest.fixture(scope="module")
def members(made: Summary) -> dict[str, dict[str, bytes]]:
    """Delivery → letter → content."""
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    for path in sorted((made.folder / "cclf").iterdir()):
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                letter = re.fullmatch(r"P\.A1234\.ACO\.ZC([0-9AB])[YR]\d\d\.D\d{6}\.T1200000", name)
                assert letter, name
                found[path.name][letter[1]] = package.read(name)
    return found


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_same_seed_same_bytes_however_many_processes(
    made: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = make(tmp_path / "again", monkeypatch, workers=1)
    assert digest(again.folder) == digest(made.folder)
    assert again.records == made.records


def test_another_seed_makes_other_people(made: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = digest(make(tmp_path / "other", monkeypatch, workers=1, seed=SEED + 1).folder)
    first = digest(made.folder)
    assert other.keys() == first.keys()
    same = {name for name in first if first[name] == other[name]}
    assert same <= {"roster/electing_hospitals.csv", "roster/physician_fee_schedule.csv"} | {
        name for name in first if name.startswith("roster/participants")
    }


def test_nothing_is_left_but_what_was_promised(made: Summary) -> None:
    assert {path.name for path in made.folder.iterdir()} == {
        *("cclf", "alr", "enrollment", "roster", "bnex", "preference", "truth", "aco.toml"),
    }
    assert {path.name for path in (made.folder / "truth").iterdir()} == {
        *("final_claims.csv", "assignment.csv", "person_months.csv", "expenditures.csv", "per_capita.csv"),
    }
    assert {path.name for path in (made.folder / "enrollment").iterdir()} == {
        f"beneficiary_{year}.csv" for year in range(2019, 2025)
    }
    assert {path.name for path in (made.folder / "roster").iterdir()} >= {
        *("participants.csv", "providers.csv", "electing_hospitals.csv", "physician_fee_schedule.csv"),
        *("voluntary_alignment.csv", *(f"county_ffs_assignable_{year}.csv" for year in YEARS)),
    }


def test_every_line_has_its_length_and_every_file_its_count(members: dict[str, dict[str, bytes]]) -> None:
    assert len(members) == 19
    for files in members.values():
        assert set(files) == {"0", *LENGTHS}
        stated = {}
        for line in files["0"].decode("ascii").splitlines()[1:]:
            kind, _, count, length = (cell.strip() for cell in line.split("|"))
            stated[kind[4]] = (int(count), int(length))
        for letter, length in LENGTHS.items():
            content = files[letter]
            assert len(content) % (length + 1) == 0
            assert stated[letter] == (content.count(b"\n"), length)
            assert all(len(line) == length for line in content.splitlines())


def test_the_first_delivery_is_the_history_and_run_out_files_overlap(members: dict[str, dict[str, bytes]]) -> None:
    in_order = sorted(members, key=lambda name: name[-16:])
    assert in_order[0] == "P.A1234.ACO.ZCY24.D240220.T1200000"
    history = members[in_order[0]]["5"]
    assert len(history) > 3 * sum(len(members[name]["5"]) for name in in_order[1:3])
    regular = {line[:23] for name in in_order if ".ZCY" in name for line in members[name]["5"].splitlines()}
    run_out = {line[:23] for name in in_order if ".ZCR" in name for line in members[name]["5"].splitlines()}
    assert run_out & regular
    assert run_out - regular


def test_no_identifier_can_be_a_real_one(made: Summary, members: dict[str, dict[str, bytes]]) -> None:
    pattern = re.compile(rb"1S00[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d{2}")
    for files in members.values():
        for letter, start in MBI_AT.items():
            assert all(pattern.fullmatch(line[start : start + 11]) for line in files[letter].splitlines())
    assert all(row["npi"].startswith("99") for row in rows(made.folder / "roster" / "providers.csv"))
    assert all(row["tin"].startswith("00") for row in rows(made.folder / "roster" / "participants.csv"))


def test_who_opted_out_is_in_no_claims_file(made: Summary, members: dict[str, dict[str, bytes]]) -> None:
    preference = next((made.folder / "preference").iterdir()).read_text(encoding="ascii").splitlines()[1:-1]
    always = {line[:11] for line in preference if line[368] == "N" and line[354:362] < "20210101"}
    later = {line[:11] for line in preference if line[368] == "N"} - always
    assert len(always) >= 2
    assert len(later) >= 2
    bnex = next((made.folder / "bnex").iterdir()).read_text(encoding="utf-8")
    assert {mbi for mbi in re.findall(r"<MBI>(\w+)</MBI>", bnex)} == always | later
    seen = {
        line[start : start + 11].decode()
        for files in members.values()
        for letter, start in MBI_AT.items()
        for line in files[letter].splitlines()
    }
    assert not seen & always
    known = {row["person_id"] for row in rows(made.folder / "truth" / "assignment.csv")}
    assert always <= known


def test_a_version_delivered_again_says_the_same(members: dict[str, dict[str, bytes]]) -> None:
    versions = defaultdict(set)
    times: dict[bytes, int] = defaultdict(int)
    for files in members.values():
        for line in files["5"].splitlines():
            times[line[:23]] += 1
            versions[line[:23]].add(line[34:360] + line[363:])
    assert sum(count > 1 for count in times.values()) > 20
    assert all(len(contents) == 1 for contents in versions.values())


def test_reports_list_the_assigned_of_the_truth(made: Summary) -> None:
    truth = rows(made.folder / "truth" / "assignment.csv")
    for year in YEARS:
        assigned = {
            row["person_id"]
            for row in truth
            if row["method"] == "retrospective" and row["year"] == str(year) and row["assigned"] == "true"
        }
        path = made.folder / "alr" / f"P.A1234.ACO.AALR.Y{year}.D249999.T0000000"
        with zipfile.ZipFile(path) as package:
            tables = {
                name[-5]: list(csv.DictReader(package.read(name).decode().splitlines())) for name in package.namelist()
            }
        assert set(tables) == {"1", "2", "4", "6", "9"}
        assert len(tables["1"]) == len(assigned) == len(tables["9"])
        unchanged = {row["BENE_MBI_ID"] for row in tables["1"]} & assigned
        assert len(unchanged) > 0.9 * len(assigned)
        by_types = {"1": "ESRD_SCORE", "2": "DIS_SCORE", "3": "AGDU_SCORE", "4": "AGND_SCORE"}
        for row in tables["1"]:
            flags = {row[f"EnrollFlag{number}"] for number in range(1, 13)}
            assert {flag for flag, score in by_types.items() if row[score]} == flags - {"0"}


@pytest.mark.parametrize("track", ["BASIC_A", "BASIC_E", "ENHANCED"])
@pytest.mark.parametrize("method", ["retrospective", "prospective"])
def test_aco_toml_is_valid(tmp_path: Path, track: str, method: str) -> None:
    by_type = dict.fromkeys(range(4), 10_000.0)
    text = configuration_text(
        timeline_for(YEARS),
        7,
        track,
        method,
        usual=dict.fromkeys(YEARS, by_type),
        thresholds={(year, kind): 15_000_000 for year in YEARS for kind in range(4)},
        demographic={2023: {0: 1.01}, 2024: {}},
        spending=80_000_000.0,
        dual_share=0.2,
    )
    path = tmp_path / "aco.toml"
    path.write_text(text, encoding="utf-8")
    found = read_configuration(path)
    assert (found.agreement.track, found.agreement.assignment_method, found.seed) == (track, method, 7)
    assert found.agreement.benchmark_years == (2021, 2022, 2023)
    assert set(found.national) == set(YEARS)
    assert (found.agreement.minimum_savings_rate == "variable") == (track == "BASIC_A")


def test_the_written_aco_toml_is_valid(made: Summary) -> None:
    found = read_configuration(made.folder / "aco.toml")
    assert found.seed == SEED
    assert all(one.truncation_threshold.aged_non_dual > 10_000 for one in found.national.values())


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"years": (2022, 2023, 2024)}, "three benchmark years"),
        ({"years": (2021, 2022, 2024, 2025)}, "three benchmark years"),
        ({"years": (2017, 2018, 2019, 2020)}, "between 2021 and 2030"),
        ({"beneficiaries": 50}, "fewer than 100"),
        ({"track": "TRACK_9"}, "no track"),
        ({"method": "both"}, "no method"),
    ],
)
def test_what_makes_no_aco_is_refused(tmp_path: Path, arguments: dict[str, object], part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        generate(**{"out": tmp_path / "x", "beneficiaries": 500, "years": YEARS, "seed": 1} | arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "x").exists()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(ConfigurationError, match="not empty"):
        generate(tmp_path, 500, YEARS, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_command_writes_and_tells(tmp_path: Path) -> None:
    out = tmp_path / "files"
    arguments = ["generate", "--beneficiaries", "300", "--out", str(out), "--seed", "4", "--agreement-track", "BASIC_B"]
    result = CliRunner().invoke(app, [*arguments, "--assignment-method", "prospective"])
    assert result.exit_code == 0, result.output
    assert "Made 300 people" in result.output
    assert "assigned in 2024 (prospective)" in result.output
    found = read_configuration(out / "aco.toml").agreement
    assert (found.track, found.assignment_method) == ("BASIC_B", "prospective")


@pytest.mark.parametrize("years", ["2024", "2021-2022", "2024-2021", "last four"])
def test_the_command_refuses_other_years(tmp_path: Path, years: str) -> None:
    result = CliRunner().invoke(app, ["generate", "--out", str(tmp_path / "x"), "--years", years])
    assert isinstance(result.exception, ConfigurationError)
    assert not (tmp_path / "x").exists()

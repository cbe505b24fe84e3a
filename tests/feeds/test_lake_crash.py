"""A load killed at any moment leaves the lake as before or as after, never between; the next load cleans up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cclf_files import line, sample, write_zip

SCRIPT = Path(__file__).resolve().parents[1] / "lake_crashes.py"
NAMES = [f"P.BCD.A1234.ACO.ZCY24.D240{month}01.T0102030" for month in (6, 7, 8)]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Three small deliveries, each with a line to put aside."""
    people = [line("CCLF8", {"BENE_MBI_ID": f"1AC2DE3FG0{number}"}) for number in range(6)]
    people[4] = line("CCLF8", {"BENE_MBI_ID": "1AC2DE3FG09", "BENE_DOB": "unknown"})
    for number, name in enumerate(NAMES):
        data = "\n".join(people[number:]).encode() + b"\n"
        write_zip(tmp_path, {"CCLF8": data, "CCLF9": sample()["CCLF9"]}, package=name)
    return tmp_path


def run(folder: Path, how: str) -> list[dict[str, Any]]:
    result = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), how], capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return [json.loads(text) for text in result.stdout.splitlines()]


def check(story: dict[str, Any]) -> bool:
    """Whether the killed load was through; what a reader sees is the lake before or after, and nothing else."""
    before, killed, after = (story[key]["visible"] for key in ("before", "killed", "after"))
    assert killed in (before, after), story["name"]
    assert len(after["deliveries"]) == len(before["deliveries"]) + 1
    assert story["after"]["unseen"] == 0, f"{story['name']}: files of the killed load are still there"
    return killed == after


def test_killed_at_every_step_of_writing(packages: Path) -> None:
    stories = run(packages, "steps")
    through = [check(story) for story in stories]
    assert len(stories) > 40
    assert through.count(False) > 30
    assert any(through)
    assert any(story["killed"]["unseen"] for story in stories)
    assert any(story["before"]["unseen"] for story in stories)


def test_killed_after_random_times(packages: Path) -> None:
    stories = run(packages, "times")
    assert len(stories) == 6
    for story in stories:
        check(story)

"""The same run gives the same bytes: every file of the result, report and workbook included."""

from __future__ import annotations

import hashlib
from pathlib import Path

from typer.testing import CliRunner

from openaco.cli.main import app
from synthetic_world import make_world


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    world = make_world(tmp_path, 1_500, 3)
    arguments = ["run", "--aco", str(world.home.root), "--year", "2024"]
    found = []
    for _attempt in range(2):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        found.append(hashes(world.home.latest_run()))
    assert found[0] == found[1]
    assert {"worksheet.json", "report.html", "settlement.xlsx", "claim_dollars.parquet"} <= set(found[0])

"""`openaco load` reaches every feed by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openaco.cli.main import app

SAMPLES = {
    "rif": ("claims-samples/rif-synthea", 1349),
    "tuva": ("claims-samples/tuva-input-layer", None),
    "preference": ("claims-samples/cclf-bcda/T#EFT.ON.ACO.NGD1800.DPRF.D181120.T1000009", 4),
    "roster": ("mssp-county/county_ffs_assignable_2018.csv", 12876),
}


@pytest.mark.shared
@pytest.mark.parametrize("source", SAMPLES)
def test_each_sample_loads_by_command(source: str, tmp_path: Path, shared_data: Path) -> None:
    path, count = SAMPLES[source]
    result = CliRunner().invoke(
        app, ["load", source, str(shared_data / path), "--lake", str(tmp_path / "lake"), "--json"]
    )
    assert result.exit_code == 0, result.output
    delivery = json.loads(result.stdout)["deliveries"][0]
    assert delivery["feed"] == source
    assert delivery["row_count"] > 0
    if count:
        assert delivery["row_count"] == count


@pytest.mark.shared
def test_year_and_period_name_an_assignment_report(tmp_path: Path, shared_data: Path) -> None:
    table = str(shared_data / "claims-samples" / "alr-bcda" / "table1.csv")
    command = ["load", "alr", table, "--lake", str(tmp_path / "lake"), "--year", "2021", "--period", "Q2", "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["deliveries"][0]["delivery"]["coverage"] == "Q2"

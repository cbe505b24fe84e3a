"""What `openaco load` prints as control totals equals what the sample's author counted."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from typer.testing import CliRunner

from openaco.cli.main import app


def totals(tmp_path: Path, source: str, path: Path) -> dict[tuple[str, str], Decimal]:
    result = CliRunner().invoke(app, ["load", source, str(path), "--lake", str(tmp_path / "lake"), "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["control_totals"]
    return {(row["table"], row["claim_type_code"]): Decimal(row["dollars"]) for row in rows}


def test_random_claims_sum_to_the_readme(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "claims-samples" / "cclf-random"
    found = totals(tmp_path, "cclf", next(folder.glob("*.zip")))
    sums = dict.fromkeys(("institutional_claim", "professional_line", "equipment_line"), Decimal(0))
    for (table, _kind), dollars in found.items():
        sums[table] += dollars
    assert [str(amount) for amount in sums.values()] == ["1071476.73", "2045539.04", "1977391.56"]


def test_research_files_sum_to_the_readme_by_kind(tmp_path: Path, shared_data: Path) -> None:
    found = totals(tmp_path, "rif", shared_data / "claims-samples" / "rif-synthea")
    assert {kind: str(dollars) for (_table, kind), dollars in found.items()} == {
        "10": "7289.59",
        "20": "32052.84",
        "40": "132056.09",
        "50": "5314.33",
        "60": "36386.46",
        "71": "112165.91",
        "82": "0.00",
    }


def test_tuva_claims_sum_to_the_readme(tmp_path: Path, shared_data: Path) -> None:
    found = totals(tmp_path, "tuva", shared_data / "claims-samples" / "tuva-input-layer")
    assert sum(found.values()) == Decimal("3970274.95")

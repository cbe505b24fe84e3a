"""Writes an evaluation of risk scores as a folder.

    worksheet.json        means by enrollment type, CMS's beside them: an estimate
    scores.parquet        one person and enrollment type: the score, what it is made of, CMS's own, the difference
    factors.parquet       one person, model and variable: the factors that add up to the raw score
    diagnoses.parquet     one person, model and diagnosis: its category, the edit that stopped it or the category above

Files with a person in them are Parquet (and CSV if asked); the worksheet holds totals only.
"""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import pyarrow.csv as pa_csv

from openaco.engine import Engine
from openaco.programs.risk.scores import RiskYear, person_diagnoses, person_factors
from openaco.worksheet import Worksheet


def write_risk(engine: Engine, scored: RiskYear, sheet: Worksheet, target: Path, *, as_csv: bool = False) -> Path:
    """Write the folder whole or not at all; an earlier one of the same name is replaced. Returns it."""
    draft = target.parent / f".draft-{uuid.uuid4().hex[:8]}"
    draft.mkdir(parents=True)
    tables = {
        "scores": scored.people.order_by(["person_id", "enrollment_type"]),
        "factors": person_factors(scored).order_by(
            ["person_id", "enrollment_type", "dual", "model", "kind", "variable"]
        ),
        "diagnoses": person_diagnoses(scored).order_by(["person_id", "model", "icd10cm", "hcc"]),
    }
    try:
        for name, table in tables.items():
            engine.write_parquet(table, draft / f"{name}.parquet")
            if as_csv:
                pa_csv.write_csv(table.to_pyarrow(), draft / f"{name}.csv")
        text = json.dumps(sheet.to_dict(), indent=1, default=str) + "\n"
        (draft / "worksheet.json").write_text(text, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target

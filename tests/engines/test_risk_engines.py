"""The same people, the same scores, categories and factors on DuckDB and through Spark Connect (42 CFR 422.308(c))."""

from __future__ import annotations

import random

import pytest

from openaco.engine import Engine
from openaco.programs.risk.cases import RiskCase, risk_case
from openaco.programs.risk.file import score_cases
from openaco.rules.risk.models import code_years, model_years, segments


def invented(seed: int, count: int) -> list[RiskCase]:
    """People of every model and year here, in every segment, with and without diagnoses."""
    draw = random.Random(seed)
    years = sorted(model_years())
    rows = []
    for number in range(count):
        model, year = years[number % len(years)]
        codes = sorted(code for code, found in code_years(model).items() if year in found)
        row = {"model": model, "payment_year": str(year), "age": str(draw.randrange(100)), "sex": draw.choice("MF")}
        row |= {
            "orec": draw.choice("0123"),
            "dual_code": draw.choice(["00", "01", "02"]),
            "graft_months": draw.choice(["5", "12"]),
        }
        row |= {
            "segment": draw.choice([*segments(model).values(), ""]),
            "icd10cm": ";".join(draw.sample(codes, draw.randrange(15))),
        }
        rows.append(risk_case({"id": str(number), **row}))
    return rows


@pytest.mark.spark
def test_both_engines_score_alike(duckdb_engine: Engine, spark_engine: Engine) -> None:
    ours, theirs = (
        [row.as_row() for row in score_cases(invented(3, 400), engine)] for engine in (duckdb_engine, spark_engine)
    )
    assert ours == theirs
    assert sum(bool(row["interactions"]) for row in ours) > 20
    assert {row["divisor"] for row in ours} > {""}

"""The same people, the same decisions on DuckDB and through Spark Connect (42 CFR 425.402)."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

import pytest

from assignment_world import SPECIALTIES, TINS, World
from openaco.engine import Engine


def history(seed: int, count: int) -> list[dict[str, Any]]:
    """Carrier lines of 400 invented people over two years; few amounts and days, so that ties are common."""
    draw = random.Random(seed)
    return [
        {
            "person_id": f"person {draw.randrange(400)}",
            "claim_id": f"c{number}",
            "claim_line_number": 1,
            "claim_line_end_date": datetime.date(draw.choice([2024, 2025]), draw.choice([3, 3, 3, 6]), 1),
            "hcpcs_code": draw.choice(["99213", "99308", "99354", "99497", "99285"]),
            "specialty_code": SPECIALTIES[draw.choice(list(SPECIALTIES))],
            "billing_tin": TINS[draw.choice(list(TINS))],
            "allowed_amount": Decimal(draw.choice(["10.00", "20.00"])),
        }
        for number in range(count)
    ]


@pytest.mark.spark
def test_both_engines_decide_alike(duckdb_engine: Engine, spark_engine: Engine) -> None:
    lines = history(5, 2500)
    ours, theirs = (World(engine, lines).outcomes(2025) for engine in (duckdb_engine, spark_engine))
    assert ours == theirs
    assert {"none", "step_1", "step_2", "step_3"} <= {row["basis"] for row in ours.values()}
    assert {"none", "recent_pcp", "recent_specialist", "random"} <= {row["tie_break"] for row in ours.values()}

"""The same people, the same alignment on DuckDB and through Spark Connect."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

import pytest

from alignment_world import World, outcomes
from assignment_world import SPECIALTIES, TINS
from openaco.engine import Engine


def history(seed: int, count: int) -> list[dict[str, Any]]:
    """Carrier lines of 300 invented people over two alignment years; few amounts and days, so that ties are common."""
    draw = random.Random(seed)
    return [
        {
            "person_id": f"person {draw.randrange(300)}",
            "claim_id": f"c{number}",
            "claim_line_number": 1,
            "claim_line_end_date": datetime.date(draw.choice([2021, 2022]), draw.choice([3, 3, 5]), 1),
            "hcpcs_code": draw.choice(["99213", "99349", "99490", "G0439", "99285"]),
            "specialty_code": SPECIALTIES[
                draw.choice(["pcp", "np", "cardiology", "cardiology", "cardiology", "surgery"])
            ],
            "billing_tin": TINS[draw.choice(list(TINS))],
            "allowed_amount": Decimal(draw.choice(["1.01", "9.09", "80.05"])),
        }
        for number in range(count)
    ]


@pytest.mark.spark
def test_both_engines_align_alike(duckdb_engine: Engine, spark_engine: Engine) -> None:
    lines = history(7, 900)
    ours, theirs = (outcomes(World(engine, lines), 2023, "reach") for engine in (duckdb_engine, spark_engine))
    assert ours == theirs
    assert {"none", "primary_care", "specialists"} == {row["basis"] for row in ours.values()}
    assert {"none", "recent_service", "random"} <= {row["tie_break"] for row in ours.values()}
    assert {"primary_care_elsewhere", "specialists_elsewhere", "no_aco_service"} <= {
        row["reason"] for row in ours.values()
    }

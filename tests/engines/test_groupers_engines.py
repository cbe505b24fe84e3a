"""All groupers for one population: the same rows on DuckDB and through Spark Connect, in whatever order claims lie.

Rules of 42 CFR 412.4, 425.20 and the groupers' own sources; an invented population.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import fields
from typing import Any

import pytest

from groupers_world import claims_of, people_of
from openaco.engine import Engine, Table
from openaco.rules import groupers

YEAR = 2024
WHO = [f"person {number}" for number in range(30)]
DIAGNOSES = ("I509", "E119", "E1165", "J449", "J4551", "N390", "I219", "F209", "C349", "Z5901", "G309", "I10")


def population(seed: int, *, shuffled: bool = False) -> dict[str, str]:
    """Stays, lines and visits; hospitals and days are few, so that transfers, overlaps and ties are common."""
    draw = random.Random(seed)
    stays, lines, carrier = [], [], []
    for number in range(160):
        kind = draw.choice(["60", "60", "60", "40", "40", "20", "10", "50"])
        ccn = draw.choice(
            {"20": ["255001"], "10": ["257001"], "50": ["251501"]}.get(kind, ["250001", "250002", "254001"])
        )
        start = datetime.date(2024, 1, 1) + datetime.timedelta(days=draw.randrange(300))
        end = start + datetime.timedelta(days=draw.choice([0, 1, 3, 10]))
        status, frequency = draw.choice([("01", "1"), ("02", "1"), ("07", "1"), ("30", "2"), ("20", "1"), ("01", "4")])
        cells = [f"s{number}", draw.choice(WHO), kind, ccn, "1", "3" if kind == "40" else "1", frequency, str(start)]
        cells += [str(end), status, draw.choice(DIAGNOSES), draw.choice(["1", "3"]), "1", f"{draw.randrange(9999)}.10"]
        stays.append(" | ".join(cells))
        center = draw.choice(["0450", "0762", "0360", "0300", "0636"])
        lines.append(f"s{number} | x | 1 | {center} | {draw.choice(['99284', '80053', '66984', 'J9271'])} | {start}")
    for number in range(120):
        day = datetime.date(2023, 6, 1) + datetime.timedelta(days=draw.randrange(560))
        code = draw.choice(["99213", "99285", "93000", "J9271", "A0427"])
        first, second = draw.choice(DIAGNOSES), draw.choice(DIAGNOSES)
        carrier.append(f"c{number} | {draw.choice(WHO)} | {code} | {day} | {day} | {first} | {second} | 7.25")
    if shuffled:
        for rows in (stays, lines, carrier):
            random.Random(seed + 1).shuffle(rows)
    return {
        "stays": _table(
            "id | who | type | ccn | facility | class | freq | from | thru | status | dx | came_by | came_from | paid",
            stays,
        ),
        "lines": _table("id | who | line | center | hcpcs | on", lines),
        "carrier": _table("id | who | hcpcs | from | thru | diagnosis_code_1 | diagnosis_code_2 | paid", carrier),
    }


def _table(header: str, rows: list[str]) -> str:
    return "\n".join([header, "-", *rows])


def everything(engine: Engine, texts: dict[str, str]) -> dict[str, list[Any]]:
    """The rows of every table, sorted: an order of rows says nothing."""
    death = {"person 3": datetime.date(2024, 7, 1), "person 5": datetime.date(2024, 2, 2)}
    people = people_of(engine, WHO, death=death)
    found = groupers.run(engine, claims_of(engine, **texts), people, YEAR)
    told = {}
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, Table):
            told[field.name] = sorted(str(sorted(row.items())) for row in engine.to_rows(value))
    return told


@pytest.mark.spark
def test_both_engines_find_the_same(duckdb_engine: Engine, spark_engine: Engine) -> None:
    texts = population(7)
    ours, theirs = (everything(engine, texts) for engine in (duckdb_engine, spark_engine))
    assert list(ours) == list(theirs)
    for name, rows in ours.items():
        assert rows == theirs[name], name
    populated = {
        "services",
        "admissions",
        "emergency_visits",
        "observation_stays",
        "readmissions",
        "prevention",
        "lace",
    }
    assert all(ours[name] for name in populated | {"conditions", "comorbidities", "high_needs", "social_needs"})


def test_the_order_of_claims_says_nothing(duckdb_engine: Engine) -> None:
    assert everything(duckdb_engine, population(7)) == everything(duckdb_engine, population(7, shuffled=True))

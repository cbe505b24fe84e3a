"""Two measures over 30,000 people with 7.6 million events, each in a process of its own: seconds and memory.

    python -m benchmarks.quality                       # CMS165 and CMS122; exit 1 if a limit is broken
    python -m benchmarks.quality --measure CMS137

Counted is the way from the table of events (a Parquet file) to the populations of everybody and the rates. Processor
seconds, start of the process included, stand beside wall seconds: other work on the machine moves them less. People and
events are invented, from a seed: more of them than in life carry codes that the measures look for.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.home import WORK
from openaco.engine import Engine, arrow_schema
from openaco.measures.definition import MEASURES, definition_of
from openaco.measures.evaluate import Evaluation, rates_of
from openaco.measures.language import Period
from openaco.measures.language.events import coded_sets
from openaco.measures.logic import sets_of
from openaco.parameters import parameter
from openaco.tables import ClinicalPerson, Event

YEAR = 2025
CODES_OF_A_SET = 50
NOISE_CODES = 5_000
ROWS_AT_ONCE = 400_000
DAY = 86_400_000
SECONDS, GIGABYTES = 10.0, 4.0
WEIGHTS = {
    "encounter": 0.14,
    "condition": 0.14,
    "procedure": 0.12,
    "observation": 0.34,
    "component": 0.10,
    "medication_request": 0.10,
    "service_request": 0.05,
    "device_request": 0.01,
}
"""The share of each kind among the events."""
TOLD = {"encounter": 0.5, "condition": 0.2, "observation": 0.3, "component": 1.0}
"""The share of a kind that carries a code which measures look for."""
TOLD_OTHERS = 0.04
ALWAYS = 253_402_300_799_999
STATUS = {"encounter": "finished", "observation": "final", "component": "final", "medication_request": "active"}
RESULTS = {"component": (110.0, 25.0), "observation": (8.0, 1.5)}
CATEGORIES = np.array(["|laboratory|", "|survey|", "|vital-signs|", "|imaging|"])


def value_sets() -> list[dict[str, Any]]:
    """As many invented codes for each value set that measures name."""
    return [
        {"year": YEAR, "oid": oid, "title": name, "system": "test", "code": f"{name}-{number}"}
        for name, oid in parameter("measures/value_sets", YEAR).value.items()
        for number in range(CODES_OF_A_SET)
    ]


def codes_by_kind() -> dict[str, list[tuple[str, str]]]:
    """System and code of everything that measures look for as events of a kind."""
    single: dict[str, list[str]] = parameter("measures/codes", YEAR).value
    found: dict[str, set[tuple[str, str]]] = {kind: set() for kind in WEIGHTS}
    for measure in MEASURES:
        for node in coded_sets(sets_of(rates_of(definition_of(measure), Period.of_year(YEAR)))):
            for concept in node.concepts if node.kind in found else ():
                named = [(single[concept][0], single[concept][1])] if concept in single else []
                several = [("test", f"{concept}-{number}") for number in range(CODES_OF_A_SET)]
                found[node.kind].update(named or several)
    return {kind: sorted(codes) for kind, codes in found.items()}


def make_people(count: int, draw: np.random.Generator) -> pa.Table:
    """People of 12 to 95 years."""
    born = np.datetime64(f"{YEAR}-12-31") - draw.integers(12 * 365, 95 * 365, count)
    rows = {
        "person_id": [f"p{number}" for number in range(count)],
        "birth_earliest": pa.array(born.astype("datetime64[D]")),
        "birth_latest": pa.array(born.astype("datetime64[D]")),
        "gender": draw.choice(["female", "male"], count),
    }
    return _whole(rows, arrow_schema(ClinicalPerson), count)


def make_events(people: int, count: int, draw: np.random.Generator) -> Iterator[pa.Table]:
    """Events over five years before the end of the period and one after it, some hundred thousand at once."""
    looked_for = codes_by_kind()
    schema = arrow_schema(Event)
    for first in range(0, count, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, count - first)
        shares = draw.multinomial(rows, list(WEIGHTS.values()))
        for kind, share in zip(WEIGHTS, shares, strict=True):
            yield _of_kind(kind, int(share), people, first, looked_for[kind], draw, schema)


def _of_kind(
    kind: str,
    rows: int,
    people: int,
    first: int,
    looked_for: list[tuple[str, str]],
    draw: np.random.Generator,
    schema: pa.Schema,
) -> pa.Table:
    codes = np.array([*looked_for, *[("test", f"n{number}") for number in range(NOISE_CODES)]], dtype=object)
    told = draw.random(rows) < TOLD.get(kind, TOLD_OTHERS)
    picked = np.where(told, draw.integers(0, len(looked_for), rows), draw.integers(len(looked_for), len(codes), rows))
    last = int(np.datetime64(f"{YEAR + 1}-12-31").astype("datetime64[D]").astype(int))
    start = (last - draw.integers(0, 6 * 365, rows)) * DAY + draw.integers(0, DAY, rows)
    end = start + draw.integers(0, 3_600_000, rows)
    whose = draw.integers(0, people, rows)
    number = np.arange(rows)
    if kind == "component":
        pair = number // 2
        picked, number, start, end, whose = number % len(looked_for), pair, start[pair], end[pair], whose[pair]
    if kind == "condition":
        end = np.full(rows, ALWAYS)
    measured = kind in ("observation", "component")
    order = kind.endswith("request")
    columns: dict[str, Any] = {
        "person_id": np.char.add("p", whose.astype(str)),
        "event_id": np.char.add(f"{kind}/{first}-", number.astype(str)),
        "event_number": number,
        "kind": [kind] * rows,
        "system": codes[picked, 0],
        "code": codes[picked, 1],
        "start_earliest": start,
        "start_latest": start,
        "end_earliest": end,
        "end_latest": end,
        "start_date": (start // DAY).astype("datetime64[D]"),
        "status": [STATUS.get(kind, "completed")] * rows,
        "intent": ["order"] * rows if order else None,
        "categories": CATEGORIES[draw.integers(0, len(CATEGORIES), rows)] if kind == "observation" else None,
        "clinical_status": ["active"] * rows if kind == "condition" else None,
        "encounter_class": draw.choice(["AMB", "AMB", "AMB", "IMP", "EMER"], rows) if kind == "encounter" else None,
        "has_value": np.full(rows, measured) if measured else None,
        "value_number": draw.normal(*RESULTS[kind], rows) if measured else None,
        "value_unit": ["mm[Hg]" if kind == "component" else "%"] * rows if measured else None,
        "supply_days": np.full(rows, 30.0) if kind == "medication_request" else None,
        "source": ["fhir"] * rows,
    }
    return _whole({name: values for name, values in columns.items() if values is not None}, schema, rows)


def _whole(columns: dict[str, Any], schema: pa.Schema, rows: int) -> pa.Table:
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def population(people: int, events: int, seed: int) -> Path:
    """The folder with `people.parquet` and `events.parquet`, made if it is not there."""
    folder = WORK / f"quality-{people}-{events}-{seed}"
    done = folder / "people.parquet"
    if done.is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    made = make_people(people, draw)
    with pq.ParquetWriter(folder / "events.parquet", arrow_schema(Event)) as writer:
        for table in make_events(people, events, draw):
            writer.write_table(table)
    pq.write_table(made, done)
    return folder


def evaluate(folder: Path, measure: str) -> dict[str, Any]:
    """One measure over the population: wall seconds and the rates."""
    sets = value_sets()
    started = time.monotonic()
    with Engine.duckdb(threads=2) as engine:
        people = engine.read_parquet([folder / "people.parquet"])
        events = engine.read_parquet([folder / "events.parquet"])
        found = Evaluation(engine, people, events, sets, measure, Period.of_year(YEAR))
        rates = [rate.as_data() for rate in found.rate_results()]
        return {"seconds": time.monotonic() - started, "rates": rates}


def measured(folder: Path, measure: str) -> tuple[float, float, float, dict[str, Any]]:
    """Wall seconds, processor seconds of the whole process, gigabytes and the first rate of a measure."""
    command = [sys.executable, "-m", "benchmarks.quality", "--folder", str(folder), "--measure", measure]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{measure} failed with status {process.returncode}")
    told = json.loads(printed)
    return told["seconds"], used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2, told["rates"][0]


def main() -> int:
    """Print seconds and memory of each measure beside their limits; exit 1 if one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--events", type=int, default=7_600_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--measure", action="append", choices=MEASURES)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    measures = options.measure or ["CMS165", "CMS122"]
    if options.folder:
        print(json.dumps(evaluate(options.folder, measures[0])))
        return 0
    folder = population(options.people, options.events, options.seed)
    broken = False
    for measure in measures:
        seconds, processor, gigabytes, rate = measured(folder, measure)
        within = seconds <= SECONDS and gigabytes <= GIGABYTES
        broken = broken or not within
        counts = f"{rate['initial_population']:,} in the population, {rate['numerator']:,} in the numerator"
        print(
            f"{measure}  {seconds:5.1f} s (limit {SECONDS:g})  {processor:5.1f} processor s  "
            f"{gigabytes:4.2f} GB (limit {GIGABYTES:g})  {'within' if within else 'BROKEN'}  "
            f"{options.events:,} events, {options.people:,} people, {counts}"
        )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())

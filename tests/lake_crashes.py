"""Loads that are killed on purpose, each in a process of its own that starts from one with the libraries in memory.

    python lake_crashes.py FOLDER steps   # killed at every step of writing, one after the other
    python lake_crashes.py FOLDER times   # killed after random times

It prints one line of JSON for each killed load: what the lake held before, after the kill, and after loading again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from openaco.engine import Lake, delta
from openaco.engine.draft import Draft
from openaco.feeds.cclf import load
from openaco.tables import all_tables

Plain = dict[str, Any]


def contents(lake: Path) -> Plain:
    """What a reader sees (rows of each table by delivery), and the Parquet files that lie about unseen."""
    opened = Lake(lake)
    seen: set[Path] = set()
    found: Plain = {"deliveries": [row["delivery_id"] for row in opened.deliveries()]}
    for table in all_tables():
        paths = opened.files(table)
        seen.update(paths)
        if paths:
            found[table.name] = sorted(f"{path.parent.name} {pq.read_metadata(path).num_rows}" for path in paths)
    unseen = [path for path in lake.rglob("*.parquet") if path not in seen and "_delta_log" not in path.parts]
    return {"visible": found, "unseen": len(unseen)}


def in_a_process(work: Callable[[], Plain | None]) -> Plain | None:
    """Do something in a child; its answer, or None if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            json.dump(work(), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if os.waitstatus_to_exitcode(status) == 0 else None


def kill_at(step: int) -> None:
    """Make this process kill itself right before its n-th step of writing."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping(function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **options: Any) -> Any:
            count()
            return function(*arguments, **options)

        return stepped

    for owner, names in (
        (delta, ("create", "add_files", "remove_files")),
        (Path, ("replace", "mkdir", "unlink")),
        (shutil, ("rmtree",)),
        (pq, ("write_table",)),
        (pq.ParquetWriter, ("write_table", "close")),
        (Draft, ("add",)),
    ):
        for name in names:
            setattr(owner, name, stepping(getattr(owner, name)))


def loading(lake: Path, package: Path, prepare: Callable[[], None] = lambda: None) -> Callable[[], Plain]:
    def work() -> Plain:
        prepare()
        return {"loaded": load(Lake.create(lake), package).loaded}

    return work


def killed_at_steps(folder: Path, first: Path, second: Path, third: Path) -> None:
    """Kill the second load at each step. Then kill the third, which has to clean up after the second, at each step."""
    base = folder / "base"
    in_a_process(loading(base, first))
    late = tell_each(folder, base, second, second)
    tell_each(folder, late, third, third)


def tell_each(folder: Path, base: Path, package: Path, again: Path) -> Path:
    """Tell of a load killed at each of its steps; returns the lake of the last kill before the load was through."""
    before = in_a_process(lambda: contents(base))
    for step in range(1, 10_000):
        lake = copy_of(base, folder / f"{package.name}-{step}")
        if in_a_process(loading(lake, package, lambda step=step: kill_at(step))):
            return folder / f"{package.name}-{step - 2}"
        tell(f"step {step}", before, lake, again)
    raise AssertionError("the load never came to its end")


def killed_at_times(folder: Path, first: Path, second: Path, count: int = 6) -> None:
    """Kill the second load after times drawn evenly between nothing and a little more than it needs."""
    base = folder / "base"
    in_a_process(loading(base, first))
    before = in_a_process(lambda: contents(base))
    started = time.monotonic()
    in_a_process(loading(copy_of(base, folder / "whole"), second))
    needed = time.monotonic() - started
    draws = random.Random(20240801)
    for number in range(count):
        lake = copy_of(base, folder / f"time-{number}")
        child = os.fork()
        if child == 0:
            loading(lake, second)()
            os._exit(0)
        time.sleep(draws.uniform(0, needed * 1.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        tell(f"time {number}", before, lake, second)


def copy_of(base: Path, lake: Path) -> Path:
    shutil.copytree(base, lake)
    return lake


def tell(name: str, before: Plain | None, lake: Path, package: Path) -> None:
    def look_load_look() -> Plain:
        killed = contents(lake)
        spare = copy_of(lake, lake.with_name(f"{lake.name}-again"))
        load(Lake.create(spare), package)
        return {"killed": killed, "after": contents(spare)}

    print(json.dumps({"name": name, "before": before, **(in_a_process(look_load_look) or {})}), flush=True)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    packages = sorted(place.glob("*.ACO.*"))
    if sys.argv[2] == "steps":
        killed_at_steps(place, *packages)
    else:
        killed_at_times(place, *packages[:2])

"""CCLF → lake beside DuckDB reading the same bytes as text and beside pandas `read_fwf`, measured in one run.

    python -m benchmarks.cclf_load              # prints the ratios
    python -m benchmarks.cclf_load --lines 400000

All three read the same generated CCLF1 and CCLF5. Ours ends with typed, reconciled, committed Delta tables. DuckDB
reads the lines as one text column: into a Parquet file, and into a table. Pandas ends with typed columns in a Parquet
file; it takes so long that it reads the first part of the files only, and its time is scaled by bytes.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from openaco.engine import Lake
from openaco.feeds.cclf import load
from openaco.feeds.cclf.layouts import _rows, file_types

NAME = "P.A1234.ACO.ZC{file}Y24.D240801.T0102030"
FILES = {"CCLF1": 437, "CCLF5": 388}
PANDAS_SHARE = 0.1
Ratio = tuple[str, float, str, float | None]


def ratios(folder: Path, *, lines: int = 600_000, seed: int = 7, rounds: int = 3) -> list[Ratio]:
    """Name, our time divided by the other's, what was measured, and the limit.

    The best of some rounds counts for each, so that a disturbed round does not.
    """
    package = folder / "package"
    _generate(package, lines, np.random.default_rng(seed))
    sources = sorted(package.glob("*.ZC[15]*"))
    ours = _best(rounds, lambda: _ours(folder, package))
    table = _best(rounds, lambda: _duckdb(sources, "CREATE TABLE lines AS SELECT * FROM {lines}"))
    parquet = _best(rounds, lambda: _duckdb(sources, f"COPY (FROM {{lines}}) TO '{folder / 'lines.parquet'}'"))
    frames = _best(1, lambda: _pandas(sources, folder)) / PANDAS_SHARE
    size = sum(path.stat().st_size for path in sources) / 1e6
    return [
        ("CCLF → lake ÷ DuckDB, lines to Parquet", ours / parquet, f"{size:,.0f} MB in {ours:.2f} s", 3.0),
        ("CCLF → lake ÷ DuckDB, lines to a table", ours / table, f"{table:.2f} s", None),
        ("CCLF → lake ÷ pandas read_fwf to Parquet", ours / frames, f"{frames:.1f} s, scaled by bytes", 1 / 30),
    ]


def _best(rounds: int, work: Callable[[], None]) -> float:
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def _ours(folder: Path, package: Path) -> None:
    shutil.rmtree(folder / "lake", ignore_errors=True)
    load(Lake.create(folder / "lake"), package)


def _duckdb(sources: list[Path], sql: str) -> None:
    names = ", ".join(f"'{path}'" for path in sources)
    options = "columns={'line': 'VARCHAR'}, header=false, delim='\\x01', quote='', escape='', auto_detect=false"
    with duckdb.connect() as connection:
        connection.execute(sql.format(lines=f"read_csv([{names}], {options})"))


def _pandas(sources: list[Path], folder: Path) -> None:
    for path in sources:
        file = f"CCLF{path.name.split('.')[3][2]}"
        spans = _spans(file)
        dates = [name for name in spans if name.endswith("_DT")]
        count = int(path.stat().st_size / (FILES[file] + 1) * PANDAS_SHARE)
        text = {name: str for name in spans if name not in dates and not name.endswith(("_AMT", "_QTY"))}
        frame = pd.read_fwf(
            path,
            colspecs=list(spans.values()),
            names=list(spans),
            dtype=text,
            parse_dates=dates,
            na_values=["~", "1000-01-01", "9999-12-31"],
            nrows=count,
        )
        frame.to_parquet(folder / "pandas.parquet")


def _spans(file: str) -> dict[str, tuple[int, int]]:
    """The fields that our reader reads too."""
    table = file_types()[file].table.name
    read = {name for row in _rows("columns.csv") if row["table"] == table for name in row["fields"].split(";")}
    return {
        row["field_name"]: (int(row["start"]) - 1, int(row["end"]))
        for row in _rows("record_layouts.csv")
        if row["file"] == file and row["field_name"] in read
    }


def _generate(package: Path, lines: int, random: np.random.Generator) -> None:
    """One tenth of the lines in CCLF1, the rest in CCLF5; the other files of a release are empty, as CCLF0 says."""
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    summary = ["File Number  |File Description    |Total Records Count |Record Length"]
    for file in file_types():
        count = {"CCLF1": lines // 10, "CCLF5": lines - lines // 10}.get(file, 0)
        (package / NAME.format(file=file[-1])).write_bytes(_lines(file, count, random) if count else b"")
        summary.append(f"{file}  |{'':<43}|{count:>11}|{FILES.get(file, 100):>5}")
    (package / NAME.format(file=0)).write_text("\n".join(summary))


def _lines(file: str, count: int, random: np.random.Generator) -> bytes:
    letters = np.full((count, FILES[file] + 1), ord(" "), np.uint8)
    letters[:, -1] = ord("\n")
    for row in (row for row in _rows("record_layouts.csv") if row["file"] == file):
        start, size = int(row["start"]) - 1, int(row["length"])
        values = _values(row["field_name"], size, count, random)
        if values is not None:
            letters[:, start : start + size] = values.view(np.uint8).reshape(count, size)
    return letters.tobytes()


def _values(name: str, size: int, count: int, random: np.random.Generator) -> np.ndarray | None:
    """Texts of a field as bytes of its size: as many different ones as such a field has, sorted where claims are."""
    if "HICN" in name or "HIC_NUM" in name or name.startswith("HCPCS_") or name[:10] in ("CLM_DGNS_4", "CLM_DGNS_5"):
        return None
    if name in ("CUR_CLM_UNIQ_ID", "CLM_CNTL_NUM"):
        texts, chosen = np.arange(count) + 10**12, np.arange(count) // 2
    elif name == "BENE_MBI_ID":
        texts, chosen = np.arange(count // 60 + 1) + 10**10, np.arange(count) // 60
    elif name.endswith("_AMT"):
        texts, chosen = np.array([f"{cents / 100:>{size}.2f}" for cents in random.integers(0, 60_000, 9_000)]), None
    elif name.endswith("SRVC_UNIT_QTY"):
        texts, chosen = np.array([f"{number:>{size}.4f}" for number in range(1, 20)]), None
    elif name.endswith("_DT") or name == "BENE_DOB":
        texts, chosen = np.arange(np.datetime64("2021-01-01"), np.datetime64("2024-12-31")).astype(str), None
    else:
        texts, chosen = random.integers(0, 10 ** min(size, 7), 2_000).astype(str), None
    chosen = random.integers(0, len(texts), count) if chosen is None else chosen
    padded = np.char.ljust(texts.astype(str), size).astype(f"S{size}")
    return np.ascontiguousarray(padded[chosen])


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=600_000)
    folder = Path(__file__).parent / "work" / "cclf-load"
    for name, value, beside, limit in ratios(folder, lines=parser.parse_args().lines):
        print(f"{name:<44} {value:>8.3f} × {f'limit {limit:.3f}' if limit else '':<12} {beside}")


if __name__ == "__main__":
    main()

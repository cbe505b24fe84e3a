"""The same run on DuckDB and through Spark Connect (Sail), compared row by row and cent by cent.

.venv/bin/python -m benchmarks.engines --beneficiaries 20000
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.home import loaded_home

TABLES = ("assignment", "expenditure", "claim_dollars", "claim_disposition", "person_months")
OPENACO = Path(sys.executable).with_name("openaco")


def settle(home: Path, engine: str) -> Path:
    """Run with one engine and keep its result under the engine's name."""
    started = time.monotonic()
    subprocess.run(
        [str(OPENACO), "run", "--aco", str(home), "--year", "2024", "--engine", engine, "--no-report"], check=True
    )
    run_id = json.loads((home / "runs" / "latest.json").read_text())["run_id"]
    kept = home / f"result-{engine.split(':')[0]}"
    subprocess.run(["rm", "-rf", str(kept)], check=True)
    (home / "runs" / run_id).rename(kept)
    print(f"{engine.split(':')[0]:<8} {time.monotonic() - started:8.1f} s")
    return kept


def differences(left: Path, right: Path) -> dict[str, tuple[int, int]]:
    """Rows of each table, and how many of them are not in the other result."""
    found = {}
    for name in TABLES:
        ours, theirs = (
            {tuple(map(str, row.values())) for row in pq.read_table(folder / f"{name}.parquet").to_pylist()}
            for folder in (left, right)
        )
        found[name] = (len(ours), len(ours ^ theirs))
    return found


def main() -> int:
    """Print what was compared; exit 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beneficiaries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    home = loaded_home(options.beneficiaries, options.seed)
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    results = [settle(home, "duckdb"), settle(home, f"sc://{host}:{port}")]
    server.stop()
    tables = differences(*results)
    sheets = [json.loads((folder / "worksheet.json").read_text()) for folder in results]
    for name, (rows, different) in tables.items():
        print(f"{name:<20} {rows:>10,} rows {different:>6,} different")
    lines = sum(ours != theirs for ours, theirs in zip(sheets[0]["lines"], sheets[1]["lines"], strict=True))
    print(f"{'worksheet':<20} {len(sheets[0]['lines']):>10,} lines {lines:>5,} different")
    return int(lines > 0 or any(different for _rows, different in tables.values()))


if __name__ == "__main__":
    sys.exit(main())

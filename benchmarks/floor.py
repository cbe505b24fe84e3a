"""The floor: what plain DuckDB needs to scan and sum the same Parquet files once."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

TABLES = ("institutional_claim", "institutional_line", "institutional_diagnosis", "professional_line", "equipment_line")


def rows(lake: Path) -> int:
    """Rows in all tables of a lake."""
    total = 0
    for folder in lake.iterdir():
        if folder.is_dir() and any(folder.rglob("*.parquet")):
            found = duckdb.sql(f"select count(*) from read_parquet('{folder}/**/*.parquet')").fetchone()
            total += found[0] if found else 0
    return total


def scan_seconds(lake: Path) -> float:
    """Seconds to sum every paid amount of every claim line by beneficiary, with plain SQL on the same files."""
    started = time.monotonic()
    for table in ("institutional_claim", "professional_line", "equipment_line"):
        files = f"read_parquet('{lake}/{table}/**/*.parquet')"
        duckdb.sql(f"select mbi, sum(paid_amount) from {files} group by mbi").fetchall()
    return time.monotonic() - started

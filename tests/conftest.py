"""Fixtures shared by all tests. `engine` runs a test on every engine: DuckDB and Spark Connect (Sail)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from openaco.engine import Engine

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published results and samples; the test says so and does not run where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("not run: shared data absent")
    return SHARED


@pytest.fixture(scope="session")
def duckdb_engine() -> Iterator[Engine]:
    with Engine.duckdb() as engine:
        yield engine


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    engine = Engine.spark(f"sc://{host}:{port}")
    yield engine
    engine.close()
    server.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: the conformance suite."""
    return request.getfixturevalue(f"{request.param}_engine")

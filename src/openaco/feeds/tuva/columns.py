"""Which Tuva column fills which lake column, given the header at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openaco.errors import FeedError
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.parquet_rows import ParquetRows
from openaco.parameters import parameter

TuvaFile = DelimitedFile | ParquetRows
PERSON = ("PERSON_ID", "PATIENT_ID")


def sources(file: TuvaFile, kind: str, year: int) -> dict[str, str]:
    """Lake column to Tuva column. Raises FeedError for a missing column that is needed, the person's among them."""
    layout: Mapping[str, Any] = parameter("feeds/tuva/columns", year, file=kind).value
    file.require(layout["required"])
    if not any(name in file.header for name in PERSON):
        raise FeedError(
            f"the header has neither {' nor '.join(PERSON)}", where=file.name, remedy="Export the input layer again."
        )
    return {column: _first_known(file, names) for column, names in layout["columns"].items()}


def _first_known(file: TuvaFile, names: str | Sequence[str]) -> str:
    known = [names] if isinstance(names, str) else list(names)
    return next((name for name in known if name in file.header), known[0])

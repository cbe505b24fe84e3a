"""The codes behind the names that a measure uses, for one year: from the user's value sets and the single codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from openaco.engine import Engine, Table
from openaco.measures.definition import MeasureError
from openaco.parameters import parameter

Row = Mapping[str, Any]
_CODES = pa.schema([("concept", pa.string()), ("system", pa.string()), ("code", pa.string())])


def codes_for(engine: Engine, rows: Iterable[Row], concepts: Sequence[str], year: int, measure: str) -> Table:
    """A table of concept, system, code. Raises MeasureError naming the value sets that the rows do not hold.

    rows: `ValueSetCode` rows. Those of the year count; those that state no year count for every year. A row without a
    code makes its value set known, and empty.
    """
    oids: dict[str, str] = parameter("measures/value_sets", year).value
    single: dict[str, list[str]] = parameter("measures/codes", year).value
    wanted = {oids[name]: name for name in concepts if name in oids}
    found: list[tuple[str, ...]] = [
        (wanted[row["oid"]], row["system"], row["code"])
        for row in rows
        if row["oid"] in wanted and row["year"] in (None, year)
    ]
    missing = [oid for oid, name in wanted.items() if name not in {concept for concept, *_ in found}]
    if missing:
        named = ", ".join(f"{wanted[oid]} ({oid})" for oid in missing)
        which = "all" if len(missing) == len(wanted) else f"{len(missing)} of"
        raise MeasureError(
            f"{which} {len(wanted)} value sets are missing for {year}: {named}",
            where=measure,
            remedy="Download them from VSAC (vsac.nlm.nih.gov) for that year and name the file with --valuesets.",
        )
    found = [row for row in found if row[2]]
    found += [(name, *single[name]) for name in concepts if name in single]
    unknown = [name for name in concepts if name not in oids and name not in single]
    if unknown:
        raise MeasureError(f"no value set and no code is called {unknown[0]}", where=measure)
    columns = [list(column) for column in zip(*sorted(set(found)), strict=True)]
    return engine.from_arrow(pa.table(columns, schema=_CODES))

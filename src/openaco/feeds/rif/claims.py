"""What the readers of claim files share: which lines count, and what a file held in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells, lookup
from openaco.parameters import parameter

COMMON = ["DML_IND", "BENE_ID", "FINAL_ACTION"]


@dataclass(frozen=True)
class Tally:
    """Claims and lines of a file, and what was left out of it.

    claims: distinct claims, unreadable lines aside. not_final: lines of versions that are not the final one.
    unreadable: lines of which not even the claim could be read. difference: dollars by which the lines' payments
    exceed the claims', where both are given.
    """

    claims: int = 0
    lines: int = 0
    not_final: int = 0
    unreadable: int = 0
    difference: Decimal = Decimal(0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.claims + other.claims,
            self.lines + other.lines,
            self.not_final + other.not_final,
            self.unreadable + other.unreadable,
            self.difference + other.difference,
        )

    def notes(self, kind: str) -> Iterator[str]:
        """What a reader of the load report must know."""
        if self.not_final:
            yield f"{kind}: {self.not_final} lines of versions that are not final were left out"
        if self.difference:
            yield f"{kind}: the lines pay {self.difference:+,.2f} against the claims' own payments"


def final_lines(cells: Cells) -> np.ndarray:
    """The rows of final versions. Marks rows that take a claim back, which a file of final versions cannot do."""
    final = pc.fill_null(pc.not_equal(cells.text("FINAL_ACTION"), "N"), True).to_numpy(zero_copy_only=False)
    deleted = pc.fill_null(pc.equal(cells.text("DML_IND"), "DELETE"), False).to_numpy(zero_copy_only=False)
    cells.mark(deleted, "DML_IND says DELETE, which cannot be applied")
    return final


def fips_state(cells: Cells, name: str, year: int) -> pa.Array:
    """The FIPS code of an SSA state; null outside the United States."""
    states = {row["ssa"]: row["fips"] for row in parameter("feeds/states", year).value}
    return lookup(cells.text(name, width=2), states, pa.string())


def total(amounts: pa.Array | pa.ChunkedArray) -> Decimal:
    """The sum of a column of money."""
    found: Decimal | None = pc.sum(amounts).as_py()
    return found or Decimal(0)

"""The seam at which a caller may have an expression computed and kept before others read it."""

from __future__ import annotations

from collections.abc import Callable

from openaco.engine import Table

Checkpoint = Callable[[Table], Table]


def lazily(expression: Table) -> Table:
    """The default seam: nothing is computed. Give `Engine.checkpoint` instead on large data."""
    return expression

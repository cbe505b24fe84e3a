"""The words rules are written in. Rules import these and nothing else of the engine's libraries.

Portability: every word here runs on DuckDB and through Spark Connect with the same result. Not here on purpose:
as-of joins, user-defined functions, `first/last(order_by=)`, quantiles of money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import ibis
from ibis import _, asc, cases, coalesce, desc, greatest, ifelse, least, literal, null, row_number, union
from ibis import date as date_of
from ibis.common.deferred import Deferred
from ibis.expr.types import BooleanValue, Column, Table, Value

__all__ = [
    "BooleanValue",
    "Checkpoint",
    "Column",
    "Table",
    "Value",
    "_",
    "asc",
    "cases",
    "coalesce",
    "date_from_days",
    "date_of",
    "desc",
    "greatest",
    "ifelse",
    "lazily",
    "least",
    "literal",
    "money",
    "month_of",
    "null",
    "pick_first",
    "round_half_up",
    "row_number",
    "stack",
    "union",
]


Checkpoint = Callable[[Table], Table]


def lazily(expression: Table) -> Table:
    """The checkpoint that computes nothing yet: what rules take where no engine's own is given."""
    return expression


def money(value: Any) -> Value:
    """A column, deferred column or Python number as decimal(18, 2) US dollars."""
    if not isinstance(value, Value | Deferred):
        value = ibis.literal(format(Decimal(str(value)), "f"))  # plain digits: Spark reads no exponents
    return value.cast("decimal(18, 2)")


def round_half_up(value: Value, digits: int = 2) -> Value:
    """A double rounded half away from zero to a number of digits, as decimal(18, digits)."""
    scale = 10**digits
    whole = (value.abs() * scale + 0.5).floor() / scale
    return ibis.ifelse(value < 0, -whole, whole).cast(f"decimal(18, {digits})")


def date_from_days(number: Value) -> Value:
    """The date that is so many days after 1970-01-01; `date.epoch_days()` is the way back."""
    return (number * 86_400).as_timestamp("s").date()


def month_of(date: Value) -> Value:
    """The first day of the date's month. (Truncating would give Spark a timestamp that calls itself a date.)"""
    return date_of(date.year(), date.month(), 1)


def pick_first(table: Table, by: str | Sequence[str], order_by: Iterable[Value]) -> Table:
    """One row for each group: the first in the given order. Give an order without ties, or ties fall by chance."""
    keys = [by] if isinstance(by, str) else list(by)
    numbered = table.mutate(_rank=ibis.row_number().over(group_by=keys, order_by=list(order_by)))
    return numbered.filter(_._rank == 0).drop("_rank")


def stack(tables: Sequence[Table]) -> Table:
    """All rows of several tables with the same columns, in the column order of the first."""
    first, *rest = tables
    return ibis.union(first, *[table.select(*first.columns) for table in rest]) if rest else first

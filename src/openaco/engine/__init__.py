"""The engine room: the only place that imports Ibis, DuckDB, Spark or Delta.

`Engine` runs table expressions, `Lake` stores deliveries atomically, `expressions` are the words rules use.
"""

from openaco.engine.connection import Engine
from openaco.engine.draft import Draft
from openaco.engine.expressions import (
    BooleanValue,
    Checkpoint,
    Column,
    Table,
    Value,
    _,
    asc,
    cases,
    coalesce,
    date_from_days,
    date_of,
    desc,
    greatest,
    ifelse,
    lazily,
    least,
    literal,
    money,
    month_of,
    null,
    pick_first,
    round_half_up,
    row_number,
    stack,
    union,
)
from openaco.engine.lake import Lake
from openaco.engine.schema import arrow_schema

__all__ = [
    "BooleanValue",
    "Checkpoint",
    "Column",
    "Draft",
    "Engine",
    "Lake",
    "Table",
    "Value",
    "_",
    "arrow_schema",
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

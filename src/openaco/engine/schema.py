"""Table descriptions as Arrow schemas."""

from __future__ import annotations

import pyarrow as pa

from openaco.tables import LakeTable

ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "quantity": pa.decimal128(18, 4),
    "whole": pa.int64(),
    "flag": pa.bool_(),
    "number": pa.float64(),
}


def arrow_schema(table: type[LakeTable]) -> pa.Schema:
    """The Arrow schema of a lake table, columns in the order they are declared."""
    return pa.schema([pa.field(name, ARROW_TYPES[column.kind]) for name, column in table.columns().items()])

"""Texts of fixed-width fields as typed values. What cannot be read is marked, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.engine.fixed_width.record import Record
from openaco.engine.schema import ARROW_TYPES
from openaco.tables import Kind

Mask = np.ndarray[Any, np.dtype[np.bool_]]

WORDS: dict[str, str] = {
    "date": "is not a date (YYYY-MM-DD)",
    "money": "is not an amount",
    "quantity": "is not a quantity",
    "whole": "is not a whole number",
}
_LONG = pa.decimal128(38, 10)
_TOO_LARGE = {scale: pa.scalar(Decimal(10) ** (18 - scale), _LONG) for scale in (2, 4)}
_FIRST_DAY = pa.scalar(-719_162, pa.int32()).cast(pa.date32())


def clean(text: pa.Array, record: Record) -> pa.Array:
    """Without blanks on either side; null where nothing is left, or nothing but filler."""
    trimmed = pc.ascii_trim(text, characters=" ")
    nothing = pc.equal(trimmed, "")
    if record.filler and pc.any(pc.starts_with(trimmed, record.filler)).as_py():
        nothing = pc.equal(pc.ascii_trim(trimmed, characters=record.filler), "")
    return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed) if pc.any(nothing).as_py() else trimmed


@dataclass(frozen=True)
class Reading:
    """The values of a field, where they could not be read (None: nowhere), and whether any was rounded to fit."""

    values: pa.Array
    bad: Mask | None = None
    rounded: bool = False


def read_values(kind: Kind, text: pa.Array, record: Record) -> Reading:
    """Cleaned texts as values of a kind. Amounts with more decimals than are kept are rounded half away from zero."""
    if kind == "text":
        return Reading(text)
    if kind == "date" and record.missing_dates:
        text = pc.if_else(pc.is_in(text, pa.array(record.missing_dates)), pa.scalar(None, pa.string()), text)
    values = _cast(text, ARROW_TYPES[kind])
    rounded = False
    if kind == "date":
        values = pc.if_else(pc.less(values, _FIRST_DAY), pa.scalar(None, pa.date32()), values)
    elif kind in ("money", "quantity"):
        if values.null_count > text.null_count:
            values, rounded = _round(text, values)
        exponent = pc.or_kleene(pc.match_substring(text, "e"), pc.match_substring(text, "E"))
        values = pc.if_else(exponent, pa.scalar(None, values.type), values)
    bad = pc.and_(pc.is_valid(text), pc.is_null(values))
    return Reading(values, _mask(bad) if pc.any(bad).as_py() else None, rounded)


def _round(text: pa.Array, exact: pa.Array) -> tuple[pa.Array, bool]:
    """Fill in, rounded, what has too many decimals to be exact."""
    longer = pc.round(_cast(text, _LONG), exact.type.scale, "half_towards_infinity")
    fitting = pc.if_else(pc.less(pc.abs(longer), _TOO_LARGE[exact.type.scale]), longer, pa.scalar(None, _LONG))
    values = pc.coalesce(exact, fitting.cast(exact.type))
    return values, values.null_count < exact.null_count


def _cast(text: pa.Array, kind: pa.DataType) -> pa.Array:
    """The texts as values, null where one cannot be read: halves the array until the unreadable stand alone."""
    try:
        return text.cast(kind)
    except pa.ArrowInvalid:
        if len(text) == 1:
            return pa.nulls(1, kind)
        half = len(text) // 2
        return pa.concat_arrays([_cast(text.slice(0, half), kind), _cast(text.slice(half), kind)])


def _mask(flags: pa.Array) -> Mask:
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=np.bool_)

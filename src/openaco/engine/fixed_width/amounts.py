"""Amounts read eight letters at a time: the arithmetic of whole columns in place of a parser's loop.

Takes what amounts look like nearly always: blanks, digits, a point, and as many digits as the column keeps, up to eight
letters to the right of the field (`   1234.56`). Everything else is left to `values.read_values`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

Words = np.ndarray[Any, np.dtype[np.uint64]]
Cents = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

POINT, BLANK_BIT = 0x2E, 0x10


def quick_amounts(words: Words, scale: int) -> tuple[Cents, Mask]:
    """Amounts in units of their last decimal, and where the eight letters are such an amount.

    words: the last eight letters of the field, the first of them in the lowest byte. scale: digits after the point.
    """
    place = 8 * (7 - scale)
    is_point = (words >> _word(place)) & _word(0xFF) == POINT
    letters = words & ~_word(0xFF << place) | _word(ord("0") << place)
    blanks = (~letters & _all(BLANK_BIT)) >> _word(4)
    digits = (letters | _all(BLANK_BIT)) ^ _all(ord("0"))
    only_digits = ((digits + _all(0x7F - 9)) | digits) & _all(0x80) == 0
    run = blanks * _word(0xFF)
    blanks_lead = (run & (run + _word(1))) == 0
    has_units = (blanks >> _word(place - 8)) & _word(1) == 0
    number = _eight_digits(digits)
    units = number // _word(10 ** (scale + 1))
    cents = number - units * _word(9 * 10**scale)
    return cents.view(np.int64), is_point & only_digits & blanks_lead & has_units


def _eight_digits(digits: Words) -> Words:
    """The number that eight digits make: pairs first, then fours, then all eight."""
    pairs = (digits * _word(10) + (digits >> _word(8))) & _word(0x00FF00FF00FF00FF)
    fours = (pairs * _word(100) + (pairs >> _word(16))) & _word(0x0000FFFF0000FFFF)
    return (fours * _word(10_000) + (fours >> _word(32))) & _word(0xFFFFFFFF)


def to_decimals(cents: Cents, kind: pa.DataType, missing: Mask | None) -> pa.Array:
    """Whole numbers of the last decimal as decimals of the kind; null where missing."""
    pairs = np.empty((len(cents), 2), np.int64)
    pairs[:, 0] = cents
    pairs[:, 1] = cents >> 63
    valid = None if missing is None else pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(kind, len(cents), [valid, pa.py_buffer(pairs)])


def from_decimals(values: pa.Array) -> tuple[Cents, Mask]:
    """Decimals of up to 18 digits as whole numbers of the last decimal, and where they are null."""
    pairs = np.frombuffer(values.buffers()[1], np.int64).reshape(-1, 2)[values.offset : values.offset + len(values)]
    return pairs[:, 0], np.asarray(values.is_null())


def _word(number: int) -> np.uint64:
    return np.uint64(number)


def _all(byte: int) -> np.uint64:
    """The byte in all eight places."""
    return np.uint64(byte * 0x0101010101010101)

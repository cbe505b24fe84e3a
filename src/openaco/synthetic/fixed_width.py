"""Writes fixed-width records column by column into one block of bytes."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
from numpy.typing import NDArray

from openaco.parameters.loader import ROOT
from openaco.synthetic.days import date_text

_SPACE, _NEW_LINE, _ZERO, _POINT = 32, 10, 48, 46
LAYOUT = ROOT / "cclf" / "record_layouts.csv"


@cache
def layout(file: str) -> dict[str, tuple[int, int]]:
    """Field to (start, end) of a CCLF file; start counts from 0, end is excluded."""
    with LAYOUT.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"] == file]
    return {row["field_name"]: (int(row["start"]) - 1, int(row["end"])) for row in rows}


def record_length(file: str) -> int:
    """Length of a line without its end."""
    return max(end for _, end in layout(file).values())


class Records:
    """Lines of one CCLF file, blank until filled."""

    def __init__(self, file: str, count: int) -> None:
        self.fields = layout(file)
        self.bytes = np.full((count, record_length(file) + 1), _SPACE, np.uint8)
        self.bytes[:, -1] = _NEW_LINE

    def text(self, field: str, values: NDArray[np.bytes_] | bytes) -> None:
        """Left-justified text, one value for each line or one for all; too long ones are cut."""
        start, end = self.fields[field]
        width = end - start
        if isinstance(values, bytes):
            line = np.frombuffer(values.ljust(width)[:width], np.uint8)
            self.bytes[:, start:end] = line
            return
        raw = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.dtype.itemsize)[:, :width]
        self.bytes[:, start : start + raw.shape[1]] = np.where(raw == 0, _SPACE, raw)

    def dates(self, field: str, days: NDArray[np.integer]) -> None:
        """`YYYY-MM-DD`, blank for none."""
        self.text(field, date_text(days))

    def whole(self, field: str, values: NDArray[np.integer], fill: bool = False) -> None:
        """Digits to the right; blanks before them, or zeros if `fill`."""
        start, end = self.fields[field]
        self._digits(start, end, values, fill)

    def money(self, field: str, cents: NDArray[np.integer]) -> None:
        """An amount of cents with its decimal point, to the right."""
        start, end = self.fields[field]
        values = np.asarray(cents, np.int64)
        self._digits(end - 2, end, values % 100, fill=True)
        self.bytes[:, end - 3] = _POINT
        self._digits(start, end - 3, values // 100, fill=False)

    def quantity(self, field: str, values: NDArray[np.integer]) -> None:
        """A whole quantity with four decimals."""
        start, end = self.fields[field]
        self.bytes[:, end - 5 : end] = np.frombuffer(b".0000", np.uint8)
        self._digits(start, end - 5, np.asarray(values, np.int64), fill=False)

    def _digits(self, start: int, end: int, values: NDArray[np.integer], fill: bool) -> None:
        rest = np.asarray(values, np.int64).copy()
        for place in range(end - 1, start - 1, -1):
            digit = (rest % 10 + _ZERO).astype(np.uint8)
            if fill or place == end - 1:
                self.bytes[:, place] = digit
            else:
                shown = rest > 0
                if not shown.any():
                    break
                self.bytes[:, place] = np.where(shown, digit, _SPACE)
            rest //= 10

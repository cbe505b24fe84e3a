"""Invented identifiers. Each has the real pattern, and each carries a mark by which it can never be a real one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_BOTH = "0123456789" + _LETTERS
_DIGITS = "0123456789"
_MBI_TAIL = (_LETTERS, _BOTH, _DIGITS, _LETTERS, _LETTERS, _DIGITS, _DIGITS)
MBI_CAPACITY = 20 * 30 * 10 * 20 * 20 * 10 * 10
_SCATTER = 7_919_017


def mbis(numbers: NDArray[np.integer]) -> NDArray[np.bytes_]:
    """Medicare Beneficiary Identifiers of the test range `1S00`, one for each number below MBI_CAPACITY."""
    rest = (numbers.astype(np.int64) * _SCATTER + 1234567) % MBI_CAPACITY
    text = np.empty((len(numbers), 11), dtype=np.uint8)
    text[:, :4] = np.frombuffer(b"1S00", dtype=np.uint8)
    for place in range(6, -1, -1):
        alphabet = np.frombuffer(_MBI_TAIL[place].encode(), dtype=np.uint8)
        text[:, 4 + place] = alphabet[rest % len(alphabet)]
        rest //= len(alphabet)
    return text.view("S11").ravel()


def hicns(numbers: NDArray[np.integer]) -> NDArray[np.bytes_]:
    """Legacy claim numbers; the area number 9xx was never issued."""
    return np.char.add(np.char.add(b"9", digits(numbers, 8)), b"A").astype("S11")


def digits(numbers: NDArray[np.integer], width: int) -> NDArray[np.bytes_]:
    """Numbers with zeros before them, `width` characters each."""
    text = (numbers.astype(np.int64) + 10**width).astype(f"S{width + 1}")
    letters = text.view("S1").reshape(len(numbers), width + 1)
    return np.ascontiguousarray(letters[:, 1:]).view(f"S{width}").reshape(len(numbers))


def npi(number: int) -> str:
    """A provider identifier; real ones begin with 1 or 2."""
    return f"99{number:08d}"


def tin(number: int) -> str:
    """A tax number; the prefix 00 was never issued."""
    return f"00{number:07d}"


def ccn(kind: int, number: int) -> str:
    """A certification number of the invented state 99. kind: first digits of the facility's range."""
    return f"99{kind + number:04d}"

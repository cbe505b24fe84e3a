"""Lines of one length, to be cut into fields: ASCII lines all at once, others letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from openaco.engine.fixed_width.amounts import Cents, Mask, quick_amounts
from openaco.engine.fixed_width.record import Piece

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]

SPACE = 32
WORD = 8


@dataclass(frozen=True)
class Distinct:
    """A field on every line: its distinct texts, and for each line which of them it has."""

    texts: pa.Array
    indices: pa.Array


class Lines(Protocol):
    """Lines of the record's length."""

    @property
    def numbers(self) -> Numbers:
        """The lines' numbers in the file."""

    def texts(self, piece: Piece) -> pa.Array | None:
        """The field on every line as text, or None where it is blank on all of them."""

    def distinct(self, piece: Piece) -> Distinct | None:
        """The same by its distinct texts."""

    def amounts(self, piece: Piece, scale: int) -> tuple[Cents, Mask] | None:
        """The field as amounts in units of their last decimal, and where that is sure; None where it is on no line."""

    def chosen(self, where: Mask) -> Lines:
        """Some of the lines."""

    def line(self, index: int) -> str:
        """One line as received, without its end."""


@dataclass(frozen=True)
class AsciiLines:
    """Lines as they lie in memory one after the other: a row of bytes for each, the line end may be part of it."""

    rows: Bytes
    numbers: Numbers

    def texts(self, piece: Piece) -> pa.Array | None:
        raw = self._cut(piece)
        return None if raw is None else _as_text(raw)

    def distinct(self, piece: Piece) -> Distinct | None:
        if piece.end - piece.start <= WORD <= self.rows.shape[1]:
            return self._distinct_words(piece)
        raw = self._cut(piece)
        if raw is None:
            return None
        found = raw.dictionary_encode()
        return Distinct(_as_text(found.dictionary), found.indices)

    def amounts(self, piece: Piece, scale: int) -> tuple[Cents, Mask] | None:
        if piece.end - piece.start < WORD:
            return None
        values, sure = quick_amounts(self._words(Piece("", piece.end - WORD, piece.end)), scale)
        for start in range(piece.start, piece.end - WORD, WORD):
            before = Piece("", start, min(start + WORD, piece.end - WORD))
            sure &= self._words(before) == _blank_word(before)
        return values, sure

    def chosen(self, where: Mask) -> AsciiLines:
        return AsciiLines(self.rows[where], self.numbers[where])

    def line(self, index: int) -> str:
        return self.rows[index].tobytes().decode("ascii").rstrip("\r\n")

    def _cut(self, piece: Piece) -> pa.Array | None:
        size, (count, width) = piece.end - piece.start, self.rows.shape
        column = np.ascontiguousarray(np.ndarray((count,), f"V{size}", self.rows, piece.start, (width,)))
        letters = column.view(np.uint8)
        if count == 0 or (letters[0] == SPACE and letters[-1] == SPACE and (letters == SPACE).all()):
            return None
        return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), count, [None, pa.py_buffer(letters)])

    def _distinct_words(self, piece: Piece) -> Distinct | None:
        """A short field as one 64-bit word a line: far quicker to compare than texts."""
        words = self._words(piece)
        if len(words) == 0 or (words[0] == words[-1] == _blank_word(piece) and (words == words[0]).all()):
            return None
        found = pa.array(words).dictionary_encode()
        letters = np.asarray(found.dictionary).view(np.uint8).reshape(-1, WORD)[:, : piece.end - piece.start]
        raw = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(letters.shape[1]), len(letters), [None, pa.py_buffer(np.ascontiguousarray(letters))]
        )
        return Distinct(_as_text(raw), found.indices)

    def _words(self, piece: Piece) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """The field's bytes as little-endian words, its first letter lowest; nothing beyond the line is read."""
        count, width = self.rows.shape
        begin = max(piece.end - WORD, 0)
        words = np.ndarray((count,), "<u8", self.rows, begin, (width,))
        skipped, size = piece.start - begin, piece.end - piece.start
        shifted = words >> np.uint64(8 * skipped)
        return shifted if size + skipped == WORD else shifted & np.uint64((1 << (8 * size)) - 1)


@dataclass(frozen=True)
class UnicodeLines:
    """Lines with letters beyond ASCII: positions count letters."""

    lines: list[str]
    numbers: Numbers

    def texts(self, piece: Piece) -> pa.Array | None:
        return pa.array([text[piece.start : piece.end] for text in self.lines], pa.string())

    def distinct(self, piece: Piece) -> Distinct | None:
        texts = pa.array([text[piece.start : piece.end] for text in self.lines], pa.string())
        found = texts.dictionary_encode()
        return Distinct(found.dictionary, found.indices)

    def amounts(self, piece: Piece, scale: int) -> tuple[Cents, Mask] | None:
        return None

    def chosen(self, where: Mask) -> UnicodeLines:
        return UnicodeLines([line for line, kept in zip(self.lines, where, strict=True) if kept], self.numbers[where])

    def line(self, index: int) -> str:
        return self.lines[index]


def _as_text(raw: pa.Array) -> pa.Array:
    """ASCII bytes of one size as text, without copying them."""
    size, offset = raw.type.byte_width, raw.offset
    starts = np.arange(offset, offset + len(raw) + 1, dtype=np.int32) * np.int32(size)
    return pa.StringArray.from_buffers(len(raw), pa.py_buffer(starts), raw.buffers()[1])


def _blank_word(piece: Piece) -> int:
    return int.from_bytes(b" " * (piece.end - piece.start), "little")

"""The lines of a text file as they arrive: undecodable and blank ones are taken out, and line numbers stay true."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

import numpy as np

from openaco.errors import FeedError

Opener = Callable[[], AbstractContextManager[BinaryIO]]

_CHUNK = 16 << 20
_LONGEST_LINE = 16 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def first_line(opener: Opener, name: str) -> str:
    """The first line without its line end and byte order mark. Raises FeedError if it is empty or not UTF-8."""
    with opener() as stream:
        raw = stream.readline(_LONGEST_LINE)
    if raw.startswith(_OTHER_MARKS):
        raise FeedError("is UTF-16, not UTF-8", where=f"{name}, line 1", remedy="Save it as UTF-8 text.")
    raw = raw.removeprefix(_UTF8_MARK).rstrip(b"\r\n")
    if not raw.strip():
        raise FeedError("has no header line", where=f"{name}, line 1", remedy="Ask for the file again.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FeedError("the header is not UTF-8", where=f"{name}, line 1", remedy="Save it as UTF-8 text.") from None


def lines_at(opener: Opener, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    """(line, content) of some lines, in order, undecodable bytes escaped."""
    wanted = set(numbers)
    last = max(wanted, default=0)
    if not wanted:
        return
    with opener() as stream:
        for number, raw in enumerate(stream, start=1):
            if number in wanted:
                yield number, readable(raw)
            if number >= last:
                return


def readable(raw: bytes) -> str:
    """A line as text, undecodable bytes and null bytes escaped."""
    text = raw.rstrip(b"\r\n").removeprefix(_UTF8_MARK).decode("utf-8", errors="backslashreplace")
    return text.replace("\x00", "\\x00")


class CleanLines(io.RawIOBase):
    """A stream of whole lines that a parser can rely on: UTF-8, no null bytes, no blank lines, quotes closed.

    `problems` holds (line, reason) of the lines taken out; `line_of` gives the true line of a line that stayed.
    """

    def __init__(self, opener: Opener, name: str, *, quoted: bool) -> None:
        super().__init__()
        self.problems: list[tuple[int, str]] = []
        self._name = name
        self._quoted = quoted
        self._opened = opener()
        self._stream = self._opened.__enter__()
        self._removed: list[int] = []
        self._line = 0
        self._rest = b""
        self._ready = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._opened.__exit__(None, None, None)
        super().close()

    def read(self, size: int = -1) -> bytes:
        while not self._ready and not self._ended:
            self._ready = memoryview(self._next_lines())
        taken = self._ready if size is None or size < 0 else self._ready[:size]
        self._ready = self._ready[len(taken) :]
        return bytes(taken)

    def line_of(self, positions: np.ndarray) -> np.ndarray:
        """True line numbers of positions (from 1) among the lines that stayed."""
        removed = np.asarray(self._removed, dtype=np.int64) - np.arange(len(self._removed))
        return positions + np.searchsorted(removed, positions, side="right")

    def _next_lines(self) -> bytes:
        chunk = self._stream.read(_CHUNK)
        if not chunk:
            self._ended = True
            block, self._rest = self._rest + b"\n" if self._rest else b"", b""
        else:
            joined = self._rest + chunk
            end = joined.rfind(b"\n") + 1
            block, self._rest = joined[:end], joined[end:]
            if len(self._rest) > _LONGEST_LINE:
                raise FeedError(
                    "has a line without an end", where=f"{self._name}, line {self._line + 1}", remedy="Is it text?"
                )
        if self._line == 0:
            block = block.removeprefix(_UTF8_MARK)
        if self._is_clean(block):
            self._line += block.count(b"\n")
            return block
        return self._cleaned(block)

    def _is_clean(self, block: bytes) -> bool:
        if b"\x00" in block or b"\n\n" in block or b"\n\r\n" in block or block.startswith((b"\n", b"\r\n")):
            return False
        if self._quoted and b'"' in block:
            return False
        return block.isascii() or _is_utf8(block)

    def _cleaned(self, block: bytes) -> bytes:
        kept = []
        for raw in io.BytesIO(block):
            self._line += 1
            reason = self._problem(raw)
            if reason is None:
                kept.append(raw)
                continue
            self._removed.append(self._line)
            if reason:
                self.problems.append((self._line, reason))
        return b"".join(kept)

    def _problem(self, raw: bytes) -> str | None:
        """Why the line cannot stay; an empty reason for a blank line, None for a good one."""
        if not raw.strip(b"\r\n"):
            return ""
        if b"\x00" in raw:
            return "the line holds a null byte"
        if not raw.isascii() and not _is_utf8(raw):
            return "the line is not UTF-8"
        if self._quoted and raw.count(b'"') % 2:
            return "a quotation mark is not closed on its line"
        return None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""A text member of a delivery as a stream of bytes, unpacked on the way if it is gzip."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from openaco.errors import FeedError
from openaco.feeds.lines import Opener
from openaco.feeds.package import Limits, Member


def plain_name(member: Member) -> str:
    """The member's name without `.gz`."""
    return member.name.removesuffix(".gz")


def opener_of(member: Member, *, limits: Limits | None = None, on_read: Callable[[int], None] | None = None) -> Opener:
    """A function that opens the member's text from the start. `on_read` is told how many bytes were read so far.

    What it opens raises FeedError where gzip data is damaged or unpacks to more than any real file does.
    """
    bounds = limits or Limits()

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        with member.open() as stream:
            start = stream.read(2)
            if start != b"\x1f\x8b":
                yield io.BufferedReader(_Joined(start, stream, on_read), 1 << 20)
                return
            packed = gzip.GzipFile(fileobj=io.BufferedReader(_Joined(start, stream, on_read), 1 << 20))
            try:
                yield io.BufferedReader(_Bounded(packed, member, bounds), 1 << 20)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise FeedError("the gzip data is damaged", where=member.name, remedy="Ask for it again.") from None

    return opened


class _Joined(io.RawIOBase):
    """The first bytes, which were read to look at them, and then the rest."""

    def __init__(self, start: bytes, rest: BinaryIO, on_read: Callable[[int], None] | None) -> None:
        super().__init__()
        self._start = start
        self._rest = rest
        self._on_read = on_read
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._start:
            taken, self._start = self._start[: len(buffer)], self._start[len(buffer) :]
        else:
            taken = self._rest.read(len(buffer))
        self._read += len(taken)
        if self._on_read:
            self._on_read(self._read)
        buffer[: len(taken)] = taken
        return len(taken)


class _Bounded(io.RawIOBase):
    """Unpacked bytes, refused beyond the limits of a package."""

    def __init__(self, packed: gzip.GzipFile, member: Member, limits: Limits) -> None:
        super().__init__()
        self._packed = packed
        self._name = member.name
        self._most = max(limits.ratio_from, limits.ratio * max(member.size, 1))
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        taken = self._packed.read(len(buffer))
        self._read += len(taken)
        if self._read > self._most:
            raise FeedError(
                "unpacks to more than any real file does",
                where=self._name,
                remedy="Do not load it; if it is genuine, unpack it by hand and load the plain file.",
            )
        buffer[: len(taken)] = taken
        return len(taken)

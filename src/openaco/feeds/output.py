"""What a feed writes to: rows gathered into few large files, problem lines with their content, notes, progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from openaco.engine import Draft
from openaco.feeds.base import Progress, Step
from openaco.feeds.lines import Opener
from openaco.feeds.package import Member
from openaco.feeds.textfile import opener_of
from openaco.tables import LakeTable

_BYTES_A_FILE = 64 << 20


class Readable(Protocol):
    """A file of which single lines can be shown again."""

    name: str

    def contents(self, lines: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, content) of some lines as received, in order."""


@dataclass
class Output:
    """The draft of one delivery, filled from many pieces. `notes` go into the load report."""

    draft: Draft
    progress: Progress | None = None
    bytes_total: int = 0
    notes: list[str] = field(default_factory=list)
    _waiting: dict[type[LakeTable], list[pa.Table]] = field(default_factory=dict)
    _bytes: Counter[type[LakeTable]] = field(default_factory=Counter)
    _bytes_done: int = 0

    def put(self, table: type[LakeTable], rows: pa.Table, *, file: str) -> None:
        """Add rows that came from a file. No rows says that the delivery speaks about the table."""
        if "source_file" not in rows.column_names:
            rows = rows.append_column("source_file", pa.repeat(pa.scalar(file), len(rows)))
        self._waiting.setdefault(table, []).append(rows)
        self._bytes[table] += rows.nbytes
        if self._bytes[table] >= _BYTES_A_FILE:
            self._flush(table)

    def put_aside(self, file: Readable, problems: Iterable[tuple[int, str]]) -> None:
        """Put lines into quarantine, each with its reason and its content as received."""
        reasons = dict(sorted(problems, reverse=True))
        for line, content in file.contents(reasons):
            self.draft.quarantine(file.name, line, reasons[line], content)

    def opener(self, member: Member) -> Opener:
        """What opens a member as text, and tells the progress display how far it is read."""
        before = self._bytes_done
        self._bytes_done += member.size
        self._tell(member.name, before)
        return opener_of(member, on_read=lambda read: self._tell(member.name, before + min(read, member.size)))

    def finish(self) -> None:
        """Hand everything that waits to the draft."""
        for table in list(self._waiting):
            self._flush(table)
        self._tell("", self.bytes_total)

    def _tell(self, file: str, bytes_read: int) -> None:
        if self.progress:
            self.progress(Step(file, self.draft.counts.total(), bytes_read, self.bytes_total))

    def _flush(self, table: type[LakeTable]) -> None:
        waiting = self._waiting.pop(table, [])
        self._bytes[table] = 0
        if waiting:
            self.draft.add(table, pa.concat_tables(waiting, promote_options="default"))

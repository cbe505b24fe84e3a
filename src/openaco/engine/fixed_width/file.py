"""A fixed-width file on its way into Parquet files: read in blocks, which several writers take in turn."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.engine.fixed_width.block import Plan, count_lines, parse
from openaco.engine.fixed_width.record import BadLine, Record
from openaco.errors import FeedError

BLOCK_BYTES = 12 * 1024 * 1024
LONGEST_LINE = 32_768
HEAD_BYTES = 2 * 1024 * 1024
MOST_WRITERS = 4
BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Stored:
    """What became of a file: its lines, the rows stored, the Parquet files they are in, and the fields rounded."""

    lines: int
    rows: int
    paths: tuple[Path, ...]
    rounded: tuple[str, ...]


class FixedWidthFile:
    """A stream of fixed-width lines. It is looked at, so that a record can be chosen, and then stored.

    Raises FeedError if it does not consist of lines.
    """

    def __init__(self, stream: BinaryIO, *, name: str) -> None:
        self.name = name
        self._stream = stream
        self._head = stream.read(HEAD_BYTES)
        self.empty = not self._head
        lines = self._head.split(b"\n")
        self._check_line(len(lines[0]), 1)
        self.length = Counter(len(line.removesuffix(b"\r")) for line in lines[:-1] or lines).most_common(1)[0][0]

    def store(
        self,
        record: Record,
        *,
        schema: pa.Schema,
        constants: Mapping[str, str],
        line_column: str,
        new_path: Callable[[], Path],
        on_bad: Callable[[BadLine], None],
        on_progress: Callable[[int, int], None],
        writers: int | None = None,
    ) -> Stored:
        """Read to the end into Parquet files with the columns of `schema`.

        constants: text columns that are the same on every row. line_column: gets the line's number, from 1.
        on_bad is called for each bad line, in order; what it raises ends the reading.
        on_progress is called with the rows stored and the bytes read since the last call.
        The same bytes make the same files, because blocks go to the writers in turn.
        """
        plan = Plan.after_look(self._head, record, schema, constants, line_column)
        count = writers or min(os.cpu_count() or 1, MOST_WRITERS)
        lanes = [_Lane(plan, new_path) for _ in range(count)]
        try:
            lines, rows = _drive(self._blocks(), lanes, on_bad, on_progress)
        finally:
            for lane in lanes:
                lane.close()
        return Stored(lines, rows, tuple(lane.path for lane in lanes if lane.path), tuple(sorted(plan.rounded)))

    def _blocks(self) -> Iterator[tuple[bytes, int]]:
        """Blocks of whole lines, each with the number of its first line."""
        size = max(BLOCK_BYTES // (self.length + 1), 1) * (self.length + 1)
        rest, line = self._head, 1
        while fresh := self._stream.read(max(size - len(rest), 1)):
            block = rest + fresh if rest else fresh
            cut = block.rfind(b"\n") + 1
            whole, rest = (block, b"") if cut == len(block) else (block[:cut], block[cut:])
            self._check_line(len(rest), line)
            if whole:
                yield whole, line
                line += count_lines(whole)
        if rest:
            yield rest, line

    def _check_line(self, length: int, line: int) -> None:
        if length > LONGEST_LINE:
            raise FeedError(
                "these are not lines of text: one has no end",
                where=f"{self.name}, line {line} or after",
                remedy="Check that this is the right file and that it was downloaded as it is.",
            )


class _Lane:
    """One thread that reads blocks and writes their rows to one Parquet file."""

    def __init__(self, plan: Plan, new_path: Callable[[], Path]) -> None:
        self.plan = plan
        self.path: Path | None = None
        self._new_path = new_path
        self._writer: pq.ParquetWriter | None = None
        self._thread = ThreadPoolExecutor(1)

    def submit(self, block: bytes, first_line: int) -> Future[tuple[int, int, list[BadLine]]]:
        """Read and write a block, later; the result is its lines, the rows stored, and its bad lines."""
        if self._writer is None:
            self.path = self._new_path()
            self._writer = _writer(self.path, self.plan)
        return self._thread.submit(self._work, block, first_line)

    def _work(self, block: bytes, first_line: int) -> tuple[int, int, list[BadLine]]:
        rows, bad, lines = parse(block, first_line, self.plan)
        assert self._writer is not None
        self._writer.write_table(rows)
        return lines, len(rows), bad

    def close(self) -> None:
        """End the thread and the file."""
        self._thread.shutdown(cancel_futures=True)
        if self._writer is not None:
            self._writer.close()


def _drive(
    blocks: Iterator[tuple[bytes, int]],
    lanes: list[_Lane],
    on_bad: Callable[[BadLine], None],
    on_progress: Callable[[int, int], None],
) -> tuple[int, int]:
    """Hand the blocks to the lanes, never more than two each; returns all lines and rows."""
    waiting: deque[tuple[int, Future[tuple[int, int, list[BadLine]]]]] = deque()
    total_lines = total_rows = number = 0
    end: tuple[bytes, int] = (b"", 0)
    while True:
        block, first_line = next(blocks, end)
        while waiting and (not block or len(waiting) >= 2 * len(lanes)):
            size, future = waiting.popleft()
            lines, rows, bad = future.result()
            total_lines, total_rows = total_lines + lines, total_rows + rows
            for line in bad:
                on_bad(line)
            on_progress(rows, size)
        if not block:
            return total_lines, total_rows
        waiting.append((len(block), lanes[number % len(lanes)].submit(block, first_line)))
        number += 1


def _writer(path: Path, plan: Plan) -> pq.ParquetWriter:
    """A Parquet file: quick to write and small; statistics only where the lake checks that values are there."""
    required = [column.name for column in plan.record.columns if column.required]
    return pq.ParquetWriter(
        path,
        plan.schema,
        compression="snappy",
        use_dictionary=[column.name for column in plan.schema if pa.types.is_dictionary(column.type)],
        column_encoding={plan.line_column: "DELTA_BINARY_PACKED"},
        write_statistics=[*required, *plan.constants, plan.line_column],
        store_decimal_as_integer=True,
        store_schema=False,
        write_batch_size=BATCH_ROWS,
    )

"""Delimited text with a header row, read in bulk: named columns as text, true line numbers, bad lines put aside."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from openaco.errors import FeedError
from openaco.feeds.lines import CleanLines, Opener, first_line, lines_at

_BLOCK = 16 << 20


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: text columns by upper-case name, and the line each row stands on (from 1)."""

    rows: pa.Table
    lines: np.ndarray


class DelimitedFile:
    """One delimited file of a delivery.

    name: as it stands in the delivery, for messages and lineage. opener: gives its bytes from the start.
    header: the column names in upper case, without spaces around them; doubled names are refused.
    problems: (line, reason) of lines that could not be read, filled while `batches` runs.
    """

    def __init__(self, name: str, opener: Opener, *, delimiter: str = ",", quoted: bool = True) -> None:
        self.name = name
        self.opener = opener
        self.delimiter = delimiter
        self.quoted = quoted
        self.problems: list[tuple[int, str]] = []
        self.header = self._read_header()

    def require(self, columns: Iterable[str]) -> None:
        """Raise FeedError naming the columns that the header does not have."""
        missing = [name for name in columns if name not in self.header]
        if missing:
            raise FeedError(
                f"the header has no {', '.join(missing)}",
                where=f"{self.name}, line 1",
                remedy="Check that this is the file its name says, and ask for it again.",
            )

    def batches(self, columns: Sequence[str], *, block_size: int = _BLOCK) -> Iterator[Batch]:
        """The rows, in order. Columns that the header does not have are null. Blank cells are null."""
        wanted = list(dict.fromkeys([self.header[0], *(name for name in columns if name in self.header)]))
        absent = [name for name in dict.fromkeys(columns) if name not in self.header]
        invalid: list[int] = []
        with CleanLines(self.opener, self.name, quoted=self.quoted) as source:
            reader = self._open(source, wanted, invalid, block_size)
            read = 0
            for rows in self._pieces(reader):
                lines = source.line_of(_positions(read, len(rows), invalid))
                read += len(rows)
                yield self._without_headers(rows, lines, absent)
            wrong = source.line_of(np.asarray(invalid, dtype=np.int64))
            self.problems += [(int(line), f"the line does not have {len(self.header)} cells") for line in wrong]
            self.problems += source.problems

    def contents(self, lines: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, content) of some lines as received, in order, undecodable bytes escaped."""
        return lines_at(self.opener, lines)

    def _read_header(self) -> tuple[str, ...]:
        text = first_line(self.opener, self.name)
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        cells = next(csv.reader([text], delimiter=self.delimiter, quoting=quoting))
        header = tuple(" ".join(cell.split()).upper() for cell in cells)
        doubled = [number for number, name in enumerate(header, start=1) if header.count(name) > 1]
        if doubled:  # by number: the first line of a file without a header holds a person's values
            raise FeedError(
                f"the header names a column twice: columns {', '.join(map(str, doubled))}",
                where=f"{self.name}, line 1",
                remedy="Give each column its own name. A file without a header needs one.",
            )
        return header

    def _open(
        self, source: CleanLines, wanted: list[str], invalid: list[int], block_size: int
    ) -> arrow_csv.CSVStreamingReader | None:
        def put_aside(row: arrow_csv.InvalidRow) -> str:
            invalid.append(row.number)
            return "skip"

        try:
            return arrow_csv.open_csv(
                pa.PythonFile(source, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=block_size, column_names=list(self.header), skip_rows=1
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter,
                    quote_char='"' if self.quoted else False,
                    invalid_row_handler=put_aside,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=wanted,
                    column_types={name: pa.string() for name in wanted},
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return None
            raise self._unreadable() from None

    def _pieces(self, reader: arrow_csv.CSVStreamingReader | None) -> Iterator[pa.Table]:
        while reader is not None:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except pa.ArrowInvalid:
                raise self._unreadable() from None
            if batch.num_rows:
                yield pa.Table.from_batches([batch])

    def _without_headers(self, rows: pa.Table, lines: np.ndarray, absent: list[str]) -> Batch:
        """Put a header that is repeated within the file aside, and add the absent columns as nulls."""
        first = self.header[0]
        again = _equals_name(rows[first], first)
        if again.any():
            self.problems += [(int(line), "the header stands here again") for line in lines[again]]
            rows, lines = rows.filter(pa.array(~again)), lines[~again]
        for name in absent:
            rows = rows.append_column(name, pa.nulls(len(rows), pa.string()))
        return Batch(rows, lines)

    def _unreadable(self) -> FeedError:
        return FeedError("cannot be read as delimited text", where=self.name, remedy="Ask for the file again.")


def _positions(read: int, count: int, invalid: list[int]) -> np.ndarray:
    """Positions (from 1, header included) of `count` good rows after `read` good ones, between invalid rows."""
    order = np.arange(read + 2, read + 2 + count, dtype=np.int64)
    gaps = np.asarray(invalid, dtype=np.int64) - np.arange(len(invalid))
    return order + np.searchsorted(gaps, order, side="right")


def _equals_name(column: pa.ChunkedArray, name: str) -> np.ndarray:
    same = pc.equal(pc.utf8_upper(pc.utf8_trim_whitespace(column)), name)
    return pc.fill_null(same, False).to_numpy()

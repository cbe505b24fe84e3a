"""A Parquet file read like a delimited one: named columns as text, rows numbered as lines after a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from openaco.errors import FeedError
from openaco.feeds.delimited import Batch, DelimitedFile
from openaco.feeds.lines import Opener
from openaco.feeds.package import Member
from openaco.feeds.textfile import plain_name

_ROWS = 100_000


class ParquetRows:
    """One Parquet file of a delivery, with the same face as `DelimitedFile`. Row 1 counts as line 2."""

    def __init__(self, member: Member) -> None:
        self.name = member.name
        self.problems: list[tuple[int, str]] = []
        try:
            if member.path is not None:
                self._file = pq.ParquetFile(member.path)
            else:
                with member.open() as stream:
                    self._file = pq.ParquetFile(io.BytesIO(stream.read()))
        except (pa.ArrowInvalid, OSError):
            raise FeedError("is no Parquet file", where=member.name, remedy="Export it again.") from None
        self._names = {name.upper(): name for name in self._file.schema_arrow.names}
        self.header = tuple(self._names)
        if len(self.header) != len(self._file.schema_arrow.names):
            raise FeedError("has a column twice", where=member.name, remedy="Give each column its own name.")

    def require(self, columns: Iterable[str]) -> None:
        """Raise FeedError naming the columns that are not there."""
        missing = [name for name in columns if name not in self._names]
        if missing:
            raise FeedError(
                f"has no column {', '.join(missing)}",
                where=self.name,
                remedy="Check that this is the file its name says, and export it again.",
            )

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The rows, in order. Columns that the file does not have are null."""
        wanted = [name for name in dict.fromkeys(columns) if name in self._names]
        absent = [name for name in dict.fromkeys(columns) if name not in self._names]
        read = 0
        for piece in self._file.iter_batches(_ROWS, columns=[self._names[name] for name in wanted]):
            texts = [_as_text(piece.column(self._names[name])) for name in wanted]
            nothing = [pa.nulls(piece.num_rows, pa.string()) for _ in absent]
            rows = pa.table(texts + nothing, names=wanted + absent)
            yield Batch(rows, np.arange(read + 2, read + 2 + piece.num_rows, dtype=np.int64))
            read += piece.num_rows

    def contents(self, lines: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, content) of some rows as comma-separated text, in order."""
        wanted = np.array(sorted(set(lines)), dtype=np.int64)
        read = 2
        for piece in self._file.iter_batches(_ROWS) if len(wanted) else ():
            for line in wanted[(wanted >= read) & (wanted < read + piece.num_rows)].tolist():
                yield line, _as_csv(piece.slice(line - read, 1).to_pylist()[0].values())
            read += piece.num_rows


def rows_of(member: Member, opener: Opener) -> DelimitedFile | ParquetRows:
    """The member as rows: Parquet by its ending, else comma-separated text that `opener` opens."""
    if plain_name(member).lower().endswith(".parquet"):
        return ParquetRows(member)
    return DelimitedFile(member.name, opener)


def _as_csv(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow("" if value is None else str(value) for value in values)
    return text.getvalue()


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        return _numbers_as_text(column)
    return column.cast(pa.string())


def _numbers_as_text(column: pa.Array) -> pa.Array:
    """Doubles without an exponent: through a decimal where they fit, which all amounts do."""
    try:
        return pc.cast(pc.cast(pc.round(column, ndigits=6), pa.decimal128(30, 6)), pa.string())
    except pa.ArrowInvalid:
        return column.cast(pa.string())

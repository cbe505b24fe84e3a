"""Text cells as typed columns, in bulk. A cell that cannot be read marks its row, which then goes to quarantine."""

from __future__ import annotations

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.engine import arrow_schema
from openaco.feeds.delimited import Batch
from openaco.tables import LakeTable

DateForm = Literal["iso", "us", "day_month_year", "compact"]

FORMS: dict[str, tuple[str, str]] = {
    "iso": (r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ][\d:.+Z-]*)?", "YYYY-MM-DD"),
    "us": (r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})", "MM/DD/YYYY"),
    "day_month_year": (r"(?P<d>\d{1,2})-(?P<b>[A-Za-z]{3})-(?P<y>\d{4})", "DD-Mon-YYYY"),
    "compact": (r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)", "YYYYMMDD"),
}
MONTHS = {calendar.month_abbr[number].upper(): number for number in range(1, 13)}
MISSING_DATES = frozenset({datetime.date(1000, 1, 1), datetime.date(9999, 12, 31)})
YES = pa.array(["1", "Y", "YES", "T", "TRUE"])
NO = pa.array(["0", "N", "NO", "F", "FALSE"])
WHOLE = r"^[+-]?[0-9]{1,18}(\.0*)?$"
DECIMAL = r"^[+-]?([0-9]{1,14}(\.[0-9]{0,10})?|\.[0-9]{1,10})$"
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"


def read_date(text: str, form: DateForm) -> datetime.date | None:
    """A date in one form; None for CMS's two ways of saying that there is none. Raises ValueError for anything else."""
    match = re.fullmatch(FORMS[form][0], text)
    if match is None:
        raise ValueError(form)
    parts = match.groupdict()
    month = MONTHS.get(parts["b"].upper(), 0) if "b" in parts else int(parts["m"])
    found = datetime.date(int(parts["y"]), month, int(parts["d"]))
    return None if found in MISSING_DATES else found


class Cells:
    """The cells of one batch by column name, read as text, date, money, … into Arrow arrays.

    A cell that cannot be read becomes null and its row is marked; `good` are the rows without a mark, `problems` the
    (line, reason) of the others. Reasons name the column, never the value. Words in `missing` count as blank.
    """

    def __init__(self, batch: Batch, *, missing: Sequence[str] = ()) -> None:
        self.count = len(batch.rows)
        self.lines = batch.lines
        self.good = np.ones(self.count, dtype=bool)
        self._rows = batch.rows
        self._reasons: dict[int, str] = {}
        self._texts: dict[str, pa.Array] = {}
        self.unread: Counter[str] = Counter()
        self._missing = pa.array(list(missing), pa.string())

    @staticmethod
    def none_of(table: type[LakeTable]) -> pa.Table:
        """A lake table without rows: the delivery speaks about it and has none."""
        names = ["source_file", "source_line"]
        schema = arrow_schema(table)
        return pa.table([pa.array([], schema.field(name).type) for name in names], names=names)

    @property
    def problems(self) -> list[tuple[int, str]]:
        """(line, reason) of each marked row."""
        return [(int(self.lines[row]), reason) for row, reason in sorted(self._reasons.items())]

    def mark(self, rows: np.ndarray, reason: str) -> None:
        """Put rows aside; the first reason stands."""
        for row in np.flatnonzero(rows):
            self._reasons.setdefault(int(row), reason)
        self.good &= ~rows

    def text(self, name: str, *, width: int = 0) -> pa.Array:
        """Trimmed text, blank as null; codes shorter than `width` get leading zeros."""
        if name not in self._texts:
            self._texts[name] = self._read_text(name)
        found = self._texts[name]
        return pc.utf8_lpad(found, width, "0") if width else found

    def nothing(self) -> pa.Array:
        """A text column without values."""
        return pa.nulls(self.count, pa.string())

    def constant(self, value: object, kind: pa.DataType | None = None) -> pa.Array:
        """One value for all rows."""
        return pa.repeat(pa.scalar(value, kind or pa.string()), self.count)

    def required(self, name: str, *, width: int = 0) -> pa.Array:
        """Trimmed text that no row may lack."""
        found = self.text(name, width=width)
        self.mark(pc.is_null(found).to_numpy(zero_copy_only=False), f"{name} is blank")
        return found

    def date(self, name: str, form: DateForm) -> pa.Array:
        """A date in one form. Each distinct value is read once."""
        coded = self.text(name).dictionary_encode()
        values: list[datetime.date | None] = []
        wrong: list[int] = []
        for index, text in enumerate(coded.dictionary.to_pylist()):
            try:
                values.append(read_date(text, form))
            except ValueError:
                values.append(None)
                wrong.append(index)
        if wrong:
            bad = pc.is_in(coded.indices, value_set=pa.array(wrong, coded.indices.type))
            self.mark(bad.to_numpy(zero_copy_only=False), f"{name} is not a date of the form {FORMS[form][1]}")
        return pa.array(values, pa.date32()).take(coded.indices)

    def required_date(self, name: str, form: DateForm) -> pa.Array:
        """A date that no row may lack."""
        found = self.date(name, form)
        self.mark(pc.is_null(found).to_numpy(zero_copy_only=False), f"{name} is blank or no date")
        return found

    def money(self, name: str) -> pa.Array:
        """US dollars; more than two decimals are rounded half away from zero."""
        return self._decimal(name, 2)

    def quantity(self, name: str) -> pa.Array:
        """A quantity with up to four decimals; more are rounded half away from zero."""
        return self._decimal(name, 4)

    def whole(self, name: str) -> pa.Array:
        """A whole number; `3.0` counts as whole."""
        text = self._matching(name, WHOLE, "is not a whole number")
        return pc.cast(pc.replace_substring_regex(text, r"^\+|\.0*$", ""), pa.int64())

    def number(self, name: str) -> pa.Array:
        """A score or ratio as a double."""
        return pc.cast(self._matching(name, NUMBER, "is not a number"), pa.float64())

    def flag(self, name: str, *, strict: bool = True) -> pa.Array:
        """Yes or no. With `strict=False` other values are null, counted in `unread`, instead of errors."""
        text = pc.utf8_upper(self.text(name))
        yes, no = pc.is_in(text, value_set=YES), pc.is_in(text, value_set=NO)
        known = pc.or_(yes, no)
        strange = pc.and_(pc.is_valid(text), pc.invert(known)).to_numpy(zero_copy_only=False)
        if strict:
            self.mark(strange, f"{name} is neither yes nor no")
        elif strange.any():
            self.unread[name] += int(strange.sum())
        return pc.if_else(known, yes, pa.scalar(None, pa.bool_()))

    def columns(
        self,
        table: type[LakeTable],
        sources: Mapping[str, str],
        form: DateForm,
        *,
        strict_flags: bool = True,
    ) -> dict[str, pa.Array]:
        """Lake columns from their source columns, each read by the kind the table declares for it."""
        declared = table.columns()
        readers = {
            "text": lambda name, required: self.required(name) if required else self.text(name),
            "date": lambda name, required: self.required_date(name, form) if required else self.date(name, form),
            "money": lambda name, required: self._needed(self.money(name), name, required),
            "quantity": lambda name, required: self._needed(self.quantity(name), name, required),
            "whole": lambda name, required: self._needed(self.whole(name), name, required),
            "number": lambda name, required: self._needed(self.number(name), name, required),
            "flag": lambda name, required: self._needed(self.flag(name, strict=strict_flags), name, required),
        }
        return {
            column: readers[declared[column].kind](source, declared[column].required)
            for column, source in sources.items()
        }

    def table(
        self, table: type[LakeTable], columns: Mapping[str, pa.Array], *, where: np.ndarray | None = None
    ) -> pa.Table:
        """The unmarked rows (of `where`) as rows of a lake table, with their line; the rest of the columns are null."""
        chosen = self.good if where is None else self.good & where
        schema = arrow_schema(table)
        given = dict(columns) | {"source_line": pa.array(self.lines, pa.int64())}
        fields = [field for field in schema if field.name in given]
        built = pa.table([given[field.name] for field in fields], schema=pa.schema(fields))
        return built if chosen.all() else built.filter(pa.array(chosen))

    def _read_text(self, name: str) -> pa.Array:
        if name not in self._rows.column_names:
            return self.nothing()
        found = _trimmed(self._rows[name])
        if not len(self._missing):
            return found
        return pc.if_else(pc.is_in(found, value_set=self._missing), pa.scalar(None, pa.string()), found)

    def _needed(self, found: pa.Array, name: str, required: bool) -> pa.Array:
        if required and found.null_count:
            self.mark(pc.is_null(found).to_numpy(zero_copy_only=False), f"{name} is blank")
        return found

    def _decimal(self, name: str, digits: int) -> pa.Array:
        text = self._matching(name, DECIMAL, "is not an amount")
        kind = pa.decimal128(18, digits)
        try:
            return pc.cast(text, kind)
        except pa.ArrowInvalid:
            exact = pc.cast(text, pa.decimal128(30, 10))
            return pc.cast(pc.round(exact, ndigits=digits, round_mode="half_towards_infinity"), kind)

    def _matching(self, name: str, pattern: str, complaint: str) -> pa.Array:
        text = self.text(name)
        fits = pc.match_substring_regex(text, pattern)
        if pc.all(fits).as_py() is not False:
            return text
        self.mark(pc.fill_null(pc.invert(fits), False).to_numpy(zero_copy_only=False), f"{name} {complaint}")
        return pc.if_else(fits, text, pa.scalar(None, pa.string()))


def lookup(keys: pa.Array, mapping: Mapping[str, object], kind: pa.DataType) -> pa.Array:
    """Each key's value in a mapping; null where the mapping has none."""
    found = pc.index_in(keys, value_set=pa.array(list(mapping), pa.string()))
    return pa.array(list(mapping.values()), kind).take(found)


def _trimmed(column: pa.ChunkedArray) -> pa.Array:
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    trimmed = pc.utf8_trim_whitespace(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

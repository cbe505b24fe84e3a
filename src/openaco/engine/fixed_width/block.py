"""One block of lines as columns: the usual line by whole columns, the unusual one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.engine.fixed_width.amounts import from_decimals, to_decimals
from openaco.engine.fixed_width.lines import AsciiLines, Bytes, Lines, Numbers, UnicodeLines
from openaco.engine.fixed_width.record import BadLine, FixedColumn, Piece, Record
from openaco.engine.fixed_width.values import WORDS, Mask, Reading, clean, read_values

NEWLINE, RETURN, SPACE = 10, 13, 32
PART = 256 * 1024
REPEATING = {"text": 0.4, "date": 0.4, "whole": 0.1, "money": 0.02, "quantity": 0.02}


@dataclass(frozen=True)
class Plan:
    """How a file's blocks become tables; decided once, so that all of them have the same schema.

    encoded: the columns whose values repeat; they are read by distinct texts, and text among them is written as such.
    rounded: filled while reading with the fields in which an amount had more decimals than are kept.
    """

    record: Record
    schema: pa.Schema
    constants: Mapping[str, str]
    line_column: str
    encoded: frozenset[str]
    rounded: set[str] = field(default_factory=set)

    @classmethod
    def after_look(
        cls, head: bytes, record: Record, schema: pa.Schema, constants: Mapping[str, str], line_column: str
    ) -> Plan:
        """The plan for a file that begins like this: its first lines show which columns repeat their values."""
        lines, _, _ = split(head[: head.rfind(b"\n") + 1], 1, record)
        repeating = [column.name for column in record.columns if _repeats(lines, column)]
        encoded = frozenset([*repeating, *constants])
        return cls(record, _written(schema, encoded), constants, line_column, encoded)


def _written(schema: pa.Schema, encoded: frozenset[str]) -> pa.Schema:
    """The schema with text columns that repeat as dictionaries."""
    repeating_text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field(item.name, repeating_text if item.name in encoded and pa.types.is_string(item.type) else item.type)
            for item in schema
        ]
    )


def _repeats(lines: AsciiLines, column: FixedColumn) -> bool:
    """Whether the second half of the lines brings few texts that the first half did not have."""
    half = len(lines.numbers) // 2
    for found in filter(None, (lines.distinct(piece) for piece in column.pieces)):
        fresh = len(found.texts) - len(found.indices.slice(0, half).unique())
        if fresh > REPEATING[column.kind] * half:
            return False
    return True


def count_lines(block: bytes) -> int:
    """How many line ends there are."""
    letters = np.frombuffer(block, np.uint8)
    parts = (letters[start : start + PART] for start in range(0, len(letters), PART))
    return sum(int(np.count_nonzero(part == NEWLINE)) for part in parts)


def parse(block: bytes, first_line: int, plan: Plan) -> tuple[pa.Table, list[BadLine], int]:
    """The rows of a block, its bad lines in order, and how many lines it has (empty ones do not count)."""
    usual, unusual, bad = split(block, first_line, plan.record)
    count = len(usual.numbers) + len(unusual.numbers) + len(bad)
    tables = []
    for lines in (usual, unusual):
        if len(lines.numbers):
            rows, wrong = _table(lines, plan)
            tables.append(rows)
            bad += wrong
    rows = pa.concat_tables(tables) if tables else plan.schema.empty_table()
    return rows, sorted(bad, key=lambda line: line.line), count


def split(block: bytes, first_line: int, record: Record) -> tuple[AsciiLines, UnicodeLines, list[BadLine]]:
    """The lines of a block that have the record's length, in ASCII and beyond, and the bad ones."""
    letters = np.frombuffer(block, np.uint8)
    odd = sum(np.count_nonzero(_odd(letters[start : start + PART])) for start in range(0, len(letters), PART))
    for line_end in (b"\n", b"\r\n"):
        width = record.length + len(line_end)
        count, rest = divmod(len(letters), width)
        if rest == 0 and odd == count * len(line_end):
            rows = letters.reshape(count, width)
            if (rows[:, record.length :] == np.frombuffer(line_end, np.uint8)).all():
                numbers = np.arange(first_line, first_line + count, dtype=np.int64)
                return AsciiLines(rows, numbers), UnicodeLines([], numbers[:0]), []
    return _split_uneven(letters, np.flatnonzero(_odd(letters)), first_line, record)


def _odd(letters: Bytes) -> Mask:
    """Where there is anything but a printable ASCII letter."""
    return letters - np.uint8(SPACE) > 94


def _split_uneven(
    letters: Bytes, odd: Numbers, first_line: int, record: Record
) -> tuple[AsciiLines, UnicodeLines, list[BadLine]]:
    """As `split`, for a block in which some line is not as long as the others, or not ASCII."""
    breaks = odd[letters[odd] == NEWLINE]
    ends = breaks if letters[-1] == NEWLINE else np.append(breaks, len(letters))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    returns = (ends > starts) & (letters[np.maximum(ends - 1, 0)] == RETURN)
    ends = ends - returns
    inside = odd[np.searchsorted(starts, odd, "right") - 1 == np.searchsorted(ends, odd, "right")]
    even = ends - starts == record.length
    even[np.searchsorted(starts, inside, "right") - 1] = False
    numbers = np.arange(first_line, first_line + len(starts), dtype=np.int64)
    rows = letters[starts[even][:, None] + np.arange(record.length)] if even.any() else letters[:0].reshape(0, 1)
    texts, text_numbers, bad = [], [], []
    for index in np.flatnonzero(~even & (ends > starts)):
        raw, number = letters[starts[index] : ends[index]].tobytes(), int(numbers[index])
        reason = _why_bad(raw, record)
        if reason:
            bad.append(BadLine(number, reason, raw.decode("utf-8", "backslashreplace")))
        else:
            texts.append(raw.decode("utf-8"))
            text_numbers.append(number)
    return AsciiLines(rows, numbers[even]), UnicodeLines(texts, np.array(text_numbers, np.int64)), bad


def _why_bad(raw: bytes, record: Record) -> str:
    """What is wrong with a line as a whole; empty if it can be cut into fields."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"{record.field_at(error.start)} holds a byte that is not UTF-8"
    if len(text) != record.length:
        cut = " (cut off?)" if len(text) < record.length else ""
        return f"the line is {len(text)} characters long, not {record.length}{cut}"
    control = next((place for place, letter in enumerate(text) if letter < " " or letter == "\x7f"), None)
    return "" if control is None else f"{record.field_at(control)} holds a control character"


def _table(lines: Lines, plan: Plan) -> tuple[pa.Table, list[BadLine]]:
    """The lines as rows, without those where a field cannot be read."""
    count, wrong = len(lines.numbers), dict[int, str]()
    columns = {column.name: _column(lines, column, plan, wrong) for column in plan.record.columns}
    for name, value in plan.constants.items():
        columns[name] = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([value]))
    columns[plan.line_column] = pa.array(lines.numbers)
    rows = pa.table([columns[name] for name in plan.schema.names], schema=plan.schema)
    if not wrong:
        return rows, []
    keep = np.ones(count, np.bool_)
    keep[list(wrong)] = False
    bad = [BadLine(int(lines.numbers[index]), reason, lines.line(index)) for index, reason in wrong.items()]
    return rows.filter(pa.array(keep)), bad


def _column(lines: Lines, column: FixedColumn, plan: Plan, wrong: dict[int, str]) -> pa.Array:
    """One column. Rows where a field cannot be read, or a required one is blank, are noted in `wrong` by reason."""
    kind = plan.schema.field(column.name).type
    encoded = column.name in plan.encoded
    found = []
    for piece in column.pieces:
        reading = _read(lines, piece, column, plan, encoded=encoded)
        if reading is not None:
            _note(wrong, reading.bad, f"{piece.field} {WORDS.get(column.kind, '')}")
            found.append(reading.values)
            if reading.rounded:
                plan.rounded.add(piece.field)
    result = _first_filled(found) if found else pa.nulls(len(lines.numbers), kind)
    if column.required and result.null_count:
        _note(wrong, np.asarray(result.is_null()), f"{column.pieces[0].field} is blank")
    return result.dictionary_encode() if pa.types.is_dictionary(kind) and pa.types.is_string(result.type) else result


def _read(lines: Lines, piece: Piece, column: FixedColumn, plan: Plan, *, encoded: bool) -> Reading | None:
    """The values of a field by the quickest way that is exact; None where it is blank on all lines."""
    if encoded:
        return _read_distinct(lines, piece, column, plan)
    if column.kind in ("money", "quantity"):
        return _read_amounts(lines, piece, column, plan)
    return _read_each(lines, piece, column, plan)


def _read_each(lines: Lines, piece: Piece, column: FixedColumn, plan: Plan) -> Reading | None:
    texts = lines.texts(piece)
    return None if texts is None else read_values(column.kind, clean(texts, plan.record), plan.record)


def _read_amounts(lines: Lines, piece: Piece, column: FixedColumn, plan: Plan) -> Reading | None:
    """Amounts eight letters at a time, and those that do not look as usual one by one."""
    kind = plan.schema.field(column.name).type
    found = lines.amounts(piece, kind.scale)
    if found is None:
        return _read_each(lines, piece, column, plan)
    values, sure = found
    if sure.all():
        return Reading(to_decimals(values, kind, None))
    unsure = ~sure
    rest = _read_each(lines.chosen(unsure), piece, column, plan)
    missing, bad = unsure.copy(), None
    if rest is not None:
        values[unsure], missing[unsure] = from_decimals(rest.values)
        if rest.bad is not None:
            bad = np.zeros(len(values), np.bool_)
            bad[unsure] = rest.bad
    return Reading(to_decimals(values, kind, missing), bad, rest is not None and rest.rounded)


def _read_distinct(lines: Lines, piece: Piece, column: FixedColumn, plan: Plan) -> Reading | None:
    """The values of a field, each distinct text read once."""
    found = lines.distinct(piece)
    if found is None:
        return None
    reading = read_values(column.kind, clean(found.texts, plan.record), plan.record)
    bad = None if reading.bad is None else reading.bad[np.asarray(found.indices)]
    if column.kind != "text":
        return Reading(reading.values.take(found.indices), bad, reading.rounded)
    same = reading.values.dictionary_encode()
    indices = found.indices if len(same.dictionary) == len(found.texts) else same.indices.take(found.indices)
    return Reading(pa.DictionaryArray.from_arrays(indices, same.dictionary, safe=False), bad)


def _first_filled(found: list[pa.Array]) -> pa.Array:
    """Row by row the first value that is not null."""
    if len(found) == 1:
        return found[0]
    plain = [values.dictionary_decode() if isinstance(values, pa.DictionaryArray) else values for values in found]
    return pc.coalesce(*plain)


def _note(wrong: dict[int, str], bad: Mask | None, reason: str) -> None:
    if bad is not None:
        for index in np.flatnonzero(bad):
            wrong.setdefault(int(index), reason)

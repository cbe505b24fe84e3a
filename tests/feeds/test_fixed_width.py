"""The fast fixed-width reader against a slow one that looks at one line after the other."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaco.engine.fixed_width import BadLine, FixedColumn, FixedWidthFile, Piece, Record, Stored
from openaco.engine.schema import ARROW_TYPES
from openaco.errors import FeedError

RECORD = Record(
    40,
    (
        FixedColumn("id", "text", (Piece("ID", 0, 5),), required=True),
        FixedColumn("day", "date", (Piece("DAY", 5, 15),)),
        FixedColumn("paid", "money", (Piece("PAID", 15, 25),)),
        FixedColumn("units", "quantity", (Piece("UNITS", 25, 33),)),
        FixedColumn("number", "whole", (Piece("NUMBER", 33, 36),)),
        FixedColumn("code", "text", (Piece("NEW_CODE", 36, 38), Piece("OLD_CODE", 38, 40))),
        FixedColumn("later", "text"),
    ),
    missing_dates=("1000-01-01", "9999-12-31"),
)
SCHEMA = pa.schema(
    [(column.name, ARROW_TYPES[column.kind]) for column in RECORD.columns]
    + [("file", pa.string()), ("line", pa.int64())]
)


def read(
    data: bytes, folder: Path, *, writers: int = 2, record: Record = RECORD
) -> tuple[list[dict[str, Any]], list[BadLine], Stored]:
    """Rows in the order of lines, bad lines in the order they were told, and what was stored."""
    bad: list[BadLine] = []
    count = iter(range(1_000_000))
    stored = FixedWidthFile(io.BytesIO(data), name="f").store(
        record,
        schema=SCHEMA,
        constants={"file": "f"},
        line_column="line",
        new_path=lambda: folder / f"{next(count)}.parquet",
        on_bad=bad.append,
        on_progress=lambda rows, size: None,
        writers=writers,
    )
    rows = [row for path in stored.paths for row in pq.read_table(path).to_pylist()]
    for path in stored.paths:
        path.unlink()
    return sorted(rows, key=lambda row: row["line"]), bad, stored


@contextmanager
def small_blocks(size: int) -> Iterator[None]:
    """Blocks so small that a short text has several."""
    with (
        mock.patch("openaco.engine.fixed_width.file.BLOCK_BYTES", size),
        mock.patch("openaco.engine.fixed_width.file.HEAD_BYTES", size * 3 // 4),
    ):
        yield


def slowly(data: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """The same, one line after the other."""
    rows, bad = [], []
    for number, raw in enumerate(data.split(b"\n"), start=1):
        raw = raw.removesuffix(b"\r")
        if not raw:
            continue
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            bad.append((number, "UTF-8"))
            continue
        if len(text) != 40:
            bad.append((number, "long"))
        elif any(letter < " " or letter == "\x7f" for letter in text):
            bad.append((number, "control"))
        else:
            row, field = one_line(text)
            if field:
                bad.append((number, field))
            else:
                rows.append({**row, "file": "f", "line": number})
    return rows, bad


def one_line(text: str) -> tuple[dict[str, Any], str]:
    row: dict[str, Any] = {}
    for column in RECORD.columns:
        row[column.name] = None
        for piece in column.pieces:
            cell = text[piece.start : piece.end].strip(" ")
            try:
                value = one_value(column.kind, None if not cell.strip("~") else cell)
            except (ValueError, InvalidOperation):
                return row, piece.field
            row[column.name] = value if row[column.name] is None else row[column.name]
        if column.required and row[column.name] is None:
            return row, column.pieces[0].field
    return row, ""


def one_value(kind: str, cell: str | None) -> Any:
    if cell is None or kind == "text":
        return cell
    if kind == "date":
        if len(cell) != 10 or cell[4] != "-":
            raise ValueError
        return None if cell in RECORD.missing_dates else datetime.date.fromisoformat(cell)
    if not cell.isascii() or "_" in cell or "e" in cell.lower() or "n" in cell.lower():
        raise ValueError
    if kind == "whole":
        return int(cell)
    return Decimal(cell).quantize(Decimal("0.01") if kind == "money" else Decimal("0.0001"), ROUND_HALF_UP)


dates = st.one_of(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)).map(str),
    st.sampled_from(["", "1000-01-01", "9999-12-31", "~", "2023-02-29", "2024-02-29", "2024-13-01", "0000-01-01"]),
    st.sampled_from(["20240101", "2024-1-01", "2024/01/01", "24-01-01", "yesterday"]),
)
amounts = st.one_of(
    st.decimals(-9999, 99999, places=2).map(str),
    st.sampled_from(
        ["", "~", "0.00", "-0.01", ".50", "5", "5.", "1.005", "-1.005", "1e3", "--1", "1-", "12,30", "NaN", "."]
    ),
)
whole = st.sampled_from(["1", "12", "007", "", "-3", "1.0", "x", "~~"])
words = st.text("AZ09é~ ", max_size=5)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    cells = [
        draw(st.one_of(words, st.just("AB1"))),
        draw(dates),
        draw(amounts),
        draw(st.sampled_from(["1.0000", "2.5", "", "0.00005", "x", "1234.5"])),
        draw(whole),
        draw(st.text("AB~ ", max_size=2)),
        draw(st.text("AB~ ", max_size=2)),
    ]
    text = "".join(
        (cell.rjust(size) if draw(st.booleans()) else cell.ljust(size))
        for cell, size in zip(cells, (5, 10, 10, 8, 3, 2, 2), strict=True)
    )
    raw = text.encode()
    change = draw(st.sampled_from(["", "", "", "", "cut", "long", "byte", "control", "gone"]))
    if change == "cut":
        return raw[: draw(st.integers(1, 39))]
    return {"long": raw + b"  ", "byte": b"\xff" + raw[1:], "control": b"\x07" + raw[1:], "gone": b""}.get(change, raw)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(lines(), min_size=1, max_size=30),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.integers(1, 3),
)
def test_it_reads_what_a_slow_reader_reads(
    tmp_path_factory: Any, found: list[bytes], end: bytes, last: bool, writers: int
) -> None:
    data = end.join([b"AB1  " + b" " * 35] * 3 + found) + (end if last else b"")
    with small_blocks(200):
        rows, bad, stored = read(data, tmp_path_factory.getbasetemp(), writers=writers)
    expected, expected_bad = slowly(data)
    assert rows == expected
    assert [line.line for line in bad] == [line for line, _ in expected_bad]
    for line, (_, word) in zip(bad, expected_bad, strict=True):
        assert word in line.reason
    assert stored.lines == len(expected) + len(expected_bad)
    assert stored.rows == len(expected)


def good(**changes: str) -> bytes:
    cells = {"id": "A1", "day": "2024-01-31", "paid": "12.50", "units": "1.0000", "number": "7", "new": "N", "old": "O"}
    sizes = (5, 10, 10, 8, 3, 2, 2)
    return "".join(cell.ljust(size) for cell, size in zip((cells | changes).values(), sizes, strict=True)).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"day": "2024-02-30"}, "DAY is not a date (YYYY-MM-DD)"),
        ({"paid": "12.x0"}, "PAID is not an amount"),
        ({"units": "many"}, "UNITS is not a quantity"),
        ({"number": "1.5"}, "NUMBER is not a whole number"),
        ({"id": " "}, "ID is blank"),
        ({"id": "\x01"}, "ID holds a control character"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    rows, bad, _ = read(b"\n".join([good(), good(**change), good()]), tmp_path)
    assert [row["line"] for row in rows] == [1, 3]
    assert [(line.line, line.reason) for line in bad] == [(2, reason)]
    assert bad[0].content == good(**change).decode()


def test_a_byte_that_is_not_text_is_named_and_kept_escaped(tmp_path: Path) -> None:
    _, bad, _ = read(good() + b"\n" + good().replace(b"2024-01-31", b"2024-01-3\xe9"), tmp_path)
    assert bad[0].reason == "DAY holds a byte that is not UTF-8"
    assert "\\xe9" in bad[0].content


def test_letters_beyond_ascii_count_once(tmp_path: Path) -> None:
    rows, bad, _ = read("\n".join([good().decode(), good(id="José").decode()]).encode(), tmp_path)
    assert [row["id"] for row in rows] == ["A1", "José"]
    assert bad == []


def test_the_first_field_that_is_not_blank_counts(tmp_path: Path) -> None:
    rows, _, _ = read(b"\n".join([good(), good(new="~"), good(new="", old="")]), tmp_path)
    assert [row["code"] for row in rows] == ["N", "O", None]


def test_amounts_with_more_decimals_are_rounded_half_up_and_told(tmp_path: Path) -> None:
    rows, bad, stored = read(b"\n".join([good(paid="1.005"), good(paid="-1.005"), good(paid="2.00")]), tmp_path)
    assert [row["paid"] for row in rows] == [Decimal("1.01"), Decimal("-1.01"), Decimal("2.00")]
    assert bad == []
    assert stored.rounded == ("PAID",)


def test_amounts_beyond_the_largest_are_bad_not_wrong(tmp_path: Path) -> None:
    record = Record(30, (FixedColumn("paid", "money", (Piece("PAID", 0, 30),)),))
    cells = ["9999999999999999.99", "10000000000000000.00", "000000000000000000000012.30"]
    schema = pa.schema([("paid", ARROW_TYPES["money"]), ("line", pa.int64())])
    bad: list[BadLine] = []
    stored = FixedWidthFile(io.BytesIO("\n".join(cell.rjust(30) for cell in cells).encode()), name="f").store(
        record,
        schema=schema,
        constants={},
        line_column="line",
        new_path=lambda: tmp_path / "f.parquet",
        on_bad=bad.append,
        on_progress=lambda rows, size: None,
        writers=1,
    )
    assert pq.read_table(stored.paths[0])["paid"].to_pylist() == [Decimal("9999999999999999.99"), Decimal("12.30")]
    assert [line.line for line in bad] == [2]


def test_the_same_bytes_make_the_same_files(tmp_path: Path) -> None:
    data = b"\n".join(good(id=str(number)) for number in range(500))
    made = []
    for attempt in ("a", "b"):
        (tmp_path / attempt).mkdir()
        count = iter(range(10))
        with small_blocks(2_000):
            stored = FixedWidthFile(io.BytesIO(data), name="f").store(
                RECORD,
                schema=SCHEMA,
                constants={"file": "f"},
                line_column="line",
                new_path=lambda folder=tmp_path / attempt, count=count: folder / f"{next(count)}.parquet",
                on_bad=lambda line: None,
                on_progress=lambda rows, size: None,
                writers=3,
            )
        made.append([path.read_bytes() for path in stored.paths])
    assert len(made[0]) == 3
    assert made[0] == made[1]


def test_what_the_caller_raises_ends_the_reading(tmp_path: Path) -> None:
    def refuse(line: BadLine) -> None:
        raise FeedError(f"line {line.line}")

    with pytest.raises(FeedError, match="line 2"):
        FixedWidthFile(io.BytesIO(good() + b"\nshort\n" + good()), name="f").store(
            RECORD,
            schema=SCHEMA,
            constants={"file": "f"},
            line_column="line",
            new_path=lambda: tmp_path / "f.parquet",
            on_bad=refuse,
            on_progress=lambda rows, size: None,
        )


def test_a_file_without_line_ends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="not lines of text"):
        FixedWidthFile(io.BytesIO(b"x" * 100_000), name="f")
    late = FixedWidthFile(io.BytesIO(good() + b"\n" + b"x" * 3_000_000), name="f")
    with pytest.raises(FeedError, match="line 1 or after"):
        late.store(
            RECORD,
            schema=SCHEMA,
            constants={"file": "f"},
            line_column="line",
            new_path=lambda: tmp_path / "f.parquet",
            on_bad=lambda line: None,
            on_progress=lambda rows, size: None,
        )

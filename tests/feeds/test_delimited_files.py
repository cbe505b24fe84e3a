"""Delimited text: every row keeps its true line, whatever stands between the good ones."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaco.errors import FeedError
from openaco.feeds.cells import Cells, lookup, read_date
from openaco.feeds.delimited import Batch, DelimitedFile
from openaco.feeds.seen import Seen


def file_of(content: bytes, *, delimiter: str = "|", quoted: bool = False) -> DelimitedFile:
    @contextmanager
    def opener() -> Iterator[BinaryIO]:
        yield io.BytesIO(content)

    return DelimitedFile("invented.csv", opener, delimiter=delimiter, quoted=quoted)


def read(file: DelimitedFile, *columns: str, block_size: int = 1 << 20) -> list[tuple[int, tuple[str | None, ...]]]:
    """(line, cells) of each good row."""
    found = []
    for batch in file.batches(columns, block_size=block_size):
        values = zip(*(batch.rows[name].to_pylist() for name in columns), strict=True)
        found += list(zip(batch.lines.tolist(), values, strict=True))
    return found


GOOD = st.tuples(st.text("abcÄ9 ", max_size=3), st.text("xyz", min_size=1, max_size=3)).map(
    lambda cells: ("good", "|".join(cells).encode())
)
BAD = st.sampled_from(
    [
        ("blank", b""),
        ("cells", b"a"),
        ("cells", b"a|b|c"),
        ("UTF-8", b"a\xff|b"),
        ("UTF-8", b"a|b\xc3"),
        ("null", b"a\x00|b"),
        ("header", b"KEY|VALUE"),
    ]
)


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(st.one_of(GOOD, GOOD, BAD), max_size=25),
    end=st.sampled_from([b"\n", b"\r\n"]),
    last=st.booleans(),
    mark=st.booleans(),
    block_size=st.sampled_from([40, 200, 1 << 20]),
)
def test_rows_and_problems_stand_on_their_lines(
    lines: list[tuple[str, bytes]], end: bytes, last: bool, mark: bool, block_size: int
) -> None:
    content = (b"\xef\xbb\xbf" if mark else b"") + end.join([b"key|value", *(raw for _, raw in lines)]) + end * last
    file = file_of(content)
    found = read(file, "KEY", "VALUE", block_size=block_size)
    expected = [
        (number, tuple(cell or None for cell in raw.decode().split("|")))
        for number, (kind, raw) in enumerate(lines, start=2)
        if kind == "good"
    ]
    assert found == expected
    problems = {number: kind for number, (kind, _) in enumerate(lines, start=2) if kind not in ("good", "blank")}
    assert {
        line: next(word for word in ("cells", "UTF-8", "null", "header") if word in reason)
        for line, reason in file.problems
    } == problems


def test_contents_are_the_lines_as_received_with_undecodable_bytes_escaped() -> None:
    file = file_of(b"a|b\n1|2\n\xff|3\n")
    assert list(file.contents([3, 2])) == [(2, "1|2"), (3, "\\xff|3")]
    assert list(file.contents([])) == []


def test_a_doubled_column_is_refused_whatever_its_case_and_spaces() -> None:
    with pytest.raises(FeedError, match="names a column twice: columns 1, 2") as error:
        file_of(b'mbi,"MBI ",x\n', delimiter=",", quoted=True)
    assert error.value.where == "invented.csv, line 1"
    assert error.value.remedy


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no header"),
        (b"\n1|2\n", "no header"),
        (b"\xff\xfea\x00|\x00", "UTF-16"),
        (b"caf\xe9|b\n", "not UTF-8"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        file_of(content)


def test_a_missing_column_is_named() -> None:
    file = file_of(b"a|b\n")
    file.require(["A", "B"])
    with pytest.raises(FeedError, match="the header has no C, D"):
        file.require(["A", "C", "D"])


def test_quotes_may_hold_the_delimiter_but_not_a_line_end() -> None:
    file = file_of(b'"a","b"\n"1,5",2\n"3\n4",5\n"6 ""x""",7\n', delimiter=",", quoted=True)
    assert read(file, "A", "B") == [(2, ("1,5", "2")), (5, ('6 "x"', "7"))]
    assert sorted(line for line, _ in file.problems) == [3, 4]


def test_a_pipe_file_takes_quotes_as_they_are() -> None:
    file = file_of(b'a|b\n"1|2"\n')
    assert read(file, "A", "B") == [(2, ('"1', '2"'))]


def cells_of(**columns: list[str | None]) -> Cells:
    count = len(next(iter(columns.values())))
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return Cells(Batch(table, np.arange(2, 2 + count)))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2024-02-29", "iso", date(2024, 2, 29)),
        ("2024-02-29T00:00:00Z", "iso", date(2024, 2, 29)),
        ("2024-02-29 00:00:00.000", "iso", date(2024, 2, 29)),
        ("02/29/2024", "us", date(2024, 2, 29)),
        ("29-Feb-2024", "day_month_year", date(2024, 2, 29)),
        ("29-FEB-2024", "day_month_year", date(2024, 2, 29)),
        ("20240229", "compact", date(2024, 2, 29)),
        ("9999-12-31", "iso", None),
        ("1000-01-01", "iso", None),
    ],
)
def test_dates_in_their_forms(text: str, form: str, expected: date | None) -> None:
    assert read_date(text, form) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2023-02-29", "iso"),
        ("2024-13-01", "iso"),
        ("02/29/2023", "us"),
        ("2024-02-28", "us"),
        ("31-Foo-2024", "day_month_year"),
        ("31-Apr-2024", "day_month_year"),
        ("0228202", "compact"),
        ("٢٠٢٤-01-01x", "iso"),
    ],
)
def test_what_is_no_date_is_refused(text: str, form: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_date(text, form)  # type: ignore[arg-type]


def test_a_bad_cell_marks_its_row_and_its_reason_never_holds_the_value() -> None:
    cells = cells_of(PAID=["1.50", "secret", None], SEEN_ON=["2024-01-01", "2024-01-02", "hidden"])
    assert cells.money("PAID").to_pylist() == [Decimal("1.50"), None, None]
    assert cells.date("SEEN_ON", "iso").to_pylist() == [date(2024, 1, 1), date(2024, 1, 2), None]
    assert cells.good.tolist() == [True, False, False]
    assert cells.problems == [(3, "PAID is not an amount"), (4, "SEEN_ON is not a date of the form YYYY-MM-DD")]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False), min_size=1, max_size=6))
def test_money_is_exact_and_rounds_half_away_from_zero(values: list[Decimal]) -> None:
    found = cells_of(PAID=[f"{value:f}" for value in values]).money("PAID").to_pylist()
    assert found == [value.quantize(Decimal("0.01"), ROUND_HALF_UP) for value in values]


def test_fourteen_decimals_of_a_score_stay() -> None:
    assert cells_of(SCORE=["0.58333333333333", "1.04000000000001"]).number("SCORE").to_pylist() == [
        0.58333333333333,
        1.04000000000001,
    ]


def test_whole_numbers_and_flags() -> None:
    cells = cells_of(N=["007", "3.0", "-2", "2.5", ""], F=["1", "no", "Y", "maybe", None])
    assert cells.whole("N").to_pylist() == [7, 3, -2, None, None]
    assert cells.flag("F", strict=False).to_pylist() == [True, False, True, None, None]
    assert cells.unread == {"F": 1}
    assert cells.problems == [(5, "N is not a whole number")]


def test_lookup_is_null_where_the_mapping_is_silent() -> None:
    assert lookup(pa.array(["a", "b", None]), {"a": 1}, pa.int64()).to_pylist() == [1, None, None]


IDS = st.one_of(st.integers(-99, 99).map(str), st.sampled_from(["007", "A-1", "", "-0", "123456789012345678901"]))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.one_of(IDS, st.none()), max_size=12), max_size=12))
def test_seen_says_first_exactly_once(calls: list[list[str | None]]) -> None:
    seen = Seen()
    found = [bool(flag) for ids in calls for flag in seen.first(pa.array(ids, pa.string()))]
    known: set[str] = set()
    expected = []
    for identifier in itertools.chain(*calls):
        expected.append(identifier is not None and identifier not in known)
        known |= {identifier} - {None}  # type: ignore[arg-type]
    assert found == expected
    assert len(seen) == len(known)

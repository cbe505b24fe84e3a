"""CCLF names and record layouts: every vintage, read by position."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cclf_files import LAYOUTS, NEWEST, control, fields, line, member, sample, write_zip
from feeding import rows
from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.cclf import load
from openaco.feeds.cclf.layouts import file_types, known_lengths, record_for
from openaco.feeds.cclf.names import member_name, package_name

VINTAGES = [(file, length) for file in NEWEST for length in known_lengths(file)]
SINCE_2022 = {
    "CCLF1": ["billing_ccn", "claim_control_number", "contractor_number"],
    "CCLF2": [],
    "CCLF5": ["contractor_number", "referring_npi"],
    "CCLF6": ["referring_npi"],
    "CCLFA": ["sequestration_amount", "related_condition_code", "coinsurance_amount"],
    "CCLFB": ["sequestration_amount", "deductible_amount"],
}


def sources(table: str) -> dict[str, list[str]]:
    with (LAYOUTS.parent / "columns.csv").open(encoding="utf-8", newline="") as lines:
        return {row["column"]: row["fields"].split(";") for row in csv.DictReader(lines) if row["table"] == table}


def value_of(number: int, form: str, size: int, kind: str) -> str:
    """A text that is different for each field and can be read as its column's kind."""
    if kind == "date":
        return str(datetime.date(1990, 1, 1) + datetime.timedelta(days=37 * number))
    if kind == "money":
        return f"{number}.{number % 100:02d}"
    if kind == "quantity":
        return f"{number}.5000"
    if kind == "whole":
        return str(number)
    return f"{number:0{min(size, 5)}d}"[-size:] if size > 1 else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26]


def typed(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    return {"date": datetime.date.fromisoformat, "money": Decimal, "quantity": Decimal, "whole": int}.get(kind, str)(
        text
    )


def filled(layout: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """A value for each field of a layout that some column is read from."""
    return {
        name: value_of(number, form, end - start + 1, kinds[name])
        for number, (name, (start, end, form)) in enumerate(fields(layout).items(), start=11)
        if name in kinds
    }


@pytest.mark.parametrize(("file", "length"), VINTAGES)
def test_every_vintage_is_read_by_position(tmp_path: Path, file: str, length: int) -> None:
    table = file_types()[file].table
    mapping = sources(table.name)
    kinds = {name: table.columns()[column].kind for column, names in mapping.items() for name in names}
    layout = "CCLF7_230" if (file, length) == ("CCLF7", 230) else file
    values = filled(layout, kinds)
    text = line(layout, values, length=length)
    path = write_zip(tmp_path, sample(**{file: f"{text}\n".encode()}))
    lake = Lake.create(tmp_path / "lake")
    load(lake, path)
    (row,) = rows(lake, table)
    for column, names in mapping.items():
        present = [values[name] for name in names if fields(layout)[name][1] <= length]
        assert row[column] == typed(table.columns()[column].kind, present[0] if present else None), column
    assert row["source_file"] == member(file)
    assert row["source_line"] == 1


@pytest.mark.parametrize("file", NEWEST)
def test_every_column_of_a_table_is_read_from_the_newest_layout(file: str) -> None:
    record = record_for(file, max(known_lengths(file)))
    lineage = {"delivery_id", "source_file", "source_line"}
    assert {column.name for column in record.columns} == set(file_types()[file].table.columns()) - lineage
    assert all(column.pieces for column in record.columns)


@pytest.mark.parametrize("file", SINCE_2022)
def test_columns_that_came_later_are_blank_before(file: str) -> None:
    record = record_for(file, min(known_lengths(file)))
    without = {column.name for column in record.columns if not column.pieces}
    assert set(SINCE_2022[file]) - {"billing_ccn"} <= without
    fallback = {column.name: [piece.field for piece in column.pieces] for column in record.columns}
    if file == "CCLF1":
        assert fallback["billing_ccn"] == ["PRVDR_OSCAR_NUM"]


def test_the_newest_length_of_each_file_is_the_layouts(tmp_path: Path) -> None:
    for file, length in NEWEST.items():
        assert max(end for _, end, _ in fields(file).values()) == length
        assert length in known_lengths(file)


def test_layouts_have_no_gap_and_no_overlap() -> None:
    for layout in [*NEWEST, "CCLF7_230"]:
        spans = sorted((start, end) for start, end, _ in fields(layout).values())
        assert spans[0][0] == 1
        assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("name", "aco", "coverage", "year", "test"),
    [
        ("P.A1234.ACO.ZCY24.D240801.T0102030", "A1234", "regular", 2024, False),
        ("P.A1234.ACO.ZCY24.D240801.T0102030.zip", "A1234", "regular", 2024, False),
        ("P.A1234.ACO.ZCR23.D240301.T0102030", "A1234", "run-out", 2023, False),
        ("P.A1234.ACO.ZCWY24.S240701.E240707.D240709.T0102030.zip", "A1234", "weekly", 2024, False),
        ("T.A1234.ACO.ZCY24.D240801.T0102030", "A1234", "regular", 2024, True),
        ("P.D0123.ACO.ZCY24.D240801.T0102030", "D0123", "regular", 2024, False),
        ("P.K0123.ACO.ZCY24.D240801.T0102030", "K0123", "regular", 2024, False),
        ("P.P123456.ACO.ZC24.D240801.T0102030", "P123456", "regular", 2024, False),
        ("T.BCD.A0001.ZCY18.D181120.T1000000.zip", "A0001", "attribution", 2018, True),
    ],
)
def test_package_names(name: str, aco: str, coverage: str, year: int, test: bool) -> None:
    found = package_name(name)
    assert found is not None
    assert (found.aco_id, found.coverage, found.performance_year, found.test) == (aco, coverage, year, test)
    assert member_name(name) is None


@pytest.mark.parametrize(
    ("name", "file", "coverage"),
    [
        ("P.A1234.ACO.ZC5Y24.D240801.T0102030", "CCLF5", "regular"),
        ("P.A1234.ACO.ZCBR23.D240801.T0102030", "CCLFB", "run-out"),
        ("P.A1234.ACO.ZC0WY24.D240801.T0102030", "CCLF0", "weekly"),
        ("p.a1234.aco.zcay24.d240801.t0102030.TXT", "CCLFA", "regular"),
        ("P.F0123.ACO.ZC124.D240801.T0102030", "CCLF1", "regular"),
    ],
)
def test_member_names(name: str, file: str, coverage: str) -> None:
    found = member_name(name)
    assert found is not None
    assert (found.file, found.coverage) == (file, coverage)
    assert package_name(name) is None


@pytest.mark.parametrize(
    "name", ["claims.txt", "P.A1234.ACO.ZC5Y24.D240801", "P.A1234.ACO.ZC5Y24.D240801.T0102030.bak", ""]
)
def test_other_names_are_not_cclf(name: str) -> None:
    assert member_name(name) is None
    assert package_name(name) is None


def test_the_time_ends_in_a_tenth_and_may_not_exist() -> None:
    found = member_name("P.A1234.ACO.ZC5Y24.D240801.T2359597")
    assert found is not None
    assert found.delivered_at == datetime.datetime(2024, 8, 1, 23, 59, 59, 700_000)
    odd = member_name("P.A1234.ACO.ZC5Y24.D240801.T9999999")
    assert odd is not None
    assert odd.delivered_at == datetime.datetime(2024, 8, 1)
    with pytest.raises(FeedError, match="D240231 in the name is not a date"):
        member_name("P.A1234.ACO.ZC5Y24.D240231.T0102030")


@pytest.mark.parametrize(
    ("length", "stated", "accepted"),
    [
        (388, 388, True),
        (363, 363, True),
        (400, 400, True),
        (400, None, True),
        (370, 370, True),
        (373, None, True),
        (370, None, False),
        (300, None, False),
        (300, 388, False),
        (383, 388, False),
        (388, 387, True),
        (200, 387, False),
        (10, 10, False),
        (300, 300, True),
    ],
)
def test_line_lengths_against_layout_and_summary(
    tmp_path: Path, length: int, stated: int | None, accepted: bool
) -> None:
    text = line("CCLF5", {"CUR_CLM_UNIQ_ID": "2000000000001", "CLM_LINE_NUM": "1"}, length=length)
    files = sample(CCLF5=f"{text}\n".encode())
    summary = control(files, {"CCLF5": (1, stated)}) if stated else None
    path = write_zip(tmp_path, files, summary=summary)
    lake = Lake.create(tmp_path / "lake")
    if accepted:
        assert load(lake, path).rows["professional_line"] == 1
    else:
        with pytest.raises(FeedError, match=f"lines of {length} characters"):
            load(lake, path)
        assert lake.deliveries() == []

"""Tuva eligibility: spans become months of enrollment, and each person's latest span the beneficiary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells, lookup
from openaco.feeds.output import Output
from openaco.feeds.tuva.columns import TuvaFile, sources
from openaco.parameters import parameter
from openaco.tables import Beneficiary, EnrollmentMonth

START, END, PAYER = "ENROLLMENT_START_DATE", "ENROLLMENT_END_DATE", "PAYER_TYPE"
LONGEST = 12 * 130


def read_eligibility(file: TuvaFile, year: int, output: Output) -> None:
    """Store the months of Medicare spans and their people. Where spans of a person overlap, the later start counts.

    A month after the person's death makes no row. Spans without an end, or of other payers, make no months.
    """
    columns = sources(file, "beneficiary", year)
    extra = [START, END, PAYER, "GENDER", "STATE", "DUAL_STATUS_CODE"]
    spans: list[pa.Table] = []
    people: list[pa.Table] = []
    aside: list[tuple[int, str]] = []
    for batch in file.batches([*columns.values(), *extra]):
        cells = Cells(batch)
        found = cells.columns(Beneficiary, columns, "iso")
        span = _span(cells, found, year)
        people.append(
            cells.table(Beneficiary, found | _person(cells, year)).append_column("start", _kept(cells, span["start"]))
        )
        spans.append(pa.table({name: _kept(cells, values) for name, values in span.items()}))
        aside += cells.problems
    output.put(EnrollmentMonth, Cells.none_of(EnrollmentMonth), file=file.name)
    output.put(Beneficiary, Cells.none_of(Beneficiary), file=file.name)
    if spans:
        whole = pa.concat_tables(spans)
        output.put(EnrollmentMonth, _months(whole), file=file.name)
        output.put(Beneficiary, _latest(pa.concat_tables(people)), file=file.name)
        if set(pc.unique(whole["payer"]).drop_null().to_pylist()) - set(_payers(year)):
            output.notes.append(f"{file.name}: spans of other payers make no months of Medicare")
    output.put_aside(file, aside + file.problems)


def _payers(year: int) -> Mapping[str, Mapping[str, bool]]:
    found: Mapping[str, Mapping[str, bool]] = parameter("feeds/tuva/payers", year).value
    return found


def _span(cells: Cells, found: Mapping[str, pa.Array], year: int) -> dict[str, pa.Array]:
    """What the months of a span need: whose, from which month to which, and what holds in them. Marks bad spans."""
    start, end = cells.required_date(START, "iso"), cells.required_date(END, "iso")
    first, last = _month_number(start), _month_number(end)
    backwards = pc.fill_null(pc.less(end, start), False).to_numpy(zero_copy_only=False)
    cells.mark(backwards, f"{END} is before {START}")
    cells.mark(_numbers(last) - _numbers(first) > LONGEST, f"from {START} to {END} is longer than a life")
    payer = pc.utf8_lower(cells.text(PAYER))
    known = _payers(year)
    enrolled = {
        column: lookup(payer, {name: facts[column] for name, facts in known.items()}, pa.bool_())
        for column in ("has_part_a", "has_part_b", "in_group_health_plan")
    }
    return {
        "mbi": found["mbi"],
        "start": start,
        "first": first,
        "last": last,
        "death": _month_number(found["death_date"]),
        "payer": payer,
        "dual_status_code": pc.utf8_lpad(cells.text("DUAL_STATUS_CODE"), 2, "0"),
        "medicare_status_code": found["medicare_status_code"],
        "lives_in_united_states": pc.if_else(pc.is_valid(_state(cells, year)), True, pa.scalar(None, pa.bool_())),
        "source_line": pa.array(cells.lines),
    } | enrolled


def _person(cells: Cells, year: int) -> dict[str, pa.Array]:
    words: Mapping[str, Any] = parameter("feeds/tuva/words", year).value
    return {
        "sex_code": lookup(pc.utf8_lower(cells.text("GENDER")), words["sex_code"], pa.string()),
        "state": _state(cells, year),
        "dual_status_code": pc.utf8_lpad(cells.text("DUAL_STATUS_CODE"), 2, "0"),
    }


def _state(cells: Cells, year: int) -> pa.Array:
    """The postal code of a state given by code or name, `Ohio (eff. 10/2005)` included; null for any other place."""
    rows = parameter("feeds/states", year).value
    postal = {key.lower(): row["postal"] for row in rows for key in (row["postal"], row["name"])}
    return lookup(
        pc.utf8_lower(pc.replace_substring_regex(cells.text("STATE"), r"\s*\(.*\)$", "")), postal, pa.string()
    )


def _months(spans: pa.Table) -> pa.Table:
    """One row for each person and month, from the span that starts last."""
    spans = spans.filter(pc.is_valid(spans["has_part_a"]))
    first, last = _numbers(spans["first"]), _numbers(spans["last"])
    death = pc.fill_null(spans["death"].combine_chunks(), np.iinfo(np.int32).max).to_numpy(zero_copy_only=False)
    counts = np.maximum(np.minimum(last, death) - first + 1, 0)
    rows = np.repeat(np.arange(len(spans)), counts)
    offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    months = first[rows] + offsets
    person = spans["mbi"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)[rows]
    start = spans["start"].cast(pa.int32()).to_numpy()[rows]
    order = np.lexsort((rows, start, months, person))
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = (person[order][1:] != person[order][:-1]) | (months[order][1:] != months[order][:-1])
    kept = np.sort(order[is_last])
    chosen = spans.take(pa.array(rows[kept]))
    days = (months[kept] - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    built = chosen.drop_columns(["start", "first", "last", "death", "payer"])
    return built.append_column("month", pa.array(days, pa.date32())).append_column(
        "source", pa.repeat(pa.scalar("tuva"), len(built))
    )


def _latest(people: pa.Table) -> pa.Table:
    """One row for each person: the span that starts last."""
    ordered = people.sort_by([("mbi", "ascending"), ("start", "descending"), ("source_line", "descending")])
    mbi = ordered["mbi"].combine_chunks()
    first = np.ones(len(mbi), dtype=bool)
    if len(mbi) > 1:
        first[1:] = pc.not_equal(mbi[1:], mbi[:-1]).to_numpy(zero_copy_only=False)
    return ordered.filter(pa.array(first)).drop_columns(["start"])


def _kept(cells: Cells, values: pa.Array) -> pa.Array:
    return values.filter(pa.array(cells.good))


def _month_number(dates: pa.Array) -> pa.Array:
    """Months since the year 0."""
    return pc.add(pc.multiply(pc.year(dates), 12), pc.subtract(pc.month(dates), 1))


def _numbers(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return pc.fill_null(whole, 0).to_numpy(zero_copy_only=False).astype(np.int64)

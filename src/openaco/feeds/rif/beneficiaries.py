"""Beneficiary files: one row for each person and year becomes a beneficiary and up to twelve months of enrollment."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells, lookup
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.feeds.rif.people import People
from openaco.parameters import parameter
from openaco.tables import Beneficiary, EnrollmentMonth

MONTHS = [("SEPT" if number == 9 else calendar.month_abbr[number].upper()) for number in range(1, 13)]
BUY_IN = [f"MDCR_ENTLMT_BUYIN_{number}_IND" for number in range(1, 13)]
PLAN = [f"HMO_{number}_IND" for number in range(1, 13)]
STATUS = [f"MDCR_STUS_{month}_CD" for month in MONTHS]
DUAL = [f"META_DUAL_ELGBL_STUS_{month}_CD" for month in MONTHS]
FIPS = [f"FIPS_STATE_CNTY_{month}_CD" for month in MONTHS]
PLACE = ["STATE_CODE", "BENE_COUNTY_CD", "BENE_ZIP_CD"]
IDENTITY = ["BENE_ID", "MBI_NUM", "DEATH_DT", "RFRNC_YR", "EFCTV_BGN_DT", "EFCTV_END_DT"]


def read_beneficiaries(file: DelimitedFile, people: People, year: int, output: Output) -> None:
    """Store one yearly file. Read the newest first: a person's row in `beneficiary` comes from there."""
    layout: Mapping[str, Any] = parameter("feeds/rif/columns", year, file="beneficiary").value
    file.require([*layout["required"], "RFRNC_YR", *BUY_IN])
    wanted = [*IDENTITY, *PLACE, *layout["columns"].values(), *BUY_IN, *PLAN, *STATUS, *DUAL, *FIPS]
    output.put(EnrollmentMonth, Cells.none_of(EnrollmentMonth), file=file.name)
    for batch in file.batches(wanted):
        cells = Cells(batch)
        reference = cells.whole("RFRNC_YR")
        cells.mark(pc.is_null(reference).to_numpy(zero_copy_only=False), "RFRNC_YR is blank")
        columns = cells.columns(Beneficiary, layout["columns"], "day_month_year")
        new, mbi = people.learn(cells, file=file.name)
        county, once = _state_county(cells), people.first_of_year(cells, reference)
        newest = cells.table(Beneficiary, columns | _last_known(cells, year) | {"mbi": mbi}, where=new)
        output.put(Beneficiary, newest, file=file.name)
        for rows in _months(cells, mbi, reference, columns["death_date"], county, once, year):
            output.put(EnrollmentMonth, rows, file=file.name)
        file.problems += cells.problems
    output.put_aside(file, file.problems)


def read_history(file: DelimitedFile, people: People, year: int, output: Output) -> None:
    """Take changes of identifier from beneficiary_history. People without a yearly file get their newest MBI there."""
    file.require(parameter("feeds/rif/columns", year, file="beneficiary_history").value["required"])
    for batch in file.batches(IDENTITY):
        order = _newest_first(Cells(batch))
        cells = Cells(type(batch)(batch.rows.take(pa.array(order)), batch.lines[order]))
        cells.date("EFCTV_BGN_DT", "day_month_year")
        cells.date("EFCTV_END_DT", "day_month_year")
        people.learn(cells, file=file.name)
        file.problems += cells.problems
    output.put_aside(file, file.problems)


def _newest_first(cells: Cells) -> np.ndarray:
    """The order of rows by the end of their validity: open ends first, then the latest."""
    ends = cells.date("EFCTV_END_DT", "day_month_year").cast(pa.int32())
    return np.argsort(
        -pc.fill_null(ends, np.iinfo(np.int32).max).to_numpy(zero_copy_only=False).astype(np.int64), kind="stable"
    )


def _months(
    cells: Cells,
    mbi: pa.Array,
    reference: pa.Array,
    death: pa.Array,
    county: pa.Array,
    once: np.ndarray,
    year: int,
) -> list[pa.Table]:
    """The rows of each month of the year that says anything about a person who was still alive when it began."""
    abroad_or_home = _by_state_code(cells, year)
    fips_states = {row["fips"]: True for row in parameter("feeds/states", year).value}
    found = []
    for number in range(12):
        buy_in, plan = cells.text(BUY_IN[number]), cells.text(PLAN[number])
        status, dual = cells.text(STATUS[number]), cells.text(DUAL[number])
        month = _first_of_month(reference, number + 1)
        alive = pc.fill_null(pc.greater_equal(death, month), True)
        told = pc.or_(pc.or_(pc.is_valid(buy_in), pc.is_valid(plan)), pc.or_(pc.is_valid(status), pc.is_valid(dual)))
        home = lookup(pc.utf8_slice_codeunits(cells.text(FIPS[number]), 0, 2), fips_states, pa.bool_())
        rows = {
            "mbi": mbi,
            "month": month,
            "source": cells.constant("rif"),
            "has_part_a": _has_part(buy_in, "a", year),
            "has_part_b": _has_part(buy_in, "b", year),
            "in_group_health_plan": _in_plan(buy_in, plan, year),
            "dual_status_code": _two_digits(dual),
            "medicare_status_code": status,
            "state_county_code": county,
            "lives_in_united_states": pc.coalesce(home, abroad_or_home),
        }
        chosen = once & pc.and_(alive, told).to_numpy(zero_copy_only=False)
        found.append(cells.table(EnrollmentMonth, rows, where=chosen))
    return found


def _first_of_month(reference: pa.Array, month: int) -> pa.Array:
    """The first day of a month in each row's year."""
    coded = reference.dictionary_encode()
    firsts = [datetime.date(year, month, 1) if 1 <= year <= 9999 else None for year in coded.dictionary.to_pylist()]
    return pa.array(firsts, pa.date32()).take(coded.indices)


def _has_part(buy_in: pa.Array, part: str, year: int) -> pa.Array:
    codes: Mapping[str, Sequence[str]] = parameter("feeds/rif/buy_in", year).value
    return lookup(buy_in, {code: part in parts for code, parts in codes.items()}, pa.bool_())


def _in_plan(buy_in: pa.Array, plan: pa.Array, year: int) -> pa.Array:
    """Member of a plan unless the indicator is one of fee-for-service; a blank beside a buy-in is no member."""
    free = pa.array(parameter("feeds/rif/fee_for_service", year).value)
    known = pc.if_else(pc.is_valid(plan), pc.invert(pc.is_in(plan, value_set=free)), pa.scalar(None, pa.bool_()))
    return pc.if_else(pc.and_(pc.is_null(plan), pc.is_valid(buy_in)), False, known)


def _two_digits(code: pa.Array) -> pa.Array:
    """Dual status codes with their leading zero: `2` becomes `02`, `NA` stays."""
    return pc.utf8_lpad(code, 2, "0")


def _state_county(cells: Cells) -> pa.Array:
    """Five-digit SSA state and county. The county column holds three digits, or all five in Synthea's files."""
    state, county = cells.text("STATE_CODE", width=2), cells.text("BENE_COUNTY_CD", width=3)
    joined = pc.binary_join_element_wise(state, county, "")
    return pc.if_else(pc.equal(pc.utf8_length(county), 5), county, joined)


def _by_state_code(cells: Cells, year: int) -> pa.Array:
    """Whether the year's SSA state is in the United States; unknown where it is blank."""
    home = pa.array([row["ssa"] for row in parameter("feeds/states", year).value])
    state = cells.text("STATE_CODE", width=2)
    return pc.if_else(pc.is_valid(state), pc.is_in(state, value_set=home), pa.scalar(None, pa.bool_()))


def _last_known(cells: Cells, year: int) -> dict[str, pa.Array]:
    """What the file gives month by month, as of the last month that says it; state and ZIP code in common form."""
    postal = {row["ssa"]: row["postal"] for row in parameter("feeds/states", year).value}
    fips = pc.coalesce(*(cells.text(name) for name in reversed(FIPS)))
    zip_code = cells.text("BENE_ZIP_CD", width=5)
    return {
        "state_fips_code": pc.utf8_slice_codeunits(fips, 0, 2),
        "county_fips_code": pc.utf8_slice_codeunits(fips, 2, 5),
        "zip_code": pc.utf8_slice_codeunits(zip_code, 0, 5),
        "dual_status_code": _two_digits(pc.coalesce(*(cells.text(name) for name in reversed(DUAL)))),
        "buy_in_code": pc.coalesce(*(cells.text(name) for name in reversed(BUY_IN))),
        "state": lookup(cells.text("STATE_CODE", width=2), postal, pa.string()),
    }

"""Yearly beneficiary files (RIF): who each person was and, month by month, which parts, plan, status and residence."""

from __future__ import annotations

import calendar
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.cclf_people import family_names, given_names, streets
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import NEVER, date_of, day, month
from openaco.synthetic.geography import COUNTIES
from openaco.synthetic.months import DUAL, STATUS

HEADER = Path(__file__).with_name("rif_header.txt")
MONTHS = [("SEPT" if number == 9 else calendar.month_abbr[number].upper()) for number in range(1, 13)]
_ABROAD = np.array([not county.in_united_states for county in COUNTIES])


@cache
def header() -> tuple[str, ...]:
    """The columns of a beneficiary file, in CMS's order."""
    return tuple(HEADER.read_text(encoding="ascii").strip().split("|"))


def beneficiary_lines(chunk: Chunk, year: int) -> list[str]:
    """The lines of one year: everybody who was in Medicare in any month of it."""
    months, people = chunk.months, chunk.people
    first = month(year, 1) - months.first
    span = slice(first, first + 12)
    has_any = (months.part_a[:, span] | months.part_b[:, span]).any(axis=1)
    at = np.flatnonzero(has_any)
    cells = _monthly_cells(chunk, at, span) | _yearly_cells(chunk, at, span, year)
    empty = [""] * len(at)
    columns = [cells.get(name, empty) for name in header()]
    return ["|".join(row) for row in zip(*columns, strict=True)] if len(people) else []


def _texts(values: NDArray[np.generic]) -> list[str]:
    return values.astype(str).tolist()


def _monthly_cells(chunk: Chunk, at: NDArray[np.integer], span: slice) -> dict[str, list[str]]:
    months = chunk.months
    part_a, part_b = months.part_a[at, span], months.part_b[at, span]
    known = part_a | part_b
    assisted = (months.dual[at, span] > 0) & part_b
    buy_in = np.array(["0", "1", "2", "3", "0", "A", "B", "C"])[part_a + 2 * part_b + 4 * assisted]
    statuses = np.array(STATUS)[months.status[at, span]]
    duals = np.where(known, np.array(DUAL)[months.dual[at, span]], "")
    plans = np.where(known, np.where(months.plan[at, span], "1", "0"), "")
    places = np.where(known, np.array([county.fips for county in COUNTIES])[months.county[at, span]], "")
    found: dict[str, list[str]] = {}
    for number, name in enumerate(MONTHS):
        found[f"MDCR_ENTLMT_BUYIN_{number + 1}_IND"] = _texts(buy_in[:, number])
        found[f"HMO_{number + 1}_IND"] = _texts(plans[:, number])
        found[f"MDCR_STUS_{name}_CD"] = _texts(statuses[:, number])
        found[f"META_DUAL_ELGBL_STUS_{name}_CD"] = _texts(duals[:, number])
        found[f"FIPS_STATE_CNTY_{name}_CD"] = _texts(places[:, number])
    return found


def place_of_year(chunk: Chunk, year: int) -> NDArray[np.integer]:
    """The county of the year: that of the last month in Medicare, or the place abroad if there was one."""
    months = chunk.months
    first = month(year, 1) - months.first
    span = slice(first, first + 12)
    known = months.part_a[:, span] | months.part_b[:, span]
    county = months.county[:, span]
    last = known.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    abroad = _ABROAD[county] & known
    when = np.where(abroad.any(axis=1), abroad.argmax(axis=1), last)
    return county[np.arange(len(county)), when]


def _yearly_cells(chunk: Chunk, at: NDArray[np.integer], span: slice, year: int) -> dict[str, list[str]]:
    people, months = chunk.people, chunk.months
    county = place_of_year(chunk, year)[at]
    end = day(year, 12, 31)
    dead = people.death[at] <= end
    last = 11 - (months.status[at, span] > 0)[:, ::-1].argmax(axis=1)
    counts = {
        "A_MO_CNT": months.part_a[at, span].sum(axis=1),
        "B_MO_CNT": months.part_b[at, span].sum(axis=1),
        "HMO_MO_CNT": months.plan[at, span].sum(axis=1),
        "DUAL_MO_CNT": (months.dual[at, span] > 0).sum(axis=1),
        "AGE": (end - people.birth[at]) // 365.25,
    }
    return {name: _texts(values.astype(int)) for name, values in counts.items()} | {
        "DML_IND": ["INSERT"] * len(at),
        "BENE_ID": _texts(-1 - people.indices[at].astype(np.int64)),
        "STATE_CODE": [COUNTIES[one].ssa[:2] for one in county.tolist()],
        "BENE_COUNTY_CD": [COUNTIES[one].ssa for one in county.tolist()],
        "BENE_ZIP_CD": [COUNTIES[one].zip_code for one in county.tolist()],
        "BENE_BIRTH_DT": _written(people.birth[at]),
        "BENE_SEX_IDENT_CD": _texts(people.sex[at]),
        "BENE_RACE_CD": _texts(people.race[at]),
        "BENE_ENTLMT_RSN_ORIG": _texts(people.disabled[at].astype(int)),
        "BENE_MDCR_STATUS_CD": _texts(np.array(STATUS)[months.status[at, span.start + last]]),
        "BENE_SRNM_NAME": [name.decode() for name in family_names(chunk)[at].tolist()],
        "BENE_GVN_NAME": [name.decode() for name in given_names(chunk)[at].tolist()],
        "MBI_NUM": [mbi.decode() for mbi in people.identifier_on(end)[at].tolist()],
        "DEATH_DT": _written(np.where(dead, people.death[at], NEVER)),
        "RFRNC_YR": [str(year)] * len(at),
        "ENRL_SRC": ["CME"] * len(at),
        "DRVD_LINE_1_ADR": [street.decode() for street in streets(chunk)[at].tolist()],
        "CITY_NAME": [COUNTIES[one].city for one in county.tolist()],
    }


def _written(days: NDArray[np.integer]) -> list[str]:
    """`17-Jan-1942`, blank for never."""
    return ["" if one >= NEVER else f"{date_of(one):%d-%b-%Y}" for one in days.tolist()]

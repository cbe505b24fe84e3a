"""The people files of a chunk: CCLF8 (demographics, one row a hospice range) and CCLF9 (changed identifiers)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.cclf_claims import Block
from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import NEVER, Days, day, first_day, month, month_of
from openaco.synthetic.fixed_width import Records
from openaco.synthetic.geography import COUNTIES
from openaco.synthetic.identifiers import hicns
from openaco.synthetic.months import DUAL, STATUS
from openaco.synthetic.names import FIRST, LAST_END, LAST_STEM, STREETS
from openaco.synthetic.timeline import Delivery


def people_blocks(chunk: Chunk) -> Iterator[Block]:
    """CCLF8 and CCLF9."""
    for letter, writer in (("8", _demographics), ("9", _changes)):
        parts = [(writer(chunk, delivery), delivery.number) for delivery in chunk.timeline.deliveries]
        lines = np.concatenate([part for part, _ in parts])
        yield letter, lines, np.repeat(*np.array([(number, len(part)) for part, number in parts], np.int32).T)


def given_names(chunk: Chunk) -> NDArray[np.bytes_]:
    """Everybody's given name."""
    return np.array(FIRST, "S30")[chunk.people.name_draws[:, 0] % len(FIRST)]


def family_names(chunk: Chunk) -> NDArray[np.bytes_]:
    """Everybody's family name."""
    draws = chunk.people.name_draws
    stems = np.array(LAST_STEM, "S20")[draws[:, 1] % len(LAST_STEM)]
    return np.char.add(stems, np.array(LAST_END, "S10")[draws[:, 2] % len(LAST_END)])


def streets(chunk: Chunk) -> NDArray[np.bytes_]:
    """Everybody's street and number."""
    draws = chunk.people.name_draws
    numbers = (draws[:, 3] % 900 + 1).astype("S4")
    return np.char.add(np.char.add(numbers, b" "), np.array(STREETS, "S20")[draws[:, 4] % len(STREETS)])


def listed(chunk: Chunk, delivery: Delivery) -> NDArray[np.bool_]:
    """Whom a delivery lists: everybody in the first and the last, else those it brings claims for."""
    people = chunk.people
    if delivery.number in (0, chunk.timeline.deliveries[-1].number):
        found = np.ones(len(people), bool)
    else:
        found = np.zeros(len(people), bool)
        for family in chunk.families.values():
            brought = family.shipments.version[family.shipments.delivery == delivery.number]
            found[family.person[brought]] = True
    return found & (people.opted_out > delivery.cut) & chunk.months.ever_by(int(month_of(np.array([delivery.cut]))[0]))


def known(chunk: Chunk) -> NDArray[np.bool_]:
    """Whom the ACO ever hears of: in a beneficiary file, or on the last list."""
    timeline = chunk.timeline
    in_files = chunk.months.ever_by(month(timeline.performance_year, 12))
    return in_files | listed(chunk, timeline.deliveries[-1])


def _hospice_ranges(chunk: Chunk) -> tuple[NDArray[np.int32], Days, Days]:
    """Hospice spans; every third person was in hospice before, for a month, and left it again."""
    person, start, end = chunk.hospice
    before = chunk.people.indices[person] % 3 == 0
    return (
        np.concatenate([person[before], person]),
        np.concatenate([start[before] - 230, start]).astype(np.int32),
        np.concatenate([start[before] - 200, end]).astype(np.int32),
    )


def _demographics(chunk: Chunk, delivery: Delivery) -> NDArray[np.uint8]:
    people, months = chunk.people, chunk.months
    ranged, start, end = _hospice_ranges(chunk)
    which = listed(chunk, delivery)
    known = which[ranged] & (start <= delivery.cut)
    person = np.concatenate([np.flatnonzero(which), ranged[known]])
    begins = np.concatenate([np.full(which.sum(), NEVER), start[known]])
    ends = np.concatenate([np.full(which.sum(), NEVER), np.where(end[known] <= delivery.cut, end[known], NEVER)])
    keep = ~np.isin(person, ranged[known]) | (begins < NEVER)
    person, begins, ends = person[keep], begins[keep], ends[keep]
    order = np.lexsort((begins, person))
    person, begins, ends = person[order], begins[order], ends[order]
    records = Records("CCLF8", len(person))
    records.text("BENE_MBI_ID", people.identifier_on(delivery.cut)[person])
    column = np.clip(month_of(np.array([delivery.cut]))[0] - months.first, 0, months.status.shape[1] - 1)
    county = months.county[person, column]
    fips = np.array([one.fips or "99999" for one in COUNTIES], "S5")[county]
    records.text("BENE_FIPS_STATE_CD", fips.astype("S2"))
    records.text("BENE_FIPS_CNTY_CD", np.array([one.fips[2:] or "999" for one in COUNTIES], "S3")[county])
    records.text("BENE_ZIP_CD", np.array([one.zip_code or "00000" for one in COUNTIES], "S5")[county])
    records.text("GEO_ZIP5_CD", np.array([one.zip_code or "00000" for one in COUNTIES], "S5")[county])
    records.text("GEO_ZIP4_CD", b"~")
    records.text("GEO_ZIP_PLC_NAME", np.array([one.city for one in COUNTIES], "S20")[county])
    records.text("GEO_USPS_STATE_CD", np.array([one.state for one in COUNTIES], "S2")[county])
    records.dates("BENE_DOB", people.birth[person])
    records.text("BENE_SEX_CD", people.sex[person].astype("S1"))
    records.text("BENE_RACE_CD", people.race[person].astype("S1"))
    dead = people.death[person] <= delivery.cut
    last = np.where(dead, people.death[person], delivery.cut)
    records.whole("BENE_AGE", (last - people.birth[person]) // 365.25)
    at_last = np.clip(month_of(np.minimum(last, delivery.cut)) - months.first, 0, months.status.shape[1] - 1)
    records.text("BENE_MDCR_STUS_CD", np.array(STATUS, "S2")[months.status[person, at_last]])
    records.text("BENE_DUAL_STUS_CD", np.array(DUAL, "S2")[months.dual[person, at_last]])
    records.dates("BENE_DEATH_DT", np.where(dead, people.death[person], NEVER))
    records.dates("BENE_RNG_BGN_DT", begins)
    records.dates("BENE_RNG_END_DT", ends)
    records.text("BENE_RNG_BGN_DT", np.where(begins < NEVER, _text_of(records, "BENE_RNG_BGN_DT"), b"1000-01-01"))
    records.text("BENE_RNG_END_DT", np.where(ends < NEVER, _text_of(records, "BENE_RNG_END_DT"), b"9999-12-31"))
    records.text("BENE_1ST_NAME", given_names(chunk)[person])
    records.text("BENE_LAST_NAME", family_names(chunk)[person])
    records.text("BENE_ORGNL_ENTLMT_RSN_CD", np.where(dead, b"", np.where(people.disabled[person], b"1", b"0")))
    parts = months.part_a[person, at_last] + 2 * months.part_b[person, at_last]
    records.text("BENE_ENTLMT_BUYIN_IND", parts.astype("S1"))
    for field, flags in (("BENE_PART_A_ENRLMT_BGN_DT", months.part_a), ("BENE_PART_B_ENRLMT_BGN_DT", months.part_b)):
        first = first_day((flags[person].argmax(axis=1) + months.first).astype(np.int32))
        records.dates(field, np.where(flags[person].any(axis=1), first, NEVER))
    records.text("BENE_LINE_1_ADR", streets(chunk)[person])
    return records.bytes


def _text_of(records: Records, field: str) -> NDArray[np.bytes_]:
    start, end = records.fields[field]
    return np.ascontiguousarray(records.bytes[:, start:end]).view(f"S{end - start}").ravel()


def _changes(chunk: Chunk, delivery: Delivery) -> NDArray[np.uint8]:
    """Changes known at the cut. Of two changes, every other person's first row still names the second identifier."""
    people = chunk.people
    first, second = (people.changed[:, at] <= delivery.cut for at in (0, 1))
    restated = second & (people.indices % 2 == 0)
    chained = first & ~second
    ids = people.identifiers
    start = day(2018, 4)
    rows = [
        (b"M", ids[chained, 1], ids[chained, 0], np.full(chained.sum(), start), people.changed[chained, 0]),
        (b"M", ids[restated, 2], ids[restated, 0], np.full(restated.sum(), start), people.changed[restated, 0]),
        (b"M", ids[second, 2], ids[second, 1], people.changed[second, 0], people.changed[second, 1]),
    ]
    legacy = people.are("mbi_changed_with_hicn")
    numbers = people.indices[legacy]
    years = np.full(legacy.sum(), day(2012, 1)), np.full(legacy.sum(), day(2017, 12, 31))
    rows.append((b"H", hicns(numbers * 2), hicns(numbers * 2 + 1), *years))
    records = Records("CCLF9", sum(len(row[1]) for row in rows))
    records.text("HICN_MBI_XREF_IND", np.repeat(np.array([row[0] for row in rows]), [len(row[1]) for row in rows]))
    records.text("CRNT_NUM", np.concatenate([row[1] for row in rows]).astype("S11"))
    records.text("PRVS_NUM", np.concatenate([row[2] for row in rows]).astype("S11"))
    records.dates("PRVS_ID_EFCTV_DT", np.concatenate([row[3] for row in rows]))
    records.dates("PRVS_ID_OBSLT_DT", np.concatenate([row[4] for row in rows]))
    return records.bytes

"""Who is behind a BENE_ID: the newest beneficiary file decides, earlier MBIs become crosswalk rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells
from openaco.feeds.output import Output
from openaco.feeds.seen import Seen
from openaco.tables import MbiCrosswalk

NONE = pa.array([], pa.string())


@dataclass
class People:
    """The current MBI of each BENE_ID. Read the newest file first: what is known stands."""

    ids: pa.Array = field(default_factory=lambda: NONE)
    mbis: pa.Array = field(default_factory=lambda: NONE)
    unknown_lines: int = 0
    repeated_rows: int = 0
    _years: Seen = field(default_factory=Seen)
    _changes: list[pa.Table] = field(default_factory=list)

    def learn(self, cells: Cells, *, file: str) -> tuple[np.ndarray, pa.Array]:
        """Take in the people of a batch: True for each row of somebody new, and each row's current MBI.

        A row that gives somebody known another MBI is kept as a change of identifier.
        """
        ids = cells.required("BENE_ID")
        mbis = pc.coalesce(cells.text("MBI_NUM"), ids)
        places = pc.index_in(ids, value_set=self.ids)
        new = pc.is_null(places).to_numpy(zero_copy_only=False) & cells.good & _first_of_each(ids)
        if new.any():
            self.ids = pa.concat_arrays([self.ids, ids.filter(pa.array(new))])
            self.mbis = pa.concat_arrays([self.mbis, mbis.filter(pa.array(new))])
            places = pc.index_in(ids, value_set=self.ids)
        current = pc.coalesce(self.mbis.take(places), ids)
        changed = pc.fill_null(pc.not_equal(mbis, current), False).to_numpy(zero_copy_only=False) & cells.good
        changed &= pc.is_valid(cells.text("MBI_NUM")).to_numpy(zero_copy_only=False)
        if changed.any():
            rows = {
                "crosswalk_type_code": cells.constant("M"),
                "current_mbi": current,
                "previous_mbi": mbis,
                "previous_start_date": cells.date("EFCTV_BGN_DT", "day_month_year"),
                "previous_end_date": cells.date("EFCTV_END_DT", "day_month_year"),
            }
            built = cells.table(MbiCrosswalk, rows, where=changed)
            self._changes.append(built.append_column("source_file", pa.repeat(pa.scalar(file), len(built))))
        return new, current

    def first_of_year(self, cells: Cells, year: pa.Array) -> np.ndarray:
        """True where a person's year comes for the first time; counts the others, which would double the months."""
        both = pc.binary_join_element_wise(cells.text("BENE_ID"), pc.cast(year, pa.string()), " ")
        first = self._years.first(pc.if_else(pa.array(cells.good), both, pa.scalar(None, pa.string())))
        self.repeated_rows += int((cells.good & ~first).sum())
        return first

    def behind(self, cells: Cells) -> pa.Array:
        """The current MBI for each claim line, or its BENE_ID; counts the lines of people not known."""
        ids = cells.required("BENE_ID")
        found = pc.index_in(ids, value_set=self.ids)
        self.unknown_lines += found.null_count
        return pc.coalesce(self.mbis.take(found), ids)

    def finish(self, output: Output) -> None:
        """Store the changes of identifier, each previous MBI once, and say who was unknown or came twice."""
        if self._changes:
            changes = pa.concat_tables(self._changes)
            once = changes.take(pa.array(np.flatnonzero(_first_of_each(changes["previous_mbi"].combine_chunks()))))
            output.put(MbiCrosswalk, once, file="")
        if self.repeated_rows:
            output.notes.append(f"{self.repeated_rows} rows repeat a person and year of a newer file and were left out")
        if self.unknown_lines:
            output.notes.append(
                f"{self.unknown_lines} claim lines name people whom no beneficiary file of this delivery names; "
                "they are stored under their BENE_ID"
            )


def _first_of_each(ids: pa.Array) -> np.ndarray:
    """True where a value stands for the first time."""
    codes = pc.fill_null(ids.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    first = np.zeros(len(ids), dtype=bool)
    first[np.unique(codes, return_index=True)[1]] = True
    return first

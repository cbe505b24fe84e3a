"""Part D event files: one line of the file is one prescription fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells, lookup
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.feeds.rif.claims import COMMON, Tally, final_lines
from openaco.feeds.rif.people import People
from openaco.feeds.seen import Seen
from openaco.parameters import parameter
from openaco.tables import DrugEvent

CLAIM_TYPE = {"0": "01", "2": "02", "1": "03"}


def read_drug_events(file: DelimitedFile, people: People, year: int, output: Output) -> Tally:
    """Store a Part D event file. ADJSTMT_DLTN_CD: blank original, A adjustment, D deletion."""
    layout: Mapping[str, Any] = parameter("feeds/rif/columns", year, file="pde").value
    file.require(layout["required"])
    codes = parameter("feeds/rif/drug_adjustments", year).value
    output.put(DrugEvent, Cells.none_of(DrugEvent), file=file.name)
    seen, tally, aside = Seen(), Tally(), list[tuple[int, str]]()
    for batch in file.batches([*COMMON, "ADJSTMT_DLTN_CD", *layout["columns"].values()]):
        cells = Cells(batch)
        columns = cells.columns(DrugEvent, layout["columns"], "day_month_year")
        adjustment = pc.fill_null(lookup(cells.text("ADJSTMT_DLTN_CD"), codes, pa.string()), "0")
        columns |= {
            "mbi": people.behind(cells),
            "adjustment_type_code": adjustment,
            "claim_type_code": lookup(adjustment, CLAIM_TYPE, pa.string()),
        }
        final = final_lines(cells)
        claims = seen.first(columns["claim_id"])
        rows = cells.table(DrugEvent, columns, where=final)
        output.put(DrugEvent, rows, file=file.name)
        tally += Tally(int(claims.sum()), len(rows), int((~final).sum()), 0)
        aside += cells.problems
    output.put_aside(file, aside + file.problems)
    return Tally(tally.claims, tally.lines, tally.not_final, len(file.problems))

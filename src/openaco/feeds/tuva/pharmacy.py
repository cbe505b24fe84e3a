"""Tuva pharmacy claims: one line is one prescription fill."""

from __future__ import annotations

import pyarrow.compute as pc

from openaco.feeds.cells import Cells
from openaco.feeds.output import Output
from openaco.feeds.tuva.columns import TuvaFile, sources
from openaco.tables import DrugEvent


def read_pharmacy_claims(file: TuvaFile, year: int, output: Output) -> None:
    """Store the fills. A fill's id is its claim and line, because Tuva's claims may have several lines."""
    columns = sources(file, "drug_event", year)
    output.put(DrugEvent, Cells.none_of(DrugEvent), file=file.name)
    aside = []
    for batch in file.batches(["CLAIM_ID", "CLAIM_LINE_NUMBER", *columns.values()]):
        cells = Cells(batch)
        found = cells.columns(DrugEvent, columns, "iso")
        claim, line = cells.required("CLAIM_ID"), cells.required("CLAIM_LINE_NUMBER")
        cells.required(columns["mbi"])
        found |= {
            "claim_id": pc.binary_join_element_wise(claim, line, "-"),
            "claim_type_code": cells.constant("01"),
            "adjustment_type_code": cells.constant("0"),
        }
        output.put(DrugEvent, cells.table(DrugEvent, found), file=file.name)
        aside += cells.problems
    output.put_aside(file, aside + file.problems)

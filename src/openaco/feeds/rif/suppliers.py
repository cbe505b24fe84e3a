"""Carrier and equipment files: one line of the file is one line of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.feeds.rif.claims import COMMON, Tally, final_lines, fips_state, total
from openaco.feeds.rif.people import People
from openaco.feeds.seen import Seen
from openaco.parameters import parameter
from openaco.tables import EquipmentLine, LakeTable, ProfessionalLine

TABLES: dict[str, type[LakeTable]] = {"carrier": ProfessionalLine, "dme": EquipmentLine}
CLAIM_PAYMENT = "CLM_PMT_AMT"


def read_supplier_lines(kind: str, file: DelimitedFile, people: People, year: int, output: Output) -> Tally:
    """Store a carrier or equipment file; every line is an original of a final version."""
    layout: Mapping[str, Any] = parameter("feeds/rif/columns", year, file=kind).value
    file.require(layout["required"])
    table, seen, tally, aside = TABLES[kind], Seen(), Tally(), list[tuple[int, str]]()
    output.put(table, Cells.none_of(table), file=file.name)
    for batch in file.batches([*COMMON, CLAIM_PAYMENT, *layout["columns"].values()]):
        cells = Cells(batch)
        claim_payment = cells.money(CLAIM_PAYMENT)
        columns = cells.columns(table, layout["columns"], "day_month_year")
        columns |= {"mbi": people.behind(cells), "adjustment_type_code": cells.constant("0")}
        columns["disposition_code"] = cells.text("CLM_DISP_CD", width=2)
        columns["claim_control_number"] = pc.coalesce(columns["claim_control_number"], columns["claim_id"])
        if kind == "carrier":
            columns["provider_state_code"] = fips_state(cells, "PRVDR_STATE_CD", year)
        final = final_lines(cells)
        first = seen.first(columns["claim_id"])
        rows = cells.table(table, columns, where=final)
        output.put(table, rows, file=file.name)
        of_claims = total(claim_payment.filter(pa.array(first & final & cells.good)))
        tally += Tally(int(first.sum()), len(rows), int((~final).sum()), 0, total(rows["paid_amount"]) - of_claims)
        aside += cells.problems
    output.put_aside(file, aside + file.problems)
    comparable = CLAIM_PAYMENT in file.header and not aside and not file.problems
    return replace(tally, unreadable=len(file.problems), difference=tally.difference if comparable else Decimal(0))

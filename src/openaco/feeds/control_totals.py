"""Control totals of what was loaded: claims and signed dollars by kind, to hold against the sender's own figures.

A cancellation (adjustment type 1) counts negative, as in CMS's CCLF Information Packet v38, 5.3.1; nothing else is
judged: denied and replaced versions are in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from openaco.engine import Engine, Lake, _, coalesce, ifelse, literal, money, stack
from openaco.tables import EquipmentLine, InstitutionalClaim, ProfessionalLine

KINDS = {
    "10": "home health",
    "20": "skilled nursing",
    "30": "skilled nursing, swing bed",
    "40": "outpatient",
    "50": "hospice",
    "60": "inpatient",
    "61": "inpatient encounter",
    "71": "carrier",
    "72": "carrier, equipment",
    "81": "equipment carrier",
    "82": "equipment carrier, equipment",
}
PAID_TABLES = (InstitutionalClaim, ProfessionalLine, EquipmentLine)


@dataclass(frozen=True)
class ControlTotal:
    """Rows of one table and claim type: claims, rows, and dollars in US dollars, signed."""

    table: str
    claim_type_code: str
    kind: str
    claims: int
    rows: int
    dollars: Decimal


def control_totals(engine: Engine, lake: Lake, deliveries: Sequence[str]) -> list[ControlTotal]:
    """The totals of some deliveries, in the order of tables and claim types."""
    parts = []
    for table in PAID_TABLES:
        amount = coalesce(_.paid_amount, money(0))
        parts.append(
            lake.read(engine, table, deliveries=list(deliveries)).select(
                "claim_id",
                table=literal(table.name),
                claim_type_code=coalesce(_.claim_type_code, literal("")),
                dollars=money(ifelse(coalesce(_.adjustment_type_code == "1", literal(False)), -amount, amount)),
            )
        )
    sums = stack(parts).group_by("table", "claim_type_code")
    rows = engine.to_rows(sums.aggregate(claims=_.claim_id.nunique(), rows=_.count(), dollars=_.dollars.sum()))
    order = {table.name: place for place, table in enumerate(PAID_TABLES)}
    return [
        ControlTotal(kind=KINDS.get(row["claim_type_code"], "other"), **row)
        for row in sorted(rows, key=lambda row: (order[row["table"]], row["claim_type_code"]))
    ]

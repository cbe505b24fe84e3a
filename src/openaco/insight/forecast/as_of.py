"""The lake as it was on a day: without the claims packages that came later."""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Engine, Lake, Table, _
from openaco.engine.lake import Deliveries
from openaco.errors import LakeError
from openaco.tables import Delivery, EquipmentLine, InstitutionalClaim, LakeTable, ProfessionalLine

CLAIMS_FEED = "cclf"
PAID_TABLES: tuple[type[LakeTable], ...] = (InstitutionalClaim, ProfessionalLine, EquipmentLine)


class LakeAsOf(Lake):
    """A lake without the claims packages delivered after a day. What the ACO states itself (its roster, enrollment,
    designations) has no such history: it is read as it stands now."""

    def __init__(self, lake: Lake, as_of: datetime.date) -> None:
        super().__init__(lake.path, version=lake.version)
        self.as_of = as_of

    def deliveries(self) -> list[dict[str, Any]]:
        """The rows of `delivery` that had come by the day."""
        return [row for row in super().deliveries() if not self._came_later(row)]

    def read(self, engine: Engine, table: type[LakeTable], *, deliveries: Deliveries = "all") -> Table:
        """The rows of a table, without those of later claims packages."""
        rows = super().read(engine, table, deliveries=deliveries)
        if table is not Delivery:
            return rows
        later = [row["delivery_id"] for row in super().deliveries() if self._came_later(row)]
        return rows.filter(~_.delivery_id.isin(later)) if later else rows

    def _came_later(self, row: dict[str, Any]) -> bool:
        return row["feed"] == CLAIMS_FEED and row["delivered_on"] is not None and row["delivered_on"] > self.as_of


def valuation_date(engine: Engine, lake: LakeAsOf) -> datetime.date:
    """The newest load date of any claim that the ACO had on the day: claims are known through it, and no further.

    Raises LakeError where nothing had come yet, or where claims do not say when they were loaded.
    """
    if not any(row["feed"] == CLAIMS_FEED for row in lake.deliveries()):
        first = min((row["delivered_on"] for row in Lake(lake.path).deliveries() if _dated_claims(row)), default=None)
        raise LakeError(
            f"no claims package had come by {lake.as_of}",
            where=str(lake.path),
            remedy=f"The first came on {first}." if first else "Load one: openaco load cclf PATH.",
        )
    newest = [
        engine.to_rows(lake.read(engine, table).aggregate(newest=_.load_date.max()))[0]["newest"]
        for table in PAID_TABLES
    ]
    known = [day for day in newest if day is not None]
    if not known:
        raise LakeError(
            "no claim says when it was loaded, so nothing tells how claims come in",
            where=str(lake.path),
            remedy="Load CCLF packages: their claims carry CLM_IDR_LD_DT.",
        )
    return min(max(known), lake.as_of)


def _dated_claims(row: dict[str, Any]) -> bool:
    return row["feed"] == CLAIMS_FEED and row["delivered_on"] is not None

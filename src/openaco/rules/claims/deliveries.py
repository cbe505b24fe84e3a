"""A claim version that is delivered twice is still one version.

Source: CCLF Information Packet v38, 3.3 and 4.4 (feeds rules R4 and R14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openaco.engine import Table, Value, _, asc, coalesce, date_of, desc, literal, month_of, row_number

LINEAGE = ("delivery_id", "source_file", "source_line")
NO_DATE = (1, 1, 1)


@dataclass(frozen=True)
class ClaimTable:
    """How the rows of one claims table are told apart.

    identity  columns that name one version of a claim or line, however often it is delivered
    row       columns that name one delivered row
    """

    name: str
    identity: tuple[str, ...]
    row: tuple[str, ...]


def _claim_table(name: str, *identity: str, row: tuple[str, ...] = ()) -> ClaimTable:
    return ClaimTable(name, identity, ("claim_id", *row, *LINEAGE))


_LINE = ("claim_line_number",)
_VERSION = ("adjustment_type_code", "effective_date")
_PROCEDURE = ("sequence_number", "procedure_code")
_DIAGNOSIS = ("diagnosis_type_code", "sequence_number", "diagnosis_code")

CLAIM_TABLES = {
    table.name: table
    for table in (
        _claim_table("institutional_claim", "claim_id"),
        _claim_table("institutional_line", "claim_id", *_LINE, row=_LINE),
        _claim_table("institutional_procedure", "claim_id", *_PROCEDURE, row=_PROCEDURE),
        _claim_table("institutional_diagnosis", "claim_id", *_DIAGNOSIS, row=_DIAGNOSIS),
        _claim_table("professional_line", "claim_id", *_LINE, *_VERSION, row=_LINE),
        _claim_table("equipment_line", "claim_id", *_LINE, *_VERSION, row=_LINE),
        _claim_table("drug_event", "claim_id"),
        _claim_table("professional_benefit", "claim_id", *_LINE, row=_LINE),
    )
}


def superseded_deliveries(delivery: Table) -> Table:
    """Weekly claim deliveries that a monthly one of the same month and performance year replaces.

    Grain: one weekly delivery; columns `delivery_id`, `superseded_by`. Every delivery in the lake is complete: the
    feed refuses one that lacks a file. Source: the practice of public CCLF connectors (R14); CCLF Information Packet
    v38 is silent.
    """
    claims = delivery.filter(_.feed == "cclf").select(
        "delivery_id", "coverage", month=month_of(_.delivered_on), year=coalesce(_.performance_year, 0)
    )
    weekly = claims.filter(_.coverage == "weekly").select("delivery_id", "month", "year")
    monthly = claims.filter(_.coverage == "regular").group_by("month", "year").agg(superseded_by=_.delivery_id.max())
    return weekly.join(monthly, ["month", "year"]).select("delivery_id", "superseded_by")


def repeated_rows(table: Table, shape: ClaimTable, superseded: Table) -> Table:
    """The delivered rows that do not count, because another delivery brings the same version.

    Grain: one delivered row; columns `shape.row` (blanks filled, see `key`) and `disposition`: `duplicate delivery`
    or `superseded delivery`. The newest delivery's row stays; within one delivery the last line stays.
    Cost: one hash aggregation; only versions that occur more than once are sorted.
    Source: CCLF packet v38, 3.3 and 4.4; identities as in R4.
    """
    several = table.group_by(**keys(shape.identity)).agg(times=_.count()).filter(_.times > 1)
    candidates = table.semi_join(several, same(shape.identity))
    candidates = candidates.anti_join(superseded, "delivery_id")
    rows = candidates.select(**keys(shape.identity, "identity_"), **keys(shape.row))
    order = [desc("delivery_id"), desc("source_file"), desc("source_line")]
    identity = [f"identity_{name}" for name in shape.identity]
    ranked = rows.mutate(rank=row_number().over(group_by=identity, order_by=order))
    duplicates = ranked.filter(_.rank > 0).select(*shape.row, disposition=literal("duplicate delivery"))
    weekly = table.semi_join(superseded, "delivery_id").select(**keys(shape.row))
    return duplicates.union(weekly.mutate(disposition=literal("superseded delivery")))


def without(table: Table, rows: Table, columns: Sequence[str]) -> Table:
    """The table without the given rows, recognized by `columns` (blanks of `rows` filled, see `key`)."""
    return table.anti_join(rows, same(columns))


def all_but_first(rows: Table, by: Sequence[str], order: Sequence[Value]) -> Table:
    """The rows of every group but the first in the order: what `without` takes away to leave one row a group.

    Only groups of several rows are sorted, so where they are few the cost is one hash aggregation.
    """
    several = rows.group_by(**keys(by)).agg(times=_.count()).filter(_.times > 1)
    crowd = rows.semi_join(several, same(by))
    return crowd.mutate(_turn=row_number().over(group_by=list(by), order_by=list(order))).filter(_._turn > 0)


def key(column: Value, name: str) -> Value:
    """A column as part of a join key: blanks become an empty text or the first of all days, so that they match."""
    if name.endswith("_date"):
        return coalesce(column, date_of(*NO_DATE))
    if name in ("claim_line_number", "source_line", "month"):
        return column
    return coalesce(column, "")


def keys(names: Sequence[str], prefix: str = "") -> dict[str, Value]:
    """Key columns by name, for `select`, `mutate` and `group_by`."""
    return {f"{prefix}{name}": key(_[name], name) for name in names}


def same(names: Sequence[str], prefix: str = "") -> list[tuple[Value, str]]:
    """Join predicates: key columns of the left table equal those of the right one, whose blanks are filled already."""
    return [(key(_[name], name), f"{prefix}{name}") for name in names]


def oldest_first() -> list[Value]:
    """Versions in the order in which they took effect; ties by claim id, so that the order is always one."""
    return [asc(key(_.effective_date, "effective_date")), asc("claim_id")]

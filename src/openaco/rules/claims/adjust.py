"""From claims as delivered to claims that count: the paragraphs in their order, with seams to checkpoint at.

`claim_versions` does once what does not depend on a year: people, repeated deliveries, candidates for pairing.
`adjust` answers for one period and one run-out date, from the small tables that the first step kept.
Source: CCLF Information Packet v38, sections 3 and 5.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from openaco.engine import BooleanValue, Checkpoint, Table, Value, _, coalesce, lazily, literal
from openaco.rules.claims.contested import (
    CANCELLATION,
    contested_drugs,
    contested_institutional,
    contested_lines,
    pair_institutional,
    pair_lines,
    rank_drugs,
)
from openaco.rules.claims.deliveries import CLAIM_TABLES, repeated_rows, superseded_deliveries, without
from openaco.rules.claims.denials import institutional_denied, line_denied
from openaco.rules.claims.dollars import (
    all_dollars,
    claim_reductions,
    equipment_dollars,
    institutional_dollars,
    line_through_date,
    professional_dollars,
)
from openaco.rules.claims.identity import with_person

Period = tuple[datetime.date, datetime.date]
DETAILS = ("institutional_line", "institutional_procedure", "institutional_diagnosis")


@dataclass(frozen=True)
class ClaimVersions:
    """Every delivered version, and what is to be known of them before any year is looked at.

    delivered   by table name: all rows as delivered, with `person_id` (an expression; nothing is copied)
    repeated    by table name: the rows that another delivery replaces (see `repeated_rows`); small
    contested   by table name: versions that a cancellation may concern, with their natural keys; small
    reductions  sequestration and population-based reductions of institutional claims, one row per claim
    """

    delivered: Mapping[str, Table]
    repeated: Mapping[str, Table]
    contested: Mapping[str, Table]
    reductions: Table


@dataclass(frozen=True)
class ClaimSet:
    """The claims of one period, as of one run-out date.

    institutional … drug   final-action versions (R8), not denied, with `person_id`; amounts unsigned as delivered
    dollars                signed amounts of every counted version (R7): columns of `dollars.institutional_dollars`
    paired                 by table name: contested versions with the `partner` that each was paired with
    removed                by table name: rows taken out of the delivered ones, with `disposition`
    """

    institutional: Table
    institutional_line: Table
    institutional_procedure: Table
    institutional_diagnosis: Table
    professional: Table
    equipment: Table
    drug: Table
    dollars: Table
    versions: ClaimVersions
    paired: Mapping[str, Table] = field(default_factory=dict)
    removed: Mapping[str, Table] = field(default_factory=dict)
    year: int = 0
    period: Period | None = None
    run_out_date: datetime.date | None = None


def claim_versions(tables: Mapping[str, Table], identities: Table, *, checkpoint: Checkpoint = lazily) -> ClaimVersions:
    """What holds for every year: rows with people, repeated rows, contested versions, reductions.

    tables: lake tables by name: the nine claims tables and `delivery`. identities: from `current_mbi`.
    CCLF Information Packet v38, 3.1, 3.3.
    """
    weekly = checkpoint(superseded_deliveries(tables["delivery"]))
    repeated = {name: checkpoint(repeated_rows(tables[name], shape, weekly)) for name, shape in CLAIM_TABLES.items()}
    contested = {
        "institutional_claim": contested_institutional(
            tables["institutional_claim"], identities, repeated["institutional_claim"]
        ),
        "drug_event": contested_drugs(tables["drug_event"], identities, repeated["drug_event"]),
    }
    for name in ("professional_line", "equipment_line"):
        contested[name] = contested_lines(tables[name], identities, repeated[name], name)
    return ClaimVersions(
        delivered={name: with_person(tables[name], identities) for name in CLAIM_TABLES},
        repeated=repeated,
        contested={name: checkpoint(rows) for name, rows in contested.items()},
        reductions=checkpoint(claim_reductions(tables["institutional_benefit"].anti_join(weekly, "delivery_id"))),
    )


def adjust(
    versions: ClaimVersions,
    *,
    year: int,
    period: Period | None = None,
    run_out_date: datetime.date | None = None,
    checkpoint: Checkpoint = lazily,
) -> ClaimSet:
    """The claims that count in a period, as Medicare knew them on the run-out date.

    year: the calendar year whose denial rules hold. period: first and last through date, both included; None = all.
    run_out_date: later versions, cancellations among them, are not known yet (R13); a version without a load date
    counts as known. Source: CCLF packet v38, sections 3 and 5; methodology specifications v11, 3.1.
    """
    paired = _pair_all(versions, run_out_date, checkpoint)
    removed = {
        name: checkpoint(_removed(versions.repeated[name], paired.get(name), CLAIM_TABLES[name].row))
        for name in CLAIM_TABLES
    }

    def known(name: str, dated: Value) -> Table:
        return versions.delivered[name].filter(in_run_out(run_out_date), within(period, dated))

    institutional = known("institutional_claim", _.claim_end_date)
    institutional = institutional.filter(~institutional_denied(institutional, year))
    lines = {}
    for name in ("professional_line", "equipment_line"):
        lines[name] = known(name, line_through_date())
        lines[name] = lines[name].filter(~line_denied(lines[name], year))

    def counted(rows: Table, name: str) -> Table:
        return without(rows, versions.repeated[name], CLAIM_TABLES[name].row)

    def final(rows: Table, name: str) -> Table:
        return without(rows.filter(_not_cancellation()), removed[name], CLAIM_TABLES[name].row)

    headers = final(institutional, "institutional_claim")
    final_ids = checkpoint(headers.select("claim_id"))
    details = {name: counted(versions.delivered[name], name).semi_join(final_ids, "claim_id") for name in DETAILS}
    benefits = counted(versions.delivered["professional_benefit"], "professional_benefit")
    drugs = known("drug_event", _.dispensing_date).filter(coalesce(_.claim_type_code, "") != "03")
    return ClaimSet(
        institutional=headers,
        **details,
        professional=final(lines["professional_line"], "professional_line"),
        equipment=final(lines["equipment_line"], "equipment_line"),
        drug=final(drugs, "drug_event"),
        dollars=all_dollars(
            institutional_dollars(counted(institutional, "institutional_claim"), versions.reductions),
            professional_dollars(counted(lines["professional_line"], "professional_line"), benefits),
            equipment_dollars(counted(lines["equipment_line"], "equipment_line")),
        ),
        versions=versions,
        paired=paired,
        removed=removed,
        year=year,
        period=period,
        run_out_date=run_out_date,
    )


def in_run_out(run_out_date: datetime.date | None) -> BooleanValue:
    """Whether Medicare's repository had the version by the run-out date (packet v38, 3.4)."""
    if run_out_date is None:
        return literal(True)
    return coalesce(_.load_date <= run_out_date, literal(True))


def within(period: Period | None, dated: Value) -> BooleanValue:
    """Whether a date lies in the period, both ends included; without a period, always."""
    return literal(True) if period is None else dated.between(*period)


def _pair_all(versions: ClaimVersions, run_out_date: datetime.date | None, checkpoint: Checkpoint) -> dict[str, Table]:
    pairs = {
        "institutional_claim": pair_institutional,
        "professional_line": pair_lines,
        "equipment_line": pair_lines,
        "drug_event": rank_drugs,
    }
    keep = {name: checkpoint for name in pairs} | {"drug_event": lazily}  # drugs count in no expenditure
    return {
        name: keep[name](pair(versions.contested[name].filter(in_run_out(run_out_date))))
        for name, pair in pairs.items()
    }


def _removed(repeated: Table, paired: Table | None, row: tuple[str, ...]) -> Table:
    """Repeated rows and the versions that a cancellation or a newer version took back."""
    if paired is None:
        return repeated
    gone = paired.rank > 0 if "rank" in paired.columns else paired.partner.notnull() & ~paired.cancels
    return repeated.union(paired.filter(gone).select(*row, disposition=literal("cancelled")))


def _not_cancellation() -> BooleanValue:
    return coalesce(_.adjustment_type_code, "0") != CANCELLATION

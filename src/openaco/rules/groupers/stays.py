"""Bills become stays, and stays in one hospital after the other become one admission (42 CFR 412.4, 409.30, 418.21).

CCLF states no admission date: a stay begins with the first day of its first bill, which may lie up to three days
before the admission where outpatient services of the days before are billed with it (42 CFR 412.2(c)(5)).
"""

from __future__ import annotations

from typing import Any

from openaco.engine import (
    Checkpoint,
    Table,
    Value,
    _,
    coalesce,
    greatest,
    ifelse,
    lazily,
    literal,
    money,
    row_number,
    stack,
)
from openaco.parameters import parameter
from openaco.rules.claims import ClaimSet
from openaco.rules.groupers.categories import institutional_services
from openaco.rules.groupers.codes import whole

KINDS = (
    "inpatient_acute",
    "inpatient_psychiatric",
    "inpatient_rehabilitation",
    "inpatient_long_term",
    "inpatient_other",
    "skilled_nursing",
    "home_health",
    "hospice",
)
"""Kinds of care whose bills become stays: the service categories of the same names."""
ACUTE = "inpatient_acute"


def bills(claims: ClaimSet, year: int) -> Table:
    """The bills of stays, one row a final-action institutional claim. year: whose code lists hold.

    Columns: `person_id`, `kind`, `ccn` (never blank), `claim_id`, `start`, `end`, `status`, `frequency`, codes and
    `paid_amount`. A home health bill that only announces a period carries no dollars and does no harm.
    42 CFR 412.4, 424.33.
    """
    services = institutional_services(claims.institutional, claims.institutional_line, year)
    kinds = services.filter(_.category.isin(KINDS), _.start_date.notnull())
    kinds = kinds.select("start_date", "end_date", "paid_amount", kind_of=_.claim_id, kind=_.category)
    headers = claims.institutional.drop("paid_amount")
    joined = headers.join(kinds, [("claim_id", "kind_of")])
    return joined.select(
        "person_id",
        "kind",
        "claim_id",
        "paid_amount",
        "admitting_diagnosis_code",
        "principal_diagnosis_code",
        "ms_drg_code",
        "admission_type_code",
        "admission_source_code",
        "attending_npi",
        ccn=coalesce(_.billing_ccn, _.facility_ccn, literal("unknown")),
        start=ifelse(_.start_date > _.end_date, _.end_date, _.start_date),
        end=_.end_date,
        status=coalesce(_.discharge_status_code, literal("")),
        frequency=coalesce(_.bill_frequency_code, literal("")),
    ).distinct()


def facility_stays(bills: Table, deaths: Table, year: int, *, checkpoint: Checkpoint = lazily) -> tuple[Table, Table]:
    """The stays in one facility each, and which claims make them up.

    Grain of the stays: one stay. Columns: `stay_id`, `person_id`, `kind`, `ccn`, `start_date`, `end_date` (the day of
    discharge; the last billed day where `still_patient`), `nights`, `covered_days` (days that some bill covers, first
    and last included), `admitting_diagnosis_code`, `admission_type_code`, `admission_source_code` (of the first bill),
    `principal_diagnosis_code`, `ms_drg_code`, `discharge_status_code`, `attending_npi` (of the last), `bills`,
    `paid_amount`, `still_patient`, `against_advice`, `died`. deaths: `person_id`, `death_date`. The second table has
    `stay_id`, `claim_id`, `person_id`, `kind`, `end_date`, `new_days` (days up to the claim's last that no claim
    before it covers) and `sequence` from 1. 42 CFR 412.4, 409.30.
    """
    codes = parameter("groupers/discharge_status", year).value
    joined = checkpoint(stack([_joined_bills(bills, kind, year) for kind in KINDS]))
    numbered = joined.mutate(
        first=row_number().over(group_by=_STAY, order_by=[_.start, _.end, _.claim_id]),
        last=row_number().over(group_by=_STAY, order_by=[_.end.desc(), _.start.desc(), _.claim_id.desc()]),
    ).mutate(new_days=_new_days())
    at_first, at_last = _.first == 0, _.last == 0
    named = checkpoint(
        numbered.mutate(stay_claim=ifelse(at_first, _.claim_id, literal(""))).mutate(
            stay_id=_.kind.concat(":", _.stay_claim.max().over(group_by=_STAY))
        )
    )
    stays = named.group_by("stay_id", "person_id", "kind").agg(
        ccn=_.ccn.max(where=at_first),
        start_date=_.start.min(),
        end_date=_.end.max(),
        covered_days=whole(_.new_days.sum()),
        admitting_diagnosis_code=_.admitting_diagnosis_code.max(where=at_first),
        admission_type_code=_.admission_type_code.max(where=at_first),
        admission_source_code=_.admission_source_code.max(where=at_first),
        principal_diagnosis_code=_.principal_diagnosis_code.max(where=at_last),
        ms_drg_code=_.ms_drg_code.max(where=at_last),
        discharge_status_code=_.status.max(where=at_last),
        attending_npi=_.attending_npi.max(where=at_last),
        bills=_.count(),
        paid_amount=money(_.paid_amount.sum()),
    )
    stays = with_outcome(stays, deaths, codes).mutate(nights=_.end_date.delta(_.start_date, unit="day").cast("int64"))
    members = named.select("stay_id", "claim_id", "person_id", "kind", "end", "new_days", sequence=_.first + 1)
    return checkpoint(stays), members.rename(end_date="end")


def with_outcome(stays: Table, deaths: Table, codes: dict[str, Any]) -> Table:
    """The stays with `died`, `against_advice`, `still_patient`.

    Died: by the status of discharge, or because the death date lies in the stay. 42 CFR 412.4(a), (b).
    """
    known = deaths.filter(_.death_date.notnull()).select(dead="person_id", death_date="death_date")
    joined = stays.left_join(known, [("person_id", "dead")])
    by_date = coalesce(_.death_date.between(_.start_date, _.end_date), literal(False))
    return joined.mutate(
        died=_.discharge_status_code.isin(codes["died"]) | by_date,
        against_advice=_.discharge_status_code.isin(codes["against_advice"]),
        still_patient=_.discharge_status_code.isin(codes["still_patient"]),
    ).drop("dead", "death_date")


def with_admissions(stays: Table, year: int, *, checkpoint: Checkpoint = lazily) -> Table:
    """The facility stays with the admission that each belongs to.

    Adds `admission_id`, `place` in it from 1 by the day it begins, `places`, `is_first` and `is_last` (the one that
    ends it). An acute stay that begins on the day, or the day after, another acute hospital's ended is a transfer and
    goes on with the same admission; so is one that overlaps it. All other stays are admissions by themselves.
    42 CFR 412.4(b).
    """
    within = parameter("groupers/stays", year, kind=ACUTE).value["transfer_within_days"]
    acute = stays.filter(_.kind == ACUTE).mutate(
        furthest=_.end_date.max().over(group_by="person_id", order_by=_ORDER, rows=(None, -1)),
        before=_.ccn.lag().over(group_by="person_id", order_by=_ORDER),
    )
    transferred = (_.ccn != _.before) & (_.start_date.epoch_days() <= _.furthest.epoch_days() + within)
    marked = acute.mutate(begins=ifelse(coalesce(transferred, literal(False)), 0, 1)).drop("furthest", "before")
    chained = marked.mutate(number=_.begins.sum().over(group_by="person_id", order_by=_ORDER, rows=(None, 0)))
    chain = ["person_id", "number"]
    ending = [_.end_date.desc(), _.start_date.desc(), _.stay_id.desc()]
    placed = checkpoint(
        chained.mutate(
            place=(row_number().over(group_by=chain, order_by=_ORDER) + 1).cast("int64"),
            places=_.count().over(group_by=chain).cast("int64"),
            is_last=row_number().over(group_by=chain, order_by=ending) == 0,
        )
    )
    named = placed.mutate(is_first=_.place == 1).mutate(first_id=ifelse(_.is_first, _.stay_id, literal("")))
    named = named.mutate(admission_id=_.first_id.max().over(group_by=chain))
    one, yes = literal(1, "int64"), literal(True)
    alone = stays.filter(_.kind != ACUTE).mutate(
        admission_id=_.stay_id, place=one, places=one, is_first=yes, is_last=yes
    )
    columns = [*stays.columns, "admission_id", "place", "places", "is_first", "is_last"]
    return checkpoint(stack([named.select(*columns), alone.select(*columns)]))


def admissions(stays: Table) -> Table:
    """One row an admission, transfers included: what began it, what ended it. stays: from `with_admissions`.

    Columns as in `facility_stays`, but: `admission_id` names it; `first_ccn` and `last_ccn` are its facilities,
    `places` their number; principal diagnosis and DRG are of the first facility, `last_principal_diagnosis_code` and
    `last_ms_drg_code` of the last; discharge and its outcome are of the last. The facilities between are in the
    facility stays. 42 CFR 412.4(b).
    """
    first = {name: _[name].max(where=_.is_first) for name in _OF_FIRST}
    last = {name: _[name].max(where=_.is_last) for name in ("discharge_status_code", "attending_npi")}
    flags = {name: ifelse(_.is_last & _[name], 1, 0).max() == 1 for name in ("against_advice", "still_patient")}
    grouped = stays.group_by("admission_id", "person_id", "kind").agg(
        first_ccn=_.ccn.max(where=_.is_first),
        last_ccn=_.ccn.max(where=_.is_last),
        last_stay_id=_.stay_id.max(where=_.is_last),
        places=_.places.max(),
        start_date=_.start_date.min(),
        end_date=_.end_date.max(),
        **first,
        last_principal_diagnosis_code=_.principal_diagnosis_code.max(where=_.is_last),
        last_ms_drg_code=_.ms_drg_code.max(where=_.is_last),
        **last,
        bills=whole(_.bills.sum()),
        covered_days=whole(_.covered_days.sum()),
        paid_amount=money(_.paid_amount.sum()),
        died=ifelse(_.died, 1, 0).max() == 1,
        **flags,
    )
    return grouped.mutate(nights=_.end_date.delta(_.start_date, unit="day").cast("int64"))


_STAY = ["person_id", "kind", "facility", "number"]
_ORDER = [_.start_date, _.end_date, _.stay_id]
_OF_FIRST = (
    "admitting_diagnosis_code",
    "principal_diagnosis_code",
    "ms_drg_code",
    "admission_type_code",
    "admission_source_code",
)


def _joined_bills(bills: Table, kind: str, year: int) -> Table:
    """The bills of a kind with the `number` of the stay they belong to, within their person and `facility`."""
    rule = parameter("groupers/stays", year, kind=kind).value
    of_kind = bills.filter(_.kind == kind).mutate(facility=_.ccn if rule["per_facility"] else literal(""))
    keys = ["person_id", "facility"]
    order = [_.start, _.end, _.claim_id]
    seen = of_kind.mutate(
        furthest=_.end.max().over(group_by=keys, order_by=order, rows=(None, -1)),
        status_before=_.status.lag().over(group_by=keys, order_by=order),
        frequency_before=_.frequency.lag().over(group_by=keys, order_by=order),
        diagnosis_before=_.principal_diagnosis_code.lag().over(group_by=keys, order_by=order),
    )
    marked = seen.mutate(begins=ifelse(coalesce(_goes_on(rule, year), literal(False)), 0, 1))
    return marked.mutate(number=_.begins.sum().over(group_by=keys, order_by=order, rows=(None, 0)).cast("int64")).drop(
        "begins", "status_before", "frequency_before", "diagnosis_before"
    )


def _goes_on(rule: dict[str, Any], year: int) -> Value:
    codes = parameter("groupers/discharge_status", year).value
    gap = _.start.epoch_days() - _.furthest.epoch_days()
    near = gap <= rule["longest_gap_days"]
    if rule["only_if_unfinished"]:
        unfinished = _.status_before.isin(codes["still_patient"])
        unfinished = unfinished | _.frequency_before.isin(codes["unfinished_bills"])
        near = near & (unfinished | _.frequency.isin(codes["continuing_bills"]))
    found = near | (gap < 0)
    if rule["same_day_same_diagnosis"]:
        found = found | coalesce((gap == 0) & (_.principal_diagnosis_code == _.diagnosis_before), literal(False))
    return found


def _new_days() -> Value:
    """The days of a bill that no earlier bill of the stay covers."""
    start, end, furthest = _.start.epoch_days(), _.end.epoch_days(), coalesce(_.furthest, _.start).epoch_days()
    later = greatest(literal(0), end - greatest(start, furthest + 1) + 1)
    return ifelse(_.first == 0, end - start + 1, later)

"""Beneficiaries with high needs: the criteria by which ACO REACH aligns them to High Needs Population ACOs.

ACO REACH Model, participation agreement (no CFR part holds it); numbers in `parameters/groupers/high_needs*`.
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Checkpoint, Engine, Table, _, coalesce, date_of, greatest, ifelse, lazily, literal, stack
from openaco.parameters import parameter
from openaco.rules.claims import ClaimSet
from openaco.rules.claims.dollars import line_through_date
from openaco.rules.groupers.code_sets import beginnings, in_sets, set_table
from openaco.rules.groupers.codes import in_ranges, whole
from openaco.rules.groupers.stays import ACUTE

CRITERIA = ("mobility_or_neurological", "high_score", "score_with_admissions", "frailty", "extended_care")


def high_needs(
    engine: Engine,
    people: Table,
    claims: ClaimSet,
    diagnoses: Table,
    admissions: Table,
    planned: Table,
    stay_claims: Table,
    as_of: datetime.date,
    year: int,
    *,
    scores: Table | None = None,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """The criteria that each person meets on a day. Grain: one person of `people`.

    Columns: `person_id`, one flag a criterion of `CRITERIA`, `high_needs` (any of them), `unplanned_admissions`,
    `skilled_nursing_days`, `home_health_days`, `equipment_lines`, `risk_score` (blank where none is given: then the two
    criteria of scores are not met). scores: `person_id`, `risk_score`, `esrd` (flag). year: performance year whose
    criteria hold. ACO REACH Model, High Needs Population ACOs.
    """
    rule = parameter("groupers/high_needs", year).value
    first = as_of - datetime.timedelta(days=rule["days"] - 1)
    found = people.select("person_id").distinct()
    parts = (
        _impaired(engine, diagnoses, first, as_of, rule, year),
        _unplanned(admissions, planned, first, as_of),
        _days_of_care(stay_claims, first, as_of),
        frailty_equipment(claims, first, as_of, year).group_by("person_id").agg(equipment_lines=_.count()),
    )
    for part in parts:
        renamed = checkpoint(part).rename(with_person="person_id")
        found = found.left_join(renamed, [("person_id", "with_person")]).drop("with_person")
    if scores is None:
        found = found.mutate(risk_score=literal(None, "float64"), esrd=literal(False))
    else:
        named = scores.select("risk_score", "esrd", scored="person_id")
        found = found.left_join(named, [("person_id", "scored")]).drop("scored")
    zero = literal(0, "int64")
    counts = ("unplanned_admissions", "skilled_nursing_days", "home_health_days", "equipment_lines")
    found = found.mutate(**{name: coalesce(_[name], zero) for name in counts})
    flags = {name: coalesce(test, literal(False)) for name, test in _criteria(rule).items()}
    marked = found.mutate(**flags).drop("impaired", "esrd")
    any_flag = marked[CRITERIA[0]]
    for name in CRITERIA[1:]:
        any_flag = any_flag | marked[name]
    return checkpoint(marked.mutate(high_needs=any_flag))


def frailty_equipment(claims: ClaimSet, first: datetime.date, last: datetime.date, year: int) -> Table:
    """Equipment lines that show frailty: `person_id`, `claim_id`, `kind`, `hcpcs_code`, `date`. Grain: one line.

    ACO REACH Model, High Needs Population ACOs.
    """
    rows = parameter("groupers/frailty_equipment", year).value
    lines = claims.equipment.mutate(date=line_through_date()).filter(_.date.between(date_of(first), date_of(last)))
    kinds = [
        lines.filter(in_ranges(_.hcpcs_code, row["codes"])).select(
            "person_id", "claim_id", "hcpcs_code", "date", kind=literal(row["kind"])
        )
        for row in rows
    ]
    return stack(kinds)


def _criteria(rule: dict[str, Any]) -> dict[str, Any]:
    by_score = ifelse(
        coalesce(_.esrd, literal(False)), _.risk_score >= rule["score_esrd"], _.risk_score >= rule["score"]
    )
    middle = (_.risk_score >= rule["score_with_admissions"]) & ~coalesce(_.esrd, literal(False))
    extended: Any = literal(False)
    for name in ("skilled_nursing_days", "home_health_days"):
        if rule[name] is not None:
            extended = extended | (_[name] >= rule[name])
    return {
        "mobility_or_neurological": _.impaired == 1,
        "high_score": by_score,
        "score_with_admissions": middle & (_.unplanned_admissions >= rule["admissions"]),
        "frailty": _.equipment_lines > 0,
        "extended_care": extended,
    }


def _impaired(
    engine: Engine, diagnoses: Table, first: datetime.date, last: datetime.date, rule: dict[str, Any], year: int
) -> Table:
    rows = parameter("groupers/high_needs_codes", year).value
    sets = set_table(engine, {row["group"]: beginnings(row["codes"]) for row in rows})
    recent = diagnoses.filter(_.date.between(date_of(first), date_of(last)))
    named = recent.join(in_sets(recent.select("code"), sets), [("code", "set_code")])
    inpatient = _.setting == "inpatient"
    counted = named.group_by("person_id").agg(
        stays=_.claim_id.nunique(where=inpatient), days=_.date.nunique(where=~inpatient)
    )
    enough = (_.stays >= 1) | (_.days >= rule["claims"])
    return counted.filter(enough).select("person_id", impaired=literal(1))


def _unplanned(admissions: Table, planned: Table, first: datetime.date, last: datetime.date) -> Table:
    begun = admissions.filter(_.kind == ACUTE, _.start_date.between(date_of(first), date_of(last)))
    marked = begun.left_join(planned, [("admission_id", "planned_id")])
    unplanned = marked.filter(~coalesce(_.planned, literal(False)))
    return unplanned.group_by("person_id").agg(unplanned_admissions=_.count())


def _days_of_care(stay_claims: Table, first: datetime.date, last: datetime.date) -> Table:
    """Days within the span that nursing facility and home health claims cover, each day of a stay once."""
    opens, closes = ((day - datetime.date(1970, 1, 1)).days for day in (first, last))
    end = _.end_date.epoch_days()
    begin = greatest(end - _.new_days + 1, literal(opens))
    shut = ifelse(end > closes, literal(closes), end)
    days = stay_claims.mutate(days=greatest(literal(0), shut - begin + 1))
    sums = {
        f"{kind}_days": whole(ifelse(_.kind == kind, _.days, 0).sum()) for kind in ("skilled_nursing", "home_health")
    }
    return days.group_by("person_id").agg(**sums)

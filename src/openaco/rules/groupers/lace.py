"""The LACE index at discharge: length of stay, acuity, comorbidity, emergency visits (van Walraven et al. 2010).

42 CFR 425.112(b)(4) asks an ACO to coordinate care across transitions; the index says where first.
"""

from __future__ import annotations

from typing import Any

from openaco.engine import Checkpoint, Engine, Table, Value, _, cases, coalesce, ifelse, lazily, least, literal
from openaco.parameters import parameter
from openaco.rules.enrollment import in_year, month_number
from openaco.rules.groupers.codes import whole
from openaco.rules.groupers.comorbidity import comorbidities
from openaco.rules.groupers.stays import ACUTE


def lace_index(
    engine: Engine,
    admissions: Table,
    visits: Table,
    diagnoses: Table,
    year: int,
    *,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """The index of acute admissions that end alive in a year. Grain: one admission, its transfers included.

    Columns: `person_id`, `admission_id`, `discharge_date`, `nights`, `emergent`, `comorbidity` (points, not capped),
    `visits` (emergency visits of the months before, without the one that led to the admission), `l`, `a`, `c`, `e`,
    `lace` and `risk` (low, moderate, high). diagnoses: from `stated_diagnoses`. van Walraven et al. 2010.
    """
    rule = parameter("groupers/lace", year).value
    ended = checkpoint(
        admissions.filter(_.kind == ACUTE, ~_.died, ~_.still_patient, in_year(_.end_date, year)).select(
            "person_id", "admission_id", "start_date", "end_date", "nights", "admission_type_code"
        )
    )
    visited = visits.select("visit_date", visitor="person_id", led_to="admission_id")
    joined = ended.left_join(
        checkpoint(_points_of_diagnoses(engine, ended, diagnoses, rule, year)), [("admission_id", "coded")]
    )
    joined = joined.left_join(checkpoint(_visits_before(ended, visited, rule)), [("admission_id", "visited")])
    came = visits.filter(_.admission_id.notnull()).select(came="admission_id").distinct()
    joined = joined.left_join(came, [("admission_id", "came")])
    emergent = coalesce(_.admission_type_code, "").isin(rule["emergent_types"]) | _.came.notnull()
    scored = joined.select(
        "person_id",
        "admission_id",
        "nights",
        discharge_date=_.end_date,
        emergent=emergent,
        comorbidity=coalesce(_.comorbidity, literal(0, "int64")),
        visits=coalesce(_.visits, literal(0, "int64")),
    )
    scored = scored.mutate(
        l=nights_points(_.nights, rule),
        a=ifelse(_.emergent, rule["emergent"], 0),
        c=comorbidity_points(_.comorbidity, rule),
        e=least(_.visits, literal(rule["visits_cap"])),
    ).mutate(lace=(_.l + _.a + _.c + _.e).cast("int64"))
    risk = cases(
        (_.lace >= rule["high"], literal("high")), (_.lace >= rule["moderate"], literal("moderate")), else_="low"
    )
    return checkpoint(scored.mutate(risk=risk))


def nights_points(nights: Value, rule: dict[str, Any]) -> Value:
    """The points of the length of stay (van Walraven et al. 2010)."""
    return cases(*[(nights >= least_nights, literal(points)) for least_nights, points in rule["nights"]], else_=0)


def comorbidity_points(points: Value, rule: dict[str, Any]) -> Value:
    """The points of comorbidity: as many as there are, from the cap on always the same (van Walraven et al. 2010)."""
    return ifelse(points >= rule["comorbidity"]["cap"], literal(rule["comorbidity"]["capped"]), points)


def _points_of_diagnoses(engine: Engine, ended: Table, diagnoses: Table, rule: dict[str, Any], year: int) -> Table:
    """Comorbidity points from the claims up to the discharge, of so many days."""
    spans = ended.select(
        "admission_id", spanned="person_id", since=_.end_date.epoch_days() - rule["lookback_days"],
        through=_.end_date.epoch_days(),
    )  # fmt: skip
    rows = diagnoses.select("person_id", "code", day=_.date.epoch_days()).distinct()
    known = rows.join(
        spans, [rows.person_id == spans.spanned, rows.day >= spans.since, rows.day <= spans.through]
    ).select("admission_id", "code")
    found = comorbidities(engine, known.distinct(), "charlson", year, keys=("admission_id",))
    return found.group_by(coded=_.admission_id).agg(comorbidity=whole(_.lace_points.sum()))


def _visits_before(ended: Table, visits: Table, rule: dict[str, Any]) -> Table:
    """Visits of the months before each admission, but for the one that led to it."""
    pairs = ended.select("person_id", "admission_id", "start_date").join(visits, [("person_id", "visitor")])
    months = month_number(_.start_date) - month_number(_.visit_date)
    recent = (months < rule["months"]) | ((months == rule["months"]) & (_.visit_date.day() >= _.start_date.day()))
    others = coalesce(_.led_to, literal("")) != _.admission_id
    before = pairs.filter(_.visit_date < _.start_date, recent, others)
    return before.group_by(visited=_.admission_id).agg(visits=_.count())

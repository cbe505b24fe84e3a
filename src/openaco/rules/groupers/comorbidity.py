"""Charlson and Elixhauser comorbidities of people and stays (Quan et al. 2005; 45 CFR 162.1002(c) codes)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from openaco.engine import Checkpoint, Engine, Table, _, cases, coalesce, date_of, lazily, literal
from openaco.parameters import parameter
from openaco.rules.groupers.code_sets import beginnings, in_sets, set_table
from openaco.rules.groupers.codes import whole


def comorbidities(
    engine: Engine, diagnoses: Table, index: str, year: int, keys: Sequence[str] = ("person_id",)
) -> Table:
    """The conditions of an index that diagnoses show, those that are outranked left out. Quan et al. 2005.

    index: charlson or elixhauser. diagnoses: `code` and the keys. Grain: one condition for each value of the keys.
    Columns: the keys, `condition`, and the points of the index's table.
    """
    rows = parameter("groupers/charlson" if index == "charlson" else "groupers/elixhauser", year).value
    sets = set_table(engine, {row["condition"]: beginnings(row["codes"]) for row in rows})
    named = diagnoses.join(in_sets(diagnoses.select("code"), sets), [("code", "set_code")])
    present = named.select(*keys, condition=_.set_name).distinct()
    outranking = {row["condition"]: row["outranked_by"] for row in rows if row["outranked_by"]}
    for condition, better in outranking.items():
        has_better = present.filter(_.condition == better).select(*keys)
        beaten = present.filter(_.condition == condition).semi_join(has_better, list(keys))
        present = present.anti_join(beaten, [*keys, "condition"])
    return present.mutate(**{name: _points(rows, name) for name in _POINTS if name in rows[0]})


def comorbidity_scores(
    engine: Engine, diagnoses: Table, people: Table, year: int, *, checkpoint: Checkpoint = lazily
) -> Table:
    """Charlson and Elixhauser of people, as of the last day of a year. Grain: one person of `people`.

    Columns: `person_id`, `charlson` (1987 points), `charlson_updated` (Quan et al. 2011), `charlson_conditions`,
    `elixhauser` (van Walraven et al. 2009), `elixhauser_conditions`. Diagnoses of the days and settings of
    `groupers/comorbidity_window`. Quan et al. 2005.
    """
    rule = parameter("groupers/comorbidity_window", year).value
    last = datetime.date(year, 12, 31)
    first = last - datetime.timedelta(days=rule["days"] - 1)
    recent = diagnoses.filter(_.setting.isin(rule["settings"]), _.date.between(date_of(first), date_of(last)))
    recent = checkpoint(recent.select("person_id", "code").distinct())
    scores = people.select("person_id").distinct()
    for index, sums in _SUMS.items():
        found = comorbidities(engine, recent, index, year)
        by_person = found.group_by(scored="person_id").agg(
            **{name: whole(_[points].sum()) for name, points in sums.items()},
            **{f"{index}_conditions": _.count()},
        )
        scores = scores.left_join(by_person, [("person_id", "scored")]).drop("scored")
    columns = [name for index, sums in _SUMS.items() for name in (*sums, f"{index}_conditions")]
    return scores.mutate(**{name: coalesce(_[name], literal(0, "int64")) for name in columns})


_POINTS = ("points", "points_updated", "lace_points")
_SUMS = {
    "charlson": {"charlson": "points", "charlson_updated": "points_updated"},
    "elixhauser": {"elixhauser": "points"},
}


def _points(rows: Sequence[dict[str, str]], column: str) -> Any:
    branches = [(_.condition == row["condition"], literal(int(row[column]))) for row in rows]
    return cases(*branches, else_=literal(0)).cast("int64")

"""Emergency visits by the probabilities of the NYU algorithm, as Johnston et al. 2017 keep it up (42 CFR 425.500).

The table of probabilities is the user's (`ed_classification`).
"""

from __future__ import annotations

from openaco.engine import Engine, Table, _, coalesce, literal
from openaco.feeds.code_tables import CodeTables

CLASSES = (
    "non_emergent",
    "primary_care_treatable",
    "preventable",
    "not_preventable",
    "injury",
    "mental_health",
    "alcohol",
    "drug",
)
"""Not emergent; emergent but treatable in primary care; emergency care needed but preventable; not preventable; …"""


def classified_visits(engine: Engine, visits: Table, tables: CodeTables) -> Table | None:
    """Emergency visits with the probability of each class, by their principal diagnosis. Grain: one visit.

    Columns: `visit_id`, `person_id`, `disposition`, `classified` (whether the table knows the diagnosis), one number a
    class of `CLASSES` (zero where not classified), `avoidable` (non-emergent and primary care treatable together). The
    algorithm was made for visits that do not end in admission: filter by `disposition`. None where the user has not
    loaded the table. Johnston et al. 2017.
    """
    loaded = tables.get("ed_classification")
    if loaded is None:
        return None
    known = engine.checkpoint(engine.from_arrow(loaded))
    numbers = {name: _[name].nullif("").cast("float64").max() for name in CLASSES}
    by_code = known.group_by(class_code=_.code).agg(**numbers)
    code = coalesce(_.principal_diagnosis_code, "").upper().replace(".", "").strip()
    joined = visits.mutate(plain=code).left_join(by_code, [("plain", "class_code")])
    shares = {name: coalesce(_[name], literal(0.0)) for name in CLASSES}
    found = joined.select("visit_id", "person_id", "disposition", classified=_.class_code.notnull(), **shares)
    return found.mutate(avoidable=_.non_emergent + _.primary_care_treatable)

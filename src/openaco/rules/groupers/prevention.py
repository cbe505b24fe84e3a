"""Admissions that good care outside hospital might have prevented: AHRQ's Prevention Quality Indicators.

AHRQ Quality Indicators, PQI software v2025; rules in `parameters/groupers/pqi*`. 42 CFR 425.500 (quality of care).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openaco.engine import BooleanValue, Checkpoint, Engine, Table, _, cases, coalesce, ifelse, lazily, literal, stack
from openaco.feeds.code_tables import CodeTables
from openaco.parameters import parameter
from openaco.rules.enrollment import in_year
from openaco.rules.groupers.code_sets import Beginning, beginnings, in_sets, set_table
from openaco.rules.groupers.codes import all_of, any_of, listed
from openaco.rules.groupers.stays import ACUTE

PROCEDURE_SETS = ("ACSLEAP", "ACSCARP", "DIALY2P", "IMMUNIP")
COMPOSITES = {"90": ("acute", "chronic"), "91": ("acute",), "92": ("chronic",)}
TRANSFERRED, NOT_GROUPED = "transferred in", "DRG not groupable"
SECOND_STAY = "later stay of the same admission"
Sets = Mapping[str, tuple[Beginning, ...]]


def pqi_sets(tables: CodeTables, year: int) -> dict[str, tuple[Beginning, ...]]:
    """The code sets that are at hand: all of a loaded table, else those that OpenACO holds. AHRQ PQI v2025.

    A loaded table may call the sets by AHRQ's names or by those of the Tuva value sets.
    """
    rows = parameter("groupers/pqi_sets", year).value
    loaded = tables.get("pqi")
    if loaded is None:
        return {row["set"]: tuple(beginnings(row["codes"])) for row in rows if row["codes"]}
    by_name: dict[str, list[Beginning]] = {}
    for name, code in zip(loaded["set"].to_pylist(), loaded["code"].to_pylist(), strict=True):
        by_name.setdefault(name.lower(), []).append(Beginning(code, "$"))
    found = {}
    for row in rows:
        codes = by_name.get(row["set"].lower()) or by_name.get(row["published_name"] or "-")
        if codes or row["codes"]:
            found[row["set"]] = tuple(codes) if codes else tuple(beginnings(row["codes"]))
    return found


def unknown_sets(sets: Sets, year: int) -> dict[str, tuple[str, ...]]:
    """The sets that an indicator asks for and nobody has: by indicator, those without which it cannot be told apart.

    AHRQ PQI v2025. An indicator without its `principal` or `procedures` is not computed; without an exclusion it is
    computed and counts too many.
    """
    found = {}
    for row in parameter("groupers/pqi", year).value:
        names = _names(row["principal"], row["procedures"], row["also"], row["excluded"])
        lacking = tuple(name for name in names if name not in sets)
        if lacking:
            found[row["pqi"]] = lacking
    return found


def prevention_admissions(
    engine: Engine,
    stays: Table,
    stay_claims: Table,
    diagnoses: Table,
    procedures: Table,
    people: Table,
    sets: Sets,
    year: int,
    *,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """Acute stays that an indicator names, counted or not, with the reason. Grain: one stay, one indicator.

    Columns: `person_id`, `stay_id`, `pqi` (01 … 16, and the composites 90, 91, 92), `discharge_date`, `age` at
    admission, `counts`, `reason` (blank where it counts). Discharges of the year; stays: from `with_admissions`;
    diagnoses, procedures: from `diagnoses`. Sets that nobody has exclude nothing. AHRQ PQI v2025.
    """
    cohort = checkpoint(_discharges(stays, people, year))
    flags = checkpoint(_flags(engine, cohort, stay_claims, diagnoses, procedures, sets))
    rows = [row for row in parameter("groupers/pqi", year).value if _computable(row, sets)]
    singles = [_indicator(cohort, flags, row) for row in rows]
    found = checkpoint(stack(singles))
    groups = {row["pqi"]: row["composite"] for row in rows}
    kinds = cases(*[(_.pqi == number, literal(kind)) for number, kind in groups.items()], else_="")
    composites = []
    for number, of_kinds in COMPOSITES.items():
        counted = found.filter(_.counts).mutate(kind=kinds).filter(_.kind.isin(list(of_kinds)))
        by = ("person_id", "stay_id", "discharge_date", "age", "counts", "reason")
        composites.append(counted.select(*by).distinct().mutate(pqi=literal(number)).select(*found.columns))
    return checkpoint(stack([found, *composites]))


def prevention_rates(found: Table, people: int, per: int) -> Table:
    """Counted admissions and the rate per so many people, by indicator. AHRQ states rates per 100,000 adults.

    found: from `prevention_admissions`. people: those of the population in the indicator's ages. Observed rates, not
    risk-adjusted. AHRQ PQI v2025.
    """
    counted = found.filter(_.counts).group_by("pqi").agg(admissions=_.count(), people=_.person_id.nunique())
    return counted.mutate(rate=_.admissions.cast("float64") * per / people)


def age_on(birth: Any, day: Any) -> Any:
    """Completed years of age on a day. AHRQ PQI v2025: age in years at admission; 42 CFR 406.10 counts them alike."""
    had = (birth.month() * 100 + birth.day()) <= (day.month() * 100 + day.day())
    return ifelse(had, 0, -1) - birth.year() + day.year()


def _discharges(stays: Table, people: Table, year: int) -> Table:
    rule = parameter("groupers/pqi_cohort", year).value
    ended = stays.filter(
        _.kind == ACUTE, ~_.still_patient, in_year(_.end_date, year), _.principal_diagnosis_code.notnull()
    )
    known = people.filter(_.birth_date.notnull(), coalesce(_.sex_code, "0").isin(["1", "2"])).select(
        known_person="person_id", birth="birth_date"
    )
    joined = ended.join(known, [("person_id", "known_person")])
    reason = cases(
        (coalesce(_.ms_drg_code, "").isin(rule["ungroupable_drgs"]), literal(NOT_GROUPED)),
        (coalesce(_.admission_source_code, "").isin(rule["transferred_from"]), literal(TRANSFERRED)),
        (~_.is_first, literal(SECOND_STAY)),
        else_=literal(""),
    )
    return joined.select(
        "person_id",
        "stay_id",
        discharge_date=_.end_date,
        age=age_on(_.birth, _.start_date).cast("int64"),
        shared_reason=reason,
    )


def _flags(engine: Engine, cohort: Table, stay_claims: Table, diagnoses: Table, procedures: Table, sets: Sets) -> Table:
    """Which sets occur on a stay: `stay_id`, `set_name`, `principal` (1 where it is the principal diagnosis)."""
    of_diagnoses = set_table(engine, {name: codes for name, codes in sets.items() if name not in PROCEDURE_SETS})
    of_procedures = set_table(engine, {name: sets.get(name, ()) for name in PROCEDURE_SETS})
    claims = stay_claims.semi_join(cohort, "stay_id").select("stay_id", of_claim="claim_id")
    parts = []
    for rows, known in ((diagnoses, of_diagnoses), (procedures, of_procedures)):
        principal = ifelse(_.principal, 1, 0) if "principal" in rows.columns else literal(0)
        on_stays = rows.mutate(first=principal).join(claims, [("claim_id", "of_claim")])
        named = on_stays.join(in_sets(on_stays.select("code"), known), [("code", "set_code")])
        parts.append(named.group_by("stay_id", "set_name").agg(principal=_.first.max().cast("int64")))
    return stack(parts)


def _indicator(cohort: Table, flags: Table, row: Mapping[str, str]) -> Table:
    wanted = _names(row["principal"], row["procedures"], row["also"], row["excluded"])
    columns: dict[str, Any] = {}
    for name in wanted:
        columns[f"has_{name}"] = ifelse(_.set_name == name, 1, 0).max()
        columns[f"first_{name}"] = ifelse((_.set_name == name) & (_.principal == 1), 1, 0).max()
    wide = flags.filter(_.set_name.isin(sorted(wanted))).group_by(flagged="stay_id").agg(**columns)
    joined = cohort.join(wide, [("stay_id", "flagged")])
    met = [any_of(_[f"first_{name}"] == 1 for name in listed(row["principal"]))] if row["principal"] else []
    met += [_[f"has_{name}"] == 1 for name in (*listed(row["procedures"]), *listed(row["also"]))]
    ages = _.age.between(int(row["age_from"]), int(row["age_through"] or 200))
    reasons = [(_excluded(item), literal(f"excluded: {item}")) for item in listed(row["excluded"])]
    reason = cases((_.shared_reason != "", _.shared_reason), *reasons, else_=literal(""))
    found = joined.filter(all_of(met), ages).mutate(reason=reason)
    return found.select(
        "person_id",
        "stay_id",
        "discharge_date",
        "age",
        "reason",
        pqi=literal(row["pqi"]),
        counts=_.reason == "",
    )


def _excluded(item: str) -> BooleanValue:
    first, _colon, names = item.rpartition(":")
    prefix = "first" if first == "principal" else "has"
    return all_of(_[f"{prefix}_{name}"] == 1 for name in names.split("+"))


def _names(*texts: str) -> tuple[str, ...]:
    """The sets that some cells name: `ACSHY2D+DIALY2P;ACSCARP`, `principal:MDC14PRINDX`."""
    items: Iterable[str] = (part for text in texts for item in listed(text) for part in item.split("+"))
    return tuple(dict.fromkeys(item.rpartition(":")[2] for item in items))


def _computable(row: Mapping[str, str], sets: Sets) -> bool:
    return all(name in sets for name in _names(row["procedures"], row["also"])) and (
        not row["principal"] or any(name in sets for name in listed(row["principal"]))
    )

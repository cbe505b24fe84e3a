"""Chronic conditions by the algorithms of the CMS Chronic Conditions Data Warehouse, and people with several.

How many claims of which kind within which reference period make a condition: `parameters/groupers/conditions`.
42 CFR 425.500 (measure 484 of the quality performance standard).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from openaco.engine import BooleanValue, Checkpoint, Engine, Table, _, cases, coalesce, date_of, ifelse, lazily, literal
from openaco.feeds.code_tables import CodeTables
from openaco.parameters import parameter
from openaco.rules.groupers.code_sets import Beginning, beginnings, in_sets, set_table
from openaco.rules.groupers.diagnoses import STAYS
from openaco.rules.groupers.prevention import age_on

COUNTED = {
    "all": (*STAYS, "outpatient", "professional"),
    "inpatient": ("inpatient",),
    "inpatient_or_nursing": ("inpatient", "skilled_nursing"),
    "part_b": ("outpatient", "professional"),
}


def condition_sets(tables: CodeTables, year: int) -> dict[str, tuple[Beginning, ...]]:
    """The codes of each condition: a loaded table's for the conditions it names, else OpenACO's condensed ones.

    CMS Chronic Conditions Data Warehouse. A loaded condition without a counting rule here is left out.
    """
    rows = parameter("groupers/conditions", year).value
    sets = {row["condition"]: tuple(beginnings(row["codes"])) for row in rows}
    loaded = tables.get("chronic_conditions")
    if loaded is None:
        return sets
    by_name: dict[str, list[Beginning]] = {}
    columns = (loaded[name].to_pylist() for name in ("condition", "code", "system", "inclusion"))
    for name, code, system, inclusion in zip(*columns, strict=True):
        if system.upper().startswith("ICD-10-CM") and inclusion.lower() in ("include", "inclusion", ""):
            by_name.setdefault(_same_name(name), []).append(Beginning(code, "$"))
    for row in rows:
        codes = by_name.get(_same_name(row["label"])) or by_name.get(_same_name(row["condition"]))
        if codes:
            sets[row["condition"]] = tuple(codes)
    return sets


def conditions(
    engine: Engine,
    diagnoses: Table,
    sets: Mapping[str, tuple[Beginning, ...]],
    as_of: datetime.date,
    year: int,
    *,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """The chronic conditions of people on a day. Grain: one person, one condition.

    Columns: `person_id`, `condition`, `first_date` and `last_date` of its claims within the reference period,
    `stay_claims`, `other_days`. diagnoses: from `stated_diagnoses`, reaching back over the reference period; what lies
    before the first claims is not known. as_of: last day of the reference period. year: whose tables hold.
    CMS Chronic Conditions Data Warehouse.
    """
    rules = parameter("groupers/conditions", year).value
    known = diagnoses.filter(_.date <= date_of(as_of), _.date >= date_of(_years_before(as_of, _longest(rules))))
    codes = set_table(engine, {**sets, **_exclusions(year)})
    named = known.join(in_sets(known.select("code"), codes), [("code", "set_code")])
    claims = checkpoint(
        named.group_by("person_id", "claim_id", "setting", "date", "set_name").agg(
            principal=ifelse(_.principal, 1, 0).max()
        )
    )
    counted = claims.filter(_.set_name.isin([row["condition"] for row in rules])).mutate(
        reference=cases(
            *[
                (_.set_name == row["condition"], date_of(_years_before(as_of, int(row["reference_years"]))))
                for row in rules
            ]
        )
    )
    counted = _without_excluded(counted.filter(_.date > _.reference), claims, rules)
    counted = counted.filter(_counts(rules))
    in_stay = _.setting.isin(list(STAYS))
    by_person = counted.group_by("person_id", condition=_.set_name).agg(
        first_date=_.date.min(),
        last_date=_.date.max(),
        stay_claims=_.claim_id.nunique(where=in_stay),
        other_days=_.date.nunique(where=~in_stay),
    )
    return checkpoint(by_person.filter(_qualifies(rules)))


def multiple_chronic_conditions(people: Table, found: Table, year: int) -> Table:
    """People of measure 484's cohort and their groups. Grain: one person of 65 and older with two groups or more.

    found: `conditions` as of the day before the year. Columns: `person_id`, `age` on that day, `groups` (number), and
    one flag a group. Enrollment and exclusions of the measure are not looked at. CMS measure 484.
    """
    rule = parameter("groupers/multiple_chronic", year).value
    rows = [row for row in parameter("groupers/conditions", year).value if row["mcc_group"]]
    group = cases(*[(_.condition == row["condition"], literal(row["mcc_group"])) for row in rows], else_="")
    named = found.mutate(group=group).filter(_.group != "")
    names = list(dict.fromkeys(row["mcc_group"] for row in rows))
    flags = {name: ifelse(_.group == name, 1, 0).max() == 1 for name in names}
    by_person = named.group_by(grouped="person_id").agg(groups=_.group.nunique(), **flags)
    as_of = date_of(year - 1, 12, 31)
    living = people.filter(_.birth_date.notnull(), coalesce(_.death_date > as_of, literal(True)))
    aged = living.select("person_id", age=age_on(_.birth_date, as_of).cast("int64")).filter(_.age >= rule["age"])
    joined = aged.join(by_person, [("person_id", "grouped")]).drop("grouped")
    return joined.filter(_.groups >= rule["groups"])


def _without_excluded(counted: Table, claims: Table, rules: tuple[dict[str, str], ...]) -> Table:
    for row in rules:
        if row["excluded_with"]:
            beside = claims.filter(_.set_name == row["excluded_with"]).select("claim_id", "setting").distinct()
            beside = beside.mutate(set_name=literal(row["condition"]))
            counted = counted.anti_join(beside, ["claim_id", "setting", "set_name"])
    return counted


def _counts(rules: tuple[dict[str, str], ...]) -> BooleanValue:
    """Whether a claim is of a setting that the condition counts, with the code where it asks for it."""
    branches = []
    for row in rules:
        allowed = _.setting.isin(list(COUNTED[row["settings"]]))
        if row["principal_only"] == "yes":
            allowed = allowed & (_.principal == 1)
        branches.append((_.set_name == row["condition"], allowed))
    return cases(*branches, else_=literal(False))


def _qualifies(rules: tuple[dict[str, str], ...]) -> BooleanValue:
    branches = []
    for row in rules:
        enough: BooleanValue = literal(False)
        if row["inpatient_claims"]:
            enough = enough | (_.stay_claims >= int(row["inpatient_claims"]))
        if row["other_claims"]:
            enough = enough | (_.other_days >= int(row["other_claims"]))
        branches.append((_.condition == row["condition"], enough))
    return cases(*branches, else_=literal(False))


def _exclusions(year: int) -> dict[str, list[Beginning]]:
    rows = parameter("groupers/condition_exclusions", year).value
    return {row["set"]: beginnings(row["codes"]) for row in rows}


def _longest(rules: tuple[dict[str, str], ...]) -> int:
    return max(int(row["reference_years"]) for row in rules)


def _years_before(day: datetime.date, years: int) -> datetime.date:
    """The day so many years before; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _same_name(name: str) -> str:
    """A name without what its spellings differ in."""
    return "".join(sign for sign in name.lower() if sign.isalnum())

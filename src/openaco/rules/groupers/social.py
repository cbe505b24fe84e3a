"""Social needs that claims state (Z codes), and indexes of the place where a person lives (42 CFR 425.512, 425.652).

Place indexes are the user's tables: the Social Vulnerability Index of CDC/ATSDR and the Area Deprivation Index.
"""

from __future__ import annotations

from typing import Any

from openaco.engine import Engine, Table, Value, _, cases, coalesce, literal, null
from openaco.feeds.code_tables import CodeTables
from openaco.parameters import parameter
from openaco.rules.claims import with_person
from openaco.rules.enrollment import in_year
from openaco.rules.groupers.code_sets import beginnings, in_sets, set_table

NOT_LOADED, NO_PLACE, NOT_LISTED, SUPPRESSED = "not loaded", "place not known", "place not in the table", "suppressed"
THEMES = ("overall", "theme_1", "theme_2", "theme_3", "theme_4")


def social_needs(engine: Engine, diagnoses: Table, year: int) -> Table:
    """Needs that the claims of a year state. Grain: one person, one domain: `first_date`, `last_date`, `claims`.

    diagnoses: from `stated_diagnoses`. ICD-10-CM guidelines I.C.21.c.17 (45 CFR 162.1002(c)(2)).
    """
    rows = parameter("groupers/social_needs", year).value
    sets = set_table(engine, {row["domain"]: beginnings(row["codes"]) for row in rows})
    of_year = diagnoses.filter(in_year(_.date, year))
    named = of_year.join(in_sets(of_year.select("code"), sets), [("code", "set_code")])
    return named.group_by("person_id", domain=_.set_name).agg(
        first_date=_.date.min(), last_date=_.date.max(), claims=_.claim_id.nunique()
    )


def places(beneficiary: Table, identities: Table) -> Table:
    """Where people live, as the newest delivery says: `person_id`, `county` (FIPS, 5 digits), `zip_code`.

    Grain: one person. CCLF states no census tract and no block group. CCLF packet v38, 3.1.
    """
    rows = with_person(beneficiary, identities).mutate(
        county=coalesce(_.state_fips_code, "") + coalesce(_.county_fips_code, "")
    )
    stated = rows.group_by("person_id", "delivery_id").agg(county=_.county.max(), zip_code=_.zip_code.max())
    return stated.group_by("person_id").agg(
        county=_.county.argmax(_.delivery_id, where=_.county.length() == 5),
        zip_code=_.zip_code.argmax(_.delivery_id, where=_.zip_code.notnull()),
    )


def area_indexes(engine: Engine, places: Table, tables: CodeTables) -> Table:
    """The indexes of the place where each person lives. Grain: one person of `places`.

    Columns: `person_id`; `svi` and `svi_theme_1` … `_4` (share of places less vulnerable, 0 to 1), `svi_by` (county or
    zip code), `svi_missing`; `adi_national_rank` (1 to 100), `adi_state_rank` (1 to 10), `adi_missing`. `…_missing`
    says why there is none: not loaded, place not known, place not in the table, suppressed. places: `person_id`,
    `county`, `zip_code`, and `block_group` (12 digits) or `zip_9` where the user knows them: ADI is by these alone.
    42 CFR 425.512(b) (ADI in the quality adjustment of 2023-2025).
    """
    people = places
    for name in ("county", "zip_code", "block_group", "zip_9"):
        if name not in people.columns:
            people = people.mutate(**{name: null("string")})
    return _with_adi(engine, _with_svi(engine, people, tables), tables).drop(
        "county", "zip_code", "block_group", "zip_9"
    )


def _with_svi(engine: Engine, people: Table, tables: CodeTables) -> Table:
    names = {"svi": "county", "svi_zip": "zip_code"}
    loaded = {table: place for table, place in names.items() if tables.get(table) is not None}
    found = people
    values: dict[str, list[Value]] = {name: [] for name in THEMES}
    for table, place in loaded.items():
        rows = engine.checkpoint(engine.from_arrow(tables.get(table)))
        shares = {f"{table}_{name}": _share(_[name]).max() for name in THEMES}
        by_place = rows.group_by(**{f"{table}_place": _digits(_.place, 5)}).agg(**shares)
        found = found.left_join(by_place, [(place, f"{table}_place")])
        for name in THEMES:
            values[name].append(_[f"{table}_{name}"])
    picked: dict[str, Value] = {}
    for name in THEMES:
        column = "svi" if name == "overall" else f"svi_{name}"
        picked[column] = coalesce(*values[name], null("float64")) if values[name] else null("float64")
    listed: Any = literal(False)
    stated: Any = literal(False)
    by: list[tuple[Any, Any]] = []
    for table, place in loaded.items():
        listed = listed | _[f"{table}_place"].notnull()
        stated = stated | (coalesce(_[place], "") != "")
        by.append((_[f"{table}_overall"].notnull(), literal(place.removesuffix("_code"))))
    missing = cases(
        (literal(not loaded), literal(NOT_LOADED)),
        (~stated, literal(NO_PLACE)),
        (~listed, literal(NOT_LISTED)),
        else_=literal(SUPPRESSED),
    )
    svi_by = cases(*by, else_=null("string")) if by else null("string")
    marked = found.mutate(**picked, svi_by=svi_by).mutate(svi_missing=missing_unless(_.svi, missing))
    columns = [*people.columns, *picked, "svi_by", "svi_missing"]
    return marked.select(*columns)


def _with_adi(engine: Engine, people: Table, tables: CodeTables) -> Table:
    loaded = tables.get("adi")
    if loaded is None:
        nothing = {"adi_national_rank": null("int64"), "adi_state_rank": null("int64")}
        return people.mutate(**nothing, adi_missing=literal(NOT_LOADED))
    rows = engine.checkpoint(engine.from_arrow(loaded)).filter(_.place != "")
    ranks = {f"adi_{name}": _rank(_[name]).max() for name in ("national_rank", "state_rank")}
    by_place = rows.group_by(adi_place=_.place).agg(**ranks)
    place = coalesce(_.block_group, _.zip_9)
    joined = people.mutate(adi_key=place).left_join(by_place, [("adi_key", "adi_place")])
    missing = cases(
        (joined.adi_key.isnull(), literal(NO_PLACE)),
        (joined.adi_place.isnull(), literal(NOT_LISTED)),
        else_=literal(SUPPRESSED),
    )
    marked = joined.mutate(adi_missing=missing_unless(joined.adi_national_rank, missing))
    return marked.drop("adi_key", "adi_place")


def missing_unless(value: Value, why: Value) -> Value:
    """Why there is no value; blank where there is one. 42 CFR 425.512(b)."""
    return cases((value.notnull(), null("string")), else_=why)


def _share(text: Value) -> Value:
    """A rank between 0 and 1; CDC writes -999 for a place without one."""
    number = text.nullif("").try_cast("float64")
    return cases((number < 0, null("float64")), else_=number)


def _rank(text: Value) -> Value:
    """A rank; PH, GQ and other letters (few people, group quarters) are none."""
    return text.nullif("").try_cast("int64")


def _digits(text: Value, length: int) -> Value:
    """A code of digits with its leading zeros."""
    return text.strip().lpad(length, "0")

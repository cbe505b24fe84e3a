"""What claims say of people: chronic conditions, comorbidity, LACE, high needs, social needs, places."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from groupers_world import claims_of, code_tables, of_person, people_of, stays_of, who_in
from openaco.engine import Engine, Table, _
from openaco.feeds.code_tables import CodeTables
from openaco.parameters import parameter
from openaco.rules.groupers.comorbidity import comorbidities, comorbidity_scores
from openaco.rules.groupers.conditions import condition_sets, conditions, multiple_chronic_conditions
from openaco.rules.groupers.diagnoses import stated_diagnoses, stated_procedures
from openaco.rules.groupers.emergency import emergency_visits, observation_stays
from openaco.rules.groupers.high_needs import CRITERIA, high_needs
from openaco.rules.groupers.lace import comorbidity_points, lace_index, nights_points
from openaco.rules.groupers.planned import planned_admissions
from openaco.rules.groupers.social import area_indexes, places, social_needs
from openaco.tables import Beneficiary, MbiCrosswalk
from spec_tables import cells, table_of

YEAR = 2024
LAST_DAY = datetime.date(2024, 12, 31)
STATED = pa.schema(
    [
        ("person_id", pa.string()),
        ("claim_id", pa.string()),
        ("setting", pa.string()),
        ("date", pa.date32()),
        ("code", pa.string()),
        ("principal", pa.bool_()),
    ]
)


def stated(engine: Engine, text: str) -> Table:
    """Diagnoses from a table `who | setting | date | code`, each on a claim of its own."""
    rows = [
        {
            "person_id": row["who"],
            "claim_id": row.get("claim") or str(number),
            "setting": row["setting"],
            "date": datetime.date.fromisoformat(str(row["date"])),
            "code": row["code"],
            "principal": True,
        }
        for number, row in enumerate(cells(text))
    ]
    return engine.from_arrow(pa.Table.from_pylist(rows, schema=STATED))


QUALIFYING = """
who                     | setting         | date       | code    | claim
----------------------- | --------------- | ---------- | ------- | -----
one stay                | inpatient       | 2024-05-01 | E119    |
one nursing stay        | skilled_nursing | 2024-05-01 | E119    |
one home health claim   | home_health     | 2024-05-01 | E119    |
one visit               | professional    | 2024-05-01 | E119    |
two the same day        | professional    | 2024-05-01 | E119    |
two the same day        | outpatient      | 2024-05-01 | E118    |
two days                | professional    | 2024-05-01 | E119    |
two days                | outpatient      | 2024-05-02 | E1165   |
hospice only            | hospice         | 2024-05-01 | E119    |
first day of two years  | inpatient       | 2023-01-01 | E119    |
the day before          | inpatient       | 2022-12-31 | E119    |
one year, last day      | inpatient       | 2024-12-31 | I480    |
one year, first day     | inpatient       | 2024-01-01 | I480    |
one year, too early     | inpatient       | 2023-12-31 | I480    |
heart attack, inpatient | inpatient       | 2024-05-01 | I214    |
heart attack, visits    | professional    | 2024-05-01 | I214    |
heart attack, visits    | professional    | 2024-06-01 | I214    |
stroke                  | inpatient       | 2024-05-01 | I639    | s1
stroke after a blow     | inpatient       | 2024-05-01 | I639    | s2
stroke after a blow     | inpatient       | 2024-05-01 | S065X0A | s2
cataract in hospital    | inpatient       | 2024-05-01 | H2511   |
cataract, visits        | professional    | 2024-05-01 | H2511   |
cataract, visits        | outpatient      | 2024-06-01 | H2512   |
next year               | inpatient       | 2025-01-01 | E119    |
"""
CONDITIONS = {
    "one stay": {"diabetes"},
    "one nursing stay": {"diabetes"},
    "one home health claim": {"diabetes"},
    "two days": {"diabetes"},
    "first day of two years": {"diabetes"},
    "one year, last day": {"atrial_fibrillation"},
    "one year, first day": {"atrial_fibrillation"},
    "heart attack, inpatient": {"acute_myocardial_infarction", "ischemic_heart_disease"},
    "heart attack, visits": {"ischemic_heart_disease"},
    "stroke": {"stroke_and_tia"},
    "cataract, visits": {"cataract"},
}


def test_how_many_claims_make_a_condition(duckdb_engine: Engine) -> None:
    found = conditions(
        duckdb_engine, stated(duckdb_engine, QUALIFYING), condition_sets(CodeTables(), YEAR), LAST_DAY, YEAR
    )
    told: dict[str, set[str]] = {}
    for row in duckdb_engine.to_rows(found):
        told.setdefault(row["person_id"], set()).add(row["condition"])
    assert told == CONDITIONS


def test_a_loaded_table_replaces_the_codes_of_the_conditions_it_names(duckdb_engine: Engine) -> None:
    loaded = code_tables(
        chronic_conditions={
            "condition": ["Diabetes", "Diabetes", "Diabetes", "Hepatitis"],
            "code": ["E119", "E118", "0016070", "B182"],
            "system": ["ICD-10-CM", "ICD-10-CM", "NDC", "ICD-10-CM"],
            "inclusion": ["Include", "Exclude", "Include", "Include"],
        }
    )
    sets = condition_sets(loaded, YEAR)
    assert [(one.beginning, one.ending) for one in sets["diabetes"]] == [("E119", "$")]
    assert sets["asthma"] == condition_sets(CodeTables(), YEAR)["asthma"]
    text = "who | setting | date | code\n-|-|-|-\na | inpatient | 2024-05-01 | E119\nb | inpatient | 2024-05-01 | E1165"
    found = conditions(duckdb_engine, stated(duckdb_engine, text), sets, LAST_DAY, YEAR)
    assert {row["person_id"] for row in duckdb_engine.to_rows(found)} == {"a"}


SEVERAL = """
who               | setting   | date       | code
----------------- | --------- | ---------- | ----
two groups        | inpatient | 2023-05-01 | E119
two groups        | inpatient | 2023-05-01 | I509
one group         | inpatient | 2023-05-01 | J449
one group         | inpatient | 2023-05-01 | J4551
not of the nine   | inpatient | 2023-05-01 | E119
not of the nine   | inpatient | 2023-05-01 | I10
known too late    | inpatient | 2023-05-01 | E119
known too late    | inpatient | 2024-01-01 | I509
64 then           | inpatient | 2023-05-01 | E119
64 then           | inpatient | 2023-05-01 | I509
65 then           | inpatient | 2023-05-01 | E119
65 then           | inpatient | 2023-05-01 | I509
dead              | inpatient | 2023-05-01 | E119
dead              | inpatient | 2023-05-01 | I509
"""


def test_the_cohort_with_multiple_chronic_conditions(duckdb_engine: Engine) -> None:
    day_before = datetime.date(YEAR - 1, 12, 31)
    known = {
        "birth": {"64 then": datetime.date(1959, 1, 1), "65 then": datetime.date(1958, 12, 31)},
        "death": {"dead": day_before},
    }
    people = people_of(duckdb_engine, sorted({str(row["who"]) for row in cells(SEVERAL)}), **known)
    sets = condition_sets(CodeTables(), YEAR)
    found = conditions(duckdb_engine, stated(duckdb_engine, SEVERAL), sets, day_before, YEAR)
    rows = {row["person_id"]: row for row in duckdb_engine.to_rows(multiple_chronic_conditions(people, found, YEAR))}
    assert {person: row["age"] for person, row in rows.items()} == {"two groups": 83, "65 then": 65}
    assert rows["two groups"]["groups"] == 2
    assert rows["two groups"]["diabetes"]
    assert rows["two groups"]["heart_failure"]
    assert not rows["two groups"]["dementia"]
    groups = {row["mcc_group"] for row in parameter("groupers/conditions", YEAR).value} - {""}
    assert len(groups) == 9


COMORBID = """
who                  | setting      | date       | code
-------------------- | ------------ | ---------- | -----
heart failure        | professional | 2024-05-01 | I509
diabetes twice       | professional | 2024-05-01 | E119
diabetes twice       | professional | 2024-05-01 | E1121
cancer that spread   | inpatient    | 2024-05-01 | C349
cancer that spread   | inpatient    | 2024-05-01 | C787
liver twice          | inpatient    | 2024-05-01 | K746
liver twice          | inpatient    | 2024-05-01 | K7290
three                | inpatient    | 2024-05-01 | I219
three                | inpatient    | 2024-05-01 | J449
three                | inpatient    | 2024-05-01 | N186
same twice           | inpatient    | 2024-05-01 | I219
same twice           | inpatient    | 2024-06-01 | I252
below zero           | professional | 2024-05-01 | E669
below zero           | professional | 2024-05-01 | F329
a year ago, in       | professional | 2024-01-02 | I509
a year ago, out      | professional | 2024-01-01 | I509
nursing home alone   | skilled_nursing | 2024-05-01 | I509
"""
SCORES = {
    # charlson, updated, conditions; elixhauser, conditions
    "heart failure": (1, 2, 1, 7, 1),
    "diabetes twice": (2, 1, 1, 0, 1),
    "cancer that spread": (6, 6, 1, 12, 1),
    "liver twice": (3, 4, 1, 11, 1),
    "three": (4, 2, 3, 8, 2),
    "same twice": (1, 0, 1, 0, 0),
    "below zero": (0, 0, 0, -7, 2),
    "a year ago, in": (1, 2, 1, 7, 1),
    "a year ago, out": (0, 0, 0, 0, 0),
    "nursing home alone": (0, 0, 0, 0, 0),
}


def test_charlson_and_elixhauser(duckdb_engine: Engine) -> None:
    people = people_of(duckdb_engine, SCORES)
    rows = duckdb_engine.to_rows(comorbidity_scores(duckdb_engine, stated(duckdb_engine, COMORBID), people, YEAR))
    columns = ("charlson", "charlson_updated", "charlson_conditions", "elixhauser", "elixhauser_conditions")
    assert {row["person_id"]: tuple(row[name] for name in columns) for row in rows} == SCORES


def test_a_condition_is_outranked_by_the_worse_one(duckdb_engine: Engine) -> None:
    found = comorbidities(duckdb_engine, stated(duckdb_engine, COMORBID), "charlson", YEAR)
    told = {row["condition"] for row in duckdb_engine.to_rows(found.filter(_.person_id == "cancer that spread"))}
    assert told == {"metastatic_cancer"}


LACE = parameter("groupers/lace", YEAR).value


@pytest.mark.parametrize(
    ("nights", "points"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (6, 4), (7, 5), (13, 5), (14, 7), (15, 7), (400, 7)],
)
def test_lace_points_of_nights(duckdb_engine: Engine, nights: int, points: int) -> None:
    table = duckdb_engine.from_arrow(pa.table({"nights": [nights]}))
    assert duckdb_engine.to_rows(table.select(points=nights_points(_.nights, LACE))) == [{"points": points}]


@pytest.mark.parametrize(("sum_of", "points"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (5, 5), (17, 5)])
def test_lace_points_of_comorbidity(duckdb_engine: Engine, sum_of: int, points: int) -> None:
    table = duckdb_engine.from_arrow(pa.table({"sum_of": [sum_of]}))
    assert duckdb_engine.to_rows(table.select(points=comorbidity_points(_.sum_of, LACE))) == [{"points": points}]


AT_DISCHARGE = """
id | who             | type | ccn    | facility | class | from       | thru       | status | dx    | came_by
-- | --------------- | ---- | ------ | -------- | ----- | ---------- | ---------- | ------ | ----- | -------
a  | elective, short | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-01 | 01     | M170  | 3
b  | emergency, long | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-15 | 01     | I509  | 1
c  | died            | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-05 | 20     | I509  | 1
d1 | six visits      | 60   | 250001 | 1        | 1     | 2024-07-15 | 2024-07-17 | 01     | R079  | 3
d2 | six visits      | 40   | 250001 | 1        | 3     | 2024-07-15 | 2024-07-15 | 01     | R079  |
d3 | six visits      | 40   | 250001 | 1        | 3     | 2024-07-14 | 2024-07-14 | 01     | R079  |
d4 | six visits      | 40   | 250001 | 1        | 3     | 2024-01-15 | 2024-01-15 | 01     | R079  |
d5 | six visits      | 40   | 250001 | 1        | 3     | 2024-01-14 | 2024-01-14 | 01     | R079  |
e1 | sick for long   | 60   | 250001 | 1        | 1     | 2024-07-15 | 2024-07-17 | 01     | R079  | 3
f1 | in two places   | 60   | 250001 | 1        | 1     | 2024-05-01 | 2024-05-03 | 02     | R079  | 3
f2 | in two places   | 60   | 250002 | 1        | 1     | 2024-05-03 | 2024-05-08 | 01     | R079  | 3
"""
ROOMS = """
id | who | line | center | on
-- | --- | ---- | ------ | ----------
d2 | x   | 1    | 0450   | 2024-07-15
d3 | x   | 1    | 0450   | 2024-07-14
d4 | x   | 1    | 0450   | 2024-01-15
d5 | x   | 1    | 0450   | 2024-01-14
"""
VISITED = """
id | who           | hcpcs | from       | thru       | diagnosis_code_1 | diagnosis_code_2
-- | ------------- | ----- | ---------- | ---------- | ---------------- | ----------------
v1 | sick for long | 99213 | 2023-07-18 | 2023-07-18 | G309             | M069
v2 | sick for long | 99213 | 2023-07-17 | 2023-07-17 | C787             |
v3 | sick for long | 99213 | 2024-07-18 | 2024-07-18 | B20              |
"""
INDEX = {
    # nights, l, a, comorbidity, c, visits, e, lace, risk
    "elective, short": (0, 0, 0, 0, 0, 0, 0, 0, "low"),
    "emergency, long": (14, 7, 3, 2, 2, 0, 0, 12, "high"),
    "six visits": (2, 2, 3, 0, 0, 1, 1, 6, "moderate"),
    "sick for long": (2, 2, 0, 6, 5, 0, 0, 7, "moderate"),
    "in two places": (7, 5, 0, 0, 0, 0, 0, 5, "moderate"),
}


def test_lace_at_discharge(duckdb_engine: Engine) -> None:
    claims = claims_of(duckdb_engine, stays=AT_DISCHARGE, lines=ROOMS, carrier=VISITED)
    people = people_of(duckdb_engine, who_in(AT_DISCHARGE))
    stays, found, _members = stays_of(duckdb_engine, claims, people)
    observed = observation_stays(claims, people, YEAR, checkpoint=duckdb_engine.checkpoint)
    visits = emergency_visits(claims, people, stays, observed, YEAR, checkpoint=duckdb_engine.checkpoint)
    coded = duckdb_engine.checkpoint(stated_diagnoses(claims, checkpoint=duckdb_engine.checkpoint))
    rows = duckdb_engine.to_rows(
        lace_index(duckdb_engine, found, visits, coded, YEAR, checkpoint=duckdb_engine.checkpoint)
    )
    names = ("nights", "l", "a", "comorbidity", "c", "visits", "e", "lace", "risk")
    told = {row["person_id"]: tuple(row[name] for name in names) for row in rows}
    # of the visits of "six visits": one led to the stay, one the day before did too, two are just in and just too old
    assert told == INDEX


CARE = """
id | who             | type | ccn    | from       | thru       | status | dx    | came_by
-- | --------------- | ---- | ------ | ---------- | ---------- | ------ | ----- | -------
a1 | two unplanned   | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
a2 | two unplanned   | 60   | 250001 | 2024-06-01 | 2024-06-05 | 01     | I509  | 1
b1 | one planned     | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | I509  | 1
b2 | one planned     | 60   | 250001 | 2024-06-01 | 2024-06-05 | 01     | M170  | 3
c1 | 45 nursing days | 20   | 255001 | 2024-03-01 | 2024-03-31 | 30     | I509  |
c2 | 45 nursing days | 20   | 255001 | 2024-04-01 | 2024-04-14 | 01     | I509  |
d1 | 44 nursing days | 20   | 255001 | 2024-03-01 | 2024-03-31 | 30     | I509  |
d2 | 44 nursing days | 20   | 255001 | 2024-04-01 | 2024-04-13 | 01     | I509  |
e1 | 90 home days    | 10   | 257001 | 2024-03-01 | 2024-03-30 | 01     | I509  |
e2 | 90 home days    | 10   | 257001 | 2024-03-31 | 2024-04-29 | 01     | I509  |
e3 | 90 home days    | 10   | 257001 | 2024-06-01 | 2024-06-30 | 01     | I509  |
f1 | over New Year   | 20   | 255001 | 2023-11-10 | 2024-02-13 | 01     | I509  |
g1 | one stay, palsy | 60   | 250001 | 2024-03-01 | 2024-03-05 | 01     | G801  | 3
"""
PALSY = """
id | who              | hcpcs | from       | thru       | diagnosis_code_1
-- | ---------------- | ----- | ---------- | ---------- | ----------------
p1 | two visits, palsy | 99213 | 2024-03-01 | 2024-03-01 | G801
p2 | two visits, palsy | 99213 | 2024-03-02 | 2024-03-02 | G801
p3 | one visit, palsy  | 99213 | 2024-03-02 | 2024-03-02 | G801
"""
EQUIPMENT = """
id | who            | hcpcs | from       | thru
-- | -------------- | ----- | ---------- | ----------
q1 | bed            | E0260 | 2024-03-01 | 2024-03-01
q2 | wheelchair     | K0823 | 2024-03-01 | 2024-03-01
q3 | bed, last year | E0260 | 2023-12-31 | 2023-12-31
"""
MEETS: dict[str, set[str]] = {
    "two unplanned": {"score_with_admissions"},
    "one planned": set(),
    "45 nursing days": {"extended_care"},
    "44 nursing days": set(),
    "90 home days": {"extended_care"},
    "over New Year": set(),
    "one stay, palsy": {"mobility_or_neurological"},
    "two visits, palsy": {"mobility_or_neurological"},
    "one visit, palsy": set(),
    "bed": {"frailty"},
    "wheelchair": set(),
    "bed, last year": set(),
    "score 3.0": {"high_score"},
    "score 2.999": set(),
    "dialysis 0.35": {"high_score"},
    "dialysis 0.349": set(),
    "no score": set(),
}
RISK = {
    "two unplanned": (2.0, False),
    "one planned": (2.5, False),
    "score 3.0": (3.0, False),
    "score 2.999": (2.999, False),
    "dialysis 0.35": (0.35, True),
    "dialysis 0.349": (0.349, True),
}


def needs(engine: Engine, year: int, scores: bool = True) -> dict[str, dict[str, Any]]:
    claims = claims_of(engine, stays=CARE, carrier=PALSY, equipment=EQUIPMENT)
    people = people_of(engine, MEETS)
    stays, found, members = stays_of(engine, claims, people)
    planned = planned_admissions(engine, stays, members, stated_procedures(claims), CodeTables(), YEAR)
    stated_rows = engine.checkpoint(stated_diagnoses(claims, checkpoint=engine.checkpoint))
    known = [{"person_id": who, "risk_score": score, "esrd": esrd} for who, (score, esrd) in RISK.items()]
    table = engine.from_arrow(pa.Table.from_pylist(known)) if scores else None
    rows = high_needs(
        engine, people, claims, stated_rows, found, planned, members, LAST_DAY, year, scores=table,
        checkpoint=engine.checkpoint,
    )  # fmt: skip
    return {row["person_id"]: row for row in engine.to_rows(rows)}


def test_the_criteria_of_high_needs(duckdb_engine: Engine) -> None:
    rows = needs(duckdb_engine, YEAR)
    assert {who: {name for name in CRITERIA if row[name]} for who, row in rows.items()} == MEETS
    assert {who for who, row in rows.items() if row["high_needs"]} == {who for who, met in MEETS.items() if met}
    assert rows["45 nursing days"]["skilled_nursing_days"] == 45
    assert rows["90 home days"]["home_health_days"] == 90
    assert rows["over New Year"]["skilled_nursing_days"] == 43, "2 January is the first of the 365 days"
    assert rows["two unplanned"]["unplanned_admissions"] == 2


def test_extended_care_is_a_criterion_from_2024_on(duckdb_engine: Engine) -> None:
    rows = needs(duckdb_engine, 2023, scores=False)
    assert not any(row["extended_care"] for row in rows.values())
    assert not any(row["high_score"] or row["score_with_admissions"] for row in rows.values())
    assert all(row["risk_score"] is None for row in rows.values())


Z_CODES = """
who   | setting      | date       | code   | claim
----- | ------------ | ---------- | ------ | -----
home  | professional | 2024-01-01 | Z5900  | 1
home  | inpatient    | 2024-12-31 | Z591   | 2
home  | inpatient    | 2024-12-31 | Z5982  | 2
food  | professional | 2024-05-01 | Z5941  | 3
money | professional | 2024-05-01 | Z596   | 4
early | professional | 2023-12-31 | Z550   | 5
other | professional | 2024-05-01 | Z660   | 6
legal | professional | 2024-05-01 | Z653   | 7
"""


def test_social_needs_on_claims(duckdb_engine: Engine) -> None:
    rows = duckdb_engine.to_rows(social_needs(duckdb_engine, stated(duckdb_engine, Z_CODES), YEAR))
    assert {(row["person_id"], row["domain"]): row["claims"] for row in rows} == {
        ("home", "housing"): 2,
        ("food", "food"): 1,
        ("money", "poverty"): 1,
        ("legal", "legal"): 1,
    }


LIVES = [
    {"person_id": "county", "county": "01001", "zip_code": "36003", "block_group": "010010201001"},
    {"person_id": "zip alone", "county": None, "zip_code": "36003", "block_group": None},
    {"person_id": "suppressed", "county": "01003", "zip_code": None, "block_group": "010010201002"},
    {"person_id": "elsewhere", "county": "99999", "zip_code": "99999", "block_group": "999999999999"},
    {"person_id": "nowhere", "county": None, "zip_code": None, "block_group": None},
]
INDEXES = code_tables(
    svi={
        "place": ["1001", "01003"],
        "overall": ["0.5130", "-999"],
        **{f"theme_{number}": ["0.25", "-999"] for number in range(1, 5)},
    },
    svi_zip={"place": ["36003"], "overall": ["0.9"], **{f"theme_{number}": ["0.5"] for number in range(1, 5)}},
    adi={"place": ["010010201001", "010010201002"], "national_rank": ["73", "PH"], "state_rank": ["5", "PH"]},
)


def test_indexes_of_places_and_why_there_is_none(engine: Engine) -> None:
    people = engine.from_arrow(pa.Table.from_pylist(LIVES))
    rows = {row["person_id"]: row for row in engine.to_rows(area_indexes(engine, people, INDEXES))}
    assert {who: (row["svi"], row["svi_by"], row["svi_missing"]) for who, row in rows.items()} == {
        "county": (0.513, "county", None),
        "zip alone": (0.9, "zip", None),
        "suppressed": (None, None, "suppressed"),
        "elsewhere": (None, None, "place not in the table"),
        "nowhere": (None, None, "place not known"),
    }
    assert {who: (row["adi_national_rank"], row["adi_missing"]) for who, row in rows.items()} == {
        "county": (73, None),
        "zip alone": (None, "place not known"),
        "suppressed": (None, "suppressed"),
        "elsewhere": (None, "place not in the table"),
        "nowhere": (None, "place not known"),
    }
    nothing = engine.to_rows(area_indexes(engine, people, CodeTables()))
    assert {(row["svi_missing"], row["adi_missing"]) for row in nothing} == {("not loaded", "not loaded")}


def test_where_people_live_is_what_was_said_last(engine: Engine) -> None:
    said = table_of(
        engine,
        Beneficiary,
        """
mbi | delivery_id | state_fips_code | county_fips_code | zip_code
--- | ----------- | --------------- | ---------------- | --------
A   | cclf-1      | 25              | 001              | 02601
A   | cclf-2      | 25              | 017              |
B   | cclf-1      | 25              |                  | 02139
""",
    )
    rows = of_person(
        engine, places(said, engine.empty(MbiCrosswalk).select(mbi="previous_mbi", person_id="current_mbi"))
    )
    assert (rows["A"][0]["county"], rows["A"][0]["zip_code"]) == ("25017", "02601")
    assert (rows["B"][0]["county"], rows["B"][0]["zip_code"]) == (None, "02139")


def test_a_claim_states_each_diagnosis_once(duckdb_engine: Engine) -> None:
    stays = """
id | who | type | ccn    | from       | thru       | dx
-- | --- | ---- | ------ | ---------- | ---------- | -----
a  | x   | 60   | 250001 | 2024-05-01 | 2024-05-05 | I50.9
b  | x   | 61   | 250001 | 2024-05-01 | 2024-05-05 | I509
"""
    others = "id | who | seq | code\n-|-|-|-\na | x | 1 | I509\na | x | 2 | e119\na | x | 3 | E119"
    carrier = """
id | who | line | hcpcs | from       | thru       | diagnosis_code_1 | diagnosis_code_2 | diagnosis_code_3 | line_diagnosis_code
-- | --- | ---- | ----- | ---------- | ---------- | ---------------- | ---------------- | ---------------- | -------------------
p  | x   | 1    | 99213 | 2024-05-01 | 2024-05-01 | J449             | J449             | I10              | J449
p  | x   | 2    | 93000 | 2024-05-01 | 2024-05-01 | J449             | J449             | I10              | I10
q  | x   | 1    | 99213 | 2024-05-02 | 2024-05-02 |                  |                  |                  | M170
"""  # noqa: E501
    rows = duckdb_engine.to_rows(
        stated_diagnoses(claims_of(duckdb_engine, stays=stays, diagnoses=others, carrier=carrier))
    )
    assert sorted((row["claim_id"], row["code"], row["principal"]) for row in rows) == [
        ("a", "E119", False),
        ("a", "I509", True),
        ("p", "I10", False),
        ("p", "J449", True),
        ("q", "M170", True),
    ]

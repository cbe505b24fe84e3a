"""Measures 479 and 484: cohorts and outcomes with their edges, reasons in words, standardization by a loaded model."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pyarrow as pa
import pytest

from claims_cases import claim_set
from openaco.engine import Engine, Table, _
from openaco.measures.claims.model import read_model
from openaco.measures.claims.rate import ClaimsMeasure, claims_measure
from openaco.measures.definition import MeasureError
from openaco.rules import groupers
from openaco.rules.groupers import Groupers
from spec_tables import cells

YEAR = 2024
SHORT = {"dx": "principal_diagnosis_code", "status": "discharge_status_code", "came": "admission_type_code"}
PERIOD = (datetime.date(2021, 1, 1), datetime.date(2025, 1, 31))

STAYS = """
claim_id | mbi | type | from | thru | dx | status | ccn | came | case
--- | --- | --- | --- | --- | --- | --- | --- | --- | ---
a1 | plain | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1 | index, nothing follows
b1 | back_30 | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1 | index
b2 | back_30 | 60 | 2024-04-04 | 2024-04-06 | J189 | 01 | 010002 | 1 | on day 30
c1 | back_31 | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1 | index
c2 | back_31 | 60 | 2024-04-05 | 2024-04-06 | J189 | 01 | 010002 | 1 | on day 31
d1 | planned | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1 | index
d2 | planned | 60 | 2024-03-20 | 2024-03-22 | M1711 | 01 | 010002 | 3 | elective
d3 | planned | 60 | 2024-03-28 | 2024-03-30 | J189 | 01 | 010002 | 1 | after the planned one
e1 | transfer | 60 | 2024-03-01 | 2024-03-05 | I5021 | 02 | 010001 | 1 | first hospital
e2 | transfer | 60 | 2024-03-05 | 2024-03-09 | I5021 | 01 | 010002 | 1 | second hospital
f1 | died | 60 | 2024-03-01 | 2024-03-05 | I5021 | 20 | 010001 | 1 |
g1 | ama | 60 | 2024-03-01 | 2024-03-05 | I5021 | 07 | 010001 | 1 |
h1 | cancer | 60 | 2024-03-01 | 2024-03-05 | C3490 | 01 | 010001 | 1 |
i1 | young | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1 | 64
j1 | late | 60 | 2024-12-30 | 2024-12-31 | I5021 | 01 | 010001 | 1 | 30 days end with January
"""
PEOPLE = """
person_id | birth_date | death_date
--------- | ---------- | ----------
plain     | 1950-01-01 |
back_30   | 1950-01-01 |
back_31   | 1950-01-01 |
planned   | 1950-01-01 |
transfer  | 1950-01-01 |
died      | 1950-01-01 | 2024-03-05
ama       | 1950-01-01 |
cancer    | 1950-01-01 |
young     | 1960-01-01 |
late      | 1959-12-30 |
"""
ANSWERS = """
episode_id         | counts | outcome | reason
------------------ | ------ | ------- | ------
inpatient_acute:a1 | yes    | no      | no acute admission within 30 days
inpatient_acute:b1 | yes    | yes     | unplanned readmission after 30 days
inpatient_acute:b2 | yes    | no      | no acute admission within 30 days
inpatient_acute:c1 | yes    | no      | no acute admission within 30 days
inpatient_acute:c2 | yes    | no      | no acute admission within 30 days
inpatient_acute:d1 | yes    | no      | planned admission after 15 days (by admission type)
inpatient_acute:d2 | yes    | yes     | unplanned readmission after 6 days
inpatient_acute:d3 | yes    | no      | no acute admission within 30 days
inpatient_acute:e1 | no     | no      | no index admission: transferred to another hospital
inpatient_acute:e2 | yes    | no      | no acute admission within 30 days
inpatient_acute:f1 | no     | no      | no index admission: died
inpatient_acute:g1 | no     | no      | no index admission: left against advice
inpatient_acute:h1 | no     | no      | no index admission: cancer
inpatient_acute:i1 | no     | no      | no index admission: younger than the measure's age
inpatient_acute:j1 | yes    | no      | no acute admission within 30 days
"""


def people_of(engine: Engine, text: str) -> Table:
    """People as `rules.enrollment.people` gives them."""
    rows = []
    for row in cells(text):
        dates = {name: datetime.date.fromisoformat(row[name]) if row[name] else None for name in list(row)[1:]}
        rows.append({"person_id": row["person_id"], "sex_code": "2", **dates})
    schema = pa.schema(
        [("person_id", pa.string()), ("sex_code", pa.string())]
        + [(name, pa.date32()) for name in ("birth_date", "death_date")]
    )
    return engine.from_arrow(pa.Table.from_pylist(rows, schema=schema))


def grouped(engine: Engine, stays: str, people: Table) -> Groupers:
    """The groupers of some stays."""
    header, line, *rows = stays.strip().splitlines()
    kept = [text.rpartition("|")[0] if header.endswith("case") else text for text in (header, line, *rows)]
    text = with_bill_types("\n".join(kept))
    claims = claim_set(engine, {"institutional_claim": text}, year=YEAR, period=PERIOD)
    return groupers.run(engine, claims, people, YEAR)


def with_bill_types(text: str) -> str:
    """The stays with the first digits of their type of bill: hospital 11, skilled nursing 21, hospice 81."""
    digits = {"60": ("1", "1"), "20": ("2", "1"), "50": ("8", "1")}
    header, line, *rows = text.splitlines()
    names = [name.strip() for name in header.split("|")]
    header = "|".join(SHORT.get(name, name) for name in names)
    out = [f"{header}|facility|bill_classification_code", f"{line}|--------|--------"]
    out += [f"{row}|{'|'.join(digits[row.split('|')[2].strip()])}" for row in rows]
    return "\n".join(out)


def episodes_of(engine: Engine, found: ClaimsMeasure) -> list[tuple[str, bool, bool, str]]:
    rows = engine.to_rows(found.episodes.order_by("episode_id"))
    return [(row["episode_id"], row["counts"], row["outcome"], row["reason"]) for row in rows]


def expected_of(text: str) -> list[tuple[str, bool, bool, str]]:
    return sorted(
        (str(row["episode_id"]), row["counts"] == "yes", row["outcome"] == "yes", str(row["reason"]))
        for row in cells(text)
    )


@pytest.fixture(scope="module")
def acute(duckdb_engine: Engine) -> tuple[Groupers, Table]:
    people = people_of(duckdb_engine, PEOPLE)
    return grouped(duckdb_engine, STAYS, people), people


@pytest.fixture(scope="module")
def readmitted(duckdb_engine: Engine, acute: tuple[Groupers, Table]) -> ClaimsMeasure:
    return claims_measure(duckdb_engine, "479", *acute)


def test_which_stays_are_index_admissions_and_what_followed(duckdb_engine: Engine, readmitted: ClaimsMeasure) -> None:
    assert episodes_of(duckdb_engine, readmitted) == expected_of(ANSWERS)


def test_the_rate_counts_stays_and_the_results_people(duckdb_engine: Engine, readmitted: ClaimsMeasure) -> None:
    rate = readmitted.rate
    assert (rate.exposure, rate.outcomes, rate.people, rate.excluded) == (10.0, 2, 6, 4)
    assert rate.observed == pytest.approx(0.2)
    assert rate.standardized is None
    assert "not risk-standardized" in rate.note
    rows = {row["person_id"]: row for row in duckdb_engine.to_rows(readmitted.results)}
    assert {person for person, row in rows.items() if row["numerator"]} == {"back_30", "planned"}
    assert {person for person, row in rows.items() if row["denominator_exclusion"]} == {
        "died",
        "ama",
        "cancer",
        "young",
    }
    assert all(row["denominator"] for row in rows.values())


CHRONIC = """
claim_id | mbi | type | from | thru | dx | status | ccn | came
--- | --- | --- | --- | --- | --- | --- | --- | ---
{history}
p1 | once | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1
q1 | planned | 60 | 2024-03-01 | 2024-03-05 | M1711 | 01 | 010001 | 3
r1 | twice | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1
r2 | twice | 60 | 2024-03-15 | 2024-03-17 | J189 | 01 | 010002 | 1
s1 | later | 60 | 2024-03-01 | 2024-03-05 | I5021 | 01 | 010001 | 1
s2 | later | 60 | 2024-03-16 | 2024-03-17 | J189 | 01 | 010002 | 1
t1 | injury | 60 | 2024-03-01 | 2024-03-05 | S72001A | 01 | 010001 | 1
u1 | nursing | 20 | 2024-02-01 | 2024-03-01 | I5021 | 02 | 015001 |
u2 | nursing | 60 | 2024-03-01 | 2024-03-05 | J189 | 01 | 010001 | 1
v1 | hospice | 50 | 2024-02-01 | 2024-02-29 | I5021 | 30 | 011501 |
v2 | hospice | 60 | 2024-03-01 | 2024-03-05 | J189 | 01 | 010001 | 1
w1 | before | 50 | 2023-12-01 | 2024-01-31 | I5021 | 30 | 011501 |
x1 | over | 60 | 2023-12-28 | 2024-01-03 | I5021 | 01 | 010001 | 1
"""
SICK = ("once", "planned", "twice", "later", "injury", "nursing", "hospice", "before", "over", "dies", "well")


def chronic_history() -> str:
    """Two stays in 2023 that make everybody but `well` a person with heart failure and chronic lung disease."""
    rows = []
    for number, person in enumerate(SICK[:-1]):
        for at, (month, code) in enumerate((("03", "I5021"), ("06", "J449"))):
            rows.append(
                f"h{number}{at}|{person}|60|2023-{month}-01|2023-{month}-03|{code}|01|010001|1",
            )
    return "\n".join(rows)


@pytest.fixture(scope="module")
def chronic(duckdb_engine: Engine) -> tuple[Groupers, Table]:
    text = "person_id | birth_date | death_date\n--- | --- | ---\n" + "\n".join(
        f"{person} | 1950-01-01 | {'2024-06-30' if person == 'dies' else ''}" for person in SICK
    )
    people = people_of(duckdb_engine, text)
    return grouped(duckdb_engine, CHRONIC.format(history=chronic_history()), people), people


CHRONIC_ANSWERS = """
episode_id         | counts | outcome | reason
------------------ | ------ | ------- | ------
inpatient_acute:p1 | yes    | yes     | unplanned admission
inpatient_acute:q1 | yes    | no      | planned (by admission type)
inpatient_acute:r1 | yes    | yes     | unplanned admission
inpatient_acute:r2 | no     | no      | within 10 days of a discharge
inpatient_acute:s1 | yes    | yes     | unplanned admission
inpatient_acute:s2 | yes    | yes     | unplanned admission
inpatient_acute:t1 | yes    | no      | injury or complication of care
inpatient_acute:u2 | no     | no      | from another stay
inpatient_acute:v2 | no     | no      | after hospice was elected, enrollment ended or the year was over
"""
DAYS = """
person  | days away (of 366)               | days
------- | -------------------------------- | ----
once    | 2024-03-01 to 03-15              | 351
twice   | 2024-03-01 to 03-27              | 339
later   | 03-01 to 03-15 and 03-16 to 03-27 | 339
nursing | 2024-02-01 to 03-15              | 322
hospice | from 2024-02-01 on               | 31
over    | 2024-01-01 to 01-13              | 353
dies    | from 2024-07-01 on               | 182
"""


def test_which_admissions_of_the_cohort_count(duckdb_engine: Engine, chronic: tuple[Groupers, Table]) -> None:
    found = claims_measure(duckdb_engine, "484", *chronic)
    assert episodes_of(duckdb_engine, found) == expected_of(CHRONIC_ANSWERS)


def test_days_at_risk_and_the_rate_per_100_person_years(duckdb_engine: Engine, chronic: tuple[Groupers, Table]) -> None:
    found = claims_measure(duckdb_engine, "484", *chronic)
    rows = {row["person_id"]: row for row in duckdb_engine.to_rows(found.exposures)}
    for row in cells(DAYS):
        assert rows[str(row["person"])]["exposure"] * 366 == pytest.approx(int(str(row["days"]))), row["person"]
    assert "well" not in rows
    assert rows["before"]["exclusion"] == "in hospice when the year began"
    years = math.fsum(row["exposure"] for row in rows.values())
    assert found.rate.outcomes == 4
    assert found.rate.observed == pytest.approx(400 / years)
    assert found.rate.excluded == 1


def test_enrollment_ends_the_time_at_risk(duckdb_engine: Engine, chronic: tuple[Groupers, Table]) -> None:
    groups, people = chronic
    months = []
    for person in ("once", "planned"):
        for number in range(24):
            month = datetime.date(2023 + number // 12, number % 12 + 1, 1)
            if person == "planned" and month == datetime.date(2023, 5, 1):
                continue
            if person == "once" and month >= datetime.date(2024, 2, 1):
                continue
            flags = {"has_part_a": True, "has_part_b": True, "in_group_health_plan": False}
            months.append({"person_id": person, "month": month, **flags})
    table = duckdb_engine.from_arrow(pa.Table.from_pylist(months)).mutate(month=_.month.cast("date"))
    found = claims_measure(duckdb_engine, "484", groups, people, table)
    rows = {row["person_id"]: row for row in duckdb_engine.to_rows(found.exposures)}
    assert rows["once"]["exposure"] * 366 == pytest.approx(31)
    assert rows["planned"]["exclusion"] == "not enrolled in Part A and Part B the year before"
    assert rows["twice"]["exclusion"] == "not enrolled in Part A and Part B the year before"
    assert found.rate.outcomes == 0


MODEL = """measure,cohort,kind,term,coefficient
479,,national_rate,,0.15
479,heart,cohort,I50,
479,heart,intercept,,-1.0
479,heart,age,65,0.02
479,heart,diagnosis,J44,0.7
479,rest,cohort,*,
479,rest,intercept,,-2.0
479,rest,principal,J18,0.5
484,,national_rate,,40
484,all,intercept,,3.0
484,all,group,heart_failure,0.5
"""


def write_model(folder: Path, text: str) -> Path:
    path = folder / "model.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_standardized_readmissions(duckdb_engine: Engine, acute: tuple[Groupers, Table], tmp_path: Path) -> None:
    model = read_model(write_model(tmp_path, MODEL), "479")
    assert model
    found = claims_measure(duckdb_engine, "479", *acute, model=model)

    def share(linear: float) -> float:
        return 1 / (1 + math.exp(-linear))

    heart = [share(-1 + 0.02 * 9)] * 5 + [share(-1 + 0.02 * 0)]
    rest = [share(-2 + 0.5)] * 3 + [share(-2)]
    expected = math.fsum(heart + rest)
    assert found.rate.expected == pytest.approx(expected)
    assert found.rate.standardized == pytest.approx(2 / expected * 0.15)
    assert found.rate.rate == found.rate.standardized


def test_standardized_admissions(duckdb_engine: Engine, chronic: tuple[Groupers, Table], tmp_path: Path) -> None:
    model = read_model(write_model(tmp_path, MODEL), "484")
    plain, found = (claims_measure(duckdb_engine, "484", *chronic, model=one) for one in (None, model))
    expected = plain.rate.exposure * math.exp(3.5) / 100
    assert found.rate.expected == pytest.approx(expected)
    assert found.rate.standardized == pytest.approx(4 / expected * 40)


def test_a_stay_of_no_cohort_is_left_out_of_both_sides(
    duckdb_engine: Engine, acute: tuple[Groupers, Table], tmp_path: Path
) -> None:
    only_heart = "\n".join(line for line in MODEL.splitlines() if ",rest," not in line)
    model = read_model(write_model(tmp_path, only_heart), "479")
    found = claims_measure(duckdb_engine, "479", *acute, model=model)
    assert found.rate.outcomes == 2
    assert found.rate.expected
    assert found.rate.standardized == pytest.approx(1 / found.rate.expected * 0.15)
    assert "4 index admissions are of no cohort" in found.rate.note


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("479,,national_rate,,0.15\n", ""), "0 national rates"),
        (("479,heart,intercept,,-1.0\n", ""), "cohort heart has 0 intercepts"),
        (("-2.0", "minus two"), "line 8"),
        (("-2.0", "nan"), "not a number"),
        (("479,heart,age,65,", "479,heart,age,old,"), "age that counts as zero"),
        (("diagnosis,J44", "diagnosis,"), "no codes are named"),
        (("diagnosis,J44", "diagnosis,j44"), "beginning of codes"),
        (("principal,J18", "smell,J18"), "no such kind"),
        (("479,rest,cohort,*,\n", "477,rest,cohort,*,\n"), "measure must be"),
        (("measure,cohort", "measure,group"), "no file of coefficients"),
        (("484,all,group", "484,other,group"), "one cohort"),
    ],
)
def test_a_model_that_cannot_be_used_says_where(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = write_model(tmp_path, MODEL.replace(*change, 1))
    with pytest.raises(MeasureError, match=said):
        [read_model(path, measure) for measure in ("479", "484")]


def test_a_model_of_another_measure_is_none_of_this(tmp_path: Path) -> None:
    path = write_model(tmp_path, "\n".join(line for line in MODEL.splitlines() if not line.startswith("484")))
    assert read_model(path, "484") is None

"""Expenditures of a calendar year (methodology specifications v11, 3.1, steps 3 to 12)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from claims_cases import by, claim_set, column, in_full
from openaco.engine import Engine, Table, _, coalesce, literal, money, month_of
from openaco.errors import OpenACOError, ParameterError
from openaco.rules.enrollment import ENROLLMENT_TYPES
from openaco.rules.expenditures import (
    Expenditures,
    completion_factor,
    counted_months,
    covid_episodes,
    expenditures,
    outside_episodes,
    participant_revenue,
    per_capita,
    run_out_date,
    threshold,
    total_per_capita,
)
from openaco.tables import Column, InstitutionalClaim, InstitutionalDiagnosis, LakeTable
from spec_tables import cells, table_of

DAY = datetime.date.fromisoformat
ONE = Decimal("1.000")


class Month(LakeTable):
    """What `person_months` returns, as far as expenditures read it."""

    person_id = Column("text", "")
    month = Column("date", "")
    enrollment_type = Column("text", "")
    eligible = Column("flag", "")


class Spent(LakeTable):
    """What `ClaimSet.dollars` holds."""

    person_id = Column("text", "")
    claim_kind = Column("text", "")
    claim_id = Column("text", "")
    claim_line_number = Column("whole", "")
    claim_type_code = Column("text", "")
    month = Column("date", "")
    through_date = Column("date", "")
    hcpcs_code = Column("text", "")
    billing_ccn = Column("text", "")
    provider_state_code = Column("text", "")
    billing_tin = Column("text", "")
    paid_amount = Column("money", "")
    ime_amount = Column("money", "")
    dsh_amount = Column("money", "")
    uncompensated_care_amount = Column("money", "")
    sequestration_amount = Column("money", "")
    population_payment_reduction_amount = Column("money", "")


class Stay(LakeTable):
    """What decides on an episode of COVID-19."""

    claim_id = Column("text", "")
    person_id = Column("text", "")
    claim_type_code = Column("text", "")
    billing_ccn = Column("text", "")
    principal_diagnosis_code = Column("text", "")
    discharge_status_code = Column("text", "")
    claim_start_date = Column("date", "")
    claim_end_date = Column("date", "")


COMPONENTS = (
    "ime_amount",
    "dsh_amount",
    "uncompensated_care_amount",
    "sequestration_amount",
    "population_payment_reduction_amount",
)


def months(engine: Engine, text: str, year: int = 2024) -> Table:
    """Eligible months, stated as spans: person, first and last month, type."""
    rows = []
    for line in text.strip().splitlines():
        person, first, last, kind = line.split()
        rows += [
            {
                "person_id": person,
                "month": DAY(f"{year}-{month:02}-01"),
                "enrollment_type": None if kind == "none" else kind,
                "eligible": kind != "none",
            }
            for month in range(int(first), int(last) + 1)
        ]
    return engine.from_rows(Month, rows)


def dollars(engine: Engine, text: str) -> Table:
    """Rows of dollars; `month` may be any day of it and stands for the through date too, blank components are zero."""
    table = table_of(engine, Spent, in_full(text), claim_kind="institutional")
    filled = {name: coalesce(_[name], money(0)) for name in COMPONENTS}
    return table.mutate(month=month_of(_.month), through_date=_.month, **filled)


def spend(engine: Engine, spent: Table, enrolled: Table, year: int = 2024, **answers: Any) -> Expenditures:
    limits: Mapping[str, Decimal] = dict.fromkeys(ENROLLMENT_TYPES, Decimal("1000000.00"))
    settings = {"thresholds": limits, "completion_factor": ONE} | answers
    return expenditures(spent, enrolled, year=year, checkpoint=engine.checkpoint, **settings)


def test_truncation_of_annualized_dollars(engine: Engine) -> None:
    """Step 10: at the threshold and at minus the threshold; annualized over the months of the type.

    CMS's example threshold, CY2021 aged/dual: $208,929.14.
    """
    enrolled = months(
        engine,
        """
        A 1 12 aged_dual
        B 1 12 aged_dual
        C 1 12 aged_dual
        D 1 3 aged_dual
        E 1 12 aged_dual
        F 1 1 aged_dual
        G 1 12 aged_dual
        H 1 7 aged_dual
        """,
        2021,
    )
    spent = dollars(
        engine,
        """
        person_id | claim_id | type | month      | paid
        --------- | -------- | ---- | ---------- | ----------
        A         | 1        | 60   | 2021-02-01 | 208929.14
        B         | 2        | 60   | 2021-02-01 | 208929.15
        C         | 3        | 60   | 2021-02-01 | -208929.15
        D         | 4        | 60   | 2021-02-01 | 52232.29
        E         | 5        | 60   | 2021-02-01 | 1000.01
        F         | 6        | 60   | 2021-01-01 | 17410.76
        H         | 7        | 60   | 2021-02-01 | 121875.33
        """,
    )
    limits = dict.fromkeys(ENROLLMENT_TYPES, Decimal("208929.14"))
    found = spend(engine, spent, enrolled, 2021, thresholds=limits, completion_factor=Decimal("1.013"))
    rows = by(engine, found.by_person, "person_id")
    assert {person: (row["months"], row["truncated"], row["dollar_months"]) for person, row in rows.items()} == {
        "A": (12, False, Decimal("2507149.68")),  # exactly at the threshold
        "B": (12, True, Decimal("2507149.68")),  # a cent above
        "C": (12, True, Decimal("-2507149.68")),  # a cent below minus the threshold
        "D": (3, True, Decimal("626787.42")),  # 52,232.29 × 12 = 626,787.48 > 208,929.14 × 3
        "E": (12, False, Decimal("12000.12")),
        "F": (1, False, Decimal("208929.12")),  # one month: the threshold ÷ 12 is 17,410.76166…
        "G": (12, False, Decimal("0.00")),  # eligible and nothing spent: counts with zero
        "H": (7, False, Decimal("1462503.96")),  # 208,929.14 × 7 = 1,462,503.98
    }
    assert rows["D"]["annualized"] == pytest.approx(208929.16)
    kept = column(engine, found.excluded.filter(_.rule == "truncation"), "amount")
    assert kept == [Decimal("-0.01"), Decimal("0.01"), Decimal("0.01")]

    (row,) = engine.to_rows(found.by_type)
    total = sum(row["dollar_months"] for row in rows.values())
    assert (row["beneficiaries"], row["truncated_beneficiaries"], row["months"]) == (8, 3, 71)
    assert row["dollar_months"] == total
    assert row["person_years"] == 71 / 12
    assert row["per_capita"] == pytest.approx(float(total) / 71 * 1.013, rel=1e-14)
    assert per_capita(total, 71, Decimal("1.013")) == pytest.approx(row["per_capita"], rel=1e-14)


def test_a_switch_of_type_splits_the_year(engine: Engine) -> None:
    """Steps 7 to 9 and 12: dollars go to the type of their month; months without eligibility take none."""
    enrolled = months(
        engine,
        """
        A 1 6 disabled
        A 7 9 aged_dual
        A 10 12 none
        B 1 12 aged_dual
        C 1 12 none
        """,
    )
    spent = dollars(
        engine,
        """
        person_id | claim_id | type | month      | paid
        --------- | -------- | ---- | ---------- | ------
        A         | 1        | 40   | 2024-06-01 | 600.00
        A         | 2        | 40   | 2024-07-01 | 300.00
        A         | 3        | 40   | 2024-10-01 | 77.00
        B         | 4        | 40   | 2024-01-01 | 120.00
        B         | 5        | 40   | 2023-12-01 | 9.00
        B         | 6        | 61   | 2024-02-01 | 5.00
        C         | 7        | 40   | 2024-02-01 | 11.00
        D         | 8        | 40   | 2024-02-01 | 13.00
        """,
    )
    found = spend(engine, spent, enrolled)
    rows = by(engine, found.by_person, "person_id", "enrollment_type")
    assert {key: (row["months"], row["dollars"]) for key, row in rows.items()} == {
        ("A", "disabled"): (6, Decimal("600.00")),
        ("A", "aged_dual"): (3, Decimal("300.00")),
        ("B", "aged_dual"): (12, Decimal("120.00")),
    }
    types = by(engine, found.by_type, "enrollment_type")
    assert {kind: row["per_capita"] for kind, row in types.items()} == {"disabled": 1200.0, "aged_dual": 336.0}
    # Σ per capita × share of person-years = (1200 × 6 + 336 × 15) ÷ 21
    assert total_per_capita(list(types.values()), ONE) == pytest.approx((1200 * 6 + 336 * 15) / 21)

    reasons = {row["claim_id"]: (row["rule"], row["amount"]) for row in engine.to_rows(found.excluded)}
    assert reasons == {
        "3": ("not eligible in the month", Decimal("77.00")),
        "6": ("claim type", Decimal("5.00")),
        "7": ("not eligible in the month", Decimal("11.00")),
        "8": ("not eligible in the month", Decimal("13.00")),
    }

    only_a = engine.from_rows(Month, [{"person_id": "A"}]).select("person_id")
    restricted = spend(engine, spent, enrolled, persons=only_a)
    assert set(column(engine, restricted.by_person, "person_id")) == {"A"}
    assert column(engine, restricted.excluded, "claim_id") == ["3"]


def test_what_is_taken_out_and_added_back(engine: Engine) -> None:
    """Steps 3 and 4: IME, DSH and uncompensated care leave inpatient claims, not in Maryland; reductions come back."""
    text = """
        person_id | claim_id | type | month        | ccn    | state | paid    | ime    | dsh   | ucc   | seq   | pbp
        --------- | -------- | ---- | ------------ | ------ | ----- | ------- | ------ | ----- | ----- | ----- | ------
        A         | 1        | 60   | {year}-02-01 | 330001 |       | 1000.00 | 100.00 | 50.00 | 25.00 | 20.00 | 400.00
        A         | 2        | 60   | {year}-03-01 | 210001 |       | 1000.00 | 100.00 | 50.00 | 25.00 | 20.00 |
        A         | 3        | 60   | {year}-04-01 |        | 24    | 1000.00 | 100.00 |       |       |       |
        A         | 4        | 40   | {year}-05-01 | 330001 |       | 1000.00 | 100.00 |       |       |       |
        A         | 5        | 60   | {year}-02-01 | 330001 |       | -500.00 | -50.00 |       |       | -10.00 |
        A         | 6        | 40   | {year}-03-31 | 330001 |       | 7.00    |        |       |       | 1.00  |
        """
    spent = dollars(engine, text.format(year=2024))
    found = spend(engine, spent, months(engine, "A 1 12 aged_dual"))
    (row,) = engine.to_rows(found.by_person)
    counted = (1000 - 175 + 420) + 1020 + 1000 + 1000 + (-450 - 10) + 8
    assert row["dollars"] == Decimal(counted)
    out = [(row["claim_id"], row["rule"], row["amount"]) for row in engine.to_rows(found.excluded)]
    assert sorted(out) == [
        ("1", "disproportionate share", Decimal("50.00")),
        ("1", "indirect medical education", Decimal("100.00")),
        ("1", "uncompensated care", Decimal("25.00")),
        ("5", "indirect medical education", Decimal("-50.00")),
    ]
    # nothing is lost: paid and added back = counted and left out
    paid, added = 4 * 1000 - 500 + 7, 20 + 400 + 20 - 10 + 1
    assert paid + added == row["dollars"] + sum(amount for _id, _rule, amount in out)

    before = dollars(engine, text.format(year=2013))
    early = spend(engine, before, months(engine, "A 1 12 aged_dual", 2013), 2013)
    (row,) = engine.to_rows(early.by_person)
    assert row["dollars"] == Decimal(counted) - 20 - 20 + 10 - 1  # sequestration is added back from 2013-04-01


def test_suspect_billing_by_calendar_year(engine: Engine) -> None:
    """Step 6: equipment lines of the codes CMS names for the year (42 CFR 425.670, 425.672); in 2022 all count."""
    text = """
        person_id | claim_kind   | claim_id | line | type | month        | hcpcs_code | paid
        --------- | ------------ | -------- | ---- | ---- | ------------ | ---------- | ------
        A         | equipment    | 1        | 1    | 82   | {year}-02-01 | A4352      | 900.00
        A         | equipment    | 1        | 2    | 82   | {year}-02-01 | A4353      | 90.00
        A         | equipment    | 1        | 3    | 82   | {year}-02-01 | E0601      | 9.00
        A         | professional | 2        | 1    | 71   | {year}-02-01 | A4352      | 1.00
        A         | equipment    | 3        | 1    | 82   | {year}-02-01 | A5057      | 0.50
        """
    totals = {}
    for year in (2022, 2023, 2024):
        spent = dollars(engine, text.format(year=year))
        found = spend(engine, spent, months(engine, "A 1 12 esrd", year), year)
        totals[year] = (sum(column(engine, found.by_person, "dollars")), column(engine, found.excluded, "rule"))
    assert totals == {
        2022: (Decimal("1000.50"), []),
        2023: (Decimal("10.50"), ["significant anomalous billing"] * 2),
        2024: (Decimal("910.00"), ["significant anomalous billing"] * 2),
    }


CLAIMS = """
    claim_id | mbi | type | ccn    | from       | thru       | principal_diagnosis_code | discharge_status_code
    -------- | --- | ---- | ------ | ---------- | ---------- | ------------------------ | ---------------------
    1        | A   | 60   | 330001 | 2021-03-30 | 2021-04-02 | U071                     | 01
    2        | B   | 60   | 33T001 | 2021-06-10 | 2021-06-12 | J189                     |
    3        | C   | 40   | 330001 | 2021-06-10 | 2021-06-12 | U071                     |
    4        | D   | 60   | 332299 | 2021-12-10 | 2021-12-12 | U071                     |
    5        | E   | 60   | 330001 | 2020-12-28 | 2021-01-03 | U071                     |
    6        | F   | 60   | 330001 | 2021-05-01 | 2021-05-31 | U071                     | 30
    7        | G   | 60   | 334001 | 2021-06-10 | 2021-06-12 | U071                     |
    8        | H   | 60   |        | 2021-06-10 | 2021-06-12 | U071                     |
    """
DIAGNOSES = """
    claim_id | sequence_number | diagnosis_code
    -------- | --------------- | --------------
    1        | 1               | U071
    2        | 2               | U071
    3        | 1               | U071
    """
TRIGGERS = """
ccn    | code  | discharge  | year | triggers
------ | ----- | ---------- | ---- | --------
330001 | B9729 | 2020-01-26 | 2020 | no
330001 | B9729 | 2020-01-27 | 2020 | yes
330001 | B9729 | 2020-03-31 | 2020 | yes
330001 | B9729 | 2020-04-01 | 2020 | no
330001 | U071  | 2020-03-31 | 2020 | no
330001 | U071  | 2020-04-01 | 2020 | yes
330001 | U071  | 2023-05-11 | 2023 | yes
330001 | U071  | 2023-05-12 | 2023 | no
330899 | U071  | 2021-06-12 | 2021 | yes
330900 | U071  | 2021-06-12 | 2021 | no
330000 | U071  | 2021-06-12 | 2021 | no
331300 | U071  | 2021-06-12 | 2021 | yes
331399 | U071  | 2021-06-12 | 2021 | yes
331400 | U071  | 2021-06-12 | 2021 | no
331999 | U071  | 2021-06-12 | 2021 | no
332000 | U071  | 2021-06-12 | 2021 | yes
332300 | U071  | 2021-06-12 | 2021 | no
333024 | U071  | 2021-06-12 | 2021 | no
333025 | U071  | 2021-06-12 | 2021 | yes
333100 | U071  | 2021-06-12 | 2021 | no
333300 | U071  | 2021-06-12 | 2021 | yes
333400 | U071  | 2021-06-12 | 2021 | no
33R300 | U071  | 2021-06-12 | 2021 | yes
33S300 | U071  | 2021-06-12 | 2021 | no
"""


def test_what_triggers_an_episode_of_covid(duckdb_engine: Engine) -> None:
    """By the discharge date, the kind of hospital, the code; B97.29 until March 2020, U07.1 to the emergency's end."""
    cases = cells(TRIGGERS)
    rows = [
        {
            "claim_id": str(number),
            "person_id": str(number),
            "claim_type_code": "60",
            "billing_ccn": case["ccn"],
            "principal_diagnosis_code": case["code"],
            "discharge_status_code": None,
            "claim_start_date": DAY("2020-01-20"),
            "claim_end_date": DAY(case["discharge"] or ""),
        }
        for number, case in enumerate(cases)
    ]
    nothing = duckdb_engine.empty(InstitutionalDiagnosis)
    found = set()
    for year in (2020, 2021, 2023):
        of_year = [row for row, case in zip(rows, cases, strict=True) if case["year"] == str(year)]
        episodes = covid_episodes(duckdb_engine.from_rows(Stay, of_year), nothing, year)
        found |= set(column(duckdb_engine, episodes, "person_id"))
    assert found == {str(number) for number, case in enumerate(cases) if case["triggers"] == "yes"}


def test_episodes_of_covid(engine: Engine) -> None:
    """Step 6: from the month of admission through the month after discharge, dollars and months leave (425.611)."""
    claims = claim_set(engine, {"institutional_claim": CLAIMS, "institutional_diagnosis": DIAGNOSES}, year=2021)
    episodes = engine.checkpoint(covid_episodes(claims.institutional, claims.institutional_diagnosis, 2021))
    spans = by(engine, episodes, "person_id")
    assert {
        person: (row["first_month_number"] - 2021 * 12, row["last_month_number"] - 2021 * 12)
        for person, row in spans.items()
    } == {"A": (3, 5), "B": (6, 7), "D": (12, 13), "E": (0, 2)}

    enrolled = months(engine, "A 1 12 aged_dual\nB 1 12 aged_dual\nC 1 12 aged_dual", 2021)
    spent = dollars(
        engine,
        """
        person_id | claim_id | type | month      | ccn    | paid
        --------- | -------- | ---- | ---------- | ------ | ------
        A         | 1        | 60   | 2021-04-01 | 330001 | 900.00
        A         | 2        | 40   | 2021-05-01 | 330001 | 90.00
        A         | 3        | 40   | 2021-06-01 | 330001 | 9.00
        C         | 4        | 40   | 2021-06-01 | 330001 | 5.00
        """,
    )
    found = spend(engine, spent, enrolled, 2021, covid_episodes=episodes)
    rows = by(engine, found.by_person, "person_id")
    assert {person: (row["months"], row["dollars"]) for person, row in rows.items()} == {
        "A": (9, Decimal("9.00")),
        "B": (10, Decimal("0.00")),
        "C": (12, Decimal("5.00")),
    }
    assert {row["claim_id"]: row["rule"] for row in engine.to_rows(found.excluded)} == {
        "1": "COVID-19 episode",
        "2": "COVID-19 episode",
    }
    left = engine.to_rows(outside_episodes(enrolled, episodes, 2021).group_by("person_id").agg(months=_.count()))
    assert {row["person_id"]: row["months"] for row in left} == {"A": 9, "B": 10, "C": 12}
    assert len(engine.to_rows(outside_episodes(enrolled, episodes, 2019))) == 36
    revenue = participant_revenue(
        spent,
        year=2021,
        completion_factor=ONE,
        ccns=spent.select(ccn=_.billing_ccn).distinct(),
        covid_months=counted_months(enrolled, 2021, covid_episodes=episodes),
    )
    assert column(engine, revenue, "dollars") == [Decimal("14.00")]


def test_years_without_episodes(duckdb_engine: Engine) -> None:
    claims = duckdb_engine.empty(InstitutionalClaim).mutate(person_id=literal("A"))
    nothing = covid_episodes(claims, duckdb_engine.empty(InstitutionalDiagnosis), 2024)
    assert duckdb_engine.to_rows(nothing) == []


def test_participant_revenue(engine: Engine) -> None:
    """No truncation, nothing taken out, nothing added back; by TIN and CCN, whoever the beneficiary is."""
    spent = dollars(
        engine,
        """
        person_id | claim_kind    | claim_id | type | month      | billing_tin | ccn    | paid       | ime    | seq
        --------- | ------------- | -------- | ---- | ---------- | ----------- | ------ | ---------- | ------ | ----
        A         | professional  | 1        | 71   | 2024-02-01 | 111111111   |        | 100.00     |        | 2.00
        Z         | professional  | 2        | 71   | 2024-02-01 | 111111111   |        | 50.00      |        |
        A         | professional  | 3        | 71   | 2024-02-01 | 999999999   |        | 7.00       |        |
        A         | institutional | 4        | 60   | 2024-02-01 |             | 330001 | 5000000.00 | 900.00 |
        A         | institutional | 5        | 60   | 2024-02-01 |             | 330002 | 1.00       |        |
        A         | professional  | 6        | 71   | 2023-02-01 | 111111111   |        | 3.00       |        |
        """,
    )
    tins = spent.filter(_.billing_tin == "111111111").select(tin=_.billing_tin)
    ccns = spent.filter(_.billing_ccn == "330001").select(ccn=_.billing_ccn)
    revenue = participant_revenue(spent, year=2024, completion_factor=Decimal("1.013"), tins=tins, ccns=ccns)
    rows = by(engine, revenue, "participant_kind", "participant_id")
    assert {key: (row["rows"], row["dollars"]) for key, row in rows.items()} == {
        ("tin", "111111111"): (2, Decimal("150.00")),
        ("ccn", "330001"): (1, Decimal("5000000.00")),
    }
    assert rows["tin", "111111111"]["completed_dollars"] == pytest.approx(151.95)
    with pytest.raises(OpenACOError, match="TINs or CCNs"):
        participant_revenue(spent, year=2024, completion_factor=ONE)


def test_thresholds_run_out_and_completion() -> None:
    with pytest.raises(OpenACOError, match="no truncation threshold for aged_dual, aged_non_dual"):
        threshold({"esrd": ONE, "disabled": ONE})
    assert run_out_date(2023) == DAY("2024-03-31")
    assert completion_factor(2023) == Decimal("1.013")
    assert completion_factor(2023, "prospective_q1") == Decimal("1.349")
    with pytest.raises(ParameterError):
        completion_factor(2024, "quarterly")
    assert per_capita(Decimal("0.00"), 0, ONE) is None
    assert total_per_capita([], ONE) is None

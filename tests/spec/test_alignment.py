"""Alignment by weighted allowed charges, each person of a table one edge: Pioneer, Next Generation and ACO REACH."""

from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from alignment_world import World, alignment, outcomes, stages, visits
from assignment_world import months_of
from openaco.engine import Engine
from openaco.errors import ConfigurationError, ParameterError
from openaco.rules.alignment import (
    ALIGNMENT_STAGES,
    alignment_note,
    alignment_story,
    alignment_years,
    funnel,
    model_year,
    stage_counts,
    years_known,
)
from openaco.rules.alignment.contract import AlignedPerson
from spec_tables import cells

JULY = datetime.date(2021, 7, 1)


def expect(text: str) -> dict[str, str | None]:
    return {row["person"]: row["stage"] for row in cells(text)}  # type: ignore[misc]


def test_alignment_years_end_on_30_june_before_the_year() -> None:
    days = [(year.start.isoformat(), year.end.isoformat(), year.weight) for year in alignment_years(2023, "reach")]
    assert days == [("2020-07-01", "2021-06-30", 1), ("2021-07-01", "2022-06-30", 2)]
    assert alignment_years(2020, "reach", 2023) == tuple(
        type(year)(year.start.replace(year=year.start.year - 3), year.end.replace(year=year.end.year - 3), year.weight)
        for year in alignment_years(2023, "reach")
    )
    pioneer = alignment_years(2016, "pioneer")
    assert [year.weight for year in pioneer] == [1, 3, 6]
    assert (pioneer[0].start, pioneer[-1].end) == (datetime.date(2012, 7, 1), datetime.date(2015, 6, 30))
    assert all((after.start - before.end).days == 1 for before, after in pairwise(pioneer))


def test_a_year_without_the_model_is_an_error_and_another_year_an_explicit_choice() -> None:
    with pytest.raises(ParameterError, match="2012–2016"):
        alignment_years(2023, "pioneer")
    assert [model_year("pioneer", year) for year in (2010, 2012, 2014, 2016, 2023)] == [2012, 2012, 2014, 2016, 2016]
    years = alignment_years(2023, "pioneer", 2016)
    assert (
        alignment_note("pioneer", 2023, 2016, years) == "As if: aligned by the rules of 2016 of the Pioneer ACO Model."
    )
    assert alignment_note("reach", 2023, 2023, alignment_years(2023, "reach")) == ""
    assert alignment_note("pioneer", 2009, 2012, alignment_years(2009, "pioneer", 2012)) == "", "a baseline year"


def test_recent_charges_weigh_more_and_the_aco_stands_as_one_against_each_other(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person        | date       | tin   | role | amount
------------- | ---------- | ----- | ---- | ------
recent        | 2021-06-30 | out1  | pcp  | 199.99
recent        | 2021-07-01 | ours1 | pcp  | 100.00
older         | 2021-06-30 | out1  | pcp  | 200.01
older         | 2021-07-01 | ours1 | pcp  | 100.00
together      | 2022-01-01 | ours1 | pcp  | 30.00
together      | 2022-01-01 | ours2 | np   | 30.00
together      | 2022-01-01 | out1  | pcp  | 59.99
not the sum   | 2022-01-01 | ours1 | pcp  | 50.00
not the sum   | 2022-01-01 | out1  | pcp  | 40.00
not the sum   | 2022-01-01 | out2  | pcp  | 40.00
other aco     | 2022-01-01 | ours1 | pcp  | 50.00
other aco     | 2022-01-01 | other | pcp  | 50.01
in two acos   | 2022-01-01 | both  | pcp  | 500.00
in two acos   | 2022-01-01 | ours1 | pcp  | 1.00
first day     | 2020-07-01 | ours1 | pcp  | 1.00
day before    | 2020-06-30 | ours1 | pcp  | 1.00
last day      | 2022-06-30 | ours1 | pcp  | 1.00
day after     | 2022-07-01 | ours1 | pcp  | 1.00
free          | 2022-01-01 | ours1 | pcp  | 0.00
"""),
    )
    assert stages(world, 2023, "reach") == expect("""
person        | stage
------------- | -----
recent        | primary_care
older         | primary_care_elsewhere
together      | primary_care
not the sum   | primary_care
other aco     | primary_care_elsewhere
in two acos   | primary_care
first day     | primary_care
day before    | no_qualified_service
last day      | primary_care
day after     | no_qualified_service
free          | no_allowed_charges
""")


TEN_PERCENT = """
person           | date       | tin   | role       | amount
---------------- | ---------- | ----- | ---------- | ------
exactly          | 2022-01-01 | ours1 | cardiology | 90.00
exactly          | 2022-01-01 | out1  | pcp        | 10.00
a cent below     | 2022-01-01 | ours1 | cardiology | 90.01
a cent below     | 2022-01-01 | out1  | pcp        | 10.00
by weight        | 2022-01-01 | ours1 | cardiology | 50.00
by weight        | 2021-01-01 | out1  | pcp        | 11.11
by weight, less  | 2022-01-01 | out1  | pcp        | 5.56
by weight, less  | 2021-01-01 | ours1 | cardiology | 100.00
no primary       | 2022-01-01 | ours1 | cardiology | 50.00
no primary       | 2022-01-01 | out1  | cardiology | 49.99
no primary, lost | 2022-01-01 | ours1 | cardiology | 50.00
no primary, lost | 2022-01-01 | out1  | cardiology | 50.01
surgeon          | 2022-01-01 | ours1 | surgery    | 900.00
surgeon weighs 0 | 2022-01-01 | out1  | surgery    | 900.00
surgeon weighs 0 | 2022-01-01 | ours1 | pcp        | 1.00
only ours is few | 2022-01-01 | ours1 | pcp        | 1.00
only ours is few | 2022-01-01 | out1  | cardiology | 99.00
only ours is few | 2022-01-01 | ours2 | cardiology | 98.00
np is primary    | 2022-01-01 | ours1 | np         | 10.00
np is primary    | 2022-01-01 | out1  | cardiology | 90.00
free primary     | 2022-01-01 | ours1 | pcp        | 0.00
free primary     | 2022-01-01 | out1  | cardiology | 1.00
"""


def test_below_ten_percent_of_primary_care_the_specialists_decide(engine: Engine) -> None:
    assert stages(World(engine, visits(TEN_PERCENT)), 2023, "reach") == expect("""
person           | stage
---------------- | -----
exactly          | primary_care_elsewhere
a cent below     | specialists
by weight        | specialists
by weight, less  | primary_care_elsewhere
no primary       | specialists
no primary, lost | specialists_elsewhere
surgeon          | no_qualified_service
surgeon weighs 0 | primary_care
only ours is few | specialists_elsewhere
np is primary    | primary_care
free primary     | specialists_elsewhere
""")


def test_each_model_has_its_own_specialists(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person       | date       | tin   | role         | amount
------------ | ---------- | ----- | ------------ | ------
rheumatology | 2014-01-01 | ours1 | rheumatology | 90.00
psychiatry   | 2014-01-01 | ours1 | psychiatry   | 90.00
"""),
    )
    pioneer = stages(world, 2015, "pioneer")
    assert pioneer == {"rheumatology": "specialists", "psychiatry": "no_qualified_service"}
    shifted = [line | {"claim_line_end_date": datetime.date(2019, 1, 1)} for line in world.professional]
    later = stages(World(duckdb_engine, shifted), 2020, "next_generation")
    assert later == {"rheumatology": "no_qualified_service", "psychiatry": "specialists"}


def test_qualified_codes_and_clinic_lines(duckdb_engine: Engine) -> None:
    """A code of assignment that the model did not know counts nothing; every line of a health center does."""
    world = World(
        duckdb_engine,
        visits("""
person    | date       | tin   | role | amount | code
--------- | ---------- | ----- | ---- | ------ | -----
qualified | 2014-01-01 | ours1 | pcp  | 50.00  | 99349
later     | 2014-01-01 | ours1 | pcp  | 50.00  | 99490
"""),
        institutional=[
            {
                "person_id": "center",
                "claim_id": "f1",
                "claim_type_code": "40",
                "claim_start_date": datetime.date(2014, 2, 1),
                "claim_end_date": datetime.date(2014, 2, 1),
                "bill_facility_type_code": "7",
                "bill_classification_code": "7",
                "billing_ccn": "101801",
                "paid_amount": Decimal("80.00"),
            }
        ],
    )
    assert stages(world, 2014, "pioneer") == {
        "qualified": "no_qualified_service",
        "later": "no_qualified_service",
        "center": "no_qualified_service",
    }, "services of 2014 are of the alignment years of 2015"
    assert stages(world, 2015, "pioneer") == {
        "qualified": "primary_care",
        "later": "primary_care",
        "center": "primary_care",
    }
    assert stages(world, 2015, "pioneer", rules_year=2014)["later"] == "no_qualified_service"


def test_a_tie_goes_to_the_most_recent_service_of_the_deciding_kind(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person      | date       | tin   | role       | amount
----------- | ---------- | ----- | ---------- | ------
ours later  | 2022-03-02 | ours1 | pcp        | 50.00
ours later  | 2022-03-01 | out1  | pcp        | 50.00
ours sooner | 2022-03-01 | ours1 | pcp        | 50.00
ours sooner | 2022-03-02 | out1  | pcp        | 50.00
by weights  | 2020-09-01 | ours1 | pcp        | 50.00
by weights  | 2022-03-02 | out1  | pcp        | 25.00
other kind  | 2022-03-01 | ours1 | pcp        | 50.00
other kind  | 2022-02-01 | out1  | pcp        | 50.00
other kind  | 2022-05-01 | out1  | cardiology | 20.00
specialists | 2022-03-02 | ours1 | cardiology | 50.00
specialists | 2022-03-01 | out1  | cardiology | 50.00
same day    | 2022-03-01 | ours1 | pcp        | 50.00
same day    | 2022-03-01 | out1  | pcp        | 50.00
"""),
    )
    found = outcomes(world, 2023, "reach")
    lot = found.pop("same day")
    assert {who: (row["reason"] or row["basis"], row["tie_break"]) for who, row in found.items()} == {
        "ours later": ("primary_care", "recent_service"),
        "ours sooner": ("primary_care_elsewhere", "recent_service"),
        "by weights": ("primary_care_elsewhere", "recent_service"),
        "other kind": ("primary_care", "recent_service"),
        "specialists": ("specialists", "recent_service"),
    }
    assert lot["tie_break"] == "random"
    assert lot["winning_draw"] < lot["runner_up_draw"]


def test_the_lot_depends_on_the_seed_alone(duckdb_engine: Engine) -> None:
    text = "person | date | tin | role | amount\n- | - | - | - | -\n"
    text += "\n".join(f"{who} | 2022-03-01 | {tin} | pcp | 50.00" for who in range(40) for tin in ("ours1", "out1"))
    first, again, other = (
        stages(World(duckdb_engine, lines), 2023, "reach", seed=seed)
        for lines, seed in ((visits(text), 1), (visits(text)[::-1], 1), (visits(text), 2))
    )
    assert first == again != other
    assert set(first.values()) == {"primary_care", "primary_care_elsewhere"}


def test_eligibility_death_and_months_in_a_health_plan(duckdb_engine: Engine) -> None:
    lines = "person | date | tin | role | amount\n- | - | - | - | -\n"
    who = (
        "well",
        "died before",
        "died in the year",
        "plan in June",
        "plan before",
        "plan in January",
        "only a",
        "abroad",
    )
    lines += "\n".join(f"{person} | 2022-01-01 | ours1 | pcp | 50.00" for person in who)
    plan = {"in_group_health_plan": True}
    months = [
        *months_of("well", 2023),
        *months_of("died before", 2022),
        *months_of("died in the year", 2023, range(1, 4)),
        *months_of("plan in June", 2023, range(1, 6)),
        *months_of("plan in June", 2023, range(6, 13), **plan),
        *months_of("plan before", 2022, **plan),
        *months_of("plan before", 2023),
        *months_of("plan in January", 2023, range(1, 2), **plan),
        *months_of("plan in January", 2023, range(2, 13)),
        *months_of("only a", 2023, has_part_b=False),
        *months_of("abroad", 2023, lives_in_united_states=False),
    ]
    deaths = {"died before": datetime.date(2022, 12, 31), "died in the year": datetime.date(2023, 3, 20)}
    people = [{"person_id": person, "death_date": deaths.get(person)} for person in who]
    world = World(duckdb_engine, visits(lines), months=months, people=people)
    assert stages(world, 2023, "reach") == expect("""
person           | stage
---------------- | -----
well             | primary_care
died before      | died_before_year
died in the year | primary_care
plan in June     | primary_care
plan before      | primary_care
plan in January  | group_health_plan
only a           | no_month_with_part_a_and_b
abroad           | outside_united_states
""")
    excluding = stages(world, 2023, "next_generation", rules_year=2021)
    assert excluding["plan in June"] == "year_group_health_plan"
    assert excluding["died in the year"] == "primary_care"


def test_voluntary_alignment_wins_over_claims(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person    | date       | tin   | role | amount | npi
--------- | ---------- | ----- | ---- | ------ | ----------
inside    | 2022-01-01 | out1  | pcp  | 900.00 | 1999999999
outside   | 2022-01-01 | ours1 | pcp  | 900.00 | 1000000001
no claims | 2019-01-01 | out1  | pcp  | 900.00 | 1999999999
too late  | 2022-01-01 | out1  | pcp  | 900.00 | 1999999999
in a plan | 2022-01-01 | out1  | pcp  | 900.00 | 1999999999
"""),
    )
    ours, theirs = {"npi": "1000000001", "tin": "100000001"}, {"npi": "1999999999", "tin": "900000001"}
    world.designations = [
        {"person_id": "inside", "designated_on": datetime.date(2022, 12, 31), **ours},
        {"person_id": "outside", "designated_on": datetime.date(2022, 8, 1), **theirs},
        {"person_id": "no claims", "designated_on": datetime.date(2022, 8, 1), **ours},
        {"person_id": "too late", "designated_on": datetime.date(2023, 1, 1), **ours},
        {"person_id": "in a plan", "designated_on": datetime.date(2022, 8, 1), **ours},
    ]
    world.months = [
        row
        for person in world.persons()
        for row in months_of(person["person_id"], 2023, in_group_health_plan=person["person_id"] == "in a plan")
    ]
    assert stages(world, 2023, "reach") == expect("""
person    | stage
--------- | -----
inside    | voluntary
outside   | designated_elsewhere
no claims | voluntary
too late  | no_aco_service
in a plan | group_health_plan
""")
    assert stages(world, 2023, "next_generation", rules_year=2021)["outside"] == "primary_care"
    assert stages(world, 2023, "pioneer", rules_year=2016)["no claims"] == "no_qualified_service"


def test_missing_alignment_years_are_said_and_the_weights_of_the_others_stand_for_all(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
a      | 2019-08-01 | out1  | pcp  | 900.00
a      | 2020-08-01 | ours1 | pcp  | 100.00
a      | 2021-08-01 | ours2 | pcp  | 10.00
"""),
    )
    rules = {"variant": "pioneer", "rules_year": 2016}
    years = alignment_years(2023, "pioneer", 2016)
    all_three = outcomes(world, 2023, **rules)["a"]
    assert all_three["reason"] == "primary_care_elsewhere"
    assert (all_three["winning_charges"], all_three["aco_charges"]) == (Decimal("90.00"), Decimal("36.00"))
    known = years_known(years, datetime.date(2020, 1, 1))
    assert known == years[1:]
    two = outcomes(world, 2023, years=known, **rules)["a"]
    assert two["assigned"]
    assert two["aco_charges"] == Decimal("40.00"), "100 × 3/9 + 10 × 6/9"
    assert "2023 is aligned without the claims of 2019-07-01 to 2020-06-30" in two["note"]
    assert "As if: aligned by the rules of 2016" in two["note"]
    with pytest.raises(ConfigurationError, match="reach back to 2022-01-01"):
        years_known(years, datetime.date(2022, 1, 1))


def test_the_funnel_counts_everybody_once_and_the_story_tells_why(engine: Engine) -> None:
    people = sorted({row["person"] or "" for row in cells(TEN_PERCENT)} | {"nobody"})
    world = World(engine, visits(TEN_PERCENT), people=[{"person_id": person} for person in people])
    aligned = engine.checkpoint(alignment(world, 2023, "reach"))
    assert sorted(aligned.columns) == sorted(AlignedPerson.columns())
    [row] = engine.to_rows(funnel(aligned))
    counts = stage_counts(row)
    assert [count.stage for count in counts] == list(ALIGNMENT_STAGES)
    assert (row["people"], counts[-1].remaining) == (len(people), 0)
    assert sum(count.people for count in counts if count.stage.assigned) == 5
    told = alignment_story(outcomes(world, 2023, "reach")["a cent below"])
    assert told == [
        "Aligned: specialists, too little primary care (Participation agreement: alignment algorithm).",
        "Too little primary care: specialists decide ($6.67 of $66.67 weighted charges): aco:A1000 has $60.01; "
        "the ACO $60.01.",
    ]
    assert alignment_story(outcomes(world, 2023, "reach")["nobody"]) == [
        "Not aligned: No qualified service in the alignment years (Participation agreement: alignment algorithm)."
    ]

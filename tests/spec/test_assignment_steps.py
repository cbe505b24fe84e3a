"""Steps 1 to 3, plurality and tie-breaks: each person of a table is one edge (42 CFR 425.402(b))."""

from __future__ import annotations

import hashlib

from assignment_world import World, visits
from openaco.engine import Engine
from spec_tables import cells


def expect(text: str) -> dict[str, str | None]:
    return {row["person"]: row["stage"] for row in cells(text)}  # type: ignore[misc]


def test_step_1_compares_the_whole_aco_with_each_single_other_entity(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person             | date       | tin   | role       | amount
------------------ | ---------- | ----- | ---------- | ------
aco only           | 2023-02-01 | ours1 | pcp        | 100.00
split beats bigger | 2023-02-01 | ours1 | pcp        | 60.00
split beats bigger | 2023-02-02 | ours2 | pcp        | 50.00
split beats bigger | 2023-03-01 | out1  | pcp        | 100.00
sum of others      | 2023-02-01 | ours1 | pcp        | 50.00
sum of others      | 2023-02-02 | out1  | pcp        | 40.00
sum of others      | 2023-02-03 | out2  | pcp        | 40.00
single other       | 2023-02-01 | ours1 | pcp        | 50.00
single other       | 2023-02-02 | out1  | pcp        | 50.01
other aco          | 2023-02-01 | ours1 | pcp        | 50.00
other aco          | 2023-02-02 | other | pcp        | 60.00
np adds            | 2023-02-01 | ours1 | pcp        | 10.00
np adds            | 2023-02-02 | ours2 | np         | 50.00
np adds            | 2023-02-03 | out1  | pcp        | 55.00
specialist opens   | 2023-02-01 | ours1 | cardiology | 900.00
specialist opens   | 2023-02-02 | ours1 | pa         | 30.00
specialist opens   | 2023-02-03 | out1  | cns        | 29.99
specialist no sum  | 2023-02-01 | ours1 | cardiology | 900.00
specialist no sum  | 2023-02-02 | out1  | pcp        | 1.00
np only            | 2023-02-01 | ours1 | np         | 100.00
surgeon only       | 2023-02-01 | ours1 | surgery    | 100.00
nobody of ours     | 2023-02-01 | out1  | pcp        | 100.00
"""),
    )
    assert world.stages(2023) == expect("""
person             | stage
------------------ | -----
aco only           | step_1
split beats bigger | step_1
sum of others      | step_1
single other       | step_1_elsewhere
other aco          | step_1_elsewhere
np adds            | step_1
specialist opens   | step_1
specialist no sum  | step_1_elsewhere
np only            | no_aco_physician
surgeon only       | no_aco_physician
nobody of ours     | no_aco_service
""")


def test_step_2_is_only_for_people_without_primary_care_anywhere(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person            | date       | tin   | role       | amount
----------------- | ---------- | ----- | ---------- | ------
specialist only   | 2023-02-01 | ours1 | cardiology | 100.00
specialist only   | 2023-02-02 | out1  | cardiology | 99.00
bigger elsewhere  | 2023-02-01 | ours1 | cardiology | 100.00
bigger elsewhere  | 2023-02-02 | out1  | cardiology | 101.00
np outside        | 2023-02-01 | ours1 | cardiology | 100.00
np outside        | 2023-02-02 | out1  | np         | 1.00
free np outside   | 2023-02-01 | ours1 | cardiology | 100.00
free np outside   | 2023-02-02 | out1  | np         | 0.00
np last year      | 2023-02-01 | ours1 | cardiology | 100.00
np last year      | 2022-12-31 | out1  | np         | 500.00
surgeon elsewhere | 2023-02-01 | ours1 | cardiology | 100.00
surgeon elsewhere | 2023-02-02 | out1  | surgery    | 500.00
not before        | 2022-12-31 | ours1 | pcp        | 100.00
not after         | 2024-01-01 | ours1 | pcp        | 100.00
first day         | 2023-01-01 | ours1 | pcp        | 100.00
last day          | 2023-12-31 | ours1 | pcp        | 100.00
"""),
    )
    assert world.stages(2023) == expect("""
person            | stage
----------------- | -----
specialist only   | step_2
bigger elsewhere  | step_2_elsewhere
np outside        | step_1_elsewhere
free np outside   | no_allowed_charges
np last year      | step_2
surgeon elsewhere | step_2
not before        | no_primary_care_service
not after         | no_primary_care_service
first day         | step_1
last day          | step_1
""")


STEP_3_VISITS = """
person               | date       | tin   | role       | amount
-------------------- | ---------- | ----- | ---------- | ------
np and old pcp       | 2025-02-01 | ours1 | np         | 100.00
np and old pcp       | 2024-01-01 | ours2 | pcp        | 10.00
np and old heart     | 2025-02-01 | ours1 | pa         | 100.00
np and old heart     | 2024-06-01 | ours2 | cardiology | 10.00
pcp too old          | 2025-02-01 | ours1 | np         | 100.00
pcp too old          | 2023-12-31 | ours2 | pcp        | 10.00
pcp of others        | 2025-02-01 | ours1 | np         | 100.00
pcp of others        | 2024-06-01 | out1  | pcp        | 10.00
surgeon before       | 2025-02-01 | ours1 | np         | 100.00
surgeon before       | 2024-06-01 | ours1 | surgery    | 10.00
np before            | 2024-02-01 | ours1 | np         | 100.00
np before            | 2024-06-01 | ours1 | pcp        | 10.00
np before            | 2025-06-01 | out1  | pcp        | 1.00
wins by last year    | 2025-02-01 | ours1 | np         | 60.00
wins by last year    | 2024-06-01 | ours1 | pcp        | 50.00
wins by last year    | 2025-03-01 | out1  | pcp        | 100.00
loses by last year   | 2025-02-01 | ours1 | np         | 60.00
loses by last year   | 2024-06-01 | ours1 | pcp        | 50.00
loses by last year   | 2024-07-01 | out1  | cardiology | 110.01
physician this year  | 2025-02-01 | ours1 | np         | 60.00
physician this year  | 2025-06-01 | ours1 | pcp        | 1.00
physician this year  | 2025-03-01 | out1  | pcp        | 61.01
physician this year  | 2024-03-01 | ours1 | pcp        | 500.00
taken by other aco   | 2025-02-01 | ours1 | np         | 60.00
taken by other aco   | 2024-06-01 | ours1 | pcp        | 500.00
taken by other aco   | 2025-03-01 | other | pcp        | 61.00
other aco np only    | 2025-02-01 | ours1 | np         | 60.00
other aco np only    | 2024-06-01 | ours1 | pcp        | 500.00
other aco np only    | 2025-03-01 | other | np         | 61.00
"""


def test_step_3_looks_back_24_months_for_the_physician(engine: Engine) -> None:
    stages = World(engine, visits(STEP_3_VISITS)).stages(2025)
    assert stages == expect("""
person               | stage
-------------------- | -----
np and old pcp       | step_3
np and old heart     | step_3
pcp too old          | no_aco_physician
pcp of others        | no_aco_physician
surgeon before       | no_aco_physician
np before            | no_aco_service
wins by last year    | step_3
loses by last year   | step_3_elsewhere
physician this year  | step_1_elsewhere
taken by other aco   | no_aco_physician
other aco np only    | step_3
""")


def test_before_2025_and_for_its_benchmark_rules_nobody_is_assigned_by_step_3(duckdb_engine: Engine) -> None:
    text = """
person         | date       | tin   | role | amount
-------------- | ---------- | ----- | ---- | ------
np and old pcp | 2024-02-01 | ours1 | np   | 100.00
np and old pcp | 2023-06-01 | ours2 | pcp  | 10.00
"""
    world = World(duckdb_engine, visits(text))
    assert world.stages(2024) == {"np and old pcp": "no_aco_physician"}
    assert world.stages(2024, rules_year=2025) == {"np and old pcp": "step_3"}


def test_a_service_outside_can_free_a_person_for_step_3(duckdb_engine: Engine) -> None:
    """The limit of the property that services elsewhere never assign: the other ACO loses its claim."""
    before = """
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
a      | 2025-02-01 | ours1 | np   | 60.00
a      | 2024-06-01 | ours1 | pcp  | 500.00
a      | 2025-03-01 | other | pcp  | 61.00
"""
    after = before + "a | 2025-04-01 | out1 | pcp | 62.00\n"
    assert World(duckdb_engine, visits(before)).stages(2025) == {"a": "no_aco_physician"}
    assert World(duckdb_engine, visits(after)).stages(2025) == {"a": "step_3"}


TIES = """
person             | date       | tin   | role       | amount
------------------ | ---------- | ----- | ---------- | ------
recent ours        | 2023-03-02 | ours1 | pcp        | 50.00
recent ours        | 2023-03-01 | out1  | pcp        | 50.00
recent theirs      | 2023-03-01 | ours1 | pcp        | 50.00
recent theirs      | 2023-03-02 | out1  | np         | 50.00
np is recent       | 2023-03-01 | ours1 | pcp        | 25.00
np is recent       | 2023-04-01 | ours1 | np         | 25.00
np is recent       | 2023-03-02 | out1  | pcp        | 50.00
specialist ours    | 2023-03-01 | ours1 | pcp        | 50.00
specialist ours    | 2023-03-01 | out1  | pcp        | 50.00
specialist ours    | 2023-05-01 | ours2 | cardiology | 10.00
specialist ours    | 2023-04-01 | out1  | cardiology | 90.00
specialist theirs  | 2023-03-01 | ours1 | pcp        | 50.00
specialist theirs  | 2023-03-01 | out1  | pcp        | 50.00
specialist theirs  | 2023-04-01 | out1  | cardiology | 90.00
step 2 recent      | 2023-03-02 | ours1 | cardiology | 50.00
step 2 recent      | 2023-03-01 | out1  | cardiology | 50.00
three, ours        | 2023-03-03 | ours1 | pcp        | 50.00
three, ours        | 2023-03-02 | out1  | pcp        | 50.00
three, ours        | 2023-03-01 | out2  | pcp        | 50.00
surgeon is no date | 2023-03-02 | ours1 | pcp        | 50.00
surgeon is no date | 2023-03-01 | out1  | pcp        | 50.00
surgeon is no date | 2023-09-01 | out1  | surgery    | 50.00
cents              | 2023-03-01 | ours1 | pcp        | 0.10
cents              | 2023-03-01 | ours2 | pcp        | 0.20
cents              | 2023-03-02 | out1  | pcp        | 0.30
"""


def test_ties_break_by_the_most_recent_primary_care_then_the_most_recent_specialist(engine: Engine) -> None:
    rows = World(engine, visits(TIES)).outcomes(2023)
    found = {who: (row["reason"] or row["basis"], row["tie_break"]) for who, row in rows.items()}
    assert found == {
        row["person"]: (row["stage"], row["tie_break"])
        for row in cells("""
person             | stage            | tie_break
------------------ | ---------------- | ---------
recent ours        | step_1           | recent_pcp
recent theirs      | step_1_elsewhere | recent_pcp
np is recent       | step_1           | recent_pcp
specialist ours    | step_1           | recent_specialist
specialist theirs  | step_1_elsewhere | recent_specialist
step 2 recent      | step_2           | recent_specialist
three, ours        | step_1           | recent_pcp
surgeon is no date | step_1           | recent_pcp
cents              | step_1_elsewhere | recent_pcp
""")
    }


def test_a_tie_of_dates_too_is_drawn_by_lot_that_anybody_can_repeat(engine: Engine) -> None:
    people = [f"p{number}" for number in range(12)]
    text = "person | date | tin | role | amount\n- | - | - | - | -\n" + "".join(
        f"{who} | 2023-03-01 | ours1 | pcp | 50.00\n{who} | 2023-03-01 | out1 | pcp | 50.00\n" for who in people
    )
    rows = World(engine, visits(text)).outcomes(2023, seed=11)
    for who, row in rows.items():
        ours, theirs = (
            hashlib.sha256(f"11|2023|{who}|{entity}".encode()).hexdigest() for entity in ("aco:A1000", "tin:900000001")
        )
        assert row["tie_break"] == "random"
        assert row["assigned"] == (ours < theirs)
        assert {row["winning_draw"], row["runner_up_draw"]} == {ours, theirs}
        assert row["winning_draw"] < row["runner_up_draw"]
    assert len({row["assigned"] for row in rows.values()}) == 2, "the lot falls both ways"


def test_the_row_names_winner_and_runner_up_with_their_charges(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
a      | 2023-02-01 | ours1 | pcp  | 60.00
a      | 2023-02-02 | ours2 | np   | 50.00
a      | 2023-03-01 | out1  | pcp  | 100.00
a      | 2023-03-01 | other | pcp  | 20.00
b      | 2023-02-01 | ours1 | pcp  | 60.00
c      | 2023-02-01 | ours1 | pcp  | 10.00
c      | 2023-02-01 | other | pcp  | 20.00
c      | 2023-02-01 | out1  | pcp  | 30.00
"""),
    )
    rows = world.outcomes(2023)
    columns = ("winning_entity", "winning_charges", "runner_up_entity", "runner_up_charges", "aco_charges", "tie_break")
    found = {who: tuple(None if row[name] is None else str(row[name]) for name in columns) for who, row in rows.items()}
    assert found == {
        "a": ("aco:A1000", "110.00", "tin:900000001", "100.00", "110.00", "none"),
        "b": ("aco:A1000", "60.00", None, None, "60.00", "none"),
        "c": ("tin:900000001", "30.00", "aco:A2000", "20.00", "10.00", "none"),
    }


def test_services_of_a_participant_in_two_acos_and_of_one_that_left_do_not_count_for_us(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person          | date       | tin   | role | amount
--------------- | ---------- | ----- | ---- | ------
only in both    | 2023-02-01 | both  | pcp  | 100.00
both is no rival| 2023-02-01 | both  | pcp  | 100.00
both is no rival| 2023-02-02 | ours1 | pcp  | 1.00
left the aco    | 2023-02-01 | left  | pcp  | 100.00
left is outside | 2023-02-01 | left  | pcp  | 100.00
left is outside | 2023-02-02 | ours1 | pcp  | 99.00
"""),
    )
    assert world.stages(2023) == expect("""
person           | stage
---------------- | -----
only in both     | no_primary_care_service
both is no rival | step_1
left the aco     | no_aco_service
left is outside  | step_1_elsewhere
""")


def test_benchmark_years_use_the_lists_of_the_performance_year(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person | date       | tin   | role | amount
------ | ---------- | ----- | ---- | ------
a      | 2020-02-01 | left  | pcp  | 100.00
b      | 2020-02-01 | ours1 | pcp  | 100.00
"""),
    )
    assert world.stages(2020, rules_year=2020) == {"a": "step_1", "b": "step_1"}
    assert world.stages(2020, rules_year=2023) == {"a": "no_aco_service", "b": "step_1"}


def test_charges_of_zero_open_the_pre_step_and_win_nothing(duckdb_engine: Engine) -> None:
    world = World(
        duckdb_engine,
        visits("""
person       | date       | tin   | role       | amount
------------ | ---------- | ----- | ---------- | ------
all free     | 2023-02-01 | ours1 | pcp        | 0.00
free then np | 2023-02-01 | ours1 | pcp        | 0.00
free then np | 2023-02-02 | ours1 | np         | 10.00
both free    | 2023-02-01 | ours1 | pcp        | 0.00
both free    | 2023-02-01 | out1  | pcp        | 0.00
"""),
    )
    assert world.stages(2023) == expect("""
person       | stage
------------ | -----
all free     | no_allowed_charges
free then np | step_1
both free    | no_allowed_charges
""")

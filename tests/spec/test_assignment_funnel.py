"""The funnel, the story of one person, and assignable beneficiaries (42 CFR 425.20, 425.400–425.402)."""

from __future__ import annotations

from assignment_world import World, months_of, visits
from openaco.engine import Engine
from openaco.rules.assignment import (
    STAGES,
    assignable,
    assignment_story,
    assignment_window,
    charges_by_entity,
    entities,
    funnel,
    stage_counts,
)
from openaco.rules.assignment.contract import Assignment, EntityCharges, Person, PersonMonth
from openaco.tables import Participant

VISITS = """
person | date       | tin   | role       | amount
------ | ---------- | ----- | ---------- | ------
a      | 2025-02-01 | ours1 | pcp        | 50.00
b      | 2025-02-01 | ours1 | cardiology | 50.00
c      | 2025-02-01 | ours1 | np         | 50.00
c      | 2024-02-01 | ours1 | pcp        | 50.00
d      | 2025-02-01 | ours1 | pcp        | 50.00
d      | 2025-02-01 | out1  | pcp        | 60.00
e      | 2025-02-01 | out1  | pcp        | 60.00
f      | 2025-02-01 | ours1 | pcp        | 50.00
g      | 2025-02-01 | out1  | np         | 50.00
g      | 2024-02-01 | out2  | cardiology | 50.00
h      | 2025-02-01 | out1  | np         | 50.00
"""
PLANS = {"f"}


def world(engine: Engine) -> World:
    months = [
        row
        for who in "abcdefghi"
        for row in [*months_of(who, 2024), *months_of(who, 2025, in_group_health_plan=who in PLANS)]
    ]
    return World(engine, visits(VISITS), months=months, people=[{"person_id": who} for who in "abcdefghi"])


def test_the_funnel_counts_everybody_once_in_order(engine: Engine) -> None:
    assignment = engine.checkpoint(world(engine).assignment(2025))
    assert assignment.columns == tuple(Assignment.columns())
    [row] = engine.to_rows(funnel(assignment))
    counts = stage_counts(row)
    assert [count.stage.name for count in counts] == [stage.name for stage in STAGES]
    assert {count.stage.name: count.people for count in counts if count.people} == {
        "group_health_plan": 1,
        "no_primary_care_service": 1,
        "no_aco_service": 3,
        "step_1_elsewhere": 1,
        "step_1": 1,
        "step_2": 1,
        "step_3": 1,
    }
    assert row["people"] == 9
    assert counts[-1].remaining == 0
    assert sum(count.people for count in counts if count.stage.assigned) == 3


def test_the_story_tells_stage_charges_and_tie_break(duckdb_engine: Engine) -> None:
    tie = "z | 2025-03-01 | ours1 | pcp | 1070.00\nz | 2025-03-01 | out1 | pcp | 1070.00\n"
    rows = World(duckdb_engine, visits(VISITS + tie)).outcomes(2025)
    assert assignment_story(rows["a"]) == [
        "Assigned: Step 1, primary care (42 CFR 425.402(b)(3)).",
        "Step 1 (primary care physicians, NPs, PAs, CNSs; 42 CFR 425.402(b)(3)): aco:A1000 has $50.00; the ACO $50.00.",
    ]
    told = assignment_story(rows["z"])
    assert "aco:A1000" in told[1]
    assert "$1,070.00" in told[1]
    assert told[2].startswith("Equal charges and dates")
    assert told[3].startswith("Draws: ")
    assert not any("z" in sentence.split() for sentence in told)


def test_the_story_of_somebody_without_services_is_short(duckdb_engine: Engine) -> None:
    rows = world(duckdb_engine).outcomes(2025)
    assert assignment_story(rows["i"]) == [
        "Not assigned: No primary care service in the window (42 CFR 425.402(b)(1))."
    ]


def test_assignable_needs_any_physician_and_since_2025_the_step_3_pattern(engine: Engine) -> None:
    here = world(engine)
    listed = entities(engine.from_rows(Participant, []), assignment_window(2025, "retrospective", 2025).year_start)
    found = {}
    for rules in (2024, 2025):
        window = assignment_window(2025, "retrospective", rules)
        charges = charges_by_entity(here.services(rules), listed, window)
        assert charges.columns == tuple(EntityCharges.columns())
        table = assignable(
            charges, here.table(Person, here.persons()), here.table(PersonMonth, here.months or []), window
        )
        found[rules] = {row["person_id"] for row in engine.to_rows(table) if row["assignable"]}
    assert found == {2024: {"a", "b", "d", "e"}, 2025: {"a", "b", "c", "d", "e", "g"}}

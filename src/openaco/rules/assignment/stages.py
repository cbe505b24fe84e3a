"""The stages of assignment by name, in order: the funnel from everybody known to those assigned.

Each stage is where a person leaves: assigned on a basis, or not assigned for a reason. 42 CFR 425.400–425.402.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaco.engine import Table, _, coalesce


@dataclass(frozen=True)
class Stage:
    """One stage. `assigned` says whether who leaves here is assigned; `cite` is where the rule stands."""

    name: str
    label: str
    cite: str
    assigned: bool = False


STAGES: tuple[Stage, ...] = (
    Stage("died_before_year", "Died before the year began", "42 CFR 425.401(a); specifications v11, Table 1"),
    Stage("no_month_with_part_a_and_b", "No month with both Part A and Part B", "42 CFR 425.401(a)(1)"),
    Stage("month_with_part_a_or_b_only", "A month with only Part A or only Part B", "42 CFR 425.401(a)(1)"),
    Stage("group_health_plan", "A month in a Medicare group health plan", "42 CFR 425.401(a)(2)"),
    Stage("outside_united_states", "Lived outside the United States in the last month", "42 CFR 425.401(a)(4)"),
    Stage("other_initiative", "In another Medicare shared savings initiative", "42 CFR 425.401(a)(3)"),
    Stage("designated_elsewhere", "Designated a clinician outside the ACO", "42 CFR 425.402(e)(2)"),
    Stage("no_primary_care_service", "No primary care service in the window", "42 CFR 425.402(b)(1)"),
    Stage("no_aco_service", "No primary care service at the ACO", "42 CFR 425.402(b)(1)"),
    Stage("no_aco_physician", "No service by a physician of the ACO who counts", "42 CFR 425.402(b)(1)"),
    Stage("no_allowed_charges", "Nobody has allowed charges above zero", "42 CFR 425.402(b)"),
    Stage("step_1_elsewhere", "Step 1: plurality with another entity", "42 CFR 425.402(b)(3)"),
    Stage("step_2_elsewhere", "Step 2: plurality with another entity", "42 CFR 425.402(b)(4)"),
    Stage("step_3_elsewhere", "Step 3: plurality with another entity", "42 CFR 425.402(b)(5)"),
    Stage("year_no_month_with_part_a_and_b", "In the year: no month with Parts A and B", "42 CFR 425.401(b)"),
    Stage("year_month_with_part_a_or_b_only", "In the year: a month with one part only", "42 CFR 425.401(b)"),
    Stage("year_group_health_plan", "In the year: a month in a group health plan", "42 CFR 425.401(b)"),
    Stage("year_outside_united_states", "In the year: outside the United States", "42 CFR 425.401(b)"),
    Stage("voluntary", "Assigned: voluntary alignment", "42 CFR 425.402(e)", assigned=True),
    Stage("step_1", "Assigned: Step 1, primary care", "42 CFR 425.402(b)(3)", assigned=True),
    Stage("step_2", "Assigned: Step 2, specialists", "42 CFR 425.402(b)(4)", assigned=True),
    Stage("step_3", "Assigned: Step 3, expanded window", "42 CFR 425.402(b)(5)", assigned=True),
)
STAGE_BY_NAME = {stage.name: stage for stage in STAGES}


@dataclass(frozen=True)
class StageCount:
    """How many people left at a stage, and how many of those known had not left after it."""

    stage: Stage
    people: int
    remaining: int


def funnel(assignment: Table, stages: Sequence[Stage] = STAGES) -> Table:
    """One row: `people`, and one column per stage, in order, with the people who left there.

    assignment: `contract.Assignment`. 42 CFR 425.400–425.402.
    """
    left_at = coalesce(_.reason, _.basis)
    counts = {stage.name: (left_at == stage.name).sum() for stage in stages}
    return assignment.aggregate(people=_.count(), **counts)


def stage_counts(row: Mapping[str, Any], stages: Sequence[Stage] = STAGES) -> list[StageCount]:
    """The row of `funnel` with the same stages as an ordered list. Cites 42 CFR 425.400–425.402 stage by stage."""
    remaining = int(row["people"])
    counts = []
    for stage in stages:
        people = int(row[stage.name] or 0)
        remaining -= people
        counts.append(StageCount(stage, people, remaining))
    return counts

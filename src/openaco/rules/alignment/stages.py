"""The stages of alignment by name, in order: the funnel from everybody known to those aligned.

As in `rules/assignment` (42 CFR 425.400–425.402) each stage is where a person leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaco.engine import Table
from openaco.rules.assignment.stages import Stage, StageCount
from openaco.rules.assignment.stages import funnel as funnel_of
from openaco.rules.assignment.stages import stage_counts as counts_of

_ELIGIBILITY = "Participation agreement: alignment-eligible beneficiary"
_CLAIMS = "Participation agreement: alignment algorithm"
_VOLUNTARY = "Participation agreement: voluntary alignment"

ALIGNMENT_STAGES: tuple[Stage, ...] = (
    Stage("died_before_year", "Died before the year began", _ELIGIBILITY),
    Stage("no_month_with_part_a_and_b", "Without Parts A and B when the year began", _ELIGIBILITY),
    Stage("month_with_part_a_or_b_only", "With only Part A or only Part B when the year began", _ELIGIBILITY),
    Stage("group_health_plan", "In a Medicare group health plan when the year began", _ELIGIBILITY),
    Stage("outside_united_states", "Lived outside the United States when the year began", _ELIGIBILITY),
    Stage("other_initiative", "In another Medicare shared savings initiative", _ELIGIBILITY),
    Stage("designated_elsewhere", "Designated a clinician outside the ACO", _VOLUNTARY),
    Stage("no_qualified_service", "No qualified service in the alignment years", _CLAIMS),
    Stage("no_aco_service", "No qualified service at the ACO", _CLAIMS),
    Stage("no_allowed_charges", "Nobody has allowed charges above zero", _CLAIMS),
    Stage("primary_care_elsewhere", "Primary care: plurality with another entity", _CLAIMS),
    Stage("specialists_elsewhere", "Specialists: plurality with another entity", _CLAIMS),
    Stage("year_no_month_with_part_a_and_b", "In the year: no month with Parts A and B", _ELIGIBILITY),
    Stage("year_month_with_part_a_or_b_only", "In the year: a month with one part only", _ELIGIBILITY),
    Stage("year_group_health_plan", "In the year: a month in a group health plan", _ELIGIBILITY),
    Stage("year_outside_united_states", "In the year: outside the United States", _ELIGIBILITY),
    Stage("voluntary", "Aligned: voluntary alignment", _VOLUNTARY, assigned=True),
    Stage("primary_care", "Aligned: primary care", _CLAIMS, assigned=True),
    Stage("specialists", "Aligned: specialists, too little primary care", _CLAIMS, assigned=True),
)
ASSIGNED_STAGES = tuple(stage.name for stage in ALIGNMENT_STAGES if stage.assigned)
STAGE_BY_NAME = {stage.name: stage for stage in ALIGNMENT_STAGES}


def funnel(alignment: Table) -> Table:
    """One row: `people`, and one column per stage of `ALIGNMENT_STAGES`, in order, with the people who left there.

    alignment: `contract.AlignedPerson`. Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    return funnel_of(alignment, ALIGNMENT_STAGES)


def stage_counts(row: Mapping[str, Any]) -> list[StageCount]:
    """The row of `funnel` as an ordered list. Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model."""
    return counts_of(row, ALIGNMENT_STAGES)

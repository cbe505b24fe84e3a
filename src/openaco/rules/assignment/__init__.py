"""Assignment of beneficiaries to an ACO (42 CFR part 425, subpart E).

The order of use:

    services = keep(primary_care_services(...))            # once per run: all windows follow one year's rules
    result = assign(services=services, ..., keep=keep)     # once per benchmark or performance year
    funnel(result), assignment_story(row)

`contract` documents every input and output column by column. Readings of ours, where the rule is silent, stand in
the docstrings of the functions that apply them.
"""

from openaco.rules.assignment.assign import assign, claims_based, decide
from openaco.rules.assignment.assignable import assignable
from openaco.rules.assignment.charges import charges_by_clinician, charges_by_entity
from openaco.rules.assignment.codes import list_confidence
from openaco.rules.assignment.eligibility import eligibility_screen, enrollment_between
from openaco.rules.assignment.explain import assignment_story
from openaco.rules.assignment.participants import entities, list_takes_effect, on_list, with_entity
from openaco.rules.assignment.primary_care_services import primary_care_services
from openaco.rules.assignment.stages import STAGES, Stage, StageCount, funnel, stage_counts
from openaco.rules.assignment.voluntary_alignment import voluntary_alignment
from openaco.rules.assignment.windows import AssignmentWindow, assignment_window

__all__ = [
    "STAGES",
    "AssignmentWindow",
    "Stage",
    "StageCount",
    "assign",
    "assignable",
    "assignment_story",
    "assignment_window",
    "charges_by_clinician",
    "charges_by_entity",
    "claims_based",
    "decide",
    "eligibility_screen",
    "enrollment_between",
    "entities",
    "funnel",
    "list_confidence",
    "list_takes_effect",
    "on_list",
    "primary_care_services",
    "stage_counts",
    "voluntary_alignment",
    "with_entity",
]

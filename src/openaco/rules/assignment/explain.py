"""One person's assignment in sentences, from the rows that decided it (42 CFR 425.400–425.404)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaco.rules.assignment.stages import STAGE_BY_NAME

STEP_LABELS = {
    "step_1": "Step 1 (primary care physicians, NPs, PAs, CNSs; 42 CFR 425.402(b)(3))",
    "step_2": "Step 2 (specialists of 425.402(c); 42 CFR 425.402(b)(4))",
    "step_3": "Step 3 (expanded window; 42 CFR 425.402(b)(5))",
}
TIE_BREAKS = {
    "recent_pcp": "Equal charges: the most recent service of a primary care physician, NP, PA or CNS decided.",
    "recent_specialist": "Equal charges and primary care dates: the most recent service of a specialist decided.",
    "random": "Equal charges and dates: the lot decided (the lower draw wins).",
}


def assignment_story(row: Mapping[str, Any]) -> list[str]:
    """Sentences, each with its paragraph, that tell how one row of `contract.Assignment` came about.

    Names entities and amounts, never the person. 42 CFR 425.400–425.404.
    """
    stage = STAGE_BY_NAME[row["reason"] or row["basis"]]
    story = [f"{'' if stage.assigned else 'Not assigned: '}{stage.label} ({stage.cite})."]
    if row["designation"]:
        story.append(
            f"Designated clinician {row['designated_npi']} on {row['designated_on']}: {row['designation']} the ACO "
            "(42 CFR 425.402(e))."
        )
    if row["winning_entity"]:
        story.append(_comparison(row))
        if row["tie_break"] in TIE_BREAKS:
            story.append(TIE_BREAKS[row["tie_break"]])
        if row["tie_break"] == "random":
            story.append(f"Draws: {row['winning_draw']} before {row['runner_up_draw']}.")
    return story


def _comparison(row: Mapping[str, Any]) -> str:
    words = f"{STEP_LABELS[row['step']]}: {row['winning_entity']} has ${row['winning_charges']:,}"
    if row["runner_up_entity"]:
        words += f", next {row['runner_up_entity']} ${row['runner_up_charges']:,}"
    return f"{words}; the ACO ${row['aco_charges'] or 0:,}."

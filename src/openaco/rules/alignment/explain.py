"""One person's alignment in sentences, from the row that decided it.

Pioneer ACO Model, Next Generation ACO Model and ACO REACH Model; as 42 CFR 425.402 for assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaco.rules.alignment.stages import STAGE_BY_NAME

KINDS = {"primary_care": "Primary care decides", "specialists": "Too little primary care: specialists decide"}
TIE_BREAKS = {
    "recent_service": "Equal charges: the most recent service decided.",
    "random": "Equal charges and dates: the lot decided (the lower draw wins).",
}


def alignment_story(row: Mapping[str, Any]) -> list[str]:
    """Sentences that tell how one row of `contract.AlignedPerson` came about; entities and amounts, never the person.

    Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    stage = STAGE_BY_NAME[row["reason"] or row["basis"]]
    story = [f"{'' if stage.assigned else 'Not aligned: '}{stage.label} ({stage.cite})."]
    if row["designation"]:
        story.append(
            f"Designated clinician {row['designated_npi']} on {row['designated_on']}: {row['designation']} the ACO."
        )
    if row["winning_entity"]:
        story.append(_comparison(row))
        if row["tie_break"] in TIE_BREAKS:
            story.append(TIE_BREAKS[row["tie_break"]])
    return [*story, row["note"]] if row["note"] else story


def _comparison(row: Mapping[str, Any]) -> str:
    words = f"{KINDS[row['step']]} (${row['all_primary_charges']:,} of ${row['all_charges']:,} weighted charges): "
    words += f"{row['winning_entity']} has ${row['winning_charges']:,}"
    if row["runner_up_entity"]:
        words += f", next {row['runner_up_entity']} ${row['runner_up_charges']:,}"
    return f"{words}; the ACO ${row['aco_charges'] or 0:,}."

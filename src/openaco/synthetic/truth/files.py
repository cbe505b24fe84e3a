"""Writes `truth/`: assignment, expenditures and per capita figures; final claims and months are joined from parts."""

from __future__ import annotations

from pathlib import Path

from openaco.synthetic.timeline import Timeline
from openaco.synthetic.truth.assignment import METHODS
from openaco.synthetic.truth.chunk_truth import ChunkTruth
from openaco.synthetic.truth.enrollment import TYPES
from openaco.synthetic.truth.figures import (
    ASSIGNED,
    Resolved,
    Totals,
    YearTypeKey,
    all_spent,
    money,
    rounded,
    truncated,
)

FINAL_CLAIMS = "claim_kind,claim_id,claim_line_number,person_id,paid_amount"
PERSON_MONTHS = "person_id,month,enrollment_type"
ASSIGNMENT = "method,year,person_id,assigned,basis,reason"
EXPENDITURES = "year,person_id,enrollment_type,months,dollars,dollar_months"
PER_CAPITA = "year,method,enrollment_type,person_months,dollar_months,per_capita"


def write_assignment(path: Path, timeline: Timeline, truths: list[ChunkTruth], resolved: Resolved) -> None:
    """Everybody known, for each year and method: assigned, on which basis, or why not."""
    with path.open("w", encoding="ascii", newline="") as out:
        out.write(ASSIGNMENT + "\n")
        for method in METHODS:
            for year in timeline.settled_years:
                for truth, stages in zip(truths, resolved.stages[year, method], strict=True):
                    for person_id, known, stage in zip(truth.person_ids, truth.known, stages, strict=True):
                        if known:
                            end = f"true,{stage}," if stage in ASSIGNED else f"false,none,{stage}"
                            out.write(f"{method},{year},{person_id},{end}\n")


def write_expenditures(path: Path, truths: list[ChunkTruth], most: dict[YearTypeKey, int]) -> None:
    """Dollars of everybody's eligible months by type; dollar_months: × 12, truncated at threshold × months."""
    with path.open("w", encoding="ascii", newline="") as out:
        out.write(EXPENDITURES + "\n")
        for _, truth, one in all_spent(truths):
            cut = int(truncated(one.cents * 12, most[one.year, one.kind] * one.months))
            out.write(
                f"{one.year},{truth.person_ids[one.person]},{TYPES[one.kind]},{one.months},"
                f"{money(one.cents)},{money(cut)}\n"
            )


def write_per_capita(path: Path, timeline: Timeline, sums: dict[tuple[int, str, int], Totals]) -> None:
    """Completed per capita expenditures of the assigned."""
    with path.open("w", encoding="ascii", newline="") as out:
        out.write(PER_CAPITA + "\n")
        for year in timeline.settled_years:
            for method in METHODS:
                for kind, name in enumerate(TYPES):
                    one = sums.get((year, method, kind))
                    if one:
                        out.write(
                            f"{year},{method},{name},{one.months},{money(one.cents_times_12)},"
                            f"{rounded(one.per_capita)}\n"
                        )

"""Person-months, plainly: who was in both parts and no plan in a month, and as what."""

from __future__ import annotations

from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import first_date
from openaco.synthetic.geography import COUNTIES
from openaco.synthetic.months import DUAL, STATUS

TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")
DUAL_CODES = {"01", "02", "04", "08"}


class Enrollment:
    """The months of a chunk's people as plain lists; `types[p][m]` is the type of an eligible month, or None."""

    def __init__(self, chunk: Chunk) -> None:
        months = chunk.months
        self.first = months.first
        self.part_a = months.part_a.tolist()
        self.part_b = months.part_b.tolist()
        self.plan = months.plan.tolist()
        self.home = [[COUNTIES[one].in_united_states for one in row] for row in months.county.tolist()]
        self.types = [
            [
                enrollment_type(status, dual) if a and b and not plan else None
                for a, b, plan, status, dual in zip(*row, strict=True)
            ]
            for row in zip(
                self.part_a, self.part_b, self.plan, months.status.tolist(), months.dual.tolist(), strict=True
            )
        ]

    def lines(self, person_ids: list[str], last_month: int) -> list[str]:
        """`person_id,month,enrollment_type` for each eligible month through `last_month`."""
        names = [str(first_date(self.first + at)) for at in range(last_month - self.first + 1)]
        return [
            f"{person_id},{name},{TYPES[kind]}"
            for person_id, row in zip(person_ids, self.types, strict=True)
            for name, kind in zip(names, row, strict=False)
            if kind is not None
        ]


def enrollment_type(status: int, dual: int) -> int:
    """ESRD before disabled before aged/dual before aged/non-dual, by the codes of the month."""
    if STATUS[status] in ("11", "21", "31"):
        return 0
    if STATUS[status] == "20":
        return 1
    return 2 if DUAL[dual] in DUAL_CODES else 3

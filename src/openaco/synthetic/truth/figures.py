"""From the truth about people to the figures of the years: thresholds, per capita, and what CMS would state.

National and regional figures are those of our ACO's own people without its effect in the performance year, times
fixed factors. So the settlement is not written anywhere: it follows from what the effect does to the claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from openaco.synthetic.timeline import Timeline
from openaco.synthetic.truth.assignment import METHODS
from openaco.synthetic.truth.chunk_truth import ASKED, ChunkTruth, Spent
from openaco.synthetic.truth.enrollment import TYPES

COMPLETION = Decimal("1.013")
FALLBACK = (72000.0, 11500.0, 16800.0, 10900.0)
"""US dollars a person-year by type, for a type in which nobody was assigned."""
ASSIGNED = ("voluntary", "step_1", "step_2", "step_3")
YearTypeKey = tuple[int, int]


@dataclass
class Resolved:
    """All chunks with every question answered: stages by (year, method) and chunk."""

    stages: dict[tuple[int, str], list[list[str]]]
    inside: dict[tuple[int, str, int, int], bool] = field(default_factory=dict)

    def assigned(self, year: int, method: str, chunk: int, person: int) -> bool:
        """Whether a person is assigned."""
        return self.stages[year, method][chunk][person] in ASSIGNED


def resolve(timeline: Timeline, truths: list[ChunkTruth]) -> Resolved:
    """Answer the designations that name a clinician only: inside if the clinician billed through us in the window."""
    found = Resolved({})
    for year in timeline.settled_years:
        for method in METHODS:
            clinicians = set().union(*(truth.clinicians[year, method] for truth in truths))
            found.stages[year, method] = []
            for chunk, truth in enumerate(truths):
                stages = list(truth.stages[year, method])
                for person, stage in enumerate(stages):
                    if stage == ASKED:
                        npi, inside, outside = truth.asked[year, method, person]
                        found.inside[year, method, chunk, person] = npi in clinicians
                        stages[person] = inside if npi in clinicians else outside
                found.stages[year, method].append(stages)
    return found


@dataclass(frozen=True)
class Totals:
    """One year, method and type: months, and Σ of truncated cents × 12, as they are and without our ACO's effect."""

    months: int
    cents_times_12: int
    usual_times_12: float

    @property
    def per_capita(self) -> Decimal:
        """Completed US dollars a person-year."""
        return Decimal(self.cents_times_12) * COMPLETION / 100 / self.months

    @property
    def usual_per_capita(self) -> float:
        """The same without our ACO's effect."""
        return self.usual_times_12 * float(COMPLETION) / 100 / self.months


def all_spent(truths: list[ChunkTruth]) -> Iterator[tuple[int, ChunkTruth, Spent]]:
    """Every person's year and type, with the chunk it is of."""
    for chunk, truth in enumerate(truths):
        for one in truth.spent:
            yield chunk, truth, one


def thresholds(timeline: Timeline, truths: list[ChunkTruth]) -> dict[YearTypeKey, int]:
    """The 99th percentile of annualized dollars of assignable people, in cents, by year and type."""
    annual: dict[YearTypeKey, list[int]] = defaultdict(list)
    for _, truth, one in all_spent(truths):
        if truth.assignable[one.year][one.person]:
            annual[one.year, one.kind].append(one.cents * 12 // one.months)
    found = {}
    for year in timeline.settled_years:
        for kind in range(len(TYPES)):
            ranked = sorted(annual[year, kind])
            place = max(-(-99 * len(ranked) // 100) - 1, 0)
            highest = ranked[place] if ranked else 0
            found[year, kind] = highest if highest > 0 else int(FALLBACK[kind] * 1000)
    return found


def truncated(cents_times_12: float, most: int) -> float:
    """Dollars × 12, kept between minus and plus threshold × months."""
    return max(min(cents_times_12, most), -most)


def totals(
    truths: list[ChunkTruth], resolved: Resolved, most: dict[YearTypeKey, int]
) -> dict[tuple[int, str, int], Totals]:
    """Sums over the assigned, by year, method and type."""
    sums: dict[tuple[int, str, int], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for chunk, _, one in all_spent(truths):
        limit = most[one.year, one.kind] * one.months
        cents, usual = truncated(one.cents * 12, limit), truncated(one.usual * 12, limit)
        for method in METHODS:
            if resolved.assigned(one.year, method, chunk, one.person):
                mine = sums[one.year, method, one.kind]
                mine[0] += one.months
                mine[1] += cents
                mine[2] += usual
    return {key: Totals(int(months), int(cents), usual) for key, (months, cents, usual) in sums.items()}


def money(cents: int) -> str:
    """Cents as dollars, with a sign where it is negative."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def rounded(value: Decimal, places: str = "0.0000000001") -> str:
    """A decimal to ten places."""
    return str(value.quantize(Decimal(places), ROUND_HALF_UP))

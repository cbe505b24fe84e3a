"""What closing one more gap is worth: the score again with one person more, until the standard or the payment changes.

A gap of a measure where higher is better is a person who counts and does not meet it; where lower is better, a person
who does. Dollars are shown where the quality state changes, and per gap where the rate scales with the score.
"""

from __future__ import annotations

from dataclasses import dataclass

from openaco.programs.mssp.settlement import SettlementFacts
from openaco.programs.quality.assess import Assessment, Scored, assess
from openaco.programs.quality.rates import MeasureRate, QualityRates
from openaco.programs.quality.settlement import settled_with
from openaco.rules.quality_scoring import Benchmark
from openaco.rules.quality_standard import QualityFinding
from openaco.rules.sharing import QualityState

HALF_A_CENT = 0.005


@dataclass(frozen=True)
class GapWorth:
    """One measure in one collection type.

    open_gaps         people whose gap can be closed at most
    score_per_gap     points of the quality score (0–100) that the next gap adds
    payment_per_gap   US dollars that the next gap adds; None without a settlement
    gaps_to_change    gaps to close until the quality state changes; None if all of them do not change it
    state_after       the state then
    payment_of_change US dollars that those gaps add together; None without a settlement, or without a change
    """

    measure: str
    collection_type: str
    open_gaps: int
    score_per_gap: float
    payment_per_gap: float | None
    gaps_to_change: int | None
    state_after: QualityState | None
    payment_of_change: float | None

    @property
    def scales(self) -> bool:
        """Whether every gap moves the payment, not only the one that changes the state."""
        return self.payment_per_gap is not None and abs(self.payment_per_gap) > HALF_A_CENT and self.gaps_to_change != 1


def gap_worths(found: Assessment, settlement: SettlementFacts | None = None) -> list[GapWorth]:
    """The worth of the next gap, and of the next change of state, for each measure that was reported with counts.

    settlement: the facts of the settled year; without it, scores and states only. Those that change the state with the
    fewest gaps come first.
    """
    worths = [_worth(found, item, settlement) for item in found.submissions if _open_gaps(item)]
    return sorted(worths, key=lambda one: (one.gaps_to_change is None, one.gaps_to_change or 0, -one.score_per_gap))


def _open_gaps(item: Scored) -> int:
    """People whose gap is open, of a measure with counts and a benchmark, or 0."""
    reported = item.reported
    if reported is None or reported.eligible is None or reported.numerator is None:
        return 0
    if not isinstance(item.benchmark, Benchmark):
        return 0
    return reported.numerator if item.benchmark.lower_is_better else reported.eligible - reported.numerator


def _worth(found: Assessment, item: Scored, settlement: SettlementFacts | None) -> GapWorth:
    open_gaps, before = _open_gaps(item), found.finding
    after_one = _closed(found.rates, item, 1)
    gaps = _gaps_to_change(found, item, open_gaps)
    changed = _closed(found.rates, item, gaps).finding if gaps is not None else None
    return GapWorth(
        measure=item.measure,
        collection_type=item.collection_type,
        open_gaps=open_gaps,
        score_per_gap=(after_one.score or 0.0) - (found.score or 0.0),
        payment_per_gap=_difference(settlement, before, after_one.finding),
        gaps_to_change=gaps,
        state_after=changed.state if changed else None,
        payment_of_change=_difference(settlement, before, changed) if changed else None,
    )


def _closed(rates: QualityRates, item: Scored, gaps: int) -> Assessment:
    """The same ACO with some more gaps of one measure closed."""
    return assess(rates.model_copy(update={"measure": tuple(_moved(one, item, gaps) for one in rates.measure)}))


def _moved(reported: MeasureRate, item: Scored, gaps: int) -> MeasureRate:
    if reported is not item.reported:
        return reported
    lower = isinstance(item.benchmark, Benchmark) and item.benchmark.lower_is_better
    return reported.model_copy(update={"numerator": (reported.numerator or 0) + (-gaps if lower else gaps)})


def _gaps_to_change(found: Assessment, item: Scored, open_gaps: int) -> int | None:
    """The fewest gaps that change the state. More gaps never lower a score, so halving finds them."""
    before = found.finding.state

    def changes(gaps: int) -> bool:
        return _closed(found.rates, item, gaps).finding.state != before

    if not changes(open_gaps):
        return None
    low, high = 0, open_gaps
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if changes(middle) else (middle, high)
    return high


def _difference(settlement: SettlementFacts | None, before: QualityFinding, after: QualityFinding) -> float | None:
    if settlement is None:
        return None
    payments = [settled_with(settlement, finding).number("settlement.payment") for finding in (before, after)]
    return payments[1] - payments[0]

"""What happens to a claim after it is first paid: cancelled, replaced, replaced again, corrected, late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import Days, day, next_weekday
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.visits import CANCELLED, LATE, TAKEN_BACK

ORIGINAL, CANCELLATION, ADJUSTMENT = 0, 1, 2


@dataclass(frozen=True)
class Step:
    """One version. state: which state of the claim it brings or takes back; when: how many gaps after the first."""

    kind: int
    state: int
    when: int
    denied: bool = False


@dataclass(frozen=True)
class Pattern:
    """A life of a claim. final: the states that stand in the end."""

    name: str
    steps: tuple[Step, ...]
    final: tuple[int, ...]
    institutional: float
    supplier: float


PATTERNS = (
    Pattern("paid_once", (Step(ORIGINAL, 0, 0),), (0,), 0.935, 0.952),
    Pattern("replaced", (Step(0, 0, 0), Step(1, 0, 1), Step(2, 1, 1)), (1,), 0.022, 0.018),
    Pattern("cancelled_before_replaced", (Step(0, 0, 0), Step(1, 0, 1), Step(2, 1, 2)), (1,), 0.006, 0.006),
    Pattern("replaced_before_cancelled", (Step(0, 0, 0), Step(2, 1, 1), Step(1, 0, 2)), (1,), 0.004, 0.004),
    Pattern("cancelled", (Step(0, 0, 0), Step(1, 0, 1)), (), 0.007, 0.008),
    Pattern(
        "replaced_twice",
        (Step(0, 0, 0), Step(1, 0, 1), Step(2, 1, 1), Step(1, 1, 2), Step(2, 2, 2)),
        (2,),
        0.006,
        0.006,
    ),
    Pattern("changed_end", (Step(0, 0, 0), Step(1, 0, 1), Step(2, 1, 1)), (1,), 0.008, 0.0),
    Pattern("two_originals", (Step(0, 0, 0), Step(0, 1, 1)), (0, 1), 0.003, 0.0),
    Pattern("cancellation_alone", (Step(1, 0, 0),), (), 0.001, 0.001),
    Pattern("denied_then_paid", (Step(0, 0, 0, True), Step(1, 0, 1, True), Step(2, 1, 1)), (1,), 0.004, 0.003),
    Pattern("paid_then_denied", (Step(0, 0, 0), Step(1, 0, 1), Step(2, 1, 1, True)), (), 0.004, 0.002),
)
CANCELLED_PATTERN, CHANGED_END, CANCELLATION_ALONE = 4, 6, 8


@dataclass
class Versions:
    """One row a version. percent: of the claim's amounts; shift: days that the claim's end moves by.

    `final` says that the version stands in the end, if everything is delivered; `serial` numbers versions from 0.
    """

    claim: NDArray[np.int32]
    kind: NDArray[np.int32]
    state: NDArray[np.int32]
    percent: NDArray[np.int64]
    shift: NDArray[np.int32]
    denied: NDArray[np.bool_]
    effective: Days
    load: Days
    serial: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.claim)

    def only(self, keep: NDArray[Any]) -> Versions:
        """The versions to keep."""
        return Versions(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def draw_versions(
    rng: np.random.Generator, timeline: Timeline, ends: Days, fates: NDArray[np.int32], institutional: bool
) -> Versions:
    """The versions of claims that end on these days. Suppliers' claims know originals and cancellations only."""
    count = len(ends)
    weights = np.array([one.institutional if institutional else one.supplier for one in PATTERNS])
    pattern = rng.choice(len(PATTERNS), count, p=weights / weights.sum())
    scripted = np.select([fates == CANCELLED, fates == TAKEN_BACK], [CANCELLED_PATTERN, CANCELLATION_ALONE], 0)
    pattern = np.where(fates > 0, scripted, pattern)
    first = ends + _lags(rng, timeline, ends, fates)
    gaps = rng.choice(np.array([7, 14, 28, 60, 110, 200]), (count, 2), p=[0.25, 0.15, 0.2, 0.2, 0.12, 0.08])
    at = np.stack([first, first + gaps[:, 0], first + gaps.sum(axis=1)], axis=1)
    percents = np.stack(
        [
            np.full(count, 100),
            rng.choice(np.array([100, 110, 90, 50]), count, p=[0.15, 0.35, 0.35, 0.15]),
            rng.choice(np.array([120, 80]), count),
        ],
        axis=1,
    )
    shifts = np.where(pattern == CHANGED_END, rng.choice(np.array([1, 2, 3]), count), 0)
    parts = [
        _of_pattern(one, np.flatnonzero(pattern == number), at, percents, shifts, institutional)
        for number, one in enumerate(PATTERNS)
    ]
    joined = Versions(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in Versions.__dataclass_fields__)
    )
    order = np.lexsort((joined.serial, joined.claim))
    ordered = joined.only(order)
    ordered.serial = np.arange(len(ordered), dtype=np.int64)
    return ordered


def _lags(rng: np.random.Generator, timeline: Timeline, ends: Days, fates: NDArray[np.int32]) -> NDArray[np.int32]:
    """Days until a claim is first processed: some three weeks, for one in fifty many months."""
    count = len(ends)
    lag = np.minimum(rng.lognormal(2.9, 0.55, count), 120)
    lag = np.where(rng.random(count) < 0.02, rng.integers(120, 480, count), lag)
    after_run_out = np.maximum(_end_of_run_out(ends) + rng.integers(1, 20, count) - ends, 1)
    return np.where(fates == LATE, after_run_out, lag).astype(np.int32)


def _end_of_run_out(ends: Days) -> Days:
    years = ends.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32)
    return np.array([day(1970 + int(one) + 1, 4) for one in np.arange(years.max(initial=0) + 1)], np.int32)[years]


def _of_pattern(
    pattern: Pattern,
    claims: NDArray[np.integer],
    at: NDArray[np.integer],
    percents: NDArray[np.integer],
    shifts: NDArray[np.integer],
    institutional: bool,
) -> Versions:
    """The versions of all claims that live one pattern."""
    steps = len(pattern.steps)
    claim = np.repeat(claims, steps)
    place = np.tile(np.arange(steps), len(claims))
    state = np.array([step.state for step in pattern.steps])[place]
    when = np.array([step.when for step in pattern.steps])[place]
    kinds = [step.kind if institutional or step.kind == CANCELLATION else ORIGINAL for step in pattern.steps]
    effective = next_weekday(at[claim, when], 4)
    return Versions(
        claim=claim.astype(np.int32),
        kind=np.array(kinds, np.int32)[place],
        state=state.astype(np.int32),
        percent=percents[claim, state].astype(np.int64),
        shift=np.where(state > 0, shifts[claim], 0).astype(np.int32),
        denied=np.array([step.denied for step in pattern.steps])[place],
        effective=effective,
        load=effective + np.int32(3),
        serial=place.astype(np.int64),
    )

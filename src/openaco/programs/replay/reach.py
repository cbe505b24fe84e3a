"""Recomputes CMS's published ACO REACH and GPDC results, ACO by ACO, and says where and why a result differs.

From the printed final benchmark, net expenditures and risk arrangement, the risk corridors give shared savings or
losses, and sequestration what is paid. Each is compared with the printed one: `exact` within $1, `rounding` if the
printed digits of the inputs allow it, else `no`. Other printed figures are checked by the rules as well; where one
does not fit, a note says so. The printed answers go into no input but one: whether an ACO that left was paid its
savings, which no paper that was read says; such ACOs are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import cast

from openaco.feeds.workbooks.printed import Printed
from openaco.feeds.workbooks.reach_results import PublishedReachResult, PublishedReachResults, read_reach_results
from openaco.programs.reach.corridor_settlement import CorridorFacts, reach_terms, settle
from openaco.programs.reach.inputs import RiskArrangement
from openaco.programs.replay.replayed import (
    ONE_DOLLAR,
    TINY,
    Agreement,
    Notes,
    Pairs,
    ReplayedFile,
    is_exact,
    is_within,
    say_difference,
    say_rounding,
)
from openaco.rules.cited import cited

ANSWERS = {"shared_savings": "SHARED_SAVINGS", "shared_savings_seq": "SHARED_SAVINGS_SEQ"}
PERCENT = 0.01


@dataclass(frozen=True)
class ReplayedReachResult:
    """One ACO: recomputed and published US dollars, and how they agree. `special` names what a summary must name."""

    aco_id: str
    shared_savings: float | None
    shared_savings_seq: float | None
    published_shared_savings: float | None
    published_shared_savings_seq: float | None
    agrees: Agreement
    note: str
    special: str = ""


@dataclass(frozen=True)
class Outcome:
    """What the rules give for one set of facts: US dollars."""

    shared_savings: float
    shared_savings_seq: float


@dataclass(frozen=True)
class Reading:
    """One row as a settlement: the facts at the printed values, and how far the digits leave the totals open."""

    facts: CorridorFacts
    benchmark_half_unit: float
    expenditures_half_unit: float

    def corners(self) -> Iterator[CorridorFacts]:
        """The facts at the ends of every printed interval: results are monotone in between."""
        for up, down in product((-1, 1), repeat=2):
            yield replace(
                self.facts,
                benchmark_total=self.facts.benchmark_total + up * self.benchmark_half_unit,
                expenditures_total=self.facts.expenditures_total + down * self.expenditures_half_unit,
            )


def replay_reach(path: Path, year: int | None = None) -> ReplayedFile[ReplayedReachResult]:
    """Recompute a published REACH or GPDC results file. Raises WorkbookError if it cannot be read."""
    return replay_reach_results(read_reach_results(path, year))


def replay_reach_results(published: PublishedReachResults) -> ReplayedFile[ReplayedReachResult]:
    """Recompute every row of a file that is read already. Raises ParameterError for a year without the model."""
    reach_terms("global", published.performance_year)
    compared = [name for name in ANSWERS if name in published.columns]
    return ReplayedFile(
        file=published.file,
        performance_year=published.performance_year,
        year_because=published.year_because,
        results=tuple(_replay_row(row, compared) for row in published.rows),
        amounts=tuple(ANSWERS),
    )


def outcome(facts: CorridorFacts) -> Outcome:
    """Shared savings (losses below zero) after corridors, and what is paid of them after sequestration."""
    sheet = settle(facts)
    return Outcome(sheet.number("settlement.shared_savings"), sheet.number("settlement.payment"))


def _replay_row(row: PublishedReachResult, compared: list[str]) -> ReplayedReachResult:
    """One row: recompute at the printed values; where that is not exact, over all that the digits leave open."""
    if row.unread:
        return _replayed(row, None, "no", f"not recomputed: {'; '.join(row.unread)}", "not recomputed")
    notes = Notes(list(row.remarks))
    reading = _read(row, notes)
    special = ""
    if _forfeited(row):
        reading, special = _left_early(row, reading, notes), "early termination"
    at_print = outcome(reading.facts)
    agrees = _agreement(row, reading, at_print, compared, notes)
    _say_misfits(row, notes)
    return _replayed(row, at_print, agrees, "; ".join(notes.said), special or ("differs" if agrees == "no" else ""))


def _replayed(
    row: PublishedReachResult, found: Outcome | None, agrees: Agreement, note: str, special: str
) -> ReplayedReachResult:
    return ReplayedReachResult(
        aco_id=row.aco_id,
        shared_savings=found.shared_savings if found else None,
        shared_savings_seq=found.shared_savings_seq if found else None,
        published_shared_savings=row.shared_savings.value if row.shared_savings else None,
        published_shared_savings_seq=row.shared_savings_seq.value if row.shared_savings_seq else None,
        agrees=agrees,
        note=note,
        special=special,
    )


def _read(row: PublishedReachResult, notes: Notes) -> Reading:
    """The facts of a row. Where the year has a health equity adjustment, gross savings tell it: it is not printed."""
    benchmark, spent = row.final_benchmark, row.net_expenditures
    assert benchmark is not None
    assert spent is not None
    equity, half_unit = _equity_adjustment(row, benchmark, spent, notes)
    facts = CorridorFacts(
        risk_arrangement=cast(RiskArrangement, row.risk_arrangement),
        performance_year=row.performance_year,
        benchmark_total=benchmark.value + equity,
        expenditures_total=spent.value,
        aco_id=row.aco_id,
        name=row.name,
    )
    return Reading(facts, benchmark.half_unit + half_unit, spent.half_unit)


def _equity_adjustment(
    row: PublishedReachResult, benchmark: Printed, spent: Printed, notes: Notes
) -> tuple[float, float]:
    """What gross savings hold beyond benchmark − expenditures, and how far its digits leave that open."""
    gross, difference = row.gross_savings, benchmark.value - spent.value
    if gross is None:
        return 0.0, 0.0
    beyond = gross.value - difference
    open_digits = gross.half_unit + benchmark.half_unit + spent.half_unit
    if abs(beyond) <= max(ONE_DOLLAR, open_digits):
        return 0.0, 0.0
    if cited("reach/benchmark/equity_adjustment", row.performance_year).value:
        notes.add(f"GROSS_SAVINGS hold a health equity benchmark adjustment of {beyond:,.0f}, which is not printed")
        return beyond, gross.half_unit
    notes.add(
        f"GROSS_SAVINGS prints {gross.value:,.0f}, but FINAL_BENCHMARK - TOT_COST_CARE_NET is {difference:,.0f}; "
        "the latter is used"
    )
    return 0.0, 0.0


def _forfeited(row: PublishedReachResult) -> bool:
    """Whether a retention withhold is printed: it was not returned, because the ACO left."""
    return row.retention_withhold is not None and row.retention_withhold.value > row.retention_withhold.half_unit


def _left_early(row: PublishedReachResult, reading: Reading, notes: Notes) -> Reading:
    """An ACO that forfeited its retention withhold: the printed amount tells whether its savings are paid.

    Takes the rule, savings are not paid, unless only paid savings come to what is printed.
    """
    left = replace(reading, facts=replace(reading.facts, left_early=True))
    stayed = outcome(reading.facts).shared_savings_seq
    printed = row.shared_savings_seq
    if stayed <= 0:
        notes.add("retention withhold not returned: the ACO left; losses are owed all the same")
        return left
    paid = printed is not None and abs(printed.value - stayed) <= ONE_DOLLAR
    told = "in full" if paid else "nothing" if printed is not None else "not said"
    notes.add(
        "retention withhold not returned: the ACO left, and no paper that was read says whether its savings are "
        f"paid; the printed amount tells: {told}"
    )
    return reading if paid else left


def _pairs(row: PublishedReachResult, found: Outcome, compared: list[str]) -> Pairs:
    """Recomputed against printed, of the columns that the file has; no amount printed agrees with zero only."""
    return [(ANSWERS[name], getattr(found, name), getattr(row, name) or Printed(0.0)) for name in compared]


def _agreement(
    row: PublishedReachResult, reading: Reading, at_print: Outcome, compared: list[str], notes: Notes
) -> Agreement:
    for name in compared:
        if getattr(row, name) is None:
            notes.add(f"{ANSWERS[name]} is not printed")
    pairs = _pairs(row, at_print, compared)
    if is_exact(pairs):
        return "exact"
    if is_within(_pairs(row, outcome(facts), compared) for facts in reading.corners()):
        say_rounding(pairs, notes)
        return "rounding"
    say_difference(pairs, notes)
    return "no"


def _say_misfits(row: PublishedReachResult, notes: Notes) -> None:
    """Other printed figures that are not what the rules give. They decide nothing."""
    discount = cited("reach/benchmark/discount", row.performance_year, risk_arrangement=row.risk_arrangement).value
    if row.discount is not None and abs(row.discount.value - discount) > row.discount.half_unit + TINY:
        notes.add(f"DISCOUNT prints {row.discount.value:.2%}, the rules give {discount:.2%}")
    withhold = cited("reach/benchmark/retention_withhold", row.performance_year).value
    if _forfeited(row) and row.retention_withhold and abs(row.retention_withhold.value - withhold) > TINY:
        notes.add(f"RETENTION_WITHHOLD prints {row.retention_withhold.value:.2%}, the rules give {withhold:.2%}")
    _say_savings_rate(row, notes)
    parts = (row.capitation_payments, row.claims_payments, row.expenditures)
    _say_sum("CAP_PMT + CLM_PMT", "TOT_COST_CARE", parts, notes)
    if row.stop_loss is False:
        _say_sum(
            "without stop-loss TOT_COST_CARE", "TOT_COST_CARE_NET", (row.expenditures, row.net_expenditures), notes
        )


def _say_savings_rate(row: PublishedReachResult, notes: Notes) -> None:
    """SAV_RATE against gross savings ÷ final benchmark: printed as a fraction in some files, in percent in others."""
    printed, gross, benchmark = row.savings_rate_as_printed, row.gross_savings, row.final_benchmark
    if printed is None or gross is None or benchmark is None or not benchmark.value:
        return
    ours = gross.value / benchmark.value
    if min(abs(printed.value - ours), abs(printed.value - ours / PERCENT)) > 2 * printed.half_unit + TINY:
        notes.add(f"SAV_RATE prints {printed.value:g}, GROSS_SAVINGS ÷ FINAL_BENCHMARK is {ours:.4%}")


def _say_sum(what: str, total: str, figures: tuple[Printed | None, ...], notes: Notes) -> None:
    """The last figure against the sum of those before it."""
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(figures):
        return
    *parts, whole = known
    apart = abs(sum(part.value for part in parts) - whole.value)
    if apart > ONE_DOLLAR + sum(figure.half_unit for figure in known):
        notes.add(f"{what} is not {total}: {apart:,.0f} apart")

"""What a settlement came to, and the one sentence that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass

from openaco.reports import formats
from openaco.worksheet import Worksheet

KEY_LINES = {
    "benchmark": "settlement.total_benchmark",
    "expenditures": "settlement.total_expenditures",
    "difference": "settlement.difference",
    "minimum_rate": "settlement.minimum_savings_rate",
    "sharing_rate": "settlement.final_sharing_rate",
    "reduced_rate": "settlement.reduced_sharing_rate",
    "shared_savings": "settlement.shared_savings",
    "sequestration": "settlement.sequestration",
    "savings_cap": "settlement.savings_cap",
    "year_fraction": "settlement.performance_year_fraction",
    "earned": "settlement.earned_performance_payment",
    "recouped": "settlement.advance_recoupment",
    "loss_rate": "settlement.shared_loss_rate",
    "shared_losses": "settlement.shared_losses",
    "losses_after_cap": "settlement.losses_after_cap",
    "losses_for_time": "settlement.losses_for_time_in_program",
    "relief": "settlement.extreme_circumstances_adjustment",
    "payment": "settlement.payment",
}
CENT = 0.005


@dataclass(frozen=True)
class Outcome:
    """The figures an answer needs: US dollars and fractions, all as sizes (≥ 0) but for `payment`.

    minimum_rate     share of the benchmark from which savings and losses are shared
    reduced_rate     sharing rate of a low-revenue ACO below the minimum; 0 where that relief does not apply
    losses_for_time  losses after the cap, for the time in the program
    payment          what the ACO receives (positive) or owes (negative), after everything
    why_unshared     the worksheet's reason where savings above the minimum are not shared
    """

    aco_name: str
    year: int
    track: str
    two_sided: bool
    benchmark: float
    expenditures: float
    minimum_rate: float = 0.0
    sharing_rate: float = 0.0
    reduced_rate: float = 0.0
    shared_savings: float = 0.0
    sequestration: float = 0.0
    savings_cap: float = math.inf
    year_fraction: float = 1.0
    earned: float = 0.0
    recouped: float = 0.0
    loss_rate: float = 0.0
    shared_losses: float = 0.0
    losses_after_cap: float = 0.0
    losses_for_time: float = 0.0
    relief: float = 0.0
    payment: float = 0.0
    why_unshared: str = ""

    @property
    def difference(self) -> float:
        """Benchmark minus expenditures: savings are positive."""
        return self.benchmark - self.expenditures

    @property
    def rate(self) -> float:
        """The difference as a share of the benchmark."""
        return abs(self.difference) / self.benchmark if self.benchmark else 0.0

    @property
    def below_minimum(self) -> bool:
        """Whether the difference is too small to be shared."""
        return abs(self.difference) < self.minimum_rate * self.benchmark

    @property
    def above_cap(self) -> float:
        """Dollars that the cap on savings or on losses took away."""
        if self.difference >= 0:
            return max(0.0, self.shared_savings - self.sequestration - self.savings_cap)
        return max(0.0, self.shared_losses - self.losses_after_cap)


def read_outcome(worksheet: Worksheet, aco_name: str, track: str) -> Outcome:
    """The outcome that a worksheet states. Raises WorksheetError if it is not a settlement."""
    figures = {concept: abs(worksheet.number(line)) for concept, line in KEY_LINES.items()}
    del figures["difference"]
    return Outcome(
        aco_name=aco_name,
        year=worksheet.performance_year,
        track=formats.track(track),
        two_sided=worksheet[KEY_LINES["loss_rate"]] is not None or worksheet[KEY_LINES["losses_after_cap"]] is not None,
        why_unshared=worksheet.line(KEY_LINES["shared_savings"]).note,
        **figures | {"payment": worksheet.number(KEY_LINES["payment"])},
    )


def answer(outcome: Outcome) -> str:
    """The one sentence a reader comes for: what was earned or owed, and why."""
    if abs(outcome.difference) < 0.005:
        return f"{outcome.aco_name} neither earns nor owes anything for {outcome.year}: it spent exactly its benchmark."
    return _savings(outcome) if outcome.difference > 0 else _losses(outcome)


def _savings(outcome: Outcome) -> str:
    who, year = outcome.aco_name, outcome.year
    share, minimum = _minimum(outcome)
    spent = f"it spent {share} less than its benchmark"
    if outcome.earned < CENT:
        return f"{who} earned nothing for {year}: {spent}{_why_nothing(outcome)}."
    reason = f"{spent} and receives {formats.rate(outcome.sharing_rate)} of the savings"
    if outcome.below_minimum:
        reason = (
            f"{spent}, below its minimum of {minimum}, and as a low-revenue ACO receives a "
            f"reduced share of {formats.rate(outcome.reduced_rate)}"
        )
    reason += ", up to the cap" if outcome.above_cap >= CENT else ""
    return f"{who} earned {formats.short_dollars(outcome.earned)} for {year}: {reason}{_recouped(outcome)}."


def _minimum(outcome: Outcome) -> tuple[str, str]:
    """The difference and the minimum as percent, with enough digits to tell them apart."""
    for digits in (1, 2, 3):
        spent, minimum = formats.percent(outcome.rate, digits), formats.percent(outcome.minimum_rate, digits)
        if spent != minimum:
            break
    return spent, formats.rate(outcome.minimum_rate)


def _why_nothing(outcome: Outcome) -> str:
    if outcome.below_minimum:
        return f", and savings are shared from {formats.rate(outcome.minimum_rate)} on"
    if outcome.sharing_rate == 0:
        return ", enough to share, but it did not meet the quality standard"
    reason = outcome.why_unshared.rstrip(".")
    return f". {reason}" if reason else ""


def _recouped(outcome: Outcome) -> str:
    if outcome.recouped < CENT:
        return ""
    if outcome.payment < CENT:
        return "; all of it repays advances"
    return f"; {formats.short_dollars(outcome.recouped)} of it repays advances"


def _losses(outcome: Outcome) -> str:
    who, year = outcome.aco_name, outcome.year
    share, minimum = _minimum(outcome)
    spent = f"it spent {share} more than its benchmark"
    if not outcome.two_sided:
        return f"{who} neither earns nor owes anything for {year}: {spent}, and {outcome.track} does not share losses."
    if outcome.shared_losses < CENT:
        return f"{who} neither earns nor owes anything for {year}: {spent}, and losses are shared from {minimum} on."
    if outcome.payment > -CENT:
        why = (
            "relief for extreme circumstances covers its whole share"
            if outcome.relief >= CENT
            else "it had left the program in time"
        )
        return f"{who} owes nothing for {year}: {spent}, and {why}."
    reason = f"{spent} and answers for {formats.rate(outcome.loss_rate)} of the losses"
    reason += ", up to the cap" if outcome.above_cap >= CENT else ""
    reason += ", less relief for extreme circumstances" if outcome.relief >= CENT else ""
    return f"{who} owes CMS {formats.short_dollars(-outcome.payment)} for {year}: {reason}."

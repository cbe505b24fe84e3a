"""At what spending a contract begins to pay, and at what spending the ACO begins to owe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from openaco.programs.contract import Contract
from openaco.programs.mssp.inputs import YearInputs

LOWEST, HIGHEST = 0.5, 2.0
_HALVINGS = 40
_CENT = 0.005


@dataclass(frozen=True)
class Thresholds:
    """Total expenditures of the performance year, US dollars; None where no spending between half and twice the
    actual one gets there.

    earns_below  the most that may be spent for anything to be paid: the break-even spend
    owes_above   the least spending at which something is owed; None for contracts without downside
    """

    earns_below: float | None
    owes_above: float | None


def thresholds(contract: Contract, years: Mapping[str, YearInputs]) -> Thresholds:
    """Both points, found by halving: a contract never pays more for more spending."""

    def payment(factor: float) -> float:
        return contract.settle(with_spending(years, factor)).number("settlement.payment")

    def spending(factor: float | None) -> float | None:
        if factor is None:
            return None
        return contract.settle(with_spending(years, factor)).number("settlement.total_expenditures")

    earns = _last_true(lambda factor: payment(factor) > _CENT)
    owes = _last_true(lambda factor: payment(factor) >= -_CENT)
    return Thresholds(spending(earns), spending(owes))


def with_spending(years: Mapping[str, YearInputs], factor: float) -> dict[str, YearInputs]:
    """The same years with the performance year's expenditures multiplied by a factor."""
    py = years["py"]
    amounts = {kind: amount * factor for kind, amount in py.per_capita.items()}
    return {**years, "py": replace(py, per_capita=amounts)}


def _last_true(holds: Callable[[float], bool]) -> float | None:
    """The highest factor for which something holds that holds for low factors only; None if never or always."""
    if not holds(LOWEST) or holds(HIGHEST):
        return None
    low, high = LOWEST, HIGHEST
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low

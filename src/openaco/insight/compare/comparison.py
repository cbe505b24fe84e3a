"""Puts one population under several contracts and compares them line by line.

The interval of a payment is a bootstrap over beneficiaries: populations redrawn with replacement from the people whom
any of the contracts counts, in all four years at once, the same draws for every contract. It shows what the chance of
who falls ill does to a payment; it does not show what CMS's own figures or next year's rules may do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaco.insight.compare.thresholds import Thresholds, thresholds
from openaco.programs.contract import CashFlow, Contract
from openaco.programs.experience import Experience
from openaco.programs.mssp.inputs import YearInputs
from openaco.worksheet import Worksheet

PERCENTILES = (5, 50, 95)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outlook:
    """Payments over redrawn populations, US dollars: mean and percentiles; `owes` is the share of draws below zero."""

    mean: float
    percentile_5: float
    percentile_50: float
    percentile_95: float
    owes: float
    draws: int


@dataclass(frozen=True)
class RuleWorth:
    """What one rule is worth to the ACO: payment with all rules − payment without this one, US dollars."""

    rule: str
    worth: float
    payment_without: float


@dataclass(frozen=True)
class ContractResult:
    """One contract of the comparison.

    worksheet        the settlement of the population as it is
    payment          its bottom line, US dollars: above zero the ACO is paid
    outlook          payments over redrawn populations
    thresholds       break-even spending
    capital_at_risk  the most that could be owed, US dollars ≥ 0
    cash_flows       money by quarter
    rules            each rule's worth, the greatest first
    unverified       lines that rest on something not confirmed, of those behind the payment
    notes            what the reader must know of the alignment
    """

    id: str
    label: str
    worksheet: Worksheet
    payment: float
    outlook: Outlook
    thresholds: Thresholds
    capital_at_risk: float
    cash_flows: tuple[CashFlow, ...]
    rules: tuple[RuleWorth, ...]
    unverified: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Several contracts of one population for one performance year, in the order they were asked for."""

    performance_year: int
    people: int
    draws: int
    seed: int
    results: tuple[ContractResult, ...]

    @property
    def best(self) -> ContractResult:
        """The contract with the highest payment on average over the draws."""
        return max(self.results, key=lambda result: result.outlook.mean)


def compare(
    found: Experience,
    contracts: Sequence[Contract],
    *,
    draws: int = 400,
    seed: int = 20240101,
    progress: Progress | None = None,
) -> Comparison:
    """Settle every contract on the population as it is and on redrawn ones, and turn its rules off one at a time.

    The same seed gives the same figures. Raises what the contracts' settlements raise.
    """
    tell = progress or (lambda what, done, total: None)
    weights = drawn_weights(len(found.people), draws, seed)
    results = []
    for done, contract in enumerate(contracts):
        tell(contract.label, done, len(contracts))
        results.append(_result(found, contract, weights))
    tell("Done", len(contracts), len(contracts))
    return Comparison(found.performance_year, len(found.people), draws, seed, tuple(results))


def drawn_weights(people: int, draws: int, seed: int) -> np.ndarray:
    """How often each person is in each redrawn population: draws × people, each row sums to the number of people."""
    if not people or not draws:
        return np.zeros((draws, people), dtype="int64")
    return np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws)


def _result(found: Experience, contract: Contract, weights: np.ndarray) -> ContractResult:
    years = found.figures(contract.alignment, truncated=contract.truncated)
    sheet = contract.settle(years)
    payment = sheet.number("settlement.payment")
    redrawn = found.redrawn(contract.alignment, weights, truncated=contract.truncated)
    payments = np.array([contract.settle(figures).number("settlement.payment") for figures in redrawn])
    behind = [sheet.line("settlement.payment"), *sheet.ancestors("settlement.payment")]
    return ContractResult(
        id=contract.id,
        label=contract.label,
        worksheet=sheet,
        payment=payment,
        outlook=outlook(payments, payment),
        thresholds=thresholds(contract, years),
        capital_at_risk=contract.capital_at_risk(sheet),
        cash_flows=tuple(contract.cash_flows(sheet)),
        rules=_worths(contract, years, payment),
        unverified=sum(line.confidence == "unverified" for line in behind),
        notes=found.notes(contract.alignment),
    )


def outlook(payments: np.ndarray, payment: float) -> Outlook:
    """Mean and percentiles of the payments; the payment itself where nothing was redrawn."""
    if not len(payments):
        return Outlook(payment, payment, payment, payment, float(payment < 0), 0)
    low, middle, high = (float(value) for value in np.percentile(payments, PERCENTILES))
    return Outlook(float(payments.mean()), low, middle, high, float((payments < 0).mean()), len(payments))


def _worths(contract: Contract, years: Mapping[str, YearInputs], payment: float) -> tuple[RuleWorth, ...]:
    worths = []
    for rule, supposed in contract.rules.items():
        without = contract.settle(years, supposed).number("settlement.payment")
        worths.append(RuleWorth(rule, payment - without, without))
    return tuple(sorted(worths, key=lambda worth: (-abs(worth.worth), worth.rule)))

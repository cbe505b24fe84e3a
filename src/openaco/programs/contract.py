"""What all contracts have in common, so that one population can be put under each and compared line by line.

A contract says whom it counts (`alignment`), whether it truncates what they cost, and settles the figures of the
three baseline years and the performance year into a Worksheet. Whoever has the figures (a run, a bootstrap draw, a
what-if question) calls `settle`; nothing else is needed to compare contracts.

Every contract's worksheet has these lines, in US dollars where nothing else is said:
`settlement.assigned_beneficiaries` (people), `settlement.person_years`, `settlement.total_benchmark`,
`settlement.total_expenditures`, `settlement.difference` (benchmark − expenditures) and `settlement.payment`: above
zero the ACO is paid, below zero it owes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from openaco.programs.mssp.inputs import YearInputs
from openaco.worksheet import Value, Worksheet


@dataclass(frozen=True)
class Alignment:
    """Whom a contract counts.

    rule     shared_savings: 42 CFR 425.402, stepwise by window; weighted_charges: allowed charges of alignment years
             before the year, weighted, as Pioneer, Next Generation and REACH do
    variant  retrospective or prospective; for weighted_charges the folder of `parameters/alignment/`
    """

    rule: Literal["shared_savings", "weighted_charges"]
    variant: str


@dataclass(frozen=True)
class CashFlow:
    """Money that moves: US dollars, above zero to the ACO. `quarter` 1–4 are the performance year's, 5 the next."""

    quarter: int
    amount: float
    what: str


class Contract(Protocol):
    """One contract of one ACO for one performance year.

    id         short, for files and options: `mssp-basic-a`
    label      as people say it: `MSSP BASIC, Level A`
    alignment  whom it counts
    truncated  whether each person's dollars end at the national 99th percentile before they are summed
    rules      the rules that can be turned off one at a time: name in words → the values (by line id, or its first
               parts) that the worksheet's lines would have without it
    """

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def alignment(self) -> Alignment: ...
    @property
    def truncated(self) -> bool: ...
    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]: ...

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of the figures of `by1`, `by2`, `by3` and `py`; `supposed` gives lines other values.

        Each year's `national_weight` is filled. Called hundreds of times with redrawn figures: no files, no engine.
        """
        ...

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """The most the ACO could owe under this settlement's benchmark, US dollars ≥ 0; infinite without a limit."""
        ...

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Advances, capitation, recoupment and settlement, by quarter; they sum to what the contract moves in all."""
        ...

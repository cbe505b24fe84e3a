"""What Pioneer and Next Generation settle alike: totals, payments in place of fees, and money by quarter.

Both models were tested under section 1115A of the Social Security Act.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.contract import CashFlow
from openaco.programs.mssp.benchmark import add_weighted_total
from openaco.programs.mssp.inputs import YEARS, YearInputs
from openaco.programs.scribe import Scribe
from openaco.rules import fee_reductions
from openaco.rules.benchmark import shares
from openaco.worksheet import Worksheet

_QUARTERS = (1, 2, 3, 4)
_MONTHS_IN_QUARTER = 3


@dataclass(frozen=True)
class FeeReduction:
    """Monthly payments that replace a share of participants' fees for the aligned beneficiaries.

    share           the part of the fees that is replaced, from 0 to 1
    projected_fees  those fees of the year as CMS projected them, US dollars
    actual_fees     those fees as they were, before the reduction, US dollars
    deducted        whether the expenditures of the figures are those after the reduction; OpenACO's own add the
                    reduction back already (parameters/expenditures/added_back)
    """

    share: float
    projected_fees: float
    actual_fees: float
    deducted: bool = False

    def __post_init__(self) -> None:
        """Raises ConfigurationError for a share outside 0 to 1 or fees below zero."""
        if not 0 <= self.share <= 1:
            raise ConfigurationError(f"the share of fees replaced is {self.share}", remedy="Shares lie from 0 to 1.")
        if self.projected_fees < 0 or self.actual_fees < 0:
            raise ConfigurationError("fees that monthly payments replace lie below zero", where="fee reduction")


def check_years(years: Mapping[str, YearInputs], performance_year: int) -> None:
    """Raises ConfigurationError where a year or a type is missing, or the performance year is another one."""
    missing = [name for name in YEARS if name not in years]
    if missing:
        raise ConfigurationError(f"no figures of {', '.join(missing)}", remedy="Settle by1, by2, by3 and py.")
    if years["py"].year != performance_year:
        raise ConfigurationError(f"the figures are of {years['py'].year}, the contract of {performance_year}")
    for name in ("by3", "py"):
        if set(years[name].person_years) != set(ENROLLMENT_TYPES) or years[name].total_person_years <= 0:
            raise ConfigurationError(f"{name} has no person-years by enrollment type")


def check_share(value: float | None, what: str) -> None:
    """Raises ConfigurationError for a share or score outside 0 to 1."""
    if value is not None and not 0 <= value <= 1:
        raise ConfigurationError(f"{what} is {value}", remedy="It lies from 0 to 1.")


def as_if(performance_year: int, rules_year: int, model: str) -> str:
    """Empty where a year of the model is settled by its own terms, else a sentence for the worksheet's `about`."""
    if performance_year == rules_year:
        return ""
    return f"As if: {performance_year} settled by the terms that {rules_year} had in the {model}."


def add_people(scribe: Scribe, performance: YearInputs) -> None:
    """How many, and the proportions of the enrollment types."""
    scribe.given("settlement.assigned_beneficiaries", performance.assigned_beneficiaries)
    ids = [f"settlement.person_years_by_type.{kind}" for kind in ENROLLMENT_TYPES]
    for kind, id in zip(ENROLLMENT_TYPES, ids, strict=True):
        scribe.given(id, performance.person_years[kind])
    scribe.computed("settlement.person_years", math.fsum(scribe.sheet.number(id) for id in ids), ids)
    for kind, share in shares({kind: performance.person_years[kind] for kind in ENROLLMENT_TYPES}).items():
        of_type = f"settlement.person_years_by_type.{kind}"
        scribe.computed(f"update.proportion.{kind}", share, [of_type, "settlement.person_years"])


def add_expenditures(scribe: Scribe, performance: YearInputs, added_back: float, lines: list[str]) -> None:
    """What the aligned beneficiaries cost. lines: those that the fees added back come from."""
    for kind in ENROLLMENT_TYPES:
        scribe.given(f"settlement.per_capita.{kind}", performance.per_capita[kind])
    per_capita = add_weighted_total(
        scribe, "settlement.per_capita", "update.proportion", "settlement.expenditures_per_capita"
    )
    back = scribe.computed("settlement.fees_added_back", added_back, lines)
    scribe.computed(
        "settlement.total_expenditures",
        per_capita * scribe.sheet.number("settlement.person_years") + back,
        ["settlement.expenditures_per_capita", "settlement.person_years", "settlement.fees_added_back"],
    )


def add_difference(scribe: Scribe) -> float:
    """Benchmark minus expenditures, in dollars and as a share of the benchmark. Returns the dollars."""
    sheet, totals = scribe.sheet, ["settlement.total_benchmark", "settlement.total_expenditures"]
    benchmark, spent = (sheet.number(id) for id in totals)
    difference = scribe.computed("settlement.difference", benchmark - spent, totals)
    rate = difference / benchmark if benchmark else None
    scribe.computed("settlement.savings_rate", rate, ["settlement.difference", "settlement.total_benchmark"])
    return float(difference)


def add_fee_reduction(scribe: Scribe, chosen: FeeReduction) -> tuple[float, list[str]]:
    """Payments in place of fees and their reconciliation; the fees to add back, and the lines they come from."""
    share = scribe.given("payments.share", chosen.share)
    projected = scribe.given("payments.projected_fees", chosen.projected_fees)
    monthly = scribe.computed(
        "payments.monthly",
        fee_reductions.monthly_payment(projected, share),
        ["payments.projected_fees", "payments.share"],
    )
    paid = scribe.computed("payments.paid", monthly * fee_reductions.MONTHS_IN_YEAR, ["payments.monthly"])
    fees = scribe.given("payments.actual_fees", chosen.actual_fees)
    reduced = scribe.computed(
        "payments.fees_reduced",
        fee_reductions.fees_reduced(fees, share),
        ["payments.actual_fees", "payments.share"],
    )
    scribe.computed(
        "payments.reconciliation",
        fee_reductions.reconciliation(reduced, paid),
        ["payments.fees_reduced", "payments.paid"],
    )
    return (reduced if chosen.deducted else 0.0), ["payments.fees_reduced"]


def add_due(scribe: Scribe) -> None:
    """What CMS and the ACO owe each other when the year is settled."""
    sheet = scribe.sheet
    signed = {"settlement.payment": 1, "payments.reconciliation": 1, "payments.infrastructure": -1}
    present = {id: sign for id, sign in signed.items() if id in sheet.lines}
    due = math.fsum(sign * sheet.number(id) for id, sign in present.items())
    scribe.computed("settlement.due_at_settlement", due, list(present))


def flows_of(sheet: Worksheet, settlement_quarter: int) -> list[CashFlow]:
    """Money by quarter, for the ACO and its participants together; it sums to `settlement.payment`.

    Fees that participants forgo are money that does not come, so they stand beside the payments that replace them.
    """
    flows = []
    for quarter in _QUARTERS:
        monthly = sheet.number("payments.monthly") if "payments.monthly" in sheet.lines else 0.0
        reduced = sheet.number("payments.fees_reduced") if "payments.fees_reduced" in sheet.lines else 0.0
        advance = sheet.number("payments.infrastructure") if "payments.infrastructure" in sheet.lines else 0.0
        flows += [
            CashFlow(quarter, monthly * _MONTHS_IN_QUARTER, "Payments in place of fees"),
            CashFlow(quarter, -reduced / len(_QUARTERS), "Fees that participants forgo"),
            CashFlow(quarter, advance / len(_QUARTERS), "Infrastructure payments"),
        ]
    settled = (
        ("settlement.payment", 1, "Shared savings or losses"),
        ("payments.reconciliation", 1, "Reconciliation of payments with claims"),
        ("payments.infrastructure", -1, "Infrastructure payments repaid"),
    )
    for id, sign, what in settled:
        if id in sheet.lines:
            flows.append(CashFlow(settlement_quarter, sign * sheet.number(id), what))
    return [flow for flow in flows if flow.amount]

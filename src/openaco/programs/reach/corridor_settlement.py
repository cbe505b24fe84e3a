"""Settlement by risk corridors, of ACO REACH and LEAD: from benchmark and expenditures to the payment.

`settle` serves whoever knows the totals: the replay of CMS's published results, what-if questions, worked examples.
The programs compute the totals first and then add the same lines. Savings are positive, losses negative;
`settlement.payment` is the bottom line: above zero CMS pays the ACO, below zero the ACO pays CMS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from openaco.programs.contract import CashFlow
from openaco.programs.reach.inputs import Capitation, RiskArrangement, StopLoss
from openaco.programs.reach.lines import CORRIDOR_LINES
from openaco.programs.scribe import Scribe
from openaco.rules.cited import Cited, cited
from openaco.rules.corridors import corridors_of
from openaco.rules.reach import CorridorTerms, enhanced_share
from openaco.worksheet import Value, Worksheet

QUARTERS = 4


def reach_terms(risk_arrangement: RiskArrangement, performance_year: int) -> CorridorTerms:
    """How an ACO shares under ACO REACH. Raises ParameterError for years without the model."""
    bands = cited("reach/settlement/risk_corridors", performance_year, risk_arrangement=risk_arrangement)
    corridors = corridors_of(bands.value)
    return CorridorTerms(corridors, corridors, bands, cited("reach/settlement/sequestration_rate", performance_year))


@dataclass(frozen=True)
class CorridorFacts:
    """What a settlement needs beyond the parameters: US dollars, unrounded.

    benchmark_total     after discount, withholds and the health equity adjustment
    expenditures_total  after stop-loss
    left_early          the ACO forfeited its retention withhold
    """

    risk_arrangement: RiskArrangement
    performance_year: int
    benchmark_total: float
    expenditures_total: float
    left_early: bool = False
    aco_id: str = ""
    name: str = ""


def settle(facts: CorridorFacts, supposed: Mapping[str, Value] | None = None) -> Worksheet:
    """The ACO REACH settlement worksheet from given totals, ending in `settlement.payment`.

    Grain: one ACO, one performance year. Raises ParameterError for a year without rules.
    """
    sheet = Worksheet("reach", f"{facts.aco_id} {facts.name}".strip() or "Settlement", facts.performance_year)
    scribe = Scribe(sheet, CORRIDOR_LINES, supposed=supposed)
    scribe.given("settlement.total_benchmark", facts.benchmark_total)
    scribe.given("settlement.total_expenditures", facts.expenditures_total)
    exit_rule = cited("reach/settlement/keeps_savings_on_exit", facts.performance_year) if facts.left_early else None
    add_sharing_lines(scribe, reach_terms(facts.risk_arrangement, facts.performance_year), exit_rule)
    return sheet


def add_sharing_lines(
    scribe: Scribe, terms: CorridorTerms, exit_rule: Cited | None = None, also: tuple[str, ...] = ()
) -> float:
    """Add the lines from the difference on; total benchmark and expenditures stand already. Returns the payment.

    exit_rule: of an ACO that left, whether it is paid its savings. also: lines that the payment holds beside.
    """
    sheet = scribe.sheet
    totals = ["settlement.total_benchmark", "settlement.total_expenditures"]
    benchmark = sheet.number(totals[0])
    difference = scribe.computed("settlement.difference", benchmark - sheet.number(totals[1]), totals)
    rate = scribe.computed(
        "settlement.savings_rate", difference / benchmark if benchmark else 0.0, ["settlement.difference", totals[0]]
    )
    applies = scribe.computed("settlement.risk_corridors", True, basis=[terms.corridors])
    kept = scribe.computed(
        "settlement.kept_rate",
        terms.kept(rate) if applies else rate,
        ["settlement.savings_rate", "settlement.risk_corridors"],
        [terms.corridors],
        note="" if applies else "Without corridors the ACO keeps all.",
    )
    shared = scribe.computed("settlement.shared_savings", kept * benchmark, ["settlement.kept_rate", totals[0]])
    return _add_payment(scribe, terms, shared, exit_rule, also)


def _add_payment(
    scribe: Scribe, terms: CorridorTerms, shared: float, exit_rule: Cited | None, also: tuple[str, ...]
) -> float:
    withheld = scribe.computed(
        "settlement.sequestration",
        terms.sequestration_rate(shared) * abs(shared),
        ["settlement.shared_savings"],
        [terms.sequestration],
    )
    after = scribe.computed(
        "settlement.shared_after_sequestration",
        shared - withheld,
        ["settlement.shared_savings", "settlement.sequestration"],
    )
    forfeited = exit_rule is not None and not exit_rule.value and after > 0
    return scribe.computed(
        "settlement.payment",
        (0.0 if forfeited else after) + sum(map(scribe.sheet.number, also)),
        ["settlement.shared_after_sequestration", *also],
        [exit_rule] if exit_rule else (),
        note="The ACO left in its first year: its savings are not paid." if forfeited else "",
    )


def add_people_lines(scribe: Scribe, people: int, least: Cited) -> None:
    """How many are aligned, and whether they are enough."""
    scribe.given("settlement.assigned_beneficiaries", people)
    scribe.computed(
        "settlement.minimum_beneficiaries",
        least.value,
        ["settlement.assigned_beneficiaries"],
        [least],
        note="The ACO has fewer." if people < least.value else "",
    )


def add_cost_lines(scribe: Scribe, capitation: Capitation | None, stop_loss: StopLoss | None, target: Cited) -> None:
    """From expenditures as if no claim were reduced to those that are settled by: capitation and stop-loss.

    target: primary care capitation as a share of the benchmark. The enhanced part is an advance and does not count.
    """
    lines = ["settlement.fee_for_service_expenditures"]
    spent = scribe.sheet.number(lines[0])
    if capitation is not None:
        spent += _add_capitation(scribe, capitation, target)
        lines += ["capitation.claims_reduced", "capitation.base"]
    scribe.computed("settlement.expenditures_before_stop_loss", spent, lines)
    charge = scribe.given("settlement.stop_loss_charge", stop_loss.charge if stop_loss else 0.0)
    payout = scribe.given("settlement.stop_loss_payout", stop_loss.payout if stop_loss else 0.0)
    scribe.computed(
        "settlement.total_expenditures",
        spent + charge - payout,
        ["settlement.expenditures_before_stop_loss", "settlement.stop_loss_charge", "settlement.stop_loss_payout"],
    )


def _add_capitation(scribe: Scribe, chosen: Capitation, target: Cited) -> float:
    """Add what is paid monthly. Returns by how much the base capitation exceeds the claims that it stands for."""
    lines = ["benchmark.trended", "benchmark.discount_rate", "benchmark.quality_withhold_rate"]
    trended, discount, withhold = map(scribe.sheet.number, lines)
    benchmark = scribe.computed("capitation.benchmark", trended * (1 - discount - withhold), lines)
    base = scribe.computed(
        "capitation.base",
        benchmark * chosen.base_share * chosen.fee_reduction,
        ["capitation.benchmark", scribe.source("capitation.base")],
    )
    reduced = scribe.given(
        "capitation.claims_reduced",
        base if chosen.claims_reduced is None else chosen.claims_reduced,
        note="As much as the base capitation." if chosen.claims_reduced is None else "",
    )
    enhanced = benchmark * enhanced_share(target.value, chosen.base_share) if chosen.enhanced else 0.0
    scribe.computed("capitation.enhanced", enhanced, ["capitation.benchmark"], [target])
    advanced = scribe.given("capitation.advanced_payment", chosen.advanced_payment)
    scribe.given(
        "capitation.advanced_claims_reduced",
        advanced if chosen.advanced_claims_reduced is None else chosen.advanced_claims_reduced,
    )
    return base - reduced


def add_owed_lines(scribe: Scribe) -> float:
    """What is moved at settlement beside the payment: advances of the year. Returns the total."""
    sheet = scribe.sheet
    capitated = "capitation.base" in sheet.lines
    repaid = scribe.computed(
        "settlement.enhanced_capitation_repaid",
        sheet.number("capitation.enhanced") if capitated else 0.0,
        ["capitation.enhanced"] if capitated else (),
    )
    lines = ["capitation.advanced_claims_reduced", "capitation.advanced_payment"] if capitated else []
    earned, paid = map(sheet.number, lines) if lines else (0.0, 0.0)
    reconciled = scribe.computed("settlement.advanced_payment_reconciled", earned - paid, lines)
    names = ("payment", "enhanced_capitation_repaid", "advanced_payment_reconciled")
    return scribe.computed(
        "settlement.total_owed",
        sheet.number("settlement.payment") - repaid + reconciled,
        [f"settlement.{name}" for name in names],
    )


def cash_flows(sheet: Worksheet, settlement_quarter: int) -> list[CashFlow]:
    """What moves, by quarter: capitation and advances in the year, the rest at settlement.

    Claims that participants forgo for capitation count against it, so that the flows sum to `settlement.payment` and
    what capitation left over.
    """
    flows = []
    for name, sign, what in _MONTHLY:
        amount = sign * _number(sheet, name) / QUARTERS
        flows += [CashFlow(quarter, amount, what) for quarter in range(1, QUARTERS + 1)]
    settled = sheet.number("settlement.payment") - _number(sheet, "settlement.administrative_add_on")
    flows.append(CashFlow(settlement_quarter, settled, "Shared savings" if settled > 0 else "Shared losses"))
    for name, sign, what in _AT_SETTLEMENT:
        flows.append(CashFlow(settlement_quarter, sign * _number(sheet, name), what))
    return [flow for flow in flows if flow.amount]


def _number(sheet: Worksheet, name: str) -> float:
    """The value of a line, 0 where the contract does not have it."""
    return sheet.number(name) if name in sheet.lines else 0.0


_MONTHLY = (
    ("capitation.base", 1.0, "Base capitation"),
    ("capitation.claims_reduced", -1.0, "Claims not paid for capitation"),
    ("capitation.enhanced", 1.0, "Enhanced primary care capitation"),
    ("capitation.advanced_payment", 1.0, "Advanced payment option"),
    ("capitation.advanced_claims_reduced", -1.0, "Claims not paid for the advanced payment option"),
    ("settlement.administrative_add_on", 1.0, "Administrative add-on"),
)
_AT_SETTLEMENT = (
    ("settlement.enhanced_capitation_repaid", -1.0, "Enhanced primary care capitation repaid"),
    ("settlement.advanced_payment_reconciled", 1.0, "Advanced payment option reconciled"),
)


def most_owed(terms: CorridorTerms) -> float:
    """The most an ACO can owe, US dollars: without a limit while the last band of losses keeps a share."""
    return math.inf if terms.losses.bands[-1].kept else 0.0

"""The rules of a Shared Savings Program contract that can be turned off one at a time, to see what each is worth.

Each rule has a name in words and the values that lines of the worksheet would have without it; None: the line would
not apply. Lines after them follow.
"""

from __future__ import annotations

from openaco.programs.configuration import Agreement, Performance
from openaco.programs.mssp.inputs import BEFORE_JULY_2019, GROWS_WITH_NATION, methodology
from openaco.rules.cited import cited
from openaco.rules.participation import year_of_rules
from openaco.rules.sharing import SharingTerms
from openaco.worksheet import Value

Switches = dict[str, dict[str, Value]]


def contract_rules(terms: SharingTerms, agreement: Agreement, result: Performance) -> Switches:
    """The rules of one level under one agreement, in the order of the worksheet."""
    return {**_benchmark_rules(agreement, result), **_saving_rules(terms, agreement), **_loss_rules(terms, result)}


def _benchmark_rules(agreement: Agreement, result: Performance) -> Switches:
    if methodology(agreement).value in BEFORE_JULY_2019:
        return _benchmark_rules_before_2019(agreement, result)
    start = year_of_rules(agreement.start)
    rules: Switches = {
        "Regional growth": {"trend.national_weight": 1.0},
        "Regional adjustment": {"benchmark.regional_adjustment": 0.0},
        "Risk adjustment": {"benchmark.risk_ratio": 1.0, "update.risk_ratio": 1.0},
    }
    if cited("mssp/benchmark/guardrail", start).value:
        rules["Prospective trend"] = {"update.prospective_trend_weight": 0.0}
        rules["Cap on risk growth"] = {"update.aggregate_risk_cap": None}
        rules["Guardrail"] = {"update.guardrail": False}
    else:
        rules["Cap on risk growth"] = {"update.risk_ratio_cap": None}
    candidates = cited("mssp/benchmark/adjustments", start).value
    if "prior_savings" in candidates and result.prior_savings_adjustment:
        rules["Prior savings adjustment"] = {"benchmark.prior_savings_adjustment": 0.0}
    if "population" in candidates:
        rules["Population adjustment"] = {"benchmark.population_adjustment": 0.0}
    return rules


def _benchmark_rules_before_2019(agreement: Agreement, result: Performance) -> Switches:
    rules: Switches = {
        "Risk adjustment": {"benchmark.risk_ratio": 1.0, "update.risk_ratio": 1.0},
        "Demographic scores where risk grew": {"update.continuous_basis": "CMS-HCC"},
    }
    if methodology(agreement).value in GROWS_WITH_NATION:
        rules["National growth"] = {"trend.national_factor": 1.0, "trend.flat_dollars": 0.0}
    else:
        rules["Regional growth"] = {"trend.regional_factor": 1.0}
        rules["Regional adjustment"] = {"benchmark.regional_adjustment": 0.0}
    if methodology(agreement).value == "425.603(b)" and result.prior_savings_adjustment:
        rules["Prior savings adjustment"] = {"benchmark.prior_savings_adjustment": 0.0}
    return rules


def _saving_rules(terms: SharingTerms, agreement: Agreement) -> Switches:
    quality: dict[str, Value] = {"settlement.final_sharing_rate": terms.maximum_sharing_rate.value}
    if "floor" in (terms.shared_loss_rate.value or {}):
        quality["settlement.shared_loss_rate"] = terms.shared_loss_rate.value["floor"]
    rules: Switches = {
        "Minimum savings rate": {"settlement.minimum_savings_rate": 0.0},
        "Rates that depend on quality": quality,
        "Limit of savings": {"settlement.savings_cap": None},
        "Sequestration": {"settlement.sequestration": 0.0},
        "Repayment of advances": {"settlement.advance_recoupment": 0.0},
    }
    if terms.low_revenue_relief.value is not None and agreement.revenue_status == "low":
        rules["Low revenue relief"] = {"settlement.reduced_sharing_rate": None}
    return rules


def _loss_rules(terms: SharingTerms, result: Performance) -> Switches:
    if not terms.two_sided:
        return {}
    rules: Switches = {
        "Sharing of losses": {"settlement.shared_loss_rate": 0.0},
        "Limit of losses": {"settlement.losses_cap": None},
    }
    nationwide = terms.extreme_circumstances.value["month_share"]
    if nationwide or result.extreme_circumstances_month_share:
        rules["Relief in extreme circumstances"] = {"settlement.extreme_circumstances_adjustment": 0.0}
    return rules

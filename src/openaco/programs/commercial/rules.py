"""The rules of a commercial contract that can be turned off one at a time, to see what each is worth.

Each rule has a name in words and the values that lines of the worksheet would have without it; None: the line would
not apply. Only rules that the contract has are named.
"""

from __future__ import annotations

from openaco.programs.commercial.terms import Attribution, Results, Terms
from openaco.worksheet import Value

Switches = dict[str, dict[str, Value]]


def contract_rules(terms: Terms, attribution: Attribution, results: Results) -> Switches:
    """The rules of one year's terms, in the order of the worksheet."""
    candidates: list[tuple[bool, str, dict[str, Value]]] = [
        *_benchmark_rules(terms),
        (bool(attribution.minimum_size), "Smallest number of people", {"settlement.large_enough": True}),
        (terms.fees.counted_as_expenditure, "Fee counted as an expenditure", {"settlement.fee_counted": 0.0}),
        (bool(terms.stop_loss.charge_pmpm), "Charge for the stop-loss", {"settlement.stop_loss_charge": 0.0}),
        (bool(results.stop_loss_recoveries), "Stop-loss recoveries", {"settlement.stop_loss_recoveries": 0.0}),
        (terms.savings.minimum_rate > 0, "Minimum savings rate", {"settlement.minimum_savings_rate": 0.0}),
        (
            terms.quality.minimum_score is not None or terms.quality.scale_share,
            "Savings that depend on quality",
            {"settlement.quality_factor": 1.0},
        ),
        (terms.savings.cap is not None, "Limit of savings", {"settlement.savings_cap": None}),
        *_loss_rules(terms),
        (bool(terms.quality.bonus), "Quality bonus", {"settlement.quality_bonus": 0.0}),
        (bool(terms.fees.recoup_share), "Repayment of upfront money", {"settlement.upfront_recoupment": 0.0}),
        (terms.guarantee.minimum_payment is not None, "Guaranteed payment", {"settlement.guaranteed_payment": None}),
    ]
    return {name: lines for agreed, name, lines in candidates if agreed}


def _benchmark_rules(terms: Terms) -> list[tuple[bool, str, dict[str, Value]]]:
    benchmark = terms.benchmark
    return [
        (benchmark.trend != "target", "Trend", {"benchmark.trend": 1.0}),
        (bool(benchmark.regional_weight), "Region in the benchmark", {"benchmark.regional_weight": 0.0}),
        (benchmark.risk_adjustment, "Risk adjustment", {"benchmark.risk_ratio": 1.0}),
        (benchmark.risk_cap is not None, "Cap on risk", {"benchmark.risk_cap": None}),
        (bool(terms.guarantee.payer_discount), "Payer's discount", {"benchmark.payer_discount": 0.0}),
    ]


def _loss_rules(terms: Terms) -> list[tuple[bool, str, dict[str, Value]]]:
    if terms.losses is None:
        return []
    return [
        (True, "Sharing of losses", {"settlement.losses_share": 0.0}),
        (terms.losses.minimum_rate > 0, "Minimum loss rate", {"settlement.minimum_loss_rate": 0.0}),
        (terms.losses.cap is not None, "Limit of losses", {"settlement.losses_cap": None}),
    ]

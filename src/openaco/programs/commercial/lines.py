"""What each line of a commercial contract's worksheet says, and the key of the contract file that it follows.

An id is the name here, then the enrollment type, then the year: `benchmark.trended.aged_dual.by1`.
"""

from __future__ import annotations

from typing import NamedTuple

from openaco.worksheet import Unit


class ContractLine(NamedTuple):
    """`key` is the key of the contract file that a line is cited by; `formula` is empty for a line from outside."""

    label: str
    unit: Unit
    formula: str
    key: str


BENCHMARK: dict[str, ContractLine] = {
    "benchmark.per_capita": ContractLine(
        "Expenditures per person-year", "usd_per_capita", "", "benchmark.baseline_years"
    ),
    "benchmark.risk_score": ContractLine("Mean risk score", "score", "", "benchmark.risk_adjustment"),
    "benchmark.market_per_capita": ContractLine(
        "Expenditures per person-year of the nation or region that sets the trend",
        "usd_per_capita",
        "",
        "benchmark.trend",
    ),
    "benchmark.regional_per_capita": ContractLine(
        "Regional expenditures per person-year at risk 1", "usd_per_capita", "", "benchmark.regional_weight"
    ),
    "benchmark.year_weight": ContractLine("Weight of the baseline year", "fraction", "", "benchmark.weights"),
    "benchmark.trend_rate": ContractLine("Growth agreed on for the year", "fraction", "", "benchmark.trend_rate"),
    "benchmark.baseline_trend_rate": ContractLine(
        "Growth a year before the contract", "fraction", "", "benchmark.baseline_trend_rate"
    ),
    "benchmark.trend": ContractLine(
        "Trend factor",
        "ratio",
        "growth from the year to the last baseline year; of the performance year, from the last baseline year to it",
        "benchmark.trend",
    ),
    "benchmark.risk_ratio": ContractLine(
        "Risk ratio",
        "ratio",
        "mean risk score of the later year ÷ of the earlier year; of the performance year within the cap",
        "benchmark.risk_adjustment",
    ),
    "benchmark.risk_cap": ContractLine(
        "The most that risk may change the benchmark", "fraction", "", "benchmark.risk_cap"
    ),
    "benchmark.trended": ContractLine(
        "Baseline year at the prices and risk of the last one",
        "usd_per_capita",
        "expenditures per person-year × trend factor × risk ratio",
        "benchmark.trend",
    ),
    "benchmark.historical": ContractLine(
        "Historical expenditures per person-year",
        "usd_per_capita",
        "sum of the baseline years × their weights",
        "benchmark.weights",
    ),
    "benchmark.regional_weight": ContractLine("Weight of the region", "fraction", "", "benchmark.regional_weight"),
    "benchmark.regional_for_aco": ContractLine(
        "Regional expenditures at the members' risk",
        "usd_per_capita",
        "regional expenditures of the last baseline year × mean risk score",
        "benchmark.regional_weight",
    ),
    "benchmark.blended": ContractLine(
        "History and region blended",
        "usd_per_capita",
        "(1 − weight of the region) × historical + weight of the region × regional expenditures at the members' risk",
        "benchmark.regional_weight",
    ),
    "benchmark.target_pmpm": ContractLine("Target per member per month", "usd_per_capita", "", "benchmark.target_pmpm"),
    "benchmark.updated": ContractLine(
        "Benchmark per person-year",
        "usd_per_capita",
        "blended expenditures × trend factor × risk ratio; with a target: target × 12 × risk ratio",
        "benchmark.trend",
    ),
    "benchmark.before_discount": ContractLine(
        "Benchmark before the payer's discount",
        "usd",
        "benchmark per person-year × person-years, all types together",
        "benchmark.trend",
    ),
    "benchmark.payer_discount": ContractLine(
        "Discount guaranteed to the payer", "fraction", "", "guarantee.payer_discount"
    ),
}

SETTLEMENT: dict[str, ContractLine] = {
    "settlement.assigned_beneficiaries": ContractLine("Attributed people", "count", "", "attribution.rule"),
    "settlement.person_years_by_type": ContractLine("Person-years", "years", "", "attribution.rule"),
    "settlement.person_years": ContractLine("Person-years, all types", "years", "sum of the types", "attribution.rule"),
    "settlement.per_capita": ContractLine(
        "Expenditures per person-year of the performance year", "usd_per_capita", "", "stop_loss.truncate"
    ),
    "settlement.medical_expenditures": ContractLine(
        "Medical expenditures",
        "usd",
        "expenditures per person-year × person-years, all types together",
        "stop_loss.truncate",
    ),
    "settlement.stop_loss_recoveries": ContractLine(
        "Taken out by the stop-loss", "usd", "", "results.stop_loss_recoveries"
    ),
    "settlement.stop_loss_charge": ContractLine(
        "Charge for the stop-loss", "usd", "charge per member month × person-years × 12", "stop_loss.charge_pmpm"
    ),
    "settlement.care_management_fee": ContractLine(
        "Care management fee of the year",
        "usd",
        "fee per member month × person-years × 12",
        "fees.care_management_pmpm",
    ),
    "settlement.fee_counted": ContractLine(
        "Care management fee that counts as an expenditure",
        "usd",
        "the fee where it counts, else 0",
        "fees.counted_as_expenditure",
    ),
    "settlement.total_expenditures": ContractLine(
        "Total expenditures",
        "usd",
        "medical expenditures − taken out by the stop-loss + charge for the stop-loss + fee that counts",
        "stop_loss.truncate",
    ),
    "settlement.total_benchmark": ContractLine(
        "Total benchmark", "usd", "benchmark before the discount × (1 − discount)", "guarantee.payer_discount"
    ),
    "settlement.difference": ContractLine(
        "Benchmark minus expenditures", "usd", "total benchmark − total expenditures", "benchmark.trend"
    ),
    "settlement.savings_rate": ContractLine(
        "Savings (losses below zero) as a share of the benchmark",
        "fraction",
        "difference ÷ total benchmark",
        "benchmark.trend",
    ),
    "settlement.minimum_size": ContractLine("Smallest number of people", "count", "", "attribution.minimum_size"),
    "settlement.large_enough": ContractLine(
        "Enough people to share anything",
        "flag",
        "attributed people at least the smallest number",
        "attribution.minimum_size",
    ),
    "settlement.minimum_savings_rate": ContractLine("Minimum savings rate", "fraction", "", "savings.minimum_rate"),
    "settlement.savings_share": ContractLine(
        "The ACO's part of the savings, as a share of the benchmark",
        "fraction",
        "share of each corridor × the part of the savings rate within it, once the minimum is met",
        "savings.corridors",
    ),
    "settlement.quality_score": ContractLine("Quality score", "score", "", "results.quality_score"),
    "settlement.quality_factor": ContractLine(
        "What quality leaves of the savings",
        "fraction",
        "0 below the minimum score; score ÷ 100 where the share is scaled; else 1",
        "quality.minimum_score",
    ),
    "settlement.shared_savings": ContractLine(
        "Shared savings", "usd", "the ACO's part × total benchmark × what quality leaves", "savings.corridors"
    ),
    "settlement.savings_cap": ContractLine("The most that is paid", "usd", "cap × total benchmark", "savings.cap"),
    "settlement.earned_savings": ContractLine(
        "Earned savings", "usd", "the lesser of shared savings and the most that is paid", "savings.cap"
    ),
    "settlement.minimum_loss_rate": ContractLine("Minimum loss rate", "fraction", "", "losses.minimum_rate"),
    "settlement.losses_share": ContractLine(
        "The ACO's part of the losses, as a share of the benchmark",
        "fraction",
        "share of each corridor × the part of the loss rate within it, once the minimum is met; not above zero",
        "losses.corridors",
    ),
    "settlement.shared_losses": ContractLine(
        "Shared losses", "usd", "the ACO's part × total benchmark; not above zero", "losses.corridors"
    ),
    "settlement.losses_cap": ContractLine("The most that is owed", "usd", "− cap × total benchmark", "losses.cap"),
    "settlement.losses_after_cap": ContractLine(
        "Losses owed", "usd", "the smaller loss of shared losses and the most that is owed", "losses.cap"
    ),
    "settlement.quality_bonus": ContractLine(
        "Quality bonus",
        "usd",
        "bonus per member month of the highest score reached × person-years × 12",
        "quality.bonus",
    ),
    "settlement.upfront_balance": ContractLine(
        "Upfront money not yet paid back",
        "usd",
        "balance of earlier years + upfront money of this year",
        "fees.upfront",
    ),
    "settlement.upfront_recoupment": ContractLine(
        "Upfront money paid back",
        "usd",
        "the lesser of balance and recoupment share × earned savings",
        "fees.recoup_share",
    ),
    "settlement.guaranteed_payment": ContractLine(
        "The least that is paid at settlement", "usd", "", "guarantee.minimum_payment"
    ),
    "settlement.guarantee_top_up": ContractLine(
        "Added to reach the least that is paid",
        "usd",
        "guaranteed payment − (earned savings + quality bonus − upfront money paid back), not below zero",
        "guarantee.minimum_payment",
    ),
    "settlement.payment": ContractLine(
        "Payment: above zero to the ACO, below zero to the payer",
        "usd",
        "earned savings + quality bonus − upfront money paid back + top-up + losses owed",
        "savings.corridors",
    ),
}

CONTRACT_LINES = BENCHMARK | SETTLEMENT

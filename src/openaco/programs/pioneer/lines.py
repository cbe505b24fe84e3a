"""What each line of the Pioneer worksheet says, beside those it has in common with Next Generation."""

from __future__ import annotations

from openaco.programs.model_lines import PAYMENT_LINES, TOTAL_LINES
from openaco.programs.scribe import LineText
from openaco.worksheet import Confidence

_BENCHMARK = "Pioneer ACO Model, Alignment and Financial Reconciliation Methods"
_SHARED = "Pioneer ACO Model, Request for Applications (2011)"
_MEMORY: Confidence = "unverified"

_BENCHMARK_LINES: dict[str, LineText] = {
    "benchmark.weight": LineText("", "Weight of the baseline year", "fraction", "", ""),
    "benchmark.per_capita": LineText("", "Baseline per capita expenditures", "usd_per_capita", "", _BENCHMARK),
    "benchmark.national_per_capita": LineText("", "National per capita expenditures", "usd_per_capita", "", _BENCHMARK),
    "benchmark.trend_to_by3": LineText(
        "",
        "National growth from the baseline year to BY3",
        "ratio",
        "national expenditures of BY3 ÷ those of the baseline year",
        _BENCHMARK,
        _MEMORY,
    ),
    "benchmark.trended": LineText(
        "",
        "Baseline per capita expenditures at the prices of BY3",
        "usd_per_capita",
        "baseline per capita expenditures × national growth to BY3",
        _BENCHMARK,
        _MEMORY,
    ),
    "benchmark.baseline": LineText(
        "",
        "Weighted baseline",
        "usd_per_capita",
        "sum of trended expenditures × weight; weights of years without people fall to the others",
        _BENCHMARK,
        _MEMORY,
    ),
    "benchmark.grown_by_percent": LineText(
        "",
        "Baseline grown by the national percentage",
        "usd_per_capita",
        "baseline × national expenditures of the performance year ÷ those of BY3",
        _BENCHMARK,
        _MEMORY,
    ),
    "benchmark.grown_by_amount": LineText(
        "",
        "Baseline grown by the national amount",
        "usd_per_capita",
        "baseline + national expenditures of the performance year − those of BY3, at least 0",
        _BENCHMARK,
        _MEMORY,
    ),
    "benchmark.weight_of_percent": LineText("", "Weight of percentage growth", "fraction", "", ""),
    "benchmark.updated": LineText(
        "",
        "Benchmark",
        "usd_per_capita",
        "grown by percentage × weight + grown by amount × (1 − weight)",
        _BENCHMARK,
        _MEMORY,
    ),
    "settlement.benchmark_per_capita": LineText(
        "",
        "Benchmark, all types",
        "usd_per_capita",
        "sum of benchmark × proportion over the enrollment types",
        _BENCHMARK,
    ),
    "settlement.total_benchmark": LineText(
        "", "Total benchmark expenditures", "usd", "benchmark × person-years", _BENCHMARK
    ),
}

_SETTLEMENT_LINES: dict[str, LineText] = {
    "settlement.minimum_savings_rate_stated": LineText(
        "", "Minimum savings rate that CMS set for the ACO", "fraction", "", _SHARED
    ),
    "settlement.minimum_savings_rate": LineText(
        "",
        "Minimum savings and loss rate",
        "fraction",
        "as stated; else that of a two-sided year, or by number of beneficiaries where losses are not shared",
        _SHARED,
    ),
    "settlement.minimum_savings": LineText(
        "", "Minimum savings and losses", "usd", "minimum savings rate × total benchmark", _SHARED
    ),
    "settlement.outcome": LineText(
        "",
        "Savings or losses realized",
        "text",
        "Savings or Losses if the difference is at least the minimum in size; else Neither",
        _SHARED,
    ),
    "settlement.quality_score": LineText("", "Quality score", "fraction", "", _SHARED),
    "settlement.quality_share": LineText(
        "",
        "Part of the sharing rate that quality earns",
        "fraction",
        "all for complete reporting in the first year, then the quality score",
        _SHARED,
    ),
    "settlement.greatest_share": LineText("", "Greatest sharing rate", "fraction", "by arrangement and year", ""),
    "settlement.sharing_rate": LineText(
        "", "Sharing rate", "fraction", "greatest sharing rate × part that quality earns", _SHARED, _MEMORY
    ),
    "settlement.shared_loss_rate": LineText(
        "", "Shared loss rate", "fraction", "1 − sharing rate, at most the greatest sharing rate", ""
    ),
    "settlement.shared_savings": LineText(
        "",
        "Shared savings",
        "usd",
        "savings × sharing rate, from the first dollar, where savings meet or exceed the minimum; else 0",
        _SHARED,
    ),
    "settlement.sequestration": LineText(
        "", "Sequestration", "usd", "sequestration rate × shared savings", "", _MEMORY
    ),
    "settlement.savings_cap": LineText("", "Limit of shared savings", "usd", "cap × total benchmark", ""),
    "settlement.earned_payment": LineText(
        "",
        "Shared savings earned",
        "usd",
        "the lesser of shared savings − sequestration and the limit",
        _SHARED,
        _MEMORY,
    ),
    "settlement.shared_losses": LineText(
        "",
        "Shared losses",
        "usd",
        "losses × shared loss rate, from the first dollar, where losses meet or exceed the minimum; else 0",
        _SHARED,
    ),
    "settlement.losses_cap": LineText("", "Limit of shared losses", "usd", "− cap × total benchmark", ""),
    "settlement.losses_after_cap": LineText(
        "", "Shared losses owed", "usd", "the smaller loss of shared losses and the limit", _SHARED
    ),
    "settlement.payment": LineText(
        "",
        "Payment: above zero to the ACO, below zero to CMS",
        "usd",
        "shared savings earned + shared losses owed",
        _SHARED,
    ),
}

_ELIGIBILITY_LINES: dict[str, LineText] = {
    "payments.average_savings": LineText("", "Average savings rate of the first two years", "fraction", "", _SHARED),
    "payments.required_savings": LineText(
        "", "Average savings rate that population-based payments need", "fraction", "", _SHARED
    ),
    "payments.eligible": LineText(
        "",
        "Whether population-based payments may be chosen",
        "flag",
        "average savings rate of the first two years ≥ the rate needed",
        _SHARED,
    ),
}

PIONEER_LINES: dict[str, LineText] = {
    **TOTAL_LINES,
    **PAYMENT_LINES,
    **_BENCHMARK_LINES,
    **_SETTLEMENT_LINES,
    **_ELIGIBILITY_LINES,
}

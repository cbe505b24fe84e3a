"""What each line of the Next Generation worksheet says, beside those it has in common with Pioneer."""

from __future__ import annotations

from openaco.programs.model_lines import PAYMENT_LINES, TOTAL_LINES
from openaco.programs.scribe import LineText

_BENCHMARK = "Next Generation ACO Model, Benchmarking Methods"
_AGREED = "Next Generation ACO Model, Participation Agreement, Appendix B"

NEXT_GENERATION_LINES: dict[str, LineText] = {
    **TOTAL_LINES,
    **PAYMENT_LINES,
    "benchmark.per_capita": LineText(
        "", "Per capita expenditures of the baseline year", "usd_per_capita", "", _BENCHMARK
    ),
    "benchmark.risk_score": LineText("", "Mean risk score", "score", "", _BENCHMARK),
    "benchmark.risk_ratio_cap": LineText("", "Cap on growth and decline of risk scores", "fraction", "", ""),
    "benchmark.risk_ratio": LineText(
        "",
        "Growth of the risk score from the baseline year",
        "ratio",
        "risk score of the performance year ÷ that of the baseline year, within the cap in either direction",
        _BENCHMARK,
    ),
    "trend.national_per_capita": LineText("", "National per capita expenditures", "usd_per_capita", "", _BENCHMARK),
    "trend.projected": LineText("", "National trend as CMS projected it", "ratio", "", _BENCHMARK),
    "trend.national": LineText(
        "",
        "National trend from the baseline year",
        "ratio",
        "as projected; else national expenditures of the performance year ÷ those of the baseline year",
        _BENCHMARK,
    ),
    "trend.geographic_adjustment": LineText(
        "", "Change of regional prices against the nation's", "ratio", "", _BENCHMARK
    ),
    "trend.regional": LineText(
        "", "Projected regional trend", "ratio", "national trend × change of regional prices", _BENCHMARK
    ),
    "benchmark.updated": LineText(
        "",
        "Benchmark before the discount",
        "usd_per_capita",
        "expenditures of the baseline year × regional trend × growth of the risk score",
        _BENCHMARK,
    ),
    "benchmark.per_capita_before_discount": LineText(
        "",
        "Benchmark before the discount, all types",
        "usd_per_capita",
        "sum of benchmark × proportion over the enrollment types",
        _BENCHMARK,
    ),
    "benchmark.total_before_discount": LineText(
        "", "Total benchmark before the discount", "usd", "benchmark before the discount × person-years", _BENCHMARK
    ),
    "discount.person_years": LineText("", "Person-years of the baseline year", "years", "", _BENCHMARK),
    "discount.regional_per_capita": LineText(
        "", "Regional expenditures of the baseline year at a risk score of 1", "usd_per_capita", "", _BENCHMARK
    ),
    "discount.spent": LineText(
        "",
        "Expenditures of the baseline year",
        "usd",
        "sum of per capita expenditures × person-years over the enrollment types",
        _BENCHMARK,
        "unverified",
    ),
    "discount.regional_expected": LineText(
        "",
        "Regional expenditures at the ACO's risk",
        "usd",
        "sum of regional expenditures × risk score × person-years over the enrollment types",
        _BENCHMARK,
        "unverified",
    ),
    "discount.national_expected": LineText(
        "",
        "National expenditures at the ACO's risk",
        "usd",
        "sum of national expenditures × risk score × person-years over the enrollment types",
        _BENCHMARK,
        "unverified",
    ),
    "discount.regional_ratio": LineText(
        "",
        "Regional efficiency",
        "ratio",
        "expenditures ÷ regional expenditures at the ACO's risk",
        _BENCHMARK,
        "unverified",
    ),
    "discount.national_ratio": LineText(
        "",
        "National efficiency",
        "ratio",
        "expenditures ÷ national expenditures at the ACO's risk",
        _BENCHMARK,
        "unverified",
    ),
    "discount.standard": LineText("", "Standard discount", "fraction", "", ""),
    "discount.quality": LineText(
        "", "Quality adjustment of the discount", "fraction", "− greatest adjustment × quality score", ""
    ),
    "discount.regional": LineText(
        "",
        "Regional efficiency adjustment of the discount",
        "fraction",
        "greatest adjustment × (regional efficiency − 1) ÷ distance at which it is full, within ± the greatest",
        "",
    ),
    "discount.national": LineText(
        "",
        "National efficiency adjustment of the discount",
        "fraction",
        "greatest adjustment × (national efficiency − 1) ÷ distance at which it is full, within ± the greatest",
        "",
    ),
    "benchmark.discount": LineText(
        "", "Discount", "fraction", "standard discount + its adjustments; from 2019 fixed by arrangement", _AGREED
    ),
    "settlement.quality_score": LineText("", "Quality score", "fraction", "", _AGREED),
    "settlement.quality_withhold": LineText("", "Quality withhold", "fraction", "", ""),
    "settlement.withhold_lost": LineText(
        "", "Quality withhold not earned", "fraction", "quality withhold × (1 − quality score)", _AGREED, "unverified"
    ),
    "settlement.total_benchmark": LineText(
        "",
        "Total benchmark",
        "usd",
        "total before the discount × (1 − discount) × (1 − quality withhold not earned)",
        _AGREED,
        "unverified",
    ),
    "settlement.risk_share": LineText("", "Share of savings and losses", "fraction", "by risk arrangement", ""),
    "settlement.cap_chosen": LineText("", "Cap of savings and losses chosen by the ACO", "fraction", "", _AGREED),
    "settlement.savings_losses_cap": LineText(
        "", "Cap of savings and losses", "usd", "cap chosen × total benchmark", ""
    ),
    "settlement.shared": LineText(
        "",
        "Shared savings or losses",
        "usd",
        "difference within the cap × share, from the first dollar: there is no minimum savings rate",
        _AGREED,
    ),
    "settlement.sequestration": LineText(
        "", "Sequestration", "usd", "sequestration rate × shared savings; nothing of losses", ""
    ),
    "settlement.payment": LineText(
        "",
        "Payment: above zero to the ACO, below zero to CMS",
        "usd",
        "shared savings or losses − sequestration",
        _AGREED,
    ),
    "payments.infrastructure_pbpm": LineText(
        "", "Infrastructure payment a beneficiary and month", "usd_per_capita", "", _AGREED
    ),
    "payments.infrastructure": LineText(
        "",
        "Infrastructure payments of the year, repaid in full",
        "usd",
        "payment a month × person-years × 12",
        _AGREED,
    ),
}

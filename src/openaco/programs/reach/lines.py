"""What each line of the ACO REACH worksheet says. CMS's reports of the model have no letters of steps.

An id is the name here, then the cohort, then the year: `baseline.standardized.esrd.by1`, `settlement.payment`.
`CORRIDOR_LINES` are those of every settlement by risk corridors; LEAD takes them, and most others, with its own source.
"""

from __future__ import annotations

from openaco.programs.scribe import LineText

_GUIDE = "ACO REACH Model PY2024 Financial Operating Guide, section 4.1.1"
_BENCHMARK = "ACO REACH Model Request for Applications, section VI.F"
_SHARING = "ACO REACH Model Request for Applications, section VI.D"
_PAYMENT = "ACO REACH Model Request for Applications, section VI.E"
_WITHHOLD = "ACO REACH Model Request for Applications, table 6.16"
_UPDATE_2024 = "ACO REACH Model Update of PY2024"
_UPDATE_2025 = "ACO REACH Model Update of PY2025"
_UPDATE_2026 = "ACO REACH Model Update of PY2026"

BASELINE_LINES: dict[str, LineText] = {
    "baseline.years": LineText("", "Baseline years", "text", "", _GUIDE),
    "baseline.beneficiaries": LineText("", "Aligned beneficiaries", "count", "", _GUIDE),
    "baseline.claims_aligned_minimum": LineText(
        "", "Beneficiaries in a baseline year that make an ACO Standard", "count", "by year", _GUIDE
    ),
    "baseline.person_years": LineText("", "Person-years", "years", "", _GUIDE),
    "baseline.per_capita": LineText("", "Expenditures per person-year", "usd_per_capita", "", _GUIDE),
    "baseline.risk_score": LineText("", "Normalized risk score", "score", "", _GUIDE),
    "baseline.national_per_capita": LineText(
        "", "National fee-for-service expenditures per person-year", "usd_per_capita", "", _GUIDE
    ),
    "baseline.trend": LineText(
        "", "National trend to the third baseline year", "ratio", "national of BY3 ÷ national of the year", _GUIDE
    ),
    "baseline.standardized": LineText(
        "", "Trended expenditures at a risk score of 1", "usd_per_capita", "per capita × trend ÷ risk score", _GUIDE
    ),
    "baseline.weight": LineText("", "Weight of the baseline year", "fraction", "by year", _GUIDE),
    "baseline.historical": LineText(
        "",
        "Historical baseline",
        "usd_per_capita",
        "weighted mean of the baseline years; years without people fall to the others",
        _GUIDE,
    ),
    "trend.observed": LineText(
        "",
        "Observed national trend from BY3 to the performance year",
        "ratio",
        "national of the performance year ÷ national of BY3",
        _UPDATE_2024,
    ),
    "trend.prospective": LineText(
        "", "Prospective national trend from BY3 to the performance year", "ratio", "", _BENCHMARK
    ),
    "baseline.projected": LineText(
        "", "Historical baseline in the performance year", "usd_per_capita", "baseline × prospective trend", _GUIDE
    ),
    "baseline.regional": LineText("", "Regional rate at a risk score of 1", "usd_per_capita", "", _BENCHMARK),
    "baseline.historical_weight": LineText("", "Weight of the historical baseline", "fraction", "by type and year", ""),
    "baseline.regional_difference": LineText(
        "",
        "Regional blend before its limits",
        "usd_per_capita",
        "(1 − weight of the historical baseline) × (regional rate − projected baseline)",
        _UPDATE_2025,
    ),
    "baseline.regional_ceiling": LineText(
        "", "Highest regional adjustment", "usd_per_capita", "ceiling × national expenditures", _UPDATE_2025
    ),
    "baseline.regional_floor": LineText(
        "",
        "Lowest regional adjustment, as a reduction",
        "usd_per_capita",
        "floor × national expenditures",
        _UPDATE_2025,
    ),
    "baseline.regional_adjustment": LineText(
        "", "Regional adjustment", "usd_per_capita", "the blend, between − floor and + ceiling", _UPDATE_2025
    ),
    "baseline.blended": LineText(
        "", "Blended baseline at a risk score of 1", "usd_per_capita", "projected baseline + adjustment", _UPDATE_2025
    ),
}

RISK_LINES: dict[str, LineText] = {
    "risk.score": LineText("", "Normalized risk score of the performance year", "score", "", _UPDATE_2026),
    "risk.reference_score": LineText("", "Normalized risk score of the reference year", "score", "", _UPDATE_2026),
    "risk.demographic_growth": LineText(
        "", "Growth of demographic scores that the cap moves with", "ratio", "", _UPDATE_2026, "unverified"
    ),
    "risk.cap_rise": LineText("", "Highest growth of the risk score", "fraction", "by type and year", _UPDATE_2026),
    "risk.cap_fall": LineText("", "Deepest fall of the risk score", "fraction", "by type and year", _UPDATE_2026),
    "risk.capped_score": LineText(
        "",
        "Risk score within the caps",
        "score",
        "the score, at least reference × demographic growth × (1 − fall), at most × (1 + rise)",
        _UPDATE_2026,
    ),
    "risk.coding_intensity_factor": LineText(
        "", "Coding intensity factor", "ratio", "CMS's factor, at least 1, at most 1 + ceiling", _UPDATE_2026
    ),
    "risk.coded_score": LineText(
        "", "Risk score after coding intensity", "score", "capped score ÷ coding intensity factor", _UPDATE_2026
    ),
    "risk.additional_cap": LineText(
        "", "Highest growth from the third baseline year", "fraction", "by type and year", _UPDATE_2026
    ),
    "risk.newly_voluntary_score": LineText(
        "",
        "Risk score of those newly aligned by choice",
        "score",
        "reference × growth, at most × (1 + cap)",
        _UPDATE_2026,
        "unverified",
    ),
    "risk.final_score": LineText(
        "",
        "Risk score of the benchmark",
        "score",
        "score after coding intensity, at most BY3 score × (1 + additional cap), and those newly aligned by choice",
        _UPDATE_2026,
    ),
}

BENCHMARK_LINES: dict[str, LineText] = {
    "benchmark.unadjusted_per_capita": LineText(
        "", "Benchmark per person-year before trend adjustment", "usd_per_capita", "blended × risk score", _BENCHMARK
    ),
    "benchmark.unadjusted": LineText(
        "",
        "Benchmark before trend adjustment, discount and withholds",
        "usd",
        "sum of per person-year × person-years",
        _BENCHMARK,
    ),
    "trend.retrospective_factor": LineText(
        "",
        "Retrospective trend adjustment",
        "ratio",
        "1 within the dead band, else 1 + the part of (observed ÷ prospective − 1) that the ACO bears",
        _UPDATE_2024,
    ),
    "benchmark.trended": LineText(
        "", "Benchmark after trend adjustment", "usd", "each cohort's benchmark × its trend adjustment", _UPDATE_2024
    ),
    "benchmark.discount_rate": LineText("", "Discount", "fraction", "by arrangement and year", _WITHHOLD),
    "benchmark.quality_withhold_rate": LineText("", "Quality withhold", "fraction", "by year", _WITHHOLD),
    "benchmark.quality_score": LineText("", "Quality score", "fraction", "", _WITHHOLD),
    "benchmark.quality_earned_rate": LineText(
        "",
        "Quality withhold earned back",
        "fraction",
        "withhold × quality score, × the multiplier where improvement is not shown",
        _WITHHOLD,
    ),
    "benchmark.retention_withhold_rate": LineText(
        "", "Retention withhold not returned", "fraction", "of an ACO that left in its first year", _WITHHOLD
    ),
    "benchmark.share": LineText(
        "",
        "Share of the benchmark that is left",
        "fraction",
        "1 − discount − quality withhold + earned back − retention withhold",
        _WITHHOLD,
        "verified",
    ),
    "benchmark.final": LineText("", "Final benchmark", "usd", "trended benchmark × share", _WITHHOLD, "verified"),
    "benchmark.equity_amount": LineText(
        "",
        "Health equity adjustment a beneficiary and month",
        "usd",
        "sum of shares of beneficiary months × amount of their decile",
        _BENCHMARK,
    ),
    "benchmark.equity_adjustment": LineText(
        "", "Health equity benchmark adjustment", "usd", "amount × person-years × 12", _BENCHMARK
    ),
}

COST_LINES: dict[str, LineText] = {
    "settlement.minimum_beneficiaries": LineText(
        "", "Least number of aligned beneficiaries", "count", "by type and year", ""
    ),
    "settlement.per_capita": LineText(
        "", "Expenditures per person-year in the performance year", "usd_per_capita", "", _SHARING
    ),
    "settlement.fee_for_service_expenditures": LineText(
        "", "Expenditures as if no claim were reduced", "usd", "sum of per person-year × person-years", _SHARING
    ),
    "capitation.benchmark": LineText(
        "",
        "Benchmark that capitation is paid by",
        "usd",
        "trended benchmark × (1 − discount − quality withhold): quality is not known yet",
        _PAYMENT,
        "unverified",
    ),
    "capitation.base": LineText(
        "", "Base capitation", "usd", "that benchmark × capitated share × fee reduction", _PAYMENT, "unverified"
    ),
    "capitation.claims_reduced": LineText("", "Capitated claims not paid to participants", "usd", "", _PAYMENT),
    "capitation.enhanced": LineText(
        "",
        "Enhanced primary care capitation",
        "usd",
        "that benchmark × (target − capitated share before fee reductions)",
        _PAYMENT,
        "unverified",
    ),
    "capitation.advanced_payment": LineText("", "Advanced payment option: paid in the year", "usd", "", _PAYMENT),
    "capitation.advanced_claims_reduced": LineText(
        "", "Advanced payment option: claims not paid to participants", "usd", "", _PAYMENT
    ),
    "settlement.expenditures_before_stop_loss": LineText(
        "",
        "Total cost of care",
        "usd",
        "expenditures − capitated claims not paid + base capitation; enhanced capitation does not count",
        _SHARING,
        "verified",
    ),
    "settlement.stop_loss_charge": LineText("", "Stop-loss charge", "usd", "", _SHARING),
    "settlement.stop_loss_payout": LineText("", "Stop-loss payout", "usd", "", _SHARING),
}

CORRIDOR_LINES: dict[str, LineText] = {
    "settlement.assigned_beneficiaries": LineText("", "Aligned beneficiaries", "count", "", _SHARING),
    "settlement.person_years": LineText("", "Person-years", "years", "sum of the cohorts", _SHARING),
    "settlement.total_benchmark": LineText(
        "", "Benchmark that is settled by", "usd", "final benchmark + health equity benchmark adjustment", _SHARING
    ),
    "settlement.total_expenditures": LineText(
        "", "Expenditures that are settled by", "usd", "total cost of care + stop-loss charge − payout", _SHARING
    ),
    "settlement.difference": LineText(
        "", "Gross savings or losses", "usd", "benchmark − expenditures", _SHARING, "verified"
    ),
    "settlement.savings_rate": LineText(
        "", "Savings or loss rate", "fraction", "gross savings or losses ÷ benchmark", _SHARING, "verified"
    ),
    "settlement.risk_corridors": LineText("", "Risk corridors", "flag", "", _SHARING),
    "settlement.kept_rate": LineText(
        "",
        "Savings or losses kept, as a rate",
        "fraction",
        "of each band of the rate, the share that the ACO keeps",
        _SHARING,
    ),
    "settlement.shared_savings": LineText(
        "", "Shared savings (above zero) or losses", "usd", "kept rate × benchmark", _SHARING
    ),
    "settlement.sequestration": LineText(
        "", "Sequestration adjustment", "usd", "rate × shared savings or losses", "Budget Control Act of 2011"
    ),
    "settlement.shared_after_sequestration": LineText(
        "", "Shared savings or losses after sequestration", "usd", "shared − sequestration adjustment", _SHARING
    ),
    "settlement.payment": LineText(
        "",
        "Payment: above zero to the ACO, below zero to CMS",
        "usd",
        "shared savings or losses after sequestration; savings of an ACO that left are not paid",
        _SHARING,
    ),
}

OWED_LINES: dict[str, LineText] = {
    "settlement.enhanced_capitation_repaid": LineText(
        "", "Enhanced primary care capitation repaid", "usd", "all of it", _PAYMENT
    ),
    "settlement.advanced_payment_reconciled": LineText(
        "", "Advanced payment option reconciled", "usd", "claims not paid − paid in the year", _PAYMENT
    ),
    "settlement.total_owed": LineText(
        "",
        "Total moved at settlement: above zero to the ACO",
        "usd",
        "payment − enhanced capitation repaid + advanced payment option reconciled",
        _SHARING,
    ),
}

REACH_LINES: dict[str, LineText] = {
    **BASELINE_LINES,
    **RISK_LINES,
    **BENCHMARK_LINES,
    **COST_LINES,
    **CORRIDOR_LINES,
    **OWED_LINES,
}

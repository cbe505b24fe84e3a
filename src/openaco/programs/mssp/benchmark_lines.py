"""What each line of the benchmark and its update says; `openaco.programs.mssp.lines` has the settlement's."""

from __future__ import annotations

from openaco.programs.scribe import LineText

_TRENDS = "42 CFR 425.601(a)(5), (b), 425.652"
_HISTORY = "42 CFR 425.601(a), 425.652(a)"
_REGION = "42 CFR 425.601(f), 425.656"
_UPDATE = "42 CFR 425.601(b), 425.652"
_RISK = "42 CFR 425.605(a), 425.610(a)"

TREND_LINES: dict[str, LineText] = {
    "trend.national_per_capita": LineText(
        "Table A3 [A]", "National assignable per capita expenditures", "usd_per_capita", "", _TRENDS
    ),
    "trend.national_factor": LineText(
        "Table A3 [B]", "National growth factor", "ratio", "BY3 ÷ benchmark year; performance year ÷ BY3", _TRENDS
    ),
    "trend.regional_per_capita": LineText(
        "Table A3 [C]", "Risk-adjusted regional expenditures", "usd_per_capita", "", "42 CFR 425.601(c), (d), 425.654"
    ),
    "trend.regional_factor": LineText(
        "Table A3 [D]", "Regional growth factor", "ratio", "BY3 ÷ benchmark year; performance year ÷ BY3", _TRENDS
    ),
    "trend.national_weight": LineText("Table A3 [E]", "Weight of the national factor", "fraction", "", _TRENDS),
    "trend.regional_weight": LineText(
        "Table A3 [F]", "Weight of the regional factor", "fraction", "1 − weight of the national factor", _TRENDS
    ),
    "trend.blended_factor": LineText(
        "Table A3 [G]",
        "National-regional blended factor",
        "ratio",
        "national factor × its weight + regional factor × its weight",
        _TRENDS,
    ),
}

BENCHMARK_LINES: dict[str, LineText] = {
    "benchmark.assigned_beneficiaries": LineText(
        "Table 1 [A1]", "Assigned beneficiaries", "count", "", "42 CFR 425.110"
    ),
    "benchmark.person_years_by_type": LineText("", "Person-years", "years", "eligible months ÷ 12", _HISTORY),
    "benchmark.person_years": LineText(
        "Table 1 [A2]", "Person-years", "years", "sum over the enrollment types", _HISTORY
    ),
    "benchmark.per_capita": LineText("Table 1 [B]", "Per capita expenditures", "usd_per_capita", "", _HISTORY),
    "benchmark.risk_score": LineText("Table 1 [C]", "Renormalized CMS-HCC risk score", "score", "", _HISTORY),
    "benchmark.risk_ratio": LineText(
        "Table 1 [D]", "Risk ratio", "ratio", "BY3 risk score ÷ risk score of the year; no cap", _HISTORY
    ),
    "benchmark.trended": LineText(
        "Table 1 [F]",
        "Trended per capita expenditures",
        "usd_per_capita",
        "per capita expenditures × risk ratio × blended trend factor",
        _HISTORY,
    ),
    "benchmark.year_weight": LineText(
        "Parameters", "Weight of the benchmark year", "fraction", "by agreement period", ""
    ),
    "benchmark.weighted": LineText(
        "Table 1 [G]",
        "Weighted per capita expenditures",
        "usd_per_capita",
        "trended per capita expenditures × weight of the year",
        _HISTORY,
    ),
    "benchmark.historical": LineText(
        "Table 1 [G]",
        "Historical benchmark expenditures before adjustment",
        "usd_per_capita",
        "sum of the weighted expenditures of the three years",
        _HISTORY,
    ),
    "benchmark.proportion": LineText(
        "Table 1 [H]", "Proportion of BY3 person-years", "fraction", "person-years of the type ÷ person-years", _HISTORY
    ),
    "benchmark.historical_total": LineText(
        "Table 1 [I]",
        "Historical benchmark before adjustment",
        "usd_per_capita",
        "sum of expenditures × proportion over the enrollment types",
        _HISTORY,
    ),
    "benchmark.regional_for_aco": LineText(
        "Table 1 [K]",
        "Regional expenditures at the ACO's risk",
        "usd_per_capita",
        "ACO's BY3 risk score × risk-adjusted regional expenditures in BY3",
        _REGION,
    ),
    "benchmark.regional_difference": LineText(
        "Table 1 [L]",
        "Difference between region and historical benchmark",
        "usd_per_capita",
        "regional expenditures at the ACO's risk − historical benchmark expenditures",
        _REGION,
    ),
    "benchmark.regional_difference_total": LineText(
        "Table 1 [M]",
        "Weighted difference between region and historical benchmark",
        "usd_per_capita",
        "sum of difference × proportion over the enrollment types",
        _REGION,
    ),
    "benchmark.regional_weight": LineText(
        "Table 1 [N]",
        "Regional adjustment weight",
        "fraction",
        "by agreement period subject to the adjustment, and whether the ACO spends more or less than its region",
        "",
    ),
    "benchmark.regional_adjustment_before_cap": LineText(
        "Table 1 [O]",
        "Regional adjustment before the cap",
        "usd_per_capita",
        "difference × regional adjustment weight",
        _REGION,
    ),
    "benchmark.regional_cap": LineText(
        "Table 1 [P]",
        "Cap of the regional adjustment",
        "usd_per_capita",
        "share of national assignable per capita expenditures in BY3",
        "",
    ),
    "benchmark.regional_cap_down": LineText(
        "",
        "Cap of a negative regional adjustment",
        "usd_per_capita",
        "share of national assignable per capita expenditures in BY3",
        "",
    ),
    "benchmark.negative_regional_offset": LineText(
        "",
        "Offset of a negative regional adjustment",
        "fraction",
        "dual share + mean BY3 risk score − 1, within 0 and 1",
        "",
    ),
    "benchmark.regional_adjustment": LineText(
        "Table 1 [Q]",
        "Regional adjustment",
        "usd_per_capita",
        "regional adjustment within its cap; where an offset applies, a negative one × (1 − offset)",
        _REGION,
    ),
    "benchmark.regional_adjustment_total": LineText(
        "",
        "Regional adjustment over all enrollment types",
        "usd_per_capita",
        "sum of regional adjustment × proportion",
        "42 CFR 425.656",
    ),
    "benchmark.prior_savings_adjustment": LineText(
        "", "Prior savings adjustment", "usd_per_capita", "", "42 CFR 425.658"
    ),
    "benchmark.low_income_dual_share": LineText(
        "", "Share of beneficiaries with low-income subsidy or Medicaid", "fraction", "", "42 CFR 425.662"
    ),
    "benchmark.population_adjustment": LineText(
        "",
        "Population adjustment",
        "usd_per_capita",
        "low-income or dual share × rate × national per capita expenditures in BY3, from a least share on",
        "",
    ),
    "benchmark.adjustment_category": LineText(
        "", "Adjustment that applies", "text", "the highest of the adjustments; none if none is above zero", ""
    ),
    "benchmark.applied_adjustment": LineText(
        "",
        "Adjustment of the historical benchmark",
        "usd_per_capita",
        "the regional adjustment of the type, or the same amount for every type",
        "42 CFR 425.652(a)",
        "unverified",
    ),
    "benchmark.adjusted": LineText(
        "Table 1 [R]",
        "Adjusted historical benchmark expenditures",
        "usd_per_capita",
        "historical benchmark expenditures + adjustment",
        _HISTORY,
    ),
    "benchmark.adjusted_total": LineText(
        "Table 1 [S]",
        "Adjusted historical benchmark",
        "usd_per_capita",
        "sum of adjusted expenditures × proportion over the enrollment types",
        _HISTORY,
    ),
}

UPDATE_LINES: dict[str, LineText] = {
    "update.risk_score": LineText("Table A1 [B]", "Renormalized CMS-HCC risk score", "score", "", _RISK),
    "update.risk_ratio_uncapped": LineText(
        "Table A1 [C]",
        "Risk ratio, uncapped",
        "ratio",
        "performance year risk score ÷ BY3 risk score",
        _RISK,
    ),
    "update.risk_ratio_cap": LineText("Table A1 [D]", "Cap of the risk ratio", "ratio", "by agreement start", ""),
    "update.demographic_ratio": LineText(
        "", "Ratio of demographic scores", "ratio", "performance year score ÷ BY3 score", _RISK, "unverified"
    ),
    "update.risk_weight": LineText(
        "",
        "Weight in the aggregate risk growth",
        "fraction",
        "adjusted historical benchmark × performance year person-years, as a share of all types",
        _RISK,
        "verified",
    ),
    "update.aggregate_risk_growth": LineText(
        "", "Aggregate growth of risk", "ratio", "sum of risk ratio × weight", _RISK, "unverified"
    ),
    "update.aggregate_risk_cap": LineText(
        "",
        "Cap of aggregate risk growth",
        "ratio",
        "sum of demographic ratio × weight, plus the allowance",
        _RISK,
        "unverified",
    ),
    "update.risk_ratio": LineText(
        "Table A1 [E]",
        "Risk ratio",
        "ratio",
        "the uncapped ratio within its cap; agreements from 2024: only where aggregate growth passes its cap",
        _RISK,
    ),
    "update.risk_adjusted": LineText(
        "Table 2 [D]",
        "Risk-adjusted historical benchmark expenditures",
        "usd_per_capita",
        "adjusted historical benchmark expenditures × risk ratio",
        _UPDATE,
    ),
    "update.prospective_trend": LineText(
        "", "Accountable care prospective trend, BY3 to performance year", "ratio", "", "42 CFR 425.660"
    ),
    "update.prospective_trend_weight": LineText(
        "", "Weight of the accountable care prospective trend", "fraction", "by performance year", ""
    ),
    "update.update_factor": LineText(
        "Table 2 [E]",
        "Update factor",
        "ratio",
        "the blended factor; agreements from 2024: with a share of the accountable care prospective trend",
        _UPDATE,
    ),
    "update.updated": LineText(
        "Table 2 [F]",
        "Updated benchmark expenditures",
        "usd_per_capita",
        "risk-adjusted expenditures × update factor",
        _UPDATE,
    ),
    "update.person_years_by_type": LineText("", "Person-years", "years", "eligible months ÷ 12", _UPDATE),
    "update.proportion": LineText(
        "Table 2 [G]", "Proportion of person-years", "fraction", "person-years of the type ÷ person-years", _UPDATE
    ),
    "update.updated_total": LineText(
        "Table 2 [H]",
        "Updated benchmark",
        "usd_per_capita",
        "sum of updated expenditures × proportion over the enrollment types",
        _UPDATE,
    ),
    "update.two_way": LineText(
        "",
        "Updated benchmark expenditures by the two-way factor",
        "usd_per_capita",
        "risk-adjusted expenditures × blended factor",
        _UPDATE,
    ),
    "update.two_way_total": LineText(
        "",
        "Updated benchmark by the two-way factor",
        "usd_per_capita",
        "sum of two-way expenditures × proportion over the enrollment types",
        _UPDATE,
    ),
    "update.guardrail": LineText(
        "",
        "Guardrail",
        "flag",
        "yes where the three-way update makes losses of at least the minimum loss rate and the two-way one is higher",
        "",
    ),
}
for _name, _label in (("benchmark", "BY3"), ("update", "performance year")):
    (BENCHMARK_LINES if _name == "benchmark" else UPDATE_LINES)[f"{_name}.demographic_risk_score"] = LineText(
        "", f"Renormalized demographic risk score, {_label}", "score", "", _RISK
    )

QUALITY_LINES: dict[str, LineText] = {
    "quality.reported_score": LineText("", "Quality score as stated", "score", "", "42 CFR 425.512"),
    "quality.threshold": LineText("", "Quality score that meets the standard", "score", "by performance year", ""),
}

TABLE_3_LINES: dict[str, LineText] = {
    "settlement.person_years": LineText("Table 3 [B]", "Person-years", "years", "sum over the types", _RISK),
    "settlement.per_capita": LineText("Table 3 [C]", "Per capita expenditures", "usd_per_capita", "", _RISK),
    "settlement.expenditures_per_capita": LineText(
        "Table 3 [E]",
        "Per capita expenditures over all enrollment types",
        "usd_per_capita",
        "sum of per capita expenditures × proportion over the enrollment types",
        _RISK,
    ),
    "settlement.benchmark_per_capita": LineText(
        "Table 3 [F]", "Per capita benchmark", "usd_per_capita", "updated benchmark, after the guardrail", _RISK
    ),
}

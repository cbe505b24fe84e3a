"""What each line of the LEAD worksheet says: the lines of ACO REACH with LEAD's source, and those of LEAD alone.

Nothing of LEAD is confirmed against CMS's own papers: every line is unverified.
"""

from __future__ import annotations

from openaco.programs.reach.lines import BASELINE_LINES, BENCHMARK_LINES, CORRIDOR_LINES, COST_LINES, OWED_LINES
from openaco.programs.scribe import LineText

_MODEL = "LEAD Model Request for Applications (March 31, 2026)"
_SHARED = {**BASELINE_LINES, **BENCHMARK_LINES, **COST_LINES, **CORRIDOR_LINES, **OWED_LINES}

_OWN: dict[str, LineText] = {
    "baseline.regional": LineText("", "Regional expenditures at a risk score of 1", "usd_per_capita", "", _MODEL),
    "trend.national_weight": LineText("", "Weight of national growth", "fraction", "", _MODEL),
    "trend.national": LineText("", "National growth from BY3", "ratio", "national of the year ÷ of BY3", _MODEL),
    "trend.regional": LineText("", "Regional growth from BY3", "ratio", "regional of the year ÷ of BY3", _MODEL),
    "trend.two_way": LineText(
        "", "Two-way trend", "ratio", "weight × national growth + (1 − weight) × regional growth", _MODEL
    ),
    "trend.prospective": LineText("", "Accountable care prospective trend from BY3", "ratio", "", _MODEL),
    "trend.prospective_weight": LineText("", "Weight of the prospective trend", "fraction", "by year", _MODEL),
    "trend.guarded": LineText(
        "", "Prospective trend within its guardrails", "ratio", "at most two-way + above, at least − below", _MODEL
    ),
    "trend.update": LineText(
        "", "Update of the benchmark", "ratio", "(1 − weight) × two-way + weight × guarded prospective trend", _MODEL
    ),
    "spending.historical": LineText("", "Historical spending at the ACO's risk", "usd", "", _MODEL),
    "spending.regional": LineText("", "Regional spending at the ACO's risk", "usd", "", _MODEL),
    "spending.class": LineText(
        "", "Spending class", "text", "higher if historical spending lies above regional spending, else lower", _MODEL
    ),
    "benchmark.regional_efficiency": LineText(
        "",
        "Regional efficiency adjustment",
        "usd_per_capita",
        "share × (regional − historical), at least 0, at most cap × historical; lower-spending Global ACOs",
        _MODEL,
    ),
    "benchmark.prior_savings": LineText("", "Prior savings adjustment", "usd_per_capita", "", _MODEL),
    "benchmark.adjustment": LineText(
        "", "Which adjustment applies", "text", "the higher of regional efficiency and prior savings, in all", _MODEL
    ),
    "baseline.blended": LineText(
        "", "Adjusted baseline at a risk score of 1", "usd_per_capita", "historical + the adjustment", _MODEL
    ),
    "risk.score": LineText("", "Risk score of the performance year", "score", "", _MODEL),
    "risk.cap": LineText("", "Highest growth and deepest fall of the risk score", "fraction", "by cohort", _MODEL),
    "risk.final_score": LineText(
        "", "Risk score of the benchmark", "score", "the score, within BY3 score × (1 ± cap)", _MODEL
    ),
    "benchmark.trended": LineText(
        "", "Benchmark before discount and withhold", "usd", "sum of per person-year × person-years", _MODEL
    ),
    "benchmark.unadjusted_per_capita": LineText(
        "", "Benchmark per person-year", "usd_per_capita", "adjusted baseline × update × risk score", _MODEL
    ),
    "settlement.administrative_add_on": LineText(
        "", "Administrative add-on of higher-spending ACOs, not reconciled", "usd", "rate × final benchmark", _MODEL
    ),
    "settlement.financial_guarantee": LineText(
        "", "Financial guarantee that the ACO must have", "usd", "rate × expenditures of BY3", _MODEL
    ),
    "settlement.payment": LineText(
        "",
        "Payment: above zero to the ACO, below zero to CMS",
        "usd",
        "shared savings or losses after sequestration + administrative add-on",
        _MODEL,
    ),
}

LEAD_LINES: dict[str, LineText] = {
    name: text._replace(cite=_MODEL, confidence="unverified") for name, text in {**_SHARED, **_OWN}.items()
}

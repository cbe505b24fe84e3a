"""What each line says in the worksheet of an agreement that started before July 2019.

Lines that mean the same as later keep their words and take the paragraphs that held then.
"""

from __future__ import annotations

from collections.abc import Mapping

from openaco.programs.scribe import LineText

_TRACKS = "42 CFR 425.604, 425.606, 425.610"
_BENCHMARK = "42 CFR 425.602(a), 425.603"
_UPDATE = "42 CFR 425.602(b), 425.603"
_RISK = "42 CFR 425.604(a), 425.606(a), 425.610(a)(1)"
_CITES = {"trend": _BENCHMARK, "benchmark": _BENCHMARK, "update": _UPDATE}

OWN_LINES: dict[str, LineText] = {
    "trend.flat_dollars": LineText(
        "",
        "Growth of national per capita expenditures in dollars",
        "usd_per_capita",
        "national assignable per capita expenditures, performance year − BY3",
        _UPDATE,
    ),
    "benchmark.trended": LineText(
        "",
        "Trended per capita expenditures",
        "usd_per_capita",
        "per capita expenditures × risk ratio × growth to BY3",
        _BENCHMARK,
    ),
    "benchmark.adjusted": LineText(
        "",
        "Adjusted historical benchmark expenditures",
        "usd_per_capita",
        "historical benchmark expenditures + regional adjustment of renewals from 2017",
        _BENCHMARK,
    ),
    "benchmark.adjusted_total": LineText(
        "",
        "Adjusted historical benchmark",
        "usd_per_capita",
        "sum of adjusted expenditures × proportion over the enrollment types, + prior savings of renewals of 2016",
        _BENCHMARK,
    ),
    "benchmark.prior_savings_adjustment": LineText(
        "",
        "Adjustment for savings of the agreement period before",
        "usd_per_capita",
        "",
        "42 CFR 425.603(b)(2)",
    ),
    "benchmark.demographic_risk_score": LineText("", "Renormalized demographic risk score, BY3", "score", "", _RISK),
    "update.newly_assigned_share": LineText("", "Newly assigned, share of person-years", "fraction", "", _RISK),
    "update.newly_assigned_risk_score": LineText(
        "", "Renormalized CMS-HCC risk score of the newly assigned", "score", "", _RISK
    ),
    "update.newly_assigned_ratio": LineText(
        "",
        "Risk ratio of the newly assigned",
        "ratio",
        "their CMS-HCC risk score ÷ BY3 risk score",
        _RISK,
        "verified",
    ),
    "update.continuously_assigned_risk_score": LineText(
        "", "Renormalized CMS-HCC risk score of the continuously assigned", "score", "", _RISK
    ),
    "update.continuous_clinical_ratio": LineText(
        "",
        "CMS-HCC risk ratio of the continuously assigned",
        "ratio",
        "their CMS-HCC risk score ÷ BY3 risk score",
        _RISK,
        "verified",
    ),
    "update.demographic_risk_score": LineText(
        "", "Renormalized demographic risk score of the continuously assigned", "score", "", _RISK
    ),
    "update.continuous_demographic_ratio": LineText(
        "",
        "Demographic ratio of the continuously assigned",
        "ratio",
        "their demographic risk score ÷ BY3 demographic risk score; 1 where none are stated",
        _RISK,
        "unverified",
    ),
    "update.continuous_risk_growth": LineText(
        "",
        "Aggregate CMS-HCC risk ratio of the continuously assigned",
        "ratio",
        "sum of their CMS-HCC risk ratio × benchmark dollars over the enrollment types ÷ benchmark dollars",
        _RISK,
        "verified",
    ),
    "update.continuous_basis": LineText(
        "",
        "Scores that count for the continuously assigned",
        "text",
        "CMS-HCC where their aggregate risk ratio is below the threshold, else demographic",
        _RISK,
    ),
    "update.continuous_ratio": LineText(
        "",
        "Risk ratio of the continuously assigned",
        "ratio",
        "their CMS-HCC or their demographic ratio, by the scores that count",
        _RISK,
    ),
    "update.risk_ratio": LineText(
        "",
        "Risk ratio",
        "ratio",
        "ratio of the newly assigned × their share + ratio of the continuously assigned × theirs",
        _RISK,
        "verified",
    ),
    "update.updated": LineText(
        "",
        "Updated benchmark expenditures",
        "usd_per_capita",
        "risk-adjusted expenditures + growth of national expenditures in dollars; renewals from 2017: × its factor",
        _UPDATE,
    ),
    "update.updated_total": LineText(
        "",
        "Updated benchmark",
        "usd_per_capita",
        "sum of updated expenditures × proportion over the enrollment types, + prior savings of renewals of 2016",
        _UPDATE,
    ),
}


def lines_before_2019(texts: Mapping[str, LineText]) -> dict[str, LineText]:
    """The texts of later agreements with the paragraphs and without the letters of CMS's later report; and our own."""
    earlier = {name: text._replace(step="", cite=_cite(name, text.cite)) for name, text in texts.items()}
    return {**earlier, **OWN_LINES}


def _cite(name: str, cite: str) -> str:
    if not cite:
        return ""
    return _CITES.get(name.partition(".")[0], cite.replace("42 CFR 425.605, 425.610", _TRACKS))

"""What each line of the risk score estimate says."""

from __future__ import annotations

from openaco.programs.scribe import LineText

_SCORE = "42 CFR 422.308(c)"
_USE = "42 CFR 425.601(a), 425.652(a), 425.659"
_CAP = "42 CFR 425.605(a), 425.610(a)"

RISK_LINES: dict[str, LineText] = {
    "risk.beneficiaries": LineText("", "Beneficiaries scored", "count", "", _USE),
    "risk.person_years": LineText("", "Person-years", "years", "eligible months ÷ 12", _USE),
    "risk.model_weight": LineText("", "Weight of the model", "fraction", "", _USE),
    "risk.normalization": LineText("", "Normalization factor of the model", "ratio", "", _SCORE),
    "risk.raw_score": LineText(
        "", "Mean raw score", "score", "raw scores weighted by months; no coding adjustment", _SCORE
    ),
    "risk.blended_score": LineText(
        "",
        "Mean score, estimate, not renormalized",
        "score",
        "Σ raw score ÷ normalization factor × weight; a model that stands alone is not normalized",
        _USE,
    ),
    "risk.national_mean": LineText("", "National mean of assignable beneficiaries", "score", "", _USE),
    "risk.renormalized_score": LineText(
        "", "Renormalized score, estimate", "score", "mean score ÷ national mean", _USE
    ),
    "risk.demographic_score": LineText(
        "",
        "Mean demographic score, estimate, not renormalized",
        "score",
        "the model's new enrollee factors, which look at no diagnosis, blended as the score is",
        _USE,
        "unverified",
    ),
    "risk.cms_score": LineText("Table 1-1", "CMS's renormalized score, same people", "score", "", _USE),
    "risk.difference": LineText("", "Estimate less CMS's score", "score", "renormalized score − CMS's score", _USE),
    "risk.implied_mean": LineText(
        "", "National mean that CMS's scores imply", "score", "mean score, not renormalized ÷ CMS's score", _USE
    ),
    "risk.growth": LineText("", "Growth of the score, uncapped", "ratio", "later year ÷ earlier year", _CAP),
    "risk.growth_cap": LineText("Parameters", "Most that a type's score may count as grown", "ratio", "", _CAP),
    "risk.growth_capped": LineText("", "Growth of the score within its cap", "ratio", "the lesser of the two", _CAP),
    "risk.demographic_growth": LineText(
        "", "Growth of the demographic score", "ratio", "later year ÷ earlier year", _CAP, "unverified"
    ),
    "risk.aggregate_growth": LineText(
        "", "Growth of all types", "ratio", "growth weighted by the types' benchmark dollars", _CAP
    ),
    "risk.aggregate_cap": LineText(
        "",
        "Most that the growth of all types may count",
        "ratio",
        "growth of the demographic scores, weighted alike + allowance",
        _CAP,
        "unverified",
    ),
}

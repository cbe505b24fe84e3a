"""What each line of the quality worksheet says. An id is the name here, then the measure: `quality.points.001`."""

from __future__ import annotations

from openaco.programs.scribe import LineText

_SCORING = "42 CFR 414.1380(b)(1)"
_STANDARD = "42 CFR 425.512"

LINES: dict[str, LineText] = {
    "quality.eligible": LineText(
        "", "People who count: denominator less exclusions and exceptions", "count", "", f"{_SCORING}(iii)"
    ),
    "quality.numerator": LineText("", "Numerator", "count", "", _SCORING),
    "quality.performance": LineText("", "Performance", "score", "", f"{_SCORING}(i)"),
    "quality.performance_rate": LineText(
        "", "Performance rate, percent", "score", "numerator ÷ people who count × 100", f"{_SCORING}(i)"
    ),
    "quality.completeness": LineText("", "Data completeness", "fraction", "", "42 CFR 414.1340"),
    "quality.decile": LineText(
        "", "Decile of the benchmark", "count", "deciles that begin at or before the rate", f"{_SCORING}(ii)"
    ),
    "quality.points": LineText(
        "",
        "Points",
        "score",
        "decile + distance from its start ÷ distance to the next; within the least and the most points",
        f"{_SCORING}(i)",
    ),
    "quality.survey_points": LineText(
        "", "Points of a summary measure of the survey", "score", "as points of a measure", f"{_SCORING}(i)"
    ),
    "quality.achievement_points": LineText("", "Achievement points", "score", "sum of the points", f"{_SCORING}(vii)"),
    "quality.available_points": LineText(
        "", "Available points", "score", "measures that count × most points of a measure", f"{_SCORING}(vii)"
    ),
    "quality.complex_organization": LineText(
        "",
        "Complex organization adjustment, points",
        "score",
        "one for each complete eCQM, none above a measure's most points, up to a tenth of the available points",
        f"{_SCORING}(vii)(C)",
    ),
    "quality.achievement": LineText(
        "", "Achievement score", "score", "achievement points ÷ available points × 100", f"{_SCORING}(vi)(D)"
    ),
    "quality.prior_achievement": LineText("", "Achievement score of the year before", "score", "", f"{_SCORING}(vi)"),
    "quality.improvement": LineText(
        "",
        "Improvement, percentage points",
        "score",
        "growth of the achievement score ÷ that of the year before × 10, from 0 to 10",
        f"{_SCORING}(vi)(C)",
    ),
    "quality.category_score": LineText(
        "",
        "MIPS quality performance category score",
        "score",
        "(achievement points + complex organization adjustment) ÷ available points × 100 + improvement, at most 100",
        f"{_SCORING}(vii)",
    ),
    "quality.equity_scaler": LineText(
        "",
        "Measure performance scaler of the health equity adjustment",
        "score",
        "points for measures in the top and the middle third of performance",
        f"{_STANDARD}(b)",
    ),
    "quality.equity_multiplier": LineText(
        "",
        "Underserved multiplier",
        "fraction",
        "greater of the share in deprived areas and the share with low income or dual",
        f"{_STANDARD}(b)",
    ),
    "quality.equity_bonus": LineText(
        "", "Health equity adjustment, points", "score", "scaler × multiplier, at most 10", f"{_STANDARD}(b)"
    ),
    "quality.score": LineText(
        "", "Quality score", "score", "category score + health equity adjustment, at most 100", _STANDARD
    ),
    "quality.threshold": LineText("", "Quality score that meets the standard", "score", "by performance year", ""),
    "quality.threshold_percentile": LineText(
        "", "Percentile of all MIPS quality scores that the threshold stands for", "score", "by performance year", ""
    ),
    "quality.percentile": LineText(
        "",
        "Percentile of the benchmark that is reached, in tens",
        "score",
        "10 × (decile − 1)",
        f"{_STANDARD}(a)",
    ),
    "quality.affected_share": LineText(
        "", "Share of beneficiaries under an extreme and uncontrollable circumstance", "fraction", "", f"{_STANDARD}(c)"
    ),
    "quality.final_score": LineText(
        "", "Quality score that counts", "score", "at least the threshold where a circumstance lifts it", _STANDARD
    ),
    "quality.standard": LineText(
        "", "Quality performance standard met", "text", "score, incentive, or alternative standard", f"{_STANDARD}(a)"
    ),
}

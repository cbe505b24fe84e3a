"""The quality performance standard of the Shared Savings Program: from measures to a score, from a score to a state.

Scores are from 0 to 100 and percentiles from 0 to 100, as CMS publishes them. Sources: 42 CFR 425.512 (standard, health
equity adjustment, extreme and uncontrollable circumstances), 414.1367 and 414.1380 (scoring of measures).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from openaco.errors import ConfigurationError
from openaco.rules.cited import Cited, cited
from openaco.rules.sharing import QualityState

Third = Literal["top", "middle", "bottom"]
FIRST_YEAR_OF_THRESHOLDS = 2021
LIFTED_BY = {  # what lifts a score to the threshold, by the parameter that says so
    "mssp/quality/nationwide_circumstance": "nationwide extreme and uncontrollable circumstance",
    "mssp/quality/circumstance_beneficiary_share": "extreme and uncontrollable circumstance",
    "mssp/quality/missing_benchmark_floor": "a required measure has no benchmark",
}


@dataclass(frozen=True)
class QualityFacts:
    """What an ACO reported and reached in one performance year.

    score                   quality performance score, health-equity adjusted in 2023–2025; None if there is none
    complete                every reported measure met completeness and case minimum
    all_ecqm_or_mips_cqm    every measure to be reported came as an eCQM or MIPS CQM (not Medicare CQM)
    outcome_percentiles     of each outcome measure against its benchmark; other_percentiles of the others
    affected_share          share of beneficiaries in counties under an extreme and uncontrollable circumstance
    lacks_benchmark         a required measure has no benchmark, not even one made from the year's own data
    """

    reported_any: bool = True
    reported_survey: bool = True
    complete: bool = True
    all_ecqm_or_mips_cqm: bool = False
    first_performance_year: bool = False
    score: float | None = None
    outcome_percentiles: tuple[float, ...] = ()
    other_percentiles: tuple[float, ...] = ()
    affected_share: float = 0.0
    lacks_benchmark: bool = False

    @property
    def reported_nothing(self) -> bool:
        """Neither a measure nor the patient survey."""
        return not self.reported_any and not self.reported_survey


@dataclass(frozen=True)
class QualityFinding:
    """The state, the score that counts, the route in words, and the parameters that decided."""

    state: QualityState
    score: float | None
    route: str
    basis: tuple[Cited, ...]


def quality_state(performance_year: int, facts: QualityFacts) -> QualityState:
    """QPS: standard met; ALT: alternative standard only; FAIL: neither (42 CFR 425.512(a))."""
    return find_quality(performance_year, facts).state


def find_quality(performance_year: int, facts: QualityFacts) -> QualityFinding:
    """The quality state with its reason. Raises ConfigurationError where it hangs on a score that is not stated.

    42 CFR 425.512.
    """
    if performance_year < FIRST_YEAR_OF_THRESHOLDS:
        return _before_thresholds(performance_year, facts)
    threshold = cited("mssp/quality/threshold", performance_year)
    score, lift = lifted_score(performance_year, facts)
    if lift is not None and lift.name == "mssp/quality/nationwide_circumstance":
        return QualityFinding("QPS", score, LIFTED_BY[lift.name], (lift, threshold))
    if facts.reported_nothing:
        return QualityFinding("FAIL", score, "neither measures nor the survey were reported", (threshold,))
    if facts.first_performance_year and facts.complete and facts.reported_survey:
        return QualityFinding("QPS", score, "complete reporting in the first performance year", (threshold,))
    if score is not None and score >= threshold.value:
        reason = f"score lifted to the threshold: {LIFTED_BY[lift.name]}" if lift else "score at or above the threshold"
        return QualityFinding("QPS", score, reason, (threshold, lift) if lift else (threshold,))
    return _below_threshold(performance_year, facts, score, threshold)


def _below_threshold(
    performance_year: int, facts: QualityFacts, score: float | None, threshold: Cited
) -> QualityFinding:
    incentive = cited("mssp/quality/incentive", performance_year)
    if incentive.value and _earns_incentive(facts, incentive.value):
        return QualityFinding("QPS", score, "reporting incentive for eCQMs and MIPS CQMs", (incentive,))
    alternative = cited("mssp/quality/alternative_percentile", performance_year)
    if alternative.value is not None and _any_at_least(facts.outcome_percentiles, alternative.value):
        return QualityFinding("ALT", score, "an outcome measure reached the alternative percentile", (alternative,))
    if score is None:
        raise ConfigurationError(
            "no quality score is stated, and the standard is not met without one",
            remedy="Give the quality score of the performance year, as CMS reports it.",
        )
    return QualityFinding("FAIL", score, "score below the threshold", (threshold, incentive, alternative))


def _earns_incentive(facts: QualityFacts, percentiles: dict[str, float]) -> bool:
    """One outcome measure at its percentile, and one of the remaining measures, outcome or not, at the other."""
    if not (facts.all_ecqm_or_mips_cqm and facts.complete):
        return False
    outcome, others = facts.outcome_percentiles, facts.other_percentiles
    return any(
        reached >= percentiles["outcome_percentile"]
        and _any_at_least((*outcome[:at], *outcome[at + 1 :], *others), percentiles["other_percentile"])
        for at, reached in enumerate(outcome)
    )


def _any_at_least(reached: Iterable[float], needed: float) -> bool:
    return any(percentile >= needed for percentile in reached)


def _before_thresholds(performance_year: int, facts: QualityFacts) -> QualityFinding:
    rule = cited("mssp/quality/standard_before_2021", performance_year)
    if facts.reported_nothing or not facts.complete:
        return QualityFinding("FAIL", facts.score, "not reported completely", (rule,))
    return QualityFinding("QPS", facts.score, "reported completely; the score scales the sharing rate", (rule,))


def lifted_score(performance_year: int, facts: QualityFacts) -> tuple[float | None, Cited | None]:
    """The score of an ACO under an extreme and uncontrollable circumstance: at least the threshold (425.512(c)).

    So too, from 2024, where a required measure of an ACO that reported completely has no benchmark (425.512(a)(7)).
    Second: the parameter that made it count, or None. An ACO that reported nothing is lifted only by a nationwide
    circumstance.
    """
    threshold = cited("mssp/quality/threshold", performance_year).value
    nationwide = cited("mssp/quality/nationwide_circumstance", performance_year)
    local = cited("mssp/quality/circumstance_beneficiary_share", performance_year)
    if nationwide.value:
        return max(facts.score or 0.0, threshold), nationwide
    if facts.affected_share >= local.value and not facts.reported_nothing:
        return max(facts.score or 0.0, threshold), local
    if facts.lacks_benchmark and facts.complete and facts.score is not None:
        floor = cited("mssp/quality/missing_benchmark_floor", performance_year)
        if floor.value:
            return max(facts.score, threshold), floor
    return facts.score, None


def health_equity_scaler(thirds: Iterable[Third], performance_year: int) -> float:
    """Points over all measures: top third of performance, middle, bottom. Range 0–24 for six measures.

    42 CFR 425.512(b).
    """
    terms = _health_equity_terms(performance_year)
    points = {"top": terms["top_points"], "middle": terms["middle_points"], "bottom": 0}
    return float(sum(points[third] for third in thirds))


def health_equity_bonus(scaler: float, multiplier: float, performance_year: int) -> float:
    """Bonus points of the health equity adjustment: scaler × multiplier, up to 10; none below a share of 20 percent.

    multiplier: the greater of the share of beneficiaries in deprived areas and the share with low income or dual.
    Raises ConfigurationError for a year without the adjustment (42 CFR 425.512(b): 2023–2025).
    """
    terms = _health_equity_terms(performance_year)
    if multiplier < terms["minimum_share"]:
        return 0.0
    return min(terms["maximum_bonus"], scaler * multiplier)


def deprived_share(percentiles: Iterable[float | None], performance_year: int) -> float:
    """Share of beneficiaries in areas at or above the 85th deprivation percentile; unknown areas count in neither.

    42 CFR 425.512(b).
    """
    cutoff = _health_equity_terms(performance_year)["deprivation_percentile"]
    known = [percentile for percentile in percentiles if percentile is not None]
    return sum(percentile >= cutoff for percentile in known) / len(known) if known else 0.0


def adjusted_score(score: float, bonus: float) -> float:
    """Score with its bonus points, at most 100 (42 CFR 425.512(b))."""
    return min(100.0, score + bonus)


def _health_equity_terms(performance_year: int) -> dict[str, float]:
    terms = cited("mssp/quality/health_equity_adjustment", performance_year).value
    if terms is None:
        raise ConfigurationError(f"performance year {performance_year} has no health equity adjustment")
    return terms


def measure_is_scored(completeness: float, cases: int, performance_year: int) -> bool:
    """Whether a measure met data completeness (a share) and the case minimum (42 CFR 414.1340, 414.1380(b)(1))."""
    terms = cited("mssp/quality/measure_scoring", performance_year).value
    return completeness >= terms["completeness"] and cases >= terms["case_minimum"]


def measure_points(rate: float, decile_starts: Sequence[float], performance_year: int) -> float:
    """Points of one measure by benchmark decile: the decile's number and a straight line within it.

    decile_starts: where deciles 1 to 10 begin, rising, or falling for an inverse measure. The tenth decile earns the
    maximum; a rate before the first decile the minimum. 42 CFR 414.1380(b)(1).
    """
    terms = cited("mssp/quality/measure_scoring", performance_year).value
    sign = -1 if decile_starts[-1] < decile_starts[0] else 1
    reached = sum(sign * rate >= sign * start for start in decile_starts)
    if reached == 0:
        return float(terms["minimum_points"])
    if reached == len(decile_starts):
        return float(terms["maximum_points"])
    low, high = decile_starts[reached - 1], decile_starts[reached]
    return max(float(terms["minimum_points"]), reached + (rate - low) / (high - low))


def complex_organization_points(
    ecqm_points: Sequence[float | None], measures_scored: int, performance_year: int
) -> float:
    """Points added for complete eCQMs by an ACO: one each, but none above a measure's maximum, up to a tenth of all.

    ecqm_points: what each earned; None for one without a benchmark, which counts as submitted. 414.1380(b)(1)(vii)(C).
    """
    terms = cited("mssp/quality/complex_organization_adjustment", performance_year).value
    if terms is None:
        return 0.0
    maximum = cited("mssp/quality/measure_scoring", performance_year).value["maximum_points"]
    room = (maximum if points is None else maximum - points for points in ecqm_points)
    added = math.fsum(min(float(terms["points_per_ecqm"]), left) for left in room)
    return min(added, terms["maximum_share"] * maximum * measures_scored)


def quality_score(
    points: Sequence[float], performance_year: int, added_points: float = 0.0, improvement: float = 0.0
) -> float:
    """(Points of the scored measures + added points) ÷ available points × 100, + improvement, at most 100.

    The MIPS quality performance category score (42 CFR 414.1380(b)(1)(vii)).
    """
    if not points:
        raise ConfigurationError("no measure was scored: there is no quality score")
    maximum = cited("mssp/quality/measure_scoring", performance_year).value["maximum_points"]
    return adjusted_score((math.fsum(points) + added_points) / (maximum * len(points)) * 100, improvement)

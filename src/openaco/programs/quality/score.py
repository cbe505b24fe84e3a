"""The quality worksheet: from rates to points, score, and the quality performance standard, every line explained."""

from __future__ import annotations

from dataclasses import dataclass, replace

from openaco.programs.configuration import Quality
from openaco.programs.quality.assess import Assessment, Scored, assess
from openaco.programs.quality.lines import LINES
from openaco.programs.quality.rates import QualityRates
from openaco.programs.scribe import Scribe
from openaco.rules.cited import Cited, cited
from openaco.rules.quality_scoring import Benchmark
from openaco.rules.quality_standard import LIFTED_BY, lifted_score
from openaco.worksheet import Worksheet

STANDARD_WORDS = {"QPS": "Yes", "ALT": "Alternative", "FAIL": "No"}
_MADE_OF = {
    "observed": "observed rates",
    "flat": "flat percentages",
    "deviations": "standard deviations around the median",
}
_TYPES = {
    "ecqm": "eCQM",
    "mips_cqm": "MIPS CQM",
    "medicare_cqm": "Medicare CQM",
    "web_interface": "Web Interface",
    "claims": "Claims",
}


@dataclass(frozen=True)
class QualityResult:
    """The quality result of one ACO and year: the worksheet, what it rests on, and what a settlement takes."""

    worksheet: Worksheet
    assessment: Assessment

    @property
    def quality(self) -> Quality:
        """The table `[performance.YEAR.quality]` of aco.toml that says the same."""
        facts = self.assessment.facts
        return Quality(
            reported_any=facts.reported_any,
            reported_survey=facts.reported_survey,
            complete=facts.complete,
            all_ecqm_or_mips_cqm=facts.all_ecqm_or_mips_cqm,
            first_performance_year=facts.first_performance_year,
            score=facts.score,
            outcome_percentiles=facts.outcome_percentiles,
            other_percentiles=facts.other_percentiles,
            lacks_benchmark=facts.lacks_benchmark,
        )


def score_quality(rates: QualityRates, source: str = "rates") -> QualityResult:
    """Score one ACO and performance year.

    source: the name of the file that the rates stand in. Raises ConfigurationError for measures outside the year's
    set, or where the standard hangs on a score that there is not; ParameterError for a year without rules.
    """
    assessment = assess(rates)
    year = rates.performance_year
    sheet = Worksheet("quality", rates.name or "Quality score", year, about={"rates": source})
    scribe = Scribe(sheet, LINES, sources={"quality": f"{source}:rates"})
    points = [_measure_lines(scribe, item, year) for item in assessment.reported]
    points.append(_survey_lines(scribe, assessment))
    points += [_measure_lines(scribe, item, year) for item in assessment.claims]
    _score_lines(scribe, assessment, [line for line in points if sheet[line] is not None])
    _standard_lines(scribe, assessment)
    return QualityResult(sheet, assessment)


def _terms(year: int) -> Cited:
    return cited("mssp/quality/measure_scoring", year)


def _measure_lines(scribe: Scribe, item: Scored, year: int) -> str:
    """The lines of one measure. Returns the id of its points."""
    name, inputs = item.measure, []
    if item.reported is not None and item.reported.eligible is not None:
        inputs = [f"quality.eligible.{name}", f"quality.numerator.{name}"]
        scribe.given(inputs[0], item.reported.eligible)
        scribe.given(inputs[1], item.reported.numerator)
        scribe.computed(f"quality.performance_rate.{name}", item.performance, inputs)
        inputs = [f"quality.performance_rate.{name}"]
    elif item.performance is not None:
        scribe.given(f"quality.performance.{name}", item.performance)
        inputs = [f"quality.performance.{name}"]
    if item.reported is not None:
        scribe.given(f"quality.completeness.{name}", item.reported.completeness)
        inputs.append(f"quality.completeness.{name}")
    basis = [item.benchmark.source] if item.benchmark is not None else []
    if item.decile is not None:
        scribe.computed(f"quality.decile.{name}", item.decile, inputs[:1], basis, note=_benchmark_words(item))
        inputs.append(f"quality.decile.{name}")
    return _points_line(scribe, item, inputs, [*basis, *_rules_of(item, year)])


def _rules_of(item: Scored, year: int) -> list[Cited]:
    """The parameters that made the points of a measure what they are."""
    used = [_terms(year)]
    if item.collection_type == "claims":
        used.append(cited("mssp/quality/claims_case_minimum", year))
    if isinstance(item.benchmark, Benchmark) and item.benchmark.capped:
        used.append(cited("mssp/quality/topped_out_maximum", year))
    return used


def _points_line(scribe: Scribe, item: Scored, inputs: list[str], basis: list[Cited]) -> str:
    line = f"quality.points.{item.measure}"
    scribe.computed(line, item.points, inputs, basis, note=_sentence(item.reason))
    if item.percentile is not None:
        lines = [f"quality.decile.{item.measure}"]
        scribe.computed(f"quality.percentile.{item.measure}", item.percentile, lines, *_unsure_percentile(item))
    return line


def _unsure_percentile(item: Scored) -> tuple[list[Cited], str]:
    """What a percentile rests on that no paragraph settles, with a note."""
    found = item.benchmark
    if not isinstance(found, Benchmark) or found.made_of != "deviations":
        return [], ""
    note = "This benchmark is no distribution: that its steps stand for percentiles is a reading."
    return [replace(found.source, confidence="unverified")], note


def _benchmark_words(item: Scored) -> str:
    """Which benchmark it is, in a sentence."""
    found = item.benchmark
    if not isinstance(found, Benchmark):
        return ""
    better = "lower is better" if found.lower_is_better else "higher is better"
    starts = ", ".join(f"{start:g}" for start in found.starts)
    return f"{_TYPES[item.collection_type]}, {_MADE_OF[found.made_of]}; {better}. Deciles begin at {starts}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _survey_lines(scribe: Scribe, found: Assessment) -> str:
    year, lines, basis = found.performance_year, [], []
    for name, points in found.summary.items():
        scribe.given(f"quality.performance.{name}", found.rates.survey.scores[name])
        table = cited("quality/benchmarks", year)
        scribe.computed(f"quality.survey_points.{name}", points, [f"quality.performance.{name}"], [table])
        lines.append(f"quality.survey_points.{name}")
        basis = [_terms(year)]
    note = _sentence(found.survey.reason) or "Mean over the summary measures that have a benchmark."
    scribe.computed("quality.points.321", found.survey.points, lines, basis, note=note)
    return "quality.points.321"


def _score_lines(scribe: Scribe, found: Assessment, points: list[str]) -> None:
    year = found.performance_year
    earned = sum(found.points) if found.points else None
    scribe.computed("quality.achievement_points", earned, points)
    available = len(found.points) * _terms(year).value["maximum_points"] if found.points else None
    scribe.computed("quality.available_points", available, points, [_terms(year)])
    totals = ["quality.achievement_points", "quality.available_points"]
    scribe.computed("quality.achievement", found.achievement, totals)
    added = _adjustment_line(scribe, found)
    scribe.given("quality.prior_achievement", found.rates.prior_achievement)
    scribe.computed(
        "quality.improvement",
        found.improvement,
        ["quality.achievement", "quality.prior_achievement"],
        [cited("mssp/quality/improvement", year)] if found.rates.prior_achievement is not None else [],
        note="" if found.rates.prior_achievement is not None else "No score of the year before is stated.",
    )
    scribe.computed("quality.category_score", found.category_score, [*totals, *added, "quality.improvement"])
    lines = ["quality.category_score", *_equity_lines(scribe, found)]
    scribe.computed("quality.score", found.score, lines)


def _adjustment_line(scribe: Scribe, found: Assessment) -> list[str]:
    used = cited("mssp/quality/complex_organization_adjustment", found.performance_year)
    if used.value is None:
        return []
    unsettled = [name for name, points in found.complete_ecqms.items() if points is None]
    note = ""
    if unsettled:
        note = f"Counts {', '.join(unsettled)}, which has no benchmark: the paragraph asks for submission alone."
        used = replace(used, confidence="unverified")
    available = ["quality.available_points"]
    scribe.computed("quality.complex_organization", found.added_points, available, [used], note=note)
    return ["quality.complex_organization"]


def _equity_lines(scribe: Scribe, found: Assessment) -> list[str]:
    year = found.performance_year
    terms = cited("mssp/quality/health_equity_adjustment", year)
    if terms.value is None:
        return []
    if found.equity_terms is None:
        why = "Not stated." if found.rates.health_equity is None else "Needs every measure complete, and the survey."
        scribe.computed("quality.equity_bonus", 0.0, basis=[terms], note=why)
        return ["quality.equity_bonus"]
    opened = cited("mssp/quality/health_equity_collection_types", year)
    scribe.given("quality.equity_scaler", found.equity_scaler)
    scribe.given("quality.equity_multiplier", found.equity_multiplier)
    parts = ["quality.equity_scaler", "quality.equity_multiplier"]
    least = terms.value["minimum_share"]
    note = f"The multiplier is below {least:.0%}." if found.equity_multiplier < least else ""
    scribe.computed("quality.equity_bonus", found.equity_bonus, parts, [terms, opened], note=note)
    return ["quality.equity_bonus"]


def _standard_lines(scribe: Scribe, found: Assessment) -> None:
    year, finding = found.performance_year, found.finding
    threshold = cited("mssp/quality/threshold", year)
    scribe.computed("quality.threshold", threshold.value, basis=[threshold])
    percentile = cited("mssp/quality/threshold_percentile", year)
    scribe.computed("quality.threshold_percentile", percentile.value, basis=[percentile])
    scribe.given("quality.affected_share", found.facts.affected_share)
    lift = lifted_score(year, found.facts)[1] if finding.score != found.score else None
    scribe.computed(
        "quality.final_score",
        finding.score,
        ["quality.score", "quality.threshold", "quality.affected_share"],
        [lift] if lift else (),
        note=f"Lifted to the threshold: {LIFTED_BY[lift.name]}." if lift else "",
    )
    outcome = cited("mssp/quality/outcome_measures", year)
    reached = [line.id for line in scribe.sheet if line.id.startswith("quality.percentile.")]
    scribe.computed(
        "quality.standard",
        STANDARD_WORDS[finding.state],
        ["quality.final_score", "quality.threshold", *reached],
        [*finding.basis, outcome] if reached else finding.basis,
        note=_sentence(finding.route),
    )

"""Each measure of the year's set: its points, why it has none, and what the set as a whole comes to.

Pure and quick: `openaco.programs.quality.gaps` asks it again for every gap closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from openaco.errors import ConfigurationError
from openaco.programs.quality.rates import MeasureRate, QualityRates
from openaco.rules import quality_scoring as scoring
from openaco.rules import quality_standard as standard
from openaco.rules.cited import Cited, cited
from openaco.rules.quality_scoring import Benchmark, NoBenchmark, benchmark_of
from openaco.rules.quality_standard import QualityFacts, QualityFinding, find_quality

SURVEY = "321"
ALL_PAYER = ("ecqm", "mips_cqm")
WEB_INTERFACE = "web_interface"


@dataclass(frozen=True)
class Scored:
    """One measure of the set as it counts.

    points      None where it counts neither in points nor in available points; 0 where it was owed and not reported
    percentile  of its benchmark, in tens; None without a benchmark
    reason      why it has no points of its own, or what held them back; empty where nothing is to be said
    complete    reported with data completeness and enough cases
    """

    measure: str
    collection_type: str
    performance: float | None
    points: float | None
    percentile: float | None = None
    decile: int | None = None
    reason: str = ""
    complete: bool = True
    benchmark: Benchmark | NoBenchmark | None = None
    reported: MeasureRate | None = None

    @property
    def lacks_benchmark(self) -> bool:
        """Whether CMS published no benchmark for it."""
        return isinstance(self.benchmark, NoBenchmark)


@dataclass(frozen=True)
class Assessment:
    """The whole set of one ACO and year. `summary`: points of each summary measure of the survey, by its name."""

    rates: QualityRates
    reported: tuple[Scored, ...]
    survey: Scored
    claims: tuple[Scored, ...]
    summary: Mapping[str, float]
    submissions: tuple[Scored, ...] = ()

    @property
    def performance_year(self) -> int:
        """The year whose rules hold."""
        return self.rates.performance_year

    @property
    def measures(self) -> tuple[Scored, ...]:
        """Every measure, in the order of the set."""
        return (*self.reported, self.survey, *self.claims)

    @cached_property
    def points(self) -> tuple[float, ...]:
        """Points of the measures that count."""
        return tuple(item.points for item in self.measures if item.points is not None)

    @cached_property
    def achievement(self) -> float | None:
        """Points ÷ available points × 100; None where no measure counts."""
        return scoring.achievement_score(self.points, self.performance_year) if self.points else None

    @cached_property
    def added_points(self) -> float:
        """The complex organization adjustment, in points: of each complete eCQM of the set that was submitted."""
        return standard.complex_organization_points(
            list(self.complete_ecqms.values()), len(self.points), self.performance_year
        )

    @property
    def complete_ecqms(self) -> dict[str, float | None]:
        """Points of each measure that was also submitted as a complete eCQM; None where it has no benchmark."""
        submitted = {item.measure for item in self.submissions if item.collection_type == "ecqm" and item.complete}
        return {item.measure: item.points for item in self.reported if item.measure in submitted}

    @cached_property
    def improvement(self) -> float:
        """Percentage points for doing better than the year before."""
        if self.achievement is None:
            return 0.0
        return scoring.improvement_points(self.achievement, self.rates.prior_achievement, self.performance_year)

    @cached_property
    def category_score(self) -> float | None:
        """The MIPS quality performance category score, 0 to 100; None where no measure counts."""
        if not self.points:
            return None
        return standard.quality_score(self.points, self.performance_year, self.added_points, self.improvement)

    @cached_property
    def equity_terms(self) -> Cited | None:
        """The parameters of the health equity adjustment, where the year has one and the ACO may have it."""
        terms = cited("mssp/quality/health_equity_adjustment", self.performance_year)
        if terms.value is None or self.rates.health_equity is None or not self.rates.survey.administered:
            return None
        opened = cited("mssp/quality/health_equity_collection_types", self.performance_year).value
        complete = {item.measure for item in self.submissions if item.complete and item.collection_type in opened}
        return terms if set(_required(self.performance_year)) <= complete else None

    @cached_property
    def equity_scaler(self) -> float:
        """Points for the thirds of performance, 0 where there is no adjustment."""
        equity = self.rates.health_equity
        if self.equity_terms is None or equity is None:
            return 0.0
        return standard.health_equity_scaler(equity.thirds.values(), self.performance_year)

    @cached_property
    def equity_multiplier(self) -> float:
        """The greater of the two shares of beneficiaries."""
        equity = self.rates.health_equity
        return max(equity.deprived_share, equity.low_income_dual_share) if equity else 0.0

    @cached_property
    def equity_bonus(self) -> float:
        """Bonus points of the health equity adjustment."""
        if self.equity_terms is None:
            return 0.0
        return standard.health_equity_bonus(self.equity_scaler, self.equity_multiplier, self.performance_year)

    @cached_property
    def score(self) -> float | None:
        """The quality score: with the health equity adjustment, before any circumstance lifts it."""
        score = self.category_score
        return None if score is None else standard.adjusted_score(score, self.equity_bonus)

    @cached_property
    def facts(self) -> QualityFacts:
        """What the quality performance standard is decided by."""
        outcome = cited("mssp/quality/outcome_measures", self.performance_year).value
        reached = _best_percentiles((*self.submissions, *self.claims))
        own = [item for item in self.submissions if item.collection_type != WEB_INTERFACE]
        complete = {item.measure for item in own if item.complete}
        all_payer = {item.measure for item in self.submissions if item.complete and item.collection_type in ALL_PAYER}
        required = set(_required(self.performance_year))
        return QualityFacts(
            reported_any=bool(self.submissions),
            reported_survey=self.rates.survey.administered,
            complete=required <= complete or _web_interface_complete(self.performance_year, self.submissions),
            all_ecqm_or_mips_cqm=required <= all_payer,
            first_performance_year=self.rates.first_performance_year,
            score=self.score,
            outcome_percentiles=tuple(value for name, value in reached.items() if name in outcome),
            other_percentiles=tuple(value for name, value in reached.items() if name not in outcome),
            affected_share=self.rates.affected_share,
            lacks_benchmark=self.rates.missing_benchmarks == "final" and any(m.lacks_benchmark for m in self.reported),
        )

    @cached_property
    def finding(self) -> QualityFinding:
        """The state, the score that counts, and the route."""
        return find_quality(self.performance_year, self.facts)


def assess(rates: QualityRates) -> Assessment:
    """Score what an ACO reported. Raises ConfigurationError for a measure or collection type outside the year's set."""
    year = rates.performance_year
    _check_set(rates)
    submissions = tuple(_submission(item, year) for item in rates.measure)
    survey, summary = _survey(rates)
    claims = tuple(_claims(rates, measure) for measure in cited("mssp/quality/measures", year).value["claims"])
    web = [item for item in submissions if item.collection_type == WEB_INTERFACE]
    others = [item for item in submissions if item.collection_type != WEB_INTERFACE]
    sets = [_chosen(others, _required(year))] if others or not web else []
    if web:
        sets.append(_chosen(web, cited("mssp/quality/web_interface_measures", year).value))
    found = [Assessment(rates, reported, survey, claims, summary, submissions) for reported in sets]
    return max(found, key=lambda one: one.achievement or 0.0)


def _required(performance_year: int) -> list[str]:
    return list(cited("mssp/quality/measures", performance_year).value["reported"])


def _web_interface_complete(year: int, submissions: Iterable[Scored]) -> bool:
    web = {item.measure for item in submissions if item.collection_type == WEB_INTERFACE and item.complete}
    expected = set(cited("mssp/quality/web_interface_measures", year).value)
    return bool(expected) and expected <= web


def _check_set(rates: QualityRates) -> None:
    year = rates.performance_year
    types, stated = cited("mssp/quality/collection_types", year).value, cited("mssp/quality/measures", year).value
    web = cited("mssp/quality/web_interface_measures", year).value
    for item in rates.measure:
        if item.collection_type not in types:
            raise ConfigurationError(
                f"{item.collection_type} is no collection type of {year}",
                where=f"measure {item.measure}",
                remedy=f"One of {', '.join(types)}.",
            )
        known = web if item.collection_type == WEB_INTERFACE else stated["reported"]
        if item.measure not in known:
            raise ConfigurationError(
                f"measure {item.measure} is not in the set of {year} for {item.collection_type}",
                where="measure",
                remedy=f"The set: {', '.join(known)}.",
            )
    for name in rates.claims:
        if name not in stated["claims"]:
            remedy = f"Claims measures of {year}: {', '.join(stated['claims'])}."
            raise ConfigurationError(f"{name} is no claims measure of {year}", where="claims", remedy=remedy)
    _check_thirds(rates, {*stated["reported"], *stated["survey"], *stated["claims"]})


def _check_thirds(rates: QualityRates, known: set[str]) -> None:
    if rates.health_equity is None:
        return
    if wrong := sorted(set(rates.health_equity.thirds) - known):
        raise ConfigurationError(
            f"{', '.join(wrong)} is not in the measure set",
            where="health_equity.thirds",
            remedy=f"The set: {', '.join(sorted(known))}.",
        )


def _submission(item: MeasureRate, year: int) -> Scored:
    """One measure in one collection type: incomplete counts 0; too few cases or no benchmark does not count."""
    terms = cited("mssp/quality/measure_scoring", year).value
    benchmark = benchmark_of(item.measure, item.collection_type, year)
    cases = item.eligible if item.eligible is not None else terms["case_minimum"]
    complete = standard.measure_is_scored(item.completeness, cases, year)
    performance = item.performance
    if item.completeness < terms["completeness"]:
        return _scored(item, benchmark, 0.0, "data completeness is not met: 0 points", complete)
    if not complete or performance is None:
        return _scored(item, benchmark, None, f"fewer than {terms['case_minimum']} cases: left out", complete)
    if isinstance(benchmark, NoBenchmark):
        return _scored(item, benchmark, None, f"left out: {benchmark.reason}", complete)
    points = scoring.scored_points(performance, benchmark)
    held = benchmark.capped and points == cited("mssp/quality/topped_out_maximum", year).value
    return _scored(item, benchmark, points, "topped out: at most seven points" if held else "", complete)


def _scored(
    item: MeasureRate, benchmark: Benchmark | NoBenchmark, points: float | None, reason: str, complete: bool
) -> Scored:
    percentile, decile = None, None
    if isinstance(benchmark, Benchmark) and complete and item.performance is not None:
        percentile = scoring.percentile_reached(item.performance, benchmark)
        decile = scoring.decile_of(item.performance, benchmark)
    return Scored(
        measure=item.measure,
        collection_type=item.collection_type,
        performance=item.performance,
        points=points,
        percentile=percentile,
        decile=decile,
        reason=reason,
        complete=complete,
        benchmark=benchmark,
        reported=item,
    )


def _chosen(submissions: Iterable[Scored], measures: Iterable[str]) -> tuple[Scored, ...]:
    """Of each measure the submission with most points; 0 points where a measure was owed and not reported.

    42 CFR 414.1380(b)(1)(i).
    """
    chosen = []
    for measure in measures:
        offered = [item for item in submissions if item.measure == measure]
        if offered:
            chosen.append(max(offered, key=_rank))
        else:
            chosen.append(Scored(measure, "", None, 0.0, reason="not reported: 0 points", complete=False))
    return tuple(chosen)


def _rank(item: Scored) -> tuple[float, float]:
    """Most points first; a measure that is left out stands between one that earned points and one that earned none."""
    return (item.points if item.points is not None else 0.5, -scoring.COLLECTION_TYPES.index(item.collection_type))


def _survey(rates: QualityRates) -> tuple[Scored, dict[str, float]]:
    year, survey = rates.performance_year, rates.survey
    if not survey.administered:
        return Scored(SURVEY, "survey", None, 0.0, reason="not administered: 0 points", complete=False), {}
    if not survey.sampled:
        return Scored(SURVEY, "survey", None, None, reason="too few beneficiaries to ask: left out"), {}
    summary = {}
    for name, score in survey.scores.items():
        benchmark = benchmark_of(name, "survey", year)
        if isinstance(benchmark, Benchmark):
            summary[name] = scoring.scored_points(score, benchmark)
    if not summary:
        return Scored(SURVEY, "survey", None, None, reason="no score is stated yet: left out"), {}
    return Scored(SURVEY, "survey", None, scoring.survey_points(list(summary.values()))), summary


def _claims(rates: QualityRates, measure: str) -> Scored:
    year = rates.performance_year
    stated = rates.claims.get(measure)
    if stated is None:
        return Scored(measure, "claims", None, None, reason="CMS computes it; not stated yet: left out")
    benchmark = benchmark_of(measure, "claims", year)
    if not scoring.cases_suffice(measure, stated.cases, year):
        return Scored(measure, "claims", stated.rate, None, reason="too few cases: left out", benchmark=benchmark)
    if isinstance(benchmark, NoBenchmark):
        reason = f"left out: {benchmark.reason}"
        return Scored(measure, "claims", stated.rate, None, reason=reason, benchmark=benchmark)
    return Scored(
        measure,
        "claims",
        stated.rate,
        scoring.scored_points(stated.rate, benchmark),
        scoring.percentile_reached(stated.rate, benchmark),
        scoring.decile_of(stated.rate, benchmark),
        benchmark=benchmark,
    )


def _best_percentiles(items: Iterable[Scored]) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in items:
        if item.percentile is not None and item.points is not None:
            found[item.measure] = max(found.get(item.measure, 0.0), item.percentile)
    return dict(sorted(found.items()))

"""From rates of quality measures to points and scores: benchmarks by collection type and year, and what is added.

Rates are as CMS publishes them: percentages from 0 to 100, for 479 a fraction, for 484 admissions per 100 person-years.
The direction of a measure is data (`quality/benchmarks`), never taken from its specification. Sources: 42 CFR
414.1380(b)(1) (scoring of measures), 414.1367(c) (what an ACO's score leaves out), 425.512 (the standard).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from openaco.errors import ConfigurationError
from openaco.rules.cited import Cited, cited
from openaco.rules.quality_standard import measure_points
from openaco.worksheet import Confidence

MadeOf = Literal["observed", "flat", "deviations"]
COLLECTION_TYPES = ("ecqm", "mips_cqm", "medicare_cqm", "web_interface", "survey", "claims")
DECILES = 10
PERCENTILES = 11
_DECILES_FROM_THE_SECOND = 9
_ENDS_OF_PERCENT = (0.0, 100.0)


@dataclass(frozen=True)
class Benchmark:
    """The benchmark of one measure, collection type and year.

    starts   where deciles 1 to 10 begin: rising, or falling where lower is better
    capped   topped out for two years or more: at most seven points
    made_of  observed: of rates that were reported; flat: fixed percentages; deviations: median and standard deviations,
             which are used in the same way
    source   where it stands, with its confidence
    """

    measure: str
    collection_type: str
    performance_year: int
    lower_is_better: bool
    starts: tuple[float, ...]
    capped: bool
    topped_out: bool
    made_of: MadeOf
    source: Cited


@dataclass(frozen=True)
class NoBenchmark:
    """A measure for which CMS published no benchmark, and why."""

    measure: str
    collection_type: str
    reason: str
    source: Cited


@cache
def benchmark_of(measure: str, collection_type: str, performance_year: int) -> Benchmark | NoBenchmark:
    """The benchmark a measure is scored against, or the reason why there is none (42 CFR 414.1380(b)(1)(ii)).

    Raises ParameterError for a year without benchmarks, ConfigurationError for a measure that is not scored that way.
    """
    table, absent = (cited(f"quality/{name}", performance_year) for name in ("benchmarks", "no_benchmark"))
    row = _row_of(table, measure, collection_type, performance_year)
    if row is not None:
        return _benchmark(row, table)
    missing = _row_of(absent, measure, collection_type, performance_year)
    if missing is None:
        raise ConfigurationError(
            f"measure {measure} is not scored as {collection_type} in {performance_year}",
            remedy="Check the quality number and the collection type; parameters/quality/benchmarks.csv lists them.",
        )
    return NoBenchmark(measure, collection_type, missing["reason"], _as_sure(absent, missing))


def _row_of(table: Cited, measure: str, collection_type: str, performance_year: int) -> Mapping[str, str] | None:
    wanted = (str(performance_year), measure, collection_type)
    columns = ("performance_year", "measure", "collection_type")
    return next((row for row in table.value if tuple(row[name] for name in columns) == wanted), None)


def _as_sure(table: Cited, row: Mapping[str, str]) -> Cited:
    """The table, as sure as one of its rows."""
    confidence = cast(Confidence, row["confidence"])
    return Cited(table.name, table.value, table.cite, confidence, table.note)


def _benchmark(row: Mapping[str, str], table: Cited) -> Benchmark:
    boundaries = tuple(float(value) for value in row["boundaries"].split())
    lower = row["direction"] == "lower"
    return Benchmark(
        measure=row["measure"],
        collection_type=row["collection_type"],
        performance_year=int(row["performance_year"]),
        lower_is_better=lower,
        starts=decile_starts(row["form"], boundaries, lower),
        capped=row["capped"] == "yes",
        topped_out=row["topped_out"] == "yes",
        made_of=cast(MadeOf, row["made_of"]),
        source=_as_sure(table, row),
    )


def decile_starts(form: str, boundaries: Sequence[float], lower_is_better: bool) -> tuple[float, ...]:
    """Where deciles 1 to 10 begin, rising, or falling where lower is better (42 CFR 414.1380(b)(1)(ii)).

    form: `deciles`, the starts of deciles 2 to 10 in the order of the deciles (decile 1 begins at 0, or at 100 where
    lower is better); or `percentiles` 1, 10, 20 … 90, 99, always rising. Ten values of `deciles` start deciles 1 to 10,
    or, if the last lies beyond the start of the tenth by more than any other step, 2 to 10, followed by the best value.
    """
    if form == "percentiles":
        if len(boundaries) != PERCENTILES:
            raise ConfigurationError(f"a benchmark of {len(boundaries)} percentiles, not {PERCENTILES}")
        return tuple(reversed(boundaries[1:])) if lower_is_better else tuple(boundaries[:-1])
    worst = _ENDS_OF_PERCENT[lower_is_better]
    if len(boundaries) == _DECILES_FROM_THE_SECOND:
        return (worst, *boundaries)
    if len(boundaries) != DECILES:
        raise ConfigurationError(f"a benchmark of {len(boundaries)} deciles, not {DECILES}")
    return tuple(boundaries) if boundaries[0] == worst else (worst, *boundaries[:-1])


def scored_points(rate: float, benchmark: Benchmark) -> float:
    """Points of a rate against its benchmark, at most seven where it is capped (42 CFR 414.1380(b)(1)(i), (iv)(B))."""
    points = measure_points(rate, benchmark.starts, benchmark.performance_year)
    if not benchmark.capped:
        return points
    return min(points, float(cited("mssp/quality/topped_out_maximum", benchmark.performance_year).value))


def decile_of(rate: float, benchmark: Benchmark) -> int:
    """The decile that a rate lies in, 1 to 10; 0 before the first begins (42 CFR 414.1380(b)(1)(ii))."""
    sign = -1 if benchmark.lower_is_better else 1
    return sum(sign * rate >= sign * start for start in benchmark.starts)


def percentile_reached(rate: float, benchmark: Benchmark) -> float:
    """The percentile, in tens, that a rate reaches at least: decile 2 begins at the 10th percentile.

    For the incentive and the alternative standard (42 CFR 425.512(a)).
    """
    return max(0.0, 10.0 * (decile_of(rate, benchmark) - 1))


def survey_points(points: Sequence[float]) -> float:
    """Points of the patient survey: the mean of its summary measures that have a benchmark (42 CFR 414.1380(b)(1))."""
    if not points:
        raise ConfigurationError("no summary measure of the survey has a score and a benchmark")
    return math.fsum(points) / len(points)


def achievement_score(points: Sequence[float], performance_year: int) -> float:
    """Points ÷ available points × 100, without any addition (42 CFR 414.1380(b)(1)(vi)(D))."""
    if not points:
        raise ConfigurationError("no measure was scored: there is no quality score")
    return math.fsum(points) / available_points(len(points), performance_year) * 100


def available_points(measures: int, performance_year: int) -> float:
    """Most points that so many scored measures can earn (42 CFR 414.1380(b)(1)(vii))."""
    return measures * float(cited("mssp/quality/measure_scoring", performance_year).value["maximum_points"])


def improvement_points(achievement: float, prior: float | None, performance_year: int) -> float:
    """Percentage points for a better achievement score than the year before; 0 without a score of that year.

    42 CFR 414.1380(b)(1)(vi).
    """
    if prior is None:
        return 0.0
    terms = cited("mssp/quality/improvement", performance_year).value
    before = max(prior, terms["least_prior"])
    return min(max((achievement - before) / before * terms["share"], 0.0), float(terms["maximum"]))


def cases_suffice(measure: str, cases: int | None, performance_year: int) -> bool:
    """Whether a claims measure has enough cases; CMS knows, where they are not stated (42 CFR 414.1380(b)(1)(iii))."""
    least = cited("mssp/quality/claims_case_minimum", performance_year).value
    return cases is None or cases >= least[measure]

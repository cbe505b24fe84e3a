"""The benchmark of a commercial contract: what the attributed people would have cost, by enrollment type.

History: the baseline years at the prices and risk of the last one, weighted, blended with the region, then brought to
the performance year by the trend and, where agreed on, by risk. A stated target takes the place of all that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from openaco.errors import ConfigurationError
from openaco.programs.commercial.file import ContractFile
from openaco.programs.commercial.terms import Benchmark
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, YEARS, YearInputs
from openaco.programs.scribe import Scribe
from openaco.rules.benchmark import growth, risk_ratio

MONTHS = 12


def compounded(rates: list[float]) -> float:
    """Growth over several years from the growth of each: 0.04 and 0.05 make 1.092."""
    return math.prod(1 + rate for rate in rates)


def within_cap(ratio: float, cap: float | None) -> float:
    """A risk ratio kept within 1 − cap and 1 + cap; without a cap as it is."""
    return ratio if cap is None else min(max(ratio, 1 - cap), 1 + cap)


def blended(historical: float, regional: float, weight: float) -> float:
    """History and region, the region with its weight."""
    return (1 - weight) * historical + weight * regional


def add_benchmark(scribe: Scribe, file: ContractFile, year: int, years: Mapping[str, YearInputs]) -> None:
    """Add every line of the benchmark, up to `settlement.total_benchmark`."""
    terms, performance = file.terms_for(year), years["py"]
    kinds = list(performance.person_years)
    scribe.given("settlement.assigned_beneficiaries", performance.assigned_beneficiaries)
    weights = [f"settlement.person_years_by_type.{kind}" for kind in kinds]
    for id, kind in zip(weights, kinds, strict=True):
        scribe.given(id, performance.person_years[kind])
    scribe.computed("settlement.person_years", math.fsum(scribe.sheet.number(id) for id in weights), weights)
    if terms.benchmark.risk_adjustment:
        scribe.given("benchmark.risk_cap", terms.benchmark.risk_cap)
    if terms.benchmark.trend == "target":
        scribe.given("benchmark.target_pmpm", terms.benchmark.target_pmpm)
    else:
        _add_shared_terms(scribe, file, year)
    for kind in kinds:
        _add_type(scribe, file, year, kind, years)
    _add_total(scribe, kinds, terms.guarantee.payer_discount)


def _add_total(scribe: Scribe, kinds: list[str], payer_discount: float) -> None:
    sheet = scribe.sheet
    pairs = [(f"benchmark.updated.{kind}", f"settlement.person_years_by_type.{kind}") for kind in kinds]
    whole = scribe.computed(
        "benchmark.before_discount",
        math.fsum(sheet.number(amount) * sheet.number(weight) for amount, weight in pairs),
        [id for pair in pairs for id in pair],
    )
    discount = scribe.given("benchmark.payer_discount", payer_discount)
    scribe.computed(
        "settlement.total_benchmark", whole * (1 - discount), ["benchmark.before_discount", "benchmark.payer_discount"]
    )


def _add_shared_terms(scribe: Scribe, file: ContractFile, year: int) -> None:
    """Weights and agreed growth, which are the same for all enrollment types."""
    benchmark = file.terms_for(year).benchmark
    for name, weight in zip(BENCHMARK_YEARS, benchmark.weights or (), strict=True):
        scribe.given(f"benchmark.year_weight.{name}", weight)
    scribe.given("benchmark.regional_weight", benchmark.regional_weight)
    if benchmark.trend == "fixed":
        scribe.given("benchmark.baseline_trend_rate", benchmark.baseline_trend_rate)
        for each in range(file.about.start.year, year + 1):
            scribe.given(f"benchmark.trend_rate.{each}", file.terms_for(each).benchmark.trend_rate)


def _add_type(scribe: Scribe, file: ContractFile, year: int, kind: str, years: Mapping[str, YearInputs]) -> None:
    benchmark = file.terms_for(year).benchmark
    if benchmark.risk_adjustment or benchmark.regional_weight:
        for name in YEARS if benchmark.risk_adjustment else ("by3",):
            scribe.given(f"benchmark.risk_score.{kind}.{name}", _figure(years, name, "risk_score", kind))
    inputs = ["benchmark.target_pmpm"]
    if benchmark.trend == "target":
        amount = scribe.sheet.number("benchmark.target_pmpm") * MONTHS
    else:
        _add_history(scribe, benchmark, kind, years, _trends(scribe, file, year, kind, years))
        inputs = [f"benchmark.blended.{kind}", f"benchmark.trend.{kind}.py"]
        amount = math.prod(scribe.sheet.number(id) for id in inputs)
    risk = _risk(scribe, benchmark, kind, "py")
    scribe.computed(f"benchmark.updated.{kind}", amount * risk, [*inputs, f"benchmark.risk_ratio.{kind}.py"])


def _add_history(
    scribe: Scribe, benchmark: Benchmark, kind: str, years: Mapping[str, YearInputs], trends: Mapping[str, float]
) -> None:
    sheet, parts = scribe.sheet, []
    for name in BENCHMARK_YEARS:
        spent = scribe.given(f"benchmark.per_capita.{kind}.{name}", years[name].per_capita[kind])
        risk = _risk(scribe, benchmark, kind, name)
        inputs = [f"benchmark.{part}.{kind}.{name}" for part in ("per_capita", "trend", "risk_ratio")]
        scribe.computed(f"benchmark.trended.{kind}.{name}", spent * trends[name] * risk, inputs)
        parts.append((f"benchmark.trended.{kind}.{name}", f"benchmark.year_weight.{name}"))
    historical = scribe.computed(
        f"benchmark.historical.{kind}",
        math.fsum(sheet.number(amount) * sheet.number(weight) for amount, weight in parts),
        [id for pair in parts for id in pair],
    )
    inputs, regional = [f"benchmark.historical.{kind}", "benchmark.regional_weight"], 0.0
    if benchmark.regional_weight:
        inputs.append(f"benchmark.regional_for_aco.{kind}")
        regional = _regional(scribe, kind, years)
    weight = sheet.number("benchmark.regional_weight")
    scribe.computed(f"benchmark.blended.{kind}", blended(historical, regional, weight), inputs)


def _regional(scribe: Scribe, kind: str, years: Mapping[str, YearInputs]) -> float:
    amount = scribe.given(
        f"benchmark.regional_per_capita.{kind}.by3", _figure(years, "by3", "regional_per_capita", kind)
    )
    score = f"benchmark.risk_score.{kind}.by3"
    return scribe.computed(
        f"benchmark.regional_for_aco.{kind}",
        amount * scribe.sheet.number(score),
        [f"benchmark.regional_per_capita.{kind}.by3", score],
    )


def _risk(scribe: Scribe, benchmark: Benchmark, kind: str, name: str) -> float:
    """The risk of the last baseline year against an earlier one; of the performance year against the last, capped."""
    id = f"benchmark.risk_ratio.{kind}.{name}"
    if not benchmark.risk_adjustment:
        return scribe.computed(id, 1.0, note="No risk adjustment is agreed on.")
    later, earlier = ("py", "by3") if name == "py" else ("by3", name)
    scores = [f"benchmark.risk_score.{kind}.{each}" for each in (later, earlier)]
    known = all(scribe.sheet.number(score) > 0 for score in scores)
    ratio = risk_ratio(*(scribe.sheet.number(score) for score in scores)) if known else 1.0
    note = "" if known else "Nobody of this type in one of the years."
    if name != "py":
        return scribe.computed(id, ratio, scores, note=note)
    cap = scribe.sheet["benchmark.risk_cap"]
    limited = within_cap(ratio, None if cap is None else float(cap))
    return scribe.computed(
        id, limited, [*scores, "benchmark.risk_cap"], note="The cap binds." if limited != ratio else note
    )


def _trends(
    scribe: Scribe, file: ContractFile, year: int, kind: str, years: Mapping[str, YearInputs]
) -> dict[str, float]:
    """Growth from each baseline year to the last one, and from that to the performance year (`py`)."""
    trend = file.terms_for(year).benchmark.trend
    if trend == "fixed":
        return _fixed_trends(scribe, file, year, kind, years)
    figure = "national_per_capita" if trend == "national" else "regional_per_capita"
    for name in YEARS:
        scribe.given(f"benchmark.market_per_capita.{kind}.{name}", _figure(years, name, figure, kind))
    found = {}
    for name in YEARS:
        ends = [
            f"benchmark.market_per_capita.{kind}.{each}" for each in (("py", "by3") if name == "py" else ("by3", name))
        ]
        later, earlier = (scribe.sheet.number(id) for id in ends)
        if not earlier > 0:
            raise ConfigurationError(
                f"{figure} of {kind} is not above zero",
                where=f"figures of {name}",
                remedy="Growth is measured from it: state it, or agree on a fixed trend.",
            )
        found[name] = scribe.computed(f"benchmark.trend.{kind}.{name}", growth(later, earlier), ends)
    return found


def _fixed_trends(
    scribe: Scribe, file: ContractFile, year: int, kind: str, years: Mapping[str, YearInputs]
) -> dict[str, float]:
    """Before the contract each year grows at the baseline rate, within it each year at its own agreed rate."""
    start, last = file.about.start.year, years["by3"].year
    before = scribe.sheet.number("benchmark.baseline_trend_rate")
    found = {}
    for name in BENCHMARK_YEARS:
        steps = last - years[name].year
        found[name] = scribe.computed(
            f"benchmark.trend.{kind}.{name}", compounded([before] * steps), ["benchmark.baseline_trend_rate"]
        )
    agreed = [f"benchmark.trend_rate.{each}" for each in range(start, year + 1)]
    rates = [before] * (start - last - 1) + [scribe.sheet.number(id) for id in agreed]
    inputs = [*agreed, "benchmark.baseline_trend_rate"]
    found["py"] = scribe.computed(f"benchmark.trend.{kind}.py", compounded(rates), inputs)
    return found


def _figure(years: Mapping[str, YearInputs], name: str, figure: str, kind: str) -> float:
    """One figure of a year by type. Raises ConfigurationError where the year does not have it."""
    found: Mapping[str, float] = getattr(years[name], figure)
    if kind not in found:
        raise ConfigurationError(f"no {figure} of {kind}", where=f"figures of {name}", remedy="The contract needs it.")
    return found[kind]

"""What in a contract file cannot be true together, each with the key to change and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from openaco.errors import ConfigurationError
from openaco.programs.commercial.problems import Problem
from openaco.programs.commercial.terms import About, Attribution, Benchmark, Fees, Guarantee, Quality, Results, Side
from openaco.rules.corridors import Corridors, corridors_of

VARIANTS = {
    "shared_savings": ("retrospective", "prospective"),
    "weighted_charges": ("reach", "pioneer", "next_generation"),
}
_TOLERANCE = 1e-9


def corridors_from(side: Side) -> Corridors:
    """The bands of a side as corridors. Raises ConfigurationError where they do not follow one another."""
    return corridors_of({"from": band.start, "to": band.to, "kept": band.share} for band in side.corridors)


def of_terms(sections: Mapping[str, Any], about: About | None) -> list[Problem]:
    """Contradictions within the terms of one year; sections that could not be read are left out."""
    problems: list[Problem] = []
    if isinstance(sections.get("benchmark"), Benchmark):
        problems += _benchmark(sections["benchmark"], about)
    for name in ("savings", "losses"):
        if isinstance(sections.get(name), Side):
            problems += _side(name, sections[name])
    if isinstance(sections.get("quality"), Quality):
        problems += _quality(sections["quality"])
    if isinstance(sections.get("fees"), Fees):
        problems += _fees(sections["fees"])
    if about:
        problems += _risk(sections, about)
    return problems


def of_the_whole(
    about: About, attribution: Attribution, years: Mapping[int | None, Any], results: Mapping[int, Results]
) -> list[Problem]:
    """Contradictions of the contract as a whole: its span, its years, its attribution."""
    problems = [*_span(about), *_attribution(attribution)]
    if about.end < about.start:
        return problems
    wanted = range(about.start.year, about.end.year + 1)
    span = f"The contract runs from {about.start} to {about.end}."
    missing = [year for year in wanted if year not in years]
    problems += [
        Problem(f"years.{year}", "the table is missing", "Add it; it may be empty where nothing differs that year.")
        for year in missing
    ]
    problems += _recoupment(years, results)
    for name, stated in (("years", years), ("results", results)):
        outside = sorted(year for year in stated if year is not None and year not in wanted)
        problems += [Problem(f"{name}.{year}", "lies outside the contract", span) for year in outside]
    return problems


def _span(about: About) -> Iterator[Problem]:
    if about.end < about.start:
        yield Problem("contract.end", f"{about.end} lies before contract.start", "Correct one of the two.")
    if (about.start.month, about.start.day) != (1, 1):
        yield Problem("contract.start", f"{about.start} is not 1 January", "Performance years are calendar years.")
    if (about.end.month, about.end.day) != (12, 31):
        yield Problem("contract.end", f"{about.end} is not 31 December", "Performance years are calendar years.")


def _attribution(attribution: Attribution) -> Iterator[Problem]:
    fitting = VARIANTS[attribution.rule]
    if attribution.variant not in fitting:
        yield Problem(
            "attribution.variant",
            f"{attribution.variant} does not go with rule {attribution.rule}",
            f"Choose {', '.join(fitting[:-1])} or {fitting[-1]}, or the other rule.",
        )


def _benchmark(benchmark: Benchmark, about: About | None) -> Iterator[Problem]:
    target = benchmark.trend == "target"
    if benchmark.risk_cap is not None and not benchmark.risk_adjustment:
        yield Problem(
            "benchmark.risk_cap", "limits a risk adjustment that is off", "Set risk_adjustment = true, or take it out."
        )
    if target:
        yield from _target(benchmark)
    else:
        yield from _history(benchmark)
    if benchmark.baseline_years is None and (not target or benchmark.risk_adjustment):
        why = "risk is measured against the last of them" if target else "history is taken from them"
        yield Problem("benchmark.baseline_years", f"is missing: {why}", "State three years: [2021, 2022, 2023].")
    if benchmark.baseline_years is not None:
        yield from _baseline(benchmark.baseline_years, about)
    rates = {"trend_rate": benchmark.trend_rate, "baseline_trend_rate": benchmark.baseline_trend_rate}
    for name, rate in rates.items():
        if benchmark.trend == "fixed" and rate is None:
            yield Problem(
                f"benchmark.{name}", 'is missing with trend = "fixed"', "State it: 0.04 for 4 percent a year."
            )
        if benchmark.trend != "fixed" and rate is not None:
            yield Problem(
                f"benchmark.{name}", f'says nothing with trend = "{benchmark.trend}"', "Take it out, or trend by it."
            )


def _target(benchmark: Benchmark) -> Iterator[Problem]:
    if benchmark.target_pmpm is None:
        yield Problem("benchmark.target_pmpm", 'is missing with trend = "target"', "State US dollars per member month.")
    if benchmark.weights is not None:
        yield Problem("benchmark.weights", "weigh a history that a target replaces", "Take them out, or the target.")
    if benchmark.regional_weight:
        yield Problem("benchmark.regional_weight", "blends a history that a target replaces", "Take it out.")


def _history(benchmark: Benchmark) -> Iterator[Problem]:
    if benchmark.target_pmpm is not None:
        yield Problem(
            "benchmark.target_pmpm",
            f'says nothing with trend = "{benchmark.trend}"',
            'Take it out, or set trend = "target".',
        )
    weights = benchmark.weights
    if weights is None:
        yield Problem("benchmark.weights", "is missing", "One for each baseline year, together 1: [0.1, 0.3, 0.6].")
        return
    if len(weights) != 3:
        yield Problem(
            "benchmark.weights", f"holds {len(weights)} weights", "State one for each of three baseline years."
        )
    if min(weights, default=0) < 0:
        yield Problem("benchmark.weights", "holds a weight below zero", "Weights lie from 0 to 1.")
    if abs(math.fsum(weights) - 1) > _TOLERANCE:
        yield Problem("benchmark.weights", f"sum to {math.fsum(weights):g}, not to 1", "Correct one of them.")


def _baseline(years: list[int], about: About | None) -> Iterator[Problem]:
    if len(years) != 3 or any(after != before + 1 for before, after in pairwise(years)):
        yield Problem("benchmark.baseline_years", "are not three years in order", "State them so: [2021, 2022, 2023].")
    elif about and years[-1] >= about.start.year:
        yield Problem(
            "benchmark.baseline_years",
            f"end in {years[-1]}, after the contract began",
            f"They lie before {about.start.year}.",
        )


def _side(name: str, side: Side) -> Iterator[Problem]:
    try:
        corridors_from(side)
    except ConfigurationError as error:
        yield Problem(f"{name}.corridors", error.what, error.remedy)


def _quality(quality: Quality) -> Iterator[Problem]:
    scores = [step.score for step in quality.bonus]
    if any(after <= before for before, after in pairwise(scores)):
        yield Problem("quality.bonus", "its scores do not ascend", "Order them by score, each score once.")


def _fees(fees: Fees) -> Iterator[Problem]:
    if fees.counted_as_expenditure and not fees.care_management_pmpm:
        yield Problem(
            "fees.counted_as_expenditure",
            "counts a fee that is not paid",
            "State care_management_pmpm, or take it out.",
        )


def _recoupment(years: Mapping[int | None, Any], results: Mapping[int, Results]) -> Iterator[Problem]:
    fees = [sections["fees"] for sections in years.values() if isinstance(sections.get("fees"), Fees)]
    balances = any(stated.upfront_balance for stated in results.values())
    if any(fee.recoup_share for fee in fees) and not any(fee.upfront for fee in fees) and not balances:
        yield Problem("fees.recoup_share", "pays back money that is never advanced", "State upfront, or take it out.")


def _risk(sections: Mapping[str, Any], about: About) -> Iterator[Problem]:
    losses, guarantee = sections.get("losses"), sections.get("guarantee")
    if about.risk == "upside_only" and losses is not None:
        yield Problem(
            "losses", 'are shared, but contract.risk is "upside_only"', 'Set risk = "two_sided", or take [losses] out.'
        )
    if about.risk == "two_sided" and "losses" in sections and losses is None:
        yield Problem(
            "losses", 'the table is missing, but contract.risk is "two_sided"', 'Add it, or set risk = "upside_only".'
        )
    if about.risk == "two_sided" and isinstance(guarantee, Guarantee) and guarantee.minimum_payment:
        yield Problem(
            "guarantee.minimum_payment",
            'would mean that losses are never owed, but contract.risk is "two_sided"',
            'Take it out, or set risk = "upside_only".',
        )

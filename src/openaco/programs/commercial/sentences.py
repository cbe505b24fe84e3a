"""A contract file in plain sentences: what is measured, what is shared, and the worst and best that can come of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from openaco.programs.commercial.contradictions import corridors_from
from openaco.programs.commercial.file import ContractFile
from openaco.programs.commercial.settlement import most_share, shared_part
from openaco.programs.commercial.terms import Benchmark, Quality, Side, Terms

EXAMPLE_RATES = (0.15, 0.10, 0.05, 0.02, 0.01, 0.0, -0.01, -0.02, -0.05, -0.10, -0.15)
_RULES = {
    ("shared_savings", "retrospective"): "those whom the Shared Savings Program's steps assign after the year",
    ("shared_savings", "prospective"): "those whom the Shared Savings Program's steps assign before the year",
    ("weighted_charges", "reach"): "those whom weighted primary care charges align as in ACO REACH",
    ("weighted_charges", "pioneer"): "those whom weighted primary care charges align as in the Pioneer model",
    ("weighted_charges", "next_generation"): "those whom weighted primary care charges align as in Next Generation",
}


@dataclass(frozen=True)
class YearOutcome:
    """What one year can bring, as fractions of the total benchmark; None is without limit.

    best, worst  the most the ACO can be paid and can owe (≥ 0) as shares of savings and losses, quality at its best
    examples     by savings rate (losses below zero), the share of the benchmark that the ACO is paid (owes)
    """

    year: int
    best: float
    worst: float | None
    examples: dict[float, float]


def outcome(file: ContractFile, year: int) -> YearOutcome:
    """The best and the worst of a year's shares, and a ladder of examples. Savings cannot pass the whole benchmark."""
    terms = file.terms_for(year)
    worst = 0.0 if terms.losses is None else most_share(terms.losses, math.inf)
    return YearOutcome(
        year=year,
        best=most_share(terms.savings, 1.0),
        worst=None if math.isinf(worst) else worst,
        examples={rate: _paid(terms, rate) for rate in EXAMPLE_RATES},
    )


def _paid(terms: Terms, rate: float) -> float:
    side = terms.savings if rate >= 0 else terms.losses
    if side is None:
        return 0.0
    part = shared_part(corridors_from(side), abs(rate), side.minimum_rate, side.first_dollar)
    return math.copysign(part if side.cap is None else min(part, side.cap), rate) if part else 0.0


def sentences(file: ContractFile) -> list[str]:
    """The contract in sentences: who and when, what holds in every year, then what holds in some years only."""
    about, attribution = file.about, file.attribution
    told = [
        f"{about.label}: {about.payer}, {about.population.replace('_', ' ')} members, {about.start} to {about.end}.",
        f"Counted are {_RULES[(attribution.rule, attribution.variant)]}.",
    ]
    if attribution.minimum_size:
        told.append(f"With fewer than {attribution.minimum_size:,} people neither savings nor losses are shared.")
    by_year = {year: _of_year(terms) for year, terms in sorted(file.terms.items())}
    every = dict.fromkeys(sentence for each in by_year.values() for sentence in each)
    told += [sentence for sentence in every if all(sentence in each for each in by_year.values())]
    some: dict[tuple[int, ...], list[str]] = {}
    for sentence in (sentence for sentence in every if sentence not in told):
        some.setdefault(tuple(year for year in by_year if sentence in by_year[year]), []).append(sentence)
    told += [f"In {_listed(years)}: {' '.join(only)}" for years, only in some.items()]
    told.append("Nothing is withheld for sequestration.")
    return told


def _of_year(terms: Terms) -> list[str]:
    parts = [*_benchmark(terms.benchmark), *_measured(terms), *_side("savings", terms.savings)]
    if terms.losses is None:
        parts.append("Losses are not shared.")
    else:
        parts += _side("losses", terms.losses)
    return [*parts, *_quality(terms.quality), *_fixed_money(terms)]


def _benchmark(benchmark: Benchmark) -> list[str]:
    told = []
    if benchmark.trend == "target":
        told.append(f"The benchmark is a target of ${benchmark.target_pmpm:,.2f} per member per month.")
    else:
        pairs = zip(benchmark.baseline_years or (), benchmark.weights or (), strict=True)
        weights = ", ".join(f"{year} ({percent(weight)})" for year, weight in pairs)
        told += [f"The benchmark is the members' own history: {weights}.", *_trend(benchmark)]
        if benchmark.regional_weight:
            weight = percent(benchmark.regional_weight)
            told.append(f"The region's expenditures at the members' risk weigh {weight} in the benchmark.")
    if benchmark.risk_adjustment:
        cap = benchmark.risk_cap
        limit = f", by at most {percent(cap)} up or down" if cap is not None else ", without a limit"
        told.append(f"The benchmark follows the members' risk scores{limit}.")
    else:
        told.append("The benchmark does not follow the members' risk scores.")
    return told


def _trend(benchmark: Benchmark) -> list[str]:
    if benchmark.trend != "fixed":
        return [f"The benchmark grows as {benchmark.trend} expenditures per person grow."]
    rate, before = benchmark.trend_rate or 0.0, benchmark.baseline_trend_rate or 0.0
    return [
        f"Before the contract the benchmark grows {percent(before)} a year.",
        f"From the year before to this one the benchmark grows {percent(rate)}.",
    ]


def _measured(terms: Terms) -> list[str]:
    truncated = terms.stop_loss.truncate != "none"
    told = [
        "Expenditures are all medical claims of those counted"
        + (
            ", each person's year ending at the national 99th percentile."
            if truncated
            else ", without a limit per person."
        )
    ]
    if terms.stop_loss.charge_pmpm:
        told.append(f"Stop-loss costs ${terms.stop_loss.charge_pmpm:,.2f} per member per month on top of them.")
    if terms.guarantee.payer_discount:
        told.append(f"The payer takes {percent(terms.guarantee.payer_discount)} off the benchmark first.")
    return told


def _side(what: str, side: Side) -> list[str]:
    from_where = "from the first dollar" if side.first_dollar else "beyond the minimum only"
    minimum = (
        f"once they reach {percent(side.minimum_rate)} of the benchmark, {from_where}"
        if side.minimum_rate
        else "from the first dollar"
    )
    bands = "; ".join(
        f"{percent(band.share)} {'up to' if band.to is not None else 'beyond'} "
        f"{percent(band.start if band.to is None else band.to)}"
        if len(side.corridors) > 1
        else percent(band.share)
        for band in sorted(side.corridors, key=lambda band: band.start)
    )
    verb = "is paid" if what == "savings" else "owes"
    limit = f", at most {percent(side.cap)} of the benchmark" if side.cap is not None else ""
    return [f"Of {what} the ACO {verb} its share {minimum}: {bands}{limit}."]


def _quality(quality: Quality) -> list[str]:
    told = []
    if quality.minimum_score is not None:
        told.append(f"Below a quality score of {quality.minimum_score:g} no savings are paid.")
    if quality.scale_share:
        told.append("Savings are multiplied by the quality score ÷ 100.")
    if quality.bonus:
        steps = ", ".join(f"${step.pmpm:,.2f} from {step.score:g}" for step in quality.bonus)
        told.append(f"A quality bonus is paid per member per month: {steps}.")
    return told


def _fixed_money(terms: Terms) -> list[str]:
    fees, told = terms.fees, []
    if fees.care_management_pmpm:
        counts = "it counts" if fees.counted_as_expenditure else "it does not count"
        fee = f"${fees.care_management_pmpm:,.2f} per member per month"
        told.append(f"A care management fee of {fee} is paid; {counts} as an expenditure.")
    if fees.upfront:
        told.append(f"${fees.upfront:,.2f} is paid up front.")
    if fees.recoup_share:
        told.append(f"Upfront money is paid back from {percent(fees.recoup_share)} of earned savings.")
    if terms.guarantee.minimum_payment:
        told.append(f"At least ${terms.guarantee.minimum_payment:,.2f} is paid at settlement.")
    return told


def percent(rate: float) -> str:
    """A fraction in percent, without needless digits: 12.5%."""
    return f"{round(rate * 100, 4):g}%"


def _listed(years: tuple[int, ...]) -> str:
    return ", ".join(map(str, years[:-1])) + (" and " if len(years) > 1 else "") + str(years[-1])

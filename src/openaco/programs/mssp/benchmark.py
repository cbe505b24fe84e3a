"""Tables A3 and 1 of CMS's settlement report: trend factors, historical benchmark, its adjustments.

Sources: 42 CFR 425.601 (agreements from July 2019 to 2023), 425.652–425.662 (agreements from 2024).
"""

from __future__ import annotations

from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, YEARS, MsspInputs
from openaco.programs.scribe import Scribe
from openaco.rules import benchmark as rule
from openaco.rules.cited import Cited, cited

REGION_PY = ("regional", "py")


def by_start(name: str, inputs: MsspInputs, **keys: str) -> Cited:
    """A benchmark parameter for the year in which the agreement started."""
    return cited(f"mssp/benchmark/{name}", inputs.start_year, **keys)


def add_trend_lines(scribe: Scribe, inputs: MsspInputs) -> None:
    """Table A3: national and regional growth, and their blend, for each enrollment type and year."""
    for place in ("national", "regional"):
        for kind in ENROLLMENT_TYPES:
            for name, year in inputs.all_years().items():
                scribe.given(f"trend.{place}_per_capita.{kind}.{name}", getattr(year, f"{place}_per_capita")[kind])
            for name in YEARS:
                add_growth(scribe, inputs, place, kind, name)
    for kind in ENROLLMENT_TYPES:
        for name, weights in (("by3", inputs.national_weight_by3), ("py", inputs.national_weight_py)):
            national = scribe.given(f"trend.national_weight.{kind}.{name}", weights[kind])
            scribe.computed(
                f"trend.regional_weight.{kind}.{name}",
                rule.regional_weight(national),
                [f"trend.national_weight.{kind}.{name}"],
            )
        for name in YEARS:
            _blend(scribe, kind, name)


def add_growth(
    scribe: Scribe, inputs: MsspInputs, place: str, kind: str, name: str, basis: tuple[Cited, ...] = ()
) -> None:
    """Growth of the nation or the region: benchmark year to BY3, or BY3 to the performance year."""
    stem = f"trend.{place}_per_capita.{kind}"
    later, earlier = ("py", "by3") if name == "py" else ("by3", name)
    caps = [cap for cap in [by_start("regional_risk_growth_cap", inputs)] if cap.value and (place, name) == REGION_PY]
    scribe.computed(
        f"trend.{place}_factor.{kind}.{name}",
        rule.growth(scribe.sheet.number(f"{stem}.{later}"), scribe.sheet.number(f"{stem}.{earlier}")),
        [f"{stem}.{later}", f"{stem}.{earlier}"],
        [*caps, *basis],
        note="The cap on the growth of the region's risk is not computed." if caps else "",
    )


def _blend(scribe: Scribe, kind: str, name: str) -> None:
    weighted_by = "py" if name == "py" else "by3"
    inputs = [
        f"trend.national_factor.{kind}.{name}",
        f"trend.regional_factor.{kind}.{name}",
        f"trend.national_weight.{kind}.{weighted_by}",
    ]
    value = rule.blended_factor(*(scribe.sheet.number(id) for id in inputs))
    scribe.computed(
        f"trend.blended_factor.{kind}.{name}", value, [*inputs, f"trend.regional_weight.{kind}.{weighted_by}"]
    )


def add_historical_lines(scribe: Scribe, inputs: MsspInputs, trend: str = "trend.blended_factor") -> None:
    """Table 1 to line [I]: three years' expenditures at the risk and prices of BY3, weighted.

    trend: the lines of growth to BY3, by enrollment type and year.
    """
    for name, year in inputs.benchmark_years.items():
        scribe.given(f"benchmark.assigned_beneficiaries.{name}", year.assigned_beneficiaries)
        add_person_years(scribe, "benchmark", dict(year.person_years), f".{name}")
    weights = by_start("benchmark_year_weights", inputs, agreement_period=_first_or_later(inputs))
    for name, weight in zip(BENCHMARK_YEARS, weights.value, strict=True):
        scribe.computed(f"benchmark.year_weight.{name}", weight, basis=[weights])
    for kind in ENROLLMENT_TYPES:
        for name, year in inputs.benchmark_years.items():
            scribe.given(f"benchmark.per_capita.{kind}.{name}", year.per_capita[kind])
            scribe.given(f"benchmark.risk_score.{kind}.{name}", year.risk_score[kind])
        for name in BENCHMARK_YEARS:
            _trended(scribe, kind, name, trend)
        parts = [f"benchmark.weighted.{kind}.{name}" for name in BENCHMARK_YEARS]
        scribe.computed(f"benchmark.historical.{kind}", sum(scribe.sheet.number(part) for part in parts), parts)
    add_proportions(scribe, "benchmark", inputs.by3.person_years, ".by3")
    add_weighted_total(scribe, "benchmark.historical", "benchmark.proportion", "benchmark.historical_total")


def _first_or_later(inputs: MsspInputs) -> str:
    return "first" if inputs.agreement.period == 1 else "later"


def _trended(scribe: Scribe, kind: str, name: str, trend_line: str) -> None:
    sheet = scribe.sheet
    scores = [f"benchmark.risk_score.{kind}.by3", f"benchmark.risk_score.{kind}.{name}"]
    ratio = scribe.computed(
        f"benchmark.risk_ratio.{kind}.{name}", rule.risk_ratio(*(sheet.number(id) for id in scores)), scores
    )
    inputs = [f"benchmark.per_capita.{kind}.{name}", f"{trend_line}.{kind}.{name}"]
    spent, trend = (sheet.number(id) for id in inputs)
    amount = scribe.computed(
        f"benchmark.trended.{kind}.{name}",
        rule.trended(spent, ratio, trend),
        [inputs[0], f"benchmark.risk_ratio.{kind}.{name}", inputs[1]],
    )
    weight = f"benchmark.year_weight.{name}"
    scribe.computed(
        f"benchmark.weighted.{kind}.{name}",
        amount * sheet.number(weight),
        [f"benchmark.trended.{kind}.{name}", weight],
    )


def add_person_years(scribe: Scribe, table: str, person_years: dict[str, float], suffix: str = "") -> None:
    """Person-years by enrollment type, where known, and their sum. `table` is the first part of the ids."""
    total_id = f"settlement.person_years{suffix}" if table == "update" else f"{table}.person_years{suffix}"
    if set(person_years) != set(ENROLLMENT_TYPES):
        scribe.given(total_id, sum(person_years.values()))
        return
    parts = [f"{table}.person_years_by_type.{kind}{suffix}" for kind in ENROLLMENT_TYPES]
    for part, kind in zip(parts, ENROLLMENT_TYPES, strict=True):
        scribe.given(part, person_years[kind])
    scribe.computed(total_id, sum(person_years.values()), parts)


def add_proportions(scribe: Scribe, table: str, person_years: rule.ByType, suffix: str = "") -> None:
    """Each enrollment type's share of person-years."""
    parts = [f"{table}.person_years_by_type.{kind}{suffix}" for kind in ENROLLMENT_TYPES]
    for kind, share in rule.shares(person_years).items():
        scribe.computed(f"{table}.proportion.{kind}", share, parts)


def add_weighted_total(scribe: Scribe, amounts: str, weights: str, total: str) -> float:
    """A sum over the enrollment types of the lines `amounts.<type>` × `weights.<type>`."""
    ids = [f"{stem}.{kind}" for stem in (amounts, weights) for kind in ENROLLMENT_TYPES]
    return scribe.computed(total, rule.weighted_total(by_type(scribe, amounts), by_type(scribe, weights)), ids)


def by_type(scribe: Scribe, stem: str) -> dict[str, float]:
    """The values of the lines `stem.<type>` by enrollment type."""
    return {kind: scribe.sheet.number(f"{stem}.{kind}") for kind in ENROLLMENT_TYPES}


def add_regional_lines(scribe: Scribe, inputs: MsspInputs) -> None:
    """Table 1 [K] to [Q]: the regional adjustment of each enrollment type."""
    for kind in ENROLLMENT_TYPES:
        score, region = f"benchmark.risk_score.{kind}.by3", f"trend.regional_per_capita.{kind}.by3"
        amount = scribe.computed(
            f"benchmark.regional_for_aco.{kind}",
            scribe.sheet.number(score) * scribe.sheet.number(region),
            [score, region],
        )
        scribe.computed(
            f"benchmark.regional_difference.{kind}",
            amount - scribe.sheet.number(f"benchmark.historical.{kind}"),
            [f"benchmark.regional_for_aco.{kind}", f"benchmark.historical.{kind}"],
        )
    difference = add_weighted_total(
        scribe, "benchmark.regional_difference", "benchmark.proportion", "benchmark.regional_difference_total"
    )
    spending = rule.spending_against_region(difference)
    weight = by_start(
        "regional_weight", inputs, regional_period=str(min(inputs.agreement.regional_period, 4)), spending=spending
    )
    scribe.computed(
        "benchmark.regional_weight",
        weight.value,
        ["benchmark.regional_difference_total"],
        [weight],
        note=f"The ACO spends {'more' if spending == 'higher' else 'less'} than its region.",
    )
    offset = _offset(scribe, inputs)
    for kind in ENROLLMENT_TYPES:
        _regional_adjustment(scribe, inputs, kind, offset)


def _offset(scribe: Scribe, inputs: MsspInputs) -> float:
    applies = by_start("negative_regional_offset", inputs)
    if not applies.value:
        return 0.0
    stated = scribe.given("benchmark.low_income_dual_share", inputs.result.low_income_dual_share)
    dual = scribe.sheet.number("benchmark.proportion.aged_dual") if stated is None else stated
    score = rule.weighted_total(inputs.by3.risk_score, rule.shares(inputs.by3.person_years))
    scores = [f"benchmark.risk_score.{kind}.by3" for kind in ENROLLMENT_TYPES]
    shares = [f"benchmark.proportion.{kind}" for kind in ENROLLMENT_TYPES]
    return scribe.computed(
        "benchmark.negative_regional_offset",
        rule.negative_adjustment_offset(dual, score),
        ["benchmark.low_income_dual_share", *shares, *scores],
        [applies],
        note="" if stated is not None else "No share is stated: that of aged/dual person-years stands for it.",
    )


def _regional_adjustment(scribe: Scribe, inputs: MsspInputs, kind: str, offset: float) -> None:
    sheet = scribe.sheet
    ids = [f"benchmark.regional_difference.{kind}", "benchmark.regional_weight"]
    before_id = f"benchmark.regional_adjustment_before_cap.{kind}"
    before = scribe.computed(before_id, sheet.number(ids[0]) * sheet.number(ids[1]), ids)
    up, down = (by_start("regional_cap", inputs, direction=direction) for direction in ("up", "down"))
    if up.value is None:
        scribe.computed(f"benchmark.regional_adjustment.{kind}", before, [before_id], [up], note="No cap.")
        return
    national = f"trend.national_per_capita.{kind}.by3"
    caps = [f"benchmark.regional_cap.{kind}"]
    cap_up = scribe.computed(caps[0], up.value * sheet.number(national), [national], [up])
    cap_down = cap_up
    if down.value != up.value:
        caps.append(f"benchmark.regional_cap_down.{kind}")
        cap_down = scribe.computed(caps[1], down.value * sheet.number(national), [national], [down])
    capped = rule.within_cap(before, cap_up, cap_down)
    offset_line = ["benchmark.negative_regional_offset"] if "benchmark.negative_regional_offset" in sheet.lines else []
    scribe.computed(
        f"benchmark.regional_adjustment.{kind}",
        rule.offset_adjustment(capped, offset),
        [before_id, *caps, *offset_line],
        note="The cap binds." if capped != before else "",
    )


def add_adjusted_lines(scribe: Scribe, inputs: MsspInputs) -> None:
    """Table 1 [R] and [S]: the historical benchmark with the adjustment that applies."""
    candidates = by_start("adjustments", inputs)
    applied = "benchmark.regional_adjustment"
    if not by_start("negative_adjustment_applies", inputs).value:
        applied = "benchmark.applied_adjustment"
        _choose_adjustment(scribe, inputs, candidates)
    for kind in ENROLLMENT_TYPES:
        parts = [f"benchmark.historical.{kind}", f"{applied}.{kind}"]
        scribe.computed(f"benchmark.adjusted.{kind}", sum(scribe.sheet.number(part) for part in parts), parts)
    add_weighted_total(scribe, "benchmark.adjusted", "benchmark.proportion", "benchmark.adjusted_total")


def _choose_adjustment(scribe: Scribe, inputs: MsspInputs, candidates: Cited) -> None:
    amounts = {
        "regional": add_weighted_total(
            scribe, "benchmark.regional_adjustment", "benchmark.proportion", "benchmark.regional_adjustment_total"
        )
    }
    lines = ["benchmark.regional_adjustment_total", "benchmark.prior_savings_adjustment"]
    stated = inputs.result.prior_savings_adjustment
    prior = scribe.given(
        "benchmark.prior_savings_adjustment", stated, note="" if stated is not None else "None is stated."
    )
    amounts["prior_savings"] = prior or 0.0
    if "population" in candidates.value:
        amounts["population"] = _population_adjustment(scribe, inputs)
        lines.append("benchmark.population_adjustment")
    name, amount = rule.highest_adjustment(amounts)
    no_negative = by_start("negative_adjustment_applies", inputs)
    scribe.computed(
        "benchmark.adjustment_category",
        name,
        lines,
        [candidates, no_negative],
        note="An overall negative regional adjustment does not apply." if amounts["regional"] < 0 else "",
    )
    for kind in ENROLLMENT_TYPES:
        regional = f"benchmark.regional_adjustment.{kind}"
        scribe.computed(
            f"benchmark.applied_adjustment.{kind}",
            scribe.sheet.number(regional) if name == "regional" else amount,
            ["benchmark.adjustment_category", *([regional] if name == "regional" else lines)],
        )


def _population_adjustment(scribe: Scribe, inputs: MsspInputs) -> float:
    least = by_start("population_adjustment_minimum_share", inputs)
    rate = by_start("population_adjustment_rate", inputs)
    share = scribe.sheet.number("benchmark.low_income_dual_share")
    national = rule.weighted_total(inputs.by3.national_per_capita, rule.shares(inputs.by3.person_years))
    return scribe.computed(
        "benchmark.population_adjustment",
        rule.population_adjustment(share, least.value, rate.value, national),
        [
            "benchmark.low_income_dual_share",
            *(f"trend.national_per_capita.{kind}.by3" for kind in ENROLLMENT_TYPES),
            *(f"benchmark.proportion.{kind}" for kind in ENROLLMENT_TYPES),
        ],
        [least, rate],
        note=f"Below the least share of {least.value:.0%}." if share < least.value else "",
    )

"""The benchmark of ACO REACH: baseline, regional blend, risk scores, trend adjustment, discount and withholds, equity.

Each function adds the lines of one part; what a line says stands in `lines`. `add_baseline_lines` and
`add_total` serve LEAD as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from openaco.programs.mssp.inputs import BENCHMARK_YEARS
from openaco.programs.reach.cohorts import CohortYear
from openaco.programs.reach.inputs import ReachInputs, RiskGrowth
from openaco.programs.scribe import Scribe
from openaco.rules import reach
from openaco.rules.cited import Cited, cited
from openaco.rules.corridors import corridors_of


def of_type(name: str, inputs: ReachInputs) -> Cited:
    """A benchmark parameter that depends on the type of ACO."""
    return cited(f"reach/benchmark/{name}", inputs.rules_year, aco_type=inputs.aco_type)


def of_year(name: str, inputs: ReachInputs) -> Cited:
    """A benchmark parameter of the performance year."""
    return cited(f"reach/benchmark/{name}", inputs.rules_year)


def add_baseline_lines(scribe: Scribe, years: Mapping[str, CohortYear], weights: Cited) -> None:
    """The historical baseline of each cohort at a risk score of 1, in dollars of the third baseline year."""
    for name in BENCHMARK_YEARS:
        scribe.given(f"baseline.beneficiaries.{name}", years[name].aligned_beneficiaries)
        scribe.computed(f"baseline.weight.{name}", float(weights.value[name]), basis=[weights])
    for cohort in years["py"].person_years:
        scribe.given(f"baseline.national_per_capita.{cohort}.py", years["py"].national_per_capita[cohort])
        scribe.given(f"baseline.national_per_capita.{cohort}.by3", years["by3"].national_per_capita[cohort])
        for name in BENCHMARK_YEARS:
            _baseline_year(scribe, years[name], cohort, name)
        _historical_baseline(scribe, years, cohort)


def _baseline_year(scribe: Scribe, year: CohortYear, cohort: str, name: str) -> None:
    part = f"{cohort}.{name}"
    scribe.given(f"baseline.person_years.{part}", year.person_years[cohort])
    per_capita = scribe.given(f"baseline.per_capita.{part}", year.per_capita[cohort])
    score = scribe.given(f"baseline.risk_score.{part}", year.risk_score[cohort])
    by3 = f"baseline.national_per_capita.{cohort}.by3"
    national = f"baseline.national_per_capita.{part}"
    if name != "by3":
        scribe.given(national, year.national_per_capita[cohort])
    growth = scribe.sheet.number(by3) / scribe.sheet.number(national)
    trend = scribe.computed(f"baseline.trend.{part}", growth, dict.fromkeys([by3, national]))
    scribe.computed(
        f"baseline.standardized.{part}",
        reach.standardized(per_capita, trend, score),
        [f"baseline.{what}.{part}" for what in ("per_capita", "trend", "risk_score")],
    )


def _historical_baseline(scribe: Scribe, years: Mapping[str, CohortYear], cohort: str) -> None:
    sheet = scribe.sheet
    peopled = [name for name in BENCHMARK_YEARS if years[name].person_years[cohort] > 0]
    amounts = {name: sheet.number(f"baseline.standardized.{cohort}.{name}") for name in peopled}
    weights = {name: sheet.number(f"baseline.weight.{name}") for name in BENCHMARK_YEARS}
    lines = [f"baseline.{what}" for name in peopled for what in (f"standardized.{cohort}.{name}", f"weight.{name}")]
    scribe.computed(
        f"baseline.historical.{cohort}",
        reach.weighted_baseline(amounts, weights),
        lines,
        note="" if peopled else "Nobody of this cohort in any baseline year.",
    )


def add_regional_blend_lines(scribe: Scribe, inputs: ReachInputs) -> None:
    """Each cohort's baseline in the performance year, blended with the regional rate within its limits."""
    weight = of_type("historical_weight", inputs)
    scribe.computed("baseline.historical_weight", float(weight.value), basis=[weight])
    for cohort in inputs.cohorts:
        projected = _projected_baseline(scribe, inputs, cohort)
        regional = scribe.given(f"baseline.regional.{cohort}", inputs.performance.regional_per_capita[cohort])
        if projected is None or not scribe.sheet.number("baseline.historical_weight"):
            why = "The regional rate alone: " + ("no baseline." if projected is None else "no historical weight.")
            scribe.computed(f"baseline.blended.{cohort}", regional, [f"baseline.regional.{cohort}"], note=why)
        else:
            _blend(scribe, inputs, cohort)


def _projected_baseline(scribe: Scribe, inputs: ReachInputs, cohort: str) -> float | None:
    lines = [f"baseline.historical.{cohort}", f"trend.prospective.{cohort}"]
    observed, stated = add_observed_trend(scribe, cohort), inputs.elections.prospective_trend
    if stated:
        trend = scribe.given(lines[1], stated[cohort])
    else:
        why = "As observed: CMS's is not stated."
        trend = scribe.computed(lines[1], observed, [f"trend.observed.{cohort}"], note=why)
    historical = scribe.sheet[lines[0]]
    projected = None if historical is None else scribe.sheet.number(lines[0]) * trend
    scribe.computed(f"baseline.projected.{cohort}", projected, lines)
    return projected


def _blend(scribe: Scribe, inputs: ReachInputs, cohort: str) -> None:
    sheet, limits = scribe.sheet, of_type("regional_limits", inputs)
    projected, regional = f"baseline.projected.{cohort}", f"baseline.regional.{cohort}"
    national = f"baseline.national_per_capita.{cohort}.py"
    difference = scribe.computed(
        f"baseline.regional_difference.{cohort}",
        (1 - sheet.number("baseline.historical_weight")) * (sheet.number(regional) - sheet.number(projected)),
        ["baseline.historical_weight", regional, projected],
    )
    bounds = []
    for name in ("ceiling", "floor"):
        line = f"baseline.regional_{name}.{cohort}"
        bounds.append(scribe.computed(line, limits.value[name] * sheet.number(national), [national], [limits]))
    adjustment = scribe.computed(
        f"baseline.regional_adjustment.{cohort}",
        reach.regional_adjustment(difference, *bounds),
        [f"baseline.regional_{what}.{cohort}" for what in ("difference", "ceiling", "floor")],
    )
    scribe.computed(
        f"baseline.blended.{cohort}",
        sheet.number(projected) + adjustment,
        [projected, f"baseline.regional_adjustment.{cohort}"],
    )


def add_observed_trend(scribe: Scribe, cohort: str) -> float:
    """Add national growth from the third baseline year to the performance year, as a ratio."""
    lines = [f"baseline.national_per_capita.{cohort}.{name}" for name in ("py", "by3")]
    now, before = map(scribe.sheet.number, lines)
    return scribe.computed(f"trend.observed.{cohort}", now / before, lines)


def add_risk_lines(scribe: Scribe, inputs: ReachInputs) -> None:
    """Each cohort's risk score of the benchmark: capped growth, coding intensity, and the further caps."""
    limits, note = _growth_limits(inputs)
    for name in ("rise", "fall"):
        scribe.computed(f"risk.cap_{name}", limits.value[name] if not note else None, basis=[limits], note=note)
    for cohort in inputs.cohorts:
        score = scribe.given(f"risk.score.{cohort}", inputs.performance.risk_score[cohort])
        growth = inputs.elections.risk_growth
        capped = score if growth is None else _capped_score(scribe, inputs, growth, cohort, score)
        _final_score(scribe, inputs, cohort, capped)


def _growth_limits(inputs: ReachInputs) -> tuple[Cited, str]:
    """The caps of the type and year, and why they do not apply where they do not."""
    limits, growth = of_type("risk_growth_cap", inputs), inputs.elections.risk_growth
    if growth is None:
        return limits, "No cap: the risk score of the reference year is not stated."
    most = max(inputs.years[name].aligned_beneficiaries for name in BENCHMARK_YEARS)
    if most < limits.value["minimum_base_beneficiaries"]:
        return limits, f"No cap: fewer than {limits.value['minimum_base_beneficiaries']} in every baseline year."
    if growth.population_ratio is not None:
        exempt = of_year("cap_exemption_ratio", inputs)
        if growth.population_ratio >= exempt.value:
            return limits, f"No cap: the population is at least {exempt.value:g} times that of the reference year."
    return limits, ""


def _capped_score(scribe: Scribe, inputs: ReachInputs, growth: RiskGrowth, cohort: str, score: float) -> float:
    sheet, moves = scribe.sheet, of_year("demographic_adjustment", inputs)
    reference = scribe.given(f"risk.reference_score.{cohort}", growth.reference_score[cohort])
    demographic = scribe.computed(
        f"risk.demographic_growth.{cohort}",
        growth.demographic_growth.get(cohort, 1.0) if moves.value else 1.0,
        [scribe.source(f"risk.demographic_growth.{cohort}")],
        [moves],
    )
    rise, fall = (_limit(sheet[f"risk.cap_{name}"]) for name in ("rise", "fall"))
    capped = scribe.computed(
        f"risk.capped_score.{cohort}",
        reach.capped_score(reference, score, rise, fall, demographic),
        [
            *(f"risk.{what}.{cohort}" for what in ("score", "reference_score", "demographic_growth")),
            "risk.cap_rise",
            "risk.cap_fall",
        ],
    )
    ceiling = of_type("coding_intensity_ceiling", inputs)
    factor = scribe.computed(
        f"risk.coding_intensity_factor.{cohort}",
        reach.coding_intensity(growth.coding_intensity_factor.get(cohort, 1.0), ceiling.value),
        [scribe.source(f"risk.coding_intensity_factor.{cohort}")],
        [ceiling],
    )
    return scribe.computed(
        f"risk.coded_score.{cohort}",
        capped / factor,
        [f"risk.capped_score.{cohort}", f"risk.coding_intensity_factor.{cohort}"],
    )


def _limit(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _final_score(scribe: Scribe, inputs: ReachInputs, cohort: str, capped: float) -> None:
    """The last caps: on growth from the third baseline year, and on those newly aligned by choice."""
    additional, growth = of_type("additional_growth_cap", inputs), inputs.elections.risk_growth
    before = f"risk.score.{cohort}" if growth is None else f"risk.coded_score.{cohort}"
    lines, score = [before], capped
    by3 = f"baseline.risk_score.{cohort}.by3"
    cap = _limit(scribe.computed(f"risk.additional_cap.{cohort}", additional.value, basis=[additional]))
    if cap is not None and scribe.sheet.number(by3):
        score = reach.capped_score(scribe.sheet.number(by3), capped, cap, None)
        lines += [by3, f"risk.additional_cap.{cohort}"]
    if growth is not None and growth.newly_voluntary_share and inputs.aco_type == "high_needs":
        share, limit = growth.newly_voluntary_share, of_year("newly_voluntary_cap", inputs)
        reference = growth.reference_score[cohort]
        voluntary = reach.capped_score(reference, reference * growth.newly_voluntary_growth, limit.value, None)
        line = f"risk.newly_voluntary_score.{cohort}"
        scribe.computed(line, voluntary, [f"risk.reference_score.{cohort}", scribe.source(line)], [limit])
        score = (1 - share) * score + share * voluntary
        lines.append(line)
    scribe.computed(f"risk.final_score.{cohort}", score, lines)


def add_benchmark_lines(scribe: Scribe, inputs: ReachInputs) -> None:
    """From the blended baseline to the benchmark that is settled by."""
    for cohort in inputs.cohorts:
        lines = [f"baseline.blended.{cohort}", f"risk.final_score.{cohort}"]
        scribe.given(f"settlement.person_years.{cohort}", inputs.performance.person_years[cohort])
        scribe.computed(f"benchmark.unadjusted_per_capita.{cohort}", math.prod(map(scribe.sheet.number, lines)), lines)
    scribe.computed(
        "settlement.person_years",
        inputs.performance.total_person_years,
        [f"settlement.person_years.{cohort}" for cohort in inputs.cohorts],
    )
    add_total(scribe, inputs.cohorts, "benchmark.unadjusted", "benchmark.unadjusted_per_capita")
    _add_retrospective_trend(scribe, inputs)
    share = _add_share(scribe, inputs)
    scribe.computed(
        "benchmark.final",
        scribe.sheet.number("benchmark.trended") * share,
        ["benchmark.trended", "benchmark.share"],
    )
    _add_equity(scribe, inputs)


def add_total(scribe: Scribe, cohorts: tuple[str, ...], total: str, *factors: str) -> float:
    """Add a total: over the cohorts, the product of lines by cohort and person-years."""
    names = (*factors, "settlement.person_years")
    lines = [f"{name}.{cohort}" for cohort in cohorts for name in names]
    amounts = (math.prod(scribe.sheet.number(f"{name}.{cohort}") for name in names) for cohort in cohorts)
    return scribe.computed(total, math.fsum(amounts), lines)


def _add_retrospective_trend(scribe: Scribe, inputs: ReachInputs) -> None:
    rule = of_year("retrospective_trend", inputs)
    corridors = corridors_of(rule.value["corridors"])
    for cohort in inputs.cohorts:
        lines = [f"trend.observed.{cohort}", f"trend.prospective.{cohort}"]
        observed, prospective = map(scribe.sheet.number, lines)
        factor = reach.retrospective_trend_factor(observed, prospective, rule.value["dead_band"], corridors)
        scribe.computed(f"trend.retrospective_factor.{cohort}", factor, lines, [rule])
    add_total(
        scribe,
        inputs.cohorts,
        "benchmark.trended",
        "benchmark.unadjusted_per_capita",
        "trend.retrospective_factor",
    )


def _add_share(scribe: Scribe, inputs: ReachInputs) -> float:
    elections = inputs.elections
    discount = cited("reach/benchmark/discount", inputs.rules_year, risk_arrangement=inputs.risk_arrangement)
    withhold, retention = of_year("quality_withhold", inputs), of_year("retention_withhold", inputs)
    scribe.computed("benchmark.discount_rate", discount.value, basis=[discount])
    scribe.computed("benchmark.quality_withhold_rate", withhold.value, basis=[withhold])
    scribe.given("benchmark.quality_score", inputs.quality_score)
    improvement = [] if elections.improvement_shown else [of_year("improvement_multiplier", inputs)]
    scribe.computed(
        "benchmark.quality_earned_rate",
        reach.earned_quality(
            scribe.sheet.number("benchmark.quality_withhold_rate"),
            scribe.sheet.number("benchmark.quality_score"),
            *(rule.value for rule in improvement),
        ),
        ["benchmark.quality_withhold_rate", "benchmark.quality_score"],
        improvement,
        note="" if elections.improvement_shown else "Continuous improvement is not shown.",
    )
    kept = elections.first_year and elections.left_early
    scribe.computed(
        "benchmark.retention_withhold_rate",
        retention.value if kept else 0.0,
        basis=[retention] if kept else (),
        note="Withheld and returned: the ACO stays." if elections.first_year and not kept else "",
    )
    lines = [
        f"benchmark.{name}_rate" for name in ("discount", "quality_withhold", "quality_earned", "retention_withhold")
    ]
    return scribe.computed("benchmark.share", reach.benchmark_share(*map(scribe.sheet.number, lines)), lines)


def _add_equity(scribe: Scribe, inputs: ReachInputs) -> None:
    """The health equity benchmark adjustment, where the year has one and the shares are stated."""
    applies, shares = of_year("equity_adjustment", inputs), inputs.elections.equity_shares
    if not applies.value or shares is None:
        why = "The shares by decile are not stated." if applies.value else "There is none in this year."
        scribe.computed("benchmark.equity_adjustment", 0.0, basis=[applies], note=why)
        return
    amounts = of_year("equity_amounts", inputs)
    source = scribe.source("benchmark.equity_amount")
    amount = scribe.computed("benchmark.equity_amount", reach.equity_amount(shares, amounts.value), [source], [amounts])
    scribe.computed(
        "benchmark.equity_adjustment",
        amount * scribe.sheet.number("settlement.person_years") * reach.MONTHS_IN_YEAR,
        ["benchmark.equity_amount", "settlement.person_years"],
        [applies],
    )

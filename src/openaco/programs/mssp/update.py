"""Tables A1 and 2 of CMS's settlement report: the historical benchmark at the risk and prices of the performance year.

Sources: 42 CFR 425.601(b), 425.605(a), 425.610(a) (agreements from July 2019 to 2023); 425.652, 425.660 (from 2024).
"""

from __future__ import annotations

import math

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, Agreement, ByType, Performance
from openaco.programs.mssp.benchmark import add_person_years, add_proportions, add_weighted_total, by_start, by_type
from openaco.programs.mssp.inputs import MsspInputs
from openaco.programs.scribe import Scribe
from openaco.rules import benchmark as rule
from openaco.rules import sharing
from openaco.rules.cited import cited
from openaco.rules.participation import year_of_rules

FIRST_AGGREGATE_CAP = 2024


def add_update_lines(scribe: Scribe, inputs: MsspInputs) -> None:
    """Tables A1 and 2: from the adjusted historical benchmark to the updated benchmark."""
    add_person_years(scribe, "update", dict(inputs.performance.person_years))
    add_proportions(scribe, "update", inputs.performance.person_years)
    for kind in ENROLLMENT_TYPES:
        scribe.given(f"update.risk_score.{kind}", inputs.performance.risk_score[kind])
        scores = [f"update.risk_score.{kind}", f"benchmark.risk_score.{kind}.by3"]
        ratio = rule.risk_ratio(*(scribe.sheet.number(id) for id in scores))
        scribe.computed(f"update.risk_ratio_uncapped.{kind}", ratio, scores)
    if inputs.start_year >= FIRST_AGGREGATE_CAP:
        _risk_under_aggregate_cap(scribe, inputs)
    else:
        _risk_under_cap(scribe, inputs)
    for kind in ENROLLMENT_TYPES:
        _updated(scribe, inputs, kind)
    add_weighted_total(scribe, "update.updated", "update.proportion", "update.updated_total")


def _risk_under_cap(scribe: Scribe, inputs: MsspInputs) -> None:
    cap = by_start("risk_ratio_cap", inputs)
    most = scribe.computed("update.risk_ratio_cap", cap.value, basis=[cap])
    most = math.inf if most is None else most
    for kind in ENROLLMENT_TYPES:
        uncapped = scribe.sheet.number(f"update.risk_ratio_uncapped.{kind}")
        scribe.computed(
            f"update.risk_ratio.{kind}",
            rule.capped_risk_ratio(uncapped, most),
            [f"update.risk_ratio_uncapped.{kind}", "update.risk_ratio_cap"],
            note="The cap binds." if uncapped > most else "",
        )


def _risk_under_aggregate_cap(scribe: Scribe, inputs: MsspInputs) -> None:
    uncapped = by_type(scribe, "update.risk_ratio_uncapped")
    stated = inputs.by3.demographic_risk_score is not None and inputs.performance.demographic_risk_score is not None
    ratios = uncapped
    allowance = by_start("risk_growth_allowance", inputs)
    lines = ["update.aggregate_risk_cap"]
    note = "No demographic scores are stated: the cap on aggregate risk growth is not applied."
    if stated:
        aggregate, cap = _aggregate_risk(scribe, inputs)
        ratios = rule.risk_ratios_under_aggregate_cap(uncapped, aggregate, cap)
        lines.insert(0, "update.aggregate_risk_growth")
    else:
        scribe.computed("update.aggregate_risk_cap", None, (), [allowance], note=note)
    for kind in ENROLLMENT_TYPES:
        bound = "The cap binds." if ratios[kind] != uncapped[kind] else ""
        scribe.computed(
            f"update.risk_ratio.{kind}",
            ratios[kind],
            [f"update.risk_ratio_uncapped.{kind}", *lines],
            [allowance],
            note=bound if stated else note,
        )


def _aggregate_risk(scribe: Scribe, inputs: MsspInputs) -> tuple[float, float]:
    """Add the aggregate growth of risk and its cap: growth of demographic scores plus an allowance."""
    person_years = inputs.performance.person_years
    adjusted = by_type(scribe, "benchmark.adjusted")
    weights = rule.shares({kind: adjusted[kind] * person_years[kind] for kind in ENROLLMENT_TYPES})
    for kind in ENROLLMENT_TYPES:
        _demographic_ratio(scribe, inputs, kind)
        scribe.computed(
            f"update.risk_weight.{kind}",
            weights[kind],
            [f"benchmark.adjusted.{kind}", f"update.person_years_by_type.{kind}"],
        )
    parts = [f"update.risk_weight.{kind}" for kind in ENROLLMENT_TYPES]
    ratios = {stem: by_type(scribe, f"update.{stem}") for stem in ("risk_ratio_uncapped", "demographic_ratio")}
    aggregate = scribe.computed(
        "update.aggregate_risk_growth",
        rule.dollar_weighted_growth(ratios["risk_ratio_uncapped"], weights),
        [*(f"update.risk_ratio_uncapped.{kind}" for kind in ENROLLMENT_TYPES), *parts],
    )
    allowance = by_start("risk_growth_allowance", inputs)
    cap = scribe.computed(
        "update.aggregate_risk_cap",
        rule.dollar_weighted_growth(ratios["demographic_ratio"], weights) + allowance.value,
        [*(f"update.demographic_ratio.{kind}" for kind in ENROLLMENT_TYPES), *parts],
        [allowance],
    )
    return aggregate, math.inf if cap is None else cap


def _demographic_ratio(scribe: Scribe, inputs: MsspInputs, kind: str) -> None:
    before, after = inputs.by3.demographic_risk_score, inputs.performance.demographic_risk_score
    assert before is not None
    assert after is not None
    scribe.given(f"benchmark.demographic_risk_score.{kind}", before[kind])
    scribe.given(f"update.demographic_risk_score.{kind}", after[kind])
    scribe.computed(
        f"update.demographic_ratio.{kind}",
        rule.risk_ratio(after[kind], before[kind]),
        [f"update.demographic_risk_score.{kind}", f"benchmark.demographic_risk_score.{kind}"],
    )


def _updated(scribe: Scribe, inputs: MsspInputs, kind: str) -> None:
    sheet = scribe.sheet
    ids = [f"benchmark.adjusted.{kind}", f"update.risk_ratio.{kind}"]
    adjusted, ratio = (sheet.number(id) for id in ids)
    scribe.computed(f"update.risk_adjusted.{kind}", adjusted * ratio, ids)
    factor = _update_factor(scribe, inputs, kind)
    scribe.computed(
        f"update.updated.{kind}",
        rule.updated(adjusted, ratio, factor),
        [f"update.risk_adjusted.{kind}", f"update.update_factor.{kind}"],
    )


def _update_factor(scribe: Scribe, inputs: MsspInputs, kind: str) -> float:
    two_way = f"trend.blended_factor.{kind}.py"
    factor = scribe.sheet.number(two_way)
    if not needs_prospective_trend(inputs.agreement):
        return scribe.computed(f"update.update_factor.{kind}", factor, [two_way])
    trend = prospective_trend(inputs.agreement, inputs.result, inputs.performance_year)
    weight = cited("mssp/benchmark/accountable_care_prospective_trend_weight", inputs.performance_year)
    given = scribe.given(f"update.prospective_trend.{kind}", trend.as_dict()[kind])
    share = scribe.computed(f"update.prospective_trend_weight.{kind}", weight.value, basis=[weight])
    return scribe.computed(
        f"update.update_factor.{kind}",
        rule.three_way_factor(factor, given, share),
        [two_way, f"update.prospective_trend.{kind}", f"update.prospective_trend_weight.{kind}"],
        [weight],
    )


def needs_prospective_trend(agreement: Agreement) -> bool:
    """Whether the benchmark of the agreement is updated three ways (42 CFR 425.652, agreements from 2024)."""
    return bool(cited("mssp/benchmark/guardrail", year_of_rules(agreement.start)).value)


def prospective_trend(agreement: Agreement, result: Performance, performance_year: int) -> ByType:
    """The accountable care prospective trend. Raises ConfigurationError where it is needed and not stated."""
    if result.accountable_care_prospective_trend is None:
        raise ConfigurationError(
            "agreements from 2024 need the accountable care prospective trend",
            where=f"performance.{performance_year}.accountable_care_prospective_trend",
            remedy="Take it from CMS's benchmark report: growth from BY3 to the performance year, as a ratio.",
        )
    return result.accountable_care_prospective_trend


def add_guardrail_lines(scribe: Scribe, inputs: MsspInputs) -> bool:
    """Add the benchmark that the settlement takes, `settlement.benchmark_per_capita`. Returns whether it is guarded.

    The guardrail protects two-sided ACOs of agreements from 2024 from losses that the three-way update alone makes.
    """
    three_way = scribe.sheet.number("update.updated_total")
    lines = ["update.updated_total"]
    used = three_way
    if by_start("guardrail", inputs).value:
        used = _after_guardrail(scribe, inputs, three_way)
        lines += ["update.two_way_total", "update.guardrail"]
    applies = used != three_way
    note = "Guardrail: the two-way updated benchmark." if applies else ""
    scribe.computed("settlement.benchmark_per_capita", used, lines, note=note)
    return applies


def _after_guardrail(scribe: Scribe, inputs: MsspInputs, three_way: float) -> float:
    for kind in ENROLLMENT_TYPES:
        ids = [f"update.risk_adjusted.{kind}", f"trend.blended_factor.{kind}.py"]
        scribe.computed(f"update.two_way.{kind}", scribe.sheet.number(ids[0]) * scribe.sheet.number(ids[1]), ids)
    two_way = add_weighted_total(scribe, "update.two_way", "update.proportion", "update.two_way_total")
    used = three_way
    if _two_sided(inputs):
        spent = scribe.sheet.number("settlement.expenditures_per_capita")
        least = scribe.as_supposed("settlement.minimum_savings_rate", _minimum_loss_rate(inputs))
        used = rule.guardrail_total(three_way, two_way, spent, least)
    guarded = scribe.computed(
        "update.guardrail",
        used != three_way,
        ["update.updated_total", "update.two_way_total", "settlement.expenditures_per_capita"],
        [by_start("guardrail", inputs)],
        note="" if _two_sided(inputs) else "Does not apply: one-sided model.",
    )
    return used if guarded else three_way


def _two_sided(inputs: MsspInputs) -> bool:
    return sharing.terms_for(inputs.track, inputs.performance_year, inputs.start_year).two_sided


def _minimum_loss_rate(inputs: MsspInputs) -> float:
    return sharing.effective_minimum_savings_rate(
        inputs.performance.assigned_beneficiaries,
        inputs.agreement.minimum_savings_rate,
        _two_sided(inputs),
        inputs.performance_year,
    )

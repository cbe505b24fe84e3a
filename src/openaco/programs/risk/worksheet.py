"""The estimate of an ACO's risk scores as a worksheet: means by enrollment type, CMS's beside them, growth and caps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.risk.lines import RISK_LINES
from openaco.programs.risk.population import GROUPS, ModelWeight
from openaco.programs.risk.scores import RiskYear, TypeScores, raw_column
from openaco.programs.scribe import Scribe
from openaco.rules import benchmark as rule
from openaco.rules.cited import Cited, cited
from openaco.rules.risk import confidence_of
from openaco.rules.risk.encounters import RULE
from openaco.worksheet import Worksheet

ESTIMATE = "Estimate from the ACO's own claims; final scores come from CMS."
NOT_RENORMALIZED = "Not renormalized: no national mean is stated (aco.toml, national_risk_means)."
FIRST_AGGREGATE_CAP = 2024


def risk_worksheet(
    configuration: Configuration,
    scored: RiskYear,
    earlier: RiskYear | None = None,
    dollar_weights: Mapping[str, float] | None = None,
) -> Worksheet:
    """The worksheet of a scored year; with an earlier year (BY3), also growth and its caps.

    dollar_weights: each type's share of benchmark dollars, as a settlement's worksheet has it; without them growth is
    not capped for agreements from 2024. 42 CFR 425.601(a), 425.605(a), 425.652(a), 425.659.
    """
    sheet = Worksheet("mssp", f"Risk scores of {configuration.aco.name}, {scored.year}: estimate", scored.year)
    sheet.about |= {
        "year": str(scored.year),
        "people": "assigned by CMS's report of the year" if scored.assigned else "everybody eligible in the lake",
        "estimate": ESTIMATE,
        **{f"problem: {name}": str(count) for name, count in scored.problems.items()},
    }
    scribe = Scribe(sheet, RISK_LINES)
    _add_year(scribe, scored, "")
    if earlier is not None:
        _add_year(scribe, earlier, ".earlier")
        _add_growth(scribe, configuration, scored, earlier, dollar_weights)
    return sheet


def _add_year(scribe: Scribe, scored: RiskYear, suffix: str) -> None:
    for item in scored.mix:
        name = f"{item.group}_{raw_column(item.model).removeprefix('raw_')}{suffix}"
        scribe.computed(f"risk.model_weight.{name}", item.weight, basis=item.basis)
        if item.normalization:
            factor = float(item.normalization.value)
            scribe.computed(f"risk.normalization.{name}", factor, basis=[item.normalization])
    for kind in (kind for kind in ENROLLMENT_TYPES if kind in scored.by_type):
        _add_type(scribe, scored, kind, scored.by_type[kind], suffix)


def _add_type(scribe: Scribe, scored: RiskYear, kind: str, scores: TypeScores, suffix: str) -> None:
    filtering = cited(RULE, scored.year - 1)
    mix = [item for item in scored.mix if item.group == GROUPS[kind]]
    _given(scribe, f"risk.beneficiaries.{kind}{suffix}", scores.beneficiaries, "scores.parquet:person_id")
    _given(scribe, f"risk.person_years.{kind}{suffix}", scores.months / 12, "scores.parquet:months")
    inputs = []
    for item in mix:
        name = raw_column(item.model).removeprefix("raw_")
        line = f"risk.raw_score.{kind}.{name}{suffix}"
        basis = [filtering, _mapping(item)]
        scribe.computed(line, scores.raw.get(item.model), [f"scores.parquet:{raw_column(item.model)}"], basis)
        inputs += [line, f"risk.model_weight.{item.group}_{name}{suffix}"]
        if item.normalization:
            inputs.append(f"risk.normalization.{item.group}_{name}{suffix}")
    blended = f"risk.blended_score.{kind}{suffix}"
    scribe.computed(blended, scores.blended, inputs, note=ESTIMATE)
    demographic = f"risk.demographic_score.{kind}{suffix}"
    scribe.computed(demographic, scores.demographic, ["scores.parquet:demographic_score"], note=ESTIMATE)
    _add_renormalized(scribe, scored, kind, scores, suffix)


def _mapping(item: ModelWeight) -> Cited:
    """The mapping as a basis: as sure as the least sure of the model's tables."""
    tables = cited("risk/reference_tables", 2026, table="relative_factors")
    return Cited(tables.name, item.year.payment_year, f"CMS mapping of {item.model}", confidence_of(item.year))


def _add_renormalized(scribe: Scribe, scored: RiskYear, kind: str, scores: TypeScores, suffix: str) -> None:
    lines = [f"risk.blended_score.{kind}{suffix}"]
    estimate = None
    if scored.national_means is not None:
        mean = scored.national_means.as_dict()[kind]
        lines.append(f"risk.national_mean.{kind}{suffix}")
        _given(scribe, lines[-1], mean, f"aco.toml:national_risk_means.{scored.year}")
        estimate = scores.blended / mean
    note = ESTIMATE if estimate is not None else NOT_RENORMALIZED
    renormalized = f"risk.renormalized_score.{kind}{suffix}"
    scribe.computed(renormalized, estimate, lines, note=note)
    if scores.cms is None:
        return
    of_cms = f"risk.cms_score.{kind}{suffix}"
    _given(scribe, of_cms, scores.cms, "assigned_beneficiary:score")
    difference = None if estimate is None else estimate - scores.cms
    scribe.computed(f"risk.difference.{kind}{suffix}", difference, [renormalized, of_cms], note=note)
    implied = scores.blended / scores.cms if scores.cms else None
    scribe.computed(f"risk.implied_mean.{kind}{suffix}", implied, [lines[0], of_cms])


def _add_growth(
    scribe: Scribe,
    configuration: Configuration,
    scored: RiskYear,
    earlier: RiskYear,
    dollar_weights: Mapping[str, float] | None,
) -> None:
    start = configuration.agreement.start.year
    kinds = [kind for kind in ENROLLMENT_TYPES if kind in scored.by_type and kind in earlier.by_type]
    stem = "renormalized" if scored.national_means and earlier.national_means else "blended"
    note = ESTIMATE if stem == "renormalized" else f"{ESTIMATE} {NOT_RENORMALIZED}"
    ratios: dict[str, float] = {}
    demographic: dict[str, float] = {}
    for kind in kinds:
        for found, name, line in ((ratios, stem, "growth"), (demographic, "demographic", "demographic_growth")):
            ids = [f"risk.{name}_score.{kind}", f"risk.{name}_score.{kind}.earlier"]
            values = [scribe.sheet.number(id) for id in ids]
            found[kind] = scribe.computed(f"risk.{line}.{kind}", rule.risk_ratio(*values), ids, note=note)
    if start < FIRST_AGGREGATE_CAP:
        _cap_each(scribe, ratios, cited("mssp/benchmark/risk_ratio_cap", start))
    else:
        allowance = cited("mssp/benchmark/risk_growth_allowance", start)
        _cap_all(scribe, ratios, demographic, allowance, dollar_weights)


def _cap_each(scribe: Scribe, ratios: Mapping[str, float], cap: Cited) -> None:
    most = scribe.computed("risk.growth_cap", cap.value, basis=[cap])
    for kind, ratio in ratios.items():
        capped = rule.capped_risk_ratio(ratio, math.inf if most is None else most)
        bound = "The cap binds." if capped != ratio else ""
        scribe.computed(f"risk.growth_capped.{kind}", capped, [f"risk.growth.{kind}", "risk.growth_cap"], note=bound)


def _cap_all(
    scribe: Scribe,
    ratios: Mapping[str, float],
    demographic: Mapping[str, float],
    allowance: Cited,
    weights: Mapping[str, float] | None,
) -> None:
    lines = [f"risk.growth.{kind}" for kind in ratios]
    if weights is None or not any(weights.get(kind) for kind in ratios):
        note = "No settlement of this year is at hand, so the weights of the types are not known: no cap is applied."
        scribe.computed("risk.aggregate_cap", None, basis=[allowance], note=note)
        return
    mine = {kind: weights.get(kind, 0.0) for kind in ratios}
    missing = [kind for kind in ENROLLMENT_TYPES if weights.get(kind) and kind not in ratios]
    note = f"Without {', '.join(missing)}, of which a year is not scored." if missing else ""
    source = "worksheet.json:update.risk_weight"
    aggregate = scribe.computed(
        "risk.aggregate_growth", rule.dollar_weighted_growth(ratios, mine), [*lines, source], note=note
    )
    cap = scribe.computed(
        "risk.aggregate_cap",
        rule.dollar_weighted_growth(demographic, mine) + allowance.value,
        [*(f"risk.demographic_growth.{kind}" for kind in demographic), source],
        [allowance],
    )
    capped = rule.risk_ratios_under_aggregate_cap(ratios, aggregate, cap)
    for kind, ratio in capped.items():
        bound = "The cap binds." if ratio != ratios[kind] else ""
        inputs = [f"risk.growth.{kind}", "risk.aggregate_growth", "risk.aggregate_cap"]
        scribe.computed(f"risk.growth_capped.{kind}", ratio, inputs, note=bound)


def _given(scribe: Scribe, id: str, value: Any, source: str) -> None:
    scribe.sources = {**scribe.sources, id: source}
    scribe.given(id, value)

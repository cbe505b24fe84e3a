"""The benchmark of agreements that started before July 2019, from the figures of four years to the updated benchmark.

First agreement periods (42 CFR 425.602) and renewals of 2016 (425.603(b)): national growth, updated by flat dollars.
Renewals of 2017 to January 2019 (425.603(c)): regional growth and regional adjustment. The three benchmark years are
those of the performance year's participant list: computing them anew is the adjustment for changes of the list
(425.602(a)(8), 425.603).
"""

from __future__ import annotations

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, AssignmentGroups
from openaco.programs.mssp.benchmark import (
    add_growth,
    add_historical_lines,
    add_person_years,
    add_proportions,
    add_regional_lines,
    add_weighted_total,
    by_start,
    by_type,
)
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, GROWS_WITH_NATION, YEARS, MsspInputs
from openaco.programs.scribe import Scribe
from openaco.rules import benchmark as rule
from openaco.rules import benchmark_before_2019 as early
from openaco.rules.cited import Cited

PRIOR_SAVINGS = "425.603(b)"
_GROUPS = "update.newly_assigned_share"


def add_lines_before_2019(scribe: Scribe, inputs: MsspInputs) -> None:
    """From growth to `update.updated_total`, in the lines of the later benchmark where they mean the same."""
    _check_length(inputs)
    method = inputs.methodology
    national = method.value in GROWS_WITH_NATION
    place = "national" if national else "regional"
    _trends(scribe, inputs, place, method)
    add_historical_lines(scribe, inputs, f"trend.{place}_factor")
    if not national:
        add_regional_lines(scribe, inputs)
    prior = _adjusted(scribe, inputs, national)
    add_person_years(scribe, "update", dict(inputs.performance.person_years))
    add_proportions(scribe, "update", inputs.performance.person_years)
    _risk(scribe, inputs)
    for kind in ENROLLMENT_TYPES:
        if national:
            _updated_by_dollars(scribe, kind, method)
        else:
            _updated_by_growth(scribe, kind, method)
    _total(scribe, "update.updated", "update.proportion", "update.updated_total", prior)


def _check_length(inputs: MsspInputs) -> None:
    """Raises ConfigurationError for the first performance year of 2012 starters, of 21 or 18 months."""
    if inputs.agreement.start.month != 1 and inputs.agreement_year == 1:
        raise ConfigurationError(
            "the first performance year of an agreement that started in 2012 lasted 21 or 18 months (42 CFR 425.608); "
            "how it is settled is not computed",
            where=f"performance.{inputs.performance_year}",
            remedy="Settle 2014 or 2015.",
        )


def _trends(scribe: Scribe, inputs: MsspInputs, place: str, method: Cited) -> None:
    """Growth of each type to BY3; of the region also to the performance year, of the nation in dollars instead."""
    for kind in ENROLLMENT_TYPES:
        for name, year in inputs.all_years().items():
            scribe.given(f"trend.{place}_per_capita.{kind}.{name}", getattr(year, f"{place}_per_capita")[kind])
        for name in YEARS if place == "regional" else BENCHMARK_YEARS:
            add_growth(scribe, inputs, place, kind, name, (method,))
        if place == "national":
            later, earlier = (f"trend.national_per_capita.{kind}.{name}" for name in ("py", "by3"))
            dollars = early.flat_dollar_growth(scribe.sheet.number(later), scribe.sheet.number(earlier))
            scribe.computed(f"trend.flat_dollars.{kind}", dollars, [later, earlier], [method])


def _adjusted(scribe: Scribe, inputs: MsspInputs, national: bool) -> str:
    """The adjusted historical benchmark. Returns the line of an adjustment in dollars over all types, if there is one.

    The adjustment of renewals of 2016 for savings of the period before is the same for every type and, unlike their
    expenditures, is not risk adjusted afterwards: CMS's results of 2016 and 2018 come out only so.
    """
    for kind in ENROLLMENT_TYPES:
        parts = [f"benchmark.historical.{kind}"] + ([] if national else [f"benchmark.regional_adjustment.{kind}"])
        scribe.computed(f"benchmark.adjusted.{kind}", sum(scribe.sheet.number(part) for part in parts), parts)
    prior = ""
    if inputs.methodology.value == PRIOR_SAVINGS:
        prior = "benchmark.prior_savings_adjustment"
        stated = inputs.result.prior_savings_adjustment
        note = "" if stated is not None else "None is stated."
        scribe.given(prior, stated, note=note)
    _total(scribe, "benchmark.adjusted", "benchmark.proportion", "benchmark.adjusted_total", prior)
    return prior


def _total(scribe: Scribe, amounts: str, weights: str, total: str, prior: str) -> None:
    """A sum over the types of amount × weight, and the adjustment in dollars where there is one."""
    if not prior:
        add_weighted_total(scribe, amounts, weights, total)
        return
    ids = [f"{stem}.{kind}" for stem in (amounts, weights) for kind in ENROLLMENT_TYPES]
    whole = rule.weighted_total(by_type(scribe, amounts), by_type(scribe, weights)) + scribe.sheet.number(prior)
    scribe.computed(total, whole, [*ids, prior])


def _updated_by_dollars(scribe: Scribe, kind: str, method: Cited) -> None:
    ids = [f"benchmark.adjusted.{kind}", f"update.risk_ratio.{kind}", f"trend.flat_dollars.{kind}"]
    adjusted, ratio, dollars = (scribe.sheet.number(id) for id in ids)
    scribe.computed(f"update.risk_adjusted.{kind}", adjusted * ratio, ids[:2])
    amount = early.updated_by_flat_dollars(adjusted, ratio, dollars)
    scribe.computed(f"update.updated.{kind}", amount, [f"update.risk_adjusted.{kind}", ids[2]], [method])


def _updated_by_growth(scribe: Scribe, kind: str, method: Cited) -> None:
    ids = [f"benchmark.adjusted.{kind}", f"update.risk_ratio.{kind}", f"trend.regional_factor.{kind}.py"]
    adjusted, ratio, growth = (scribe.sheet.number(id) for id in ids)
    scribe.computed(f"update.risk_adjusted.{kind}", adjusted * ratio, ids[:2])
    scribe.computed(
        f"update.updated.{kind}",
        rule.updated(adjusted, ratio, growth),
        [f"update.risk_adjusted.{kind}", ids[2]],
        [method],
    )


def _risk(scribe: Scribe, inputs: MsspInputs) -> None:
    """The risk ratio of each type: of the newly assigned by CMS-HCC, of the continuously assigned by one of two scores.

    Without stated groups all count as continuously assigned. Without demographic scores growth of their risk is not
    counted.
    """
    groups = inputs.result.assignment_groups
    for kind in ENROLLMENT_TYPES:
        _scores(scribe, inputs, groups, kind)
    chosen = _continuous_basis(scribe, inputs)
    clinical, demographic = (by_type(scribe, f"update.continuous_{name}_ratio") for name in ("clinical", "demographic"))
    ratios = early.continuous_ratios(clinical, demographic, chosen == "CMS-HCC")
    name = "clinical" if chosen == "CMS-HCC" else "demographic"
    for kind in ENROLLMENT_TYPES:
        ratio = scribe.computed(
            f"update.continuous_ratio.{kind}",
            ratios[kind],
            ["update.continuous_basis", f"update.continuous_{name}_ratio.{kind}"],
        )
        newly = [f"update.newly_assigned_share.{kind}", f"update.newly_assigned_ratio.{kind}"] if groups else []
        share, first = (scribe.sheet.number(id) for id in newly) if newly else (0.0, 1.0)
        scribe.computed(
            f"update.risk_ratio.{kind}",
            early.combined_risk_ratio(share, first, ratio),
            [*newly, f"update.continuous_ratio.{kind}"],
        )


def _scores(scribe: Scribe, inputs: MsspInputs, groups: AssignmentGroups | None, kind: str) -> None:
    """The scores of one type and their ratios to those of BY3; of everybody where no groups are stated."""
    before = f"benchmark.risk_score.{kind}.by3"
    scribe.given(f"update.risk_score.{kind}", inputs.performance.risk_score[kind])
    continuous = f"update.risk_score.{kind}"
    if groups is None:
        scribe.given(f"{_GROUPS}.{kind}", None, note="Not stated: all count as continuously assigned.")
    else:
        scribe.given(f"{_GROUPS}.{kind}", groups.newly_assigned_share.as_dict()[kind])
        newly = f"update.newly_assigned_risk_score.{kind}"
        scribe.given(newly, groups.newly_assigned_risk_score.as_dict()[kind])
        _ratio(scribe, f"update.newly_assigned_ratio.{kind}", newly, before)
        continuous = f"update.continuously_assigned_risk_score.{kind}"
        scribe.given(continuous, groups.continuously_assigned_risk_score.as_dict()[kind])
    _ratio(scribe, f"update.continuous_clinical_ratio.{kind}", continuous, before)
    _demographic_ratio(scribe, inputs, groups, kind)


def _ratio(scribe: Scribe, id: str, later: str, earlier: str) -> None:
    scribe.computed(id, rule.risk_ratio(scribe.sheet.number(later), scribe.sheet.number(earlier)), [later, earlier])


def _demographic_ratio(scribe: Scribe, inputs: MsspInputs, groups: AssignmentGroups | None, kind: str) -> None:
    before = inputs.by3.demographic_risk_score
    after = (
        groups.continuously_assigned_demographic_score.as_dict()
        if groups
        else inputs.performance.demographic_risk_score
    )
    ratio = f"update.continuous_demographic_ratio.{kind}"
    if before is None or after is None:
        scribe.computed(ratio, 1.0, note="No demographic scores are stated: growth of risk is not counted.")
        return
    ids = [f"update.demographic_risk_score.{kind}", f"benchmark.demographic_risk_score.{kind}"]
    scribe.given(ids[0], after[kind])
    scribe.given(ids[1], before[kind])
    _ratio(scribe, ratio, *ids)


def _continuous_basis(scribe: Scribe, inputs: MsspInputs) -> str:
    """Add the aggregate CMS-HCC ratio of the continuously assigned; return whose ratios count."""
    clinical = by_type(scribe, "update.continuous_clinical_ratio")
    weights = [f"benchmark.adjusted.{kind}" for kind in ENROLLMENT_TYPES]
    dollars = {
        kind: scribe.sheet.number(f"benchmark.adjusted.{kind}")
        * inputs.performance.person_years[kind]
        * (1 - scribe.sheet.number(f"{_GROUPS}.{kind}"))
        for kind in ENROLLMENT_TYPES
    }
    aggregate = scribe.computed(
        "update.continuous_risk_growth",
        rule.dollar_weighted_growth(clinical, dollars),
        [
            *(f"update.continuous_clinical_ratio.{kind}" for kind in ENROLLMENT_TYPES),
            *weights,
            *(f"update.person_years_by_type.{kind}" for kind in ENROLLMENT_TYPES),
            *(f"{_GROUPS}.{kind}" for kind in ENROLLMENT_TYPES),
        ],
    )
    threshold = by_start("continuous_risk_threshold", inputs)
    counts = early.clinical_risk_counts(aggregate, threshold.value)
    return str(
        scribe.computed(
            "update.continuous_basis",
            "CMS-HCC" if counts else "Demographic",
            ["update.continuous_risk_growth"],
            [threshold],
        )
    )

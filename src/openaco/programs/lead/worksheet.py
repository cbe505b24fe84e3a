"""LEAD (2027–2036), the announced successor of ACO REACH: from the figures of four years to the settlement.

Built from ACO REACH's rules and what is known of LEAD from public summaries; every line is unverified, and years
whose values were not announced are errors. High Needs beneficiaries are a cohort of their own where figures have one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from openaco.errors import ConfigurationError
from openaco.programs.lead.lines import LEAD_LINES
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, YEARS
from openaco.programs.reach.benchmark import add_baseline_lines, add_total
from openaco.programs.reach.cohorts import CohortYear
from openaco.programs.reach.corridor_settlement import (
    add_cost_lines,
    add_owed_lines,
    add_people_lines,
    add_sharing_lines,
)
from openaco.programs.reach.inputs import Capitation, RiskArrangement, StopLoss
from openaco.programs.reach.worksheet import add_as_if
from openaco.programs.scribe import Scribe
from openaco.rules import reach
from openaco.rules.cited import Cited, cited
from openaco.rules.corridors import corridors_of
from openaco.worksheet import Value, Worksheet

Spending = Literal["higher", "lower"]


@dataclass(frozen=True)
class LeadElections:
    """What the ACO is and chose, and what CMS found.

    entry                     renewing ACOs weight the baseline years alike, newly entering ones 10/30/60
    former_program            shared_savings for ACOs of the Shared Savings Program, else other
    spending                  CMS's class; None: by historical against regional spending
    prospective_trend         accountable care prospective trend from BY3, by cohort, as a ratio; None: the two-way
    prior_savings_adjustment  US dollars a person-year, as CMS states it
    """

    entry: Literal["renewing", "newly_entering"] = "newly_entering"
    former_program: Literal["shared_savings", "other"] = "other"
    spending: Spending | None = None
    prospective_trend: Mapping[str, float] | None = None
    prior_savings_adjustment: float = 0.0
    capitation: Capitation | None = None
    stop_loss: StopLoss | None = None


@dataclass(frozen=True)
class LeadInputs:
    """One ACO, one performance year: see `ReachInputs`. `rules_year`: 2027 to 2036."""

    rules_year: int
    risk_arrangement: RiskArrangement
    years: Mapping[str, CohortYear]
    quality_score: float
    elections: LeadElections = field(default_factory=LeadElections)
    aco_id: str = ""
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigurationError where a year is missing or an election is not allowed."""
        if tuple(self.years) != YEARS:
            raise ConfigurationError(f"the years are {list(self.years)}, not by1, by2, by3, py in order")
        if not 0 <= self.quality_score <= 1:
            raise ConfigurationError(f"quality_score is {self.quality_score}; it is a share from 0 to 1")
        capitation = self.elections.capitation
        if capitation and capitation.mechanism == "total_care" and self.risk_arrangement != "global":
            raise ConfigurationError("total care capitation is for Global ACOs", where="capitation.mechanism")

    @property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts in order."""
        return tuple(self.years["py"].person_years)


def lead_terms(risk_arrangement: RiskArrangement, performance_year: int) -> reach.CorridorTerms:
    """How an ACO shares under LEAD. Raises ParameterError for years without the model."""
    bands = cited("lead/settlement/risk_corridors", performance_year, risk_arrangement=risk_arrangement)
    return reach.CorridorTerms(
        savings=corridors_of(bands.value["savings"]),
        losses=corridors_of(bands.value["losses"]),
        corridors=bands,
        sequestration=cited("lead/settlement/sequestration_rate", performance_year),
    )


def worksheet(inputs: LeadInputs, supposed: Mapping[str, Value] | None = None) -> Worksheet:
    """The settlement of one ACO for one performance year. Raises ParameterError for what is not announced."""
    title = f"{inputs.aco_id} {inputs.name}".strip() or "Settlement"
    sheet = Worksheet("lead", title, inputs.years["py"].year)
    sheet.about.update(
        aco_id=inputs.aco_id,
        name=inputs.name,
        risk_arrangement=inputs.risk_arrangement,
        entry=inputs.elections.entry,
        rules_year=str(inputs.rules_year),
        unverified="Nothing of LEAD is confirmed against CMS's own papers.",
    )
    scribe = Scribe(sheet, LEAD_LINES, inputs.sources, inputs.basis, supposed)
    years = [inputs.years[name].year for name in BENCHMARK_YEARS]
    add_as_if(scribe, years, inputs.rules_year, _of_year("base_years", inputs))
    weights = cited("lead/benchmark/base_year_weights", inputs.rules_year, entry=inputs.elections.entry)
    add_baseline_lines(scribe, inputs.years, weights)
    for cohort in inputs.cohorts:
        _add_update(scribe, inputs, cohort)
        _add_risk(scribe, inputs, cohort)
        scribe.given(f"settlement.person_years.{cohort}", inputs.years["py"].person_years[cohort])
    spending = _add_spending(scribe, inputs)
    _add_adjustment(scribe, inputs, spending)
    _add_benchmark(scribe, inputs, spending)
    _add_settlement(scribe, inputs, spending)
    return sheet


def _of_year(name: str, inputs: LeadInputs) -> Cited:
    return cited(f"lead/benchmark/{name}", inputs.rules_year)


def _add_update(scribe: Scribe, inputs: LeadInputs, cohort: str) -> None:
    """The three-way update: national and regional growth, and the prospective trend within its guardrails."""
    before, now = inputs.years["by3"], inputs.years["py"]
    weight = scribe.given(f"trend.national_weight.{cohort}", (now.national_weight or {}).get(cohort, 1.0))
    growth = {}
    for place in ("national", "regional"):
        figures = f"{place}_per_capita"
        growth[place] = scribe.computed(
            f"trend.{place}.{cohort}",
            getattr(now, figures)[cohort] / getattr(before, figures)[cohort],
            [scribe.source(f"trend.{place}.{cohort}")],
        )
    two_way = scribe.computed(
        f"trend.two_way.{cohort}",
        weight * growth["national"] + (1 - weight) * growth["regional"],
        [f"trend.{what}.{cohort}" for what in ("national_weight", "national", "regional")],
    )
    stated = inputs.elections.prospective_trend
    line = f"trend.prospective.{cohort}"
    if stated is None:
        scribe.computed(line, two_way, [f"trend.two_way.{cohort}"], note="Not stated: the two-way trend stands for it.")
    else:
        scribe.given(line, stated[cohort])
    guardrails, share = _of_year("trend_guardrails", inputs), _of_year("prospective_trend_weight", inputs)
    guarded = scribe.computed(
        f"trend.guarded.{cohort}",
        reach.guarded_trend(scribe.sheet.number(line), two_way, guardrails.value["above"], guardrails.value["below"]),
        [line, f"trend.two_way.{cohort}"],
        [guardrails],
    )
    weight = scribe.computed(f"trend.prospective_weight.{cohort}", share.value, basis=[share])
    scribe.computed(
        f"trend.update.{cohort}",
        reach.three_way_trend(two_way, guarded, weight),
        [f"trend.{what}.{cohort}" for what in ("two_way", "guarded", "prospective_weight")],
    )


def _add_risk(scribe: Scribe, inputs: LeadInputs, cohort: str) -> None:
    """The risk score of the year, within a cap around that of the third baseline year."""
    cap = cited("lead/benchmark/risk_growth_cap", inputs.rules_year, cohort=cohort)
    by3 = f"baseline.risk_score.{cohort}.by3"
    score = scribe.given(f"risk.score.{cohort}", inputs.years["py"].risk_score[cohort])
    limit = scribe.computed(f"risk.cap.{cohort}", cap.value, basis=[cap])
    reference = scribe.sheet.number(by3) or score
    scribe.computed(
        f"risk.final_score.{cohort}",
        reach.capped_score(reference, score, limit, limit),
        [f"risk.score.{cohort}", by3, f"risk.cap.{cohort}"],
    )


def _add_spending(scribe: Scribe, inputs: LeadInputs) -> Spending:
    """Whether the ACO spends more or less than its region, at its own risk."""
    for cohort in inputs.cohorts:
        scribe.given(f"baseline.regional.{cohort}", inputs.years["by3"].regional_per_capita[cohort])
    for name, baseline in (("historical", "baseline.historical"), ("regional", "baseline.regional")):
        add_total(scribe, inputs.cohorts, f"spending.{name}", baseline, "risk.final_score")
    if inputs.elections.spending:
        return scribe.given("spending.class", inputs.elections.spending)
    lines = ["spending.historical", "spending.regional"]
    historical, regional = map(scribe.sheet.number, lines)
    return scribe.computed("spending.class", "higher" if historical > regional else "lower", lines)


def _add_adjustment(scribe: Scribe, inputs: LeadInputs, spending: Spending) -> None:
    """The higher of the regional efficiency and the prior savings adjustment, on each cohort's baseline."""
    sheet, elections = scribe.sheet, inputs.elections
    rule = cited("lead/benchmark/regional_efficiency", inputs.rules_year, former_program=elections.former_program)
    eligible = inputs.risk_arrangement == "global" and spending == "lower"
    prior = scribe.given("benchmark.prior_savings", elections.prior_savings_adjustment)
    for cohort in inputs.cohorts:
        lines = [f"baseline.regional.{cohort}", f"baseline.historical.{cohort}", "spending.class"]
        regional, historical = map(sheet.number, lines[:2])
        amount = reach.regional_efficiency(regional - historical, rule.value["share"], rule.value["cap"] * historical)
        scribe.computed(f"benchmark.regional_efficiency.{cohort}", amount if eligible else 0.0, lines, [rule])
    amounts = [f"benchmark.regional_efficiency.{cohort}" for cohort in inputs.cohorts]
    years = [f"settlement.person_years.{cohort}" for cohort in inputs.cohorts]
    efficiency = math.fsum(sheet.number(a) * sheet.number(b) for a, b in zip(amounts, years, strict=True))
    by_prior = prior * math.fsum(map(sheet.number, years)) > efficiency
    scribe.computed(
        "benchmark.adjustment",
        "prior savings" if by_prior else "regional efficiency",
        ["benchmark.prior_savings", *amounts, *years],
    )
    for cohort in inputs.cohorts:
        added = "benchmark.prior_savings" if by_prior else f"benchmark.regional_efficiency.{cohort}"
        lines = [f"baseline.historical.{cohort}", added, "benchmark.adjustment"]
        if sheet[lines[0]] is None:
            lines[0], note = f"baseline.regional.{cohort}", "The regional rate: nobody in the baseline years."
        else:
            note = ""
        scribe.computed(f"baseline.blended.{cohort}", sum(map(sheet.number, lines[:2])), lines, note=note)


def _add_benchmark(scribe: Scribe, inputs: LeadInputs, spending: Spending) -> None:
    for cohort in inputs.cohorts:
        lines = [f"{name}.{cohort}" for name in ("baseline.blended", "trend.update", "risk.final_score")]
        scribe.computed(f"benchmark.unadjusted_per_capita.{cohort}", math.prod(map(scribe.sheet.number, lines)), lines)
    years = [f"settlement.person_years.{cohort}" for cohort in inputs.cohorts]
    scribe.computed("settlement.person_years", math.fsum(map(scribe.sheet.number, years)), years)
    add_total(scribe, inputs.cohorts, "benchmark.trended", "benchmark.unadjusted_per_capita")
    discount = cited(
        "lead/benchmark/discount",
        inputs.rules_year,
        risk_arrangement=inputs.risk_arrangement,
        spending=spending,
    )
    withhold = _of_year("quality_withhold", inputs)
    scribe.computed("benchmark.discount_rate", discount.value, ["spending.class"], [discount])
    scribe.computed("benchmark.quality_withhold_rate", withhold.value, basis=[withhold])
    score = scribe.given("benchmark.quality_score", inputs.quality_score)
    scribe.computed(
        "benchmark.quality_earned_rate",
        reach.earned_quality(scribe.sheet.number("benchmark.quality_withhold_rate"), score),
        ["benchmark.quality_withhold_rate", "benchmark.quality_score"],
    )
    lines = [f"benchmark.{name}_rate" for name in ("discount", "quality_withhold", "quality_earned")]
    discounted, withheld, earned = map(scribe.sheet.number, lines)
    share = scribe.computed("benchmark.share", reach.benchmark_share(discounted, withheld, earned), lines)
    scribe.computed(
        "benchmark.final", scribe.sheet.number("benchmark.trended") * share, ["benchmark.trended", "benchmark.share"]
    )


def _add_settlement(scribe: Scribe, inputs: LeadInputs, spending: Spending) -> None:
    year, py, by3 = inputs.rules_year, inputs.years["py"], inputs.years["by3"]
    add_people_lines(scribe, py.aligned_beneficiaries, cited("lead/structure/minimum_beneficiaries", year))
    final = scribe.computed("settlement.total_benchmark", scribe.sheet.number("benchmark.final"), ["benchmark.final"])
    for cohort in inputs.cohorts:
        scribe.given(f"settlement.per_capita.{cohort}", py.per_capita[cohort])
    add_total(scribe, inputs.cohorts, "settlement.fee_for_service_expenditures", "settlement.per_capita")
    target = cited("lead/payment/primary_care_target", year)
    add_cost_lines(scribe, inputs.elections.capitation, inputs.elections.stop_loss, target)
    add_on = cited("lead/benchmark/administrative_add_on", year, spending=spending)
    scribe.computed("settlement.administrative_add_on", add_on.value * final, ["settlement.total_benchmark"], [add_on])
    guarantee = cited("lead/settlement/financial_guarantee", year)
    lines = [f"baseline.{what}.{cohort}.by3" for cohort in inputs.cohorts for what in ("per_capita", "person_years")]
    spent = math.fsum(by3.per_capita[cohort] * by3.person_years[cohort] for cohort in inputs.cohorts)
    scribe.computed("settlement.financial_guarantee", guarantee.value * spent, lines, [guarantee])
    add_sharing_lines(scribe, lead_terms(inputs.risk_arrangement, year), also=("settlement.administrative_add_on",))
    add_owed_lines(scribe)

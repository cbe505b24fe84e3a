"""The Medicare Shared Savings Program: from the figures of four years to the settlement, line by line.

Every level and track: BASIC A–E and ENHANCED (42 CFR 425.601, 425.652), Tracks 1, 1+, 2 and 3 (425.602, 425.603). What
each line says stands in `lines` and `benchmark_lines`; how it is computed in `benchmark`, `update`
and `settlement`. `before_2019` has the benchmark of agreements that started before July 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.mssp.before_2019 import add_lines_before_2019
from openaco.programs.mssp.before_2019_lines import lines_before_2019
from openaco.programs.mssp.benchmark import (
    add_adjusted_lines,
    add_historical_lines,
    add_regional_lines,
    add_trend_lines,
    add_weighted_total,
)
from openaco.programs.mssp.benchmark_lines import (
    BENCHMARK_LINES,
    QUALITY_LINES,
    TABLE_3_LINES,
    TREND_LINES,
    UPDATE_LINES,
)
from openaco.programs.mssp.inputs import BEFORE_JULY_2019, MsspInputs
from openaco.programs.mssp.lines import SETTLEMENT_LINES
from openaco.programs.mssp.settlement import QUALITY_WORDS, SettlementFacts, add_settlement_lines
from openaco.programs.mssp.update import add_guardrail_lines, add_update_lines
from openaco.programs.scribe import LineText, Scribe
from openaco.rules import sharing
from openaco.rules.cited import cited
from openaco.rules.quality_standard import FIRST_YEAR_OF_THRESHOLDS, LIFTED_BY, find_quality, lifted_score
from openaco.rules.sharing import QualityState, SharingTerms
from openaco.worksheet import Value, Worksheet

_ONE_PERCENT = 0.01


@cache
def line_texts(before_2019: bool = False) -> dict[str, LineText]:
    """What every line of the worksheet says, by its name: the id without enrollment type and year.

    before_2019: of agreements that started before July 2019, with the paragraphs that hold for them.
    """
    texts = {
        **TREND_LINES,
        **BENCHMARK_LINES,
        **UPDATE_LINES,
        **QUALITY_LINES,
        **TABLE_3_LINES,
        **SETTLEMENT_LINES,
    }
    return lines_before_2019(texts) if before_2019 else texts


def worksheet(inputs: MsspInputs, supposed: Mapping[str, Value] | None = None) -> Worksheet:
    """The settlement of one ACO for one performance year, every line of CMS's report with its way back.

    The bottom lines are `settlement.earned_performance_payment` (≥ 0), `settlement.payment_due_to_cms` (≤ 0) and
    `settlement.payment` (above zero CMS pays the ACO, after repayment of advances). `supposed` gives lines another
    value than their own, by id or its first parts. Raises ConfigurationError for inputs that are missing,
    ParameterError for years without rules.
    """
    return _worksheet(inputs, None, supposed)


def _worksheet(
    inputs: MsspInputs, quality_state: QualityState | None, supposed: Mapping[str, Value] | None = None
) -> Worksheet:
    _check_election(inputs)
    before_2019 = inputs.methodology.value in BEFORE_JULY_2019
    sheet = Worksheet("mssp", f"{inputs.aco_id} {inputs.name}", inputs.performance_year, about=_about(inputs))
    scribe = Scribe(sheet, line_texts(before_2019), inputs.sources, inputs.basis, supposed)
    if before_2019:
        add_lines_before_2019(scribe, inputs)
    else:
        add_trend_lines(scribe, inputs)
        add_historical_lines(scribe, inputs)
        add_regional_lines(scribe, inputs)
        add_adjusted_lines(scribe, inputs)
        add_update_lines(scribe, inputs)
    guardrail = _add_totals(scribe, inputs)
    state, score = _add_quality(scribe, inputs, quality_state)
    add_settlement_lines(scribe, _facts(scribe, inputs, guardrail, state, score))
    return sheet


def _about(inputs: MsspInputs) -> dict[str, str]:
    agreement, figures_of = inputs.agreement, inputs.performance.year
    return {
        "methodology": f"42 CFR {inputs.methodology.value}",
        "aco_id": inputs.aco_id,
        "name": inputs.name,
        "track": inputs.track,
        "agreement_start": agreement.start.isoformat(),
        "agreement_period": str(agreement.period),
        "regional_period": str(agreement.regional_period),
        "revenue_status": agreement.revenue_status,
        "assignment_method": agreement.assignment_method,
        "benchmark_years": ", ".join(map(str, agreement.benchmark_years)),
        **({"figures_of": str(figures_of)} if figures_of != inputs.performance_year else {}),
    }


def _check_election(inputs: MsspInputs) -> None:
    """Raises ConfigurationError where a two-sided ACO states a minimum savings rate that cannot be chosen."""
    chosen = inputs.agreement.minimum_savings_rate
    if not _terms(inputs).two_sided:
        return
    allowed = cited("mssp/settlement/minimum_savings_rate_elections", inputs.start_year, track=inputs.track)
    if chosen not in allowed.value:
        raise ConfigurationError(
            f"{chosen} is no minimum savings rate that a two-sided ACO may choose ({allowed.cite})",
            where="agreement.minimum_savings_rate",
            remedy=f"Choose one of {', '.join(map(str, allowed.value))}.",
        )


def _terms(inputs: MsspInputs) -> SharingTerms:
    return sharing.terms_for(inputs.track, inputs.performance_year, inputs.start_year)


def _add_totals(scribe: Scribe, inputs: MsspInputs) -> bool:
    """Table 3 [A] to [H]. Returns whether the guardrail applies."""
    scribe.given("settlement.assigned_beneficiaries", inputs.performance.assigned_beneficiaries)
    for kind in ENROLLMENT_TYPES:
        scribe.given(f"settlement.per_capita.{kind}", inputs.performance.per_capita[kind])
    spent = add_weighted_total(
        scribe, "settlement.per_capita", "update.proportion", "settlement.expenditures_per_capita"
    )
    guardrail = add_guardrail_lines(scribe, inputs)
    person_years = scribe.sheet.number("settlement.person_years")
    for total, per_capita, amount in (
        ("total_expenditures", "expenditures_per_capita", spent),
        ("total_benchmark", "benchmark_per_capita", scribe.sheet.number("settlement.benchmark_per_capita")),
    ):
        scribe.computed(
            f"settlement.{total}", amount * person_years, [f"settlement.{per_capita}", "settlement.person_years"]
        )
    return guardrail


def _add_quality(scribe: Scribe, inputs: MsspInputs, state: QualityState | None) -> tuple[QualityState, float | None]:
    """The quality standard with its reason: Table 3 [R] and [S]. A given state overrides the rules (what-if)."""
    year = inputs.performance_year
    scribe.given("quality.reported_score", inputs.result.quality.score)
    lines = ["quality.reported_score"]
    if year >= FIRST_YEAR_OF_THRESHOLDS:
        threshold = cited("mssp/quality/threshold", year)
        scribe.computed("quality.threshold", threshold.value, basis=[threshold])
        lines.append("quality.threshold")
    finding = find_quality(year, inputs.quality)
    score = None if finding.score is None else finding.score / 100
    lift = lifted_score(year, inputs.quality)[1] if finding.score != inputs.result.quality.score else None
    scribe.computed(
        "settlement.quality_score",
        score,
        lines,
        [lift] if lift else (),
        note=f"Lifted to the threshold: {LIFTED_BY[lift.name]}." if lift else "",
    )
    scribe.computed(
        "settlement.quality_standard",
        QUALITY_WORDS[state or finding.state],
        [*lines, scribe.source("quality.reporting")],
        finding.basis,
        note="Supposed." if state else f"{finding.route[0].upper()}{finding.route[1:]}.",
    )
    return state or finding.state, score


def _facts(
    scribe: Scribe, inputs: MsspInputs, guardrail: bool, state: QualityState, score: float | None
) -> SettlementFacts:
    result = inputs.result
    return SettlementFacts(
        track=inputs.track,
        performance_year=inputs.performance_year,
        agreement_start_year=inputs.start_year,
        assigned_beneficiaries=inputs.performance.assigned_beneficiaries,
        benchmark_total=scribe.sheet.number("settlement.total_benchmark"),
        expenditures_total=scribe.sheet.number("settlement.total_expenditures"),
        minimum_savings_rate=inputs.agreement.minimum_savings_rate,
        quality_state=state,
        quality_score=score,
        participant_revenue=result.participant_revenue,
        revenue_limits_losses=result.revenue_limits_losses,
        low_revenue=inputs.agreement.revenue_status == "low",
        extreme_circumstances_month_share=result.extreme_circumstances_month_share,
        extreme_circumstances_beneficiary_share=result.extreme_circumstances_beneficiary_share,
        advance_balance=result.advance_balance,
        guardrail=guardrail,
        performance_months=inputs.performance_months,
        exit_date=inputs.agreement.end,
        terminated_by_cms=inputs.agreement.terminated_by_cms,
        agreement_year=inputs.agreement_year,
        aco_id=inputs.aco_id,
        name=inputs.name,
    )


@dataclass(frozen=True)
class Scenario:
    """The payment (negative: owed to CMS), US dollars, if one thing were different."""

    group: str
    label: str
    payment: float


def sensitivity(inputs: MsspInputs) -> list[Scenario]:
    """The payment as it is, with expenditures 1 percent lower and higher, and in each quality state.

    A quality state whose rate depends on a quality score is left out where none is stated.
    """
    scenarios = [Scenario("As computed", "As computed", worksheet(inputs).number("settlement.payment"))]
    for label, factor in (("Spending 1% lower", 1 - _ONE_PERCENT), ("Spending 1% higher", 1 + _ONE_PERCENT)):
        payment = worksheet(with_spending(inputs, factor)).number("settlement.payment")
        scenarios.append(Scenario("Spending", label, payment))
    for state, label in _quality_states(inputs):
        with suppress(ConfigurationError):
            payment = _worksheet(inputs, state).number("settlement.payment")
            scenarios.append(Scenario("Quality", label, payment))
    return scenarios


def with_spending(inputs: MsspInputs, factor: float) -> MsspInputs:
    """The same ACO with its performance year expenditures multiplied by a factor."""
    per_capita = {kind: amount * factor for kind, amount in inputs.performance.per_capita.items()}
    return replace(inputs, performance=replace(inputs.performance, per_capita=per_capita))


def _quality_states(inputs: MsspInputs) -> list[tuple[QualityState, str]]:
    states: list[tuple[QualityState, str]] = [("QPS", "Quality standard met")]
    if _terms(inputs).sharing_rule.value == "three_states":
        states.append(("ALT", "Only the alternative quality standard met"))
    return [*states, ("FAIL", "Quality standard not met")]

"""ACO REACH (2023–2026) and its predecessor GPDC (2021–2022): from the figures of four years to the settlement.

How the benchmark is computed stands in `benchmark`, the settlement in `corridor_settlement`; what each line says
in `lines`. Source: ACO REACH Model Request for Applications and the model updates of PY2024–2026. What is exact
and what is not confirmed stands in docs/explanation/reach.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from openaco.programs.mssp.inputs import BENCHMARK_YEARS
from openaco.programs.reach.benchmark import (
    add_baseline_lines,
    add_benchmark_lines,
    add_regional_blend_lines,
    add_risk_lines,
    add_total,
    of_type,
    of_year,
)
from openaco.programs.reach.corridor_settlement import (
    add_cost_lines,
    add_owed_lines,
    add_people_lines,
    add_sharing_lines,
    reach_terms,
)
from openaco.programs.reach.inputs import ReachInputs
from openaco.programs.reach.lines import REACH_LINES
from openaco.programs.scribe import Scribe
from openaco.rules.cited import Cited, cited
from openaco.worksheet import Value, Worksheet


def worksheet(inputs: ReachInputs, supposed: Mapping[str, Value] | None = None) -> Worksheet:
    """The settlement of one ACO for one performance year, every line with its way back.

    The bottom lines are `settlement.payment` (above zero CMS pays the ACO) and `settlement.total_owed`, which counts
    the advances of the year that are repaid. `supposed` gives lines another value than their own, by id or its first
    parts. Raises ParameterError for years without rules.
    """
    official = of_type("base_years", inputs)
    title = f"{inputs.aco_id} {inputs.name}".strip() or "Settlement"
    sheet = Worksheet("reach", title, inputs.performance.year, about=_about(inputs))
    scribe = Scribe(sheet, REACH_LINES, inputs.sources, inputs.basis, supposed)
    add_as_if(scribe, _base_years(inputs), inputs.rules_year, official)
    add_baseline_lines(scribe, inputs.years, of_year("base_year_weights", inputs))
    _check_type(scribe, inputs)
    add_regional_blend_lines(scribe, inputs)
    add_risk_lines(scribe, inputs)
    add_benchmark_lines(scribe, inputs)
    _add_totals(scribe, inputs)
    exit_rule = cited("reach/settlement/keeps_savings_on_exit", inputs.rules_year)
    add_sharing_lines(
        scribe,
        reach_terms(inputs.risk_arrangement, inputs.rules_year),
        exit_rule if inputs.elections.left_early else None,
    )
    add_owed_lines(scribe)
    return sheet


def add_as_if(scribe: Scribe, years: list[int], rules_year: int, official: Cited) -> None:
    """The baseline years; where they or the year of the figures are not the model's, a note and `about` say so."""
    sheet = scribe.sheet
    told = ", ".join(map(str, years))
    parts = []
    if official.value is None:
        parts.append(f"baseline years {told}; the model's for this type are not known")
    elif years != list(official.value):
        parts.append(f"baseline years {told} instead of {', '.join(map(str, official.value))}")
    if sheet.performance_year != rules_year:
        parts.append(f"the figures of {sheet.performance_year} under the rules of {rules_year}")
    note = f"As if: {'; '.join(parts)}." if parts else ""
    if note:
        sheet.about["as_if"] = note
    scribe.computed("baseline.years", told, basis=[official], note=note)


def _base_years(inputs: ReachInputs) -> list[int]:
    return [inputs.years[name].year for name in BENCHMARK_YEARS]


def _about(inputs: ReachInputs) -> dict[str, str]:
    elections = inputs.elections
    capitation = elections.capitation
    return {
        "aco_id": inputs.aco_id,
        "name": inputs.name,
        "risk_arrangement": inputs.risk_arrangement,
        "aco_type": inputs.aco_type,
        "rules_year": str(inputs.rules_year),
        "capitation": capitation.mechanism if capitation else "none",
        "stop_loss": "elected" if elections.stop_loss else "not elected",
        "baseline_years": ", ".join(map(str, _base_years(inputs))),
    }


def _check_type(scribe: Scribe, inputs: ReachInputs) -> None:
    """Whether the baseline years have the people that make an ACO of its type; a note says where not."""
    least = cited("reach/structure/claims_aligned_minimum", inputs.rules_year)
    lines = [f"baseline.beneficiaries.{name}" for name in BENCHMARK_YEARS]
    most = max(map(scribe.sheet.number, lines))
    note = ""
    if inputs.aco_type == "standard" and most < least.value:
        note = "No baseline year reaches it: the ACO would be a New Entrant."
    if inputs.aco_type == "new_entrant" and most >= least.value:
        note = "A baseline year reaches it: the ACO would be Standard."
    scribe.computed("baseline.claims_aligned_minimum", least.value, lines, [least], note=note)


def _add_totals(scribe: Scribe, inputs: ReachInputs) -> None:
    """Beneficiaries, the benchmark with equity, and the cost of care."""
    least = cited("reach/structure/minimum_beneficiaries", inputs.rules_year, aco_type=inputs.aco_type)
    add_people_lines(scribe, inputs.performance.aligned_beneficiaries, least)
    lines = ["benchmark.final", "benchmark.equity_adjustment"]
    scribe.computed("settlement.total_benchmark", sum(map(scribe.sheet.number, lines)), lines)
    for cohort in inputs.cohorts:
        scribe.given(f"settlement.per_capita.{cohort}", inputs.performance.per_capita[cohort])
    add_total(scribe, inputs.cohorts, "settlement.fee_for_service_expenditures", "settlement.per_capita")
    target = cited("reach/payment/primary_care_target", inputs.rules_year)
    add_cost_lines(scribe, inputs.elections.capitation, inputs.elections.stop_loss, target)

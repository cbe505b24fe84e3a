"""From the quality result to the settlement, without retyping: into `aco.toml`, and beside a finished run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from openaco.errors import ConfigurationError
from openaco.programs.advances import advance_balance
from openaco.programs.configuration import Configuration
from openaco.programs.folder import AcoFolder
from openaco.programs.mssp.settlement import SettlementFacts, settle
from openaco.programs.quality.score import QualityResult
from openaco.rules import participation
from openaco.rules.quality_standard import QualityFinding
from openaco.worksheet import Worksheet


def with_quality(configuration: Configuration, result: QualityResult) -> Configuration:
    """The configuration with the quality result of its year in place of the stated one."""
    year = result.assessment.performance_year
    stated = configuration.performance_for(year)
    changes: dict[str, object] = {"quality": result.quality}
    if result.assessment.rates.affected_share:
        changes["extreme_circumstances_beneficiary_share"] = result.assessment.rates.affected_share
    performance = dict(configuration.performance) | {year: stated.model_copy(update=changes)}
    return configuration.model_copy(update={"performance": performance})


def run_worksheet(home: AcoFolder, performance_year: int, run: Path | None = None) -> Worksheet:
    """The settlement of a finished run of this performance year: the latest, or the one that is named.

    Raises ConfigurationError where there is none of the year.
    """
    folder = run or home.latest_run()
    path = folder / "worksheet.json"
    if not path.is_file():
        raise ConfigurationError("is no folder of a run", where=str(folder), remedy="Name one under runs/.")
    sheet = Worksheet.from_dict(json.loads(path.read_text(encoding="utf-8")))
    if sheet.performance_year != performance_year or sheet.program != "mssp":
        raise ConfigurationError(
            f"this run settles {sheet.performance_year}, not {performance_year}",
            where=str(folder),
            remedy=f"Make one with `openaco run --year {performance_year}`, or name another with --run.",
        )
    return sheet


def settlement_facts(sheet: Worksheet, configuration: Configuration) -> SettlementFacts:
    """The facts of a settled year, from its worksheet and `aco.toml`: what stays when the quality result changes."""
    year = sheet.performance_year
    agreement, result = configuration.agreement, configuration.performance_for(year)
    start = agreement.start
    guarded = "update.guardrail" in sheet.lines and bool(sheet["update.guardrail"])
    score = sheet["settlement.quality_score"]
    return SettlementFacts(
        track=sheet.about["track"],
        performance_year=year,
        agreement_start_year=participation.year_of_rules(start),
        assigned_beneficiaries=int(sheet.number("settlement.assigned_beneficiaries")),
        benchmark_total=sheet.number("settlement.total_benchmark"),
        expenditures_total=sheet.number("settlement.total_expenditures"),
        minimum_savings_rate=agreement.minimum_savings_rate,
        quality_score=None if score is None else float(score),
        participant_revenue=result.participant_revenue,
        revenue_limits_losses=result.revenue_limits_losses,
        low_revenue=agreement.revenue_status == "low",
        extreme_circumstances_month_share=result.extreme_circumstances_month_share,
        extreme_circumstances_beneficiary_share=result.extreme_circumstances_beneficiary_share,
        advance_balance=advance_balance(configuration, year),
        guardrail=guarded,
        performance_months=13 - start.month if start.year == year else 12,
        exit_date=agreement.end,
        terminated_by_cms=agreement.terminated_by_cms,
        agreement_year=year - participation.agreement_years(start)[0] + 1,
        aco_id=configuration.aco.id,
        name=configuration.aco.name,
    )


def settled_with(facts: SettlementFacts, finding: QualityFinding) -> Worksheet:
    """The settlement if quality came to this."""
    score = None if finding.score is None else finding.score / 100
    return settle(replace(facts, quality_state=finding.state, quality_score=score))

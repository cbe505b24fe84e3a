"""Invented figures for tests of the Shared Savings Program: settlement facts, and an ACO of four years."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from openaco.programs.configuration import Agreement, ByType, Performance, Quality
from openaco.programs.mssp.inputs import MsspInputs, YearInputs
from openaco.programs.mssp.settlement import SettlementFacts

KINDS = ("esrd", "disabled", "aged_dual", "aged_non_dual")


def by_kind(esrd: float, disabled: float, aged_dual: float, aged_non_dual: float) -> dict[str, float]:
    return dict(zip(KINDS, (esrd, disabled, aged_dual, aged_non_dual), strict=True))


def facts(benchmark: float, difference: float, **changes: Any) -> SettlementFacts:
    """Facts of an ACO that saved `difference` (lost, if negative) against a benchmark."""
    plain = SettlementFacts(
        track="BASIC_A",
        performance_year=2024,
        agreement_start_year=2024,
        assigned_beneficiaries=12_000,
        benchmark_total=benchmark,
        expenditures_total=benchmark - difference,
    )
    return replace(plain, **changes)


def year_inputs(year: int, level: float, **changes: Any) -> YearInputs:
    """A year in which everything costs `level` times the first year."""
    plain = YearInputs(
        year=year,
        assigned_beneficiaries=10_000,
        person_years=by_kind(80.0, 1_100.0, 900.0, 7_600.0),
        per_capita=by_kind(80_000 * level, 10_000 * level, 16_000 * level, 9_000 * level),
        risk_score=by_kind(1.02, 1.01, 1.03, 1.05),
        regional_per_capita=by_kind(84_000 * level, 10_500 * level, 16_500 * level, 9_200 * level),
        national_per_capita=by_kind(83_000 * level, 11_000 * level, 17_000 * level, 9_800 * level),
    )
    return replace(plain, **changes)


def agreement(start: datetime.date = datetime.date(2022, 1, 1), **changes: Any) -> Agreement:
    first = start.year - 3
    plain: dict[str, Any] = {
        "track": "BASIC_E",
        "start": start,
        "period": 1,
        "regional_period": 1,
        "benchmark_years": (first, first + 1, first + 2),
        "assignment_method": "retrospective",
        "minimum_savings_rate": 0.01,
        "revenue_status": "high",
    }
    return Agreement(**(plain | changes))


def aco(performance_year: int = 2024, *, contract: Agreement | None = None, **changes: Any) -> MsspInputs:
    """An ACO that spends a little less than its region. `changes` replace fields of the inputs."""
    contract = contract or agreement()
    first = contract.benchmark_years[0]
    plain = MsspInputs(
        aco_id="A9990",
        name="Invented ACO",
        performance_year=performance_year,
        agreement=contract,
        benchmark_years={name: year_inputs(first + n, 1.03**n) for n, name in enumerate(("by1", "by2", "by3"))},
        performance=year_inputs(performance_year, 1.03 ** (performance_year - first) * 0.96),
        national_weight_by3=by_kind(0.1, 0.1, 0.15, 0.2),
        national_weight_py=by_kind(0.1, 0.1, 0.15, 0.2),
        result=Performance(quality=Quality(score=85.0), participant_revenue=30_000_000.0),
    )
    return replace(plain, **changes)


def aco_of_2024(**result: Any) -> MsspInputs:
    """The same under an agreement from 2024, with an accountable care prospective trend."""
    stated: dict[str, Any] = {
        "quality": Quality(score=85.0),
        "participant_revenue": 30_000_000.0,
        "accountable_care_prospective_trend": ByType(**by_kind(1.04, 1.04, 1.04, 1.04)),
    }
    return aco(contract=agreement(datetime.date(2024, 1, 1)), result=Performance(**(stated | result)))

"""A finished run, invented from end to end, as the reports read it. `write_run` writes the folder."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.programs.configuration import Agreement, ByType, Performance, Quality
from openaco.programs.mssp.inputs import MsspInputs, YearInputs
from openaco.programs.mssp.worksheet import sensitivity, worksheet
from openaco.worksheet import Worksheet

TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")
PER_CAPITA = {"esrd": 78123.4, "disabled": 11876.2, "aged_dual": 17204.9, "aged_non_dual": 9954.1}
PERSON_YEARS = {"esrd": 92.5, "disabled": 1604.25, "aged_dual": 1233.75, "aged_non_dual": 7710.5}
GROWTH = {2021: 0.93, 2022: 0.95, 2023: 0.98, 2024: 1.0}
PERSON_1, OLD_MBI = "1AC2HJ3RT4Y", "1AC2HJ3RT4X"
SOURCES = {
    "trend.national_per_capita": "aco.toml:national",
    "trend.regional_per_capita": "county_expenditure:per_capita_expenditure",
    "trend.national_weight": "expenditure:person_years",
    "benchmark.assigned_beneficiaries": "assignment:assigned",
    "benchmark.person_years_by_type": "expenditure:months",
    "benchmark.per_capita": "expenditure:dollars",
    "benchmark.risk_score": "aco.toml:risk_scores",
    "update.person_years_by_type": "expenditure:months",
    "update.risk_score": "aco.toml:risk_scores",
    "update.prospective_trend": "aco.toml:performance.2024.accountable_care_prospective_trend",
    "settlement.assigned_beneficiaries": "assignment:assigned",
    "settlement.per_capita": "expenditure:dollars",
    "settlement.participant_revenue": "aco.toml:performance.2024.participant_revenue",
    "settlement.minimum_savings_rate_election": "aco.toml:agreement.minimum_savings_rate",
    "settlement.advance_balance": "aco.toml:performance.2024.advance_balance",
    "quality.reported_score": "aco.toml:performance.2024.quality.score",
    "quality.reporting": "aco.toml:performance.2024.quality",
}


def demo_inputs(spend: float = 0.97, start: int = 2024, **facts: Any) -> MsspInputs:
    """An invented ACO: `spend` scales the year's expenditures, `start` is the agreement's first year.

    facts: `track`, `election`, `revenue_status`, and anything of `Performance`.
    """
    agreement = Agreement(
        track=facts.pop("track", "BASIC_E"),
        start=datetime.date(start, 1, 1),
        period=2,
        regional_period=1,
        benchmark_years=(start - 3, start - 2, start - 1),
        assignment_method="retrospective",
        minimum_savings_rate=facts.pop("election", 0.01),
        revenue_status=facts.pop("revenue_status", "high"),
    )
    given: dict[str, Any] = {
        "quality": Quality(score=82.5, all_ecqm_or_mips_cqm=True, outcome_percentiles=(40,), other_percentiles=(50,)),
        "participant_revenue": 31_000_000,
        "accountable_care_prospective_trend": ByType(**dict.fromkeys(TYPES, 1.031)),
    }
    years = {
        name: _year(start - 3 + number, GROWTH[2021 + number]) for number, name in enumerate(("by1", "by2", "by3"))
    }
    return MsspInputs(
        aco_id="A9990",
        name="OpenACO Demo ACO",
        performance_year=2024,
        agreement=agreement,
        benchmark_years=years,
        performance=_year(2024, spend * 1.01, risk=1.012),
        national_weight_by3=dict.fromkeys(TYPES, 0.21),
        national_weight_py=dict.fromkeys(TYPES, 0.22),
        result=Performance(**given | facts),
        sources=SOURCES,
    )


def _year(year: int, growth: float, risk: float = 1.0) -> YearInputs:
    scores = {"esrd": 1.01, "disabled": 0.97, "aged_dual": 1.03, "aged_non_dual": 0.99}
    return YearInputs(
        year=year,
        assigned_beneficiaries=round(11204 * growth) if year < 2024 else 11204,
        person_years={kind: value * (growth if year < 2024 else 1.0) for kind, value in PERSON_YEARS.items()},
        per_capita={kind: value * growth for kind, value in PER_CAPITA.items()},
        risk_score={kind: value * risk for kind, value in scores.items()},
        regional_per_capita={kind: value * 1.02 * (GROWTH.get(year, growth)) for kind, value in PER_CAPITA.items()},
        national_per_capita={kind: value * 1.01 * (GROWTH.get(year, growth)) for kind, value in PER_CAPITA.items()},
    )


def demo_worksheet(spend: float = 0.97, **facts: Any) -> Worksheet:
    """The worksheet of `demo_inputs`."""
    return worksheet(demo_inputs(spend, **facts))


FUNNEL = [
    ("people_with_claims", "People with claims in the window", 18650, "stage"),
    ("part_a_and_b", "Not in Part A and B for a month, or in only one of them", 640, "exclusion"),
    ("group_health_plan", "A month in a Medicare group health plan", 1812, "exclusion"),
    ("residence", "Not resident in the United States", 14, "exclusion"),
    ("other_initiative", "Assigned to another shared savings initiative", 88, "exclusion"),
    ("eligible", "Eligible for assignment", 16096, "stage"),
    ("voluntary", "Aligned by their own choice", 212, "stage"),
    ("chose_elsewhere", "Chose a clinician outside the ACO", 131, "exclusion"),
    ("no_aco_physician", "No primary care service by a physician of the ACO", 2710, "exclusion"),
    ("pre_step", "Passed the pre-step", 13043, "stage"),
    ("plurality_elsewhere", "More primary care elsewhere", 2051, "exclusion"),
    ("step_1", "Assigned in Step 1", 10702, "stage"),
    ("step_2", "Assigned in Step 2", 290, "stage"),
    ("assigned", "Assigned", 11204, "stage"),
]


def write_run(folder: Path, inputs: MsspInputs | None = None) -> Path:
    """Write every file of a finished run into `folder` and return it."""
    inputs = inputs or demo_inputs()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "run": _manifest(inputs),
        "worksheet": worksheet(inputs).to_dict(),
        "funnel": _funnels(),
        "spend": _spend(inputs),
        "sensitivity": [asdict(item) for item in sensitivity(inputs)],
        "claims": _claims(),
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    for name, rows in _person_tables().items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return folder


def _manifest(inputs: MsspInputs) -> dict[str, Any]:
    deliveries = [
        ("cclf-20240214T0000001-0b1d44aa", "cclf", "P.A9990.ACO.ZCY24.D240214.T0000001.zip", "2024-02-14", 1204488, 0),
        ("cclf-20250115T0000001-77e01f52", "cclf", "P.A9990.ACO.ZCR24.D250115.T0000001.zip", "2025-01-15", 1377016, 3),
        ("rif-20250120T0000000-c2a9e0b4", "rif", "beneficiary_2024.csv", "2025-01-20", 18650, 0),
    ]
    return {
        "run_id": "2024-3f9a1c07", "aco_id": "A9990", "aco_name": "OpenACO Demo ACO", "performance_year": 2024,
        "program": "mssp", "track": inputs.track, "assignment_method": "retrospective", "seed": 20240101,
        "engine": "duckdb", "code_version": "0.1.0", "parameter_hash": "9c1be7a20d4f" * 5 + "0000",
        "counts": {"claims": 2581504, "beneficiaries": 18650},
        "deliveries": [
            {"delivery_id": key, "feed": feed, "file_name": name, "delivered_on": date, "row_count": rows,
             "quarantined_count": bad, "content_hash": key[-8:] * 8}
            for key, feed, name, date, rows, bad in deliveries
        ],
    }  # fmt: skip


def _funnels() -> list[dict[str, Any]]:
    return [
        {
            "year": year,
            "stages": [
                {"id": key, "label": label, "count": round(count * share), "kind": kind}
                for key, label, count, kind in FUNNEL
            ],
        }
        for year, share in ((2021, 0.94), (2022, 0.96), (2023, 0.98), (2024, 1.0))
    ]


def _spend(inputs: MsspInputs) -> dict[str, Any]:
    rows = [
        {
            "year": year.year,
            "enrollment_type": kind,
            "beneficiaries": round(year.person_years[kind] * 1.06),
            "person_years": year.person_years[kind],
            "per_capita": year.per_capita[kind],
            "dollars": round(year.per_capita[kind] * year.person_years[kind] * 1.03, 2),
            "truncated_dollars": round(year.per_capita[kind] * year.person_years[kind], 2),
        }
        for year in inputs.all_years().values()
        for kind in TYPES
    ]
    excluded = [
        {"rule": "denied", "label": "Denied by Medicare", "dollars": 3120445.1, "claims": 10422, "year": 2024},
        {"rule": "covid_episode", "label": "COVID-19 episodes", "dollars": 412877.0, "claims": 96, "year": 2024},
        {"rule": "after_run_out", "label": "Received after run-out", "dollars": 58110.22, "claims": 301, "year": 2024},
    ]
    return {"rows": rows, "exclusions": excluded}


def _claims() -> dict[str, Any]:
    return {
        "signed_total": 131204551.37, "final_action_total": 131192330.12,
        "differences": [
            {"reason": "cancelled_without_original", "claims": 7, "dollars": -4120.50},
            {"reason": "adjusted_in_a_later_delivery", "claims": 31, "dollars": 16341.75},
        ],
        "dropped": [
            {"disposition": "cancelled", "claims": 8112, "dollars": 6120448.10},
            {"disposition": "cancellation", "claims": 8119, "dollars": -6124568.60},
            {"disposition": "duplicate_delivery", "claims": 40211, "dollars": None},
        ],
    }  # fmt: skip


def _person_tables() -> dict[str, list[dict[str, Any]]]:
    day = datetime.date
    source = {"delivery_id": "cclf-20240214T0000001-0b1d44aa", "source_file": "P.A9990.ACO.ZC1Y24.D240214.T0000001"}
    elsewhere, aco = "TIN 990000007", "A9990"
    assignment = [
        {"person_id": PERSON_1, "year": year, "assigned": reason is None, "basis": basis, "reason": reason,
         "step": step, "winning_entity": winner, "winning_charges": Decimal("412.50"), "runner_up_entity": second,
         "runner_up_charges": Decimal("120.00"), "aco_charges": Decimal("412.50" if winner == aco else "120.00"),
         "tie_break": "none", "winning_draw": None, "runner_up_draw": None, "designation": chosen,
         "designated_npi": "1990000017" if chosen else None, "designated_on": day(2023, 8, 14) if chosen else None}
        for year, basis, reason, step, winner, second, chosen in (
            (2021, "step_1", None, "step_1", aco, elsewhere, None),
            (2022, "none", "step_1_elsewhere", "step_1", elsewhere, aco, None),
            (2023, "step_1", None, "step_1", aco, elsewhere, None),
            (2024, "voluntary", None, "step_1", elsewhere, aco, "inside"),
        )
    ]  # fmt: skip
    months = [
        {"person_id": PERSON_1, "month": day(2024, number, 1),
         "enrollment_type": "aged_dual" if number > 5 else "aged_non_dual"}
        for number in range(1, 13)
    ]  # fmt: skip
    expenditure = [
        {"person_id": PERSON_1, "year": 2024, "enrollment_type": kind, "months": count, "dollars": Decimal(dollars),
         "annualized": annualized, "truncated": False}
        for kind, count, dollars, annualized in (
            ("aged_non_dual", 5, "210.00", 504.0), ("aged_dual", 7, "9100.00", 15600.0)
        )
    ]  # fmt: skip
    claims = [
        ("institutional", "7001", None, "60", day(2024, 7, 1), day(2024, 7, 9), "9000.00", "8400.00", None, 12),
        ("professional", "8001", 1, "71", day(2024, 3, 1), day(2024, 3, 12), "210.00", "210.00", None, 4),
        ("professional", "8002", 1, "71", day(2024, 8, 1), day(2024, 8, 2), "700.00", "700.00", None, 5),
        ("professional", "8003", 1, "71", day(2024, 8, 1), day(2024, 8, 3), "55.00", "0.00", "denied", 6),
    ]
    dollars = [
        {"person_id": PERSON_1, "claim_kind": kind, "claim_id": claim, "claim_line_number": line,
         "claim_type_code": code, "month": month, "through_date": through, "paid_amount": Decimal(paid),
         "counted_amount": Decimal(counted), "exclusion": rule, **source, "source_line": number}
        for kind, claim, line, code, month, through, paid, counted, rule, number in claims
    ]  # fmt: skip
    dispositions = [
        {"person_id": PERSON_1, "claim_kind": kind, "claim_id": claim, "disposition": fate, "replaced_by": by, **source,
         "source_line": number}
        for kind, claim, fate, by, number in (
            ("institutional", "7001", "final", None, 12), ("institutional", "7000", "superseded", "7001", 11),
            ("professional", "8001", "final", None, 4), ("professional", "8002", "final", None, 5),
            ("professional", "8003", "denied", None, 6),
        )
    ]  # fmt: skip
    identities = [{"mbi": mbi, "person_id": PERSON_1} for mbi in (OLD_MBI,)]
    return {
        "assignment": assignment, "person_months": months, "expenditure": expenditure, "claim_dollars": dollars,
        "claim_disposition": dispositions, "identities": identities,
    }  # fmt: skip

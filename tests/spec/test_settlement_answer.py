"""The one sentence at the top of a settlement, for every way a settlement can end."""

from __future__ import annotations

from typing import Any

import pytest

from openaco.programs.mssp.settlement import SettlementFacts, settle
from openaco.reports.figures import waterfall
from openaco.reports.outcome import answer, read_outcome
from spec_tables import cells

CASES = """
case                 | track    | benchmark | spent | changes                        | answer
-------------------- | -------- | --------- | ----- | ------------------------------ | ------
shares savings       | BASIC_E  | 200       | 194   |                                | earned $2.94 million for 2024: it spent 3.0% less than its benchmark and receives 50% of the savings.
savings at the cap   | BASIC_E  | 200       | 150   |                                | earned $20.0 million for 2024: it spent 25.0% less than its benchmark and receives 50% of the savings, up to the cap.
below the minimum    | BASIC_E  | 200       | 198.4 |                                | earned nothing for 2024: it spent 0.8% less than its benchmark, and savings are shared from 1% on.
hardly below         | BASIC_E  | 200       | 198.08 |                               | earned nothing for 2024: it spent 0.96% less than its benchmark, and savings are shared from 1% on.
quality failed       | BASIC_E  | 200       | 194   | quality failed             | earned nothing for 2024: it spent 3.0% less than its benchmark, enough to share, but it did not meet the quality standard.
only alternative     | BASIC_E  | 200       | 194   | alternative, 62              | earned $1.82 million for 2024: it spent 3.0% less than its benchmark and receives 31% of the savings.
low-revenue relief   | BASIC_B  | 200       | 198   | low revenue                | earned $392,000 for 2024: it spent 1.0% less than its benchmark, below its minimum of 2.94%, and as a low-revenue ACO receives a reduced share of 20%.
repays some          | BASIC_E  | 200       | 194   | 1 million advanced              | earned $2.94 million for 2024: it spent 3.0% less than its benchmark and receives 50% of the savings; $1.00 million of it repays advances.
repays all           | BASIC_E  | 200       | 194   | 9 million advanced              | earned $2.94 million for 2024: it spent 3.0% less than its benchmark and receives 50% of the savings; all of it repays advances.
guardrail            | BASIC_E  | 200       | 194   | guardrail                  | earned nothing for 2024: it spent 3.0% less than its benchmark. Guardrail: losses by the three-way update; savings by the two-way update are not shared.
exactly the benchmark | BASIC_E | 200       | 200   |                                | neither earns nor owes anything for 2024: it spent exactly its benchmark.
one-sided losses     | BASIC_B  | 200       | 206   |                                | neither earns nor owes anything for 2024: it spent 3.0% more than its benchmark, and BASIC Level B does not share losses.
small losses         | BASIC_E  | 200       | 201   |                                | neither earns nor owes anything for 2024: it spent 0.5% more than its benchmark, and losses are shared from 1% on.
shares losses        | BASIC_E  | 200       | 206   |                                | owes CMS $1.80 million for 2024: it spent 3.0% more than its benchmark and answers for 30% of the losses.
losses at the cap    | BASIC_E  | 200       | 240   |                                | owes CMS $8.00 million for 2024: it spent 20.0% more than its benchmark and answers for 30% of the losses, up to the cap.
some relief          | BASIC_E  | 200       | 206   | half affected                   | owes CMS $1.35 million for 2024: it spent 3.0% more than its benchmark and answers for 30% of the losses, less relief for extreme circumstances.
full relief          | BASIC_E  | 200       | 206   | all affected                     | owes nothing for 2024: it spent 3.0% more than its benchmark, and relief for extreme circumstances covers its whole share.
"""  # noqa: E501

MILLION = 1_000_000


CHANGES: dict[str | None, dict[str, Any]] = {
    None: {},
    "quality failed": {"quality_state": "FAIL"},
    "alternative, 62": {"quality_state": "ALT", "quality_score": 0.62},
    "low revenue": {"low_revenue": True},
    "guardrail": {"guardrail": True},
    "1 million advanced": {"advance_balance": MILLION},
    "9 million advanced": {"advance_balance": 9 * MILLION},
    "half affected": {"extreme_circumstances_month_share": 0.5, "extreme_circumstances_beneficiary_share": 0.5},
    "all affected": {"extreme_circumstances_month_share": 1.0, "extreme_circumstances_beneficiary_share": 1.0},
}


def facts(case: dict[str, str | None]) -> SettlementFacts:
    """A settlement of invented totals in millions of US dollars."""
    return SettlementFacts(
        track=str(case["track"]),
        performance_year=2024,
        agreement_start_year=2024,
        assigned_beneficiaries=11_000,
        benchmark_total=MILLION * float(str(case["benchmark"])),
        expenditures_total=MILLION * float(str(case["spent"])),
        minimum_savings_rate=0.01,
        **CHANGES[case["changes"]],
    )


@pytest.mark.parametrize("case", cells(CASES), ids=lambda case: str(case["case"]))
def test_answer(case: dict[str, str | None]) -> None:
    settled = facts(case)
    assert answer(read_outcome(settle(settled), "Our ACO", settled.track)) == f"Our ACO {case['answer']}"


@pytest.mark.parametrize("case", cells(CASES), ids=lambda case: str(case["case"]))
def test_waterfall_ends_at_the_payment_and_its_steps_add_up(case: dict[str, str | None]) -> None:
    settled = facts(case)
    outcome = read_outcome(settle(settled), "Our ACO", settled.track)
    steps = [(label, _amount(value)) for label, value in waterfall(outcome).rows]
    assert steps[0][1] - steps[1][1] == pytest.approx(outcome.difference, abs=2)
    if outcome.difference:
        assert steps[2][1] + sum(amount for _, amount in steps[3:-1]) == pytest.approx(steps[-1][1], abs=3)
        assert steps[-1][1] == pytest.approx(abs(outcome.payment), abs=1)


def _amount(text: str) -> float:
    return float(text.replace("$", "").replace(",", "").replace("−", "-"))

"""An invented contract and an invented population, small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.experience import ROLES, Experience, PersonYears
from openaco.programs.mssp.inputs import YearInputs
from openaco.worksheet import Value, Worksheet

ALIGNMENT = Alignment("shared_savings", "retrospective")
BENCHMARK = 1000.0


@dataclass(frozen=True)
class HalfOfEverything:
    """Pays or owes half of the difference to a benchmark of $1,000 a person-year, nothing within `corridor`."""

    two_sided: bool = True
    corridor: float = 0.0
    id: str = "half"
    label: str = "Half of everything"
    alignment: Alignment = ALIGNMENT
    truncated: bool = True

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        return {"Sharing": {"settlement.share": 1.0}, "Nothing": {"settlement.share": 0.5}}

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        py = years["py"]
        sheet = Worksheet("half", "Invented", py.year)
        person_years = py.total_person_years
        spent = sum(py.per_capita[kind] * py.person_years[kind] for kind in ENROLLMENT_TYPES)
        share = float((supposed or {}).get("settlement.share", 0.5))  # type: ignore[arg-type]
        difference = BENCHMARK * person_years - spent
        counted = difference if abs(difference) > self.corridor * BENCHMARK * person_years else 0.0
        payment = counted * share if counted > 0 or self.two_sided else 0.0
        for id, value in {
            "assigned_beneficiaries": py.assigned_beneficiaries,
            "person_years": person_years,
            "total_benchmark": BENCHMARK * person_years,
            "total_expenditures": spent,
            "difference": difference,
            "payment": payment,
        }.items():
            sheet.add(f"settlement.{id}", value, label=id, unit="usd", cite="invented")
        return sheet

    def capital_at_risk(self, sheet: Worksheet) -> float:
        return 0.0

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        return [CashFlow(8, sheet.number("settlement.payment"), "All of it")]


def figures(year: int) -> YearInputs:
    each = dict.fromkeys(ENROLLMENT_TYPES, 1.0)
    return YearInputs(
        year=year,
        assigned_beneficiaries=0,
        person_years={},
        per_capita={},
        risk_score=each,
        regional_per_capita=each,
        national_per_capita=each,
        national_weight=each,
    )


def spent(*dollars: int, months: int = 12) -> Experience:
    """An ACO whose aged/non-dual people spent these dollars, each for all months, in every year."""
    count = len(dollars)
    cents = np.array(dollars, dtype="int64") * 100
    years = {
        role: PersonYears(
            year=2021 + number,
            aligned=np.arange(count),
            person=np.arange(count),
            kind=np.full(count, ENROLLMENT_TYPES.index("aged_non_dual")),
            months=np.full(count, months),
            cents=cents,
            annual_cents=cents * 12,
            score=np.ones(count),
            completion=Decimal(1),
            fixed=figures(2021 + number),
        )
        for number, role in enumerate(ROLES)
    }
    return Experience(2024, tuple(f"P{number}" for number in range(count)), {ALIGNMENT: years})

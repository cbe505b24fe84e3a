"""A small invented world for assignment tests: one ACO (A1000), another (A2000), and practices outside both."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openaco.engine import Engine, Table
from openaco.rules.assignment import assign, primary_care_services
from openaco.rules.assignment.contract import (
    Designation,
    FinalInstitutionalClaim,
    FinalInstitutionalLine,
    FinalProfessionalLine,
    Person,
    PersonMonth,
)
from openaco.tables import ElectingHospital, FeeScheduleAmount, LakeTable, Participant, Provider
from spec_tables import cells, read_cell

ACO = "A1000"
PARTICIPANTS = """
aco_id | tin       | ccn    | start_date | end_date
------ | --------- | ------ | ---------- | ----------
A1000  | 100000001 |        |            |
A1000  | 100000002 |        |            |
A1000  | 100000003 |        |            |
A1000  | 100000001 | 101801 |            |
A1000  | 100000001 | 101301 |            |
A1000  | 100000009 |        |            | 2020-06-30
A2000  | 200000001 |        |            |
A1000  | 300000001 |        |            |
A2000  | 300000001 |        |            |
"""
TINS = {
    "ours1": "100000001",
    "ours2": "100000002",
    "ours3": "100000003",
    "left": "100000009",
    "other": "200000001",
    "both": "300000001",
    "out1": "900000001",
    "out2": "900000002",
    "out3": "900000003",
}
SPECIALTIES = {"pcp": "11", "np": "50", "cns": "89", "pa": "97", "cardiology": "06", "surgery": "02"}
PROVIDERS = """
npi        | specialty_code
---------- | --------------
1000000001 | 08
1000000002 | 50
1000000003 | 06
1000000004 | 02
"""
WIDEST = (datetime.date(2015, 1, 1), datetime.date(2026, 12, 31))


def rows_of(table: type[LakeTable], text: str, **constants: Any) -> list[dict[str, Any]]:
    """The rows of an ASCII table, with constants where a column is left out."""
    columns = table.columns()
    return [
        constants | {name: read_cell(columns[name].kind, cell) for name, cell in row.items()} for row in cells(text)
    ]


def visits(text: str) -> list[dict[str, Any]]:
    """Carrier lines from `person | date | tin | role | amount`, with `code` (99213) and `npi` where given."""
    lines = []
    for number, row in enumerate(cells(text), start=1):
        lines.append(
            {
                "person_id": row["person"],
                "claim_id": row.get("claim") or f"c{number}",
                "claim_line_number": 1,
                "claim_line_end_date": datetime.date.fromisoformat(row["date"] or ""),
                "hcpcs_code": row.get("code") or "99213",
                "specialty_code": SPECIALTIES[row["role"] or ""],
                "billing_tin": TINS[row["tin"] or ""],
                "rendering_npi": row.get("npi"),
                "allowed_amount": read_cell("money", row["amount"]),
            }
        )
    return lines


def months_of(person_id: str, year: int, months: Iterable[int] = range(1, 13), **changes: Any) -> list[dict[str, Any]]:
    """Months with Parts A and B in the United States, with changes."""
    usual = {"has_part_a": True, "has_part_b": True, "in_group_health_plan": False, "lives_in_united_states": True}
    return [usual | {"person_id": person_id, "month": datetime.date(year, month, 1)} | changes for month in months]


@dataclass
class World:
    """The inputs of one assignment, as rows."""

    engine: Engine
    professional: list[dict[str, Any]] = field(default_factory=list)
    institutional: list[dict[str, Any]] = field(default_factory=list)
    institutional_line: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] | None = None
    months: list[dict[str, Any]] | None = None
    designations: list[dict[str, Any]] = field(default_factory=list)
    participants: str = PARTICIPANTS
    fees: str = "calendar_year | hcpcs_code | amount\n- | - | -\n2023 | G0463 | 90.00\n2023 | 99213 | 88.00"
    electing: tuple[str, ...] = ("100077",)
    other_initiative: list[str] | None = None

    def table(self, table: type[LakeTable], rows: Iterable[Mapping[str, Any]]) -> Table:
        """Rows as a table of the engine."""
        return self.engine.from_rows(table, rows)

    def services(self, rules_year: int, start: datetime.date = WIDEST[0], end: datetime.date = WIDEST[1]) -> Table:
        """The primary care services of the world."""
        return primary_care_services(
            professional=self.table(FinalProfessionalLine, self.professional),
            institutional=self.table(FinalInstitutionalClaim, self.institutional),
            institutional_line=self.table(FinalInstitutionalLine, self.institutional_line),
            provider=self.table(Provider, rows_of(Provider, PROVIDERS)),
            electing_hospital=self.table(ElectingHospital, [{"ccn": ccn} for ccn in self.electing]),
            fee_schedule_amount=self.table(FeeScheduleAmount, rows_of(FeeScheduleAmount, self.fees)),
            rules_year=rules_year,
            start=start,
            end=end,
        )

    def persons(self) -> list[dict[str, Any]]:
        """Those stated, or everybody with a claim or a month."""
        if self.people is not None:
            return self.people
        known = {row["person_id"] for row in [*self.professional, *self.institutional, *(self.months or [])]}
        return [{"person_id": person} for person in sorted(known)]

    def assignment(
        self, window_year: int, rules_year: int | None = None, method: str = "retrospective", seed: int = 7, **more: Any
    ) -> Table:
        """The assignment of everybody in the world to A1000."""
        rules = rules_year or window_year
        months = self.months
        if months is None:
            spans = range(window_year - 2, window_year + 1)
            known = [row["person_id"] for row in self.persons()]
            months = [row for person in known for year in spans for row in months_of(person, year)]
        others = None
        if self.other_initiative is not None:
            others = self.table(Person, [{"person_id": person} for person in self.other_initiative])
        return assign(
            services=self.engine.checkpoint(self.services(rules)),
            people=self.table(Person, self.persons()),
            person_months=self.table(PersonMonth, months),
            participant=self.table(Participant, rows_of(Participant, self.participants)),
            designations=self.table(Designation, self.designations),
            aco_id=ACO,
            window_year=window_year,
            rules_year=rules,
            method=method,
            seed=seed,
            other_initiative=others,
            keep=self.engine.checkpoint,
            **more,
        )

    def outcomes(self, window_year: int, **more: Any) -> dict[str, dict[str, Any]]:
        """The rows of the assignment by person."""
        return {row["person_id"]: row for row in self.engine.to_rows(self.assignment(window_year, **more))}

    def stages(self, window_year: int, **more: Any) -> dict[str, str]:
        """Basis or reason by person."""
        return {who: row["reason"] or row["basis"] for who, row in self.outcomes(window_year, **more).items()}

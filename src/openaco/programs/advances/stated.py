"""What `[advances]` of an `aco.toml`, or a file of its own, states of an ACO's advances. Unknown keys are errors."""

from __future__ import annotations

import datetime
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

AdvanceModel = Literal["advance_payment", "aim_test_1", "aim_test_2", "advance_investment", "prepaid_shared_savings"]
NEEDED: dict[AdvanceModel, str] = {
    "advance_payment": "beneficiaries",
    "aim_test_1": "beneficiaries",
    "aim_test_2": "beneficiaries",
    "advance_investment": "quarters",
    "prepaid_shared_savings": "years",
}
"""The figures from which each model's payments follow; those of the others may not be stated."""
QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Quarter(_Strict):
    """Assigned beneficiaries of one quarter: how many have which score for advance investment payments."""

    quarter: str = Field(pattern=QUARTER.pattern)
    low_income: int = Field(default=0, ge=0, description="With Medicaid or low-income subsidy")
    by_percentile: dict[int, int] = Field(
        default_factory=dict, description="The others, by national percentile of the area deprivation index"
    )
    without_percentile: int = Field(default=0, ge=0, description="The others whose percentile is not known")

    @model_validator(mode="after")
    def _counts(self) -> Quarter:
        if any(not 1 <= percentile <= 100 for percentile in self.by_percentile):
            raise ValueError("by_percentile: percentiles are whole numbers from 1 to 100")
        if any(count < 0 for count in self.by_percentile.values()):
            raise ValueError("by_percentile: counts of beneficiaries are not below zero")
        return self

    @property
    def beneficiaries(self) -> int:
        """Assigned beneficiaries in all."""
        return self.low_income + sum(self.by_percentile.values()) + self.without_percentile


class PrepaidYear(_Strict):
    """Prepaid shared savings of one performance year; amounts are US dollars."""

    performance_year: int
    beneficiaries: int = Field(gt=0, description="Assigned beneficiaries by which CMS multiplies")
    multiplier: float = Field(ge=0, description="US dollars a beneficiary, as CMS states it")
    requested: float | None = Field(default=None, ge=0, description="Asked for, where less than the most")
    spent_on_direct_services: float = Field(default=0, ge=0, description="Not covered by Medicare: meals, rides …")
    spent_on_staff_and_infrastructure: float = Field(default=0, ge=0)


class Settlement(_Strict):
    """What the ACO earned in one performance year, before anything is kept back."""

    performance_year: int
    earned: float = Field(ge=0, description="Earned performance payment, US dollars; 0 where none")
    settled: datetime.date | None = Field(default=None, description="The day; default: first of CMS's usual quarter")


class Organization(_Strict):
    """What decides eligibility; what is left out is reported as not known."""

    level: str | None = Field(default=None, description="Level or track; default: the agreement's")
    period: int | None = Field(default=None, ge=1, description="Agreement period; default: the agreement's")
    re_entering: bool | None = None
    revenue_status: Literal["low", "high"] | None = Field(default=None, description="Default: the agreement's")
    experienced_with_risk: bool | None = None
    earned_savings_before: bool | None = None
    inpatient_facility: bool | None = Field(default=None, description="Whether a participant is a hospital")
    only_small_hospitals: bool | None = Field(default=None, description="Critical access or low-volume rural only")
    most_hospital_beds: int | None = Field(default=None, ge=0)
    annual_revenue: float | None = Field(default=None, ge=0, description="US dollars")
    owned_by_health_plan: bool | None = None
    in_advance_payment_model: bool | None = None
    reported_quality: bool | None = None


class Advances(_Strict):
    """Advances of one ACO in one agreement period, and the settlements that repay them."""

    model: AdvanceModel
    agreement_start: datetime.date | None = Field(default=None, description="Default: the agreement's start")
    first_payment: datetime.date | None = Field(default=None, description="Default: the agreement's start")
    balance_before: float = Field(default=0, ge=0, description="Advances of earlier agreement periods, US dollars")
    beneficiaries: int | None = Field(default=None, gt=0, description="Historically assigned beneficiaries")
    monthly_beneficiaries: tuple[int, ...] = Field(default=(), description="By month, where the number changed")
    quarters: tuple[Quarter, ...] = ()
    years: tuple[PrepaidYear, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    left: datetime.date | None = Field(default=None, description="Last day in the program, if the ACO left early")
    organization: Organization = Organization()

    @model_validator(mode="after")
    def _fits_its_model(self) -> Advances:
        needed = NEEDED[self.model]
        if not getattr(self, needed):
            raise ValueError(f"{self.model} needs {needed}")
        others = {name for name in NEEDED.values() if name != needed and getattr(self, name)}
        if self.monthly_beneficiaries and needed != "beneficiaries":
            others.add("monthly_beneficiaries")
        if others:
            raise ValueError(f"{self.model} takes no {', '.join(sorted(others))}")
        for name, stated in (
            ("quarters", [quarter.quarter for quarter in self.quarters]),
            ("years", [year.performance_year for year in self.years]),
            ("settlements", [settlement.performance_year for settlement in self.settlements]),
        ):
            if len(set(stated)) < len(stated):
                raise ValueError(f"{name}: one is stated twice")
        return self

"""What an ACO reported and reached in one performance year: the rates file, TOML or CSV. Unknown keys are errors."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from openaco.rules.quality_standard import Third

Reported = Literal["ecqm", "mips_cqm", "medicare_cqm", "web_interface"]
_PERCENT = 100


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class MeasureRate(_Strict):
    """One measure as the ACO reported it: counts of people, or the rate alone where counts are not known."""

    measure: str = Field(pattern=r"^\d{3}$", description="Quality number, three digits: 001")
    collection_type: Reported
    denominator: int | None = Field(default=None, ge=0, description="People in the denominator, excluded ones too")
    exclusions: int = Field(default=0, ge=0)
    exceptions: int = Field(default=0, ge=0)
    numerator: int | None = Field(default=None, ge=0, description="People whose performance was met")
    rate: float | None = Field(default=None, ge=0, le=_PERCENT, description="Percent, in place of counts")
    completeness: float = Field(default=1.0, ge=0, le=1, description="Share of the eligible people reported on")

    @model_validator(mode="after")
    def _either_counts_or_rate(self) -> MeasureRate:
        counted = self.denominator is not None and self.numerator is not None
        if counted == (self.rate is not None) or (self.denominator is None) != (self.numerator is None):
            raise ValueError(f"measure {self.measure}: give denominator and numerator, or rate, not both")
        if counted and (self.eligible or 0) < 0:
            raise ValueError(f"measure {self.measure}: more exclusions and exceptions than people in the denominator")
        if counted and (self.numerator or 0) > (self.eligible or 0):
            raise ValueError(f"measure {self.measure}: the numerator is greater than the people who count")
        return self

    @property
    def eligible(self) -> int | None:
        """People who count: the denominator without exclusions and exceptions; None where counts are not stated."""
        return None if self.denominator is None else self.denominator - self.exclusions - self.exceptions

    @property
    def performance(self) -> float | None:
        """The rate in percent; None where nobody counts."""
        if self.rate is not None:
            return self.rate
        return _PERCENT * (self.numerator or 0) / self.eligible if self.eligible else None


class ClaimsRate(_Strict):
    """One measure that CMS computes from claims: 479 as a fraction, 484 as admissions per 100 person-years."""

    rate: float = Field(ge=0)
    cases: int | None = Field(default=None, ge=0)


class Survey(_Strict):
    """The patient survey (CAHPS for MIPS): scores of its summary measures, 0 to 100."""

    administered: bool = True
    sampled: bool = Field(default=True, description="Whether CMS found enough beneficiaries to ask")
    scores: dict[str, float] = Field(default_factory=dict)

    @field_validator("scores")
    @classmethod
    def _summary_measures(cls, scores: dict[str, float]) -> dict[str, float]:
        for name, score in scores.items():
            if not (name.startswith("CAHPS_") and name.removeprefix("CAHPS_").isdigit()):
                raise ValueError(f"{name}: summary measures are named CAHPS_1, CAHPS_2 …")
            if not 0 <= score <= _PERCENT:
                raise ValueError(f"{name}: a score from 0 to 100")
        return scores


class HealthEquity(_Strict):
    """What the health equity adjustment needs: CMS knows the thirds; shares of beneficiaries from 0 to 1."""

    thirds: dict[str, Third] = Field(description="By quality number: top, middle or bottom third of performance")
    deprived_share: float = Field(default=0, ge=0, le=1)
    low_income_dual_share: float = Field(default=0, ge=0, le=1)


class QualityRates(_Strict):
    """The rates file of one ACO and performance year.

    prior_achievement   achievement score of the year before (points ÷ available points × 100), for improvement
    affected_share      share of beneficiaries in counties under an extreme and uncontrollable circumstance
    missing_benchmarks  `pending`: CMS may still make one from the year's own data; `final`: it did not
    """

    performance_year: int
    name: str = ""
    first_performance_year: bool = False
    prior_achievement: float | None = Field(default=None, ge=0, le=_PERCENT)
    affected_share: float = Field(default=0, ge=0, le=1)
    missing_benchmarks: Literal["pending", "final"] = "pending"
    measure: tuple[MeasureRate, ...] = ()
    survey: Survey = Survey(administered=False)
    claims: dict[str, ClaimsRate] = Field(default_factory=dict)
    health_equity: HealthEquity | None = None

    @field_validator("claims", mode="before")
    @classmethod
    def _rate_alone(cls, claims: object) -> object:
        """`479 = 0.15` is short for `479 = {rate = 0.15}`."""
        if not isinstance(claims, dict):
            return claims
        return {name: {"rate": value} if isinstance(value, int | float) else value for name, value in claims.items()}

    @field_validator("survey", mode="before")
    @classmethod
    def _scores_beside(cls, survey: object) -> object:
        """`CAHPS_1 = 84.2` stands in the table of the survey itself."""
        if not isinstance(survey, dict) or "scores" in survey:
            return survey
        scores = {name: value for name, value in survey.items() if name.startswith("CAHPS_")}
        return {name: value for name, value in survey.items() if name not in scores} | {"scores": scores}

    @model_validator(mode="after")
    def _each_once(self) -> QualityRates:
        seen: set[tuple[str, str]] = set()
        for item in self.measure:
            key = (item.measure, item.collection_type)
            if key in seen:
                raise ValueError(f"measure {item.measure} stands twice as {item.collection_type}")
            seen.add(key)
        return self

    @cached_property
    def by_measure(self) -> dict[str, list[MeasureRate]]:
        """What was reported, by quality number."""
        found: dict[str, list[MeasureRate]] = {}
        for item in self.measure:
            found.setdefault(item.measure, []).append(item)
        return found

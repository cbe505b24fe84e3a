"""What the ACO REACH worksheet is computed from: figures of four years, elections, and what CMS alone knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from openaco.errors import ConfigurationError
from openaco.programs.mssp.inputs import YEARS
from openaco.programs.reach.cohorts import CohortYear
from openaco.rules.cited import Cited, cited
from openaco.rules.corridors import Corridors
from openaco.rules.reach import stop_loss_payout

RiskArrangement = Literal["professional", "global"]
AcoType = Literal["standard", "new_entrant", "high_needs"]
_MOST = 1 + 1e-9


@dataclass(frozen=True)
class Capitation:
    """How CMS pays the ACO month by month; what participants' claims are reduced by in turn.

    mechanism               primary_care (PCC) or total_care (TCC, Global only)
    base_share              the capitated services as a share of the benchmark, before fee reductions
    fee_reduction           share of those claims that participants forgo, from 0 to 1
    enhanced                whether the enhanced primary care capitation is taken: an advance, repaid at settlement
    advanced_payment        advanced payment option (APO): US dollars paid in the year for claims outside the capitation
    claims_reduced          US dollars by which capitated claims were really reduced; None: by the base capitation
    advanced_claims_reduced the same for the advanced payment option; None: by the advanced payment
    """

    mechanism: Literal["primary_care", "total_care"]
    base_share: float
    fee_reduction: float = 1.0
    enhanced: bool = False
    advanced_payment: float = 0.0
    claims_reduced: float | None = None
    advanced_claims_reduced: float | None = None

    def __post_init__(self) -> None:
        """Raises ConfigurationError for shares outside 0 to 1 and for an enhancement of total care."""
        for name in ("base_share", "fee_reduction"):
            _require_share(getattr(self, name), f"capitation {name}")
        if self.mechanism == "total_care" and self.enhanced:
            raise ConfigurationError("only primary care capitation is enhanced", where="capitation")


@dataclass(frozen=True)
class StopLoss:
    """The elected stop-loss: what CMS charges and pays out, US dollars of the year. CMS publishes neither's bands."""

    charge: float
    payout: float

    @classmethod
    def of_residuals(cls, charge: float, residuals: tuple[float, ...], bands: Corridors) -> StopLoss:
        """From each person's expenditures beyond prediction and the bands of the agreement, in US dollars."""
        return cls(charge, stop_loss_payout(residuals, bands))


@dataclass(frozen=True)
class RiskGrowth:
    """Risk scores of the reference year, by cohort, and what CMS says of growth. Without them no cap is applied.

    reference_score             mean normalized score of the reference year
    demographic_growth          growth of demographic scores from it, as a ratio; default none
    coding_intensity_factor     CMS's factor of the year, before its ceiling
    population_ratio            people of the performance year ÷ those of the reference year, where it may exempt
    newly_voluntary_share       High Needs: share of person-years newly aligned by choice
    newly_voluntary_growth      their growth of risk scores from 2023, as a ratio
    """

    reference_score: Mapping[str, float]
    demographic_growth: Mapping[str, float] = field(default_factory=dict)
    coding_intensity_factor: Mapping[str, float] = field(default_factory=dict)
    population_ratio: float | None = None
    newly_voluntary_share: float = 0.0
    newly_voluntary_growth: float = 1.0

    def __post_init__(self) -> None:
        """Raises ConfigurationError for scores and ratios that are not above zero, or a share outside 0 to 1."""
        ratios = {**self.reference_score, **self.demographic_growth, **self.coding_intensity_factor}
        if not all(value > 0 for value in (*ratios.values(), self.newly_voluntary_growth)):
            raise ConfigurationError("risk scores and their growth must lie above zero", where="risk growth")
        _require_share(self.newly_voluntary_share, "newly_voluntary_share")


@dataclass(frozen=True)
class ReachElections:
    """What the ACO chose and what CMS found, beside the figures.

    improvement_shown    continuous improvement or sustained exceptional performance (CI/SEP), from PY2023
    first_year           whether this is the ACO's first performance year: the retention withhold is taken
    left_early           whether it left before the withhold is returned
    prospective_trend    national trend from BY3 as CMS foresaw it, by cohort, as a ratio; None: as it was observed
    equity_shares        shares of beneficiary months by decile of the equity score, 10 the highest
    """

    improvement_shown: bool = True
    first_year: bool = False
    left_early: bool = False
    prospective_trend: Mapping[str, float] | None = None
    equity_shares: Mapping[int, float] | None = None
    risk_growth: RiskGrowth | None = None
    capitation: Capitation | None = None
    stop_loss: StopLoss | None = None

    def __post_init__(self) -> None:
        """Raises ConfigurationError where an election contradicts itself."""
        shares = self.equity_shares or {}
        if not set(shares) <= set(range(1, 11)) or min(shares.values(), default=0) < 0:
            raise ConfigurationError("equity_shares are shares, by decile from 1 to 10", where="equity_shares")
        if math.fsum(shares.values()) > _MOST:
            raise ConfigurationError("equity_shares add up to more than 1", where="equity_shares")
        if self.left_early and not self.first_year:
            raise ConfigurationError("only the first year has a retention withhold to lose", where="left_early")


@dataclass(frozen=True)
class ReachInputs:
    """One ACO, one performance year.

    rules_year     the year of the model, 2021 to 2026, whose rules apply; the figures may be of another, as if
    years          the figures of by1, by2, by3 and py by cohort
    quality_score  share of the quality withhold earned by score, from 0 to 1
    sources        by line id, where a given value came from, as `Scribe` takes them
    basis          in the same way, the parameters that figures computed from claims rest on
    """

    rules_year: int
    risk_arrangement: RiskArrangement
    aco_type: AcoType
    years: Mapping[str, CohortYear]
    quality_score: float
    elections: ReachElections = field(default_factory=ReachElections)
    aco_id: str = ""
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigurationError where a year is missing or an election is not allowed, ParameterError for years
        without rules."""
        if tuple(self.years) != YEARS:
            raise ConfigurationError(f"the years are {list(self.years)}, not by1, by2, by3, py in order")
        if any(set(year.person_years) != set(self.cohorts) for year in self.years.values()):
            raise ConfigurationError("the years do not have the same cohorts")
        if self.years["py"].total_person_years <= 0:
            raise ConfigurationError("no person-years in py")
        _require_share(self.quality_score, "quality_score")
        self._check_capitation()

    def _check_capitation(self) -> None:
        chosen = self.elections.capitation
        if chosen is None:
            return
        if chosen.mechanism == "total_care" and self.risk_arrangement != "global":
            raise ConfigurationError("total care capitation is for Global ACOs", where="capitation.mechanism")
        if chosen.mechanism == "primary_care":
            least = cited("reach/payment/minimum_fee_reduction", self.rules_year)
            if chosen.fee_reduction < least.value:
                raise ConfigurationError(
                    f"participants' claims are reduced by at least {least.value:.0%} in {self.rules_year}",
                    where="capitation.fee_reduction",
                )

    @property
    def performance(self) -> CohortYear:
        """The performance year's figures."""
        return self.years["py"]

    @property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts in order."""
        return tuple(self.years["py"].person_years)


def _require_share(value: float, what: str) -> None:
    if not 0 <= value <= 1:
        raise ConfigurationError(f"{what} is {value}; it is a share from 0 to 1", where=what)

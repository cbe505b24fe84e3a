"""ACO REACH as one contract among others: Professional and Global, for the figures of one population.

`ReachContract.from_configuration` takes name and quality score from `aco.toml`. Whatever the population, the rules are
those of the performance year; the worksheet says where baseline years are not the model's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from openaco.errors import ConfigurationError
from openaco.programs.configuration import Configuration
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.model_settlement import check_years
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.reach.cohorts import CohortYear, cohort_years
from openaco.programs.reach.corridor_settlement import cash_flows, most_owed, reach_terms
from openaco.programs.reach.inputs import AcoType, ReachElections, ReachInputs, RiskArrangement, RiskGrowth
from openaco.programs.reach.worksheet import worksheet
from openaco.rules.alignment import model_year
from openaco.rules.cited import Cited, cited
from openaco.worksheet import Value, Worksheet

SHARING_RULES: dict[str, dict[str, Value]] = {
    "Risk corridors": {"settlement.risk_corridors": False},
    "Sequestration": {"settlement.sequestration": 0.0},
}
_FIRST_YEAR_AS_REACH = 2023


@dataclass(frozen=True)
class ReachContract:
    """One ACO under one risk arrangement in one performance year; fulfills `openaco.programs.contract.Contract`.

    performance_year  the year whose figures are settled
    rules_year        the year of the model, 2021 to 2026, whose rules apply; None: the performance year
    quality_score     share of the quality withhold earned by score, from 0 to 1; without it nothing can be settled
    elections         what the ACO chose and what CMS found. Without reference scores those of BY3 are the reference
    sources, basis    where given lines came from and what they rest on, as `ReachInputs` takes them
    """

    performance_year: int
    risk_arrangement: RiskArrangement
    quality_score: float | None
    aco_type: AcoType = "standard"
    elections: ReachElections = field(default_factory=ReachElections)
    aco_id: str = ""
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)
    rules_year: int | None = None

    @classmethod
    def from_configuration(
        cls,
        configuration: Configuration,
        performance_year: int,
        risk_arrangement: RiskArrangement,
        elections: ReachElections | None = None,
        aco_type: AcoType = "standard",
        rules_year: int | None = None,
    ) -> ReachContract:
        """The contract for the ACO of `aco.toml`, with the quality score that it states for the year.

        That score is of the Shared Savings Program's measures: as if REACH's came out alike. A year without the model
        is settled by the rules of its first or last one, as the worksheet says.
        """
        return cls(
            performance_year=performance_year,
            risk_arrangement=risk_arrangement,
            quality_score=score_of(configuration, performance_year),
            aco_type=aco_type,
            elections=elections or ReachElections(),
            aco_id=configuration.aco.id,
            name=configuration.aco.name,
            rules_year=rules_year or model_year("reach", performance_year),
            sources={"benchmark.quality_score": f"aco.toml:performance.{performance_year}.quality.score"},
        )

    @property
    def id(self) -> str:
        """`reach-professional` or `reach-global`."""
        return f"reach-{self.risk_arrangement}"

    @property
    def label(self) -> str:
        """The arrangement as people say it."""
        model = "GPDC" if self._rules_of < _FIRST_YEAR_AS_REACH else "ACO REACH"
        return f"{model} {self.risk_arrangement.capitalize()}"

    @property
    def alignment(self) -> Alignment:
        """Whom it counts: by allowed charges of two alignment years."""
        return Alignment("weighted_charges", "reach")

    @property
    def truncated(self) -> bool:
        """Nobody's dollars are cut: an ACO can elect stop-loss instead."""
        return False

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time, in the order of the worksheet."""
        rules: dict[str, dict[str, Value]] = {
            "Regional blend": {"baseline.historical_weight": 1.0},
            "Risk adjustment": {"risk.final_score": 1.0, "baseline.risk_score": 1.0},
            "Cap on risk growth": {"risk.cap_rise": None, "risk.cap_fall": None, "risk.additional_cap": None},
            "Coding intensity factor": {"risk.coding_intensity_factor": 1.0},
            "Retrospective trend adjustment": {"trend.retrospective_factor": 1.0},
            "Quality withhold": {"benchmark.quality_withhold_rate": 0.0},
        }
        if self.risk_arrangement == "global":
            rules["Discount"] = {"benchmark.discount_rate": 0.0}
        if self.elections.left_early:
            rules["Retention withhold"] = {"benchmark.retention_withhold_rate": 0.0}
        if self.elections.equity_shares:
            rules["Health equity adjustment"] = {"benchmark.equity_adjustment": 0.0}
        if self.elections.stop_loss:
            rules["Stop-loss"] = {"settlement.stop_loss_charge": 0.0, "settlement.stop_loss_payout": 0.0}
        return {**rules, **SHARING_RULES}

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of four years' figures, `by1`, `by2`, `by3` and `py`: see `worksheet`.

        Raises ConfigurationError where a figure is missing, ParameterError for years without rules.
        """
        return worksheet(self.inputs(years), supposed)

    def inputs(self, years: Mapping[str, YearInputs]) -> ReachInputs:
        """What the program settles from."""
        check_years(years, self.performance_year)
        by_cohort = cohort_years(years)
        return ReachInputs(
            rules_year=self._rules_of,
            risk_arrangement=self.risk_arrangement,
            aco_type=self.aco_type,
            years=by_cohort,
            quality_score=needed_quality(self.quality_score, self.performance_year),
            elections=with_reference(self.elections, by_cohort),
            aco_id=self.aco_id,
            name=self.name,
            sources=self.sources,
            basis=self.basis,
        )

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """Without a limit: the last corridor has no end."""
        return most_owed(reach_terms(self.risk_arrangement, self._rules_of))

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Capitation and advances in the year, the rest when CMS settles."""
        return cash_flows(sheet, cited("reach/settlement/settlement_quarter", self._rules_of).value)

    @property
    def _rules_of(self) -> int:
        return self.rules_year or self.performance_year


def stated_quality(configuration: Configuration, performance_year: int) -> float:
    """The quality score of `aco.toml` as a fraction. Raises ConfigurationError where none is stated for the year."""
    return needed_quality(score_of(configuration, performance_year), performance_year)


def score_of(configuration: Configuration, performance_year: int) -> float | None:
    """The quality score of `aco.toml` as a fraction; None where none is stated for the year."""
    score = configuration.performance_for(performance_year).quality.score
    return None if score is None else score / 100


def needed_quality(score: float | None, performance_year: int) -> float:
    """The score. Raises ConfigurationError where there is none: the quality withhold depends on it."""
    if score is None:
        raise ConfigurationError(
            "no quality score is stated",
            where=f"aco.toml, performance.{performance_year}.quality.score",
            remedy="State it, or give the contract a quality score.",
        )
    return score


def with_reference(elections: ReachElections, years: Mapping[str, CohortYear]) -> ReachElections:
    """The elections, with the third baseline year as the reference of risk growth where none is stated."""
    if elections.risk_growth is not None:
        return elections
    by3, year = years["by3"], years["py"]
    reference = {cohort: score if score > 0 else 1.0 for cohort, score in by3.risk_score.items()}
    demographic = {}
    if by3.demographic_score and year.demographic_score:
        before, now = by3.demographic_score, year.demographic_score
        demographic = {cohort: now[cohort] / before[cohort] for cohort in before if before[cohort] > 0}
    return replace(elections, risk_growth=RiskGrowth(reference, {k: v for k, v in demographic.items() if v > 0}))

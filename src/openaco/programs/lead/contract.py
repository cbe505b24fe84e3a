"""LEAD as one contract among others: Professional and Global, as announced; every line is unverified.

Put on today's population it answers: what would this ACO get if the rules of 2027 held? The worksheet says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openaco.programs.configuration import Configuration
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.lead.worksheet import LeadElections, LeadInputs, lead_terms, worksheet
from openaco.programs.model_settlement import check_years
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.reach.cohorts import cohort_years
from openaco.programs.reach.contract import SHARING_RULES, needed_quality, score_of
from openaco.programs.reach.corridor_settlement import cash_flows, most_owed
from openaco.programs.reach.inputs import RiskArrangement
from openaco.rules.cited import Cited, cited
from openaco.worksheet import Value, Worksheet

FIRST_YEAR = 2027


@dataclass(frozen=True)
class LeadContract:
    """One ACO under one risk arrangement of LEAD; fulfills `openaco.programs.contract.Contract`.

    performance_year  the year whose figures are settled
    rules_year        the year of the model, 2027 or later, whose rules apply
    quality_score     share of the quality withhold earned by score, from 0 to 1; without it nothing can be settled
    """

    performance_year: int
    risk_arrangement: RiskArrangement
    quality_score: float | None
    rules_year: int = FIRST_YEAR
    elections: LeadElections = field(default_factory=LeadElections)
    aco_id: str = ""
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    @classmethod
    def from_configuration(
        cls,
        configuration: Configuration,
        performance_year: int,
        risk_arrangement: RiskArrangement,
        elections: LeadElections | None = None,
    ) -> LeadContract:
        """The contract for the ACO of `aco.toml`, with the quality score that it states for a performance year.

        A year before LEAD is settled by the rules of the first year of LEAD.
        """
        return cls(
            performance_year=performance_year,
            risk_arrangement=risk_arrangement,
            quality_score=score_of(configuration, performance_year),
            rules_year=max(performance_year, FIRST_YEAR),
            elections=elections or LeadElections(),
            aco_id=configuration.aco.id,
            name=configuration.aco.name,
            sources={"benchmark.quality_score": f"aco.toml:performance.{performance_year}.quality.score"},
        )

    @property
    def id(self) -> str:
        """`lead-professional` or `lead-global`."""
        return f"lead-{self.risk_arrangement}"

    @property
    def label(self) -> str:
        """The arrangement as people say it."""
        return f"LEAD {self.risk_arrangement.capitalize()} (as announced)"

    @property
    def alignment(self) -> Alignment:
        """Whom it counts: as ACO REACH does, by allowed charges of two alignment years."""
        return Alignment("weighted_charges", "reach")

    @property
    def truncated(self) -> bool:
        """Nobody's dollars are cut."""
        return False

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time, in the order of the worksheet."""
        rules: dict[str, dict[str, Value]] = {
            "Prospective trend": {"trend.prospective_weight": 0.0},
            "Risk adjustment": {"risk.final_score": 1.0, "baseline.risk_score": 1.0},
            "Cap on risk growth": {"risk.cap": None},
            "Quality withhold": {"benchmark.quality_withhold_rate": 0.0},
            "Administrative add-on": {"settlement.administrative_add_on": 0.0},
        }
        if self.risk_arrangement == "global":
            rules["Regional efficiency adjustment"] = {"benchmark.regional_efficiency": 0.0}
            rules["Discount"] = {"benchmark.discount_rate": 0.0}
        return {**rules, **SHARING_RULES}

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of four years' figures: see `openaco.programs.lead.worksheet.worksheet`."""
        check_years(years, self.performance_year)
        inputs = LeadInputs(
            rules_year=self.rules_year,
            risk_arrangement=self.risk_arrangement,
            years=cohort_years(years),
            quality_score=needed_quality(self.quality_score, self.performance_year),
            elections=self.elections,
            aco_id=self.aco_id,
            name=self.name,
            sources=self.sources,
            basis=self.basis,
        )
        return worksheet(inputs, supposed)

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """Without a limit: the last corridor has no end. The financial guarantee is a line of the worksheet."""
        return most_owed(lead_terms(self.risk_arrangement, self.rules_year))

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Capitation, advances and the add-on in the year, the rest when CMS settles."""
        return cash_flows(sheet, cited("lead/settlement/settlement_quarter", self.rules_year).value)

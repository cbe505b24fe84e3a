"""The Next Generation ACO Model (2016–2021) as a contract: from the figures of four years to the settlement.

Rules stand in `rules/next_generation`, numbers and how sure they are in `parameters/next_generation`. Of the baseline
years only BY3 counts. The benchmark is computed by the four enrollment types, since their risk scores are normalized
apart; the model knew two types, aged and disabled, and end-stage renal disease.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.contract import Alignment, CashFlow
from openaco.programs.model_settlement import (
    FeeReduction,
    add_difference,
    add_due,
    add_expenditures,
    add_fee_reduction,
    add_people,
    as_if,
    check_share,
    check_years,
    flows_of,
)
from openaco.programs.mssp.benchmark import add_weighted_total
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.next_generation.lines import NEXT_GENERATION_LINES
from openaco.programs.scribe import Scribe
from openaco.rules import fee_reductions
from openaco.rules import next_generation as rule
from openaco.rules.cited import Cited
from openaco.rules.next_generation import Arrangement, NextGenerationTerms, terms_for
from openaco.worksheet import Value, Worksheet

LABELS: dict[Arrangement, str] = {
    "A": "Next Generation, arrangement A (shared risk)",
    "B": "Next Generation, arrangement B (full risk)",
}
REPLACING = ("population_based", "all_inclusive")


@dataclass(frozen=True)
class NextGenerationContract:
    """One ACO under one risk arrangement for one year; fulfills `openaco.programs.contract.Contract`.

    performance_year       the year whose figures are settled
    rules_year             the year of the model, 2016 to 2021, whose terms apply
    quality_score          from 0 to 1
    savings_losses_cap     what the ACO chose, as a share of the benchmark; None: the highest
    payment_mechanism      fee_for_service, infrastructure, population_based or all_inclusive (from 2017)
    fee_reduction          for the last two: the fees that monthly payments replace; all of them if all_inclusive
    infrastructure_pbpm    for `infrastructure`: US dollars a beneficiary and month
    projected_trend        national trend from BY3 to the performance year as CMS projected it, by enrollment type;
                           None: as it was observed
    geographic_adjustment  change of regional prices against the nation's, by enrollment type; None: none
    sources, basis         where given lines came from and what they rest on, as `Scribe` takes them
    """

    arrangement: Arrangement
    performance_year: int
    rules_year: int
    quality_score: float
    aco_id: str = ""
    name: str = ""
    savings_losses_cap: float | None = None
    payment_mechanism: str = "fee_for_service"
    fee_reduction: FeeReduction | None = None
    infrastructure_pbpm: float = 0.0
    projected_trend: Mapping[str, float] | None = None
    geographic_adjustment: Mapping[str, float] | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigurationError for choices the model did not offer, ParameterError for years without it."""
        check_share(self.quality_score, "the quality score")
        self._check_cap()
        self._check_mechanism()

    @property
    def id(self) -> str:
        """`next-generation-a` or `next-generation-b`."""
        return f"next-generation-{self.arrangement.lower()}"

    @property
    def label(self) -> str:
        """The arrangement as people say it."""
        return LABELS[self.arrangement]

    @property
    def alignment(self) -> Alignment:
        """Whom it counts: weighted allowed charges of two years."""
        return Alignment("weighted_charges", "next_generation")

    @property
    def truncated(self) -> bool:
        """Each person's dollars end at the national 99th percentile."""
        return True

    @cached_property
    def terms(self) -> NextGenerationTerms:
        """The parameters of the arrangement in the rules' year."""
        return terms_for(self.arrangement, self.rules_year)

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time."""
        found: dict[str, dict[str, Value]] = {
            "Risk adjustment": {"benchmark.risk_ratio": 1.0},
            "Cap on risk growth": {"benchmark.risk_ratio_cap": None},
            "Discount": {"benchmark.discount": 0.0},
            "Results that depend on quality": {"settlement.quality_score": 1.0},
            "Cap of savings and losses": {"settlement.savings_losses_cap": None},
            "Sequestration": {"settlement.sequestration": 0.0},
        }
        if "fixed" not in self.terms.discount.value:
            found["Efficiency in the discount"] = {"discount.regional": 0.0, "discount.national": 0.0}
        if self.terms.risk_share.value < 1:
            found["Share kept by Medicare"] = {"settlement.risk_share": 1.0}
        if self.geographic_adjustment is not None:
            found["Change of regional prices"] = {"trend.geographic_adjustment": 1.0}
        return found

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of the figures of `by1`, `by2`, `by3` and `py`; BY1 and BY2 decide nothing.

        Raises ConfigurationError where a year is missing.
        """
        check_years(years, self.performance_year)
        title = f"{self.aco_id} {self.name}".strip() or self.label
        sheet = Worksheet("next_generation", title, self.performance_year, about=self._about())
        scribe = Scribe(sheet, NEXT_GENERATION_LINES, self.sources, self.basis, supposed)
        added_back, lines = self._add_payments(scribe)
        add_people(scribe, years["py"])
        _add_trends(scribe, self, years)
        _add_benchmark(scribe, self.terms, years)
        scribe.given("settlement.quality_score", self.quality_score)
        _add_discount(scribe, self.terms, years["by3"])
        _add_total_benchmark(scribe, self.terms)
        add_expenditures(scribe, years["py"], added_back, lines)
        _add_settlement(scribe, self, add_difference(scribe))
        if self.payment_mechanism == "infrastructure":
            _add_infrastructure(scribe, self.infrastructure_pbpm)
        add_due(scribe)
        return sheet

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """The ACO's share of losses at the cap, US dollars; infinite without a cap."""
        if sheet["settlement.savings_losses_cap"] is None:
            return math.inf
        applies_to = self.terms.savings_losses_cap.value["applies_to"]
        share, limit = (sheet.number(f"settlement.{name}") for name in ("risk_share", "savings_losses_cap"))
        return rule.most_owed(share, limit, applies_to)

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Monthly payments with the fees they replace, infrastructure payments, and the settlement; see `flows_of`."""
        return flows_of(sheet, self.terms.settlement_quarter.value)

    def _about(self) -> dict[str, str]:
        found = {
            "aco_id": self.aco_id,
            "name": self.name,
            "arrangement": self.label,
            "rules_year": str(self.rules_year),
            "as_if": as_if(self.performance_year, self.rules_year, "Next Generation ACO Model"),
        }
        return {name: value for name, value in found.items() if value}

    def _add_payments(self, scribe: Scribe) -> tuple[float, list[str]]:
        scribe.given("payments.mechanism", self.payment_mechanism)
        return add_fee_reduction(scribe, self.fee_reduction) if self.fee_reduction else (0.0, [])

    def _check_cap(self) -> None:
        limits = self.terms.savings_losses_cap
        chosen, low, high = self.savings_losses_cap, limits.value["lowest"], limits.value["highest"]
        if chosen is not None and not low <= chosen <= high:
            raise ConfigurationError(
                f"the cap of savings and losses is {chosen}", remedy=f"Choose from {low} to {high} ({limits.cite})."
            )

    def _check_mechanism(self) -> None:
        offered, chosen = self.terms.payment_mechanisms, self.payment_mechanism
        if chosen not in offered.value:
            raise ConfigurationError(
                f"{self.rules_year} had no payment mechanism {chosen!r}", remedy=f"Choose from {offered.value}."
            )
        if (chosen in REPLACING) != (self.fee_reduction is not None):
            raise ConfigurationError(
                f"payment mechanism {chosen!r} {'needs' if chosen in REPLACING else 'has no'} fee reduction"
            )
        if chosen == "all_inclusive" and self.fee_reduction and self.fee_reduction.share != 1:
            raise ConfigurationError("all-inclusive payments replace all fees", remedy="State a share of 1.")
        most = self.terms.infrastructure_payment
        if not 0 <= self.infrastructure_pbpm <= most.value or (self.infrastructure_pbpm and chosen != "infrastructure"):
            raise ConfigurationError(
                f"an infrastructure payment of {self.infrastructure_pbpm} with payment mechanism {chosen!r}",
                remedy=f"At most {most.value} a beneficiary and month, with `infrastructure` alone.",
            )


def _add_trends(scribe: Scribe, contract: NextGenerationContract, years: Mapping[str, YearInputs]) -> None:
    for kind in ENROLLMENT_TYPES:
        ends = [f"trend.national_per_capita.{kind}.{name}" for name in ("by3", "py")]
        before, after = (
            scribe.given(id, years[name].national_per_capita[kind])
            for id, name in zip(ends, ("by3", "py"), strict=True)
        )
        projected = scribe.given(
            f"trend.projected.{kind}",
            contract.projected_trend[kind] if contract.projected_trend else None,
            note="" if contract.projected_trend else "Not stated.",
        )
        trend = scribe.computed(
            f"trend.national.{kind}",
            after / before if projected is None else projected,
            [f"trend.projected.{kind}", *ends],
            note="As observed; CMS projected it before the year." if projected is None else "",
        )
        stated = contract.geographic_adjustment
        prices = scribe.given(
            f"trend.geographic_adjustment.{kind}",
            stated[kind] if stated else 1.0,
            note="" if stated else "Not stated: prices are taken to move as the nation's.",
        )
        scribe.computed(
            f"trend.regional.{kind}", trend * prices, [f"trend.national.{kind}", f"trend.geographic_adjustment.{kind}"]
        )


def _add_benchmark(scribe: Scribe, terms: NextGenerationTerms, years: Mapping[str, YearInputs]) -> None:
    cap = scribe.computed("benchmark.risk_ratio_cap", terms.risk_ratio_cap.value, basis=[terms.risk_ratio_cap])
    for kind in ENROLLMENT_TYPES:
        spent = scribe.given(f"benchmark.per_capita.{kind}.by3", years["by3"].per_capita[kind])
        scores = [f"benchmark.risk_score.{kind}.{name}" for name in ("by3", "py")]
        before, after = (
            scribe.given(id, years[name].risk_score[kind]) for id, name in zip(scores, ("by3", "py"), strict=True)
        )
        within, without = (rule.risk_ratio(after, before, most) for most in (cap, None))
        ratio = scribe.computed(
            f"benchmark.risk_ratio.{kind}",
            within,
            [*scores, "benchmark.risk_ratio_cap"],
            note="The cap binds." if within != without else "",
        )
        base, lines, note = spent, [f"benchmark.per_capita.{kind}.by3"], ""
        if not spent:
            national = f"trend.national_per_capita.{kind}.by3"
            base, lines = scribe.sheet.number(national), [national]
            note = "Nobody of this type in the baseline: the national amount stands for it."
        scribe.computed(
            f"benchmark.updated.{kind}",
            base * scribe.sheet.number(f"trend.regional.{kind}") * ratio,
            [*lines, f"trend.regional.{kind}", f"benchmark.risk_ratio.{kind}"],
            note=note,
        )


def _add_discount(scribe: Scribe, terms: NextGenerationTerms, baseline: YearInputs) -> None:
    stated = terms.discount.value
    if "fixed" in stated:
        scribe.computed("benchmark.discount", stated["fixed"], basis=[terms.discount])
        return
    ratios = _add_efficiency(scribe, baseline)
    score = scribe.sheet.number("settlement.quality_score")
    parts = {
        "standard": scribe.computed("discount.standard", stated["standard"], basis=[terms.discount]),
        "quality": scribe.computed(
            "discount.quality",
            rule.quality_adjustment(score, stated["quality"]),
            ["settlement.quality_score"],
            [terms.discount],
        ),
    }
    for name, ratio in ratios.items():
        parts[name] = scribe.computed(
            f"discount.{name}",
            rule.efficiency_adjustment(ratio, stated[name], stated["full_at"]),
            [f"discount.{name}_ratio"],
            [terms.discount],
        )
    scribe.computed("benchmark.discount", math.fsum(parts.values()), [f"discount.{name}" for name in parts])


def _add_efficiency(scribe: Scribe, baseline: YearInputs) -> dict[str, float]:
    """The ACO's baseline year against what its region and the nation would have spent at its risk."""
    spent, regional, national = [], [], []
    lines: dict[str, list[str]] = {"spent": [], "regional_expected": [], "national_expected": []}
    for kind in ENROLLMENT_TYPES:
        people, region = f"discount.person_years.{kind}", f"discount.regional_per_capita.{kind}"
        years = scribe.given(people, baseline.person_years[kind])
        at_one = scribe.given(region, baseline.regional_per_capita[kind])
        own, score = f"benchmark.per_capita.{kind}.by3", f"benchmark.risk_score.{kind}.by3"
        nation = f"trend.national_per_capita.{kind}.by3"
        risk = scribe.sheet.number(score)
        spent.append(scribe.sheet.number(own) * years)
        regional.append(at_one * risk * years)
        national.append(scribe.sheet.number(nation) * risk * years)
        lines["spent"] += [own, people]
        lines["regional_expected"] += [region, score, people]
        lines["national_expected"] += [nation, score, people]
    total = scribe.computed("discount.spent", math.fsum(spent), lines["spent"])
    found = {}
    for name, amounts in (("regional", regional), ("national", national)):
        expected = scribe.computed(
            f"discount.{name}_expected", math.fsum(amounts), list(dict.fromkeys(lines[f"{name}_expected"]))
        )
        found[name] = scribe.computed(
            f"discount.{name}_ratio",
            rule.efficiency_ratio(total, expected),
            ["discount.spent", f"discount.{name}_expected"],
        )
    return found


def _add_total_benchmark(scribe: Scribe, terms: NextGenerationTerms) -> None:
    sheet = scribe.sheet
    per_capita = add_weighted_total(
        scribe, "benchmark.updated", "update.proportion", "benchmark.per_capita_before_discount"
    )
    total = scribe.computed(
        "benchmark.total_before_discount",
        per_capita * sheet.number("settlement.person_years"),
        ["benchmark.per_capita_before_discount", "settlement.person_years"],
    )
    withhold = scribe.computed(
        "settlement.quality_withhold", terms.quality_withhold.value, basis=[terms.quality_withhold]
    )
    lost = scribe.computed(
        "settlement.withhold_lost",
        rule.withheld_and_lost(withhold, sheet.number("settlement.quality_score")),
        ["settlement.quality_withhold", "settlement.quality_score"],
    )
    scribe.computed(
        "settlement.total_benchmark",
        total * (1 - sheet.number("benchmark.discount")) * (1 - lost),
        ["benchmark.total_before_discount", "benchmark.discount", "settlement.withhold_lost"],
    )


def _add_settlement(scribe: Scribe, contract: NextGenerationContract, difference: float) -> None:
    terms, limits = contract.terms, contract.terms.savings_losses_cap
    share = scribe.computed("settlement.risk_share", terms.risk_share.value, basis=[terms.risk_share])
    if contract.savings_losses_cap is None:
        highest = limits.value["highest"]
        chosen = scribe.computed("settlement.cap_chosen", highest, basis=[limits], note="Not stated: the highest.")
    else:
        chosen = scribe.given("settlement.cap_chosen", contract.savings_losses_cap)
    limit = scribe.computed(
        "settlement.savings_losses_cap",
        chosen * scribe.sheet.number("settlement.total_benchmark"),
        ["settlement.cap_chosen", "settlement.total_benchmark"],
        [limits],
    )
    applies_to = limits.value["applies_to"]
    within, without = (rule.shared(difference, share, most, applies_to) for most in (limit, None))
    shared = scribe.computed(
        "settlement.shared",
        within,
        ["settlement.difference", "settlement.risk_share", "settlement.savings_losses_cap"],
        [limits],
        note="The cap binds." if within != without else "",
    )
    withheld = scribe.computed(
        "settlement.sequestration",
        rule.sequestration(shared, terms.sequestration_rate.value),
        ["settlement.shared"],
        [terms.sequestration_rate],
    )
    scribe.computed("settlement.payment", shared - withheld, ["settlement.shared", "settlement.sequestration"])


def _add_infrastructure(scribe: Scribe, per_beneficiary_month: float) -> None:
    monthly = scribe.given("payments.infrastructure_pbpm", per_beneficiary_month)
    scribe.computed(
        "payments.infrastructure",
        fee_reductions.infrastructure_payments(monthly, scribe.sheet.number("settlement.person_years")),
        ["payments.infrastructure_pbpm", "settlement.person_years"],
    )

"""The Pioneer ACO Model (2012–2016) as a contract: from the figures of four years to the settlement, line by line.

Rules stand in `rules/pioneer`, numbers and how sure they are in `parameters/pioneer`. The benchmark is computed by the
four enrollment types; the model knew two, aged and disabled, and end-stage renal disease. Not modeled: the reference
population by age, sex and date of death with which the model compared its own.
"""

from __future__ import annotations

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
from openaco.programs.mssp.inputs import BENCHMARK_YEARS, YEARS, YearInputs
from openaco.programs.pioneer.lines import PIONEER_LINES
from openaco.programs.scribe import Scribe
from openaco.rules import pioneer as rule
from openaco.rules.cited import Cited
from openaco.rules.pioneer import Arrangement, PioneerTerms, terms_for
from openaco.rules.sharing import meets_minimum
from openaco.worksheet import Value, Worksheet

LABELS: dict[Arrangement, str] = {
    "core": "Pioneer, core arrangement",
    "option_a": "Pioneer, Option A",
    "option_b": "Pioneer, Option B",
    "alternative_1": "Pioneer, Alternative 1",
    "alternative_2": "Pioneer, Alternative 2",
}
FIRST_YEAR = 2012
_ONE_SIDED = "Does not apply: losses are not shared in this year of the arrangement."


@dataclass(frozen=True)
class PioneerContract:
    """One ACO under one arrangement for one year; fulfills `openaco.programs.contract.Contract`.

    performance_year       the year whose figures are settled
    rules_year             the year of the model, 2012 to 2016, whose terms apply; 2012 is its first performance year
    quality_score          from 0 to 1; None where nothing was reported
    minimum_savings_rate   what CMS set for the ACO, where known
    average_savings_rate   savings as a share of the benchmark, mean of the first two years: decides whether
                           population-based payments may be chosen
    required_savings_rate  the rate needed in the ACO's State, where known
    fee_reduction          population-based payments, where chosen
    sources, basis         where given lines came from and what they rest on, as `Scribe` takes them
    """

    arrangement: Arrangement
    performance_year: int
    rules_year: int
    quality_score: float | None
    aco_id: str = ""
    name: str = ""
    minimum_savings_rate: float | None = None
    average_savings_rate: float | None = None
    required_savings_rate: float | None = None
    fee_reduction: FeeReduction | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigurationError for scores outside 0 to 1, ParameterError for years without the model."""
        check_share(self.quality_score, "the quality score")
        check_share(self.minimum_savings_rate, "the minimum savings rate")
        payments = self.terms.population_based_payment
        if self.fee_reduction and payments.value and self.fee_reduction.share > payments.value["greatest_share"]:
            raise ConfigurationError(
                f"population-based payments replace {self.fee_reduction.share} of fees",
                remedy=f"At most {payments.value['greatest_share']} ({payments.cite}).",
            )

    @property
    def id(self) -> str:
        """`pioneer-core`, `pioneer-option-a`, `pioneer-alternative-1`."""
        return f"pioneer-{self.arrangement.replace('_', '-')}"

    @property
    def label(self) -> str:
        """The arrangement as people say it."""
        return LABELS[self.arrangement]

    @property
    def alignment(self) -> Alignment:
        """Whom it counts: weighted allowed charges of three years."""
        return Alignment("weighted_charges", "pioneer")

    @property
    def truncated(self) -> bool:
        """Each person's dollars end at the national 99th percentile."""
        return True

    @cached_property
    def terms(self) -> PioneerTerms:
        """The parameters of the arrangement in the rules' year."""
        return terms_for(self.arrangement, self.rules_year)

    @property
    def rules(self) -> Mapping[str, Mapping[str, Value]]:
        """The rules that can be turned off one at a time."""
        found: dict[str, dict[str, Value]] = {
            "Growth of older baseline years": {"benchmark.trend_to_by3": 1.0},
            "Weights of the baseline years": {"benchmark.weight": 1 / len(BENCHMARK_YEARS)},
            "Growth by amount": {"benchmark.weight_of_percent": 1.0},
            "Minimum savings rate": {"settlement.minimum_savings_rate": 0.0},
            "Rates that depend on quality": {"settlement.quality_share": 1.0},
            "Limit of savings": {"settlement.savings_cap": None},
            "Sequestration": {"settlement.sequestration": 0.0},
        }
        if self.terms.two_sided:
            found["Sharing of losses"] = {"settlement.shared_loss_rate": 0.0}
            found["Limit of losses"] = {"settlement.losses_cap": None}
        return found

    def settle(self, years: Mapping[str, YearInputs], supposed: Mapping[str, Value] | None = None) -> Worksheet:
        """The settlement of the figures of `by1`, `by2`, `by3` and `py`.

        Raises ConfigurationError where a year is missing.
        """
        check_years(years, self.performance_year)
        title = f"{self.aco_id} {self.name}".strip() or self.label
        sheet = Worksheet("pioneer", title, self.performance_year, about=self._about())
        scribe = Scribe(sheet, PIONEER_LINES, self.sources, self.basis, supposed)
        _add_benchmark(scribe, self.terms, years)
        added_back, lines = _add_population_payments(scribe, self)
        add_people(scribe, years["py"])
        add_expenditures(scribe, years["py"], added_back, lines)
        _add_total_benchmark(scribe)
        difference = add_difference(scribe)
        met = _add_minimum(scribe, self, difference)
        _add_rates(scribe, self)
        earned = _add_savings(scribe, self.terms, difference if met else 0.0)
        owed = _add_losses(scribe, self.terms, difference if met else 0.0)
        scribe.computed(
            "settlement.payment", earned + owed, ["settlement.earned_payment", "settlement.losses_after_cap"]
        )
        add_due(scribe)
        return sheet

    def capital_at_risk(self, sheet: Worksheet) -> float:
        """The limit of shared losses, US dollars; 0 where losses are not shared, infinite without a limit."""
        if not self.terms.two_sided:
            return 0.0
        limit = sheet["settlement.losses_cap"]
        return float("inf") if limit is None else -sheet.number("settlement.losses_cap")

    def cash_flows(self, sheet: Worksheet) -> list[CashFlow]:
        """Population-based payments with the fees they replace, and the settlement; see `flows_of`."""
        return flows_of(sheet, self.terms.settlement_quarter.value)

    def _about(self) -> dict[str, str]:
        found = {
            "aco_id": self.aco_id,
            "name": self.name,
            "arrangement": self.label,
            "rules_year": f"{self.rules_year} (performance year {self.rules_year - FIRST_YEAR + 1} of the model)",
            "as_if": as_if(self.performance_year, self.rules_year, "Pioneer ACO Model"),
        }
        return {name: value for name, value in found.items() if value}


def _add_benchmark(scribe: Scribe, terms: PioneerTerms, years: Mapping[str, YearInputs]) -> None:
    stated = dict(zip(BENCHMARK_YEARS, terms.baseline_weights.value, strict=True))
    weights = {
        name: scribe.computed(f"benchmark.weight.{name}", weight, basis=[terms.baseline_weights])
        for name, weight in stated.items()
    }
    scribe.computed("benchmark.weight_of_percent", terms.growth_blend.value, basis=[terms.growth_blend])
    for kind in ENROLLMENT_TYPES:
        national = {
            name: scribe.given(f"benchmark.national_per_capita.{kind}.{name}", years[name].national_per_capita[kind])
            for name in YEARS
        }
        _add_baseline(scribe, kind, years, weights, national)
        _add_growth(scribe, kind, national)


def _add_baseline(
    scribe: Scribe,
    kind: str,
    years: Mapping[str, YearInputs],
    weights: Mapping[str, float],
    national: Mapping[str, float],
) -> None:
    trended, lines = {}, []
    for name in BENCHMARK_YEARS:
        own, growth = f"benchmark.per_capita.{kind}.{name}", f"benchmark.trend_to_by3.{kind}.{name}"
        spent = scribe.given(own, years[name].per_capita[kind])
        ends = [f"benchmark.national_per_capita.{kind}.{year}" for year in ("by3", name)]
        factor = scribe.computed(growth, national["by3"] / national[name], ends)
        trended[name] = scribe.computed(f"benchmark.trended.{kind}.{name}", spent * factor, [own, growth])
        lines += [f"benchmark.trended.{kind}.{name}", f"benchmark.weight.{name}"]
    baseline = rule.weighted_baseline(trended, weights)
    note = ""
    if baseline is None:
        baseline, note = national["by3"], "Nobody of this type in the baseline: the national amount stands for it."
        lines = [f"benchmark.national_per_capita.{kind}.by3"]
    elif not all(trended.values()):
        note = "A baseline year without people of this type: its weight falls to the others."
    scribe.computed(f"benchmark.baseline.{kind}", baseline, lines, note=note)


def _add_growth(scribe: Scribe, kind: str, national: Mapping[str, float]) -> None:
    baseline = scribe.sheet.number(f"benchmark.baseline.{kind}")
    ends = [f"benchmark.baseline.{kind}", *(f"benchmark.national_per_capita.{kind}.{year}" for year in ("by3", "py"))]
    nation = (national["by3"], national["py"])
    percent = scribe.computed(f"benchmark.grown_by_percent.{kind}", rule.grown_by_percent(baseline, *nation), ends)
    amount = scribe.computed(f"benchmark.grown_by_amount.{kind}", rule.grown_by_amount(baseline, *nation), ends)
    weight = scribe.sheet.number("benchmark.weight_of_percent")
    scribe.computed(
        f"benchmark.updated.{kind}",
        percent * weight + amount * (1 - weight),
        [f"benchmark.grown_by_percent.{kind}", f"benchmark.grown_by_amount.{kind}", "benchmark.weight_of_percent"],
    )


def _add_population_payments(scribe: Scribe, contract: PioneerContract) -> tuple[float, list[str]]:
    """Population-based payments where chosen and earned; returns the fees to add back and their lines."""
    payments, chosen = contract.terms.population_based_payment, contract.fee_reduction
    if chosen is None:
        scribe.given("payments.mechanism", "fee_for_service")
        return 0.0, []
    required = contract.required_savings_rate
    if required is None and payments.value:
        required = payments.value["required_savings"]
    average = scribe.given("payments.average_savings", contract.average_savings_rate)
    needed = scribe.computed("payments.required_savings", required, basis=[payments])
    eligible = scribe.computed(
        "payments.eligible",
        bool(payments.value) and rule.may_choose_population_payments(average, needed),
        ["payments.average_savings", "payments.required_savings"],
        [payments],
        note="" if payments.value else "Not before the third year of the model.",
    )
    note = "" if eligible else "Population-based payments were chosen, but may not be."
    scribe.given("payments.mechanism", "population_based" if eligible else "fee_for_service", note=note)
    return add_fee_reduction(scribe, chosen) if eligible else (0.0, [])


def _add_total_benchmark(scribe: Scribe) -> None:
    per_capita = add_weighted_total(scribe, "benchmark.updated", "update.proportion", "settlement.benchmark_per_capita")
    scribe.computed(
        "settlement.total_benchmark",
        per_capita * scribe.sheet.number("settlement.person_years"),
        ["settlement.benchmark_per_capita", "settlement.person_years"],
    )


def _add_minimum(scribe: Scribe, contract: PioneerContract, difference: float) -> bool:
    """The corridor. Returns whether savings or losses reach its end."""
    terms, stated = (
        contract.terms,
        scribe.given("settlement.minimum_savings_rate_stated", contract.minimum_savings_rate),
    )
    beneficiaries = scribe.sheet.number("settlement.assigned_beneficiaries")
    rate = stated
    if stated is None:
        rate = rule.minimum_savings_rate(terms.minimum_savings_rate.value, terms.two_sided, int(beneficiaries))
    rate = scribe.computed(
        "settlement.minimum_savings_rate",
        rate,
        ["settlement.minimum_savings_rate_stated", "settlement.assigned_beneficiaries"],
        [terms.minimum_savings_rate] if stated is None else [],
    )
    minimum = scribe.computed(
        "settlement.minimum_savings",
        rate * scribe.sheet.number("settlement.total_benchmark"),
        ["settlement.minimum_savings_rate", "settlement.total_benchmark"],
    )
    met = meets_minimum(difference, minimum)
    scribe.computed(
        "settlement.outcome",
        ("Savings" if difference > 0 else "Losses") if met else "Neither",
        ["settlement.difference", "settlement.minimum_savings"],
    )
    return met


def _add_rates(scribe: Scribe, contract: PioneerContract) -> None:
    terms = contract.terms
    score = scribe.given("settlement.quality_score", contract.quality_score)
    earned = scribe.computed(
        "settlement.quality_share",
        rule.quality_share(terms.quality_rule.value, score),
        ["settlement.quality_score"],
        [terms.quality_rule],
    )
    greatest = scribe.computed("settlement.greatest_share", terms.sharing.value["share"], basis=[terms.sharing])
    rate = scribe.computed(
        "settlement.sharing_rate", greatest * earned, ["settlement.greatest_share", "settlement.quality_share"]
    )
    scribe.computed(
        "settlement.shared_loss_rate",
        rule.shared_loss_rate(terms.loss_rule.value, greatest, rate) if terms.two_sided else None,
        ["settlement.greatest_share", "settlement.sharing_rate"],
        [terms.loss_rule],
        note="" if terms.two_sided else _ONE_SIDED,
    )


def _add_savings(scribe: Scribe, terms: PioneerTerms, counted: float) -> float:
    sheet = scribe.sheet
    shared = scribe.computed(
        "settlement.shared_savings",
        max(counted, 0.0) * sheet.number("settlement.sharing_rate"),
        ["settlement.difference", "settlement.minimum_savings", "settlement.sharing_rate"],
    )
    withheld = scribe.computed(
        "settlement.sequestration",
        shared * terms.sequestration_rate.value,
        ["settlement.shared_savings"],
        [terms.sequestration_rate],
    )
    limit = scribe.computed(
        "settlement.savings_cap",
        terms.sharing.value["cap"] * sheet.number("settlement.total_benchmark"),
        ["settlement.total_benchmark"],
        [terms.sharing],
    )
    earned = rule.within(shared - withheld, limit)
    scribe.computed(
        "settlement.earned_payment",
        earned,
        ["settlement.shared_savings", "settlement.sequestration", "settlement.savings_cap"],
        note="The limit binds." if earned < shared - withheld else "",
    )
    return sheet.number("settlement.earned_payment")


def _add_losses(scribe: Scribe, terms: PioneerTerms, counted: float) -> float:
    if not terms.two_sided:
        for name in ("shared_losses", "losses_cap", "losses_after_cap"):
            scribe.computed(f"settlement.{name}", None, basis=[terms.sharing], note=_ONE_SIDED)
        return 0.0
    sheet = scribe.sheet
    shared = scribe.computed(
        "settlement.shared_losses",
        min(counted, 0.0) * sheet.number("settlement.shared_loss_rate"),
        ["settlement.difference", "settlement.minimum_savings", "settlement.shared_loss_rate"],
    )
    limit = scribe.computed(
        "settlement.losses_cap",
        -terms.sharing.value["cap"] * sheet.number("settlement.total_benchmark"),
        ["settlement.total_benchmark"],
        [terms.sharing],
    )
    owed = rule.within(shared, None if limit is None else -limit)
    scribe.computed(
        "settlement.losses_after_cap",
        owed,
        ["settlement.shared_losses", "settlement.losses_cap"],
        note="The limit binds." if owed > shared else "",
    )
    return sheet.number("settlement.losses_after_cap")

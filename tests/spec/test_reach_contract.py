"""ACO REACH and LEAD beside the other contracts: one population, the same lines, each rule's worth, the cash."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from mssp_world import KINDS, by_kind, year_inputs
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.configuration import Configuration
from openaco.programs.contract import Contract
from openaco.programs.lead.contract import LeadContract
from openaco.programs.lead.worksheet import LeadElections
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.reach.cohorts import cohort_years
from openaco.programs.reach.contract import ReachContract
from openaco.programs.reach.inputs import Capitation, ReachElections, StopLoss
from openaco.worksheet import Worksheet

COMMON = (
    "settlement.assigned_beneficiaries",
    "settlement.person_years",
    "settlement.total_benchmark",
    "settlement.total_expenditures",
    "settlement.difference",
    "settlement.payment",
)
CAPITATION = Capitation("primary_care", 0.03, 1.0, enhanced=True, advanced_payment=400_000, claims_reduced=3e6)
CHOSEN = ReachElections(capitation=CAPITATION, stop_loss=StopLoss(5e4, 9e4))


def figures(spending: float = 0.9, **py: Any) -> dict[str, YearInputs]:
    years = {name: year_inputs(2019 + number, 1.03**number) for number, name in enumerate(("by1", "by2", "by3"))}
    return {**years, "py": year_inputs(2024, 1.03**5, per_capita=at(spending * 1.03**5), **py)}


def at(level: float) -> dict[str, float]:
    return {kind: amount * level for kind, amount in year_inputs(0, 1.0).per_capita.items()}


CONTRACTS: list[Contract] = [
    ReachContract(2024, "professional", 0.8),
    ReachContract(2024, "global", 0.8),
    ReachContract(2024, "global", 0.8, elections=CHOSEN, rules_year=2025),
    ReachContract(2024, "professional", 0.8, "high_needs", rules_year=2026),
    ReachContract(2024, "global", 0.8, elections=ReachElections(first_year=True, left_early=True), rules_year=2022),
    LeadContract(2024, "global", 0.8),
    LeadContract(2024, "professional", 0.8, elections=LeadElections(spending="higher", capitation=CAPITATION)),
]


def told(contract: Contract) -> str:
    return contract.label


@pytest.mark.parametrize("contract", CONTRACTS, ids=told)
@pytest.mark.parametrize("spending", [0.8, 1.0, 1.3])
def test_the_lines_that_all_contracts_have(contract: Contract, spending: float) -> None:
    sheet = contract.settle(figures(spending))
    assert set(COMMON) <= set(sheet.lines)
    assert sheet["settlement.assigned_beneficiaries"] == 10_000
    assert sheet.number("settlement.person_years") == pytest.approx(9_680)
    benchmark, spent = (sheet.number(f"settlement.total_{what}") for what in ("benchmark", "expenditures"))
    assert sheet.number("settlement.difference") == pytest.approx(benchmark - spent)


@pytest.mark.parametrize("contract", CONTRACTS, ids=told)
@pytest.mark.parametrize("spending", [0.8, 1.0, 1.3])
def test_cash_flows_sum_to_what_the_contract_moves(contract: Contract, spending: float) -> None:
    sheet = contract.settle(figures(spending))
    flows = contract.cash_flows(sheet)
    left_over = 0.0
    if "capitation.base" in sheet.lines:
        left_over = sheet.number("capitation.base") - sheet.number("capitation.claims_reduced")
    assert math.fsum(flow.amount for flow in flows) == pytest.approx(sheet.number("settlement.payment") + left_over)
    assert all(flow.amount and 1 <= flow.quarter <= 8 for flow in flows)


@pytest.mark.parametrize("contract", CONTRACTS, ids=told)
def test_every_rule_names_lines_that_the_worksheet_has(contract: Contract) -> None:
    lines = set(contract.settle(figures()).lines)
    for name, supposed in contract.rules.items():
        for part in supposed:
            found = [line for line in lines if line == part or line.startswith(f"{part}.")]
            conditional = contract.id.startswith("reach") and part.startswith("risk.")
            assert found or conditional, f"{name}: {part}"


def payment(contract: Contract, years: dict[str, YearInputs], rule: str = "") -> float:
    return contract.settle(years, contract.rules[rule] if rule else None).number("settlement.payment")


def test_turning_rules_off_is_worth_what_they_cost() -> None:
    contract, years = ReachContract(2024, "global", 0.5), figures(0.95)
    plain, sheet = payment(contract, years), contract.settle(years)
    trended = sheet.number("benchmark.trended")
    assert payment(contract, years, "Discount") - plain == pytest.approx(0.98 * 0.03 * trended)
    assert payment(contract, years, "Quality withhold") - plain == pytest.approx(0.98 * 0.01 * trended)
    assert payment(contract, years, "Sequestration") == pytest.approx(plain / 0.98)
    professional = ReachContract(2024, "professional", 1.0)
    assert "Discount" not in professional.rules
    whole = payment(professional, years, "Risk corridors")
    assert whole == pytest.approx(0.98 * professional.settle(years).number("settlement.difference"))


def test_the_cap_on_risk_growth_has_a_worth_where_risk_grew() -> None:
    contract = ReachContract(2024, "global", 1.0)
    grown = figures(risk_score={kind: score * 1.1 for kind, score in year_inputs(0, 1.0).risk_score.items()})
    assert payment(contract, grown, "Cap on risk growth") > payment(contract, grown)
    assert contract.settle(grown).number("risk.final_score.esrd") == pytest.approx(1.02 * 1.03)


def test_a_supposed_line_says_what_it_is() -> None:
    contract = ReachContract(2024, "global", 1.0)
    sheet = contract.settle(figures(), contract.rules["Discount"])
    assert sheet.line("benchmark.discount_rate").note == "Supposed; it is 0.03."


def test_ids_labels_alignment_and_truncation() -> None:
    told = [(contract.id, contract.label) for contract in CONTRACTS]
    assert told[0] == ("reach-professional", "ACO REACH Professional")
    assert told[4] == ("reach-global", "GPDC Global")
    assert told[5] == ("lead-global", "LEAD Global (as announced)")
    for contract in CONTRACTS:
        assert (contract.alignment.rule, contract.alignment.variant) == ("weighted_charges", "reach")
        assert not contract.truncated
        assert contract.capital_at_risk(contract.settle(figures())) == math.inf


def test_a_population_of_other_years_is_settled_as_if() -> None:
    sheet = ReachContract(2024, "global", 1.0).settle(figures())
    assert "baseline years 2019, 2020, 2021 instead of 2017, 2018, 2019" in sheet.about["as_if"]
    lead = LeadContract(2024, "global", 1.0).settle(figures())
    assert "the figures of 2024 under the rules of 2027" in lead.about["as_if"]


def test_enrollment_types_become_cohorts_by_person_years() -> None:
    found = cohort_years(figures())
    aged = [kind for kind in KINDS if kind != "esrd"]
    by3 = figures()["by3"]
    people = sum(by3.person_years[kind] for kind in aged)
    spent = sum(by3.per_capita[kind] * by3.person_years[kind] for kind in aged)
    assert found["by3"].person_years["aged_disabled"] == pytest.approx(people)
    assert found["by3"].per_capita["aged_disabled"] == pytest.approx(spent / people)
    assert found["by3"].per_capita["esrd"] == by3.per_capita["esrd"]


def test_national_growth_is_of_prices_not_of_the_mix() -> None:
    """Fewer of the dear and more of the cheap in the performance year: national growth stays 3 percent a year."""
    shifted = figures(person_years=by_kind(80.0, 500.0, 400.0, 8_700.0))
    sheet = ReachContract(2024, "global", 1.0).settle(shifted)
    assert sheet.number("trend.observed.aged_disabled") == pytest.approx(1.03**3)


def test_a_year_with_a_total_alone_has_the_mix_of_the_third() -> None:
    years = figures()
    totals = {**years, "by1": replace(years["by1"], person_years={"total": 9_680.0})}
    contract = ReachContract(2024, "global", 1.0)
    assert payment(contract, totals) == pytest.approx(payment(contract, years))


def test_a_population_without_esrd_settles() -> None:
    nobody = {
        name: replace(
            year, person_years={**year.person_years, "esrd": 0.0}, per_capita={**year.per_capita, "esrd": 0.0}
        )
        for name, year in figures().items()
    }
    for contract in CONTRACTS[:2] + CONTRACTS[5:6]:
        sheet = contract.settle(nobody)
        assert sheet.number("settlement.person_years") == pytest.approx(9_600)
        assert math.isfinite(sheet.number("settlement.payment"))


def configuration(score: float | None = 85.0) -> Configuration:
    return Configuration.model_validate(
        {
            "aco": {"id": "A9990", "name": "Invented ACO"},
            "agreement": {
                "track": "BASIC_E",
                "start": "2022-01-01",
                "period": 1,
                "regional_period": 1,
                "benchmark_years": (2019, 2020, 2021),
                "assignment_method": "retrospective",
                "minimum_savings_rate": 0.01,
                "revenue_status": "high",
            },
            "performance": {2024: {"quality": {"score": score}}},
            "national": {},
        }
    )


def test_name_and_quality_score_come_from_the_configuration() -> None:
    stated = configuration()
    contract = ReachContract.from_configuration(stated, 2024, "global")
    sheet = contract.settle(figures())
    assert (sheet.about["aco_id"], sheet.title) == ("A9990", "A9990 Invented ACO")
    assert sheet["benchmark.quality_score"] == 0.85
    assert "aco.toml:performance.2024.quality.score" in sheet.line("benchmark.quality_score").inputs
    lead = LeadContract.from_configuration(stated, 2024, "professional")
    assert (lead.performance_year, lead.rules_year, lead.quality_score) == (2024, 2027, 0.85)


@pytest.mark.parametrize(("year", "rules_year"), [(2019, 2021), (2021, 2021), (2026, 2026), (2027, 2026)])
def test_a_year_without_the_model_stands_by_its_nearest_year_if_asked_from_the_configuration(
    year: int, rules_year: int
) -> None:
    stated = configuration()
    known = stated.model_copy(update={"performance": {year: stated.performance[2024]}})
    assert ReachContract.from_configuration(known, year, "global").rules_year == rules_year


@pytest.mark.parametrize("model", [ReachContract, LeadContract])
def test_a_score_that_nobody_stated_is_asked_for(model: Any) -> None:
    contract = model.from_configuration(configuration(None), 2024, "global")
    with pytest.raises(ConfigurationError, match=r"performance\.2024\.quality\.score: no quality score is stated"):
        contract.settle(figures())


@pytest.mark.parametrize("contract", CONTRACTS, ids=told)
def test_figures_of_another_year_or_without_a_year_are_refused(contract: Contract) -> None:
    with pytest.raises(ConfigurationError, match="no figures of by2"):
        contract.settle({name: year for name, year in figures().items() if name != "by2"})
    with pytest.raises(ConfigurationError, match="the figures are of 2025, the contract of 2024"):
        contract.settle({**figures(), "py": replace(figures()["py"], year=2025)})


def lead(spent: float, **elections: Any) -> Worksheet:
    return LeadContract(2024, "global", 1.0, elections=LeadElections(**elections)).settle(figures(spent))


def test_lead_gives_lower_spending_acos_a_part_of_the_difference_to_their_region() -> None:
    sheet = lead(0.9)
    assert sheet["spending.class"] == "lower"
    difference = sheet.number("baseline.regional.aged_disabled") - sheet.number("baseline.historical.aged_disabled")
    capped = min(0.5 * difference, 0.05 * sheet.number("baseline.historical.aged_disabled"))
    assert sheet.number("benchmark.regional_efficiency.aged_disabled") == pytest.approx(capped)
    assert sheet.number("benchmark.share") == pytest.approx(0.97)
    assert sheet.number("settlement.administrative_add_on") == 0
    prior = lead(0.9, prior_savings_adjustment=5_000.0)
    assert prior["benchmark.adjustment"] == "prior savings"
    assert prior.number("baseline.blended.esrd") == pytest.approx(prior.number("baseline.historical.esrd") + 5_000)


def test_lead_gives_higher_spending_acos_an_add_on_and_half_the_discount() -> None:
    sheet = lead(0.9, spending="higher")
    assert sheet.number("benchmark.share") == pytest.approx(1 - 0.0175)
    assert sheet.number("benchmark.regional_efficiency.aged_disabled") == 0
    add_on = sheet.number("settlement.administrative_add_on")
    assert add_on == pytest.approx(0.015 * sheet.number("settlement.total_benchmark"))
    after = sheet.number("settlement.shared_after_sequestration")
    assert sheet.number("settlement.payment") == pytest.approx(after + add_on)


def test_lead_caps_risk_guards_the_trend_and_asks_for_a_guarantee() -> None:
    sheet = lead(0.9, prospective_trend={"aged_disabled": 1.5, "esrd": 0.5})
    two_way = sheet.number("trend.two_way.aged_disabled")
    assert sheet.number("trend.guarded.aged_disabled") == pytest.approx(two_way + 0.003)
    assert sheet.number("trend.guarded.esrd") == pytest.approx(sheet.number("trend.two_way.esrd") - 0.002)
    assert sheet.number("trend.update.aged_disabled") == pytest.approx(two_way + 0.001)
    by3 = figures()["by3"]
    spent = sum(by3.per_capita[kind] * by3.person_years[kind] for kind in KINDS)
    assert sheet.number("settlement.financial_guarantee") == pytest.approx(0.04 * spent)


def test_lead_sequesters_losses_as_well() -> None:
    sheet = lead(1.4)
    shared = sheet.number("settlement.shared_savings")
    assert shared < 0
    assert sheet.number("settlement.payment") == pytest.approx(shared * 1.02)


def test_every_line_of_lead_is_unverified() -> None:
    assert {line.confidence for line in lead(0.9)} == {"unverified"}


def test_years_of_lead_that_are_not_announced_are_errors() -> None:
    with pytest.raises(ParameterError, match="no value for performance_year 2028"):
        LeadContract(2024, "global", 1.0, 2028).settle(figures())

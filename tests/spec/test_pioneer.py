"""The Pioneer contract: settlements by hand for every arrangement, both signs, and at each boundary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_world import BENCHMARK, alike, plain_years
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.contract import Alignment
from openaco.programs.model_settlement import FeeReduction
from openaco.programs.pioneer.contract import PioneerContract
from openaco.rules.pioneer import grown_by_amount, may_choose_population_payments
from spec_tables import cells

CENT = 0.005


def contract(arrangement: Any = "core", rules_year: int = 2013, quality: float | None = 0.8, **more: Any) -> Any:
    return PioneerContract(arrangement, 2023, rules_year, quality, "A9990", "Invented ACO", **more)


WORKED = """
arrangement   | year | quality | saved       | payment   | why
------------- | ---- | ------- | ----------- | --------- | ---
core          | 2012 | 0.8     | 5000000     | 3000000   | 60%, reporting earns it all, no sequestration
core          | 2012 |         | 5000000     | 0         | nothing reported
core          | 2012 | 0.8     | -5000000    | -2000000  | 1 - 60%
core          | 2012 | 0.8     | 20000000    | 10000000  | limit 10%
core          | 2013 | 0.8     | 5000000     | 2744000   | 70% x 0.8, less 2%
core          | 2013 | 0.8     | -5000000    | -2200000  | 1 - 56%
core          | 2013 | 0.8     | 30000000    | 15000000  | limit 15%: 16,464,000 otherwise
core          | 2013 | 0.2     | -30000000   | -15000000 | loss rate at most 70%, limit 15%
core          | 2013 | 0.2     | -10000000   | -7000000  | 1 - 14%, at most 70%
core          | 2016 | 1.0     | 5000000     | 3430000   | fifth year
option_a      | 2012 | 1.0     | 5000000     | 2500000   | 50%
option_a      | 2012 | 1.0     | -5000000    | -2500000  | 50%
option_a      | 2012 | 1.0     | 12000000    | 5000000   | limit 5%
option_a      | 2013 | 1.0     | 5000000     | 2940000   | 60%
option_b      | 2012 | 1.0     | 5000000     | 3500000   | 70%
option_b      | 2012 | 1.0     | -5000000    | -1500000  | 1 - 70%
option_b      | 2013 | 0.8     | 5000000     | 2940000   | 75% x 0.8
option_b      | 2013 | 0.8     | -5000000    | -2000000  | 1 - 60%
alternative_1 | 2012 | 1.0     | 5000000     | 2500000   | 50%
alternative_1 | 2012 | 1.0     | -5000000    | 0         | one-sided
alternative_1 | 2013 | 0.8     | 5000000     | 2548000   | 65% x 0.8
alternative_1 | 2013 | 0.8     | -5000000    | -2400000  | 1 - 52%
alternative_2 | 2012 | 1.0     | 5000000     | 3000000   | 60%
alternative_2 | 2012 | 1.0     | -5000000    | 0         | one-sided
alternative_2 | 2013 | 0.8     | 5000000     | 2744000   | 70% x 0.8
alternative_2 | 2013 | 0.8     | -5000000    | -2200000  | 1 - 56%
core          | 2013 | 0.8     | 1000000     | 548800    | exactly the minimum of 1%
core          | 2013 | 0.8     | 999999      | 0         | a dollar less
core          | 2013 | 0.8     | -1000000    | -440000   | exactly the minimum of 1%
core          | 2013 | 0.8     | -999999     | 0         | a dollar less
core          | 2013 | 0.8     | 0           | 0         | neither
alternative_1 | 2012 | 1.0     | 3000000     | 1500000   | one-sided: 3.0% for 10,000 people
alternative_1 | 2012 | 1.0     | 2999999     | 0         | a dollar less
"""


@pytest.mark.parametrize("row", cells(WORKED), ids=lambda row: f"{row['arrangement']}-{row['year']}-{row['saved']}")
def test_worked_settlements(row: dict[str, str | None]) -> None:
    quality = float(row["quality"]) if row["quality"] else None
    made = contract(row["arrangement"], int(row["year"] or 0), quality)
    sheet = made.settle(plain_years(float(row["saved"] or 0)))
    assert sheet["settlement.total_benchmark"] == pytest.approx(BENCHMARK, abs=CENT)
    assert sheet["settlement.difference"] == pytest.approx(float(row["saved"] or 0), abs=CENT)
    assert sheet["settlement.payment"] == pytest.approx(float(row["payment"] or 0), abs=CENT), row["why"]


def test_published_results_of_2012() -> None:
    """The greatest savings, 23.34 million, paid 14.00 million; the one ACO that owed, 2.55 of 5.1 million lost."""
    larger = {"person_years": alike(10_000.0), "per_capita": alike(10_000.0 - 583.5)}
    paid = contract("core", 2012, 1.0).settle(plain_years(**larger))
    assert paid["settlement.difference"] == pytest.approx(23_340_000)
    assert round(paid.number("settlement.payment") / 1e6, 2) == 14.00
    owed = contract("option_a", 2012, 1.0).settle(plain_years(-5_100_000))
    assert owed["settlement.payment"] == pytest.approx(-2_550_000)


def test_benchmark_by_hand() -> None:
    years = plain_years()
    figures = {
        "by1": (7_000.0, 8_000.0),
        "by2": (8_100.0, 9_000.0),
        "by3": (9_500.0, 10_000.0),
        "py": (9_000.0, 11_000.0),
    }
    for name, (own, nation) in figures.items():
        years[name] = replace(years[name], per_capita=alike(own), national_per_capita=alike(nation))
    sheet = contract().settle(years)
    assert sheet["benchmark.trended.esrd.by1"] == pytest.approx(8_750.0)
    assert sheet["benchmark.baseline.esrd"] == pytest.approx(9_275.0), "875 + 2,700 + 5,700"
    assert sheet["benchmark.grown_by_percent.esrd"] == pytest.approx(10_202.5)
    assert sheet["benchmark.grown_by_amount.esrd"] == pytest.approx(10_275.0)
    assert sheet["settlement.benchmark_per_capita"] == pytest.approx(10_238.75)
    assert sheet.line("benchmark.updated.esrd").confidence == "unverified"


def test_a_benchmark_never_falls_below_zero() -> None:
    assert grown_by_amount(3_000.0, 60_000.0, 50_000.0) == 0.0
    assert grown_by_amount(3_000.0, 60_000.0, 57_000.5) == 0.5


def test_a_type_without_people_in_the_baseline() -> None:
    years = plain_years()
    years["by1"] = replace(years["by1"], per_capita={**years["by1"].per_capita, "esrd": 0.0})
    sheet = contract().settle(years)
    assert sheet["benchmark.baseline.esrd"] == pytest.approx(10_000.0)
    assert "its weight falls to the others" in sheet.line("benchmark.baseline.esrd").note
    for name in ("by1", "by2", "by3"):
        years[name] = replace(years[name], per_capita={**years[name].per_capita, "esrd": 0.0})
    sheet = contract().settle(years)
    assert sheet["benchmark.updated.esrd"] == pytest.approx(10_000.0)
    assert "the national amount stands for it" in sheet.line("benchmark.baseline.esrd").note


def test_a_stated_minimum_rate_goes_before_the_table() -> None:
    stated = contract(minimum_savings_rate=0.027)
    assert stated.settle(plain_years(2_600_000))["settlement.outcome"] == "Neither"
    assert stated.settle(plain_years(2_700_000))["settlement.outcome"] == "Savings"


@pytest.mark.parametrize(
    ("average", "required", "may"),
    [(0.02, 0.02, True), (0.0199999, 0.02, False), (0.05, None, False), (None, 0.02, False), (0.0, 0.0, True)],
)
def test_population_based_payments_need_two_percent(average: float, required: float, may: bool) -> None:
    assert may_choose_population_payments(average, required) is may


CHOSEN = FeeReduction(share=0.5, projected_fees=24_000_000.0, actual_fees=22_000_000.0)


def test_population_based_payments_are_reconciled_and_change_no_total() -> None:
    made = contract(rules_year=2014, average_savings_rate=0.02, fee_reduction=CHOSEN)
    sheet = made.settle(plain_years(5_000_000))
    assert sheet["payments.eligible"] is True
    assert sheet["payments.monthly"] == 1_000_000
    assert (sheet["payments.paid"], sheet["payments.fees_reduced"]) == (12_000_000, 11_000_000)
    assert sheet["payments.reconciliation"] == -1_000_000
    assert sheet["settlement.payment"] == pytest.approx(2_744_000)
    assert sheet["settlement.due_at_settlement"] == pytest.approx(1_744_000)
    flows = made.cash_flows(sheet)
    assert sum(flow.amount for flow in flows) == pytest.approx(sheet.number("settlement.payment"))
    by_quarter = {quarter: sum(f.amount for f in flows if f.quarter == quarter) for quarter in (1, 2, 3, 4, 7)}
    assert by_quarter == pytest.approx({1: 250_000, 2: 250_000, 3: 250_000, 4: 250_000, 7: 1_744_000})


def test_fees_that_were_deducted_are_added_back() -> None:
    spent = 10_000.0 - 500.0 - 1_100.0
    made = contract(rules_year=2014, average_savings_rate=0.03, fee_reduction=replace(CHOSEN, deducted=True))
    sheet = made.settle(plain_years(per_capita=alike(spent)))
    assert sheet["settlement.fees_added_back"] == 11_000_000
    assert sheet["settlement.difference"] == pytest.approx(5_000_000)


@pytest.mark.parametrize(("year", "average"), [(2014, 0.0199), (2013, 0.05), (2014, None)])
def test_who_may_not_choose_them_stays_with_fees(year: int, average: float | None) -> None:
    made = contract(rules_year=year, average_savings_rate=average, fee_reduction=CHOSEN)
    sheet = made.settle(plain_years(5_000_000))
    assert sheet["payments.eligible"] is False
    assert sheet["payments.mechanism"] == "fee_for_service"
    assert "payments.paid" not in sheet.lines
    assert sheet["settlement.due_at_settlement"] == sheet["settlement.payment"]


def test_a_state_with_its_own_requirement() -> None:
    made = contract(rules_year=2014, average_savings_rate=0.02, required_savings_rate=0.03, fee_reduction=CHOSEN)
    assert made.settle(plain_years())["payments.eligible"] is False


def test_wrong_choices_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"At most 0\.5"):
        contract(rules_year=2014, fee_reduction=replace(CHOSEN, share=0.51))
    with pytest.raises(ConfigurationError, match="quality score is 80"):
        contract(quality=80.0)
    with pytest.raises(ConfigurationError, match="share of fees"):
        FeeReduction(1.1, 1.0, 1.0)
    with pytest.raises(ConfigurationError, match="below zero"):
        FeeReduction(0.1, -1.0, 1.0)
    for year in (2011, 2017, 2023):
        with pytest.raises(ParameterError, match="no value for performance_year"):
            contract(rules_year=year)
    with pytest.raises(ConfigurationError, match="figures are of 2022"):
        contract().settle(plain_years(performance_year=2022))
    with pytest.raises(ConfigurationError, match="no figures of by1"):
        contract().settle({name: year for name, year in plain_years().items() if name != "by1"})


def test_the_contract_says_what_it_is() -> None:
    made = contract("option_a", 2014)
    assert (made.id, made.alignment) == ("pioneer-option-a", Alignment("weighted_charges", "pioneer"))
    assert made.truncated
    about = made.settle(plain_years()).about
    assert about["as_if"] == "As if: 2023 settled by the terms that 2014 had in the Pioneer ACO Model."
    assert about["rules_year"] == "2014 (performance year 3 of the model)"
    own = PioneerContract("core", 2014, 2014, 1.0).settle(plain_years(performance_year=2014))
    assert "as_if" not in own.about


def test_capital_at_risk_is_the_limit_of_losses() -> None:
    years = plain_years(-1_000_000)
    for arrangement, year, most in (("core", 2012, 10e6), ("option_a", 2012, 5e6), ("alternative_1", 2012, 0.0)):
        made = contract(arrangement, year)
        assert made.capital_at_risk(made.settle(years)) == pytest.approx(most)
    unlimited = contract().settle(years, {"settlement.losses_cap": None})
    assert contract().capital_at_risk(unlimited) == float("inf")

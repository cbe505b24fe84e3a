"""The Shared Savings Program as a contract: every level, its rules one at a time, its risk and its cash."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from typing import Any

import pytest

from mssp_world import aco, agreement, by_kind, year_inputs
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.configuration import Aco, Agreement, ByType, Configuration, Performance, Quality, Track
from openaco.programs.contract import Contract
from openaco.programs.contracts import catalog
from openaco.programs.mssp.contract import MsspContract
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.mssp.worksheet import worksheet
from openaco.worksheet import Worksheet

LEVELS: tuple[Track, ...] = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")
WEIGHTS = by_kind(0.1, 0.1, 0.15, 0.2)


def configuration(contract: Agreement | None = None, year: int = 2024, **result: Any) -> Configuration:
    contract = contract or agreement()
    stated: dict[str, Any] = {"quality": Quality(score=85.0), "participant_revenue": 30_000_000.0}
    if contract.start.year >= 2024:
        stated["accountable_care_prospective_trend"] = ByType(**by_kind(1.04, 1.04, 1.04, 1.04))
    return Configuration(
        aco=Aco(id="A9990", name="Invented ACO"),
        agreement=contract,
        performance={year: Performance(**(stated | result))},
        national={},
    )


def of_2024(**changes: Any) -> Agreement:
    return agreement(datetime.date(2024, 1, 1), **changes)


def years(contract: Agreement, spending: float = 0.96, **performance: Any) -> dict[str, YearInputs]:
    first = contract.benchmark_years[0]
    flat = by_kind(1.0, 1.0, 1.0, 1.0)
    told = {"national_weight": WEIGHTS, "demographic_risk_score": flat}
    benchmark = {name: year_inputs(first + n, 1.03**n, **told) for n, name in enumerate(("by1", "by2", "by3"))}
    plain = year_inputs(2024, 1.03 ** (2024 - first), **told, **performance)
    spent = {kind: amount * spending for kind, amount in plain.per_capita.items()}
    return {**benchmark, "py": replace(plain, per_capita=spent)}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_a_contract_with_the_common_lines(level: Track) -> None:
    told = configuration()
    contract: Contract = MsspContract(told, 2024, track=level)
    assert contract.id == f"mssp-{level.lower().replace('_', '-')}"
    assert contract.label.startswith("MSSP ")
    assert contract.alignment.rule == "shared_savings"
    assert contract.alignment.variant == "retrospective"
    assert contract.truncated
    sheet = contract.settle(years(told.agreement))
    for name in ("assigned_beneficiaries", "person_years", "total_benchmark", "total_expenditures", "difference"):
        assert sheet.number(f"settlement.{name}") > 0, name
    assert sheet.number("settlement.payment") > 0


def test_the_stated_contract_settles_like_the_program() -> None:
    contract = MsspContract(configuration(), 2024)
    plain = worksheet(aco(performance=years(agreement())["py"]))
    assert contract.level == "BASIC_E"
    assert contract.settle(years(agreement()))["settlement.payment"] == plain["settlement.payment"]


def test_a_level_stated_for_the_year_goes_before_the_agreement_s() -> None:
    told = configuration(agreement(track="BASIC_B", minimum_savings_rate="variable"), track="BASIC_C")
    assert MsspContract(told, 2024).id == "mssp-basic-c"
    assert MsspContract(told, 2024, track="ENHANCED").id == "mssp-enhanced"


def test_another_minimum_savings_rate_can_be_chosen() -> None:
    told = configuration()
    chosen = MsspContract(told, 2024, minimum_savings_rate=0.02).settle(years(told.agreement))
    assert chosen["settlement.minimum_savings_rate"] == 0.02
    assert MsspContract(told, 2024).settle(years(told.agreement))["settlement.minimum_savings_rate"] == 0.01
    with pytest.raises(ConfigurationError, match=r"0\.03"):
        MsspContract(told, 2024, minimum_savings_rate=0.03).settle(years(told.agreement))


def test_levels_share_at_their_own_rates() -> None:
    told = configuration()
    paid = {
        level: MsspContract(told, 2024, track=level).settle(years(told.agreement)).number("settlement.payment")
        for level in LEVELS
    }
    assert paid["BASIC_A"] == paid["BASIC_B"]
    assert paid["BASIC_C"] == pytest.approx(paid["BASIC_A"] * 5 / 4)
    assert paid["ENHANCED"] == pytest.approx(paid["BASIC_A"] * 75 / 40)


def test_years_without_the_weight_of_national_growth_are_refused() -> None:
    told = configuration()
    without = {name: replace(year, national_weight=None) for name, year in years(told.agreement).items()}
    with pytest.raises(ConfigurationError, match="national weight, BY3"):
        MsspContract(told, 2024).settle(without)


def test_a_year_that_nobody_stated_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"performance\.2025"):
        _ = MsspContract(configuration(), 2025).id


def test_a_level_without_rules_for_the_year_is_refused() -> None:
    told = configuration()
    early = {name: replace(year, year=year.year - 6) for name, year in years(told.agreement).items()}
    contract = MsspContract(told.model_copy(update={"performance": {2018: told.performance[2024]}}), 2018)
    with pytest.raises((ParameterError, ConfigurationError)):
        contract.settle(early)


AGREEMENTS = {
    "from 2022": agreement(revenue_status="low"),
    "from 2024": of_2024(revenue_status="low"),
}


def _changed(before: Worksheet, after: Worksheet) -> set[str]:
    return {line.id for line in after if line.value != before[line.id]}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("vintage", AGREEMENTS)
def test_each_rule_turned_off_changes_its_lines_and_nothing_before_them(level: Track, vintage: str) -> None:
    told = configuration(AGREEMENTS[vintage], prior_savings_adjustment=50.0, advance_balance=10_000.0)
    contract = MsspContract(told, 2024, track=level)
    figures = years(told.agreement)
    plain = contract.settle(figures)
    order = list(plain.lines)
    for rule, supposed in contract.rules.items():
        without = contract.settle(figures, supposed)
        assert list(without.lines) == order, rule
        for id, value in supposed.items():
            lines = [line for line in order if line == id or line.startswith(f"{id}.")]
            assert lines, f"{rule}: no line {id}"
            assert {without[line] for line in lines} == {value}, rule
        first = min(order.index(line) for line in order for id in supposed if line == id or line.startswith(f"{id}."))
        assert all(order.index(line) >= first for line in _changed(plain, without)), rule


def _payments(level: Track, told: Configuration, spending: float, **performance: Any) -> dict[str, tuple[float, float]]:
    """By rule: the payment with it and without it."""
    contract = MsspContract(told, 2024, track=level)
    figures = years(told.agreement, spending, **performance)
    plain = contract.settle(figures).number("settlement.payment")
    return {
        rule: (plain, contract.settle(figures, supposed).number("settlement.payment"))
        for rule, supposed in contract.rules.items()
    }


def test_rules_of_saving_are_worth_what_they_say() -> None:
    told = configuration(agreement(revenue_status="low"), advance_balance=10_000.0)
    worth = _payments("BASIC_E", told, 0.96)
    plain = worth["Sequestration"][0]
    assert worth["Sequestration"][1] == pytest.approx((plain + 10_000) / 0.98 - 10_000)
    assert worth["Repayment of advances"][1] == pytest.approx(plain + 10_000)
    assert worth["Minimum savings rate"][1] == plain
    assert worth["Sharing of losses"][1] == plain
    assert worth["Regional adjustment"][1] < plain


def test_the_minimum_savings_rate_turned_off_pays_the_first_dollar() -> None:
    told = configuration(agreement(track="BASIC_A", minimum_savings_rate="variable"))
    worth = _payments("BASIC_A", told, 1.0)
    before, after = worth["Minimum savings rate"]
    assert before == 0
    assert after > 0


def test_the_limit_of_savings_turned_off_pays_all() -> None:
    told = configuration()
    worth = _payments("BASIC_E", told, 0.5)
    before, after = worth["Limit of savings"]
    sheet = MsspContract(told, 2024).settle(years(told.agreement, 0.5))
    assert sheet.line("settlement.earned_performance_payment").note == "The cap binds."
    assert after == pytest.approx(sheet.number("settlement.shared_savings") * 0.98)
    assert after > before


def test_rules_of_loss_are_worth_what_they_say() -> None:
    told = configuration(
        extreme_circumstances_month_share=0.25,
        extreme_circumstances_beneficiary_share=0.4,
    )
    worth = _payments("BASIC_E", told, 1.3)
    plain = worth["Limit of losses"][0]
    assert plain == pytest.approx(-0.08 * 30_000_000 * 0.9)
    assert worth["Limit of losses"][1] < plain
    assert worth["Sharing of losses"][1] == 0
    assert worth["Relief in extreme circumstances"][1] == pytest.approx(plain / 0.9)


def test_quality_turned_off_gives_the_best_rates() -> None:
    told = configuration(agreement(track="ENHANCED"), quality=Quality(score=40.0, outcome_percentiles=(20.0,)))
    saved = _payments("ENHANCED", told, 0.96)["Rates that depend on quality"]
    lost = _payments("ENHANCED", told, 1.1)["Rates that depend on quality"]
    assert saved[1] == pytest.approx(saved[0] / 0.4)
    assert lost[1] == pytest.approx(lost[0] * 0.4 / 0.7)


@pytest.mark.parametrize("spending", [0.9, 1.3])
def test_the_cap_on_risk_growth_turned_off(spending: float) -> None:
    hot = {"risk_score": by_kind(1.3, 1.3, 1.3, 1.3)}
    for contract in AGREEMENTS.values():
        before, after = _payments("BASIC_E", configuration(contract), spending, **hot)["Cap on risk growth"]
        assert after > before


def test_the_guardrail_and_the_prospective_trend_turned_off() -> None:
    falling = ByType(**by_kind(0.5, 0.5, 0.5, 0.5))
    told = configuration(of_2024(track="ENHANCED"), accountable_care_prospective_trend=falling)
    worth = _payments("ENHANCED", told, 1.0)
    assert worth["Guardrail"][0] == 0
    assert worth["Guardrail"][1] < 0
    assert worth["Prospective trend"][1] > 0


def test_the_low_revenue_relief_turned_off_pays_nothing() -> None:
    told = configuration(of_2024(track="BASIC_A", revenue_status="low", minimum_savings_rate="variable"))
    before, after = _payments("BASIC_A", told, 1.0)["Low revenue relief"]
    assert before > 0
    assert after == 0


def test_capital_at_risk_is_the_loss_limit() -> None:
    told = configuration()
    figures = years(told.agreement)
    one_sided = MsspContract(told, 2024, track="BASIC_B")
    assert one_sided.capital_at_risk(one_sided.settle(figures)) == 0
    level_e = MsspContract(told, 2024)
    assert level_e.capital_at_risk(level_e.settle(figures)) == pytest.approx(0.08 * 30_000_000)
    enhanced = MsspContract(told, 2024, track="ENHANCED")
    sheet = enhanced.settle(figures)
    assert enhanced.capital_at_risk(sheet) == pytest.approx(0.15 * sheet.number("settlement.total_benchmark"))
    assert enhanced.capital_at_risk(enhanced.settle(figures, enhanced.rules["Limit of losses"])) == math.inf


@pytest.mark.parametrize("spending", [0.9, 1.0, 1.3])
def test_cash_flows_sum_to_the_payment(spending: float) -> None:
    told = configuration(advance_balance=500_000.0)
    contract = MsspContract(told, 2024)
    sheet = contract.settle(years(told.agreement, spending))
    flows = contract.cash_flows(sheet)
    assert math.fsum(flow.amount for flow in flows) == pytest.approx(sheet.number("settlement.payment"), abs=0.005)
    assert {flow.quarter for flow in flows} <= {8}
    assert bool(flows) == bool(sheet.number("settlement.payment"))


EARLIER: tuple[Track, ...] = ("TRACK_1", "TRACK_1_PLUS", "TRACK_2", "TRACK_3")


@pytest.mark.parametrize("track", EARLIER)
def test_an_earlier_track_settles_todays_figures_by_the_rules_of_its_time(track: Track) -> None:
    told = configuration()
    contract = MsspContract(told, 2024, track=track)
    assert contract.id == f"mssp-{track.lower().replace('_', '-')}"
    assert contract.alignment.variant == ("retrospective" if track in ("TRACK_1", "TRACK_2") else "prospective")
    sheet = contract.settle(years(told.agreement))
    assert sheet.performance_year == 2018
    assert sheet.about["figures_of"] == "2024"
    assert sheet.about["agreement_start"] == "2016-01-01"
    assert sheet.about["methodology"] == "42 CFR 425.602"
    rate = {"TRACK_1": 0.5, "TRACK_1_PLUS": 0.5, "TRACK_2": 0.6, "TRACK_3": 0.75}[track]
    shared = sheet.number("settlement.difference") * rate * 0.85
    assert sheet["settlement.payment"] == pytest.approx(shared * 0.98)


def test_an_earlier_agreement_is_as_old_as_ours_but_never_over_three_years() -> None:
    told = configuration(of_2024(track="BASIC_A", minimum_savings_rate="variable"))
    first = MsspContract(told, 2024, track="TRACK_2")
    assert first.settle(years(told.agreement)).about["agreement_start"] == "2018-01-01"
    assert first.capital_at_risk(first.settle(years(told.agreement))) == pytest.approx(
        0.05 * first.settle(years(told.agreement)).number("settlement.total_benchmark")
    )
    old = configuration(agreement(datetime.date(2020, 1, 1)))
    assert MsspContract(old, 2024, track="TRACK_1").inputs(years(old.agreement)).agreement.start.year == 2016


@pytest.mark.parametrize("track", EARLIER)
@pytest.mark.parametrize(("start", "period"), [(2022, 1), (2022, 2), (2024, 2)])
def test_each_rule_of_an_earlier_track_turned_off(track: Track, start: int, period: int) -> None:
    told = configuration(agreement(datetime.date(start, 1, 1), period=period), advance_balance=10_000.0)
    contract = MsspContract(told, 2024, track=track)
    figures = years(told.agreement, risk_score=by_kind(1.2, 1.2, 1.2, 1.2))
    plain = contract.settle(figures)
    order = list(plain.lines)
    assert len(contract.rules) >= 8
    for rule, supposed in contract.rules.items():
        without = contract.settle(figures, supposed)
        for id, value in supposed.items():
            lines = [line for line in order if line == id or line.startswith(f"{id}.")]
            assert lines, f"{rule}: no line {id}"
            assert {without[line] for line in lines} == {value}, rule
    worth = {
        rule: contract.settle(figures, supposed)["settlement.payment"] for rule, supposed in contract.rules.items()
    }
    assert worth["Demographic scores where risk grew"] > plain.number("settlement.payment")


def test_an_agreement_of_its_own_time_settles_in_its_own_year() -> None:
    contract = agreement(datetime.date(2018, 1, 1), track="TRACK_1_PLUS", assignment_method="prospective")
    told = configuration(contract, 2019)
    figures = {name: replace(year, national_weight=None) for name, year in years(contract).items()}
    stated = MsspContract(told, 2019)
    assert stated.rules_year == 2019
    assert "figures_of" not in stated.settle({**figures, "py": replace(figures["py"], year=2019)}).about


def test_earlier_tracks_stand_in_the_catalog_where_a_score_is_stated() -> None:
    ids = {f"mssp-{track.lower().replace('_', '-')}" for track in EARLIER}
    assert ids <= set(catalog(configuration(), 2024))
    without = configuration(quality=Quality(outcome_percentiles=(50.0,)))
    assert not ids & set(catalog(without, 2024))

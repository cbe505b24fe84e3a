"""Edges of the sharing rules: rates, limits, time in the program, relief, repayment of advances."""

from __future__ import annotations

import datetime

import pytest

from mssp_world import facts
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.mssp.settlement import settle
from openaco.rules import sharing
from openaco.rules.advances import recoupment, remaining_balance
from openaco.rules.sharing import terms_for
from spec_tables import cells

FINAL_RATES = """
rule           | state | score | rate
-------------- | ----- | ----- | ----
score_scaled   | QPS   | 0.9   | 0.45
score_scaled   | FAIL  | 0.9   | 0
all_or_nothing | QPS   | 0.4   | 0.5
all_or_nothing | QPS   |       | 0.5
all_or_nothing | ALT   | 0.9   | 0
all_or_nothing | FAIL  | 0.9   | 0
three_states   | QPS   |       | 0.5
three_states   | ALT   | 0.9   | 0.45
three_states   | FAIL  | 0.9   | 0
"""


@pytest.mark.parametrize("row", cells(FINAL_RATES), ids=lambda row: f"{row['rule']}-{row['state']}")
def test_final_sharing_rate_by_rule_and_state(row: dict[str, str]) -> None:
    score = float(row["score"]) if row["score"] else None
    rate = sharing.final_sharing_rate(0.5, row["state"], score, row["rule"])  # type: ignore[arg-type]
    assert rate == pytest.approx(float(row["rate"]))


def test_a_rate_that_needs_a_score_says_so() -> None:
    with pytest.raises(ConfigurationError, match="quality score"):
        sharing.final_sharing_rate(0.5, "ALT", None)
    with pytest.raises(ConfigurationError, match="quality score"):
        settle(facts(1e8, 5e6, quality_state="ALT"))


LOSS_RATES = """
track    | year | state | score | rate
-------- | ---- | ----- | ----- | ----
BASIC_C  | 2024 | QPS   | 0.9   | 0.30
BASIC_E  | 2024 | FAIL  |       | 0.30
ENHANCED | 2024 | QPS   | 0.9   | 0.40
ENHANCED | 2024 | QPS   | 0.8   | 0.40
ENHANCED | 2024 | QPS   | 0.6   | 0.55
ENHANCED | 2024 | ALT   | 0.2   | 0.75
ENHANCED | 2024 | FAIL  | 0.9   | 0.75
TRACK_3  | 2018 | QPS   | 0.9   | 0.40
TRACK_2  | 2016 | QPS   | 0.7   | 0.58
TRACK_2  | 2016 | QPS   | 0.1   | 0.60
TRACK_2  | 2016 | FAIL  | 0.9   | 0.60
BASIC_A  | 2024 | QPS   | 0.9   |
TRACK_1  | 2018 | QPS   | 0.9   |
"""


@pytest.mark.parametrize("row", cells(LOSS_RATES), ids=lambda row: f"{row['track']}-{row['state']}-{row['score']}")
def test_shared_loss_rate_by_track_state_and_score(row: dict[str, str]) -> None:
    terms = terms_for(row["track"], int(row["year"]), int(row["year"])).shared_loss_rate.value
    score = float(row["score"]) if row["score"] else None
    rate = sharing.shared_loss_rate(terms, row["state"], score)  # type: ignore[arg-type]
    assert rate == (None if row["rate"] is None else pytest.approx(float(row["rate"])))


LOSS_LIMITS = """
track        | year | revenue  | agreement_year | limit
------------ | ---- | -------- | -------------- | --------
BASIC_C      | 2024 | 10000000 | 1              | 200000
BASIC_C      | 2024 | 90000000 | 1              | 1000000
BASIC_D      | 2024 | 10000000 | 1              | 400000
BASIC_D      | 2024 | 90000000 | 1              | 2000000
BASIC_E      | 2024 | 10000000 | 1              | 800000
BASIC_E      | 2024 | 50000000 | 1              | 4000000
BASIC_E      | 2024 |          | 1              | 4000000
ENHANCED     | 2024 | 10000000 | 1              | 15000000
TRACK_1_PLUS | 2018 | 10000000 | 1              | 800000
TRACK_2      | 2014 | 10000000 | 1              | 5000000
TRACK_2      | 2014 | 10000000 | 2              | 7500000
TRACK_2      | 2014 | 10000000 | 3              | 10000000
TRACK_2      | 2014 | 10000000 | 5              | 10000000
TRACK_3      | 2018 | 10000000 | 1              | 15000000
"""


@pytest.mark.parametrize("row", cells(LOSS_LIMITS), ids=lambda row: "-".join(map(str, row.values())))
def test_loss_limit_of_a_benchmark_of_100_million(row: dict[str, str]) -> None:
    terms = terms_for(row["track"], int(row["year"]), int(row["year"])).loss_limit.value
    revenue = float(row["revenue"]) if row["revenue"] else None
    limit = sharing.loss_limit(terms, 100_000_000, revenue, int(row["agreement_year"]))
    assert limit == pytest.approx(float(row["limit"]))


def test_without_stated_revenue_the_cap_says_that_it_may_be_lower() -> None:
    sheet = settle(facts(1e8, -3e7, track="BASIC_E", minimum_savings_rate=0.01))
    assert sheet["settlement.losses_after_cap"] == pytest.approx(-4_000_000)
    assert "revenue is not stated" in sheet.line("settlement.losses_cap").note


def test_a_track_1_plus_aco_may_be_limited_by_benchmark_alone() -> None:
    terms = {"track": "TRACK_1_PLUS", "performance_year": 2018, "agreement_start_year": 2018}
    more = {"minimum_savings_rate": 0.01, "quality_score": 0.9, "participant_revenue": 1e7}
    assert settle(facts(1e8, -3e7, **terms, **more))["settlement.payment"] == pytest.approx(-800_000)
    sheet = settle(facts(1e8, -3e7, revenue_limits_losses=False, **terms, **more))
    assert sheet["settlement.payment"] == pytest.approx(-4_000_000)


MINIMUM_RATES = """
beneficiaries | election | two_sided | rate
------------- | -------- | --------- | -----
12000         | 0.005    | yes       | 0.005
12000         | 0.0      | yes       | 0.0
12000         | 0.005    | no        | table
12000         | variable | yes       | table
5000          | 0.005    | yes       | 0.005
4999          | 0.005    | yes       | table
"""


@pytest.mark.parametrize("row", cells(MINIMUM_RATES), ids=lambda row: "-".join(row.values()))
def test_effective_minimum_savings_rate(row: dict[str, str]) -> None:
    size = int(row["beneficiaries"])
    election = "variable" if row["election"] == "variable" else float(row["election"])
    rate = sharing.effective_minimum_savings_rate(size, election, row["two_sided"] == "yes", 2024)  # type: ignore[arg-type]
    assert rate == (sharing.minimum_savings_rate(size, 2024) if row["rate"] == "table" else float(row["rate"]))


def test_a_small_aco_is_told_that_its_choice_does_not_apply() -> None:
    sheet = settle(facts(1e8, 5e5, track="BASIC_E", assigned_beneficiaries=4_500, minimum_savings_rate=0.0))
    assert sheet["settlement.minimum_savings_rate"] == pytest.approx(sharing.minimum_savings_rate(4_500, 2024))
    assert "5,000" in sheet.line("settlement.minimum_savings_rate").note


def test_nobody_assigned_has_no_minimum_savings_rate() -> None:
    with pytest.raises(ConfigurationError, match="0 assigned"):
        sharing.minimum_savings_rate(0, 2024)


RELIEF = """
track    | start | low | beneficiaries | difference | state | payment
-------- | ----- | --- | ------------- | ---------- | ----- | -------
BASIC_A  | 2024  | yes | 7200          | 1000000    | QPS   | 196000
BASIC_E  | 2024  | yes | 7200          | 1000000    | QPS   | 245000
BASIC_A  | 2024  | yes | 7200          | 1000000    | ALT   | 98000
BASIC_A  | 2024  | yes | 7200          | 1000000    | FAIL  | 0
BASIC_A  | 2024  | yes | 5000          | 1000000    | QPS   | 196000
BASIC_A  | 2024  | yes | 4999          | 1000000    | QPS   | 0
BASIC_A  | 2024  | no  | 7200          | 1000000    | QPS   | 0
BASIC_A  | 2023  | yes | 7200          | 1000000    | QPS   | 0
BASIC_A  | 2024  | yes | 7200          | 0          | QPS   | 0
BASIC_A  | 2024  | yes | 7200          | -1000000   | QPS   | 0
ENHANCED | 2024  | yes | 7200          | 1000000    | QPS   | 0
"""


@pytest.mark.parametrize("row", cells(RELIEF), ids=lambda row: "-".join(row.values()))
def test_low_revenue_relief_below_the_minimum(row: dict[str, str]) -> None:
    sheet = settle(
        facts(
            77_616_000,
            float(row["difference"]),
            track=row["track"],
            agreement_start_year=int(row["start"]),
            assigned_beneficiaries=int(row["beneficiaries"]),
            low_revenue=row["low"] == "yes",
            quality_state=row["state"],
            quality_score=0.5,
        )
    )
    assert sheet["settlement.payment"] == pytest.approx(float(row["payment"]))


@pytest.mark.parametrize(
    ("year", "rate"), [(2013, 0.02), (2018, 0.02), (2019, 0.0), (2020, 0.0), (2021, 0.02), (2024, 0.02), (2026, 0.02)]
)
def test_sequestration_by_performance_year(year: int, rate: float) -> None:
    track, start = ("TRACK_1", 2013) if year < 2021 else ("BASIC_B", 2021)
    assert terms_for(track, year, start).sequestration_rate.value == rate


@pytest.mark.parametrize(("year", "owed"), [(2019, 3e5), (2020, 0), (2021, 0), (2022, 0), (2023, 1.75e5), (2024, 3e5)])
def test_the_nationwide_circumstance_forgives_losses(year: int, owed: float) -> None:
    sheet = settle(
        facts(2e7, -1e6, track="BASIC_E", performance_year=year, agreement_start_year=2019, minimum_savings_rate=0.02)
    )
    assert sheet["settlement.payment"] == pytest.approx(-owed)


def test_six_month_year_takes_half_of_the_full_result() -> None:
    year = {"track": "BASIC_E", "performance_year": 2019, "agreement_start_year": 2019, "minimum_savings_rate": 0.01}
    half = settle(facts(1e8, 4e6, quality_score=0.9, performance_months=6, **year))
    assert half["settlement.earned_performance_payment"] == pytest.approx(900_000)
    lost = settle(facts(1e8, -4e6, quality_score=0.9, performance_months=6, **year))
    assert lost["settlement.payment"] == pytest.approx(-600_000)


EXITS = """
date       | by_cms | difference | payment
---------- | ------ | ---------- | -------
2024-12-31 | no     | 4000000    | 1960000
2024-12-30 | no     | 4000000    | 0
2024-12-31 | yes    | 4000000    | 0
2024-06-30 | no     | -4000000   | 0
2024-07-31 | no     | -4000000   | -700000
2024-12-31 | no     | -4000000   | -1200000
2024-03-31 | yes    | -4000000   | -300000
2025-06-30 | no     | -4000000   | -1200000
"""


@pytest.mark.parametrize("row", cells(EXITS), ids=lambda row: "-".join(row.values()))
def test_leaving_early(row: dict[str, str]) -> None:
    sheet = settle(
        facts(
            1e8,
            float(row["difference"]),
            track="BASIC_E",
            minimum_savings_rate=0.01,
            exit_date=datetime.date.fromisoformat(row["date"]),
            terminated_by_cms=row["by_cms"] == "yes",
        )
    )
    assert sheet["settlement.payment"] == pytest.approx(float(row["payment"]))


def test_an_aco_that_left_in_an_earlier_year_has_no_settlement() -> None:
    with pytest.raises(ConfigurationError, match="2023"):
        settle(facts(1e8, 1e6, exit_date=datetime.date(2023, 6, 30)))


def test_guardrail_savings_are_not_paid() -> None:
    sheet = settle(facts(1e8, 4e6, track="BASIC_E", minimum_savings_rate=0.01, guardrail=True))
    assert sheet["settlement.payment"] == 0
    assert "Guardrail" in sheet.line("settlement.shared_savings").note


@pytest.mark.parametrize(
    ("earned", "balance", "kept_back"),
    [(100.0, 40.0, 40.0), (100.0, 250.0, 100.0), (0.0, 250.0, 0.0), (50.0, 0.0, 0.0)],
)
def test_advances_are_repaid_from_earned_savings_only(earned: float, balance: float, kept_back: float) -> None:
    assert recoupment(earned, balance) == kept_back
    assert remaining_balance(balance, kept_back) == balance - kept_back


def test_payment_after_advances() -> None:
    sheet = settle(facts(1e8, 5e6, advance_balance=1_500_000.0))
    assert sheet["settlement.earned_performance_payment"] == pytest.approx(1_960_000)
    assert sheet["settlement.advance_recoupment"] == 1_500_000
    assert sheet["settlement.payment"] == pytest.approx(460_000)


def test_affected_months_are_weighted_by_beneficiaries() -> None:
    assert sharing.share_of_affected_months([(300, 3 / 12), (100, 7 / 12)]) == pytest.approx(4 / 12)
    assert sharing.share_of_affected_months([]) == 0


def test_one_sided_lines_say_that_they_do_not_apply() -> None:
    sheet = settle(facts(1e8, -5e6))
    for name in ("minimum_loss_rate", "minimum_losses", "shared_loss_rate", "shared_losses", "losses_cap"):
        line = sheet.line(f"settlement.{name}")
        assert (line.value, line.note) == (None, "Does not apply: one-sided model.")
    assert sheet["settlement.outcome"] == "Losses"
    assert sheet["settlement.payment"] == 0


def test_a_track_that_did_not_exist_in_the_year_is_refused() -> None:
    with pytest.raises(ParameterError, match="BASIC_E"):
        settle(facts(1e8, 1e6, track="BASIC_E", performance_year=2017))


def test_the_line_is_as_sure_as_its_least_sure_parameter() -> None:
    old = settle(facts(1e8, -8e6, track="TRACK_2", performance_year=2014, agreement_start_year=2013, quality_score=0.8))
    assert old.line("settlement.losses_cap").confidence == "unverified"
    assert old.rests_on_unverified("settlement.payment")
    new = settle(facts(1e8, 5e6))
    assert new.line("settlement.maximum_sharing_rate").confidence == "quoted"
    assert new.line("settlement.minimum_savings_rate").confidence == "verified"
    assert not new.rests_on_unverified("settlement.payment")


def test_lines_name_their_parameters_and_sources() -> None:
    sheet = settle(facts(1e8, 5e6, sources={"settlement.total_benchmark": "results.csv:ABtotBnchmk"}))
    assert sheet.line("settlement.total_benchmark").inputs == ("results.csv:ABtotBnchmk",)
    cap = sheet.line("settlement.savings_cap")
    assert "parameter:mssp/settlement/savings_limit" in cap.inputs
    assert cap.cite == "42 CFR 425.605(d)(1)(i)"
    assert cap.step == "Table 3 [W]"

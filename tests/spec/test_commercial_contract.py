"""The settlement of a commercial contract: benchmark, corridors, caps, quality, guarantees, fees; edges by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from commercial_world import SIMPLE, at_rate, changed, contract, figures, years
from openaco.cli.contract import example
from openaco.errors import ConfigurationError
from openaco.programs.commercial.contract import CommercialContract, read_contract
from openaco.programs.commercial.file import check_contract_text
from openaco.programs.contract import Contract
from openaco.worksheet import Worksheet
from spec_tables import cells

BENCHMARK = 5_565_000.0
"""1,000 person-years × (0.2 × 4,000 + 0.3 × 5,000 + 0.5 × 6,000) × 1.05."""


def settled(savings_rate: float, *changes: tuple[str, str], **performance: Any) -> Worksheet:
    return contract(*changes).settle(at_rate(savings_rate, **performance))


def added(tables: str) -> tuple[str, str]:
    """A change that puts tables before the year."""
    return ("[years.2024]", f"{tables}\n[years.2024]")


def test_the_benchmark_by_hand() -> None:
    sheet = settled(0.0)
    assert sheet.number("benchmark.historical.all") == pytest.approx(5_300)
    assert sheet.number("benchmark.trend.all.py") == pytest.approx(1.05)
    assert sheet.number("settlement.total_benchmark") == pytest.approx(BENCHMARK)
    assert sheet.number("settlement.total_expenditures") == pytest.approx(BENCHMARK)
    assert sheet.number("settlement.payment") == 0


SHARES = """
savings_rate | paid     | why
------------ | -------- | ---
 0.10        |  0.065   | 4% at one half, 6% at three quarters
 0.04        |  0.02    | the end of the first band
 0.02        |  0.01    | exactly the minimum
 0.0199      |  0       | just below it
 0           |  0       | a tie
-0.0099      |  0       | losses below their minimum
-0.01        | -0.004   | exactly the minimum
-0.05        | -0.02    |
-0.075       | -0.03    | exactly the cap
-0.20        | -0.03    | the cap binds
"""


@pytest.mark.parametrize("row", cells(SHARES), ids=lambda row: str(row["savings_rate"]))
def test_shares_by_corridor(row: Mapping[str, str]) -> None:
    benchmark, rate = 100_000.0, float(row["savings_rate"])
    target = [
        ('trend = "fixed"', 'trend = "target"\ntarget_pmpm = 500.0'),
        ("weights = [0.2, 0.3, 0.5]\n", ""),
        ("\ntrend_rate = 0.05\nbaseline_trend_rate = 0.0", ""),
        ("baseline_years = [2021, 2022, 2023]", ""),
    ]
    spent = years((benchmark - benchmark * rate) / 1_000)
    people = {"all": 1_000.0 * benchmark / 6_000_000}
    spent["py"] = replace(spent["py"], person_years=people, per_capita={"all": 6_000 * (1 - rate)})
    sheet = contract(*target).settle(spent)
    assert sheet.number("settlement.total_benchmark") == pytest.approx(benchmark)
    assert sheet.number("settlement.payment") == pytest.approx(float(row["paid"]) * benchmark, abs=1e-6)


def test_beyond_the_minimum_only() -> None:
    sheet = settled(0.06, ("minimum_rate = 0.02", "minimum_rate = 0.02\nfirst_dollar = false"))
    assert sheet.number("settlement.savings_share") == pytest.approx(0.02 * 0.5 + 0.02 * 0.75)
    at_minimum = settled(0.02, ("minimum_rate = 0.02", "minimum_rate = 0.02\nfirst_dollar = false"))
    assert at_minimum.number("settlement.payment") == pytest.approx(0, abs=1e-6)


def test_a_cap_of_savings() -> None:
    sheet = settled(0.20, ("minimum_rate = 0.02", "minimum_rate = 0.02\ncap = 0.05"))
    assert sheet.number("settlement.earned_savings") == pytest.approx(0.05 * BENCHMARK)
    assert sheet.line("settlement.earned_savings").note == "The cap binds."


def test_growth_compounds_year_by_year() -> None:
    two_years = [
        ("end = 2024-12-31", "end = 2025-12-31"),
        ("[years.2024]", "[years.2024]\n[years.2025.benchmark]\ntrend_rate = 0.10"),
        ("baseline_trend_rate = 0.0", "baseline_trend_rate = 0.02"),
    ]
    sheet = contract(*two_years, year=2025).settle(years(6_000, year=2025))
    assert sheet.number("benchmark.trend.all.py") == pytest.approx(1.05 * 1.10)
    assert sheet.number("benchmark.trend.all.by1") == pytest.approx(1.02**2)
    assert sheet.number("benchmark.trend.all.by3") == 1
    assert sheet.line("benchmark.trend_rate.2024").inputs == ("contract.toml:benchmark.trend_rate",)
    assert sheet.line("benchmark.trend_rate.2025").cite == "contract.toml: years.2025.benchmark.trend_rate"


def test_a_gap_before_the_contract_grows_at_the_baseline_rate() -> None:
    later = [
        ("start = 2024-01-01", "start = 2025-01-01"),
        ("end = 2024-12-31", "end = 2025-12-31"),
        ("[years.2024]", "[years.2025]"),
        ("baseline_trend_rate = 0.0", "baseline_trend_rate = 0.02"),
    ]
    sheet = contract(*later, year=2025).settle(years(6_000, year=2025))
    assert sheet.number("benchmark.trend.all.py") == pytest.approx(1.02 * 1.05)


MARKET = [("\ntrend_rate = 0.05\nbaseline_trend_rate = 0.0", "")]


@pytest.mark.parametrize(
    ("trend", "figure"), [("national", "national_per_capita"), ("regional", "regional_per_capita")]
)
def test_growth_of_the_nation_or_region(trend: str, figure: str) -> None:
    spent = years(6_000)
    for name, amount in {"by1": 4_000.0, "by2": 4_400.0, "by3": 5_000.0, "py": 5_200.0}.items():
        spent[name] = replace(spent[name], **{figure: {"all": amount}})
    sheet = contract(('trend = "fixed"', f'trend = "{trend}"'), *MARKET).settle(spent)
    expected = (0.2 * 4_000 * 5_000 / 4_000 + 0.3 * 5_000 * 5_000 / 4_400 + 0.5 * 6_000) * 5_200 / 5_000
    assert sheet.number("benchmark.updated.all") == pytest.approx(expected)
    spent["by3"] = replace(spent["by3"], **{figure: {"all": 0.0}})
    with pytest.raises(ConfigurationError, match="is not above zero"):
        contract(('trend = "fixed"', f'trend = "{trend}"'), *MARKET).settle(spent)


def test_a_blend_with_the_region_at_the_members_risk() -> None:
    spent = years(6_000)
    spent["by3"] = replace(spent["by3"], risk_score={"all": 1.1})
    sheet = contract(("[savings]", "regional_weight = 0.25\n[savings]")).settle(spent)
    assert sheet.number("benchmark.blended.all") == pytest.approx(0.75 * 5_300 + 0.25 * 5_000 * 1.1)


RISK = """
by3 | py    | cap  | ratio
--- | ----- | ---- | -----
1.0 | 1.02  | 0.03 | 1.02
1.0 | 1.03  | 0.03 | 1.03
1.0 | 1.10  | 0.03 | 1.03
1.0 | 0.90  | 0.03 | 0.97
1.0 | 1.10  |      | 1.10
0   | 1.10  | 0.03 | 1
1.0 | 1.10  | 0    | 1
"""


@pytest.mark.parametrize("row", cells(RISK), ids=lambda row: f"{row['by3']}-{row['py']}-{row['cap']}")
def test_risk_moves_the_benchmark_within_its_cap(row: Mapping[str, str | None]) -> None:
    cap = f"risk_cap = {row['cap']}.0\n" if row["cap"] == "0" else f"risk_cap = {row['cap']}\n" if row["cap"] else ""
    spent = years(6_000, risk_score={"all": float(row["py"] or 0)})
    spent["by3"] = replace(spent["by3"], risk_score={"all": float(row["by3"] or 0)})
    sheet = contract(("[savings]", f"risk_adjustment = true\n{cap}[savings]")).settle(spent)
    assert sheet.number("benchmark.risk_ratio.all.py") == pytest.approx(float(row["ratio"] or 0))


def test_history_is_brought_to_the_risk_of_its_last_year() -> None:
    spent = years(6_000)
    spent["by1"] = replace(spent["by1"], risk_score={"all": 0.8})
    sheet = contract(("[savings]", "risk_adjustment = true\n[savings]")).settle(spent)
    assert sheet.number("benchmark.trended.all.by1") == pytest.approx(4_000 / 0.8)


def test_types_are_weighted_by_person_years() -> None:
    spent = years(0.0)
    for name, year in spent.items():
        both = {"adults": year.per_capita["all"], "children": 1_000.0}
        spent[name] = replace(
            year,
            per_capita=both,
            person_years={"adults": 600.0, "children": 400.0},
            risk_score=dict.fromkeys(both, 1.0),
        )
    sheet = contract().settle(spent)
    assert sheet.number("settlement.total_benchmark") == pytest.approx(600 * 5_565 + 400 * 1_000 * 1.05)
    assert sheet.number("settlement.total_expenditures") == pytest.approx(400 * 1_000)
    assert sheet.line("benchmark.updated.children").label == "Benchmark per person-year, children"


QUALITY = """
minimum | scaled | score | factor
------- | ------ | ----- | ------
60.0    | false  | 60.0  | 1
60.0    | false  | 59.9  | 0
60.0    | true   | 80.0  | 0.8
60.0    | true   | 50.0  | 0
        | true   | 50.0  | 0.5
        | true   | 0.0   | 0
        | false  |       | 1
"""


@pytest.mark.parametrize("row", cells(QUALITY), ids=lambda row: "-".join(map(str, row.values())))
def test_the_quality_gate(row: Mapping[str, str | None]) -> None:
    gate = f"minimum_score = {row['minimum']}\n" if row["minimum"] else ""
    result = f"[results.2024]\nquality_score = {row['score']}\n" if row["score"] else ""
    sheet = settled(0.04, added(f"[quality]\n{gate}scale_share = {row['scaled']}\n{result}"))
    assert sheet.number("settlement.quality_factor") == pytest.approx(float(row["factor"] or 0))
    assert sheet.number("settlement.payment") == pytest.approx(0.02 * BENCHMARK * float(row["factor"] or 0))


def test_a_score_that_decides_must_be_stated() -> None:
    gate = added("[quality]\nminimum_score = 60.0")
    with pytest.raises(ConfigurationError, match=r"contract.toml, results.2024.quality_score: what is paid depends"):
        settled(0.04, gate)
    assert settled(-0.04, gate).number("settlement.payment") < 0
    assert settled(0.01, gate)["settlement.quality_factor"] is None


BONUS = "[quality]\nbonus = [{ score = 80.0, pmpm = 0.5 }, { score = 90.0, pmpm = 1.0 }]\n"


@pytest.mark.parametrize(("score", "pmpm"), [(79.9, 0), (80.0, 0.5), (89.9, 0.5), (90.0, 1.0), (100.0, 1.0)])
def test_a_bonus_by_score_is_paid_whatever_was_saved(score: float, pmpm: float) -> None:
    sheet = settled(0.0, added(f"{BONUS}[results.2024]\nquality_score = {score}"))
    assert sheet.number("settlement.payment") == pytest.approx(pmpm * 12_000)


def test_a_bonus_without_a_score_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="quality bonus depends on the quality score"):
        settled(0.0, added(BONUS))


@pytest.mark.parametrize(("people", "shares"), [(999, False), (1_000, True)])
def test_with_too_few_people_nothing_is_shared(people: int, shares: bool) -> None:
    small = ('variant = "prospective"', 'variant = "prospective"\nminimum_size = 1000')
    for rate in (0.05, -0.05):
        sheet = settled(rate, small, assigned_beneficiaries=people)
        assert bool(sheet.number("settlement.payment")) is shares


def test_the_payers_discount_comes_first() -> None:
    sheet = settled(0.05, added("[guarantee]\npayer_discount = 0.02"))
    assert sheet.number("settlement.total_benchmark") == pytest.approx(0.98 * BENCHMARK)
    assert sheet.number("settlement.savings_rate") == pytest.approx(0.03 / 0.98)


def upside_only(*changes: tuple[str, str]) -> CommercialContract:
    text = changed(("two_sided", "upside_only"))
    text = text[: text.index("[losses]")] + "[years.2024]\n"
    return contract(*changes, text=text)


GUARANTEE = """
rate | balance | paid     | why
---- | ------- | -------- | ---
0    | 0       | 40000    | nothing saved: the guarantee
0.02 | 0       | 55650    | more was earned
0.02 | 20000   | 40000    | what is left after repayment is less than the guarantee
-0.1 | 0       | 40000    | losses are not shared
"""


@pytest.mark.parametrize("row", cells(GUARANTEE), ids=lambda row: f"{row['rate']}-{row['balance']}")
def test_the_guaranteed_payment(row: Mapping[str, str]) -> None:
    agreed = upside_only(
        added(
            "[guarantee]\nminimum_payment = 40000.0\n[fees]\nupfront = 0.01\nrecoup_share = 1.0\n"
            f"[results.2024]\nupfront_balance = {row['balance']}.0"
        )
    )
    sheet = agreed.settle(at_rate(float(row["rate"])))
    assert sheet.number("settlement.payment") == pytest.approx(float(row["paid"]), abs=0.02)
    assert agreed.capital_at_risk(sheet) == 0
    assert sheet["settlement.losses_after_cap"] is None


def test_fees_and_upfront_money() -> None:
    agreed = contract(added("[fees]\ncare_management_pmpm = 4.0\nupfront = 30000.0\nrecoup_share = 0.5"))
    sheet = agreed.settle(at_rate(0.02))
    earned = 0.01 * BENCHMARK
    assert sheet.number("settlement.upfront_recoupment") == pytest.approx(0.5 * earned)
    assert sheet.number("settlement.payment") == pytest.approx(0.5 * earned)
    flows = agreed.cash_flows(sheet)
    assert [flow.amount for flow in flows if flow.what == "Care management fee"] == [12_000.0] * 4
    assert {flow.quarter for flow in flows if flow.what == "Upfront money"} == {1}
    assert sum(flow.amount for flow in flows) == pytest.approx(48_000 + 30_000 + 0.5 * earned)


def test_no_more_is_paid_back_than_was_advanced() -> None:
    sheet = contract(added("[fees]\nupfront = 1000.0\nrecoup_share = 1.0")).settle(at_rate(0.10))
    assert sheet.number("settlement.upfront_recoupment") == 1_000


def test_fees_and_stop_loss_in_the_expenditures() -> None:
    agreed = "[fees]\ncare_management_pmpm = 4.0\ncounted_as_expenditure = true\n[stop_loss]\ncharge_pmpm = 1.5\n"
    sheet = settled(0.0, added(f"{agreed}[results.2024]\nstop_loss_recoveries = 10000.0"))
    assert sheet.number("settlement.total_expenditures") == pytest.approx(BENCHMARK + 48_000 + 18_000 - 10_000)


def test_every_line_is_cited_by_its_key() -> None:
    sheet = settled(0.05)
    assert sheet.line("settlement.shared_savings").cite == "contract.toml: savings.corridors"
    assert sheet.line("settlement.losses_cap").cite == "contract.toml: losses.cap"
    assert sheet.line("settlement.minimum_savings_rate").inputs == ("contract.toml:savings.minimum_rate",)
    assert sheet.line("settlement.quality_score").cite == "contract.toml: results.2024.quality_score"
    assert [line.id for line in sheet if not line.cite.startswith("contract.toml: ")] == []
    assert [line.id for line in sheet if line.confidence != "quoted"] == []
    own = contract(("[years.2024]", "[years.2024.savings]\nminimum_rate = 0.0")).settle(at_rate(0.01))
    assert own.line("settlement.minimum_savings_rate").cite == "contract.toml: years.2024.savings.minimum_rate"


def test_it_fulfills_what_all_contracts_have() -> None:
    agreed: Contract = contract()
    assert (agreed.id, agreed.label, agreed.truncated) == ("river-ppo", "River Health PPO", False)
    assert (agreed.alignment.rule, agreed.alignment.variant) == ("shared_savings", "prospective")
    truncated = contract(added('[stop_loss]\ntruncate = "national_99th_percentile"'))
    assert truncated.truncated
    sheet = agreed.settle(at_rate(0.0))
    promised = (
        "assigned_beneficiaries",
        "person_years",
        "total_benchmark",
        "total_expenditures",
        "difference",
        "payment",
    )
    assert {f"settlement.{name}" for name in promised} <= set(sheet.lines)


def test_the_capital_at_risk() -> None:
    agreed = contract()
    assert agreed.capital_at_risk(agreed.settle(at_rate(0.0))) == pytest.approx(0.03 * BENCHMARK)
    unlimited = contract(("cap = 0.03\n", ""))
    assert unlimited.capital_at_risk(unlimited.settle(at_rate(0.0))) == math.inf
    banded = contract(
        ("cap = 0.03\n", ""),
        (
            "corridors = [{ from = 0.0, share = 0.4 }]",
            "corridors = [{ from = 0.0, to = 0.1, share = 0.4 }, { from = 0.1, share = 0.0 }]",
        ),
    )
    assert banded.capital_at_risk(banded.settle(at_rate(0.0))) == pytest.approx(0.04 * BENCHMARK)


def test_each_rule_can_be_turned_off() -> None:
    agreed = CommercialContract(check_contract_text(example(), "contract.toml"), 2024)
    spent = years(5_000.0, risk_score={"all": 1.06}, assigned_beneficiaries=900)
    as_it_is = agreed.settle(spent)
    assert set(agreed.rules) == {
        "Trend", "Region in the benchmark", "Risk adjustment", "Cap on risk", "Payer's discount",
        "Smallest number of people", "Minimum savings rate", "Savings that depend on quality", "Limit of savings",
        "Sharing of losses", "Minimum loss rate", "Limit of losses", "Quality bonus", "Repayment of upfront money",
    }  # fmt: skip
    for rule, supposed in agreed.rules.items():
        without = agreed.settle(spent, supposed)
        told = [line.id for line in without if line.note.startswith("Supposed; it is")]
        already_so = rule in {"Savings that depend on quality", "Repayment of upfront money", "Sharing of losses"}
        assert bool(told) is not already_so, rule
    larger = agreed.settle(spent, agreed.rules["Smallest number of people"])
    assert as_it_is.number("settlement.earned_savings") == 0
    assert larger.number("settlement.earned_savings") > 0
    uncapped = agreed.settle(spent, agreed.rules["Cap on risk"])
    assert uncapped.number("benchmark.risk_ratio.all.py") == pytest.approx(1.06)
    assert as_it_is.number("benchmark.risk_ratio.all.py") == pytest.approx(1.03)


def test_a_supposed_score_is_enough() -> None:
    agreed = contract(added("[quality]\nminimum_score = 60.0"))
    for supposed in ({"settlement.quality_score": 70.0}, {"settlement.quality_factor": 1.0}):
        assert agreed.settle(at_rate(0.04), supposed).number("settlement.payment") == pytest.approx(0.02 * BENCHMARK)


def test_figures_of_other_years_are_refused() -> None:
    spent = years(5_000.0)
    with pytest.raises(ConfigurationError, match=r"benchmark.baseline_years: the figures of by2 are of 2020"):
        contract().settle(spent | {"by2": figures(2020, 5_000.0)})
    with pytest.raises(ConfigurationError, match="no figures of by1"):
        contract().settle({name: year for name, year in spent.items() if name != "by1"})
    with pytest.raises(ConfigurationError, match="by3 have no per_capita of all"):
        contract().settle(spent | {"by3": figures(2023, 5_000.0, per_capita={"others": 1.0})})
    with pytest.raises(ConfigurationError, match="no person-years"):
        contract().settle(years(5_000.0, person_years={"all": 0.0}))
    text = changed(("[savings]", "risk_adjustment = true\n[savings]"))
    with pytest.raises(ConfigurationError, match="figures of by3: no risk_score of all"):
        contract(text=text).settle(spent | {"by3": figures(2023, 5_000.0, risk_score={})})


def test_a_contract_is_read_for_a_year(tmp_path: Any) -> None:
    path = tmp_path / "contract.toml"
    path.write_text(SIMPLE, encoding="utf-8")
    assert read_contract(path, 2024).performance_year == 2024
    with pytest.raises(ConfigurationError, match="no performance year 2025"):
        read_contract(path, 2025)

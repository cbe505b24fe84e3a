"""Advances on shared savings: payments by day, repayment from each settlement, who may have them, and the command."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from openaco.cli.main import app
from openaco.errors import ConfigurationError, ParameterError
from openaco.programs.advances import AdvanceAccount, Advances, advance_account, read_advances
from openaco.rules import advances as rule
from openaco.rules.cited import cited
from spec_tables import cells

DAY = datetime.date.fromisoformat
SCORES = {"low_income": 100, "missing": 50}


def table() -> Any:
    return cited("advances/quarterly_amounts", 2024).value


AMOUNTS = """
score | amount
----- | ------
0     | 0
1     | 0
24    | 0
25    | 20
34    | 20
35    | 24
44    | 24
45    | 28
50    | 28
54    | 28
55    | 32
64    | 32
65    | 36
74    | 36
75    | 40
84    | 40
85    | 45
99    | 45
100   | 45
"""


@pytest.mark.parametrize("row", cells(AMOUNTS), ids=lambda row: f"score {row['score']}")
def test_dollars_a_quarter_by_score(row: dict[str, str]) -> None:
    assert rule.quarterly_amount(int(row["score"]), table()) == int(row["amount"])


BENEFICIARIES = """
case                                | low_income | percentile | score
----------------------------------- | ---------- | ---------- | -----
Medicaid or low-income subsidy      | yes        | 3          | 100
the same where no percentile is     | yes        |            | 100
by neighborhood                     | no         | 72         | 72
the least deprived                  | no         | 1          | 1
the most deprived                   | no         | 100        | 100
no percentile known                 | no         |            | 50
"""


@pytest.mark.parametrize("row", cells(BENEFICIARIES), ids=lambda row: str(row["case"]))
def test_score_of_a_beneficiary(row: dict[str, str | None]) -> None:
    percentile = None if row["percentile"] is None else int(row["percentile"])
    assert rule.beneficiary_score(row["low_income"] == "yes", percentile, SCORES) == int(row["score"] or 0)


CAPPED = """
case                                   | counts                   | paid   | counted
-------------------------------------- | ------------------------ | ------ | -------
nobody                                 |                          | 0      | 0
below the cap                          | 100:9000 30:999          | 424980 | 9999
exactly the cap                        | 100:9000 30:1000         | 425000 | 10000
one over it: the lowest score is out   | 100:9000 30:1000 20:1    | 425000 | 10000
the lowest that still count are cut    | 100:9000 30:2000         | 425000 | 10000
equal scores at the cap are paid alike | 85:12000                 | 450000 | 10000
a higher score drives a lower one out  | 85:10000 84:5000         | 450000 | 10000
scores below 25 count without money    | 24:4000 0:4000           | 0      | 8000
"""


@pytest.mark.parametrize("row", cells(CAPPED), ids=lambda row: str(row["case"]))
def test_the_highest_scores_count_first(row: dict[str, str | None]) -> None:
    counts = {int(score): int(people) for score, people in (each.split(":") for each in (row["counts"] or "").split())}
    assert rule.quarterly_payment(counts, table(), 10_000) == (int(row["paid"] or 0), int(row["counted"] or 0))


def test_the_order_of_scores_does_not_matter() -> None:
    counts = {30: 4_000, 100: 7_000, 60: 5_000}
    backwards = dict(reversed(counts.items()))
    assert rule.quarterly_payment(counts, table(), 10_000) == rule.quarterly_payment(backwards, table(), 10_000)


MONTHS = """
first      | months | last_month | count | last
---------- | ------ | ---------- | ----- | ----------
2012-04-01 |        | 2014-06    | 27    | 2014-06-01
2012-07-01 |        | 2014-06    | 24    | 2014-06-01
2013-01-01 |        | 2014-06    | 18    | 2014-06-01
2014-06-15 |        | 2014-06    | 1     | 2014-06-01
2014-07-01 |        | 2014-06    | 0     |
2016-04-01 | 24     |            | 24    | 2018-03-01
"""


@pytest.mark.parametrize("row", cells(MONTHS), ids=lambda row: str(row["first"]))
def test_days_of_monthly_payments(row: dict[str, str | None]) -> None:
    length = {"months": int(row["months"])} if row["months"] else {"last_month": row["last_month"]}
    days = rule.monthly_payment_days(DAY(row["first"] or ""), length)
    assert len(days) == int(row["count"] or 0)
    assert str(days[-1]) == row["last"] if days else row["last"] is None


PREPAID = """
savings | national | beneficiaries | requested | quarter
------- | -------- | ------------- | --------- | -------
400     | 12000    | 10000         |           | 500000
400     | 12000    | 10000         | 1000000   | 250000
400     | 12000    | 10000         | 9000000   | 500000
1300    | 12000    | 10000         |           | 1500000
-50     | 12000    | 10000         |           | 0
"""


@pytest.mark.parametrize("row", cells(PREPAID), ids=lambda row: f"{row['savings']} saved")
def test_prepaid_shared_savings_of_a_quarter(row: dict[str, str | None]) -> None:
    multiplier = rule.prepaid_multiplier(float(row["savings"] or 0), float(row["national"] or 0), 0.5, 0.05)
    most = rule.prepaid_maximum(multiplier, int(row["beneficiaries"] or 0))
    requested = None if row["requested"] is None else float(row["requested"])
    assert rule.prepaid_quarter(most, requested, 4) == pytest.approx(float(row["quarter"] or 0))


@pytest.mark.parametrize(
    ("direct", "rest", "kept"), [(50.0, 50.0, True), (49.99, 50.01, False), (0.0, 0.0, True), (1.0, 0.0, True)]
)
def test_half_goes_into_direct_services(direct: float, rest: float, kept: bool) -> None:
    assert rule.spent_as_promised(direct, rest, 0.5) is kept


# The account


def advance_payment(**changes: Any) -> Advances:
    plain = {"model": "advance_payment", "agreement_start": DAY("2012-07-01"), "beneficiaries": 6_000}
    return Advances.model_validate(plain | changes)


def quarter(name: str, **counts: Any) -> dict[str, Any]:
    return {"quarter": name, **(counts or {"low_income": 4_000})}


def investment(**changes: Any) -> Advances:
    quarters = [quarter(f"{year}-Q{number}") for year in (2024, 2025) for number in (1, 2, 3, 4)]
    plain = {"model": "advance_investment", "agreement_start": DAY("2024-01-01"), "quarters": quarters}
    return Advances.model_validate(plain | changes)


def earned(**years: float) -> list[dict[str, Any]]:
    return [{"performance_year": int(year[2:]), "earned": amount} for year, amount in years.items()]


def moves(account: AdvanceAccount, kind: str) -> list[tuple[str, Decimal]]:
    return [(str(entry.day), entry.amount) for entry in account.entries if entry.kind == kind]


def test_worked_example_of_6_000_beneficiaries_1_618_000() -> None:
    account = advance_account(advance_payment())
    first, month = account.entries[:2]
    assert (first.amount, month.amount) == (Decimal("466000.00"), Decimal("48000.00"))
    assert len(moves(account, "payment")) == 25
    assert account.total("payment") == account.balance == Decimal("1618000.00")
    assert account.worksheet["advances.paid"] == 1_618_000.0
    assert account.worksheet["advances.months"] == 24


def test_each_settlement_keeps_back_the_lesser_of_earned_and_balance() -> None:
    account = advance_account(advance_payment(settlements=earned(py2013=500_000, py2014=0, py2015=2_000_000)))
    assert moves(account, "recoupment") == [
        ("2014-10-01", Decimal("-500000.00")),
        ("2015-10-01", Decimal("0.00")),
        ("2016-10-01", Decimal("-1118000.00")),
    ]
    assert account.balance == 0
    assert account.worksheet["advances.recouped.2015"] == 1_118_000.0
    assert account.worksheet.line("advances.recouped.2013").note == "The rest of the balance is carried forward."


def test_what_is_left_is_carried_into_the_next_agreement() -> None:
    first = advance_account(investment(settlements=earned(py2026=0.10)))
    assert first.balance == Decimal("1689999.90")
    assert not moves(first, "due")
    later = advance_payment(balance_before=1_000_000.0, settlements=earned(py2016=3_000_000))
    assert advance_account(later).total("recoupment") == Decimal("2618000.00")


def test_a_settlement_repays_what_was_advanced_by_the_end_of_its_year() -> None:
    account = advance_account(investment(settlements=earned(py2024=5_000_000)))
    assert moves(account, "recoupment") == [("2025-10-01", Decimal("-970000.00"))]
    assert account.outstanding(2024) == Decimal("970000.00")
    assert account.balance == Decimal("720000.00")


def test_an_earlier_model_counts_to_the_day_of_the_settlement() -> None:
    stated = {"model": "aim_test_1", "agreement_start": DAY("2016-01-01"), "first_payment": DAY("2016-04-01")}
    settled = [{"performance_year": 2016, "earned": 3e6, "settled": DAY("2017-10-15")}]
    account = advance_account(Advances.model_validate(stated | {"beneficiaries": 11_205, "settlements": settled}))
    assert moves(account, "recoupment") == [("2017-10-15", Decimal("-2130000.00"))]
    assert account.balance == Decimal("400000.00")
    assert account.worksheet.line("advances.monthly_payment").note == "At most 10,000 beneficiaries count."


def test_leaving_early_makes_the_whole_balance_due_and_ends_payments() -> None:
    account = advance_account(investment(left=DAY("2025-06-30"), settlements=earned(py2024=100_000.555)))
    assert moves(account, "payment")[-1][0] == "2025-04-01"
    assert moves(account, "due") == [("2025-06-30", Decimal("-1330000.00"))]
    assert moves(account, "recoupment") == [("2025-10-01", Decimal("0.00"))]
    assert account.balance == 0
    last = next(entry for entry in account.entries if entry.kind == "due")
    assert last.confidence == "unverified"


@pytest.mark.parametrize(("left", "due"), [("2028-12-30", 1), ("2028-12-31", 0), ("2030-06-30", 0)])
def test_leaving_at_the_end_of_the_agreement_makes_nothing_due(left: str, due: int) -> None:
    account = advance_account(investment(left=DAY(left)))
    assert len(moves(account, "due")) == due
    assert (account.balance == 0) is bool(due)


def test_prepaid_shared_savings_say_that_the_rest_is_owed_directly() -> None:
    years = [
        {"performance_year": 2026, "beneficiaries": 9_000, "multiplier": 100.0, "requested": 500_000.0}
        | {"spent_on_direct_services": 300_000.0, "spent_on_staff_and_infrastructure": 200_000.0}
    ]
    stated = {"model": "prepaid_shared_savings", "agreement_start": DAY("2024-01-01"), "years": years}
    account = advance_account(Advances.model_validate(stated | {"settlements": earned(py2026=200_000)}))
    assert [amount for _day, amount in moves(account, "payment")] == [Decimal("125000.00")] * 4
    assert account.worksheet["advances.spent_as_promised.2026"] is True
    assert account.worksheet.line("advances.prepaid_quarter.2026").note == "As much as was asked for."
    assert moves(account, "recoupment") == [("2027-10-01", Decimal("-200000.00"))]
    assert account.balance == 300_000
    assert "owes itself" in account.worksheet.line("advances.balance").note
    assert account.worksheet.rests_on_unverified("advances.balance")


def test_months_may_count_different_beneficiaries() -> None:
    changed = [6_000] * 12 + [7_000] * 12
    account = advance_account(advance_payment(monthly_beneficiaries=changed))
    assert account.total("payment") == 466_000 + 12 * 48_000 + 12 * 56_000
    with pytest.raises(ConfigurationError, match="3 months are stated, but 24 are paid"):
        advance_account(advance_payment(monthly_beneficiaries=[1, 2, 3]))


def test_every_line_says_what_it_is_and_cites() -> None:
    for stated in (
        investment(settlements=earned(py2024=1.0)),
        advance_payment(),
        advance_payment(left=DAY("2013-02-01")),
    ):
        account = advance_account(stated)
        for line in account.worksheet:
            assert line.label, line.id
            assert line.cite or line.unit == "count" or line.value is None, line.id
        assert all(entry.cite for entry in account.entries)


def test_the_table_of_scores_is_called_unverified_and_the_fixed_payment_is_not() -> None:
    account = advance_account(investment())
    assert account.entries[0].confidence == "verified"
    assert account.entries[1].confidence == "unverified"
    assert account.worksheet.rests_on_unverified("advances.paid")
    assert not advance_account(advance_payment()).worksheet.rests_on_unverified("advances.balance")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no beneficiaries": ({"beneficiaries": None}, "advance_payment needs beneficiaries"),
    "quarters of another model": ({"quarters": [quarter("2024-Q1")]}, "advance_payment takes no quarters"),
    "unknown key": ({"benificiaries": 5}, "Extra inputs are not permitted"),
    "no such model": ({"model": "loan"}, "Input should be"),
    "one year twice": ({"settlements": earned(py2013=1) + earned(py2013=2)}, "settlements: one is stated twice"),
    "negative earnings": ({"settlements": earned(py2013=-1)}, "greater than or equal to 0"),
    "a figure not filled in": ({"balance_before": float("nan")}, "finite number"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_statements_are_refused_and_named(case: str) -> None:
    changes, said = WRONG[case]
    with pytest.raises(ValidationError, match=said):
        advance_payment(**changes)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"by_percentile": {0: 5}}, "1 to 100"),
        ({"by_percentile": {101: 5}}, "1 to 100"),
        ({"by_percentile": {5: -1}}, "below zero"),
    ],
)
def test_wrong_counts_of_a_quarter_are_refused(counts: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        investment(quarters=[quarter("2024-Q1", **counts)])


def test_a_quarter_after_the_eighth_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="2026-Q1 is not one of the 8 quarters paid"):
        advance_account(investment(quarters=[quarter("2026-Q1")]))


def test_a_start_without_such_advances_is_an_error() -> None:
    with pytest.raises(ParameterError, match="2023"):
        advance_account(investment(agreement_start=DAY("2023-01-01")))
    with pytest.raises(ConfigurationError, match="no start"):
        advance_account(investment(agreement_start=None))


# Who may have them

ADVANCE_PAYMENT = """
case                       | facts                                                 | eligible | unmet
-------------------------- | ----------------------------------------------------- | -------- | -------
small practices            | level=TRACK_1 hospital=no revenue=49999999            | yes      |
exactly at the limit       | level=TRACK_1 hospital=no revenue=50000000            | no       | revenue
small hospitals            | level=TRACK_2 hospital=yes small=yes revenue=79999999 | yes      |
small hospitals, too large | level=TRACK_2 hospital=yes small=yes revenue=80000000 | no       | revenue
other hospitals            | level=TRACK_1 hospital=yes small=no revenue=1         | no       | revenue
not stated                 | level=TRACK_1 hospital=yes revenue=1                  | unknown  |
"""
AIM_TEST_1 = """
case               | facts                                                   | eligible | unmet
------------------ | ------------------------------------------------------- | -------- | -----------
no hospital        | level=TRACK_1 hospital=no plan=no before=no             | yes      |
100 beds           | level=TRACK_1 hospital=yes beds=100 plan=no before=no   | yes      |
101 beds           | level=TRACK_1 hospital=yes beds=101 plan=no before=no   | no       | hospital
a critical access  | level=TRACK_1 hospital=yes small=yes plan=no before=no  | yes      |
of a health plan   | level=TRACK_1 hospital=no plan=yes before=no            | no       | health_plan
beds not stated    | level=TRACK_1 hospital=yes plan=no before=no            | unknown  |
"""
AIM_TEST_2 = """
case               | facts                                                   | eligible | unmet
------------------ | ------------------------------------------------------- | -------- | ---------------
with quality       | level=TRACK_1 hospital=no plan=no before=no quality=yes | yes      |
advanced before    | level=TRACK_1 hospital=no plan=no before=yes quality=yes | no      | advance_payment
no quality         | level=TRACK_1 hospital=no plan=no before=no quality=no  | no       | quality
"""
ADVANCE_INVESTMENT = """
case                  | facts                                                     | eligible | unmet
--------------------- | --------------------------------------------------------- | -------- | ----------
new and inexperienced | level=BASIC_A period=1 again=no status=low experienced=no | yes      |
renewing              | level=BASIC_A period=2 again=no status=low experienced=no | no       | new
re-entering           | level=BASIC_A period=1 again=yes status=low experienced=no | no      | new
high revenue          | level=BASIC_A period=1 again=no status=high experienced=no | no      | revenue
experienced           | level=BASIC_A period=1 again=no status=low experienced=yes | no      | experience
ENHANCED              | level=ENHANCED period=1 again=no status=low experienced=no | no      | level
one thing not known   | level=BASIC_A period=1 again=no status=low                | unknown  |
"""
PREPAID_SHARED_SAVINGS = """
case                  | facts                              | eligible | unmet
--------------------- | ---------------------------------- | -------- | --------
renewing with savings | level=BASIC_C period=2 savings=yes | yes      |
first period          | level=ENHANCED period=1 savings=yes | no      | renewing
one-sided             | level=BASIC_B period=2 savings=yes | no       | level
never any savings     | level=ENHANCED period=3 savings=no | no       | savings
"""
FACTS = {
    "level": "level",
    "period": "period",
    "again": "re_entering",
    "status": "revenue_status",
    "experienced": "experienced_with_risk",
    "savings": "earned_savings_before",
    "hospital": "inpatient_facility",
    "small": "only_small_hospitals",
    "beds": "most_hospital_beds",
    "revenue": "annual_revenue",
    "plan": "owned_by_health_plan",
    "before": "in_advance_payment_model",
    "quality": "reported_quality",
}
STATED: dict[str, dict[str, Any]] = {
    "advance_payment": {"agreement_start": DAY("2013-01-01"), "beneficiaries": 10_000},
    "aim_test_1": {"agreement_start": DAY("2016-01-01"), "beneficiaries": 10_000},
    "aim_test_2": {"agreement_start": DAY("2013-01-01"), "beneficiaries": 10_000},
    "advance_investment": {"agreement_start": DAY("2024-01-01"), "quarters": [quarter("2024-Q1")]},
    "prepaid_shared_savings": {
        "agreement_start": DAY("2025-01-01"),
        "years": [{"performance_year": 2026, "beneficiaries": 9_000, "multiplier": 100.0}],
    },
}
CASES = [
    pytest.param(model, row, id=f"{model}: {row['case']}")
    for model, text in (
        ("advance_payment", ADVANCE_PAYMENT),
        ("aim_test_1", AIM_TEST_1),
        ("aim_test_2", AIM_TEST_2),
        ("advance_investment", ADVANCE_INVESTMENT),
        ("prepaid_shared_savings", PREPAID_SHARED_SAVINGS),
    )
    for row in cells(text)
]


def _organization(text: str) -> dict[str, Any]:
    words = {"yes": True, "no": False}
    found = dict(each.split("=") for each in text.split())
    return {FACTS[name]: words.get(value, int(value) if value.isdigit() else value) for name, value in found.items()}


@pytest.mark.parametrize(("model", "row"), CASES)
def test_who_may_have_advances_with_the_reason(model: str, row: dict[str, str]) -> None:
    stated = {"model": model, "organization": _organization(row["facts"]), **STATED[model]}
    account = advance_account(Advances.model_validate(stated))
    assert account.eligible is {"yes": True, "no": False, "unknown": None}[row["eligible"]]
    unmet = [condition.name for condition in account.conditions if condition.met is False]
    assert unmet == ([row["unmet"]] if row["unmet"] else [])
    if unmet:
        reason = next(condition.words for condition in account.conditions if condition.name == unmet[0])
        assert reason in account.worksheet.line("advances.eligible").note


def test_more_than_10_000_beneficiaries_were_too_many_for_aim() -> None:
    for count, size in ((10_000, True), (10_001, False)):
        stated = {"model": "aim_test_1", "agreement_start": DAY("2016-01-01"), "beneficiaries": count}
        account = advance_account(Advances.model_validate(stated))
        assert account.worksheet["advances.condition.size"] is size


# The command

FILE = """
model = "advance_payment"
agreement_start = 2012-07-01
beneficiaries = 6000
settlements = [{ performance_year = 2013, earned = 500000 }]

[organization]
level = "TRACK_1"
inpatient_facility = false
annual_revenue = 20000000
"""


def test_the_command_shows_the_account(tmp_path: Path) -> None:
    path = tmp_path / "advances.toml"
    path.write_text(FILE, encoding="utf-8")
    result = CliRunner().invoke(app, ["advances", "--file", str(path)])
    assert result.exit_code == 0, result.output
    assert "24 payments of 48,000.00" in result.output
    assert "Paid 1,618,000.00, kept back 500,000.00, demanded 0.00, still to be repaid 1,118,000.00" in result.output
    assert "Eligible: yes" in result.output
    told = json.loads(CliRunner().invoke(app, ["advances", "--file", str(path), "--json"]).output)
    assert told["balance"] == 1_118_000.0
    assert told["eligible"] is True
    assert sum(entry["amount"] for entry in told["entries"]) == pytest.approx(told["balance"])
    assert told["worksheet"]["program"] == "advances"


def test_the_command_reads_aco_toml(tmp_path: Path) -> None:
    home = tmp_path / "aco"
    assert CliRunner().invoke(app, ["init", str(home)]).exit_code == 0
    written = (home / "aco.toml").read_text(encoding="utf-8").replace("nan", "1.0")
    (home / "aco.toml").write_text(written, encoding="utf-8")
    result = CliRunner().invoke(app, ["advances", "--aco", str(home)])
    assert isinstance(result.exception, ConfigurationError)
    assert "no [advances]" in result.exception.message
    text = (
        '\n[advances]\nmodel = "advance_investment"\n[[advances.quarters]]\nquarter = "2024-Q1"\nlow_income = 10000\n'
    )
    (home / "aco.toml").write_text(written + text, encoding="utf-8")
    result = CliRunner().invoke(app, ["advances", "--aco", str(home), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["balance"] == 700_000.0
    assert {each["name"] for each in told["conditions"] if each["met"]} == {"level", "revenue"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("model = ", "not valid TOML"), ('model = "loan"', "model: Input should be"), ("", "model: Field required")],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "advances.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as refused:
        read_advances(path)
    assert refused.value.where == "advances.toml"

"""Advances and their repayment in CMS's results files: Adv_Pay_Recoup of 2014 to 2020, AIPRecoup and AIPOwe of 2024."""

from __future__ import annotations

import csv
import datetime
from functools import cache
from pathlib import Path

import pytest

from openaco.programs.advances import Advances, advance_account
from openaco.rules.advances import recoupment, remaining_balance
from openaco.rules.cited import cited

pytestmark = pytest.mark.shared

ONE_DOLLAR = 1.0
REPAYING = {2014: (27, 6), 2016: (51, 15), 2018: (37, 9), 2020: (4, 2)}
"""Performance year: ACOs that owed advances when it was settled; of these, how many repaid some."""
Row = dict[str, str]


@cache
def rows(folder: Path, year: int) -> tuple[Row, ...]:
    with (folder / "mssp-puf" / f"mssp_results_py{year}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def number(row: Row, column: str) -> float:
    cell = row.get(column, "")
    return 0.0 if cell in ("", ".", "-") else float(cell.replace(",", ""))


@pytest.mark.parametrize("year", REPAYING)
def test_every_repayment_is_the_lesser_of_earned_and_owed(shared_data: Path, year: int) -> None:
    owing = [row for row in rows(shared_data, year) if number(row, "Adv_Pay_Amt") > 0]
    assert len(owing) == REPAYING[year][0]
    assert sum(number(row, "Adv_Pay_Recoup") > 0 for row in owing) == REPAYING[year][1]
    share = cited("mssp/settlement/advance_recoupment_share", year).value
    for row in owing:
        found = recoupment(max(0.0, number(row, "EarnSaveLoss")), number(row, "Adv_Pay_Amt"), share)
        assert abs(found - number(row, "Adv_Pay_Recoup")) <= ONE_DOLLAR, row


def test_advance_investment_payments_of_19_acos_in_2024(shared_data: Path) -> None:
    advanced = [row for row in rows(shared_data, 2024) if row["AIP"] == "1"]
    assert len(advanced) == 19
    for row in advanced:
        balance = number(row, "AIPBalance")
        kept = recoupment(number(row, "EarnSaveLoss"), balance)
        assert abs(kept - number(row, "AIPRecoup")) <= ONE_DOLLAR, row
        assert abs(remaining_balance(balance, kept) - number(row, "AIPOwe")) <= ONE_DOLLAR, row


def _account(row: Row, year: int) -> None:
    """The account from the printed balance on: one settlement, and what is left after it."""
    stated = {
        "model": "advance_investment",
        "agreement_start": datetime.date(2024, 1, 1),
        "balance_before": number(row, "AIPBalance"),
        "quarters": [{"quarter": "2024-Q1"}],
        "settlements": [{"performance_year": year, "earned": number(row, "EarnSaveLoss")}],
    }
    account = advance_account(Advances.model_validate(stated))
    fixed = 250_000.0
    kept = min(number(row, "EarnSaveLoss"), number(row, "AIPBalance") + fixed)
    assert account.worksheet["advances.recouped.2024"] == pytest.approx(kept, abs=0.01)
    assert float(account.balance) == pytest.approx(number(row, "AIPBalance") + fixed - kept, abs=0.01)


def test_the_account_repays_as_the_19_acos_did(shared_data: Path) -> None:
    for row in rows(shared_data, 2024):
        if row["AIP"] == "1":
            _account(row, 2024)


def test_four_full_quarters_are_the_highest_balance_of_2024(shared_data: Path) -> None:
    """21,431 beneficiaries, of whom the 10,000 with the highest scores count: 250,000 + 4 × 10,000 × 45."""
    quarters = [{"quarter": f"2024-Q{number}", "low_income": 21_431} for number in (1, 2, 3, 4)]
    stated = {"model": "advance_investment", "agreement_start": datetime.date(2024, 1, 1), "quarters": quarters}
    account = advance_account(Advances.model_validate(stated))
    highest = max(rows(shared_data, 2024), key=lambda row: number(row, "AIPBalance"))
    assert float(account.balance) == number(highest, "AIPBalance") == 2_050_000.0
    assert number(highest, "N_AB") == 21_431


MONTHS = {"04/01/2012": 27, "07/01/2012": 24, "01/01/2013": 18}


def test_every_advance_payment_is_of_a_whole_number_of_beneficiaries(shared_data: Path) -> None:
    """From each printed amount the number of beneficiaries; the account of that many comes to the amount again."""
    advanced = [row for row in rows(shared_data, 2014) if number(row, "Adv_Pay_Amt") > 0]
    assert len(advanced) == 27
    for row in advanced:
        amount, months = number(row, "Adv_Pay_Amt"), MONTHS[row["Start_Date"]]
        people = (amount - 250_000) / (36 + 8 * months)
        assert people == int(people), row
        start = datetime.datetime.strptime(row["Start_Date"], "%m/%d/%Y").date()
        stated = {"model": "advance_payment", "agreement_start": start, "beneficiaries": int(people)}
        account = advance_account(Advances.model_validate(stated))
        assert float(account.total("payment")) == amount
        assert account.worksheet["advances.months"] == months


def test_aim_amounts_of_more_than_10_000_beneficiaries(shared_data: Path) -> None:
    """19 months by the settlement of 2016, 24 in all: 2,130,000 and 2,530,000, whatever the size."""
    stated = {
        "model": "aim_test_1",
        "agreement_start": datetime.date(2016, 1, 1),
        "first_payment": datetime.date(2016, 4, 1),
        "beneficiaries": 12_000,
        "settlements": [
            {"performance_year": 2016, "earned": 0, "settled": datetime.date(2017, 10, 15)},
            {"performance_year": 2018, "earned": 0},
        ],
    }
    account = advance_account(Advances.model_validate(stated))
    for year, count, most in ((2016, 13, 2_130_000.0), (2018, 8, 2_530_000.0)):
        printed = [number(row, "Adv_Pay_Amt") for row in rows(shared_data, year) if row["AIM"] == "1"]
        assert float(account.outstanding(year)) == max(printed) == most
        assert printed.count(most) == count


def test_what_is_not_repaid_is_carried_into_later_agreements(shared_data: Path) -> None:
    """Amounts of 2014 that nobody repaid stand unchanged in 2016 and 2018, in the second agreement period."""
    before = {number(row, "Adv_Pay_Amt") for row in rows(shared_data, 2014) if number(row, "Adv_Pay_Amt") > 0}
    for year in (2016, 2018):
        later = {number(row, "Adv_Pay_Amt") for row in rows(shared_data, year) if row.get("Adv_Pay") == "1"} - {0.0}
        assert later
        assert later <= before

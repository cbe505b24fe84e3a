"""Money advanced to an ACO against shared savings, and its repayment: one function for each rule, numbers in and out.

Advance Payment ACO Model (2012–2013 starters), ACO Investment Model (AIM, 2012–2016 starters), advance investment
payments (42 CFR 425.630–425.636, first agreement periods from 2024) and prepaid shared savings (42 CFR 425.640, from
2026). Amounts of rules that pay people or months are whole US dollars; repayment takes dollars and cents.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

QUARTERS_OF_YEAR = 4
MONTHS_OF_QUARTER = 3
MONTHS_OF_YEAR = 12


def recoupment(earned_payment: float, outstanding_balance: float, share: float = 1.0) -> float:
    """US dollars kept back from an earned payment: the lesser of (a share of) the payment and the balance.

    Never negative and never more than was earned; what is left of the balance is carried forward.
    42 CFR 425.630–425.650.
    """
    return max(0.0, min(earned_payment * share, outstanding_balance))


def remaining_balance(outstanding_balance: float, recouped: float) -> float:
    """US dollars of advances still to be repaid from later performance years (42 CFR 425.630–425.650)."""
    return max(0.0, outstanding_balance - recouped)


def counted_beneficiaries(beneficiaries: int, most: int | None) -> int:
    """Beneficiaries that payments count: all of them, or at most so many.

    42 CFR 425.630(f); AIM counted them likewise.
    """
    return beneficiaries if most is None else min(beneficiaries, most)


def upfront_payment(terms: Mapping[str, Any], beneficiaries: int) -> float:
    """What is paid once, at the start: a fixed amount and an amount for each beneficiary counted.

    terms: `advances/amounts`. Advance Payment ACO Model and AIM; 42 CFR 425.630(f)(1) for advance investment payments.
    """
    return float(
        terms["fixed"] + terms["per_beneficiary"] * counted_beneficiaries(beneficiaries, terms["most_beneficiaries"])
    )


def monthly_payment(terms: Mapping[str, Any], beneficiaries: int) -> float:
    """What is paid every month for each beneficiary counted. Advance Payment ACO Model and AIM, not 42 CFR 425.630."""
    return float(terms["per_month"] * counted_beneficiaries(beneficiaries, terms["most_beneficiaries"]))


def monthly_payment_days(first: datetime.date, length: Mapping[str, Any]) -> list[datetime.date]:
    """The days of the monthly payments: so many from the first one, or through a last month.

    length: `{months: 24}` or `{last_month: "2014-06"}`. Advance Payment ACO Model and AIM, not 42 CFR 425.630.
    """
    if "months" in length:
        count = length["months"]
    else:
        year, month = (int(part) for part in length["last_month"].split("-"))
        count = (year - first.year) * MONTHS_OF_YEAR + month - first.month + 1
    return [_months_later(first, months) for months in range(count)]


def quarterly_payment_days(first: datetime.date, count: int) -> list[datetime.date]:
    """The first day of each quarter that is paid (42 CFR 425.630(f)(2), 425.640)."""
    return [_months_later(first, MONTHS_OF_QUARTER * number) for number in range(count)]


def beneficiary_score(low_income: bool, deprivation_percentile: int | None, scores: Mapping[str, int]) -> int:
    """Score of one beneficiary for advance investment payments, from 0 to 100 (42 CFR 425.630(f)(2)).

    low_income: Medicaid or low-income subsidy; otherwise the national percentile of the area deprivation index of the
    neighborhood counts, None where it is not known. scores: `advances/risk_score`.
    """
    if low_income:
        return scores["low_income"]
    return scores["missing"] if deprivation_percentile is None else deprivation_percentile


def quarterly_amount(score: int, table: Sequence[Mapping[str, int]]) -> int:
    """US dollars a quarter for a beneficiary of this score: of the last row that starts at or below it (425.630(f)(2)).

    table: `advances/quarterly_amounts`, its rows in order.
    """
    return next(row["amount"] for row in reversed(table) if score >= row["from"])


def quarterly_payment(
    beneficiaries_by_score: Mapping[int, int], table: Sequence[Mapping[str, int]], most: int | None
) -> tuple[int, int]:
    """Advance investment payment of a quarter in US dollars, and how many beneficiaries it counts (425.630(f)(2)).

    Of more than the most that count, those with the highest scores do; equal scores are paid alike, so it does not
    matter which of them count.
    """
    left = counted_beneficiaries(sum(beneficiaries_by_score.values()), most)
    counted, total = left, 0
    for score in sorted(beneficiaries_by_score, reverse=True):
        taken = min(left, beneficiaries_by_score[score])
        total += taken * quarterly_amount(score, table)
        left -= taken
    return total, counted


def prepaid_multiplier(
    average_per_capita_savings: float, national_per_capita: float, share: float, cap: float
) -> float:
    """US dollars a beneficiary that may be prepaid in a year: a share of past savings, within a cap; never negative.

    share, cap: `advances/prepaid_shared_savings`. 42 CFR 425.640(f).
    """
    return max(0.0, min(average_per_capita_savings * share, cap * national_per_capita))


def prepaid_maximum(multiplier: float, beneficiaries: int) -> float:
    """The most prepaid shared savings of a year, US dollars (42 CFR 425.640(f))."""
    return multiplier * beneficiaries


def prepaid_quarter(maximum: float, requested: float | None, payments: int) -> float:
    """One of the year's equal payments: of what the ACO asked for, at most the maximum (42 CFR 425.640(f))."""
    return (maximum if requested is None else min(requested, maximum)) / payments


def spent_as_promised(direct_services: float, staff_and_infrastructure: float, least_direct: float) -> bool:
    """Whether enough of the prepaid money went into direct services to beneficiaries (42 CFR 425.640(e)).

    Amounts in US dollars; where nothing was spent nothing was broken.
    """
    spent = direct_services + staff_and_infrastructure
    return direct_services >= least_direct * spent


def _months_later(day: datetime.date, months: int) -> datetime.date:
    """The first of the month that many months later."""
    ordinal = day.year * MONTHS_OF_YEAR + day.month - 1 + months
    return datetime.date(ordinal // MONTHS_OF_YEAR, ordinal % MONTHS_OF_YEAR + 1, 1)

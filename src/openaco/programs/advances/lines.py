"""What each line of the worksheet of advances says."""

from __future__ import annotations

from openaco.programs.scribe import LineText

_REPAYMENT = "42 CFR 425.630–425.650"

ADVANCE_LINES: dict[str, LineText] = {
    "advances.model": LineText("", "Kind of advances", "text", "", _REPAYMENT),
    "advances.condition": LineText("", "Condition", "flag", "by what is stated of the ACO", ""),
    "advances.eligible": LineText(
        "", "Eligible", "flag", "yes if every condition is met, no if one is not; else not known", ""
    ),
    "advances.beneficiaries": LineText("", "Historically assigned beneficiaries", "count", "", ""),
    "advances.upfront_payment": LineText(
        "", "Paid at the start", "usd", "fixed payment + payment for each beneficiary counted", ""
    ),
    "advances.monthly_payment": LineText(
        "", "Paid every month", "usd", "payment for each beneficiary counted and month", ""
    ),
    "advances.monthly_beneficiaries": LineText("", "Beneficiaries of the month", "count", "", ""),
    "advances.months": LineText("", "Months paid", "count", "from the first payment to the last, or to leaving", ""),
    "advances.quarter_beneficiaries": LineText("", "Assigned beneficiaries", "count", "", "42 CFR 425.630(f)(2)"),
    "advances.quarter_counted": LineText(
        "", "Beneficiaries counted", "count", "at most so many, the highest scores first", "42 CFR 425.630(f)(2)"
    ),
    "advances.quarterly_payment": LineText(
        "",
        "Quarterly payment",
        "usd",
        "sum over the beneficiaries counted of the amount for their score",
        "42 CFR 425.630(f)(2)",
    ),
    "advances.prepaid_multiplier": LineText(
        "", "Prepaid shared savings multiplier", "usd_per_capita", "", "42 CFR 425.640(f)"
    ),
    "advances.prepaid_beneficiaries": LineText("", "Assigned beneficiaries", "count", "", "42 CFR 425.640(f)"),
    "advances.prepaid_maximum": LineText(
        "", "Most prepaid shared savings of the year", "usd", "multiplier × assigned beneficiaries", "42 CFR 425.640(f)"
    ),
    "advances.prepaid_quarter": LineText(
        "",
        "Quarterly prepaid shared savings",
        "usd",
        "the lesser of what was asked for and the most, in equal payments",
        "42 CFR 425.640(f)",
    ),
    "advances.direct_services": LineText(
        "", "Spent on direct services to beneficiaries", "usd", "", "42 CFR 425.640(e)"
    ),
    "advances.staff_and_infrastructure": LineText(
        "", "Spent on staff and infrastructure", "usd", "", "42 CFR 425.640(e)"
    ),
    "advances.spent_as_promised": LineText(
        "",
        "Enough spent on direct services",
        "flag",
        "direct services at least their share of what was spent",
        "42 CFR 425.640(e)",
    ),
    "advances.balance_before": LineText("", "Advances of earlier agreement periods", "usd", "", _REPAYMENT),
    "advances.earned": LineText("", "Earned performance payment", "usd", "", _REPAYMENT),
    "advances.outstanding": LineText(
        "", "Balance that the settlement can repay", "usd", "payments that count − what was repaid", _REPAYMENT
    ),
    "advances.recouped": LineText(
        "", "Kept back from the earned payment", "usd", "the lesser of earned payment and balance", _REPAYMENT
    ),
    "advances.paid": LineText("", "Advances paid in all", "usd", "sum of the payments", _REPAYMENT),
    "advances.recouped_total": LineText(
        "", "Repaid from shared savings in all", "usd", "sum of the repayments", _REPAYMENT
    ),
    "advances.due": LineText("", "Balance demanded", "usd", "what was outstanding when the ACO left", _REPAYMENT),
    "advances.balance": LineText(
        "", "Balance", "usd", "balance before + paid − repaid − demanded; carried forward", _REPAYMENT
    ),
}

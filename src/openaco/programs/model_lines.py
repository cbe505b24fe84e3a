"""What the worksheet lines say that Pioneer and Next Generation have in common.

An id is the name here, then the enrollment type, then the year: `benchmark.per_capita.esrd.by1`.
"""

from __future__ import annotations

from openaco.programs.scribe import LineText

_SETTLED = "Participation agreement: financial settlement"
_PAID = "Participation agreement: payment mechanisms"

TOTAL_LINES: dict[str, LineText] = {
    "settlement.assigned_beneficiaries": LineText("", "Aligned beneficiaries", "count", "", _SETTLED),
    "settlement.person_years_by_type": LineText("", "Person-years", "years", "", _SETTLED),
    "settlement.person_years": LineText("", "Person-years, all types", "years", "sum of the types", _SETTLED),
    "update.proportion": LineText(
        "", "Proportion of person-years", "fraction", "person-years of the type ÷ person-years", _SETTLED
    ),
    "settlement.per_capita": LineText("", "Per capita expenditures", "usd_per_capita", "", _SETTLED),
    "settlement.expenditures_per_capita": LineText(
        "",
        "Per capita expenditures, all types",
        "usd_per_capita",
        "sum of per capita expenditures × proportion over the enrollment types",
        _SETTLED,
    ),
    "settlement.fees_added_back": LineText(
        "",
        "Fees replaced by monthly payments, added back",
        "usd",
        "claims reduced, where the expenditures are those after the reduction; else 0",
        _PAID,
    ),
    "settlement.total_expenditures": LineText(
        "", "Total expenditures", "usd", "per capita expenditures × person-years + fees added back", _SETTLED
    ),
    "settlement.difference": LineText(
        "",
        "Total benchmark minus total expenditures",
        "usd",
        "total benchmark − total expenditures: savings above zero, losses below",
        _SETTLED,
    ),
    "settlement.savings_rate": LineText(
        "", "Savings or losses as a share of the benchmark", "fraction", "difference ÷ total benchmark", _SETTLED
    ),
}

PAYMENT_LINES: dict[str, LineText] = {
    "payments.mechanism": LineText("", "Payment mechanism", "text", "", _PAID),
    "payments.share": LineText("", "Share of participants' fees that monthly payments replace", "fraction", "", _PAID),
    "payments.projected_fees": LineText(
        "", "Participants' fees for the aligned beneficiaries, as projected", "usd", "", _PAID
    ),
    "payments.monthly": LineText(
        "", "Monthly payment in place of fees", "usd", "projected fees × share replaced ÷ 12", _PAID
    ),
    "payments.paid": LineText("", "Payments in place of fees in the year", "usd", "12 × monthly payment", _PAID),
    "payments.actual_fees": LineText(
        "", "Participants' fees for the aligned beneficiaries, before the reduction", "usd", "", _PAID
    ),
    "payments.fees_reduced": LineText("", "Claims reduced in the year", "usd", "actual fees × share replaced", _PAID),
    "payments.reconciliation": LineText(
        "",
        "Reconciliation of payments with claims",
        "usd",
        "claims reduced − payments: above zero CMS pays the rest, below zero the ACO repays",
        _PAID,
    ),
    "settlement.due_at_settlement": LineText(
        "",
        "Due at settlement: above zero to the ACO, below zero to CMS",
        "usd",
        "payment + reconciliation of payments with claims − infrastructure payments",
        _SETTLED,
    ),
}

"""What each line of the Shared Savings Program worksheet says. Steps are the letters of CMS's settlement report.

An id is the name here, then the enrollment type, then the year: `benchmark.trended.esrd.by1`, `settlement.payment`.
Where CMS prints one figure in two tables it is one line here, and `step` names the table that computes it.
"""

from __future__ import annotations

from openaco.programs.scribe import LineText

_SHARING = "42 CFR 425.605, 425.610"

SETTLEMENT_LINES: dict[str, LineText] = {
    "settlement.assigned_beneficiaries": LineText(
        "Table 3 [A]", "Assigned beneficiaries", "count", "", "42 CFR 425.110"
    ),
    "settlement.total_expenditures": LineText(
        "Table 3 [G]", "Total expenditures", "usd", "per capita expenditures × person-years", f"{_SHARING}(a)"
    ),
    "settlement.total_benchmark": LineText(
        "Table 3 [H]", "Total benchmark expenditures", "usd", "updated benchmark × person-years", f"{_SHARING}(a)"
    ),
    "settlement.difference": LineText(
        "Table 3 [I]",
        "Total benchmark minus total expenditures",
        "usd",
        "total benchmark − total expenditures",
        f"{_SHARING}(a)",
    ),
    "settlement.savings": LineText(
        "Table 3 [J]", "Total savings", "usd", "the difference where above zero, else 0", f"{_SHARING}(a)"
    ),
    "settlement.losses": LineText(
        "Table 3 [K]", "Total losses", "usd", "the difference where below zero, else 0", f"{_SHARING}(a)"
    ),
    "settlement.minimum_savings_rate_election": LineText(
        "", "Minimum savings rate chosen by the ACO", "fraction", "", f"{_SHARING}(b)"
    ),
    "settlement.minimum_savings_rate": LineText(
        "Table 3 [L]",
        "Minimum savings rate",
        "fraction",
        "the chosen rate of a two-sided ACO of 5,000 beneficiaries or more; otherwise the table by assigned "
        "beneficiaries, in a straight line between the ends of its row",
        f"{_SHARING}(b)",
    ),
    "settlement.minimum_loss_rate": LineText(
        "Table 3 [M]", "Minimum loss rate", "fraction", "− minimum savings rate", f"{_SHARING}(b)"
    ),
    "settlement.minimum_savings": LineText(
        "Table 3 [N]", "Minimum savings", "usd", "minimum savings rate × total benchmark", f"{_SHARING}(b)"
    ),
    "settlement.minimum_losses": LineText(
        "Table 3 [O]", "Minimum losses", "usd", "minimum loss rate × total benchmark", f"{_SHARING}(b)"
    ),
    "settlement.outcome": LineText(
        "Table 3 [P]",
        "Savings or losses realized",
        "text",
        "Savings if the difference is at least the minimum savings; Losses if it is at most their negative",
        "42 CFR 425.316(d)",
    ),
    "settlement.maximum_sharing_rate": LineText("Table 3 [Q]", "Maximum sharing rate", "fraction", "by track", ""),
    "settlement.quality_score": LineText(
        "Table 3 [R]",
        "Quality performance score",
        "fraction",
        "the stated score; at least the threshold under an extreme and uncontrollable circumstance",
        "42 CFR 425.512",
    ),
    "settlement.quality_standard": LineText(
        "Table 3 [S]",
        "Met the quality performance standard",
        "text",
        "Yes; Alternative: only the alternative standard is met; No",
        "42 CFR 425.512",
    ),
    "settlement.final_sharing_rate": LineText(
        "Table 3 [T]",
        "Final sharing rate",
        "fraction",
        "maximum sharing rate, by the quality rule of the year: to 2020 × quality score; 2021–2022 all or nothing; "
        "from 2023 in full if the standard is met, × quality score if only the alternative is met, else 0",
        "",
    ),
    "settlement.shared_loss_rate": LineText(
        "Table 3 [U]",
        "Shared loss rate",
        "fraction",
        "fixed; or 1 − maximum sharing rate × quality score, within a floor and a ceiling; the ceiling where quality "
        "failed",
        "",
    ),
    "settlement.reduced_sharing_rate": LineText(
        "",
        "Reduced sharing rate of a low revenue ACO below its minimum savings rate",
        "fraction",
        "half of the final sharing rate",
        "42 CFR 425.605(h)",
    ),
    "settlement.shared_savings": LineText(
        "Table 3 [V]",
        "Shared savings",
        "usd",
        "savings × final sharing rate where savings meet or exceed the minimum; × reduced sharing rate where the low "
        "revenue relief applies; else 0",
        f"{_SHARING}(c)–(d)",
    ),
    "settlement.savings_cap": LineText(
        "Table 3 [W]", "Shared savings cap", "usd", "savings limit × total benchmark", ""
    ),
    "settlement.sequestration": LineText(
        "Table 3 [X]", "Sequestration adjustment", "usd", "sequestration rate × shared savings, before the cap", ""
    ),
    "settlement.performance_year_fraction": LineText(
        "", "Length of the performance year", "ratio", "months ÷ 12", "42 CFR 425.609"
    ),
    "settlement.earned_performance_payment": LineText(
        "Table 3 [Y]",
        "Earned performance payment",
        "usd",
        "the lesser of shared savings − sequestration and the cap, × length of the performance year",
        f"{_SHARING}(e)",
    ),
    "settlement.shared_losses": LineText(
        "Table 3 [Z]",
        "Shared losses",
        "usd",
        "losses × shared loss rate where losses meet or exceed the minimum, else 0",
        f"{_SHARING}(d)–(f)",
    ),
    "settlement.participant_revenue": LineText(
        "Table 3 [AA]", "Part A and B fee-for-service revenue of ACO participants", "usd", "", "42 CFR 425.20"
    ),
    "settlement.losses_cap": LineText(
        "Table 3 [BB]",
        "Shared losses cap",
        "usd",
        "− the lesser of a share of participants' revenue and a share of total benchmark, by track",
        "",
    ),
    "settlement.losses_after_cap": LineText(
        "Table 3 [CC]",
        "Shared losses after the cap",
        "usd",
        "the smaller loss of shared losses and the cap",
        "42 CFR 425.605(d), 425.610(g)",
    ),
    "settlement.loss_share_on_exit": LineText(
        "",
        "Share of losses of an ACO that left early",
        "ratio",
        "1 for a whole year; months in the program ÷ 12 after 30 June or if CMS ended the agreement; else 0",
        "42 CFR 425.221",
    ),
    "settlement.losses_for_time_in_program": LineText(
        "",
        "Shared losses for the time in the program",
        "usd",
        "losses after the cap × length of the performance year × share on exit",
        "42 CFR 425.221, 425.609",
    ),
    "settlement.extreme_circumstances_beneficiary_share": LineText(
        "Table 3 [DD]",
        "Share of beneficiaries in counties affected by an extreme and uncontrollable circumstance",
        "fraction",
        "the greater of the ACO's own share and the nationwide one",
        "",
    ),
    "settlement.extreme_circumstances_month_share": LineText(
        "Table 3 [EE]",
        "Share of the year affected by an extreme and uncontrollable circumstance",
        "fraction",
        "the greater of the ACO's own share and the nationwide one",
        "",
    ),
    "settlement.extreme_circumstances_adjustment": LineText(
        "Table 3 [FF]",
        "Extreme and uncontrollable circumstance adjustment",
        "usd",
        "shared losses × share of beneficiaries × share of the year",
        "42 CFR 425.605(f), 425.610(i)",
    ),
    "settlement.payment_due_to_cms": LineText(
        "Table 3 [GG]",
        "Payment due to CMS",
        "usd",
        "shared losses − extreme and uncontrollable circumstance adjustment; negative",
        f"{_SHARING}",
    ),
    "settlement.advance_balance": LineText("", "Advances not yet repaid", "usd", "", "42 CFR 425.630–425.650"),
    "settlement.advance_recoupment": LineText(
        "", "Advances repaid from the earned payment", "usd", "the lesser of earned payment and balance", ""
    ),
    "settlement.payment": LineText(
        "",
        "Payment: above zero to the ACO, below zero to CMS",
        "usd",
        "earned performance payment − advances repaid + payment due to CMS",
        f"{_SHARING}",
    ),
}

"""What each line of a distribution worksheet says. An id is the name here, then the pool, then the participant:
`award.primary_care_panels.000000001`. Labels get the names of both.
"""

from __future__ import annotations

from openaco.programs.scribe import LineText

_PUBLIC = "42 CFR 425.308(b)(4)"
_SETTLEMENT = "42 CFR 425.605, 425.610"
_PLAN = "the plan"

TEXTS: dict[str, LineText] = {
    "settlement.earned_performance_payment": LineText("", "Earned performance payment", "usd", "", _SETTLEMENT),
    "settlement.advance_recoupment": LineText("", "Kept by CMS for advances", "usd", "", "42 CFR 425.630–425.650"),
    "settlement.payment": LineText("", "Payment", "usd", "", _PUBLIC),
    "use": LineText("", "Use", "usd", "", _PLAN),
    "uses.total": LineText("", "Used before participants share", "usd", "sum of the uses", _PLAN),
    "pools.shareable": LineText(
        "", "For participants to share", "usd", "payment received − uses before participants share", _PLAN
    ),
    "panel.beneficiaries": LineText("", "Assigned people", "count", "", "42 CFR 425.402"),
    "panel.person_years": LineText("", "Person-years", "years", "", "42 CFR 425.402"),
    "panel.expected": LineText("", "Expected cost of the panel", "usd", "", _SETTLEMENT),
    "panel.actual": LineText("", "Actual cost of the panel", "usd", "", _SETTLEMENT),
    "panel.class": LineText("", "Class", "text", "", _PLAN),
    "panel.quality": LineText("", "Quality score, 0 to 100", "score", "", "42 CFR 425.512"),
    "panel.points": LineText("", "Citizenship points", "score", "", _PLAN),
    "aco.person_years": LineText("", "Person-years of all assigned people", "years", "sum over the panels", ""),
    "aco.difference": LineText(
        "", "Expected minus actual cost of all assigned people", "usd", "sum over the panels", _SETTLEMENT
    ),
    "pool.amount": LineText("", "Pool", "usd", "", _PLAN),
    "pool.left": LineText("", "Not paid out of the pool", "usd", "pool − what participants receive", _PLAN),
    "measure": LineText("", "Measure", "ratio", "", _PLAN),
    "credibility": LineText(
        "", "Credibility", "ratio", "person-years ÷ (person-years + the plan's credibility person-years)", _PLAN
    ),
    "own_difference": LineText(
        "",
        "Expected minus actual cost per person-year",
        "usd_per_capita",
        "(expected cost − actual cost) ÷ person-years",
        _PLAN,
    ),
    "measured": LineText("", "Measure of all who share", "ratio", "sum of the measures of the pool", _PLAN),
    "rate": LineText(
        "",
        "US dollars for each unit of the measure",
        "ratio",
        "the one rate at which floors, caps and rate × measure add up to the pool",
        _PLAN,
    ),
    "award": LineText("", "Receives", "usd", "", _PLAN),
    "receives": LineText("", "Receives in all", "usd", "sum over the pools", _PLAN),
    "losses.due": LineText("", "Due to CMS", "usd", "− payment", _SETTLEMENT),
    "losses.from_reserve": LineText(
        "", "Paid by the reserve", "usd", "the lesser of what is due and the reserve that the plan names", _PLAN
    ),
    "losses.rate": LineText(
        "",
        "US dollars for each unit of the measure",
        "ratio",
        "the one rate at which caps and rate × measure add up to what participants bear",
        _PLAN,
    ),
    "losses.share": LineText("", "Pays", "usd", "", _PLAN),
    "losses.shared": LineText("", "Paid by participants", "usd", "sum over the participants", _PLAN),
    "losses.by_aco": LineText(
        "", "Paid by the ACO", "usd", "due to CMS − paid by the reserve − paid by participants", _PLAN
    ),
    "distribution.participants": LineText(
        "", "To participants", "usd", "sum of what each participant receives", _PUBLIC
    ),
    "distribution.held": LineText(
        "", "Held by the ACO", "usd", "what no participant could receive under the plan", _PLAN
    ),
    "distribution.total": LineText(
        "",
        "Uses, participants and what is held",
        "usd",
        "uses + participants + held; for losses: − reserve − participants − ACO. It is the payment, to the cent",
        _PLAN,
    ),
}

USE_FORMULAS = {
    "advance": "the lesser of the balance and the largest share of the payment that repays it, of what remains",
    "payment": "share × payment received, of what remains",
    "remaining": "share × what remains at this point",
    "reserve": "share × {base}, up to the reserve's target less what it holds",
}

MEASURES = {
    "equal": ("Participants", "1 for each"),
    "fixed": ("Participants", "1 for each"),
    "panel": ("{people}", "{people_formula}"),
    "quality_weighted_panel": ("{people} × quality score ÷ 100", "{people_formula} × quality score ÷ 100"),
    "points": ("Citizenship points", "citizenship points"),
    "contribution": (
        "Contribution credited, US dollars",
        "(credibility × own + (1 − credibility) × the ACO's mean) × person-years, at least 0; own and mean are "
        "expected minus actual cost per person-year",
    ),
}

AWARDS = {
    "fixed": "the amount of the plan, or the same smaller amount for each where not enough is left",
    "": "rate × measure, at least the floor, at most the cap; rounded to cents so that all add up",
    "combined": "the part of the small panels together, by assigned people",
}


def measure_words(formula: str, count: str) -> tuple[str, str]:
    """What a formula measures, and how, for labels and formula texts."""
    people = "Person-years" if count == "person_years" else "Assigned people"
    label, how = MEASURES[formula]
    return label.format(people=people), how.format(people_formula=people.lower())

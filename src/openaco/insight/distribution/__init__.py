"""Earned savings to the people who earned them: uses, pools, formulas, and what every cent of it rests on.

    plan = read_plan(Path("distribution.toml"))             # or plain_plan()
    inputs = read_inputs(engine, run_folder, plan)           # a finished run, and participant_scores.csv
    result = distribute(plan, inputs.facts)                  # pure and exact
    sheet = distribution_worksheet(result, inputs.settlement)

42 CFR 425.204(d) asks an ACO how it will use savings, 425.308(b)(4) to say in public how it did. The plan is the
ACO's own; OpenACO holds it to a few things: it adds up to the cent, nobody pays unless the plan says so, and whatever
patients' costs decide is risk-adjusted and gated by quality, so that no formula pays for necessary care left out.
"""

from openaco.insight.distribution.comparison import PlanComparison, compare_plans
from openaco.insight.distribution.distribute import Distribution, by_clinician, distribute
from openaco.insight.distribution.facts import Clinician, Facts, Panel, Participant
from openaco.insight.distribution.inputs import Inputs, read_inputs
from openaco.insight.distribution.plan import Plan, check_plan, plain_plan, plan_text, read_plan
from openaco.insight.distribution.public_report import PublicReport, public_report
from openaco.insight.distribution.sheet import distribution_worksheet

__all__ = [
    "Clinician",
    "Distribution",
    "Facts",
    "Inputs",
    "Panel",
    "Participant",
    "Plan",
    "PlanComparison",
    "PublicReport",
    "by_clinician",
    "check_plan",
    "compare_plans",
    "distribute",
    "distribution_worksheet",
    "plain_plan",
    "plan_text",
    "public_report",
    "read_inputs",
    "read_plan",
]

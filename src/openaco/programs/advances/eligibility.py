"""Who may be paid in advance: each condition of a model with its answer and the words for a reader.

Sources: Advance Payment ACO Model and ACO Investment Model (announcements); 42 CFR 425.630(b) (advance investment
payments); 42 CFR 425.640(b) (prepaid shared savings).
"""

from __future__ import annotations

from dataclasses import dataclass

from openaco.programs.advances.stated import AdvanceModel, Organization
from openaco.rules.cited import Cited, cited


@dataclass(frozen=True)
class Condition:
    """One condition: `met` is None where what decides it is not stated."""

    name: str
    met: bool | None
    words: str
    basis: Cited


def conditions(model: AdvanceModel, start_year: int, facts: Organization, beneficiaries: int | None) -> list[Condition]:
    """The conditions of a model for agreements of a year, in the order in which they are read."""
    levels = cited("advances/levels", start_year, model=model)
    level = None if facts.level is None else facts.level in levels.value
    found = [Condition("level", level, f"the level or track is one of {', '.join(levels.value)}", levels)]
    if model == "advance_payment":
        return [*found, *_advance_payment(start_year, facts)]
    if model in ("aim_test_1", "aim_test_2"):
        return [*found, *_investment_model(model, start_year, facts, beneficiaries)]
    if model == "advance_investment":
        return [*found, *_advance_investment(facts, levels)]
    return [*found, *_prepaid(facts, levels)]


def eligible(found: list[Condition]) -> bool | None:
    """Whether every condition is met; None where it hangs on what is not stated."""
    if any(condition.met is False for condition in found):
        return False
    return None if any(condition.met is None for condition in found) else True


def _advance_payment(start_year: int, facts: Organization) -> list[Condition]:
    limits = cited("advances/eligibility", start_year, model="advance_payment")
    without, small = limits.value["revenue_without_hospital"], limits.value["revenue_with_small_hospitals"]
    words = (
        f"no inpatient facility and revenue below {without:,} dollars a year, or only critical access and low-volume "
        f"rural hospitals and revenue below {small:,}"
    )
    return [Condition("revenue", _small_enough(facts, without, small), words, limits)]


def _small_enough(facts: Organization, without: float, small: float) -> bool | None:
    if facts.inpatient_facility is None or facts.annual_revenue is None:
        return None
    if not facts.inpatient_facility:
        return facts.annual_revenue < without
    if facts.only_small_hospitals is None:
        return None
    return facts.only_small_hospitals and facts.annual_revenue < small


def _investment_model(
    model: AdvanceModel, start_year: int, facts: Organization, beneficiaries: int | None
) -> list[Condition]:
    limits = cited("advances/eligibility", start_year, model=model)
    most, beds = limits.value["most_beneficiaries"], limits.value["most_beds"]
    size = None if beneficiaries is None else beneficiaries <= most
    found = [
        Condition("size", size, f"at most {most:,} assigned beneficiaries", limits),
        Condition(
            "hospital",
            _small_hospitals(facts, beds),
            f"no hospital but critical access hospitals and those of at most {beds} beds",
            limits,
        ),
        Condition("health_plan", _not(facts.owned_by_health_plan), "not owned by a health plan", limits),
        Condition(
            "advance_payment", _not(facts.in_advance_payment_model), "not in the Advance Payment ACO Model", limits
        ),
    ]
    if model == "aim_test_2":
        found.append(Condition("quality", facts.reported_quality, "quality was reported", limits))
    return found


def _small_hospitals(facts: Organization, beds: int) -> bool | None:
    if facts.inpatient_facility is None:
        return None
    if not facts.inpatient_facility or facts.only_small_hospitals:
        return True
    return None if facts.most_hospital_beds is None else facts.most_hospital_beds <= beds


def _advance_investment(facts: Organization, basis: Cited) -> list[Condition]:
    return [
        Condition("new", _all(_first(facts), _not(facts.re_entering)), "neither renewing nor re-entering", basis),
        Condition("revenue", _is(facts.revenue_status, "low"), "low revenue", basis),
        Condition("experience", _not(facts.experienced_with_risk), "inexperienced with performance-based risk", basis),
    ]


def _prepaid(facts: Organization, basis: Cited) -> list[Condition]:
    return [
        Condition("renewing", _not(_first(facts)), "renewing", basis),
        Condition("savings", facts.earned_savings_before, "earned shared savings before", basis),
    ]


def _first(facts: Organization) -> bool | None:
    return None if facts.period is None else facts.period == 1


def _is(stated: str | None, wanted: str) -> bool | None:
    return None if stated is None else stated == wanted


def _not(stated: bool | None) -> bool | None:
    return None if stated is None else not stated


def _all(*answers: bool | None) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True

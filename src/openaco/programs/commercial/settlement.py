"""From the benchmark of a commercial contract to the payment: totals, savings, losses, fees and guarantees.

Amounts are US dollars, unrounded; rates, parts and shares are fractions of the total benchmark. Losses and what is
owed are below zero.
"""

from __future__ import annotations

import math

from openaco.errors import ConfigurationError
from openaco.programs.commercial.contradictions import corridors_from
from openaco.programs.commercial.file import ContractFile
from openaco.programs.commercial.terms import Side
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.scribe import Scribe
from openaco.rules.corridors import Corridors, share_kept

MONTHS = 12
_NONE_SHARED = "Losses are not shared."


def shared_part(corridors: Corridors, rate: float, minimum: float, first_dollar: bool) -> float:
    """The ACO's part of a savings or loss rate (≥ 0), as a fraction of the benchmark.

    Nothing below the minimum; from it on all bands from zero, or with `first_dollar` false only what lies beyond it.
    Bands stay where they are: they count from zero of the benchmark in both cases.
    """
    if rate <= 0 or rate < minimum:
        return 0.0
    return share_kept(corridors, rate) - (0.0 if first_dollar else share_kept(corridors, minimum))


def most_share(side: Side, rate: float) -> float:
    """The greatest part of the benchmark that a side can move up to a savings or loss rate, cap included."""
    corridors = corridors_from(side)
    last = corridors.bands[-1]
    if math.isinf(rate):
        rate = last.start if last.kept == 0 else math.inf
    most = math.inf if math.isinf(rate) else shared_part(corridors, rate, side.minimum_rate, side.first_dollar)
    return most if side.cap is None else min(most, side.cap)


def add_totals(scribe: Scribe, file: ContractFile, year: int, performance: YearInputs) -> None:
    """From person-years and expenditures to the difference."""
    sheet, terms = scribe.sheet, file.terms_for(year)
    kinds = list(performance.person_years)
    for kind in kinds:
        scribe.given(f"settlement.per_capita.{kind}", performance.per_capita[kind])
    pairs = [(f"settlement.per_capita.{kind}", f"settlement.person_years_by_type.{kind}") for kind in kinds]
    medical = scribe.computed(
        "settlement.medical_expenditures",
        math.fsum(sheet.number(amount) * sheet.number(weight) for amount, weight in pairs),
        [id for pair in pairs for id in pair],
    )
    person_months = sheet.number("settlement.person_years") * MONTHS
    recovered = scribe.given("settlement.stop_loss_recoveries", file.results_for(year).stop_loss_recoveries)
    charge = scribe.computed(
        "settlement.stop_loss_charge", terms.stop_loss.charge_pmpm * person_months, ["settlement.person_years"]
    )
    fee = scribe.computed(
        "settlement.care_management_fee", terms.fees.care_management_pmpm * person_months, ["settlement.person_years"]
    )
    counted = scribe.computed(
        "settlement.fee_counted", fee if terms.fees.counted_as_expenditure else 0.0, ["settlement.care_management_fee"]
    )
    parts = ["medical_expenditures", "stop_loss_recoveries", "stop_loss_charge", "fee_counted"]
    spent = scribe.computed(
        "settlement.total_expenditures",
        medical - recovered + charge + counted,
        [f"settlement.{part}" for part in parts],
    )
    totals = ["settlement.total_benchmark", "settlement.total_expenditures"]
    difference = scribe.computed("settlement.difference", sheet.number(totals[0]) - spent, totals)
    benchmark = sheet.number(totals[0])
    scribe.computed(
        "settlement.savings_rate",
        difference / benchmark if benchmark else 0.0,
        ["settlement.difference", totals[0]],
    )
    smallest = scribe.given("settlement.minimum_size", file.attribution.minimum_size)
    scribe.computed(
        "settlement.large_enough",
        performance.assigned_beneficiaries >= smallest,
        ["settlement.assigned_beneficiaries", "settlement.minimum_size"],
    )


def add_savings(scribe: Scribe, file: ContractFile, year: int) -> None:
    sheet, side = scribe.sheet, file.terms_for(year).savings
    rate, benchmark = sheet.number("settlement.savings_rate"), sheet.number("settlement.total_benchmark")
    minimum = scribe.given("settlement.minimum_savings_rate", side.minimum_rate)
    enough = sheet["settlement.large_enough"]
    part = shared_part(corridors_from(side), rate, minimum, side.first_dollar) if enough else 0.0
    share = scribe.computed(
        "settlement.savings_share",
        part,
        ["settlement.savings_rate", "settlement.minimum_savings_rate", "settlement.large_enough"],
        note=_why_not("savings", rate, minimum, bool(enough)),
    )
    factor = _quality_factor(scribe, file, year, matters=share > 0)
    shared = scribe.computed(
        "settlement.shared_savings",
        share * benchmark * factor,
        ["settlement.savings_share", "settlement.total_benchmark", "settlement.quality_factor"],
    )
    cap = scribe.computed(
        "settlement.savings_cap",
        None if side.cap is None else side.cap * benchmark,
        ["settlement.total_benchmark"],
        note="No limit is agreed on." if side.cap is None else "",
    )
    scribe.computed(
        "settlement.earned_savings",
        shared if cap is None else min(shared, cap),
        ["settlement.shared_savings", "settlement.savings_cap"],
        note="The cap binds." if cap is not None and shared > cap else "",
    )


def _why_not(what: str, rate: float, minimum: float, enough: bool) -> str:
    """Why savings (losses) of this size are not shared; empty where they are, or where there are none."""
    if rate <= 0:
        return ""
    if not enough:
        return f"Too few people: {what} are not shared."
    return f"Below the minimum: {what} are not shared." if rate < minimum else ""


def _quality_factor(scribe: Scribe, file: ContractFile, year: int, *, matters: bool) -> float:
    quality = file.terms_for(year).quality
    score = scribe.given("settlement.quality_score", file.results_for(year).quality_score)
    needed = quality.minimum_score is not None or quality.scale_share
    factor: float | None = 1.0
    if needed and score is None:
        if matters and not _is_supposed(scribe, "settlement.quality_factor"):
            raise ConfigurationError(
                "what is paid depends on the quality score, and none is stated",
                where=f"{file.name}, results.{year}.quality_score",
                remedy=f"State it under [results.{year}], 0 to 100.",
            )
        factor = None
    elif quality.minimum_score is not None and score < quality.minimum_score:
        factor = 0.0
    elif quality.scale_share:
        factor = score / 100
    factor = scribe.computed(
        "settlement.quality_factor",
        factor,
        ["settlement.quality_score"],
        note="Depends on the quality score, which is not stated; decides nothing here." if factor is None else "",
    )
    return 0.0 if factor is None else factor


def _is_supposed(scribe: Scribe, id: str) -> bool:
    return id in scribe.supposed


def add_losses(scribe: Scribe, file: ContractFile, year: int) -> None:
    sheet, side = scribe.sheet, file.terms_for(year).losses
    names = ("minimum_loss_rate", "losses_share", "shared_losses", "losses_cap", "losses_after_cap")
    if side is None:
        for name in names:
            scribe.computed(f"settlement.{name}", None, note=_NONE_SHARED)
        return
    rate, benchmark = -sheet.number("settlement.savings_rate"), sheet.number("settlement.total_benchmark")
    minimum = scribe.given("settlement.minimum_loss_rate", side.minimum_rate)
    enough = sheet["settlement.large_enough"]
    part = shared_part(corridors_from(side), rate, minimum, side.first_dollar) if enough else 0.0
    share = scribe.computed(
        "settlement.losses_share",
        0.0 - part,
        ["settlement.savings_rate", "settlement.minimum_loss_rate", "settlement.large_enough"],
        note=_why_not("losses", rate, minimum, bool(enough)),
    )
    shared = scribe.computed(
        "settlement.shared_losses", share * benchmark, ["settlement.losses_share", "settlement.total_benchmark"]
    )
    cap = scribe.computed(
        "settlement.losses_cap",
        None if side.cap is None else -side.cap * benchmark,
        ["settlement.total_benchmark"],
        note="No limit is agreed on." if side.cap is None else "",
    )
    scribe.computed(
        "settlement.losses_after_cap",
        shared if cap is None else max(shared, cap),
        ["settlement.shared_losses", "settlement.losses_cap"],
        note="The cap binds." if cap is not None and shared < cap else "",
    )


def add_payment(scribe: Scribe, file: ContractFile, year: int) -> None:
    sheet, terms = scribe.sheet, file.terms_for(year)
    earned = sheet.number("settlement.earned_savings")
    bonus = _bonus(scribe, file, year)
    stated = file.results_for(year).upfront_balance
    balance = scribe.computed("settlement.upfront_balance", stated + terms.fees.upfront)
    repaid = scribe.computed(
        "settlement.upfront_recoupment",
        min(balance, terms.fees.recoup_share * earned),
        ["settlement.upfront_balance", "settlement.earned_savings"],
    )
    least = scribe.given("settlement.guaranteed_payment", terms.guarantee.minimum_payment)
    top_up = scribe.computed(
        "settlement.guarantee_top_up",
        0.0 if least is None else max(0.0, least - (earned + bonus - repaid)),
        [
            "settlement.guaranteed_payment",
            "settlement.earned_savings",
            "settlement.quality_bonus",
            "settlement.upfront_recoupment",
        ],
    )
    scribe.computed(
        "settlement.payment",
        earned + bonus - repaid + top_up + sheet.number("settlement.losses_after_cap"),
        [
            "settlement.earned_savings",
            "settlement.quality_bonus",
            "settlement.upfront_recoupment",
            "settlement.guarantee_top_up",
            "settlement.losses_after_cap",
        ],
    )


def _bonus(scribe: Scribe, file: ContractFile, year: int) -> float:
    """The quality bonus. Raises ConfigurationError where one is agreed on and no score is stated."""
    steps = file.terms_for(year).quality.bonus
    score = scribe.sheet["settlement.quality_score"]
    if steps and score is None and not _is_supposed(scribe, "settlement.quality_bonus"):
        raise ConfigurationError(
            "the quality bonus depends on the quality score, and none is stated",
            where=f"{file.name}, results.{year}.quality_score",
            remedy=f"State it under [results.{year}], 0 to 100.",
        )
    reached = [step.pmpm for step in steps if score is not None and float(score) >= step.score]
    months = scribe.sheet.number("settlement.person_years") * MONTHS
    return scribe.computed(
        "settlement.quality_bonus",
        (reached[-1] if reached else 0.0) * months,
        ["settlement.quality_score", "settlement.person_years"],
        note="" if steps else "No bonus is agreed on.",
    )

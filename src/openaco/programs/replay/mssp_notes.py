"""Says what a reader of one replayed row must know: what CMS does not publish, and printed figures that do not fit."""

from __future__ import annotations

from openaco.errors import ParameterError
from openaco.feeds.workbooks.printed import Printed
from openaco.feeds.workbooks.results_rows import PublishedResult
from openaco.programs.mssp.settlement import settle
from openaco.programs.replay.mssp_facts import Reading
from openaco.programs.replay.replayed import TINY, Notes
from openaco.rules.cited import cited
from openaco.rules.sharing import SharingTerms
from openaco.worksheet import Worksheet

ROUNDED_TWICE = 2.0
_ROUGH = 1.1


def forgives_everything(terms: SharingTerms) -> bool:
    """Whether a nationwide circumstance lasted all year, so that no ACO owes losses (2020–2022)."""
    nationwide = terms.extreme_circumstances.value
    return nationwide["month_share"] == 1 and nationwide["beneficiary_share"] == 1


def explain(row: PublishedResult, reading: Reading, branch: str, differs: bool, notes: Notes) -> str:
    """Add the notes of one row. Returns the name of a case that every summary must name, or nothing."""
    sheet = settle(reading.facts)
    capped = _is_revenue_capped(row, reading, sheet, notes)
    _say_branch(row, sheet, branch, reading.facts.terms, notes)
    _say_misfits(row, reading, sheet, branch, notes)
    if capped:
        return "revenue-capped"
    if row.ended_in_mid_year:
        return "early termination"
    return "differs" if differs else ""


def _say_branch(row: PublishedResult, sheet: Worksheet, branch: str, terms: SharingTerms, notes: Notes) -> None:
    if row.guardrail and branch == "none" and sheet.number("settlement.difference") > 0:
        notes.add("guardrail: savings by the two-way update alone are not shared")
    if branch == "reduced":
        notes.add("low revenue ACO below its minimum savings rate: reduced rate (42 CFR 425.605(h))")
    if branch == "losses" and terms.two_sided and row.disaster_adjustment and row.disaster_adjustment.value:
        if forgives_everything(terms):
            notes.add("extreme and uncontrollable circumstance of the whole year: losses are forgiven in full")
        else:
            notes.add("extreme and uncontrollable circumstance adjustment as printed (DisAdj)")


def _say_misfits(row: PublishedResult, reading: Reading, sheet: Worksheet, branch: str, notes: Notes) -> None:
    """Other printed rates that are not what the rules give. They decide nothing."""
    score = row.quality_score.half_unit if row.quality_score else 0.0
    final = sheet["settlement.reduced_sharing_rate"] or sheet["settlement.final_sharing_rate"]
    expected = (
        ("FinalShareRate", row.final_sharing_rate, final, score),
        ("the maximum sharing rate", row.maximum_sharing_rate, sheet["settlement.maximum_sharing_rate"], 0.0),
        ("FinalLossRate", row.final_loss_rate, sheet["settlement.shared_loss_rate"], score),
    )
    for name, printed, ours, open_digits in expected:
        if printed is not None and isinstance(ours, float) and _apart(printed, ours) > open_digits + TINY:
            notes.add(f"{name} prints {printed.value:.4f}, the rules give {ours:.4f}")
    if row.reduced_sharing and branch != "reduced":
        notes.add("ReducedSS is set, but the rules do not reduce this rate")


def _apart(printed: Printed, ours: float) -> float:
    """How far a value lies outside the printed one's interval."""
    return max(0.0, abs(ours - printed.value) - printed.half_unit)


def _is_revenue_capped(row: PublishedResult, reading: Reading, sheet: Worksheet, notes: Notes) -> bool:
    """Whether the printed loss is less than the rules give without a limit by participants' revenue; says so."""
    terms = reading.facts.terms
    if not terms.two_sided or "revenue" not in terms.loss_limit.value or row.revenue_limited is False:
        return False
    unlimited = -sheet.number("settlement.losses_for_time_in_program")
    printed = _printed_loss(row, terms)
    if printed is None or row.ended_in_mid_year or printed >= unlimited - ROUNDED_TWICE:
        return False
    share = terms.loss_limit.value["revenue"]
    if not _plausible(row, printed / share):
        return False
    notes.add(
        f"revenue-capped: losses are limited to {share:.0%} of participants' revenue, which CMS does not publish; "
        f"the printed loss of {printed:,.0f} implies a revenue of {printed / share:,.0f}"
    )
    return True


def _printed_loss(row: PublishedResult, terms: SharingTerms) -> float | None:
    """The loss before the disaster adjustment, US dollars, positive; None if the row does not tell it."""
    adjustment = abs(row.disaster_adjustment.value) if row.disaster_adjustment else 0.0
    owed = -row.earn_save_loss.value if row.earn_save_loss else 0.0
    if owed < 0 or not (owed or adjustment) or (forgives_everything(terms) and not adjustment):
        return None
    return owed + adjustment


def _plausible(row: PublishedResult, revenue: float) -> bool:
    """Whether such a revenue fits the printed category: low is below 35% of expenditures (42 CFR 425.20), roughly."""
    if row.low_revenue is None or row.benchmark_total is None or row.difference is None:
        return True
    try:
        threshold = cited("mssp/structure/low_revenue_threshold", max(row.performance_year, 2019)).value
    except ParameterError:
        return True
    line = threshold * (row.benchmark_total.value - row.difference.value)
    return revenue < line * _ROUGH if row.low_revenue else revenue > line / _ROUGH

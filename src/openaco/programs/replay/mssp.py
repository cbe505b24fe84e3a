"""Recomputes CMS's published Shared Savings Program results, ACO by ACO, and says where and why a result differs.

From the printed total benchmark, expenditures, assigned beneficiaries, track and quality result, the settlement rules
give generated savings or losses (GenSaveLoss) and what was earned or is owed (EarnSaveLoss). Each is compared with
the printed one: `exact` within $1, `rounding` if the printed digits of the inputs allow it, else `no`, with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from openaco.errors import OpenACOError
from openaco.feeds.workbooks.printed import Printed
from openaco.feeds.workbooks.public_results import PublishedResults, read_public_results
from openaco.feeds.workbooks.results_rows import PublishedResult
from openaco.programs.mssp.settlement import SettlementFacts, settle
from openaco.programs.replay.mssp_facts import Reading, exit_days, read_facts
from openaco.programs.replay.mssp_notes import explain, forgives_everything
from openaco.programs.replay.replayed import (
    ONE_DOLLAR,
    TINY,
    Agreement,
    Notes,
    Pairs,
    ReplayedFile,
    header_of,
    is_exact,
    is_within,
    say_difference,
    say_rounding,
)
from openaco.rules.sharing import SharingTerms
from openaco.worksheet import Worksheet

ANSWERS = {"gen_save_loss": "GenSaveLoss", "earn_save_loss": "EarnSaveLoss"}
HEADER = header_of(tuple(ANSWERS))


@dataclass(frozen=True)
class ReplayedResult:
    """One ACO: recomputed and published US dollars, and how they agree. `special` names what a summary must name."""

    aco_id: str
    gen_save_loss: float | None
    earn_save_loss: float | None
    published_gen_save_loss: float | None
    published_earn_save_loss: float | None
    agrees: Agreement
    note: str
    special: str = ""


@dataclass(frozen=True)
class Conventions:
    """What the file's columns mean where CMS changed its mind, told by all rows together.

    compared                which of `gen_save_loss` and `earn_save_loss` the file has
    one_sided_losses_shown  GenSaveLoss is negative for one-sided ACOs beyond their minimum (2018), else 0
    half_years_shown_whole  GenSaveLoss of six-month performance years is of twelve months, else of six
    """

    compared: tuple[str, ...] = tuple(ANSWERS)
    one_sided_losses_shown: bool = False
    half_years_shown_whole: bool = False


@dataclass(frozen=True)
class Replay(ReplayedFile[ReplayedResult]):
    """A whole file recomputed."""

    conventions: Conventions


def replay_mssp(path: Path, year: int | None = None) -> Replay:
    """Recompute a published MSSP results file. Raises WorkbookError if it cannot be read."""
    return replay_results(read_public_results(path, year))


def replay_results(published: PublishedResults) -> Replay:
    """Recompute every row of a file that is read already."""
    conventions = _conventions(published)
    results = tuple(_replay_row(row, conventions) for row in published.rows)
    return Replay(
        file=published.file,
        performance_year=published.performance_year,
        year_because=published.year_because,
        results=results,
        amounts=tuple(ANSWERS),
        conventions=conventions,
    )


@dataclass(frozen=True)
class Outcome:
    """What the rules give for one set of facts: US dollars, and the branch that led there."""

    gen_save_loss: float
    earn_save_loss: float
    branch: str


def outcome(facts: SettlementFacts, row: PublishedResult, conventions: Conventions) -> Outcome:
    """GenSaveLoss and EarnSaveLoss by the rules. Raises ConfigurationError where a needed quality score is missing."""
    sheet = settle(facts)
    branch = _branch(sheet, facts)
    return Outcome(_generated(sheet, facts, branch, conventions), _earned(sheet, facts.terms, row), branch)


def _branch(sheet: Worksheet, facts: SettlementFacts) -> str:
    """savings, reduced, losses, or none: which side of which threshold the ACO came out on."""
    if sheet["settlement.outcome"] == "Losses":
        return "losses"
    if facts.guardrail:
        return "none"
    if sheet["settlement.outcome"] == "Savings":
        return "savings"
    return "reduced" if sheet["settlement.reduced_sharing_rate"] is not None else "none"


def _generated(sheet: Worksheet, facts: SettlementFacts, branch: str, conventions: Conventions) -> float:
    """First-dollar savings or losses where they count, as the file's column counts them."""
    if branch == "none" or (
        branch == "losses" and not facts.terms.two_sided and not conventions.one_sided_losses_shown
    ):
        return 0.0
    whole = sheet.number("settlement.difference")
    return whole if conventions.half_years_shown_whole else whole * sheet.number("settlement.performance_year_fraction")


def _earned(sheet: Worksheet, terms: SharingTerms, row: PublishedResult) -> float:
    """Earned payment, or losses owed after the extreme and uncontrollable circumstance adjustment.

    The ACO's own shares of months and beneficiaries are not published: outside nationwide circumstances of the whole
    year the printed adjustment (DisAdj) is taken.
    """
    earned = sheet.number("settlement.earned_performance_payment")
    if row.disaster_adjustment is None or forgives_everything(terms):
        return earned + sheet.number("settlement.payment_due_to_cms")
    owed = sheet.number("settlement.losses_for_time_in_program")
    return earned + (min(owed + abs(row.disaster_adjustment.value), 0.0) if owed else 0.0)


def _conventions(published: PublishedResults) -> Conventions:
    """How the file fills GenSaveLoss: one row suffices to show one-sided losses; most half years decide on theirs."""
    one_sided, whole, half = False, 0, 0
    for row, facts in _readable(published.rows):
        printed = row.gen_save_loss.value if row.gen_save_loss else 0.0
        one_sided = one_sided or (printed < 0 and not facts.terms.two_sided)
        if facts.performance_months == 6 and printed:
            difference = facts.benchmark_total - facts.expenditures_total
            whole += abs(printed - difference) <= ONE_DOLLAR
            half += abs(printed - difference / 2) <= ONE_DOLLAR
    compared = tuple(name for name in ANSWERS if name in published.columns)
    return Conventions(compared, one_sided, whole > half)


def _readable(rows: tuple[PublishedResult, ...]) -> Iterator[tuple[PublishedResult, SettlementFacts]]:
    for row in rows:
        try:
            if not row.unread:
                yield row, read_facts(row, Notes()).facts
        except OpenACOError:
            continue


def _replay_row(row: PublishedResult, conventions: Conventions) -> ReplayedResult:
    """One row: recompute at the printed values; where that is not exact, over all that the digits leave open."""
    if row.unread:
        return _unreadable(row, "; ".join(row.unread))
    notes = Notes(list(row.remarks))
    try:
        reading = read_facts(row, notes)
        at_print = outcome(reading.facts, row, conventions)
    except OpenACOError as error:
        return _unreadable(row, error.what)
    if row.ended_in_mid_year:
        reading, at_print = _ended_in_mid_year(row, reading, at_print, conventions, notes)
    agrees = _agreement(row, reading, at_print, conventions, notes)
    special = explain(row, reading, at_print.branch, agrees == "no", notes)
    return _replayed(row, at_print, agrees, "; ".join(notes.said), special)


def _unreadable(row: PublishedResult, why: str) -> ReplayedResult:
    return _replayed(row, None, "no", f"not recomputed: {why}", "not recomputed")


def _replayed(
    row: PublishedResult, found: Outcome | None, agrees: Agreement, note: str, special: str
) -> ReplayedResult:
    return ReplayedResult(
        aco_id=row.aco_id,
        gen_save_loss=found.gen_save_loss if found else None,
        earn_save_loss=found.earn_save_loss if found else None,
        published_gen_save_loss=row.gen_save_loss.value if row.gen_save_loss else None,
        published_earn_save_loss=row.earn_save_loss.value if row.earn_save_loss else None,
        agrees=agrees,
        note=note,
        special=special,
    )


def _pairs(row: PublishedResult, found: Outcome, conventions: Conventions) -> Pairs:
    """Recomputed against printed, of the columns that the file has; no amount printed agrees with zero only."""
    return [(ANSWERS[name], getattr(found, name), getattr(row, name) or Printed(0.0)) for name in conventions.compared]


def _agreement(
    row: PublishedResult, reading: Reading, at_print: Outcome, conventions: Conventions, notes: Notes
) -> Agreement:
    for name in conventions.compared:
        if getattr(row, name) is None:
            notes.add(f"{ANSWERS[name]} is not printed")
    pairs = _pairs(row, at_print, conventions)
    if is_exact(pairs):
        return "exact"
    branch = _fitting_branch(row, reading, conventions)
    if branch is not None:
        if branch == at_print.branch:
            say_rounding(pairs, notes)
        else:
            notes.add("the printed digits do not decide whether the minimum savings or loss rate was met")
        return "rounding"
    say_difference(pairs, notes)
    return "no"


def _fitting_branch(row: PublishedResult, reading: Reading, conventions: Conventions) -> str | None:
    """The branch in which the printed amounts lie within what the printed digits leave open; None if in none."""
    outcomes = [outcome(facts, row, conventions) for facts in reading.corners()]
    slack = TINY + (row.disaster_adjustment.half_unit if row.disaster_adjustment else 0.0)
    for branch in dict.fromkeys(found.branch for found in outcomes):
        if is_within((_pairs(row, found, conventions) for found in outcomes if found.branch == branch), slack):
            return branch
    return None


def _ended_in_mid_year(
    row: PublishedResult, reading: Reading, at_print: Outcome, conventions: Conventions, notes: Notes
) -> tuple[Reading, Outcome]:
    """An ACO that left within the year: what it keeps depends on a day that is not published (42 CFR 425.221).

    Takes the month of leaving, or a full year, that the printed amounts tell; a full year where none does.
    """
    options: list[tuple[Reading, Outcome]] = [(reading, at_print)]
    for day in exit_days(row.performance_year):
        for ended_by_cms in (False, True):
            left = replace(reading, facts=replace(reading.facts, exit_date=day, terminated_by_cms=ended_by_cms))
            options.append((left, outcome(left.facts, row, conventions)))
    exact = (option for option in options if is_exact(_pairs(row, option[1], conventions)))
    near = (option for option in options if _fitting_branch(row, option[0], conventions))
    chosen = next(exact, None) or next(near, None) or options[0]
    kept, whole = chosen[1].earn_save_loss, at_print.earn_save_loss
    told = "in full" if kept == whole else "for part of the year" if kept else "nothing"
    notes.add(
        "early termination: what is shared depends on a day that is not published (42 CFR 425.221); "
        + (f"the printed amount tells: {told}" if whole else "nothing was to be shared")
    )
    return chosen

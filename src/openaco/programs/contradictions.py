"""What in an `aco.toml` cannot be true together, each in one sentence that names its keys.

Sources: 42 CFR 425.200 (agreements), 425.221 (leaving early), 425.512(a)(2) (first performance year), 425.600 (tracks),
425.605(b) and 425.610(b) (minimum savings rate).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from openaco.errors import ParameterError
from openaco.rules import participation
from openaco.rules.cited import cited

if TYPE_CHECKING:
    from openaco.programs.configuration import Agreement, Configuration


def contradictions(configuration: Configuration) -> list[str]:
    """Every contradiction found, in the order of the file; none if the file makes sense."""
    try:
        return [
            *_agreement(configuration.agreement),
            *_performance(configuration),
            *_election(configuration),
            *_advances(configuration),
        ]
    except ParameterError as error:
        return [f"agreement.start: {error.what}"]


def _agreement(agreement: Agreement) -> Iterator[str]:
    start, end = agreement.start, agreement.end
    years = participation.agreement_years(start)
    if not participation.may_start(start):
        yield f"agreement.start: no agreement could start on {start}"
    if agreement.track not in participation.tracks_open(participation.year_of_rules(start)):
        yield f"agreement.track: {agreement.track} is not open to agreements that start on {start}"
    if agreement.regional_period > agreement.period:
        yield "agreement.regional_period: more periods with the regional adjustment than periods"
    if end is not None and not (start <= end and end.year <= years[-1]):
        yield f"agreement.end: {end} is not within the agreement period, {start} to {years[-1]}-12-31"
    if agreement.terminated_by_cms and end is None:
        yield "agreement.terminated_by_cms: needs agreement.end, the last day in the program"


def _performance(configuration: Configuration) -> Iterator[str]:
    agreement = configuration.agreement
    years = participation.agreement_years(agreement.start)
    stated = [(year, configuration.performance[year]) for year in sorted(configuration.performance)]
    for year, result in stated:
        where = f"performance.{year}"
        if year not in years:
            yield f"{where}: the performance years of this agreement are {years[0]} to {years[-1]}"
        elif agreement.end is not None and year > agreement.end.year:
            yield f"{where}: the ACO left on {agreement.end}"
        if result.track and result.track not in participation.tracks_open(participation.year_of_rules(agreement.start)):
            yield f"{where}.track: {result.track} is not open to agreements that start on {agreement.start}"
        if not result.revenue_limits_losses and (result.track or agreement.track) != "TRACK_1_PLUS":
            yield f"{where}.revenue_limits_losses: only Track 1+ leaves it open what limits losses"
        if result.quality.first_performance_year and (agreement.period > 1 or year != years[0]):
            yield f"{where}.quality.first_performance_year: only the first year of a first agreement period is one"
    levels = [(year, result.track) for year, result in stated if result.track]
    for (_year, earlier), (year, track) in pairwise(levels):
        if not participation.may_follow(track, earlier):
            yield f"performance.{year}.track: {track} cannot come after {earlier} within one agreement"


def _election(configuration: Configuration) -> Iterator[str]:
    """A minimum savings rate is chosen by two-sided ACOs, among the rates of the agreement's year."""
    agreement = configuration.agreement
    chosen, where = agreement.minimum_savings_rate, "agreement.minimum_savings_rate"
    if chosen == "variable":
        return
    levels = {year: result.track or agreement.track for year, result in configuration.performance.items()}
    levels = levels or {agreement.start.year: agreement.track}
    two_sided = [track for year, track in levels.items() if _shares_losses(track, year)]
    if not two_sided:
        yield f'{where}: one-sided ACOs do not choose; "variable" (the table by size) is theirs'
        return
    with suppress(ParameterError):
        start_year = participation.year_of_rules(agreement.start)
        rates = cited("mssp/settlement/minimum_savings_rate_elections", start_year, track=two_sided[0]).value
        if chosen not in rates:
            yield f"{where}: {chosen} cannot be chosen; choose one of {', '.join(map(str, rates))}"


def _advances(configuration: Configuration) -> Iterator[str]:
    """What `[advances]` may not say beside the agreement."""
    stated, agreement = configuration.advances, configuration.agreement
    if stated is None:
        return
    if stated.agreement_start not in (None, agreement.start):
        yield f"advances.agreement_start: {stated.agreement_start} is not agreement.start, {agreement.start}"
    for year, result in sorted(configuration.performance.items()):
        if result.advance_balance:
            yield f"performance.{year}.advance_balance: follows from [advances]; state only one of them"


def _shares_losses(track: str, year: int) -> bool:
    """Whether a track shares losses; a year without rules decides nothing here."""
    try:
        return cited("mssp/settlement/shared_loss_rate", year, track=track).value is not None
    except ParameterError:
        return True

"""Alignment years: the twelve-month periods before a year whose services decide alignment, and what each weighs.

Pioneer ACO Model, Next Generation ACO Model and ACO REACH Model, tested under section 1115A of the Social Security
Act, not under 42 CFR part 425.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from openaco.errors import ConfigurationError
from openaco.parameters import load_parameter
from openaco.rules.cited import cited

LABELS = {"pioneer": "Pioneer ACO Model", "next_generation": "Next Generation ACO Model", "reach": "ACO REACH Model"}


@dataclass(frozen=True)
class AlignmentYear:
    """Twelve months of services, first and last day included, and their weight beside the other years' weights."""

    start: datetime.date
    end: datetime.date
    weight: int


def alignment_years(year: int, variant: str, rules_year: int | None = None) -> tuple[AlignmentYear, ...]:
    """The alignment years of a baseline or performance year, oldest first.

    variant: `pioneer`, `next_generation` or `reach`. rules_year: the year of the model whose rules apply, `year` itself
    unless given. Raises ParameterError for a year in which the model did not exist. Pioneer ACO Model, Next
    Generation ACO Model and ACO REACH Model: two or three years that end on 30 June before the year.
    """
    last = day_of(year, cited(f"alignment/{variant}/alignment_years", rules_year or year).value)
    weights = cited(f"alignment/{variant}/weights", rules_year or year).value
    found = []
    for before, weight in enumerate(reversed(weights)):
        end = last.replace(year=last.year - before)
        found.append(AlignmentYear(_day_after(end.replace(year=end.year - 1)), end, weight))
    return tuple(reversed(found))


def years_known(years: Sequence[AlignmentYear], since: datetime.date) -> tuple[AlignmentYear, ...]:
    """Those of the alignment years whose services are all known, where claims reach back to `since`.

    Raises ConfigurationError if not even the most recent is. Pioneer ACO Model, Next Generation ACO Model, ACO REACH
    Model.
    """
    known = tuple(year for year in years if year.start >= since)
    if not known:
        raise ConfigurationError(
            f"claims reach back to {since}, but the most recent alignment year starts on {years[-1].start}",
            where="alignment",
            remedy="Load the claims of earlier years, or align for a later year.",
        )
    return known


def model_year(variant: str, year: int) -> int:
    """The year of the model whose rules stand for a year: itself, or the first or last year in which the model lived.

    An explicit choice for questions of the form "as if": nothing is extrapolated, and `alignment_note` says it.
    Pioneer ACO Model 2012–2016, Next Generation ACO Model 2016–2021, ACO REACH Model from 2021 (GPDC until 2022).
    """
    spans = load_parameter(f"alignment/{variant}/alignment_years").values
    first, last = min(span.since for span in spans), max(span.through for span in spans)
    return min(max(year, first), last)


def alignment_note(variant: str, year: int, rules_year: int, used: Sequence[AlignmentYear]) -> str:
    """What a reader must know of an alignment: alignment years left out, and rules of another time. Empty if nothing.

    used: the alignment years whose services counted. Pioneer ACO Model, Next Generation ACO Model, ACO REACH Model.
    """
    missing = [each for each in alignment_years(year, variant, rules_year) if each not in used]
    notes = []
    if missing:
        spans = " and ".join(f"{each.start} to {each.end}" for each in missing)
        notes.append(f"{year} is aligned without the claims of {spans}: the weights of its other years stand for all.")
    if year > model_year(variant, year):
        notes.append(f"As if: aligned by the rules of {rules_year} of the {LABELS[variant]}.")
    return " ".join(notes)


def day_of(year: int, offset: Sequence[int]) -> datetime.date:
    """The day that a parameter states as [years from the year, month, day]."""
    years, month, day = offset
    return datetime.date(year + years, month, day)


def _day_after(day: datetime.date) -> datetime.date:
    return day + datetime.timedelta(days=1)

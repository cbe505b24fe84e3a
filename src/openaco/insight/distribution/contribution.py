"""What a panel contributed: expected minus actual cost, risk-adjusted, and drawn toward the ACO's mean if small.

A few dear patients make or break a small panel's year, so its own figure counts only in part: with n person-years and
the plan's k, its own counts n ÷ (n + k) and the ACO's mean the rest (Bühlmann credibility). Contributions of all
panels, with people of no participant, add up to the ACO's own savings.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from openaco.insight.distribution.cents import as_fraction
from openaco.insight.distribution.facts import Panel


@dataclass(frozen=True)
class Contribution:
    """A panel's contribution. Dollars are cents, per person-year or in all.

    own          expected − actual, per person-year
    mean         the same for the whole ACO
    credibility  from 0 to 1: how much the panel's own figure counts
    credited     (credibility × own + (1 − credibility) × mean) × person-years
    """

    own: Fraction
    mean: Fraction
    credibility: Fraction
    credited: Fraction


def credibility(months: int, credibility_person_years: Decimal) -> Fraction:
    """n ÷ (n + k): 0 for an empty panel, one half at k person-years; 1 for any people where k is 0."""
    person_years = Fraction(months, 12)
    return person_years / (person_years + as_fraction(credibility_person_years)) if months else Fraction(0)


def per_person_year(panel: Panel) -> Fraction:
    """Expected minus actual cost, cents per person-year; 0 for an empty panel."""
    return panel.difference / panel.person_years if panel.months else Fraction(0)


def contribution(panel: Panel, everybody: Panel, credibility_person_years: Decimal) -> Contribution:
    """The contribution of a panel within an ACO."""
    own, mean = per_person_year(panel), per_person_year(everybody)
    weight = credibility(panel.months, credibility_person_years)
    credited = (weight * own + (1 - weight) * mean) * panel.person_years
    return Contribution(own, mean, weight, credited)

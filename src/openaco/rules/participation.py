"""Who may take part, for how long and on which track: the structure of the Shared Savings Program, numbers in and out.

Sources: 42 CFR 425.20 (definitions), 425.106 (governance), 425.110 (size), 425.200 (agreements), 425.600 (tracks),
425.612 (waiver of the three-day rule). Years are calendar years; shares are fractions from 0 to 1.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from openaco.parameters import parameter

RISK_ORDER = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")
"""Tracks by risk, the least first: the glide path of 42 CFR 425.600(a)(4) goes this way only."""


LEVELS_FROM = datetime.date(2019, 7, 1)
"""From this day on agreements are of the BASIC or ENHANCED track, with benchmarks by 42 CFR 425.601 and later."""


def year_of_rules(start: datetime.date) -> int:
    """The year whose rules an agreement follows: that of its start; 2018 for renewals put off to January 2019.

    42 CFR 425.601, 425.603(c).
    """
    return start.year if start >= LEVELS_FROM else min(start.year, LEVELS_FROM.year - 1)


def agreement_years(start: datetime.date) -> range:
    """The performance years of an agreement period, by the year in which each ends (42 CFR 425.200(b)).

    The first of April and July 2012 starters ended in December 2013 (42 CFR 425.608).
    """
    count = parameter("mssp/structure/agreement_performance_years", year_of_rules(start)).value
    first = start.year + parameter("mssp/structure/first_performance_year", start.year).value
    return range(first, first + count)


def may_start(start: datetime.date) -> bool:
    """Whether an agreement period can start on this day (42 CFR 425.200(b)).

    Raises ParameterError for a year in which none is known to start.
    """
    return f"{start:%m-%d}" in parameter("mssp/structure/start_days", start.year).value


def tracks_open(start_year: int) -> tuple[str, ...]:
    """The tracks that agreements starting in a year may be on (42 CFR 425.600(a))."""
    return tuple(parameter("mssp/structure/tracks", start_year).value)


def may_follow(track: str, earlier: str) -> bool:
    """Whether a level may come after another in one agreement: the same or more risk (42 CFR 425.600(a)(4)).

    Tracks before July 2019 had no levels: only the same one follows, or Track 1+ after Track 1.
    """
    if track not in RISK_ORDER or earlier not in RISK_ORDER:
        return track == earlier or (earlier, track) == ("TRACK_1", "TRACK_1_PLUS")
    return RISK_ORDER.index(track) >= RISK_ORDER.index(earlier)


def may_stay_one_sided(years_so_far: int, start_year: int) -> bool:
    """Whether an ACO with this many one-sided performance years may have one more (42 CFR 425.600(a)(4))."""
    return years_so_far < parameter("mssp/structure/one_sided_performance_years", start_year).value


def large_enough_to_start(assigned: Mapping[str, int], start_year: int) -> bool:
    """Whether an applicant has the beneficiaries it needs: `by1`, `by2`, `by3` with their counts (425.110(a))."""
    least = parameter("mssp/structure/minimum_beneficiaries", start_year).value
    years = parameter("mssp/structure/years_needing_minimum_beneficiaries", start_year).value
    return all(assigned[year] >= least for year in years)


def large_enough(assigned: int, performance_year: int) -> bool:
    """Whether an ACO has the least number of beneficiaries in a performance year (42 CFR 425.110(b))."""
    return assigned >= parameter("mssp/structure/minimum_beneficiaries", performance_year).value


def revenue_status(revenue: float, expenditures: float, performance_year: int) -> Literal["low", "high"]:
    """Low or high revenue: participants' Part A and B revenue against expenditures of the assigned (42 CFR 425.20)."""
    threshold = parameter("mssp/structure/low_revenue_threshold", performance_year).value
    return "low" if revenue < threshold * expenditures else "high"


def experienced_with_risk(participants_with_risk: int, participants: int, performance_year: int) -> bool:
    """Whether enough participants were in risk-bearing initiatives in the five years before (42 CFR 425.20)."""
    return participants_with_risk >= _part(participants, "experienced_with_risk_threshold", performance_year)


def re_enters(participants_of_one_former_aco: int, participants: int, performance_year: int) -> bool:
    """Whether a new legal entity counts as re-entering: more than half come from one former ACO (42 CFR 425.20)."""
    return participants_of_one_former_aco > _part(participants, "re_entering_participant_share", performance_year)


def participants_govern(votes_of_participants: int, votes: int, performance_year: int) -> bool:
    """Whether participants control enough of the governing body (42 CFR 425.106)."""
    return votes_of_participants >= _part(votes, "participant_control", performance_year)


def may_waive_three_days(stars: int, two_sided: bool, performance_year: int) -> bool:
    """Whether a skilled nursing facility may be an affiliate for the three-day waiver (42 CFR 425.612(a)(1)).

    stars: its overall rating. A written affiliate agreement is needed besides.
    """
    least = parameter("mssp/structure/nursing_facility_minimum_stars", performance_year).value
    return two_sided and stars >= least


def _part(count: int, name: str, performance_year: int) -> Fraction:
    """A share of a count, exactly: 40 percent of 35 is 14 and not a hair more."""
    return Fraction(str(parameter(f"mssp/structure/{name}", performance_year).value)) * count

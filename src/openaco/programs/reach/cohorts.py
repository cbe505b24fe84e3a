"""Figures of a year by cohort, aged and disabled against end-stage renal disease, as ACO REACH and LEAD count them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.mssp.inputs import YEARS, YearInputs

COHORTS = ("aged_disabled", "esrd")
_COHORT_OF = {kind: "esrd" if kind == "esrd" else "aged_disabled" for kind in ENROLLMENT_TYPES}


@dataclass(frozen=True)
class CohortYear:
    """The figures of one baseline year or of the performance year; mappings are by cohort.

    aligned_beneficiaries  count
    person_years           eligible months ÷ 12
    per_capita             the ACO's expenditures, US dollars a person-year, not truncated
    risk_score             mean normalized score
    national_per_capita    national fee-for-service expenditures, US dollars a person-year
    regional_per_capita    the region's expenditures at a risk score of 1, US dollars a person-year
    demographic_score      mean demographic score; only where the cap on risk growth moves with it
    national_weight        weight of national growth where it is blended with regional growth, from 0 to 1
    """

    year: int
    aligned_beneficiaries: int
    person_years: Mapping[str, float]
    per_capita: Mapping[str, float]
    risk_score: Mapping[str, float]
    national_per_capita: Mapping[str, float]
    regional_per_capita: Mapping[str, float]
    demographic_score: Mapping[str, float] | None = None
    national_weight: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        """Raises ConfigurationError where a cohort has no figure, or one that makes no sense."""
        for name in ("per_capita", "risk_score", "national_per_capita", "regional_per_capita"):
            figures = getattr(self, name)
            if set(figures) != set(self.person_years):
                raise ConfigurationError(
                    f"{name} of {self.year} is not stated for the cohorts of its person_years",
                    remedy=f"State every figure for {', '.join(self.person_years)}.",
                )
            for cohort, amount in figures.items():
                needed = name.endswith("al_per_capita") or (name == "risk_score" and self.person_years[cohort] > 0)
                if needed and not amount > 0:
                    raise ConfigurationError(f"{name} of {cohort} in {self.year} is not above zero")

    @property
    def total_person_years(self) -> float:
        """Person-years of all cohorts."""
        return math.fsum(self.person_years.values())


def cohort_years(years: Mapping[str, YearInputs]) -> dict[str, CohortYear]:
    """The figures of `by1`, `by2`, `by3` and `py` by cohort, from figures by Medicare enrollment type.

    Types of a cohort are averaged by person-years. National and regional figures of every year are averaged by those
    of the performance year, so that they grow by prices alone. A year that states only the total of its person-years
    is taken to have the mix of BY3.
    """
    mix = years["py"].person_years
    return {name: _cohort_year(years[name], years["by3"].person_years, mix) for name in YEARS}


def _cohort_year(figures: YearInputs, by3: Mapping[str, float], mix: Mapping[str, float]) -> CohortYear:
    own = _by_type(figures.person_years, by3)
    demographic = figures.demographic_risk_score
    return CohortYear(
        year=figures.year,
        aligned_beneficiaries=figures.assigned_beneficiaries,
        person_years={cohort: math.fsum(own[kind] for kind in _types(cohort)) for cohort in COHORTS},
        per_capita=_averaged(figures.per_capita, own),
        risk_score=_averaged(figures.risk_score, own),
        national_per_capita=_averaged(figures.national_per_capita, mix),
        regional_per_capita=_averaged(figures.regional_per_capita, mix),
        demographic_score=_averaged(demographic, own) if demographic else None,
        national_weight=_averaged(figures.national_weight, mix) if figures.national_weight else None,
    )


def _by_type(person_years: Mapping[str, float], by3: Mapping[str, float]) -> Mapping[str, float]:
    """Person-years by enrollment type; a total alone is divided as BY3's are."""
    if set(person_years) == set(ENROLLMENT_TYPES):
        return person_years
    total, of_by3 = math.fsum(person_years.values()), math.fsum(by3.values())
    return {kind: total * by3[kind] / of_by3 for kind in ENROLLMENT_TYPES}


def _averaged(figures: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """Means of each cohort's types by weight; plain means where none of them has any."""
    found = {}
    for cohort in COHORTS:
        types = _types(cohort)
        total = math.fsum(weights[kind] for kind in types)
        shares = {kind: weights[kind] / total if total else 1 / len(types) for kind in types}
        found[cohort] = math.fsum(shares[kind] * figures[kind] for kind in types)
    return found


def _types(cohort: str) -> list[str]:
    return [kind for kind in ENROLLMENT_TYPES if _COHORT_OF[kind] == cohort]

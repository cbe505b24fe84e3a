"""Which parameters the figures computed from claims rest on, so that their worksheet lines say how sure they are.

Sources: 42 CFR 425.400–425.404 (assignment), 425.601(a)(1) and 425.652(a)(1) (expenditures), 425.611 (COVID-19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.rules.cited import Cited, cited

BY_RULES = ("primary_care_services", "specialties", "step_3")
"""Parameters of assignment by the performance year whose rules hold."""
BY_YEAR = (
    "claim_types",
    "denials",
    "run_out",
    "added_back",
    "inpatient_subtractions",
    "significant_anomalous_billing",
    "covid_episodes",
    "enrollment_types",
)
"""Parameters of expenditures by the year of the claims."""
BEHIND_MONTHS = ("expenditures/enrollment_types", "expenditures/covid_episodes")
"""What person-years rest on besides assignment."""


def figures_basis(
    configuration: Configuration, roles: Mapping[str, int], performance_year: int
) -> dict[str, tuple[Cited, ...]]:
    """The parameters by the beginning of a line's id, for `MsspInputs.basis`.

    roles: by1, by2, by3 and py with their years. The list of states is not among them: it counts only where a source
    does not say whether somebody lives in the United States.
    """
    found: dict[str, tuple[Cited, ...]] = {}
    for role, year in roles.items():
        assigned = assignment_basis(configuration, year, performance_year)
        spent = (*assigned, *expenditure_basis(configuration, year))
        counted = (*assigned, *(used for used in spent if used.name in BEHIND_MONTHS))
        found.update(_lines(role, assigned, counted, spent))
    return found


def assignment_basis(configuration: Configuration, year: int, performance_year: int) -> tuple[Cited, ...]:
    """The parameters behind who is assigned for a year under the rules of a performance year."""
    method = configuration.agreement.assignment_method
    return (
        *(cited(f"assignment/{name}", performance_year) for name in BY_RULES),
        cited("assignment/window", year, assignment_method=method),
        cited("assignment/voluntary_alignment_cutoff", year),
    )


def expenditure_basis(configuration: Configuration, year: int) -> tuple[Cited, ...]:
    """The parameters behind a year's expenditures; a completion factor that `aco.toml` states is not one of them."""
    stated = configuration.national[year].completion_factor if year in configuration.national else None
    factor = () if stated else (cited("expenditures/completion_factor", year, run_out="three_months"),)
    return (*(cited(f"expenditures/{name}", year) for name in BY_YEAR), *factor)


def _lines(
    role: str, assigned: tuple[Cited, ...], counted: tuple[Cited, ...], spent: tuple[Cited, ...]
) -> Iterable[tuple[str, tuple[Cited, ...]]]:
    if role == "py":
        return [
            ("settlement.assigned_beneficiaries", assigned),
            ("update.person_years_by_type", counted),
            ("settlement.per_capita", spent),
        ]
    return [
        (f"benchmark.assigned_beneficiaries.{role}", assigned),
        *((f"benchmark.person_years_by_type.{kind}.{role}", counted) for kind in ENROLLMENT_TYPES),
        *((f"benchmark.per_capita.{kind}.{role}", spent) for kind in ENROLLMENT_TYPES),
    ]

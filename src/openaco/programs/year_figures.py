"""One benchmark or performance year of one ACO, from claims: who was assigned, what they cost, where they live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openaco.engine import Engine, Table, _
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.population import Population
from openaco.programs.region import region
from openaco.programs.reported_scores import risk_scores
from openaco.programs.year_claims import year_claims
from openaco.rules.assignment import (
    StageCount,
    assign,
    assignment_window,
    funnel,
    primary_care_services,
    stage_counts,
)
from openaco.rules.claims import ClaimSet
from openaco.rules.enrollment import eligible_months, in_year
from openaco.rules.expenditures import (
    Expenditures,
    completion_factor,
    covid_episodes,
    expenditures,
    outside_episodes,
    per_capita,
)


@dataclass(frozen=True)
class YearFigures:
    """Everything of one year. Tables are by person; figures by enrollment type.

    role             by1, by2, by3 or py
    claims           the claims of the year and its window as known on the run-out date
    services         primary care services of the window
    assignment       one row a person known
    stages           the funnel from everybody known to those assigned
    dollars          signed dollars of the assigned in the calendar year, counted or not
    spending         expenditures of the assigned, by person and by type
    covid_episodes   episodes of care whose months do not count
    by_type          the rows of `spending.by_type` by enrollment type
    inputs           what the program needs
    national_weight  by type (42 CFR 425.601(a)(5)(v))
    sources          where each given figure came from, by worksheet line
    unscored         assigned people without a risk score in CMS's report
    """

    role: str
    year: int
    claims: ClaimSet
    services: Table
    assignment: Table
    stages: list[StageCount]
    dollars: Table
    spending: Expenditures
    covid_episodes: Table
    by_type: Mapping[str, Mapping[str, Any]]
    inputs: YearInputs
    national_weight: Mapping[str, float]
    sources: Mapping[str, str] = field(default_factory=dict)
    unscored: int = 0


def year_figures(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    role: str,
    year: int,
    performance_year: int,
) -> YearFigures:
    """Assign, spend and locate one year under the rules of the performance year.

    Each year is seen as of its own run-out date, for assignment as for expenditures (42 CFR 425.601(a)(1)).
    """
    keep = engine.checkpoint
    agreement = configuration.agreement
    window = assignment_window(year, agreement.assignment_method, performance_year)
    of_year = year_claims(engine, population, year, window.earliest)
    claims, facility_claims = of_year.claims, of_year.facility_claims
    services = keep(
        primary_care_services(
            professional=claims.professional,
            institutional=facility_claims,
            institutional_line=claims.institutional_line,
            provider=population.provider,
            electing_hospital=population.electing_hospital,
            fee_schedule_amount=population.fee_schedule_amount,
            rules_year=performance_year,
            start=window.earliest,
            end=window.end,
        )
    )
    assignment = keep(
        assign(
            services=services,
            people=population.people,
            person_months=population.person_months,
            participant=population.participant,
            designations=population.designations,
            aco_id=configuration.aco.id,
            window_year=year,
            rules_year=performance_year,
            method=agreement.assignment_method,
            seed=configuration.seed,
            keep=keep,
        )
    )
    assigned = keep(assignment.filter(_.assigned).select("person_id"))
    national = configuration.national_for(year)
    completion = Decimal(str(national.completion_factor)) if national.completion_factor else completion_factor(year)
    episodes = keep(covid_episodes(facility_claims, claims.institutional_diagnosis, year))
    dollars = engine.store(claims.dollars.filter(in_year(_.month, year)).semi_join(assigned, "person_id"))
    spending = expenditures(
        dollars,
        population.person_months,
        year=year,
        thresholds={kind: to_cents(most) for kind, most in national.truncation_threshold.as_dict().items()},
        completion_factor=completion,
        persons=assigned,
        covid_episodes=episodes,
        checkpoint=keep,
    )
    by_type = {row["enrollment_type"]: row for row in engine.to_rows(spending.by_type)}
    months = keep(months_that_count(population, year, assigned, episodes))
    scores, unscored, score_source = risk_scores(engine, population, configuration, months, year)
    regional, weights, regional_source = region(engine, population, configuration, months, year)
    stages = stage_counts(engine.to_rows(funnel(assignment))[0])
    return YearFigures(
        role=role,
        year=year,
        claims=claims,
        services=services,
        assignment=assignment,
        stages=stages,
        dollars=dollars,
        spending=spending,
        covid_episodes=episodes,
        by_type=by_type,
        inputs=YearInputs(
            year=year,
            assigned_beneficiaries=sum(stage.people for stage in stages if stage.stage.assigned),
            person_years={
                kind: int(by_type[kind]["months"]) / 12 if kind in by_type else 0.0 for kind in ENROLLMENT_TYPES
            },
            per_capita={kind: _per_capita(by_type.get(kind), completion) for kind in ENROLLMENT_TYPES},
            risk_score=scores,
            regional_per_capita=regional,
            national_per_capita=national.per_capita.as_dict(),
        ),
        national_weight=weights,
        sources={"risk_score": score_source, "regional_per_capita": regional_source},
        unscored=unscored,
    )


def to_cents(amount: float) -> Decimal:
    """A stated amount as money: US dollars and cents."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _per_capita(row: Mapping[str, Any] | None, completion: Decimal) -> float:
    """Completed per capita expenditures of one type; 0 where the ACO has nobody in it."""
    return (per_capita(row["dollar_months"], int(row["months"]), completion) if row else None) or 0.0


def months_that_count(population: Population, year: int, assigned: Table, episodes: Table) -> Table:
    """The eligible months of the assigned that person-years, risk scores and weights rest on (42 CFR 425.611(c))."""
    months = eligible_months(population.person_months, year).semi_join(assigned, "person_id")
    return outside_episodes(months, episodes, year)

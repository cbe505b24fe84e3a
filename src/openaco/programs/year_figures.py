"""One benchmark or performance year of one ACO, from claims: who was assigned, what they cost, where they live."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from openaco.engine import Engine, Table, _
from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.mssp_inputs import YearInputs
from openaco.programs.population import Population, of_report_year
from openaco.rules.assignment import (
    AssignmentWindow,
    StageCount,
    assign,
    assignment_window,
    funnel,
    primary_care_services,
    stage_counts,
)
from openaco.rules.benchmark import county_risk_adjusted, national_weight, regional_per_capita
from openaco.rules.claims import ClaimSet, adjust
from openaco.rules.claims.dollars import line_through_date
from openaco.rules.enrollment import eligible_months, in_year
from openaco.rules.expenditures import (
    Expenditures,
    completion_factor,
    covid_episodes,
    expenditures,
    outside_episodes,
    per_capita,
    run_out_date,
)


@dataclass(frozen=True)
class YearFigures:
    """Everything of one year. Tables are by person; figures by enrollment type.

    role             by1, by2, by3 or py
    claims           the claims of the year and its window as known on the run-out date
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
    claims, facility_claims = _claims_of(engine, population, window)
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
        thresholds={kind: _cents(most) for kind, most in national.truncation_threshold.as_dict().items()},
        completion_factor=completion,
        persons=assigned,
        covid_episodes=episodes,
        checkpoint=keep,
    )
    by_type = {row["enrollment_type"]: row for row in engine.to_rows(spending.by_type)}
    months = keep(_months_that_count(population, year, assigned, episodes))
    scores, unscored, score_source = _risk_scores(engine, population, configuration, months, year)
    regional, weights, regional_source = _region(engine, population, configuration, months, year)
    stages = stage_counts(engine.to_rows(funnel(assignment))[0])
    return YearFigures(
        role=role,
        year=year,
        claims=claims,
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


def _cents(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _per_capita(row: Mapping[str, Any] | None, completion: Decimal) -> float:
    """Completed per capita expenditures of one type; 0 where the ACO has nobody in it."""
    return (per_capita(row["dollar_months"], int(row["months"]), completion) if row else None) or 0.0


def _claims_of(engine: Engine, population: Population, window: AssignmentWindow) -> tuple[ClaimSet, Table]:
    """The claims of the window and the year; beside them the facility claims that may end after the year.

    A bill over New Year holds services of December, and a stay over New Year bars some, though its dollars belong to
    the next year (42 CFR 425.400(c)(1), 425.402(b)). An episode of COVID-19 lasts through the month after discharge,
    so December's discharges matter to January (42 CFR 425.611(b)).
    """
    known_by = run_out_date(window.year)
    december_before = datetime.date(window.year - 1, 12, 1)
    first, last = min(window.earliest, december_before), window.year_end
    wide = adjust(
        population.versions,
        year=window.year,
        period=(first, known_by),
        run_out_date=known_by,
        checkpoint=engine.checkpoint,
    )
    facility_claims = engine.view(wide.institutional)
    claims = replace(
        wide,
        institutional=engine.view(facility_claims.filter(_.claim_end_date <= last)),
        institutional_line=engine.view(wide.institutional_line),
        institutional_diagnosis=engine.view(wide.institutional_diagnosis),
        professional=engine.view(wide.professional.filter(line_through_date() <= last)),
        equipment=wide.equipment.filter(line_through_date() <= last),
        drug=wide.drug.filter(_.dispensing_date <= last),
        dollars=engine.view(wide.dollars.filter(_.through_date <= last)),
        period=(first, last),
    )
    return claims, facility_claims


def _risk_scores(
    engine: Engine, population: Population, configuration: Configuration, months: Table, year: int
) -> tuple[dict[str, float], int, str]:
    """Person-year-weighted mean of CMS's renormalized scores by type; `aco.toml` overrides the assignment report.

    0 for a type without any person-years.
    """
    if year in configuration.risk_scores:
        return configuration.risk_scores[year].as_dict(), 0, f"aco.toml:risk_scores.{year}"
    report = of_report_year(population.assigned, year)
    counted = months.group_by("person_id", "enrollment_type").aggregate(months=_.count())
    scores_of = report.select(scored_person=_.person_id, **{kind: report[f"{kind}_score"] for kind in ENROLLMENT_TYPES})
    rows = engine.to_rows(counted.left_join(scores_of, [("person_id", "scored_person")]))
    scores: dict[str, float] = {}
    for kind in ENROLLMENT_TYPES:
        known = [(row["months"], row[kind]) for row in rows if row["enrollment_type"] == kind and row[kind] is not None]
        if not any(row["enrollment_type"] == kind for row in rows):
            scores[kind] = 0.0
            continue
        if not known:
            raise ConfigurationError(
                f"no risk score of {kind} beneficiaries for {year}",
                where="assignment report (ALR table 1-1)",
                remedy=f"Load the report of {year} with `openaco load alr`, or state [risk_scores.{year}] in aco.toml.",
            )
        # fsum is exact, so the mean does not depend on the order in which an engine hands out the rows
        scores[kind] = math.fsum(count * score for count, score in known) / sum(count for count, _score in known)
    return scores, sum(row["scored_person"] is None for row in rows), "assigned_beneficiary:score"


def _months_that_count(population: Population, year: int, assigned: Table, episodes: Table) -> Table:
    """The eligible months of the assigned that person-years, risk scores and weights rest on (42 CFR 425.611(c))."""
    months = eligible_months(population.person_months, year).semi_join(assigned, "person_id")
    return outside_episodes(months, episodes, year)


def _region(
    engine: Engine, population: Population, configuration: Configuration, months: Table, year: int
) -> tuple[dict[str, float], dict[str, float], str]:
    """Risk-adjusted regional per capita and weight of the national factor, by type (42 CFR 425.601(c), (d), (a)(5)).

    A county whose figures CMS suppressed, or whose residents are elsewhere than any county of the file, is left out
    of the weights; the others stand for it. A type without any person-years has no region: the nation stands for it.
    """
    stated, stated_weights = configuration.regional.get(year), configuration.national_weights.get(year)
    if stated and stated_weights:
        return stated.as_dict(), stated_weights.as_dict(), f"aco.toml:regional.{year}"
    counties = population.county_expenditure.filter(_.calendar_year == year)
    by_county = months.group_by("state_county_code", "enrollment_type").aggregate(months=_.count())
    joined = by_county.inner_join(counties, ["state_county_code", "enrollment_type"])
    rows = engine.to_rows(joined.order_by(["enrollment_type", "state_county_code"]))
    present = {row["enrollment_type"] for row in engine.to_rows(by_county.select("enrollment_type").distinct())}
    regional = configuration.national_for(year).per_capita.as_dict()
    weights = dict.fromkeys(ENROLLMENT_TYPES, 1.0)
    for kind in (kind for kind in ENROLLMENT_TYPES if kind in present):
        usable = [row for row in rows if row["enrollment_type"] == kind and _usable(row)]
        if not usable:
            raise ConfigurationError(
                f"no county figures of {kind} beneficiaries for {year}",
                where="county file",
                remedy="Put CMS's county-level file of that year into the roster folder and load it again, or state "
                f"[regional.{year}] and [national_weights.{year}] in aco.toml.",
            )
        regional[kind] = regional_per_capita(
            (row["months"] / 12, county_risk_adjusted(row["per_capita_expenditure"], row["risk_score"]))
            for row in usable
        )
        weights[kind] = national_weight((row["months"] / 12, row["person_years"]) for row in usable)
    if stated:
        return stated.as_dict(), weights, f"aco.toml:regional.{year}"
    return regional, weights, "county_expenditure:per_capita_expenditure"


def _usable(county: Mapping[str, Any]) -> bool:
    """Whether none of the county's figures is suppressed."""
    return all(county[name] for name in ("per_capita_expenditure", "risk_score", "person_years"))

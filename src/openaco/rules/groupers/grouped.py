"""All groupers for one population and year, in one call (42 CFR 425.20: the claims of assigned beneficiaries)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from openaco.engine import Engine, Table, literal
from openaco.feeds.code_tables import CodeTables, MissingTable
from openaco.rules.claims import ClaimSet
from openaco.rules.groupers.categories import services
from openaco.rules.groupers.comorbidity import comorbidity_scores
from openaco.rules.groupers.conditions import condition_sets, conditions, multiple_chronic_conditions
from openaco.rules.groupers.diagnoses import stated_diagnoses, stated_procedures
from openaco.rules.groupers.emergency import emergency_visits, observation_stays
from openaco.rules.groupers.emergency_classes import classified_visits
from openaco.rules.groupers.high_needs import high_needs
from openaco.rules.groupers.lace import lace_index
from openaco.rules.groupers.planned import excluded_discharges, planned_admissions
from openaco.rules.groupers.prevention import pqi_sets, prevention_admissions, unknown_sets
from openaco.rules.groupers.readmissions import readmissions
from openaco.rules.groupers.social import area_indexes, social_needs
from openaco.rules.groupers.stays import admissions, bills, facility_stays, with_admissions


@dataclass(frozen=True)
class Groupers:
    """What the groupers found. Columns of each table: the docstring of the function named in brackets.

    For the whole period of the claims that were given:
    services            one claim or line and its category (`categories.services`)
    facility_stays      one stay in one facility (`stays.facility_stays`, `with_admissions`)
    admissions          one stay with its transfers (`stays.admissions`)
    stay_claims         which claims make up a facility stay
    observation_stays   one observation stay (`emergency.observation_stays`)
    emergency_visits    one visit with its disposition (`emergency.emergency_visits`)
    emergency_classes   the visits by class; None where the table is not loaded (`emergency_classes`)
    planned             one acute admission, planned or not (`planned.planned_admissions`)
    diagnoses           one claim, one diagnosis (`diagnoses.stated_diagnoses`)

    For the year:
    readmissions        one acute stay that ends in the year, and what followed (`readmissions.readmissions`)
    prevention          one acute stay, one Prevention Quality Indicator (`prevention.prevention_admissions`)
    lace                one acute admission that ends alive (`lace.lace_index`)
    conditions          one person, one chronic condition, on the last day (`conditions.conditions`)
    multiple_chronic    one person of measure 484's cohort of the year (`conditions.multiple_chronic_conditions`)
    comorbidities       one person: Charlson and Elixhauser (`comorbidity.comorbidity_scores`)
    high_needs          one person: the criteria of ACO REACH, on the last day (`high_needs.high_needs`)
    social_needs        one person, one domain of Z codes (`social.social_needs`)
    areas               one person: SVI and ADI of the place (`social.area_indexes`)

    missing             tables that nobody loaded, what for, and where to get them
    lacking_sets        by Prevention Quality Indicator: code sets without which it is not exact
    """

    year: int
    services: Table
    facility_stays: Table
    admissions: Table
    stay_claims: Table
    observation_stays: Table
    emergency_visits: Table
    emergency_classes: Table | None
    planned: Table
    diagnoses: Table
    readmissions: Table
    prevention: Table
    lace: Table
    conditions: Table
    multiple_chronic: Table
    comorbidities: Table
    high_needs: Table
    social_needs: Table
    areas: Table
    missing: tuple[MissingTable, ...]
    lacking_sets: Mapping[str, tuple[str, ...]]


def run(
    engine: Engine,
    claims: ClaimSet,
    people: Table,
    year: int,
    tables: CodeTables | None = None,
    *,
    facility_claims: Table | None = None,
    person_months: Table | None = None,
    scores: Table | None = None,
    places: Table | None = None,
) -> Groupers:
    """Group the claims of a population. 42 CFR 425.20.

    claims: those of the year, and of the two years before it where chronic conditions shall be known in full. people:
    `person_id`, `birth_date`, `death_date`, `sex_code`, one row a person (`rules.enrollment.people`). year: the
    calendar year whose results and code lists are asked for. tables: what the user loaded. facility_claims: the
    institutional claims up to the run-out date, those after the year among them (`programs.year_claims`): so stays over
    New Year are whole and readmissions of December known; without them December's are not. person_months:
    `rules.enrollment.person_months`, for the enrollment that readmissions ask for. scores: `person_id`, `risk_score`,
    `esrd`, for high needs. places: `social.places`, for indexes of places.
    """
    keep = engine.checkpoint
    loaded = tables or CodeTables()
    last_day = datetime.date(year, 12, 31)
    sorted_services = engine.view(services(claims, year))
    longer = claims if facility_claims is None else replace(claims, institutional=facility_claims)
    found, members = facility_stays(keep(bills(longer, year)), people, year, checkpoint=keep)
    stay_claims, stays = keep(members), with_admissions(found, year, checkpoint=keep)
    whole = keep(admissions(stays))
    observed = keep(observation_stays(claims, people, year, checkpoint=keep))
    visits = emergency_visits(claims, people, stays, observed, year, checkpoint=keep)
    diagnoses, procedures = keep(stated_diagnoses(claims, checkpoint=keep)), keep(stated_procedures(claims))
    planned = keep(planned_admissions(engine, stays, stay_claims, procedures, loaded, year))
    excluded = keep(excluded_discharges(engine, stays, stay_claims, procedures, loaded, year))
    sets, code_sets = pqi_sets(loaded, year), condition_sets(loaded, year)
    year_before = conditions(engine, diagnoses, code_sets, datetime.date(year - 1, 12, 31), year, checkpoint=keep)
    where = people.select("person_id").mutate(zip_code=literal(None, "string")) if places is None else places
    return Groupers(
        year=year,
        services=sorted_services,
        facility_stays=stays,
        admissions=whole,
        stay_claims=stay_claims,
        observation_stays=observed,
        emergency_visits=visits,
        emergency_classes=classified_visits(engine, visits, loaded),
        planned=planned,
        diagnoses=diagnoses,
        readmissions=readmissions(
            stays,
            planned,
            excluded,
            people,
            year,
            person_months=person_months,
            claims_end=_known_through(claims, facility_claims),
            checkpoint=keep,
        ),
        prevention=prevention_admissions(
            engine, stays, stay_claims, diagnoses, procedures, people, sets, year, checkpoint=keep
        ),
        lace=lace_index(engine, whole, visits, diagnoses, year, checkpoint=keep),
        conditions=conditions(engine, diagnoses, code_sets, last_day, year, checkpoint=keep),
        multiple_chronic=keep(multiple_chronic_conditions(people, year_before, year)),
        comorbidities=keep(comorbidity_scores(engine, diagnoses, people, year, checkpoint=keep)),
        high_needs=high_needs(
            engine,
            people,
            claims,
            diagnoses,
            whole,
            planned,
            stay_claims,
            last_day,
            year,
            scores=scores,
            checkpoint=keep,
        ),
        social_needs=keep(social_needs(engine, diagnoses, year)),
        areas=keep(area_indexes(engine, where, loaded)),
        missing=loaded.missing(),
        lacking_sets=unknown_sets(sets, year),
    )


def _known_through(claims: ClaimSet, facility_claims: Table | None) -> datetime.date | None:
    """The last day whose facility claims are known; None where the claims state no period."""
    if facility_claims is not None:
        return claims.run_out_date
    return claims.period[1] if claims.period else None

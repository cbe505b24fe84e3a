"""All groupers for one population and year, in one call (42 CFR 425.20: the claims of assigned beneficiaries)."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.engine import Engine, Table
from openaco.rules.claims import ClaimSet
from openaco.rules.groupers.categories import services
from openaco.rules.groupers.emergency import emergency_visits, observation_stays
from openaco.rules.groupers.stays import admissions, bills, facility_stays, with_admissions


@dataclass(frozen=True)
class Groupers:
    """What the groupers found, for the whole period of the claims they were given.

    services           one claim or line: its category (`categories.services`)
    facility_stays     one stay in one facility (`stays.with_admissions`)
    admissions         one stay with its transfers (`stays.admissions`)
    stay_claims        which claims make up a facility stay: `stay_id`, `claim_id`, `sequence`
    observation_stays  one observation stay
    emergency_visits   one emergency department visit with its disposition
    """

    year: int
    services: Table
    facility_stays: Table
    admissions: Table
    stay_claims: Table
    observation_stays: Table
    emergency_visits: Table


def run(engine: Engine, claims: ClaimSet, people: Table, year: int) -> Groupers:
    """Group the claims of a population. people: `person_id`, `birth_date`, `death_date`, `sex_code`, one row a person.

    year: whose code lists hold. 42 CFR 425.601(a)(1).
    """
    keep = engine.checkpoint
    sorted_services = engine.view(services(claims, year))
    found, members = facility_stays(keep(bills(claims, sorted_services)), people, year, checkpoint=keep)
    stays = with_admissions(found, year, checkpoint=keep)
    observed = keep(observation_stays(claims, people, year, checkpoint=keep))
    return Groupers(
        year=year,
        services=sorted_services,
        facility_stays=stays,
        admissions=keep(admissions(stays)),
        stay_claims=keep(members),
        observation_stays=observed,
        emergency_visits=emergency_visits(claims, people, stays, observed, year, checkpoint=keep),
    )

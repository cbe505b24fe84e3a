"""The claims of one year and of the days before it that decide who is counted, as known on the year's run-out date."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from openaco.engine import Engine, Table, _
from openaco.programs.population import Population
from openaco.rules.claims import ClaimSet, adjust
from openaco.rules.claims.dollars import line_through_date
from openaco.rules.expenditures import run_out_date


@dataclass(frozen=True)
class YearClaims:
    """Claims that end from `claims.period[0]` to the end of the year, and facility claims to the run-out date."""

    claims: ClaimSet
    facility_claims: Table


def year_claims(engine: Engine, population: Population, year: int, earliest: datetime.date) -> YearClaims:
    """The claims from `earliest` through the year; beside them the facility claims that may end after the year.

    A bill over New Year holds services of December, and a stay over New Year bars some, though its dollars belong to
    the next year (42 CFR 425.400(c)(1), 425.402(b)). An episode of COVID-19 lasts through the month after discharge,
    so December's discharges matter to January (42 CFR 425.611(b)).
    """
    known_by = run_out_date(year)
    december_before = datetime.date(year - 1, 12, 1)
    first, last = min(earliest, december_before), datetime.date(year, 12, 31)
    wide = adjust(
        population.versions,
        year=year,
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
    return YearClaims(claims, facility_claims)

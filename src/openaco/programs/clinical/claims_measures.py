"""The claims measures of an ACO, from its lake: claims that count → groupers → rates, stays with their reasons."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from openaco.engine import Engine, Lake, Table, _, arrow_schema, stack
from openaco.errors import ConfigurationError
from openaco.feeds.code_tables import read_code_tables
from openaco.measures.claims.model import RiskModel
from openaco.measures.claims.rate import ClaimsMeasure, claims_measure
from openaco.programs.clinical.sharing import not_shared
from openaco.programs.folder import AcoFolder
from openaco.programs.population import CLAIMS
from openaco.rules import groupers
from openaco.rules.claims import ClaimSet, adjust, claim_versions, current_mbi
from openaco.rules.enrollment import people as everybody
from openaco.rules.enrollment import person_months
from openaco.tables import (
    AssignedBeneficiary,
    Beneficiary,
    EnrollmentMonth,
    InstitutionalClaim,
    LakeTable,
    MbiCrosswalk,
    MeasureEpisode,
    MeasureExposure,
    MeasureResult,
)

YEARS_BEFORE = 3
"""Chronic conditions of the year before look back two years more."""
TABLES = "tables"
"""Folder of the ACO with code tables that the user loaded."""
_OF_A_PERSON = (
    "institutional",
    "institutional_line",
    "institutional_procedure",
    "institutional_diagnosis",
    "professional",
    "equipment",
    "drug",
)


def claims_measures(
    engine: Engine,
    folder: AcoFolder,
    measures: Sequence[str],
    year: int,
    models: Mapping[str, RiskModel | None],
    *,
    assigned: bool = False,
) -> list[ClaimsMeasure]:
    """Measures 479 and 484 of a performance year. assigned: only people whom the latest run assigned in the year.

    Raises ConfigurationError where no institutional claims were loaded, or nobody was assigned.
    """
    lake, keep = Lake(folder.lake), engine.checkpoint
    if not lake.files(InstitutionalClaim):
        raise ConfigurationError(
            "there are no institutional claims", where=str(folder.lake), remedy="Load claims: openaco load cclf PATH."
        )
    identities = keep(current_mbi(lake.read(engine, MbiCrosswalk), checkpoint=keep))
    reports = lake.read(engine, AssignedBeneficiary)
    people = everybody(lake.read(engine, Beneficiary), identities, assigned_beneficiary=reports)
    people = keep(people.anti_join(not_shared(engine, lake, identities), "person_id"))
    months = _months(engine, lake, identities, people, year)
    if assigned:
        people = keep(people.semi_join(_assigned(engine, folder, year), "person_id"))
    claims = _of_people(_claims(engine, lake, identities, year), people)
    tables = read_code_tables(folder.root / TABLES)
    found = groupers.run(engine, claims, people, year, tables, person_months=months)
    return [claims_measure(engine, measure, found, people, months, models.get(measure)) for measure in measures]


def _claims(engine: Engine, lake: Lake, identities: Table, year: int) -> ClaimSet:
    """The claims of three years before, of the year, and of the month after it, as they are known now."""
    tables = {table.name: lake.read(engine, table) for table in CLAIMS}
    versions = claim_versions(tables, identities, checkpoint=engine.checkpoint)
    period = (datetime.date(year - YEARS_BEFORE, 1, 1), datetime.date(year + 1, 1, 31))
    return adjust(versions, year=year, period=period, checkpoint=engine.checkpoint)


def _of_people(claims: ClaimSet, people: Table) -> ClaimSet:
    """The claims of some people. Details of a claim follow its header."""
    own = people.select("person_id")
    return replace(claims, **{name: getattr(claims, name).semi_join(own, "person_id") for name in _OF_A_PERSON})


def _months(engine: Engine, lake: Lake, identities: Table, people: Table, year: int) -> Table | None:
    """Enrollment of the year before, the year and January after it; None where none was loaded."""
    if not lake.files(EnrollmentMonth):
        return None
    tables = {table.name: lake.read(engine, table) for table in CLAIMS}
    found = person_months(
        lake.read(engine, EnrollmentMonth),
        identities,
        people,
        tables["delivery"],
        first_month=datetime.date(year - 1, 1, 1),
        last_month=datetime.date(year + 1, 1, 1),
        year=year,
        checkpoint=engine.checkpoint,
    )
    return engine.checkpoint(found)


def _assigned(engine: Engine, folder: AcoFolder, year: int) -> Table:
    path = folder.latest_run() / "assignment.parquet"
    rows = engine.read_parquet([path]).filter(_.assigned, _.year == year).select("person_id").distinct()
    if not engine.to_rows(rows.limit(1)):
        raise ConfigurationError(
            f"the run that finished last assigned nobody in {year}",
            where=str(path.parent),
            remedy=f"Make one with `openaco run --year {year}`.",
        )
    return rows


def write_claims_measures(engine: Engine, found: Sequence[ClaimsMeasure], folder: Path, form: str) -> None:
    """Write `measure_result`, `measure_episode`, `measure_exposure` and `measure_rate`, rows in order of keys."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, parts in (
        (MeasureResult, [one.results for one in found]),
        (MeasureEpisode, [one.episodes for one in found]),
        (MeasureExposure, [one.exposures for one in found]),
    ):
        _write(folder / f"{table.name}.{form}", _rows(engine, table, stack(parts)), form)
    rates = pa.Table.from_pylist([one.rate.as_data() for one in found])
    _write(folder / f"measure_rate.{form}", rates, form)


def _rows(engine: Engine, table: type[LakeTable], rows: Table) -> pa.Table:
    schema = arrow_schema(table)
    found = sorted(engine.to_rows(rows), key=lambda row: [str(row[name]) for name in table.key])
    columns = [pa.array([row[field.name] for row in found], field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _write(path: Path, table: pa.Table, form: str) -> None:
    if form == "parquet":
        pq.write_table(table, path)
    elif form == "csv":
        pacsv.write_csv(table, path)
    else:
        lines = (json.dumps(row, default=str) for row in table.to_pylist())
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

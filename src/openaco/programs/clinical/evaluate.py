"""Clinical data of the lake, ready for measures: sources read, people matched, events merged, the population chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from openaco.engine import Engine, Lake, Table, _
from openaco.errors import ConfigurationError
from openaco.feeds.fhir import ClinicalData
from openaco.programs.clinical.merged import merge
from openaco.programs.clinical.sources import MEDICARE, read_sources
from openaco.programs.folder import AcoFolder
from openaco.programs.matching.files import crosswalk_table, match_lake
from openaco.tables import ClinicalQuarantine

EVERYBODY, MEDICARE_ONLY, ASSIGNED = "everybody", "medicare", "assigned"
POPULATIONS = (EVERYBODY, MEDICARE_ONLY, ASSIGNED)


@dataclass(frozen=True)
class LakeClinical:
    """What measures are given, and what happened on the way.

    data               people and events of the population, as `measures.output.evaluate_to` takes them
    records_by_system  people by record system, before matching
    people             people after matching, in the population
    duplicates         event rows left out because another source reports the same
    left_out           people whose claims are not used, by reason
    questions          pairs of records that wait for a decision
    """

    data: ClinicalData
    records_by_system: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    duplicates: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    questions: int = 0


def clinical_of_lake(
    engine: Engine, folder: AcoFolder, year: int, *, population: str = EVERYBODY, utc_offset_minutes: int = 0
) -> LakeClinical:
    """Everything clinical that the ACO has of a performance year.

    population: everybody, medicare (people of the claims) or assigned (by the run that finished last).
    Raises ConfigurationError where the lake holds nothing clinical, or where no run assigned anybody in the year.
    """
    lake = Lake(folder.lake)
    sources = read_sources(engine, lake, year, utc_offset_minutes=utc_offset_minutes)
    matching = match_lake(engine, lake, matching_folder(folder), probable=False)
    crosswalk = crosswalk_table(engine, matching)
    merged = merge(engine, sources, crosswalk)
    people, events = merged.people, merged.events
    chosen = _chosen(engine, folder, crosswalk, year, population)
    if chosen is not None:
        people = engine.checkpoint(people.semi_join(chosen, "person_id"))
        events = engine.store(events.semi_join(chosen, "person_id"))
    count = engine.to_rows(people.aggregate(people=_.count()))[0]["people"]
    if not count:
        raise ConfigurationError(
            "nobody is left to evaluate",
            where=str(folder.root),
            remedy="Load claims (openaco load cclf) or clinical data (openaco load fhir), or widen --population.",
        )
    quarantine = engine.to_rows(lake.read(engine, ClinicalQuarantine))
    return LakeClinical(
        data=ClinicalData(people, events, tuple(quarantine)),
        records_by_system=matching.as_data()["records_by_system"],
        people=int(count),
        duplicates=merged.duplicates,
        left_out=sources.left_out,
        questions=len(matching.questions),
    )


def matching_folder(folder: AcoFolder) -> Path:
    """Where crosswalk and review file of an ACO are kept."""
    return folder.root / "matching"


def _chosen(engine: Engine, folder: AcoFolder, crosswalk: Table, year: int, population: str) -> Table | None:
    """The ids of the people to be evaluated; None for everybody."""
    if population == EVERYBODY:
        return None
    if population == MEDICARE_ONLY:
        return crosswalk.filter(_.source_system == MEDICARE).select("person_id").distinct()
    if population != ASSIGNED:
        raise ConfigurationError(
            f"{population!r} is no population", where="--population", remedy=f"One of {', '.join(POPULATIONS)}."
        )
    path = folder.latest_run() / "assignment.parquet"
    if not path.is_file() or year not in pq.read_table(path, columns=["year"])["year"].to_pylist():
        raise ConfigurationError(
            f"the run that finished last assigned nobody in {year}",
            where=str(path.parent),
            remedy=f"Make one with `openaco run --year {year}`.",
        )
    rows = engine.read_parquet([path]).filter(_.assigned, _.year == year)
    known = crosswalk.filter(_.source_system == MEDICARE).select(number=_.source_person_id, person_of=_.person_id)
    return rows.join(known, [("person_id", "number")]).select(person_id=_.person_of).distinct()

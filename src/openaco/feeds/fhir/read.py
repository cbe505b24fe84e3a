"""Rows of people and events → tables of an engine, with references followed and unreadable people left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.engine import Engine, Table, Value, _, arrow_schema, coalesce, date_from_days, ifelse, stack
from openaco.feeds.fhir.collect import Collected, collect
from openaco.feeds.fhir.documents import documents, files_of
from openaco.feeds.fhir.instants import ALWAYS, DAY, EVER
from openaco.tables import ClinicalPerson, Event

Row = dict[str, Any]
Progress = Callable[[int], None]

_ROWS_AT_ONCE = 200_000
_HELPERS = {"refers_to": pa.string(), "scope": pa.string()}
_NAMES_OF_CODES = pa.schema(
    [("scope", pa.string()), *[(name, pa.string()) for name in ("refers_to", "system", "code")]]
)
_CLASSED = ("observation", "component")
_CONDITION_LINKS = ("encounter_diagnosis", "encounter_reason")


@dataclass(frozen=True)
class ClinicalData:
    """People and events, ready for measures, and who was put aside with the reason (file, line, person, reason).

    identities: names, identifiers and addresses of the people who are kept, one row a person.
    """

    people: Table
    events: Table
    quarantine: tuple[Row, ...]
    files: int = 0
    identities: tuple[Row, ...] = ()


class _Store:
    """Writes event rows to Parquet files as they come, so that a large export never stands in memory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.paths: list[Path] = []
        fields = [*arrow_schema(Event), *[pa.field(name, kind) for name, kind in _HELPERS.items()]]
        self.schema = pa.schema(fields)

    def add(self, rows: list[Row]) -> None:
        if rows or not self.paths:
            path = self.engine.scratch / f"events-{id(self)}-{len(self.paths)}.parquet"
            pq.write_table(columns_of(rows, self.schema), path, compression="zstd", compression_level=1)
            self.paths.append(path)

    def table(self) -> Table:
        return self.engine.read_parquet(self.paths)


def columns_of(rows: list[Row], schema: pa.Schema) -> pa.Table:
    """Rows as Arrow columns; what a row does not state is null."""
    return pa.table([pa.array([row.get(field.name) for row in rows], field.type) for field in schema], schema=schema)


def read_fhir(
    engine: Engine, paths: Iterable[Path], progress: Progress | None = None, *, utc_offset_minutes: int = 0
) -> ClinicalData:
    """Read files and folders of FHIR. `progress` is told the number of documents read so far.

    utc_offset_minutes: times are moved by it, so that days are those of the place; dates without a time stay.
    Raises FeedError if there is nothing to read. A person whose data cannot be read is left out and named in the
    quarantine with file, line and reason; the others are complete.
    """
    files = files_of(list(paths))
    found = Collected()

    def watched() -> Iterator[Collected]:
        for done, state in enumerate(collect(found, documents(files)), start=1):
            if progress and done % 100 == 0:
                progress(done)
            yield state

    data = clinical_tables(engine, found, watched(), files=len(files), utc_offset_minutes=utc_offset_minutes)
    return replace(data, quarantine=(*data.quarantine, *_strangers(engine, data)))


def _strangers(engine: Engine, data: ClinicalData) -> list[Row]:
    """People whom events name and no Patient describes: each with the first place that names them."""
    unknown = data.events.anti_join(data.people, "person_id").group_by("person_id", "source_file")
    first: dict[str, tuple[str, int]] = {}
    for row in engine.to_rows(unknown.agg(source_line=_.source_line.min())):
        place = row["source_file"], row["source_line"]
        first[row["person_id"]] = min(place, first.get(row["person_id"], place))
    return [
        {"source_file": file, "source_line": line, "person_id": person, "reason": "no Patient of this id"}
        for person, (file, line) in sorted(first.items())
    ]


def clinical_tables(
    engine: Engine,
    found: Collected,
    steps: Iterable[Collected] = (),
    *,
    files: int = 0,
    utc_offset_minutes: int = 0,
) -> ClinicalData:
    """Tables of what is collected; `steps` goes on collecting, and rows are stored on the way."""
    store = _Store(engine)
    for _state in steps:
        if len(found.events) >= _ROWS_AT_ONCE:
            store.add(found.events)
            found.events = []
    store.add(found.events)
    found.events = []
    people, unreadable = _people(found)
    raw = store.table()
    if unreadable:
        raw = raw.filter(_.person_id.notin(sorted(unreadable)))
    medications = engine.from_arrow(columns_of(found.medications, _NAMES_OF_CODES))
    events = _with_classes(_with_codes(raw, medications))
    if utc_offset_minutes:
        events = moved(events, utc_offset_minutes)
    events = engine.store(events)
    kept = {row["person_id"]: row for row in people}
    identities = {row["source_person_id"]: row for row in reversed(found.identities)}
    return ClinicalData(
        engine.from_arrow(columns_of(people, arrow_schema(ClinicalPerson))),
        events,
        tuple(found.quarantine),
        files,
        tuple(identities[person] for person in kept if person in identities),
    )


def _people(found: Collected) -> tuple[list[Row], set[str]]:
    """One row for each readable person, and the ids of those put aside. Two Patients that differ put the id aside."""
    unreadable = {row["person_id"] for row in found.quarantine if row["person_id"]}
    kept: dict[str, Row] = {}
    for row in found.people:
        person = row["person_id"]
        row["payer_code"] = row["payer_code"] or found.payers.get(person)
        before = kept.setdefault(person, row)
        if any(before[name] != row[name] for name in ("birth_earliest", "birth_latest", "gender", "sex_code")):
            unreadable.add(person)
            lineage = {name: row[name] for name in ("source_file", "source_line", "person_id")}
            found.quarantine.append(lineage | {"reason": "two Patients of this id differ in birth date or sex"})
    return [row for person, row in kept.items() if person not in unreadable], unreadable


def _with_codes(raw: Table, medications: Table) -> Table:
    """Rows whose code stands elsewhere get it: of a Medication in the same document, of a Condition of the person."""
    columns = [name for name in raw.columns if name not in _HELPERS]
    plain = raw.filter(_.refers_to.isnull()).select(*columns)
    waiting = raw.filter(_.refers_to.notnull()).drop("system", "code")
    named = medications.distinct()
    of_medication = waiting.filter(_.kind == "medication_request").inner_join(named, ["scope", "refers_to"])
    conditions = raw.filter(_.kind == "condition", _.code.notnull())
    conditions = conditions.select("person_id", "system", "code", refers_to=_.event_id).distinct()
    of_condition = waiting.filter(_.kind.isin(_CONDITION_LINKS)).inner_join(conditions, ["person_id", "refers_to"])
    return stack([plain, of_medication.select(*columns), of_condition.select(*columns)])


def _with_classes(events: Table) -> Table:
    """Observations get the class of the encounter they belong to."""
    encounters = events.filter(_.kind == "encounter", _.encounter_class.notnull())
    classes = encounters.group_by(class_person=_.person_id, class_encounter=_.event_id).agg(
        found_class=_.encounter_class.max()
    )
    observed = events.filter(_.kind.isin(_CLASSED))
    joined = observed.left_join(classes, [("person_id", "class_person"), ("encounter_id", "class_encounter")])
    joined = joined.mutate(encounter_class=coalesce(_.found_class, _.encounter_class))
    return stack([events.filter(_.kind.notin(_CLASSED)), joined.select(*events.columns)])


def moved(events: Table, minutes: int) -> Table:
    """Exact times moved by some minutes; dates, which are spans, and what is not bounded stay."""
    by = minutes * 60_000
    columns: dict[str, Value] = {}
    for name in ("start", "end", "recorded"):
        first, last = events[f"{name}_earliest"], events[f"{name}_latest"]
        exact = (first == last) & first.notin((EVER, ALWAYS))
        columns[f"{name}_earliest"] = ifelse(exact, first + by, first)
        columns[f"{name}_latest"] = ifelse(exact, last + by, last)
        if name != "recorded":
            moved = date_from_days(((first + by) // DAY).cast("int64"))
            columns[f"{name}_date"] = ifelse(exact, moved, events[f"{name}_date"])
    return events.mutate(**columns)

"""Loads FHIR of one record system into the lake: people, events, who they are, and who could not be read.

Files, folders (with folders inside) and ZIPs of Bundles and bulk exports. The same content is loaded once. A later
delivery of the same resource takes the place of the earlier one when it is read; a resource that a later delivery
leaves out stays, since an export may hold only what is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, arrow_schema, literal
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.fhir.collect import Collected, collect
from openaco.feeds.fhir.documents import Document, documents_in, is_document
from openaco.feeds.fhir.read import ClinicalData, clinical_tables
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Member, Package, open_package
from openaco.tables import ClinicalPerson, ClinicalQuarantine, Event, SourcePerson

MEDICARE = "medicare"
"""The name of the record system that claims are of."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}")


def load(lake: Lake, path: Path | str, *, system: str = "", progress: Progress | None = None) -> LoadReport:
    """Load FHIR of a record system.

    system: a short name for it, such as `valley-clinic`; people of two systems may have the same ids.
    Raises FeedError where no system is named, where nothing is FHIR, or where nobody could be read. A person whose
    data cannot be read is put aside with file, line and reason; the others are complete.
    """
    check_system(system)
    with _package(Path(path)) as package:
        return store(
            lake,
            "fhir",
            package,
            partial(_fill, package, system),
            name_delivery=partial(delivery_id, "fhir", package.modified_at()),
            read_as=system,
            progress=progress,
        )


def check_system(system: str) -> None:
    """Raise FeedError unless a name can stand for a record system."""
    if not _NAME.fullmatch(system) or system == MEDICARE:
        said = f"{system!r} cannot name a record system" if system else "which record system sent this is not said"
        raise FeedError(
            said, where="--system", remedy="Give it a short name of your own, such as --system valley-clinic."
        )


def _package(path: Path) -> Package:
    """The FHIR files of a folder and of the folders in it; a file or a ZIP as it is."""
    if not path.is_dir():
        package = open_package(path)
        package.members = [member for member in package.members if is_document(member.name)]
    else:
        files = sorted(file for file in path.rglob("*") if file.is_file() and is_document(file.name))
        members = [
            Member(file.relative_to(path).as_posix(), file.stat().st_size, path.name, path=file) for file in files
        ]
        package = Package(path, path.name, members, "folder")
    if not package.members:
        raise FeedError(
            "holds no FHIR file", where=path.name, remedy="FHIR files end with .json, .ndjson or .jsonl, also with .gz."
        )
    return package


def _fill(package: Package, system: str, output: Output) -> Mapping[str, Any]:
    found = Collected()
    with Engine.duckdb() as engine:
        data = clinical_tables(engine, found, collect(found, _documents(package, output)), files=len(package.members))
        _store_all(engine, data, system, output)
    if not output.draft.counts[ClinicalPerson.name] and not output.draft.counts[Event.name]:
        first = data.quarantine[0]["reason"] if data.quarantine else "no resource that measures look at"
        raise FeedError(f"nobody could be read: {first}", where=package.name, remedy="Is this FHIR R4?")
    output.notes.append(f"record system {system}")
    return {"delivered_on": package.modified_at().date(), "coverage": system}


def _documents(package: Package, output: Output) -> Iterator[Document]:
    for member in package.members:
        with output.opener(member)() as stream:
            yield from documents_in(stream, member.name)


def _store_all(engine: Engine, data: ClinicalData, system: str, output: Output) -> None:
    named = {"source_system": literal(system), "delivery_id": literal(output.draft.delivery_id)}
    for table, rows in ((ClinicalPerson, data.people), (Event, data.events)):
        path = output.draft.new_file(table)
        engine.write_parquet(rows.mutate(**named).select(*arrow_schema(table).names), path)
        output.draft.add(table, path)
    output.draft.add(SourcePerson, [row | {"source_system": system} for row in data.identities])
    output.draft.add(ClinicalQuarantine, [row | {"source_system": system} for row in data.quarantine])
    for row in data.quarantine:
        output.draft.quarantine(row["source_file"], row["source_line"], row["reason"], "")
    unread = Counter(row["person_id"] for row in data.quarantine if row["person_id"])
    if unread:
        output.notes.append(f"{len(unread)} people put aside; the table clinical_quarantine names them")

"""Loads a BNEX file: one row for each beneficiary and reason, reconciled with the trailer's count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.bnex.xml import Exclusion, ExclusionFile, read_exclusions
from openaco.feeds.cells import read_date
from openaco.feeds.cms_names import named_time
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Member, open_package
from openaco.parameters import parameter
from openaco.tables import BeneficiaryExclusion

COVERAGE = {"Y": "regular", "R": "run-out"}
SEX = {"M": "1", "F": "2", "U": "0"}


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load one exclusion file.

    Raises FeedError, naming file, line and remedy: XML that is broken or declares a document type, another root, no
    header or trailer, a RecordCount that is not the number of beneficiaries. A beneficiary without identifier or
    reason, or with an unreadable date, goes to quarantine.
    """
    with open_package(path) as package:
        if len(package.members) > 1:
            raise FeedError("holds several files", where=package.name, remedy="Load the exclusion files one by one.")
        member, modified = package.members[0], package.modified_at()
        layout = parameter("feeds/bnex/layout", modified.year).value
        match = re.fullmatch(layout["file_name"], member.name)
        delivered = named_time(match, member.name) if match else modified
        facts = {"delivered_on": delivered.date(), "coverage": COVERAGE[match["coverage"]] if match else None}
        return store(
            lake,
            "bnex",
            package,
            partial(_fill, member, layout, facts),
            name_delivery=partial(delivery_id, "bnex", delivered),
            named_once=match is not None,
            progress=progress,
        )


def _fill(member: Member, layout: Mapping[str, str], facts: Mapping[str, Any], output: Output) -> Mapping[str, Any]:
    with output.opener(member)() as stream:
        found = read_exclusions(stream, member.name, layout)
    _reconcile(found, member.name, layout)
    rows: list[dict[str, Any]] = []
    for person in found.beneficiaries:
        try:
            rows += [row | {"source_file": member.name, "source_line": person.line} for row in _rows(person)]
        except ValueError as problem:
            output.draft.quarantine(member.name, person.line, str(problem), person.content())
    output.draft.add(BeneficiaryExclusion, rows)
    year = found.header.get("PerformanceYear", "")
    return {**facts, "performance_year": int(year) if year.isdigit() else None}


def _reconcile(found: ExclusionFile, name: str, layout: Mapping[str, str]) -> None:
    """Raise FeedError unless header and trailer are there and the trailer counts the beneficiaries."""
    for part, fields, code in (("Header", found.header, "header_code"), ("Trailer", found.trailer, "trailer_code")):
        if fields.get(f"{part}Code") != layout[code]:
            raise FeedError(f"has no {part} with the code {layout[code]}", where=name, remedy="Is it a BNEX file?")
    stated, counted = found.trailer.get("RecordCount", ""), len(found.beneficiaries)
    if not stated.isdigit() or int(stated) != counted:
        told = stated if stated.isdigit() else "no number of"
        raise FeedError(
            f"the trailer counts {told} beneficiaries, the file has {counted}",
            where=name,
            remedy="The file is cut off or was changed; ask for it again.",
        )


def _rows(person: Exclusion) -> Iterator[dict[str, Any]]:
    """A row for each reason. Raises ValueError with the reason why there can be none."""
    if "MBI" not in person.fields:
        raise ValueError("MBI is blank")
    if not person.reasons:
        raise ValueError("BeneExcReason is missing")
    birth = person.fields.get("DOB")
    try:
        birth_date = read_date(birth, "compact") if birth else None
    except ValueError:
        raise ValueError("DOB is not a date of the form YYYYMMDD") from None
    for reason in dict.fromkeys(person.reasons):
        yield {
            "mbi": person.fields["MBI"],
            "first_name": person.fields.get("FirstName"),
            "last_name": person.fields.get("LastName"),
            "birth_date": birth_date,
            "sex_code": SEX.get(person.fields.get("Gender", "").upper(), person.fields.get("Gender")),
            "reason_code": reason,
        }

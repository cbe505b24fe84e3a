"""Reads the data-sharing preference file: fixed-width lines between a header and a trailer that counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.cells import read_date
from openaco.feeds.cms_names import named_time
from openaco.feeds.lines import Opener, readable
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Member, Package, open_package
from openaco.parameters import parameter
from openaco.tables import DataSharingPreference

CHOICES = {"Y": True, "N": False, "": None}


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load one preference file.

    Raises FeedError, naming file, line and remedy, where header or trailer is missing, or the trailer's count is not
    the number of lines. Lines of another length or with an unreadable field go to quarantine.
    """
    with open_package(path) as package:
        if len(package.members) > 1:
            raise FeedError("holds several files", where=package.name, remedy="Load the preference files one by one.")
        member, layout = package.members[0], _layout(package)
        match = re.fullmatch(layout["file_name"], member.name)
        delivered = named_time(match, member.name) if match else package.modified_at()
        return store(
            lake,
            "preference",
            package,
            partial(_fill, member, layout, {"delivered_on": delivered.date()}),
            name_delivery=partial(delivery_id, "preference", delivered),
            named_once=match is not None,
            progress=progress,
        )


def _layout(package: Package) -> Mapping[str, Any]:
    return parameter("feeds/preference/layout", package.modified_at().year).value


def _fill(member: Member, layout: Mapping[str, Any], facts: Mapping[str, Any], output: Output) -> Mapping[str, Any]:
    rows, ended, details = [], False, 0
    for number, raw in _lines(output.opener(member)):
        where = f"{member.name}, line {number}"
        if number == 1:
            if not raw.startswith(layout["header"].encode()):
                raise FeedError("the header line is missing", where=where, remedy="Ask for the file again.")
        elif ended:
            raise FeedError("there are lines after the trailer", where=where, remedy="Ask for the file again.")
        elif raw.startswith(layout["trailer"].encode()):
            ended = True
            _reconcile(raw, layout, details, where)
        else:
            details += 1
            try:
                rows.append(_row(raw, layout) | {"source_file": member.name, "source_line": number})
            except ValueError as problem:
                output.draft.quarantine(member.name, number, str(problem), readable(raw))
    if not ended:
        raise FeedError(
            "the trailer line is missing: the file is cut off", where=member.name, remedy="Ask for it again."
        )
    output.draft.add(DataSharingPreference, rows)
    return facts


def _lines(opener: Opener) -> Iterator[tuple[int, bytes]]:
    with opener() as stream:
        for number, raw in enumerate(stream, start=1):
            line = raw.rstrip(b"\r\n")
            if line:
                yield number, line


def _reconcile(raw: bytes, layout: Mapping[str, Any], details: int, where: str) -> None:
    """Raise FeedError unless the trailer's count is the number of detail lines."""
    stated = raw[len(layout["trailer"]) + 8 :].decode("ascii", errors="replace").strip()
    if not stated.isdigit() or int(stated) != details:
        raise FeedError(
            f"the trailer counts {stated if stated.isdigit() else 'no number of'} lines, the file has {details}",
            where=where,
            remedy="The file is cut off or was changed; ask for it again.",
        )


def _row(raw: bytes, layout: Mapping[str, Any]) -> dict[str, Any]:
    """A detail line as a row. Raises ValueError with the reason where it cannot be read."""
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the line is not UTF-8") from None
    if len(line) != layout["length"]:
        raise ValueError(f"the line does not have {layout['length']} characters")
    cell = {name: line[start:end].strip() for name, (start, end) in layout["fields"].items()}
    if not cell["mbi"]:
        raise ValueError("mbi is blank")
    row: dict[str, Any] = {"mbi": cell["mbi"], "aco_id": cell["aco_id"] or None}
    for name in ("effective_date", "substance_use_effective_date"):
        try:
            row[name] = read_date(cell[name], "compact") if cell[name] else None
        except ValueError:
            raise ValueError(f"{name} is not a date of the form YYYYMMDD") from None
    for name in ("shares_claims", "shares_substance_use"):
        if cell[name] not in CHOICES:
            raise ValueError(f"{name} is neither Y nor N")
        row[name] = CHOICES[cell[name]]
    return row

"""Loads a CCLF delivery: checked against CCLF0, cut by the layout of its line length, stored as a whole or not at all.

Lines that cannot be read go to `quarantine` with their reason. A delivery is accepted with such lines as long as they
are few: at most one in a thousand lines of a file, or ten in a short file if most of its lines are good. Beyond that
the file is more likely damaged than its lines odd, and the delivery is refused.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openaco.engine import Draft, Lake, arrow_schema
from openaco.engine.fixed_width import BadLine, FixedWidthFile
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, Step, delivery_id, loaded_before, order_note
from openaco.feeds.cclf.control import (
    Control,
    check_length,
    check_records,
    is_release,
    missing_files,
    read_control,
    vintage_note,
)
from openaco.feeds.cclf.layouts import file_types, record_for
from openaco.feeds.cclf.names import PATTERN, CclfName, member_name, package_name
from openaco.feeds.package import Member, Package, open_package
from openaco.tables import LakeTable

FEED = "cclf"
TOLERATED_SHARE = 0.001
TOLERATED_LINES = 10
MOST_BAD_LINES = 100_000


@dataclass
class CclfPackage:
    """A package whose names were understood: the files of the set it holds, and what CCLF0 states of them."""

    package: Package
    name: CclfName
    files: dict[str, Member]
    controls: dict[str, Control] | None
    notes: list[str] = field(default_factory=list)

    @property
    def coverage(self) -> str:
        """regular, run-out, weekly, attribution; ` incomplete` where a file is missing that a release must have."""
        kind = self.name.coverage
        return kind if kind == "attribution" or is_release(set(self.files)) else f"{kind} incomplete"

    def where(self, file: str) -> str:
        """The place of a file, for messages."""
        return f"{self.package.name}/{self.files[file].name}"


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load one CCLF delivery: a ZIP as CMS names it, with or without `.zip`, or a folder of its member files.

    A delivery that is in the lake already changes nothing. The order in which deliveries are loaded does not matter.
    Raises FeedError if the delivery is damaged, incomplete or does not reconcile; then nothing was stored.
    """
    started = time.monotonic()
    with open_package(path) as package:
        cclf = understand(package)
        digest = package.content_hash()
        before = loaded_before(lake, FEED, package.name, digest)
        if before:
            return before
        name = delivery_id(FEED, cclf.name.delivered_at, digest)
        with lake.begin(name) as draft:
            _store_files(cclf, draft, progress)
            delivery = draft.commit(_delivery_row(cclf, digest))
        notes = [*cclf.notes, *order_note(lake, FEED, name)]
    return LoadReport.of(draft, delivery, notes=notes, seconds=time.monotonic() - started)


def deliveries_in(path: Path | str) -> list[Path]:
    """The deliveries at a path: a folder of packages is all of them in the order of delivery, anything else is one."""
    place = Path(path)
    if not place.is_dir():
        return [place]
    named = [(found.delivered_at, entry) for entry in place.iterdir() if (found := package_name(entry.name))]
    return [entry for _, entry in sorted(named)] or [place]


def understand(package: Package) -> CclfPackage:
    """Read the names and CCLF0. Raises FeedError if it is no CCLF delivery, or if a file of it is missing."""
    names = {member.name: found for member in package.members if (found := member_name(member.name))}
    if not names:
        raise FeedError(
            "holds no CCLF file",
            where=package.name,
            remedy=f"CMS names packages {PATTERN} and their files with ZC0 to ZC9, ZCA and ZCB; do not rename them.",
        )
    _check_one_delivery(package, list(names.values()))
    files = {names[member.name].file: member for member in package.members if member.name in names}
    if len(files) < len(names):
        raise FeedError("holds a CCLF file twice", where=package.name, remedy="Keep the members of one package only.")
    summary = files.pop("CCLF0", None)
    own = package_name(package.name) or max(names.values(), key=lambda name: name.delivered_at)
    cclf = CclfPackage(package, own, files, read_control(summary) if summary else None)
    cclf.notes += _notes_on_names(cclf, [member.name for member in package.members if member.name not in names])
    _check_complete(cclf)
    return cclf


def _check_one_delivery(package: Package, names: list[CclfName]) -> None:
    if len({name.delivery for name in names}) > 1:
        raise FeedError(
            "holds files of more than one delivery",
            where=package.name,
            remedy="Put the files of each delivery into a folder of their own, or load the packages as they came.",
        )


def _check_complete(cclf: CclfPackage) -> None:
    """Refuse a delivery that lacks a file. A weekly one is taken as it is; `coverage` says that it is incomplete."""
    missing = missing_files(set(cclf.files), cclf.controls, attribution=cclf.name.coverage == "attribution")
    if not missing:
        return
    if cclf.name.coverage == "weekly" and cclf.controls is None:
        cclf.notes.append(f"weekly release without {', '.join(missing)}: it is marked incomplete")
        return
    source = "CCLF0 states their records" if cclf.controls is not None else "every release has them"
    raise FeedError(
        f"lacks {', '.join(missing)}; {source}",
        where=cclf.package.name,
        remedy="Nothing was stored. Download the whole delivery again.",
    )


def _notes_on_names(cclf: CclfPackage, others: list[str]) -> list[str]:
    notes = []
    if cclf.name.test:
        notes.append("a test delivery: its name begins with T")
    if cclf.controls is None:
        notes.append("no CCLF0 in it, so record counts could not be checked against CMS's")
    unlisted = sorted(set(cclf.files) - set(cclf.controls or cclf.files))
    if unlisted:
        notes.append(f"CCLF0 does not list {', '.join(unlisted)}, so their records could not be checked")
    if others:
        notes.append(f"{len(others)} other files in it were not read, such as {sorted(others)[0]}")
    return notes


def _store_files(cclf: CclfPackage, draft: Draft, progress: Progress | None) -> None:
    """Store all files, reconciling each. Tables whose file is not there stay out of the delivery."""
    done = 0
    for file in sorted(cclf.files):
        reader = _FileLoad(cclf, file, draft, progress, done)
        reader.store()
        done += cclf.files[file].size


def _delivery_row(cclf: CclfPackage, digest: str) -> dict[str, Any]:
    return {
        "feed": FEED,
        "file_name": cclf.package.name,
        "content_hash": digest,
        "delivered_on": cclf.name.delivered_at.date(),
        "coverage": cclf.coverage,
        "performance_year": cclf.name.performance_year,
    }


class _FileLoad:
    """One file of the set on its way into its table."""

    def __init__(self, cclf: CclfPackage, file: str, draft: Draft, progress: Progress | None, done: int) -> None:
        self.cclf, self.file, self.draft, self.progress, self.bytes_read = cclf, file, draft, progress, done
        self.member = cclf.files[file]
        self.table: type[LakeTable] = file_types()[file].table
        self.control = (cclf.controls or {}).get(file)
        self.rows = 0
        self.bad: list[BadLine] = []

    def store(self) -> None:
        """Read, store and reconcile the file."""
        where = self.cclf.where(self.file)
        with self.member.open() as stream:
            lines = FixedWidthFile(stream, name=where)
            if lines.empty:
                self._store_nothing(where)
                return
            notes = check_length(self.file, where, lines.length, self.control)
            self.cclf.notes += notes or vintage_note(self.file, lines.length)
            stored = lines.store(
                record_for(self.file, lines.length),
                schema=arrow_schema(self.table),
                constants={"delivery_id": self.draft.delivery_id, "source_file": self.member.name},
                line_column="source_line",
                new_path=lambda: self.draft.new_file(self.table),
                on_bad=self._put_aside,
                on_progress=self._advance,
            )
        check_records(where, stored.lines, self.control)
        self._check_bad_lines(where, stored.lines)
        if stored.rounded:
            fields = ", ".join(stored.rounded)
            self.cclf.notes.append(f"{self.file}: more decimals than usual, rounded half up, in {fields}")
        for path in stored.paths:
            self.draft.add(self.table, path)

    def _store_nothing(self, where: str) -> None:
        if self.control is None:
            raise FeedError(
                "is empty, and no CCLF0 says that it should be", where=where, remedy="Download the delivery again."
            )
        check_records(where, 0, self.control)
        self.draft.add(self.table, [])

    def _put_aside(self, line: BadLine) -> None:
        self.draft.quarantine(self.member.name, line.line, line.reason, line.content)
        self.bad.append(BadLine(line.line, line.reason, ""))
        if len(self.bad) > MOST_BAD_LINES:
            raise self._too_many(self.cclf.where(self.file), "lines or more")

    def _check_bad_lines(self, where: str, lines: int) -> None:
        few = len(self.bad) <= TOLERATED_LINES and len(self.bad) * 2 < lines
        if self.bad and not few and len(self.bad) > TOLERATED_SHARE * lines:
            raise self._too_many(where, f"of {lines:,} lines")

    def _too_many(self, where: str, share: str) -> FeedError:
        first = self.bad[0]
        return FeedError(
            f"{len(self.bad):,} {share} cannot be read; the first is line {first.line:,}: {first.reason}",
            where=where,
            remedy="Nothing was stored. Look at the file there; if it is damaged, download the delivery again.",
        )

    def _advance(self, rows: int, size: int) -> None:
        self.rows += rows
        self.bytes_read += size
        if self.progress:
            stored = self.draft.counts.total() + self.rows
            self.progress(Step(self.member.name, stored, self.bytes_read, self.cclf.package.size))

"""CCLF0, the summary file: what CMS says was sent, against what arrived."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.errors import FeedError
from openaco.feeds.cclf.layouts import ends_on_field, file_types, known_lengths, length_since, newest_length, record_for
from openaco.feeds.package import Member

HEADER = "File Number"


@dataclass(frozen=True)
class Control:
    """What CCLF0 states of one file: the number of its records and their length."""

    records: int
    length: int


def read_control(member: Member) -> dict[str, Control]:
    """The lines of CCLF0 by file. Raises FeedError naming the line that is not as it should be."""
    found: dict[str, Control] = {}
    for number, line in enumerate(member.text().splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("|")]
        if not line.strip() or cells[0] == HEADER:
            continue
        if len(cells) < 4 or not cells[2].isdigit() or not cells[3].isdigit() or not cells[0].startswith("CCLF"):
            raise FeedError(
                "is not `file | description | number of records | length of record`",
                where=f"{member.package}/{member.name}, line {number}",
                remedy="Download the delivery again.",
            )
        found[cells[0]] = Control(int(cells[2]), int(cells[3]))
    if not found:
        raise FeedError(
            "CCLF0 lists no file", where=f"{member.package}/{member.name}", remedy="Download the delivery again."
        )
    return found


def check_records(where: str, lines: int, control: Control | None) -> None:
    """Raises FeedError if a file has another number of lines than CCLF0 states."""
    if control is not None and lines != control.records:
        raise FeedError(
            f"has {lines:,} records, but CCLF0 states {control.records:,}",
            where=where,
            remedy="Nothing was stored. Download the delivery again; if they still differ, ask CMS.",
        )


def check_length(file: str, where: str, length: int, control: Control | None) -> list[str]:
    """Notes on an unusual line length. Raises FeedError if it fits neither CCLF0 nor any layout.

    A length that CCLF0 states is taken. A length that is one of the layout's is taken too, unless CCLF0 states another
    one of them: CMS's own sample states 54 for CCLF9 lines of 55, which is a slip, not a file cut short.
    """
    stated = control.length if control else None
    known = known_lengths(file)
    if not _holds_what_it_must(file, length):
        raise _wrong_length(file, where, length)
    if length == stated:
        return [] if length in known else [_unknown_note(file, length)]
    if stated in known or (stated is not None and length not in known):
        raise FeedError(
            f"has lines of {length} characters, but CCLF0 states {stated}",
            where=where,
            remedy="Nothing was stored. Download the delivery again; let no program trim or convert its lines.",
        )
    if stated is not None:
        return [f"{file}: CCLF0 states {stated} characters a line, the lines have {length}, as in the layout"]
    if length in known:
        return []
    if length > known[0] and (length > newest_length(file) or ends_on_field(file, length)):
        return [_unknown_note(file, length)]
    raise _wrong_length(file, where, length)


def _holds_what_it_must(file: str, length: int) -> bool:
    """Whether the columns that every row must have are on a line of this length."""
    return all(column.pieces for column in record_for(file, length).columns if column.required)


def _wrong_length(file: str, where: str, length: int) -> FeedError:
    return FeedError(
        f"has lines of {length} characters; {file} has {' or '.join(map(str, known_lengths(file)))}",
        where=where,
        remedy="Nothing was stored. Check that this is the right file and that no program trimmed its lines.",
    )


def vintage_note(file: str, length: int) -> list[str]:
    """A note if a file comes in an older layout, in which some columns do not exist yet."""
    absent = sum(not column.pieces for column in record_for(file, length).columns)
    if not absent:
        return []
    return [f"{file}: layout of {length_since(file, length)} ({length} characters), {absent} columns did not exist yet"]


def _unknown_note(file: str, length: int) -> str:
    newest = newest_length(file)
    rest = f"the {length - newest} after them are not read" if length > newest else "columns after them are blank"
    return f"{file}: lines of {length} characters, a length not known; read by position, {rest}"


def missing_files(present: set[str], controls: dict[str, Control] | None, *, attribution: bool) -> list[str]:
    """The files that should be there and are not: those CCLF0 counts records of, or without CCLF0 the release set."""
    wanted = []
    for file, kind in file_types().items():
        if attribution:
            needed = kind.in_attribution_copy
        elif controls is not None:
            needed = file in controls and controls[file].records > 0
        else:
            needed = kind.in_release
        if needed and file not in present:
            wanted.append(file)
    return wanted


def is_release(present: set[str]) -> bool:
    """Whether all files are there without which a release does not count (1, 2, 3, 4, 5, 6, 8 and 9)."""
    return all(file in present for file, kind in file_types().items() if kind.in_release)

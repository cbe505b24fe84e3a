"""Files with FHIR in them → documents: a Bundle (in a file, or on a line), or a single resource on a line.

Accepted: `.json` (a Bundle or a resource), `.ndjson` and `.jsonl` (one Bundle, one resource, or one test case with its
`bundle` on each line), each also as `.gz`, and folders of them. A line that is no JSON is a document with a problem.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from openaco.errors import FeedError

_LINES = (".ndjson", ".jsonl")
_WHOLE = (".json",)
_NAMED = re.compile(rb'"resourceType"\s*:\s*"Patient"\s*,\s*"id"\s*:\s*"([^"]{1,64})"|Patient/([A-Za-z0-9\-.]{1,64})')


@dataclass(frozen=True)
class Document:
    """What one line, or one file, holds: JSON, or a problem; `person` is who the text names if it is a problem."""

    file: str
    line: int
    content: Any = None
    problem: str = ""
    person: str | None = None


def documents(paths: Iterable[Path]) -> Iterator[Document]:
    """The documents of files and folders, by name and line. Raises FeedError for another kind of file."""
    for path in files_of(paths):
        yield from _of_file(path)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files that are read: those named, and those with a known ending in folders. Raises FeedError if none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and _kind(file))
            if not inside:
                raise FeedError("holds no .json, .ndjson or .jsonl file", where=str(path))
            found += inside
        elif not path.exists():
            raise FeedError("there is no such file", where=str(path))
        elif not _kind(path):
            raise FeedError("is no FHIR file by its name", where=path.name, remedy="Name it .json, .ndjson or .jsonl.")
        else:
            found.append(path)
    return found


def _kind(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return "lines" if name.endswith(_LINES) else "whole" if name.endswith(_WHOLE) else ""


def is_document(name: str) -> bool:
    """Whether a file of this name is read."""
    return bool(_kind(Path(name)))


def documents_in(stream: BinaryIO, name: str) -> Iterator[Document]:
    """The documents of one file that is open already, unpacked."""
    if _kind(Path(name)) == "whole":
        yield parse(name, 1, stream.read())
        return
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield parse(name, number, line)


def _of_file(path: Path) -> Iterator[Document]:
    opener: Any = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            yield from documents_in(stream, path.name)
    except (gzip.BadGzipFile, EOFError):
        raise FeedError("cannot be unpacked", where=path.name, remedy="Ask for the file again.") from None


def parse(file: str, line: int, text: bytes) -> Document:
    """One text as a document."""
    try:
        return Document(file, line, orjson.loads(text))
    except orjson.JSONDecodeError:
        named = _NAMED.search(text)
        person = (named[1] or named[2]).decode() if named else None
        return Document(file, line, problem="the text is no JSON", person=person)

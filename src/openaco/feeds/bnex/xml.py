"""Reads BNEX XML record by record. Document types and entities are refused: no expansion, no outside reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from openaco.errors import FeedError

BENEFICIARY, REASON = "Beneficiary", "BeneExcReason"


@dataclass
class Exclusion:
    """One beneficiary of the file, with the line the record begins on."""

    line: int
    fields: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def content(self) -> str:
        """The record as XML again, for quarantine."""
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in self.fields.items())
        return (
            f"<{BENEFICIARY}>{inner}{''.join(f'<{REASON}>{code}</{REASON}>' for code in self.reasons)}</{BENEFICIARY}>"
        )


@dataclass
class ExclusionFile:
    """A whole file: the header's and the trailer's fields, and every beneficiary."""

    header: dict[str, str] = field(default_factory=dict)
    trailer: dict[str, str] = field(default_factory=dict)
    beneficiaries: list[Exclusion] = field(default_factory=list)


def read_exclusions(stream: BinaryIO, name: str, layout: Mapping[str, str]) -> ExclusionFile:
    """The file's content. Raises FeedError naming the line for XML that is broken, unsafe or of another kind."""
    parser = expat.ParserCreate()
    reader = _Reader(parser, name, layout["root"])
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.buffer_text = True
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise FeedError(
            f"is no well-formed XML: {expat.ErrorString(error.code)}",
            where=f"{name}, line {error.lineno}",
            remedy="The file is cut off or was changed; ask for it again.",
        ) from None
    return reader.found


class _Reader:
    def __init__(self, parser: expat.XMLParserType, name: str, root: str) -> None:
        self.found = ExclusionFile()
        self._parser = parser
        self._name = name
        self._root = root
        self._path: list[str] = []
        self._text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and tag != self._root:
            raise FeedError(
                f"begins with <{tag}>, not <{self._root}>", where=f"{self._name}, line 1", remedy="Is it a BNEX file?"
            )
        self._path.append(tag)
        self._text = ""
        if tag == BENEFICIARY:
            self.found.beneficiaries.append(Exclusion(self._parser.CurrentLineNumber))

    def text(self, data: str) -> None:
        self._text += data

    def end(self, tag: str) -> None:
        self._path.pop()
        value, self._text = self._text.strip(), ""
        parent = self._path[-1] if self._path else ""
        if parent == "Header":
            self.found.header[tag] = value
        elif parent == "Trailer":
            self.found.trailer[tag] = value
        elif tag == REASON and value:
            self.found.beneficiaries[-1].reasons.append(value)
        elif parent == BENEFICIARY and value:
            self.found.beneficiaries[-1].fields[tag] = value

    def refuse_doctype(self, *details: object) -> None:
        raise FeedError(
            "declares a document type, which CMS's files never do",
            where=f"{self._name}, line {self._parser.CurrentLineNumber}",
            remedy="Do not load it; ask its sender.",
        )

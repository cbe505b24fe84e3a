"""What the lines of a fixed-width file hold."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.tables import Kind


@dataclass(frozen=True)
class Piece:
    """A field's place on the line: `start` counts from 0, `end` is one past its last character."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class FixedColumn:
    """A column and the fields it is read from: the first that is not blank counts. Without pieces it is always null."""

    name: str
    kind: Kind
    pieces: tuple[Piece, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Record:
    """The lines of a file: their length without the line end, the columns to make of them, and what means nothing.

    filler: a field that holds only this character is blank. missing_dates: dates that mean there is none.
    """

    length: int
    columns: tuple[FixedColumn, ...]
    filler: str = "~"
    missing_dates: tuple[str, ...] = ()

    def field_at(self, position: int) -> str:
        """The field that covers a position, in words; positions count from 0."""
        for column in self.columns:
            for piece in column.pieces:
                if piece.start <= position < piece.end:
                    return piece.field
        return f"position {position + 1}"


@dataclass(frozen=True)
class BadLine:
    """A line that was not stored. The reason names a field, never its value; `content` is the line as received."""

    line: int
    reason: str
    content: str

"""How a lake table is described: one class per table, one typed field per column, prose beside it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

Kind = Literal["text", "date", "money", "quantity", "whole", "flag", "number"]

PYTHON_TYPES: dict[str, type] = {
    "text": str,
    "date": datetime.date,
    "money": Decimal,
    "quantity": Decimal,
    "whole": int,
    "flag": bool,
    "number": float,
}


@dataclass(frozen=True)
class Column:
    """One column.

    kind: text (codes keep leading zeros), date, money (decimal 18,2 US dollars), quantity (decimal 18,4),
    whole (64-bit integer), flag (boolean), number (double: scores and ratios, never money).
    """

    kind: Kind
    description: str
    required: bool = False
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


class LakeTable:
    """Base of every table. `name` is the table's name in the lake, `grain` what one row is, `key` what names a row."""

    name: ClassVar[str]
    grain: ClassVar[str]
    key: ClassVar[tuple[str, ...]]

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """The columns by name, inherited ones last, in the order they are written."""
        found: dict[str, Column] = {}
        for owner in cls.__mro__:
            found |= {
                name: item for name, item in vars(owner).items() if isinstance(item, Column) and name not in found
            }
        return found


class Delivered(LakeTable):
    """A table filled from deliveries: each row says which delivery, file and line it came from."""

    delivery_id = Column("text", "The delivery that brought the row; sorts in the order of delivery", required=True)
    source_file = Column("text", "Name of the file within the delivery", required=True)
    source_line = Column("whole", "Line in that file, from 1", required=True)


def all_tables() -> Iterator[type[LakeTable]]:
    """Every table that has a name, parents before children."""
    queue: list[type[LakeTable]] = [LakeTable]
    while queue:
        table = queue.pop(0)
        queue.extend(table.__subclasses__())
        if "name" in vars(table):
            yield table

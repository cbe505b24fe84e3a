"""ASCII tables as tests: a header row, a row of dashes, rows. Cells are read by the column's kind.

claim_id | mbi | paid_amount | claim_end_date
-------- | --- | ----------- | --------------
1        | A   | 200.00      | 2024-03-01
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from openaco.engine import Engine, Table
from openaco.tables import LakeTable


def cells(text: str) -> list[dict[str, str | None]]:
    """The rows of an ASCII table as text; an empty cell is None."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    header = [cell.strip() for cell in lines[0].split("|")]
    rows = []
    for line in lines[2:]:
        values = [cell.strip() or None for cell in line.split("|")]
        assert len(values) == len(header), f"{len(values)} cells under {len(header)} columns: {line!r}"
        rows.append(dict(zip(header, values, strict=True)))
    return rows


def read_cell(kind: str, value: str | None) -> Any:
    """A cell as the Python value of its kind."""
    if value is None:
        return None
    readers: dict[str, Any] = {
        "date": datetime.date.fromisoformat,
        "money": Decimal,
        "quantity": Decimal,
        "whole": int,
        "number": float,
        "flag": lambda text: {"yes": True, "no": False}[text],
        "text": str,
    }
    return readers[kind](value)


def table_of(engine: Engine, table: type[LakeTable], text: str, **constants: Any) -> Table:
    """An engine table from an ASCII table. `constants` fill columns for every row; lineage is filled in."""
    columns = table.columns()
    lineage = {"delivery_id": "test-1", "source_file": "test"}
    rows = []
    for number, row in enumerate(cells(text), start=1):
        filled = {name: read_cell(columns[name].kind, value) for name, value in row.items()}
        for name, value in (lineage | constants).items():
            if name in columns:
                filled.setdefault(name, value)
        if "source_line" in columns:
            filled.setdefault("source_line", number)
        rows.append(filled)
    return engine.from_rows(table, rows)

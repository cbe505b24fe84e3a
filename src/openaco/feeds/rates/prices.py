"""Prices on their way into the lake: cells as published become typed rows, what cannot be read is put aside.

All formats write through `Prices`, so that an amount, a date or a code is read in one way only.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pyarrow as pa

from openaco.engine import arrow_schema
from openaco.feeds.cells import read_date
from openaco.feeds.output import Output
from openaco.parameters import parameter
from openaco.tables.rates import Rate

CENT = Decimal("0.01")
MOST = Decimal("1e12")
ROWS_AT_ONCE = 50_000
SETTINGS = ("inpatient", "outpatient", "both")
CLASSES = ("professional", "institutional", "both")
NOT_KNOWN = Decimal("999999999")
"""Nine nines: how hospitals' files of version 2 say that an estimate could not be made."""


class Unreadable(ValueError):
    """A cell that cannot be read; the message is the reason, naming the field, never its value."""


@dataclass
class Prices:
    """The prices of one file. `add` takes one price as text and numbers; `finish` hands over what waits.

    tins: only prices of these tax numbers are kept; empty = all.
    updated_on: the day the publisher last changed the file.
    """

    output: Output
    file: str
    table: type[Rate]
    tins: frozenset[str] = frozenset()
    published_by: str | None = None
    updated_on: datetime.date | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, line: int, **cells: Any) -> None:
        """One price, its cells by column of the table. Raises Unreadable for the first that cannot be read."""
        self.add_for_each(line, cells, ({},))

    def add_for_each(self, line: int, cells: Mapping[str, Any], for_whom: Iterable[Mapping[str, Any]]) -> None:
        """One price that holds for several: `for_whom` has the cells in which its rows differ, as stored.

        Raises Unreadable for the first cell that cannot be read; then no row is kept.
        """
        row = {name: READERS[name](value) for name, value in cells.items() if value is not None}
        for name in ("payer", "billing_code_type", "billing_code"):
            if not row.get(name):
                raise Unreadable(f"{name} is blank")
        if all(row.get(name) is None for name in ("rate", "percentage", "typical_amount")):
            self.counts["formula"] += 1
            return
        row["source_line"] = line
        for own in for_whom:
            if self.tins and (own.get("tin") or row.get("tin")) not in self.tins:
                self.counts["other_tin"] += 1
                continue
            self.counts["rows"] += 1
            self._rows.append({**row, **own})
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def put_aside(self, line: int, reason: str, content: str) -> None:
        """Put a price into quarantine. `line`: of the file, or the number of the item in a JSON file."""
        self.output.draft.quarantine(self.file, line, reason, content)

    def finish(self) -> None:
        """Hand over what waits, and say what was left out on purpose."""
        self._flush()
        if self.counts["formula"]:
            self.output.notes.append(
                f"{self.counts['formula']:,} prices that are a formula without any amount are not stored"
            )
        if self.counts["other_tin"]:
            self.output.notes.append(f"{self.counts['other_tin']:,} prices of other tax numbers are not stored")

    def _flush(self) -> None:
        schema = arrow_schema(self.table)
        common = {"published_by": self.published_by, "updated_on": self.updated_on}
        rows, self._rows = [row | common for row in self._rows], []
        names = [*Rate.columns(), "source_line"]
        fields = [schema.field(name) for name in dict.fromkeys(names) if name not in ("delivery_id", "source_file")]
        columns = [pa.array([row.get(item.name) for row in rows], item.type) for item in fields]
        self.output.put(self.table, pa.table(columns, schema=pa.schema(fields)), file=self.file)


def amount(value: Any, name: str = "rate") -> Decimal:
    """US dollars above zero, rounded half away from zero to the cent. `$` and thousands' commas are allowed in text."""
    return _above_zero(value, name).quantize(CENT, rounding=ROUND_HALF_UP)


def typical(value: Any) -> Decimal | None:
    """What was typically allowed; nine nines mean that nobody knows."""
    found = amount(value, "typical_amount")
    return None if found == NOT_KNOWN else found


def percentage(value: Any) -> float:
    """Percent of billed charges: 62.5, also written `62.5%`."""
    text = value.strip().removesuffix("%") if isinstance(value, str) else value
    return float(_above_zero(text, "percentage"))


def _above_zero(value: Any, name: str) -> Decimal:
    try:
        text = re.sub(r"^\$|,(?=\d{3})", "", value.strip()) if isinstance(value, str) else str(value)
        found = Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"{name} is not a number") from None
    if not found.is_finite() or found >= MOST:
        raise Unreadable(f"{name} is not a number")
    if found <= 0:
        raise Unreadable(f"{name} is not above zero")
    return found


@lru_cache(maxsize=4096)
def date(value: str) -> datetime.date | None:
    """YYYY-MM-DD or MM/DD/YYYY; 9999-12-31 is no date."""
    text = value.strip()
    try:
        return read_date(text, "us" if "/" in text else "iso") if text else None
    except ValueError:
        raise Unreadable("a date is not of the form YYYY-MM-DD") from None


def text(value: Any) -> str | None:
    """Text without needless blanks; blank is None."""
    return " ".join(str(value).split()) or None


def code_type(value: Any) -> str | None:
    """A type of code in upper case."""
    return str(value).strip().upper() or None


def code(value: Any) -> str | None:
    """A billing code in upper case, without blanks."""
    return re.sub(r"\s", "", str(value)).upper() or None


def several(value: Any) -> str | None:
    """Modifiers or places of service, each once, in order, joined by `|`. Text may part them by | , ; or blanks."""
    parts = re.split(r"[|,;\s]+", value) if isinstance(value, str) else [str(part) for part in value]
    return "|".join(sorted({part.strip().upper() for part in parts if part.strip()})) or None


def places(value: Any) -> str | None:
    """Places of service as two digits each. CMS's word for all of them (`CSTM-00`) is a blank."""
    found = several(value)
    if not found or "CSTM-00" in found.split("|"):
        return None
    return "|".join(sorted({part.zfill(2) for part in found.split("|")}))


def setting(value: Any) -> str | None:
    """inpatient, outpatient or both; nothing said is None."""
    return _one_of(value, SETTINGS, "setting")


def billing_class(value: Any) -> str | None:
    """professional, institutional or both; hospitals write facility for institutional."""
    word = str(value).strip().lower()
    return _one_of("institutional" if word == "facility" else word, CLASSES, "billing_class")


def _one_of(value: Any, known: Sequence[str], name: str) -> str | None:
    word = str(value).strip().lower()
    if word and word not in known:
        raise Unreadable(f"{name} is none of {', '.join(known)}")
    return word or None


def tin(value: Any) -> str | None:
    """A tax number as nine digits; a provider's number (ten digits) stays as it is."""
    digits = re.sub(r"\D", "", str(value))
    return digits.zfill(9) if digits else None


def npi(value: Any) -> str | None:
    """A provider's number: ten digits."""
    digits = re.sub(r"\D", "", str(value))
    if digits and len(digits) != 10:
        raise Unreadable("npi has not ten digits")
    return digits or None


READERS: Mapping[str, Any] = {
    "payer": text,
    "plan": text,
    "billing_code_type": code_type,
    "billing_code": code,
    "other_codes": text,
    "modifiers": several,
    "billing_class": billing_class,
    "setting": setting,
    "place_of_service_codes": places,
    "arrangement": text,
    "method": text,
    "rate": amount,
    "percentage": percentage,
    "typical_amount": typical,
    "drug_unit": text,
    "npi": npi,
    "tin": tin,
    "provider_count": int,
    "effective_date": date,
    "expiration_date": date,
}
"""How each column's cell is read, whatever the format."""


def chosen_codes(codes: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], str | None]:
    """Of a service's (type, code) those of the most specific type, and the others as text, `RC 0450|CDM 1234`."""
    known = [(kind.strip().upper(), name.strip()) for kind, name in codes if kind.strip() and name.strip()]
    best = min((_specific(kind) for kind, _name in known), default=0)
    chosen = [item for item in known if _specific(item[0]) == best]
    others = "|".join(f"{kind} {name}" for kind, name in known if _specific(kind) != best)
    return list(dict.fromkeys(chosen)), others or None


@lru_cache(maxsize=64)
def _specific(kind: str) -> int:
    groups = parameter("feeds/rates/code_types", 2024).value
    return next((number for number, group in enumerate(groups) if kind in group), len(groups))

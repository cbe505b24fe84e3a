"""A hospital's standard charges as CSV, tall or wide: CMS's templates of versions 2 and 3 (45 CFR 180.50).

Two lines about the file, a third with the headers, then one service a line; tall files have a payer a line, wide ones
several columns for each payer and plan. Gross charges and cash prices are no payer's and are not kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaco.errors import FeedError
from openaco.feeds.lines import Opener
from openaco.feeds.rates.prices import Prices, Unreadable, chosen_codes, date

_LONGEST_CELL = 1 << 24
_SAMPLE = 1 << 20
AMOUNTS = {
    "negotiated_dollar": "rate",
    "negotiated_percentage": "percentage",
    "negotiated_algorithm": "algorithm",
    "methodology": "method",
    "median_amount": "typical_amount",
    "estimated_amount": "typical_amount",
}
"""The columns of a payer, by the word that names them; version 2 has estimated_amount, version 3 median_amount."""
SERVICE = {"modifiers": "modifiers", "setting": "setting", "billing_class": "billing_class"}


@dataclass(frozen=True)
class Layout:
    """Where the columns stand. payers: by (payer, plan) the position of each of AMOUNTS; for tall files one without
    names, which stand in `named`."""

    codes: Sequence[tuple[int, int]]
    service: Mapping[str, int]
    drug: tuple[int, int] | None
    named: tuple[int, int] | None
    payers: Mapping[tuple[str, str], Mapping[str, int]]


def is_hospital_csv(header: Sequence[str]) -> bool:
    """Whether a first line is that of a hospital's file."""
    return "hospital_name" in {cell.strip().lower() for cell in header}


def read_hospital_csv(opener: Opener, name: str, prices: Prices) -> None:
    """Store what payers pay by a hospital's CSV. Raises FeedError where it does not follow CMS's template."""
    rows = _rows(opener, name)
    about = dict(zip((cell.lower() for cell in _next(rows, name)[1]), _next(rows, name)[1], strict=False))
    prices.published_by = about.get("hospital_name") or None
    try:
        prices.updated_on = date(about.get("last_updated_on", ""))
    except Unreadable:
        prices.output.notes.append(f"{name}: last_updated_on is not a date")
    layout = _layout(_next(rows, name)[1], name)
    for line, row in rows:
        if any(row):
            _service(prices, layout, line, row)


def _service(prices: Prices, layout: Layout, line: int, row: Sequence[str]) -> None:
    """The prices of one line, a row for each payer and each code of the most specific type."""

    def cell(position: int) -> str:
        return row[position] if position < len(row) else ""

    service = {name: cell(position) for name, position in layout.service.items()}
    codes, others = chosen_codes((cell(kind), cell(code)) for code, kind in layout.codes)
    if layout.drug:
        service["drug_unit"] = " ".join(cell(position) for position in layout.drug).strip()
    for names, positions in layout.payers.items():
        payer, plan = (cell(position) for position in layout.named) if layout.named else names
        told: dict[str, Any] = {}
        for column, position in positions.items():
            if cell(position):
                told[AMOUNTS[column]] = cell(position)
        stated = {"rate", "percentage", "algorithm"} & set(told)
        if not stated:
            continue
        if not codes and service.get("modifiers"):
            prices.counts["modifier"] += 1
            continue
        told.pop("algorithm", None)
        if "rate" in told:
            told.pop("percentage", None)
        for kind, code in codes or [("", "")]:
            cells = {"payer": payer, "plan": plan, "billing_code_type": kind, "billing_code": code, **service, **told}
            try:
                prices.add(line, other_codes=others, **cells)
            except Unreadable as error:
                prices.put_aside(line, str(error), _as_csv(row))


def _layout(header: Sequence[str], name: str) -> Layout:
    parts = [[piece.strip() for piece in cell.split("|")] for cell in header]
    lower = [[piece.lower() for piece in cell] for cell in parts]
    at = {"|".join(cell): position for position, cell in reversed(list(enumerate(lower)))}
    numbers = sorted({cell[1] for cell in lower if len(cell) == 3 and cell[0] == "code" and cell[2] == "type"})
    codes = [(at[f"code|{n}"], at[f"code|{n}|type"]) for n in numbers if f"code|{n}" in at]
    tall = "payer_name" in at
    if tall:
        of_payer = {word: at.get(f"standard_charge|{word}", at.get(word, -1)) for word in AMOUNTS}
        payers = {("", ""): {word: position for word, position in of_payer.items() if position >= 0}}
    else:
        payers = _wide_payers(parts)
    if not codes or not any("negotiated_dollar" in columns for columns in payers.values()):
        raise FeedError(
            "line 3 does not name codes and negotiated charges as CMS's template does",
            where=name,
            remedy="Expected are code|1, code|1|type and standard_charge|…|negotiated_dollar; ask for the whole file.",
        )
    drug = ("drug_unit_of_measurement", "drug_type_of_measurement")
    return Layout(
        codes=codes,
        service={column: at[word] for word, column in SERVICE.items() if word in at},
        drug=(at[drug[0]], at[drug[1]]) if all(word in at for word in drug) else None,
        named=(at["payer_name"], at.get("plan_name", len(header))) if tall else None,
        payers=payers,
    )


def _wide_payers(header: Sequence[Sequence[str]]) -> dict[tuple[str, str], dict[str, int]]:
    """`standard_charge|PAYER|PLAN|negotiated_dollar` and `median_amount|PAYER|PLAN` by payer and plan."""
    payers: dict[tuple[str, str], dict[str, int]] = {}
    for position, cell in enumerate(header):
        word = cell[-1].lower() if cell[0].lower() == "standard_charge" else cell[0].lower()
        names = cell[1:-1] if cell[0].lower() == "standard_charge" else cell[1:]
        if word in AMOUNTS and len(names) == 2:
            payers.setdefault((names[0], names[1]), {})[word] = position
    return payers


def _rows(opener: Opener, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells without blanks around them); the line is the one on which the row ends."""
    csv.field_size_limit(_LONGEST_CELL)
    encoding = _encoding(opener)
    with opener() as stream:
        reader = csv.reader(io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=""))
        try:
            for row in reader:
                yield reader.line_num, [cell.strip() for cell in row]
        except csv.Error:
            raise FeedError("cannot be read as CSV", where=name, remedy="Ask for the file again.") from None


def _next(rows: Iterator[tuple[int, list[str]]], name: str) -> tuple[int, list[str]]:
    found = next(rows, None)
    if found is None:
        raise FeedError("has no three header lines", where=name, remedy="Ask for the whole file.")
    return found


def _encoding(opener: Opener) -> str:
    """UTF-8, else the code page that spreadsheet programs write in."""
    with opener() as stream:
        sample = stream.read(_SAMPLE)
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.start > len(sample) - 4 else "cp1252"
    return "utf-8-sig"


def _as_csv(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue()

"""A price list of one's own: any CSV whose columns are known by their header, or named with --columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from openaco.errors import FeedError
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.feeds.rates.prices import Prices, Unreadable
from openaco.parameters import parameter

HCPCS_FORM = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]")


def read_price_list(
    file: DelimitedFile, prices: Prices, output: Output, *, named: Mapping[str, str], payer: str | None
) -> None:
    """Store the prices of a list. `named`: header by column, as told with --columns; `payer`: where the list has none.

    Raises FeedError where a needed column is not there. Lines that cannot be read go to quarantine.
    """
    columns = _columns(file, named)
    if "payer" not in columns and payer is None:
        raise FeedError(
            "no column says who pays",
            where=f"{file.name}, line 1",
            remedy="Say it for the whole list with --payer NAME, or name the column: --columns payer=HEADER.",
        )
    for batch in file.batches(list(columns.values())):
        texts = {name: batch.rows[header].to_pylist() for name, header in columns.items()}
        for position, line in enumerate(batch.lines.tolist()):
            cells: dict[str, Any] = {name: values[position] for name, values in texts.items()}
            cells["payer"] = cells.get("payer") or payer
            cells["billing_code_type"] = cells.get("billing_code_type") or _type_by_form(cells["billing_code"])
            try:
                if not (cells["rate"] or "").strip():
                    raise Unreadable("rate is blank")
                prices.add(line, **cells)
            except Unreadable as error:
                file.problems.append((line, str(error)))
    output.put_aside(file, file.problems)


def _type_by_form(code: str | None) -> str | None:
    """HCPCS, where the code has its form: CPT numbers are HCPCS level I. Three digits could be several things."""
    return "HCPCS" if code and HCPCS_FORM.fullmatch(code.strip().upper()) else None


def _columns(file: DelimitedFile, named: Mapping[str, str]) -> dict[str, str]:
    """The header of each column that the list has."""
    layout = parameter("feeds/rates/columns", 2024).value
    known: Mapping[str, list[str]] = layout["columns"]
    found = {}
    for column, headers in known.items():
        if column in named:
            header = " ".join(named[column].split()).upper()
            if header not in file.header:
                raise FeedError(
                    f"the header has no {header}", where=f"{file.name}, line 1", remedy="Correct it in --columns."
                )
            found[column] = header
            continue
        present = [header for header in headers if header in file.header and header not in found.values()]
        if present:
            found[column] = present[0]
    for column in layout["required"]:
        if column not in found:
            raise FeedError(
                f"no column is known as {column}",
                where=f"{file.name}, line 1",
                remedy=f"Name it: --columns {column}=HEADER. Known headers are {', '.join(known[column])}.",
            )
    return found


def read_mapping(text: str) -> dict[str, str]:
    """`rate=Allowed,billing_code=CPT` as a mapping. Raises FeedError for a column that price lists do not have."""
    known = parameter("feeds/rates/columns", 2024).value["columns"]
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        column, equals, header = (piece.strip() for piece in part.partition("="))
        if not equals or not header:
            raise FeedError(f"{part!r} names no header", where="--columns", remedy="Write rate=HEADER,payer=HEADER.")
        if column not in known:
            near = get_close_matches(column, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"Columns are {', '.join(known)}."
            raise FeedError(f"{column!r} is no column of a price list", where="--columns", remedy=remedy)
        found[column] = header
    return found

"""Prices of the lake as comparable ones: in force in the year, the newest statement of each, per unit or case."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from openaco.engine import Engine, Lake, _, coalesce, literal
from openaco.insight.rates.units import (
    NOT_BY_CASE,
    BillingClass,
    Price,
    family,
    has_other_modifiers,
    plain_code,
    setting_of_price,
)
from openaco.tables.rates import Rate

_WHOSE = ("plan", "published_by", "tin", "npi")
_IDENTITY = (
    "payer", *_WHOSE, "billing_code_type", "billing_code", "modifiers", "billing_class", "setting",
    "place_of_service_codes", "arrangement", "method",
)  # fmt: skip


def prices_of(
    engine: Engine,
    lake: Lake,
    table: type[Rate],
    year: int,
    *,
    codes: Iterable[str] | None = None,
    without_tins: Iterable[str] = (),
) -> tuple[list[Price], Counter[str]]:
    """The comparable prices of a table in a year, and how many were left out for which reason.

    codes: only these billing codes, of any type. without_tins: tax numbers whose prices are not the market's but ours.
    A price counts if it holds on any day of the year. Of the same price in several deliveries the newest counts.
    """
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    rows = lake.read(engine, table).filter(
        coalesce(_.effective_date <= last, literal(True)), coalesce(_.expiration_date >= first, literal(True))
    )
    if codes is not None:
        rows = rows.filter(_.billing_code.isin(sorted(_spellings(codes))))
    left_out: Counter[str] = Counter()
    found = []
    ours = frozenset(without_tins)
    for row in _newest(engine.to_rows(rows)):
        reason = _why_not(row, year, ours)
        if reason:
            left_out[reason] += 1
        else:
            found.append(_price(row, year))
    return sorted(found, key=_order), left_out


def _spellings(codes: Iterable[str]) -> set[str]:
    """Codes with and without the leading zeros that DRGs are written with."""
    return {spelling for code in codes for spelling in (code, code.lstrip("0") or code, code.zfill(4))}


def _newest(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of each price the rows of its newest delivery; a list may state several amounts for it, and all stay."""
    newest: dict[tuple[Any, ...], str] = {}
    rows = list(rows)
    for row in rows:
        identity = tuple(row[name] for name in _IDENTITY)
        newest[identity] = max(newest.get(identity, ""), row["delivery_id"])
    return [row for row in rows if row["delivery_id"] == newest[tuple(row[name] for name in _IDENTITY)]]


def _why_not(row: Mapping[str, Any], year: int, ours: frozenset[str]) -> str:
    """Why a price cannot be compared unit by unit; empty where it can."""
    modifiers = (row["modifiers"] or "").split("|") if row["modifiers"] else []
    if row["tin"] in ours:
        return "of the ACO's own tax numbers"
    if row["rate"] is None:
        return "percentages of charges"
    if row["arrangement"] not in (None, "ffs"):
        return f"{row['arrangement']} arrangements"
    if (row["method"] or "").lower() in NOT_BY_CASE:
        return f"by {row['method'].lower()}"
    if row["drug_unit"]:
        return "for a quantity of a drug"
    return "for other modifiers" if has_other_modifiers(modifiers, year) else ""


def _price(row: Mapping[str, Any], year: int) -> Price:
    return Price(
        payer=row["payer"],
        code_type=family(row["billing_code_type"]),
        code=plain_code(row["billing_code_type"], row["billing_code"]),
        modifier=row["modifiers"] or "",
        billing_class=class_of_price(row),
        setting=setting_of_price(row["setting"], row["place_of_service_codes"], year),
        rate=row["rate"],
        whose=tuple(row[name] or "" for name in _WHOSE),
    )


def class_of_price(row: Mapping[str, Any]) -> BillingClass | None:
    """A price's class: as it says; a hospital's that says none is the hospital's; None = both.

    Insurers' files always say it. A list of one's own that says none holds for both.
    """
    said = row["billing_class"]
    if said == "both":
        return None
    if said is None:
        return "institutional" if row["published_by"] is not None else None
    return "institutional" if said == "institutional" else "professional"


def _order(price: Price) -> tuple[Any, ...]:
    return (price.payer, price.code_type, price.code, price.modifier, price.rate, price.whose)

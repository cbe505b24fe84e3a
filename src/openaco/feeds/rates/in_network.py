"""An insurer's in-network rates as JSON: CMS's Transparency in Coverage schema of versions 1 and 2 (45 CFR 147.212).

Files have many gigabytes: provider groups are read first, as tax numbers, then one billing code after another. A row
is one price for one tax number; the providers behind it are counted, not listed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import ijson

from openaco.errors import FeedError
from openaco.feeds.lines import Opener
from openaco.feeds.rates.json_stream import items, scalars
from openaco.feeds.rates.prices import Prices, Unreadable, date, npi
from openaco.feeds.rates.prices import tin as nine_digits

CODES, REFERENCES = "in_network", "provider_references"
_CHUNK = 1 << 20
_MARK = f'"{CODES}"'.encode()


@dataclass(frozen=True)
class Group:
    """A tax number (or, where a provider has none of their own, the provider's number) and its providers' count."""

    tin: str | None
    npi: str | None
    providers: int

    @cached_property
    def cells(self) -> dict[str, Any]:
        """What a price's row says of it."""
        return {"tin": self.tin, "npi": self.npi, "provider_count": self.providers or None}


@dataclass
class Groups:
    """The provider groups of a file by their id; `elsewhere` are ids whose groups stand in another file."""

    by_id: dict[str, tuple[Group, ...]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)


def read_in_network(opener: Opener, name: str, prices: Prices) -> None:
    """Store an insurer's prices. A billing code's number in the file stands for the line.

    Raises FeedError where the file is no well-formed JSON or says nowhere who publishes it.
    """
    about = scalars(opener, name, stop_at=(CODES, REFERENCES))
    if not about.get("reporting_entity_name"):
        about = scalars(opener, name)
    payer = about.get("reporting_entity_name")
    if not payer:
        raise FeedError("does not say reporting_entity_name", where=name, remedy="Ask for the whole file.")
    prices.published_by = payer
    try:
        prices.updated_on = date(str(about.get("last_updated_on") or ""))
    except Unreadable:
        prices.output.notes.append(f"{name}: last_updated_on is not a date")
    groups = provider_groups(opener, name)
    common = {"payer": payer, "plan": about.get("plan_name")}
    for number, item in items(opener, name, CODES):
        if not isinstance(item, dict):
            prices.put_aside(number, "the billing code is no object", json.dumps(item, default=str))
            continue
        _code(prices, number, item, groups, common)
    if groups.elsewhere:
        count = f"{len(groups.elsewhere):,}"
        prices.output.notes.append(f"{count} provider groups stand in other files; their prices have no tax number")


def provider_groups(opener: Opener, name: str) -> Groups:
    """The groups that prices refer to by id. Reading ends where the prices begin, if the groups stand before them."""
    found, waiting = Groups(), ijson.sendable_list()
    parser = ijson.items_coro(waiting, f"{REFERENCES}.item")
    before = b""
    with opener() as stream:
        try:
            while chunk := stream.read(_CHUNK):
                parser.send(chunk)
                for reference in waiting:
                    _keep(found, reference)
                del waiting[:]
                if found.by_id and _MARK in before + chunk:
                    return found
                before = chunk[-len(_MARK) :]
            parser.close()
        except (ijson.JSONError, UnicodeDecodeError):
            raise FeedError("is no well-formed JSON, or is cut off", where=name, remedy="Download it again.") from None
    for reference in waiting:
        _keep(found, reference)
    return found


def _keep(found: Groups, reference: Mapping[str, Any]) -> None:
    id = _id(reference.get("provider_group_id"))
    groups = reference.get("provider_groups") or (
        [reference["provider_group"]] if "provider_group" in reference else []
    )
    found.by_id[id] = tuple(_by_tin(groups))
    if not groups:
        found.elsewhere.add(id)


def _id(value: Any) -> str:
    """A group's id, alike however it is written: 2, 2.0 and "2"."""
    return str(int(value)) if isinstance(value, int | Decimal) and value == int(value) else str(value)


def _npi(value: str) -> str | None:
    try:
        return npi(value)
    except Unreadable:
        return None


def _by_tin(groups: Iterable[Mapping[str, Any]]) -> list[Group]:
    """One group for each tax number, its providers counted together."""
    providers: Counter[tuple[str | None, str | None]] = Counter()
    for group in groups:
        tin = group.get("tin") or {}
        value = str(tin.get("value") or "") if isinstance(tin, dict) else str(tin)
        own = isinstance(tin, dict) and tin.get("type") == "npi"
        key = (None, _npi(value)) if own else (nine_digits(value), None)
        providers[key] += len(group.get("npi") or [])
    return [Group(tin, own, count) for (tin, own), count in providers.items()]


def _code(prices: Prices, number: int, item: Mapping[str, Any], groups: Groups, common: Mapping[str, Any]) -> None:
    """All prices of one billing code."""
    about = {
        **common,
        "billing_code_type": item.get("billing_code_type") or "",
        "billing_code": item.get("billing_code") or "",
        "arrangement": item.get("negotiation_arrangement"),
    }
    for rate in item.get("negotiated_rates") or []:
        unknown = [id for id in map(_id, rate.get("provider_references") or []) if id not in groups.by_id]
        if unknown:
            content = {**about, "provider_references": unknown}
            reason = "a provider_reference is not defined in the file"
            prices.put_aside(number, reason, json.dumps(content, default=str))
        for_whom = _for_whom(rate, groups)
        if not for_whom:
            continue
        for price in rate.get("negotiated_prices") or []:
            _price(prices, number, {**about, **_cells(price)}, for_whom, price)


def _for_whom(rate: Mapping[str, Any], groups: Groups) -> list[Group]:
    """The tax numbers that a rate is for, once each; one without number where the file names nobody."""
    named = list(_by_tin(rate.get("provider_groups") or []))
    references = [_id(id) for id in rate.get("provider_references") or []]
    known = [id for id in references if id in groups.by_id]
    named += [group for id in known for group in groups.by_id[id]]
    counts: Counter[tuple[str | None, str | None]] = Counter()
    for group in named:
        counts[(group.tin, group.npi)] += group.providers
    found = [Group(tin, own, count) for (tin, own), count in counts.items()]
    return found or ([] if references and not known else [Group(None, None, 0)])


def _cells(price: Mapping[str, Any]) -> dict[str, Any]:
    method = price.get("negotiated_type")
    amount = price.get("negotiated_rate")
    return {
        "method": method,
        "rate": None if method == "percentage" else amount,
        "percentage": amount if method == "percentage" else None,
        "billing_class": price.get("billing_class"),
        "setting": price.get("setting"),
        "place_of_service_codes": price.get("service_code"),
        "modifiers": price.get("billing_code_modifier") or price.get("billing_class_modifier"),
        "expiration_date": price.get("expiration_date"),
    }


def _price(prices: Prices, number: int, cells: dict[str, Any], for_whom: list[Group], price: Mapping[str, Any]) -> None:
    try:
        prices.add_for_each(number, cells, [group.cells for group in for_whom])
    except Unreadable as error:
        told = {"billing_code": cells["billing_code"], "negotiated_price": price}
        prices.put_aside(number, str(error), json.dumps(told, default=str))

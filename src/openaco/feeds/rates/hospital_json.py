"""A hospital's standard charges as JSON: CMS's schema of versions 2 and 3 (45 CFR 180.50)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openaco.feeds.lines import Opener
from openaco.feeds.rates.json_stream import items, scalars
from openaco.feeds.rates.prices import Prices, Unreadable, chosen_codes, date

SERVICES = "standard_charge_information"


def read_hospital_json(opener: Opener, name: str, prices: Prices) -> None:
    """Store what payers pay by a hospital's JSON. A service's number in the file stands for the line."""
    about = scalars(opener, name, stop_at=(SERVICES,))
    if not about.get("hospital_name"):
        about = scalars(opener, name)
    prices.published_by = about.get("hospital_name")
    try:
        prices.updated_on = date(str(about.get("last_updated_on") or ""))
    except Unreadable:
        prices.output.notes.append(f"{name}: last_updated_on is not a date")
    for number, service in items(opener, name, SERVICES):
        if not isinstance(service, dict):
            prices.put_aside(number, "the service is no object", json.dumps(service, default=str))
            continue
        for charge in service.get("standard_charges") or []:
            _charge(prices, number, service, charge)


def _charge(prices: Prices, number: int, service: Mapping[str, Any], charge: Mapping[str, Any]) -> None:
    """The prices of one setting of a service, a row for each payer and each code of the most specific type."""
    stated = [(str(one.get("type", "")), str(one.get("code", ""))) for one in service.get("code_information") or []]
    codes, others = chosen_codes(stated)
    drug = service.get("drug_information") or {}
    common = {
        "other_codes": others,
        "setting": charge.get("setting"),
        "billing_class": charge.get("billing_class"),
        "modifiers": charge.get("modifier_code") or charge.get("modifiers"),
        "drug_unit": f"{drug.get('unit', '')} {drug.get('type', '')}".strip() or None,
    }
    for payer in charge.get("payers_information") or []:
        cells = _payer(payer)
        if cells is None:
            continue
        for kind, code in codes or [("", "")]:
            try:
                prices.add(number, billing_code_type=kind, billing_code=code, **common, **cells)
            except Unreadable as error:
                content = {"code_information": service.get("code_information"), "payer": payer}
                prices.put_aside(number, str(error), json.dumps(content, default=str))


def _payer(payer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The cells of one payer; None where it states no charge at all."""
    dollars, percent = payer.get("standard_charge_dollar"), payer.get("standard_charge_percentage")
    if dollars is None and percent is None and payer.get("standard_charge_algorithm") is None:
        return None
    typical = payer.get("median_amount")
    return {
        "payer": payer.get("payer_name"),
        "plan": payer.get("plan_name"),
        "rate": dollars,
        "percentage": None if dollars is not None else percent,
        "typical_amount": payer.get("estimated_amount") if typical is None else typical,
        "method": payer.get("methodology"),
    }

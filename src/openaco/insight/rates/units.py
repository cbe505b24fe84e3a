"""What prices and volume are compared by: one billing code with its pricing modifiers, class and setting.

A price that does not say its class or setting holds for all of them. A claim line's setting is its place of service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal, NamedTuple

from openaco.parameters import parameter

CENT = Decimal("0.01")
HCPCS = ("CPT", "HCPCS")
DRG = ("MS-DRG", "DRG")
NOT_BY_CASE = ("per diem", "percentage", "percent of total billed charges")
"""Methods whose amounts are not for one unit or case."""

BillingClass = Literal["professional", "institutional"]
Setting = Literal["inpatient", "outpatient"]


class Unit(NamedTuple):
    """One thing that is paid for. `modifier`: pricing modifiers joined by `|`, empty for none."""

    code_type: str
    code: str
    modifier: str
    billing_class: BillingClass
    setting: Setting


@dataclass(frozen=True)
class Volume:
    """How much of a unit was provided in a year.

    payer      whose members'; None: a volume that every payer is compared on
    units      service units; stays for MS-DRGs
    lines      claim lines or stays, where known
    paid       US dollars paid by that payer (Medicare, for volume from claims), where known
    allowed    US dollars allowed, deductible and coinsurance included, where known
    paid_units the units that `paid` is of; lines without a usable amount are not among them
    """

    unit: Unit
    units: Decimal
    payer: str | None = None
    lines: int = 0
    paid: Decimal | None = None
    allowed: Decimal | None = None
    paid_units: Decimal | None = None


@dataclass(frozen=True)
class Price:
    """One comparable price; class and setting are None where it holds for both.

    whose  payer, plan, publisher, tax number and provider: prices of different ones are different observations
    """

    payer: str
    code_type: str
    code: str
    modifier: str
    billing_class: BillingClass | None
    setting: Setting | None
    rate: Decimal
    whose: tuple[str, ...] = ()

    def fits(self, unit: Unit) -> bool:
        """Whether the price is one of the unit."""
        return (
            (self.code_type, self.code, self.modifier) == (unit.code_type, unit.code, unit.modifier)
            and self.billing_class in (None, unit.billing_class)
            and self.setting in (None, unit.setting)
        )


def family(code_type: str) -> str:
    """The type that codes are matched by: CPT numbers are HCPCS codes, a DRG is taken for an MS-DRG."""
    if code_type in HCPCS:
        return "HCPCS"
    return "MS-DRG" if code_type in DRG else code_type


def plain_code(code_type: str, code: str) -> str:
    """The code as it is matched: DRGs as three digits, though claims write four."""
    return f"{int(code):03d}" if family(code_type) == "MS-DRG" and code.isdigit() else code


def pricing_modifier(modifiers: Iterable[str | None], year: int) -> str:
    """The modifiers that have a price of their own, in order, joined by `|`."""
    known = _pricing_modifiers(year)
    return "|".join(sorted({word for word in modifiers if word in known}))


def has_other_modifiers(modifiers: Iterable[str], year: int) -> bool:
    """Whether a price is for modifiers that volume is not counted by."""
    return any(word not in _pricing_modifiers(year) for word in modifiers)


def setting_of_place(place: str | None, year: int) -> Setting:
    """inpatient or outpatient by place of service; without one, outpatient."""
    return "inpatient" if place in _inpatient_places(year) else "outpatient"


def setting_of_price(setting: str | None, places: str | None, year: int) -> Setting | None:
    """A price's setting: as it says, else by its places of service where they are all of one setting; None = both."""
    if setting in ("inpatient", "outpatient"):
        return "inpatient" if setting == "inpatient" else "outpatient"
    found = {setting_of_place(place, year) for place in (places or "").split("|") if place}
    return found.pop() if len(found) == 1 and setting != "both" else None


def to_cents(amount: Decimal) -> Decimal:
    """US dollars rounded half away from zero to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@cache
def _pricing_modifiers(year: int) -> frozenset[str]:
    return frozenset(parameter("rates/pricing_modifiers", year).value)


@cache
def _inpatient_places(year: int) -> frozenset[str]:
    return frozenset(parameter("rates/inpatient_places_of_service", year).value)

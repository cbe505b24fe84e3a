"""Code lists of the groupers as conditions: ranges of codes, and classes of code numbers (45 CFR 162.1002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openaco.engine import BooleanValue, Table, Value, _, cases, coalesce, literal, null
from openaco.parameters import parameter


def listed(text: str) -> list[str]:
    """The items of a list in a parameter table: `a;b`."""
    return [item for item in text.split(";") if item]


def in_ranges(code: Value, ranges: str) -> BooleanValue:
    """Whether a code lies in one of some ranges, both ends included: `0450-0459;0981`. A blank code lies in none.

    A range whose ends carry a letter at the end holds codes with the same letter alone; others end with a digit.
    """
    known = coalesce(code, literal(""))
    found: BooleanValue = literal(False)
    for item in listed(ranges):
        first, _dash, last = item.partition("-")
        found = found | (_within(known, first, last) if last else known == first)
    return found


def _within(code: Value, first: str, last: str) -> BooleanValue:
    ending = code.substr(len(first) - 1, 1)
    ends_alike = ending == first[-1] if first[-1].isalpha() else ending.between("0", "9")
    return code.between(first, last) & (code.length() == len(first)) & ends_alike


def hcpcs_classes(codes: Table, year: int) -> Table:
    """The class of each HCPCS number that occurs: `class_code`, `hcpcs_class`. codes: a column `hcpcs_code`.

    Ranges are looked up once a number, not once a line. 45 CFR 162.1002.
    """
    rows = parameter("groupers/hcpcs_classes", year).value
    numbers = codes.filter(_.hcpcs_code.notnull()).select(class_code=_.hcpcs_code).distinct()
    branches = [(_within(_.class_code, row["first"], row["last"]), literal(row["class"])) for row in rows]
    return numbers.mutate(hcpcs_class=cases(*branches, else_=null("string"))).filter(_.hcpcs_class.notnull())


def facility_kind(ccn: Value, year: int) -> Value:
    """The kind of facility that a CMS certification number names; `unknown` outside every range. 42 CFR 489.2."""
    number = coalesce(ccn, literal(""))
    branches = []
    for row in parameter("groupers/facility_kinds", year).value:
        if row["third_position"]:
            names = number.substr(2, 1).isin(listed(row["third_position"]))
        else:
            names = in_ranges(number.substr(2, 4), row["numbers"])
        branches.append((names, literal(row["kind"])))
    return cases(*branches, else_="unknown")


def all_of(conditions: Iterable[BooleanValue]) -> BooleanValue:
    """Whether all conditions hold; without any, yes."""
    found: BooleanValue = literal(True)
    for condition in conditions:
        found = found & condition
    return found


def any_of(conditions: Iterable[BooleanValue]) -> BooleanValue:
    """Whether one of the conditions holds; without any, no."""
    found: BooleanValue = literal(False)
    for condition in conditions:
        found = found | condition
    return found


def first_match(rows: Iterable[Mapping[str, Any]], conditions: Iterable[BooleanValue]) -> Value:
    """The category of the first row of a parameter table whose condition holds; blank if none does."""
    branches = [(condition, literal(row["category"])) for row, condition in zip(rows, conditions, strict=True)]
    return cases(*branches, else_=null("string"))


def whole(number: Value) -> Value:
    """A sum of whole numbers as a 64-bit one: engines add up into wider types, and Ibis takes the cast for idle."""
    return number.cast("float64").cast("int64")

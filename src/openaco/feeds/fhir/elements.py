"""The FHIR datatypes that events are made of: codings, periods, quantities, references."""

from __future__ import annotations

import datetime
from typing import Any

from openaco.feeds.codes import coded
from openaco.feeds.fhir.instants import ALWAYS, DAY, EVER, Bounds, bounds, day_of, milliseconds, years_later
from openaco.feeds.fhir.unreadable import Json, Unreadable, child, children, number, text

Code = tuple[str, str]
Span = tuple[Bounds | None, Bounds | None]

NOTHING: Span = (None, None)
_UNITS_IN_DAYS = {
    **dict.fromkeys(("s", "second", "seconds"), 1 / 86_400),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / 1_440),
    **dict.fromkeys(("h", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("wk", "week", "weeks"), 7.0),
    **dict.fromkeys(("mo", "month", "months"), 30.0),
    **dict.fromkeys(("a", "year", "years"), 365.0),
}


def codes_of(concept: Json, where: str) -> list[Code]:
    """System and code of each coding of a concept that has both."""
    found = []
    for coding in children(concept, "coding", where):
        system, code = text(coding, "system", where), text(coding, "code", where)
        if system and code:
            found.append(coded(system, code))
    return found


def tokens(codes: list[Code] | list[str]) -> str | None:
    """Codes (or words) as one text |a|b| to look in; None if there are none."""
    words = [":".join(code) if isinstance(code, tuple) else code for code in codes]
    return f"|{'|'.join(dict.fromkeys(words))}|" if words else None


def words_of(concepts: list[Json], where: str) -> list[str]:
    """The codes, without systems, of a list of concepts such as categories."""
    return [
        code for concept in concepts for coding in children(concept, "coding", where) if (code := coding.get("code"))
    ]


def profiles_of(resource: Json) -> str | None:
    """The last parts of the profiles that a resource claims."""
    claimed = child(resource, "meta", "Resource").get("profile") or []
    names = [name.partition("|")[0].rpartition("/")[2] for name in claimed if isinstance(name, str)]
    return tokens(names)


def period(element: Json, where: str) -> Span:
    """A Period: without an end it goes on; without a start it started nobody knows when before its end."""
    start, end = text(element, "start", where), text(element, "end", where)
    if start is None and end is None:
        return NOTHING
    last = bounds(end, f"{where}.end") if end else (ALWAYS, ALWAYS)
    if start is None:
        return (EVER, last[1]), last
    return bounds(start, f"{where}.start"), last


def point(moment: str | None, where: str) -> Span:
    """A single moment as a span that starts and ends at it."""
    if moment is None:
        return NOTHING
    found = bounds(moment, where)
    return found, found


def choice(resource: Json, stem: str, where: str, birth: datetime.date | None = None) -> Span:
    """A timing that can be stated as moment, period or age, such as effective[x], performed[x] or onset[x]."""
    for kind in ("DateTime", "Instant"):
        if moment := text(resource, f"{stem}{kind}", where):
            return point(moment, f"{where}.{stem}{kind}")
    if f"{stem}Period" in resource:
        return period(child(resource, f"{stem}Period", where), f"{where}.{stem}Period")
    for kind in ("Age", "Range"):
        if f"{stem}{kind}" in resource:
            return _at_age(child(resource, f"{stem}{kind}", where), f"{where}.{stem}{kind}", birth)
    return NOTHING


def _at_age(element: Json, where: str, birth: datetime.date | None) -> Span:
    """An age, or a range of ages, as the days on which the person has it."""
    low = _years(child(element, "low", where), where) if "low" in element else _years(element, where)
    high = _years(child(element, "high", where), where) if "high" in element else low
    if birth is None or low is None or high is None:
        return NOTHING
    first = milliseconds(years_later(birth, low))
    last = milliseconds(years_later(birth, high + 1)) - DAY
    return (first, first + DAY - 1), (last, last + DAY - 1)


def _years(quantity: Json, where: str) -> int | None:
    value = number(quantity, "value", where)
    unit = quantity.get("code") or quantity.get("unit") or "a"
    if value is None:
        return None
    if unit in ("a", "year", "years"):
        return int(value)
    if unit in ("mo", "month", "months"):
        return int(value // 12)
    raise Unreadable(f"{where} is an age in another unit than years or months")


def quantity_of(element: Json, where: str) -> dict[str, Any]:
    """A Quantity as the value columns of an event."""
    value = number(element, "value", where)
    unit = text(element, "code", where) or text(element, "unit", where)
    comparator = text(element, "comparator", where)
    return {"value_number": value, "value_unit": unit if value is not None else None, "value_comparator": comparator}


def days(element: Json, where: str) -> float | None:
    """A duration in days; None if its unit is not one of time."""
    value = number(element, "value", where)
    unit = text(element, "code", where) or text(element, "unit", where) or "d"
    return None if value is None or unit not in _UNITS_IN_DAYS else value * _UNITS_IN_DAYS[unit]


def times(start: Bounds | None, end: Bounds | None) -> dict[str, Any]:
    """A span as the time columns of an event."""
    found: dict[str, Any] = {}
    if start is not None:
        found |= {"start_earliest": start[0], "start_latest": start[1]}
        found["start_date"] = day_of(start[0])
    if end is not None:
        found |= {"end_earliest": end[0], "end_latest": end[1]}
        found["end_date"] = day_of(end[1])
    return found


def starts(span: Span) -> Bounds | None:
    """The start of a span."""
    return span[0]

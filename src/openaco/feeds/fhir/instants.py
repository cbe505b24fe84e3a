"""FHIR dates and times → the first and the last instant that they can mean, in milliseconds since 1970 UTC.

`2025` is any instant of that year, `2025-03-01` any of that day, a time with seconds is exact. A time without an offset
(FHIR asks for one) is taken as UTC.
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from openaco.errors import FeedError
from openaco.feeds.fhir.unreadable import Unreadable

EVER = -62_135_596_800_000
"""The beginning of what is not bounded: 0001-01-01T00:00:00Z."""
ALWAYS = 253_402_300_799_999
"""The end of what is not bounded: 9999-12-31T23:59:59.999Z."""
DAY = 86_400_000

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_MILLISECOND = datetime.timedelta(milliseconds=1)
_LENGTHS = {4: "year", 7: "month", 10: "day"}

Bounds = tuple[int, int]


@lru_cache(maxsize=100_000)
def bounds(text: str, field: str) -> Bounds:
    """First and last possible instant of a FHIR date, dateTime or instant. Raises Unreadable naming the field."""
    try:
        precision = _LENGTHS.get(len(text))
        if precision is None:
            moment = datetime.datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=datetime.UTC)
            instant = (moment - _EPOCH) // _MILLISECOND
            return instant, instant
        first = datetime.date.fromisoformat(text + {"year": "-01-01", "month": "-01", "day": ""}[precision])
    except (ValueError, TypeError, OverflowError):
        raise Unreadable(f"{field} is not a date or time") from None
    start = milliseconds(first)
    return start, milliseconds(_after(first, precision)) - 1


def offset_minutes(text: str) -> int:
    """An offset such as -05:00 in minutes. Raises FeedError for another form."""
    found = _OFFSET.fullmatch(text)
    if not found:
        raise FeedError(f"{text!r} is no offset from UTC", where="--utc-offset", remedy="Write -05:00 or +00:00.")
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def milliseconds(day: datetime.date) -> int:
    """The first instant of a UTC day."""
    return (day.toordinal() - _EPOCH.toordinal()) * DAY


def day_of(instant: int | None) -> datetime.date | None:
    """The UTC day of an instant; None where there is none or it is not bounded."""
    if instant is None or instant in (EVER, ALWAYS):
        return None
    return datetime.date.fromordinal(instant // DAY + _EPOCH.toordinal())


def days_of(text: str, field: str) -> tuple[datetime.date, datetime.date]:
    """First and last possible UTC day of a FHIR date."""
    first, last = bounds(text, field)
    return day_of(first), day_of(last)  # type: ignore[return-value]


def years_later(day: datetime.date, years: int) -> datetime.date:
    """The same day some years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _after(first: datetime.date, precision: str) -> datetime.date:
    if precision == "day":
        return datetime.date.fromordinal(first.toordinal() + 1)
    if precision == "month":
        return datetime.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return datetime.date(first.year + 1, 1, 1)

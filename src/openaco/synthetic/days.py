"""Days and months as integers, so that whole populations can be drawn and written at once.

A day is the number of days since 1970-01-01, a month the number of months since 1970-01.
"""

from __future__ import annotations

import datetime

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
EPOCH = datetime.date(1970, 1, 1)
NEVER = 10**6
_FIRST = -30000
_TEXT = np.datetime_as_string(np.arange(_FIRST, 30000).astype("datetime64[D]")).astype("S10")
BLANK_DATE = b" " * 10


def day(year: int, month: int, of_month: int = 1) -> int:
    """The number of a day."""
    return (datetime.date(year, month, of_month) - EPOCH).days


def month(year: int, of_year: int) -> int:
    """The number of a month."""
    return (year - 1970) * 12 + of_year - 1


def date_of(number: int) -> datetime.date:
    """The date of a day's number."""
    return EPOCH + datetime.timedelta(days=int(number))


def month_of(days: NDArray[np.integer]) -> Days:
    """The month in which each day lies."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def first_day(months: NDArray[np.integer]) -> Days:
    """The first day of each month."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)


def first_date(number: int) -> datetime.date:
    """The first day of one month, as a date."""
    return datetime.date(1970 + number // 12, number % 12 + 1, 1)


def date_text(days: NDArray[np.integer]) -> NDArray[np.bytes_]:
    """`YYYY-MM-DD`; blank where the day is NEVER or later."""
    known = days < NEVER
    text = _TEXT[np.where(known, days, 0) - _FIRST]
    return np.where(known, text, BLANK_DATE).astype("S10")


def next_weekday(days: NDArray[np.integer], weekday: int) -> Days:
    """The first such weekday on or after each day (Monday 0). 1970-01-01 was a Thursday."""
    return (days + (weekday - (days + 3)) % 7).astype(np.int32)

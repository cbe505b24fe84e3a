"""The date and time that CMS puts into the names of its files: `D240801.T0102039` ends in a tenth of a second."""

from __future__ import annotations

import datetime
import re

from openaco.errors import FeedError


def named_time(match: re.Match[str], name: str) -> datetime.datetime:
    """The time in a file's name. Groups: `date` yymmdd, `time` hhmmsst. Raises FeedError if there is no such time."""
    date, time = match["date"], match["time"]
    try:
        found = datetime.datetime.strptime(f"20{date}{time[:6]}", "%Y%m%d%H%M%S")
    except ValueError:
        raise FeedError(
            "the date in the name is none", where=name, remedy="Was it renamed? Ask for it again."
        ) from None
    return found.replace(microsecond=int(time[6]) * 100_000)

"""CMS's names of CCLF packages and member files (Information Packet 4.2, appendix B), and what they say.

    P.A1234.ACO.ZCY24.D240801.T0102030        monthly package of performance year 2024 (often without `.zip`)
    P.A1234.ACO.ZCR23.D240301.T0102030        run-out package of performance year 2023
    P.A1234.ACO.ZCWY24.S240701.E240707.D…T…   weekly package
    P.A1234.ACO.ZC5Y24.D240801.T0102030       member file CCLF5; ZC5R23 run-out, ZC5WY24 weekly
    P.BCD.A1234.ZCY24.D…T…                    attribution copy: CCLF8 and CCLF9 only

`T.` in place of `P.` marks a test file. Other models: P.D0000 (REACH), P.F000, P.K0000, P.C0000, P.P000000.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from openaco.errors import FeedError

_START = r"(?P<mode>[PT])\.(?P<copy>BCD\.)?(?P<aco>[A-Z]\w{3,7})(?:\.ACO)?\."
_YEAR = r"(?P<weekly>W?)(?P<period>[YR]?)(?P<year>\d{2})"
_TIME = r"\.D(?P<date>\d{6})\.T(?P<time>\d{6,7})"
_MEMBER = re.compile(_START + r"ZC(?P<file>[0-9AB])" + _YEAR + _TIME + r"(?:\.txt)?", re.IGNORECASE)
_PACKAGE = re.compile(_START + "ZC" + _YEAR + r"(?:\.S\d{6}\.E\d{6})?" + _TIME + r"(?:\.zip)?", re.IGNORECASE)

PATTERN = "P.A****.ACO.ZCY**.Dyymmdd.Thhmmsst"


@dataclass(frozen=True)
class CclfName:
    """What a name says. `file` is CCLF0 … CCLFB, empty for a package; `period` is Y (regular) or R (run-out)."""

    aco_id: str
    file: str
    period: str
    weekly: bool
    attribution_copy: bool
    test: bool
    performance_year: int
    delivered_at: datetime.datetime

    @property
    def coverage(self) -> str:
        """regular, run-out, weekly or attribution."""
        if self.attribution_copy:
            return "attribution"
        if self.weekly:
            return "weekly"
        return "run-out" if self.period == "R" else "regular"

    @property
    def delivery(self) -> tuple[object, ...]:
        """What all members of one delivery have in common; their times differ by tenths of a second."""
        return self.aco_id, self.coverage, self.performance_year, self.test, self.delivered_at.date()


def member_name(name: str) -> CclfName | None:
    """What the name of a member file says, or None if it is not one."""
    return _read(_MEMBER.fullmatch(name), name)


def package_name(name: str) -> CclfName | None:
    """What the name of a package says, or None if it is not one."""
    return _read(_PACKAGE.fullmatch(name), name)


def _read(found: re.Match[str] | None, name: str) -> CclfName | None:
    if found is None:
        return None
    file = found.groupdict().get("file")
    return CclfName(
        aco_id=found["aco"].upper(),
        file=f"CCLF{file.upper()}" if file else "",
        period=found["period"].upper() or "Y",
        weekly=bool(found["weekly"]),
        attribution_copy=bool(found["copy"]),
        test=found["mode"].upper() == "T",
        performance_year=2000 + int(found["year"]),
        delivered_at=_delivered_at(found["date"], found["time"], name),
    )


def _delivered_at(date: str, time: str, name: str) -> datetime.datetime:
    """Date and time of the name; a time that does not exist counts as midnight."""
    try:
        day = datetime.datetime.strptime(date, "%y%m%d")
    except ValueError:
        raise FeedError(
            f"D{date} in the name is not a date", where=name, remedy=f"CMS names deliveries {PATTERN}."
        ) from None
    hour, minute, second, tenth = int(time[:2]), int(time[2:4]), int(time[4:6]), int(time[6:7] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return day
    return day.replace(hour=hour, minute=minute, second=second, microsecond=tenth * 100_000)

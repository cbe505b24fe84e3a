"""Risk corridors: bands of the benchmark in each of which an ACO keeps, or owes, another share of savings or losses.

Used by ACO REACH and its predecessor GPDC, by LEAD, and by commercial contracts. Rates are fractions of the benchmark:
savings above zero, losses below. Bands count from zero in both directions; the same bands hold for losses unless
others are given.

Sources: CMS, ACO REACH Model Request for Applications (2022), risk arrangements; checked on CMS's results of PY2022.
The model is tested under section 1115A of the Social Security Act, not under 42 CFR part 425.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from openaco.errors import ConfigurationError


@dataclass(frozen=True)
class Band:
    """One band: from `start` to `end` (fractions of the benchmark; None: no end) the ACO keeps the share `kept`."""

    start: float
    end: float | None
    kept: float


@dataclass(frozen=True)
class Corridors:
    """Checked bands: the first starts at 0, each starts where the one before ends, only the last is open.

    Raises ConfigurationError, naming the band, where they do not, or where a share lies outside 0 to 1.
    """

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        """Checks what the class says."""
        if not self.bands:
            raise ConfigurationError("risk corridors have no band", remedy="State at least one, from 0 without end.")
        for number, band in enumerate(self.bands, start=1):
            if not 0 <= band.kept <= 1:
                raise _wrong(number, f"the share kept is {band.kept}", "Shares lie from 0 to 1.")
            last = number == len(self.bands)
            if last != (band.end is None):
                raise _wrong(number, "it must be open" if last else "it has no end", "Only the last band is open.")
            if band.end is not None and not band.start < band.end < math.inf:
                raise _wrong(number, f"it ends at {band.end}", f"It must end above {band.start}.")
        if self.bands[0].start != 0:
            raise _wrong(1, f"it starts at {self.bands[0].start}", "The first band starts at 0.")
        for number, (before, after) in enumerate(pairwise(self.bands), start=2):
            if after.start != before.end:
                remedy = f"It must start at {before.end}: bands leave no gap and do not overlap."
                raise _wrong(number, f"it starts at {after.start}", remedy)


def corridors_of(rows: Iterable[Mapping[str, Any]]) -> Corridors:
    """Corridors from rows with `from`, `to` (empty or None in the last) and `kept`, numbers or text, in any order.

    Raises ConfigurationError where the bands do not follow one another (ACO REACH Model Request for Applications).
    """
    try:
        bands = [
            Band(float(row["from"]), None if row["to"] in (None, "") else float(row["to"]), float(row["kept"]))
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        what = f"lacks {error.args[0]!r}" if isinstance(error, KeyError) else "has what is no number"
        raise ConfigurationError(
            f"a risk corridor {what}",
            remedy="Each band has from, to and kept, as fractions.",
        ) from error
    return Corridors(tuple(sorted(bands, key=lambda band: band.start)))


def share_kept(corridors: Corridors, rate: float, loss_corridors: Corridors | None = None) -> float:
    """The ACO's part of gross savings (rate > 0) or losses (rate < 0): a fraction of the benchmark with the same sign.

    12 percent under Professional: 5 × 50% + 5 × 35% + 2 × 15% = 4.55 percent of the benchmark. `loss_corridors` where
    losses have other bands than savings. ACO REACH Model Request for Applications, section VI.D.
    """
    chosen = loss_corridors if rate < 0 and loss_corridors else corridors
    kept = math.fsum(band.kept * part_in_band(band, abs(rate)) for band in chosen.bands)
    return math.copysign(kept, rate) if kept else 0.0


def part_in_band(band: Band, size: float) -> float:
    """How much of a savings or loss rate of this size (≥ 0) falls into a band (ACO REACH Model, risk corridors)."""
    return max(0.0, (size if band.end is None else min(size, band.end)) - band.start)


def _wrong(number: int, what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"risk corridor {number}: {what}", remedy=remedy)

"""A number as a file prints it: its value, and how far the true value may lie from it.

CMS publishes rounded numbers. `0.9632` stands for anything from 0.96315 to 0.96325; what is computed from it can be
checked no closer than that. A `Printed` keeps both.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?$")
_PLAIN = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$", re.IGNORECASE)
_DATES = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%Y/%m/%d", "%m-%d-%Y", "%d-%b-%Y", "%d-%b-%y", "%B %d, %Y")
_EXCEL_DAY_ZERO = datetime.date(1899, 12, 30)


@dataclass(frozen=True)
class Printed:
    """`value`, give or take `half_unit`: half of one unit of the last printed digit. Rates are fractions of 1."""

    value: float
    half_unit: float = 0.0

    @property
    def low(self) -> float:
        """The least that would be printed like this."""
        return self.value - self.half_unit

    @property
    def high(self) -> float:
        """The most that would be printed like this."""
        return self.value + self.half_unit


@dataclass(frozen=True)
class Figure:
    """A cell read as a number: exact decimal value, printed decimals, and whether it carries a percent sign."""

    value: Decimal
    decimals: int
    percent: bool


def read_figure(cell: str) -> Figure | None:
    """A cell as a number; None if it is none.

    Understands $, thousands separators, parentheses and signs of minus, a percent sign, Excel's scientific notation
    and text marks (`'12`, `="12"`).
    """
    text = re.sub(r"[\s$\u00a0\u202f]", "", cell).strip("'\"=")
    negative = text[:1] in "-−–" or (text.startswith("(") and text.endswith(")"))
    text = text.strip("()").lstrip("-−–+")
    percent = text.endswith("%")
    text = text.removesuffix("%")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return None
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    return Figure(-value if negative else value, -exponent if isinstance(exponent, int) else 0, percent)


def read_date(cell: str) -> datetime.date | None:
    """A cell as a day; None if it is none. Month first, as CMS writes; also Excel's day numbers; times are dropped."""
    text = cell.strip()
    day = re.split(r"[T ](?=\d{1,2}:)", text)[0]
    for form in _DATES:
        try:
            return datetime.datetime.strptime(day, form).date()
        except ValueError:
            continue
    if re.fullmatch(r"[34]\d{4}", text):
        return _EXCEL_DAY_ZERO + datetime.timedelta(days=int(text))
    return None

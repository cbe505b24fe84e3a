"""Words and numbers that the pages of a distribution share."""

from __future__ import annotations

from openaco.reports import formats
from openaco.worksheet import Line

CLASSES = {
    "primary_care": "Primary care",
    "specialist": "Specialist",
    "hospital": "Hospital",
    "fqhc": "Health center (FQHC)",
    "rhc": "Rural clinic (RHC)",
    "other": "Other",
}
YOURS = {
    "primary_care": "practice",
    "specialist": "practice",
    "hospital": "hospital",
    "fqhc": "clinic",
    "rhc": "clinic",
}
FORMULAS = {
    "equal": "the same for each",
    "fixed": "a fixed amount for each",
    "panel": "by assigned people",
    "quality_weighted_panel": "by assigned people and quality",
    "points": "by citizenship points",
    "contribution": "by contribution to savings, risk-adjusted, with a quality hurdle",
}


def class_name(code: str) -> str:
    """A class in words; classes that a plan adds keep their name."""
    return CLASSES.get(code, formats.sentence(code))


def cents(amount: int) -> str:
    """Whole cents as `$1,234.56`."""
    return formats.dollars(amount / 100, cents=True)


def plain(number: float, digits: int = 3) -> str:
    """A number without needless digits: `778`, `641.072`."""
    text = formats.number(number, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(part: int, whole: int, digits: int = 1) -> str:
    """A part of a whole as percent; a dash of nothing."""
    return formats.percent(part / whole, digits) if whole else formats.NONE


def rate_text(rate: float) -> str:
    """US dollars for each unit of a measure: up to six decimals, at least two."""
    whole, decimals = f"{rate:,.6f}".split(".")
    return f"${whole}.{decimals.rstrip('0').ljust(2, '0')}"


def ending(tin: str) -> str:
    """The last four digits of a TIN: a sole practitioner's may be a social security number."""
    return tin[-4:]


def line_value(line: Line) -> str:
    """The value of a worksheet line with cents: here every cent is somebody's."""
    if isinstance(line.value, float | int) and not isinstance(line.value, bool):
        if line.id.startswith(("rate.", "losses.rate")):
            return rate_text(float(line.value))
        if line.unit in ("usd", "usd_per_capita"):
            return formats.dollars(line.value, cents=True)
        if line.unit in ("ratio", "score", "years"):
            return plain(line.value, 4)
    return formats.line_text(line)

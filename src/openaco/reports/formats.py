"""Numbers, dates and names as people read them. One place, so that the page, the workbook and the terminal agree."""

from __future__ import annotations

import datetime
import math

from openaco.worksheet import Line, Unit, Value

MINUS = "\u2212"
NONE = "–"
UNITS: dict[Unit, str] = {
    "usd": "US dollars",
    "usd_per_capita": "US dollars per person-year",
    "fraction": "percent",
    "count": "count",
    "years": "person-years",
    "ratio": "ratio",
    "score": "risk score, national mean 1",
    "text": "",
    "flag": "",
}
ENROLLMENT_TYPES = {
    "esrd": "ESRD",
    "disabled": "Disabled",
    "aged_dual": "Aged/dual",
    "aged_non_dual": "Aged/non-dual",
}

DISPOSITIONS = {
    "final": "stands, and counts",
    "superseded": "cancelled, and another version stands in its place",
    "cancelled": "cancelled, and nothing stands in its place",
    "cancellation": "takes back an earlier version",
    "lone cancellation": "takes back a version that was never delivered",
    "denied": "Medicare denied payment",
    "duplicate delivery": "the same version came again later",
    "superseded delivery": "its delivery was replaced as a whole",
    "outside run-out": "received too late for the year",
    "outside period": "outside the dates of the year",
}


def dollars(value: float | None, cents: bool = False) -> str:
    """US dollars: `$1,234,567`, `−$1,234.50`. Halves round away from zero."""
    return _signed(value, 2 if cents else 0, "$")


def short_dollars(value: float) -> str:
    """US dollars in words: `$3.57 million`, `$812,400`, `−$1.04 billion`. Three significant digits from a million."""
    size = abs(value)
    for limit, unit in ((1e9, "billion"), (1e6, "million")):
        if size >= limit * 0.9995:
            digits = max(0, 2 - int(math.log10(max(size / limit, 1))))
            return f"{_signed(value / limit, digits, '$')} {unit}"
    return dollars(value)


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as percent: 0.029 → `2.9%`."""
    return NONE if value is None else _signed(value * 100, digits) + "%"


def rate(value: float) -> str:
    """A stated rate as percent, without needless digits: 0.5 → `50%`, 0.025 → `2.5%`, 0.037498 → `3.75%`."""
    text = percent(value, 2)
    return text.removesuffix("%").rstrip("0").rstrip(".") + "%"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separators: `11,204`."""
    return _signed(value, digits)


def day(value: datetime.date | None) -> str:
    """A date as `25 Nov 2026`, whatever the machine's language."""
    if value is None:
        return NONE
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{value.day} {months[value.month - 1]} {value.year}"


def month(value: datetime.date) -> str:
    """A month as `Nov 2026`."""
    return day(value).split(" ", 1)[1]


def value_text(value: Value, unit: Unit) -> str:
    """A worksheet value by its unit; a dash where it does not apply."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return value
    if unit == "fraction":
        return percent(value, _percent_digits(value))
    digits = {"usd": 0, "usd_per_capita": 2, "count": 0, "years": 2, "ratio": 4, "score": 4, "flag": 0, "text": 0}[unit]
    return _signed(value, digits, "$" if unit.startswith("usd") else "")


def line_text(line: Line) -> str:
    """The value of a worksheet line by its unit."""
    return value_text(line.value, line.unit)


def enrollment_type(code: str) -> str:
    """The name of an enrollment type: `aged_dual` → `Aged/dual`."""
    return ENROLLMENT_TYPES.get(code, code.replace("_", " "))


def track(code: str) -> str:
    """The name of a track: `BASIC_E` → `BASIC Level E`."""
    if code.startswith("BASIC_"):
        return f"BASIC Level {code.removeprefix('BASIC_')}"
    return code if code == "ENHANCED" else code.replace("_", " ").title().replace("Plus", "+").replace(" +", "+")


def program(code: str) -> str:
    """The name of a program."""
    return {"mssp": "Medicare Shared Savings Program"}.get(code, code)


def assignment_method(code: str) -> str:
    """The name of an assignment method (42 CFR 425.400(a))."""
    names = {
        "retrospective": "preliminary prospective assignment with retrospective reconciliation",
        "prospective": "prospective assignment",
    }
    return names.get(code, code)


def source(name: str) -> str:
    """Where an input comes from, in words: `expenditure:annualized` → `table expenditure, column annualized`."""
    place, _, rest = name.partition(":")
    if place == "input":
        return "what was given"
    if place.endswith(".parquet"):
        return f"table {place.removesuffix('.parquet')} of the run, column {rest}"
    if place == "parameter" or "." in place:
        return f"{place} {rest}"
    return f"table {place}, column {rest}"


def words(code: str) -> str:
    """A code as words: `paid_after_run_out` → `paid after run out`."""
    return code.replace("_", " ").replace(".", " · ")


def sentence(code: str) -> str:
    """A code as words with a capital: `lone_cancellation` → `Lone cancellation`."""
    text = words(code)
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 claim`, `3 claims`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def _percent_digits(value: float) -> int:
    """One digit, or as many as a rate such as 3.7498% needs to be told from its neighbors, at most four."""
    for digits in (1, 2, 3):
        if math.isclose(round(value * 100, digits), value * 100, rel_tol=1e-9, abs_tol=1e-9):
            return digits
    return 2 if abs(value) >= 0.1 else 3


def _signed(value: float | None, digits: int, sign: str = "") -> str:
    if value is None:
        return NONE
    rounded = math.floor(abs(float(value)) * 10**digits + 0.5 + 1e-9) / 10**digits
    return f"{MINUS if value < 0 and rounded else ''}{sign}{rounded:,.{digits}f}"

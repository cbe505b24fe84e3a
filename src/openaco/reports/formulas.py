"""Worksheet lines as live spreadsheet formulas, where the line is computed from other lines alone.

A template is a spreadsheet formula in which `{id}` stands for a line, `{parameter:path}` for a parameter of the run and
`{about:name}` for what the worksheet says about itself.
`<t>` and `<y>` stand for the enrollment type and period of the line's
own id; `SUMTYPES(…)` repeats its content for each enrollment type and adds.

`path?key=value` adds a key, `path#entry` takes one entry of a mapping or list. A template is used only if it gives the
value that the worksheet states, so a workbook never contradicts its run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openaco.errors import OpenACOError, ParameterError
from openaco.parameters import ParameterValue, load_parameter
from openaco.reports.formula_language import evaluate
from openaco.reports.worksheet_view import TYPES, Block, block_key
from openaco.worksheet import Line, Value, Worksheet

REFERENCE = re.compile(r"\{([^}]+)\}")
LAST_REGIONAL_PERIOD = 4
SHORT_LIST = 6


@dataclass(frozen=True)
class Terms:
    """By what the parameters of a run are dated and keyed."""

    performance_year: int
    agreement_start_year: int | None
    keys: Mapping[str, str]
    about: Mapping[str, str]

    @classmethod
    def of(cls, worksheet: Worksheet, track: str) -> Terms:
        """The terms that a worksheet states about itself; an agreement it does not name stays unknown."""
        about = worksheet.about
        keys = {"track": track}
        if "agreement_period" in about:
            keys["agreement_period"] = "first" if about["agreement_period"] == "1" else "later"
        if "regional_period" in about:
            keys["regional_period"] = str(min(int(about["regional_period"]), LAST_REGIONAL_PERIOD))
        start = about.get("agreement_start", "")[:4]
        return cls(worksheet.performance_year, int(start) if start else None, keys, about)

    def stated(self, reference: str) -> ParameterValue:
        """The parameter behind `path`, `path?key=value` or `path#entry`. Raises ParameterError if none is stated."""
        path, _, more = reference.partition("#")[0].partition("?")
        found = load_parameter(path)
        date = self.agreement_start_year if found.dated_by == "agreement_start_year" else self.performance_year
        keys = dict(self.keys) | dict(pair.split("=", 1) for pair in more.split("&") if pair)
        if date is None or not set(found.keyed_by) <= set(keys):
            raise ParameterError("cannot be looked up from a worksheet alone", where=path)
        return found.value_on(date, **{name: keys[name] for name in found.keyed_by})

    def value(self, reference: str) -> float | str:
        """The number or word behind `parameter:…` or `about:…`; `#` names an entry of a mapping or of a list."""
        kind, _, reference = reference.partition(":")
        if kind == "about":
            return self.about[reference]
        value = self.stated(reference).value
        entry = reference.partition("#")[2]
        if entry and isinstance(value, Mapping):
            value = value.get(entry)
        elif entry and isinstance(value, Sequence) and not isinstance(value, str):
            value = value[int(entry)]
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ParameterError("is not one number", where=reference)
        return value


def parameter_text(terms: Terms, name: str) -> str:
    """The value of a parameter that stands among a line's inputs, or "" where the worksheet alone does not name it."""
    try:
        value = terms.stated(name).value
    except ParameterError:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_brief(entry)}" for key, entry in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        simple = all(isinstance(entry, int | float | str) for entry in value)
        return ", ".join(map(_brief, value)) if simple and len(value) <= SHORT_LIST else f"{len(value)} rows"
    return _brief(value)


def _brief(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """The templates by line name without type and period, in the order in which they are tried."""
    import yaml

    text = (resources.files("openaco.reports") / "formulas.yaml").read_text(encoding="utf-8")
    content: dict[str, str | list[str]] = yaml.safe_load(text)
    return {name: (item,) if isinstance(item, str) else tuple(item) for name, item in content.items()}


def live_formula(worksheet: Worksheet, line: Line, terms: Terms) -> str | None:
    """The line's formula with `{…}` references, or None if it has none that gives the stated value."""
    for template in _templates_for(line.id):
        formula = _for_line(template, line)
        if _reproduces(formula, worksheet, line, terms):
            return formula
    return None


def _templates_for(line_id: str) -> tuple[str, ...]:
    known, name = templates(), block_key(line_id)
    period = Block.place_of(line_id)[1]
    return known.get(f"{name}@{period}") or known.get(name, ())


def references(formula: str) -> list[str]:
    """Every line id, `parameter:…` and `about:…` a formula refers to, each once."""
    return list(dict.fromkeys(REFERENCE.findall(formula)))


def _for_line(template: str, line: Line) -> str:
    kind, period = Block.place_of(line.id)
    summed = re.sub(
        r"SUMTYPES\(((?:[^()]|\([^()]*\))*)\)",
        lambda found: "(" + "+".join(found[1].replace("<t>", name) for name in TYPES) + ")",
        template,
    )
    return summed.replace("<t>", kind).replace("<y>", period)


def _reproduces(formula: str, worksheet: Worksheet, line: Line, terms: Terms) -> bool:
    def lookup(reference: str) -> Value:
        return terms.value(reference) if ":" in reference else worksheet[reference]

    try:
        for reference in references(formula):
            lookup(reference)
        value = evaluate(formula, lookup)
    except (OpenACOError, ZeroDivisionError, TypeError, LookupError):
        return False
    if line.value is None or isinstance(value, str) or isinstance(line.value, str):
        return value == (line.value or "")
    return math.isclose(float(value or 0), float(line.value or 0), rel_tol=1e-9, abs_tol=1e-9)

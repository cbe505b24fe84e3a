"""The coefficients of a national risk model, as the user loads them, and what a person's or a stay's risk is by them.

One CSV with the columns `measure,cohort,kind,term,coefficient`, one row a term:

    kind           term                                    coefficient
    national_rate  (blank)                                 the national observed rate: a fraction (479), per 100 (484)
    cohort         beginnings of principal diagnoses, or * (blank): which stays are of the cohort, first row first
    intercept      (blank)                                 the constant
    age            the age that counts as zero, such as 65 for each year above it (below: negative)
    diagnosis      beginnings of ICD-10-CM codes           if one stood on a claim in the twelve months before
    principal      beginnings of ICD-10-CM codes           479: if the stay's principal diagnosis is one of them
    group          a group of measure 484                  484: if the person is in it

Beginnings are separated by `;`. Measure 479 is a logistic model of a stay, 484 a log-linear model of a person's rate
per 100 person-years. Coefficients are CMS's or yours: none come with OpenACO.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from openaco.errors import ParameterError
from openaco.measures.definition import MeasureError
from openaco.rules.groupers.code_sets import Beginning, beginnings

COLUMNS = ("measure", "cohort", "kind", "term", "coefficient")
KINDS = ("national_rate", "cohort", "intercept", "age", "diagnosis", "principal", "group")
MEASURES = ("479", "484")
_REMEDY = f"Columns are {', '.join(COLUMNS)}; kinds are {', '.join(KINDS)}."
ALL = "*"


@dataclass(frozen=True)
class Term:
    """One term of a model: what it asks for and its coefficient. `codes`: beginnings, of diagnoses and principals."""

    kind: str
    term: str
    coefficient: float
    codes: tuple[Beginning, ...] = ()

    def holds(self, code: str) -> bool:
        """Whether a code begins with one of the term's beginnings."""
        return any(code == one.beginning if one.ending == "$" else code.startswith(one.beginning) for one in self.codes)


@dataclass(frozen=True)
class Cohort:
    """One cohort of a model: which stays are of it (none stated: all), its constant and its terms."""

    name: str
    codes: tuple[Beginning, ...]
    everything: bool
    intercept: float
    terms: tuple[Term, ...]

    def has(self, principal: str) -> bool:
        """Whether a stay with a principal diagnosis is of the cohort."""
        return self.everything or Term("cohort", "", 0.0, self.codes).holds(principal)

    def linear(self, age: int, principal: str, history: frozenset[str], groups: frozenset[str]) -> float:
        """The constant and the coefficients of all terms that hold."""
        found = [self.intercept]
        for term in self.terms:
            if term.kind == "age":
                found.append(term.coefficient * (age - int(term.term)))
            elif term.kind == "group":
                found.append(term.coefficient if term.term in groups else 0.0)
            elif term.kind == "principal":
                found.append(term.coefficient if term.holds(principal) else 0.0)
            elif any(term.holds(code) for code in history):
                found.append(term.coefficient)
        return math.fsum(found)


@dataclass(frozen=True)
class RiskModel:
    """The model of one measure."""

    measure: str
    national_rate: float
    cohorts: tuple[Cohort, ...]

    def cohort_of(self, principal: str) -> Cohort | None:
        """The first cohort that a stay belongs to."""
        return next((cohort for cohort in self.cohorts if cohort.has(principal)), None)

    def probability(self, age: int, principal: str, history: frozenset[str]) -> float | None:
        """The expected share of readmissions of a stay (479); None where no cohort has it."""
        cohort = self.cohort_of(principal)
        return None if cohort is None else 1 / (1 + math.exp(-cohort.linear(age, principal, history, frozenset())))

    def yearly(self, age: int, history: frozenset[str], groups: frozenset[str]) -> float:
        """The expected admissions of a person-year (484)."""
        return math.exp(self.cohorts[0].linear(age, "", history, groups)) / 100


def read_model(path: Path, measure: str) -> RiskModel | None:
    """The model of a measure in a file; None where the file has none of it.

    Raises MeasureError naming file, line and what is wrong: an unknown kind, a coefficient that is no number, a cohort
    without constant, codes that are no beginnings.
    """
    if not path.is_file():
        raise MeasureError("there is no such file", where=str(path), remedy=_REMEDY)
    rows = _rows(path)
    own = [(line, row) for line, row in rows if row["measure"] == measure]
    if not own:
        return None
    national = [row for _line, row in own if row["kind"] == "national_rate"]
    if len(national) != 1:
        raise MeasureError(f"states {len(national)} national rates of {measure}", where=path.name, remedy=_REMEDY)
    names = list(dict.fromkeys(row["cohort"] for _line, row in own if row["kind"] != "national_rate"))
    if measure == "484" and len(names) != 1:
        raise MeasureError("measure 484 has one cohort", where=path.name, remedy="Give all its rows one name.")
    cohorts = tuple(_cohort(path.name, name, own) for name in names)
    if not cohorts:
        raise MeasureError(f"states no cohort of {measure}", where=path.name, remedy=_REMEDY)
    return RiskModel(measure, _number(path.name, own, national[0]), cohorts)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            header = tuple(name.strip().lower() for name in reader.fieldnames or ())
            if header != COLUMNS:
                raise MeasureError("is no file of coefficients", where=f"{path.name}, line 1", remedy=_REMEDY)
            reader.fieldnames = list(header)
            found = []
            for row in reader:
                if None in row or None in row.values():
                    raise MeasureError(
                        f"the line does not have {len(COLUMNS)} cells",
                        where=f"{path.name}, line {reader.line_num}",
                        remedy=_REMEDY,
                    )
                found.append((reader.line_num, {name: value.strip() for name, value in row.items()}))
    except UnicodeDecodeError:
        raise MeasureError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from None
    for line, row in found:
        where = f"{path.name}, line {line}"
        if row["measure"] not in MEASURES:
            raise MeasureError(f"measure must be {' or '.join(MEASURES)}", where=where, remedy=_REMEDY)
        if row["kind"] not in KINDS:
            raise MeasureError("no such kind of term", where=where, remedy=_REMEDY)
    return found


def _cohort(file: str, name: str, rows: list[tuple[int, dict[str, str]]]) -> Cohort:
    own = [(line, row) for line, row in rows if row["cohort"] == name and row["kind"] != "national_rate"]
    constants = [row for _line, row in own if row["kind"] == "intercept"]
    if len(constants) != 1:
        raise MeasureError(f"cohort {name or '(blank)'} has {len(constants)} intercepts", where=file, remedy=_REMEDY)
    members = [(line, row) for line, row in own if row["kind"] == "cohort"]
    stated = tuple(one for line, row in members if row["term"] != ALL for one in _codes(f"{file}, line {line}", row))
    everything = not members or any(row["term"] == ALL for _line, row in members)
    terms = tuple(_term(f"{file}, line {line}", row) for line, row in own if row["kind"] not in ("intercept", "cohort"))
    return Cohort(name, stated, everything, _number(file, own, constants[0]), terms)


def _term(where: str, row: dict[str, str]) -> Term:
    if row["kind"] == "age" and not row["term"].isdigit():
        raise MeasureError("the term of an age is the age that counts as zero", where=where, remedy=_REMEDY)
    if row["kind"] == "group" and not row["term"]:
        raise MeasureError("the term of a group is its name", where=where, remedy=_REMEDY)
    codes = _codes(where, row) if row["kind"] in ("diagnosis", "principal") else ()
    return Term(row["kind"], row["term"], _float(where, row["coefficient"]), codes)


def _codes(where: str, row: dict[str, str]) -> tuple[Beginning, ...]:
    try:
        found = tuple(beginnings(row["term"]))
    except ParameterError as error:
        raise MeasureError(error.what, where=where, remedy="Write beginnings of codes: I50;E10-E14.") from error
    if not found:
        raise MeasureError("no codes are named", where=where, remedy="Write beginnings of codes: I50;E10-E14.")
    return found


def _number(file: str, rows: list[tuple[int, dict[str, str]]], row: dict[str, str]) -> float:
    line = next(line for line, one in rows if one is row)
    return _float(f"{file}, line {line}", row["coefficient"])


def _float(where: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise MeasureError("the coefficient is not a number", where=where, remedy=_REMEDY) from None
    if not math.isfinite(value):
        raise MeasureError("the coefficient is not a number", where=where, remedy=_REMEDY)
    return value

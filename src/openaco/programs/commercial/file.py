"""A contract described in a TOML file, read strictly: everything that is wrong is named at once, with its remedy.

    agreement = read_contract_file(Path("contract.toml"))
    terms = agreement.terms[2025]

What may stand in the file is `contract_terms`; what cannot be true together is `contract_contradictions`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from openaco.errors import ConfigurationError
from openaco.programs.commercial.contradictions import of_terms, of_the_whole
from openaco.programs.commercial.problems import ContractFileError, Problem
from openaco.programs.commercial.terms import (
    NEEDED_SECTIONS,
    OF_THE_WHOLE,
    SECTIONS,
    About,
    Attribution,
    Results,
    Strict,
    Terms,
)

_TABLES = ("contract", "attribution", *SECTIONS, "years", "results")


@dataclass(frozen=True)
class ContractFile:
    """A checked contract file.

    name        of the file, for citations
    terms       by performance year
    results     by performance year, where stated
    stated      by performance year, the keys that its own table states: `savings.cap`
    """

    name: str
    about: About
    attribution: Attribution
    terms: Mapping[int, Terms]
    results: Mapping[int, Results] = field(default_factory=dict)
    stated: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def terms_for(self, year: int) -> Terms:
        """The terms of a performance year. Raises ConfigurationError where the contract has none."""
        if year not in self.terms:
            raise ConfigurationError(
                f"no performance year {year}",
                where=self.name,
                remedy=f"The contract settles {', '.join(map(str, sorted(self.terms)))}.",
            )
        return self.terms[year]

    def results_for(self, year: int) -> Results:
        """What the payer stated for a year; nothing stated is an empty table."""
        return self.results.get(year, Results())

    def key(self, year: int, key: str) -> str:
        """Where a term of a year stands: `savings.cap`, or `years.2025.savings.cap` where the year has its own."""
        return f"years.{year}.{key}" if key in self.stated.get(year, frozenset()) else key

    def cite(self, year: int, key: str) -> str:
        """The file and the key of a term: `contract.toml: savings.corridors`."""
        return f"{self.name}: {self.key(year, key)}"


def read_contract_file(path: Path) -> ContractFile:
    """Read and check a contract file. Raises ConfigurationError naming file, keys and remedies, all of them at once."""
    if not path.is_file():
        raise ConfigurationError("no such file", where=str(path), remedy="Make one with `openaco contract init FILE`.")
    try:
        return check_contract_text(path.read_text(encoding="utf-8"), path.name)
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=path.name, remedy="Save it as UTF-8.") from error


def check_contract_text(text: str, name: str) -> ContractFile:
    """The text of a contract file, checked. Raises ConfigurationError as `read_contract_file` does."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"not valid TOML: {error}", where=name, remedy="Correct it there; `openaco contract init` shows the form."
        ) from error
    problems: list[Problem] = [*_wrong_tables(raw)]
    about = _read(About, raw, "contract", problems)
    attribution = _read(Attribution, raw, "attribution", problems)
    years, stated = _years(raw, problems)
    terms = {year: _terms(raw, year, table, problems) for year, table in years.items()}
    results = _results(raw, problems)
    for year, found in terms.items():
        problems += [_placed(problem, stated.get(year, frozenset()), year) for problem in of_terms(found, about)]
    if about and attribution:
        problems += of_the_whole(about, attribution, terms, results)
    problems = list(dict.fromkeys(problems))
    if problems or about is None or attribution is None:
        raise ContractFileError(name, problems)
    whole = {year: Terms.model_construct(None, **found) for year, found in terms.items() if year is not None}
    of_years = {year: keys for year, keys in stated.items() if year is not None}
    return ContractFile(name, about, attribution, whole, results, of_years)


def _wrong_tables(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in raw.items():
        if key not in _TABLES:
            yield _unknown(key, _TABLES, "the file")
        elif not isinstance(value, dict):
            yield Problem(key, "is no table", f"Write [{key}] on a line of its own, and its keys below it.")
    for key in ("contract", "attribution", *NEEDED_SECTIONS):
        if key not in raw:
            yield Problem(key, "the table is missing", "`openaco contract init FILE` writes every table and key.")


def _years(
    raw: Mapping[str, Any], problems: list[Problem]
) -> tuple[dict[int | None, Mapping[str, Any]], dict[int | None, frozenset[str]]]:
    """The year tables and the keys each states; without any, the terms of all years are still checked once."""
    tables: dict[int | None, Mapping[str, Any]] = {}
    for key, table in _numbered(raw, "years", problems):
        tables[key] = {name: content for name, content in table.items() if name in SECTIONS}
        for name, content in table.items():
            place = f"years.{key}.{name}"
            if name not in SECTIONS:
                problems.append(_unknown(place, tuple(SECTIONS), f"[years.{key}]"))
            elif not isinstance(content, dict):
                problems.append(Problem(place, "is no table", f"Write [{place}] and its keys below it."))
        for name in OF_THE_WHOLE:
            if name in _table(table, "benchmark"):
                what = "holds for the whole contract, not for one year"
                problems.append(Problem(f"years.{key}.benchmark.{name}", what, f"State benchmark.{name} once."))
    stated = {
        year: frozenset(f"{name}.{key}" for name in table for key in _table(table, name))
        for year, table in tables.items()
    }
    return tables or {None: {}}, stated


def _results(raw: Mapping[str, Any], problems: list[Problem]) -> dict[int, Results]:
    found = {}
    for year, table in _numbered(raw, "results", problems):
        read = _validated(Results, table, f"results.{year}", problems)
        if isinstance(read, Results):
            found[year] = read
    return found


def _numbered(raw: Mapping[str, Any], name: str, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables `[name.YEAR]` by year."""
    for key, table in _table(raw, name).items():
        if not re.fullmatch(r"(19|20)\d\d", key):
            problems.append(Problem(f"{name}.{key}", "is no year", f"Name it by its year: [{name}.2024]."))
        elif not isinstance(table, dict):
            problems.append(Problem(f"{name}.{key}", "is no table", f"Write [{name}.{key}] and its keys below it."))
        else:
            yield int(key), table


def _terms(
    raw: Mapping[str, Any], year: int | None, table: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    """The sections of one year that are right in themselves; what is wrong in the others goes to `problems`."""
    found: dict[str, Any] = {}
    for name, model in SECTIONS.items():
        own = _table(table, name)
        if name not in raw and not own:
            if name not in NEEDED_SECTIONS:
                found[name] = None if name == "losses" else model()
            continue
        read = _validated(model, {**_table(raw, name), **own}, name, problems, frozenset(own), year)
        if read is not None:
            found[name] = read
    return found


def _read(model: type[Any], raw: Mapping[str, Any], name: str, problems: list[Problem]) -> Any:
    return _validated(model, _table(raw, name), name, problems) if isinstance(raw.get(name), dict) else None


def _validated(
    model: type[Strict],
    table: Mapping[str, Any],
    place: str,
    problems: list[Problem],
    own: frozenset[str] = frozenset(),
    year: int | None = None,
) -> Strict | None:
    """The table as its model, or None with its problems added; keys of `own` stand in the year's table."""
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        for item in error.errors():
            problem = _problem(item, model, place)
            problems.append(_placed(problem, frozenset(f"{place}.{key}" for key in own), year))
        return None


def _placed(problem: Problem, stated: frozenset[str], year: int | None) -> Problem:
    """The problem under the year's key, where the year states that key itself."""
    if year is None or ".".join(problem.key.split(".")[:2]) not in stated:
        return problem
    return Problem(f"years.{year}.{problem.key}", problem.what, problem.remedy)


def _problem(item: Any, model: type[Strict], place: str) -> Problem:
    """One finding of pydantic in our words: the key, what is wrong, what it means."""
    *above, last = item["loc"]
    owner = _model_at(model, above)
    key = _joined(place, item["loc"])
    if item["type"] == "extra_forbidden":
        return _unknown(key, tuple(_fields(owner)), f"[{_joined(place, above)}]")
    meaning = _fields(owner).get(str(last), "")
    if item["type"] == "missing":
        return Problem(key, "is missing", meaning)
    if isinstance(item["input"], float) and item["type"] == "finite_number":
        return Problem(key, "is not filled in", meaning)
    message = item["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    shown = f"is {item['input']!r}, " if isinstance(item["input"], str | int | float | bool) else ""
    return Problem(key, f"{shown}but should be {message}" if shown else f"should be {message}", meaning)


def _model_at(model: type[BaseModel], path: list[Any]) -> type[BaseModel]:
    """The model that describes the table at a path of keys and positions."""
    for step in path:
        if isinstance(step, int):
            continue
        for name, info in model.model_fields.items():
            if step == (info.alias or name):
                inner = [kind for kind in get_args(info.annotation) if isinstance(kind, type)]
                model = next((kind for kind in inner if issubclass(kind, BaseModel)), model)
    return model


def _fields(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a table with their meaning."""
    return {info.alias or name: info.description or "" for name, info in model.model_fields.items()}


def _joined(place: str, path: Any) -> str:
    """`savings.corridors[2].share`: positions count from 1."""
    return place + "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)


def _unknown(key: str, known: tuple[str, ...], owner: str) -> Problem:
    near = get_close_matches(key.rsplit(".", 1)[-1], known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
    return Problem(key, f"{owner} has no such key", remedy)


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name, {})
    return found if isinstance(found, dict) else {}

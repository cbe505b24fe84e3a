"""Cases of measures as tables in Markdown, and the small world of people and events they are played in.

    | case | year | person | events | ip | excluded | exception | met |
    |---|---|---|---|---|---|---|---|
    | first day of the window | 2025 | F 1960-06-01 | office_visit 2025-03-01; mammography 2023-10-01 | 1 | 0 | 0 | 1 |

An event is `concept start[..end] [word=value …]`; a concept is a name in `measures/value_sets` or `measures/codes`, and
in this world each is its own only code. Where a concept is looked for as several kinds, the kind stands before it:
`procedure:hospice_care`. `..` without an end: it goes on. `year` may name several years (`2025 2026`).
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Table
from openaco.feeds.fhir.instants import ALWAYS, bounds, day_of
from openaco.feeds.fhir.resources import prevalence
from openaco.measures.definition import HOME, MEASURES, definition_of
from openaco.measures.evaluate import Evaluation, rates_of
from openaco.measures.language import Period
from openaco.measures.language.events import coded_sets
from openaco.measures.logic import sets_of
from openaco.parameters import parameter
from openaco.tables import ClinicalPerson, Event

YEARS = (2025, 2026)
_DEFAULTS: dict[str, dict[str, Any]] = {
    "encounter": {"status": "finished"},
    "encounter_diagnosis": {"status": "finished"},
    "encounter_reason": {"status": "finished"},
    "condition": {"clinical_status": "active", "categories": "|encounter-diagnosis|"},
    "procedure": {"status": "completed"},
    "observation": {"status": "final", "categories": "|laboratory|survey|imaging|"},
    "component": {"status": "final", "has_value": True, "value_unit": "mm[Hg]"},
    "medication_request": {"status": "active", "intent": "order", "negated": False},
    "service_request": {"status": "completed", "intent": "order", "negated": False},
    "device_request": {"status": "completed", "intent": "order", "negated": False},
}
_FLAGS = ("has_value", "negated", "by_reference")
_NUMBERS = ("value_number", "supply_days", "dose_quantity", "doses_per_day", "dispense_quantity")
_TOKENS = ("categories", "profiles", "body_sites", "discharge_codes")


@dataclass(frozen=True)
class MeasureCase:
    """One row of a table: what happened to a person, and the populations expected (rate by rate in `met`)."""

    measure: str
    name: str
    year: int
    person: str
    events: str
    ip: int
    excluded: int
    exception: int
    met: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.measure} {self.year}: {self.name}"


def cases_of(measure: str) -> list[MeasureCase]:
    """The cases in a measure's folder, one for each year that a row names."""
    path = HOME / measure.lower() / "cases.md"
    found = []
    for row in markdown_rows(path):
        met = tuple(int(row[name]) for name in row if name.startswith("met"))
        for year in row["year"].split():
            found.append(
                MeasureCase(
                    measure,
                    row["case"],
                    int(year),
                    row["person"],
                    row["events"],
                    int(row["ip"]),
                    int(row.get("excluded") or 0),
                    int(row.get("exception") or 0),
                    met,
                )
            )
    return found


def markdown_rows(path: Path) -> list[dict[str, str]]:
    """The rows of all tables in a page."""
    rows: list[dict[str, str]] = []
    header: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not header:
            header = cells
        elif set(line) - set("|-: "):
            assert len(cells) == len(header), f"{path.name}: {line}"
            rows.append(dict(zip(header, cells, strict=True)))
    return rows


def value_sets() -> list[dict[str, Any]]:
    """Value sets in which each concept has one code: its own name."""
    rows = []
    for year in YEARS:
        for name, oid in parameter("measures/value_sets", year).value.items():
            rows.append({"year": year, "oid": oid, "title": name, "system": "test", "code": name})
    return rows


def kinds_of_concepts(measure: str, year: int) -> dict[str, list[str]]:
    """The kinds of event as which a measure looks for each concept."""
    found: dict[str, list[str]] = {}
    for node in coded_sets(sets_of(rates_of(definition_of(measure), Period.of_year(year)))):
        for concept in node.concepts:
            kinds = found.setdefault(concept, [])
            if node.kind not in kinds:
                kinds.append(node.kind)
    return found


def person_row(number: int, text: str) -> dict[str, Any]:
    """`F 1960-06-01` as a row of people; a third word is the sex extension's code."""
    gender, birth, *sex = text.split()
    first, last = (day_of(moment) for moment in bounds(birth, "birth"))
    return {
        "person_id": f"p{number}",
        "birth_earliest": first,
        "birth_latest": last,
        "gender": {"F": "female", "M": "male", "U": "unknown"}[gender],
        "sex_code": sex[0] if sex else None,
    }


def event_rows(person: str, text: str, kinds: Mapping[str, list[str]], codes: Mapping[str, list[str]]) -> list[dict]:
    """The events of a cell as rows."""
    rows = []
    for number, statement in enumerate(part for part in text.split(";") if part.strip()):
        what, when, *words = shlex.split(statement)
        kind, _colon, concept = what.rpartition(":")
        possible = kinds.get(concept, [])
        assert kind or len(possible) == 1, f"say the kind of {concept}: {possible}"
        stated = dict(word.split("=", 1) for word in words)
        rows.append(event_row(person, number, kind or possible[0], concept, when, stated, codes))
    return rows


def event_row(
    person: str,
    number: int,
    kind: str,
    concept: str,
    when: str,
    stated: dict[str, str],
    codes: Mapping[str, list[str]],
) -> dict[str, Any]:
    """One event as a row."""
    system, code = codes.get(concept, ["test", concept])
    row = {
        "person_id": person,
        "event_id": stated.pop("id", f"{kind}/{number}"),
        "event_number": number,
        "kind": kind,
        "system": system,
        "code": code,
        "has_value": None,
        "source": "fhir",
    } | _DEFAULTS[kind]
    for name, value in stated.items():
        row |= _cell(name, value, codes)
    start, dots, end = when.partition("..")
    first = bounds(start, "start") if start else None
    if kind == "condition":
        last = bounds(end, "end") if end else None
        first, last = prevalence(first, last, row["clinical_status"] in ("active", "recurrence", "relapse"))
    else:
        last = bounds(end, "end") if end else (ALWAYS, ALWAYS) if dots else first
    if first and last:
        row |= {"start_earliest": first[0], "start_latest": first[1], "start_date": day_of(first[0])}
        row |= {"end_earliest": last[0], "end_latest": last[1], "end_date": day_of(last[1])}
    return row


def _cell(name: str, value: str, codes: Mapping[str, list[str]]) -> dict[str, Any]:
    if name == "value":
        if value.replace(".", "").isdigit():
            return {"value_number": float(value), "has_value": True}
        system, code = codes.get(value, ["test", value])
        return {"value_system": system, "value_code": code, "has_value": True}
    if name == "reason":
        system, code = codes.get(value, ["test", value])
        return {"reason_system": system, "reason_code": code}
    if name in ("site", "discharge"):
        column = {"site": "body_sites", "discharge": "discharge_codes"}[name]
        return {column: f"|{':'.join(codes[value])}|"}
    if name == "unit":
        return {"value_unit": value}
    if name == "recorded":
        first, last = bounds(value, "recorded")
        return {"recorded_earliest": first, "recorded_latest": last}
    if name in _FLAGS:
        return {name: value == "yes"}
    if name in _NUMBERS:
        return {name: float(value)}
    if name == "refills":
        return {name: int(value)}
    if name.endswith("_date"):
        return {name: datetime.date.fromisoformat(value)}
    if name in _TOKENS:
        return {name: f"|{value}|"}
    return {name: value}


def evaluation_of(engine: Engine, cases: Iterable[MeasureCase]) -> Evaluation:
    """All cases of one measure and year as one population: the person of case n is `p<n>`."""
    listed = list(cases)
    measure, year = listed[0].measure, listed[0].year
    kinds = kinds_of_concepts(measure, year)
    people, events = tables_of(engine, [(case.person, case.events) for case in listed], kinds)
    return Evaluation(engine, people, events, value_sets(), measure, Period.of_year(year))


def tables_of(
    engine: Engine, stories: Iterable[tuple[str, str]], kinds: Mapping[str, list[str]]
) -> tuple[Table, Table]:
    """People and events of stories, each a person and what happened."""
    codes = parameter("measures/codes", 2025).value
    people, events = [], []
    for number, (person, text) in enumerate(stories):
        people.append(person_row(number, person))
        events += event_rows(f"p{number}", text, kinds, codes)
    return engine.from_rows(ClinicalPerson, people), engine.from_rows(Event, events)


def answers(engine: Engine, cases: list[MeasureCase]) -> dict[str, tuple[int, int, int, tuple[int, ...]]]:
    """What the measure says of each case: ip, excluded, exception, and met rate by rate."""
    rows = engine.to_rows(evaluation_of(engine, cases).results)
    by_person: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["rate"]):
        by_person.setdefault(row["person_id"], []).append(row)
    return {
        str(cases[int(person[1:])]): (
            int(found[0]["initial_population"]),
            int(found[0]["denominator_exclusion"]),
            int(found[0]["denominator_exception"]),
            tuple(int(row["numerator"]) for row in found),
        )
        for person, found in by_person.items()
    }


def expected(cases: list[MeasureCase]) -> dict[str, tuple[int, int, int, tuple[int, ...]]]:
    """What the tables say of each case."""
    return {str(case): (case.ip, case.excluded, case.exception, case.met) for case in cases}


ALL_MEASURES = MEASURES

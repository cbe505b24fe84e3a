"""Official test cases: each a person's Bundle with the populations expected; all of one measure and year at once.

A case is one JSON object on a line: `case`, `measure` (CMS122), `period` {start, end}, `expected` (a list of groups
with their `populations`), `bundle`. Groups stand for the rates of the measure, in their order. A line that cannot be
read counts as a disagreement; it never keeps the others from being checked.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from openaco.engine import Engine
from openaco.feeds.fhir import clinical_tables
from openaco.feeds.fhir.collect import Collected, add_bundle
from openaco.feeds.fhir.documents import Document, documents
from openaco.measures.definition import MeasureError, definition_of
from openaco.measures.evaluate import POPULATIONS, Evaluation
from openaco.measures.language import Period
from openaco.measures.trace import traces

Row = Mapping[str, Any]
_MEASURE = re.compile(r"CMS0*(\d+)")
_REMEDY = "A line needs case, measure, period, expected and bundle."


@dataclass(frozen=True)
class Case:
    """One test case. `key` names it in one check; `problem` says why its bundle cannot be read."""

    key: str
    name: str
    measure: str
    period: Period
    expected: tuple[Mapping[str, int], ...]
    document: Document


@dataclass
class Check:
    """What a check found: how many cases, how many agree, and each disagreement with its trace."""

    cases: int = 0
    disagree: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)

    @property
    def agree(self) -> int:
        """Cases whose populations are all as expected."""
        return self.cases - len(self.disagree)

    def as_data(self) -> dict[str, Any]:
        """The check as plain values for `--json`; all traces only where they were asked for."""
        data: dict[str, Any] = {"cases": self.cases, "agree": self.agree, "disagree": self.disagree}
        return data | ({"traces": self.traces} if self.traces else {})


def check_cases(engine: Engine, paths: Iterable[Path], value_sets: Sequence[Row], *, trace_all: bool = False) -> Check:
    """Evaluate every case in files and compare. `trace_all`: also explain the cases that agree.

    Raises MeasureError if there is no case at all, for a measure or year that is not known, or missing value sets.
    """
    groups: dict[tuple[str, Period], list[Case]] = {}
    result = Check()
    for number, document in enumerate(documents(paths)):
        try:
            case = _case(document, str(number))
        except MeasureError as problem:
            result.cases += 1
            result.disagree.append(_unreadable(problem))
        else:
            groups.setdefault((case.measure, case.period), []).append(case)
    if not groups:
        raise MeasureError("the files hold no test case", remedy=_REMEDY)
    for (measure, period), cases in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1].first)):
        _check_group(engine, measure, period, cases, value_sets, result, trace_all=trace_all)
    return result


def _unreadable(problem: MeasureError) -> dict[str, Any]:
    return {"case": problem.where, "measure": "", "expected": [], "got": [], "trace": {"unreadable": problem.what}}


def _case(document: Document, key: str) -> Case:
    place = f"{document.file}, line {document.line}"
    content = document.content
    if document.problem or not isinstance(content, dict):
        raise MeasureError(document.problem or "the line is no object", where=place, remedy=_REMEDY)
    try:
        measure = _MEASURE.search(content["measure"])
        period = Period(_day(content["period"]["start"]), _day(content["period"]["end"]))
        expected = tuple(group["populations"] for group in content["expected"])
        name, bundle = str(content["case"]), content["bundle"]
    except (KeyError, TypeError, ValueError):
        raise MeasureError("the line is no test case", where=place, remedy=_REMEDY) from None
    if measure is None or not isinstance(bundle, dict):
        raise MeasureError("the line names no measure or has no bundle", where=place, remedy=_REMEDY)
    return Case(key, name, f"CMS{measure[1]}", period, expected, document)


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text[:10])


def _check_group(
    engine: Engine,
    measure: str,
    period: Period,
    cases: list[Case],
    value_sets: Sequence[Row],
    result: Check,
    *,
    trace_all: bool,
) -> None:
    definition_of(measure).version(period.year)
    found = Collected()
    for case in cases:
        add_bundle(found, case.document, case.document.content["bundle"], person=case.key)
    unreadable = {row["person_id"]: row["reason"] for row in found.quarantine}
    data = clinical_tables(engine, found)
    evaluation = Evaluation(engine, data.people, data.events, value_sets, measure, period)
    got = _groups(engine.to_rows(evaluation.results))
    wrong = [case for case in cases if not _same(case.expected, got.get(case.key))]
    asked = cases if trace_all else wrong
    told = _traces(engine, evaluation, [case.key for case in asked if case.key in got])
    for case in asked:
        entry = {
            "case": case.name,
            "measure": measure,
            "expected": [{"populations": dict(group)} for group in case.expected],
            "got": [{"populations": group} for group in got.get(case.key, [])],
            "trace": told.get(case.key, {"unreadable": unreadable.get(case.key, "")}),
        }
        if trace_all:
            result.traces.append(entry)
        if case in wrong:
            result.disagree.append(entry)
    result.cases += len(cases)


def _groups(rows: Iterable[Row]) -> dict[str, list[dict[str, int]]]:
    """The populations of each person, rate by rate, in the words of the cases."""
    found: dict[str, list[dict[str, int]]] = {}
    for row in sorted(rows, key=lambda row: row["rate"]):
        populations = {name.replace("_", "-"): int(row[name]) for name in POPULATIONS}
        found.setdefault(row["person_id"], []).append(populations)
    return found


def _same(expected: Sequence[Mapping[str, int]], got: Sequence[Mapping[str, int]] | None) -> bool:
    """Every population that a case states is as stated; one that the measure does not have counts as nobody in it."""
    if got is None or len(expected) != len(got):
        return False
    return all(
        int(value or 0) == mine.get(name, 0)
        for group, mine in zip(expected, got, strict=True)
        for name, value in group.items()
    )


def _traces(engine: Engine, evaluation: Evaluation, keys: list[str]) -> dict[str, Any]:
    if not keys:
        return {}
    people = engine.from_arrow(pa.table({"person_id": pa.array(keys, pa.string())}))
    return dict(traces(evaluation, people))

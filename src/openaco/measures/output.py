"""Measures over clinical data, written as tables: results, rates, gaps, quarantine, and why (trace)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from openaco.engine import Engine, Table, _, arrow_schema, stack
from openaco.feeds.fhir import ClinicalData
from openaco.measures.definition import MeasureError, definition_of
from openaco.measures.evaluate import Evaluation, RateResult
from openaco.measures.events_from_evidence import SELF_REPORT, self_report_counts
from openaco.measures.gaps import gaps
from openaco.measures.language import Period
from openaco.measures.trace import traces
from openaco.tables import ClinicalQuarantine, LakeTable, MeasureGap, MeasureResult

Row = Mapping[str, Any]


def evaluate_to(
    engine: Engine,
    data: ClinicalData,
    measures: Sequence[str],
    year: int,
    value_sets: Sequence[Row],
    folder: Path,
    *,
    form: str = "parquet",
    trace: bool = False,
) -> list[RateResult]:
    """Evaluate measures and write `measure_result`, `measure_rate`, `measure_gap` and `clinical_quarantine`.

    form: parquet, csv or json (one object on each line). Rows are in the order of their keys. Returns the rates.
    """
    period = Period.of_year(year)
    evaluations = [
        Evaluation(engine, data.people, _that_count(data.events, measure, year), value_sets, measure, period)
        for measure in measures
    ]
    rates = [rate for evaluation in evaluations for rate in evaluation.rate_results()]
    _make(folder)
    results = engine.to_rows(stack([evaluation.results for evaluation in evaluations]))
    _write(folder, MeasureResult, results, form)
    _write(folder, MeasureGap, engine.to_rows(stack([gaps(evaluation) for evaluation in evaluations])), form)
    _write(folder, ClinicalQuarantine, list(data.quarantine), form)
    _write_rates(folder, rates, form)
    if trace:
        _write_traces(folder / "trace.ndjson", evaluations)
    return rates


def _that_count(events: Table, measure: str, year: int) -> Table:
    """The events without what the patient said, where the measure does not let it count."""
    definition_of(measure).version(year)
    return events if self_report_counts(measure, year) else events.filter(_.source != SELF_REPORT)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MeasureError(f"cannot make the folder: {error.strerror}", where=str(folder)) from error


def _write(folder: Path, table: type[LakeTable], rows: Sequence[Row], form: str) -> None:
    schema = arrow_schema(table)
    ordered = sorted(rows, key=lambda row: [str(row.get(name) or "") for name in table.key])
    columns = [pa.array([row.get(field.name) for row in ordered], field.type) for field in schema]
    _write_table(folder, table.name, pa.table(columns, schema=schema), form)


def _write_rates(folder: Path, rates: Iterable[RateResult], form: str) -> None:
    _write_table(folder, "measure_rate", pa.Table.from_pylist([rate.as_data() for rate in rates]), form)


def _write_table(folder: Path, name: str, table: pa.Table, form: str) -> None:
    path = folder / f"{name}.{form}"
    if form == "parquet":
        pq.write_table(table, path)
    elif form == "csv":
        pacsv.write_csv(table, path)
    else:
        lines = (json.dumps(row, default=str) for row in table.to_pylist())
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_traces(path: Path, evaluations: Iterable[Evaluation]) -> None:
    with path.open("w", encoding="utf-8") as out:
        for evaluation in evaluations:
            for person, told in traces(evaluation).items():
                entry = {"person_id": person, "measure": evaluation.definition.id, "rates": told}
                out.write(json.dumps(entry) + "\n")

"""The folder `matching/` of an ACO: the crosswalk, the links drawn by probability, and the pairs to be decided.

crosswalk.parquet   one record: its person, the reason, the score, the record it was joined with
links.parquet       one probable link that was drawn: drawn again when only exact keys are looked at
review.csv          one pair to decide; filled in, it is loaded with `openaco load matches`
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from openaco.engine import Engine, Lake, Table
from openaco.programs.matching.links import PROBABLE, Link
from openaco.programs.matching.match import Matching, Question, match_people, read_decisions
from openaco.programs.matching.records import Record, source_records

CROSSWALK, LINKS, REVIEW = "crosswalk.parquet", "links.parquet", "review.csv"
_CROSSWALK = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_person_id", pa.string()),
        ("person_id", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("linked_system", pa.string()),
        ("linked_person_id", pa.string()),
    ]
)
_LINKS = pa.schema(
    [
        *((f"{name}_{number}", pa.string()) for number in (1, 2) for name in ("source_system", "source_person_id")),
        ("score", pa.float64()),
    ]
)
_SHOWN = {
    "first_name": "first_name",
    "last_name": "last_name",
    "birth_date": "birth_date",
    "sex": "sex_code",
    "zip_code": "zip_code",
    "address": "address",
    "phone": "phone",
}


def match_lake(engine: Engine, lake: Lake, folder: Path, *, probable: bool) -> Matching:
    """Match everybody in the lake. Without `probable`, links that an earlier run drew by probability stay."""
    records, decisions = source_records(engine, lake), read_decisions(engine, lake)
    return match_people(records, decisions, probable=probable, kept=[] if probable else read_links(folder))


def write_matching(matching: Matching, folder: Path) -> None:
    """Write the three files, each replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / CROSSWALK, _parquet(crosswalk_rows(matching), _CROSSWALK))
    _replace(folder / LINKS, _parquet([_link_row(link) for link in matching.links], _LINKS))
    _replace(folder / REVIEW, _review(matching.questions).encode("utf-8"))


def crosswalk_table(engine: Engine, matching: Matching) -> Table:
    """The crosswalk as a table: `source_system`, `source_person_id`, `person_id`, reason and score."""
    return engine.from_arrow(pa.Table.from_pylist(crosswalk_rows(matching), schema=_CROSSWALK))


def crosswalk_rows(matching: Matching) -> list[dict[str, Any]]:
    """One row a record."""
    return [
        {
            "source_system": item.record.system,
            "source_person_id": item.record.id,
            "person_id": item.person_id,
            "reason": item.reason,
            "score": item.score,
            "linked_system": item.linked_to[0] if item.linked_to else None,
            "linked_person_id": item.linked_to[1] if item.linked_to else None,
        }
        for item in matching.placed
    ]


def read_links(folder: Path) -> list[Link]:
    """The probable links that an earlier run drew; none where there was none."""
    path = folder / LINKS
    if not path.is_file():
        return []
    return [
        Link(
            (row["source_system_1"], row["source_person_id_1"]),
            (row["source_system_2"], row["source_person_id_2"]),
            PROBABLE,
            row["score"],
        )
        for row in pq.read_table(path).to_pylist()
    ]


def _link_row(link: Link) -> dict[str, Any]:
    ends = {f"source_system_{at}": key[0] for at, key in enumerate((link.first, link.second), start=1)}
    ids = {f"source_person_id_{at}": key[1] for at, key in enumerate((link.first, link.second), start=1)}
    return ends | ids | {"score": link.score}


def _review(questions: tuple[Question, ...]) -> str:
    shown = [f"{name}_{at}" for name in _SHOWN for at in (1, 2)]
    ends = ["source_system_1", "source_person_id_1", "source_system_2", "source_person_id_2"]
    header = [*ends, "decision", "decided_by", "decided_on", "reason", "score", *shown]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n", restval="")
    writer.writeheader()
    for question in questions:
        row = _link_row(question.link) | {"reason": f"{question.link.reason}: {question.why}"}
        for at, record in enumerate((question.one, question.other), start=1):
            row |= _shown(record, at)
        writer.writerow({name: "" if value is None else value for name, value in row.items()})
    return text.getvalue()


def _shown(record: Record, at: int) -> dict[str, Any]:
    return {f"{name}_{at}": getattr(record, attribute) for name, attribute in _SHOWN.items()}


def _parquet(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), buffer)
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)

"""Score a file of people: raw CMS-HCC scores, and for each row the way from codes to factors."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from openaco.engine import Engine
from openaco.programs.risk.cases import RiskCase, read_cases
from openaco.rules.risk import CASE, RiskScores, confidence_of, reference_tables, risk_scores
from openaco.rules.risk.diagnoses import COUNTS, OUTCOMES

THOUSANDTH = Decimal("0.001")
COLUMNS = (
    "id",
    "raw_score",
    "model",
    "payment_year",
    "segment",
    "age_sex",
    "demographics",
    "categories",
    "dropped",
    "interactions",
    "category_count",
    "codes",
    "divisor",
    "problems",
    "confidence",
    "expected_raw_score",
    "agrees",
)
DIAGNOSIS = pa.schema([("case_id", pa.int64()), ("icd10cm", pa.string())])


@dataclass
class ScoredRow:
    """One row of the answer. raw_score: three digits, None where it cannot be told; then `problems` says why."""

    case: RiskCase
    raw_score: Decimal | None = None
    segment: str = ""
    divisor: float = 1.0
    factors: dict[str, list[tuple[str, Decimal]]] = field(default_factory=dict)
    categories: list[dict[str, Any]] = field(default_factory=list)
    diagnoses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def expected(self) -> Decimal | None:
        """The score that the file states, to three digits."""
        try:
            return Decimal(self.case.expected).quantize(THOUSANDTH, ROUND_HALF_UP) if self.case.expected else None
        except InvalidOperation:
            return None

    @property
    def agrees(self) -> bool | None:
        """Whether the score is the expected one to three digits; None if nothing is expected."""
        return None if not self.case.expected else self.raw_score is not None and self.raw_score == self.expected

    def as_row(self) -> dict[str, str]:
        """The row as text, by `COLUMNS`."""
        year = self.case.year
        agrees = {True: "yes", False: "no", None: ""}[self.agrees]
        return {
            "id": self.case.id,
            "raw_score": "" if self.raw_score is None else str(self.raw_score),
            "model": year.model if year else "",
            "payment_year": str(year.payment_year) if year else "",
            "segment": self.segment,
            "age_sex": self._told("cell"),
            "demographics": self._told("demographic"),
            "categories": self._told("category"),
            "dropped": "; ".join(self._dropped()),
            "interactions": self._told("interaction"),
            "category_count": self._told("count"),
            "codes": "; ".join(self._codes()),
            "divisor": "" if self.divisor == 1 else str(self.divisor),
            "problems": "; ".join(f"{name}: {detail}" if detail else name for name, detail in self.case.problems),
            "confidence": confidence_of(year) if year else "",
            "expected_raw_score": self.case.expected,
            "agrees": agrees,
        }

    def _told(self, kind: str) -> str:
        return "; ".join(f"{name} {factor}" for name, factor in sorted(self.factors.get(kind, []), key=_by_number))

    def _dropped(self) -> Iterator[str]:
        for row in sorted(self.categories, key=lambda row: int(row["hcc"])):
            if row["patched"]:
                yield f"HCC{row['hcc']} without a companion"
            elif row["dropped_by"] is not None:
                yield f"HCC{row['hcc']} by HCC{row['dropped_by']}"

    def _codes(self) -> Iterator[str]:
        for code in self.case.codes:
            rows = self.diagnoses.get(code, [])
            counted = sorted({row["hcc"] for row in rows if row["outcome"] == COUNTS})
            stopped = sorted({row["outcome"] for row in rows if row["outcome"] != COUNTS})
            if counted:
                yield f"{code} → {', '.join(f'HCC{hcc}' for hcc in counted)}"
            elif stopped:
                yield f"{code}: {', '.join(OUTCOMES[outcome] for outcome in stopped)}"
            else:
                yield f"{code}: no payment category"


def _by_number(item: tuple[str, Decimal]) -> tuple[str, int, str]:
    """HCC9 before HCC10."""
    letters = item[0].rstrip("0123456789")
    digits = item[0][len(letters) :]
    return letters, int(digits or 0), item[0]


@dataclass(frozen=True)
class ScoredFile:
    """The rows of a file, scored, in their order."""

    file: str
    rows: Sequence[ScoredRow]

    @property
    def scored(self) -> int:
        """How many rows have a score."""
        return sum(row.raw_score is not None for row in self.rows)

    @property
    def compared(self) -> int:
        """How many rows state an expected score."""
        return sum(row.agrees is not None for row in self.rows)

    @property
    def differing(self) -> list[ScoredRow]:
        """The rows whose score is not the expected one."""
        return [row for row in self.rows if row.agrees is False]

    def problems(self) -> dict[str, int]:
        """Every problem by name, with the number of rows that have it, the most frequent first."""
        counted = Counter(name for row in self.rows for name in {name for name, _ in row.case.problems})
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def tables(self) -> dict[tuple[str, int], tuple[str, int]]:
        """The models and payment years used: how sure their scores are, and how many rows."""
        years = Counter(row.case.year for row in self.rows if row.case.year)
        ordered = sorted(years, key=lambda year: year.number)
        return {(year.model, year.payment_year): (confidence_of(year), years[year]) for year in ordered}

    def write(self, out: Path) -> None:
        """Write the rows as CSV: `id` and `raw_score` first."""
        with out.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(row.as_row() for row in self.rows)

    def as_data(self, *, with_rows: bool) -> dict[str, Any]:
        """The answer for machines."""
        answer: dict[str, Any] = {
            "file": self.file,
            "cases": len(self.rows),
            "scored": self.scored,
            "compared": self.compared,
            "agree": self.compared - len(self.differing),
            "differ": [
                {"id": row.case.id, "raw_score": _text(row.raw_score), "expected_raw_score": row.case.expected}
                for row in self.differing
            ],
            "problems": self.problems(),
            "tables": [
                {"model": model, "payment_year": year, "cases": count, "confidence": confidence}
                for (model, year), (confidence, count) in self.tables().items()
            ],
        }
        return {**answer, "rows": [row.as_row() for row in self.rows]} if with_rows else answer


def _text(score: Decimal | None) -> str | None:
    return None if score is None else str(score)


def score_file(path: Path, engine: Engine, *, code_editor: bool = True) -> ScoredFile:
    """Score every row of a CSV file. Raises RiskFileError if it cannot be read."""
    return ScoredFile(path.name, score_cases(list(read_cases(path)), engine, code_editor=code_editor))


def score_cases(cases: Sequence[RiskCase], engine: Engine, *, code_editor: bool = True) -> list[ScoredRow]:
    """Score cases in one computation, whatever models and years they name; their order is kept."""
    rows = [ScoredRow(case) for case in cases]
    ready = {number: case for number, case in enumerate(cases) if case.can_be_scored}
    if not ready:
        return rows
    years = {case.year for case in ready.values() if case.year}
    people = [{"case_id": number, **case.values} for number, case in ready.items()]
    diagnoses = [{"case_id": number, "icd10cm": code} for number, case in ready.items() for code in case.codes]
    found = risk_scores(
        engine.from_arrow(pa.Table.from_pylist(people, schema=CASE)),
        engine.from_arrow(pa.Table.from_pylist(diagnoses, schema=DIAGNOSIS)),
        reference_tables(engine, years, code_editor=code_editor),
        checkpoint=engine.checkpoint,
    )
    _fill(rows, found, engine)
    for row in rows:
        _name_what_is_missing(row)
    return rows


def _fill(rows: Sequence[ScoredRow], found: RiskScores, engine: Engine) -> None:
    segments = found.people.join(found.reference.segment.select("segment_id", segment="its_segment"), "segment_id")
    for item in engine.to_rows(segments.select("case_id", "segment")):
        rows[item["case_id"]].segment = item["segment"]
    for item in engine.to_rows(found.scores):
        rows[item["case_id"]].raw_score = item["raw_score"]
        rows[item["case_id"]].divisor = item["divisor"]
    for item in engine.to_rows(found.factors()):
        rows[item["case_id"]].factors.setdefault(item["kind"], []).append((item["variable"], item["factor"]))
    for item in engine.to_rows(found.categories):
        rows[item["case_id"]].categories.append(item)
    for item in engine.to_rows(found.diagnoses):
        rows[item["case_id"]].diagnoses.setdefault(item["icd10cm"], []).append(item)


def _name_what_is_missing(row: ScoredRow) -> None:
    """A case without a segment, or whose segment has no cell for its age, is named."""
    if row.case.can_be_scored and row.raw_score is None:
        row.case.problems.append(("no segment fits", "age, dual status, institutional or kidney status"))
    elif row.raw_score is not None and not row.factors.get("cell") and not _is_transplant(row.factors):
        row.case.problems.append(("no age and sex cell in the segment", f"age {row.case.values['age']}"))


def _is_transplant(factors: Mapping[str, Iterable[tuple[str, Decimal]]]) -> bool:
    return any(name.startswith("TRANSPLANT") for name, _ in factors.get("demographic", ()))

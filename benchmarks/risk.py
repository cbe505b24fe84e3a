"""CMS-HCC V28 raw scores of 100,000 people beside hccinfhir, in one run: the ratio of times, and every difference.

    python -m benchmarks.risk                    # prints the ratio and the differences; exit 1 if one has no cause
    python -m benchmarks.risk --people 20000
    python -m benchmarks.risk --threads 1        # one core each: hccinfhir never uses more

Both score the same people from the same codes, payment year 2026. Ours reads Parquet files and ends with raw scores
and the factors behind them; hccinfhir's `calculate_from_diagnosis` is called for each person, with its `Demographics`
and lists of codes made beforehand. Rounds of both alternate and the best of each counts, so that a disturbed round does
not. The ratio of processor seconds stands beside that of wall seconds: other work on the machine moves it less.
A person whose scores differ must have a code that only one of the two maps; the rows of the tables are named.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hccinfhir import Demographics, HCCInFHIR

from benchmarks.home import WORK
from openaco.engine import Engine
from openaco.rules.risk import CASE, model_year, reference_tables, risk_scores
from openaco.rules.risk.models import table_rows

MODEL, THEIR_MODEL, YEAR = "CMS-HCC V28", "CMS-HCC Model V28", 2026
EVERYDAY = ("M545", "Z23", "I10", "E785", "K219", "Z0000", "R079", "J069", "N390", "H259", "L570", "R5383")
MAPPED_PER_PERSON = (0, 0, 1, 1, 2, 3, 4, 5, 6, 8)
EVERYDAY_PER_PERSON = 6
DUAL_CODES = {"none": "00", "full": "02", "partial": "01"}
LIMIT = 20.0
ROWS_OF_A_GROUP = 122_880
NAMED_AT_MOST = 10


@dataclass(frozen=True)
class People:
    """The invented people as columns, and their codes as lists."""

    cases: pa.Table
    diagnoses: pa.Table
    codes: list[list[str]]


@dataclass(frozen=True)
class Outcome:
    """What a run found. ours, theirs: best wall and processor seconds. unexplained: people whose scores differ without
    a row that says why."""

    people: int
    ours: tuple[float, float]
    theirs: tuple[float, float]
    equal: int
    explained: Counter[str]
    unexplained: list[int]

    @property
    def ratio(self) -> float:
        """How many times as fast ours is, by wall seconds."""
        return self.theirs[0] / self.ours[0]


def our_map() -> dict[str, set[int]]:
    """The codes of CMS's 2026 mapping of V28."""
    found: dict[str, set[int]] = {}
    for row in table_rows("diagnosis_to_hcc_2026"):
        if row["model"] == MODEL:
            found.setdefault(row["icd10cm"], set()).add(int(row["hcc"]))
    return found


def their_map() -> dict[str, set[int]]:
    """The codes that hccinfhir maps by default, age and sex edits included."""
    found: dict[str, set[int]] = {}
    data = resources.files("hccinfhir") / "data"
    for name, key, hcc in (
        ("ra_dx_to_cc_2026.csv", "diagnosis_code", "cc"),
        ("ra_dx_edits.csv", "icd10", "cc_override"),
    ):
        with (data / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["model_name"] == THEIR_MODEL and row[hcc]:
                    found.setdefault(row[key], set()).add(int(row[hcc]))
    return found


def make_people(count: int, seed: int) -> People:
    """People of all ages with codes of either map, more often of those that both have."""
    draw = np.random.default_rng(seed)
    mapped = sorted(set(our_map()) | set(their_map()))
    age = np.clip(draw.normal(72, 13, count).astype(int), 20, 104)
    dual = draw.choice(["none", "none", "none", "none", "full", "partial"], count)
    number = model_year(MODEL, YEAR).number
    zeros = np.zeros(count, np.int64)
    columns: dict[str, Any] = {
        "case_id": np.arange(count),
        "edit_age": age,
        "number": np.full(count, number),
        "segment": [None] * count,
        "age": age,
        "sex": draw.integers(1, 3, count),
        "orec": np.where(age < 65, "1", draw.choice(["0", "0", "0", "0", "1"], count)),
        "dual": dual,
        "medicaid": (dual != "none").astype(int),
        "new_enrollee": (draw.random(count) < 0.03).astype(int),
        "special_needs_plan": zeros,
        "long_term_institutional": (draw.random(count) < 0.02).astype(int),
        "low_income": zeros,
        "esrd": zeros,
        "kidney_status": [None] * count,
        "graft_months": [None] * count,
    }
    columns["long_term_institutional"] *= 1 - columns["new_enrollee"]
    sizes = draw.choice(MAPPED_PER_PERSON, count)
    codes = [
        sorted({*draw.choice(mapped, size), *draw.choice(EVERYDAY, EVERYDAY_PER_PERSON)}) for size in sizes.tolist()
    ]
    diagnoses = {
        "case_id": pa.array([person for person, found in enumerate(codes) for _ in found], pa.int64()),
        "icd10cm": pa.array([str(code) for found in codes for code in found], pa.string()),
    }
    cases = pa.table({name: pa.array(values, CASE.field(name).type) for name, values in columns.items()}, schema=CASE)
    return People(cases, pa.table(diagnoses), [[str(code) for code in found] for found in codes])


class Ours:
    """Our engine, with the tables loaded and the people in Parquet files."""

    def __init__(self, engine: Engine, folder: Path, people: People) -> None:
        self.engine = engine
        self.files = {name: folder / f"{name}.parquet" for name in ("cases", "diagnoses")}
        for name, data in (("cases", people.cases), ("diagnoses", people.diagnoses)):
            pq.write_table(data, self.files[name], row_group_size=ROWS_OF_A_GROUP)
        self.reference = reference_tables(engine, [model_year(MODEL, YEAR)])

    def score(self) -> list[Decimal]:
        """The scores in the order of people."""
        cases, diagnoses = (self.engine.read_parquet([file]) for file in self.files.values())
        found = risk_scores(cases, diagnoses, self.reference, checkpoint=self.engine.checkpoint)
        scores = found.scores.select("case_id", "raw_score").to_pyarrow().sort_by("case_id")
        return list(scores["raw_score"].to_pylist())


class Theirs:
    """hccinfhir, with its arguments made."""

    def __init__(self, people: People) -> None:
        self.processor = HCCInFHIR(model_name=THEIR_MODEL)
        self.given = [
            (
                codes,
                Demographics(
                    age=row["age"],
                    sex="M" if row["sex"] == 1 else "F",
                    dual_elgbl_cd=DUAL_CODES[row["dual"]],
                    orec=row["orec"],
                    new_enrollee=bool(row["new_enrollee"]),
                    lti=bool(row["long_term_institutional"]),
                ),
            )
            for row, codes in zip(people.cases.to_pylist(), people.codes, strict=True)
        ]

    def score(self) -> list[float]:
        """The scores in the order of people."""
        return [self.processor.calculate_from_diagnosis(codes, person).risk_score for codes, person in self.given]


Scored = TypeVar("Scored")


def timed(work: Callable[[], list[Scored]]) -> tuple[float, float, list[Scored]]:
    """Wall seconds, processor seconds, and what came out."""
    wall, processor = time.perf_counter(), time.process_time()
    scores = work()
    return time.perf_counter() - wall, time.process_time() - processor, scores


def compare(people: People, ours: list[Decimal], theirs: list[float]) -> tuple[int, Counter[str], list[int]]:
    """How many agree to three decimals; by rows of the tables why others do not; who differs without a cause."""
    mine, other = our_map(), their_map()
    equal, explained, unexplained = 0, Counter[str](), []
    for number, (score, their_score) in enumerate(zip(ours, theirs, strict=True)):
        if abs(float(score) - their_score) < 0.0005:
            equal += 1
            continue
        causes = list(_causes(people.codes[number], mine, other))
        explained.update(causes)
        if not causes:
            unexplained.append(number)
    return equal, explained, unexplained


def _causes(codes: list[str], mine: dict[str, set[int]], other: dict[str, set[int]]) -> Iterator[str]:
    """The rows that only one of the tables has for a person's codes."""
    for code in codes:
        for hcc in sorted(other.get(code, set()) - mine.get(code, set())):
            yield f"{code} → HCC{hcc}: in hccinfhir's table, not in CMS's of {YEAR}"
        for hcc in sorted(mine.get(code, set()) - other.get(code, set())):
            yield f"{code} → HCC{hcc}: in CMS's table of {YEAR}, not in hccinfhir's"


def measure(
    count: int, seed: int = 7, rounds: int = 3, ours_in_a_round: int = 6, threads: int | None = None
) -> Outcome:
    """Score everybody both ways, in turns, and compare."""
    folder = WORK / "risk"
    folder.mkdir(parents=True, exist_ok=True)
    people = make_people(count, seed)
    theirs = Theirs(people)
    our_rounds, their_rounds = [], []
    with Engine.duckdb(threads=threads) as engine:
        ours = Ours(engine, folder, people)
        for _ in range(rounds):
            our_rounds += [timed(ours.score) for _ in range(ours_in_a_round)]
            their_rounds.append(timed(theirs.score))
    equal, explained, unexplained = compare(people, our_rounds[0][2], their_rounds[0][2])
    return Outcome(
        people=count,
        ours=(min(wall for wall, _, _ in our_rounds), min(cpu for _, cpu, _ in our_rounds)),
        theirs=(min(wall for wall, _, _ in their_rounds), min(cpu for _, cpu, _ in their_rounds)),
        equal=equal,
        explained=explained,
        unexplained=unexplained,
    )


def main() -> int:
    """Print the ratio and the differences; exit 1 if it is below the limit or a difference has no cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, help="Threads of our engine; default: one for each core.")
    options = parser.parse_args()
    found = measure(options.people, options.seed, threads=options.threads)
    differing = found.people - found.equal
    print(f"{found.people:,} people: ours {found.ours[0]:.2f} s, hccinfhir {found.theirs[0]:.2f} s")
    by_processor = found.theirs[1] / found.ours[1]
    print(f"{found.ratio:.1f} times as fast (limit {LIMIT:.0f}); {by_processor:.1f} times by processor seconds")
    print(
        f"{found.equal:,} scores equal to 3 decimals, {differing:,} differ, {len(found.unexplained):,} without a cause"
    )
    for cause, people in found.explained.most_common(NAMED_AT_MOST):
        print(f"  {people:>5} {cause}")
    if len(found.explained) > NAMED_AT_MOST:
        print(f"  … and {len(found.explained) - NAMED_AT_MOST} more rows")
    return int(bool(found.unexplained) or found.ratio < LIMIT)


if __name__ == "__main__":
    sys.exit(main())

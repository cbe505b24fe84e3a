"""Writes a whole made-up ACO: the files CMS would send it, and the truth beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from openaco.errors import ConfigurationError
from openaco.synthetic import roster
from openaco.synthetic.cclf_package import pack
from openaco.synthetic.days import date_of
from openaco.synthetic.enrollment_files import header
from openaco.synthetic.exclusions import exclusion_file, exclusion_name, preference_file, preference_name
from openaco.synthetic.landscape import draw_landscape
from openaco.synthetic.people import CHUNK
from openaco.synthetic.settle import Settled, settle
from openaco.synthetic.timeline import Timeline, timeline_for
from openaco.synthetic.truth.assignment import METHODS
from openaco.synthetic.truth.files import FINAL_CLAIMS, PERSON_MONTHS
from openaco.synthetic.work import Job, Result, part, work

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done."""
WORKERS = 2
TRACKS = ("BASIC_A", "BASIC_B", "BASIC_C", "BASIC_D", "BASIC_E", "ENHANCED")


@dataclass(frozen=True)
class Summary:
    """What was written. records: lines by CCLF file (1 to 9, A, B), re-deliveries included."""

    folder: Path
    beneficiaries: int
    years: tuple[int, ...]
    deliveries: tuple[str, ...]
    records: dict[str, int]
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def claim_rows(self) -> int:
        """Lines of claims in all deliveries together: CCLF1 to 7, A and B."""
        return sum(count for letter, count in self.records.items() if letter not in "89")


def generate(
    out: Path,
    beneficiaries: int,
    years: tuple[int, ...],
    seed: int,
    progress: Progress | None = None,
    *,
    track: str = "BASIC_E",
    method: str = "retrospective",
) -> Summary:
    """Write the made-up ACO into `out`, which must be empty or not exist. Same arguments, same bytes.

    beneficiaries: people whom the ACO ever hears of. years: four or more in a row; the last is the performance year.
    Raises ConfigurationError for years or numbers that make no ACO, or a folder that is in use.
    """
    timeline = timeline_for(tuple(years))
    tell = progress or (lambda done, what: None)
    _check(out, beneficiaries, track, method)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".spool-") as temporary:
        folder = Path(temporary)
        jobs = [
            Job(seed, timeline, beneficiaries, number, folder, method) for number in range(-(-beneficiaries // CHUNK))
        ]
        results = []
        for result in _in_parallel(work, jobs):
            results.append(result)
            tell(0.8 * len(results) / len(jobs), f"{min(len(results) * CHUNK, beneficiaries):,} people")
        settled = settle(out, folder, timeline, results, seed, track, method)
        tell(0.85, "truth")
        _write_deliveries(out / "cclf", timeline, results, tell)
        _write_joined(out, folder, timeline, len(jobs))
    _write_small_files(out, seed, beneficiaries, timeline, results, settled)
    tell(1.0, "done")
    records = {letter: sum(result.counts[letter] for result in results) for letter in sorted(results[0].counts)}
    names = tuple(one.name for one in timeline.deliveries)
    return Summary(out, beneficiaries, timeline.years, names, records, settled.facts)


def _check(out: Path, beneficiaries: int, track: str, method: str) -> None:
    if track not in TRACKS:
        raise ConfigurationError(
            f"{track!r} is no track", where="--agreement-track", remedy=f"Known: {', '.join(TRACKS)}."
        )
    if method not in METHODS:
        remedy = f"Known are {', '.join(METHODS)}."
        raise ConfigurationError(f"{method!r} is no method", where="--assignment-method", remedy=remedy)
    if beneficiaries < 100:
        raise ConfigurationError("an ACO of fewer than 100 people shows nothing", where="--beneficiaries")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError("is not empty", where=str(out), remedy="Choose another folder, or remove it.")


def _in_parallel(task: Callable[[Job], Result], jobs: list[Job]) -> Iterator[Result]:
    """Results in the order of the jobs, computed by as many processes as there are cores, two at most."""
    workers = min(WORKERS, os.cpu_count() or 1, len(jobs))
    if workers == 1:
        yield from map(task, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(task, jobs)


@dataclass(frozen=True)
class _Packing:
    target: Path
    timeline: Timeline
    number: int
    results: list[Result]


def _pack(task: _Packing) -> dict[str, int]:
    return pack(task.target, task.timeline.deliveries[task.number], [one.spool for one in task.results])


def _write_deliveries(target: Path, timeline: Timeline, results: list[Result], tell: Progress) -> None:
    target.mkdir()
    tasks = [_Packing(target, timeline, one.number, results) for one in timeline.deliveries]
    for done, _ in enumerate(_in_parallel(_pack, tasks), start=1):  # type: ignore[arg-type]
        tell(0.85 + 0.12 * done / len(tasks), f"delivery {timeline.deliveries[done - 1].name}")
    for delivery in timeline.deliveries:
        _date(target / delivery.name, timeline, delivery.number)


def _write_joined(out: Path, folder: Path, timeline: Timeline, chunks: int) -> None:
    """Files whose parts the workers left: beneficiary files, final claims, person-months."""

    def parts(name: str) -> Iterator[Path]:
        return (part(folder, name, chunk) for chunk in range(chunks))

    (out / "enrollment").mkdir()
    for year in timeline.enrollment_years:
        path = out / "enrollment" / f"beneficiary_{year}.csv"
        _join(path, "|".join(header()), parts(path.stem))
        _date(path, timeline)
    _join(out / "truth" / "final_claims.csv", FINAL_CLAIMS, parts("final_claims"))
    _join(out / "truth" / "person_months.csv", PERSON_MONTHS, parts("person_months"))


def _join(path: Path, first_line: str, parts: Iterable[Path]) -> None:
    with path.open("wb") as out:
        out.write(first_line.encode() + b"\n")
        for one in parts:
            with one.open("rb") as source:
                shutil.copyfileobj(source, out, 1 << 20)


def _write_small_files(
    out: Path, seed: int, beneficiaries: int, timeline: Timeline, results: list[Result], settled: Settled
) -> None:
    land = draw_landscape(seed, beneficiaries, timeline.performance_year)
    designated = [row for result in results for row in result.designations]
    files = {
        "roster/participants.csv": roster.participants(land),
        "roster/providers.csv": roster.providers(land),
        "roster/electing_hospitals.csv": roster.electing_hospitals(land),
        "roster/physician_fee_schedule.csv": roster.fee_schedule(timeline),
        "roster/voluntary_alignment.csv": roster.csv_text(roster.DESIGNATION_HEADER, designated),
        f"bnex/{exclusion_name(timeline)}": exclusion_file(timeline, [x for one in results for x in one.excluded]),
        f"preference/{preference_name(timeline)}": preference_file(
            timeline, [x for one in results for x in one.preferences]
        ),
        **settled.files,
    }
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        _date(path, timeline)


def _date(path: Path, timeline: Timeline, delivery: int = -1) -> None:
    """Give a file the time of a delivery, because files without a date in their name are told apart by it."""
    sent = timeline.deliveries[delivery].sent
    noon = (sent - date_of(0)).days * 86400 + 43200
    os.utime(path, (noon, noon))

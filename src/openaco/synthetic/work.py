"""What one worker does with one chunk: draw it, spool its CCLF lines, write its parts of the other files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openaco.synthetic.assignment_reports import report_lines
from openaco.synthetic.cclf_claims import claim_blocks
from openaco.synthetic.cclf_package import Spool, spool
from openaco.synthetic.cclf_people import people_blocks
from openaco.synthetic.chunk import draw_chunk
from openaco.synthetic.enrollment_files import beneficiary_lines
from openaco.synthetic.exclusions import excluded, preferences
from openaco.synthetic.roster import Row, designation_rows, designations
from openaco.synthetic.scores import demographic_scores
from openaco.synthetic.timeline import Timeline
from openaco.synthetic.truth.chunk_truth import ChunkTruth, find_truth


@dataclass(frozen=True)
class Job:
    """What a worker needs to know."""

    seed: int
    timeline: Timeline
    beneficiaries: int
    chunk: int
    folder: Path
    method: str


@dataclass
class Result:
    """What a worker hands back: where its parts lie, and the small things themselves."""

    chunk: int
    spool: Spool
    excluded: list[str]
    preferences: list[str]
    designations: list[Row]
    truth: ChunkTruth
    counts: dict[str, int]
    demographic: dict[int, list[float]]


def part(folder: Path, name: str, chunk: int) -> Path:
    """Where a worker leaves its part of a file."""
    return folder / f"{name}-{chunk:05d}"


def work(job: Job) -> Result:
    """Draw a chunk and write everything that can be written without knowing the others."""
    chunk = draw_chunk(job.seed, job.timeline, job.beneficiaries, job.chunk)
    blocks = [*claim_blocks(chunk), *people_blocks(chunk)]
    found = spool(job.folder, job.chunk, blocks, len(job.timeline.deliveries))
    counts = {letter: len(lines) for letter, lines, _ in blocks}
    del blocks
    for year in job.timeline.enrollment_years:
        lines = beneficiary_lines(chunk, year)
        _leave(job, f"beneficiary_{year}", lines)
    designated = designations(chunk)
    final_claims, person_months = (part(job.folder, name, job.chunk) for name in ("final_claims", "person_months"))
    truth = find_truth(chunk, designated, job.seed, job.method, final_claims, person_months)
    for year in job.timeline.settled_years:
        reported = report_lines(chunk, truth, designated, job.method, year)
        _leave(job, f"report_{year}", ["\t".join(map(str, one)) for one in reported])
    truth.ours.clear()
    return Result(
        job.chunk,
        found,
        excluded(chunk),
        preferences(chunk),
        designation_rows(chunk, designated),
        truth,
        counts,
        {year: demographic_scores(chunk, year).tolist() for year in job.timeline.settled_years[-2:]},
    )


def _leave(job: Job, name: str, lines: list[str]) -> None:
    part(job.folder, name, job.chunk).write_text("".join(f"{one}\n" for one in lines), "utf-8")

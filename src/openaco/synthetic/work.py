"""What one worker does with one chunk: draw it, spool its CCLF lines, write its parts of the other files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from openaco.synthetic.cclf_claims import claim_blocks
from openaco.synthetic.cclf_package import Spool, spool
from openaco.synthetic.cclf_people import people_blocks
from openaco.synthetic.chunk import draw_chunk
from openaco.synthetic.enrollment_files import beneficiary_lines
from openaco.synthetic.exclusions import excluded, preferences
from openaco.synthetic.roster import designations
from openaco.synthetic.timeline import Timeline


@dataclass(frozen=True)
class Job:
    """What a worker needs to know."""

    seed: int
    timeline: Timeline
    beneficiaries: int
    chunk: int
    folder: Path


@dataclass
class Result:
    """What a worker hands back: where its parts lie, and the small things themselves."""

    chunk: int
    spool: Spool
    excluded: list[str]
    preferences: list[str]
    designations: list[tuple[str, str, str, str, str]]
    counts: dict[str, int] = field(default_factory=dict)


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
        part(job.folder, f"beneficiary_{year}", job.chunk).write_text("".join(f"{one}\n" for one in lines), "utf-8")
    return Result(job.chunk, found, excluded(chunk), preferences(chunk), designations(chunk), counts)

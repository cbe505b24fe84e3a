"""Collects the files of all chunks and packs each delivery into the ZIP that CMS would send."""

from __future__ import annotations

import datetime
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openaco.synthetic.cclf_claims import Block
from openaco.synthetic.fixed_width import record_length
from openaco.synthetic.timeline import Delivery

FILES = "123456789AB"
DESCRIPTIONS = {
    "1": "Part A Claims Header File",
    "2": "Part A Claims Revenue Center Detail File",
    "3": "Part A Procedure Code File",
    "4": "Part A Diagnosis Code File",
    "5": "Part B Physicians File",
    "6": "Part B DME File",
    "7": "Part D File",
    "8": "Beneficiary Demographics File",
    "9": "BENE XREF File",
    "A": "Part A BE and Demo Codes File",
    "B": "Part B BE and Demo Codes File",
}
HEADER = "File Number  |File Description    |Total Records Count |Record Length"
LEVEL = 1


@dataclass(frozen=True)
class Spool:
    """Where chunks leave their lines: one file for each CCLF file and chunk, lines in the order of deliveries.

    `bounds[letter][n]` is the first line of delivery n; the last entry is the number of lines.
    """

    folder: Path
    chunk: int
    bounds: dict[str, list[int]]

    def path(self, letter: str) -> Path:
        """The file of one letter."""
        return self.folder / f"{letter}-{self.chunk:05d}"


def spool(folder: Path, chunk: int, blocks: list[Block], deliveries: int) -> Spool:
    """Write the lines of a chunk; each block is one file."""
    found = Spool(folder, chunk, {})
    for letter, lines, delivery in blocks:
        found.bounds[letter] = np.searchsorted(delivery, np.arange(deliveries + 1)).tolist()
        lines.tofile(found.path(letter))
    return found


def pack(target: Path, delivery: Delivery, spools: list[Spool]) -> dict[str, int]:
    """Write one delivery's ZIP. Returns the number of records of each file."""
    counts = {}
    with zipfile.ZipFile(target / delivery.name, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as package:
        for letter in FILES:
            width = record_length(f"CCLF{letter}") + 1
            with package.open(_entry(delivery, letter), "w", force_zip64=True) as member:
                counts[letter] = sum(_copy(one, letter, delivery.number, width, member) for one in spools)
        lines = [HEADER, *(_control_line(letter, counts[letter]) for letter in FILES)]
        package.writestr(_entry(delivery, "0"), "\n".join(lines) + "\n", compresslevel=LEVEL)
    return counts


def _copy(one: Spool, letter: str, delivery: int, width: int, member: object) -> int:
    first, last = one.bounds[letter][delivery : delivery + 2]
    if last > first:
        with one.path(letter).open("rb") as source:
            source.seek(first * width)
            remaining = (last - first) * width
            while remaining:
                block = source.read(min(remaining, 1 << 22))
                member.write(block)  # type: ignore[attr-defined]
                remaining -= len(block)
    return last - first


def _entry(delivery: Delivery, letter: str) -> zipfile.ZipInfo:
    """The entry of one file; its time is that of the delivery, so that the same seed gives the same bytes."""
    sent: datetime.date = delivery.sent
    entry = zipfile.ZipInfo(delivery.member(letter), (sent.year, sent.month, sent.day, 12, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = LEVEL  # type: ignore[attr-defined]
    entry.external_attr = 0o644 << 16
    return entry


def _control_line(letter: str, count: int) -> str:
    """A line of CCLF0: what must be in each file."""
    return f"CCLF{letter}  |{DESCRIPTIONS[letter]:<43}|{count:>11}|{record_length(f'CCLF{letter}'):>5}"


def discard(folder: Path) -> None:
    """Remove the spools."""
    shutil.rmtree(folder, ignore_errors=True)

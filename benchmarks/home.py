"""The synthetic ACO of a benchmark: made once for each size and seed, loaded once, kept under `benchmarks/work`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WORK = Path(__file__).parent / "work"
OPENACO = Path(sys.executable).with_name("openaco")
SOURCES = {"roster": "roster", "rif": "enrollment", "alr": "alr", "bnex": "bnex", "preference": "preference"}


@dataclass(frozen=True)
class Ran:
    """What one command used: wall seconds, processor seconds, and the largest resident memory in gigabytes."""

    seconds: float
    processor_seconds: float
    gigabytes: float


def run(*arguments: str) -> Ran:
    """Run one `openaco` command; its output goes to the log. Stops the benchmark if it fails."""
    WORK.mkdir(exist_ok=True)
    started = time.monotonic()
    with (WORK / "log.txt").open("a") as log:
        process = subprocess.Popen([str(OPENACO), *arguments], stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"openaco {arguments[0]} failed with status {process.returncode}; see {WORK / 'log.txt'}")
    return Ran(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2)


def people_files(beneficiaries: int, seed: int) -> tuple[Path, Ran | None]:
    """The files of the synthetic ACO, and what making them used (None if they were there)."""
    folder = WORK / f"aco-{beneficiaries}-{seed}"
    if (folder / "aco.toml").is_file():
        return folder, None
    shutil.rmtree(folder, ignore_errors=True)
    made = run("generate", "--beneficiaries", str(beneficiaries), "--seed", str(seed), "--out", str(folder))
    return folder, made


def new_home(folder: Path) -> Path:
    """An ACO folder with everything but the claims loaded."""
    home = WORK / f"home-{folder.name}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(folder / "aco.toml", home)
    for source, name in SOURCES.items():
        run("load", source, str(folder / name), "--aco", str(home))
    return home


def load_claims(folder: Path, home: Path) -> Ran:
    """Load the claims packages."""
    return run("load", "cclf", str(folder / "cclf"), "--aco", str(home))


def loaded_home(beneficiaries: int, seed: int) -> Path:
    """An ACO folder with everything loaded; made anew if the files were."""
    folder, made = people_files(beneficiaries, seed)
    home = WORK / f"home-{folder.name}"
    if made is None and (home / "loaded").is_file():
        return home
    home = new_home(folder)
    load_claims(folder, home)
    (home / "loaded").touch()
    return home

"""What every command says alike: what to type next, so that it can be typed as it stands."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def program() -> str:
    """The name to type for this program: `openaco` where that is found, else the path it was started by."""
    started = Path(sys.argv[0])
    if started.stem != "openaco":
        return "openaco"
    found = shutil.which("openaco")
    if found and Path(found).resolve() == started.resolve():
        return "openaco"
    near = os.path.relpath(started)
    return str(started.resolve()) if near.startswith("..") else near


def command(*words: str, aco: Path | None = None) -> str:
    """A whole command line; the folder of the ACO is named where it is not the one we stand in."""
    option = ["--aco", str(aco)] if aco is not None and str(aco) != "." else []
    return " ".join([program(), *words, *option])

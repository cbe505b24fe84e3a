"""`make bench`: speed and memory of the whole way from claims to settlement, as ratios against a limit or a peer.

    make bench                               # 100,000 people × 4 years (makes the synthetic ACO first)
    make bench BENCH="--beneficiaries 20000"

Absolute times depend on the machine and on what else runs on it; each is therefore shown beside what it is compared
with, measured in the same run. Results are written to `benchmarks/work/results.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

from benchmarks import cclf_load, floor
from benchmarks.home import WORK, load_claims, new_home, people_files, run


@dataclass(frozen=True)
class Measure:
    """One figure beside its limit. `ratio` is value / limit for limits (≤ 1 is within), and as named for peers."""

    name: str
    value: float
    unit: str
    compared_with: str
    limit: float | None = None

    @property
    def within(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        return None if self.limit is None else self.value <= self.limit


def measure(beneficiaries: int, seed: int) -> list[Measure]:
    """Everything, in order."""
    found: list[Measure] = []
    folder, made = people_files(beneficiaries, seed)
    if made:
        limit = 720.0 * beneficiaries / 100_000
        found.append(Measure("generate", made.seconds, "s", "12 minutes at 100,000", limit))
        found.append(Measure("generate memory", made.gigabytes, "GB", "4 GB", 4.0))
    home = new_home(folder)
    loaded = load_claims(folder, home)
    (home / "loaded").touch()
    rows = floor.rows(home / "lake")
    packages = len(list((folder / "cclf").iterdir()))
    found.append(Measure("CCLF → lake", loaded.seconds, "s", f"{rows:,} rows in the lake, {packages} packages"))
    found.append(Measure("CCLF → lake memory", loaded.gigabytes, "GB", "2 GB", 2.0))
    settled = run("run", "--aco", str(home), "--year", "2024", "--no-report")
    scale = beneficiaries / 100_000
    found.append(Measure("claims → settlement", settled.seconds, "s", "60 s at 100,000", 60.0 * scale))
    found.append(Measure("claims → settlement memory", settled.gigabytes, "GB", "2 GB", 2.0))
    scanned = floor.scan_seconds(home / "lake")
    found.append(Measure("claims → settlement ÷ one scan and sum", settled.seconds / scanned, "×", "plain DuckDB"))
    for name, value, compared_with, limit in cclf_load.ratios(WORK / "cclf-load"):
        found.append(Measure(name, value, "×", compared_with, limit))
    return found


def main() -> int:
    """Print the figures as a table, write them as JSON; exit 1 if a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beneficiaries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    found = measure(options.beneficiaries, options.seed)
    for item in found:
        mark = {True: "within", False: "BROKEN", None: ""}[item.within]
        limit = f"limit {item.limit:.3g} {item.unit}" if item.limit is not None else ""
        print(f"{item.name:<44} {item.value:>10.2f} {item.unit:<3} {limit:<18} {mark:<7} {item.compared_with}")
    (WORK / "results.json").write_text(json.dumps([asdict(item) for item in found], indent=2) + "\n")
    return int(any(item.within is False for item in found))


if __name__ == "__main__":
    sys.exit(main())

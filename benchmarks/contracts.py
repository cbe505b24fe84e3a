"""One population under eight contracts: how long `openaco compare` takes, against its limit of 60 seconds.

    python -m benchmarks.contracts                          # 20,000 people
    python -m benchmarks.contracts --beneficiaries 100000

The contracts are those that the command takes by itself, and one payer's contract from the commented example.
"""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks.home import OPENACO, WORK, loaded_home, run
from openaco.cli.contract import example

LIMIT_SECONDS = 60.0


def main() -> int:
    """Print seconds, memory and the contracts compared; exit 1 if the limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beneficiaries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    home = loaded_home(options.beneficiaries, options.seed)
    (home / "contracts").mkdir(exist_ok=True)
    (home / "contracts" / "payer.toml").write_text(example("payer"), encoding="utf-8")
    used = run("compare", "--aco", str(home), "--out", str(WORK / "comparison"))
    found = json.loads((WORK / "comparison" / "comparison.json").read_text(encoding="utf-8"))
    print(f"{OPENACO.name} compare: {found['people']:,} people counted, {found['draws']} draws")
    for contract in found["contracts"]:
        print(f"  {contract['label']:<44}{contract['payment']:>16,.0f}{contract['expected_payment']:>16,.0f}")
    within = used.seconds <= LIMIT_SECONDS
    ratio = used.seconds / LIMIT_SECONDS
    mark = "within" if within else "BROKEN"
    print(f"{used.seconds:.1f} s wall, {used.processor_seconds:.1f} s of processor, {used.gigabytes:.2f} GB")
    print(f"{ratio:.2f} of the limit of {LIMIT_SECONDS:.0f} s at 20,000 people: {mark}")
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())

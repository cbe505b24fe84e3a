"""Loads a Tuva input layer: a folder, a ZIP or one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Package, open_package
from openaco.feeds.parquet_rows import rows_of
from openaco.feeds.textfile import plain_name
from openaco.feeds.tuva.columns import TuvaFile
from openaco.feeds.tuva.eligibility import read_eligibility
from openaco.feeds.tuva.medical import read_medical_claims
from openaco.feeds.tuva.pharmacy import read_pharmacy_claims
from openaco.parameters import parameter

READERS: dict[str, Callable[[TuvaFile, int, Output], None]] = {
    "medical_claim": read_medical_claims,
    "pharmacy_claim": read_pharmacy_claims,
    "eligibility": read_eligibility,
}


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load Tuva input-layer files: medical_claim, pharmacy_claim, eligibility; CSV (plain or gzip) or Parquet.

    The claims are final and paid, as that layer asks for; `person_id` (once `patient_id`) stands where an MBI would.
    Raises FeedError, naming file, line and remedy: an unknown file, a missing or doubled column. Lines with a wrong
    number of cells or an unreadable cell go to quarantine.
    """
    with open_package(path) as package:
        delivered = package.modified_at()
        return store(
            lake,
            "tuva",
            package,
            partial(_fill, package),
            name_delivery=partial(delivery_id, "tuva", delivered),
            progress=progress,
        )


def _fill(package: Package, output: Output) -> Mapping[str, Any]:
    delivered = package.modified_at()
    others = parameter("feeds/tuva/words", delivered.year).value["not_read"]
    for member in package.members:
        stem = re.sub(r"\.(csv|parquet)$", "", plain_name(member), flags=re.IGNORECASE).lower()
        kind = next((kind for kind in READERS if kind in stem), None)
        if kind:
            READERS[kind](rows_of(member, output.opener(member)), delivered.year, output)
        elif any(name in stem for name in others):
            output.notes.append(f"{member.name}: not read")
        else:
            raise FeedError(
                "is no file of the Tuva input layer",
                where=f"{package.name}/{member.name}" if package.name != member.name else member.name,
                remedy=f"Known are {', '.join(READERS)}, by name; take the file out, or give it its proper name.",
            )
    return {"delivered_on": delivered.date()}

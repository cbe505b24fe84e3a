"""Loads a RIF delivery: beneficiaries first, because the claims name people by BENE_ID only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Member, Package, open_package
from openaco.feeds.rif.beneficiaries import read_beneficiaries, read_history
from openaco.feeds.rif.claims import Tally
from openaco.feeds.rif.drugs import read_drug_events
from openaco.feeds.rif.institutional import read_institutional
from openaco.feeds.rif.people import People
from openaco.feeds.rif.suppliers import read_supplier_lines
from openaco.feeds.textfile import plain_name
from openaco.parameters import parameter

CLAIM_READERS: dict[str, Callable[[DelimitedFile, People, int, Output], Tally]] = {
    **dict.fromkeys(("inpatient", "outpatient", "snf", "hha", "hospice"), read_institutional),
    "carrier": partial(read_supplier_lines, "carrier"),
    "dme": partial(read_supplier_lines, "dme"),
    "pde": read_drug_events,
}


def load(lake: Lake, path: Path | str, *, progress: Progress | None = None) -> LoadReport:
    """Load RIF files: a folder, a ZIP or one file, plain or gzip; a folder may hold beneficiary files only.

    Claims are stored under the MBI that the beneficiary files of the same delivery give; without one under BENE_ID.
    Raises FeedError, naming file, line and remedy: an unknown file, a missing or doubled column, numbers of claims
    that are not those of export_summary. Lines with a wrong number of cells or an unreadable cell go to quarantine.
    """
    with open_package(path) as package:
        delivered = package.modified_at()
        return store(
            lake,
            "rif",
            package,
            partial(_fill, package),
            name_delivery=partial(delivery_id, "rif", delivered),
            progress=progress,
        )


def _fill(package: Package, output: Output) -> Mapping[str, Any]:
    delivered = package.modified_at()
    files = _files(package, parameter("feeds/rif/files", delivered.year).value)
    people = People()
    for _, member in sorted(files["beneficiary"], key=lambda item: item[0] or "9999", reverse=True):
        read_beneficiaries(_opened(member, output), people, delivered.year, output)
    for _, member in files["beneficiary_history"]:
        read_history(_opened(member, output), people, delivered.year, output)
    tallies: dict[str, Tally] = {}
    for kind, reader in CLAIM_READERS.items():
        for _, member in files[kind]:
            tally = reader(_opened(member, output), people, delivered.year, output)
            tallies[kind] = tallies[kind] + tally if kind in tallies else tally
    people.finish(output)
    for _, member in files["summary"]:
        _reconcile(DelimitedFile(member.name, output.opener(member)), tallies, output)
    output.notes += [note for kind, tally in tallies.items() for note in tally.notes(kind)]
    return {"delivered_on": delivered.date()}


def _opened(member: Member, output: Output) -> DelimitedFile:
    return DelimitedFile(member.name, output.opener(member), delimiter="|", quoted=False)


def _files(package: Package, names: Mapping[str, Any]) -> dict[str, list[tuple[str, Member]]]:
    """The members by kind, each with the year in its name. Raises FeedError for a name that is none of RIF's."""
    found: dict[str, list[tuple[str, Member]]] = defaultdict(list)
    for member in package.members:
        stem = re.sub(r"\.(csv|txt|rif|tsv|xml)$", "", plain_name(member), flags=re.IGNORECASE)
        for kind, pattern in names["kinds"].items():
            match = re.fullmatch(pattern, stem, flags=re.IGNORECASE)
            if match:
                found[kind].append((match.groupdict().get("year") or "", member))
                break
        else:
            if not any(re.fullmatch(pattern, stem, flags=re.IGNORECASE) for pattern in names["not_read"]):
                raise FeedError(
                    "is no file of a RIF delivery",
                    where=f"{package.name}/{member.name}" if package.name != member.name else member.name,
                    remedy=f"Known are {', '.join(names['kinds'])}; take the file out, or give it its proper name.",
                )
    return found


def _reconcile(summary: DelimitedFile, tallies: Mapping[str, Tally], output: Output) -> None:
    """Raise FeedError where export_summary counts other numbers of claims than the files hold."""
    counted = {name.removesuffix("_CLAIMS").lower(): name for name in summary.header if name.endswith("_CLAIMS")}
    stated = dict.fromkeys(counted, 0)
    for batch in summary.batches(list(counted.values())):
        for kind, name in counted.items():
            stated[kind] += sum(int(cell) for cell in batch.rows[name].to_pylist() if cell and cell.strip().isdigit())
    for kind, number in stated.items():
        tally = tallies.get(kind, Tally())
        if tally.unreadable:
            output.notes.append(f"{kind}: not compared with {summary.name}, because lines could not be read")
        elif number != tally.claims:
            raise FeedError(
                f"{summary.name} counts {number} {kind} claims, the files hold {tally.claims}",
                where=summary.name,
                remedy="A file is missing or cut off; export again, or take the summary out if it is another export's.",
            )

"""Reads files with prices: which kind each is shows its beginning, not its name."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, delivery_id
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.lines import Opener, first_line
from openaco.feeds.loading import store
from openaco.feeds.output import Output
from openaco.feeds.package import Member, Package, files_in, open_package
from openaco.feeds.rates.hospital_csv import is_hospital_csv, read_hospital_csv
from openaco.feeds.rates.hospital_json import SERVICES, read_hospital_json
from openaco.feeds.rates.in_network import CODES, REFERENCES, read_in_network
from openaco.feeds.rates.json_stream import scalars
from openaco.feeds.rates.price_list import read_mapping, read_price_list
from openaco.feeds.rates.prices import Prices, tin
from openaco.tables import MarketRate, NegotiatedRate
from openaco.tables.rates import Rate

Role = Literal["negotiated", "market"]
TABLES: dict[str, type[Rate]] = {"negotiated": NegotiatedRate, "market": MarketRate}

deliveries_in = files_in
"""Each file of a folder is a delivery of its own."""


def load(
    lake: Lake,
    path: Path | str,
    *,
    role: str = "negotiated",
    columns: str = "",
    payer: str | None = None,
    tins: Iterable[str] = (),
    progress: Progress | None = None,
) -> LoadReport:
    """Load one file with prices, plain, gzip or ZIP.

    role: `negotiated`, what payers agreed to pay us, or `market`, what they pay others; the same file may be loaded
    as both. columns: `rate=HEADER,…` for a list whose headers are not known. payer: of a list that has no such column.
    tins: keep only prices of these tax numbers.
    Raises FeedError, naming file and remedy, for a file of no known kind; prices that cannot be read go to quarantine.
    """
    if role not in TABLES:
        raise FeedError(f"{role!r} is neither negotiated nor market", where="--as", remedy="Say one of the two.")
    chosen = frozenset(number for number in map(tin, tins) if number)
    named = read_mapping(columns)
    read_as = " ".join([*sorted(f"{key}={header}" for key, header in named.items()), payer or "", *sorted(chosen)])
    feed = f"{role}_rates"
    with open_package(path) as package:
        return store(
            lake,
            feed,
            package,
            partial(_fill, package, TABLES[role], named, payer, chosen),
            name_delivery=partial(delivery_id, feed, package.modified_at()),
            read_as=read_as.strip(),
            progress=progress,
        )


def _fill(
    package: Package,
    table: type[Rate],
    named: Mapping[str, str],
    payer: str | None,
    tins: frozenset[str],
    output: Output,
) -> Mapping[str, Any]:
    for member in package.members:
        prices = Prices(output, member.name, table, tins)
        _read(member, prices, output, named, payer)
        prices.finish()
    return {"delivered_on": package.modified_at().date()}


def _read(member: Member, prices: Prices, output: Output, named: Mapping[str, str], payer: str | None) -> None:
    opener = output.opener(member)
    if _is_json(opener):
        kinds = set(scalars(opener, member.name, stop_at=(CODES, REFERENCES, SERVICES)))
        if kinds & {CODES, REFERENCES}:
            read_in_network(opener, member.name, prices)
        elif SERVICES in kinds:
            read_hospital_json(opener, member.name, prices)
        else:
            raise FeedError(
                "is JSON, but neither a hospital's standard charges nor an insurer's in-network rates",
                where=member.name,
                remedy="Load the file itself, not its table of contents or its allowed amounts.",
            )
        return
    header = next(csv.reader([first_line(opener, member.name)]))
    if is_hospital_csv(header):
        read_hospital_csv(opener, member.name, prices)
        return
    read_price_list(DelimitedFile(member.name, opener), prices, output, named=named, payer=payer)


def _is_json(opener: Opener) -> bool:
    with opener() as stream:
        return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))

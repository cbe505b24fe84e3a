"""What all feeds share: the report of a load, the name of a delivery, and the check whether it was loaded before.

A feed is a function `load(lake, path, *, progress=None) -> LoadReport` in `openaco.feeds.<name>`:

    with open_package(path) as package:
        digest = package.content_hash()
        before = loaded_before(lake, "bnex", package.name, digest)
        if before:
            return before
        started = time.monotonic()
        with lake.begin(delivery_id("bnex", delivered_at, digest)) as draft:
            draft.add(BeneficiaryExclusion, rows)
            draft.quarantine("file.xml", 17, "DOB is not a date", line)
            delivery = draft.commit({"feed": "bnex", "file_name": package.name, "content_hash": digest, …})
        return LoadReport.of(draft, delivery, notes=notes, seconds=time.monotonic() - started)
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from openaco.engine import Draft, Lake
from openaco.errors import FeedError
from openaco.tables import Quarantine


@dataclass(frozen=True)
class Step:
    """Where a load stands: the file being read, rows stored so far, bytes read of all bytes."""

    file: str
    rows: int
    bytes_read: int
    bytes_total: int


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `loaded` is false where the delivery was in the lake already and nothing changed."""

    feed: str
    file_name: str
    delivery: Mapping[str, Any]
    loaded: bool = True
    rows: Mapping[str, int] | None = None
    quarantined: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @classmethod
    def of(cls, draft: Draft, delivery: Mapping[str, Any], *, notes: Iterable[str] = (), seconds: float) -> LoadReport:
        """The report of a draft that was committed."""
        rows = {name: count for name, count in sorted(draft.counts.items()) if name != Quarantine.name}
        return cls(
            feed=delivery["feed"],
            file_name=delivery["file_name"],
            delivery=delivery,
            rows=rows,
            quarantined=dict(draft.reasons),
            notes=tuple(notes),
            seconds=seconds,
        )

    @property
    def delivery_id(self) -> str:
        """The delivery's name in the lake."""
        return str(self.delivery["delivery_id"])

    @property
    def row_count(self) -> int:
        """Rows stored by this load, all tables together."""
        return sum((self.rows or {}).values())

    @property
    def quarantined_count(self) -> int:
        """Lines put aside by this load."""
        return sum((self.quarantined or {}).values())

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for `--json`."""
        plain = asdict(self) | {"delivery_id": self.delivery_id, "row_count": self.row_count}
        plain["delivery"] = {
            name: value.isoformat() if isinstance(value, datetime.date) else value
            for name, value in self.delivery.items()
        }
        return plain | {"rows": dict(self.rows or {}), "quarantined": dict(self.quarantined or {})}


def delivery_id(feed: str, delivered_at: datetime.datetime, content_hash: str) -> str:
    """`<feed>-<yyyymmddThhmmsst>-<first 8 of the hash>`: the ids of one feed sort in the order of delivery."""
    tenth = delivered_at.microsecond // 100_000
    return f"{feed}-{delivered_at:%Y%m%dT%H%M%S}{tenth}-{content_hash[:8]}"


def loaded_before(lake: Lake, feed: str, file_name: str, content_hash: str) -> LoadReport | None:
    """The report of a delivery that is in the lake already, or None.

    The same content under another name is the same delivery. Raises FeedError if a file of this name was loaded with
    other content: CMS puts the time into the names, so one of the two is damaged or was renamed.
    """
    of_feed = [row for row in lake.deliveries() if row["feed"] == feed]
    for row in of_feed:
        if row["content_hash"] == content_hash:
            note = f"in the lake since an earlier load as {row['delivery_id']}; nothing changed"
            return LoadReport(feed, file_name, row, loaded=False, rows={}, quarantined={}, notes=(note,))
    for row in of_feed:
        if row["file_name"] == file_name:
            raise FeedError(
                f"a file of this name with other content was loaded before, as {row['delivery_id']}",
                where=file_name,
                remedy="Compare the two files; if both are genuine, give this one its own name and load it again.",
            )
    return None


def order_note(lake: Lake, feed: str, this: str) -> list[str]:
    """A note if deliveries newer than this one are in the lake already: accepted, because order does not matter."""
    when = this.rpartition("-")[0]
    if any(row["feed"] == feed and row["delivery_id"].rpartition("-")[0] > when for row in lake.deliveries()):
        return ["older than a delivery already in the lake; the order of loading does not matter"]
    return []

"""The frame of a load: was it loaded before, write everything, commit once, report."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from openaco.engine import Lake
from openaco.errors import FeedError
from openaco.feeds.base import LoadReport, Progress, loaded_before, order_note
from openaco.feeds.output import Output
from openaco.feeds.package import Package

Fill = Callable[[Output], Mapping[str, Any]]


def store(
    lake: Lake,
    feed: str,
    package: Package,
    fill: Fill,
    *,
    name_delivery: Callable[[str], str],
    named_once: bool = False,
    replaces: bool = False,
    read_as: str = "",
    progress: Progress | None = None,
) -> LoadReport:
    """Load a package as one delivery, or report that it is in the lake already.

    fill: writes the rows and returns what it knows of the `delivery` row (delivered_on, coverage, performance_year).
    name_delivery: makes the delivery id from the content hash.
    named_once: whether a name says which delivery it is, so that other content under the same name is an error. Not
    so for a folder that its owner keeps up to date.
    replaces: whether the newest delivery alone counts, so that going back to earlier content is a delivery too.
    read_as: options that change what is read; the same file read otherwise is another delivery.
    """
    started = time.monotonic()
    digest = package.content_hash()
    if read_as:
        digest = hashlib.sha256(f"{digest} {read_as}".encode()).hexdigest()
    before = loaded_before(lake, feed, package.name if named_once else "", digest)
    delivery_id = name_delivery(digest)
    if before and not (replaces and _is_outdated(lake, feed, before.delivery_id, delivery_id)):
        return replace(before, file_name=package.name)
    with lake.begin(delivery_id) as draft:
        output = Output(draft, progress, package.size)
        facts = fill(output)
        output.finish()
        refuse_if_nothing_could_be_read(output, package.name)
        delivery = draft.commit({"feed": feed, "file_name": package.name, "content_hash": digest, **facts})
    notes = [*output.notes, *order_note(lake, feed, delivery_id)]
    return LoadReport.of(draft, delivery, notes=notes, seconds=time.monotonic() - started)


def _is_outdated(lake: Lake, feed: str, standing: str, new: str) -> bool:
    """Whether a delivery with this content stands, but behind another one that the new one would come after."""
    newest = max(row["delivery_id"] for row in lake.deliveries() if row["feed"] == feed)
    return standing < newest < new


def refuse_if_nothing_could_be_read(output: Output, name: str) -> None:
    """Raise FeedError where every line had to be put aside: that is another kind of file, not a few bad lines."""
    reasons = output.draft.reasons
    if reasons and not output.draft.counts.total():
        reason, count = reasons.most_common(1)[0]
        raise FeedError(
            f"not one line could be stored; {count} times: {reason}",
            where=name,
            remedy="Check that this is the kind of file you named, and ask for it again.",
        )

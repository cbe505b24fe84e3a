"""Parts of a JSON file, one after another, without ever holding the whole: in-network files have many gigabytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ijson

from openaco.errors import FeedError
from openaco.feeds.lines import Opener


def items(opener: Opener, name: str, path: str) -> Iterator[tuple[int, Any]]:
    """The items of the array at a path (`in_network`), numbered from 1. Numbers are exact decimals.

    Raises FeedError where the file is no well-formed JSON; what came before has been handed out by then.
    """
    with opener() as stream:
        try:
            yield from enumerate(ijson.items(stream, f"{path}.item"), start=1)
        except (ijson.JSONError, UnicodeDecodeError):
            raise _malformed(name) from None


def scalars(opener: Opener, name: str, *, stop_at: tuple[str, ...] = ()) -> dict[str, Any]:
    """What stands directly in the outermost object: single values, and for arrays and objects an empty mark (None).

    Reading ends at the first of `stop_at`: what CMS puts before the long arrays is then known at once.
    """
    found: dict[str, Any] = {}
    with opener() as stream:
        try:
            for prefix, event, value in ijson.parse(stream):
                if prefix == "" and event == "map_key":
                    found.setdefault(value, None)
                    if value in stop_at:
                        break
                elif prefix in found and event in ("string", "number", "boolean"):
                    found[prefix] = value
                elif prefix == "" and event not in ("start_map", "end_map", "map_key"):
                    raise _malformed(name)
        except (ijson.JSONError, UnicodeDecodeError):
            raise _malformed(name) from None
    return found


def _malformed(name: str) -> FeedError:
    return FeedError("is no well-formed JSON object, or is cut off", where=name, remedy="Download it again.")

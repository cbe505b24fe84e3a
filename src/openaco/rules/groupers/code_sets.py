"""Sets of codes by their beginnings, and which codes of the claims are in which set (45 CFR 162.1002(c)).

Codes are looked up once each, not once a claim: a population of any size has only so many codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from openaco.engine import Engine, Table, _, stack
from openaco.errors import ParameterError
from openaco.rules.groupers.codes import listed

_ITEM = re.compile(r"(?P<first>[0-9A-Z]+)(?:-(?P<last>[0-9A-Z]+))?(?P<whole>\$)?(?:\*(?P<ending>[0-9A-Z]))?")
_SCHEMA = pa.schema([("set_name", pa.string()), ("beginning", pa.string()), ("ending", pa.string())])


@dataclass(frozen=True)
class Beginning:
    """The beginning of codes; `ending`: their last sign too, or `$` where the beginning is the whole code."""

    beginning: str
    ending: str = ""


def beginnings(text: str) -> list[Beginning]:
    """The beginnings that a text of a parameter table lists: `I21;E102-E105;Q254$;S78*A`.

    A range counts up the last digits: E102-E105 is E102, E103, E104, E105. Raises ParameterError for anything else.
    """
    found = []
    for item in listed(text):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ParameterError(
                f"{item!r} is no beginning of codes", where="groupers", remedy="Write I21 or E102-E105."
            )
        ending = "$" if match["whole"] else match["ending"] or ""
        found += [Beginning(one, ending) for one in _range(match["first"], match["last"])]
    return found


def _range(first: str, last: str | None) -> list[str]:
    if last is None:
        return [first]
    stem = re.sub(r"\d+$", "", first)
    digits = first[len(stem) :]
    if len(last) != len(first) or not last.startswith(stem) or not last[len(stem) :].isdigit() or last < first:
        raise ParameterError(
            f"{first}-{last} is no range of codes", where="groupers", remedy="Both ends alike: C00-C14."
        )
    return [f"{stem}{number:0{len(digits)}}" for number in range(int(digits), int(last[len(stem) :]) + 1)]


def set_table(engine: Engine, sets: Mapping[str, Iterable[Beginning]]) -> Table:
    """Sets as a table: `set_name`, `beginning`, `ending`. 45 CFR 162.1002(c)."""
    rows = [
        {"set_name": name, "beginning": one.beginning, "ending": one.ending}
        for name, items in sorted(sets.items())
        for one in sorted(set(items), key=lambda one: (one.beginning, one.ending))
    ]
    return engine.checkpoint(engine.from_arrow(pa.Table.from_pylist(rows, schema=_SCHEMA)))


def in_sets(codes: Table, sets: Table, lengths: Sequence[int] = (3, 4, 5, 6, 7)) -> Table:
    """Which codes are in which sets: `set_code`, `set_name`, each pair once. codes: a column `code`.

    lengths: how many signs a beginning may have. 45 CFR 162.1002(c).
    """
    known = codes.filter(_.code.notnull()).select(set_code=_.code).distinct()
    parts = []
    for length in lengths:
        of_length = sets.filter(_.beginning.length() == length)
        cut = known.mutate(cut=_.set_code.substr(0, length))
        joined = cut.join(of_length, [("cut", "beginning")])
        whole = (_.ending != "$") | (_.set_code == _.beginning)
        size = _.set_code.length()
        ended = (_.ending == "") | (_.ending == "$") | (_.set_code.substr(size - 1, 1) == _.ending)
        parts.append(joined.filter(whole, ended).select("set_code", "set_name"))
    return stack(parts).distinct()

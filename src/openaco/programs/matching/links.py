"""Links between two records: by a shared key, by probability, by decision; and what speaks against a link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import pyarrow as pa

from openaco.engine.linkage import score_pairs
from openaco.parameters import parameter
from openaco.programs.matching import compared
from openaco.programs.matching.records import MEDICARE, Key, Record

DECISION, MBI, RECORD_NUMBER, SAME_DETAILS, PROBABLE = "decision", "mbi", "record number", "same details", "probable"
ORDER = (DECISION, MBI, RECORD_NUMBER, SAME_DETAILS, PROBABLE)
"""Reasons for a link, the strongest first."""
_YEAR = 2025
_SMALL_GROUP = 6


@dataclass(frozen=True)
class Link:
    """Two records, the lesser first, that are said to be of one person.

    against: what speaks against it; a link with it is for people to decide, whatever its reason.
    """

    first: Key
    second: Key
    reason: str
    score: float = 1.0
    against: str = ""

    @property
    def rank(self) -> tuple[int, float, Key, Key]:
        """Links in the order in which they are drawn: the strongest first, and no ties."""
        return (ORDER.index(self.reason), -self.score, self.first, self.second)


def exact_links(records: Iterable[Record]) -> list[Link]:
    """Links of records that share a Medicare number, a record number, or all of name, birth date, sex and ZIP code."""
    found: dict[tuple[Key, Key], Link] = {}
    listed = list(records)
    for reason, groups in (
        (MBI, _grouped(listed, lambda record: [record.mbi] if record.mbi else [])),
        (RECORD_NUMBER, _grouped(listed, lambda record: list(record.record_numbers))),
        (SAME_DETAILS, _grouped(listed, _details)),
    ):
        for group in groups.values():
            for first, second in _neighbors(group):
                if first.system == second.system == MEDICARE:
                    continue
                pair = (first.key, second.key)
                found.setdefault(pair, Link(*pair, reason, 1.0, contradiction(first, second, reason)))
    return sorted(found.values(), key=lambda link: link.rank)


def _grouped(records: list[Record], keys: Callable[[Record], Iterable[object]]) -> dict[object, list[Record]]:
    groups: dict[object, list[Record]] = {}
    for record in records:
        for key in keys(record):
            groups.setdefault(key, []).append(record)
    return {key: group for key, group in groups.items() if len(group) > 1}


def _neighbors(group: list[Record]) -> Iterator[tuple[Record, Record]]:
    """Every pair of a small group; of a large one, which some wrong key makes, only its chain."""
    ordered = sorted(group, key=lambda record: record.key)
    yield from combinations(ordered, 2) if len(ordered) <= _SMALL_GROUP else pairwise(ordered)


def _details(record: Record) -> list[tuple[object, ...]]:
    details = (record.first_name, record.last_name, record.birth_date, record.sex_code, record.zip_code)
    return [details] if all(details) else []


def contradiction(one: Record, other: Record, reason: str = "") -> str:
    """What speaks against two records being of one person; empty if nothing does."""
    limits: Mapping[str, float] = parameter("matching/thresholds", _YEAR).value
    if one.mbi and other.mbi and one.mbi != other.mbi:
        return "Medicare numbers differ"
    if not compared.dates_agree(one.birth_date, other.birth_date):
        return "birth dates differ"
    if compared.names_unlike(one.first_name, other.first_name, limits["unlike"]):
        return "first names differ"
    if reason == RECORD_NUMBER and one.sex_code and other.sex_code and one.sex_code != other.sex_code:
        return "sexes differ"
    return ""


def probable_links(records: list[Record]) -> list[Link]:
    """Links whose probability asks for one, with what keeps them from being drawn without a question.

    Two people of the claims are never one: Medicare numbers tell them apart.
    """
    limits: Mapping[str, float] = parameter("matching/thresholds", _YEAR).value
    weights = parameter("matching/weights", _YEAR).value
    by_name = {_name(record.key): record for record in records}
    pairs = score_pairs(_table(records), weights, similar=limits["similar"], least=limits["review"])
    found = []
    for pair in pairs:
        one, other = sorted((by_name[pair.first], by_name[pair.second]), key=lambda record: record.key)
        if one.system == other.system == MEDICARE or _somebody_else(one, other, limits):
            continue
        against = contradiction(one, other) or _doubt(one, other, pair.probability, limits)
        found.append(Link(one.key, other.key, PROBABLE, pair.probability, against))
    return sorted(found, key=lambda link: link.rank)


def _somebody_else(one: Record, other: Record, limits: Mapping[str, float]) -> bool:
    """Whether two records of one household need no question: birth dates differ, or both names do."""
    if not compared.dates_agree(one.birth_date, other.birth_date):
        return True
    unlike = compared.names_unlike(one.first_name, other.first_name, limits["similar"])
    return unlike and not _same_family(one, other, limits["similar"])


def _doubt(one: Record, other: Record, probability: float, limits: Mapping[str, float]) -> str:
    """Why a likely pair is a question: the score, or a detail that a twin or a namesake would have too."""
    if probability < limits["accept"]:
        return "not likely enough"
    if one.first_name != other.first_name or not one.first_name:
        return "first names are not the same"
    if one.birth_date != other.birth_date or not one.birth_date:
        return "birth dates are not the same"
    if one.sex_code and other.sex_code and one.sex_code != other.sex_code:
        return "sexes differ"
    if not _same_family(one, other, limits["similar"]):
        return "family names differ"
    return ""


def _same_family(one: Record, other: Record, similar: float) -> bool:
    names = {name for name in (one.last_name, one.former_last_name) if name}
    others = {name for name in (other.last_name, other.former_last_name) if name}
    if names & others:
        return True
    slips = [(name, another) for name in names for another in others]
    return any(compared.one_slip(*pair) and compared.similarity(*pair) >= similar for pair in slips)


def _name(key: Key) -> str:
    return "\x1f".join(key)


def _table(records: list[Record]) -> pa.Table:
    columns = ("first_name", "last_name", "former_last_name", "sex_code", "address", "zip_code", "phone", "mbi")
    data = {name: pa.array([getattr(record, name) for record in records], pa.string()) for name in columns}
    data["birth_date"] = pa.array([str(record.birth_date or "") or None for record in records], pa.string())
    return pa.table({"unique_id": pa.array([_name(record.key) for record in records], pa.string()), **data})

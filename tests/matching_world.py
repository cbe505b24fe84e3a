"""Invented people in several record systems, with the truth beside them: who is who, twins, spouses and namesakes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np

from openaco.programs.matching.records import MEDICARE, Key, Record

SPACE = " "
FIRST = (
    "ANNA BORIS CLARA DAVID ELENA FELIX GRETA HUGO IRENE JONAS KLARA LEON MARTHA NORMAN OLGA PAUL RUTH SIMON TESSA "
    "VICTOR WANDA XAVIER YVONNE ZENO ADA BRUNO CORA DENIS EDITH FRANK GLORIA HARVEY INGRID JULIUS LYDIA MARCEL NADIA "
    "OSCAR PETRA RALPH SELMA THEO URSULA VERA WALTER"
).split(SPACE)
LAST = (
    "RIVERTON STONEMAN HOLLOWAY FAIRBANK MEADOWS OAKLEY WINTERS SUMMERFIELD ASHBURN BIRCHWOOD CEDARS DALTON ELMSWORTH "
    "FERNSBY GLENMORE HAWTHORNE IRONWOOD JUNIPER KINGSTON LARKSPUR MAPLETON NORTHGATE ORCHARD PENNINGTON QUARRY "
    "ROWANTREE SILVERMAN THORNTON UNDERHILL VALLEYFORD WESTBROOK YARROW ZEPHYR BLACKWELL CROSSLEY DUNMORE EVERHART"
).split(SPACE)
CLINIC, HOSPITAL = "clinic", "hospital"
LAST_NAME, FIRST_NAME, BIRTH_DATE, MOVED, OTHER_SURNAME = 0, 1, 2, 4, 5
"""What is wrong with a clinic's record, by the last digit of the household's number; the other digits: nothing."""


@dataclass(frozen=True)
class World:
    """Records, and the human being behind each."""

    records: tuple[Record, ...]
    truth: dict[Key, int]

    def pairs(self) -> set[tuple[Key, Key]]:
        """All pairs of records of one human being."""
        by_human: dict[int, list[Key]] = {}
        for key in sorted(self.truth):
            by_human.setdefault(self.truth[key], []).append(key)
        return {(one, other) for keys in by_human.values() for at, one in enumerate(keys) for other in keys[at + 1 :]}


def matching_world(people: int, seed: int) -> World:
    """`people` human beings in the claims; most of them in a clinic, many in a hospital too, with what goes wrong.

    Of each ten in the clinic: one typo in a name, one in the birth date, one has moved, one has another surname. One in
    twenty has a twin and one in ten a spouse at the same address and telephone, with records of their own.
    """
    rng = np.random.default_rng(seed)
    records: list[Record] = []
    truth: dict[Key, int] = {}

    def add(record: Record, human: int) -> None:
        assert record.key not in truth
        records.append(record)
        truth[record.key] = human

    human = 0
    for number in range(people):
        first = _person(rng, number)
        household = [first]
        if number % 20 == 7:
            household.append(replace(first, first_name=_other(rng, str(first.first_name)), mbi=f"{first.mbi}T"))
        if number % 10 == 3:
            born = datetime.date(int(rng.integers(1930, 1959)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
            spouse = {"first_name": _other(rng, str(first.first_name)), "birth_date": born, "mbi": f"{first.mbi}S"}
            household.append(replace(first, sex_code="1" if first.sex_code == "2" else "2", **spouse))
        for place, person in enumerate(household):
            human += 1
            add(replace(person, system=MEDICARE, id=str(person.mbi), phone=None), human)
            known = f"{number}-{place}"
            add(_spoiled(rng, person, CLINIC, known, number), human)
            if number % 3 == 0:
                with_number = {"mbi": person.mbi} if number % 2 else {}
                add(replace(person, system=HOSPITAL, id=known, **({"mbi": None} | with_number)), human)
    return World(tuple(records), truth)


def _person(rng: np.random.Generator, number: int) -> Record:
    return Record(
        system=MEDICARE,
        id="",
        mbi=f"1S00{number:06d}",
        first_name=str(rng.choice(FIRST)),
        last_name=str(rng.choice(LAST)),
        birth_date=datetime.date(int(rng.integers(1930, 1960)), int(rng.integers(1, 13)), int(rng.integers(1, 29))),
        sex_code=str(rng.integers(1, 3)),
        address=f"{rng.integers(1, 900)} {rng.choice(LAST)} ST",
        zip_code=f"{rng.integers(10000, 10040)}",
        phone=f"555{rng.integers(1000000, 9999999)}",
    )


def _spoiled(rng: np.random.Generator, person: Record, system: str, known: str, number: int) -> Record:
    """The person as a clinic writes them down, without a Medicare number."""
    record = replace(person, system=system, id=known, mbi=None)
    wrong = number % 10
    if wrong == LAST_NAME:
        return replace(record, last_name=_typo(rng, str(record.last_name)))
    if wrong == FIRST_NAME:
        return replace(record, first_name=_typo(rng, str(record.first_name)))
    if wrong == BIRTH_DATE and record.birth_date:
        return replace(record, birth_date=record.birth_date.replace(day=record.birth_date.day % 28 + 1))
    if wrong == MOVED:
        moved = {
            "address": f"{rng.integers(1, 900)} {rng.choice(LAST)} RD",
            "zip_code": f"{rng.integers(20000, 20040)}",
        }
        return replace(record, **moved, phone=None)
    if wrong == OTHER_SURNAME:
        return replace(record, last_name=str(rng.choice([name for name in LAST if name != record.last_name])))
    return record


def _typo(rng: np.random.Generator, name: str) -> str:
    """Two neighbors within the name exchanged."""
    at = int(rng.integers(1, len(name) - 1))
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :] if name[at] != name[at + 1] else name + "E"


def _other(rng: np.random.Generator, name: str) -> str:
    return str(rng.choice([one for one in FIRST if one != name]))

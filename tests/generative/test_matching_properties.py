"""Matching of people: precision and recall against the truth, order, repetition, and decisions that stand."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching_world import BIRTH_DATE, CLINIC, FIRST_NAME, MOVED, OTHER_SURNAME, World, matching_world
from openaco.programs.matching.links import Link
from openaco.programs.matching.match import Matching, Question, match_people
from openaco.programs.matching.records import Key


@pytest.fixture(scope="module")
def world() -> World:
    return matching_world(1200, 20)


@pytest.fixture(scope="module")
def matched(world: World) -> Matching:
    return match_people(world.records)


def joined(matching: Matching) -> set[tuple[Key, Key]]:
    """All pairs of records that matching put together."""
    by_person: dict[str, list[Key]] = {}
    for item in matching.placed:
        by_person.setdefault(item.person_id, []).append(item.record.key)
    return {
        (one, other)
        for keys in by_person.values()
        for at, one in enumerate(sorted(keys))
        for other in sorted(keys)[at + 1 :]
    }


def decision(one: Key, other: Key, word: str) -> dict[str, Any]:
    return {
        "source_system_1": one[0],
        "source_person_id_1": one[1],
        "source_system_2": other[0],
        "source_person_id_2": other[1],
        "decision": word,
    }


def decided(questions: Iterable[Question], truth: dict[Key, int]) -> list[dict[str, Any]]:
    """Every question, answered by somebody who knows."""
    return [
        decision(
            asked.link.first,
            asked.link.second,
            "same" if truth[asked.link.first] == truth[asked.link.second] else "different",
        )
        for asked in questions
    ]


def kind_of_error(pair: tuple[Key, Key]) -> int:
    """What is wrong with the clinic's record of a pair: the last digit of its number says it."""
    return int(next(key[1] for key in pair if key[0] == CLINIC).partition("-")[0]) % 10


def test_nobody_is_joined_to_somebody_else(world: World, matched: Matching) -> None:
    wrong = joined(matched) - world.pairs()
    assert wrong == set()


def test_what_is_certain_is_found_and_the_rest_is_asked_about(world: World, matched: Matching) -> None:
    """Three of ten clinic records differ in a way that a twin or namesake would too: they are always a question."""
    true, found = world.pairs(), joined(matched)
    missed = {kind_of_error(pair) for pair in true - found}
    assert missed <= {FIRST_NAME, BIRTH_DATE, MOVED, OTHER_SURNAME}
    assert len(found & true) / len(true) >= 0.70
    after = joined(match_people(world.records, decided(matched.questions, world.truth)))
    assert len(after & true) / len(true) >= 0.98
    assert after <= true


def test_every_reviewed_pair_is_decided_for_good(world: World, matched: Matching) -> None:
    decisions = decided(matched.questions, world.truth)
    after = match_people(world.records, decisions)
    pairs = joined(after)
    for row in decisions:
        pair = (
            (row["source_system_1"], row["source_person_id_1"]),
            (row["source_system_2"], row["source_person_id_2"]),
        )
        ordered = tuple(sorted(pair))
        assert (ordered in pairs) == (row["decision"] == "same")
    asked = {(question.link.first, question.link.second) for question in after.questions}
    assert not asked & {(question.link.first, question.link.second) for question in matched.questions}


def test_the_order_of_records_does_not_matter() -> None:
    small = matching_world(120, 3)
    shuffled = list(small.records)
    random.Random(1).shuffle(shuffled)
    first, second = match_people(small.records), match_people(shuffled)
    assert first == second


def test_the_same_again_gives_the_same_and_links_stay_without_splink() -> None:
    small = matching_world(120, 4)
    first = match_people(small.records)
    assert match_people(small.records) == first
    kept = match_people(small.records, probable=False, kept=first.links)
    assert joined(kept) == joined(first)
    assert joined(match_people(small.records, probable=False)) < joined(first)


def test_a_decision_overrules_a_shared_key() -> None:
    small = matching_world(60, 5)
    plain = match_people(small.records, probable=False)
    one, other = sorted(joined(plain))[0]
    parted = match_people(small.records, [decision(one, other, "different")], probable=False)
    assert (one, other) not in joined(parted)
    strangers = next(
        (a.record.key, b.record.key)
        for a, b in zip(plain.placed, plain.placed[1:], strict=False)
        if a.person_id != b.person_id and a.record.system == b.record.system == "medicare"
    )
    married = match_people(small.records, [decision(*strangers, "same")], probable=False)
    assert tuple(sorted(strangers)) in joined(married)


def test_contradicting_decisions_are_told_and_nobody_is_joined_by_them() -> None:
    small = matching_world(30, 6)
    keys = sorted(record.key for record in small.records)[:3]
    rows = [
        decision(keys[0], keys[1], "same"),
        decision(keys[1], keys[2], "same"),
        decision(keys[0], keys[2], "different"),
    ]
    found = match_people(small.records, rows, probable=False)
    assert found.contradicting_decisions == 1
    assert (keys[0], keys[2]) not in joined(found)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**16), st.integers(0, 2**16))
def test_links_in_any_order_give_the_same_people(seed: int, shuffle: int) -> None:
    small = matching_world(24, seed)
    keys = sorted(record.key for record in small.records)
    rng = random.Random(shuffle)
    links = [Link(*sorted(rng.sample(keys, 2)), "probable", round(rng.uniform(0.999, 1), 6)) for _number in range(12)]
    again = list(links)
    rng.shuffle(again)
    first = match_people(small.records, probable=False, kept=links)
    second = match_people(small.records, probable=False, kept=again)
    assert joined(first) == joined(second)
    numbers: dict[str, set[str]] = {}
    for item in first.placed:
        numbers.setdefault(item.person_id, set()).update({item.record.mbi} - {None})
    assert all(len(found) <= 1 for found in numbers.values())

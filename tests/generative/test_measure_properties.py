"""Measures over invented people: the compiled logic beside a plain reading of it, and what must hold for everybody."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure_world import event_row, kinds_of_concepts, person_row, value_sets
from openaco.engine import Engine
from openaco.feeds.fhir.instants import DAY, bounds
from openaco.measures.definition import MEASURES, definition_of
from openaco.measures.evaluate import Evaluation
from openaco.measures.gaps import gaps
from openaco.measures.language import Period
from openaco.measures.trace import traces
from openaco.parameters import parameter
from openaco.tables import ClinicalPerson, Event

Story = dict[str, Any]
PEOPLE = 250


def day(year: int, number: int) -> datetime.date:
    return datetime.date(year, 1, 1) + datetime.timedelta(days=number)


def world(engine: Engine, stories: list[Story], measure: str, year: int) -> Evaluation:
    """Stories (birth, gender, events of kind, concept, day and further columns) as one population."""
    codes = parameter("measures/codes", year).value
    people, events = [], []
    for number, story in enumerate(stories):
        people.append(person_row(number, f"{story['gender']} {story['birth']}"))
        for place, (kind, concept, when, stated) in enumerate(story["events"]):
            events.append(event_row(f"p{number}", place, kind, concept, str(when), dict(stated), codes))
    tables = engine.from_rows(ClinicalPerson, people), engine.from_rows(Event, events)
    return Evaluation(engine, *tables, value_sets(), measure, Period.of_year(year))


def found(engine: Engine, evaluation: Evaluation) -> dict[int, dict[str, tuple[int, int, int]]]:
    """For each person and rate: initial population, exclusion, numerator."""
    people: dict[int, dict[str, tuple[int, int, int]]] = {}
    for row in engine.to_rows(evaluation.results):
        flags = tuple(int(row[name]) for name in ("initial_population", "denominator_exclusion", "numerator"))
        people.setdefault(int(row["person_id"][1:]), {})[row["rate"]] = flags  # type: ignore[assignment]
    return people


VISITS_137 = [
    "office_visit",
    "emergency_department_visit",
    "detoxification_visit",
    "initial_hospital_inpatient_visit",
    "telephone_visit",
    "virtual_visit",
]
PROCEDURES_137 = [
    "substance_use_treatment",
    "psychotherapy",
    "substance_use_short_acting_administration",
    "substance_use_long_acting_administration",
]
ORDERS_137 = ["substance_use_short_acting_medication", "substance_use_long_acting_medication"]


def story_137(chance: random.Random, year: int) -> Story:
    """A person whose events crowd around the edges that the measure counts from."""
    start = chance.choice([0, 10, 100, 300, 316, 317, 318])
    near = [-62, -61, -60, -59, -1, 0, 1, 12, 13, 14, 20, 34, 35, 46, 47, 48]
    link = "encounter_diagnosis" if year < 2026 else "encounter_reason"
    events: list[tuple[str, str, datetime.date, dict[str, str]]] = []
    for _number in range(chance.randint(1, 7)):
        kind = chance.choice(["encounter", "procedure", "medication_request"])
        pool = {"encounter": VISITS_137, "procedure": PROCEDURES_137, "medication_request": ORDERS_137}[kind]
        when, name = day(year, start + chance.choice(near)), f"{kind}/{len(events)}"
        events.append((kind, chance.choice(pool), when, {"id": name}))
        if kind == "encounter" and chance.random() < 0.6:
            events.append((link, "substance_use_disorder", when, {"id": name}))
    if chance.random() < 0.9:
        events.append(("encounter", chance.choice(VISITS_137), day(year, start), {"id": "encounter/episode"}))
        events.append(("condition", "substance_use_disorder", day(year, start), {}))
    if chance.random() < 0.1:
        events.append(("encounter", "hospice_encounter", day(year, chance.choice([-1, 0, 364, 365])), {}))
    return {
        "gender": "U",
        "birth": f"{year - chance.choice([12, 13, 14, 40])}-01-0{chance.choice([1, 2])}",
        "events": events,
    }


def plain_137(story: Story, year: int) -> dict[str, tuple[int, int, int]]:
    """CMS137 for one person, event by event, where all days are whole days."""
    first, last = day(year, 0), datetime.date(year, 12, 31)
    events = story["events"]
    linked = {stated["id"] for kind, _c, _d, stated in events if kind in ("encounter_diagnosis", "encounter_reason")}
    disorders = [when for kind, _c, when, _s in events if kind == "condition"]
    visits = [
        (when, VISITS_137.index(name), place, name, stated.get("id"))
        for place, (kind, name, when, stated) in enumerate(events)
        if kind == "encounter" and name in VISITS_137
    ]
    starts = [
        visit
        for visit in visits
        if first <= visit[0] <= last and any(when == visit[0] and (last - when).days >= 47 for when in disorders)
    ]
    born = datetime.date.fromisoformat(story["birth"])
    nothing = {"1": (0, 0, 0), "2": (0, 0, 0)}
    if not starts or datetime.date(born.year + 13, born.month, born.day) > first:
        return nothing
    episode = min(starts)
    sixty = [
        when
        for when, _o, _p, name, key in visits
        if key in linked and name not in ("emergency_department_visit", "detoxification_visit")
    ]
    sixty += [when for kind, name, when, _s in events if name in PROCEDURES_137 + ORDERS_137]
    if any(1 <= (episode[0] - when).days <= 60 for when in sixty):
        return nothing
    remote = [
        (when, "remote")
        for when, _o, _p, name, key in visits
        if name in ("telephone_visit", "virtual_visit") and key in linked and key != episode[4]
    ]
    treated = remote + [(when, name) for _k, name, when, _s in events if name in PROCEDURES_137 + ORDERS_137]
    begun = [when for when, _name in treated if 0 <= (when - episode[0]).days <= 13]
    excluded = int(any(name == "hospice_encounter" and first <= when <= last for _k, name, when, _s in events))
    kept = 0
    if begun:
        after = [name for when, name in treated if 1 <= (when - min(begun)).days <= 34]
        long = [name for name in after if "long_acting" in name]
        kept = int(bool(long) or len(after) - len(long) >= 2)
    return {"1": (1, excluded, int(bool(begun) and not excluded)), "2": (1, excluded, int(kept and not excluded))}


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_plain_reading_of_cms137(duckdb_engine: Engine, year: int) -> None:
    chance = random.Random(137 + year)
    stories = [story_137(chance, year) for _person in range(PEOPLE)]
    got = found(duckdb_engine, world(duckdb_engine, stories, "CMS137", year))
    for number, story in enumerate(stories):
        assert got[number] == plain_137(story, year), story
    reached = [[flags for rates in got.values() for rate, flags in rates.items() if rate == asked] for asked in "12"]
    assert all(sum(flags[2] for flags in rate) > 10 for rate in reached)


MASTECTOMIES = {
    "both": ["condition:history_of_bilateral_mastectomy", "procedure:bilateral_mastectomy"],
    "left": ["condition:status_post_left_mastectomy", "procedure:unilateral_mastectomy_left", "site:left"],
    "right": ["condition:status_post_right_mastectomy", "procedure:unilateral_mastectomy_right", "site:right"],
}


def story_125(chance: random.Random, year: int) -> Story:
    """A person near the ages and windows of the measure."""
    edges = [day(year, 0), day(year, -1), datetime.date(year, 12, 31), datetime.date(year + 1, 1, 1)]
    autumn = datetime.date(year - 2, 10, 1)
    events: list[tuple[str, str, datetime.date, dict[str, str]]] = []
    if chance.random() < 0.9:
        events.append(("encounter", "office_visit", chance.choice([*edges, day(year, 99)]), {}))
    if chance.random() < 0.6:
        events.append(
            ("observation", "mammography", chance.choice([autumn, autumn - datetime.timedelta(1), *edges]), {})
        )
    for side in ("both", "left", "right", "left", "right"):
        if chance.random() < 0.25:
            kind, _colon, name = chance.choice(MASTECTOMIES[side]).partition(":")
            site = {"site": name} if kind == "site" else {}
            concept = "unilateral_mastectomy_side_not_said" if site else name
            events.append(("condition" if site else kind, concept, chance.choice(edges), site))
    for kind, name in (
        ("encounter", "palliative_care_encounter"),
        ("encounter", "frailty_encounter"),
        ("condition", "advanced_illness"),
        ("service_request", "hospice_care"),
    ):
        if chance.random() < 0.2:
            events.append((kind, name, chance.choice([*edges, day(year - 1, 0), day(year - 1, -1)]), {}))
    ages = [41, 42, 43, 51, 52, 53, 65, 66, 67, 74, 75]
    birth = f"{year - chance.choice(ages)}-{chance.choice(['12-31', '01-01'])}"
    return {"gender": chance.choice("FFFFM"), "birth": birth, "events": events}


def plain_125(story: Story, year: int) -> dict[str, tuple[int, int, int]]:
    """CMS125 for one person, event by event."""
    first, last = day(year, 0), datetime.date(year, 12, 31)
    events = story["events"]

    def some(name: str, holds: Callable[[datetime.date], bool], **stated: str) -> bool:
        return any(name == what and holds(when) and stated.items() <= more.items() for _k, what, when, more in events)

    def in_year(when: datetime.date) -> bool:
        return first <= when <= last

    def by_the_end(when: datetime.date) -> bool:
        return when <= last

    age = year - int(story["birth"][:4])
    population = (52 if year < 2026 else 42) <= age <= 74 and story["gender"] == "F" and some("office_visit", in_year)
    gone = {
        side: some(f"status_post_{side}_mastectomy", by_the_end)
        or some(f"unilateral_mastectomy_{side}", by_the_end)
        or some("unilateral_mastectomy_side_not_said", by_the_end, site=side)
        for side in ("left", "right")
    }
    both = some("history_of_bilateral_mastectomy", by_the_end) or some("bilateral_mastectomy", by_the_end)
    ill = some("advanced_illness", lambda when: day(year - 1, 0) <= when <= last)
    excluded = (
        some("hospice_care", in_year)
        or some("palliative_care_encounter", in_year)
        or both
        or all(gone.values())
        or (age >= 66 and ill and some("frailty_encounter", in_year))
    )
    screened = some("mammography", lambda when: datetime.date(year - 2, 10, 1) <= when <= last)
    return {"1": (int(population), int(population and excluded), int(population and not excluded and screened))}


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_plain_reading_of_cms125(duckdb_engine: Engine, year: int) -> None:
    chance = random.Random(125 + year)
    stories = [story_125(chance, year) for _person in range(PEOPLE)]
    got = found(duckdb_engine, world(duckdb_engine, stories, "CMS125", year))
    for number, story in enumerate(stories):
        assert got[number] == plain_125(story, year), story
    assert sum(flags["1"][1] for flags in got.values()) > 10
    assert sum(flags["1"][2] for flags in got.values()) > 10


def any_story(chance: random.Random, measure: str, year: int) -> Story:
    """Anything the measure looks at, anywhere in four years."""
    kinds = kinds_of_concepts(measure, year)
    events = []
    for _number in range(chance.randint(0, 12)):
        concept = chance.choice(sorted(kinds))
        events.append((chance.choice(kinds[concept]), concept, day(year, chance.randint(-800, 500)), {}))
    return {"gender": chance.choice("FM"), "birth": day(year - chance.randint(0, 90), 30), "events": events}


@pytest.mark.parametrize("measure", MEASURES)
def test_populations_traces_and_gaps_agree(duckdb_engine: Engine, measure: str) -> None:
    chance = random.Random(measure)
    stories = [any_story(chance, measure, 2026) for _person in range(60)]
    evaluation = world(duckdb_engine, stories, measure, 2026)
    told = traces(evaluation)
    open_or_not = {(row["person_id"], row["rate"]): row for row in duckdb_engine.to_rows(gaps(evaluation))}
    for row in duckdb_engine.to_rows(evaluation.results):
        because = told[row["person_id"]][row["rate"]]
        assert because["initial_population"]["holds"] == row["initial_population"] == row["denominator"]
        assert row["denominator_exclusion"] == (row["denominator"] and because["denominator_exclusion"]["holds"])
        counts = row["denominator"] and not row["denominator_exclusion"]
        assert row["numerator"] == (counts and because["numerator"]["holds"])
        excepted = counts and not row["numerator"] and because["denominator_exception"]["holds"]
        assert row["denominator_exception"] == excepted
        gap = open_or_not.get((row["person_id"], row["rate"]))
        assert (gap is not None) == row["initial_population"]
        if gap:
            good = row["numerator"] != definition_of(measure).inverse
            status = "closed-gap" if good else "open-gap"
            assert gap["status"] == (status if counts and not excepted else "not-applicable")
            assert (gap["reason"] is not None) == (gap["status"] == "open-gap")


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)), st.integers(-840, 840))
def test_a_time_is_read_to_the_millisecond_and_within_its_day(moment: datetime.datetime, offset: int) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    placed = moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=offset)))
    first, last = bounds(placed.isoformat(timespec="milliseconds"), "field")
    assert first == last == round(placed.timestamp() * 1000)
    of_day = bounds(moment.date().isoformat(), "field")
    assert of_day[1] - of_day[0] == DAY - 1
    assert of_day[0] <= bounds(moment.isoformat(timespec="milliseconds"), "field")[0] <= of_day[1]
    of_month, of_year = bounds(f"{moment:%Y-%m}", "field"), bounds(f"{moment:%Y}", "field")
    assert of_year[0] <= of_month[0] <= of_day[0] <= of_day[1] <= of_month[1] <= of_year[1]

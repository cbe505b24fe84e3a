"""The screen of 42 CFR 425.401, criteria A to D, death, and the year-end exclusions of prospective assignment."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from assignment_world import World, months_of, visits
from openaco.engine import Engine
from spec_tables import cells

DAY = datetime.date


def with_visit(engine: Engine, months: dict[str, list[dict[str, Any]]], date: str, **more: Any) -> World:
    """A world in which everybody saw a primary care physician of ours once."""
    text = "person | date | tin | role | amount\n- | - | - | - | -\n" + "".join(
        f"{who} | {date} | ours1 | pcp | 50.00\n" for who in months
    )
    return World(engine, visits(text), months=[row for rows in months.values() for row in rows], **more)


def year(who: str, **changes: Any) -> list[dict[str, Any]]:
    return months_of(who, 2023, **changes)


def test_criteria_a_b_and_d_by_months(engine: Engine) -> None:
    months = {
        "twelve months": year("twelve months"),
        "zero months": [],
        "neither part": year("neither part", has_part_a=False, has_part_b=False),
        "unknown parts": year("unknown parts", has_part_a=None, has_part_b=None),
        "exactly one month": months_of("exactly one month", 2023, [12]),
        "joined in july": months_of("joined in july", 2023, range(1, 7), has_part_a=False, has_part_b=False)
        + months_of("joined in july", 2023, range(7, 13)),
        "part a only once": months_of("part a only once", 2023, range(1, 12))
        + months_of("part a only once", 2023, [12], has_part_b=False),
        "part b only once": months_of("part b only once", 2023, [1], has_part_a=False)
        + months_of("part b only once", 2023, range(2, 13)),
        "part a only always": year("part a only always", has_part_b=False),
        "health plan once": months_of("health plan once", 2023, [1], in_group_health_plan=True)
        + months_of("health plan once", 2023, range(2, 13)),
        "health plan before": months_of("health plan before", 2022, [12], in_group_health_plan=True)
        + year("health plan before"),
        "health plan after": year("health plan after")
        + months_of("health plan after", 2024, [1], in_group_health_plan=True),
        "abroad at the end": months_of("abroad at the end", 2023, range(1, 12))
        + months_of("abroad at the end", 2023, [12], lives_in_united_states=False),
        "abroad until november": months_of("abroad until november", 2023, range(1, 12), lives_in_united_states=False)
        + months_of("abroad until november", 2023, [12]),
        "place unknown": year("place unknown", lives_in_united_states=None),
        "guam by code": year("guam by code", lives_in_united_states=None, state_county_code="65000"),
        "mexico by code": year("mexico by code", lives_in_united_states=None, state_county_code="59000"),
    }
    expected = {
        row["person"]: row["stage"]
        for row in cells("""
person                | stage
--------------------- | -----
twelve months         | step_1
zero months           | no_month_with_part_a_and_b
neither part          | no_month_with_part_a_and_b
unknown parts         | no_month_with_part_a_and_b
exactly one month     | step_1
joined in july        | step_1
part a only once      | month_with_part_a_or_b_only
part b only once      | month_with_part_a_or_b_only
part a only always    | no_month_with_part_a_and_b
health plan once      | group_health_plan
health plan before    | step_1
health plan after     | step_1
abroad at the end     | outside_united_states
abroad until november | step_1
place unknown         | step_1
guam by code          | step_1
mexico by code        | outside_united_states
""")
    }
    assert with_visit(engine, months, "2023-06-01").stages(2023) == expected


def test_death_before_the_year_removes_and_death_in_it_does_not(duckdb_engine: Engine) -> None:
    deaths = {
        "alive": None,
        "last day of the year before": DAY(2022, 12, 31),
        "first day of the year": DAY(2023, 1, 1),
        "in june": DAY(2023, 6, 15),
        "after the year": DAY(2024, 1, 1),
    }
    months = {
        who: months_of(who, 2023, range(1, 13 if not died or died.year != 2023 else died.month + 1))
        for who, died in deaths.items()
    }
    people = [{"person_id": who, "death_date": died} for who, died in deaths.items()]
    assert with_visit(duckdb_engine, months, "2023-01-01", people=people).stages(2023) == {
        "alive": "step_1",
        "last day of the year before": "died_before_year",
        "first day of the year": "step_1",
        "in june": "step_1",
        "after the year": "step_1",
    }


def test_criterion_c_other_initiative(duckdb_engine: Engine) -> None:
    months = {who: year(who) for who in ("in another", "in none")}
    stages = with_visit(duckdb_engine, months, "2023-06-01", other_initiative=["in another"]).stages(2023)
    assert stages == {"in another": "other_initiative", "in none": "step_1"}


def test_people_known_without_any_claim_are_told_so(duckdb_engine: Engine) -> None:
    world = World(duckdb_engine, [], people=[{"person_id": "quiet"}], months=year("quiet"))
    assert world.stages(2023) == {"quiet": "no_primary_care_service"}


WINDOW = [(2021, range(10, 13)), (2022, range(1, 10))]
AFTER = [(2022, range(10, 13))]


def spells(who: str, spans: list[tuple[int, range]], **changes: Any) -> list[dict[str, Any]]:
    return [row for when, months in spans for row in months_of(who, when, months, **changes)]


def test_prospective_assignment_screens_the_window_and_again_the_year(engine: Engine) -> None:
    gap = spells("plan between", AFTER, in_group_health_plan=True)
    months = {
        "steady": spells("steady", WINDOW + AFTER) + year("steady"),
        "plan in the window": spells("plan in the window", WINDOW, in_group_health_plan=True)
        + year("plan in the window"),
        "plan between": spells("plan between", WINDOW) + gap + year("plan between"),
        "plan in the year": spells("plan in the year", WINDOW + AFTER)
        + months_of("plan in the year", 2023, range(1, 7))
        + months_of("plan in the year", 2023, range(7, 13), in_group_health_plan=True),
        "part a only later": spells("part a only later", WINDOW + AFTER)
        + months_of("part a only later", 2023, range(1, 12))
        + months_of("part a only later", 2023, [12], has_part_b=False),
        "abroad later": spells("abroad later", WINDOW + AFTER) + year("abroad later", lives_in_united_states=False),
        "lost medicare": spells("lost medicare", WINDOW + AFTER),
        "died between": spells("died between", [*WINDOW, (2022, range(10, 12))]),
        "died in the year": spells("died in the year", WINDOW + AFTER) + months_of("died in the year", 2023, [1, 2]),
    }
    deaths = {"died between": DAY(2022, 11, 3), "died in the year": DAY(2023, 2, 3)}
    people = [{"person_id": who, "death_date": deaths.get(who)} for who in months]
    stages = with_visit(engine, months, "2022-09-30", people=people).stages(2023, method="prospective")
    assert stages == {
        "steady": "step_1",
        "plan in the window": "group_health_plan",
        "plan between": "step_1",
        "plan in the year": "year_group_health_plan",
        "part a only later": "year_month_with_part_a_or_b_only",
        "abroad later": "year_outside_united_states",
        "lost medicare": "year_no_month_with_part_a_and_b",
        "died between": "died_before_year",
        "died in the year": "step_1",
    }


@pytest.mark.parametrize(
    ("date", "stage"),
    [
        ("2021-09-30", "no_primary_care_service"),
        ("2021-10-01", "step_1"),
        ("2022-09-30", "step_1"),
        ("2022-10-01", "no_primary_care_service"),
    ],
)
def test_prospective_window_is_october_to_september(duckdb_engine: Engine, date: str, stage: str) -> None:
    months = {"a": spells("a", WINDOW + AFTER) + year("a")}
    assert with_visit(duckdb_engine, months, date).stages(2023, method="prospective") == {"a": stage}

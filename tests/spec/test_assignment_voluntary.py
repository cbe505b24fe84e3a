"""Voluntary alignment before claims (42 CFR 425.402(e))."""

from __future__ import annotations

import datetime
from typing import Any

from assignment_world import TINS, World, months_of, visits
from openaco.engine import Engine

DAY = datetime.date


def designation(who: str, on: DAY, tin: str | None, npi: str = "1999999999", **more: Any) -> dict[str, Any]:
    return {"person_id": who, "designated_on": on, "tin": TINS[tin] if tin else None, "npi": npi, **more}


def test_a_designation_goes_before_claims(engine: Engine) -> None:
    claims_ours, claims_theirs = "ours1", "out1"
    people = {
        "inside, claims elsewhere": claims_theirs,
        "outside, claims ours": claims_ours,
        "other aco, claims ours": claims_ours,
        "after the cutoff": claims_ours,
        "on the cutoff": claims_theirs,
        "ended before": claims_ours,
        "ended on the cutoff": claims_ours,
        "ended later": claims_theirs,
        "changed to us": claims_theirs,
        "changed away": claims_ours,
        "npi of ours": claims_theirs,
        "npi of nobody": claims_ours,
        "in a health plan": claims_theirs,
    }
    text = "person | date | tin | role | amount | npi\n- | - | - | - | - | -\n" + "".join(
        f"{who} | 2023-06-01 | {tin} | pcp | 50.00 | {'1000000001' if tin == 'ours1' else '1888888888'}\n"
        for who, tin in people.items()
    )
    before = DAY(2022, 9, 30)
    world = World(
        engine,
        visits(text),
        designations=[
            designation("inside, claims elsewhere", before, "ours2"),
            designation("outside, claims ours", before, "out2"),
            designation("other aco, claims ours", before, "other"),
            designation("after the cutoff", DAY(2022, 10, 1), "out2"),
            designation("on the cutoff", before, "ours1"),
            designation("ended before", DAY(2021, 1, 1), "out2", ended_on=DAY(2022, 6, 1)),
            designation("ended on the cutoff", DAY(2021, 1, 1), "out2", ended_on=before),
            designation("ended later", DAY(2021, 1, 1), "ours1", ended_on=DAY(2022, 10, 1)),
            designation("changed to us", DAY(2021, 1, 1), "out2"),
            designation("changed to us", DAY(2022, 1, 1), "ours1"),
            designation("changed away", DAY(2021, 1, 1), "ours1"),
            designation("changed away", DAY(2022, 1, 1), "out2"),
            designation("npi of ours", before, None, npi="1000000001"),
            designation("npi of nobody", before, None, npi="1777777777"),
            designation("in a health plan", before, "ours1"),
        ],
        months=[row for who in people for row in months_of(who, 2023, in_group_health_plan=who == "in a health plan")],
    )
    assert world.stages(2023) == {
        "inside, claims elsewhere": "voluntary",
        "outside, claims ours": "designated_elsewhere",
        "other aco, claims ours": "designated_elsewhere",
        "after the cutoff": "step_1",
        "on the cutoff": "voluntary",
        "ended before": "step_1",
        "ended on the cutoff": "step_1",
        "ended later": "voluntary",
        "changed to us": "voluntary",
        "changed away": "designated_elsewhere",
        "npi of ours": "voluntary",
        "npi of nobody": "designated_elsewhere",
        "in a health plan": "group_health_plan",
    }


def test_no_service_is_needed_and_the_year_end_exclusions_apply(duckdb_engine: Engine) -> None:
    people = ["no service", "plan in the year"]
    months = [
        row
        for who in people
        for row in [
            *months_of(who, 2021, range(10, 13)),
            *months_of(who, 2022),
            *months_of(who, 2023, in_group_health_plan=who == "plan in the year"),
        ]
    ]
    world = World(
        duckdb_engine,
        [],
        people=[{"person_id": who} for who in people],
        months=months,
        designations=[designation(who, DAY(2022, 5, 1), "ours1") for who in people],
    )
    rows = world.outcomes(2023, method="prospective")
    assert {who: row["reason"] or row["basis"] for who, row in rows.items()} == {
        "no service": "voluntary",
        "plan in the year": "year_group_health_plan",
    }
    assert rows["no service"]["designated_on"] == DAY(2022, 5, 1)
    assert rows["no service"]["winning_entity"] is None


def test_before_2018_no_designation_counts(duckdb_engine: Engine) -> None:
    text = "person | date | tin | role | amount\n- | - | - | - | -\na | 2017-06-01 | ours1 | pcp | 50.00"
    world = World(duckdb_engine, visits(text), designations=[designation("a", DAY(2016, 1, 1), "out1")])
    assert world.stages(2017, rules_year=2020) == {"a": "step_1"}

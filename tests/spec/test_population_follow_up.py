"""Follow-up: the day itself does not count, the last day of a window does, and who died is left out."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from openaco.engine import Engine, Table, _
from openaco.insight.population.follow_up import (
    discharges,
    follow_up_bands,
    followed,
    post_acute,
    released_visits,
)

LEFT = datetime.date(2024, 5, 1)


@pytest.fixture(scope="module")
def engine() -> Engine:
    with Engine.duckdb(memory_limit="400MB") as found:
        yield found


def table(engine: Engine, rows: list[dict[str, Any]]) -> Table:
    return engine.from_arrow(pa.Table.from_pylist(rows))


def admission(person: str = "p", left: datetime.date = LEFT, **other: Any) -> dict[str, Any]:
    return {"person_id": person, "admission_id": f"stay {person}", "kind": "inpatient_acute", "end_date": left,
            "died": False, "still_patient": False, "last_ccn": "990001"} | other  # fmt: skip


def people(engine: Engine, death: datetime.date | None = None) -> Table:
    rows = [{"person_id": "p", "death_date": death}, {"person_id": "other", "death_date": LEFT}]
    return table(engine, rows)


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "none"), (1, "7"), (7, "7"), (8, "14"), (14, "14"), (15, "30"), (30, "30"), (31, "none")],
)
def test_days_to_the_first_visit(engine: Engine, days: int, band: str) -> None:
    starts = discharges(table(engine, [admission()]), people(engine), 2024)
    visit = {"person_id": "p", "category": "primary_care_visits", "start_date": LEFT + datetime.timedelta(days)}
    found = follow_up_bands(followed(starts, table(engine, [visit]), 2024), 2024)
    assert [row["band"] for row in engine.to_rows(found)] == [band]


def test_the_first_visit_counts_and_other_services_do_not(engine: Engine) -> None:
    starts = discharges(table(engine, [admission()]), people(engine), 2024)
    rows = [
        {"person_id": "p", "category": "laboratory", "start_date": LEFT + datetime.timedelta(2)},
        {"person_id": "p", "category": "specialist_visits", "start_date": LEFT + datetime.timedelta(20)},
        {"person_id": "p", "category": "outpatient_clinic", "start_date": LEFT + datetime.timedelta(9)},
        {"person_id": "other", "category": "specialist_visits", "start_date": LEFT + datetime.timedelta(1)},
    ]
    assert [row["days"] for row in engine.to_rows(followed(starts, table(engine, rows), 2024))] == [9]


@pytest.mark.parametrize(
    ("change", "death", "counts"),
    [
        ({}, None, 1),
        ({}, LEFT + datetime.timedelta(30), 0),
        ({}, LEFT + datetime.timedelta(31), 1),
        ({"died": True}, None, 0),
        ({"still_patient": True}, None, 0),
        ({"kind": "skilled_nursing"}, None, 0),
        ({"end_date": datetime.date(2024, 12, 1)}, None, 1),
        ({"end_date": datetime.date(2024, 12, 2)}, None, 0),
        ({"end_date": datetime.date(2023, 12, 31)}, None, 0),
    ],
)
def test_which_discharges_count(
    engine: Engine, change: dict[str, Any], death: datetime.date | None, counts: int
) -> None:
    found = discharges(table(engine, [admission(**change)]), people(engine, death), 2024)
    assert len(engine.to_rows(found)) == counts


def test_only_visits_that_end_with_the_way_home_count(engine: Engine) -> None:
    rows = [
        {"person_id": "p", "visit_id": kind, "end_date": LEFT, "disposition": kind}
        for kind in ("released", "against_advice", "admitted", "observation", "transferred", "died")
    ]
    found = engine.to_rows(released_visits(table(engine, rows), people(engine), 2024))
    assert {row["start_id"] for row in found} == {"released", "against_advice"}


@pytest.mark.parametrize(
    ("kind", "gap", "goes_to"),
    [
        ("skilled_nursing", 0, "skilled_nursing"),
        ("skilled_nursing", 3, "skilled_nursing"),
        ("skilled_nursing", 4, "none"),
        ("home_health", 14, "home_health"),
        ("home_health", 15, "none"),
        ("home_health", -1, "none"),
        ("hospice", 1, "none"),
    ],
)
def test_post_acute_windows(engine: Engine, kind: str, gap: int, goes_to: str) -> None:
    begun = LEFT + datetime.timedelta(gap)
    stay = {"person_id": "p", "kind": kind, "stay_id": "s", "start_date": begun, "covered_days": 9}
    found = post_acute(table(engine, [admission()]), table(engine, [stay]), people(engine), 2024)
    rows = engine.to_rows(found.select(_.ccn, _.kind, _.days))
    assert rows == [{"ccn": "990001", "kind": goes_to, "days": 9 if goes_to != "none" else 0}]

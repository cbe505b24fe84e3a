"""Gaps in care: who is open and why, until when it can be closed and how; and what a trace tells."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from measure_world import MeasureCase, evaluation_of
from openaco.engine import Engine
from openaco.measures.definition import definition_of
from openaco.measures.gaps import gaps
from openaco.measures.trace import traces
from spec_tables import cells

VISIT = "office_visit 2025-03-01"


def case(measure: str, person: str, events: str, year: int = 2025) -> MeasureCase:
    return MeasureCase(measure, "", year, person, events, 1, 0, 0, (0,))


def gap_rows(engine: Engine, *cases: MeasureCase) -> list[list[dict[str, Any]]]:
    """For each case its gaps, rate by rate."""
    rows = sorted(engine.to_rows(gaps(evaluation_of(engine, cases))), key=lambda row: row["rate"])
    return [[row for row in rows if row["person_id"] == f"p{number}"] for number in range(len(cases))]


SCREENING = """
person | events | status | reason | evidence
--- | --- | --- | --- | ---
F 1965-05-05 | mammography 2023-10-01 | closed-gap |  | observation/1
F 1965-05-05 |  | open-gap | NotFound |
F 1965-05-05 | mammography 2023-09-30 | open-gap | DateOutOfRange | observation/1
F 1965-05-05 | mammography 2025-02-01 status=cancelled | open-gap | InvalidAttribute | observation/1
F 1965-05-05 | mammography 2020-02-01; mammography 2025-02-01 status=unknown | open-gap | DateOutOfRange | observation/1
F 1965-05-05 | mammography 2026-01-01; mammography 2019-01-01 | open-gap | DateOutOfRange | observation/1
F 1965-05-05 | bilateral_mastectomy 2020-01-01 | not-applicable |  |
"""


def test_what_is_missing_of_a_mammogram(duckdb_engine: Engine) -> None:
    table = cells(SCREENING)
    cases = [case("CMS125", str(row["person"]), f"{VISIT}; {row['events'] or ''}") for row in table]
    for row, found in zip(table, gap_rows(duckdb_engine, *cases), strict=True):
        gap = found[0]
        assert (gap["status"], gap["reason"], gap["evidence"]) == (row["status"], row["reason"], row["evidence"]), row
        still_open = gap["status"] == "open-gap"
        assert gap["last_day"] == (datetime.date(2025, 12, 31) if still_open else None)
        assert gap["way"] == (definition_of("CMS125").way("mammogram") if still_open else None)


def test_who_is_not_in_the_initial_population_has_no_gap(duckdb_engine: Engine) -> None:
    assert gap_rows(duckdb_engine, case("CMS125", "M 1965-05-05", VISIT)) == [[]]


GLUCOSE = """
events | status | reason
--- | --- | ---
hba1c_test 2025-05-01 value=8.9 unit=% | closed-gap |
hba1c_test 2025-05-01 value=9.0 unit=% | closed-gap |
hba1c_test 2025-05-01 value=9.1 unit=% | open-gap | ValueOutOfRange
hba1c_test 2025-05-01 | open-gap | Missing
 | open-gap | NotFound
hba1c_test 2024-05-01 value=7 unit=% | open-gap | DateOutOfRange
hba1c_test 2025-05-01 value=7 unit=%; hba1c_test 2025-06-01 | open-gap | Missing
hba1c_test 2025-05-01 value=9.5 unit=%; hba1c_test 2025-05-01 value=8 unit=% | closed-gap |
"""


def test_of_an_inverse_measure_the_numerator_is_the_gap(duckdb_engine: Engine) -> None:
    table = cells(GLUCOSE)
    told = f"{VISIT}; condition:diabetes 2020-01-01..; "
    cases = [case("CMS122", "F 1965-05-05", told + (row["events"] or "")) for row in table]
    for row, found in zip(table, gap_rows(duckdb_engine, *cases), strict=True):
        assert (found[0]["status"], found[0]["reason"]) == (row["status"], row["reason"]), row


EPISODE = "office_visit 2025-03-01; condition:substance_use_disorder 2025-03-01"
LATE = "office_visit 2025-11-14; condition:substance_use_disorder 2025-11-14; psychotherapy 2025-11-27"
TREATMENT = """
events | rate 1 | rate 2 | last day | reason
--- | --- | --- | --- | ---
 | open-gap | open-gap | 2025-03-14 | NotFound
psychotherapy 2025-03-15 | open-gap | open-gap | 2025-03-14 | DateOutOfRange
psychotherapy 2025-03-10 | closed-gap | open-gap | 2025-04-13 | DateOutOfRange
psychotherapy 2025-03-10; psychotherapy 2025-03-11 | closed-gap | open-gap | 2025-04-13 | CountOutOfRange
psychotherapy 2025-03-10; psychotherapy 2025-03-11; psychotherapy 2025-03-12 | closed-gap | closed-gap |  |
"""


def test_days_are_counted_from_the_episode_and_from_what_began(duckdb_engine: Engine) -> None:
    table = cells(TREATMENT)
    cases = [case("CMS137", "M 1980-06-01", f"{EPISODE}; {row['events'] or ''}") for row in table]
    for row, (first, second) in zip(table, gap_rows(duckdb_engine, *cases), strict=True):
        assert (first["status"], second["status"]) == (row["rate 1"], row["rate 2"]), row
        assert second["last_day"] == (datetime.date.fromisoformat(row["last day"]) if row["last day"] else None), row
        assert second["reason"] == row["reason"], row
    untreated = definition_of("CMS137").way("treatment within 14 days of the episode")
    begun = definition_of("CMS137").way("treatment kept up")
    found = gap_rows(duckdb_engine, *cases)
    assert [found[0][1]["way"], found[2][1]["way"]] == [untreated, begun]
    late = gap_rows(duckdb_engine, case("CMS137", "M 1980-06-01", LATE))[0]
    assert late[1]["last_day"] == datetime.date(2025, 12, 31)


DONE = "adult_depression_screening 2025-03-01"
DEPRESSION = [
    ("", "open-gap", "screening for depression"),
    (f"{DONE} value=depression_screening_positive", "open-gap", "follow-up after a positive screening"),
    (f"{DONE} value=depression_screening_negative", "closed-gap", None),
    (f"{DONE} status=cancelled reason=depression_screening_declined recorded=2025-03-01", "not-applicable", None),
]


def test_the_way_depends_on_how_far_one_came(duckdb_engine: Engine) -> None:
    visit = "visit_to_screen_for_depression 2025-03-01"
    cases = [case("CMS2", "F 1965-05-05", f"{visit}; {events}") for events, _status, _gap in DEPRESSION]
    for (events, status, gap), found in zip(DEPRESSION, gap_rows(duckdb_engine, *cases), strict=True):
        wanted = definition_of("CMS2").way(gap) if gap else None
        assert (found[0]["status"], found[0]["way"]) == (status, wanted), events


@pytest.mark.parametrize(
    ("events", "reason", "shown"),
    [
        (
            "mammography 2023-09-30",
            "DateOutOfRange",
            [{"event": "observation/1", "day": "2023-09-30", "status": "final"}],
        ),
        ("", "NotFound", None),
    ],
)
def test_a_trace_tells_what_was_nearest(duckdb_engine: Engine, events: str, reason: str, shown: Any) -> None:
    evaluation = evaluation_of(duckdb_engine, [case("CMS125", "F 1955-05-05", f"{VISIT}; {events}")])
    told = traces(evaluation)["p0"]["1"]
    assert told["initial_population"]["holds"]
    assert [part["statement"] for part in told["initial_population"]["because"]] == [
        "age 52 to 74 on 2025-12-31",
        "female",
        "qualifying visit",
    ]
    assert told["initial_population"]["because"][2]["events"][0]["event"] == "encounter/0"
    assert told["numerator"].get("reason") == reason
    assert told["numerator"].get("events") == shown
    assert told["denominator_exclusion"] == {
        "statement": told["denominator_exclusion"]["statement"],
        "holds": False,
        "reason": "NotFound",
    }


def test_a_trace_tells_which_of_many_exclusions_it_was(duckdb_engine: Engine) -> None:
    events = (
        f"{VISIT}; unilateral_mastectomy_side_not_said 2020-01-01 site=left; unilateral_mastectomy_right 2021-01-01"
    )
    told = traces(evaluation_of(duckdb_engine, [case("CMS125", "F 1965-05-05", events)]))["p0"]["1"]
    exclusion = told["denominator_exclusion"]
    assert (exclusion["statement"], exclusion["holds"]) == ("mastectomy of both sides", True)
    behind = str(exclusion["because"])
    assert "condition/1" in behind
    assert "procedure/2" in behind
    assert "hospice" not in behind

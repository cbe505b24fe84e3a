"""What holds of stays whatever the bills: nothing lost, nothing counted twice (42 CFR 412.4)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groupers_world import claims_of, people_of, stays_of
from openaco.engine import Engine

FIRST = datetime.date(2024, 1, 1)
BILLS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["one", "two"]),
            "ccn": st.sampled_from(["250001", "250002", "254001"]),
            "from": st.integers(0, 20),
            "nights": st.integers(0, 8),
            "status": st.sampled_from(["01", "02", "07", "20", "30"]),
            "freq": st.sampled_from(["1", "2", "3", "4"]),
            "dx": st.sampled_from(["I509", "J189"]),
            "cents": st.integers(0, 10**7),
        }
    ),
    min_size=1,
    max_size=12,
)


def written(bills: list[dict[str, Any]]) -> str:
    rows = ["id | who | type | ccn | from | thru | status | freq | dx | paid", "-"]
    for number, bill in enumerate(bills):
        start = FIRST + datetime.timedelta(days=bill["from"])
        end = start + datetime.timedelta(days=bill["nights"])
        paid = Decimal(bill["cents"]) / 100
        cells = [f"b{number:02}", bill["who"], "60", bill["ccn"], start, end, bill["status"], bill["freq"], bill["dx"]]
        rows.append(" | ".join(str(cell) for cell in [*cells, f"{paid:.2f}"]))
    return "\n".join(rows)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bills=BILLS)
def test_stays_and_admissions_part_the_bills(duckdb_engine: Engine, bills: list[dict[str, Any]]) -> None:
    engine = duckdb_engine
    people = people_of(engine, ["one", "two"])
    stays_table, admissions_table, members_table = stays_of(engine, claims_of(engine, stays=written(bills)), people)
    stays, found, members = (engine.to_rows(table) for table in (stays_table, admissions_table, members_table))
    assert sorted(row["claim_id"] for row in members) == [f"b{number:02}" for number in range(len(bills))]
    paid = sum((Decimal(bill["cents"]) / 100 for bill in bills), Decimal(0))
    assert sum(row["paid_amount"] for row in stays) == sum(row["paid_amount"] for row in found) == paid
    assert sum(row["bills"] for row in stays) == sum(row["bills"] for row in found) == len(bills)
    for row in found:
        parts = [stay for stay in stays if stay["admission_id"] == row["admission_id"]]
        assert row["start_date"] == min(stay["start_date"] for stay in parts)
        assert row["end_date"] == max(stay["end_date"] for stay in parts)
        assert [len(parts), 1, 1] == [row["places"], *(sum(p[name] for p in parts) for name in ("is_first", "is_last"))]
    for stay in stays:
        assert stay["covered_days"] == len(_days(members, stay["stay_id"], bills))


def _days(members: list[dict[str, Any]], stay_id: str, bills: list[dict[str, Any]]) -> set[int]:
    """The days that some bill of a stay covers."""
    own = [bills[int(row["claim_id"][1:])] for row in members if row["stay_id"] == stay_id]
    return {day for bill in own for day in range(bill["from"], bill["from"] + bill["nights"] + 1)}

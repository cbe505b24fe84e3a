"""Properties of claims and expenditures that hold whatever is delivered, in whatever order.

An example is a whole feed of many invented people, so that few examples say much.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims_cases import LAKE, claim_set_of
from openaco.engine import Engine, _
from openaco.rules.claims import ClaimSet, signed_and_final_differences
from openaco.rules.enrollment import ENROLLMENT_TYPES
from openaco.rules.expenditures import expenditures

Row = dict[str, Any]
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
DAY = datetime.date(2024, 1, 1)

cents = st.integers(min_value=0, max_value=5_000_000).map(lambda value: Decimal(value).scaleb(-2))
amounts = st.one_of(st.sampled_from([Decimal("0.00"), Decimal("100.00")]), cents)


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Claims as Medicare tells them: an original, then now and then a cancellation with its replacement."""
    rows: list[Row] = []
    for number in range(draw(st.integers(min_value=1, max_value=25))):
        paid = draw(st.lists(amounts, min_size=1, max_size=4))
        end = draw(st.integers(min_value=0, max_value=300))
        same = {
            "mbi": f"M{draw(st.integers(0, 5))}",
            "billing_ccn": f"{number:06}",
            "claim_control_number": f"C{number}",
            "claim_start_date": DAY + datetime.timedelta(days=end),
            "claim_end_date": DAY + datetime.timedelta(days=end + 2),
            "claim_line_number": 1,
        }
        if draw(st.booleans()):
            same["billing_ccn"] = None
            same["claim_start_date"] = same["claim_end_date"] = DAY + datetime.timedelta(days=number)
        on = same["claim_end_date"]
        for turn, amount in enumerate(paid):
            if turn:
                on += datetime.timedelta(days=draw(st.integers(1, 60)))
                rows.append(same | version(f"{number}-{turn}c", "1", paid[turn - 1], on))
            rows.append(same | version(f"{number}-{turn}", "2" if turn else "0", amount, on))
        if draw(st.integers(0, 3)) == 0:
            rows.append(same | version(f"{number}-end", "1", paid[-1], on + datetime.timedelta(days=3)))
    return rows


def version(claim_id: str, adjustment: str, amount: Decimal, on: datetime.date) -> Row:
    return {"claim_id": claim_id, "adjustment_type_code": adjustment, "paid_amount": amount, "effective_date": on}


def delivered(rows: list[Row], deliveries: list[int]) -> list[Row]:
    """The rows, each in one delivery."""
    return [
        row | {"delivery_id": f"d{delivery:02}", "source_file": "f", "source_line": line}
        for line, (row, delivery) in enumerate(zip(rows, deliveries, strict=True))
    ]


def adjusted(engine: Engine, rows: list[Row]) -> ClaimSet:
    """The rows as institutional claims and as carrier lines."""
    tables = {name: engine.empty(table) for name, table in LAKE.items()}
    for name, kind in (("institutional_claim", "40"), ("professional_line", "71")):
        known = LAKE[name].columns()
        own = [{key: value for key, value in row.items() if key in known} | {"claim_type_code": kind} for row in rows]
        tables[name] = engine.from_rows(LAKE[name], own)
    return claim_set_of(engine, tables, year=2024)


def answer(engine: Engine, claims: ClaimSet) -> tuple[Any, ...]:
    """Both answers: what stands, and signed dollars by person and month."""
    kinds = (claims.institutional, claims.professional)
    final = [sorted((row["claim_id"], row["paid_amount"]) for row in engine.to_rows(kind)) for kind in kinds]
    sums = claims.dollars.group_by("person_id", "claim_kind", "month").agg(total=_.paid_amount.sum())
    return *final, sorted(tuple(row.values()) for row in engine.to_rows(sums))


@FEW
@given(rows=histories(), data=st.data())
def test_neither_order_nor_repetition_of_deliveries_matters(
    duckdb_engine: Engine, rows: list[Row], data: st.DataObject
) -> None:
    places = st.lists(st.integers(1, 6), min_size=len(rows), max_size=len(rows))
    first = delivered(rows, data.draw(places))
    other = delivered(data.draw(st.permutations(rows)), data.draw(places))
    again = first + [row | {"delivery_id": f"r{row['delivery_id']}"} for row in data.draw(st.permutations(first))]
    expected = answer(duckdb_engine, adjusted(duckdb_engine, first))
    assert answer(duckdb_engine, adjusted(duckdb_engine, other)) == expected
    assert answer(duckdb_engine, adjusted(duckdb_engine, again)) == expected


@FEW
@given(rows=histories())
def test_both_answers_agree_on_whole_histories(duckdb_engine: Engine, rows: list[Row]) -> None:
    """Where every cancellation has its version, signed sums and final-action versions are the same money."""
    claims = adjusted(duckdb_engine, delivered(rows, [1] * len(rows)))
    institutional, professional, sums = answer(duckdb_engine, claims)
    assert duckdb_engine.to_rows(signed_and_final_differences(claims)) == []
    signed = sum(row["paid_amount"] * (-1 if row["adjustment_type_code"] == "1" else 1) for row in rows)
    for kind, final in (("institutional", institutional), ("professional", professional)):
        assert sum((amount for _id, amount in final), Decimal(0)) == signed
        assert sum((row[3] for row in sums if row[1] == kind), Decimal(0)) == signed
    standing = len([row for row in rows if row["adjustment_type_code"] != "1"]) - len(
        [row for row in rows if row["adjustment_type_code"] == "1"]
    )
    assert len(institutional) == len(professional) == standing


@FEW
@given(rows=histories())
def test_a_claim_and_its_cancellation_are_nothing(duckdb_engine: Engine, rows: list[Row]) -> None:
    originals = [row | {"adjustment_type_code": "0"} for row in rows]
    later = datetime.timedelta(days=30)
    cancellations = [
        row
        | {"claim_id": f"x{row['claim_id']}", "adjustment_type_code": "1"}
        | {"effective_date": row["effective_date"] + later}
        for row in originals
    ]
    claims = adjusted(duckdb_engine, delivered(cancellations + originals, [1] * len(rows) + [2] * len(rows)))
    institutional, professional, sums = answer(duckdb_engine, claims)
    assert institutional == professional == []
    assert {row[3] for row in sums} == {Decimal("0.00")}


person_years = st.lists(
    st.tuples(st.sampled_from(ENROLLMENT_TYPES), st.integers(1, 12), st.integers(-20_000_000, 60_000_000)),
    min_size=1,
    max_size=60,
)


@FEW
@given(people=person_years, limits=st.lists(st.integers(1, 30_000_000), min_size=4, max_size=4))
def test_per_capita_is_that_of_exact_fractions(
    duckdb_engine: Engine, people: list[tuple[str, int, int]], limits: list[int]
) -> None:
    """The specifications' formula in fractions: Σ truncated annualized × person-years ÷ Σ person-years."""
    engine = duckdb_engine
    thresholds = {kind: Decimal(limit).scaleb(-2) for kind, limit in zip(ENROLLMENT_TYPES, limits, strict=True)}
    months, spent = [], []
    for number, (kind, count, value) in enumerate(people):
        for month in range(1, count + 1):
            months.append({"person_id": f"P{number}", "month": datetime.date(2024, month, 1), "kind": kind})
        spent.append((f"P{number}", Decimal(value).scaleb(-2)))
    found = expenditures(
        spent_table(engine, spent),
        month_table(engine, months),
        year=2024,
        thresholds=thresholds,
        completion_factor=Decimal("1.013"),
        checkpoint=engine.checkpoint,
    )
    rows = {row["enrollment_type"]: row for row in engine.to_rows(found.by_type)}
    for kind in {kind for kind, _count, _value in people}:
        limit = Fraction(thresholds[kind])
        total = years = Fraction(0)
        for _kind, count, value in (person for person in people if person[0] == kind):
            part = Fraction(count, 12)
            annualized = Fraction(value, 100) / part
            total += max(min(annualized, limit), -limit) * part
            years += part
        assert Fraction(rows[kind]["dollar_months"]) == total * 12
        expected = float(total / years * Fraction("1.013"))
        assert abs(rows[kind]["per_capita"] - expected) <= 1e-12 * max(1.0, abs(expected))


def spent_table(engine: Engine, spent: list[tuple[str, Decimal]]) -> Any:
    rows = [
        {"claim_id": person, "mbi": person, "paid_amount": amount, "claim_type_code": "40", "claim_end_date": DAY}
        for person, amount in spent
    ]
    tables = {name: engine.empty(table) for name, table in LAKE.items()}
    lineage = [row | {"delivery_id": "d", "source_file": "f", "source_line": line} for line, row in enumerate(rows)]
    tables["institutional_claim"] = engine.from_rows(LAKE["institutional_claim"], lineage)
    return claim_set_of(engine, tables, year=2024).dollars


def month_table(engine: Engine, months: list[Row]) -> Any:
    rows = [{"mbi": row["person_id"], "month": row["month"], "enrollment_type": row["kind"]} for row in months]
    table = engine.from_rows(LAKE["enrollment_month"], [row | {"has_part_a": True} for row in rows])
    return table.select("month", "enrollment_type", person_id=_.mbi, eligible=_.has_part_a)

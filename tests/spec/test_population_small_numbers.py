"""Small cells: ten people are hidden, eleven shown, and nothing that shows gives a hidden cell away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaco.insight.population.grids import ALL, make_grid
from openaco.insight.population.small_numbers import hidden_cells, is_small, least_shown


@pytest.mark.parametrize(("people", "small"), [(0, False), (1, True), (10, True), (11, False), (12, False)])
def test_ten_are_few_and_eleven_are_not(people: int, small: bool) -> None:
    assert is_small(people, least_shown(2024)) is small


SUMS = [
    # parts, total → hidden parts; the total is shown unless named
    ({"a": 11, "b": 30, "t": 41}, set()),
    ({"a": 10, "b": 30, "c": 20, "t": 60}, {"a", "c"}),  # c would be the smallest beside a
    ({"a": 4, "b": 5, "c": 30, "t": 39}, {"a", "b"}),  # two hidden parts hold each other's secret
    ({"a": 1, "b": 1, "c": 30, "t": 32}, {"a", "b", "c"}),  # 2 people in 2 parts are one each
    ({"a": 10, "b": 10, "c": 30, "d": 12, "t": 62}, {"a", "b", "d"}),  # 20 people in 2 small parts are ten each
    ({"a": 3, "b": 0, "t": 3}, {"a", "t"}),  # nobody is no cover, so the sum goes too
    ({"a": 0, "b": 0, "t": 0}, set()),
    ({"a": 3, "t": 20}, {"a", "t"}),
]


@pytest.mark.parametrize(("people", "hidden"), SUMS)
def test_what_is_hidden_in_a_sum(people: dict[str, int], hidden: set[str]) -> None:
    found = hidden_cells(people, [list(people)], 11)
    assert found == hidden


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5),
)
def test_no_row_or_column_hides_one_cell_alone(table: list[list[int]]) -> None:
    rows, columns = [str(number) for number in range(len(table))], ["x", "y", "z"]
    cells = {(row, column): table[int(row)][place] for row in rows for place, column in enumerate(columns)}
    cells |= {(row, ALL): sum(table[int(row)]) for row in rows}
    cells |= {(ALL, column): sum(cells[row, column] for row in rows) for column in [*columns, ALL]}
    found = [{"row_key": row, "column_key": col, "value": n, "people": n} for (row, col), n in cells.items()]
    grid = make_grid(found, rows=[*rows, ALL], columns=[*columns, ALL], least=11)
    for (row, column), people in cells.items():
        if 0 < people < 11:
            assert grid.value(row, column) is None
    for row in grid.rows:
        assert sum(grid.value(row, column) is None for column in grid.columns) != 1
    for column in grid.columns:
        assert sum(grid.value(row, column) is None for row in grid.rows) != 1


def test_a_practice_of_ten_people_is_hidden_whole_with_its_months() -> None:
    found = [{"row_key": row, "column_key": "visits", "value": 50, "people": 11} for row in ("a", "b", "c", ALL)]
    people = {"a": 10, "b": 40, "c": 20, ALL: 70}
    months = {"a": 120, "b": 480, "c": 240, ALL: 840}
    grid = make_grid(found, rows=["a", "b", "c", ALL], columns=["visits"], least=11, people=people, months=months)
    assert [grid.value(row, "visits") for row in grid.rows] == [None, 50, None, 50]
    assert set(grid.months) == {"b", ALL}
    assert grid.rate("b", "visits", 12_000) == 50 / 480 * 12_000
    assert grid.rate("a", "visits", 12_000) is None

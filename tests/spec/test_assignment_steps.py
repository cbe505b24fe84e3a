"""Steps 1 to 3, plurality and tie-breaks: each person of a table is one edge (42 CFR 425.402(b))."""

from __future__ import annotations

from assignment_world import World, visits
from openaco.engine import Engine
from spec_tables import cells


def expect(text: str) -> dict[str, str | None]:
    return {row["person"]: row["stage"] for row in cells(text)}  # type: ignore[misc]


def test_step_1_compares_the_whole_aco_with_each_single_other_entity(engine: Engine) -> None:
    world = World(
        engine,
        visits("""
person             | date       | tin   | role       | amount
------------------ | ---------- | ----- | ---------- | ------
aco only           | 2023-02-01 | ours1 | pcp        | 100.00
split beats bigger | 2023-02-01 | ours1 | pcp        | 60.00
split beats bigger | 2023-02-02 | ours2 | pcp        | 50.00
split beats bigger | 2023-03-01 | out1  | pcp        | 100.00
sum of others      | 2023-02-01 | ours1 | pcp        | 50.00
sum of others      | 2023-02-02 | out1  | pcp        | 40.00
sum of others      | 2023-02-03 | out2  | pcp        | 40.00
single other       | 2023-02-01 | ours1 | pcp        | 50.00
single other       | 2023-02-02 | out1  | pcp        | 50.01
other aco          | 2023-02-01 | ours1 | pcp        | 50.00
other aco          | 2023-02-02 | other | pcp        | 60.00
np adds            | 2023-02-01 | ours1 | pcp        | 10.00
np adds            | 2023-02-02 | ours2 | np         | 50.00
np adds            | 2023-02-03 | out1  | pcp        | 55.00
specialist opens   | 2023-02-01 | ours1 | cardiology | 900.00
specialist opens   | 2023-02-02 | ours1 | pa         | 30.00
specialist opens   | 2023-02-03 | out1  | cns        | 29.99
specialist no sum  | 2023-02-01 | ours1 | cardiology | 900.00
specialist no sum  | 2023-02-02 | out1  | pcp        | 1.00
np only            | 2023-02-01 | ours1 | np         | 100.00
surgeon only       | 2023-02-01 | ours1 | surgery    | 100.00
nobody of ours     | 2023-02-01 | out1  | pcp        | 100.00
"""),
    )
    assert world.stages(2023) == expect("""
person             | stage
------------------ | -----
aco only           | step_1
split beats bigger | step_1
sum of others      | step_1
single other       | step_1_elsewhere
other aco          | step_1_elsewhere
np adds            | step_1
specialist opens   | step_1
specialist no sum  | step_1_elsewhere
np only            | no_aco_physician
surgeon only       | no_aco_physician
nobody of ours     | no_aco_service
""")

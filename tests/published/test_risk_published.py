"""Published test values and the cases that independent engines agree on: all of them to three decimals."""

from __future__ import annotations

from pathlib import Path

import pytest

from openaco.engine import Engine
from openaco.programs.risk.file import score_file

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("name", "count"),
    [("test_cases_visible.csv", 13), ("consensus_cases_visible.csv", 400)],
    ids=["published", "agreed"],
)
def test_every_case_agrees(name: str, count: int, shared_data: Path, engine: Engine) -> None:
    answer = score_file(shared_data / "cms-hcc" / name, engine)
    assert [(row.case.id, str(row.raw_score), row.case.expected) for row in answer.differing] == []
    assert (answer.compared, answer.scored) == (count, count)

"""People to score as ASCII tables: the columns of a file for `openaco risk score`, and what is expected."""

from __future__ import annotations

from collections.abc import Sequence

from openaco.engine import Engine
from openaco.programs.risk.cases import RiskCase, risk_case
from openaco.programs.risk.file import ScoredRow, score_cases
from spec_tables import cells

USUAL = {"payment_year": "2026", "orec": "0", "dual_code": "00"}
OTHER = {
    "year": "payment_year",
    "dual": "dual_code",
    "codes": "icd10cm",
    "lti": "long_term_institutional",
    "snp": "special_needs_plan",
}


def people(text: str, **constants: str) -> list[RiskCase]:
    """The rows of an ASCII table as cases; `constants` and the usual values fill what is left out."""
    rows = []
    for number, row in enumerate(cells(text), start=1):
        given = {OTHER.get(name, name): value or "" for name, value in row.items()}
        rows.append(risk_case({"id": str(number), **USUAL, **constants, **given}, number))
    return rows


def scored(engine: Engine, text: str, **constants: str) -> Sequence[ScoredRow]:
    """The rows scored."""
    return score_cases(people(text, **constants), engine)


def check(engine: Engine, text: str, **constants: str) -> None:
    """Score each row and compare what the table expects: `score`, and `standing`, `dropped`, `cell` where it says."""
    rows = cells(text)
    for row, found in zip(rows, scored(engine, text, **constants), strict=True):
        told = found.as_row()
        place = f"{row} → {told}"
        assert told["raw_score"] == (row["score"] or ""), place
        for column, name in (("standing", "categories"), ("interaction", "interactions"), ("count", "category_count")):
            if column in row:
                assert [part.split()[0] for part in told[name].split("; ") if part] == (row[column] or "").split(), (
                    place
                )
        if "dropped" in row:
            assert told["dropped"] == (row["dropped"] or ""), place
        if "cell" in row:
            assert told["age_sex"].split(" ")[0] == (row["cell"] or ""), place

"""What must hold whatever the codes are: order and repetition change nothing, a dropped child changes nothing."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaco.engine import Engine
from openaco.programs.risk.cases import risk_case
from openaco.programs.risk.file import ScoredRow, score_cases
from openaco.rules.risk.models import code_years, segments, table_rows

MODELS = {"CMS-HCC V22": 2026, "CMS-HCC V24": 2025, "CMS-HCC V28": 2026, "ESRD V24": 2026}
COMMUNITY = {"ESRD V24": "G_COMM_ND_PBD_GE65"}
SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def codes_of(model: str) -> list[str]:
    return sorted(code for code, years in code_years(model).items() if MODELS[model] in years)


@cache
def children(model: str) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in table_rows("hierarchies"):
        if row["model"] == model:
            found.setdefault(int(row["parent"]), set()).add(int(row["child"]))
    return found


@st.composite
def lists_of_codes(draw: st.DrawFn) -> tuple[str, list[str]]:
    model = draw(st.sampled_from(sorted(MODELS)))
    return model, draw(st.lists(st.sampled_from(codes_of(model)), max_size=14))


def scores(engine: Engine, model: str, lists: list[list[str]]) -> list[ScoredRow]:
    base = {"model": model, "payment_year": str(MODELS[model]), "age": "72", "sex": "F", "orec": "0", "dual_code": "00"}
    base |= {"segment": COMMUNITY.get(model, "CNA"), "graft_months": "12"}
    return score_cases([risk_case({**base, "icd10cm": ";".join(codes)}) for codes in lists], engine)


@SETTINGS
@given(lists_of_codes(), st.randoms())
def test_order_and_repetition_change_nothing(
    duckdb_engine: Engine, drawn: tuple[str, list[str]], rnd: random.Random
) -> None:
    model, codes = drawn
    shuffled = [*codes, *codes]
    rnd.shuffle(shuffled)
    one, other = scores(duckdb_engine, model, [codes, shuffled])
    assert one.raw_score == other.raw_score
    assert one.as_row()["categories"] == other.as_row()["categories"]


@SETTINGS
@given(lists_of_codes())
def test_a_child_that_is_dropped_changes_nothing(duckdb_engine: Engine, drawn: tuple[str, list[str]]) -> None:
    """Take away a code all of whose categories are dropped and drop nothing that another does not drop."""
    model, codes = drawn
    whole = scores(duckdb_engine, model, [codes])[0]
    gone = {row["hcc"] for row in whole.categories if row["dropped_by"] is not None}
    below = children(model)
    kept = []
    for code in dict.fromkeys(codes):
        mine = {row["hcc"] for row in whole.diagnoses.get(code, [])}
        harmless = all(
            below.get(hcc, set()) <= below.get(parent, set()) for hcc in mine for parent in _above(whole, hcc)
        )
        if not (mine and mine <= gone and harmless):
            kept.append(code)
    assert scores(duckdb_engine, model, [kept])[0].raw_score == whole.raw_score


def _above(row: ScoredRow, hcc: int) -> list[int]:
    return [found["dropped_by"] for found in row.categories if found["hcc"] == hcc and found["dropped_by"] is not None]


@SETTINGS
@given(lists_of_codes())
def test_the_score_is_the_sum_of_its_factors(duckdb_engine: Engine, drawn: tuple[str, list[str]]) -> None:
    model, codes = drawn
    row = scores(duckdb_engine, model, [codes])[0]
    assert row.raw_score == sum((factor for named in row.factors.values() for _, factor in named), Decimal(0))
    standing = {row["hcc"] for row in row.categories if not row["patched"] and row["dropped_by"] is None}
    assert not {child for parent in standing for child in children(model).get(parent, ())} & standing


@pytest.mark.parametrize("model", sorted({row["model"] for row in table_rows("models")}))
def test_everybody_has_exactly_one_segment(duckdb_engine: Engine, model: str) -> None:
    """The conditions of segments exclude one another and leave nobody out; cells cover every age."""
    year = max(int(row["payment_year"]) for row in table_rows("model_years") if row["model"] == model)
    cases, known = [], set(segments(model).values())
    for age in (0, 34, 35, 64, 65, 69, 70, 94, 95, 120):
        for dual in ("00", "01", "02"):
            for yes_no in range(16):
                flags = {
                    name: "yes" if yes_no >> place & 1 else "no"
                    for place, name in enumerate(
                        ("long_term_institutional", "new_enrollee", "special_needs_plan", "low_income")
                    )
                }
                for months in ("", "1", "2", "3", "4", "40"):
                    if months and not model.startswith("ESRD"):
                        continue
                    row = {"model": model, "payment_year": str(year), "age": str(age), "sex": "M", "orec": "1"}
                    cases.append(risk_case(row | flags | {"dual_code": dual, "graft_months": months}))
    rows = score_cases(cases, duckdb_engine)
    assert {row.segment for row in rows} == known
    assert all(len(row.factors.get("cell", [])) == 1 for row in rows if not row.segment.startswith("TRANSPLANT"))
    assert all(row.raw_score is not None for row in rows)

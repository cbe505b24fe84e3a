"""A file of people: every problem has a name, nothing becomes a silent zero, and the command says what differs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openaco.cli import risk as command
from openaco.engine import Engine
from openaco.programs.risk.cases import RiskFileError
from openaco.programs.risk.file import COLUMNS, score_file
from openaco.rules.risk import RiskModelError, model_year
from risk_cases_table import scored

HEADER = "id,model,payment_year,age,sex,orec,dual_code,segment,icd10cm\n"


def problems(engine: Engine, text: str, **constants: str) -> list[tuple[str | None, list[str]]]:
    rows = scored(engine, text, **constants)
    return [(row.as_row()["raw_score"] or None, [name for name, _ in row.case.problems]) for row in rows]


def test_what_cannot_be_scored_says_why(duckdb_engine: Engine) -> None:
    found = problems(
        duckdb_engine,
        """
        model | payment_year | age | sex | segment | icd10cm
        ----- | ------------ | --- | --- | ------- | -------
        V99   | 2026         | 70  | M   | CNA     | I509
        V28   | 2019         | 70  | M   | CNA     | I509
        V22   | 2023         | 70  | M   | CNA     | I509
        V28   | 2026         |     | M   | CNA     | I509
        V28   | 2026         | -1  | M   | CNA     | I509
        V28   | 2026         | 70  |     | CNA     | I509
        V28   | 2026         | 70  | X   | CNA     | I509
        V28   | 2026         | 70  | M   | XYZ     | I509
        """,
    )
    assert [score for score, _ in found] == [None] * 8
    assert [names[0] for _, names in found] == [
        "unknown model or payment year",
        "unknown model or payment year",
        "unknown model or payment year",
        "age missing or impossible",
        "age missing or impossible",
        "sex missing or unknown",
        "sex missing or unknown",
        "unknown segment",
    ]


def test_what_was_taken_for_granted_is_named(duckdb_engine: Engine) -> None:
    found = problems(
        duckdb_engine,
        """
        model    | payment_year | age | sex | orec | dual | segment    | codes
        -------- | ------------ | --- | --- | ---- | ---- | ---------- | -----
        V28      | 2026         | 70  | M   |      | 00   | CNA        | I509
        V28      | 2026         | 70  | M   | 0    | 00   |            | I509
        V28      | 2026         | 70  | M   | 0    |      |            | I509
        V28      | 2026         | 70  | M   | 0    | 77   | CNA        | I509
        V28      | 2026         | 60  | M   | 1    | 00   | CNA        | I509
        ESRD V24 | 2026         | 60  | M   | 2    | 00   |            | I509
        ESRD V24 | 2026         | 60  | M   | 2    | 00   | GI         | I509
        """,
    )
    assert all(score for score, _ in found)
    assert [names for _, names in found] == [
        ["original reason for entitlement (orec) missing or unknown"],
        ["long_term_institutional (LTI) not stated"],
        ["dual_code not stated", "long_term_institutional (LTI) not stated"],
        ["unknown dual_code"],
        ["no age and sex cell in the segment"],
        ["kidney_status not stated", "long_term_institutional (LTI) not stated"],
        ["graft_months not stated"],
    ]


def test_diagnoses_that_cannot_count_are_named(duckdb_engine: Engine) -> None:
    found = scored(
        duckdb_engine,
        """
        payment_year | codes
        ------------ | -----
        2026         | I50.9;i509;I509
        2026         | HELLO;1509
        2026         | I50
        2026         | I509@2025-03-01
        2026         | I509@2026-03-01
        2026         | I509@2024-12-31
        2026         | I509@someday
        2026         | Z23
        """,
        model="V28",
        age="70",
        sex="M",
        segment="CNA",
    )
    assert [[name for name, _ in row.case.problems] for row in found] == [
        [],
        ["not an ICD-10-CM code", "not an ICD-10-CM code"],
        ["incomplete code"],
        [],
        ["future diagnosis"],
        ["diagnosis before the data year"],
        ["diagnosis date cannot be read"],
        [],
    ]
    assert [str(row.raw_score) for row in found] == [
        *("0.756", "0.396", "0.396", "0.756"),
        *("0.396", "0.396", "0.396", "0.396"),
    ]
    assert found[7].as_row()["codes"] == "Z23: no payment category"


def test_a_code_of_another_year_is_named(duckdb_engine: Engine) -> None:
    """G20 was split: G20A1 is mapped from payment year 2024, G20 to 2024."""
    rows = scored(
        duckdb_engine,
        """
        payment_year | codes
        ------------ | -----
        2023         | G20A1
        2026         | G20
        """,
        model="V24",
        age="70",
        sex="M",
        segment="CNA",
    )
    assert [row.case.problems for row in rows] == [
        [("code of a later year", "G20A1: mapped from payment year 2024")],
        [("code of an earlier year", "G20: mapped to payment year 2024")],
    ]


def test_no_other_year_stands_in() -> None:
    with pytest.raises(RiskModelError, match=r"no table of ESRD V24 for payment year '2025'\. Here are: 2024, 2026"):
        model_year("ESRD V24", 2025)
    assert model_year("CMS-HCC Model V28", "any").payment_year == 2026
    assert model_year("v24", "latest").payment_year == 2026
    assert model_year("CMS-HCC ESRD Model V21", "2024").model == "ESRD V21"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_answer_begins_with_id_and_score(tmp_path: Path, duckdb_engine: Engine) -> None:
    file = write(tmp_path / "a.csv", HEADER + "p,V28,2026,70,M,0,00,CNA,I509;E1169\nq,V28,2026,70,,0,00,CNA,I509\n")
    score_file(file, duckdb_engine).write(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0])[:2] == ["id", "raw_score"]
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["id"], row["raw_score"]) for row in rows] == [("p", "1.034"), ("q", "")]
    assert rows[0]["codes"] == "I509 → HCC226; E1169 → HCC37"
    assert rows[1]["problems"] == "sex missing or unknown"


def test_the_command_compares_with_expected_scores(tmp_path: Path) -> None:
    header = HEADER.strip() + ",expected_raw_score\n"
    good = write(tmp_path / "good.csv", header + "p,V28,2026,70,M,0,00,CNA,I509,0.756\nr,V28,2026,70,M,0,00,CNA,,\n")
    bad = write(tmp_path / "bad.csv", header + "p,V28,2026,70,M,0,00,CNA,I509,0.757\nq,V28,2026,,M,0,00,CNA,I509,1\n")
    result = CliRunner().invoke(command.app, ["score", str(good)])
    assert result.exit_code == 0, result.output
    assert "1 of 1 agree with the expected score to 3 decimals" in result.output
    result = CliRunner().invoke(command.app, ["score", str(bad), "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert (answer["cases"], answer["scored"], answer["compared"], answer["agree"]) == (2, 1, 2, 0)
    assert answer["differ"] == [
        {"id": "p", "raw_score": "0.756", "expected_raw_score": "0.757"},
        {"id": "q", "raw_score": None, "expected_raw_score": "1"},
    ]
    assert answer["problems"] == {"age missing or impossible": 1}
    assert [row["raw_score"] for row in answer["rows"]] == ["0.756", ""]


def test_columns_of_published_cases_are_read(tmp_path: Path, duckdb_engine: Engine) -> None:
    """`medicaid` in place of a dual code, `age_feb1`, `consensus_raw_score`, a byte order mark."""
    text = "\ufeffid,model,payment_year,age_feb1,sex,orec,medicaid,segment,icd10cm,consensus_raw_score\n"
    file = write(tmp_path / "c.csv", text + "a,CMS-HCC V24,any,64,M,0,1,INS,A021,1.446\n")
    answer = score_file(file, duckdb_engine)
    assert (answer.compared, len(answer.differing)) == (1, 0)
    assert answer.tables() == {("CMS-HCC V24", 2026): ("unverified", 1)}


def test_a_file_that_is_none_is_refused(tmp_path: Path, duckdb_engine: Engine) -> None:
    with pytest.raises(RiskFileError, match="no column icd10cm"):
        score_file(write(tmp_path / "x.csv", "id,model,age,sex\n"), duckdb_engine)
    with pytest.raises(RiskFileError, match="cannot be read"):
        score_file(tmp_path / "none.csv", duckdb_engine)


def test_the_example_is_scored(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    assert CliRunner().invoke(command.app, ["example", str(file)]).exit_code == 0
    result = CliRunner().invoke(command.app, ["score", str(file), "--out", str(tmp_path / "out.csv")])
    assert result.exit_code == 0
    assert "6 rows: 5 scored, 1 not scored" in result.output
    again = CliRunner().invoke(command.app, ["example", str(file)])
    assert again.exit_code != 0

"""An ACO's scores from its lake: eligible diagnoses, monthly segments, the mix of models, CMS's scores beside them.

42 CFR 425.652(a), 425.659. Scores are added up by hand from the factors of V24 and V28.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import risk_world
from openaco.engine import Engine, Lake
from openaco.insight.recapture import DrugClassError, conditions_to_review, read_drug_classes, write_review
from openaco.programs.configuration import ByType
from openaco.programs.risk.results import write_risk
from openaco.programs.risk.scores import RiskYear, evaluate_risk, person_diagnoses, person_factors
from openaco.programs.risk.worksheet import risk_worksheet

NATIONAL = ByType(esrd=1.0, disabled=1.0, aged_dual=1.0, aged_non_dual=0.8)
V24, V28 = 0.67 / 1.146, 0.33 / 1.015


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return risk_world.make_lake(tmp_path_factory.mktemp("risk") / "lake")


@pytest.fixture(scope="module")
def year(lake: Lake, duckdb_engine: Engine) -> RiskYear:
    return evaluate_risk(duckdb_engine, lake, risk_world.configuration(NATIONAL), 2024)


def people(engine: Engine, year: RiskYear) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["person_id"], row["enrollment_type"]): row for row in engine.to_rows(year.people)}


def test_each_person_by_each_model(duckdb_engine: Engine, year: RiskYear) -> None:
    """Diagnoses on a laboratory claim do not count, nor those of 2024; dual months have segments of their own."""
    found = people(duckdb_engine, year)
    aged = found["AGED", "aged_non_dual"]
    assert aged["raw_cms_hcc_v24"] == pytest.approx(0.386 + 0.302 + 0.331 + 0.121)
    assert aged["raw_cms_hcc_v28"] == pytest.approx(0.395 + 0.166 + 0.360 + 0.112)
    dual = found["DUAL", "aged_dual"]
    assert dual["months"] == 12
    assert dual["raw_cms_hcc_v24"] == pytest.approx((0.803 + 0.430 + 0.544 + 0.358) / 2)
    assert dual["raw_cms_hcc_v28"] == pytest.approx((0.789 + 0.390 + 0.565 + 0.321) / 2)
    assert found["NEW", "aged_non_dual"]["raw_cms_hcc_v28"] == pytest.approx(0.567)
    assert found["NEW", "aged_non_dual"]["new_enrollee"] == 1
    assert found["KIDNEY", "esrd"]["raw_cms_hcc_v24"] is None
    assert found["KIDNEY", "esrd"]["raw_esrd_v24"] == pytest.approx(0.569 + 0.084)
    assert found["YOUNG", "disabled"]["raw_cms_hcc_v28"] == pytest.approx(0.215)
    assert not any(person == "NOBODY" for person, _ in found)


def test_factors_and_diagnoses_lead_back(duckdb_engine: Engine, year: RiskYear) -> None:
    factors = [row for row in duckdb_engine.to_rows(person_factors(year)) if row["person_id"] == "AGED"]
    assert {(row["model"], row["segment"], row["variable"], str(row["factor"])) for row in factors} == {
        ("CMS-HCC V24", "CNA", "F70_74", "0.386"),
        ("CMS-HCC V24", "CNA", "HCC18", "0.302"),
        ("CMS-HCC V24", "CNA", "HCC85", "0.331"),
        ("CMS-HCC V24", "CNA", "DIABETES_CHF", "0.121"),
        ("CMS-HCC V24", "CNA", "D2", "0.000"),
        ("CMS-HCC V28", "CNA", "F70_74", "0.395"),
        ("CMS-HCC V28", "CNA", "HCC37", "0.166"),
        ("CMS-HCC V28", "CNA", "HCC226", "0.360"),
        ("CMS-HCC V28", "CNA", "DIABETES_HF_V28", "0.112"),
        ("CMS-HCC V28", "CNA", "D2", "0.000"),
    }
    diagnoses = [row for row in duckdb_engine.to_rows(person_diagnoses(year)) if row["person_id"] == "AGED"]
    assert {(row["model"], row["icd10cm"], row["hcc"], row["outcome"], row["claim_id"]) for row in diagnoses} == {
        ("CMS-HCC V24", "E1169", 18, "counts", "c1"),
        ("CMS-HCC V24", "I509", 85, "counts", "c1"),
        ("CMS-HCC V28", "E1169", 37, "counts", "c1"),
        ("CMS-HCC V28", "I509", 226, "counts", "c1"),
    }


def test_models_are_normalized_and_then_blended(duckdb_engine: Engine, year: RiskYear) -> None:
    found = people(duckdb_engine, year)
    aged = found["AGED", "aged_non_dual"]
    score = 1.140 * V24 + 1.033 * V28
    assert aged["score"] == pytest.approx(score)
    assert aged["renormalized_score"] == pytest.approx(score / 0.8)
    assert aged["cms_score"] == 1.1
    assert aged["difference"] == pytest.approx(score / 0.8 - 1.1)
    assert aged["demographic_score"] == pytest.approx(0.690 * V24 + 0.694 * V28)
    assert found["KIDNEY", "esrd"]["score"] == pytest.approx(0.653)
    assert (aged["assigned"], found["NEW", "aged_non_dual"]["assigned"]) == (True, False)


def test_means_are_of_the_assigned_and_problems_are_named(year: RiskYear) -> None:
    assert year.assigned
    assert set(year.by_type) == {"aged_non_dual", "aged_dual"}
    assert year.by_type["aged_non_dual"].beneficiaries == 1
    assert year.by_type["aged_dual"].cms == pytest.approx(1.3)
    assert year.problems == {
        "not scored: sex or birth date not known": 1,
        "ESRD months taken as dialysis (grafts and transplants are not in claims data)": 1,
        "long-term institutional status not known: all scored as living in the community": 6,
    }


def test_the_worksheet_says_estimate_and_what_is_unverified(year: RiskYear) -> None:
    sheet = risk_worksheet(risk_world.configuration(NATIONAL), year)
    score = 1.140 * V24 + 1.033 * V28
    assert sheet["risk.renormalized_score.aged_non_dual"] == pytest.approx(score / 0.8)
    assert sheet["risk.implied_mean.aged_non_dual"] == pytest.approx(score / 1.1)
    assert "Estimate" in sheet.line("risk.renormalized_score.aged_non_dual").note
    assert sheet.rests_on_unverified("risk.renormalized_score.aged_non_dual")
    assert sheet.line("risk.demographic_score.aged_non_dual").confidence == "unverified"


def test_without_national_means_nothing_is_renormalized(lake: Lake, duckdb_engine: Engine, tmp_path: Path) -> None:
    configuration = risk_world.configuration()
    found = evaluate_risk(duckdb_engine, lake, configuration, 2024)
    sheet = risk_worksheet(configuration, found)
    line = sheet.line("risk.renormalized_score.aged_non_dual")
    assert (line.value, "Not renormalized" in line.note) == (None, True)
    assert sheet["risk.difference.aged_non_dual"] is None
    folder = write_risk(duckdb_engine, found, sheet, tmp_path / "risk" / "2024", as_csv=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        "diagnoses.csv",
        "diagnoses.parquet",
        "factors.csv",
        "factors.parquet",
        "scores.csv",
        "scores.parquet",
        "worksheet.json",
    ]
    text = (folder / "worksheet.json").read_text(encoding="utf-8")
    assert json.loads(text)["about"]["people"] == "assigned by CMS's report of the year"
    assert not [mbi for mbi in risk_world.PEOPLE if f'"{mbi}"' in text]


def test_growth_is_capped_over_all_types(year: RiskYear) -> None:
    """Against itself nothing grows; the cap is demographic growth and three points (agreements from 2024)."""
    weights = {"aged_non_dual": 0.6, "aged_dual": 0.4}
    sheet = risk_worksheet(risk_world.configuration(NATIONAL), year, year, weights)
    assert sheet["risk.aggregate_growth"] == pytest.approx(1.0)
    assert sheet["risk.aggregate_cap"] == pytest.approx(1.03)
    assert sheet["risk.growth_capped.aged_dual"] == pytest.approx(1.0)
    without = risk_worksheet(risk_world.configuration(NATIONAL), year, year)
    assert without["risk.aggregate_cap"] is None


def test_conditions_to_review(lake: Lake, duckdb_engine: Engine, tmp_path: Path) -> None:
    """Heart failure was documented in 2023 only; diabetes again; a laboratory's kidney disease counts nowhere."""
    classes = tmp_path / "classes.csv"
    classes.write_text("ndc,hcc,evidence\n00002-8215-01,38,insulin\n", encoding="utf-8")
    review = conditions_to_review(duckdb_engine, lake, 2024, drug_classes=classes)
    rows = duckdb_engine.to_rows(review.rows.order_by(["person_id", "hcc", "reason"]))
    told = [(row["person_id"], row["hcc"], row["reason"], row["evidence"]) for row in rows]
    assert told == [
        ("AGED", 226, "documented before, not yet this year", "diagnosis I509"),
        ("AGED", 327, "only on claims that do not count", "diagnosis N184 (no listed service)"),
        ("DUAL", 280, "documented before, not yet this year", "diagnosis J449"),
        ("KIDNEY", 37, "documented before, not yet this year", "diagnosis E1122"),
        ("NEW", 226, "documented before, not yet this year", "diagnosis I509"),
        ("YOUNG", 198, "only on claims that do not count", "diagnosis G35 (no listed service)"),
        ("YOUNG", 280, "drug, equipment or supply", "home oxygen (E1390)"),
    ]
    assert all(row["question"].startswith("Review:") for row in rows)
    assert not {"factor", "score", "amount", "dollars"} & set(review.rows.columns)
    counts = write_review(duckdb_engine, review, tmp_path / "review.csv")
    assert counts == {
        "documented before, not yet this year": 4,
        "drug, equipment or supply": 1,
        "only on claims that do not count": 2,
    }


def test_a_file_of_drug_classes_is_checked(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("ndc,hcc\n00002821501,38\n123,38\n", encoding="utf-8")
    with pytest.raises(DrugClassError, match=r"wrong\.csv, line 3: needs ndc"):
        read_drug_classes(wrong)
    with pytest.raises(DrugClassError, match="cannot be read"):
        read_drug_classes(tmp_path / "none.csv")

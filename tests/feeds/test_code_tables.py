"""Code tables as their publishers give them: which files are known, their forms, and what is wrong with a bad one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from openaco.errors import FeedError
from openaco.feeds.code_tables import CodeTables, read_code_tables
from openaco.parameters import parameter

THEMES = "RPL_THEME1,RPL_THEME2,RPL_THEME3,RPL_THEME4,RPL_THEMES"
FILES = {
    "readmissions__icd_10_cm_to_ccs.csv": "icd_10_cm,description,ccs_diagnosis_category\nI50.9,failure,108\n",
    "ccs_pr_icd10pcs_2020_1.csv": "'ICD-10-PCS CODE','CCS CATEGORY','DESCRIPTION'\n'0SRC0J9','152 ','knee'\n",
    "PQI_AREA_FORMATS.SAS": "Value $ACSCARP\n\"0210083\" = '1' /* bypass */\nOTHER = '0'\n;\n",
    "johnston_icd10.csv": "icd10,edcnnpa,edcnpa,epct,noner,injury,psych,alcohol,drug\nR079,0.1,0,0.4,0.5,0,0,0,0\n",
    "SVI_2022_US_county.csv": f"ST,FIPS,{THEMES}\n01,01001,.1,.2,.3,.4,.5\n",
    "SVI_2022_US_ZCTA.csv": f"FIPS,{THEMES}\n36003,.1,.2,.3,.4,.5\n",
    "US_2022_ADI_Census_Block_Group_v4.csv": 'GISJOIN,FIPS,ADI_NATRANK,ADI_STATERNK\nG1,"010010201001",73,5\n',
    "chronic_conditions__cms_chronic_conditions_hierarchy.csv": (
        "condition,inclusion_type,code_system,code\nDiabetes,Include,ICD-10-CM,E11.9\n"
    ),
    "notes.txt": "nothing\n",
    "picture.png": "nothing\n",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_files_are_known_by_their_names(tmp_path: Path) -> None:
    found = read_code_tables(written(tmp_path, FILES))
    assert found.files == {
        "ccs_diagnoses": "readmissions__icd_10_cm_to_ccs.csv",
        "ccs_procedures": "ccs_pr_icd10pcs_2020_1.csv",
        "pqi": "PQI_AREA_FORMATS.SAS",
        "ed_classification": "johnston_icd10.csv",
        "svi": "SVI_2022_US_county.csv",
        "svi_zip": "SVI_2022_US_ZCTA.csv",
        "adi": "US_2022_ADI_Census_Block_Group_v4.csv",
        "chronic_conditions": "chronic_conditions__cms_chronic_conditions_hierarchy.csv",
    }
    rows = {name: table.to_pylist() for name, table in found.tables.items()}
    assert rows["ccs_diagnoses"] == [{"code": "I509", "category": "108"}]
    assert rows["ccs_procedures"] == [{"code": "0SRC0J9", "category": "152"}]
    assert rows["pqi"] == [{"code": "0210083", "set": "ACSCARP"}]
    assert rows["ed_classification"][0]["primary_care_treatable"] == "0.4"
    assert rows["adi"] == [{"place": "010010201001", "national_rank": "73", "state_rank": "5"}]
    assert rows["chronic_conditions"][0]["code"] == "E119"


def test_packed_files_and_several_of_one_table(tmp_path: Path) -> None:
    header = "icd_10_cm,ccs_diagnosis_category\n"
    (tmp_path / "icd_10_cm_to_ccs_1.csv.gz").write_bytes(gzip.compress(f"{header}I509,108\n".encode()))
    (tmp_path / "icd_10_cm_to_ccs_2.csv").write_text(f"\ufeff{header}\nI10,98\n\n", encoding="utf-8")
    found = read_code_tables(tmp_path)
    assert found.tables["ccs_diagnoses"]["code"].to_pylist() == ["I509", "I10"]
    assert found.files["ccs_diagnoses"] == "icd_10_cm_to_ccs_1.csv.gz, icd_10_cm_to_ccs_2.csv"


def test_what_is_missing_says_what_for_and_where_to_get_it(tmp_path: Path) -> None:
    nothing = read_code_tables(tmp_path / "not there")
    assert nothing.tables == {}
    missing = {one.table: one for one in nothing.missing()}
    optional = {row["table"] for row in parameter("groupers/code_tables", 2024).value if row["optional"] == "yes"}
    assert not set(missing) & optional
    assert "PQI_AREA_FORMATS.SAS" in missing["pqi"].where
    assert "PQI" in missing["pqi"].needed_for
    assert read_code_tables(None).missing("svi")[0].where
    loaded = read_code_tables(written(tmp_path, FILES))
    assert [one.table for one in loaded.missing()] == ["potentially_planned_procedures"]
    with pytest.raises(KeyError):
        CodeTables().get("no such table")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("icd_10_cm_to_ccs.csv", "code,group\nI509,108\n", "has no column"),
        ("icd_10_cm_to_ccs.csv", "icd_10_cm,ccs_diagnosis_category\n", "holds no rows"),
        ("icd_10_cm_to_ccs.csv", "", "has no column"),
        ("PQI_AREA_FORMATS.SAS", "proc format; run;\n", "holds no formats"),
    ],
)
def test_a_file_that_cannot_serve_says_why(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(FeedError, match=said) as caught:
        read_code_tables(written(tmp_path, {name: text}))
    assert caught.value.where == name
    assert caught.value.remedy


def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "icd_10_cm_to_ccs.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(FeedError, match="cannot be read"):
        read_code_tables(tmp_path)

"""Value sets in every form a user can have them, the year they are of, and the demonstration set."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from measure_world import value_sets as complete
from openaco.engine import Engine
from openaco.errors import FeedError
from openaco.feeds.valuesets import demonstration_value_sets, read_value_sets
from openaco.measures.definition import MEASURES, MeasureError, definition_of
from openaco.measures.evaluate import rates_of
from openaco.measures.language import Period
from openaco.measures.logic import concepts_needed
from openaco.measures.value_sets import codes_for
from openaco.parameters import parameter

OID = "2.16.840.1.113883.3.464.1003.108.12.1018"
LOINC = "http://loinc.org"
EXPECTED = [(OID, "loinc", "24606-6"), (OID, "loinc", "26346-7")]


def keys(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((row["oid"], row["system"], row["code"]) for row in rows)


def by_oid(path: Path) -> Path:
    stated = {OID: {"name": "Mammography", "version": "1", "codes": {LOINC: ["24606-6", "26346-7"]}}}
    path.write_bytes(gzip.compress(json.dumps(stated).encode()))
    return path


def expansion(path: Path) -> Path:
    inner = {"system": LOINC, "code": "26346-7"}
    contains = [{"system": LOINC, "code": "24606-6", "contains": [inner]}]
    value_set = {
        "resourceType": "ValueSet",
        "url": f"http://cts.nlm.nih.gov/fhir/ValueSet/{OID}",
        "name": "Mammography",
    }
    entry = {"resource": value_set | {"expansion": {"contains": contains}}}
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [entry]}))
    return path


def composition(path: Path) -> Path:
    include = [{"system": LOINC, "concept": [{"code": "24606-6"}, {"code": "26346-7"}]}]
    path.write_text(json.dumps({"resourceType": "ValueSet", "id": OID, "compose": {"include": include}}))
    return path


def sharing_service(path: Path) -> Path:
    concepts = "".join(
        f'<ns0:Concept code="{code}" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>'
        for code in ("24606-6", "26346-7")
    )
    path.write_text(
        '<?xml version="1.0"?><ns0:RetrieveValueSetResponse xmlns:ns0="urn:ihe:iti:svs:2008">'
        f'<ns0:ValueSet ID="{OID}" displayName="Mammography" version="2025"><ns0:ConceptList>{concepts}'
        "</ns0:ConceptList></ns0:ValueSet></ns0:RetrieveValueSetResponse>"
    )
    return path


def one_sheet(path: Path) -> Path:
    """One value set: named above the list."""
    book = Workbook()
    sheet = book.active
    for line in (["Value Set Name", "Mammography"], ["OID", OID], [], ["Code", "Description", "Code System"]):
        sheet.append(line)
    for code in ("24606-6", "26346-7"):
        sheet.append([code, "", "LOINC"])
    book.save(path)
    return path


def one_list(path: Path) -> Path:
    """Many value sets: named in columns."""
    book = Workbook()
    sheet = book.active
    sheet.append(["CMS ID", "Value Set Name", "Value Set OID", "Code", "Code System", "Code System OID"])
    for code in ("24606-6", "26346-7"):
        sheet.append(["CMS125", "Mammography", OID, code, "LOINC", "2.16.840.1.113883.6.1"])
    book.save(path)
    return path


FORMS = {
    "by_oid.json.gz": by_oid,
    "expansion.json": expansion,
    "composition.json": composition,
    "svs.xml": sharing_service,
    "one.xlsx": one_sheet,
    "list.xlsx": one_list,
}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_gives_the_same_codes(tmp_path: Path, name: str) -> None:
    rows = read_value_sets([FORMS[name](tmp_path / name)])
    assert keys(rows) == EXPECTED
    assert {row["year"] for row in rows} == {None}


def test_the_year_stands_in_the_name(tmp_path: Path) -> None:
    for name, year in (
        ("valuesets-py2025.json.gz", 2025),
        ("ec_2026_0508.json.gz", 2026),
        ("both-2025-2026.json.gz", None),
    ):
        assert {row["year"] for row in read_value_sets([by_oid(tmp_path / name)])} == {year}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.json", b"[1, 2]", "is no file of value sets"),
        ("x.json", b"{", "is no file of value sets"),
        ("x.json", b"{}", "holds no codes of value sets"),
        ("x.xlsx", b"PK\x03\x04 cut", "is no readable workbook"),
        ("x.xml", b"<a", "is no readable XML"),
        ("x.xml", b"<!DOCTYPE a><a/>", "declares a document type"),
        ("x.json.gz", b"nothing", "cannot be unpacked"),
    ],
)
def test_what_is_none(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FeedError, match=says):
        read_value_sets([tmp_path / name])


def test_missing_value_sets_are_named(duckdb_engine: Engine) -> None:
    rows = [row for row in complete() if row["title"] != "mammography"]
    needed = concepts_needed(rates_of(definition_of("CMS125"), Period.of_year(2025)))
    with pytest.raises(MeasureError) as refused:
        codes_for(duckdb_engine, rows, needed, 2025, "CMS125")
    assert f"value sets are missing for 2025: mammography ({OID})" in refused.value.message
    assert "vsac.nlm.nih.gov" in refused.value.message


def test_value_sets_of_another_year_do_not_serve(duckdb_engine: Engine) -> None:
    needed = concepts_needed(rates_of(definition_of("CMS125"), Period.of_year(2025)))
    rows = [row for row in complete() if row["year"] == 2026]
    with pytest.raises(MeasureError, match="missing for 2025"):
        codes_for(duckdb_engine, rows, needed, 2025, "CMS125")
    every_year = [row | {"year": None} for row in rows]
    found = duckdb_engine.to_rows(codes_for(duckdb_engine, every_year, needed, 2025, "CMS125"))
    assert {row["concept"] for row in found} == set(needed)


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_demonstration_set_serves_every_measure(duckdb_engine: Engine, measure: str, year: int) -> None:
    rows = demonstration_value_sets()
    needed = concepts_needed(rates_of(definition_of(measure), Period.of_year(year)))
    codes_for(duckdb_engine, rows, needed, year, measure)
    assert all(row["demonstration"] for row in rows)
    assert {row["system"] for row in rows if row["code"]} <= {"icd10cm", "hcpcs", "rxnorm", "loinc", "icd10pcs"}
    assert {row["oid"] for row in rows} == set(parameter("measures/value_sets", year).value.values())

"""People and their claims as ASCII tables, for tests of groupers. A person is a case: `mbi` names it in words.

Columns that a table leaves out are filled in: acute hospital stays of type of bill 111, paid carrier lines.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from claims_cases import ABBREVIATIONS, claim_set
from openaco.engine import Engine, Table
from openaco.feeds.code_tables import CodeTables
from openaco.rules.claims import ClaimSet
from openaco.rules.groupers.stays import admissions, bills, facility_stays, with_admissions
from spec_tables import cells

YEAR = 2024
SHORT = {
    "id": "claim_id",
    "who": "mbi",
    "status": "discharge_status_code",
    "freq": "bill_frequency_code",
    "class": "bill_classification_code",
    "dx": "principal_diagnosis_code",
    "drg": "ms_drg_code",
    "came_by": "admission_type_code",
    "came_from": "admission_source_code",
    "center": "revenue_center_code",
    "hcpcs": "hcpcs_code",
    "on": "revenue_center_date",
    "pos": "place_of_service_code",
    "specialty": "specialty_code",
    "code": "diagnosis_code",
    "seq": "sequence_number",
    "procedure": "procedure_code",
}
PEOPLE = pa.schema(
    [("person_id", pa.string()), ("birth_date", pa.date32()), ("death_date", pa.date32()), ("sex_code", pa.string())]
)


def claims_of(engine: Engine, **texts: str) -> ClaimSet:
    """The claims of the tables `stays`, `lines`, `diagnoses`, `procedures`, `carrier`, `equipment`."""
    names = {
        "stays": "institutional_claim",
        "lines": "institutional_line",
        "diagnoses": "institutional_diagnosis",
        "procedures": "institutional_procedure",
        "carrier": "professional_line",
        "equipment": "equipment_line",
    }
    return claim_set(engine, {names[name]: in_full(text) for name, text in texts.items()}, year=YEAR)


def in_full(text: str) -> str:
    """The table with the lake's column names in place of short ones."""
    header, *rows = text.strip().splitlines()
    short = [name.strip() for name in header.split("|")]
    return "\n".join([" | ".join(SHORT.get(name, ABBREVIATIONS.get(name, name)) for name in short), *rows])


def people_of(engine: Engine, who: Iterable[str], **known: dict[str, Any]) -> Table:
    """People born on 1 July 1940 and alive, but for what `known` says by column and person."""
    rows = [
        {
            "person_id": person,
            "birth_date": known.get("birth", {}).get(person, datetime.date(1940, 7, 1)),
            "death_date": known.get("death", {}).get(person),
            "sex_code": known.get("sex", {}).get(person, "2"),
        }
        for person in who
    ]
    return engine.from_arrow(pa.Table.from_pylist(rows, schema=PEOPLE))


def stays_of(engine: Engine, claims: ClaimSet, people: Table) -> tuple[Table, Table, Table]:
    """Facility stays with their admissions, admissions, and which claims make up a stay."""
    keep = engine.checkpoint
    found, members = facility_stays(keep(bills(claims, YEAR)), people, YEAR, checkpoint=keep)
    stays = with_admissions(found, YEAR, checkpoint=keep)
    return stays, keep(admissions(stays)), keep(members)


def of_person(engine: Engine, table: Table, *order: str) -> dict[str, list[dict[str, Any]]]:
    """The rows by person, in an order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(engine.to_rows(table), key=lambda row: [str(row[name]) for name in order]):
        found.setdefault(row["person_id"], []).append(row)
    return found


def who_in(*texts: str) -> list[str]:
    """Everybody whom the tables name, once."""
    return sorted({str(row.get("who") or row.get("mbi")) for text in texts for row in cells(text)})


def code_tables(**tables: dict[str, list[str]]) -> CodeTables:
    """Tables as if a user had loaded them, by name and column."""
    return CodeTables(
        None,
        {
            name: pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
            for name, columns in tables.items()
        },
    )

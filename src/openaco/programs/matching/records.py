"""The people of every record system, spelled for comparison: those of claims, and those that FHIR brought."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openaco.engine import Engine, Lake, Table, _, pick_first
from openaco.programs.matching import compared
from openaco.rules.claims import current_mbi, with_person
from openaco.tables import Beneficiary, MbiCrosswalk, SourcePerson

MEDICARE = "medicare"
"""The record system of claims; a person's id in it is the current Medicare number."""
Key = tuple[str, str]
"""A record: its system, and the person's id in it."""


@dataclass(frozen=True)
class Record:
    """What one record system says of one person; names and addresses as `compared` spells them, blank = None."""

    system: str
    id: str
    mbi: str | None = None
    record_numbers: tuple[str, ...] = ()
    first_name: str | None = None
    last_name: str | None = None
    former_last_name: str | None = None
    birth_date: datetime.date | None = None
    sex_code: str | None = None
    address: str | None = None
    zip_code: str | None = None
    phone: str | None = None

    @property
    def key(self) -> Key:
        """System and id."""
        return (self.system, self.id)


def source_records(engine: Engine, lake: Lake) -> list[Record]:
    """One record a person and system: the newest delivery of each, in the order of their keys."""
    identities = engine.checkpoint(current_mbi(lake.read(engine, MbiCrosswalk), checkpoint=engine.checkpoint))
    current = {row["mbi"]: row["person_id"] for row in engine.to_rows(identities)}
    found = [_of_claims(row) for row in engine.to_rows(_newest_beneficiaries(engine, lake, identities))]
    found += [_of_system(row, current) for row in engine.to_rows(newest_people(engine, lake))]
    return sorted(found, key=lambda record: record.key)


def newest_people(engine: Engine, lake: Lake) -> Table:
    """`SourcePerson` rows, of each record system's person the newest delivery."""
    rows = lake.read(engine, SourcePerson)
    order = [_.delivery_id.desc(), _.source_file.asc(), _.source_line.asc()]
    return pick_first(rows, ["source_system", "source_person_id"], order)


def _newest_beneficiaries(engine: Engine, lake: Lake, identities: Table) -> Table:
    rows = with_person(lake.read(engine, Beneficiary), identities)
    order = [_.delivery_id.desc(), _.source_file.asc(), _.source_line.asc()]
    return pick_first(rows, "person_id", order)


def _of_claims(row: Mapping[str, Any]) -> Record:
    return Record(
        system=MEDICARE,
        id=row["person_id"],
        mbi=row["person_id"],
        first_name=compared.name(row["first_name"]),
        last_name=compared.name(row["last_name"]),
        birth_date=row["birth_date"],
        sex_code=row["sex_code"] if row["sex_code"] in ("1", "2") else None,
        address=compared.address(row["address_line_1"]),
        zip_code=compared.zip_code(row["zip_code"]),
    )


def _of_system(row: Mapping[str, Any], current: Mapping[str, str]) -> Record:
    """A record of FHIR; an old Medicare number is taken for the current one."""
    mbi = row["mbi"]
    return Record(
        system=row["source_system"],
        id=row["source_person_id"],
        mbi=current.get(mbi, mbi),
        record_numbers=_record_numbers(row["record_numbers"], row["source_system"]),
        first_name=compared.name(row["first_name"]),
        last_name=compared.name(row["last_name"]),
        former_last_name=compared.name(row["former_last_name"]),
        birth_date=row["birth_date"],
        sex_code=row["sex_code"],
        address=compared.address(row["address_line_1"]),
        zip_code=compared.zip_code(row["zip_code"]),
        phone=row["phone"],
    )


def _record_numbers(tokens: str | None, system: str) -> tuple[str, ...]:
    """Numbers with who assigned them; where nobody is named, the record system itself did."""
    found = (tokens or "").strip("|").split("|") if tokens else []
    return tuple(
        token if not token.startswith("unnamed:") else f"{system}#{token.removeprefix('unnamed:')}" for token in found
    )

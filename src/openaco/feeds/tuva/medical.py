"""Tuva medical claims: institutional lines become claims, lines and codes; professional lines stay lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells, lookup
from openaco.feeds.output import Output
from openaco.feeds.seen import Seen
from openaco.feeds.tuva.columns import TuvaFile, sources
from openaco.parameters import parameter
from openaco.tables import (
    InstitutionalClaim,
    InstitutionalDiagnosis,
    InstitutionalLine,
    InstitutionalProcedure,
    LakeTable,
    ProfessionalLine,
)

CODES = range(1, 26)
TABLES: tuple[type[LakeTable], ...] = (
    InstitutionalClaim,
    InstitutionalLine,
    InstitutionalDiagnosis,
    InstitutionalProcedure,
    ProfessionalLine,
)
EXTRA = [
    "CLAIM_TYPE",
    "BILL_TYPE_CODE",
    "CHARGE_AMOUNT",
    "DIAGNOSIS_CODE_TYPE",
    "PROCEDURE_CODE_TYPE",
    *(f"{stem}_{n}" for stem in ("DIAGNOSIS_CODE", "DIAGNOSIS_POA", "PROCEDURE_CODE", "PROCEDURE_DATE") for n in CODES),
]


@dataclass
class Claims:
    """The institutional claims of a file: the header of each, and what its lines come to."""

    seen: Seen = field(default_factory=Seen)
    headers: list[pa.Table] = field(default_factory=list)
    sums: list[pa.Table] = field(default_factory=list)

    def add(self, cells: Cells, header: Mapping[str, pa.Array], charge: pa.Array, where: np.ndarray) -> np.ndarray:
        """Take in the lines of a batch; True for each row whose claim comes for the first time."""
        chosen = where & cells.good
        only = pc.if_else(pa.array(chosen), header["claim_id"], pa.scalar(None, pa.string()))
        heads = self.seen.first(only)
        self.headers.append(cells.table(InstitutionalClaim, header, where=heads))
        money = pa.table(
            {"claim_id": header["claim_id"], "paid_amount": header["paid_amount"], "charge_amount": charge}
        )
        self.sums.append(_summed(money.filter(pa.array(chosen))))
        return heads

    def rows(self) -> pa.Table | None:
        """Every claim, paid and charged what its lines are."""
        if not self.headers:
            return None
        headers, sums = pa.concat_tables(self.headers), _summed(pa.concat_tables(self.sums))
        places = pc.index_in(headers["claim_id"], value_set=sums["claim_id"].combine_chunks())
        for name in ("paid_amount", "charge_amount"):
            values = sums[name].take(places)
            headers = headers.drop_columns([name] if name in headers.column_names else []).append_column(name, values)
        return headers


def read_medical_claims(file: TuvaFile, year: int, output: Output) -> None:
    """Store the claims. What is neither institutional nor professional (dental, vision) goes to quarantine."""
    header_columns = sources(file, "institutional_claim", year)
    line_columns = sources(file, "institutional_line", year)
    professional_columns = sources(file, "professional_line", year)
    for table in TABLES:
        output.put(table, Cells.none_of(table), file=file.name)
    claims, aside = Claims(), list[tuple[int, str]]()
    wanted = [*header_columns.values(), *line_columns.values(), *professional_columns.values(), "PAID_AMOUNT", *EXTRA]
    for batch in file.batches(wanted):
        cells = Cells(batch)
        kind = pc.utf8_lower(cells.required("CLAIM_TYPE"))
        institutional, professional = (_is(kind, word) for word in ("institutional", "professional"))
        cells.mark(~institutional & ~professional, "CLAIM_TYPE is neither institutional nor professional")
        cells.required(header_columns["mbi"])
        header = _header(cells, header_columns, year)
        lines = cells.columns(InstitutionalLine, line_columns, "iso")
        lines["claim_type_code"] = header["claim_type_code"]
        physician = _professional(cells, professional_columns, year)
        charge = cells.money("CHARGE_AMOUNT")
        dates = {number: cells.date(f"PROCEDURE_DATE_{number}", "iso") for number in CODES}
        heads = claims.add(cells, header, charge, institutional)
        output.put(InstitutionalLine, cells.table(InstitutionalLine, lines, where=institutional), file=file.name)
        output.put(ProfessionalLine, cells.table(ProfessionalLine, physician, where=professional), file=file.name)
        _put_codes(cells, header, dates, heads, year, file.name, output)
        aside += cells.problems
    rows = claims.rows()
    if rows is not None:
        output.put(InstitutionalClaim, rows, file=file.name)
    output.put_aside(file, aside + file.problems)


def _header(cells: Cells, columns: Mapping[str, str], year: int) -> dict[str, pa.Array]:
    """The claim as its line repeats it. The type of claim follows from the type of bill."""
    bill = cells.text("BILL_TYPE_CODE")
    types: Mapping[str, str] = parameter("feeds/tuva/claim_types", year).value
    return cells.columns(InstitutionalClaim, columns, "iso") | {
        "paid_amount": cells.money("PAID_AMOUNT"),
        "claim_type_code": pc.coalesce(
            lookup(pc.utf8_slice_codeunits(bill, 0, 2), types, pa.string()), pa.scalar("40")
        ),
        "adjustment_type_code": cells.constant("0"),
        "bill_facility_type_code": pc.utf8_slice_codeunits(bill, 0, 1),
        "bill_classification_code": pc.utf8_slice_codeunits(bill, 1, 2),
        "bill_frequency_code": pc.utf8_slice_codeunits(bill, 2, 3),
        "icd_version": _icd_version(cells, "DIAGNOSIS_CODE_TYPE", year),
    }


def _professional(cells: Cells, columns: Mapping[str, str], year: int) -> dict[str, pa.Array]:
    """A professional line. Without line dates, the claim's count."""
    found = cells.columns(ProfessionalLine, columns, "iso")
    codes: Mapping[str, str] = parameter("feeds/tuva/professional_claims", year).value
    found |= {name: cells.constant(code) for name, code in codes.items()}
    found["claim_line_start_date"] = pc.coalesce(found["claim_line_start_date"], found["claim_start_date"])
    found["claim_line_end_date"] = pc.coalesce(found["claim_line_end_date"], found["claim_end_date"])
    return found | {"icd_version": _icd_version(cells, "DIAGNOSIS_CODE_TYPE", year)}


def _put_codes(
    cells: Cells,
    header: Mapping[str, pa.Array],
    dates: Mapping[int, pa.Array],
    heads: np.ndarray,
    year: int,
    file: str,
    output: Output,
) -> None:
    """The diagnoses and procedures of the claims whose first line stands in these rows."""
    shared = {
        name: header[name] for name in ("claim_id", "mbi", "claim_type_code", "claim_start_date", "claim_end_date")
    }
    versions = {name: _icd_version(cells, f"{name}_CODE_TYPE", year) for name in ("DIAGNOSIS", "PROCEDURE")}
    for number in CODES:
        sequence = cells.constant(str(number))
        diagnosis, procedure = cells.text(f"DIAGNOSIS_CODE_{number}"), cells.text(f"PROCEDURE_CODE_{number}")
        diagnosis_rows = shared | {
            "diagnosis_type_code": cells.constant("D"),
            "sequence_number": sequence,
            "diagnosis_code": diagnosis,
            "present_on_admission_code": cells.text(f"DIAGNOSIS_POA_{number}"),
            "icd_version": versions["DIAGNOSIS"],
        }
        procedure_rows = shared | {
            "sequence_number": sequence,
            "procedure_code": procedure,
            "procedure_date": dates[number],
            "icd_version": versions["PROCEDURE"],
        }
        _put_where(InstitutionalDiagnosis, cells, diagnosis_rows, heads, diagnosis, file, output)
        _put_where(InstitutionalProcedure, cells, procedure_rows, heads, procedure, file, output)


def _put_where(
    table: type[LakeTable],
    cells: Cells,
    rows: Mapping[str, Any],
    heads: np.ndarray,
    code: pa.Array,
    file: str,
    output: Output,
) -> None:
    where = heads & pc.is_valid(code).to_numpy(zero_copy_only=False)
    if where.any():
        output.put(table, cells.table(table, rows, where=where), file=file)


def _icd_version(cells: Cells, name: str, year: int) -> pa.Array:
    versions: Mapping[str, str] = parameter("feeds/tuva/words", year).value["icd_version"]
    return lookup(pc.utf8_lower(cells.text(name)), versions, pa.string())


def _is(kind: pa.Array, word: str) -> np.ndarray:
    found: np.ndarray = pc.fill_null(pc.equal(kind, word), False).to_numpy(zero_copy_only=False)
    return found


def _summed(money: pa.Table) -> pa.Table:
    """Paid and charged dollars of each claim."""
    names = ["paid_amount", "charge_amount"]
    summed = money.group_by("claim_id").aggregate([(name, "sum") for name in names])
    kind = pa.decimal128(18, 2)
    return pa.table({"claim_id": summed["claim_id"], **{name: summed[f"{name}_sum"].cast(kind) for name in names}})

"""Inpatient, outpatient, SNF, home health and hospice files: each line repeats its claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openaco.feeds.cells import Cells
from openaco.feeds.delimited import DelimitedFile
from openaco.feeds.output import Output
from openaco.feeds.rif.claims import COMMON, Tally, final_lines, fips_state
from openaco.feeds.rif.people import People
from openaco.feeds.seen import Seen
from openaco.parameters import parameter
from openaco.tables import InstitutionalClaim, InstitutionalDiagnosis, InstitutionalLine, InstitutionalProcedure

DIAGNOSES = range(1, 26)
EXTERNAL_CAUSES = range(1, 13)
PROCEDURES = range(1, 26)
FIRST_EXTERNAL = "FST_DGNS_E_CD"
CODES = [
    FIRST_EXTERNAL,
    *(f"{stem}{number}" for stem in ("ICD_DGNS_CD", "ICD_DGNS_VRSN_CD", "CLM_POA_IND_SW") for number in DIAGNOSES),
    *(f"{stem}{n}" for stem in ("ICD_DGNS_E_CD", "ICD_DGNS_E_VRSN_CD", "CLM_E_POA_IND_SW") for n in EXTERNAL_CAUSES),
    *(f"{stem}{number}" for stem in ("ICD_PRCDR_CD", "ICD_PRCDR_VRSN_CD", "PRCDR_DT") for number in PROCEDURES),
]
TABLES = (InstitutionalClaim, InstitutionalLine, InstitutionalDiagnosis, InstitutionalProcedure)


def read_institutional(file: DelimitedFile, people: People, year: int, output: Output) -> Tally:
    """Store one institutional file: headers, lines, diagnoses and procedures of final versions.

    A claim's header comes from its first line that can be read, wherever in the file that stands.
    """
    claim: Mapping[str, Any] = parameter("feeds/rif/columns", year, file="institutional").value
    line: Mapping[str, Any] = parameter("feeds/rif/columns", year, file="institutional_line").value
    file.require([*claim["required"], *line["required"]])
    for table in TABLES:
        output.put(table, Cells.none_of(table), file=file.name)
    counted, headed, tally, aside = Seen(), Seen(), Tally(), list[tuple[int, str]]()
    wanted = [*COMMON, *claim["columns"].values(), *line["columns"].values(), *CODES]
    for batch in file.batches(wanted):
        cells = Cells(batch)
        header = cells.columns(InstitutionalClaim, claim["columns"], "day_month_year")
        header |= {
            "mbi": people.behind(cells),
            "adjustment_type_code": cells.constant("0"),
            "provider_state_code": fips_state(cells, "PRVDR_STATE_CD", year),
        }
        header["claim_control_number"] = pc.coalesce(header["claim_control_number"], header["claim_id"])
        lines = cells.columns(InstitutionalLine, line["columns"], "day_month_year") | {"mbi": header["mbi"]}
        dates = {number: cells.date(f"PRCDR_DT{number}", "day_month_year") for number in PROCEDURES}
        final = final_lines(cells)
        claims = counted.first(header["claim_id"])
        heads = headed.first(_only(header["claim_id"], final & cells.good))
        output.put(InstitutionalClaim, cells.table(InstitutionalClaim, header, where=heads), file=file.name)
        output.put(InstitutionalLine, cells.table(InstitutionalLine, lines, where=final), file=file.name)
        _put_codes(cells, header, dates, heads, file.name, output)
        tally += Tally(int(claims.sum()), int((final & cells.good).sum()), int((~final).sum()))
        aside += cells.problems
    output.put_aside(file, aside + file.problems)
    return replace(tally, unreadable=len(file.problems))


def _only(ids: pa.Array, rows: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(rows), ids, pa.scalar(None, pa.string()))


def _put_codes(
    cells: Cells,
    header: Mapping[str, pa.Array],
    dates: Mapping[int, pa.Array],
    heads: np.ndarray,
    file: str,
    output: Output,
) -> None:
    """The diagnoses and procedures of the claims whose header stands in these rows."""
    shared = {
        name: header[name]
        for name in (
            "claim_id", "mbi", "claim_type_code", "claim_start_date", "claim_end_date", "facility_ccn", "billing_ccn",
        )
    }  # fmt: skip
    for number in DIAGNOSES:
        code = cells.text(f"ICD_DGNS_CD{number}")
        version, present = cells.text(f"ICD_DGNS_VRSN_CD{number}"), cells.text(f"CLM_POA_IND_SW{number}")
        _put_diagnosis(cells, shared, "D", number, code, version, present, heads, file, output)
    for number in EXTERNAL_CAUSES:
        code = cells.text(f"ICD_DGNS_E_CD{number}")
        if number == 1:
            code = pc.coalesce(code, cells.text(FIRST_EXTERNAL))
        version, present = cells.text(f"ICD_DGNS_E_VRSN_CD{number}"), cells.text(f"CLM_E_POA_IND_SW{number}")
        kind = "1" if number == 1 else "E"
        _put_diagnosis(cells, shared, kind, number, code, version, present, heads, file, output)
    for number in PROCEDURES:
        code = cells.text(f"ICD_PRCDR_CD{number}")
        where = heads & pc.is_valid(code).to_numpy(zero_copy_only=False)
        if where.any():
            rows = {
                "sequence_number": cells.constant(str(number)),
                "procedure_code": code,
                "procedure_date": dates[number],
                "icd_version": cells.text(f"ICD_PRCDR_VRSN_CD{number}"),
            }
            output.put(
                InstitutionalProcedure, cells.table(InstitutionalProcedure, shared | rows, where=where), file=file
            )


def _put_diagnosis(
    cells: Cells,
    shared: Mapping[str, pa.Array],
    kind: str,
    number: int,
    code: pa.Array,
    version: pa.Array,
    present: pa.Array,
    heads: np.ndarray,
    file: str,
    output: Output,
) -> None:
    """One position of the diagnosis codes. kind: D diagnosis, 1 first external cause, E further external cause."""
    where = heads & pc.is_valid(code).to_numpy(zero_copy_only=False)
    if not where.any():
        return
    rows = dict(shared) | {
        "diagnosis_type_code": cells.constant(kind),
        "sequence_number": cells.constant(str(number)),
        "diagnosis_code": code,
        "present_on_admission_code": present,
        "icd_version": version,
    }
    output.put(InstitutionalDiagnosis, cells.table(InstitutionalDiagnosis, rows, where=where), file=file)

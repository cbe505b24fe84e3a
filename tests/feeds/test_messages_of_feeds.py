"""No message of any feed carries a person's data: not an error, a report, a reason of the quarantine, nor the console.

The quarantine keeps the lines themselves in its column `content`, which is why that column is not looked at here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feeding import stamp
from openaco.engine import Lake
from openaco.errors import OpenACOError
from openaco.feeds import alr, bnex, preference, rif, roster, tuva

CANARY = "QZXJKV"
DIGITS = "8675309"
QUARTER = "P.A0000.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv"
FLAGS = ",".join(f"EnrollFlag{number}" for number in range(1, 13))
ALR = f"BENE_MBI_ID,BENE_1ST_NAME,BENE_BRTH_DT,ASG_STATUS,AGND_SCORE,{FLAGS}\n"
ALR_LINE = f"{CANARY},{CANARY},01/31/1950,1,1.04,4,4,4,4,4,4,4,4,4,4,4,4\n"
BNEX = (
    '<?xml version="1.0" encoding="UTF-8"?><PFDCACOBeneData><Header><HeaderCode>HDR_BNEXC</HeaderCode>'
    "<FileCreationDate>20240520</FileCreationDate><PerformanceYear>2024</PerformanceYear></Header><Beneficiarys>{}"
    "</Beneficiarys><Trailer><TrailerCode>TRL_BNEXC</TrailerCode><RecordCount>{}</RecordCount></Trailer>"
    "</PFDCACOBeneData>"
)
PERSON = (
    f"<Beneficiary><MBI>{CANARY}</MBI><HICN></HICN><FirstName>{CANARY}</FirstName><LastName>{CANARY}</LastName>"
    "<DOB>{}</DOB><Gender>{}</Gender><BeneExcReasons><BeneExcReason>BD</BeneExcReason></BeneExcReasons></Beneficiary>"
)
BNEX_NAME = "P.A0000.BNEX.Y24.D240520.T1200003.xml"
PREFERENCE = "P#EFT.ON.ACO.NGD1800.DPRF.D240520.T1200003"
ELIGIBILITY = "person_id,gender,birth_date,enrollment_start_date,enrollment_end_date,payer_type\n"
ELIGIBLE = "P1,female,1950-01-01,2024-01-01,2024-12-31,medicare\n"
MEDICAL = (
    "claim_id,claim_line_number,claim_type,person_id,claim_start_date,claim_end_date,bill_type_code,"
    "revenue_center_code,hcpcs_code,paid_amount,charge_amount,rendering_npi,billing_tin,diagnosis_code_type,"
    "diagnosis_code_1,diagnosis_code_2,procedure_code_1,procedure_date_1\n"
)
CLAIM = "{},1,{},{},{},2024-01-01,,,99213,{},,,,icd-10-cm,J029,,,\n"
GOOD = CLAIM.format("C1", "professional", "P1", "2024-01-01", "1.00")
CARRIER = (
    "DML_IND|BENE_ID|CLM_ID|FINAL_ACTION|NCH_CLM_TYPE_CD|CLM_FROM_DT|CLM_THRU_DT|CLM_PMT_AMT|LINE_NUM|"
    "LINE_LAST_EXPNS_DT|LINE_NCH_PMT_AMT|TAX_NUM|PRF_PHYSN_NPI|PRVDR_SPCLTY\n"
)
CARRIER_LINE = f"INSERT|{CANARY}|{DIGITS}|F|71|{{}}|05-Mar-2023|{{}}|{{}}|05-Mar-2023|10.00|{DIGITS}|{DIGITS}|08\n"
PAID = CARRIER_LINE.format("05-Mar-2023", "20.00", "1")
ALIGNMENT = "mbi,designated_on,ended_on,npi,tin\n"

CASES: dict[str, tuple[Callable[..., Any], str, str]] = {
    "alr: fine": (alr.load, QUARTER, ALR + ALR_LINE),
    "alr: a word where a date belongs": (
        alr.load,
        QUARTER,
        ALR + ALR_LINE + ALR_LINE.replace("01/31/1950", f"{CANARY}/1"),
    ),
    "alr: a word where a flag belongs": (alr.load, QUARTER, ALR + ALR_LINE + ALR_LINE.replace("4\n", f"{CANARY}\n")),
    "alr: a word where a score belongs": (alr.load, QUARTER, ALR + ALR_LINE + ALR_LINE.replace("1.04", CANARY)),
    "alr: a word where a status belongs": (
        alr.load,
        QUARTER,
        ALR + ALR_LINE + ALR_LINE.replace(",1,1.04", f",{CANARY},1.04"),
    ),
    "alr: too many cells": (alr.load, QUARTER, ALR + ALR_LINE + ALR_LINE.replace("\n", f",{CANARY}\n")),
    "alr: an open quotation mark": (alr.load, QUARTER, f'{ALR}"{ALR_LINE}'),
    "alr: no header": (alr.load, QUARTER, ALR_LINE * 3),
    "alr: no header, quoted": (alr.load, QUARTER, f'"{CANARY}","{DIGITS}"\n'),
    "bnex: fine": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format("19500131", "F"), 1)),
    "bnex: a word where a date belongs": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format(CANARY, "F"), 1)),
    "bnex: an unknown gender": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format("19500131", CANARY), 1)),
    "bnex: another count": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format("19500131", "F"), 7)),
    "bnex: broken off": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format("19500131", "F")[:-40], 1)),
    "bnex: an unknown entity": (bnex.load, BNEX_NAME, BNEX.format(PERSON.format(f"&{CANARY};", "F"), 1)),
    "bnex: no XML": (bnex.load, BNEX_NAME, f"{CANARY} {DIGITS}\n"),
    "preference: a line of another length": (preference.load, PREFERENCE, f"HDR_BENEDATASHR20240520\n{CANARY}\nTRL\n"),
    "preference: no header": (preference.load, PREFERENCE, CANARY.ljust(459) + "\n"),
    "preference: unreadable fields": (
        preference.load,
        PREFERENCE,
        f"HDR_BENEDATASHR20240520\n{CANARY * 76}XYZ\nTRL_BENEDATASHR202405200000000001\n",
    ),
    "tuva: a word where a date belongs": (
        tuva.load,
        "eligibility.csv",
        f"{ELIGIBILITY}{ELIGIBLE}{CANARY},female,{CANARY},2024-01-01,2024-12-31,medicare\n"
        f"{CANARY},female,1950-01-01,{CANARY},2024-12-31,medicare\n",
    ),
    "tuva: unknown words": (
        tuva.load,
        "eligibility.csv",
        f"{ELIGIBILITY}{ELIGIBLE}{CANARY},{CANARY},1950-01-01,2024-01-01,2024-12-31,{CANARY}\n",
    ),
    "tuva: a word where an amount belongs": (
        tuva.load,
        "medical_claim.csv",
        MEDICAL + GOOD + CLAIM.format(DIGITS, "professional", CANARY, "2024-01-01", CANARY),
    ),
    "tuva: a word where a day belongs": (
        tuva.load,
        "medical_claim.csv",
        MEDICAL + GOOD + CLAIM.format(DIGITS, "professional", CANARY, CANARY, "1.00"),
    ),
    "tuva: an unknown type of claim": (
        tuva.load,
        "medical_claim.csv",
        MEDICAL + GOOD + CLAIM.format(DIGITS, CANARY, CANARY, "2024-01-01", "1.00"),
    ),
    "tuva: no header": (tuva.load, "eligibility.csv", f"{CANARY},female,1950-01-01,2024-01-01,2024-12-31,{CANARY}\n"),
    "rif: a word where a date belongs": (
        rif.load,
        "carrier.csv",
        CARRIER + PAID + CARRIER_LINE.format(CANARY, "20.00", "2"),
    ),
    "rif: a word where an amount belongs": (
        rif.load,
        "carrier.csv",
        CARRIER + PAID + CARRIER_LINE.format("05-Mar-2023", CANARY, "2"),
    ),
    "rif: two amounts of one claim": (
        rif.load,
        "carrier.csv",
        CARRIER + PAID + CARRIER_LINE.format("05-Mar-2023", f"{DIGITS}.00", "2"),
    ),
    "rif: a line twice": (rif.load, "carrier.csv", CARRIER + PAID + PAID.replace("10.00", "11.00")),
    "rif: too few cells": (rif.load, "carrier.csv", f"{CARRIER}{PAID}INSERT|{CANARY}|{DIGITS}\n"),
    "rif: no header": (rif.load, "carrier.csv", PAID),
    "roster: a word where a date belongs": (
        roster.load,
        "voluntary_alignment.csv",
        f"{ALIGNMENT}1A00A00AA01,2024-01-01,,0999999999,\n{CANARY},{CANARY},,0999999999,\n",
    ),
    "roster: too many cells": (
        roster.load,
        "voluntary_alignment.csv",
        f"{ALIGNMENT}1A00A00AA01,2024-01-01,,0999999999,\n{CANARY},2024-01-01,,0999999999,,{CANARY}\n",
    ),
    "roster: no header": (roster.load, "voluntary_alignment.csv", f"{CANARY},2024-01-01,,0999999999,{CANARY}\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_no_message_shows_a_value(
    tmp_path: Path, case: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    load, name, content = CASES[case]
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / name
    path.write_text(content, encoding="utf-8")
    stamp(path, "2025-05-01T12:00:00")
    lake = Lake.create(tmp_path / "lake")
    steps: list[Any] = []
    said = []
    try:
        said.append(json.dumps(load(lake, path, progress=steps.append).as_json(), default=str))
        said += [str({**row, "content": ""}) for row in lake.quarantine()]
    except OpenACOError as error:
        cause: BaseException | None = error
        while cause is not None:
            said.append(str(cause))
            cause = cause.__cause__
    out, err = capfd.readouterr()
    text = "\n".join([*said, *map(str, steps), out, err, caplog.text]).upper()
    assert said
    assert CANARY not in text
    assert DIGITS not in text

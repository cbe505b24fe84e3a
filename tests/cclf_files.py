"""Writes CCLF files as CMS would send them, from the layout table alone: an independent path from the reader's."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import openaco.parameters

LAYOUTS = Path(openaco.parameters.__file__).parent / "cclf" / "record_layouts.csv"
NEWEST = {
    "CCLF1": 437,
    "CCLF2": 199,
    "CCLF3": 114,
    "CCLF4": 112,
    "CCLF5": 388,
    "CCLF6": 247,
    "CCLF7": 195,
    "CCLF8": 549,
    "CCLF9": 55,
    "CCLFA": 324,
    "CCLFB": 128,
}
MONTH = "P.A1234.ACO.ZCY24.D240801.T0102030"

SAMPLE: dict[str, list[dict[str, str]]] = {
    "CCLF1": [
        {
            "CUR_CLM_UNIQ_ID": f"100000000000{number}",
            "BENE_MBI_ID": f"1AC2DE3FG0{number}",
            "CLM_TYPE_CD": "60",
            "CLM_FROM_DT": "2024-03-01",
            "CLM_THRU_DT": f"2024-03-0{number}",
            "CLM_PMT_AMT": f"{number}00.25",
            "CLM_ADJSMT_TYPE_CD": "0",
            "CLM_BLG_PRVDR_OSCAR_NUM": "012345",
        }
        for number in (1, 2, 3)
    ],
    "CCLF2": [{"CUR_CLM_UNIQ_ID": "1000000000001", "CLM_LINE_NUM": "1", "CLM_LINE_SRVC_UNIT_QTY": "2.5000"}],
    "CCLF3": [{"CUR_CLM_UNIQ_ID": "1000000000001", "CLM_VAL_SQNC_NUM": "1", "CLM_PRCDR_CD": "0SG00A0"}],
    "CCLF4": [{"CUR_CLM_UNIQ_ID": "1000000000001", "CLM_VAL_SQNC_NUM": "1", "CLM_DGNS_CD": "E1165"}],
    "CCLF5": [
        {
            "CUR_CLM_UNIQ_ID": "2000000000001",
            "CLM_LINE_NUM": str(number),
            "CLM_LINE_CVRD_PD_AMT": f"{number}.50",
            "CLM_LINE_THRU_DT": "2024-04-15",
        }
        for number in (1, 2)
    ],
    "CCLF6": [{"CUR_CLM_UNIQ_ID": "3000000000001", "CLM_LINE_NUM": "1", "CLM_LINE_CVRD_PD_AMT": "12.00"}],
    "CCLF7": [{"CUR_CLM_UNIQ_ID": "4000000000001", "CLM_LINE_NDC_CD": "00000000000", "CLM_LINE_DAYS_SUPLY_QTY": "30"}],
    "CCLF8": [{"BENE_MBI_ID": f"1AC2DE3FG0{number}", "BENE_DOB": "1950-01-02"} for number in (1, 2, 3)],
    "CCLF9": [{"HICN_MBI_XREF_IND": "M", "CRNT_NUM": "1AC2DE3FG01", "PRVS_NUM": "9ZZ9ZZ9ZZ99"}],
    "CCLFA": [{"CUR_CLM_UNIQ_ID": "1000000000001", "CLM_SQSTRTN_RDCTN_AMT": "2.00"}],
    "CCLFB": [{"CUR_CLM_UNIQ_ID": "2000000000001", "CLM_LINE_NUM": "1", "CLM_SQSTRTN_RDCTN_AMT": "0.02"}],
}


@cache
def fields(layout: str) -> dict[str, tuple[int, int, str]]:
    """Start and end (1-based, inclusive) and format of each field of a layout."""
    with LAYOUTS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"] == layout]
    return {row["field_name"]: (int(row["start"]), int(row["end"]), row["format"]) for row in rows}


def line(layout: str, values: Mapping[str, str], *, length: int | None = None) -> str:
    """One line: numbers to the right, everything else to the left, cut or padded to the length."""
    known = fields(layout)
    letters = [" "] * max(end for _, end, _ in known.values())
    for name, value in values.items():
        start, end, form = known[name]
        size = end - start + 1
        assert len(value) <= size, f"{name} is {size} wide"
        letters[start - 1 : end] = value.rjust(size) if form.startswith("-9") else value.ljust(size)
    text = "".join(letters)
    return text if length is None else text[:length].ljust(length)


def member(file: str, package: str = MONTH) -> str:
    """The name of a member file: CCLF5 of `….ZCY24.…` is `….ZC5Y24.…`."""
    return package.removesuffix(".zip").replace(".ZC", f".ZC{file[-1]}")


def lines_of(contents: Mapping[str, list[dict[str, str]]]) -> dict[str, bytes]:
    """The bytes of each file, in the newest layout."""
    return {
        file: "".join(f"{line(file, row, length=NEWEST[file])}\n" for row in rows).encode()
        for file, rows in contents.items()
    }


def control(files: Mapping[str, bytes], changes: Mapping[str, tuple[int, int]] | None = None) -> bytes:
    """CCLF0 for these files; `changes` states other counts and lengths."""
    rows = ["File Number  |File Description    |Total Records Count |Record Length"]
    for file, data in files.items():
        length = data.find(b"\n") if data else NEWEST[file]
        count, length = (changes or {}).get(file, (data.count(b"\n"), length))
        rows.append(f"{file}  |{'A file':<43}|{count:>11}|{length:>5}")
    return "\n".join(rows).encode()


def write_zip(
    folder: Path, files: Mapping[str, bytes], *, package: str = MONTH, summary: bytes | bool | None = True
) -> Path:
    """The package as a ZIP named as CMS names it. summary: CCLF0's bytes, True to make it, None for none."""
    path = folder / package
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in files.items():
            archive.writestr(member(file, package), data)
        if summary:
            archive.writestr(member("CCLF0", package), control(files) if summary is True else summary)
    return path


def write_folder(folder: Path, files: Mapping[str, bytes], *, package: str = MONTH) -> Path:
    """The package unpacked."""
    path = folder / "unpacked"
    path.mkdir()
    for file, data in files.items():
        (path / member(file, package)).write_bytes(data)
    (path / member("CCLF0", package)).write_bytes(control(files))
    return path


def sample(**changes: bytes | None) -> dict[str, bytes]:
    """The small delivery of this module; `changes` replace a file's bytes, or leave it out with None."""
    return {file: data for file, data in (lines_of(SAMPLE) | changes).items() if data is not None}

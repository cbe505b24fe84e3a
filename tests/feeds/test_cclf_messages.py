"""No message carries a person's data, whatever is wrong with the delivery."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from cclf_files import control, line, sample, write_zip
from openaco.engine import Lake
from openaco.errors import OpenACOError
from openaco.feeds.base import Step
from openaco.feeds.cclf import load

CANARY = "QZXJKV"
DIGITS = "8675309"


def canary_line(**changes: str) -> str:
    """A CCLF1 line full of things nobody may see."""
    values = {
        "CUR_CLM_UNIQ_ID": f"1{DIGITS}",
        "BENE_MBI_ID": CANARY,
        "PRNCPL_DGNS_CD": CANARY,
        "CLM_PMT_AMT": f"{DIGITS}.00",
        "CLM_FROM_DT": "2024-01-01",
        "CLM_CNTL_NUM": CANARY,
    }
    return line("CCLF1", values | changes)


def repeated(text: str, count: int = 1) -> bytes:
    return (f"{canary_line()}\n" * 3 + f"{text}\n" * count).encode()


WRONG: dict[str, dict[str, bytes | None]] = {
    "bad date": {"CCLF1": repeated(canary_line(CLM_THRU_DT=f"{CANARY}-01"))},
    "bad dates": {"CCLF1": repeated(canary_line(CLM_THRU_DT=f"{CANARY}-01"), 30)},
    "bad amount": {"CCLF1": repeated(canary_line(CLM_PMT_AMT=f"{DIGITS}.{CANARY}"))},
    "bad amounts": {"CCLF1": repeated(canary_line(CLM_PMT_AMT=f"{DIGITS}.{CANARY}"), 30)},
    "no claim id": {"CCLF1": repeated(canary_line(CUR_CLM_UNIQ_ID=""), 30)},
    "cut": {"CCLF1": repeated(canary_line()[:400])},
    "all cut": {"CCLF1": f"{canary_line()[:200]}\n".encode() * 3},
    "not UTF-8": {"CCLF1": repeated(canary_line()).replace(CANARY.encode(), CANARY.encode()[:-1] + b"\xff", 1)},
    "control": {"CCLF1": repeated(canary_line(PRNCPL_DGNS_CD=f"{CANARY}\x00"), 30)},
    "no line ends": {"CCLF1": canary_line().encode() * 200},
    "file missing": {"CCLF1": repeated(canary_line()), "CCLF5": None},
    "fine": {"CCLF1": repeated(canary_line())},
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("summarized", [True, False])
def test_no_message_shows_a_value(
    tmp_path: Path, case: str, summarized: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    files = sample(**WRONG[case])
    path = write_zip(tmp_path, files, summary=control(sample() | files) if summarized else None)
    steps: list[Step] = []
    said = []
    try:
        said.append(json.dumps(load(Lake.create(tmp_path / "lake"), path, progress=steps.append).as_json()))
    except OpenACOError as error:
        said += [str(error), error.what, error.where, error.remedy]
        while error.__cause__ is not None:
            said.append(str(error.__cause__))
            error = error.__cause__  # type: ignore[assignment]
    out, err = capfd.readouterr()
    text = "\n".join([*said, *map(str, steps), out, err, caplog.text])
    assert said
    assert CANARY not in text
    assert CANARY[:-1] not in text
    assert DIGITS not in text

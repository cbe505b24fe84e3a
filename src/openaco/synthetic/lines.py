"""What hangs on a Part A claim: revenue lines, diagnoses, procedures, and the parts of its payment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes
from openaco.synthetic.carrier import withhold
from openaco.synthetic.diagnoses import draw_diagnoses
from openaco.synthetic.institutional import Certificates, Institutional
from openaco.synthetic.people import People
from openaco.synthetic.visits import DENIED

REVENUE = np.array([b"0521", b"0982", b"0510", b"0300", b"0120", b"0250", b"0550", b"0821", b"0651", b"0420"], "S4")
CLINIC, FEES, OUTPATIENT, LABORATORY, ROOM, PHARMACY, NURSING, DIALYSIS, HOSPICE, THERAPY = range(10)
PROCEDURES = np.array([b"0SR9019", b"02703ZZ", b"0DTJ4ZZ", b"5A1955Z"], "S7")
DRGS = np.array([b"0470", b"0291", b"0193", b"0871", b"0682", b"0065"], "S4")
NONPAYMENT = np.array([b"", b"N", b"B", b"R"], "S2")
RELATED = np.array([b"", b"62", b"Q7", b"17"], "S2")


@dataclass
class InstitutionalDetails:
    """By claim: reasons, parts of the payment in cents. By child row: lines, diagnoses, procedures, condition codes.

    Children of a claim lie together: claim n has those from `first[n]`, `count[n]` of them.
    """

    nonpayment: NDArray[np.int32]
    withheld: NDArray[np.int64]
    reduced: NDArray[np.int64]
    operating_ime: NDArray[np.int64]
    capital_ime: NDArray[np.int64]
    operating_dsh: NDArray[np.int64]
    capital_dsh: NDArray[np.int64]
    uncompensated: NDArray[np.int64]
    drg: NDArray[np.int32]
    payer: NDArray[np.int32]
    diagnoses: NDArray[np.int32]
    line_count: NDArray[np.int32]
    line_revenue: NDArray[np.int32]
    line_code: NDArray[np.int32]
    line_share: NDArray[np.int64]
    procedure_count: NDArray[np.int32]
    procedure: NDArray[np.int32]
    benefit_count: NDArray[np.int32]


def draw_details(
    rng: np.random.Generator, people: People, claims: Institutional, certified: Certificates
) -> InstitutionalDetails:
    """The details of some claims. Medical education and disproportionate share only on inpatient claims."""
    count = len(claims.person)
    inpatient = claims.type == 60
    teaches = certified.teaches[claims.provider]
    withheld = withhold(claims.paid, claims.end)
    shares = rng.uniform(0.5, 1.5, (count, 3))
    procedures = inpatient & (rng.random(count) < 0.35)
    denied = claims.fate == DENIED
    line_count, revenue, code, share = _lines(rng, claims)
    benefit = np.where(withheld > 0, rng.choice(np.array([1, 2, 3]), count, p=[0.85, 0.1, 0.05]), 0)
    reduced = np.where((rng.random(count) < 0.006) & (claims.type != 50), claims.paid // 10, 0)
    return InstitutionalDetails(
        nonpayment=np.where(denied, rng.integers(1, len(NONPAYMENT), count), 0).astype(np.int32),
        withheld=withheld,
        reduced=reduced,
        operating_ime=_part(claims.paid, 0.055 * shares[:, 0], inpatient & teaches),
        capital_ime=_part(claims.paid, 0.004 * shares[:, 1], inpatient & teaches),
        operating_dsh=_part(claims.paid, 0.03 * shares[:, 2], inpatient),
        capital_dsh=_part(claims.paid, 0.003 * shares[:, 0], inpatient),
        uncompensated=_part(claims.paid, 0.025 * shares[:, 1], inpatient),
        drg=np.where(inpatient, rng.integers(0, len(DRGS), count), -1).astype(np.int32),
        payer=(people.are("other_payer_first")[claims.person] & (rng.random(count) < 0.5)).astype(np.int32),
        diagnoses=draw_diagnoses(rng, people, claims.person, 5),
        line_count=line_count,
        line_revenue=revenue,
        line_code=code,
        line_share=share,
        procedure_count=np.where(procedures, rng.integers(1, 3, count), 0).astype(np.int32),
        procedure=rng.integers(0, len(PROCEDURES), int(np.where(procedures, 2, 0).sum())).astype(np.int32),
        benefit_count=np.where((benefit == 0) & (reduced > 0), 1, benefit).astype(np.int32),
    )


def _part(paid: NDArray[np.int64], share: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(where, np.round(paid * share), 0).astype(np.int64)


def _lines(
    rng: np.random.Generator, claims: Institutional
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Revenue lines: how many a claim, and of each line the center, the code (-1 none), its share in percent.

    Shares of 100 in total sum to the claim; where they do not, a line's amounts cannot stand for it.
    """
    count = len(claims.person)
    kind = np.select(
        [
            np.isin(claims.bill, [b"771", b"711"]),
            claims.bill == b"851",
            (claims.bill == b"131") & (claims.entity >= 0),
            claims.bill == b"131",
            claims.type == 60,
            claims.type == 10,
            claims.type == 50,
            claims.bill == b"721",
        ],
        [0, 1, 2, 3, 4, 5, 6, 7],
        8,
    )
    lines = rng.choice(np.array([1, 2]), count, p=[0.65, 0.35])
    without = (kind == 0) & (rng.random(count) < 0.01)
    lines = np.where(kind == 4, 3, np.where(np.isin(kind, [5, 6, 8]), 1, lines))
    lines = np.where(without, 0, lines).astype(np.int32)
    claim = np.repeat(np.arange(count), lines)
    place = np.arange(len(claim)) - (np.cumsum(lines) - lines)[claim]
    first_center = np.array([CLINIC, FEES, OUTPATIENT, OUTPATIENT, ROOM, THERAPY, HOSPICE, DIALYSIS, NURSING])
    later_center = np.array([CLINIC, OUTPATIENT, LABORATORY, LABORATORY, PHARMACY, 0, 0, PHARMACY, 0])
    revenue = np.where(place == 0, first_center[kind[claim]], later_center[kind[claim]]).astype(np.int32)
    code = np.where((place == 0) & (claims.code[claim] >= 0), claims.code[claim], -1)
    code = np.where((kind[claim] == 0) & (place > 0), codes.INDEX["36415"], code)
    code = np.where((kind[claim] == 1) & (place > 0), claims.code[claim], code)
    clinic = (kind[claim] == 2) & (place == 0) & (rng.random(len(claim)) < 0.5)
    code = np.where(clinic, codes.INDEX["G0463"], code)
    code = np.where((kind[claim] == 3) & (place == 0), codes.INDEX["70553"], code).astype(np.int32)
    whole = np.where(lines[claim] == 1, 100, np.where(place == 0, 80, 20))
    off = (rng.random(count) < 0.06)[claim]
    share = np.where(kind[claim] == 4, 0, np.where(off & (place == 0), whole - 10, whole)).astype(np.int64)
    return lines, revenue, code, share

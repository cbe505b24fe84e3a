"""Carrier claims: a visit to a practice becomes a claim of one to three lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic import codes
from openaco.synthetic.days import Days, day
from openaco.synthetic.diagnoses import draw_diagnoses
from openaco.synthetic.people import People
from openaco.synthetic.visits import DENIED, NO_CHARGE, Visits

DENIAL_CODES = np.array([b"1", b"0", b"D", b"K", b"Y", b"A"], "S2")
"""Claim payment codes: 1 and A are payments, 0 and D to Y denials."""
LINE_INDICATORS = np.array([b"A", b"R", b"S", b"C", b"N", b"O", b"I", b""], "S2")
"""Line processing indicators: A, R and S are paid lines; the last is a line without one."""


@dataclass
class Carrier:
    """Claims (one row each) and their lines. Amounts in cents; `paid` is before the sequestration in `withheld`."""

    person: NDArray[np.int32]
    day: Days
    entity: NDArray[np.int32]
    clinician: NDArray[np.int32]
    denial: NDArray[np.int32]
    fate: NDArray[np.int32]
    payer: NDArray[np.int32]
    diagnosis: NDArray[np.int32]
    line_claim: NDArray[np.int32]
    line_number: NDArray[np.int32]
    line_code: NDArray[np.int32]
    line_start: Days
    line_day: Days
    allowed: NDArray[np.int64]
    paid: NDArray[np.int64]
    withheld: NDArray[np.int64]
    reduced: NDArray[np.int64]
    indicator: NDArray[np.int32]


def sequestration_rate(days: Days) -> NDArray[np.int64]:
    """Reduction of Medicare payments in percent: suspended May 2020 to March 2022, one percent to June 2022."""
    return np.select([days < day(2020, 5), days < day(2022, 4), days < day(2022, 7)], [2, 0, 1], 2).astype(np.int64)


def withhold(paid: NDArray[np.int64], days: Days) -> NDArray[np.int64]:
    """The sequestration of a payment, rounded to the cent."""
    return (paid * sequestration_rate(days) + 50) // 100


def draw_carrier(rng: np.random.Generator, people: People, visits: Visits) -> Carrier:
    """The carrier claims of the visits to practices."""
    seen = visits.only(~visits.by_certificate)
    count = len(seen.person)
    extra = rng.choice(3, count, p=[0.72, 0.2, 0.08]) * (seen.fate == 0)
    claim = np.repeat(np.arange(count, dtype=np.int32), extra + 1)
    number = (np.arange(len(claim)) - np.concatenate([[0], np.cumsum(extra + 1)[:-1]])[claim] + 1).astype(np.int32)
    day_of_line = seen.day[claim]
    code = np.where(number == 1, seen.code[claim], codes.draw_codes(rng, codes.EXTRA, day_of_line)).astype(np.int32)
    allowed = np.where(seen.fate[claim] == NO_CHARGE, 0, codes.CENTS[code])
    full = allowed * 8 // 10
    deductible = (rng.random(count) < 0.04)[claim]
    full = np.where(deductible, 0, full)
    withheld = withhold(full, day_of_line)
    reduced = np.where((rng.random(count) < 0.004)[claim], (full - withheld) // 4, 0)
    return Carrier(
        person=seen.person,
        day=seen.day,
        entity=seen.entity,
        clinician=seen.clinician,
        denial=_denials(rng, seen.fate),
        fate=seen.fate,
        payer=_payers(rng, people, seen.person),
        diagnosis=draw_diagnoses(rng, people, seen.person, 4),
        line_claim=claim,
        line_number=number,
        line_code=code,
        line_start=np.where(code == codes.INDEX["99490"], day_of_line - 20, day_of_line).astype(np.int32),
        line_day=day_of_line,
        allowed=allowed,
        paid=full,
        withheld=withheld,
        reduced=reduced,
        indicator=_indicators(rng, seen.fate, claim),
    )


def _denials(rng: np.random.Generator, fate: NDArray[np.int32]) -> NDArray[np.int32]:
    """Payment codes; a fortieth of the claims is denied."""
    denied = (rng.random(len(fate)) < 0.025) & (fate == 0) | (fate == DENIED)
    paid = np.where(rng.random(len(fate)) < 0.01, 5, 0)
    return np.where(denied, rng.choice(np.array([1, 1, 2, 3, 4]), len(fate)), paid).astype(np.int32)


def _indicators(rng: np.random.Generator, fate: NDArray[np.int32], claim: NDArray[np.int32]) -> NDArray[np.int32]:
    """Line indicators; one line in thirty is denied within its claim."""
    draws = rng.random(len(claim))
    denied = (draws < 0.03) & (fate[claim] == 0)
    paid = np.select([draws > 0.99, draws > 0.98, draws > 0.976], [1, 2, 7], 0)
    return np.where(denied, rng.integers(3, 7, len(claim)), paid).astype(np.int32)


def _payers(rng: np.random.Generator, people: People, person: NDArray[np.int32]) -> NDArray[np.int32]:
    """1 where another payer comes before Medicare."""
    return (people.are("other_payer_first")[person] & (rng.random(len(person)) < 0.7)).astype(np.int32)

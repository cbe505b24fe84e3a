"""Published chain-ladder examples: factors, outstanding amounts and standard errors.

Taylor and Ashe (1983), as reworked by Mack, ASTIN Bulletin 23 (1993), 213–225; Reinsurance Association of America
(1991), as reworked by Mack, Measuring the variability of chain ladder reserve estimates, CAS Forum (1994).
"""

from __future__ import annotations

import numpy as np
import pytest

from openaco.insight.forecast.chain_ladder import development, mack
from openaco.insight.forecast.triangle import Triangle

TAYLOR_ASHE = """
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014
"""
RAA = """
5012 8269 10907 11805 13539 16181 18009 18608 18662 18834
106 4285 5396 10666 13782 15599 15496 16169 16704
3410 8992 13873 16141 18735 22214 22863 23466
5655 11555 15766 21266 23425 26083 27067
1092 9565 15836 22169 25955 26180
1513 6445 11702 12935 15852
557 4020 10946 12314
1351 6947 13112
3133 5395
2063
"""
FACTORS = {
    TAYLOR_ASHE: [3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766, 1.0177],
    RAA: [2.999, 1.624, 1.271, 1.172, 1.113, 1.042, 1.033, 1.017, 1.009],
}
OUTSTANDING = {
    TAYLOR_ASHE: [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811],
    RAA: [0, 154, 617, 1636, 2747, 3649, 5435, 10907, 10650, 16339],
}
STANDARD_ERRORS = {
    TAYLOR_ASHE: [0, 75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155],
    RAA: [0, 206, 623, 747, 1469, 2002, 2209, 5358, 6333, 24566],
}
TOTALS = {TAYLOR_ASHE: (18680856, 2447095), RAA: (52135, 26909)}
EXAMPLES = pytest.mark.parametrize("example", [TAYLOR_ASHE, RAA], ids=["Taylor and Ashe", "RAA"])


def triangle(text: str) -> Triangle:
    rows = [[float(cell) for cell in line.split()] for line in text.strip().splitlines()]
    known = np.full((len(rows), len(rows)), np.nan)
    for number, row in enumerate(rows):
        known[number, : len(row)] = row
    return Triangle(0, known)


@EXAMPLES
def test_factors(example: str) -> None:
    digits = 4 if example is TAYLOR_ASHE else 3
    assert [round(one, digits) for one in development(triangle(example)).factor] == FACTORS[example]


@EXAMPLES
def test_outstanding_amounts(example: str) -> None:
    found = mack(triangle(example))
    assert [round(one) for one in found.outstanding] == OUTSTANDING[example]
    assert round(found.outstanding.sum()) == TOTALS[example][0]


@EXAMPLES
def test_standard_errors(example: str) -> None:
    found = mack(triangle(example))
    assert [round(one) for one in found.standard_error] == STANDARD_ERRORS[example]
    assert round(found.total_standard_error) == TOTALS[example][1]

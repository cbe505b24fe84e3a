"""Code numbers and round invented fees. Round fees make ties in charges happen by themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.days import Days, day

_FEES = {
    "99211": 20, "99212": 60, "99213": 90, "99214": 130, "99215": 180, "99203": 110, "99204": 170, "99349": 120,
    "99441": 60, "99354": 130, "99308": 70, "99309": 100, "99310": 140, "99316": 110, "99490": 60, "99495": 200,
    "99496": 270, "99497": 80, "99483": 260, "99421": 20, "99406": 20, "99457": 50, "96160": 10, "G0101": 40,
    "G0402": 160, "G0438": 170, "G0439": 120, "G0442": 20, "G0444": 20, "G2012": 20, "G2211": 20, "G0463": 120,
    "G0467": 180, "G0466": 190, "G0556": 20, "98016": 20, "36415": 10, "80053": 20, "85025": 10, "83036": 10,
    "90662": 70, "G0008": 20, "93000": 20, "71046": 30, "99223": 200, "99232": 80, "66984": 1400, "45378": 500,
    "27447": 2600, "11042": 300, "70553": 900, "J0178": 2400, "J9271": 6800, "17000": 100, "92014": 110,
    "97110": 60, "97140": 50, "A4352": 310, "A4353": 420, "A5057": 380, "E1390": 180, "E0601": 90, "A4253": 40,
    "K0823": 600, "A6212": 60,
}  # fmt: skip
CODES = tuple(_FEES)
CODE_TEXT = np.array(CODES, "S5")
CENTS = np.array([_FEES[code] * 100 for code in CODES], np.int64)
INDEX = {code: at for at, code in enumerate(CODES)}
FIRST_USED = {"G2211": day(2024, 1), "G0556": day(2025, 1), "98016": day(2025, 1)}

PRIMARY = {
    "99213": 0.33, "99214": 0.29, "99212": 0.05, "99215": 0.04, "99203": 0.03, "99204": 0.02, "G0439": 0.08,
    "G0438": 0.01, "99490": 0.03, "99495": 0.012, "99496": 0.005, "99497": 0.012, "99483": 0.005, "99421": 0.012,
    "99406": 0.012, "96160": 0.01, "G0444": 0.012, "G0442": 0.006, "G2012": 0.01, "99349": 0.015, "99308": 0.012,
    "99309": 0.005, "99457": 0.008, "G0101": 0.004, "99441": 0.012, "G0556": 0.01, "98016": 0.005,
}  # fmt: skip
SPECIALIST = {"99213": 0.35, "99214": 0.35, "99204": 0.15, "93000": 0.15}
OTHER = {
    "80053": 0.14, "85025": 0.12, "71046": 0.10, "92014": 0.10, "17000": 0.09, "97110": 0.12, "97140": 0.06,
    "11042": 0.05, "70553": 0.05, "45378": 0.04, "66984": 0.05, "27447": 0.015, "J0178": 0.025, "J9271": 0.015,
    "99213": 0.025,
}  # fmt: skip
EXTRA = {"36415": 0.3, "80053": 0.2, "85025": 0.15, "83036": 0.1, "90662": 0.05, "G0008": 0.05, "93000": 0.05,
         "G2211": 0.1, "99354": 0.03}  # fmt: skip
EQUIPMENT = {"E1390": 0.3, "E0601": 0.25, "A4253": 0.22, "A6212": 0.1, "K0823": 0.05, "A4352": 0.04, "A4353": 0.04,
             "A5057": 0.04}  # fmt: skip


def draw_codes(rng: np.random.Generator, shares: dict[str, float], days: Days) -> NDArray[np.int32]:
    """One code a service; a code not yet in use on its day becomes 99213 (or 36415 for an extra line)."""
    weights = np.array(list(shares.values()))
    chosen = rng.choice(len(weights), len(days), p=weights / weights.sum())
    found = np.array([INDEX[code] for code in shares], np.int32)[chosen]
    fallback = INDEX["36415" if shares is EXTRA else "99213"]
    for code, since in FIRST_USED.items():
        found[(found == INDEX[code]) & (days < since)] = fallback
    return found

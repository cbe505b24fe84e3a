"""Risk scores of people who do not exist: near 1 on average, higher with conditions, the same person much the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaco.synthetic.chunk import Chunk
from openaco.synthetic.days import day
from openaco.synthetic.people import CONDITIONS

_BASE = 0.42
_MEAN = _BASE + sum(prevalence * weight for _, prevalence, weight, _ in CONDITIONS)


def risk_scores(chunk: Chunk, year: int) -> NDArray[np.float64]:
    """Renormalized score of each person for a year."""
    people = chunk.people
    raw = _BASE + people.conditions @ np.array([one[2] for one in CONDITIONS])
    wobble = 1 + ((people.name_draws[:, 4] // 7 + year * 37) % 41 - 20) / 1000
    return np.round(raw / _MEAN * wobble, 6)


def demographic_scores(chunk: Chunk, year: int) -> NDArray[np.float64]:
    """Renormalized demographic score: by age and sex alone."""
    age = (day(year, 2) - chunk.people.birth) / 365.25
    return np.round(0.72 + 0.0037 * np.clip(age, 30, 95) + 0.01 * chunk.people.sex, 6).astype(np.float64)

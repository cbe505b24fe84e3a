"""An invented ACO that reports eCQMs, and rates changed one at a time: for tests of quality scores."""

from __future__ import annotations

from typing import Any

from openaco.programs.quality import QualityRates

SETS = {
    2021: ("001", "134", "236"),
    2022: ("001", "134", "236"),
    2023: ("001", "134", "236"),
    2024: ("001", "134", "236"),
    2025: ("001", "112", "134", "236"),
    2026: ("001", "112", "113", "134", "236"),
}


def reported(measure: str, numerator: int, collection_type: str = "medicare_cqm", **changes: Any) -> dict[str, Any]:
    """One measure of a thousand people, all complete."""
    plain = {"measure": measure, "collection_type": collection_type, "denominator": 1000, "numerator": numerator}
    return plain | changes


def rates(year: int, *measures: dict[str, Any], **changes: Any) -> QualityRates:
    """A rates file: the measures, the survey without scores (left out), and nothing else."""
    plain: dict[str, Any] = {"performance_year": year, "measure": measures, "survey": {"administered": True}}
    return QualityRates.model_validate(plain | changes)


def whole_set(year: int, percent: float, collection_type: str = "medicare_cqm", **changes: Any) -> QualityRates:
    """Every measure of the year's set at this performance (for 001, where lower is better: what is left to 100)."""
    stated = [
        {
            "measure": name,
            "collection_type": collection_type,
            "denominator": 1000,
            "numerator": round(10 * (100 - percent if name == "001" else percent)),
        }
        for name in SETS[year]
    ]
    return rates(year, *stated, **changes)

"""An invented commercial contract as text, and figures of four years in one class of members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from openaco.programs.commercial.contract import CommercialContract
from openaco.programs.commercial.file import ContractFile, check_contract_text
from openaco.programs.mssp.inputs import YearInputs

NAME = "contract.toml"

SIMPLE = """
[contract]
id = "river-ppo"
label = "River Health PPO"
payer = "River Health"
population = "commercial"
start = 2024-01-01
end = 2024-12-31
risk = "two_sided"

[attribution]
rule = "shared_savings"
variant = "prospective"

[benchmark]
trend = "fixed"
baseline_years = [2021, 2022, 2023]
weights = [0.2, 0.3, 0.5]
trend_rate = 0.05
baseline_trend_rate = 0.0

[savings]
minimum_rate = 0.02
corridors = [{ from = 0.0, to = 0.04, share = 0.5 }, { from = 0.04, share = 0.75 }]

[losses]
minimum_rate = 0.01
cap = 0.03
corridors = [{ from = 0.0, share = 0.4 }]

[years.2024]
"""
"""History of 4,000, 5,000 and 6,000 dollars makes 5,300; with 5 percent growth a benchmark of 5,565 per person."""


BANDS = "corridors = [{ from = 0.0, to = 0.04, share = 0.5 }, { from = 0.04, share = 0.75 }]"
LOSS_BAND = "corridors = [{ from = 0.0, share = 0.4 }]"


def changed(*changes: tuple[str, str], text: str = SIMPLE) -> str:
    """The text with some parts replaced; each must stand in it."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def contract_file(*changes: tuple[str, str], text: str = SIMPLE) -> ContractFile:
    return check_contract_text(changed(*changes, text=text), NAME)


def contract(*changes: tuple[str, str], year: int = 2024, text: str = SIMPLE) -> CommercialContract:
    return CommercialContract(contract_file(*changes, text=text), year)


def figures(year: int, spent: float, **changes: Any) -> YearInputs:
    """One year of 1,000 people, all of one class."""
    plain = YearInputs(
        year=year,
        assigned_beneficiaries=1_000,
        person_years={"all": 1_000.0},
        per_capita={"all": spent},
        risk_score={"all": 1.0},
        regional_per_capita={"all": 5_000.0},
        national_per_capita={"all": 6_000.0},
    )
    return replace(plain, **changes)


def years(spent: float, *, year: int = 2024, **performance: Any) -> dict[str, YearInputs]:
    """The figures of 2021 to 2023 and of a performance year in which a person cost `spent`."""
    return {
        "by1": figures(2021, 4_000.0),
        "by2": figures(2022, 5_000.0),
        "by3": figures(2023, 6_000.0),
        "py": figures(year, spent, **performance),
    }


def at_rate(savings_rate: float, benchmark: float = 5_565.0, **performance: Any) -> dict[str, YearInputs]:
    """Figures in which a share of the benchmark is saved (lost, below zero)."""
    return years(benchmark * (1 - savings_rate), **performance)

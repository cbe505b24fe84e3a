"""Codes as sources write them → codes as the tables keep them: a short system name, and one spelling of the code."""

from __future__ import annotations

from functools import cache

from openaco.parameters import parameter

_ANY_YEAR = 2025


@cache
def _short_names() -> dict[str, str]:
    systems = parameter("measures/code_systems", _ANY_YEAR).value
    return {identifier: short for short, identifiers in systems.items() for identifier in identifiers}


@cache
def short_system(system: str) -> str:
    """The short name of a code system; a system that has none keeps its identifier."""
    return _short_names().get(system, system)


def coded(system: str, code: str) -> tuple[str, str]:
    """System and code in the spelling of the tables: ICD-10-CM and ICD-9-CM codes without the dot."""
    short = short_system(system)
    return (short, code.replace(".", "")) if short in ("icd10cm", "icd9cm") else (short, code)

"""A parameter as a rule uses it: the value together with where it stands (`42 CFR 425.605(d)`) and how sure it is.

A worksheet line takes its confidence from the `Cited` values that it rests on: `weakest` of them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from openaco.parameters import parameter
from openaco.worksheet import Confidence

_SURENESS: tuple[Confidence, ...] = ("unverified", "verified", "quoted")


@dataclass(frozen=True)
class Cited:
    """One value of a parameter. `name` is the parameter's path; `value` is as its file states it."""

    name: str
    value: Any
    cite: str
    confidence: Confidence
    note: str = ""


@cache
def cited(name: str, date: int, **keys: str) -> Cited:
    """The value of a parameter for a year, kept after the first look-up. Raises ParameterError if none is stated."""
    found = parameter(name, date, **keys)
    return Cited(name, found.value, found.cite, found.confidence, found.note)


def weakest(*confidences: Confidence) -> Confidence:
    """The least sure of some confidences: unverified < verified < quoted. `quoted` if there are none."""
    return min(confidences, key=_SURENESS.index, default="quoted")


def citations(values: Iterable[Cited]) -> str:
    """The paragraphs behind some values, each once, in order."""
    return "; ".join(dict.fromkeys(value.cite for value in values))

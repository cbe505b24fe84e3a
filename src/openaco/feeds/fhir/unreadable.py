"""Reading FHIR elements strictly: what has the wrong type is unreadable, and says where; it never shows a value."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Unreadable(Exception):
    """Something in a person's data cannot be read. The message names the element, never its value."""


def text(element: Json, name: str, where: str) -> str | None:
    """A string element, or None. Raises Unreadable if it is something else."""
    value = element.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise Unreadable(f"{where}.{name} is not a text")


def child(element: Json, name: str, where: str) -> Json:
    """An object element; empty where it is absent. Raises Unreadable if it is something else."""
    value = element.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise Unreadable(f"{where}.{name} is not an object")


def children(element: Json, name: str, where: str) -> list[Json]:
    """A list of objects; empty where it is absent. Raises Unreadable if it is something else."""
    value = element.get(name)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise Unreadable(f"{where}.{name} is not a list of objects")


def number(element: Json, name: str, where: str) -> float | None:
    """A number, or None. Raises Unreadable if it is something else."""
    value = element.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise Unreadable(f"{where}.{name} is not a number")


def flag(element: Json, name: str, where: str) -> bool | None:
    """A boolean, or None. Raises Unreadable if it is something else."""
    value = element.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise Unreadable(f"{where}.{name} is not true or false")


def tail(reference: str | None) -> str:
    """The id at the end of a reference: of Patient/p1, https://x/Patient/p1, urn:uuid:p1 it is p1."""
    return "" if reference is None else reference.rpartition("/")[2].rpartition(":")[2]

"""Value set files in four forms, told by their content, → rows of `valueset`.

- `{oid: {name, version, codes: {system: [codes]}}}`, JSON, plain or `.gz`
- a FHIR ValueSet with its expansion, or a Bundle of them, JSON
- a VSAC download of value sets, XLSX (one sheet of codes for each value set, or one list of all)
- the answer of VSAC's sharing service (SVS), XML

The year is the one in the file's name (`…py2025…`, `…2025…`); without one the codes serve every year.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from openaco.errors import FeedError
from openaco.feeds.codes import coded
from openaco.feeds.valuesets.sharing_service import rows_of_xml
from openaco.feeds.valuesets.sheets import rows_of_workbook

Row = dict[str, Any]
_YEAR = re.compile(r"(?<!\d)(?:py|PY)?(20[2-9]\d)(?!\d)")
_FORMS = "a VSAC XLSX or SVS XML download, FHIR ValueSet expansions, or JSON by oid"


def read_value_sets(paths: Iterable[Path], *, demonstration: bool = False) -> list[Row]:
    """The codes of all files as rows of `ValueSetCode`. Raises FeedError naming a file that is none of the forms."""
    rows = [row for path in paths for row in _of_file(path)]
    return [row | {"demonstration": demonstration} for row in rows]


def year_in(name: str) -> int | None:
    """The performance year that a file's name states, if it states one: `valuesets-py2025.json.gz` is 2025."""
    years = {int(year) for year in _YEAR.findall(name)}
    return years.pop() if len(years) == 1 else None


def _of_file(path: Path) -> list[Row]:
    if not path.is_file():
        raise FeedError("there is no such file", where=str(path), remedy=f"Give {_FORMS}.")
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if path.name.endswith(".gz") else content
    except (OSError, EOFError):
        raise FeedError("cannot be unpacked", where=path.name) from None
    found = _rows(content, path.name)
    if not found:
        raise FeedError("holds no codes of value sets", where=path.name, remedy=f"Give {_FORMS}.")
    year = year_in(path.name)
    spelled = [coded(row["system"], row["code"]) for row in found]
    return [row | {"year": year, "system": a, "code": b} for row, (a, b) in zip(found, spelled, strict=True)]


def _rows(content: bytes, name: str) -> list[Row]:
    if content[:2] == b"PK":
        return rows_of_workbook(content, name)
    if content.lstrip()[:1] == b"<":
        return rows_of_xml(content, name)
    try:
        return _rows_of_json(orjson.loads(content))
    except (orjson.JSONDecodeError, TypeError, AttributeError, KeyError):
        raise FeedError("is no file of value sets", where=name, remedy=f"Give {_FORMS}.") from None


def _rows_of_json(content: Any) -> list[Row]:
    kind = content.get("resourceType")
    if kind == "Bundle":
        return [row for entry in content.get("entry", []) for row in _of_fhir(entry.get("resource", {}))]
    return _of_fhir(content) if kind else _by_oid(content)


def _by_oid(content: dict[str, Any]) -> list[Row]:
    return [
        {"oid": oid, "title": stated["name"], "version": stated.get("version"), "system": system, "code": code}
        for oid, stated in content.items()
        for system, codes in stated["codes"].items()
        for code in codes
    ]


def _of_fhir(resource: dict[str, Any]) -> list[Row]:
    """A ValueSet: its expansion, or the codes that its composition lists one by one."""
    if resource.get("resourceType") != "ValueSet":
        return []
    oid = resource.get("url", resource.get("id", "")).rpartition("/")[2].removeprefix("urn:oid:")
    base = {
        "oid": oid,
        "title": resource.get("title") or resource.get("name") or oid,
        "version": resource.get("version"),
    }
    if "expansion" in resource:
        listed = [(item.get("system"), item.get("code")) for item in _expanded(resource["expansion"])]
    else:
        listed = [
            (part.get("system"), concept.get("code"))
            for part in resource.get("compose", {}).get("include", [])
            for concept in part.get("concept", [])
        ]
    return [base | {"system": system, "code": code} for system, code in listed if system and code]


def _expanded(element: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for item in element.get("contains", []):
        yield item
        yield from _expanded(item)

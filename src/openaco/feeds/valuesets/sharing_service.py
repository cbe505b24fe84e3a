"""The XML of VSAC's sharing service (IHE SVS): RetrieveValueSetResponse and RetrieveMultipleValueSetsResponse."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from openaco.errors import FeedError


def rows_of_xml(content: bytes, name: str) -> list[dict[str, Any]]:
    """The codes of each value set in the file. Raises FeedError if it is no such XML."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise FeedError("declares a document type, which value sets never do", where=name)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        raise FeedError("is no readable XML", where=name, remedy="Download it again.") from None
    rows = []
    for element in root.iter():
        if _local(element.tag) not in ("ValueSet", "DescribedValueSet"):
            continue
        base = {
            "oid": element.get("ID") or element.get("id") or "",
            "title": element.get("displayName") or element.get("DisplayName") or "",
            "version": element.get("version"),
        }
        for concept in element.iter():
            if _local(concept.tag) == "Concept" and concept.get("code"):
                oid, system_name = concept.get("codeSystem"), concept.get("codeSystemName") or ""
                system = f"urn:oid:{oid}" if oid else system_name
                rows.append(base | {"system": system, "code": concept.get("code")})
    return rows


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

"""SAS formats that list codes, as AHRQ publishes its indicators: `Value $ACDIASD "E1010" = '1' … OTHER = '0';`."""

from __future__ import annotations

import re

from openaco.errors import FeedError

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FORMAT = re.compile(r"\bvalue\s+\$(\w+)\s+(.*?);", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"""["']([0-9A-Za-z]+)["']\s*(?:,|=)""")
_ONE = re.compile(r"""=\s*["']?1["']?""")


def formats(text: str, file: str) -> list[dict[str, str]]:
    """Every code that a format gives the value 1, with the format's name as its set. Raises FeedError if there is none.

    Formats of other things (counties, ages) have other values and are left out.
    """
    rows = []
    for name, body in _FORMAT.findall(_COMMENT.sub(" ", text)):
        if {value for value in re.findall(r"=\s*[\"']?(\w+)[\"']?", body)} <= {"0", "1"} and _ONE.search(body):
            listed = body[: body.upper().find("OTHER")] if "OTHER" in body.upper() else body
            rows += [{"set": name.upper(), "code": code} for code in _CODE.findall(listed)]
    if not rows:
        raise FeedError("holds no formats of codes", where=file, remedy="Take PQI_AREA_FORMATS.SAS of AHRQ's software.")
    return rows

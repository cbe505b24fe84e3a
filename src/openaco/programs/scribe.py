"""Writes worksheet lines so that nothing about a parameter gets lost on the way.

What a line always says (label, unit, formula, paragraph, CMS's letter) stands once in a catalog of `LineText`; a rule
adds the value, the lines it came from, and as its `basis` the parameters it used. From these the line takes the
weakest confidence, their citations, and a reference `parameter:<path>` among its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from openaco.rules.cited import Cited, citations, weakest
from openaco.worksheet import Confidence, Unit, Value, Worksheet


class LineText(NamedTuple):
    """What every line of one name says. `formula` is empty for a line taken from outside."""

    step: str
    label: str
    unit: Unit
    formula: str
    cite: str
    confidence: Confidence = "quoted"


class Scribe:
    """Adds lines to one worksheet.

    catalog: texts by the line's name; a line `name.part.part` without its own entry takes the one of `name`.
    sources: by the id of a given line, or its first parts, where its value came from: `aco.toml:national.2021`.
    basis: in the same way, the parameters that a given value rests on, where it was computed from claims before.
    supposed: what-if: by the id of a line, or its first parts, the value it shall have instead of its own. Lines after
    it follow, so supposing the value a line would have without a rule shows what the rule is worth. None: the line
    does not apply, so a cap supposed to be None does not bind.
    """

    def __init__(
        self,
        sheet: Worksheet,
        catalog: Mapping[str, LineText],
        sources: Mapping[str, str] | None = None,
        basis: Mapping[str, tuple[Cited, ...]] | None = None,
        supposed: Mapping[str, Value] | None = None,
    ) -> None:
        self.sheet = sheet
        self.catalog = catalog
        self.sources = sources or {}
        self.basis = basis or {}
        self.supposed = supposed or {}

    def computed(
        self, id: str, value: Value, inputs: Iterable[str] = (), basis: Iterable[Cited] = (), note: str = ""
    ) -> Any:
        """Add a computed line and return its value. The line is as sure as the least sure thing it rests on."""
        text, suffix = self._text(id)
        value, note = self._or_supposed(id, value, note)
        basis = tuple(basis)
        cites = [text.cite, citations(basis)]
        return self.sheet.add(
            id,
            value,
            label=text.label + suffix,
            unit=text.unit,
            formula=text.formula,
            inputs=(*inputs, *(f"parameter:{used.name}" for used in basis)),
            cite="; ".join(dict.fromkeys(cite for cite in cites if cite)),
            confidence=weakest(text.confidence, *(used.confidence for used in basis)),
            step=text.step,
            note=note,
        )

    def given(self, id: str, value: Value, note: str = "") -> Any:
        """Add a line taken from outside and return its value; without a stated source its input is `input:<id>`."""
        text, suffix = self._text(id)
        value, note = self._or_supposed(id, value, note)
        basis = self.basis.get(_stated(id, self.basis), ())
        return self.sheet.add(
            id,
            value,
            label=text.label + suffix,
            unit="text" if isinstance(value, str) else text.unit,
            inputs=(self.source(id), *(f"parameter:{used.name}" for used in basis)),
            cite=text.cite,
            confidence=weakest(text.confidence, *(used.confidence for used in basis)),
            step=text.step,
            note=note,
        )

    def source(self, id: str) -> str:
        """Where a given value came from: as stated for the id or its longest stated beginning, else `input:<id>`."""
        return self.sources.get(_stated(id, self.sources), f"input:{id}")

    def as_supposed(self, id: str, value: Any) -> Any:
        """The value that the line `id`, written later, will have: the supposed one, or this one."""
        return self._or_supposed(id, value, "")[0]

    def _or_supposed(self, id: str, value: Value, note: str) -> tuple[Value, str]:
        """The supposed value where there is one and it differs, and a note that says so."""
        place = _stated(id, self.supposed)
        if not place or self.supposed[place] == value:
            return value, note
        return self.supposed[place], f"Supposed; it is {value}."

    def _text(self, id: str) -> tuple[LineText, str]:
        name, parts = id, ""
        while name not in self.catalog:
            name, _, last = name.rpartition(".")
            parts = f", {PART_WORDS.get(last, last)}{parts}"
            if not name:
                raise KeyError(f"no text for line {id!r}")
        return self.catalog[name], parts


def _stated(id: str, stated: Mapping[str, Any]) -> str:
    """The id, or its longest beginning, that has an entry; empty if none has."""
    while id and id not in stated:
        id = id.rpartition(".")[0]
    return id


PART_WORDS = {
    "esrd": "ESRD",
    "disabled": "disabled",
    "aged_dual": "aged/dual",
    "aged_non_dual": "aged/non-dual",
    "aged_disabled": "aged and disabled",
    "high_needs": "High Needs",
    "by1": "BY1",
    "by2": "BY2",
    "by3": "BY3",
    "py": "performance year",
}

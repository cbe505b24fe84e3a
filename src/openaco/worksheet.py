"""The Worksheet: the answer of every program, with the way back from every number.

Grain: one `Line` per computed or given value, in the order of computation. The report, the command line, the
workbook check and the tests all read the same worksheet; nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

from openaco.errors import WorksheetError

Unit = Literal["usd", "usd_per_capita", "fraction", "count", "years", "ratio", "score", "text", "flag"]
Confidence = Literal["quoted", "verified", "unverified"]
Value = float | int | str | bool | None


@dataclass(frozen=True)
class Line:
    """One number (or word) of a worksheet.

    id          dotted and stable: `benchmark.trended_per_capita.esrd.by1`
    label       what CMS calls it
    value       dollars unrounded, percentages as fractions, None = does not apply
    unit        see `Unit`
    formula     the computation in words and symbols; empty for an input
    inputs      ids of the lines it is computed from, or `table:column`, `aco.toml:key`, `file:cell` for an input
    cite        paragraph of the regulation, or CMS document and page
    confidence  the weakest confidence of the parameters and rules it rests on (directly, not through its inputs)
    step        CMS's own letter, where CMS has one: `[F]`
    note        what a reader must know: a cap that bound, a rule that did not apply
    """

    id: str
    label: str
    value: Value
    unit: Unit
    formula: str = ""
    inputs: tuple[str, ...] = ()
    cite: str = ""
    confidence: Confidence = "quoted"
    step: str = ""
    note: str = ""


@dataclass
class Worksheet:
    """Ordered lines of one program, one ACO, one performance year."""

    program: str
    title: str
    performance_year: int
    lines: dict[str, Line] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        id: str,
        value: Value,
        *,
        label: str,
        unit: Unit,
        formula: str = "",
        inputs: Iterable[str] = (),
        cite: str = "",
        confidence: Confidence = "quoted",
        step: str = "",
        note: str = "",
    ) -> Any:
        """Append a line and return its value. Raises WorksheetError for a doubled id or an unknown input line."""
        if id in self.lines:
            raise WorksheetError(f"line {id!r} stands in the worksheet already", remedy="Give each line its own id.")
        inputs = tuple(inputs)
        for source in inputs:
            if ":" not in source and source not in self.lines:
                raise WorksheetError(
                    f"line {id!r} refers to {source!r}, which is no line before it",
                    remedy="Add the input first, or name a source such as table:column.",
                )
        self.lines[id] = Line(id, label, value, unit, formula, inputs, cite, confidence, step, note)
        return value

    def __getitem__(self, id: str) -> Value:
        """The value of a line. Raises WorksheetError if there is none."""
        return self.line(id).value

    def number(self, id: str) -> float:
        """The value of a line as a number; 0.0 where it does not apply."""
        value = self.line(id).value
        return 0.0 if value is None or isinstance(value, str) else float(value)

    def line(self, id: str) -> Line:
        """The line with this id. Raises WorksheetError, naming near ids, if there is none."""
        if id not in self.lines:
            stem = id.rsplit(".", 1)[-1]
            near = [known for known in self.lines if stem in known][:3] or get_close_matches(id, self.lines)
            raise WorksheetError(
                f"no line {id!r} in the {self.program} worksheet for {self.performance_year}",
                remedy=f"Did you mean {', '.join(near)}?" if near else "List the ids with `openaco explain --list`.",
            )
        return self.lines[id]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines.values())

    def ancestors(self, id: str) -> list[Line]:
        """Every line that `id` rests on, nearest first, each once."""
        seen: dict[str, Line] = {}
        queue = list(self.line(id).inputs)
        while queue:
            source = queue.pop(0)
            if source in self.lines and source not in seen:
                seen[source] = self.lines[source]
                queue.extend(self.lines[source].inputs)
        return list(seen.values())

    def unverified(self) -> list[Line]:
        """The lines that rest directly on something not confirmed against a source."""
        return [line for line in self if line.confidence == "unverified"]

    def rests_on_unverified(self, id: str) -> bool:
        """Whether the line, or any line behind it, is unverified."""
        return any(line.confidence == "unverified" for line in [self.line(id), *self.ancestors(id)])

    def annotate(self, id: str, note: str) -> None:
        """Put a note on a line that stands already."""
        self.lines[id] = replace(self.line(id), note=note)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; `from_dict` reads it back."""
        return {
            "program": self.program,
            "title": self.title,
            "performance_year": self.performance_year,
            "about": self.about,
            "lines": [asdict(line) | {"inputs": list(line.inputs)} for line in self],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Worksheet:
        """The worksheet that `to_dict` wrote."""
        sheet = cls(data["program"], data["title"], data["performance_year"], about=dict(data.get("about", {})))
        for item in data["lines"]:
            sheet.lines[item["id"]] = Line(**{**item, "inputs": tuple(item["inputs"])})
        return sheet

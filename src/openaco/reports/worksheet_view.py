"""A worksheet laid out for reading: sections, and in them blocks of lines that differ only by type and year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openaco.reports import formats
from openaco.worksheet import Line, Worksheet

TYPES = tuple(formats.ENROLLMENT_TYPES)
PERIOD = re.compile(r"by[1-9]|py|(?:19|20)\d\d")
SECTIONS = {
    "trend": "Trend and update factors",
    "benchmark": "Historical benchmark",
    "update": "Updated benchmark",
    "quality": "Quality",
    "settlement": "Shared savings and losses",
}


@dataclass
class Block:
    """Lines of one concept: a table of enrollment types by periods, or a single value."""

    key: str
    lines: list[Line] = field(default_factory=list)

    @property
    def step(self) -> str:
        """CMS's letter, where all lines share it."""
        steps = {line.step for line in self.lines}
        return steps.pop() if len(steps) == 1 else ""

    @property
    def label(self) -> str:
        """What the lines have in common in their labels."""
        return common_label([line.label for line in self.lines])

    @property
    def unit(self) -> str:
        """The unit in words; empty where label or values say it themselves."""
        units = {formats.UNITS[line.unit] for line in self.lines}
        unit = units.pop() if len(units) == 1 else ""
        return "" if unit in ("percent", "count") or unit.casefold() == self.label.casefold() else unit

    @property
    def formulas(self) -> list[str]:
        """Each formula once, in order; empty for inputs."""
        return list(dict.fromkeys(line.formula for line in self.lines if line.formula))

    @property
    def shared_sources(self) -> list[str]:
        """The inputs that are no lines, where they are the same for all lines of the block."""
        found = [[source for source in line.inputs if ":" in source] for line in self.lines]
        return found[0] if all(sources == found[0] for sources in found) else []

    @property
    def inner(self) -> list[Line]:
        """The lines with inputs of their own, type by type."""
        shared = set(self.shared_sources)
        own = [line for line in self.lines if set(line.inputs) - shared]
        return sorted(own, key=lambda line: (self.rows.index(self.place(line)[0]), self.place(line)[1]))

    @property
    def cites(self) -> list[str]:
        """Each citation once, in order."""
        return list(dict.fromkeys(line.cite for line in self.lines if line.cite))

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Each note once, with the names of the lines it stands on."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.note:
                found.setdefault(line.note, []).append(self.name_of(line))
        everywhere = len(self.lines)
        return [(note, "" if len(names) == everywhere else ", ".join(names)) for note, names in found.items()]

    @property
    def unverified(self) -> bool:
        """Whether any line rests directly on something not confirmed."""
        return any(line.confidence == "unverified" for line in self.lines)

    @property
    def rows(self) -> list[str]:
        """The enrollment types of the block in CMS's order; one empty name for a block without types."""
        found = {self.place(line)[0] for line in self.lines}
        return [name for name in (*TYPES, "") if name in found]

    def cell(self, row: str, column: str) -> Line | None:
        """The line at an enrollment type and a period."""
        return next((line for line in self.lines if self.place(line) == (row, column)), None)

    def name_of(self, line: Line) -> str:
        """A line's own name within the block: its type and period."""
        row, column = self.place(line)
        names = [formats.enrollment_type(row) if row else "", column_title(column) if column else ""]
        return ", ".join(name for name in names if name) or self.label

    @staticmethod
    def place(line: Line) -> tuple[str, str]:
        """The enrollment type and the period that the id of a line names."""
        return Block.place_of(line.id)

    @staticmethod
    def place_of(line_id: str) -> tuple[str, str]:
        """The enrollment type and the period in a line id; empty where it names none."""
        parts = line_id.split(".")
        return (
            next((part for part in parts if part in TYPES), ""),
            next((part for part in parts if PERIOD.fullmatch(part)), ""),
        )


@dataclass(frozen=True)
class Section:
    """A part of the worksheet, such as the historical benchmark. `columns` are periods; "" is the value alone."""

    key: str
    title: str
    columns: tuple[str, ...]
    blocks: tuple[Block, ...]


def sections(worksheet: Worksheet) -> list[Section]:
    """The worksheet in the order of computation, lines of one concept together."""
    found: dict[str, dict[str, Block]] = {}
    for line in worksheet:
        key = block_key(line.id)
        found.setdefault(line.id.split(".")[0], {}).setdefault(key, Block(key)).lines.append(line)
    return [
        Section(name, SECTIONS.get(name, formats.words(name).capitalize()), _columns(blocks), tuple(blocks.values()))
        for name, blocks in found.items()
    ]


def block_key(line_id: str) -> str:
    """A line id without its enrollment type and period."""
    return ".".join(part for part in line_id.split(".") if part not in TYPES and not PERIOD.fullmatch(part))


def column_title(column: str, years: Sequence[str] = ()) -> str:
    """The heading of a period: `by1` → `BY1`, with its calendar year where the benchmark years are given."""
    if column == "py":
        return "Performance year"
    number = int(column[2:]) if column.startswith("by") else 0
    year = f" {years[number - 1]}" if 0 < number <= len(years) else ""
    return (column.upper() or "Value") + year


def common_label(labels: list[str]) -> str:
    """Labels without what tells them apart: enrollment types and periods."""
    if len(set(labels)) == 1:
        return labels[0]
    kinds = "|".join(map(re.escape, sorted([*formats.ENROLLMENT_TYPES.values(), "Aged/dual eligible"], key=len)[::-1]))
    pattern = rf"[\s,:(–-]*\b(?:{kinds}|BY ?[1-9]|PY|performance year|(?:19|20)\d\d)\b\)?"
    return re.sub(pattern, "", labels[0], flags=re.IGNORECASE).strip(" ,:–-") or labels[0]


def used_by(worksheet: Worksheet) -> dict[str, list[Line]]:
    """For each line, the lines that are computed from it."""
    found: dict[str, list[Line]] = {}
    for line in worksheet:
        for source in dict.fromkeys(line.inputs):
            found.setdefault(source, []).append(line)
    return found


def blocks_using(sections: Sequence[Section]) -> dict[str, list[Block]]:
    """For each block, the other blocks that are computed from it, by key."""
    found: dict[str, dict[str, Block]] = {}
    for block in (block for section in sections for block in section.blocks):
        for source in {block_key(source) for line in block.lines for source in line.inputs if ":" not in source}:
            if source != block.key:
                found.setdefault(source, {})[block.key] = block
    return {key: list(blocks.values()) for key, blocks in found.items()}


def stated_by_cms(line: Line) -> bool:
    """Whether the value comes from aco.toml or a workbook: a figure that CMS alone knows."""
    return any(is_cms(source) for source in line.inputs)


def is_cms(source: str) -> bool:
    """Whether a source is aco.toml or a workbook of CMS."""
    return source.startswith("aco.toml:") or ".xlsx:" in source


def _columns(blocks: dict[str, Block]) -> tuple[str, ...]:
    found = {Block.place(line)[1] for block in blocks.values() for line in block.lines}
    return (*sorted(found - {""}), *([""] if "" in found or not found else []))

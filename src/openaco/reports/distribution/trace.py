"""The worksheet lines behind a participant's amount, without those of other participants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openaco.insight.distribution.distribute import Distribution
from openaco.insight.distribution.facts import Participant
from openaco.reports import formats
from openaco.reports.distribution.words import class_name, ending, line_value
from openaco.worksheet import Line, Worksheet


@dataclass(frozen=True)
class TraceLine:
    """A worksheet line as the statement shows it: the TIN cut to its end, other participants only counted."""

    id: str
    label: str
    value: str
    formula: str
    inputs: str
    note: str
    unverified: bool


def trace(result: Distribution, sheet: Worksheet, one: Participant) -> Iterator[TraceLine]:
    """The lines of this participant and of the ACO as a whole; those of other participants are counted, not shown."""
    others = {other.id for other in result.facts.participants} - {one.id}
    units = {standing.unit for shared in result.pools if (standing := shared.standing(one.id)) and standing.unit}

    def shown(line: Line) -> bool:
        last = line.id.rsplit(".", 1)[-1]
        combined = ".combined." in line.id
        if combined:
            return any(line.id.endswith(f".{unit}") for unit in units)
        return last not in others

    pools_of = {shared.pool.slug for shared in result.pools if shared.standing(one.id)}
    for line in sheet:
        parts = line.id.split(".")
        foreign = parts[0] in ("pool", "measured", "rate") and not pools_of & set(parts)
        if not shown(line) or foreign:
            continue
        inside = [source for source in line.inputs if source in sheet.lines and shown(sheet.lines[source])]
        hidden = sum(1 for source in line.inputs if source in sheet.lines) - len(inside)
        outside = [formats.source(source) for source in line.inputs if source not in sheet.lines]
        names = [masked(source, one.id) for source in inside] + outside
        if hidden:
            names.append(f"the same of {formats.plural(hidden, 'line')} of other participants")
        yield TraceLine(
            id=masked(line.id, one.id),
            label=line.label,
            value=class_name(str(line.value)) if parts[:2] == ["panel", "class"] else line_value(line),
            formula=line.formula,
            inputs="; ".join(names),
            note=line.note,
            unverified=line.confidence == "unverified",
        )


def masked(id: str, tin: str) -> str:
    """A line id with the TIN cut to its last four digits."""
    return id.replace(tin, f"…{ending(tin)}")

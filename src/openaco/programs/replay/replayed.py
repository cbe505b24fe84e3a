"""What every replay of a published results file has in common: how results are compared, counted and written.

Recomputed amounts stand beside the printed ones under their names in `amounts`. They agree `exact` within $1,
`rounding` where the printed digits of the inputs allow it, else `no`, with a note.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from openaco.feeds.workbooks.printed import Printed

Agreement = Literal["exact", "rounding", "no"]
Pairs = list[tuple[str, float, Printed]]
"""Of each compared column: its name, the recomputed US dollars, and what is printed."""
ONE_DOLLAR = 1.0
TINY = 1e-9


@dataclass
class Notes:
    """What a reader of one row must know, each said once."""

    said: list[str] = field(default_factory=list)

    def add(self, note: str) -> None:
        """Say it, unless it is said."""
        if note and note not in self.said:
            self.said.append(note)


class ReplayedAco(Protocol):
    """One ACO of any program. `special` names what a summary must name; amounts stand beside, see `ReplayedFile`."""

    @property
    def aco_id(self) -> str: ...
    @property
    def agrees(self) -> Agreement: ...
    @property
    def note(self) -> str: ...
    @property
    def special(self) -> str: ...


Result = TypeVar("Result", bound=ReplayedAco)


@dataclass(frozen=True)
class ReplayedFile(Generic[Result]):
    """A whole file recomputed. `amounts`: fields of the results that are compared; `published_…` are their twins."""

    file: str
    performance_year: int
    year_because: str
    results: tuple[Result, ...]
    amounts: tuple[str, ...]

    def count(self, agreement: Agreement) -> int:
        """How many ACOs agree this far."""
        return sum(result.agrees == agreement for result in self.results)

    @property
    def all_agree(self) -> bool:
        """Whether every ACO agrees within $1 or printed rounding."""
        return self.count("no") == 0

    @property
    def named(self) -> list[Result]:
        """The ACOs a summary must name: those that differ first."""
        named = [result for result in self.results if result.special or result.agrees == "no"]
        return sorted(named, key=lambda result: result.agrees != "no")

    def to_csv(self) -> str:
        """One line per ACO under the header that other programs rely on; dollars with cents, blank where none."""
        header = header_of(self.amounts)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        for result in self.results:
            dollars = (_dollars(getattr(result, name)) for name in header[1:-2])
            writer.writerow([result.aco_id, *dollars, result.agrees, result.note])
        return out.getvalue()


def header_of(amounts: Sequence[str]) -> tuple[str, ...]:
    """The columns of `to_csv`."""
    return ("aco_id", *amounts, *(f"published_{name}" for name in amounts), "agrees", "note")


def _dollars(amount: float | None) -> str:
    return "" if amount is None else f"{amount + 0.0:.2f}"


def is_exact(pairs: Pairs) -> bool:
    """Whether every recomputed amount lies within $1 of the printed one."""
    return all(abs(ours - printed.value) <= ONE_DOLLAR + TINY for _, ours, printed in pairs)


def is_within(outcomes: Iterable[Pairs], slack: float = TINY) -> bool:
    """Whether each printed amount lies between the least and the most that these outcomes come to, as printed."""
    for pairs in zip(*outcomes, strict=True):
        printed, amounts = pairs[0][2], [ours for _, ours, _ in pairs]
        if printed.high < min(amounts) - slack or printed.low > max(amounts) + slack:
            return False
    return True


def say_rounding(pairs: Pairs, notes: Notes) -> None:
    """Note by how much amounts differ that the printed digits of their inputs leave open."""
    apart = [(name, abs(ours - printed.value)) for name, ours, printed in pairs]
    differences = [f"{name} ${amount:,.2f}" for name, amount in apart if amount > ONE_DOLLAR]
    notes.add(f"within what the printed digits of rates and totals allow: {', '.join(differences)}")


def say_difference(pairs: Pairs, notes: Notes) -> None:
    """Note the amounts that differ."""
    for name, ours, printed in pairs:
        if abs(ours - printed.value) > ONE_DOLLAR:
            notes.add(f"{name}: recomputed {ours:,.0f}, printed {printed.value:,.0f}")

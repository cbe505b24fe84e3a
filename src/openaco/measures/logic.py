"""The form of a measure: its rates, each with populations, strata, and what would close the gap of a person."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.measures.language import NEVER, EventSet, Predicate
from openaco.measures.language.events import walk
from openaco.measures.language.people import statements_of_events


@dataclass(frozen=True, eq=False)
class Gap:
    """What is missing where the measure is not met.

    evidence: the events that would close it, so that near misses can be told (not found, another date, no value).
    when: only for whom this holds; the first gap of a rate whose `when` holds is the person's gap.
    days_after: closable until so many days after the last of `counted_from` ends (None: to the end of the period).
    """

    what: str
    evidence: EventSet
    when: Predicate | None = None
    counted_from: EventSet | None = None
    days_after: int = 0


@dataclass(frozen=True, eq=False)
class Rate:
    """One rate. The denominator is the initial population in all measures here."""

    id: str
    initial_population: Predicate
    numerator: Predicate
    denominator_exclusion: Predicate = NEVER
    denominator_exception: Predicate = NEVER
    strata: tuple[tuple[str, Predicate], ...] = ()
    gaps: tuple[Gap, ...] = ()

    def populations(self) -> dict[str, Predicate]:
        """The statements behind the populations, by the names of result columns."""
        return {
            "initial_population": self.initial_population,
            "denominator_exclusion": self.denominator_exclusion,
            "denominator_exception": self.denominator_exception,
            "numerator": self.numerator,
        }

    def statements(self) -> list[Predicate]:
        """All statements of the rate: populations, strata, and for whom a gap holds."""
        return [
            *self.populations().values(),
            *[predicate for _name, predicate in self.strata],
            *[gap.when for gap in self.gaps if gap.when is not None],
        ]


def sets_of(rates: tuple[Rate, ...]) -> list[EventSet]:
    """All sets of events that rates are asked for, each once, in the order of the logic."""
    found: dict[int, EventSet] = {}
    for rate in rates:
        for statement in rate.statements():
            for node in statements_of_events(statement):
                found.setdefault(id(node.events), node.events)
        for gap in rate.gaps:
            for events in (gap.evidence, gap.counted_from):
                if events is not None:
                    found.setdefault(id(events), events)
    return list(found.values())


def concepts_needed(rates: tuple[Rate, ...]) -> list[str]:
    """The value sets and codes that rates name, each once: those looked for as codes, as results and as reasons."""
    from openaco.measures.language.events import columns_needed, concepts_of

    sets = sets_of(rates)
    members = [column.partition("_in_")[2] for column in columns_needed(sets)]
    return list(dict.fromkeys([*concepts_of(sets), *members]))


def all_nodes(rates: tuple[Rate, ...]) -> list[EventSet]:
    """All sets and the sets they are made of."""
    return [node for events in sets_of(rates) for node in walk(events)]

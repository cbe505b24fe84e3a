"""A measure over a whole population: people and events → the populations of each person, and the rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from openaco.engine import Engine, Table, Value, _, cases, ifelse, literal, null, stack
from openaco.measures.definition import Definition, definition_of
from openaco.measures.language import Compiler, Exists, Period, statements_of_events, truth
from openaco.measures.logic import Rate, concepts_needed, sets_of
from openaco.measures.value_sets import codes_for

POPULATIONS = ("initial_population", "denominator", "denominator_exclusion", "denominator_exception", "numerator")
"""The population columns of `MeasureResult`, in the order of the logic."""


@dataclass(frozen=True)
class RateResult:
    """One rate of a measure over a population: counts of people. `stratum` is blank for all strata together.

    The performance rate is the numerator over the denominator without exclusions and exceptions; None without such.
    """

    measure: str
    performance_year: int
    rate: str
    title: str
    inverse: bool
    initial_population: int
    denominator: int
    denominator_exclusion: int
    denominator_exception: int
    numerator: int
    stratum: str = ""

    @property
    def eligible(self) -> int:
        """People who count: the denominator without exclusions and exceptions."""
        return self.denominator - self.denominator_exclusion - self.denominator_exception

    @property
    def performance_rate(self) -> float | None:
        """The share that meets the numerator, from 0 to 1. Of an inverse measure lower is better."""
        return self.numerator / self.eligible if self.eligible else None

    def as_data(self) -> dict[str, Any]:
        """The result as plain values."""
        return asdict(self) | {"eligible": self.eligible, "performance_rate": self.performance_rate}


class Evaluation:
    """One measure, evaluated over one population in one period."""

    def __init__(
        self,
        engine: Engine,
        people: Table,
        events: Table,
        value_sets: Iterable[Mapping[str, Any]],
        measure: str,
        period: Period,
    ) -> None:
        """people, events: `ClinicalPerson` and `Event` rows. value_sets: `ValueSetCode` rows.

        Raises MeasureError if the measure is not stated for the year, or value sets are missing (naming them).
        """
        self.engine = engine
        self.definition: Definition = definition_of(measure)
        self.period = period
        self.rates: tuple[Rate, ...] = rates_of(self.definition, period)
        codes = codes_for(engine, value_sets, concepts_needed(self.rates), period.year, measure)
        self.compiler = Compiler(engine, people, events, codes, sets_of(self.rates))
        self.names = _names(self.rates)

    @cached_property
    def facts(self) -> Table:
        """One row for each person: each statement about events as a boolean column `fact_…`."""
        return self.engine.checkpoint(self.compiler.facts({name: node for name, node in self.names.values()}))

    @cached_property
    def columns(self) -> dict[int, str]:
        """The column of each statement about events, by its id."""
        return {key: name for key, (name, _node) in self.names.items()}

    @cached_property
    def results(self) -> Table:
        """`MeasureResult` rows: one for each person and rate, also for people outside the initial population."""
        return self.engine.checkpoint(stack([self._of_rate(rate) for rate in self.rates]))

    def _of_rate(self, rate: Rate) -> Table:
        facts = self.facts
        raw = {name: truth(node, facts, self.columns) for name, node in rate.populations().items()}
        flags = facts.select("person_id", **raw, stratum=self._stratum(rate))
        counted = flags.mutate(
            denominator=_.initial_population, denominator_exclusion=_.initial_population & _.denominator_exclusion
        )
        counted = counted.mutate(numerator=_.denominator & ~_.denominator_exclusion & _.numerator)
        counted = counted.mutate(
            denominator_exception=_.denominator & ~_.denominator_exclusion & ~_.numerator & _.denominator_exception
        )
        return counted.select(
            "person_id",
            *POPULATIONS,
            "stratum",
            measure=literal(self.definition.id),
            performance_year=literal(self.period.year).cast("int64"),
            rate=literal(rate.id),
        )

    def _stratum(self, rate: Rate) -> Value:
        if not rate.strata:
            return null("string")
        found = [(truth(node, self.facts, self.columns), literal(name)) for name, node in rate.strata]
        return cases(*found, else_=null("string"))

    def rate_results(self) -> list[RateResult]:
        """The rates, each for all and then by stratum. The initial population must be the reporting population."""
        sums = {name: ifelse(_[name], 1, 0).sum() for name in POPULATIONS}
        by_stratum = self.engine.to_rows(self.results.group_by("rate", "stratum").agg(**sums))
        found = []
        for rate in self.rates:
            rows = [row for row in by_stratum if row["rate"] == rate.id]
            found.append(self._result(rate, rows, ""))
            for name, _node in rate.strata:
                found.append(self._result(rate, [row for row in rows if row["stratum"] == name], name))
        return found

    def _result(self, rate: Rate, rows: Sequence[Mapping[str, Any]], stratum: str) -> RateResult:
        counts = {name: sum(int(row[name] or 0) for row in rows) for name in POPULATIONS}
        return RateResult(
            measure=self.definition.id,
            performance_year=self.period.year,
            rate=rate.id,
            title=self.definition.rates[rate.id],
            inverse=self.definition.inverse,
            stratum=stratum,
            **counts,
        )


def rates_of(definition: Definition, period: Period) -> tuple[Rate, ...]:
    """The logic of a measure in a year."""
    module = import_module(f"openaco.measures.{definition.id.lower()}.measure")
    found: tuple[Rate, ...] = module.rates(definition, period)
    return found


def _names(rates: tuple[Rate, ...]) -> dict[int, tuple[str, Exists]]:
    """A column name for each statement about events, by its id: statements about one set share a column."""
    named: dict[int, tuple[str, Exists]] = {}
    by_set: dict[tuple[int, int], tuple[str, Exists]] = {}
    for rate in rates:
        for statement in rate.statements():
            for node in statements_of_events(statement):
                key = (id(node.events), node.at_least)
                named[id(node)] = by_set.setdefault(key, (f"fact_{len(by_set)}", node))
    return named

"""Sets and statements → table expressions for a whole population at once.

First the events are narrowed to those that carry a code the measure asks for, with the name of the concept beside each
(`coded`). A set without relations is one boolean column over these rows, so that all such statements of a measure are
answered in one pass; a set with relations is a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openaco.engine import (
    BooleanValue,
    Engine,
    Table,
    Value,
    _,
    asc,
    cases,
    coalesce,
    desc,
    ifelse,
    literal,
    null,
    pick_first,
    stack,
)
from openaco.errors import OpenACOError
from openaco.measures.language.events import (
    Chosen,
    EventSet,
    Narrowed,
    OnLastDay,
    Related,
    Union,
    columns_needed,
    concepts_of,
    kinds_of,
    row_test,
    sources,
)
from openaco.measures.language.people import Aged, All, Any, Exists, Female, Not, Predicate
from openaco.measures.language.relations import RIGHT, Side

DAY = 86_400_000
ALWAYS = 253_402_300_799_999
_KEPT = (
    "person_id",
    "event_id",
    "event_number",
    "kind",
    "start_earliest",
    "start_latest",
    "end_earliest",
    "end_latest",
    "recorded_earliest",
    "recorded_latest",
    "status",
    "intent",
    "clinical_status",
    "verification",
    "negated",
    "by_reference",
    "categories",
    "profiles",
    "body_sites",
    "discharge_codes",
    "encounter_id",
    "encounter_class",
    "has_value",
    "value_system",
    "value_code",
    "value_number",
    "value_unit",
    "value_comparator",
    "reason_system",
    "reason_code",
)
_DAYS = ("start_earliest", "start_latest", "end_earliest", "end_latest", "recorded_earliest", "recorded_latest")


class Compiler:
    """Compiles the sets of one measure over one population. Use one for each measure and period."""

    def __init__(self, engine: Engine, people: Table, events: Table, codes: Table, sets: Iterable[EventSet]) -> None:
        """codes: concept, system, code of everything the measure names. sets: all sets that will be asked for."""
        self.engine = engine
        self.people = people
        self.codes = codes
        wanted = list(sets)
        self.coded = engine.checkpoint(_coded(events, codes, wanted))
        self._uses = _use_counts(wanted)
        self._made: dict[int, tuple[EventSet, Table]] = {}

    def table(self, events: EventSet) -> Table:
        """The rows of a set. Sets that several others are made of are computed once."""
        made = self._made.get(id(events))
        if made is not None:
            return made[1]
        test = row_test(events, self.coded)
        table = self.coded.filter(test) if test is not None else self._build(events)
        if test is None and self._uses.get(id(events), 0) > 1:
            table = self.engine.checkpoint(table)
        self._made[id(events)] = (events, table)
        return table

    def _build(self, events: EventSet) -> Table:
        if isinstance(events, Narrowed):
            source = self.table(events.source)
            return source.filter(events.condition.test(source))
        if isinstance(events, Union):
            return stack([self.table(part) for part in events.parts])
        if isinstance(events, Related):
            return self._related(events)
        if isinstance(events, Chosen):
            order = [(desc if events.descending else asc)(_sortable(_[name], name)) for name in events.order]
            number = desc("event_number") if events.descending else asc("event_number")
            return pick_first(self.table(events.source), "person_id", [*order, number, asc("event_id")])
        if isinstance(events, OnLastDay):
            return _on_last_day(self.table(events.source))
        raise OpenACOError(f"cannot compile {type(events).__name__}")

    def _related(self, events: Related) -> Table:
        left = self.table(events.source)
        other = self.table(events.other).view()
        right = other.select(**{RIGHT + name: other[name] for name in other.columns})
        together = [left.person_id == right[f"{RIGHT}person_id"], events.relation(Side(left), Side(right, RIGHT))]
        return left.anti_join(right, together) if events.absent else left.semi_join(right, together)

    def facts(self, statements: Mapping[str, Exists]) -> Table:
        """One row for each person with a boolean column for each statement about events."""
        together, apart = {}, {}
        for name, statement in statements.items():
            test = row_test(statement.events, self.coded)
            if test is None:
                apart[name] = statement
            elif statement.at_least > 1:
                together[name] = _.event_id.nunique(where=test) >= statement.at_least
            else:
                together[name] = coalesce(test, literal(False)).any()
        facts = self.people.select("person_id", "birth_earliest", "birth_latest", "gender", "sex_code")
        if together:
            facts = _beside(facts, self.coded.group_by("person_id").agg(**together), list(together))
        if apart:
            facts = _beside(facts, self._apart(apart), list(apart))
        return facts

    def _apart(self, statements: Mapping[str, Exists]) -> Table:
        """The statements about sets with relations: their events in one long list, counted person by person."""
        hits = [
            self.table(statement.events).select("person_id", "event_id", fact=literal(name))
            for name, statement in statements.items()
        ]
        counted = {
            name: _.event_id.nunique(where=_.fact == name) >= statement.at_least
            for name, statement in statements.items()
        }
        return stack(hits).group_by("person_id").agg(**counted)

    def hits(self, sets: Mapping[str, EventSet], people: Table | None = None) -> Table:
        """The events behind sets: person, fact, event, its kind, days and value. `people`: only these persons."""
        found = stack(
            [
                self.table(events).select(
                    "person_id",
                    "event_id",
                    "event_number",
                    "kind",
                    "start_day",
                    "latest_day",
                    "has_value",
                    "value_number",
                    "value_code",
                    "status",
                    fact=literal(name),
                )
                for name, events in sets.items()
            ]
        )
        if people is not None:
            found = found.semi_join(people, "person_id")
        return found.distinct()


def truth(predicate: Predicate, facts: Table, names: Mapping[int, str]) -> BooleanValue:
    """A statement as a boolean column over the facts. `names`: the column of each statement about events, by its id."""
    if isinstance(predicate, Exists):
        return facts[names[id(predicate)]]
    if isinstance(predicate, Aged):
        return _aged(predicate, facts)
    if isinstance(predicate, Female):
        by_gender = coalesce(facts.gender, "") == "female"
        if not predicate.by_extension:
            return by_gender
        return ifelse(facts.sex_code.notnull(), coalesce(facts.sex_code, "") == predicate.code, by_gender)
    if isinstance(predicate, Not):
        return ~truth(predicate.part, facts, names)
    if isinstance(predicate, All | Any):
        total: BooleanValue = literal(isinstance(predicate, All))
        for part in predicate.parts:
            value = truth(part, facts, names)
            total = total & value if isinstance(predicate, All) else total | value
        return total
    raise OpenACOError(f"cannot compile {type(predicate).__name__}")


def _aged(predicate: Aged, facts: Table) -> BooleanValue:
    """Certain of the age, also where only the year or month of birth is stated."""
    latest_birth = predicate.on.replace(year=predicate.on.year - predicate.since)
    old_enough = facts.birth_latest <= latest_birth
    if predicate.through is None:
        return coalesce(old_enough, literal(False))
    too_old = predicate.on.replace(year=predicate.on.year - predicate.through - 1)
    return coalesce(old_enough & (facts.birth_earliest > too_old), literal(False))


def _beside(people: Table, facts: Table, names: list[str]) -> Table:
    """Facts beside people; who has no row of facts has none of them."""
    renamed = facts.select(fact_person=facts.person_id, **{name: facts[name] for name in names})
    joined = people.left_join(renamed, people.person_id == renamed.fact_person).drop("fact_person")
    return joined.mutate(**{name: coalesce(joined[name], literal(False)) for name in names})


def _coded(events: Table, codes: Table, sets: list[EventSet]) -> Table:
    concepts = concepts_of(sets)
    kinds = kinds_of(sets)
    wanted = codes.filter(codes.concept.isin(sorted(concepts)))
    place = cases(*[(wanted.concept == concept, number) for number, concept in enumerate(concepts)], else_=0)
    wanted = wanted.select("concept", concept_number=place, code_system=wanted.system, code_code=wanted.code).distinct()
    rows = events.filter(events.kind.isin(kinds))
    joined = rows.inner_join(wanted, [rows.system == wanted.code_system, rows.code == wanted.code_code])
    coded = joined.select(*_KEPT, "concept", "concept_number", *_SUPPLY).mutate(**_day_columns())
    coded = coded.mutate(**_latest(), **_supply_days()).drop(*_SUPPLY)
    for column in columns_needed(sets):
        coded = _with_membership(coded, codes, column)
    return coded


_SUPPLY = (
    "start_date",
    "supply_days",
    "refills",
    "dispense_quantity",
    "dose_quantity",
    "doses_per_day",
    "bounds_start_date",
    "bounds_end_date",
    "validity_start_date",
)


def _day_columns() -> dict[str, Value]:
    """Instants as day numbers: `start_day` is the first possible day of the start, `start_day_last` the last."""
    return {
        f"{name.removesuffix('_earliest').removesuffix('_latest')}_day{'_last' if name.endswith('_latest') else ''}": (
            _[name] // DAY
        ).cast("int64")
        for name in _DAYS
    }


def _latest() -> dict[str, Value]:
    """The day of the end, or of the start where no end is reached."""
    open_ended = _.end_latest.isnull() | (_.end_latest == ALWAYS)
    return {
        "latest_day": ifelse(open_ended, _.start_day, _.end_day),
        "latest_day_last": ifelse(open_ended, _.start_day_last, _.end_day_last),
    }


def _supply_days() -> dict[str, Value]:
    """The days that an order of a medication supplies.

    It starts where the instructed use starts, else where it was written, else where it may first be dispensed. It lasts
    as many days as all dispenses together supply (as expected, or by quantity, dose and doses a day); where that is not
    stated, through the last day of the instructed use.
    """
    start = coalesce(_.bounds_start_date, _.start_date, _.validity_start_date)
    used_a_day = _.dose_quantity * _.doses_per_day
    by_quantity = ifelse(used_a_day > 0, _.dispense_quantity / used_a_day, null("float64"))
    days = coalesce(_.supply_days, by_quantity) * (coalesce(_.refills, 0) + 1)
    first = _day_number(start)
    last = coalesce(first + (days - 1).floor().cast("int64"), _day_number(_.bounds_end_date))
    return {"supply_day": first, "supply_end_day": last}


def _day_number(day: Value) -> Value:
    return day.epoch_days().cast("int64")


def _with_membership(coded: Table, codes: Table, column: str) -> Table:
    """A boolean column: the result (or the reason) of the event is in a concept."""
    role, _in, concept = column.partition("_in_")
    members = codes.filter(codes.concept == concept)
    members = members.select(
        member_system=members.system, member_code=members.code, **{column: literal(True)}
    ).distinct()
    joined = coded.left_join(
        members,
        [coded[f"{role}_system"] == members.member_system, coded[f"{role}_code"] == members.member_code],
    )
    joined = joined.drop("member_system", "member_code")
    return joined.mutate(**{column: coalesce(joined[column], literal(False))})


def _on_last_day(rows: Table) -> Table:
    """The rows of each person's last day."""
    days = rows.group_by(day_person=rows.person_id).agg(last_day=rows.latest_day.max())
    right = days.select("day_person", "last_day")
    return rows.semi_join(right, [rows.person_id == right.day_person, rows.latest_day == right.last_day])


def _sortable(column: Value, name: str) -> Value:
    """Nothing sorts before every number; the columns that sets are ordered by are numbers."""
    return coalesce(column.cast("float64"), literal(float("-inf")))


def _use_counts(sets: Iterable[EventSet]) -> dict[int, int]:
    """How often each set is a direct part of another, or asked for itself."""
    counts: dict[int, int] = {}

    def count(events: EventSet) -> None:
        counts[id(events)] = counts.get(id(events), 0) + 1
        if counts[id(events)] == 1:
            for part in sources(events):
                count(part)

    for events in sets:
        count(events)
    return counts

"""One person over all sources, and each of their events once, whoever reported it."""

from __future__ import annotations

from dataclasses import dataclass

from openaco.engine import BooleanValue, Engine, Table, Value, _, cases, coalesce, literal, pick_first, stack
from openaco.programs.clinical.sources import MEDICARE, Sources

_SAME = ("person_id", "kind", "system", "code", "start_date", "result")
_ROW = ("person_id", "event_id", "kind", "system", "code", "start_date", "result", "reason_code")
_LINKS = ("encounter_diagnosis", "encounter_reason")
_CHAINS = 3
"""Two record systems each point to a third: so often, chains of up to eight systems are followed."""
_DONE = (
    "finished",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "completed",
    "active",
    "preliminary",
    "final",
    "amended",
    "corrected",
)
_RULED_OUT = ("refuted", "entered-in-error")
_PREFERRED = ("evidence", "fhir", "claims", "self_report")
"""Of two reports of one event the one to keep: what people entered, then record systems, then claims."""


@dataclass(frozen=True)
class Merged:
    """People and events, ready for measures. `duplicates`: event rows left out because another source has them too."""

    people: Table
    events: Table
    duplicates: int


def merge(engine: Engine, sources: Sources, crosswalk: Table) -> Merged:
    """Put every source's people together by the crosswalk, and count what two sources report once.

    crosswalk: `source_system`, `source_person_id`, `person_id`. People it does not name stand alone.
    """
    people = engine.checkpoint(_merged_people(_with_person(sources.people, crosswalk)))
    events = _with_person(sources.events, crosswalk)
    events = engine.store(events.semi_join(people, "person_id").mutate(**_own_names()))
    systems = events.group_by("person_id").agg(systems=_.source_system.nunique())
    several = engine.checkpoint(systems.filter(_.systems > 1).select("person_id"))
    told_twice = engine.store(events.semi_join(several, "person_id"))
    once = engine.store(_once(told_twice, _same_events(engine, told_twice)))
    left_out = _count(engine, told_twice) - _count(engine, once)
    whole = engine.store(stack([events.anti_join(several, "person_id"), once]))
    return Merged(people=people, events=whole, duplicates=left_out)


def _count(engine: Engine, rows: Table) -> int:
    return int(engine.to_rows(rows.aggregate(rows=_.count()))[0]["rows"])


def _with_person(rows: Table, crosswalk: Table) -> Table:
    known = crosswalk.select(known_system=_.source_system, known_id=_.source_person_id, known_person=_.person_id)
    joined = rows.left_join(known, [("source_system", "known_system"), ("person_id", "known_id")])
    alone = cases(
        (coalesce(_.source_system, literal(MEDICARE)) == MEDICARE, _.person_id),
        else_=_.source_system + "/" + _.person_id,
    )
    return joined.mutate(person_id=coalesce(_.known_person, alone)).drop("known_system", "known_id", "known_person")


def _merged_people(rows: Table) -> Table:
    """One row a person: Medicare's word first, then the record systems in the order of their names."""
    rank = cases((coalesce(_.source_system, literal(MEDICARE)) == MEDICARE, literal("0")), else_="1" + _.source_system)
    ranked = rows.mutate(rank=rank + "|" + _.delivery_id.fill_null(""))
    columns = [name for name in rows.columns if name != "person_id"]
    first: dict[str, Value] = {name: _[name].argmin(_.rank, where=_[name].notnull()) for name in columns}
    born = _.birth_earliest.notnull() & _.birth_latest.notnull()
    for name in ("birth_earliest", "birth_latest"):
        first[name] = _[name].argmin(_.rank, where=born)
    return ranked.group_by("person_id").agg(**first).select(*rows.columns)


def _own_names() -> dict[str, Value]:
    """Ids of events that tell the record systems apart."""
    system = coalesce(_.source_system, literal(MEDICARE))
    return {
        "source_system": system,
        "event_id": system + ":" + _.event_id,
        "encounter_id": system + ":" + _.encounter_id,
    }


def _result() -> Value:
    """The result as one text, so that two different readings of a day are two events."""
    number = _.value_number.cast("string")
    return coalesce(_.value_code, number, literal("")) + "|" + coalesce(_.value_unit, literal(""))


def _same_events(engine: Engine, events: Table) -> Table:
    """Which event of a source is which event of another: `given_up`, `kept_id`, one row an event that gives way.

    The same person, kind, code, day and result in two sources is one event. Within one source two are two, and what
    did not happen (refused, cancelled, ruled out) is the same as nothing.
    """
    coded = events.filter(_.code.notnull(), _.start_date.notnull(), _.kind.notin(_LINKS), _happened())
    coded = coded.mutate(result=_result(), rank=_rank()).select(*_SAME, "rank", "source_system", "event_id")
    best = pick_first(coded, list(_SAME), [_.rank, _.source_system, _.event_id])
    best = best.select(**{f"best_{name}": best[name] for name in (*_SAME, "event_id", "source_system")})
    joined = coded.join(best, [(name, f"best_{name}") for name in _SAME])
    other = joined.filter(joined.source_system != joined.best_source_system)
    pairs = engine.checkpoint(other.group_by(given_up=_.event_id).agg(kept_id=_.best_event_id.min()))
    for _step in range(_CHAINS):
        further = pairs.select(next_id=_.given_up, next_kept=_.kept_id)
        joined = pairs.left_join(further, [("kept_id", "next_id")])
        pairs = engine.checkpoint(joined.select("given_up", kept_id=coalesce(_.next_kept, _.kept_id)))
    return pairs


def _happened() -> BooleanValue:
    done = _.status.isnull() | _.status.isin(_DONE)
    ruled_out = coalesce(_.verification.isin(_RULED_OUT), literal(False))
    return done & ~coalesce(_.negated, literal(False)) & ~ruled_out & _.reason_code.isnull()


def _rank() -> Value:
    places = [(_.source == name, literal(place)) for place, name in enumerate(_PREFERRED)]
    return cases(*places, else_=literal(len(_PREFERRED)))


def _once(events: Table, same: Table) -> Table:
    """The events with those that give way under the id of the one kept; of a row that two sources have, the better."""
    columns = events.columns
    named = events.left_join(same, [("event_id", "given_up")]).drop("given_up")
    visits = same.select(given_up=_.given_up, kept_visit=_.kept_id)
    named = named.left_join(visits, [("encounter_id", "given_up")]).drop("given_up")
    named = named.mutate(
        event_id=coalesce(_.kept_id, _.event_id),
        encounter_id=coalesce(_.kept_visit, _.encounter_id),
        result=_result(),
        rank=_rank(),
    )
    window = {"group_by": list(_ROW), "order_by": [_.rank, _.source_system]}
    firsts = named.mutate(first_system=_.source_system.first().over(**window))
    return firsts.filter(_.source_system == _.first_system).select(*columns)

"""Gaps in care: who is open, why, on which evidence, until when it can be closed, and the cheapest way.

Statuses and reasons are those of Da Vinci DEQM. For an inverse measure (CMS122) being in the numerator is the gap.
"""

from __future__ import annotations

from openaco.engine import (
    Table,
    _,
    asc,
    cases,
    coalesce,
    date_from_days,
    desc,
    ifelse,
    least,
    literal,
    null,
    pick_first,
    stack,
)
from openaco.measures.evaluate import Evaluation
from openaco.measures.language import EventSet, day_number, relaxed, truth
from openaco.measures.logic import Gap, Rate
from openaco.measures.trace import LEVELS

_FULL = 3
"""How near the nearest event is: 3 all conditions hold, 2 all but value, 1 all but value and date, 0 none of them."""


def gaps(evaluation: Evaluation) -> Table:
    """`MeasureGap` rows: one for each person and rate of the initial population."""
    return evaluation.engine.checkpoint(stack([_of_rate(evaluation, rate) for rate in evaluation.rates]))


def _of_rate(evaluation: Evaluation, rate: Rate) -> Table:
    rows = evaluation.results.filter(_.rate == rate.id, _.initial_population)
    met = ~_.numerator if evaluation.definition.inverse else _.numerator
    counts = ~_.denominator_exclusion & ~_.denominator_exception
    rows = rows.mutate(
        status=cases((~counts, literal("not-applicable")), (met, literal("closed-gap")), else_=literal("open-gap"))
    )
    nearest = [_nearest(evaluation, gap, place) for place, gap in _placed(rate)]
    chosen = evaluation.engine.checkpoint(stack(nearest))
    applicable = _applicable(evaluation, rate)
    joined = rows.inner_join(applicable, rows.person_id == applicable.gap_person)
    joined = joined.left_join(chosen, [joined.person_id == chosen.near_person, joined.gap_place == chosen.near_place])
    is_open = _.status == "open-gap"
    reason = cases(
        (_.near.isnull(), literal("NotFound")),
        (_.near == 0, literal("InvalidAttribute")),
        (_.near == 1, literal("DateOutOfRange")),
        (_.near == _FULL, literal("CountOutOfRange")),
        (coalesce(_.near_value, literal(False)), literal("ValueOutOfRange")),
        else_=literal("Missing"),
    )
    return joined.select(
        "person_id",
        "measure",
        "performance_year",
        "rate",
        "status",
        reason=ifelse(is_open, reason, null("string")),
        evidence=_.near_event,
        last_day=ifelse(is_open, date_from_days(_.gap_last_day), null("date")),
        way=ifelse(is_open, _.gap_way, null("string")),
    )


def _placed(rate: Rate) -> list[tuple[int, Gap]]:
    return list(enumerate(rate.gaps))


def _applicable(evaluation: Evaluation, rate: Rate) -> Table:
    """The gap of each person: the first one that holds for them, with its last day and way."""
    facts, period = evaluation.facts, evaluation.period
    branches, counted = [], []
    table = facts.mutate(gap_person=facts.person_id)
    for place, gap in _placed(rate):
        holds = literal(True) if gap.when is None else truth(gap.when, table, evaluation.columns)
        branches.append((holds, literal(place)))
        if gap.counted_from is not None:
            ends = evaluation.compiler.table(gap.counted_from)
            ends = ends.group_by(end_person=ends.person_id).agg(**{f"end_{place}": ends.latest_day.max()})
            table = table.left_join(ends, table.person_id == ends.end_person).drop("end_person")
            counted.append((place, gap.days_after))
    placed = table.mutate(gap_place=cases(*branches, else_=literal(len(rate.gaps) - 1)))
    last = literal(day_number(period.last)).cast("int64")
    by_place = [
        (placed.gap_place == place, least(coalesce(placed[f"end_{place}"] + after, last), last))
        for place, after in counted
    ]
    ways = [
        (placed.gap_place == place, literal(evaluation.definition.way(gap.what) or gap.what))
        for place, gap in _placed(rate)
    ]
    return placed.select(
        "gap_person",
        "gap_place",
        gap_last_day=cases(*by_place, else_=last) if by_place else last,
        gap_way=cases(*ways, else_=null("string")),
    )


def _nearest(evaluation: Evaluation, gap: Gap, place: int) -> Table:
    """For each person the event nearest to closing the gap, and how near it is."""
    nearest_first: list[tuple[int, EventSet]] = [(_FULL, gap.evidence)]
    for near, aspects in zip((2, 1, 0), LEVELS.values(), strict=True):
        nearest_first.append((near, relaxed(gap.evidence, aspects)))
    rows = stack(
        [
            evaluation.compiler.table(events).select(
                near_person=_.person_id,
                near_event=_.event_id,
                near_value=_.has_value,
                near_day=_.latest_day,
                near_number=_.event_number,
                near=literal(near).cast("int64"),
            )
            for near, events in nearest_first
        ]
    )
    order = [desc("near"), desc(coalesce(_.near_day, literal(0))), desc("near_number"), asc("near_event")]
    best = pick_first(rows, "near_person", order)
    return best.select("near_person", "near_event", "near_value", "near", near_place=literal(place))

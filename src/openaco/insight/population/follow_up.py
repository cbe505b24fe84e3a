"""What followed a discharge from an acute hospital, and an emergency visit: a visit within so many days, or none."""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Table, _, cases, coalesce, date_of, ifelse, literal, pick_first
from openaco.parameters import parameter
from openaco.rules.groupers.stays import ACUTE


def follow_up_rule(year: int) -> dict[str, Any]:
    """The windows and services as stated for a year: `population/follow_up`."""
    return dict(parameter("population/follow_up", year).value)


def discharges(admissions: Table, deaths: Table, year: int) -> Table:
    """Discharges alive from acute care. Grain: one admission, transfers included, that ends in the year early enough
    that the longest window lies in it. Columns: `start_id`, `person_id`, `left_on`. Left out: who is still there, died,
    or died within the longest window. deaths: `person_id`, `death_date`.
    """
    ended = admissions.filter(_.kind == ACUTE, ~_.died, ~_.still_patient)
    named = ended.select("person_id", start_id=_.admission_id, left_on=_.end_date)
    return _observed(named, deaths, year)


def released_visits(visits: Table, deaths: Table, year: int) -> Table:
    """Emergency visits that ended with the way home (`released`, `against_advice`). Columns as in `discharges`."""
    went = visits.filter(_.disposition.isin(["released", "against_advice"]))
    return _observed(went.select("person_id", start_id=_.visit_id, left_on=_.end_date), deaths, year)


def _observed(starts: Table, deaths: Table, year: int) -> Table:
    longest = max(follow_up_rule(year)["visit_days"])
    last = datetime.date(year, 12, 31) - datetime.timedelta(days=longest)
    known = deaths.filter(_.death_date.notnull()).select(dead="person_id", death_date="death_date")
    of_year = starts.filter(_.left_on.between(date_of(year, 1, 1), date_of(last)))
    joined = of_year.left_join(known, [("person_id", "dead")])
    gone = coalesce(_.death_date.epoch_days() <= _.left_on.epoch_days() + longest, literal(False))
    return joined.filter(~gone).select("start_id", "person_id", "left_on")


def followed(starts: Table, services: Table, year: int) -> Table:
    """Whether and when an ambulatory visit followed. Grain: one start. Columns: `start_id`, `person_id`, `left_on`,
    `days` to the first visit (1 is the next day; blank where none came within the longest window).

    A visit on the day itself does not count: it may have come before.
    """
    rule = follow_up_rule(year)
    visits = services.filter(_.category.isin(rule["visits"])).select(visitor="person_id", seen_on="start_date")
    pairs = starts.join(visits.distinct(), [("person_id", "visitor")])
    days = (_.seen_on.epoch_days() - _.left_on.epoch_days()).cast("int64")
    within = pairs.mutate(days=days).filter(_.days.between(1, max(rule["visit_days"])))
    first = within.group_by(seen_start=_.start_id).aggregate(days=_.days.min())
    return starts.left_join(first, [("start_id", "seen_start")]).drop("seen_start")


def follow_up_bands(found: Table, year: int) -> Table:
    """How soon a visit followed. Grain: one start. Columns: `person_id`, `band`: `7`, `14`, `30`, the least window that
    holds the first visit, or `none`. found: from `followed`."""
    limits = sorted(follow_up_rule(year)["visit_days"])
    band = cases(*[(_.days <= limit, literal(str(limit))) for limit in limits], else_=literal("none"))
    return found.select("person_id", band=ifelse(_.days.isnull(), literal("none"), band))


def post_acute(admissions: Table, stays: Table, deaths: Table, year: int) -> Table:
    """Where people went after acute care. Grain: one discharge. Columns: `person_id`, `ccn` (the last hospital of the
    admission), `kind` of care (`none`: no kind began within its days; of several the one that began first), `days`
    that its stay covers. Discharges as in `discharges`.
    """
    windows: dict[str, int] = follow_up_rule(year)["post_acute_days"]
    starts = discharges(admissions, deaths, year)
    left_from = admissions.select(admission="admission_id", ccn="last_ccn")
    starts = starts.left_join(left_from, [("start_id", "admission")]).drop("admission")
    later = stays.filter(_.kind.isin(list(windows))).select(
        "kind", "covered_days", "stay_id", stayer="person_id", begun="start_date"
    )
    days = _.begun.epoch_days() - _.left_on.epoch_days()
    window = cases(*[(_.kind == kind, literal(limit)) for kind, limit in sorted(windows.items())], else_=literal(-1))
    pairs = starts.join(later, [("person_id", "stayer")]).mutate(gap=days).filter(_.gap >= 0, _.gap <= window)
    first = pick_first(pairs, "start_id", [_.gap, _.kind, _.stay_id])
    went = first.select("kind", "covered_days", went_from="start_id")
    joined = starts.left_join(went, [("start_id", "went_from")])
    return joined.select(
        "person_id",
        "ccn",
        kind=coalesce(_.kind, literal("none")),
        days=coalesce(_.covered_days, literal(0, "int64")),
    )

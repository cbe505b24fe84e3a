"""Services that another practice billed again within some days: candidates for a question, never findings.

A repeat is often right: the picture changed, the first was poor, the patient is worse. What the table shows is where
asking pays, with the two claim lines beside each other. Windows and numbers: `population/repeated_services`. Hospitals'
own lines carry no TIN, so only lines of the carrier claims are compared; a hospital's picture shows by its reading.
"""

from __future__ import annotations

import datetime
from typing import Any

from openaco.engine import Table, Value, _, cases, coalesce, desc, ifelse, literal, null, pick_first
from openaco.parameters import parameter
from openaco.rules.groupers.codes import in_ranges

REPEATS = ("76", "77", "91")
"""Modifiers by which the biller says that the repetition is meant."""
READING, TAKING = "26", "TC"
LEFT, RIGHT = "LT", "RT"
INPATIENT_PLACE = "21"
PAIR = (
    "person_id",
    "family",
    "first_date",
    "first_tin",
    "first_claim_id",
    "first_line",
    "date",
    "tin",
    "claim_id",
    "claim_line_number",
    "hcpcs_code",
    "allowed_amount",
    "days",
)


def families(year: int) -> tuple[dict[str, Any], ...]:
    """The families with `label`, `codes` and `days`, as stated for a year."""
    rows = parameter("population/repeated_services", year).value
    return tuple(dict(row) | {"days": int(row["days"])} for row in rows)


def family_lines(professional: Table, year: int) -> Table:
    """Lines of a family. Grain: one carrier line with a TIN and a day. Columns: `person_id`, `family`, `window` (days),
    `date`, `tin`, `claim_id`, `claim_line_number`, `hcpcs_code`, `part` (26, TC or blank), `side` (LT, RT or blank),
    `allowed_amount` (US dollars). Lines that say themselves that they repeat are left out (76, 77, 91).
    """
    rows = families(year)
    fits = [in_ranges(_.hcpcs_code, row["codes"]) for row in rows]
    family = cases(*[(fit, literal(row["family"])) for fit, row in zip(fits, rows, strict=True)], else_=null("string"))
    found = professional.mutate(family=family).filter(_.family.notnull(), coalesce(_.billing_tin, literal("")) != "")
    said = found.filter(~_has(*REPEATS), coalesce(_.place_of_service_code, literal("")) != INPATIENT_PLACE)
    days = cases(*[(_.family == row["family"], literal(row["days"])) for row in rows], else_=literal(0))
    dated = said.mutate(date=coalesce(_.claim_line_start_date, _.claim_line_end_date, _.claim_end_date))
    return dated.filter(_.date.notnull()).select(
        "person_id",
        "family",
        "date",
        "claim_id",
        "claim_line_number",
        "hcpcs_code",
        "allowed_amount",
        window=days.cast("int64"),
        tin=_.billing_tin,
        part=_one_of(READING, TAKING),
        side=_one_of(LEFT, RIGHT),
    )


def outside_hospital_care(lines: Table, stays: Table, visits: Table) -> Table:
    """The lines whose day lies in no inpatient stay, nor in an emergency visit that led to one: a hospital repeats for
    its own reasons. stays: `rules.groupers` admissions; visits: emergency visits with `disposition`."""
    inpatient = stays.filter(_.kind.startswith("inpatient")).select(
        in_hospital="person_id", since="start_date", through="end_date"
    )
    led = visits.filter(_.disposition == "admitted").select(
        in_hospital="person_id", since="visit_date", through="end_date"
    )
    spans = inpatient.union(led.select(*inpatient.columns))
    within = [lines.person_id == spans.in_hospital, lines.date >= spans.since, lines.date <= spans.through]
    return lines.anti_join(spans, within)


def repeated_services(lines: Table, since: datetime.date, until: datetime.date) -> Table:
    """Candidates. Grain: one line from `since` to `until` whose family another TIN had billed last, within its window.

    Columns: PAIR: the later line, the earlier one (`first_…`) and the `days` between them, 1 to the window's. Compared
    is the last earlier day with the family: where the same TIN billed on it too, nobody repeated another's service.
    Services of one day are one occasion. The picture (TC) and its reading (26) are halves of one service and make no
    pair; nor do the left and the right side. Of several lines of one TIN, day and family the lowest claim counts.
    """
    keys = ["person_id", "family", "date", "tin"]
    later = pick_first(
        lines.filter(_.date.between(literal(since), literal(until))), keys, [_.claim_id, _.claim_line_number]
    )
    earlier = lines.select(
        first_person="person_id",
        first_family="family",
        first_date="date",
        first_tin="tin",
        first_claim_id="claim_id",
        first_line="claim_line_number",
        first_part="part",
        first_side="side",
    )
    pairs = later.join(
        earlier,
        [
            later.person_id == earlier.first_person,
            later.family == earlier.first_family,
            later.date > earlier.first_date,
        ],
    )
    days = _.date.epoch_days() - _.first_date.epoch_days()
    near = pairs.mutate(days=days.cast("int64"), same=ifelse(_.tin == _.first_tin, 1, 0)).filter(
        _.days <= _.window, ~_opposed("part", READING, TAKING), ~_opposed("side", LEFT, RIGHT)
    )
    order = [desc("first_date"), desc("same"), near.first_claim_id, near.first_line]
    last = pick_first(near, ["claim_id", "claim_line_number"], order)
    return last.filter(_.same == 0).select(*PAIR)


def repeated_by_family(candidates: Table, lines: Table, since: datetime.date, until: datetime.date) -> Table:
    """Grain: one family that occurred from `since` to `until`. `services` (occasions: person, day, TIN), `candidates`,
    `people` with a candidate, `allowed_amount` of the candidates in US dollars. Counts: occasions, people."""
    served = lines.filter(_.date.between(literal(since), literal(until)))
    all_services = served.select("family", "person_id", "date", "tin").distinct().group_by("family")
    counted = all_services.aggregate(services=_.count())
    found = candidates.group_by(of_family=_.family).aggregate(
        candidates=_.count(), people=_.person_id.nunique(), allowed_amount=_.allowed_amount.sum()
    )
    joined = counted.left_join(found, [("family", "of_family")])
    zero = literal(0, "int64")
    return joined.select(
        "family",
        "services",
        candidates=coalesce(_.candidates, zero),
        people=coalesce(_.people, zero),
        allowed_amount=coalesce(_.allowed_amount.cast("decimal(38, 2)"), literal(0).cast("decimal(38, 2)")),
    )


def _has(*modifiers: str) -> Value:
    found: Value = literal(False)
    for number in range(1, 6):
        found = found | coalesce(_[f"hcpcs_modifier_{number}"], literal("")).isin(list(modifiers))
    return found


def _one_of(first: str, second: str) -> Value:
    """Which of two modifiers a line has; blank where it has none, or both."""
    has_first, has_second = _has(first), _has(second)
    return cases(
        (has_first & has_second, literal("")),
        (has_first, literal(first)),
        (has_second, literal(second)),
        else_=literal(""),
    )


def _opposed(name: str, one: str, other: str) -> Value:
    mine, before = _[name], _[f"first_{name}"]
    return ((mine == one) & (before == other)) | ((mine == other) & (before == one))

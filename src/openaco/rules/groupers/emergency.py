"""Emergency department visits and observation stays, from hospital and carrier claims (42 CFR 413.65(b), 489.24)."""

from __future__ import annotations

from openaco.engine import (
    BooleanValue,
    Checkpoint,
    Table,
    _,
    cases,
    coalesce,
    ifelse,
    lazily,
    least,
    literal,
    money,
    null,
    row_number,
    stack,
)
from openaco.parameters import parameter
from openaco.rules.claims import ClaimSet
from openaco.rules.groupers.codes import in_ranges

OUTPATIENT, INPATIENT = "40", "60"


def observation_stays(claims: ClaimSet, deaths: Table, year: int, *, checkpoint: Checkpoint = lazily) -> Table:
    """Observation on outpatient claims of hospitals. Grain: one person, one facility, days that touch each other.

    Columns: `stay_id`, `person_id`, `kind`, `ccn`, `start_date`, `end_date`, `nights`, `principal_diagnosis_code`,
    `discharge_status_code`, `claim_id` (of the first claim), `claims`, `paid_amount`, `died`. A stay begins with the
    first line of observation and ends with its claim. 42 CFR 410.2; Medicare Claims Processing Manual, chapter 4, 290.
    """
    rule = parameter("groupers/emergency_visits", year).value
    listed = in_ranges(_.revenue_center_code, rule["observation_revenue_centers"])
    listed = listed | in_ranges(_.hcpcs_code, rule["observation_codes"])
    found = _claims_with(claims, listed, [OUTPATIENT])
    merged = _one_visit(found, checkpoint)
    joined = _with_death(merged, deaths, year)
    return joined.select(
        "person_id",
        "ccn",
        "start_date",
        "end_date",
        "principal_diagnosis_code",
        "discharge_status_code",
        "claim_id",
        "claims",
        "paid_amount",
        "died",
        stay_id="observation:" + _.claim_id,
        kind=literal("observation"),
        nights=_.end_date.delta(_.start_date, unit="day").cast("int64"),
    )


def emergency_visits(
    claims: ClaimSet,
    deaths: Table,
    stays: Table,
    observations: Table,
    year: int,
    *,
    checkpoint: Checkpoint = lazily,
) -> Table:
    """Emergency department visits. Grain: one person, one facility, one claim's days.

    Columns: `visit_id`, `person_id`, `ccn` (blank where only a clinician billed), `visit_date`, `end_date`,
    `principal_diagnosis_code`, `discharge_status_code`, `claim_id`, `billed_by` (outpatient, inpatient,
    professional), `paid_amount` (of the outpatient claims; an admission's dollars are the stay's), `disposition`
    (admitted, observation, died, against_advice, transferred, released), `admission_id` and `observation_id` it led
    to. stays: from `with_admissions`; observations: from `observation_stays`.
    42 CFR 413.65(b), 489.24(b).
    """
    rule = parameter("groupers/emergency_visits", year).value
    at_facility = in_ranges(_.revenue_center_code, rule["revenue_centers"])
    at_facility = at_facility | in_ranges(_.hcpcs_code, rule["professional_codes"])
    facility = checkpoint(_one_visit(_claims_with(claims, at_facility, [OUTPATIENT, INPATIENT]), checkpoint))
    alone = _professional_alone(claims, facility, rule)
    visits = checkpoint(stack([facility.select(*_VISIT), alone.select(*_VISIT)]))
    outcome = _led_to(visits, stays, observations, rule["admitted_within_days"])
    return checkpoint(_with_disposition(_with_death(outcome, deaths, year), year))


_VISIT = (
    "person_id",
    "ccn",
    "start_date",
    "end_date",
    "principal_diagnosis_code",
    "discharge_status_code",
    "claim_id",
    "claims",
    "billed_by",
    "paid_amount",
)


def _claims_with(claims: ClaimSet, listed: BooleanValue, types: list[str]) -> Table:
    """Claims that have a listed line, from the first day of such a line to the last day of the claim."""
    lines = claims.institutional_line.filter(listed).select(
        "claim_id", line_date=coalesce(_.revenue_center_date, _.claim_line_start_date)
    )
    first = lines.group_by(line_of=_.claim_id).agg(first_line=_.line_date.min())
    headers = claims.institutional.filter(_.claim_type_code.isin(types)).join(first, [("claim_id", "line_of")])
    end = coalesce(_.claim_end_date, _.claim_start_date)
    start = least(coalesce(_.first_line, _.claim_start_date, end), end)
    outpatient = _.claim_type_code == OUTPATIENT
    return headers.select(
        "person_id",
        "claim_id",
        "principal_diagnosis_code",
        "discharge_status_code",
        ccn=coalesce(_.billing_ccn, _.facility_ccn),
        start_date=start,
        end_date=ifelse(outpatient, end, start),
        billed_by=ifelse(outpatient, literal("outpatient"), literal("inpatient")),
        paid_amount=ifelse(outpatient, money(coalesce(_.paid_amount, money(0))), money(0)),
    )


def _one_visit(found: Table, checkpoint: Checkpoint) -> Table:
    """Claims of one person at one facility that begin on the same day, or overlap, are one visit."""
    keys, order = ["person_id", "facility"], [_.start_date, _.end_date, _.claim_id]
    known = found.mutate(facility=coalesce(_.ccn, literal("")))
    seen = known.mutate(
        furthest=_.end_date.max().over(group_by=keys, order_by=order, rows=(None, -1)),
        start_before=_.start_date.lag().over(group_by=keys, order_by=order),
    )
    same = (_.start_date < _.furthest) | (_.start_date == _.start_before)
    numbered = seen.mutate(begins=ifelse(coalesce(same, literal(False)), 0, 1)).mutate(
        number=_.begins.sum().over(group_by=keys, order_by=order, rows=(None, 0)).cast("int64")
    )
    visit = [*keys, "number"]
    last_order = [_.end_date.desc(), _.start_date.desc(), _.claim_id.desc()]
    placed = checkpoint(
        numbered.mutate(
            first=row_number().over(group_by=visit, order_by=order),
            last=row_number().over(group_by=visit, order_by=last_order),
        )
    )
    return placed.group_by(visit).agg(
        ccn=_.ccn.max(),
        start_date=_.start_date.min(),
        end_date=_.end_date.max(),
        principal_diagnosis_code=_.principal_diagnosis_code.max(where=_.first == 0),
        discharge_status_code=_.discharge_status_code.max(where=_.last == 0),
        claim_id=_.claim_id.max(where=_.first == 0),
        claims=_.count(),
        billed_by=_.billed_by.min(),
        paid_amount=money(_.paid_amount.sum()),
    )


def _professional_alone(claims: ClaimSet, facility: Table, rule: dict[str, str]) -> Table:
    """Days with a clinician's emergency visit that no facility's visit explains. Grain: one person, one day."""
    lines = claims.professional.filter(in_ranges(_.hcpcs_code, rule["professional_codes"])).select(
        "person_id",
        "claim_id",
        diagnosis=coalesce(_.line_diagnosis_code, _.diagnosis_code_1),
        day=coalesce(_.claim_line_start_date, _.claim_start_date, _.claim_line_end_date),
    )
    near = int(rule["matched_within_days"])
    known = facility.select(
        visitor=_.person_id, opens=_.start_date.epoch_days() - near, closes=_.end_date.epoch_days() + near
    )
    days = lines.filter(_.day.notnull()).mutate(number=_.day.epoch_days())
    explained = [
        days.person_id == known.visitor,
        days.number >= known.opens,
        days.number <= known.closes,
    ]
    alone = days.anti_join(known, explained)
    first = alone.mutate(place=row_number().over(group_by=["person_id", "day"], order_by=[_.claim_id, _.diagnosis]))
    return first.filter(_.place == 0).select(
        "person_id",
        "claim_id",
        ccn=null("string"),
        start_date=_.day,
        end_date=_.day,
        principal_diagnosis_code=_.diagnosis,
        discharge_status_code=null("string"),
        claims=literal(1, "int64"),
        billed_by=literal("professional"),
        paid_amount=money(0),
    )


def _led_to(visits: Table, stays: Table, observations: Table, within: int) -> Table:
    """The visits with the admission and the observation that began on their days or just after."""
    named = visits.mutate(visit_id="emergency:" + _.claim_id + ":" + _.start_date.cast("string"))
    hospital = stays.filter(_.kind.startswith("inpatient")).select(
        "admission_id", "start_date", "end_date", "person_id"
    )
    admitted = _first_after(named, hospital, "admission_id", within)
    observed = _first_after(
        named, observations.select("stay_id", "start_date", "end_date", "person_id"), "stay_id", within
    )
    joined = named.left_join(admitted, [("visit_id", "admission_id_visit")])
    joined = joined.left_join(observed, [("visit_id", "stay_id_visit")])
    return joined.rename(observation_id="stay_id").drop("admission_id_visit", "stay_id_visit")


def _first_after(visits: Table, stays: Table, name: str, within: int) -> Table:
    """The first stay that begins between a visit's first day and `within` days after its last, or covers the visit."""
    others = stays.select(name, stayer=_.person_id, since=_.start_date.epoch_days(), through=_.end_date.epoch_days())
    windows = visits.select(
        "visit_id", "person_id", opens=_.start_date.epoch_days(), closes=_.end_date.epoch_days() + within
    )
    pairs = windows.join(
        others,
        [
            windows.person_id == others.stayer,
            others.since <= windows.closes,
            others.through >= windows.opens,
        ],
    )
    begins = (pairs.since >= pairs.opens) | (pairs.through > pairs.opens)
    ordered = pairs.filter(begins).mutate(
        place=row_number().over(group_by="visit_id", order_by=[_.since, _.through, _[name]])
    )
    return ordered.filter(_.place == 0).select(name, **{f"{name}_visit": _.visit_id})


def _with_death(visits: Table, deaths: Table, year: int) -> Table:
    known = deaths.filter(_.death_date.notnull()).select(dead="person_id", death_date="death_date")
    joined = visits.left_join(known, [("person_id", "dead")])
    codes = parameter("groupers/discharge_status", year).value
    by_date = coalesce(_.death_date.between(_.start_date, _.end_date), literal(False))
    return joined.mutate(died=coalesce(_.discharge_status_code, "").isin(codes["died"]) | by_date).drop(
        "dead", "death_date"
    )


def _with_disposition(visits: Table, year: int) -> Table:
    codes = parameter("groupers/discharge_status", year).value
    status = coalesce(_.discharge_status_code, literal(""))
    by_bill = _.billed_by == "inpatient"
    disposition = cases(
        (by_bill | _.admission_id.notnull(), literal("admitted")),
        (_.observation_id.notnull(), literal("observation")),
        (_.died, literal("died")),
        (status.isin(codes["against_advice"]), literal("against_advice")),
        (status.isin(codes["to_hospital"]), literal("transferred")),
        else_=literal("released"),
    )
    return visits.mutate(disposition=disposition).rename(visit_date="start_date")

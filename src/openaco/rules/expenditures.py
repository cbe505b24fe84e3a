"""Part A and Part B expenditures of a calendar year, in the twelve steps of the methodology specifications.

Exactness: annualized dollars are dollars × 12 ÷ months, and each counts with its months. So Σ annualized × months is
Σ min(dollars × 12, threshold × months), a decimal; the one division comes at the very end and every engine agrees to
the cent. Source: methodology specifications v11, section 3.1; 42 CFR 425.601(a)(1), 425.652(a)(1), 425.605(a).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openaco.engine import (
    BooleanValue,
    Checkpoint,
    Table,
    Value,
    _,
    cases,
    coalesce,
    date_of,
    greatest,
    ifelse,
    lazily,
    least,
    literal,
    money,
    null,
    round_half_up,
    stack,
)
from openaco.errors import OpenACOError
from openaco.parameters import parameter
from openaco.rules.enrollment import ENROLLMENT_TYPES, in_year, month_number

COVID = "COVID-19 episode"
SUSPECT = "significant anomalous billing"
NOT_COUNTED = "claim type"
NOT_ELIGIBLE = "not eligible in the month"
TRUNCATION = "truncation"


@dataclass(frozen=True)
class Expenditures:
    """Expenditures of some people in one year.

    by_person  one person, one enrollment type with eligible months: `months`, `dollars`, `annualized` (number),
               `truncated` (flag), `dollar_months` (annualized and truncated × months, decimal), `truncated_dollars`
    by_type    one enrollment type: `beneficiaries`, `months`, `person_years`, `dollars`, `dollar_months`,
               `truncated_dollars`, `truncated_beneficiaries`, `per_capita` (completed, US dollars per person-year)
    excluded   one amount left out: `person_id`, `month`, `claim_kind`, `claim_id`, `claim_line_number`,
               `enrollment_type`, `rule`, `amount`. Computed only if it is asked for
    """

    by_person: Table
    by_type: Table
    excluded: Table


def expenditures(
    dollars: Table,
    person_months: Table,
    *,
    year: int,
    thresholds: Mapping[str, Decimal],
    completion_factor: Decimal,
    persons: Table | None = None,
    covid_episodes: Table | None = None,
    checkpoint: Checkpoint = lazily,
) -> Expenditures:
    """Expenditures of a calendar year by person and by enrollment type: steps 3 to 12.

    dollars: `ClaimSet.dollars`, denied claims out and within the run-out. person_months: from `person_months`.
    thresholds: national 99th percentile of annualized dollars by enrollment type, US dollars. persons: a table with
    `person_id` to restrict to. covid_episodes: from `covid_episodes`, where the year has them.
    Dollars of months in which a person is not eligible are not counted. Raises OpenACOError without a threshold.
    Specifications v11, 3.1; 42 CFR 425.601(a)(1).
    """
    months = counted_months(person_months, year, persons, covid_episodes)
    rows = program_dollars(dollars, year, persons)
    monthly = rows.filter(_.rule.isnull()).group_by("person_id", "month").agg(amount=money(_.amount.sum()))
    by_person = checkpoint(_by_person(monthly, months, year, thresholds))
    return Expenditures(
        by_person=by_person,
        by_type=checkpoint(per_capita_by_type(by_person, completion_factor)),
        excluded=stack([_excluded_rows(dollars, months, year, persons), _truncated_amounts(by_person)]),
    )


def counted_months(
    person_months: Table, year: int, persons: Table | None = None, covid_episodes: Table | None = None
) -> Table:
    """The year's months of the people, with `eligible`, `enrollment_type` and `in_episode`.

    A month in an episode of COVID-19 gives no dollars, and no person-years where the parameter says so.
    42 CFR 425.611(c).
    """
    months = only(person_months.filter(in_year(_.month, year)), persons)
    months = months.select("person_id", "month", "enrollment_type", "eligible")
    rule = parameter("expenditures/covid_episodes", year).value
    if covid_episodes is None or not rule["applies"]:
        return months.mutate(in_episode=literal(False))
    sick = months.semi_join(covid_episodes, _in_episode(months, covid_episodes))
    sick = sick.select(sick_person="person_id", sick_month="month")
    marked = months.left_join(sick, [("person_id", "sick_person"), ("month", "sick_month")])
    marked = marked.mutate(in_episode=_.sick_person.notnull()).drop("sick_person", "sick_month")
    if rule["excludes_months"]:
        marked = marked.mutate(eligible=_.eligible & ~_.in_episode)
    return marked


def outside_episodes(months: Table, covid_episodes: Table, year: int) -> Table:
    """The months of people that person-years count: without those of an episode of COVID-19, where the year has them.

    CMS takes them out of person-years, and with them out of risk scores and of the weights of counties and types.
    42 CFR 425.611(c); notes [A2], [C] of Table 1 and [E] of Table A3 of CMS's settlement report.
    """
    rule = parameter("expenditures/covid_episodes", year).value
    if not (rule["applies"] and rule["excludes_months"]):
        return months
    return months.anti_join(covid_episodes, _in_episode(months, covid_episodes))


def program_dollars(dollars: Table, year: int, persons: Table | None = None) -> Table:
    """The year's dollars as the program counts them: `amount`, and `rule` where the whole row is left out.

    amount = paid − (indirect medical education, disproportionate share, uncompensated care of inpatient claims)
    + sequestration + population-based payment reductions. Specifications v11, 3.1 steps 3 and 4.
    """
    rows = only(dollars.filter(in_year(_.month, year)), persons)
    amount = _.paid_amount
    for part in added_back(year):
        amount = amount + part
    for part in inpatient_subtractions(year).values():
        amount = amount - part
    return rows.mutate(amount=money(amount), rule=row_rule(year))


def inpatient_subtractions(year: int) -> dict[str, Value]:
    """What is taken out of inpatient payments, by the name of the rule; zero for other claims and in Maryland.

    42 CFR 425.601(a)(1)(i), 425.652(a)(1)(i).
    """
    rule = parameter("expenditures/inpatient_subtractions", year).value
    by_ccn = coalesce(_.billing_ccn, "").substr(0, 2).isin(rule["exempt_ccn_prefixes"])
    by_state = _.billing_ccn.isnull() & coalesce(_.provider_state_code, "").isin(rule["exempt_state_codes"])
    applies = coalesce(_.claim_type_code, "").isin(rule["claim_types"]) & ~by_ccn & ~by_state
    return {name: ifelse(applies, _[column], money(0)) for name, column in rule["amounts"].items()}


def added_back(year: int) -> list[Value]:
    """Sequestration and population-based reductions, each from the through date on which it began.

    Specifications v11, 3.1 step 4.
    """
    rule = parameter("expenditures/added_back", year).value
    return [
        ifelse(_.through_date >= date_of(since.year, since.month, since.day), _[column], money(0))
        for column, since in rule.items()
    ]


def row_rule(year: int) -> Value:
    """Why a row as a whole does not count, as far as the row itself tells: its claim type or a suspect code.

    42 CFR 425.670, 425.672.
    """
    types = parameter("expenditures/claim_types", year).value
    suspect = parameter("expenditures/significant_anomalous_billing", year).value
    branches = [(~coalesce(_.claim_type_code, "").isin(types), literal(NOT_COUNTED))]
    if suspect["hcpcs_codes"]:
        listed = coalesce(_.hcpcs_code, "").isin(suspect["hcpcs_codes"])
        branches.append((listed & _.claim_kind.isin(suspect["claim_kinds"]), literal(SUSPECT)))
    return cases(*branches, else_=null("string"))


def covid_episodes(claims: Table, diagnoses: Table, year: int) -> Table:
    """Episodes of care for COVID-19: `person_id`, `first_month_number`, `last_month_number` (see `month_number`).

    claims, diagnoses: final-action institutional claims and diagnoses; those of a stay over New Year belong to both
    years. Grain: one inpatient claim that triggers one, from the month of admission through the month after
    discharge. 42 CFR 425.611(b).
    """
    rule = parameter("expenditures/covid_episodes", year).value
    if not rule["applies"]:
        return claims.filter(literal(False)).select(
            "person_id", first_month_number=literal(0), last_month_number=literal(0)
        )
    discharged = ~coalesce(_.discharge_status_code, "").isin(rule["still_patient"])
    stays = claims.filter(
        _.claim_type_code.isin(rule["claim_types"]), discharged, _treats_covid(_.billing_ccn, rule["facilities"])
    )
    codes = diagnoses.filter(_.diagnosis_code.isin([item["code"] for item in rule["diagnoses"]]))
    stated = stays.join(codes.select(stay="claim_id", code="diagnosis_code"), [("claim_id", "stay")])
    columns = {"person_id": _.person_id, "start": _.claim_start_date, "end": _.claim_end_date}
    both = stack([stated.select(**columns, code=_.code), stays.select(**columns, code=_.principal_diagnosis_code)])
    triggers = both.filter(_any([_triggered(item) for item in rule["diagnoses"]]), _.start.notnull())
    return triggers.select(
        "person_id", first_month_number=month_number(_.start), last_month_number=month_number(_.end) + 1
    ).distinct()


def per_capita_by_type(by_person: Table, completion_factor: Decimal) -> Table:
    """Per capita expenditures by enrollment type (steps 11 and 12). Grain: one enrollment type that has months.

    Specifications v11, 3.1.
    """
    totals = by_person.group_by("enrollment_type").agg(
        beneficiaries=_.person_id.nunique(),
        truncated_beneficiaries=_.person_id.nunique(where=_.truncated),
        months=_.months.sum().cast("int64"),
        dollars=money(_.dollars.sum()),
        dollar_months=money(_.dollar_months.sum()),
    )
    return totals.mutate(
        person_years=_.months / 12,
        truncated_dollars=_.dollar_months.cast("float64") / 12,
        per_capita=_.dollar_months.cast("float64") / _.months * float(completion_factor),
    )


def per_capita(dollar_months: Decimal, months: int, completion_factor: Decimal) -> float | None:
    """Completed per capita expenditures from exact parts, US dollars per person-year; None without months.

    Specifications v11, 3.1 step 12.
    """
    return float(dollar_months * completion_factor / months) if months else None


def total_per_capita(by_type: list[Mapping[str, Any]], completion_factor: Decimal) -> float | None:
    """Per capita by type × share of person-years, summed over the types (step 12): exact parts, divided once.

    Specifications v11, 3.1.
    """
    dollar_months = sum((row["dollar_months"] for row in by_type), Decimal(0))
    return per_capita(dollar_months, sum(row["months"] for row in by_type), completion_factor)


def participant_revenue(
    dollars: Table,
    *,
    year: int,
    completion_factor: Decimal,
    tins: Table | None = None,
    ccns: Table | None = None,
    covid_months: Table | None = None,
) -> Table:
    """Part A and Part B fee-for-service revenue of ACO participants in a calendar year.

    Grain: one TIN or CCN. Columns: `participant_id`, `participant_kind` (tin or ccn), `rows`, `dollars` (decimal),
    `completed_dollars` (number). tins, ccns: tables with `tin`, with `ccn`. No truncation, nothing taken out for
    medical education or disproportionate share, sequestration not added back; suspect billing and COVID-19 episodes
    leave (covid_months: `counted_months` rows `in_episode`). An ACO's feed holds its own beneficiaries only, so CMS's
    figure is greater. Equipment lines name no TIN. Specifications v11; 42 CFR 425.20, 425.605(d).
    """
    rows = dollars.filter(in_year(_.month, year)).mutate(rule=row_rule(year)).filter(_.rule.isnull())
    if covid_months is not None:
        rows = rows.anti_join(covid_months.filter(_.in_episode), ["person_id", "month"])
    parts = []
    for kind, column, ids in (("tin", "billing_tin", tins), ("ccn", "billing_ccn", ccns)):
        if ids is not None:
            mine = rows.semi_join(ids, [(column, kind)])
            sums = mine.group_by(column).agg(rows=_.count(), dollars=money(_.paid_amount.sum()))
            parts.append(sums.select("rows", "dollars", participant_id=_[column], participant_kind=literal(kind)))
    if not parts:
        raise OpenACOError("participant revenue needs TINs or CCNs", remedy="Load the participant list.")
    completed = _.dollars.cast("float64") * float(completion_factor)
    return stack(parts).mutate(completed_dollars=completed)


def run_out_date(year: int) -> datetime.date:
    """The last load date that counts for a year's claims (R13) (Packet v38, 3.4)."""
    rule = parameter("expenditures/run_out", year).value
    return datetime.date(year + 1, rule["month"], rule["day"])


def completion_factor(year: int, run_out: str = "three_months") -> Decimal:
    """The completion factor for a run-out: `three_months`, `quarterly`, `prospective_q1` … `_q4`, `complete`.

    Specifications v11, 3.1 step 11.
    """
    return Decimal(parameter("expenditures/completion_factor", year, run_out=run_out).value)


def only(rows: Table, persons: Table | None) -> Table:
    """The rows of the persons; without persons, all."""
    return rows if persons is None else rows.semi_join(persons, "person_id")


def _by_person(monthly: Table, months: Table, year: int, thresholds: Mapping[str, Decimal]) -> Table:
    """Steps 7 to 10: dollars by type of their month, annualized and truncated."""
    spent = monthly.rename(spender="person_id", spent_month="month")
    eligible = months.filter(_.eligible).left_join(spent, [("person_id", "spender"), ("month", "spent_month")])
    paid = ifelse(_.in_episode, money(0), coalesce(_.amount, money(0)))
    sums = eligible.group_by("person_id", "enrollment_type").agg(months=_.count(), dollars=money(paid.sum()))
    dollar_months, threshold_months = money(_.dollars * 12), money(_.months * threshold(thresholds))
    annual = sums.mutate(uncut=dollar_months, most=threshold_months)
    return annual.select(
        "person_id",
        "enrollment_type",
        "months",
        "dollars",
        year=literal(year),
        annualized=_.uncut.cast("float64") / _.months,
        truncated=_.uncut.abs() > _.most,
        dollar_months=money(greatest(least(_.uncut, _.most), -_.most)),
    ).mutate(truncated_dollars=_.dollar_months.cast("float64") / 12)


def threshold(thresholds: Mapping[str, Decimal]) -> Value:
    """The truncation threshold of a row's enrollment type. Raises OpenACOError if a type has none.

    42 CFR 425.601(a), 425.652(a).
    """
    missing = [kind for kind in ENROLLMENT_TYPES if kind not in thresholds]
    if missing:
        raise OpenACOError(
            f"no truncation threshold for {', '.join(missing)}", remedy="State all four in [national.<year>]."
        )
    branches = [(_.enrollment_type == kind, money(Decimal(str(thresholds[kind])))) for kind in ENROLLMENT_TYPES]
    return cases(*branches)


def judged_dollars(dollars: Table, months: Table, year: int, persons: Table | None = None) -> Table:
    """Every dollar of the year with its verdict: `amount` as the program counts it, `rule` that leaves it out (or
    blank), and the `enrollment_type` of its month. months: from `counted_months`. Grain: a row of `dollars`.
    Specifications v11, 3.1.
    """
    rows = program_dollars(dollars, year, persons)
    known = months.rename(known_person="person_id", known_month="month")
    joined = rows.left_join(known, [("person_id", "known_person"), ("month", "known_month")])
    rule = cases(
        (_.rule.notnull(), _.rule),
        (coalesce(_.in_episode, literal(False)), literal(COVID)),
        (~coalesce(_.eligible, literal(False)), literal(NOT_ELIGIBLE)),
        else_=null("string"),
    )
    return joined.mutate(rule=rule)


def _excluded_rows(dollars: Table, months: Table, year: int, persons: Table | None) -> Table:
    """Rows that do not count, each with its rule, and the parts taken out of those that do."""
    judged = judged_dollars(dollars, months, year, persons)
    parts = [judged.filter(_.rule.notnull()).select(*_EXCLUDED)]
    for name, part in inpatient_subtractions(year).items():
        parts.append(judged.mutate(amount=money(part), rule=literal(name)).filter(_.amount != 0).select(*_EXCLUDED))
    return stack(parts)


_EXCLUDED = ("person_id", "month", "claim_kind", "claim_id", "claim_line_number", "enrollment_type", "rule", "amount")


def _truncated_amounts(by_person: Table) -> Table:
    """What truncation took from (or, below minus the threshold, gave back to) a person's dollars in a type."""
    return by_person.filter(_.truncated).select(
        person_id=_.person_id,
        month=null("date"),
        claim_kind=null("string"),
        claim_id=null("string"),
        claim_line_number=null("int64"),
        enrollment_type=_.enrollment_type,
        rule=literal(TRUNCATION),
        amount=round_half_up(money(money(_.dollars * 12) - _.dollar_months).cast("float64") / 12),
    )


def _triggered(item: Mapping[str, Any]) -> BooleanValue:
    first, last = item["first_discharge"], item["last_discharge"]
    return (_.code == item["code"]) & _.end.between(
        date_of(first.year, first.month, first.day), date_of(last.year, last.month, last.day)
    )


def _in_episode(months: Table, episodes: Table) -> list[Any]:
    return [
        ("person_id", "person_id"),
        month_number(months.month) >= episodes.first_month_number,
        month_number(months.month) <= episodes.last_month_number,
    ]


def _treats_covid(ccn: Value, facilities: Mapping[str, Any]) -> BooleanValue:
    """Whether a CCN is of a kind of hospital whose stays can trigger an episode; a claim without CCN names none."""
    last_four = coalesce(ccn, "").substr(2, 4)
    third = coalesce(ccn, "").substr(2, 1).isin(facilities["third_position"])
    ranges = [last_four.between(first, last) for first, last in facilities["last_four_digits"]]
    return _any([third, *ranges])


def _any(conditions: list[BooleanValue]) -> BooleanValue:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first

"""Who is scored, and from what: the months, statuses and eligible diagnoses of an ACO's people, from the lake.

One case is one person, one enrollment type and one dual status within the year, by one model: the monthly scores of
CMS are these, weighted by their months (42 CFR 425.601(a), 425.652(a)).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, Table, Value, _, coalesce, date_of, ifelse, literal, null, row_number, stack
from openaco.programs.configuration import ENROLLMENT_TYPES
from openaco.programs.population import Population
from openaco.rules.cited import Cited, cited
from openaco.rules.claims import adjust, with_person
from openaco.rules.enrollment import in_year
from openaco.rules.risk import ModelYear, RiskModelError, model_year
from openaco.rules.risk.encounters import claim_diagnoses, eligible_codes, eligible_diagnoses
from openaco.tables import EnrollmentMonth

GROUPS = {"esrd": "esrd", "disabled": "aged_disabled", "aged_dual": "aged_disabled", "aged_non_dual": "aged_disabled"}
"""Which mix of models scores an enrollment type."""
HCC, DEMOGRAPHIC = "hcc", "demographic"
NEW_ENROLLEE_SEGMENTS = {"esrd": "DIAL_NE", "aged_disabled": "NE"}


@dataclass(frozen=True)
class ModelWeight:
    """One model of a mix: its share, its normalization factor (None where it stands alone), and its mapping."""

    group: str
    model: str
    weight: float
    normalization: Cited | None
    year: ModelYear
    basis: tuple[Cited, ...]


def model_mix(year: int, mix_year: int) -> tuple[ModelWeight, ...]:
    """The models that score a year under the mix of a performance year (42 CFR 425.659).

    Raises ParameterError for a performance year without a stated mix, RiskModelError where a model has no mapping for
    the diagnoses of the year before.
    """
    found = []
    for group in ("aged_disabled", "esrd"):
        mix = cited("risk/model_mix", mix_year, enrollment=group)
        for item in mix.value:
            mapping = cited("risk/mapping_year", year - 1, model=item["model"])
            if mapping.value is None:
                if group == "esrd":
                    continue
                raise RiskModelError(f"no mapping of {item['model']} for the diagnoses of {year - 1}")
            several = len(mix.value) > 1
            factor = cited("risk/normalization_factor", mix_year, model=item["model"]) if several else None
            found.append(
                ModelWeight(
                    group,
                    item["model"],
                    float(item["weight"]),
                    factor,
                    model_year(item["model"], mapping.value),
                    (mix, mapping, *([factor] if factor else [])),
                )
            )
    return tuple(found)


@dataclass(frozen=True)
class RiskPopulation:
    """What the models are given.

    status      one person, enrollment type and dual status: `months`, `age`, `sex`, `orec`, `dual`, `new_enrollee`, and
                what is not known (`unknown_dual`, `unknown_orec`, `unscorable`)
    cases       columns of `rules.risk.CASE`, and `person_id`, `enrollment_type`, `model`, `basis`, `months`
    diagnoses   every diagnosis on the claims of the year before, with its eligibility
    counting    `person_id`, `icd10cm`: those that count
    prior_year_known  whether enrollment of the year before is in the lake, so that new enrollees can be told
    """

    status: Table
    cases: Table
    diagnoses: Table
    counting: Table
    prior_year_known: bool


def risk_population(
    engine: Engine,
    lake: Lake,
    population: Population,
    year: int,
    mix: Sequence[ModelWeight],
    own_codes: Path | None = None,
) -> RiskPopulation:
    """People eligible in a month of the year, and the diagnoses of the year before on claims that count.

    own_codes: a list of CPT and HCPCS numbers for a year whose list is not here. 42 CFR 422.310(d), 425.652(a).
    """
    keep = engine.checkpoint
    before = year - 1
    codes = eligible_codes(engine, before, own_codes)
    period = (datetime.date(before, 1, 1), datetime.date(before, 12, 31))
    claims = adjust(population.versions, year=before, period=period, checkpoint=keep)
    diagnoses = keep(claim_diagnoses(claims, codes, before))
    months = population.person_months
    known = bool(engine.to_rows(months.filter(in_year(_.month, before)).aggregate(count=_.count()))[0]["count"])
    status = keep(_status(lake, engine, population, year, prior_year_known=known))
    return RiskPopulation(
        status=status,
        cases=keep(_cases(status, mix)),
        diagnoses=diagnoses,
        counting=keep(eligible_diagnoses(diagnoses)),
        prior_year_known=known,
    )


def _status(lake: Lake, engine: Engine, population: Population, year: int, *, prior_year_known: bool) -> Table:
    dates = cited("risk/score_dates", year).value
    months = _with_dual(lake, engine, population, year)
    person = population.people.select("person_id", "birth_date", "sex_code", "original_entitlement_code")
    part_b = population.person_months.filter(in_year(_.month, year - 1), coalesce(_.has_part_b, literal(False)))
    part_b = part_b.group_by("person_id").agg(part_b_months=_.count()).rename(insured="person_id")
    counted = months.group_by("person_id", "enrollment_type", "dual", "unknown_dual").agg(months=_.count())
    joined = counted.join(person, "person_id").left_join(part_b, [("person_id", "insured")])
    on_day = date_of(year, dates["age_month"], dates["age_day"])
    few = coalesce(joined.part_b_months, 0) < dates["new_enrollee_below_months"]
    sex = ifelse(joined.sex_code.isin(["1", "2"]), joined.sex_code, null("string")).cast("int64")
    return joined.select(
        "person_id",
        "enrollment_type",
        "dual",
        "unknown_dual",
        "months",
        age=_age_on(joined.birth_date, on_day),
        sex=sex,
        orec=joined.original_entitlement_code,
        new_enrollee=ifelse(few, 1, 0) if prior_year_known else literal(0),
        unknown_orec=ifelse(joined.original_entitlement_code.isnull(), 1, 0),
        unscorable=ifelse(sex.isnull() | joined.birth_date.isnull(), 1, 0),
    )


def _with_dual(lake: Lake, engine: Engine, population: Population, year: int) -> Table:
    """Eligible months with the dual status of the month: none, partial or full, and whether it had to be assumed.

    The source that spoke for the month states it; where it does not, the newest beneficiary file; an aged/dual month
    whose code nobody states is taken as full-benefit.
    """
    codes = cited("risk/dual_status_codes", year).value
    months = population.person_months.filter(_.eligible, in_year(_.month, year))
    rows = with_person(lake.read(engine, EnrollmentMonth).filter(in_year(_.month, year)), population.identities)
    rows = rows.filter(_.dual_status_code.notnull()).mutate(stated=_.delivery_id + "|" + _.dual_status_code)
    stated = rows.group_by("person_id", "month", "source").agg(code=_.dual_status_code.argmax(_.stated))
    person = population.people.select("person_id", last_code=_.dual_status_code)
    joined = months.left_join(stated, ["person_id", "month", "source"]).drop("person_id_right", "month_right")
    joined = joined.drop("source_right").left_join(person, "person_id").drop("person_id_right")
    code = coalesce(joined.code, joined.last_code, "")
    dual_type = joined.enrollment_type == "aged_dual"
    dual = code.isin(codes["full"]).ifelse(
        "full", code.isin(codes["partial"]).ifelse("partial", dual_type.ifelse("full", "none"))
    )
    contradicted = (code == "") | (dual_type & ~code.isin([*codes["full"], *codes["partial"]]))
    return joined.select("person_id", "month", "enrollment_type", dual=dual, unknown_dual=ifelse(contradicted, 1, 0))


def _age_on(birth_date: Value, day: Value) -> Value:
    """Whole years on a day."""
    not_yet = (birth_date.month() * 100 + birth_date.day()) > (day.month() * 100 + day.day())
    years = day.year() - birth_date.year() - ifelse(not_yet, 1, 0)
    return ifelse(years < 0, 0, years).cast("int64")


def _cases(status: Table, mix: Sequence[ModelWeight]) -> Table:
    """One case for each status, model and basis. The demographic basis is the model's new enrollee segment."""
    scorable = status.filter(status.unscorable == 0)
    parts = []
    for item in mix:
        kinds = [kind for kind in ENROLLMENT_TYPES if GROUPS[kind] == item.group]
        people = scorable.filter(scorable.enrollment_type.isin(kinds))
        for basis, segment in ((HCC, null("string")), (DEMOGRAPHIC, literal(NEW_ENROLLEE_SEGMENTS[item.group]))):
            parts.append(people.mutate(**_columns(item, basis), segment=segment))
    rows = stack(parts)
    order = ["person_id", "enrollment_type", "dual", "unknown_dual", "model", "basis"]
    return rows.mutate(case_id=row_number().over(order_by=order).cast("int64"), edit_age=rows.age)


def _columns(item: ModelWeight, basis: str) -> dict[str, Any]:
    kidney = literal("dialysis") if item.group == "esrd" else null("string")
    zeros = ("special_needs_plan", "long_term_institutional", "low_income", "esrd")
    return {
        "model": literal(item.model),
        "basis": literal(basis),
        "number": literal(item.year.number).cast("int64"),
        "medicaid": ifelse(_.dual == "none", 0, 1).cast("int64"),
        "kidney_status": kidney,
        "graft_months": null("int64"),
        **{name: literal(0).cast("int64") for name in zeros},
    }

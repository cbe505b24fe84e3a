"""Risk scores of an ACO's people from their claims: an estimate beside CMS's own scores.

The same mix of models scores every year of an agreement (42 CFR 425.659); the Medicare Advantage coding adjustment is
not applied. Without national means the scores are shown as not renormalized.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, Table, _, coalesce, ifelse, literal, null
from openaco.programs.configuration import ENROLLMENT_TYPES, ByType, Configuration
from openaco.programs.population import Population, of_report_year, read_population
from openaco.programs.risk.population import DEMOGRAPHIC, HCC, ModelWeight, RiskPopulation, model_mix, risk_population
from openaco.rules.risk import RiskScores, reference_tables, risk_scores
from openaco.rules.risk.diagnoses import OUTCOMES


@dataclass(frozen=True)
class TypeScores:
    """Means of one enrollment type, weighted by months. `raw` by model; the rest blended over the mix."""

    beneficiaries: int
    months: int
    raw: Mapping[str, float]
    blended: float
    demographic: float
    cms: float | None
    cms_months: int


@dataclass(frozen=True)
class RiskYear:
    """The scores of one year.

    people      one person, one enrollment type: see `person_scores`
    by_type     means by enrollment type, of CMS's assigned people if its report of the year is loaded, else of all
    assigned    whether the means are of CMS's assigned people
    problems    what was not known, by name: number of people and types concerned
    """

    year: int
    mix: tuple[ModelWeight, ...]
    population: RiskPopulation
    found: RiskScores
    people: Table
    by_type: Mapping[str, TypeScores]
    assigned: bool
    problems: Mapping[str, int]
    national_means: ByType | None


def evaluate_risk(
    engine: Engine,
    lake: Lake,
    configuration: Configuration,
    year: int,
    *,
    mix_year: int | None = None,
    own_codes: Path | None = None,
    code_editor: bool = True,
) -> RiskYear:
    """Score everybody who was eligible in a month of the year, from the claims of the year before.

    mix_year: the performance year whose models score (for a benchmark year); the year itself if not given. own_codes:
    a file of CPT and HCPCS numbers for a year whose list is not here. Raises ParameterError where a year is not
    stated, LakeError where nothing was loaded.
    """
    keep = engine.checkpoint
    first, last = datetime.date(year - 1, 1, 1), datetime.date(year, 12, 1)
    population = read_population(engine, lake, first_month=first, last_month=last)
    mix = model_mix(year, mix_year or year)
    given = risk_population(engine, lake, population, year, mix, own_codes)
    reference = reference_tables(engine, [item.year for item in mix], code_editor=code_editor)
    scored_cases = given.cases.filter(given.cases.basis == HCC).select("case_id", "person_id")
    diagnoses = keep(scored_cases.join(given.counting, "person_id").select("case_id", "icd10cm"))
    found = risk_scores(given.cases, diagnoses, reference, checkpoint=keep)
    national = configuration.national_risk_means.get(year)
    people = keep(person_scores(given, found, mix, population, year, national))
    assigned = bool(engine.to_rows(people.filter(_.assigned).aggregate(count=_.count()))[0]["count"])
    counted = people.filter(_.assigned) if assigned else people
    by_type = _means(engine, counted, mix)
    problems = _problems(engine, given, found, mix)
    return RiskYear(year, mix, given, found, people, by_type, assigned, problems, national)


def person_scores(
    given: RiskPopulation,
    found: RiskScores,
    mix: Sequence[ModelWeight],
    population: Population,
    year: int,
    national: ByType | None,
) -> Table:
    """One person, one enrollment type: the score and what it is made of.

    Columns: `person_id`, `enrollment_type`, `months`, `new_enrollee`, `raw_…` for each model, `score` (blended,
    estimate), `demographic_score`, `renormalized_score` (null without a national mean), `cms_score`, `difference`,
    `assigned` (in CMS's report of the year). A person of whom a model has no score has none. 42 CFR 425.652(a).
    """
    cases = given.cases.select("case_id", "person_id", "enrollment_type", "model", "basis", "months", "new_enrollee")
    scored = cases.join(found.scores.select("case_id", "raw_score"), "case_id")
    points = scored.mutate(points=(scored.raw_score * scored.months).cast("decimal(18, 3)"))
    columns: dict[str, Any] = {}
    for item in mix:
        mine = points.model == item.model
        for basis, name in ((HCC, raw_column(item.model)), (DEMOGRAPHIC, f"demographic_{raw_column(item.model)}")):
            of_basis = mine & (points.basis == basis)
            months = points.months.sum(where=of_basis)
            columns[name] = points.points.sum(where=of_basis).cast("float64") / months
    by_person = points.group_by("person_id", "enrollment_type").agg(new_enrollee=_.new_enrollee.max(), **columns)
    whole = _.months.sum().cast("float64").cast("int64")  # an engine may widen a sum of whole numbers
    months = given.status.group_by("person_id", "enrollment_type").agg(months=whole)
    joined = by_person.join(months, ["person_id", "enrollment_type"])
    blended = {
        "score": _blend(joined, mix, ""),
        "demographic_score": _blend(joined, mix, "demographic_"),
    }
    return _beside_cms(joined.mutate(**blended), population, year, national)


def _blend(people: Table, mix: Sequence[ModelWeight], prefix: str) -> Any:
    """Σ raw ÷ normalization × weight over the models of the person's group."""
    groups = {}
    for group in ("aged_disabled", "esrd"):
        total: Any = None
        for item in (item for item in mix if item.group == group):
            factor = item.weight / (float(item.normalization.value) if item.normalization else 1.0)
            part = people[prefix + raw_column(item.model)] * factor
            total = part if total is None else total + part
        groups[group] = null("float64") if total is None else total
    return ifelse(people.enrollment_type == "esrd", groups["esrd"], groups["aged_disabled"])


def raw_column(model: str) -> str:
    """The column of a model's raw scores, such as `raw_cms_hcc_v28`. 42 CFR 422.308(c)."""
    return "raw_" + model.lower().replace("-", "_").replace(" ", "_")


def _beside_cms(people: Table, population: Population, year: int, national: ByType | None) -> Table:
    report = of_report_year(population.assigned, year)
    cms: Any = null("float64")
    mean: Any = null("float64")
    listed = report.select(listed="person_id", **{f"its_{kind}": report[f"{kind}_score"] for kind in ENROLLMENT_TYPES})
    joined = people.left_join(listed, [("person_id", "listed")])
    for kind in ENROLLMENT_TYPES:
        of_kind = joined.enrollment_type == kind
        cms = ifelse(of_kind, joined[f"its_{kind}"], cms)
        if national is not None:
            mean = ifelse(of_kind, literal(national.as_dict()[kind]), mean)
    joined = joined.mutate(cms_score=cms, renormalized_score=joined.score / mean, assigned=joined.listed.notnull())
    joined = joined.mutate(difference=joined.renormalized_score - joined.cms_score)
    return joined.drop("listed", *(f"its_{kind}" for kind in ENROLLMENT_TYPES))


def _means(engine: Engine, people: Table, mix: Sequence[ModelWeight]) -> dict[str, TypeScores]:
    """Means by type. Scores are summed as decimals, so the order in which an engine hands out rows does not matter."""
    models = list(dict.fromkeys(item.model for item in mix))
    columns = ["score", "demographic_score", "cms_score", *map(raw_column, models)]
    sums: dict[str, Any] = {}
    for name in columns:
        stated = people[name].notnull()
        weighted = (people[name].cast("decimal(18, 9)") * people.months).cast("decimal(38, 9)")
        sums[f"sum_{name}"] = weighted.sum(where=stated)
        sums[f"months_{name}"] = people.months.sum(where=stated)
    scored = people.score.notnull()
    rows = engine.to_rows(
        people.group_by("enrollment_type").agg(
            beneficiaries=people.person_id.nunique(where=scored), months=people.months.sum(where=scored), **sums
        )
    )
    return {row["enrollment_type"]: _type_scores(row, models) for row in rows if row["months"]}


def _type_scores(row: Mapping[str, Any], models: Sequence[str]) -> TypeScores:
    def mean(name: str) -> float | None:
        months = row[f"months_{name}"]
        return float(row[f"sum_{name}"]) / int(months) if months else None

    raw = {model: mean(raw_column(model)) for model in models}
    return TypeScores(
        beneficiaries=int(row["beneficiaries"]),
        months=int(row["months"]),
        raw={model: value for model, value in raw.items() if value is not None},
        blended=mean("score") or 0.0,
        demographic=mean("demographic_score") or 0.0,
        cms=mean("cms_score"),
        cms_months=int(row["months_cms_score"] or 0),
    )


def _problems(engine: Engine, given: RiskPopulation, found: RiskScores, mix: Sequence[ModelWeight]) -> dict[str, int]:
    """What is not known about people, by name, with the number of persons (and enrollment types) concerned."""
    status = given.status
    row = engine.to_rows(
        status.aggregate(
            unscorable=status.unscorable.sum(),
            dual=status.unknown_dual.sum(),
            orec=status.unknown_orec.sum(),
            esrd=(status.enrollment_type == "esrd").ifelse(1, 0).sum(),
            everybody=status.person_id.nunique(),
        )
    )[0]
    hcc = given.cases.filter(given.cases.basis == HCC)
    without = hcc.anti_join(found.scores, "case_id").select("person_id", "enrollment_type").distinct()
    lost = engine.to_rows(without.aggregate(count=_.count()))[0]["count"]
    esrd_mix = any(item.group == "esrd" for item in mix)
    counted = {
        "not scored: sex or birth date not known": row["unscorable"],
        "not scored: no segment fits": lost,
        "not scored: no ESRD mapping for the year": 0 if esrd_mix else row["esrd"],
        "ESRD months taken as dialysis (grafts and transplants are not in claims data)": row["esrd"] if esrd_mix else 0,
        "long-term institutional status not known: all scored as living in the community": row["everybody"],
        "dual status of the month assumed": row["dual"],
        "original reason for entitlement not known": row["orec"],
        "new enrollees cannot be told: no enrollment of the year before": 0 if given.prior_year_known else 1,
    }
    return {name: int(count) for name, count in counted.items() if count}


def person_factors(year: RiskYear) -> Table:
    """Every factor of every person: `person_id`, `enrollment_type`, `dual`, `months`, `model`, `segment`, `kind`,
    `variable`, `factor`. 42 CFR 422.308(c)."""
    segment = year.found.reference.segment.select("segment_id", segment="its_segment")
    placed = year.found.people.select("case_id", "segment_id").join(segment, "segment_id").select("case_id", "segment")
    cases = year.population.cases.filter(_.basis == HCC)
    named = cases.select("case_id", "person_id", "enrollment_type", "dual", "months", "model").join(placed, "case_id")
    return named.join(year.found.factors(), "case_id").drop("case_id")


def person_diagnoses(year: RiskYear) -> Table:
    """Every diagnosis that a model maps: the category, what became of it, and the last claim that carried it.

    Columns: `person_id`, `model`, `icd10cm`, `hcc`, `outcome`, `dropped_by`, `patched`, `claim_id`, `through_date`.
    42 CFR 422.310(d).
    """
    cases = year.population.cases.filter(_.basis == HCC).select("case_id", "person_id", "model")
    mapped = year.found.diagnoses.join(year.found.categories, ["case_id", "hcc"], how="left").drop(
        "case_id_right", "hcc_right", "segment_id_right"
    )
    text: Any = literal("")
    for code, words in OUTCOMES.items():
        text = ifelse(mapped.outcome == code, literal(words), text)
    named = mapped.mutate(outcome=text).join(cases, "case_id")
    columns = ("person_id", "model", "icd10cm", "hcc", "outcome", "dropped_by", "patched")
    rows = named.mutate(patched=coalesce(named.patched, 0)).select(*columns).distinct()
    counting = year.population.diagnoses.filter(_.eligibility == "eligible")
    last = counting.group_by("person_id", "icd10cm").agg(
        claim_id=_.claim_id.argmax(_.through_date.cast("string") + _.claim_id), through_date=_.through_date.max()
    )
    return rows.join(last, ["person_id", "icd10cm"])

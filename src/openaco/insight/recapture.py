"""Conditions to review with a patient: documented before and not yet this year, or suggested by other evidence.

A list of questions for clinicians, not of diagnoses: nothing here goes into a score, and rows are in the order of
persons and categories, never of money. Source of the rules: 42 CFR 422.310(d); CMS-HCC V28 mapping and hierarchies.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from openaco.engine import Engine, Lake, Table, _, coalesce, ifelse, literal, row_number, stack
from openaco.errors import OpenACOError
from openaco.programs.population import Population, read_population
from openaco.rules.cited import Cited, cited
from openaco.rules.claims import ClaimSet, adjust
from openaco.rules.risk import ModelYear, ReferenceTables, model_year, reference_tables
from openaco.rules.risk.diagnoses import mapped_diagnoses
from openaco.rules.risk.encounters import ELIGIBLE, claim_diagnoses, eligible_codes
from openaco.rules.risk.models import table_rows

MODEL = "CMS-HCC V28"
RECAPTURE = "documented before, not yet this year"
UNCOUNTED = "only on claims that do not count"
SERVICE = "drug, equipment or supply"
DRUG = "prescription"
EVIDENCE = pa.schema([("code", pa.string()), ("hcc", pa.int64()), ("evidence", pa.string())])


class DrugClassError(OpenACOError):
    """A file of drug classes cannot be read."""


@dataclass(frozen=True)
class Review:
    """Conditions to review.

    rows    one person, one category, one reason: `person_id`, `hcc`, `label`, `reason`, `evidence`, `claim_id`,
            `last_seen`, `question`
    basis   the parameters it rests on
    """

    year: int
    rows: Table
    basis: tuple[Cited, ...]


def conditions_to_review(
    engine: Engine,
    lake: Lake,
    year: int,
    *,
    years_back: int = 1,
    drug_classes: Path | None = None,
    own_codes: Path | None = None,
) -> Review:
    """Lasting conditions documented in the years before and not in this one, and suspects with their evidence.

    year: the calendar year in progress, whose diagnoses will count in the next payment year. drug_classes: a CSV file
    with `ndc`, `hcc`, `evidence`, for prescriptions. A category is documented by an eligible claim, or by a category
    above it in its hierarchy. 42 CFR 422.310(d).
    """
    keep = engine.checkpoint
    first = datetime.date(year - years_back, 1, 1)
    population = read_population(engine, lake, first_month=first, last_month=datetime.date(year, 12, 1))
    model = _model(year)
    reference = reference_tables(engine, [model])
    people = keep(_people(population, model, year))
    seen = []
    for each in range(year - years_back, year + 1):
        claims = _claims(engine, population, each)
        diagnoses = keep(claim_diagnoses(claims, eligible_codes(engine, each, own_codes), each))
        seen.append(keep(_categories(people, diagnoses, reference)))
    this_year, before = seen[-1], stack(seen[:-1])
    documented = keep(_documented(this_year, reference))
    lasting = [int(row["hcc"]) for row in _lasting().value if row["lasting"] == "yes"]
    services = engine.from_arrow(_service_codes(year))
    found = [
        _recaptures(before.filter(before.hcc.isin(lasting)), documented),
        _uncounted(stack(seen).filter(_.hcc.isin(lasting)), documented, before),
        _services(claims, services, documented),
    ]
    if drug_classes:
        found.append(_prescriptions(claims, engine.from_arrow(read_drug_classes(drug_classes)), documented))
    labels = engine.from_arrow(_labels())
    rows = keep(_questions(stack(found), labels, population))
    return Review(year, rows, (_lasting(), cited("risk/suspect_codes", year)))


def write_review(engine: Engine, review: Review, target: Path) -> dict[str, int]:
    """Write the rows in the order of persons, as CSV or Parquet by the name of the file; returns rows by reason."""
    rows = review.rows.order_by(["person_id", "hcc", "reason"])
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() == ".csv":
        pa_csv.write_csv(rows.to_pyarrow(), target)
    else:
        engine.write_parquet(rows, target)
    counted = engine.to_rows(review.rows.group_by("reason").agg(rows=_.count()))
    return {row["reason"]: int(row["rows"]) for row in sorted(counted, key=lambda row: row["reason"])}


def read_drug_classes(path: Path) -> pa.Table:
    """The drug classes of a CSV file with `ndc` (eleven digits), `hcc` (a V28 category) and `evidence` (a label).

    Raises DrugClassError naming the line that cannot be read.
    """
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                ndc, hcc = (row.get("ndc") or "").replace("-", "").strip(), (row.get("hcc") or "").strip()
                if not (ndc.isdigit() and len(ndc) == 11 and hcc.upper().removeprefix("HCC").isdigit()):
                    raise DrugClassError(
                        "needs ndc (eleven digits), hcc and evidence", where=f"{path.name}, line {number}"
                    )
                label = (row.get("evidence") or "drug of this class").strip()
                rows.append({"code": ndc, "hcc": int(hcc.upper().removeprefix("HCC")), "evidence": label})
    except (OSError, UnicodeDecodeError) as error:
        raise DrugClassError("cannot be read", where=path.name, remedy="Give a CSV file in UTF-8.") from error
    return pa.Table.from_pylist(rows, schema=EVIDENCE)


def _lasting() -> Cited:
    return cited("risk/chronic_categories", 2026)


def _model(year: int) -> ModelYear:
    """The mapping that reads the diagnoses of a year, or the newest there is."""
    try:
        return model_year(MODEL, cited("risk/mapping_year", year, model=MODEL).value)
    except OpenACOError:
        return model_year(MODEL, "latest")


def _people(population: Population, model: ModelYear, year: int) -> Table:
    """Everybody with a sex and a birth date, as the edits of diagnoses want them."""
    people = population.people.filter(_.birth_date.notnull(), _.sex_code.isin(["1", "2"]))
    age = literal(year) - people.birth_date.year()
    return people.select(
        "person_id",
        case_id=row_number().over(order_by="person_id").cast("int64"),
        number=literal(model.number).cast("int64"),
        segment_id=literal(0).cast("int64"),
        edit_age=age.cast("int64"),
        sex=people.sex_code.cast("int64"),
    )


def _claims(engine: Engine, population: Population, year: int) -> ClaimSet:
    period = (datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    return adjust(population.versions, year=year, period=period, checkpoint=engine.checkpoint)


def _categories(people: Table, diagnoses: Table, reference: ReferenceTables) -> Table:
    """Categories on claims with the last claim that carried each: by person, category and eligibility."""
    coded = diagnoses.join(people.select("person_id", "case_id"), "person_id")
    mapped = mapped_diagnoses(people, coded.select("case_id", "icd10cm").distinct(), reference)
    counted = mapped.filter(mapped.counts).select("case_id", "icd10cm", "hcc")
    rows = coded.join(counted, ["case_id", "icd10cm"])
    rows = rows.mutate(eligible=rows.eligibility == ELIGIBLE, dated=rows.through_date.cast("string") + rows.claim_id)
    return rows.group_by("person_id", "hcc", "eligible").agg(
        claim_id=_.claim_id.argmax(_.dated),
        last_seen=_.through_date.max(),
        icd10cm=_.icd10cm.argmax(_.dated),
        lacks=_.eligibility.argmax(_.dated),
    )


def _documented(this_year: Table, reference: ReferenceTables) -> Table:
    """Categories documented this year, with those below them: `person_id`, `hcc`."""
    direct = this_year.filter(this_year.eligible).select("person_id", "hcc")
    rules = reference.hierarchy.select("parent", "child").distinct()
    below = direct.rename(parent="hcc").join(rules, "parent").select("person_id", hcc="child")
    return direct.union(below).distinct()


def _recaptures(before: Table, documented: Table) -> Table:
    eligible = before.filter(before.eligible).anti_join(documented, ["person_id", "hcc"])
    rows = eligible.group_by("person_id", "hcc").agg(
        claim_id=_.claim_id.argmax(_.last_seen.cast("string") + _.claim_id),
        evidence=_.icd10cm.argmax(_.last_seen.cast("string") + _.claim_id),
        last_seen=_.last_seen.max(),
    )
    return _row(rows, RECAPTURE, literal("diagnosis ") + rows.evidence)


def _uncounted(seen: Table, documented: Table, before: Table) -> Table:
    """Lasting categories that only claims without eligibility carry, in any of the years."""
    known = before.filter(before.eligible).select("person_id", "hcc")
    lone = (
        seen.filter(~seen.eligible).anti_join(documented, ["person_id", "hcc"]).anti_join(known, ["person_id", "hcc"])
    )
    rows = lone.group_by("person_id", "hcc").agg(
        claim_id=_.claim_id.argmax(_.last_seen.cast("string") + _.claim_id),
        code=_.icd10cm.argmax(_.last_seen.cast("string") + _.claim_id),
        lacks=_.lacks.argmax(_.last_seen.cast("string") + _.claim_id),
        last_seen=_.last_seen.max(),
    )
    return _row(rows, UNCOUNTED, literal("diagnosis ") + rows.code + " (" + rows.lacks + ")")


def _services(claims: ClaimSet, codes: Table, documented: Table) -> Table:
    """Lines with a listed drug, equipment or supply, without the condition they suggest."""
    professional = claims.professional.select(
        "person_id", "claim_id", code="hcpcs_code", seen=coalesce(_.claim_line_end_date, _.claim_end_date)
    )
    equipment = claims.equipment.select(
        "person_id", "claim_id", code="hcpcs_code", seen=coalesce(_.claim_line_end_date, _.claim_end_date)
    )
    headers = claims.institutional.select("person_id", header="claim_id")
    facility = claims.institutional_line.select(
        "claim_id", code="hcpcs_code", seen=coalesce(_.claim_line_end_date, _.claim_end_date)
    )
    facility = facility.join(headers, [("claim_id", "header")]).select("person_id", "claim_id", "code", "seen")
    return _suggested(stack([professional, equipment, facility]), codes, documented, SERVICE)


def _prescriptions(claims: ClaimSet, classes: Table, documented: Table) -> Table:
    fills = claims.drug.select("person_id", "claim_id", code="ndc_code", seen="dispensing_date")
    return _suggested(fills, classes, documented, DRUG)


def _suggested(lines: Table, codes: Table, documented: Table, reason: str) -> Table:
    met = lines.join(codes, "code").anti_join(documented, ["person_id", "hcc"])
    rows = met.group_by("person_id", "hcc").agg(
        claim_id=_.claim_id.argmax(_.seen.cast("string") + _.claim_id),
        told=_.evidence.argmax(_.seen.cast("string") + _.claim_id),
        code=_.code.argmax(_.seen.cast("string") + _.claim_id),
        last_seen=_.seen.max(),
    )
    return _row(rows, reason, rows.told + " (" + rows.code + ")")


def _row(rows: Table, reason: str, evidence: Any) -> Table:
    return rows.select(
        "person_id",
        "hcc",
        reason=literal(reason),
        evidence=evidence,
        claim_id=rows.claim_id,
        last_seen=rows.last_seen,
    )


def _questions(found: Table, labels: Table, population: Population) -> Table:
    """The rows of the living, each with a question in neutral words."""
    living = population.people.filter(_.death_date.isnull()).select("person_id")
    named = found.semi_join(living, "person_id").left_join(labels, "hcc").drop("hcc_right")
    asked = ifelse(
        named.reason == RECAPTURE,
        literal("Review: is this still present? If so, document it at a visit."),
        literal("Review: is this present? The evidence alone is no diagnosis."),
    )
    columns = ("person_id", "hcc", "label", "reason", "evidence", "claim_id", "last_seen")
    return named.mutate(question=asked, label=coalesce(named.label, "")).select(*columns, "question")


def _service_codes(year: int) -> pa.Table:
    rows = [
        {"code": row["hcpcs_code"], "hcc": int(row["hcc"]), "evidence": row["evidence"]}
        for row in cited("risk/suspect_codes", year).value
    ]
    return pa.Table.from_pylist(rows, schema=EVIDENCE)


def _labels() -> pa.Table:
    rows: list[Mapping[str, Any]] = [
        {"hcc": int(row["hcc"]), "label": row["label"]} for row in table_rows("hcc_labels") if row["model"] == MODEL
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([("hcc", pa.int64()), ("label", pa.string())]))

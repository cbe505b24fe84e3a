"""Writes a finished run as a folder: see `openaco.reports.run_results` for what each file holds.

Reproducible: the run's name is made of what went in (deliveries, parameters, configuration, code), and the same run
writes the same bytes. The folder appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openaco import __version__
from openaco.engine import Engine, Lake, Table, _, date_of, ifelse, literal, money, stack
from openaco.parameters import ROOT as PARAMETERS
from openaco.programs.folder import AcoFolder
from openaco.programs.ledger import LedgerRun
from openaco.programs.participant_tables import participant_tables
from openaco.programs.year_figures import YearFigures
from openaco.rules.claims.disposition import claim_disposition, signed_and_final_differences
from openaco.rules.expenditures import TRUNCATION, counted_months, inpatient_subtractions, judged_dollars

PAID_TABLES = ("institutional_claim", "professional_line", "equipment_line")
ASSIGNMENT_ORDER = ["year", "person_id"]
CLAIM_ORDER = ["person_id", "claim_id", "claim_line_number", "delivery_id", "source_file", "source_line", "year"]


def write_results(engine: Engine, lake: Lake, run: LedgerRun, home: AcoFolder) -> Path:
    """Write the run and make it the latest one. Returns its folder; an equal earlier run is replaced whole."""
    manifest = _manifest(engine, lake, run)
    target = home.run(manifest["run_id"])
    draft = home.runs / f".draft-{uuid.uuid4().hex[:8]}"
    draft.mkdir(parents=True)
    try:
        _write_tables(engine, run, draft)
        claims = _claims(engine, run, draft)
        for name, content in {
            "run": manifest,
            "worksheet": run.worksheet.to_dict(),
            "funnel": [_funnel(figures) for figures in run.years],
            "spend": _spend(engine, run, draft),
            "sensitivity": [asdict(scenario) for scenario in run.sensitivity],
            "claims": claims,
        }.items():
            (draft / f"{name}.json").write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    home.point_to(manifest["run_id"])
    return target


def parameter_hash() -> str:
    """One hash over every parameter file, so that a run can say with which numbers it was made."""
    digest = hashlib.sha256()
    for path in sorted(path for ending in ("yaml", "csv", "csv.gz") for path in PARAMETERS.rglob(f"*.{ending}")):
        digest.update(str(path.relative_to(PARAMETERS)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _manifest(engine: Engine, lake: Lake, run: LedgerRun) -> dict[str, Any]:
    configuration = run.configuration
    deliveries = lake.deliveries()
    parameters = parameter_hash()
    identity = json.dumps(
        [
            configuration.model_dump(mode="json"),
            run.performance_year,
            __version__,
            parameters,
            [(row["delivery_id"], row["content_hash"]) for row in deliveries],
        ],
        sort_keys=True,
    )
    name = hashlib.sha256(identity.encode()).hexdigest()[:10]
    return {
        "run_id": f"mssp-{run.performance_year}-{name}",
        "aco_id": configuration.aco.id,
        "aco_name": configuration.aco.name,
        "performance_year": run.performance_year,
        "program": "mssp",
        "track": run.inputs.track,
        "assignment_method": configuration.agreement.assignment_method,
        "seed": configuration.seed,
        "engine": engine.name,
        "code_version": __version__,
        "parameter_hash": parameters,
        "deliveries": [
            {key: row[key] for key in row if key not in ("coverage", "performance_year")} for row in deliveries
        ],
        "counts": {
            "beneficiaries": run.performance.stages[0].people + run.performance.stages[0].remaining,
            "assigned": run.performance.inputs.assigned_beneficiaries,
            "without_risk_score": run.performance.unscored,
        },
    }


def _write_tables(engine: Engine, run: LedgerRun, folder: Path) -> None:
    def of_years(table: Any) -> Table:
        return stack([table(figures).mutate(year=literal(figures.year)) for figures in run.years])

    tables: Mapping[str, Table] = {
        "identities": run.population.identities.order_by(["mbi"]),
        "person_months": run.population.person_months.order_by(["person_id", "month"]),
        "assignment": of_years(lambda figures: figures.assignment).order_by(ASSIGNMENT_ORDER),
        "expenditure": of_years(lambda figures: figures.spending.by_person).order_by(
            ["year", "person_id", "enrollment_type"]
        ),
        **participant_tables(run),
    }
    for name, table in tables.items():
        engine.write_parquet(table, folder / f"{name}.parquet")
    engine.write_parquet(
        stack([_dollars(run, figures) for figures in run.years]).order_by(CLAIM_ORDER), folder / "claim_dollars.parquet"
    )


def _dollars(run: LedgerRun, figures: YearFigures) -> Table:
    """The year's dollars of the assigned with the verdict on each, and what is taken out of those that count."""
    persons = figures.assignment.filter(_.assigned).select("person_id")
    months = counted_months(run.population.person_months, figures.year, persons, figures.covid_episodes)
    judged = judged_dollars(figures.dollars, months, figures.year, persons)
    counts = judged.rule.isnull()
    return judged.select(
        "person_id",
        "claim_kind",
        "claim_id",
        "claim_line_number",
        "claim_type_code",
        "month",
        "through_date",
        "paid_amount",
        "delivery_id",
        "source_file",
        "source_line",
        counted_amount=money(ifelse(counts, _.amount, money(0))),
        left_out_amount=money(ifelse(counts, money(0), _.amount)),
        exclusion_rule="rule",
        year=literal(figures.year),
        **{_column(name): money(part) for name, part in inpatient_subtractions(figures.year).items()},
    )


def _funnel(figures: YearFigures) -> dict[str, Any]:
    """Everybody known, each exclusion, and each basis of assignment, in the order of the rule."""
    first = figures.stages[0]
    steps = [{"id": "known", "label": "Known beneficiaries", "count": first.people + first.remaining, "kind": "stage"}]
    for item in figures.stages:
        if item.people:
            kind = "stage" if item.stage.assigned else "exclusion"
            steps.append({"id": item.stage.name, "label": item.stage.label, "count": item.people, "kind": kind})
    assigned = figures.inputs.assigned_beneficiaries
    steps.append({"id": "assigned", "label": "Assigned beneficiaries", "count": assigned, "kind": "stage"})
    return {"year": figures.year, "stages": steps}


def _spend(engine: Engine, run: LedgerRun, folder: Path) -> dict[str, Any]:
    rows = []
    for figures in run.years:
        for kind, row in sorted(figures.by_type.items()):
            rows.append(
                {
                    "year": figures.year,
                    "enrollment_type": kind,
                    "beneficiaries": row["beneficiaries"],
                    "person_years": int(row["months"]) / 12,
                    "per_capita": figures.inputs.per_capita[kind],
                    "dollars": float(row["dollars"]),
                    "truncated_dollars": float(row["dollar_months"] / 12),
                }
            )
    return {"rows": rows, "exclusions": _exclusions(engine, run, folder)}


def _column(rule: str) -> str:
    """The column that holds what a rule takes out of a payment."""
    return f"{rule.replace(' ', '_')}_amount"


def _exclusions(engine: Engine, run: LedgerRun, folder: Path) -> list[dict[str, Any]]:
    """Dollars left out, by year and rule: whole rows, parts of inpatient payments, and what truncation cut."""
    dollars = engine.read_parquet([folder / "claim_dollars.parquet"])
    whole = dollars.filter(_.exclusion_rule.notnull()).group_by("year", rule=_.exclusion_rule)
    found = engine.to_rows(whole.aggregate(dollars=_.left_out_amount.sum(), claims=_.claim_id.nunique()))
    for name in inpatient_subtractions(run.performance_year):
        column = _column(name)
        parts = dollars.filter(_[column] != 0).group_by("year")
        parts = parts.aggregate(dollars=_[column].sum(), claims=_.claim_id.nunique())
        found += [row | {"rule": name} for row in engine.to_rows(parts)]
    for figures in run.years:
        cut = sum(row["dollars"] - row["dollar_months"] / 12 for row in figures.by_type.values())
        found.append({"year": figures.year, "rule": TRUNCATION, "dollars": cut, "claims": None})
    return [
        row | {"label": row["rule"].replace("_", " "), "dollars": float(row["dollars"])}
        for row in sorted(found, key=lambda row: (row["year"], row["rule"]))
        if row["dollars"]
    ]


def _claims(engine: Engine, run: LedgerRun, folder: Path) -> dict[str, Any]:
    """Both answers of the claims rules for the performance year, and what became of versions that are not final."""
    claims = run.performance.claims
    path = folder / "claim_disposition.parquet"
    engine.write_parquet(stack([_fates(figures) for figures in run.years]).order_by(CLAIM_ORDER), path)
    fates = engine.read_parquet([path]).filter(_.year == run.performance_year)
    in_year = claims.dollars.filter(_.through_date >= date_of(run.performance_year, 1, 1))
    signed = engine.to_rows(in_year.aggregate(total=_.paid_amount.sum()))[0]["total"] or 0
    differences = engine.to_rows(
        signed_and_final_differences(claims)
        .group_by("claim_table")
        .aggregate(claims=_.count(), dollars=_["difference"].sum())
        .order_by("claim_table")
    )
    final = float(signed) - sum(float(row["dollars"]) for row in differences)
    dropped = fates.group_by("disposition").aggregate(claims=_.count())
    return {
        "signed_total": float(signed),
        "final_action_total": final,
        "differences": [
            {"reason": row["claim_table"], "claims": row["claims"], "dollars": float(row["dollars"])}
            for row in differences
        ],
        "dropped": engine.to_rows(dropped.order_by("disposition")),
    }


def _fates(figures: YearFigures) -> Table:
    """Versions with a through date in the year that are not final action, as of the year's own run-out, and why."""
    first, last = date_of(figures.year, 1, 1), date_of(figures.year, 12, 31)
    fates = claim_disposition(figures.claims, PAID_TABLES).filter(
        _.through_date.between(first, last), _.disposition != "final"
    )
    return fates.mutate(year=literal(figures.year))

"""Writes a distribution as files: the same run, plan and scores give the same bytes.

plan.toml          the plan as it was read
distribution.json  `as_data`: payment, uses, pools, every participant, and that all adds up
worksheet.json     every line, with formula and inputs
participants.csv   a participant a row; `line` is the worksheet line of its total
clinicians.csv     a participant, clinician and pool a row; `line` is the line the amount is a part of
panels.parquet     an assigned person a row: the participant and clinician it belongs to
public.json        `public_data`: what the public page says; public.csv: the same, a cell a row
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openaco import __version__
from openaco.engine import Engine
from openaco.insight.distribution.cents import to_cents, to_dollars
from openaco.insight.distribution.comparison import PlanComparison, where_it_goes
from openaco.insight.distribution.distribute import Distribution, by_clinician
from openaco.insight.distribution.facts import Facts
from openaco.insight.distribution.formulas import quality_of
from openaco.insight.distribution.inputs import Inputs
from openaco.insight.distribution.plan import Plan, slug
from openaco.insight.distribution.public_report import PublicReport
from openaco.worksheet import Worksheet

CLINICIAN_COLUMNS = ("tin", "npi", "name", "pool", "assigned_people", "amount", "line")


def distribution_id(facts: Facts, plan: Plan, more: str = "") -> str:
    """The name of a distribution, made of what went in: run, plan, scores, payment, code; `more`: anything else."""
    identity = json.dumps(
        [facts.run_id, plan.model_dump(mode="json"), facts.payment, repr(facts.participants), __version__, more],
        sort_keys=True,
    )
    return f"{facts.run_id}-{slug(plan.name)}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def write_tables(
    engine: Engine, inputs: Inputs, result: Distribution, sheet: Worksheet, plan_text: str, folder: Path
) -> None:
    """Write everything but pages into a folder that exists."""
    (folder / "plan.toml").write_text(plan_text, encoding="utf-8")
    _json(folder / "distribution.json", as_data(result))
    _json(folder / "worksheet.json", sheet.to_dict())
    _csv(folder / "participants.csv", participant_rows(result))
    _csv(folder / "clinicians.csv", clinician_rows(result), CLINICIAN_COLUMNS)
    engine.write_parquet(inputs.members.order_by(["person_id"]), folder / "panels.parquet")


def write_public(report: PublicReport, folder: Path) -> None:
    """Write the public figures as JSON and CSV."""
    _json(folder / "public.json", public_data(report))
    _csv(folder / "public.csv", public_rows(report))


def as_data(result: Distribution) -> dict[str, Any]:
    """The distribution as plain data: US dollars."""
    facts = result.facts
    losses = result.losses
    return {
        "run_id": facts.run_id,
        "aco_id": facts.aco_id,
        "aco_name": facts.aco_name,
        "performance_year": facts.performance_year,
        "plan": result.plan.name,
        "supposed": facts.supposed,
        "earned": to_dollars(facts.earned),
        "kept_by_cms": to_dollars(facts.recouped),
        "payment": to_dollars(facts.payment),
        "uses": [
            {"name": used.use.name, "kind": used.use.kind, "amount": to_dollars(used.amount), "note": used.why_less}
            for used in result.uses
        ],
        "pools": [
            {
                "name": shared.pool.name,
                "formula": shared.pool.formula,
                "amount": to_dollars(shared.amount),
                "paid": to_dollars(shared.paid),
                "participants": sum(1 for one in shared.standings if one.unit),
            }
            for shared in result.pools
        ],
        "losses": None
        if losses is None
        else {
            "due": to_dollars(losses.due),
            "from_reserve": to_dollars(losses.from_reserve),
            "by_participants": to_dollars(losses.shared),
            "by_aco": to_dollars(losses.by_aco),
        },
        "participants": participant_rows(result),
        "to_participants": to_dollars(result.distributed),
        "held": to_dollars(result.held),
        "adds_up": sum(where_it_goes(result).values()) == facts.payment,
    }


def participant_rows(result: Distribution) -> list[dict[str, Any]]:
    """A participant a row, by TIN; US dollars."""
    found = []
    for one in result.facts.participants:
        quality = quality_of(one, result.plan, result.facts)
        found.append(
            {
                "tin": one.id,
                "name": one.name,
                "class": one.classification,
                "assigned_people": one.panel.beneficiaries,
                "person_years": round(float(one.panel.person_years), 6),
                "expected_cost": to_dollars(one.panel.expected),
                "actual_cost": to_dollars(one.panel.actual),
                "quality_score": None if quality is None else float(quality),
                "quality_score_of": "" if quality is None else "aco" if one.quality is None else "participant",
                "points": None if one.points is None else float(one.points),
                **{shared.pool.slug: to_dollars(result.pool_cents(shared, one.id)) for shared in result.pools},
                "losses": to_dollars(-result.losses.shares.get(one.id, 0)) if result.losses else 0.0,
                "total": to_dollars(result.totals[one.id]),
                "line": f"receives.{one.id}",
            }
        )
    return found


def clinician_rows(result: Distribution) -> list[dict[str, Any]]:
    """A participant, clinician and pool a row; US dollars that add up to the participant's."""
    found = []
    for one in result.facts.participants:
        panels = {clinician.npi: clinician for clinician in one.clinicians}
        for (pool, npi), cents in sorted(by_clinician(result, one.id).items()):
            clinician = panels.get(npi)
            found.append(
                {
                    "tin": one.id,
                    "npi": npi,
                    "name": clinician.name if clinician else "",
                    "pool": pool,
                    "assigned_people": clinician.panel.beneficiaries if clinician else 0,
                    "amount": to_dollars(cents),
                    "line": f"award.{pool}.{one.id}",
                }
            )
    return found


def comparison_rows(comparison: PlanComparison) -> list[dict[str, Any]]:
    """A participant a row, the most better off under the first plan first; US dollars."""
    return [
        {
            "tin": change.participant,
            "name": change.name,
            "class": change.classification,
            "first": to_dollars(change.first),
            "second": to_dollars(change.second),
            "difference": to_dollars(change.difference),
        }
        for change in comparison.changes
    ]


def comparison_data(comparison: PlanComparison) -> dict[str, Any]:
    """The comparison as plain data: US dollars."""
    one, other = comparison.first, comparison.second
    return {
        "run_id": one.facts.run_id,
        "performance_year": one.facts.performance_year,
        "payment": to_dollars(one.facts.payment),
        "plans": [
            {"name": result.plan.name, "goes_to": {k: to_dollars(v) for k, v in where_it_goes(result).items()}}
            for result in (one, other)
        ],
        "better_off": len(comparison.better),
        "worse_off": len(comparison.worse),
        "unchanged": len(comparison.changes) - len(comparison.better) - len(comparison.worse),
        "moved": to_dollars(comparison.moved),
        "participants": comparison_rows(comparison),
    }


def write_comparison_tables(comparison: PlanComparison, folder: Path) -> None:
    """Write `comparison.json` and `comparison.csv`."""
    _json(folder / "comparison.json", comparison_data(comparison))
    _csv(folder / "comparison.csv", comparison_rows(comparison))


def public_data(report: PublicReport) -> dict[str, Any]:
    """The public page as plain data."""
    return {
        "aco_id": report.aco_id,
        "aco_name": report.aco_name,
        "performance_year": report.performance_year,
        "supposed": report.supposed,
        "missing": [part.key for part in report.missing],
        "parts": [
            {
                "key": part.key,
                "paragraph": f"42 CFR 425.308{part.paragraph}",
                "confidence": part.confidence,
                "title": part.title,
                "status": part.status,
                "columns": list(part.header),
                "rows": [list(row) for row in part.rows],
                "text": part.text,
            }
            for part in report.parts
        ],
    }


def public_rows(report: PublicReport) -> list[dict[str, Any]]:
    """The public page, one cell a row; a part without rows has one row with its text."""
    found: list[dict[str, Any]] = []
    for part in report.parts:
        head: dict[str, Any] = {"part": part.key, "paragraph": f"42 CFR 425.308{part.paragraph}", "status": part.status}
        cells: list[dict[str, Any]] = [
            {"row": number, "column": part.header[place] or part.key, "value": "" if value is None else value}
            for number, row in enumerate(part.rows, start=1)
            for place, value in enumerate(row)
        ]
        found += [head | cell for cell in cells] or [head | {"row": "", "column": "", "value": part.text}]
    return found


def earlier_payments(runs: Path, aco_id: str, but: int) -> dict[int, int]:
    """Cents paid for other performance years, from finished runs; a year with several runs tells nothing."""
    found: dict[int, list[int]] = {}
    for manifest in sorted(runs.glob("*/run.json")):
        told = json.loads(manifest.read_text(encoding="utf-8"))
        sheet = manifest.with_name("worksheet.json")
        if told.get("aco_id") != aco_id or told["performance_year"] == but or not sheet.is_file():
            continue
        lines = Worksheet.from_dict(json.loads(sheet.read_text(encoding="utf-8")))
        found.setdefault(told["performance_year"], []).append(to_cents(lines.number("settlement.payment")))
    return {year: cents[0] for year, cents in found.items() if len(cents) == 1}


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(found[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    path.write_text(text.getvalue(), encoding="utf-8")

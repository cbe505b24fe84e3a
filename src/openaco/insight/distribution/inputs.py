"""From a finished run and the ACO's own scores to the facts of a distribution.

The settlement's total benchmark and total expenditures are spread over people: expected cost by enrollment type and
CMS's risk score, actual cost by what each person's care came to, truncated and completed as the settlement does. So
the differences of all panels, with people of no participant, add up to the settlement's own difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Table
from openaco.errors import ConfigurationError
from openaco.insight.distribution.cents import as_fraction, largest_remainder, to_cents
from openaco.insight.distribution.facts import Clinician, Facts, Panel, Participant, together
from openaco.insight.distribution.panels import (
    MILLIONTH,
    panel_costs,
    panel_members,
    panel_people,
    participant_kinds,
    run_tables,
    with_tin,
)
from openaco.insight.distribution.plan import Plan
from openaco.insight.distribution.scores import Scores, read_scores
from openaco.worksheet import Worksheet

Place = tuple[str, str]
PANELS = "panels.parquet"
OWN_SCORE, ACO_SCORE = "participant_scores.csv:quality_score", "worksheet.json:settlement.quality_score"


@dataclass(frozen=True)
class Inputs:
    """What was read: the facts, the settlement's worksheet and manifest, and who belongs to whom (`members`)."""

    facts: Facts
    settlement: Worksheet
    manifest: Mapping[str, Any]
    members: Table


def read_inputs(
    engine: Engine, run: Path, plan: Plan, scores: Path | None = None, payment: Decimal | None = None
) -> Inputs:
    """Read a finished run. `payment`: suppose this payment in US dollars, below zero owed to CMS.

    Raises ConfigurationError for a folder that is no run, or scores that cannot be read.
    """
    manifest, settlement = _json(run / "run.json"), Worksheet.from_dict(_json(run / "worksheet.json"))
    year = int(manifest["performance_year"])
    tables = run_tables(engine, run)
    members = engine.checkpoint(panel_members(tables, year))
    listed = engine.to_rows(tables["participants"].order_by(["tin", "ccn", "name"]))
    stated = read_scores(scores, plan, {row["tin"] for row in listed}) if scores else {}
    people = {(row["tin"], row["npi"]): row["beneficiaries"] for row in engine.to_rows(panel_people(members))}
    costs = engine.to_rows(panel_costs(members, tables, year))
    panels = _panels(people, costs, settlement)
    kinds = engine.to_rows(participant_kinds(with_tin(tables["primary_care_charges"], tables["participants"])))
    names = {row["npi"]: row["name"] or "" for row in engine.to_rows(tables["clinicians"].order_by(["npi", "name"]))}
    paid = settlement.number("settlement.payment")
    quality = settlement["settlement.quality_score"]
    facts = Facts(
        run_id=manifest["run_id"],
        aco_id=manifest["aco_id"],
        aco_name=manifest["aco_name"],
        performance_year=year,
        track=manifest["track"],
        payment=to_cents(paid if payment is None else payment),
        earned=to_cents(settlement.number("settlement.earned_performance_payment")),
        recouped=to_cents(settlement.number("settlement.advance_recoupment")),
        participants=_participants(listed, panels, kinds, names, stated),
        unattributed=together(panel for (tin, _npi), panel in panels.items() if not tin),
        aco_quality=to_hundred(quality) if isinstance(quality, float | int) else None,
        supposed=payment is not None,
        unverified=settlement.rests_on_unverified("settlement.payment"),
        scored_by_person=any(row["scored_months"] for row in costs),
    )
    return Inputs(facts, settlement, manifest, members)


def to_hundred(score: float) -> Decimal:
    """A score as a fraction, as the settlement has it, on the scale from 0 to 100."""
    return (Decimal(str(score)) * 100).quantize(Decimal("0.0001")).normalize()


def _json(path: Path) -> Any:
    if not path.is_file():
        raise ConfigurationError(
            f"{path.name} is missing", where=str(path.parent), remedy="Name the folder of a finished run."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _panels(
    people: Mapping[Place, int], costs: Iterable[Mapping[str, Any]], settlement: Worksheet
) -> dict[Place, Panel]:
    """The panel of each TIN and NPI; blank TIN: people of no participant."""
    rows = list(costs)
    months: dict[Place, int] = dict.fromkeys(people, 0)
    for row in rows:
        months[row["tin"], row["npi"]] += int(row["months"])
    expected = _spread(_risk_adjusted(rows, settlement), settlement.number("settlement.total_benchmark"), people)
    actual = _spread(_completed(rows, settlement), settlement.number("settlement.total_expenditures"), people)
    return {place: Panel(people[place], months[place], expected[place], actual[place]) for place in sorted(people)}


def _spread(parts: Mapping[Place, Fraction], total: float, people: Iterable[Place]) -> dict[Place, int]:
    """The settlement's total in whole cents, in proportion to parts (which may be below zero)."""
    cents, whole = to_cents(total), sum(parts.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(people, 0)
    exact = {_name(place): cents * part / whole for place, part in parts.items()}
    rounded = largest_remainder(exact, cents)
    return {place: rounded.get(_name(place), 0) for place in people}


def _name(place: Place) -> str:
    return "|".join(place)


def _risk_adjusted(rows: Iterable[Mapping[str, Any]], settlement: Worksheet) -> dict[Place, Fraction]:
    """Benchmark per capita of the type × person-months × risk score over the type's mean; unscored months count as
    the mean. In any unit: the total is spread in proportion.
    """
    rows = list(rows)
    found: dict[Place, Fraction] = {}
    for kind in sorted({row["enrollment_type"] for row in rows}):
        of_kind = [row for row in rows if row["enrollment_type"] == kind]
        scored = sum(int(row["scored_months"]) for row in of_kind)
        mean = Fraction(sum(int(row["score_months"]) for row in of_kind), scored * MILLIONTH) if scored else Fraction(0)
        benchmark = as_fraction(settlement.number(_benchmark_line(settlement, kind)))
        for row in of_kind:
            months = Fraction(int(row["months"]))
            if mean:
                unscored = months - int(row["scored_months"])
                months = Fraction(int(row["score_months"]), MILLIONTH) / mean + unscored
            place = (row["tin"], row["npi"])
            found[place] = found.get(place, Fraction(0)) + benchmark * months
    return found


def _benchmark_line(settlement: Worksheet, kind: str) -> str:
    """The updated benchmark of an enrollment type that the settlement used: the two-way one under the guardrail."""
    two_way = f"update.two_way.{kind}"
    guarded = "update.guardrail" in settlement.lines and settlement["update.guardrail"]
    return two_way if guarded and two_way in settlement.lines else f"update.updated.{kind}"


def _completed(rows: Iterable[Mapping[str, Any]], settlement: Worksheet) -> dict[Place, Fraction]:
    """Truncated dollars × completion; the completion factor is one for all, so proportions need none."""
    found: dict[Place, Fraction] = {}
    for row in rows:
        place = (row["tin"], row["npi"])
        found[place] = found.get(place, Fraction(0)) + int(row["cent_months"])
    return found


def _participants(
    listed: Iterable[Mapping[str, Any]],
    panels: Mapping[Place, Panel],
    kinds: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    stated: Mapping[str, Scores],
) -> tuple[Participant, ...]:
    """Every TIN on the list, with its clinicians by NPI."""
    kind_of = {row["tin"]: _class_of(row) for row in kinds}
    found: dict[str, Participant] = {}
    for row in listed:
        tin = row["tin"]
        mine = {npi: panel for (owner, npi), panel in panels.items() if owner == tin}
        first = found.get(tin)
        found[tin] = Participant(
            id=tin,
            name=(first.name if first else "") or row["name"] or "",
            classification=kind_of.get(tin, "other"),
            panel=together(mine.values()),
            clinicians=tuple(Clinician(npi, names.get(npi, ""), panel) for npi, panel in sorted(mine.items())),
            quality_source=ACO_SCORE,
            class_source="primary_care_charges.parquet:source",
        )
    for tin, given in stated.items():
        known = found[tin]
        found[tin] = replace(
            known,
            name=given.name or known.name,
            classification=given.classification or known.classification,
            class_source="participant_scores.csv:class" if given.classification else known.class_source,
            quality=given.quality,
            quality_source=OWN_SCORE if given.quality is not None else known.quality_source,
            points=given.points,
        )
    return tuple(found[tin] for tin in sorted(found))


def _class_of(row: Mapping[str, Any]) -> str:
    """The class that a participant's claims suggest; `participant_scores.csv` overrides it."""
    for kind in ("fqhc", "rhc", "hospital"):
        if row[kind]:
            return kind
    if not row["primary_charges"] and not row["specialist_charges"]:
        return "other"
    return "primary_care" if row["primary_charges"] >= row["specialist_charges"] else "specialist"

"""The way back: from a worksheet line to table columns, from a person to every dollar, from a claim to its fate.

Each function returns plain data for JSON and for the terminal (`openaco.cli.explain`). Errors never repeat what was
asked for, because it may identify a person.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openaco.engine import Engine, Lake, Table, _
from openaco.reports import formats, worksheet_view
from openaco.reports.formulas import Terms, parameter_text
from openaco.reports.run_results import RunResults, RunResultsError
from openaco.rules.assignment.explain import assignment_story
from openaco.rules.claims import current_mbi
from openaco.tables import MbiCrosswalk
from openaco.worksheet import Line

Row = dict[str, Any]
Choice = Callable[[Table], Table]


def list_lines(run: RunResults) -> list[Row]:
    """Every line of the worksheet with its value, in the order of computation."""
    return [
        {"id": line.id, "step": line.step, "label": line.label, "value": line.value, "text": formats.line_text(line)}
        for line in run.worksheet
    ]


def explain_line(run: RunResults, line_id: str) -> Row:
    """A line with everything behind it. Raises WorksheetError, naming near ids, if there is no such line.

    `behind` holds every line it rests on, nearest first, each once; `inputs` of a line are ids of lines or sources
    such as `table:column`. `sources` are all sources behind it.
    """
    line = run.worksheet.line(line_id)
    behind = run.worksheet.ancestors(line_id)
    lines = run.worksheet.lines
    sources = dict.fromkeys(item for each in [line, *behind] for item in each.inputs if item not in lines)
    return {
        "line": line_row(line),
        "rests_on_unverified": run.worksheet.rests_on_unverified(line_id),
        "behind": [line_row(item) for item in behind],
        "sources": list(sources),
        "parameters": _parameters(run, sources),
        "used_by": [item.id for item in worksheet_view.used_by(run.worksheet).get(line_id, [])],
    }


def _parameters(run: RunResults, sources: Iterable[str]) -> dict[str, str]:
    """The values of the parameters among the sources, in words, where the worksheet's terms name them."""
    terms = Terms.of(run.worksheet, run.manifest.track)
    names = [source for source in sources if source.startswith("parameter:")]
    return {name: text for name in names if (text := parameter_text(terms, name.removeprefix("parameter:")))}


def line_row(line: Line) -> Row:
    """One line as plain data."""
    return {
        "id": line.id,
        "step": line.step,
        "label": line.label,
        "value": line.value,
        "unit": line.unit,
        "text": formats.line_text(line),
        "formula": line.formula,
        "inputs": list(line.inputs),
        "cite": line.cite,
        "confidence": line.confidence,
        "note": line.note,
    }


def explain_beneficiary(run: RunResults, engine: Engine, mbi: str) -> Row:
    """One person's whole story in the run: months, assignment, spending, and the fate of each claim.

    mbi: a current or a former identifier. Raises RunResultsError if the run knows nobody by it.
    """
    person = person_of(run, engine, mbi)

    def rows(table: str, *order: str) -> list[Row]:
        return read_rows(run, engine, table, lambda found: found.filter(_.person_id == person), order)

    months = rows("person_months", "month")
    assignment = rows("assignment", "year")
    dollars = rows("claim_dollars", "through_date", "claim_id", "claim_line_number")
    fates = rows("claim_disposition", "claim_id", "delivery_id", "source_line")
    if not (months or assignment or dollars or fates):
        raise RunResultsError(
            "nobody in this run has this identifier",
            where=str(run.folder),
            remedy="Check its eleven characters; a person counts once an enrollment or claims file names them.",
        )
    return {
        "person_id": person,
        "former_identifier": person != mbi,
        "enrollment": spans(months),
        "assignment": [row | {"story": assignment_sentences(row)} for row in assignment],
        "expenditure": rows("expenditure", "year", "enrollment_type"),
        "by_month": by_month(dollars, months),
        "claims": [row | {"uncounted": uncounted(row, assignment)} for row in claims(dollars, fates)],
    }


def explain_claim(run: RunResults, engine: Engine, claim_id: str) -> Row:
    """The fate of one claim: each delivered version with file and line, and what of it was counted.

    Raises RunResultsError if the run knows no such claim.
    """

    def rows(table: str) -> list[Row]:
        return read_rows(run, engine, table, lambda found: found.filter(_.claim_id == claim_id), ("source_line",))

    found = claims(rows("claim_dollars"), rows("claim_disposition"))
    if not found:
        raise RunResultsError(
            "no claim with this id", where=str(run.folder), remedy="Ids are those of the claim files."
        )
    return {"claim_id": claim_id, "versions": found}


def person_of(run: RunResults, engine: Engine, mbi: str) -> str:
    """The person an identifier leads to: itself, unless a later identifier replaced it.

    Reads the run's `identities` (mbi, person_id) where it has them, else the crosswalk in the ACO's lake.
    """
    path = run.folder / "identities.parquet"
    if path.is_file():
        identities = engine.read_parquet([path])
    elif lake := lake_of(run.folder):
        identities = current_mbi(Lake(lake).read(engine, MbiCrosswalk), checkpoint=engine.checkpoint)
    else:
        return mbi
    found = engine.to_rows(identities.filter(_.mbi == mbi).select("person_id").distinct())
    return str(found[0]["person_id"]) if found else mbi


def lake_of(run_folder: Path) -> Path | None:
    """The lake beside the runs, if the run lies in the folder of an ACO."""
    lake = run_folder.resolve().parent.parent / "lake"
    return lake if lake.is_dir() else None


def read_rows(run: RunResults, engine: Engine, table: str, choose: Choice, order: Sequence[str] = ()) -> list[Row]:
    """Some rows of a table of the run, sorted by the columns of `order` that the table has."""
    found = engine.to_rows(choose(engine.read_parquet([run.table_path(table)])))
    keys = [name for name in order if found and name in found[0]]
    return sorted(found, key=lambda row: [(row[name] is None, row[name]) for name in keys if row[name] is not None])


def assignment_sentences(row: Mapping[str, Any]) -> list[str]:
    """How one year's assignment came about, in sentences with citations."""
    known = dict.fromkeys(
        ("step", "designation", "designated_npi", "designated_on", "aco_charges", "winning_draw", "runner_up_draw")
    )
    return assignment_story(known | dict(row))


def spans(months: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Months in a row with the same enrollment, as spans: from, through, months, and what held in them."""
    found: list[Row] = []
    for row in months:
        state = {name: value for name, value in row.items() if name not in ("person_id", "month")}
        last = found[-1] if found else None
        if last and last["state"] == state and _next_month(last["through"]) == row["month"]:
            last |= {"through": row["month"], "months": last["months"] + 1}
        else:
            found.append({"from": row["month"], "through": row["month"], "months": 1, "state": state})
    return [
        {"from": item["from"], "through": item["through"], "months": item["months"], **item["state"]} for item in found
    ]


def by_month(dollars: Sequence[Mapping[str, Any]], months: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Dollars paid and dollars counted by month, with the enrollment type of the month."""
    kinds = {row["month"]: row.get("enrollment_type") for row in months}
    sums: dict[datetime.date, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in dollars:
        sums[row["month"]][0] += row["paid_amount"] or Decimal(0)
        sums[row["month"]][1] += row["counted_amount"] or Decimal(0)
    return [
        {"month": month, "enrollment_type": kinds.get(month), "paid_amount": paid, "counted_amount": counted}
        for month, (paid, counted) in sorted(sums.items())
    ]


def claims(dollars: Sequence[Mapping[str, Any]], fates: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Each delivered version of a claim or line: what became of it, what it paid, what was counted, where it stands."""
    paid = {_place(row): row for row in dollars}
    found = []
    for fate in fates:
        money = paid.pop(_place(fate), {})
        found.append(_claim(fate, money))
    found += [_claim({}, money) for money in paid.values()]
    return sorted(found, key=lambda row: (str(row["through_date"]), row["claim_id"], row["claim_line_number"] or 0))


def uncounted(claim: Mapping[str, Any], assignment: Sequence[Mapping[str, Any]]) -> str:
    """Why a final claim of a person has no dollars in the run; empty where it has, or where it is not final."""
    if claim["disposition"] != "final" or claim["counted_amount"] is not None:
        return ""
    if claim["kind"] == "drug_event":
        return "Part D is not counted"
    years = {row["year"]: row["assigned"] for row in assignment}
    year = claim["year"] or (claim["through_date"].year if claim["through_date"] else None)
    return "" if years.get(year) else f"not assigned in {year}"


def _claim(fate: Mapping[str, Any], money: Mapping[str, Any]) -> Row:
    def either(*names: str) -> Any:
        return next((row[name] for row in (fate, money) for name in names if row.get(name) is not None), None)

    return {
        "claim_id": either("claim_id"),
        "claim_line_number": either("claim_line_number"),
        "kind": either("claim_kind", "claim_table"),
        "claim_type_code": either("claim_type_code"),
        "through_date": either("through_date"),
        "year": either("year"),
        "disposition": either("disposition") or "final",
        "replaced_by": either("replaced_by", "replaced_by_claim_id"),
        "paired_with": either("partner_claim_id"),
        "paid_amount": money.get("paid_amount"),
        "counted_amount": money.get("counted_amount"),
        "left_out_by": either("exclusion_rule", "exclusion"),
        "delivery_id": either("delivery_id"),
        "source_file": either("source_file"),
        "source_line": either("source_line"),
    }


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where a row stands: its delivery, file and line, or its claim and line where a table carries no lineage."""
    if row.get("source_file"):
        return (row.get("delivery_id"), row["source_file"], row.get("source_line"))
    return (row.get("claim_id"), row.get("claim_line_number"))


def _next_month(month: datetime.date) -> datetime.date:
    return (month.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)

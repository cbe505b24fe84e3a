"""`openaco quality` on the lake of an ACO: people matched across record systems, source coverage, the survey."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.cli.words import command

if TYPE_CHECKING:
    from openaco.engine import Engine
    from openaco.feeds.fhir import ClinicalData

AcoOption = Annotated[Path, typer.Option("--aco", help="Folder of the ACO; its lake is DIR/lake.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `openaco quality`."""
    app.command("match")(match)


def of_lake(
    engine: Engine, aco: Path, year: int, population: str, utc_offset_minutes: int
) -> tuple[ClinicalData, list[str]]:
    """People and events of a lake, and what to say of them."""
    from openaco.programs.clinical.evaluate import clinical_of_lake
    from openaco.programs.folder import AcoFolder

    found = clinical_of_lake(engine, AcoFolder(aco), year, population=population, utc_offset_minutes=utc_offset_minutes)
    systems = ", ".join(f"{name} {count:,}" for name, count in found.records_by_system.items())
    lines = [f"{found.people:,} people ({population}) of record systems {systems}"]
    if found.duplicates:
        lines.append(f"{found.duplicates:,} event rows left out: another record system reports the same")
    if found.left_out:
        told = ", ".join(f"{reason} {count:,}" for reason, count in found.left_out.items())
        lines.append(f"Claims not used: {told}")
    if found.questions:
        lines.append(
            f"{found.questions:,} pairs of records wait for a decision: {command('quality', 'match', aco=aco)}"
        )
    return found.data, lines


def match(
    aco: AcoOption = Path("."),
    exact_only: Annotated[
        bool, typer.Option("--exact-only", help="Shared keys alone; links of an earlier run stay.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find **the same people** in all record systems: claims, and every system that sent FHIR.

    First by keys: the Medicare number, the record number, or the same name, birth date, sex and ZIP code. Then by
    probability, and only where first name and birth date are the same and nothing contradicts. What is likely but not
    certain is never joined: it stands in `matching/review.csv`. Write `same` or `different` into it, load it with
    `openaco load matches`, and match again: decisions are kept and overrule every score.
    """
    from openaco.engine import Engine, Lake
    from openaco.programs.clinical.evaluate import matching_folder
    from openaco.programs.folder import AcoFolder
    from openaco.programs.matching.files import REVIEW, match_lake, write_matching

    folder = matching_folder(AcoFolder(aco))
    with Engine.duckdb() as engine:
        found = match_lake(engine, Lake(AcoFolder(aco).lake), folder, probable=not exact_only)
    write_matching(found, folder)
    data = found.as_data()
    if as_json:
        typer.echo(json.dumps(data | {"folder": str(folder)}, indent=1))
        return
    systems = ", ".join(f"{name} {count:,}" for name, count in data["records_by_system"].items())
    typer.echo(f"{data['records']:,} records ({systems or 'none'}) are of {data['people']:,} people")
    reasons = ", ".join(f"{name} {count:,}" for name, count in data["records_by_reason"].items())
    typer.echo(f"By reason: {reasons or 'nothing to match'}")
    if found.contradicting_decisions:
        typer.echo(f"{found.contradicting_decisions} decisions contradict others and were not followed")
    typer.echo(f"Crosswalk  {folder / 'crosswalk.parquet'}")
    if found.questions:
        typer.echo(f"{len(found.questions):,} pairs to decide  {folder / REVIEW}")
        typer.echo(f"Next: {command('load', 'matches', str(folder / REVIEW), aco=aco)}  (once some are decided)")
    else:
        words = command("quality", "evaluate", "--measure", "CMS122", "--year", "YEAR", aco=aco)
        typer.echo(f"Next: {words}  (nothing is left to decide)")

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


CLAIMS_MEASURES = ("479", "484")


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


def are_of_claims(measures: list[str], aco: Path | None, model: Path | None) -> bool:
    """Whether measures are those of claims. Raises ConfigurationError where kinds are mixed or no lake is named."""
    from openaco.errors import ConfigurationError

    of_claims = [name for name in measures if name in CLAIMS_MEASURES]
    if not of_claims:
        if model is not None:
            raise ConfigurationError("only 479 and 484 have a risk model", where="--model", remedy="Leave it out.")
        return False
    if len(of_claims) < len(measures):
        raise ConfigurationError(
            "479 and 484 are evaluated by themselves",
            where="--measure",
            remedy="Use two commands, each with its --out.",
        )
    if aco is None:
        raise ConfigurationError("479 and 484 need claims", where="quality evaluate", remedy="Name the ACO with --aco.")
    return True


def evaluate_claims(
    aco: Path,
    measures: list[str],
    year: int,
    model: Path | None,
    population: str,
    out: Path,
    form: str,
    as_json: bool,
) -> None:
    """Measures 479 and 484 from the claims of a lake."""
    from openaco.engine import Engine
    from openaco.measures.claims.model import read_model
    from openaco.programs.clinical.claims_measures import claims_measures, write_claims_measures
    from openaco.programs.folder import AcoFolder

    names = sorted(set(measures))
    models = {name: read_model(model, name) if model else None for name in names}
    with Engine.duckdb() as engine:
        found = claims_measures(engine, AcoFolder(aco), names, year, models, assigned=population == "assigned")
        write_claims_measures(engine, found, out, form)
    if as_json:
        rates = [one.rate.as_data() for one in found]
        typer.echo(json.dumps({"rates": rates, "folder": str(out)}, indent=1))
        return
    for one in found:
        rate = one.rate
        unit = "index admissions" if rate.measure == "479" else "person-years at risk"
        typer.echo(f"{rate.measure} {rate.performance_year}  {rate.title}")
        counted = f"{rate.outcomes:,} of {rate.exposure:,.0f} {unit}, {rate.people:,} people"
        typer.echo(f"  {counted}: observed {_number(rate.observed)}")
        if rate.standardized is not None:
            typer.echo(f"  risk-standardized {_number(rate.standardized)}; expected {rate.expected:,.1f} outcomes")
        typer.echo(f"  {rate.note}")
    typer.echo(f"Stays and reasons  {out / f'measure_episode.{form}'}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"


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

"""`openaco contract`: a payer contract described in a file, checked and told in plain sentences."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openaco.cli.words import command
from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.programs.commercial.file import ContractFile
    from openaco.programs.commercial.problems import ContractFileError
    from openaco.programs.commercial.sentences import YearOutcome

app = typer.Typer(
    no_args_is_help=True,
    help="Describe a commercial or Medicaid shared savings contract in a **file**, without writing code.",
)


def example(id: str = "my-contract") -> str:
    """The commented example file under an id of its own."""
    text = (resources.files("openaco.cli") / "contract_example.toml").read_text(encoding="utf-8")
    return re.sub(r'^id = "[^"]*"', f'id = "{id}"', text, count=1, flags=re.MULTILINE)


@app.command("init")
def init(
    file: Annotated[Path, typer.Argument(help="The file to write, such as contract.toml.", show_default=False)],
    id: Annotated[str, typer.Option("--id", help="Short id: lower-case letters, digits, hyphens.")] = "my-contract",
    as_json: Annotated[bool, typer.Option("--json", help="Print the path as JSON.")] = False,
) -> None:
    """Write a commented example: every key with its meaning. Change it to what you agreed on, then check it."""
    if file.exists():
        raise ConfigurationError("exists already", where=str(file), remedy="Edit it, or choose another name.")
    text = example(id)
    from openaco.programs.commercial.file import check_contract_text

    check_contract_text(text, file.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    if as_json:
        typer.echo(json.dumps({"file": str(file), "id": id}))
        return
    typer.echo(f"Wrote {file}: an invented contract with every key explained.")
    typer.echo(f"Change it to yours, then:\n  {command('contract', 'check', str(file))}")


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The contract file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The contract, its sentences and outcomes as JSON.")] = False,
) -> None:
    """Check a contract file and tell it in **plain sentences**: what is measured, what is shared, worst and best.

    Everything that is wrong is named at once, each with its key and what to do; exit status 2.
    """
    from openaco.programs.commercial.file import read_contract_file
    from openaco.programs.commercial.problems import ContractFileError
    from openaco.programs.commercial.sentences import outcome, sentences

    try:
        found = read_contract_file(file)
    except ContractFileError as error:
        if as_json:
            problems = [problem._asdict() for problem in error.problems]
            typer.echo(json.dumps({"file": str(file), "valid": False, "problems": problems}, indent=1))
            raise typer.Exit(2) from error
        if len(error.problems) == 1:
            raise
        raise _told_as_list(file, error) from error
    outcomes = [outcome(found, year) for year in sorted(found.terms)]
    if as_json:
        typer.echo(json.dumps(_plain(file, found, sentences(found), outcomes), indent=1))
        return
    for sentence in sentences(found):
        typer.echo(sentence)
    for years, item in _distinct(outcomes):
        _show(years, item)
    unstated = [str(year) for year in sorted(found.terms) if found.results_for(year).quality_score is None]
    if unstated and _score_matters(found):
        typer.echo(f"Not stated yet: the quality score of {', '.join(unstated)} ([results.YEAR] quality_score).")


def _told_as_list(file: Path, error: ContractFileError) -> ConfigurationError:
    """Print several problems as a list, so that each can be found, and return the error that closes it."""
    for problem in error.problems:
        told = str(problem)
        typer.echo(f"- {told}" if told.endswith((".", "?")) else f"- {told}.", err=True)
    return ConfigurationError(
        f"{len(error.problems)} problems, listed above",
        where=str(file),
        remedy="`openaco contract init FILE` writes every key with its meaning.",
    )


def _plain(file: Path, found: ContractFile, told: list[str], outcomes: list[YearOutcome]) -> dict[str, Any]:
    years = {
        str(item.year): {
            "terms": found.terms[item.year].model_dump(mode="json", by_alias=True),
            "best_share_of_benchmark": item.best,
            "worst_share_of_benchmark": item.worst,
            "examples": [{"savings_rate": rate, "paid": paid} for rate, paid in item.examples.items()],
        }
        for item in outcomes
    }
    about = found.about.model_dump(mode="json")
    attribution = found.attribution.model_dump(mode="json")
    return {
        "file": str(file),
        "valid": True,
        "contract": about,
        "attribution": attribution,
        "sentences": told,
        "years": years,
    }


def _distinct(outcomes: list[YearOutcome]) -> list[tuple[list[int], YearOutcome]]:
    """Years with the same outcomes together."""
    groups: list[tuple[list[int], YearOutcome]] = []
    for item in outcomes:
        for years, known in groups:
            if (known.best, known.worst, known.examples) == (item.best, item.worst, item.examples):
                years.append(item.year)
                break
        else:
            groups.append(([item.year], item))
    return groups


def _show(years: list[int], found: YearOutcome) -> None:
    from openaco.programs.commercial.sentences import percent

    worst = "owes without limit" if found.worst is None else f"owes {percent(found.worst)}"
    worst = "owes nothing" if found.worst == 0 else worst
    label = ", ".join(map(str, years))
    typer.echo(f"{label}: at best the ACO is paid {percent(found.best)} of the benchmark, at worst it {worst}.")
    ladder = [f"{percent(rate)} → {percent(paid)}" for rate, paid in found.examples.items()]
    typer.echo("  Savings, and what of them is paid: " + ", ".join(ladder))


def _score_matters(found: ContractFile) -> bool:
    qualities = [terms.quality for terms in found.terms.values()]
    return any(quality.minimum_score is not None or quality.scale_share or quality.bonus for quality in qualities)

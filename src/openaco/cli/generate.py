"""`openaco generate`: a whole made-up ACO as the files CMS would send it, with the truth beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openaco.errors import ConfigurationError

if TYPE_CHECKING:
    from openaco.synthetic import Summary


def generate(
    out: Annotated[Path, typer.Option(help="Folder to write into; must be empty or new.", show_default=False)],
    beneficiaries: Annotated[int, typer.Option(min=100, help="How many people the ACO ever hears of.")] = 20_000,
    years: Annotated[
        str, typer.Option(help="Four or more years; the last is the performance year, the three before it benchmark.")
    ] = "2021-2024",
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same bytes.")] = 7,
    agreement_track: Annotated[str, typer.Option(help="BASIC_A … BASIC_E or ENHANCED.")] = "BASIC_E",
    assignment_method: Annotated[str, typer.Option(help="retrospective or prospective.")] = "retrospective",
) -> None:
    """Make a **synthetic ACO**: monthly CCLF packages, assignment reports, enrollment, roster, `aco.toml`, `truth/`.

    Nobody in it is real, and no identifier in it can be a real one.
    """
    generate_with_progress(
        out,
        beneficiaries=beneficiaries,
        years=_years(years),
        seed=seed,
        track=agreement_track,
        method=assignment_method,
    )


def generate_with_progress(
    out: Path,
    *,
    beneficiaries: int,
    years: tuple[int, ...],
    seed: int,
    track: str = "BASIC_E",
    method: str = "retrospective",
) -> Summary:
    """Generate with a progress bar and a closing summary."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from openaco.synthetic import generate as write

    columns = (TextColumn("Making a synthetic ACO"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        summary = write(
            out,
            beneficiaries,
            years,
            seed,
            lambda done, what: bar.update(task, completed=done, description=what),
            track=track,
            method=method,
        )
    _tell(summary)
    return summary


def _tell(summary: Summary) -> None:
    typer.echo(
        f"Made {summary.beneficiaries:,} people and {summary.claim_rows:,} rows of claims in "
        f"{len(summary.deliveries)} deliveries: {summary.folder}"
    )
    for label, value in summary.facts.items():
        typer.echo(f"  {label}: {value}")


def _years(text: str) -> tuple[int, ...]:
    """`2021-2024` as years."""
    found = re.fullmatch(r"(\d{4})-(\d{4})", text.strip())
    if not found:
        raise ConfigurationError(f"{text!r} is not a span of years", where="--years", remedy="Write 2021-2024.")
    first, last = int(found[1]), int(found[2])
    return tuple(range(first, last + 1))

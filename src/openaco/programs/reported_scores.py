"""Mean risk scores of the people of a year, from CMS's assignment reports or as `aco.toml` states them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from openaco.engine import Engine, Table, _, cases
from openaco.errors import ConfigurationError
from openaco.programs.configuration import ENROLLMENT_TYPES, Configuration
from openaco.programs.population import Population, of_report_year


def risk_scores(
    engine: Engine, population: Population, configuration: Configuration, months: Table, year: int
) -> tuple[dict[str, float], int, str]:
    """Mean score by enrollment type, how many months-by-type rows no report scores, and where the scores came from.

    months: the months that count. `aco.toml` overrides the assignment report.
    """
    if year in configuration.risk_scores:
        return configuration.risk_scores[year].as_dict(), 0, f"aco.toml:risk_scores.{year}"
    counted = months.group_by("person_id", "enrollment_type").aggregate(months=_.count())
    rows = engine.to_rows(with_scores(counted, population, year))
    return mean_scores(rows, year), sum(not row["reported"] for row in rows), "assigned_beneficiary:score"


def with_scores(counted: Table, population: Population, year: int) -> Table:
    """Rows of `person_id`, `enrollment_type` with CMS's renormalized `score` of that type for the year (or null), and
    whether the person is `reported` at all."""
    report = of_report_year(population.assigned, year)
    scores_of = report.select(scored_person=_.person_id, **{kind: report[f"{kind}_score"] for kind in ENROLLMENT_TYPES})
    joined = counted.left_join(scores_of, [("person_id", "scored_person")])
    score = cases(*((_.enrollment_type == kind, _[kind]) for kind in ENROLLMENT_TYPES))
    return joined.mutate(score=score, reported=_.scored_person.notnull()).drop("scored_person", *ENROLLMENT_TYPES)


def mean_scores(rows: Iterable[Mapping[str, Any]], year: int) -> dict[str, float]:
    """Mean of scores weighted by months, by enrollment type; 0 for a type without any person-years.

    Raises ConfigurationError for a type with months but without a single score.
    """
    rows = list(rows)
    scores: dict[str, float] = {}
    for kind in ENROLLMENT_TYPES:
        of_kind = [row for row in rows if row["enrollment_type"] == kind]
        known = [(row["months"], row["score"]) for row in of_kind if row["score"] is not None]
        if of_kind and not known:
            raise ConfigurationError(
                f"no risk score of {kind} beneficiaries for {year}",
                where="assignment report (ALR table 1-1)",
                remedy=f"Load the report of {year} with `openaco load alr`, or state [risk_scores.{year}] in aco.toml.",
            )
        # fsum is exact, so the mean does not depend on the order in which an engine hands out the rows
        total = math.fsum(count * score for count, score in known)
        scores[kind] = total / sum(count for count, _score in known) if known else 0.0
    return scores

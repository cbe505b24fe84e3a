"""The participant list as a question would have it, and what participants earn as far as claims show it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from openaco.engine import Engine, _, coalesce, literal, stack
from openaco.errors import ConfigurationError
from openaco.insight.what_if.question import Question
from openaco.programs.configuration import Configuration
from openaco.programs.population import Population
from openaco.programs.year_claims import year_claims
from openaco.rules.assignment.participants import list_takes_effect
from openaco.rules.expenditures import completion_factor, participant_revenue
from openaco.tables import Participant


def with_participants(engine: Engine, population: Population, aco_id: str, question: Question) -> Population:
    """The population with the participant list that the question asks for.

    A participant that joins leaves every other ACO's list: a TIN bills primary care in one ACO only (42 CFR
    425.306(b)).
    """
    if not (question.drop_tins or question.add_tins):
        return population
    listed = population.participant
    ours = _.aco_id == aco_id
    kept = listed.filter(~(ours & _.tin.isin(question.drop_tins)) if question.drop_tins else literal(True))
    if question.add_tins:
        kept = kept.filter(~_.tin.isin(question.add_tins))
        joined = engine.from_rows(Participant, [{"aco_id": aco_id, "tin": tin} for tin in question.add_tins])
        kept = stack([kept.select(*Participant.columns()), joined.select(*Participant.columns())])
    return replace(population, participant=engine.checkpoint(kept))


def check_participants(
    engine: Engine, population: Population, aco_id: str, question: Question, performance_year: int
) -> None:
    """Raises ConfigurationError where who leaves is no participant, who joins is one, or nobody would be left."""
    day = list_takes_effect(performance_year)
    ours = population.participant.filter(
        _.aco_id == aco_id,
        coalesce(_.start_date <= day, literal(True)),
        coalesce(_.end_date >= day, literal(True)),
    )
    listed = {row["tin"] for row in engine.to_rows(ours.select("tin").distinct())}
    for tins, wrong, option, what in (
        (question.drop_tins, set(question.drop_tins) - listed, "--drop-tin", "is no participant of the ACO"),
        (question.add_tins, set(question.add_tins) & listed, "--add-tin", "is a participant already"),
    ):
        if tins and wrong:
            raise ConfigurationError(
                f"TIN {', '.join(sorted(wrong))} {what}",
                where=option,
                remedy=f"The list of {day.isoformat()} has {len(listed)} TINs; see participants.csv.",
            )
    if question.drop_tins and listed <= set(question.drop_tins) and not question.add_tins:
        raise ConfigurationError("no participant would be left", where="--drop-tin")


def visible_revenue(
    engine: Engine, population: Population, configuration: Configuration, performance_year: int
) -> float:
    """What claims show of the participants' Part A and B revenue in the performance year, US dollars."""
    day = list_takes_effect(performance_year)
    ours = population.participant.filter(
        _.aco_id == configuration.aco.id,
        coalesce(_.start_date <= day, literal(True)),
        coalesce(_.end_date >= day, literal(True)),
    )
    dollars = year_claims(engine, population, performance_year, datetime.date(performance_year, 1, 1)).claims.dollars
    rows = participant_revenue(
        dollars,
        year=performance_year,
        completion_factor=completion_factor(performance_year),
        tins=ours.filter(_.tin.notnull()).select("tin").distinct(),
        ccns=ours.filter(coalesce(_.ccn, literal("")) != "").select("ccn").distinct(),
    )
    return sum(sorted(float(row["completed_dollars"]) for row in engine.to_rows(rows)))

"""Settles an ACO as it is and as it would be, and takes the difference line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from openaco.engine import Engine, Lake
from openaco.errors import ConfigurationError
from openaco.insight.what_if.participants import check_participants, visible_revenue, with_participants
from openaco.insight.what_if.question import Question
from openaco.programs.configuration import Configuration
from openaco.programs.contract import Alignment
from openaco.programs.experience import Experience, experience, population_for
from openaco.programs.mssp.contract import MsspContract
from openaco.programs.mssp.inputs import YearInputs
from openaco.programs.population import Population
from openaco.rules.participation import revenue_status
from openaco.worksheet import Line, Value, Worksheet

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ChangedLine:
    """A line whose value is another. `change` is after − before, None where that is no number."""

    line: Line
    before: Value
    after: Value
    change: float | None


@dataclass(frozen=True)
class Answer:
    """Two worksheets of the same ACO and year, and what is different between them.

    notes  what the reader must know, such as that revenue is an estimate
    """

    question: Question
    before: Worksheet
    after: Worksheet
    notes: tuple[str, ...]

    @property
    def change(self) -> float:
        """What the payment changes by, US dollars."""
        return self.after.number("settlement.payment") - self.before.number("settlement.payment")

    def changed(self) -> list[ChangedLine]:
        """The lines that differ, in the order of the worksheet; a line that only one has differs from nothing."""
        found = []
        for id, line in {**self.before.lines, **self.after.lines}.items():
            before = self.before.lines[id].value if id in self.before.lines else None
            after = self.after.lines[id].value if id in self.after.lines else None
            if before != after:
                found.append(ChangedLine(line, before, after, _difference(before, after)))
        return found


def answer(
    engine: Engine,
    lake: Lake,
    configuration: Configuration,
    performance_year: int,
    question: Question,
    progress: Progress | None = None,
) -> Answer:
    """The settlement as it is and as the question would have it.

    Raises ConfigurationError for a question that asks nothing, or for participants that are not there.
    """
    if question.is_empty:
        raise ConfigurationError("the question changes nothing", remedy="Say what shall be different; see --help.")
    use = question.use_by_claim_type(performance_year)
    changed = _reconfigured(configuration, question)
    alignments = [_alignment(configuration), _alignment(changed)]
    population = population_for(engine, lake, configuration, performance_year, alignments)
    check_participants(engine, population, configuration.aco.id, question, performance_year)
    after_population = with_participants(engine, population, configuration.aco.id, question)
    found = _experience(engine, population, configuration, performance_year, progress)
    if question.changes_people or use:
        other = experience(
            engine, after_population, changed, performance_year, [_alignment(changed)], progress, use=use
        )
    else:
        other = found
    before = _settle(found, configuration, performance_year, 1.0)
    notes: list[str] = []
    if question.drop_tins or question.add_tins:
        changed = _with_revenue(
            engine, configuration, changed, (population, after_population), (found, other), performance_year, notes
        )
    return Answer(question, before, _settle(other, changed, performance_year, question.risk_score), tuple(notes))


def _experience(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    performance_year: int,
    progress: Progress | None,
) -> Experience:
    return experience(engine, population, configuration, performance_year, [_alignment(configuration)], progress)


def _alignment(configuration: Configuration) -> Alignment:
    return Alignment("shared_savings", configuration.agreement.assignment_method)


def _reconfigured(configuration: Configuration, question: Question) -> Configuration:
    """aco.toml as the question would have it; a level stated for a single year gives way to the asked one."""
    update: dict[str, object] = {}
    if question.method:
        update["assignment_method"] = question.method
    if question.minimum_savings_rate is not None:
        update["minimum_savings_rate"] = question.minimum_savings_rate
    performance = dict(configuration.performance)
    if question.track:
        update["track"] = question.track
        performance = {year: stated.model_copy(update={"track": None}) for year, stated in performance.items()}
    agreement = configuration.agreement.model_copy(update=update)
    return configuration.model_copy(update={"agreement": agreement, "performance": performance})


def _settle(found: Experience, configuration: Configuration, performance_year: int, risk_factor: float) -> Worksheet:
    contract = MsspContract(configuration, performance_year)
    years = found.figures(contract.alignment, truncated=contract.truncated)
    return contract.settle({**years, "py": _with_risk(years["py"], risk_factor)})


def _with_risk(year: YearInputs, factor: float) -> YearInputs:
    return year if factor == 1 else replace(year, risk_score=_scaled(year.risk_score, factor))


def _scaled(figures: Mapping[str, float], factor: float) -> dict[str, float]:
    return {kind: amount * factor for kind, amount in figures.items()}


def _with_revenue(
    engine: Engine,
    configuration: Configuration,
    changed: Configuration,
    populations: tuple[Population, Population],
    found: tuple[Experience, Experience],
    performance_year: int,
    notes: list[str],
) -> Configuration:
    """The participants' revenue and the ACO's revenue status after participants have left or joined.

    CMS's figure holds revenue from everybody; the claims here show revenue from people the ACO knows. So the stated
    figure is changed in the proportion in which the visible one changes (42 CFR 425.20, low revenue ACO).
    """
    stated = configuration.performance_for(performance_year).participant_revenue
    if stated is None:
        notes.append("The participants' revenue is not stated in aco.toml, so their revenue status stays as it is.")
        return changed
    visible = [visible_revenue(engine, population, configuration, performance_year) for population in populations]
    if not visible[0]:
        notes.append("No claim shows revenue of the participants, so their revenue status stays as it is.")
        return changed
    revenue = stated * visible[1] / visible[0]
    sheet = _settle(found[1], changed, performance_year, 1.0)
    status = revenue_status(revenue, sheet.number("settlement.total_expenditures"), performance_year)
    notes.append(
        f"Revenue of the participants is estimated at ${revenue:,.0f} (stated: ${stated:,.0f}), in the proportion of "
        f"what claims show: a {status} revenue ACO."
    )
    result = changed.performance_for(performance_year).model_copy(update={"participant_revenue": revenue})
    agreement = changed.agreement.model_copy(update={"revenue_status": status})
    return changed.model_copy(
        update={"agreement": agreement, "performance": {**changed.performance, performance_year: result}}
    )


def _difference(before: Value, after: Value) -> float | None:
    numbers = [value for value in (before, after) if isinstance(value, int | float) and not isinstance(value, bool)]
    return float(after) - float(before) if len(numbers) == 2 else None  # type: ignore[arg-type]

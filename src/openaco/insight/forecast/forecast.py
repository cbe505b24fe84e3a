"""The forecast of one performance year as of a day: where it is heading, how sure that is, and why it moved."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from openaco.engine import Engine, Lake, _, date_of
from openaco.errors import LakeError, OpenACOError
from openaco.insight.forecast import assumptions
from openaco.insight.forecast.as_of import LakeAsOf, valuation_date
from openaco.insight.forecast.completion import Completion
from openaco.insight.forecast.history import history
from openaco.insight.forecast.movement import Movement, Side, movement
from openaco.insight.forecast.one_year import (
    CompletedMonths,
    PastForecast,
    YearForecast,
    completed_months,
    forecast_year,
    interval,
    past_forecasts,
    project_standing,
)
from openaco.insight.forecast.outlook import Outlook, with_national, with_regional
from openaco.insight.forecast.people import MONTHS
from openaco.insight.forecast.projection import Projection
from openaco.insight.forecast.risk import expected_scores, listed_scores
from openaco.insight.forecast.settlement import (
    SHOWN,
    Settlement,
    drawn_settlements,
    point_settlement,
)
from openaco.insight.forecast.standing import Knowledge, Sources, knowledge, past_standings, sources, sums_on
from openaco.insight.forecast.triangle import Numbers, month_number
from openaco.programs.configuration import ENROLLMENT_TYPES, ByType, Configuration
from openaco.programs.ledger import settlement_inputs
from openaco.programs.mssp.inputs import BENCHMARK_YEARS
from openaco.programs.population import Population, read_population
from openaco.programs.year_figures import YearFigures, year_figures
from openaco.rules.assignment import assignment_window
from openaco.rules.expenditures import completion_factor, run_out_date
from openaco.worksheet import Worksheet

DRAWS = 500
PAST_YEARS = 3
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Figure:
    """One figure of the forecast with the interval that holds 90 percent of the possible years."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Forecast:
    """Where a performance year is heading.

    as_of, valuation  the day asked for, and the newest load date of the claims that had come by it
    figures           by the names of `settlement.SHOWN`
    worksheet         the settlement of the point forecast, every line with its way back
    spending          the year's spending: point, draws, what was learned from past years
    completed         the service months so far, of everybody known, completed
    settlement        what the worksheet needs besides, so that other possible years can be settled
    risk              risk scores expected, by enrollment type
    past_years        what would have been forecast for past years on the same day, and what they came to
    movement          the change since the earlier date, and why; None where that day knew too little
    assumed           figures that CMS has yet to state and that were carried on
    """

    performance_year: int
    as_of: datetime.date
    valuation: datetime.date
    figures: Mapping[str, Figure]
    worksheet: Worksheet
    spending: YearForecast
    completed: CompletedMonths
    settlement: Settlement
    risk: Mapping[str, float]
    past_years: tuple[PastForecast, ...]
    movement: Movement | None
    movement_note: str
    assumed: tuple[str, ...]
    draws: Mapping[str, Numbers]

    @property
    def completion(self) -> Completion:
        """Development of claims and past completions."""
        return self.spending.standing.completion

    def chance(self, name: str, sign: int) -> float:
        """The share of possible years in which a figure is above zero (sign 1) or below it (-1)."""
        return float(np.mean(sign * self.draws[name] > 0))


def forecast(
    engine: Engine,
    lake: Lake,
    configuration: Configuration,
    performance_year: int,
    as_of: datetime.date,
    *,
    since: datetime.date | None = None,
    explain: bool = True,
    draws: int = DRAWS,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast the settlement from what the ACO knew on a day.

    since: the earlier date to explain the change from; a month before `as_of` if not given. explain: False leaves the
    explanation out, which halves the work.
    Raises LakeError where no dated claims had come by the day, OpenACOError where there is too little history,
    ConfigurationError for figures that are needed and not stated.
    """
    tell = progress or (lambda what, done, total: None)
    tell("What was known", 0, 6)
    outlook = with_national(configuration, performance_year)
    past = _past_years(outlook.configuration, performance_year)
    then = LakeAsOf(lake, as_of)
    valuation = min(valuation_date(engine, then), run_out_date(performance_year))
    _check_begun(performance_year, valuation)
    population = _population(engine, then, outlook.configuration, past, performance_year, valuation)
    tell("Past years", 1, 6)
    roles = _roles(outlook.configuration, past)
    figures = {
        year: year_figures(engine, population, outlook.configuration, role, year, performance_year)
        for year, role in sorted(roles.items())
    }
    outlook = _regional(outlook, population, performance_year, figures)
    tell("The year so far", 2, 6)
    whole = _read(engine, population, outlook, performance_year, figures, past, valuation)
    settlement, found = whole.settlement, whole.found
    tell("Projection and draws", 3, 6)
    year = forecast_year(found.standing, draws, configuration.seed)
    sheet = point_settlement(settlement, year.projection)
    drawn = drawn_settlements(settlement, year.projection, year.draws, configuration.seed)
    tell("Past forecasts", 4, 6)
    standings = past_standings(found)
    finals = [one.final for one in found.standing.past[len(found.standing.past) - len(standings) :]]
    backward = past_forecasts(standings, finals, configuration.seed)
    tell("What moved", 5, 6)
    moved, note = _moved(lake, whole, year, as_of, since) if explain else (None, "Not asked for.")
    tell("Done", 6, 6)
    return Forecast(
        performance_year=performance_year,
        as_of=as_of,
        valuation=valuation,
        figures={name: Figure(sheet.number(line), *interval(drawn[name])) for name, line in SHOWN.items()},
        worksheet=sheet,
        spending=year,
        completed=completed_months(found.standing, year.history, configuration.seed),
        settlement=settlement,
        risk=dict(zip(ENROLLMENT_TYPES, map(float, settlement.risk), strict=True)),
        past_years=tuple(backward),
        movement=moved,
        movement_note=note,
        assumed=settlement.outlook.assumed,
        draws=drawn,
    )


def _past_years(configuration: Configuration, performance_year: int) -> list[int]:
    """The complete years before the performance year that can be counted as CMS counts them."""
    wanted = range(performance_year - PAST_YEARS, performance_year)
    past = [year for year in wanted if year in configuration.national]
    if len(past) < assumptions.LEAST_PAST_YEARS or past != list(range(past[0], performance_year)):
        raise OpenACOError(
            f"a forecast of {performance_year} needs the {assumptions.LEAST_PAST_YEARS} years before it with national "
            f"figures; stated: {', '.join(map(str, past)) or 'none'}",
            where="aco.toml, [national.<year>]",
            remedy="Take them from CMS's benchmark or settlement reports, and load the claims of those years.",
        )
    return past


def _check_begun(performance_year: int, valuation: datetime.date) -> None:
    if month_number(valuation) < performance_year * MONTHS:
        raise OpenACOError(
            f"claims are known through {valuation}: nothing of {performance_year} yet",
            where="--as-of",
            remedy=f"The first forecast of {performance_year} is possible with the first claims loaded in it.",
        )


def _roles(configuration: Configuration, past: list[int]) -> dict[int, str]:
    """Benchmark years by their role, and other past years."""
    roles = {year: "past" for year in past}
    return roles | dict(zip(configuration.agreement.benchmark_years, BENCHMARK_YEARS, strict=True))


def _population(
    engine: Engine,
    lake: LakeAsOf,
    configuration: Configuration,
    past: list[int],
    performance_year: int,
    valuation: datetime.date,
) -> Population:
    """People and claims as of the day: no month after it, and no death that was still to come."""
    first_year = min(*past, *configuration.agreement.benchmark_years)
    window = assignment_window(first_year, configuration.agreement.assignment_method, performance_year)
    found = read_population(
        engine,
        lake,
        first_month=min(window.earliest, window.year_start).replace(day=1),
        last_month=min(valuation.replace(day=1), datetime.date(performance_year, 12, 1)),
    )
    come = [row["delivery_id"] for row in lake.deliveries() if (row["delivered_on"] or lake.as_of) <= lake.as_of]
    reports = found.assigned.filter((_.window_start < date_of(performance_year, 1, 1)) | _.delivery_id.isin(come))
    return replace(found, assigned=engine.checkpoint(reports))


def _regional(
    outlook: Outlook, population: Population, performance_year: int, figures: Mapping[int, YearFigures]
) -> Outlook:
    known = {year: one.inputs.regional_per_capita for year, one in figures.items()}
    return with_regional(outlook, population, performance_year, known, figures[max(figures)].national_weight)


@dataclass(frozen=True)
class _Read:
    """Everything read, and the settlement that any state of the year can be put through."""

    sources: Sources
    settlement: Settlement
    found: Knowledge
    stated_risk: bool


def _read(
    engine: Engine,
    population: Population,
    outlook: Outlook,
    performance_year: int,
    figures: Mapping[int, YearFigures],
    past: list[int],
    valuation: datetime.date,
) -> _Read:
    configuration, stated_risk = _with_risk(engine, population, outlook.configuration, performance_year, figures)
    so_far = year_figures(engine, population, configuration, "py", performance_year, performance_year)
    of_years = {year: figures[year] for year in past} | {performance_year: so_far}
    read = sources(engine, population, configuration, performance_year, of_years, valuation)
    found = knowledge(read, valuation)
    benchmark = [_to_run_out(figures[year], found) for year in configuration.agreement.benchmark_years]
    inputs = settlement_inputs(configuration, performance_year, (*benchmark, so_far))
    inputs = replace(inputs, sources={**inputs.sources, **dict.fromkeys(FORECAST_LINES, _source(valuation))})
    risk, error = _risk(read, found, stated_risk)
    national = configuration.national_for(performance_year)
    settlement = Settlement(
        inputs=inputs,
        completion=national.completion_factor or float(completion_factor(performance_year)),
        risk=risk,
        risk_error=error,
        outlook=replace(outlook, assumed=(*outlook.assumed, *(() if stated_risk else (RISK_ASSUMED,)))),
    )
    return _Read(read, settlement, found, stated_risk)


FORECAST_LINES = (
    "settlement.assigned_beneficiaries",
    "settlement.per_capita",
    "settlement.person_years",
    "update.person_years",
    "update.risk_score",
)
RISK_ASSUMED = "Risk scores follow from the newest scores of the people on the list."


def _source(valuation: datetime.date) -> str:
    return f"forecast:claims known on {valuation}"


def _with_risk(
    engine: Engine,
    population: Population,
    configuration: Configuration,
    performance_year: int,
    figures: Mapping[int, YearFigures],
) -> tuple[Configuration, bool]:
    """The configuration with risk scores for the year, so that it can be counted; and whether CMS has stated them."""
    start = date_of(performance_year, 1, 1)
    reports = engine.to_rows(population.assigned.filter(_.window_start == start).aggregate(rows=_.count()))
    if performance_year in configuration.risk_scores or reports[0]["rows"]:
        return configuration, True
    newest = ByType(**dict(figures[max(figures)].inputs.risk_score))
    scores = {**configuration.risk_scores, performance_year: newest}
    return configuration.model_copy(update={"risk_scores": scores}), False


def _to_run_out(year: YearFigures, found: Knowledge) -> YearFigures:
    """A benchmark year whose run-out is not over yet, with what is still to come of its claims."""
    run_out = run_out_date(year.year)
    done = found.standing.completion
    if done.valuation >= run_out:
        return year
    shares = done.shares(year.year, run_out)
    dollars = next(one.final for one in found.standing.past if one.year == year.year).dollars.sum(axis=(0, 1))
    missing = float(dollars.sum() / (dollars * shares).sum())
    per_capita = {kind: amount * missing for kind, amount in year.inputs.per_capita.items()}
    return replace(year, inputs=replace(year.inputs, per_capita=per_capita))


def _risk(read: Sources, found: Knowledge, stated: bool) -> tuple[Numbers, Numbers]:
    """Risk scores by enrollment type with the standard deviation of their logarithms; stated ones are sure."""
    year = read.performance_year
    if stated:
        scores = read.figures[year].inputs.risk_score
        return np.array([scores[kind] for kind in ENROLLMENT_TYPES]), np.zeros(len(ENROLLMENT_TYPES))
    remain = history(found.standing.past).months_stay
    months = found.standing.known_months
    now = listed_scores(read.engine, read.population, found.people, year, months, remain)
    then, actual = [], []
    for before, people in found.past_people.items():
        means, rests_on = listed_scores(read.engine, read.population, people, before, months, remain)
        actual.append(np.array([read.figures[before].inputs.risk_score[kind] for kind in ENROLLMENT_TYPES]))
        if rests_on.sum() > 0:
            then.append(means)
    return expected_scores(now, then, actual)


def _moved(
    lake: Lake, whole: _Read, year: YearForecast, as_of: datetime.date, since: datetime.date | None
) -> tuple[Movement | None, str]:
    """The movement since the earlier date, or why there is none."""
    read, found = whole.sources, whole.found
    earlier_day = since or look_back(as_of)
    try:
        valuation = min(valuation_date(read.engine, LakeAsOf(lake, earlier_day)), run_out_date(read.performance_year))
    except LakeError:
        return None, f"No claims had come by {earlier_day}, so there is no earlier forecast to compare with."
    if valuation >= found.standing.completion.valuation:
        return None, f"No claims have come since {earlier_day}."
    if month_number(valuation) < read.performance_year * MONTHS:
        return None, f"On {earlier_day} nothing of {read.performance_year} was known yet."
    before = knowledge(read, valuation)
    known = before.standing.known_months
    earlier = _side(before, project_standing(before.standing), _risk(read, before, whole.stated_risk)[0])
    later = _side(found, year.projection, whole.settlement.risk)
    known_earlier = sums_on(read, found.people, valuation, known)
    return movement(whole.settlement, earlier, later, known_earlier, valuation), ""


def _side(found: Knowledge, projection: Projection, risk: Numbers) -> Side:
    standing = found.standing
    return Side(
        sums=standing.now,
        history=history(standing.past),
        shares=standing.shares,
        known_months=standing.known_months,
        projection=projection,
        risk=risk,
    )


def look_back(as_of: datetime.date) -> datetime.date:
    """The same day a month before, or the last day of that month."""
    first = as_of.replace(day=1) - datetime.timedelta(days=1)
    return first.replace(day=min(as_of.day, first.day))
